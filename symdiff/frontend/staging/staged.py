"""Staged functions: rewritten ones in the place of the user's, made once for each code."""

from __future__ import annotations

import inspect
import weakref
from types import CodeType, FunctionType, ModuleType
from typing import Any

from symdiff.frontend.staging.iterators import of_generators
from symdiff.frontend.staging.rewrite import rewritten
from symdiff.frontend.staging.source import codes_in, compiled, definition_of, with_code
from symdiff.frontend.tracing.places import (
    RECORDER,
    is_of_library,
    is_of_standard_library,
    is_users,
)

_SUSPENDED = inspect.CO_GENERATOR | inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR
Key = tuple[CodeType, str]  # equal code may stand in two files
_CODES: dict[Key, CodeType | None] = {}
_MADE: set[Key] = set()
_FUNCTIONS: weakref.WeakKeyDictionary[FunctionType, tuple[CodeType, FunctionType]] = (
    weakref.WeakKeyDictionary()
)


def staged_by(recorder: ModuleType, function: Any) -> Any:
    """The function with its decisions handed to the recorder.

    Itself where it is none of Python's, is one of ours, NumPy's or Python's own, has no source, or
    cannot be rewritten.
    """
    if type(function) is not FunctionType:
        return function
    code = function.__code__
    if code.co_flags & inspect.CO_GENERATOR:
        return of_generators(function)
    known = _FUNCTIONS.get(function)
    if known is not None and known[0] is code:
        return _as_now(function, known[1])
    made = _staged_code(code)
    if made is None:
        return function
    found = with_code(function, made, {RECORDER: recorder})
    _FUNCTIONS[function] = code, found
    return found


def _as_now(function: FunctionType, made: FunctionType) -> FunctionType:
    """With the defaults and attributes that the function has by now."""
    made.__defaults__, made.__kwdefaults__ = function.__defaults__, function.__kwdefaults__
    made.__dict__ = function.__dict__
    return made


def _staged_code(code: CodeType) -> CodeType | None:
    key = code, code.co_filename
    if key in _MADE:
        return None
    if key not in _CODES:
        _CODES[key] = made = _rewritten(code)
        if made is not None:
            _MADE.update((part, part.co_filename) for part in codes_in(made))
    return _CODES[key]


def _rewritten(code: CodeType) -> CodeType | None:
    filename = code.co_filename
    if is_of_standard_library(filename) or not (is_users(filename) or is_of_library(filename)):
        return None
    if code.co_flags & _SUSPENDED:  # a generator or a coroutine
        return None
    definition = definition_of(code)
    tree = None if definition is None else rewritten(definition)
    if tree is None:
        return None
    try:
        made = compiled(tree, code, RECORDER)
    except (SyntaxError, RecursionError):
        return None
    return _renamed(made, code.co_name)


def _renamed(code: CodeType, name: str) -> CodeType:
    """With the parts of a function under its own name, as tracebacks show it."""
    consts = tuple(
        _renamed(part, name if part.co_name.startswith("_symdiff_") else part.co_name)
        if isinstance(part, CodeType)
        else part
        for part in code.co_consts
    )
    return code.replace(co_consts=consts, co_name=name)
