"""Sums that the value has computed one element after the other: a derivative reads those."""

from __future__ import annotations

from symdiff.graph.graph import Graph
from symdiff.graph.node import Node
from symdiff.ops.along_axis import sum_in_order
from symdiff.ops.reduction import sum_
from symdiff.optimize.rebuild import Rebuilder, rebuild


def reuse_ordered_sums(graph: Graph) -> Graph:
    """Compute no sum twice, once in order and once in any."""
    known = {graph[at].args: graph[at].shape for at in graph.by_op.get(sum_in_order.name, ())}
    changed = [
        at
        for at in graph.by_op.get(sum_.name, ())
        if known
        and known.get(graph[at].args) == graph[at].shape
        and graph[at].params == ((len(graph[at].shape),), False)
    ]

    def replace(rebuilder: Rebuilder, node: Node, _position: int) -> int:
        return rebuilder.builder.make(sum_in_order.name, node.args)

    return rebuild(graph, replace, changed=changed) if changed else graph
