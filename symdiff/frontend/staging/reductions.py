"""Reductions of items of unknown number, by builtins, and lists of them that NumPy is given."""

from __future__ import annotations

import builtins
from collections.abc import Callable
from types import BuiltinFunctionType
from typing import Any

from symdiff.frontend.staging.effects import fresh
from symdiff.frontend.staging.sources import Making, Mapped, made_of, source_of
from symdiff.frontend.tracing.contents import module_of
from symdiff.frontend.tracing.routines import ROUTINES

# in the table of routines: what follows is a builtin's name; and an array of items
BUILTIN_OF_ITEMS, ARRAY_OF_ITEMS = "items.", "items"


def over_unknown_lengths(function: Any, usual: Any) -> Any:
    """What is called: a builtin goes through items of unknown number by a program.

    Args:
        function: what the user calls.
        usual: what stands for it elsewhere.
    """
    program = _program_for(function)
    if program is None:
        return usual

    def call(*args: Any, **options: Any) -> Any:
        source = source_of(args[0]) if args else None
        if source is None or not source.is_open or "default" in options:
            return usual(*args, **options)
        return program(source, *args, **options)

    return call


def list_for(function: Any, items: Any, made: Making) -> Any:
    """`[made for item in items]` for a function: NumPy gets an array of unknown length."""
    found = made_of(items, made)
    if type(found) is Mapped and _program_for(function):
        return found
    if type(found) is Mapped and module_of(function).partition(".")[0] == "numpy":
        array = ROUTINES[ARRAY_OF_ITEMS](found)
        if array is not None:
            return array
    return fresh([*found])


def _program_for(function: Any) -> Callable[..., Any] | None:
    if type(function) is not BuiltinFunctionType:
        return None
    name = function.__name__
    is_builtin = getattr(builtins, name, None) is function
    return ROUTINES.get(f"{BUILTIN_OF_ITEMS}{name}") if is_builtin else None
