"""Writes into what a loop carries that nothing reads any more: the liveness of elements.

The cotangent of an element that a step overwrites is set to zero on the way back, so that the steps
before it do not read it again. Where none does, and nothing asks for the array behind the loop,
the element is dead and need not be written. That places differ is shown from inequalities.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from symdiff.derive.ends import Region, Scope, regions_read, writes_into
from symdiff.graph.graph import Graph
from symdiff.graph.inequalities import is_impossible
from symdiff.graph.nested import Nested, pruned
from symdiff.graph.shape import named
from symdiff.ops.indexing import put, put_add
from symdiff.ops.loops import Layout, parts_of, scan

_READING, _WRITING = "_r", "_w"  # the names of a step that reads, and of one that writes


def drop_dead_writes(graph: Graph) -> Graph:
    """Leave out what steps write into carried arrays where no later line or step reads it."""
    if scan.name not in graph.by_op:
        return graph
    parts, nodes = parts_of(graph.nodes), list(graph.nodes)
    for position in graph.by_op[scan.name]:
        layout = Layout.of(nodes[position].params)
        if layout.test is not None or put.name not in layout.graph.by_op:
            continue
        around = Scope.around(graph.nodes)
        reading, writing = (around.inside(position, name) for name in (_READING, _WRITING))
        dead: dict[int, int] = {}
        for carry in set(range(layout.carries)).difference(parts[position]):
            dead |= _dead(reading, writing, layout, carry)
        if dead:
            body = Nested(_without(layout.graph, dead))
            nodes[position] = nodes[position]._replace(params=(body, *nodes[position].params[1:]))
    return replace(graph, nodes=nodes) if nodes != graph.nodes else graph


def _dead(reading: Scope, writing: Scope, layout: Layout, carry: int) -> dict[int, int]:
    """The dead writes into a carried array, each with the array before it."""
    written, graph = writes_into(writing, layout, carry), layout.graph
    others = (*graph.outputs[:carry], *graph.outputs[carry + 1 :])
    if written is None or not written.versions.keys().isdisjoint(others):
        return {}  # what else goes to the next step, or behind the loop, may be read there
    reads: list[tuple[int, Region]] = []  # each with the number of writes before it
    for position, node in enumerate(graph.nodes):
        for number, argument in enumerate(node.args):
            is_write = number == 0 and node.op in (put.name, put_add.name)
            if argument not in written.versions or (is_write and position in written.versions):
                continue
            regions = regions_read(reading, position, number)
            if regions is None:
                return {}
            reads += [(written.versions[argument], region) for region in regions]
    regions_written = dict(written.regions)
    return {
        line: graph[line].args[0]
        for line, order in written.versions.items()
        if graph[line].op == put.name
        and all(_is_apart(layout, order, regions_written[order], *read) for read in reads)
    }


def _is_apart(layout: Layout, order: int, write: Region, before: int, read: Region) -> bool:
    """Whether a read of the same step or of a later one never meets what a write has written.

    Args:
        layout: of the loop.
        order: the number of the write in its step.
        write: where it goes.
        before: how many writes of its step stand before the read.
        read: what it reads.
    """
    later = (named(_READING) - named(_WRITING)) * layout.direction
    pairs = zip(read.axes, write.axes, strict=True)
    meets = [n for (a, b), (c, d) in pairs for n in (b - c, d - a)]
    both = [*read.given, *write.given, *meets]
    is_apart = is_impossible([*both, later - 1])
    if is_apart and before >= order:
        is_apart = is_impossible([*both, later, later * -1])
    return is_apart


def _without(graph: Graph, dead: Mapping[int, int]) -> Graph:
    """The body with the arrays before writes in the place of those behind them."""

    def moved(at: int) -> int:
        while at in dead:
            at = dead[at]
        return at

    nodes = [node._replace(args=tuple(map(moved, node.args))) for node in graph.nodes]
    return pruned(replace(graph, nodes=nodes, outputs=tuple(map(moved, graph.outputs))))
