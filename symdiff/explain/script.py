"""Steps of a trace as functions in JavaScript, with which a page computes at other points."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from symdiff.emit.dialect import JAVASCRIPT
from symdiff.emit.names import Names
from symdiff.emit.printed import print_graph
from symdiff.explain.steps import Step
from symdiff.graph.graph import Graph
from symdiff.optimize import optimize
from symdiff.optimize.inline import inline_own

# what texts of the table call, and words of the language that are no names
_TAKEN = (
    "Math Number Boolean power copySign remainder floorDivide exp2 exp10 logAddExp logAddExp2 sinc "
    "roundToEven clip heaviside share Infinity NaN undefined arguments eval await break case "
    "catch class const continue debugger default delete do else enum export extends false finally "
    "for function if implements import in instanceof interface let new null package private "
    "protected public return static super switch this throw true try typeof var void while with "
    "yield"
).split()


def obstacle(steps: Sequence[Step]) -> str:
    """What a page cannot compute, empty where it can all of it."""
    for step in steps:
        if any(node.shape for node in step.graph.nodes):
            return f"{step.name} = {step.formula} is of arrays"
        for graph in _graphs(step):
            for node in graph.nodes:
                if node.args and not JAVASCRIPT.table.can_write(node.op):
                    return f"{step.name} = {step.formula} needs '{node.op}', which Math lacks"
    return ""


def script_of(steps: Sequence[Step]) -> tuple[list[str], list[int]]:
    """Objects of three functions: a step's value, its cotangents, its tangent.

    The functions take the numbers that the step reads. `pull` takes the cotangent behind them and
    whether it counts, and gives the cotangents of the numbers that vary, then whether these count;
    `push` takes a tangent for each number that varies. Each gives a list.

    Returns:
        The objects, and for each step the number of its own: steps that are alike share one.
    """
    numbers: dict[object, int] = {}
    made: list[str] = []
    chosen: list[int] = []
    for step in steps:
        key = step.varied, tuple(step.graph.nodes)
        if key not in numbers:
            numbers[key] = len(made)
            value, pull, push = [_arrow(graph) for graph in _graphs(step)]
            made.append(f"{{value: {value}, pull: {pull}, push: {push}}}")
        chosen.append(numbers[key])
    return made, chosen


def _graphs(step: Step) -> Iterator[Graph]:
    for made in (step.as_written(), step.pulled_back(), step.pushed_forward()):
        yield optimize(inline_own(made))


def _arrow(graph: Graph) -> str:
    """A function that gives a list of the outputs."""
    given = graph.input_names
    safe = {name: name for name in given}
    printed = print_graph(graph, JAVASCRIPT, safe, Names([*given, *_TAKEN]))
    body = "".join([f"{line} " for line in printed.lines])
    return f"({', '.join(given)}) => {{ {body}return [{', '.join(printed.results)}]; }}"
