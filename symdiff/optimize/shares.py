"""What maximum and minimum hand on: products where it is finite, choices where they are quick.

They are where the parts that are chosen from are there already, and in arrays of few elements.
"""

from __future__ import annotations

from symdiff.graph.graph import Graph
from symdiff.graph.node import CONSTANT, INPUT, Node, constant_value
from symdiff.graph.shape import size
from symdiff.ops.arithmetic import add, divide, multiply, negate, subtract
from symdiff.ops.contraction import contract
from symdiff.ops.control import equal, larger_share, less, where
from symdiff.ops.indexing import index
from symdiff.ops.kinks import sign
from symdiff.ops.reduction import broadcast, sum_
from symdiff.ops.structural import reshape, transpose
from symdiff.optimize.growth import Growth
from symdiff.optimize.rebuild import Rebuilder, rebuild

_FEW = 2048  # elements: the processor guesses more choices wrong

# what is made of all elements of its arguments, or of those that the value is made of too
_ARITHMETIC = (add, subtract, multiply, divide, negate, sum_, contract, larger_share)
_PARTS = (index, reshape, transpose, broadcast)
_WHOLE = {INPUT, CONSTANT} | {x.name for x in (*_ARITHMETIC, *_PARTS)}


def share_by_signs(graph: Graph) -> Graph:
    """Multiply what is finite by 0, 1/2 or 1: that takes no choice for each element.

    A cotangent is finite where all arguments are, short of overflow. It is NaN where the value is:
    that has what the maximum is multiplied by as a factor too, if no index leaves elements out.
    """
    if larger_share.name not in graph.by_op or not graph.has_arrays:
        return graph
    growth, is_whole = Growth(graph), _whole(graph)
    plans: dict[int, bool] = {}  # whether it goes by the sign that the other share has
    compared: set[tuple[int, ...]] = set()
    for position in graph.by_op[larger_share.name]:
        node = graph[position]
        t, a, b = node.args
        if node.shape and is_whole[t] and all([growth.degrees[at] is not None for at in node.args]):
            plans[position] = (b, a) in compared
            compared.add((b, a) if plans[position] else (a, b))
    if not plans:
        return graph

    def replace(rebuilder: Rebuilder, node: Node, position: int) -> int | None:
        t, a, b = (rebuilder.builder.handle(at) for at in node.args)
        share = 0.5 - 0.5 * sign(b - a) if plans[position] else 0.5 * sign(a - b) + 0.5
        return (t * share).at

    return rebuild(graph, replace, changed=plans)


def _whole(graph: Graph) -> bytearray:
    """Which lines have no zeros in them for elements that the value does not depend on."""
    found = bytearray(graph.written())
    for position, node in enumerate(graph.nodes):
        if node.op in _WHOLE and all([found[at] for at in node.args]):
            found[position] = 1
    return found


def split_shares(graph: Graph) -> Graph:
    """Make the shares of a tie of comparisons that other lines need too."""
    if larger_share.name not in graph.by_op:
        return graph
    compared = {node.args: at for at, node in enumerate(graph.nodes) if node.op == less.name}
    halved = halved_at_ties(graph)
    plans: dict[int, tuple[int, ...]] = {}
    for position in graph.by_op[larger_share.name]:
        node = graph[position]
        t, a, b = node.args
        fails, tie = compared.get((a, b)), halved.get((t, a, b), halved.get((t, b, a)))
        count = size(node.shape)
        if fails is not None and tie is not None and max(fails, tie) < position:
            plans[position] = fails, tie
        elif isinstance(count, int) and count <= _FEW:
            plans[position] = ()
    if not plans:
        return graph

    def replace(rebuilder: Rebuilder, node: Node, position: int) -> int | None:
        builder = rebuilder.builder
        if plans[position]:
            fails, tie = (rebuilder.moved[at] for at in plans[position])
        else:
            t, a, b = (builder.handle(at) for at in node.args)
            fails, tie = less(a, b).at, where(equal(a, b), 0.5 * t, t).at
        zero = builder.full(0.0, node.shape)
        # not made anew: the identities would make a share of it
        return builder.append(Node(where.name, (fails, zero, tie), (), *node[3:]))

    return rebuild(graph, replace, changed=plans)


def halved_at_ties(graph: Graph) -> dict[tuple[int, int, int], int]:
    """By `t, a, b`, the line where(a == b, t/2, t)."""
    found = {}
    for at, node in enumerate(graph.nodes):
        if node.op == where.name:
            tie, half, t = node.args
            factors = graph[half].args if graph[half].op == multiply.name else ()
            is_half = t in factors and any(_is_half(graph[factor]) for factor in factors)
            if graph[tie].op == equal.name and is_half:
                a, b = graph[tie].args
                found[t, a, b] = at
    return found


def _is_half(node: Node) -> bool:
    return node.op == CONSTANT and constant_value(node) == 0.5
