"""Quotients that are there already: in the derivative, (a/d)*x is a*(x/d) where x/d is there.

The derivative of x/d by d has the quotient as a factor; behind a root or a norm that d comes from,
it has x and a second division. `a` and `d` may be smaller arrays that are repeated, and a/d may be
scaled by numbers. Behind a power, it has a part of what it is divided by: a*(x/(a*b)) is x/b.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import NamedTuple

from symdiff.graph.graph import Graph
from symdiff.graph.node import FLOAT, Node
from symdiff.ops.arithmetic import divide, multiply
from symdiff.ops.reduction import broadcast
from symdiff.optimize.rebuild import Rebuilder, rebuild
from symdiff.optimize.sums import SCALINGS, Sums, is_number, with_numbers, without_numbers

# what a factor may be that holds a quotient
_SCALED = SCALINGS | {broadcast.name}
_LEADING = sorted(_SCALED - {divide.name})


class Plan(NamedTuple):
    """An operation on two lines that stands for a product; the first is scaled by numbers."""

    op: str
    first: int
    second: int
    scalings: Sequence[int] = ()


def reuse_quotients(graph: Graph) -> Graph:
    """Multiply with a quotient where one would be divided again. The value stays as written."""
    plans = _plans(graph)
    if not plans:
        return graph

    def replace(rebuilder: Rebuilder, node: Node, position: int) -> int | None:
        builder, (op, *lines, scalings) = rebuilder.builder, plans[position]
        one, other = (rebuilder.moved[line] for line in lines)
        for scaling in reversed(scalings):
            one = with_numbers(rebuilder, scaling, one)
        first, second = builder.handle(one), builder.handle(other)
        return (first / second if op == divide.name else first * second).at

    return rebuild(graph, replace, changed=plans)


def _plans(graph: Graph) -> dict[int, Plan]:
    """By the position of a product, what stands for it."""
    divided = graph.by_op.get(divide.name, ())
    if not divided or multiply.name not in graph.by_op:
        return {}
    sums, plans, there = Sums(graph), {}, {}
    is_quotient = {*divided}.__contains__
    for position in divided:
        x, below = graph[position].args
        there[x, _source(graph, below)] = position
    nodes, written, uses = graph.nodes, sums.written, sums.uses
    leads = bytearray(len(graph))  # to a quotient, maybe through what scales or repeats it
    for position in divided:
        leads[position] = 1
    for position in sorted(chain.from_iterable([graph.by_op.get(op, ()) for op in _LEADING])):
        op, args, _, _, dtype = nodes[position]
        if op != multiply.name:
            leads[position] = leads[args[0]]
            continue
        if not (leads[args[0]] or leads[args[1]]):
            continue
        leads[position] = is_number(graph, args[0]) or is_number(graph, args[1])
        if written[position] or dtype != FLOAT:
            continue
        for factor, x in (args, args[::-1]):
            rest = _cancelled(sums, factor, x) if nodes[x][0] == divide.name else None
            if rest is not None:
                plans[position] = rest
                break
            if uses[factor] > 1 or written[factor] or nodes[factor][0] not in _SCALED:
                continue
            scaled = without_numbers(sums, _source(graph, factor), is_quotient)
            if scaled is None or not sums.is_alone(scaled.at):
                continue
            numerator, below = graph[scaled.at].args
            quotient = there.get((x, _source(graph, below)), position)
            if quotient < position and quotient != scaled.at:
                plans[position] = Plan(multiply.name, numerator, quotient, scaled.scalings)
                break
    return plans


def _cancelled(sums: Sums, factor: int, x: int) -> Plan | None:
    """What is left of a quotient times a factor of what it is divided by."""
    if not sums.is_alone(x):
        return None
    numerator, below = sums.graph[x].args
    first, second = sums.graph[below].args if sums.graph[below].op == multiply.name else (-1, -1)
    if factor not in (first, second):
        return None
    return Plan(divide.name, numerator, second if factor == first else first)


def _source(graph: Graph, position: int) -> int:
    """What a line repeats; itself where it repeats nothing."""
    node = graph.nodes[position]
    return node[1][0] if node[0] == broadcast.name else position
