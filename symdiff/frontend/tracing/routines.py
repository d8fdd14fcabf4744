"""Routines of SciPy and NumPy that call the user's functions, or make objects: the table of them.

Each stands here under its library's name, and takes the trace, the library's own routine, and the
arguments. What it does is traced as the user's code is; it is no line of the catalogue.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from symdiff.frontend.tracing.captured import Captured
from symdiff.frontend.tracing.recorder import Recorder
from symdiff.frontend.tracing.values import flat

Written = TypeVar("Written", bound=Callable[..., Any])

ROUTINES: dict[str, Callable[..., Any]] = {}


def routine(*names: str) -> Callable[[Written], Written]:
    """Enter what is run in the place of routines of a library, under their names."""

    def add(function: Written) -> Written:
        for name in names:
            ROUTINES[name] = function
        return function

    return add


def is_plain(trace: Recorder, f: Any, given: Any) -> bool:
    """Whether all is known that a routine is given, and that its function and helpers read."""
    if any(map(trace.is_symbolic, flat(given))):
        return False
    return f is None or not Captured(f).holding(trace.is_symbolic)
