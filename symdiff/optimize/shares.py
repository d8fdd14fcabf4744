"""What maximum and minimum hand on, as choices where that is as quick.

It is where the parts that it is chosen from are there already, and in arrays of few elements.
"""

from __future__ import annotations

from symdiff.graph.graph import Graph
from symdiff.graph.node import CONSTANT, Node, constant_value
from symdiff.graph.shape import size
from symdiff.ops.arithmetic import multiply
from symdiff.ops.control import equal, larger_share, less, where
from symdiff.optimize.rebuild import Rebuilder, rebuild

_FEW = 2048  # elements: the processor guesses more choices wrong


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
