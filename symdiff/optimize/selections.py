"""Selections of products: where(c, 0, t*f) is where(c, 0, t)*f for a factor f that is finite.

Reverse mode selects what a way of a branch hands on where it leaves the way: before it is summed,
once for each argument. A factor that may be infinite on the way that is not taken has to stay under
its selection, as 0 times infinity is no 0. One that cannot may be multiplied behind it. So several
lines share one selection, and what is left is a sum of products again.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

from symdiff.graph.graph import Graph
from symdiff.graph.node import CONSTANT, FLOAT, constant_value
from symdiff.graph.node import Node as Line
from symdiff.graph.shape import SCALAR
from symdiff.ops.builder import Builder
from symdiff.ops.rules import EXACT
from symdiff.ops.rules.finite import is_finite
from symdiff.optimize.products import Factors, Product, product_at, products_of
from symdiff.optimize.rebuild import Rebuilder, rebuild


class Selection(NamedTuple):
    """A line that is a product on one way of a condition, and 0 on the other one."""

    position: int
    product: int
    condition: int
    place: int  # of the product among the arguments


class Plan(NamedTuple):
    """What is selected, and what it is multiplied by behind the selection."""

    selection: Selection
    selected: Factors
    number: float
    factors: Factors


def share_selections(graph: Graph) -> Graph:
    """Select once what several products have in common. The value's lines stay as written."""
    plans, known = _plans(graph)
    if not plans:
        return graph

    def replace(rebuilder: Rebuilder, node: Line, position: int) -> int | None:
        (_, _, condition, place), selected, number, factors = plans[position]
        builder, moved = rebuilder.builder, rebuilder.moved
        there = known.get(selected, position)
        line = moved[there if there < position else selected[0]]
        if there >= position:
            for factor in selected[1:]:
                line = builder.make("multiply", (line, moved[factor]))
        ways = [builder.full(0.0, node.shape), line][:: 1 if place == 2 else -1]
        line = builder.make("where", (moved[condition], *ways))
        for factor in factors:
            line = builder.make("multiply", (line, moved[factor]))
        return builder.make("multiply", (builder.constant(number, line), line))

    return rebuild(graph, replace, changed=plans)


def _plans(graph: Graph) -> tuple[dict[int, Plan], dict[Factors, int]]:
    """By the position of a selection, its plan; and products that are there, by their factors."""
    groups: dict[tuple[int, int], list[Selection]] = {}
    for one in _selections(graph):
        groups.setdefault((one.condition, one.place), []).append(one)
    shared = [members for members in groups.values() if len(members) > 1]
    if not shared:
        return {}, {}
    products = products_of(graph)
    builder, plans = Builder(EXACT, graph), dict[int, Plan]()
    for members in shared:
        found = [_plan(builder, one, product_at(products, one.product)) for one in members]
        if len({plan.selected for plan in found}) < len(found):
            plans.update({plan.selection.position: plan for plan in found if plan.factors})
    known: dict[Factors, int] = {}
    for position in graph.by_op.get("multiply", ()):
        number, factors = products[position]
        if number == 1.0 and plans:
            known.setdefault(factors, position)
    return plans, known


def _selections(graph: Graph) -> Iterator[Selection]:
    """The lines of arrays that are 0 on one way."""
    nodes, written = graph.nodes, graph.written()
    for position in graph.by_op.get("where", ()):
        node = nodes[position]
        if written[position] or node.dtype != FLOAT or node.shape == SCALAR:
            continue
        for place in (1, 2):
            other = nodes[node.args[3 - place]]
            if other.op == CONSTANT and constant_value(other) == 0.0:
                yield Selection(position, node.args[place], node.args[0], place)
                break


def _plan(builder: Builder, selection: Selection, product: Product) -> Plan:
    """A selection without the factors that are finite; with all of them where none is left."""
    number, factors = product
    free = tuple(factor for factor in factors if is_finite(builder, factor))
    kept = tuple(factor for factor in factors if factor not in free)
    if not kept or number == 0.0 or not math.isfinite(number):
        return Plan(selection, factors, number, ())
    return Plan(selection, kept, number, free)
