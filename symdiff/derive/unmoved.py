"""Lines that do not move with what they are made of, and so have no derivative.

Beside the shifts that cancel these are lines that are infinite whatever the inputs are, as
`(inf - mean)/deviation` is, the end of a range that has none. The formula of a quotient would say
that it moves by an infinite amount, and a density there, which is zero, times that is no number.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from symdiff.derive.shifts import cancelled
from symdiff.graph.node import CONTINUOUS
from symdiff.ops.builder import Builder

# operations that give infinity for it in one of so many of their first arguments
_INFINITE = {
    **dict.fromkeys(("add", "subtract", "multiply"), 2),
    **dict.fromkeys(("divide", "negate", "absolute", "sqrt"), 1),
    **dict.fromkeys(("broadcast", "reshape", "transpose", "index"), 1),
}


def unmoved(builder: Builder, targets: Iterable[int]) -> set[int]:
    """The positions of lines that do not move.

    Args:
        builder: holds the lines.
        targets: positions of the lines that are differentiated.
    """
    wanted = list(targets)
    return cancelled(builder.nodes, wanted) | infinite(builder, max(wanted, default=-1) + 1)


def infinite(builder: Builder, end: int) -> set[int]:
    """The positions of lines in front of an end that are infinite whatever the inputs are."""
    found = {at for at, value in builder.constants.items() if math.isinf(value) and at < end}
    for position in range(min(found, default=end), end):
        node = builder.nodes[position]
        given = node.args[: _INFINITE.get(node.op, 0)]
        if node.dtype in CONTINUOUS and any(argument in found for argument in given):
            found.add(position)
    return found
