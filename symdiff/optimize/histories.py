"""Histories that are the same but for a step: what a loop carries, before a step and after it."""

from __future__ import annotations

from symdiff.graph.graph import Graph
from symdiff.graph.node import Node
from symdiff.ops.handle import Handle
from symdiff.ops.indexing import sliced
from symdiff.ops.joining import concatenated
from symdiff.ops.loops import Layout, part, parts_of, scan
from symdiff.ops.reduction import with_axes
from symdiff.optimize.rebuild import Rebuilder, rebuild


def share_histories(graph: Graph) -> Graph:
    """Keep what a loop carries once where it is needed before each step and after it.

    What is there before a step is what the loop starts with, and then what was there after the
    step before.
    """
    if scan.name not in graph.by_op:
        return graph
    parts = parts_of(graph.nodes)
    after: dict[int, tuple[int, int]] = {}  # by position, what is carried, the part that is later
    for position, node in enumerate(graph.nodes):
        found = _shifted(graph, node, parts)
        if found is not None:
            after[position] = found
    if not after:
        return graph

    def replace(rebuilder: Rebuilder, node: Node, position: int) -> int | None:
        if position not in after:
            return None
        builder = rebuilder.builder
        whole = Handle(builder, node.args[0])
        layout = Layout.of(whole.params)
        carry, which = after[position]
        start = Handle(builder, builder.nodes[whole.at].args[layout.first_carry + carry])
        first, later = with_axes(start, 0, 1), part(whole, which)
        left = layout.length - 1
        if layout.direction > 0:
            return concatenated([first, sliced(later, 0, 0, left)], 0).at
        return concatenated([sliced(later, 0, 1, left), first], 0).at

    return rebuild(graph, replace)


def _shifted(graph: Graph, node: Node, parts: dict[int, list[int]]) -> tuple[int, int] | None:
    """Of a history of what is carried before each step, its number and that of the one after."""
    loop = node.args[0] if len(node.args) == 1 else -1
    if loop not in parts:
        return None
    layout = Layout.of(graph[loop].params)
    if layout.test is not None:  # appended to lists, of which one row costs nothing
        return None
    carry = _carry(layout, node.params[0])
    if carry is None or (isinstance(layout.length, int) and layout.length < 1):
        return None
    which = layout.history(layout.graph.outputs[carry])
    return (carry, which) if which in parts[loop] and which != node.params[0] else None


def _carry(layout: Layout, which: int) -> int | None:
    """The number of the carried value whose history before each step a part is."""
    if which < layout.carries:
        return None
    line = layout.line(which)
    carried = layout.graph.inputs[layout.first_carry : layout.first_slice]
    return carried.index(line) if line is not None and line in carried else None
