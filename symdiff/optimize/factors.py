"""Factors that products share: in the derivative, c*(P*S) is (c*P)*S where c*P is there.

Derivation moves numbers out of products, and the value has them where the user wrote them. Two
factors that several products have are multiplied once.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import NamedTuple

from symdiff.graph.graph import Graph
from symdiff.graph.node import FLOAT, Node
from symdiff.ops.arithmetic import multiply, negate
from symdiff.optimize.products import products_of
from symdiff.optimize.rebuild import Rebuilder, rebuild

_CHAINS = frozenset((multiply.name, negate.name))


class Product(NamedTuple):
    """A number times factors, these by position and sorted."""

    number: float
    factors: tuple[int, ...]


class Plan(NamedTuple):
    """A product as one of a part of its factors, a number and what is left of them."""

    part: Product
    number: float
    rest: tuple[int, ...]

    @property
    def cost(self) -> int:
        """How many products it takes beside the part."""
        return len(self.rest) + (self.number != 1.0)


def reuse_factors(graph: Graph) -> Graph:
    """Multiply what products share once. The value's lines stay as written."""
    plans, known = _plans(graph)
    if not plans:
        return graph

    def replace(rebuilder: Rebuilder, node: Node, position: int) -> int | None:
        part, number, rest = plans[position]
        builder, moved = rebuilder.builder, rebuilder.moved

        def times(one: int, other: int) -> int:
            # not made anew: the identities would move the number out again
            return builder.append(node._replace(args=(one, other)))

        if part in known:
            line = moved[known[part]]
        elif len(part.factors) == 2:
            line = times(*[moved[factor] for factor in part.factors])
        else:
            (factor,) = part.factors
            line = times(builder.constant(part.number, moved[factor]), moved[factor])
        if number != 1.0:
            line = times(builder.constant(number, line), line)
        for factor in rest:
            line = times(line, moved[factor])
        return line

    return rebuild(graph, replace, changed=plans)


def _plans(graph: Graph) -> tuple[dict[int, Plan], dict[Product, int]]:
    """By the position of a product, what stands for it; and parts that are there, by position."""
    products = [Product(*found) for found in zip(*products_of(graph), strict=True)]
    costs = _costs(graph)
    known: dict[Product, int] = {}
    plans: dict[int, Plan] = {}
    for position, product in enumerate(products):
        if graph[position].op != multiply.name or not _are_floats(graph, product):
            continue
        if costs[position] > 1:
            ways = [way for way in _ways(product) if known.get(way.part, position) < position]
            best = min(ways, key=lambda way: way.cost, default=None)
            if best is not None and best.cost == 1:
                plans[position] = best
        known.setdefault(product, position)
    left = [
        (p, product)
        for p, product in enumerate(products)
        if costs[p] > 1 and p not in plans and _are_floats(graph, product)
    ]
    plans.update(_shared(left))
    return plans, {plan.part: known[plan.part] for plan in plans.values() if plan.part in known}


def _are_floats(graph: Graph, product: Product) -> bool:
    """Whether all factors are floats, and there are any: products of whole numbers wrap."""
    kinds = {graph[factor].dtype for factor in product.factors}
    return kinds == {FLOAT}


def _costs(graph: Graph) -> list[int]:
    """By position, how many lines go when a product goes; 0 for what belongs to a larger one."""
    written, uses = graph.written(), graph.uses()
    costs = [0] * len(graph)
    inner: list[int] = []
    for position, node in enumerate(graph.nodes):
        if node.op in _CHAINS and not written[position]:
            own = [at for at in node.args if uses[at] == 1 and not written[at] and costs[at]]
            costs[position] = 1 + sum(costs[at] for at in own)
            inner += own
    for position in inner:
        costs[position] = 0
    return [cost if graph[p].op == multiply.name else 0 for p, cost in enumerate(costs)]


def _ways(product: Product) -> Iterator[Plan]:
    """A product by each of its parts."""
    number, factors = product
    is_divisor = number != 0.0 and math.isfinite(number)
    scales = dict.fromkeys((number, 1.0) if is_divisor else (1.0,))
    for count in range(1, len(factors)):
        for places in combinations(range(len(factors)), count):
            part = tuple([factors[place] for place in places])
            rest = tuple([f for place, f in enumerate(factors) if place not in places])
            for scale in scales:
                if count > 1 or scale != 1.0:
                    yield Plan(Product(scale, part), number / scale, rest)


def _shared(left: Sequence[tuple[int, Product]]) -> dict[int, Plan]:
    """Products of three by the two factors of theirs that most of them share."""
    pairs = {p: [way for way in _ways(product) if _is_pair(way.part)] for p, product in left}
    counts = Counter(part for ways in pairs.values() for part in {way.part for way in ways})
    found = {}
    for position, ways in pairs.items():
        best = max(ways, key=lambda way: counts[way.part], default=None)
        if best is not None and counts[best.part] > 1 and best.cost == 1:
            found[position] = best
    return found


def _is_pair(part: Product) -> bool:
    return len(part.factors) + (part.number != 1.0) == 2
