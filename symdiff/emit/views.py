"""What NumPy repeats by itself, and whose memory a line has."""

from __future__ import annotations

from symdiff.emit.spell.numpy import NUMPY
from symdiff.graph.graph import Graph
from symdiff.graph.node import CONSTANT, INPUT, Node
from symdiff.graph.shape import broadcast as common_shape
from symdiff.ops.registry import OPERATIONS


def bare_lines(graph: Graph) -> list[int]:
    """By position, the line itself, or what it repeats where every use of it broadcasts by itself.

    Elementwise operations of NumPy broadcast, so `broadcast` need not be written before them.
    """
    nodes = graph.nodes
    bare = list(range(len(nodes)))
    for position, node in enumerate(nodes):
        if node.op == "broadcast":
            bare[position] = node.args[0]
    for output in graph.outputs:
        bare[output] = output
    for node in nodes:
        repeats = [argument for argument in node.args if bare[argument] != argument]
        if not repeats:
            continue
        if node.op != CONSTANT and OPERATIONS[node.op].is_elementwise:
            written = _is_written(node)
            shapes = [() if nodes[at].op == CONSTANT else nodes[bare[at]].shape for at in node.args]
            if not written and common_shape(*shapes) == node.shape:
                continue
        for argument in repeats:
            bare[argument] = argument
    return bare


def _is_written(node: Node) -> bool:
    spelling = NUMPY.find(node.op)
    return spelling is not None and spelling.write is not None


def is_fresh(graph: Graph, position: int) -> bool:
    """Whether the line's memory is its own: neither an input's nor a part of another line's."""
    node = graph.nodes[position]
    if node.op == INPUT or not node.args:
        return False
    record = OPERATIONS[node.op]
    return record.is_own and not record.is_view
