"""Functions with a rule of their own become their lines, once derivation is over."""

from __future__ import annotations

from symdiff.derive.even import written_out
from symdiff.derive.forward import push_forward
from symdiff.derive.inline import inlined
from symdiff.graph.graph import Graph
from symdiff.graph.nested import found_length
from symdiff.graph.node import CONSTANT, INPUT, Node
from symdiff.ops.handle import Handle
from symdiff.ops.operation import Even, Own
from symdiff.ops.registry import OPERATIONS
from symdiff.optimize.rebuild import Rebuilder, rebuild


def inline_own(graph: Graph) -> Graph:
    """Put the lines of a function that has a rule of its own in the place of its call."""
    own = {at for op, lines in graph.by_op.items() if is_own(op) for at in lines}
    return rebuild(graph, _inlined, changed=own) if own else graph


def is_own(op: str) -> bool:
    """Whether a line stands for others, and its own rule is for derivation alone."""
    if op in (INPUT, CONSTANT):
        return False
    record = OPERATIONS[op]
    is_of_arrays = not record.is_elementwise and record.expand is not None
    return isinstance(record.derivative, Own | Even) or is_of_arrays


def _inlined(rebuilder: Rebuilder, node: Node, _position: int) -> int:
    builder, record = rebuilder.builder, OPERATIONS[node.op]
    given = [Handle(builder, argument) for argument in node.args]
    if isinstance(record.derivative, Even):
        return written_out(builder, given, node.params, push_forward).at
    if record.expand is not None:
        return record.expand(*given, *node.params).at
    params = dict(zip(record.params, node.params, strict=True))
    to_come = [found_length(line) for line in rebuilder.graph.nodes]
    (output,) = inlined(inline_own(params["primal"].graph), builder, given, to_come)
    return output.at
