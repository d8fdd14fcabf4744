"""Values as they were written, in the place of twins that have been differentiated."""

from __future__ import annotations

from itertools import chain

from symdiff.derive.exponential_twins import GUARDED, unguarded
from symdiff.graph.graph import Graph
from symdiff.graph.node import Node
from symdiff.ops.control import where
from symdiff.ops.twins import as_written, exponential_quotient
from symdiff.optimize.rebuild import Rebuilder, rebuild

_GIVEN = frozenset((as_written.name, exponential_quotient.name))


def share_written(graph: Graph) -> Graph:
    """Let derivatives read lines of the value that have the values of their twins.

    A guard where a function is flat, behind which its derivative is 0, is none of the value's.
    """
    nodes, by_op = graph.nodes, graph.by_op
    given = [*chain.from_iterable([by_op.get(op, ()) for op in _GIVEN])]
    flat = [*chain.from_iterable([by_op.get(op, ()) for op in GUARDED])]
    if not given:  # which may have guards behind them
        flat = [at for at in flat if nodes[nodes[at].args[0]].op == where.name]
    found = sorted([*given, *flat])
    return rebuild(graph, _written, changed=found) if found else graph


def _written(rebuilder: Rebuilder, node: Node, _: int) -> int | None:
    """The value that stands for a line."""
    if node.op in _GIVEN:
        return node.args[-1]
    builder = rebuilder.builder
    bare = unguarded(builder, node)
    return None if bare is None else builder.append(node._replace(args=(bare,)))
