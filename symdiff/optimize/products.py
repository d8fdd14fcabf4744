"""Products that are there already: in the derivative, a*(b*c) is the (a*b)*c of the value."""

from __future__ import annotations

from typing import NamedTuple

from symdiff.graph.graph import Graph
from symdiff.graph.node import CONSTANT, INT, Node, constant_value
from symdiff.optimize.rebuild import Rebuilder, rebuild

_MOST_FACTORS = 6  # longer products are seldom there twice, and take long to compare


class Product(NamedTuple):
    """A line as a number times factors, these by position and sorted."""

    number: float
    factors: tuple[int, ...]


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
    written, uses = graph.written(), graph.uses()
    products: list[Product] = []
    saved: list[int] = []  # by position, the products that go with the line when it goes
    seen: dict[tuple[int, ...], int] = {}
    plans = {}
    for position, node in enumerate(graph.nodes):
        product = _product(products, node, position)
        products.append(product)
        saved.append(0)
        if node.op != "multiply" or len(product.factors) < 2:
            continue
        saved[position] = 1 + sum(
            saved[argument]
            for argument in node.args
            if uses[argument] == 1 and not written[argument]
        )
        first = seen.setdefault(product.factors, position)
        number = products[first].number
        if first != position and not written[position] and number:
            ratio = product.number / number
            if saved[position] > (ratio != 1.0):
                plans[position] = Known(first, ratio)
    return plans


def _product(products: list[Product], node: Node, position: int) -> Product:
    if node.op == CONSTANT:
        return Product(constant_value(node), ())
    if node.dtype == INT:  # it wraps
        return Product(1.0, (position,))
    if node.op == "negate":
        number, factors = products[node.args[0]]
        return Product(-number, factors)
    if node.op == "multiply":
        a, b = (products[argument] for argument in node.args)
        if len(a.factors) + len(b.factors) <= _MOST_FACTORS:
            return Product(a.number * b.number, tuple(sorted(a.factors + b.factors)))
    return Product(1.0, (position,))
