"""Captured environment: what a function reads beside its arguments, and whether it has changed.

A trace holds the values of globals and closures as they were. Before it is used again they are
compared with what they are: names by identity, what can change in place by its contents.
"""

from __future__ import annotations

import dis
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import _lru_cache_wrapper
from types import CellType, CodeType, FunctionType, ModuleType
from typing import Any, NamedTuple

from symdiff.frontend.tracing.contents import (
    PROXIES,
    can_change,
    is_as_before,
    is_library,
    is_plain_array,
    module_of,
    snapshot,
    walk,
)

_MISSING = object()


class Name(NamedTuple):
    """A name that a function looks up, and what it meant.

    Attributes:
        label: what the user calls it.
        read: gets what it means now.
        value: what it meant.
        before: the contents of what can change in place; `None` for what cannot.
    """

    label: str
    read: Callable[[], Any]
    value: Any
    before: Sequence[Any] | None


class Captured:
    """The captured environment: names that a function and its helpers look up, with their values.

    Attributes:
        functions: the function and its helpers.
        foreign: those of libraries, which are not looked into.
        names: those whose values can change in place, and those that are no globals.
        globals: the namespaces and the names that are looked up there.
        members: the attributes of classes.
        is_comparable: whether a later look at the values can be compared with this one.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        self.functions: list[FunctionType] = []
        self.foreign: list[FunctionType] = []
        self.names: list[Name] = []
        self.globals: list[tuple[dict[str, Any], str]] = []
        self.members: list[tuple[type, str, Any]] = []
        self.is_comparable = True
        # Each call looks at all of these: globals by identity, arrays by their bytes
        self._bound: list[tuple[dict[str, Any], str, Any]] = []
        self._arrays: list[tuple[Callable[[], Any], Any, bytes, Any, Any]] = []
        self._codes: list[tuple[FunctionType, CodeType, Any, Any]] = []
        self._caches: list[_lru_cache_wrapper[Any]] = []
        self._seen: set[Any] = set()
        self._kept: list[Any] = []  # what `_seen` knows by its id
        self._follow(function)
        if not isinstance(function, FunctionType):
            self._note(_label(function), lambda: function)

    def is_unchanged(self) -> bool:
        """Whether every name means what it meant, with the same contents."""
        for space, name, value in self._bound:
            now = space.get(name, _MISSING)
            if now is not value and not _is_equal_number(now, value):
                return False
        for read, array, content, shape, dtype in self._arrays:
            if (
                read() is not array
                or array.shape != shape
                or array.dtype is not dtype
                or array.tobytes() != content
            ):
                return False
        for function, code, defaults, keywords in self._codes:
            if (
                function.__code__ is not code
                or function.__defaults__ is not defaults
                or function.__kwdefaults__ is not keywords
            ):
                return False
        for _, read, value, before in self.names:
            now = read()
            if now is not value and before is None and not _is_equal_number(now, value):
                return False
            if before is not None and not is_as_before(now, before):
                return False
        return self.is_comparable

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

    @property
    def misses(self) -> int:
        """How many results the caches of `functools` keep that the function calls."""
        return sum(kept.cache_info().misses for kept in self._caches)

    def add(self, label: str, value: Any) -> None:
        """Watch an object that the function is given as an argument."""
        self._note(label, lambda: value)

    def give_back(self, is_meant: Callable[[Any], bool], plain: Callable[[Any], Any]) -> None:
        """Put what is plain in the place of such objects in containers that names hold.

        Args:
            is_meant: whether it is such an object.
            plain: what stands for one; `None` for what nothing stands for, which is taken out.
        """
        spaces = [(name, space.get(name)) for space, name, _ in self._bound]
        for _, value in (*spaces, *[(name.label, name.read()) for name in self.names]):
            for part in walk(value):
                members = part if isinstance(part, dict) else getattr(part, "__dict__", None)
                if type(part) is list and any(map(is_meant, part)):
                    found = [plain(item) if is_meant(item) else item for item in part]
                    part[:] = [item for item in found if item is not None]
                elif isinstance(members, dict) and not isinstance(part, ModuleType):
                    for key in [key for key, held in members.items() if is_meant(held)]:
                        found = plain(members.pop(key))
                        members |= {} if found is None else {key: found}

    def holding(self, is_meant: Callable[[Any], bool]) -> str:
        """A name that holds such an object, itself or in a container; empty for none."""
        spaces = [(name, space.get(name)) for space, name, _ in self._bound]
        for label, value in (*spaces, *[(name.label, name.read()) for name in self.names]):
            if any(is_meant(part) for part in walk(value)):
                return label
        return ""

    # --- what there is to look at ------------------------------------------------------------

    def _follow(self, value: Any) -> None:
        """Look into a value, and into the functions and classes in it."""
        for part in walk(value):
            if isinstance(part, _lru_cache_wrapper):
                self._caches.append(part)
            if isinstance(part, FunctionType):
                self._follow_function(part)
            elif isinstance(part, type):
                self._follow_class(part)
            elif not isinstance(part, ModuleType) and self._is_new(("class of", type(part))):
                self._follow_class(type(part))

    def _follow_class(self, kind: type) -> None:
        """Look at the members of a class and of its bases."""
        for base in kind.__mro__:
            if is_library(module_of(base)) or not self._is_new(("class", base)):
                continue
            for name in list(vars(base)):
                if name not in ("__dict__", "__weakref__", "__doc__", "__module__"):
                    self.members += [(base, name, vars(base)[name])] * (not name.startswith("__"))
                    self._note(f"{base.__name__}.{name}", _member(base, name))

    def _follow_function(self, function: FunctionType) -> None:
        """Look at the globals, the closure and the defaults of a function."""
        if not self._is_new(("function", function)):
            return
        if is_library(function.__module__):
            self.foreign.append(function)
            return
        self.functions.append(function)
        code, defaults = function.__code__, function.__defaults__
        self._codes.append((function, code, defaults, function.__kwdefaults__))
        for label, default in zip(defaulted(function), defaults or (), strict=False):
            self._note(label, _constantly(default))
        keywords = function.__kwdefaults__ or {}
        for label in keywords:
            self._note(label, _item(keywords, label))
        for label, cell in zip(code.co_freevars, function.__closure__ or (), strict=True):
            self._note(label, _cell(cell))
        looked_up, attributes = _names(code)
        for name in sorted(looked_up):
            self._global(function.__globals__, name, attributes)
        for name in sorted(_imported(code)):
            if name in sys.modules:
                self._module(sys.modules[name], attributes)

    def _global(self, space: dict[str, Any], name: str, attributes: set[str]) -> None:
        value = space.get(name, _MISSING)
        if type(value) not in PROXIES and isinstance(value, ModuleType):
            self._module(value, attributes)
        if not self._is_new(("global", id(space), name)):
            return
        self.globals.append((space, name))
        if value is not _MISSING and can_change(value):
            self._note(name, lambda: space.get(name, _MISSING))
            return
        self._bound.append((space, name, value))
        self._follow(value)

    def _module(self, module: ModuleType, attributes: set[str]) -> None:
        """What a function may read of a module of the user's."""
        if is_library(module.__name__) or not self._is_new(("module", module, *attributes)):
            return
        space = vars(module)
        for name in sorted(attributes & set(space)):
            self._global(space, name, attributes)

    def _note(self, label: str, read: Callable[[], Any]) -> None:
        """Remember what a name means."""
        value = read()
        if is_plain_array(value):
            self._arrays.append((read, value, value.tobytes(), value.shape, value.dtype))
            return
        before = snapshot(value) if can_change(value) else None
        self.is_comparable &= before is not None or not can_change(value)
        self.names.append(Name(label, read, value, before))
        self._follow(value)
        if type(value) is ModuleType and self.functions:
            self._module(value, _names(self.functions[-1].__code__)[1])

    def _is_new(self, key: Any) -> bool:
        """Whether something has not been looked at."""
        identity = tuple(part if isinstance(part, (str, int)) else id(part) for part in key)
        if identity in self._seen:
            return False
        self._seen.add(identity)
        self._kept.append(key)
        return True


def _is_equal_number(now: Any, before: Any) -> bool:
    """Whether a name that was bound anew still means the same number or text."""
    kind = type(now)
    if kind is not type(before) or kind not in (int, float, bool, str):
        return False
    return bool(now == before) and repr(now) == repr(before)  # zeros have signs


def _label(function: Any) -> str:
    return getattr(function, "__name__", type(function).__name__)


def _member(owner: Any, name: str) -> Callable[[], Any]:
    return lambda: vars(owner).get(name, _MISSING)


def _constantly(value: Any) -> Callable[[], Any]:
    return lambda: value


def _item(table: dict[str, Any], key: str) -> Callable[[], Any]:
    return lambda: table.get(key, _MISSING)


def _cell(cell: CellType) -> Callable[[], Any]:
    def read() -> Any:
        try:
            return cell.cell_contents
        except ValueError:  # not yet filled
            return _MISSING

    return read


def defaulted(function: FunctionType) -> Sequence[str]:
    """The names of the positional parameters that have a default."""
    code = function.__code__
    count = len(function.__defaults__ or ())
    return code.co_varnames[code.co_argcount - count : code.co_argcount]


def pieces(code: CodeType) -> Iterator[CodeType]:
    """A piece of code and those inside of it."""
    pending = [code]
    while pending:
        current = pending.pop()
        yield current
        pending.extend(const for const in current.co_consts if isinstance(const, CodeType))


def _names(code: CodeType) -> tuple[set[str], set[str]]:
    """The names that code looks up as globals, and those that it may look up as attributes."""
    looked_up: set[str] = set()
    attributes: set[str] = set()
    for piece in pieces(code):
        attributes.update(piece.co_names)
        for instruction in dis.get_instructions(piece):
            if instruction.opname in ("LOAD_GLOBAL", "LOAD_NAME", "STORE_GLOBAL"):
                looked_up.add(str(instruction.argval))
    return looked_up, attributes


def _imported(code: CodeType) -> set[str]:
    """The modules that code imports when it runs."""
    return {
        str(instruction.argval)
        for piece in pieces(code)
        for instruction in dis.get_instructions(piece)
        if instruction.opname == "IMPORT_NAME"
    }
