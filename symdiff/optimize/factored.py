"""Sums that are there already: the sum of r*x is r*sum(x) for an r that the sum's axes repeat.

A cotangent is often summed twice: for the argument that it is handed to, and, times a smaller
array, for one below. The second sum is then as small as that array.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from symdiff.graph.graph import Graph
from symdiff.graph.node import FLOAT, Node
from symdiff.graph.shape import Shape
from symdiff.ops.handle import Handle
from symdiff.ops.reduction import broadcast_to, without_axes
from symdiff.ops.structural import reshaped
from symdiff.optimize.products import Factors, product_at, products_of
from symdiff.optimize.rebuild import Rebuilder, rebuild

_SUM = "sum"


class Plan(NamedTuple):
    """A sum by the line that the other one sums, and the factors taken out of it."""

    summed: int
    number: float
    repeated: Factors


def reuse_sums(graph: Graph) -> Graph:
    """Multiply sums that are there by what is the same along their axes. The value stays."""
    plans = _plans(graph)
    if not plans:
        return graph

    def replace(rebuilder: Rebuilder, node: Node, position: int) -> int | None:
        summed, number, repeated = plans[position]
        builder, moved = rebuilder.builder, rebuilder.moved
        line = builder.handle(builder.make(_SUM, (moved[summed],), node.params))
        full, axes = graph[summed].shape, node.params[0]
        for factor in repeated:
            small = builder.handle(moved[graph[factor].args[0]])
            line = _without(small, full, axes, line.shape) * line
        return (number * line).at if number != 1.0 else line.at

    return rebuild(graph, replace, changed=plans)


def _plans(graph: Graph) -> dict[int, Plan]:
    """By the position of a sum, the other one that it is a multiple of."""
    written, sums = graph.written(), graph.by_op.get(_SUM, ())
    if len(sums) < 2 or "broadcast" not in graph.by_op:
        return {}
    products = products_of(graph)
    there: dict[tuple[Factors, object], int] = {}  # what is summed, by its factors and how
    for position in sums:
        node = graph[position]
        (summed,) = node.args
        number, factors = product_at(products, summed)
        if node.dtype == FLOAT and number == 1.0:
            there.setdefault((factors, node.params), summed)
    plans = {}
    for position in sums:
        node = graph[position]
        (summed,) = node.args
        if written[position] or node.dtype != FLOAT or node.params[1]:
            continue
        number, factors = product_at(products, summed)
        repeated = tuple(_repeated(graph, factors, node.params[0]))
        rest = tuple(factor for factor in factors if factor not in repeated)
        other = there.get((rest, node.params), position)
        if repeated and other < position and graph[other].shape == graph[summed].shape:
            plans[position] = Plan(other, number, repeated)
    return plans


def _repeated(graph: Graph, factors: Factors, axes: tuple[int, ...]) -> Iterator[int]:
    """The factors that are smaller arrays, each repeated along the axes."""
    for factor in factors:
        node = graph[factor]
        if node.op == "broadcast":
            small = graph[node.args[0]].shape
            own = (*[1] * (len(node.shape) - len(small)), *small)
            if all(own[axis] == 1 for axis in axes):
                yield factor


def _without(small: Handle, full: Shape, axes: tuple[int, ...], shape: Shape) -> Handle:
    """What is repeated over a full shape, over what is left of that without axes."""
    own = (*[1] * (len(full) - small.ndim), *small.shape)
    return broadcast_to(reshaped(small, without_axes(own, axes)), shape)
