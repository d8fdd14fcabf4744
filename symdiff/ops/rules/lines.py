"""Questions that several tables ask of a line."""

from __future__ import annotations

from symdiff.graph.node import CONSTANT, CONTINUOUS
from symdiff.graph.shape import SCALAR, Shape
from symdiff.ops.creation import TRUTHS, mask_array
from symdiff.ops.handle import Maker

KNOWN_TRUTHS = (mask_array.name, "broadcast")  # of which `truth_of` may know something


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


def truth_of(b: Maker, position: int) -> bool | None:
    """Whether a condition that is known holds, everywhere; `None` for one that is computed."""
    node = b.nodes[position]
    if node.op == "broadcast":
        node = b.nodes[node.args[0]]
    if node.op != mask_array.name:
        return None
    return next((is_true for is_true, params in TRUTHS.items() if node.params == params), None)


def opposite_of(b: Maker, condition: int) -> int | None:
    """What a condition, repeated or not, says the opposite of; `None` where it says no `not`."""
    op, args, params, _, _ = b.nodes[condition]
    if op == "logical_not":
        return args[0]
    if op == "broadcast" and b.nodes[args[0]].op == "logical_not":
        return b.make(op, b.nodes[args[0]].args, params)
    return None


def truth(b: Maker, *, is_true: bool) -> int:
    """The position of a condition that is known."""
    return b.make(mask_array.name, (), TRUTHS[is_true])
