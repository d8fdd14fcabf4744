"""Names, attributes and containers within reach of a function, and what they hold meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from types import FunctionType, MemberDescriptorType, MethodType, ModuleType, SimpleNamespace
from typing import Any

from symdiff.frontend.tracing.captured import Captured, defaulted
from symdiff.frontend.tracing.contents import (
    PROXIES,
    compiler_of,
    is_library,
    is_of_outside,
    is_plain_array,
    module_of,
)
from symdiff.frontend.tracing.patches import Patches, content
from symdiff.frontend.tracing.pytree import path_name
from symdiff.frontend.tracing.values import of_class


class Reach:
    """Patches arrays, and functions, wherever a traced function can find them.

    Args:
        patches: remembers what was where.
        instead: what stands for a function meanwhile, `None` for the function itself.
    """

    def __init__(self, patches: Patches, instead: Callable[[Any], Any]) -> None:
        self._patches = patches
        self._instead = instead
        self._pending: list[tuple[str, Any]] = []  # containers and objects, by the user's names
        self._views: dict[int, Any] = {}  # two names of one array stay names of one

    def patch(self, environment: Captured) -> None:
        """Let the names that functions look up, and all that these hold, mean something else."""
        for space, name in environment.globals:
            if name in space:
                self._put(space, name, name)
        for function in environment.functions:
            self._of_function(function)
        for kind, name, value in environment.members:
            new = self._new(value, f"{kind.__name__}_{name}")
            if new is not value:
                self._patches.attribute(kind, name, new)
        self._pending += [(name.label, name.value) for name in environment.names]
        self._containers()

    def _of_function(self, function: FunctionType) -> None:
        """What is in a function's closure and its defaults."""
        code, cells = function.__code__, function.__closure__ or ()
        for name, cell in zip(code.co_freevars, cells, strict=True):
            new = self._new(content(cell), name)
            if new is not content(cell):
                self._patches.fill(cell, new)
        old = function.__defaults__ or ()
        named = zip(old, defaulted(function), strict=True)
        defaults = tuple([self._new(value, name) for value, name in named])
        if any(map(_differ, old, defaults)):
            self._patches.attribute(function, "__defaults__", defaults)
        self._pending.append(("", function.__kwdefaults__))

    def _containers(self) -> None:
        """What is in containers and objects, at any depth."""
        seen: set[int] = set()
        while self._pending:
            label, value = self._pending.pop()
            self._of_slots(label, value)
            space = _space(value)
            if space is None or id(space) in seen:
                continue
            seen.add(id(space))
            label = "self" if type(value) is MethodType else label
            for key in list(space) if isinstance(space, dict) else range(len(space)):
                self._put(space, key, path_name(label, (key,)) if label else str(key))

    def _of_slots(self, label: str, value: Any) -> None:
        """What an object holds in slots."""
        for kind in type(value).__mro__ if _is_users_object(value) else ():
            for name in vars(kind):
                if type(vars(kind)[name]) is MemberDescriptorType and hasattr(value, name):
                    old = getattr(value, name)
                    new = self._new(old, path_name(label, (name,)))
                    if new is not old:
                        self._patches.attribute(value, name, new)

    def _put(self, space: Any, key: Any, label: str) -> None:
        new = self._new(space[key], label)
        if new is not space[key]:
            self._patches.put(space, key, new)

    def _new(self, value: Any, label: str) -> Any:
        """What stands for a value: for an array, a function, or a tuple with one of them."""
        if is_plain_array(value):
            return self._views.setdefault(id(value), _outside(value, label))
        if type(value) in PROXIES:
            return value
        if isinstance(value, tuple):
            parts = [self._new(part, f"{label}_{at}") for at, part in enumerate(value)]
            if not any(map(_differ, parts, value)):
                return value
            is_named = hasattr(value, "_fields")
            return of_class(value, parts) if is_named else tuple(parts)
        new = self._instead(value)
        if new is None:
            self._pending.append((label, value))
        return value if new is None else new


def _outside(array: Any, label: str) -> Any:
    from symdiff.frontend.tracing.outside import outside

    return array if is_of_outside(array) else outside(array, label)


def _differ(new: Any, old: Any) -> bool:
    return new is not old


def _space(value: Any) -> Any:  # a dict or a list, with anything in it
    """Where a value keeps what it holds, if that can be patched in place."""
    kind = type(value)
    if kind in PROXIES or kind in (ModuleType, FunctionType) or compiler_of(value):
        return None
    if isinstance(value, (dict, list)):
        return value
    if kind is MethodType:
        return _space(value.__self__)
    own = getattr(value, "__dict__", None) if _is_users_object(value) else None
    return own if type(own) is dict else None


def _is_users_object(value: Any) -> bool:
    """Whether a value is an instance of a class of the user's, or a plain namespace."""
    kind = type(value)
    if kind in PROXIES or isinstance(value, (type, ModuleType, FunctionType)):
        return False
    return kind is SimpleNamespace or not is_library(module_of(kind))
