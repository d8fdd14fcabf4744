"""Scaled arrays that are there already: c*(A.T @ r) is A.T @ (c*r) where c*r is needed anyway.

While lines are made, numbers move out of sums and contractions to the smaller array. That leaves
one product too many where the larger array is scaled for another line.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from symdiff.graph.graph import Graph
from symdiff.graph.node import CONSTANT, FLOAT, INPUT, Node
from symdiff.graph.shape import SCALAR
from symdiff.ops.operation import Linear, Multilinear
from symdiff.ops.registry import OPERATIONS
from symdiff.optimize.rebuild import Rebuilder, rebuild

# a number as the parameters of its constant, or as its position
Number = tuple[object, ...] | int


class Plan(NamedTuple):
    """A line with one of its arguments exchanged for that argument, scaled."""

    line: int
    place: int
    scaled: int


def reuse_scaled(graph: Graph) -> Graph:
    """Let sums and contractions take a scaled array instead of being scaled themselves."""
    if not graph.has_arrays:
        return graph
    plans = _plans(graph)
    if not plans:
        return graph

    def replace(rebuilder: Rebuilder, _: Node, position: int) -> int | None:
        line, place, scaled = plans[position]
        node = graph.nodes[line]
        args = [rebuilder.moved[argument] for argument in node.args]
        args[place] = rebuilder.moved[scaled]
        # not made anew: the identities would move the number out again
        return rebuilder.builder.append(node._replace(args=tuple(args)))

    return rebuild(graph, replace, changed=plans)


def _plans(graph: Graph) -> dict[int, Plan]:
    """By the position of a line that is scaled, what stands for it."""
    nodes, written, uses = graph.nodes, graph.written(), graph.uses()
    seen: dict[tuple[Number, int], int] = {}
    plans = {}
    for position, node in enumerate(nodes):
        for number, line in _as_scaled(nodes, node):
            seen.setdefault((number, line), position)
            if written[position] or uses[line] > 1 or position in plans:
                continue
            if node.dtype != FLOAT:  # a line of floats would be scaled by a complex number
                continue
            for place in _linear_places(nodes[line]):
                argument = nodes[line].args[place]
                scaled = seen.get((number, argument))
                if scaled is not None and nodes[argument].dtype == FLOAT:
                    plans[position] = Plan(line, place, scaled)
    return plans


def _as_scaled(nodes: Sequence[Node], node: Node) -> Iterator[tuple[Number, int]]:
    """A line as a number times another line, in each way that it is one."""
    if node.op == "multiply":
        for factor, line in (node.args, node.args[::-1]):
            number = _number(nodes, factor)
            if number is not None:
                yield number, line


def _number(nodes: Sequence[Node], position: int) -> Number | None:
    """The number that a line is, or repeats; `None` where it is none."""
    node = nodes[position]
    if node.op == "broadcast":
        position = node.args[0]
        node = nodes[position]
    if node.op == CONSTANT:
        return node.params
    return position if node.shape == SCALAR else None


def _linear_places(node: Node) -> range:
    """The arguments that a line is linear in, each alone."""
    if node.op in (INPUT, CONSTANT):
        return range(0)
    derivative = OPERATIONS[node.op].derivative
    is_linear = isinstance(derivative, Multilinear) or (
        isinstance(derivative, Linear) and len(node.args) == 1
    )
    return range(len(node.args) if is_linear else 0)
