"""Reductions of items of unknown number, by builtins, and lists of them."""

from __future__ import annotations

import builtins
from collections.abc import Callable
from types import BuiltinFunctionType
from typing import Any

from symdiff.frontend.staging.effects import fresh
from symdiff.frontend.staging.sources import Making, made_of, source_of
from symdiff.frontend.tracing.routines import ROUTINES

# in the table of routines: what follows is a builtin's name
BUILTIN_OF_ITEMS = "items."


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
    """`[made for item in items]` for a function: some builtins go through items one by one."""
    source = source_of(items)
    if source is not None and source.is_open and _program_for(function):
        return made_of(items, made)
    return list_of(items, made)


def list_of(items: Any, made: Making) -> Any:
    """`[made for item in items]`."""
    source = source_of(items)
    if source is None or not source.is_open:
        return fresh(made(items))
    return ROUTINES[f"{BUILTIN_OF_ITEMS}list"](source, made_of(items, made))


def _program_for(function: Any) -> Callable[..., Any] | None:
    if type(function) is not BuiltinFunctionType and function is not list:
        return None
    name = function.__name__
    is_builtin = getattr(builtins, name, None) is function
    return ROUTINES.get(f"{BUILTIN_OF_ITEMS}{name}") if is_builtin else None
