"""Graphs as mathematics, for formulas: without guards, with settled signs and with squares.

What derivation puts in the place of a singular point (a length that is 0, a power of 0) is for
floating point; a formula holds elsewhere, and says so.
"""

from __future__ import annotations

import math
from dataclasses import replace
from functools import partial
from typing import NamedTuple

from symdiff.graph.graph import Graph
from symdiff.graph.nested import pruned
from symdiff.graph.node import CONSTANT, INPUT, Node, constant_value
from symdiff.ops.builder import Builder
from symdiff.ops.checks import checked
from symdiff.ops.registry import OPERATIONS
from symdiff.optimize.inline import inline_own
from symdiff.optimize.monomials import AS_WRITTEN, as_monomials
from symdiff.optimize.rebuild import Rebuilder, rebuild
from symdiff.optimize.signs import opposite_of_sum
from symdiff.optimize.sums import Sums

_MOVES = ("broadcast", "reshape")


class Readable(NamedTuple):
    """A graph to be printed.

    Attributes:
        graph: its outputs are those of the function, then conditions.
        outputs: how many outputs the function has.
        conditions: for each of them, which of the conditions its formula takes for granted.
    """

    graph: Graph
    outputs: int
    conditions: tuple[tuple[int, ...], ...]


def readable(graph: Graph, first: int = 0) -> Readable:
    """The graph as mathematics.

    Args:
        graph: the function, with the value that it is a derivative of.
        first: the first of the outputs that are to be printed.
    """
    found = _without_guards(_without_zeros(as_formula(inline_own(_without_checks(graph)))), first)
    lines = as_monomials(found.graph, first)
    shown = lines.select(range(first, len(lines.outputs)))
    shown = replace(pruned(shown), primal=0)
    return found._replace(graph=rebuild(rebuild(shown, partial(_signs, Sums(shown))), _square))


def as_formula(graph: Graph) -> Graph:
    """The graph without what derivation alone makes and no formula has."""
    if not any(_is_internal(node) for node in graph.nodes):
        return graph

    def expanded(rebuilder: Rebuilder, node: Node, _position: int) -> int | None:
        if not _is_internal(node):
            return None
        simpler = OPERATIONS[node.op].expand
        assert simpler is not None  # a test says so
        return simpler(*[rebuilder.builder.handle(argument) for argument in node.args]).at

    return rebuild(graph, expanded)


def _without_checks(graph: Graph) -> Graph:
    """The graph without what raises: a formula does not, nor needs it the loops that look."""
    results = graph.by_op.get(checked.name, ())
    return rebuild(graph, lambda _, node, __: node.args[0], changed=results) if results else graph


def _without_zeros(graph: Graph) -> Graph:
    """The graph where x + 0 is x, as it is but for the sign of a zero."""

    def dropped(rebuilder: Rebuilder, node: Node, _position: int) -> int | None:
        nodes = rebuilder.builder.nodes
        for zero, other in zip(node.args, node.args[::-1], strict=True):
            is_zero = rebuilder.builder.constants.get(zero) == 0.0
            if is_zero and (nodes[other].shape, nodes[other].dtype) == (node.shape, node.dtype):
                return other
        return None

    added = graph.by_op.get("add", ())
    return rebuild(graph, dropped, changed=added) if added else graph


def _is_internal(node: Node) -> bool:
    return node.op not in (INPUT, CONSTANT) and OPERATIONS[node.op].is_internal


# --- guards --------------------------------------------------------------------------------------


def _without_guards(graph: Graph, first: int) -> Readable:
    """The formulas of derivatives as they are away from singular points, and which those are."""
    guards = _guards(graph)
    needed = [graph.ancestors((output,)) for output in graph.outputs[first:]]
    guards = {at: equation for at, equation in guards.items() if any(of[at] for of in needed)}
    rebuilder = Rebuilder(graph)

    def away(_: Rebuilder, node: Node, position: int) -> int | None:
        return node.args[2] if position in guards else None

    rebuilder.copy(range(len(graph)), away)
    builder, moved = rebuilder.builder, rebuilder.moved
    stated: dict[int, int] = {}  # by guard, the line of its condition
    for position, equation in guards.items():
        args = tuple([moved[argument] for argument in graph[equation].args])
        stated[position] = builder.make("not_equal", args)
    lines = list(dict.fromkeys(stated.values()))
    conditions = [sorted({lines.index(stated[at]) for at in guards if of[at]}) for of in needed]
    made = rebuilder.finish(
        [*[moved[position] for position in graph.outputs], *lines],
        [*graph.output_names, *[f"condition_{k}" for k in range(len(lines))]],
    )
    return Readable(made, len(needed), tuple(map(tuple, conditions)))


def _guards(graph: Graph) -> dict[int, int]:
    """Choices that derivation has made for a singular point, each with the equation that names it.

    They choose between two values where something equals a number, and the value elsewhere depends
    on it. That a tie is shared is no guard: what is chosen there is half of the other value.
    """
    written, found = graph.written(), {}
    for position, node in enumerate(graph.nodes):
        if node.op != "where" or written[position]:
            continue
        condition, chosen, away = node.args
        equation = _equation(graph, condition)
        if equation is None:
            continue
        (what,) = [
            _moved(graph, argument)
            for argument in graph[equation].args
            if graph[argument].op != CONSTANT
        ]
        is_singular = _is_nan(graph[chosen]) or graph.ancestors((away,))[what]
        if is_singular and not _is_half(graph, chosen, away):
            found[position] = equation
    return found


def _moved(graph: Graph, position: int) -> int:
    """The line that a line repeats or moves."""
    while graph[position].op in _MOVES:
        position = graph[position].args[0]
    return position


def _is_nan(node: Node) -> bool:
    return node.op == CONSTANT and math.isnan(constant_value(node))


def _equation(graph: Graph, position: int) -> int | None:
    """The equation of something with a number that a condition holds only with."""
    pending = [position]
    while pending:
        at = _moved(graph, pending.pop())
        node = graph[at]
        if node.op == "logical_and":
            pending.extend(node.args)
        elif node.op == "equal" and _is_against_number(graph, node):
            return at
    return None


def _is_against_number(graph: Graph, node: Node) -> bool:
    return sum(graph[argument].op == CONSTANT for argument in node.args) == 1


def _is_half(graph: Graph, chosen: int, away: int) -> bool:
    node = graph[chosen]
    return node.op in ("multiply", "divide") and away in node.args


# --- signs and squares -----------------------------------------------------------------------


def _signs(sums: Sums, rebuilder: Rebuilder, node: Node, position: int) -> int | None:
    """A sum with a term below zero is a difference: x + (-2)*y is x - 2*y, and y - 1 - 1 y - 2.

    So is the opposite of a sum with a number: -(x + 2*y) is -2*y - x.
    """
    builder = rebuilder.builder
    builder.rules = AS_WRITTEN
    if node.op == "subtract":
        inner = builder.nodes[node.args[0]]
        numbers = [builder.constants.get(at) for at in (node.args[1], *inner.args[1:])]
        if inner.op == "subtract" and None not in numbers:
            number = builder.constant(sum(filter(None, numbers)), node.args[1])
            return builder.make("subtract", (inner.args[0], number))
    if node.op in ("add", "subtract"):
        first, second = node.args
        opposite = "subtract" if node.op == "add" else "add"
        if _is_below_zero(builder, second):
            return builder.make(opposite, (first, _negated(builder, second)))
        if node.op == "add" and _is_below_zero(builder, first):
            return builder.make("subtract", (second, _negated(builder, first)))
    if node.op == "negate":
        (argument,) = node.args
        inner = builder.nodes[argument]
        if inner.op == "subtract":
            return builder.make("subtract", inner.args[::-1])
        if _is_below_zero(builder, argument):
            return _negated(builder, argument)
        (total,) = rebuilder.graph[position].args
        if inner.op == "add" == rebuilder.graph[total].op and sums.is_alone(total):
            return opposite_of_sum(sums, rebuilder, total)
    return None


def _chain(builder: Builder, position: int) -> list[int]:
    """A product's or quotient's first factor, and the lines on the way to it."""
    found = [position]
    while builder.nodes[found[-1]].op in ("multiply", "divide"):
        found.append(builder.nodes[found[-1]].args[0])
    return found


def _is_below_zero(builder: Builder, position: int) -> bool:
    first = _chain(builder, position)[-1]
    value = builder.constants.get(first)
    return builder.nodes[first].op == "negate" or (value is not None and value < 0.0)


def _negated(builder: Builder, position: int) -> int:
    """A product with the other sign of its first factor."""
    *products, first = _chain(builder, position)
    value = builder.constants.get(first)
    made = builder.nodes[first].args[0] if value is None else builder.constant(-value, first)
    for line in reversed(products):
        node = builder.nodes[line]
        made = builder.make(node.op, (made, node.args[1]))
    return made


def _square(rebuilder: Rebuilder, node: Node, _position: int) -> int | None:
    """x*x is written x**2."""
    rebuilder.builder.rules = AS_WRITTEN
    if node.op != "multiply" or node.args[0] != node.args[1]:
        return None
    builder = rebuilder.builder
    return builder.make("power", (node.args[0], builder.constant(2.0, node.args[0])))
