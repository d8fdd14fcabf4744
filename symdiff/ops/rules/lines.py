"""Questions that several tables ask of a line."""

from __future__ import annotations

from symdiff.graph.node import CONSTANT, CONTINUOUS
from symdiff.graph.shape import SCALAR, Shape
from symdiff.ops.handle import Maker


def is_on_floats(b: Maker, position: int, op: str) -> bool:
    """Whether a line is this operation on floats or complex numbers.

    One on integers wraps around: it stays whole.
    """
    node = b.nodes[position]
    return node.op == op and node.dtype in CONTINUOUS


def repeated(b: Maker, position: int) -> tuple[int, Shape] | None:
    """What a line repeats, and its shape; `None` where it repeats nothing."""
    node = b.nodes[position]
    if node.op == CONSTANT:
        return position, SCALAR
    if node.op == "broadcast":
        return node.args[0], b.nodes[node.args[0]].shape
    return None
