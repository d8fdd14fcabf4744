"""Bound on a call: a loop that a test ends may go on for ever at a point."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any  # a function takes and gives what it does

from symdiff.errors import LimitError

MOST_LINES = 200_000  # of Python, that run in a call: about a tenth of a second


def bounded(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function that is stopped where it runs too many lines.

    Lines are counted by Python's own means for debuggers, so that the code is the one that users
    have. They take several times as long meanwhile.

    Raises:
        LimitError: from the call, where it runs more than `MOST_LINES` lines.
    """

    def call(*args: Any) -> Any:
        left = MOST_LINES

        def count(_: FrameType, event: str, __: object) -> Any:
            nonlocal left
            left -= event == "line"
            if left < 0:
                raise LimitError(
                    f"a loop goes on after {MOST_LINES:,} lines at this point",
                    suggestion="take points where it ends soon",
                )
            return count

        before = sys.gettrace()
        sys.settrace(count)
        try:
            return function(*args)
        finally:
            sys.settrace(before)

    return call
