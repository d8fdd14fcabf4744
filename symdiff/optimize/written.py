"""Values as they were written, in the place of twins that have been differentiated."""

from __future__ import annotations

from itertools import chain

from symdiff.derive.exponential_twins import GUARDED, unguarded
from symdiff.graph.graph import Graph
from symdiff.graph.node import Node
from symdiff.ops.twins import as_written, exponential_quotient
from symdiff.optimize.rebuild import Rebuilder, rebuild

_GIVEN = frozenset((as_written.name, exponential_quotient.name))


def share_written(graph: Graph) -> Graph:
    """Let derivatives read lines of the value that have the values of their twins.

    A guard where a function is flat, behind which its derivative is 0, is none of the value's.
    """
    found = [positions for op, positions in graph.by_op.items() if op in _GIVEN | GUARDED]
    return rebuild(graph, _written, changed=sorted(chain.from_iterable(found))) if found else graph


def _written(rebuilder: Rebuilder, node: Node, _: int) -> int | None:
    """The value that stands for a line."""
    if node.op in _GIVEN:
        return node.args[-1]
    builder = rebuilder.builder
    bare = unguarded(builder, node)
    return None if bare is None else builder.append(node._replace(args=(bare,)))
