"""Products that are there already: in the derivative, a*(b*c) is the (a*b)*c of the value."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain
from typing import NamedTuple

from symdiff.graph.graph import Graph
from symdiff.graph.node import CONSTANT, INT, Node, constant_value
from symdiff.optimize.rebuild import Rebuilder, rebuild

MOST_FACTORS = 6  # longer products are seldom there twice, and take long to compare


_PRODUCTS = (CONSTANT, "negate", "multiply")
Factors = tuple[int, ...]  # by position, sorted
Product = tuple[float, Factors]  # a number times factors; plain, as each product has one


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
    products = products_of(graph)
    saved = [0] * len(graph)  # by position, the products that go with the line when it goes
    seen: dict[Factors, int] = {}
    plans = {}
    for position in graph.by_op.get("multiply", ()):
        number, factors = products[position]
        if len(factors) < 2:
            continue
        first = seen.setdefault(factors, position)
        if written[position]:
            continue
        goes, args = 1, nodes[position][1]
        for argument in args:
            if uses[argument] == 1 and not written[argument]:
                goes += saved[argument]
        saved[position] = goes
        if first != position and products[first][0]:
            ratio = number / products[first][0]
            is_there = args[1] == first and nodes[args[0]][0] == CONSTANT  # as it would be made
            if goes > (ratio != 1.0) and not is_there:
                plans[position] = Known(first, ratio)
    return plans


def products_of(graph: Graph) -> dict[int, Product]:
    """By position, constants, products and what has another sign, each as a number and factors."""
    nodes, by_op = graph.nodes, graph.by_op
    found: dict[int, Product] = {}
    for position in sorted(chain.from_iterable([by_op.get(op, ()) for op in _PRODUCTS])):
        op, args, _, _, dtype = nodes[position]
        if op == CONSTANT:
            found[position] = constant_value(nodes[position]), ()
        elif dtype == INT:  # it wraps
            found[position] = 1.0, (position,)
        elif op == "negate":
            number, factors = found.get(args[0]) or (1.0, args)
            found[position] = -number, factors
        else:
            x, y = args
            if x in found or y in found:
                found[position] = _product(x, y, found) or (1.0, (position,))
            else:  # most of them
                found[position] = 1.0, args if x < y else (y, x)
    return found


def product_at(products: Mapping[int, Product], position: int) -> Product:
    """A line as a number and factors; itself where it is no product."""
    return products.get(position) or (1.0, (position,))


def _product(x: int, y: int, found: Mapping[int, Product]) -> Product | None:
    """The product of two lines; `None` where it would have too many factors."""
    x_number, x_factors = found.get(x) or (1.0, (x,))
    y_number, y_factors = found.get(y) or (1.0, (y,))
    both = x_factors + y_factors
    return (x_number * y_number, tuple(sorted(both))) if len(both) <= MOST_FACTORS else None
