"""Factors that products share: in the derivative, c*(P*S) is (c*P)*S where c*P is there.

Derivation moves numbers out of products, and the value has them where the user wrote them. Two
factors that several products have are multiplied once.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import chain, combinations
from typing import NamedTuple

from symdiff.graph.graph import Graph
from symdiff.graph.node import FLOAT, Node
from symdiff.ops.arithmetic import multiply, negate
from symdiff.optimize.products import Product, products_of
from symdiff.optimize.rebuild import Rebuilder, rebuild
from symdiff.optimize.sums import counted

_CHAINS = (multiply.name, negate.name)


class Plan(NamedTuple):
    """A product as one of a part of its factors, times one more factor."""

    part: Product
    factor: int


def reuse_factors(graph: Graph) -> Graph:
    """Multiply what products share once. The value's lines stay as written."""
    plans, known = _plans(graph)
    if not plans:
        return graph

    def replace(rebuilder: Rebuilder, node: Node, position: int) -> int | None:
        (number, factors), factor = plans[position]
        builder, moved = rebuilder.builder, rebuilder.moved

        def times(one: int, other: int) -> int:
            # not made anew: the identities would move the number out again
            return builder.append(node._replace(args=(one, other)))

        if known.get((number, factors), position) < position:  # one that comes later is made here
            line = moved[known[number, factors]]
        elif len(factors) == 2:
            line = times(moved[factors[0]], moved[factors[1]])
        else:
            line = moved[factors[0]]
            line = times(builder.constant(number, line), line)
        return times(line, moved[factor])

    return rebuild(graph, replace, changed=plans)


def _plans(graph: Graph) -> tuple[dict[int, Plan], dict[Product, int]]:
    """By the position of a product, what stands for it; and parts that are there, by position."""
    products, costs = products_of(graph), _costs(graph)
    has_floats_alone = graph.dtypes == {FLOAT}
    known: dict[Product, int] = {}
    plans: dict[int, Plan] = {}
    left: list[tuple[int, Product]] = []
    for position in graph.by_op.get(multiply.name, ()):
        product = products[position]
        number, factors = product
        if not factors or not (has_floats_alone or _are_floats(graph.nodes, product)):
            continue
        if costs[position] > 1 and (len(factors) > 2 or number != 1.0):
            way = next((way for way in _ways(product) if way[0] in known), None)
            if way is not None:
                plans[position] = Plan(*way)
            else:
                left.append((position, product))
        known.setdefault(product, position)
    plans.update(_shared(left))
    return plans, {plan.part: known[plan.part] for plan in plans.values() if plan.part in known}


def _are_floats(nodes: Sequence[Node], product: Product) -> bool:
    """Whether all factors are floats: products of whole numbers wrap."""
    return all([nodes[factor][4] == FLOAT for factor in product[1]])


def _costs(graph: Graph) -> list[int]:
    """By position, how many lines go when a product goes; 0 for what belongs to a larger one."""
    nodes, written, uses = graph.nodes, graph.written(), graph.uses()
    costs = [0] * len(graph)
    inner: list[int] = []
    lines = [graph.by_op.get(op, ()) for op in _CHAINS]
    for position in sorted(chain.from_iterable(lines)):
        if not written[position]:
            cost = 1
            for at in nodes[position][1]:
                if costs[at] and uses[at] == 1:
                    cost += costs[at]
                    inner.append(at)
            costs[position] = cost
    for position in (*inner, *graph.by_op.get(negate.name, ())):
        costs[position] = 0
    return costs


def _ways(product: Product) -> Iterator[tuple[Product, int]]:
    """Plans for a product: all of it but one factor, times that, one product more than that part.

    Plain, as most are looked at once.
    """
    number, factors = product
    if number == 0.0 or not math.isfinite(number) or (len(factors) == 2 and number == 1.0):
        return
    for place in range(len(factors) - 1, -1, -1) if len(factors) > 1 else ():
        yield (number, factors[:place] + factors[place + 1 :]), factors[place]


def _shared(left: Sequence[tuple[int, Product]]) -> dict[int, Plan]:
    """Products of three by the two of theirs that most of them share."""
    pairs = {position: _pairs(product) for position, product in left}
    counts = counted(chain.from_iterable([dict.fromkeys(found) for found in pairs.values()]))
    found = {}
    for position, (number, factors) in left:
        if len(factors) + (number != 1.0) != 3 or not pairs[position]:
            continue
        best = max(pairs[position], key=counts.__getitem__)
        if counts[best] > 1:
            ways = (Plan(*way) for way in _ways((number, factors)))
            found[position] = next(way for way in ways if way.part == best)
    return found


def _pairs(product: Product) -> list[Product]:
    """The parts of a product that are two factors, its number being one."""
    number, factors = product
    found: list[Product] = []
    if number not in (0.0, 1.0) and math.isfinite(number) and len(factors) > 1:
        found += [(number, (factor,)) for factor in factors]
    if len(factors) > 2:
        found += [(1.0, pair) for pair in combinations(factors, 2)]
    return found
