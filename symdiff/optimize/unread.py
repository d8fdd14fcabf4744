"""Arguments of loops that no step reads any more, and what was computed or kept for them."""

from __future__ import annotations

from dataclasses import replace

from symdiff.derive.loop_results import settle_results
from symdiff.graph.graph import Graph
from symdiff.graph.nested import Nested, needed_by, pruned
from symdiff.graph.node import Node
from symdiff.ops.loops import Layout, scan


def drop_unread(graph: Graph) -> Graph:
    """Loops without the constants and slices that their steps, as they are now, do not read.

    The history of another loop goes with a slice that was the only one to read it. No result may
    be a history of a line of a body, as lines move.
    """
    if scan.name not in graph.by_op:
        return graph
    nodes = list(graph.nodes)
    for position in graph.by_op[scan.name]:
        nodes[position] = _reading(nodes[position])
    if nodes == graph.nodes:
        return graph
    return settle_results(pruned(replace(graph, nodes=nodes)))


def _reading(node: Node) -> Node:
    """A loop that is given what it reads, and what it carries."""
    layout = Layout.of(node.params)
    read = _read(layout.graph)
    if layout.test is not None:
        read = [one or other for one, other in zip(read, _read(layout.test), strict=True)]
    kept = [number for number, is_read in enumerate(read) if is_read or layout.is_carry(number)]
    if len(kept) == len(read):
        return node
    body, length, _, carries, direction, test = node.params
    constants = sum(number < layout.constants for number in kept)
    given = _given(body, kept), length, constants, carries, direction, test and _given(test, kept)
    return node._replace(args=tuple([node.args[number] for number in kept]), params=given)


def _read(graph: Graph) -> list[bool]:
    """Whether each input is read."""
    needed = needed_by(graph, graph.outputs)
    return [bool(needed[at]) for at in graph.inputs]


def _given(nested: Nested, kept: list[int]) -> Nested:
    """A body, or a test, that takes these of the inputs."""
    graph = nested.graph
    return Nested(pruned(replace(graph, inputs=tuple([graph.inputs[n] for n in kept]))))
