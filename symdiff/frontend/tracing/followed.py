"""Functions of SciPy's that call the user's functions, or make objects: they are followed as code.

Each stands here under SciPy's name, and takes the trace, SciPy's own function, and the arguments.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

Written = TypeVar("Written", bound=Callable[..., Any])

FOLLOWED: dict[str, Callable[..., Any]] = {}


def follow(*names: str) -> Callable[[Written], Written]:
    """Enter what is run in the place of functions of SciPy's, under their names."""

    def add(function: Written) -> Written:
        for name in names:
            FOLLOWED[name] = function
        return function

    return add
