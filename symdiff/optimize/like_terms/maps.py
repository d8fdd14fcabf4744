"""Loops whose steps need nothing of one another: work on arrays, each step an element of it."""

from __future__ import annotations

from collections.abc import Callable

from symdiff.derive.batch import with_leading_axis
from symdiff.derive.inline import inlined
from symdiff.graph.graph import Graph
from symdiff.graph.nested import with_nested
from symdiff.graph.node import CONSTANT, INPUT, Node
from symdiff.ops.control import where
from symdiff.ops.handle import Handle
from symdiff.ops.indexing import index
from symdiff.ops.loops import Layout, scan
from symdiff.ops.registry import OPERATIONS
from symdiff.optimize.rebuild import Rebuilder, rebuild


def loops_as_arrays(graph: Graph) -> Graph:
    """Compute at once what the steps of such loops compute one by one; itself where there are none.

    A loop with a branch, a check or another loop in it stays one: arrays would take both ways, and
    a way that is not taken may hand on what is no number.
    """
    return _with_maps_as_arrays(graph, _is_map)


def backward_loops_as_arrays(graph: Graph) -> Graph:
    """Do so with loops that go backward, of derivatives: a program's own have had their turn."""
    return _with_maps_as_arrays(graph, lambda layout: layout.direction < 0 and _is_map(layout))


def _with_maps_as_arrays(graph: Graph, is_map: Callable[[Layout], bool]) -> Graph:
    if scan.name not in graph.by_op:
        return graph
    graph = with_nested(graph, lambda inner: _with_maps_as_arrays(inner, is_map))
    loops = graph.by_op[scan.name]
    maps = {at for at in loops if is_map(Layout.of(graph[at].params))}
    results = {
        at for at, node in enumerate(graph.nodes) if maps and node.args and node.args[0] in maps
    }

    def replace(rebuilder: Rebuilder, node: Node, _position: int) -> int | None:
        builder = rebuilder.builder
        whole = builder.nodes[node.args[0]]
        layout = Layout.of(whole.params)
        slices = layout.graph.inputs[layout.first_slice :]
        rows = with_leading_axis(layout.graph, slices, layout.length)
        given = [Handle(builder, at) for at in whole.args]
        which: int = node.params[0]
        return inlined(rows, builder, given)[which].at

    return rebuild(graph, replace, changed=results) if results else graph


def _is_map(layout: Layout) -> bool:
    """Whether nothing goes from step to step, and each line of a step is that of an element."""
    return (
        not layout.carries and layout.test is None and all(map(_is_of_element, layout.graph.nodes))
    )


def _is_of_element(node: Node) -> bool:
    """Whether a line stands for an element of an array, or for the same number in each step."""
    if node.op in (INPUT, CONSTANT, index.name):
        return True
    is_branch = node.op == where.name
    return (OPERATIONS[node.op].is_elementwise and not is_branch) or not node.args
