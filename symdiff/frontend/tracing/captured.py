"""What a function reads beside its arguments, and whether that is still what it was.

A trace holds the values of globals and closures as they were. Before it is used again they are
compared with what they are: names by identity, what can change in place by its contents.
"""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import CellType, CodeType, FunctionType, MethodType, ModuleType
from typing import Any, NamedTuple

_SIMPLE = (int, float, complex, bool, str, bytes, type(None))
_DEEPEST = 20
_MISSING = object()


class Name(NamedTuple):
    """A name that a function looks up, and what it meant.

    Attributes:
        read: gets what it means now.
        value: what it meant.
        copy: a copy of what can change in place; `None` for what cannot.
    """

    read: Callable[[], Any]
    value: Any
    copy: Any


class Captured:
    """The names that a function and its helpers look up, with their values."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.functions: list[FunctionType] = []
        self.names: list[Name] = []
        self._codes: list[tuple[FunctionType, CodeType, Any, Any]] = []
        self._seen: set[tuple[int, str]] = set()
        self._follow(function)

    def is_unchanged(self) -> bool:
        """Whether every name means what it meant, with the same contents."""
        for read, value, copy in self.names:
            now = read()
            if now is not value and not (type(now) in _SIMPLE and _same(now, value)):
                return False
            if copy is not None and not _same(now, copy):
                return False
        for function, code, defaults, keywords in self._codes:
            if (
                function.__code__ is not code
                or function.__defaults__ is not defaults
                or function.__kwdefaults__ is not keywords
            ):
                return False
        return True

    def namespaces(self) -> Iterator[dict[str, Any]]:
        """The globals of the functions."""
        seen: set[int] = set()
        for function in self.functions:
            if id(function.__globals__) not in seen:
                seen.add(id(function.__globals__))
                yield function.__globals__

    def cells(self) -> Iterator[CellType]:
        """The closure cells of the functions."""
        for function in self.functions:
            yield from function.__closure__ or ()

    def _follow(self, value: Any) -> None:
        """Look into a function, or what holds one."""
        if isinstance(value, MethodType):
            self._note(lambda: value.__self__, (id(value), "self"))
            value = value.__func__
        if hasattr(value, "__wrapped__") and not isinstance(value, FunctionType):
            value = value.__wrapped__
        if isinstance(value, type) and not _is_library(value.__module__):
            for name, member in vars(value).items():
                if isinstance(member, FunctionType):
                    self._follow(member)
                elif not name.startswith("__"):
                    self._note(_member(value, name), (id(value), name))
            return
        if not isinstance(value, FunctionType) or _is_library(value.__module__):
            return
        if any(function is value for function in self.functions):
            return
        self.functions.append(value)
        self._codes.append((value, value.__code__, value.__defaults__, value.__kwdefaults__))
        self._note(lambda: value.__defaults__, (id(value), "defaults"))
        self._note(lambda: value.__kwdefaults__, (id(value), "kwdefaults"))
        for number, cell in enumerate(value.__closure__ or ()):
            self._note(_cell(cell), (id(value), f"cell {number}"))
        names = set(_names(value.__code__))
        for name in sorted(names):
            if name in value.__globals__:
                self._note(_global(value.__globals__, name), (id(value.__globals__), name))
                self._attributes(value.__globals__[name], names)

    def _attributes(self, module: Any, names: set[str]) -> None:
        """What a function may read of a module of the user's."""
        if isinstance(module, ModuleType) and not _is_library(module.__name__):
            space = vars(module)
            for name in sorted(names & set(space)):
                self._note(_global(space, name), (id(space), name))

    def _note(self, read: Callable[[], Any], key: tuple[int, str]) -> None:
        if key in self._seen:
            return
        self._seen.add(key)
        value = read()
        if value is _MISSING or isinstance(value, ModuleType):
            return
        copy = _copied(value)
        self.names.append(Name(read, value, copy))
        self._follow(value)
        for part in _functions_in(value):
            self._follow(part)


def _global(space: dict[str, Any], name: str) -> Callable[[], Any]:
    return lambda: space.get(name, _MISSING)


def _member(owner: Any, name: str) -> Callable[[], Any]:
    return lambda: vars(owner).get(name, _MISSING)


def _cell(cell: Any) -> Callable[[], Any]:
    def read() -> Any:
        try:
            return cell.cell_contents
        except ValueError:  # not yet filled
            return _MISSING

    return read


def _names(code: CodeType) -> Iterator[str]:
    """The names that a piece of code and those inside of it look up."""
    pending = [code]
    while pending:
        current = pending.pop()
        yield from current.co_names
        pending.extend(const for const in current.co_consts if isinstance(const, CodeType))


def _is_library(module: str | None) -> bool:
    """Whether a module is installed or comes with Python: it is taken to stay as it is."""
    root = (module or "").partition(".")[0]
    if root in sys.stdlib_module_names and root != "__main__":
        return True
    found = sys.modules.get(module or "") or sys.modules.get(root)
    file = getattr(found, "__file__", None)
    if root == "symdiff":
        return True
    return file is not None and bool({"site-packages", "dist-packages"} & set(Path(file).parts))


def _functions_in(value: Any) -> Iterator[Any]:
    """Functions that stand in a container or an object of the user's."""
    if isinstance(value, (list, tuple)) and len(value) < 1000:
        yield from (part for part in value if isinstance(part, (FunctionType, MethodType)))
    elif isinstance(value, dict) and len(value) < 1000:
        yield from (p for p in value.values() if isinstance(p, (FunctionType, MethodType)))
    elif (
        not isinstance(value, (FunctionType, MethodType, type))
        and hasattr(value, "__dict__")
        and not _is_library(type(value).__module__)
    ):
        yield type(value)


def _copied(value: Any, depth: int = 0) -> Any:
    """A copy of what can change in place, comparable by `_same`; `None` for what cannot."""
    import numpy as np

    if type(value) in _SIMPLE or isinstance(value, (FunctionType, MethodType, type, ModuleType)):
        return None
    if depth > _DEEPEST:
        return None
    if isinstance(value, np.ndarray):
        return value.copy()
    if isinstance(value, tuple):
        copies = [_copied(part, depth + 1) for part in value]
        return None if all(copy is None for copy in copies) else _Copy("tuple", value, copies)
    if isinstance(value, list):
        return _Copy("list", list(value), [_copied(part, depth + 1) for part in value])
    if isinstance(value, dict):
        parts = list(value.values())
        return _Copy("dict", [*value, *parts], [_copied(part, depth + 1) for part in parts])
    state = getattr(value, "__dict__", None)
    if isinstance(state, dict) and not _is_library(type(value).__module__):
        parts = list(state.values())
        return _Copy("object", [*state, *parts], [_copied(part, depth + 1) for part in parts])
    if isinstance(value, np.generic) or not hasattr(value, "__dict__"):
        return None
    return None


@dataclasses.dataclass(frozen=True, eq=False)
class _Copy:
    """The members of a container as they were, and copies of those that can change."""

    kind: str
    members: Any
    copies: list[Any]


def _same(now: Any, before: Any) -> bool:
    import numpy as np

    if isinstance(before, np.ndarray):
        return (
            isinstance(now, np.ndarray)
            and now.dtype == before.dtype
            and now.shape == before.shape
            and bool(np.array_equal(_bits(now), _bits(before)))
        )
    if isinstance(before, _Copy):
        members, parts = _members(now, before.kind)
        if members is None or len(members) != len(before.members):
            return False
        for new, old in zip(members, before.members, strict=True):
            if new is not old and not (type(new) in _SIMPLE and _same(new, old)):
                return False
        return all(
            copy is None or _same(part, copy)
            for part, copy in zip(parts, before.copies, strict=True)
        )
    if type(now) is float is type(before):
        return repr(now) == repr(before)  # the sign of zero, and NaN
    return type(now) is type(before) and bool(now == before)


def _bits(array: Any) -> Any:
    """The bytes of an array: zeros of both signs differ, and a NaN equals itself."""
    import numpy as np

    return np.ascontiguousarray(array).reshape(-1).view(np.uint8)


def _members(value: Any, kind: str) -> tuple[Any, Any]:
    if kind == "tuple" and isinstance(value, tuple):
        return value, value
    if kind == "list" and isinstance(value, list):
        return value, value
    if kind == "dict" and isinstance(value, dict):
        return [*value, *value.values()], list(value.values())
    if kind == "object" and hasattr(value, "__dict__"):
        return [*vars(value), *vars(value).values()], list(vars(value).values())
    return None, None
