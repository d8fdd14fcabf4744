"""Functions with a rule of their own become their lines, once derivation is over."""

from __future__ import annotations

from symdiff.derive.inline import inlined
from symdiff.graph.graph import Graph
from symdiff.graph.node import CONSTANT, INPUT, Node
from symdiff.ops.handle import Handle
from symdiff.ops.operation import Own
from symdiff.ops.registry import OPERATIONS
from symdiff.optimize.rebuild import Rebuilder, rebuild


def inline_own(graph: Graph) -> Graph:
    """The graph with the lines of each function with a rule of its own in its place."""
    if not any([is_own(node) for node in graph.nodes]):
        return graph
    return rebuild(graph, _inlined)


def is_own(node: Node) -> bool:
    """Whether a line is a function with a rule of its own."""
    is_operation = node.op not in (INPUT, CONSTANT)
    return is_operation and isinstance(OPERATIONS[node.op].derivative, Own)


def _inlined(rebuilder: Rebuilder, node: Node, _position: int) -> int | None:
    if not is_own(node):
        return None
    params = dict(zip(OPERATIONS[node.op].params, node.params, strict=True))
    builder = rebuilder.builder
    given = [Handle(builder, argument) for argument in node.args]
    (output,) = inlined(inline_own(params["primal"].graph), builder, given)
    return output.at
