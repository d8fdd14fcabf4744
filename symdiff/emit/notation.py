"""Notation: the formulas of a graph in a dialect's signs, with names for the parts they share."""

from __future__ import annotations

import itertools
import string
from collections.abc import Callable, Container, Iterator
from typing import NamedTuple

from symdiff.emit.dialect import Dialect
from symdiff.emit.printed import print_inlined
from symdiff.graph.graph import Graph
from symdiff.graph.node import CONSTANT, INPUT, Node
from symdiff.graph.shape import names_of
from symdiff.optimize.readable import Readable, readable

LONGEST = 76
_UNLIMITED = 1 << 60
_SHARED = 4  # a part is named where it is shared and made of at least so many operations and names
_WIDEST = 40  # a part that is made of more is named in any case
_LETTERS = [letter for letter in string.ascii_lowercase if letter not in "defijklmno"]
_REPEATS = "broadcast"  # which notation leaves out


class Statement(NamedTuple):
    """A formula under a name.

    Attributes:
        name: of a part, or of an output.
        text: the formula; empty for what the dialect has no signs for.
        conditions: where it holds, as comparisons.
    """

    name: str
    text: str
    conditions: tuple[str, ...] = ()


class Notation(NamedTuple):
    """The formulas of a function.

    Attributes:
        statements: parts and outputs, each before it is used.
        outputs: the names of the outputs.
        read: the names of those that other formulas read.
    """

    statements: tuple[Statement, ...]
    outputs: tuple[str, ...]
    read: frozenset[str]


def notation(
    graph: Graph,
    dialect: Dialect,
    first: int = 0,
    shown: Callable[[str], str] = str,
    longest: int = LONGEST,
) -> Notation:
    """The formulas of a graph.

    Args:
        graph: the function, with the value that it is a derivative of.
        dialect: its signs.
        first: the first of the outputs that are to be stated.
        shown: how the name of an input or of a part is written.
        longest: how long formulas may be before parts of them get names.
    """
    found = readable(graph, first)
    names = _output_names(found)
    texts = _texts(found.graph, dialect, shown, longest)
    if all(texts):
        return _stated(found, names, [], texts)
    cut, parts = _cut(found, names, dialect)
    return _stated(found, names, parts, _texts(cut, dialect, shown, _UNLIMITED))


def _texts(graph: Graph, dialect: Dialect, shown: Callable[[str], str], longest: int) -> list[str]:
    parameters = {graph[at].params[0]: shown(graph[at].params[0]) for at in graph.inputs}
    return print_inlined(graph, dialect, parameters, longest)


def _output_names(found: Readable) -> tuple[str, ...]:
    """Those of the function, another one where an input has it."""
    inputs, names = found.graph.input_names, list[str]()
    for name in found.graph.output_names[: found.outputs]:
        while name in inputs:
            name += "_"
        names.append(name)
    return tuple(names)


def _stated(
    found: Readable, names: tuple[str, ...], parts: list[str], texts: list[str]
) -> Notation:
    """The statements: those of parts first, in their order, then the outputs that are none."""
    conditions = texts[len(parts) + found.outputs :]
    where = {
        name: tuple([conditions[k] for k in taken])
        for name, taken in zip(names, found.conditions, strict=True)
    }
    named = [*parts, *names]
    statements = {
        name: Statement(name, text, where.get(name, ()))
        for name, text in reversed(list(zip(named, texts, strict=False)))
    }
    order = dict.fromkeys(named)
    return Notation(tuple([statements[name] for name in order]), names, frozenset(parts))


# --- parts that get a name -----------------------------------------------------------------------


def _cut(found: Readable, names: tuple[str, ...], dialect: Dialect) -> tuple[Graph, list[str]]:
    """The graph with inputs in the place of the parts that get a name.

    Returns:
        The graph, whose outputs are the parts and then those that it had; and the parts' names.
    """
    graph = found.graph
    outputs_at = dict(zip(graph.outputs[: found.outputs], names, strict=True))
    named = _named(graph, outputs_at, _unnamed(graph, found.outputs, dialect))
    nodes: list[Node] = []
    inputs: list[int] = []
    parts: dict[str, int] = {}
    moved: list[int] = []
    for position, node in enumerate(graph.nodes):
        moved.append(len(nodes))
        nodes.append(node._replace(args=tuple([moved[argument] for argument in node.args])))
        if position in named:
            parts[named[position]] = moved[position]
            moved[position] = len(nodes)
            inputs.append(len(nodes))
            nodes.append(Node(INPUT, (), (named[position],), node.shape, node.dtype))
    outputs = [parts.get(name, moved[at]) for name, at in zip(names, graph.outputs, strict=False)]
    outputs += [moved[at] for at in graph.outputs[found.outputs :]]
    made = Graph(
        nodes,
        (*[moved[at] for at in graph.inputs], *inputs),
        (*parts.values(), *outputs),
        (*parts, *graph.output_names),
        0,
    )
    return made, list(parts)


def _unnamed(graph: Graph, outputs: int, dialect: Dialect) -> bytearray:
    """By position, 1 for a line that the dialect has no signs for, or only such lines need."""
    found = _without_signs(graph, dialect)
    stated = graph.ancestors([at for at in graph.outputs[:outputs] if not found[at]])
    return bytearray(
        [no_signs or not is_needed for no_signs, is_needed in zip(found, stated, strict=True)]
    )


def _without_signs(graph: Graph, dialect: Dialect) -> bytearray:
    """By position, 1 where a line needs an operation that the dialect has no signs for."""
    found = bytearray(len(graph))
    for position, node in enumerate(graph.nodes):
        if any([found[argument] for argument in node.args]):
            found[position] = 1
        elif node.op not in (INPUT, CONSTANT):
            found[position] = dialect.spell(node.op).form in ("missing", "loop", "part")
    return found


def _named(graph: Graph, outputs: dict[int, str], unnamed: bytearray) -> dict[int, str]:
    """By position, the names of parts: shared ones and wide ones."""
    uses = graph.uses()
    for position in range(len(graph) - 1, -1, -1):
        node = graph[position]
        if node.op == _REPEATS:
            uses[node.args[0]] += uses[position] - 1
    lengths = names_of([node.shape for node in graph.nodes])
    taken = {*graph.input_names, *outputs.values(), *lengths}
    letters = _free_names(taken | {*graph.hints.values()})
    named: dict[int, str] = {}
    weights: list[int] = []
    for position, node in enumerate(graph.nodes):
        weight = sum([weights[argument] for argument in node.args])
        if node.op != _REPEATS:
            weight += 1 if node.args or node.op in (INPUT, CONSTANT) else _SHARED
            is_output = position in outputs
            is_shared = uses[position] > 1 and weight >= _SHARED
            is_wide = weight > _WIDEST and not is_output
            if (is_shared or is_wide) and not unnamed[position]:
                hint = graph.hints.get(position, "")
                wish = hint if hint and hint not in taken else next(letters)
                named[position] = outputs.get(position) or wish
                taken.add(named[position])
                weight = 1
        weights.append(weight)
    return named


def _free_names(taken: Container[str]) -> Iterator[str]:
    """Letters, then letters with numbers."""
    numbered = (f"{letter}{k}" for k in itertools.count(2) for letter in _LETTERS)
    return (name for name in itertools.chain(_LETTERS, numbered) if name not in taken)
