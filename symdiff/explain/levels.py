"""Levels of a function whose loops stay loops: its own lines, then the body of each loop in it.

A level is a graph as steps are made of, in which a result of a loop is an input.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from symdiff.emit.names import Names
from symdiff.errors import UnsupportedError
from symdiff.explain.steps import Step, steps_of
from symdiff.graph.graph import Graph
from symdiff.graph.node import CONTINUOUS, INT, constant_node, input_node
from symdiff.ops.creation import length_
from symdiff.ops.loops import Layout, parts_of, scan
from symdiff.verify.interpret import Interpreter
from symdiff.verify.libraries import Floats


@dataclass(frozen=True)
class LoopOf:
    """A loop of a level.

    Attributes:
        at: its position.
        args: positions of what it is given, in the order of the body's inputs.
        layout: what it says of its steps.
        body: the level of a step.
        parts: by position of a line that is a result of the loop, which output of the body it is
            made of.
    """

    at: int
    args: tuple[int, ...]
    layout: Layout
    body: Level
    parts: Mapping[int, int]

    @cached_property
    def test(self) -> Interpreter | None:
        """What says whether there is another step; `None` where the length does."""
        test = self.layout.test
        return None if test is None else Interpreter(test, Floats())


class Level:
    """The lines of a function, or of a step of a loop.

    Args:
        graph: without named dimensions, but those that loops find out.
        varying: by input, whether the derivative goes through it.
        taken: names that are not free, for results of loops and for steps without a name.

    Attributes:
        graph: the lines; results of loops are inputs.
        steps: those lines that a reader follows, and whatever a loop is given.
        loops: in their order.
        names: by position of an input, of a result of a loop, and of a step.

    Raises:
        LimitError: where there are too many steps.
        UnsupportedError: where an array has as many rows as a loop turns out to have steps.
    """

    def __init__(self, graph: Graph, varying: Sequence[bool], taken: Collection[str] = ()) -> None:
        lines = varying_lines(graph, varying)
        names = Names([*graph.input_names, *graph.output_names, *taken])
        parts = parts_of(graph.nodes)
        nodes, bodies = list(graph.nodes), dict[int, Graph]()
        results: dict[int, dict[int, int]] = {}
        for at, node in enumerate(graph.nodes):
            if node.op == scan.name:
                bodies[at] = _body(Layout.of(node.params), parts[at])
                results[at] = {}
                nodes[at] = constant_node(0.0)  # what it stands for is read by its results
            elif node.args and node.args[0] in bodies:
                loop = node.args[0]
                number = _number(node.params[0], Layout.of(graph[loop].params), parts[loop])
                results[loop][at] = number
                name = names.fresh(bodies[loop].output_names[number])
                nodes[at] = input_node(name, node.shape, node.dtype)
            elif node.op == length_.name and isinstance(node.params[0], int):
                nodes[at] = constant_node(float(node.params[0]), (), INT)
            if any(not isinstance(length, int) for length in nodes[at].shape):
                raise UnsupportedError("an array that has a row for each step of a while")
        of_loops = [at for found in results.values() for at in found]
        self.graph = replace(graph, nodes=nodes, inputs=(*graph.inputs, *of_loops))
        wrt = {self.graph[at].params[0] for at in self.graph.inputs if lines[at]}
        given = {at for loop in bodies for at in graph[loop].args}
        self.steps = steps_of(self.graph, wrt, given, taken)
        self.names = {at: str(self.graph[at].params[0]) for at in self.graph.inputs}
        self.names |= {step.at: step.name for step in self.steps}
        known = {*taken, *self.names.values()}
        self.loops: list[LoopOf] = []
        for at, inside in bodies.items():
            layout, args = Layout.of(graph[at].params), graph[at].args
            of_body, _ = _through(layout, [lines[k] for k in args])
            body = Level(inside, of_body, known)
            known |= body.all_names
            self.loops.append(LoopOf(at, args, layout, body, results[at]))

    @property
    def all_names(self) -> set[str]:
        """Those of its lines and of the loops in it."""
        return {*self.names.values(), *[n for loop in self.loops for n in loop.body.all_names]}

    @cached_property
    def in_order(self) -> list[Step | LoopOf]:
        """Steps and loops, each behind those that it reads."""
        return sorted([*self.steps, *self.loops], key=lambda one: one.at)


def _stacked(layout: Layout, parts: Sequence[int]) -> list[int]:
    return [which for which in parts if which >= layout.carries]


def _number(which: int, layout: Layout, parts: Sequence[int]) -> int:
    """The number of the output that a result of a loop is made of, in its `_body`."""
    if which < layout.carries:
        return which
    return layout.carries + _stacked(layout, parts).index(which)


def _body(layout: Layout, parts: Sequence[int]) -> Graph:
    """The body with what its loop is asked for.

    A result has the name of no input, but for that of what is carried into it.
    """
    graph = layout.with_results(_stacked(layout, parts))
    inputs = graph.input_names
    names = Names([*inputs, *graph.output_names])
    before = [*inputs[layout.first_carry : layout.first_slice], *[""] * len(graph.outputs)]
    own = [
        name if name not in inputs or name == before[number] else names.fresh(name)
        for number, name in enumerate(graph.output_names)
    ]
    return replace(graph, output_names=tuple(own))


def varying_lines(graph: Graph, given: Sequence[bool]) -> list[bool]:
    """By position, whether the derivative goes through a line.

    Args:
        graph: the lines, with loops.
        given: by input, whether it goes through that.
    """
    found = [False] * len(graph)
    results: dict[int, list[bool]] = {}
    for at, is_given in zip(graph.inputs, given, strict=True):
        found[at] = is_given and graph[at].dtype in CONTINUOUS
    for at, node in enumerate(graph.nodes):
        if node.op == scan.name:
            layout = Layout.of(node.params)
            inside, outputs = _through(layout, [found[k] for k in node.args])
            found[at] = any(inside)
            results[at] = outputs
        elif node.args and node.dtype in CONTINUOUS:
            of_loop = results.get(node.args[0])
            if of_loop is not None:
                which = node.params[0]
                found[at] = of_loop[which] if which < len(of_loop) else found[node.args[0]]
            else:
                found[at] = any([found[k] for k in node.args])
    return found


def _through(layout: Layout, given: Sequence[bool]) -> tuple[list[bool], list[bool]]:
    """By input and by output of the body, whether the derivative goes through it."""
    given, first = list(given), layout.first_carry
    while True:
        lines = varying_lines(layout.graph, given)
        outputs = [lines[at] for at in layout.graph.outputs]
        again = list(given)
        for number in range(layout.carries):
            again[first + number] = given[first + number] or outputs[number]
        if again == given:
            return given, outputs
        given = again
