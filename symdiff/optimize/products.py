"""Products that are there already: in the derivative, a*(b*c) is the (a*b)*c of the value."""

from __future__ import annotations

from typing import NamedTuple

from symdiff.graph.graph import Graph
from symdiff.graph.node import CONSTANT, INT, Node, constant_value
from symdiff.optimize.rebuild import Rebuilder, rebuild

_MOST_FACTORS = 6  # longer products are seldom there twice, and take long to compare


_PRODUCTS = (CONSTANT, "negate", "multiply")
Factors = tuple[int, ...]


class Known(NamedTuple):
    """An earlier line with the same factors, and the number that it is to be multiplied by."""

    position: int
    ratio: float


def reuse_products(graph: Graph) -> Graph:
    """Use a product again, whatever the order of its factors. The value's lines stay as written."""
    plans = _plans(graph)
    if not plans:
        return graph

    def replace(rebuilder: Rebuilder, node: Node, position: int) -> int | None:
        known, ratio = plans[position]
        builder, line = rebuilder.builder, rebuilder.moved[known]
        return builder.make("multiply", (builder.constant(ratio, line), line))

    return rebuild(graph, replace, changed=plans)


def _plans(graph: Graph) -> dict[int, Known]:
    """By the position of a product, the earlier line that stands for it with fewer operations."""
    nodes, written, uses = graph.nodes, graph.written(), graph.uses()
    numbers, factors = products_of(graph)
    saved = [0] * len(graph)  # by position, the products that go with the line when it goes
    seen: dict[Factors, int] = {}
    plans = {}
    for position in graph.by_op.get("multiply", ()):
        node = nodes[position]
        if len(factors[position]) < 2:
            continue
        saved[position] = 1
        for argument in node.args:
            if uses[argument] == 1 and not written[argument]:
                saved[position] += saved[argument]
        first = seen.setdefault(factors[position], position)
        if first != position and not written[position] and numbers[first]:
            ratio = numbers[position] / numbers[first]
            if saved[position] > (ratio != 1.0):
                plans[position] = Known(first, ratio)
    return plans


def products_of(graph: Graph) -> tuple[list[float], list[Factors]]:
    """By position, each line as a number and factors; one that is no product is its own factor."""
    numbers = [1.0] * len(graph)
    factors: list[Factors] = [(position,) for position in range(len(graph))]
    for position in sorted([at for op in _PRODUCTS for at in graph.by_op.get(op, ())]):
        node = graph[position]
        numbers[position], factors[position] = _product(node, position, numbers, factors)
    return numbers, factors


def _product(
    node: Node, position: int, numbers: list[float], factors: list[Factors]
) -> tuple[float, Factors]:
    """A line as a number times factors, these by position and sorted."""
    if node.op == CONSTANT:
        return constant_value(node), ()
    if node.dtype != INT:  # it wraps
        if node.op == "negate":
            (x,) = node.args
            return -numbers[x], factors[x]
        x, y = node.args
        both = factors[x] + factors[y]
        if len(both) <= _MOST_FACTORS:
            return numbers[x] * numbers[y], tuple(sorted(both))
    return 1.0, (position,)
