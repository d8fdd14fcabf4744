"""Bits of whole numbers that a known number picks, by arithmetic: `n & 7` is `n % 8`.

Python's ints have as many bits as they need, also those below zero, and those of int64 are the
lowest of them: so has the floor.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

Call = Callable[..., Any]  # of a function of NumPy's, by its name


def by_arithmetic(call: Call, name: str, value: Any, mask: int) -> tuple[str, list[Any]]:
    """The last call that makes `value & mask`, `value | mask` or `value ^ mask`.

    Args:
        call: computes a function of NumPy's.
        name: of the function: `bitwise_and`, `bitwise_or` or `bitwise_xor`.
        value: a whole number, or an array of them.
        mask: the other one, which is not negative.
    """
    common = _masked(call, value, mask)
    if name == "bitwise_and":
        return "add", [common, 0]
    twice = common if name == "bitwise_or" else call("multiply", 2, common)
    return "subtract", [call("add", value, mask), twice]


def _masked(call: Call, value: Any, mask: int) -> Any:
    """The bits of an int that a mask has: those of each row of ones below its upper end."""
    rows: list[Any] = []
    start = 0
    while mask >> start:
        start += (mask >> start & -(mask >> start)).bit_length() - 1
        end = start
        while mask >> end & 1:
            end += 1
        row = call("remainder", value, 1 << end)
        if start:
            row = call("subtract", row, call("remainder", value, 1 << start))
        rows.append(row)
        start = end
    return functools.reduce(functools.partial(call, "add"), rows, call("multiply", value, 0))
