"""Routines of SciPy and NumPy that call the user's functions, or make objects: the table of them.

Each stands here under its library's name, and takes the trace, the library's own routine, and the
arguments. What it does is traced as the user's code is; it is no line of the catalogue.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

Written = TypeVar("Written", bound=Callable[..., Any])

ROUTINES: dict[str, Callable[..., Any]] = {}


def routine(*names: str) -> Callable[[Written], Written]:
    """Enter what is run in the place of routines of a library, under their names."""

    def add(function: Written) -> Written:
        for name in names:
            ROUTINES[name] = function
        return function

    return add
