"""Quotients that are there already: in the derivative, (a/d)*x is a*(x/d) where x/d is there.

The derivative of x/d by d has the quotient as a factor; behind a root or a norm that d comes from,
it has x and a second division. `a` and `d` may be smaller arrays that are repeated.
"""

from __future__ import annotations

from typing import NamedTuple

from symdiff.graph.graph import Graph
from symdiff.graph.node import FLOAT, Node
from symdiff.ops.arithmetic import divide, multiply
from symdiff.ops.reduction import broadcast
from symdiff.optimize.rebuild import Rebuilder, rebuild
from symdiff.optimize.sums import Sums


class Plan(NamedTuple):
    """A product as one of a numerator and a quotient that is there."""

    numerator: int
    quotient: int


def reuse_quotients(graph: Graph) -> Graph:
    """Multiply with a quotient where one would be divided again. The value stays as written."""
    plans = _plans(graph)
    if not plans:
        return graph

    def replace(rebuilder: Rebuilder, node: Node, position: int) -> int | None:
        builder, moved, plan = rebuilder.builder, rebuilder.moved, plans[position]
        quotient, line = builder.handle(moved[plan.quotient]), moved[plan.numerator]
        return (builder.handle(line) * quotient).at

    return rebuild(graph, replace, changed=plans)


def _plans(graph: Graph) -> dict[int, Plan]:
    """By the position of a product, what stands for it."""
    divided = graph.by_op.get(divide.name, ())
    if not divided or multiply.name not in graph.by_op:
        return {}
    sums, plans, there = Sums(graph), {}, {}
    for position in divided:
        x, below = graph[position].args
        there[x, _source(graph, below)] = position
    for position in graph.by_op[multiply.name]:
        node = graph[position]
        if sums.written[position] or node.dtype != FLOAT:
            continue
        for factor, x in (node.args, node.args[::-1]):
            at = _source(graph, factor)
            if graph[at].op != divide.name or not (sums.is_alone(at) and sums.is_alone(factor)):
                continue
            numerator, below = graph[at].args
            quotient = there.get((x, _source(graph, below)), position)
            if quotient < position and quotient != at:
                plans[position] = Plan(numerator, quotient)
                break
    return plans


def _source(graph: Graph, position: int) -> int:
    """What a line repeats; itself where it repeats nothing."""
    node = graph[position]
    return node.args[0] if node.op == broadcast.name else position
