"""Questions for the type of a tracer, answered as for what it stands for.

`isinstance` asks `__class__`, which a class can define; `type`, `hasattr` and `getattr` cannot be
told from within, so others stand in their place while a trace runs, in the globals of the user's
functions and of the libraries in their reach. Python's own modules and NumPy see tracers as what
they are: `copy` would else hand them to the methods of NumPy's arrays.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import lru_cache
from types import FunctionType, ModuleType
from typing import Any

from symdiff.frontend.tracing.array import TRACERS, ArrayTracer
from symdiff.frontend.tracing.contents import is_of_outside
from symdiff.frontend.tracing.lists import ListTracer
from symdiff.frontend.tracing.places import LIBRARIES, is_of_standard_library, is_traced
from symdiff.frontend.tracing.running import active
from symdiff.frontend.tracing.selection import Places, Selection

_TRACERS = TRACERS | {ListTracer}
_type, _hasattr, _getattr, _len = type, hasattr, getattr, len
_PROTOCOLS = frozenset(("__pandas_priority__",))  # by which libraries leave operators to a tracer


def _is_asked(value: Any) -> bool:
    """Whether the user's code, or a library's that it calls, asks about a tracer or its like."""
    if active() is None or not (_type(value) in _TRACERS or is_of_outside(value)):
        return False
    frame = sys._getframe(2)
    return is_traced(frame) and not is_of_standard_library(frame.f_code.co_filename)


def _class_of(value: Any) -> Any:
    """What `isinstance` sees in the user's code."""
    return list if _type(value) is ListTracer else value.__class__


class Type:
    """What stands for `type` meanwhile: called with one value it tells the class.

    In all else it is `type`: as a base of metaclasses, in `isinstance`, by its attributes.
    """

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """The class of a value, or a new class."""
        if len(args) != 1 or kwargs:
            return _type(*args, **kwargs)
        if _is_asked(args[0]):
            return _class_of(args[0])
        found = _type(args[0])
        return self if found is _type or args[0] is self else found

    def __getattribute__(self, name: str) -> Any:
        is_own = name == "__mro_entries__"  # Python asks the object itself for it
        return object.__getattribute__(self, name) if is_own else _getattr(_type, name)

    def __instancecheck__(self, value: Any) -> bool:
        return isinstance(value, _type) or value is self

    def __subclasscheck__(self, kind: Any) -> bool:
        return kind is self or issubclass(kind, _type)

    def __mro_entries__(self, _bases: Any) -> tuple[type]:
        return (_type,)

    def __eq__(self, other: object) -> bool:
        return other is self or other is _type

    def __hash__(self) -> int:
        return hash(_type)

    def __or__(self, other: Any) -> Any:
        return _type | other

    def __ror__(self, other: Any) -> Any:
        return other | _type

    def __getitem__(self, item: Any) -> Any:
        return _type[item]  # as in annotations

    def __repr__(self) -> str:
        return repr(_type)


def has_attribute(value: Any, name: str, /) -> bool:
    """`hasattr`."""
    return _instances_have(_class_of(value), name) if _is_asked(value) else _hasattr(value, name)


def _instances_have(kind: type, name: str) -> bool:
    """Whether instances of a class have an attribute: `__dict__` and `__name__` are its own."""
    return any(name in vars(base) for base in kind.__mro__)


def get_attribute(value: Any, name: str, /, *default: Any) -> Any:
    """`getattr`."""
    if name in _PROTOCOLS or not _is_asked(value) or _instances_have(_class_of(value), name):
        return _getattr(value, name, *default)
    if default:
        return default[0]
    shown = _getattr(value, "type_name", "numpy.ndarray")  # an array from outside tells none
    raise AttributeError(f"'{shown}' object has no attribute '{name}'")


def length_of(value: Any, /) -> Any:
    """`len`, which may be a named length: of Python's own the result must be concrete."""
    is_other = _type(value) is ArrayTracer and not _is_asked(value)
    return _len(value) if is_other else length_in_user_code(value)


def length_in_user_code(value: Any) -> Any:
    """What the user's code is told by `len`."""
    if _type(value) in (Selection, Places):
        return value.size if _type(value) is Places else value.count
    if _type(value) is ListTracer:
        return value.count
    is_array = _type(value) is ArrayTracer and value.ndim
    return value.shape[0] if is_array else _len(value)


QUESTIONS: dict[str, Any] = {
    "type": Type(),
    "hasattr": has_attribute,
    "getattr": get_attribute,
    "len": length_of,
}


# --- libraries that may ask ----------------------------------------------------------------------

_NONE_OF_THEM = LIBRARIES | {"symdiff", "", *sys.stdlib_module_names}


def libraries_in_reach(spaces: Sequence[dict[Any, Any]]) -> Sequence[dict[str, Any]]:
    """The globals of the libraries that globals name something of, and of those that these name."""
    roots = frozenset().union(*map(_roots, spaces)) - _NONE_OF_THEM
    return _globals_of(roots, len(sys.modules)) if roots else ()


def _roots(space: dict[Any, Any]) -> set[str]:
    """The packages that values come from: modules, functions, classes, and objects of theirs."""
    found = set()
    for value in list(space.values()):
        kind = _type(value)
        if kind in _PLAIN:
            continue
        if kind is ModuleType:
            name = value.__name__
        else:
            name = (value if kind is FunctionType or issubclass(kind, _type) else kind).__module__
        found.add(str(name).partition(".")[0])
    return found


_PLAIN = frozenset((int, float, bool, str, tuple, list, dict, set, _type(None), *TRACERS))


@lru_cache(maxsize=64)
def _globals_of(roots: frozenset[str], _loaded: int) -> Sequence[dict[str, Any]]:
    """The globals of all modules of packages, and of the packages that these name."""
    modules: dict[str, list[ModuleType]] = {}
    for name, module in list(sys.modules.items()):
        if _type(module) is ModuleType:
            modules.setdefault(name.partition(".")[0], []).append(module)
    done: set[str] = set()
    pending, found = sorted(roots), []
    while pending:
        root = pending.pop()
        if root in done:
            continue
        done.add(root)
        spaces = [vars(module) for module in modules.get(root, ())]
        found += spaces
        pending += sorted(set().union(*map(_roots, spaces)) - _NONE_OF_THEM - done)
    return found
