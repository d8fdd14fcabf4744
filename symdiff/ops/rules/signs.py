"""Signs of lines, as far as their operations say them."""

from __future__ import annotations

import math

from symdiff.graph.node import FLOAT, INPUT, is_exact_integer
from symdiff.ops.handle import Maker
from symdiff.ops.operation import KEPT, NON_NEGATIVE, UNSIGNED
from symdiff.ops.registry import OPERATIONS

_SEARCH = 16
_WHOLE = ("length", "broadcast")  # of whole numbers: a product of them may wrap around


def is_never_negative(b: Maker, position: int) -> bool:
    """Whether a line is >= 0 or NaN for every input. Looks at a few lines only."""
    pending = [(position, False)]
    for _ in range(_SEARCH):
        needed = _signs_needed(b, *pending.pop())
        if needed is None:
            return False
        pending.extend(needed)
        if not pending:
            return True
    return False


def _signs_needed(b: Maker, position: int, unsigned: bool) -> list[tuple[int, bool]] | None:  # noqa: FBT001  one of two claims
    """The lines that must not be negative for this one not to be; `None` where that is open.

    Args:
        b: holds the lines.
        position: a line.
        unsigned: whether it may not be -0.0 either: 1/-0.0 is -inf.
    """
    node = b.nodes[position]
    number = b.constants.get(position)
    if number is not None:
        return None if number < 0.0 or (unsigned and math.copysign(1.0, number) < 0.0) else []
    if node.op == INPUT or (node.dtype != FLOAT and node.op not in _WHOLE):
        return None
    if node.op == "power":
        exponent = b.constants.get(node.args[1])
        is_even = exponent is not None and is_exact_integer(exponent) and not exponent % 2.0
        return [] if is_even else None
    if node.op == "multiply" and node.args[0] == node.args[1]:
        return []
    if node.op == "divide":
        return [(node.args[0], unsigned), (node.args[1], True)]
    record = OPERATIONS[node.op]
    if record.sign == UNSIGNED or (record.sign == NON_NEGATIVE and not unsigned):
        return []
    if record.sign in (NON_NEGATIVE, KEPT):
        return [(line, unsigned) for line in record.signed(node.args)]
    return None


def is_positive(b: Maker, position: int) -> bool:
    """Whether a line is above 0 or NaN for every input: it has a number added that is."""
    return lower_bound(b, position) > 0.0


def lower_bound(b: Maker, position: int) -> float:
    """A number that no element of a line is below, for every input; 0 where none is known."""
    roots = 0
    for _ in range(_SEARCH):
        number, node = b.constants.get(position), b.nodes[position]
        if number is not None:
            return float(number) ** 0.5**roots if number > 0.0 else 0.0
        if node.op in ("sqrt", "broadcast", "reshape") and node.dtype == FLOAT:
            roots += node.op == "sqrt"
            position = node.args[0]
        elif node.op == "hypot":  # no shorter than a side: a number, or what may be one again
            sides = [abs(b.constants[at]) for at in node.args if at in b.constants]
            if sides:
                return float(max(sides) ** 0.5**roots)
            position = next((at for at in node.args if b.nodes[at].op == "hypot"), node.args[0])
        elif node.op == "add" and node.dtype == FLOAT:
            first, second = node.args
            if first in b.constants or not is_never_negative(b, first):
                first, second = second, first
            if not is_never_negative(b, first):
                return 0.0
            position = second
        else:
            return 0.0
    return 0.0
