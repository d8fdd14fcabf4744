"""Cotangents that are selected once: where(c, 0, t*x) is where(c, 0, t)*x for an x that is finite.

A condition travels along with a cotangent and is applied where it ends, because what it meets may
be infinite where it does not count: zero times infinity is NaN. Where several products of one
cotangent end so, and all else that it meets is finite where the condition says zero, the cotangent
alone is selected, as one would write it by hand.

Finite is a factor here for all arguments of the function that are, short of overflow. Arguments may
be NaN, which marks missing data. So each line that a factor is made of is one that the condition
compares, made of at least: where it is NaN, the comparison fails, and nothing is zero.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Container, Iterator
from itertools import chain
from typing import NamedTuple

from symdiff.graph.graph import Graph
from symdiff.graph.node import CONSTANT, FLOAT, Node, constant_value
from symdiff.ops.arithmetic import divide, multiply, negate
from symdiff.ops.control import greater, less, share, where
from symdiff.optimize.growth import FLOOR, Growth, hands_on
from symdiff.optimize.products import MOST_FACTORS, Factors
from symdiff.optimize.rebuild import Rebuilder, rebuild
from symdiff.optimize.shares import halved_at_ties


class Choice(NamedTuple):
    """A line that is 0 where a condition holds, and else a number times factors over divisors."""

    position: int
    number: float
    factors: Factors
    divisors: Factors


class Plan(NamedTuple):
    """What stands for a choice: a number times a selected line times others over divisors."""

    number: float
    selected: int
    others: Factors
    divisors: Factors


def select_once(graph: Graph) -> Graph:
    """Select what products share before it is multiplied. The value's lines stay as written."""
    if where.name not in graph.by_op or not graph.has_arrays:
        return graph
    plans = _plans(graph)
    if not plans:
        return graph

    def replace(rebuilder: Rebuilder, node: Node, position: int) -> int | None:
        number, selected, others, divisors = plans[position]
        builder, moved = rebuilder.builder, rebuilder.moved
        line = builder.make(where.name, (*node.args[:2], moved[selected]))
        for factor in others:
            line = builder.make(multiply.name, (line, moved[factor]))
        for divisor in divisors:
            line = builder.make(divide.name, (line, moved[divisor]))
        return builder.make(multiply.name, (builder.constant(number, line), line))

    return rebuild(graph, replace, changed=plans)


def _plans(graph: Graph) -> dict[int, Plan]:
    """By the position of a choice, what stands for it."""
    plans: dict[int, Plan] = {}
    there, growth = _there(graph), None
    for condition, choices in _choices(graph).items():
        if len(choices) + len(there.get(condition, ())) < 2:
            continue
        growth = growth or Growth(graph)
        compared = _compared(graph, condition)
        parts = {part for _, _, *both in choices for part in chain(*both)}
        bounded = {part for part in parts if growth.is_finite(part, compared)}
        divisors = {part for part in bounded if growth.floor(part) > FLOOR}
        fit = [choice for choice in choices if divisors.issuperset(choice.divisors)]
        plans.update(_shared(fit, bounded, there.get(condition, set())))
    return plans


def _choices(graph: Graph) -> dict[int, list[Choice]]:
    """By the condition where they are zero, the products that the derivation selects."""
    written, found = graph.written(), defaultdict(list)
    for position in graph.by_op[where.name]:
        node = graph[position]
        condition, zero, other = node.args
        if written[position] or node.dtype != FLOAT or not node.shape:
            continue
        if graph[condition].op in (less.name, greater.name) and _is_zero(graph[zero]):
            found[condition].append(Choice(position, *_parts(graph, other, written)))
    return found


def _parts(graph: Graph, position: int, written: bytearray) -> tuple[float, Factors, Factors]:
    """A line as a number times factors over divisors. Lines of the value are not taken apart."""
    number, pending = 1.0, [position]
    factors: list[int] = []
    divisors: list[int] = []
    while pending:
        at = pending.pop()
        node = graph[at]
        is_open = not written[at] and len(factors) + len(pending) < MOST_FACTORS
        if node.op == CONSTANT:
            number *= constant_value(node)
        elif is_open and node.op == multiply.name:
            pending.extend(reversed(node.args))
        elif is_open and node.op == divide.name:
            pending.append(node.args[0])
            divisors.append(node.args[1])
        elif is_open and node.op == negate.name:
            number = -number
            pending.append(node.args[0])
        else:
            factors.append(at)
    return number, tuple(sorted(factors)), tuple(divisors)


def _is_zero(node: Node) -> bool:
    return node.op == CONSTANT and constant_value(node) == 0.0


def _there(graph: Graph) -> dict[int, set[int]]:
    """By condition, the lines that are selected already as shares of a maximum or minimum."""
    halved, found = halved_at_ties(graph), defaultdict(set)
    for position in graph.by_op.get(share.name, ()):
        t, lost, tied = graph[position].args
        if (t, tied) in halved:
            found[lost].add(halved[t, tied])
    return found


def _shared(
    choices: list[Choice], bounded: Container[int], there: Container[int]
) -> Iterator[tuple[int, Plan]]:
    """The choices among those of one condition that a selected line stands behind."""
    left = choices
    while left:
        behind = {
            factor: [choice for choice in left if _is_behind(choice, factor, bounded)]
            for factor in sorted({factor for choice in left for factor in choice.factors})
        }
        best = max(behind, key=lambda factor: len(behind[factor]) + (factor in there), default=-1)
        members = behind.get(best, [])
        if len(members) + (best in there) < 2:
            return
        uses = Counter(chain.from_iterable([choice.factors for choice in members]))
        for position, number, factors, divisors in members:
            others = sorted(_others(factors, best), key=lambda factor: (-uses[factor], factor))
            yield position, Plan(number, best, tuple(others), divisors)
        left = [choice for choice in left if choice not in members]


def _is_behind(choice: Choice, factor: int, bounded: Container[int]) -> bool:
    """Whether all factors of a choice but one are finite where it is zero."""
    if factor not in choice.factors or not math.isfinite(choice.number):
        return False
    return all([other in bounded for other in _others(choice.factors, factor)])


def _others(factors: Factors, factor: int) -> Factors:
    place = factors.index(factor)
    return (*factors[:place], *factors[place + 1 :])


def _compared(graph: Graph, condition: int) -> set[int]:
    """The lines that are NaN only where a comparison is of NaN, so that it fails there."""
    found, pending = set(), list(graph[condition].args)
    while pending:
        position = pending.pop()
        node = graph[position]
        if position not in found and node.op != CONSTANT:
            found.add(position)
            if hands_on(node):
                pending.extend(node.args)
    return found
