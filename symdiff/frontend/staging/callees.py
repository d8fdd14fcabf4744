"""Callees: what a call in rewritten code calls, whatever name it goes by."""

from __future__ import annotations

import builtins
import functools
from collections import deque
from collections.abc import Callable
from types import BuiltinFunctionType, FunctionType, MethodType
from typing import Any

from symdiff.frontend.staging.builtin import BUILTINS
from symdiff.frontend.staging.effects import is_shared, refuse, trace_of, ways_here
from symdiff.frontend.tracing.contents import is_library, module_of
from symdiff.frontend.tracing.patching import recording
from symdiff.frontend.tracing.running import active

_PURE = frozenset(
    "abs len range enumerate zip map filter isinstance issubclass float int bool str repr format "
    "tuple list dict set frozenset sorted reversed sum max min any all round pow divmod hasattr "
    "getattr type callable id hash ord chr slice iter complex object super bytes".split()
)
_PURE_TYPES = frozenset(kind for name in _PURE if isinstance(kind := getattr(builtins, name), type))
_PURE_MODULES = frozenset("math numpy operator _operator".split())
_CHANGING = {
    list: frozenset("append extend insert remove pop clear sort reverse".split()),
    dict: frozenset("update pop popitem clear setdefault".split()),
    set: frozenset(
        "add update remove discard pop clear difference_update intersection_update "
        "symmetric_difference_update".split()
    ),
    bytearray: frozenset("append extend insert remove pop clear reverse".split()),
    deque: frozenset(
        "append appendleft extend extendleft insert remove pop popleft clear rotate reverse".split()
    ),
}


def callee_of(function: Any, stage: Callable[[Any], Any]) -> Any:
    """What stands for a function while it is called here.

    A function of the user's or of a library is staged; a builtin or a function of `math` or NumPy
    that records is found whatever name it was bound to.
    """
    if active() is None:
        return function
    kind = type(function)
    if kind is FunctionType:
        return stage(recording(function))
    if kind is MethodType:
        made = stage(function.__func__)
        return MethodType(made, function.__self__) if made is not function.__func__ else function
    if kind is functools.partial:
        made = callee_of(function.func, stage)
        return functools.partial(made, *function.args, **function.keywords)
    if function is map:
        return lambda f, *iterables: map(callee_of(f, stage), *iterables)
    if kind is type and module_of(function) == "numpy" and hasattr(function, "dtype"):
        return _cast(function)
    found = BUILTINS.get(function) if kind in (BuiltinFunctionType, type) else None
    if found is not None:
        return found
    if ways_here():
        _refuse_effects(function, kind)
    if kind is BuiltinFunctionType:
        return recording(function)
    call = vars(kind).get("__call__")
    if type(call) is FunctionType and not is_library(module_of(kind)):
        return MethodType(stage(call), function)
    return function


def _cast(scalar: Any) -> Callable[..., Any]:
    """NumPy's class of a scalar, as a function: of a number it makes one of its type."""

    def cast(*args: Any) -> Any:
        trace = trace_of(args[0]) if len(args) == 1 else None
        return scalar(*args) if trace is None else trace.astype(args[0], scalar)

    return cast


def _refuse_effects(function: Any, kind: Any) -> None:
    """Refuse a call that may do something beside returning a value."""
    owner = getattr(function, "__self__", None)
    name = getattr(function, "__name__", "")
    for container, names in _CHANGING.items():
        if kind is BuiltinFunctionType and isinstance(owner, container) and name in names:
            if is_shared(owner):
                refuse(f"a {type(owner).__name__} is changed by '{name}'")
            return
    if kind is BuiltinFunctionType and (owner is builtins or owner is None or is_module(owner)):
        module = getattr(function, "__module__", None) or ""
        is_pure = module == "builtins" and name in _PURE
        if not is_pure and module.partition(".")[0] not in _PURE_MODULES:
            refuse(f"'{name}' is called")
    if isinstance(function, type) and function not in _PURE_TYPES:
        module = module_of(function)
        is_known = module.partition(".")[0] == "numpy" or issubclass(function, BaseException)
        if not is_known and not hasattr(function, "_fields"):
            refuse(f"an object of '{function.__name__}' is made")


def is_module(value: Any) -> bool:
    """Whether a value is a module."""
    return type(value).__name__ == "module"
