"""What maximum and minimum hand on, where the parts that it is chosen from are there already."""

from __future__ import annotations

from symdiff.graph.graph import Graph
from symdiff.graph.node import CONSTANT, Node, constant_value
from symdiff.ops.arithmetic import multiply
from symdiff.ops.control import equal, larger_share, less, where
from symdiff.optimize.rebuild import Rebuilder, rebuild


def split_shares(graph: Graph) -> Graph:
    """One choice in the place of a share: both are quicker made of what other lines need too."""
    if larger_share.name not in graph.by_op:
        return graph
    compared = {node.args: at for at, node in enumerate(graph.nodes) if node.op == less.name}
    halved = _halved(graph)
    plans = {}
    for position, node in enumerate(graph.nodes):
        if node.op == larger_share.name:
            t, a, b = node.args
            fails, tie = compared.get((a, b)), halved.get((t, a, b), halved.get((t, b, a)))
            if fails is not None and tie is not None and max(fails, tie) < position:
                plans[position] = fails, tie
    if not plans:
        return graph

    def replace(rebuilder: Rebuilder, node: Node, position: int) -> int | None:
        fails, tie = (rebuilder.moved[at] for at in plans[position])
        zero = rebuilder.builder.full(0.0, node.shape)
        # not made anew: the identities would make a share of it
        return rebuilder.builder.append(Node(where.name, (fails, zero, tie), (), *node[3:]))

    return rebuild(graph, replace, changed=plans)


def _halved(graph: Graph) -> dict[tuple[int, int, int], int]:
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
