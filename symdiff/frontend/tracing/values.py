"""Values of the user's code: nested ones member by member, and concrete ones as NumPy's arrays."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from importlib import import_module
from typing import Any

from symdiff.frontend.tracing.tracer import Tracer


def flat(value: Any) -> Iterator[Any]:
    """The members of nested tuples, lists, dicts and slices."""
    if isinstance(value, (tuple, list)):
        for part in value:
            yield from flat(part)
    elif isinstance(value, dict):
        for part in dict.values(value):
            yield from flat(part)
    elif isinstance(value, slice):
        yield from (value.start, value.stop, value.step)
    else:
        yield value


def concrete(value: Any) -> Any:
    """A value with the tracers in it as the arrays that they hold."""
    if isinstance(value, Tracer):
        return value.content
    if isinstance(value, (list, tuple)) and not hasattr(value, "_fields"):
        return type(value)([concrete(part) for part in value])
    return value


def numpy() -> Any:  # the module
    """NumPy, which nothing loads before it is needed."""
    import numpy as np

    return np


def numpy_function(name: str) -> Any:
    """A function of NumPy's or SciPy's by the name that its lowering has."""
    found: Any = numpy()
    if name.startswith("scipy."):
        library, module, name = name.split(".", 2)
        found = import_module(f"{library}.{module}")
    for part in name.split("."):
        found = getattr(found, part)
    return found


def ufunc_name(ufunc: Any) -> str:
    """The name that the lowering of a universal function has; `""` for another library's.

    The function itself decides: others have functions of the same names.
    """
    name = ufunc.__name__
    if getattr(numpy(), name, None) is ufunc:
        return str(name)
    special = sys.modules.get("scipy.special")
    return f"scipy.special.{name}" if getattr(special, name, None) is ufunc else ""


def shown_ufunc(ufunc: Any) -> str:
    """A universal function by its name, with the module where it tells that."""
    module = getattr(ufunc, "__module__", None)
    return f"'{ufunc.__name__}'" + (f" of {module}" if module not in (None, "__main__") else "")


def name_of(function: Any) -> str:
    """The name that the lowering of a function of NumPy or SciPy would have."""
    if isinstance(function, numpy().ufunc):
        return ufunc_name(function)
    module = function.__module__.removeprefix("numpy").lstrip(".")
    name = f"{module}.{function.__name__}" if module else function.__name__
    return str(name.removeprefix("lib.").removeprefix("ma."))


def of_class(like: Any, parts: list[Any]) -> Any:
    """A tuple or a list of the class of another one."""
    kind = type(like)
    if isinstance(like, tuple):
        return tuple_of(kind, parts, getattr(like, "__dict__", {}))
    return kind(parts)


def tuple_of(kind: Any, parts: Iterable[Any], held: Mapping[str, Any]) -> Any:
    """A tuple of a class that may take more than its members where it is made.

    Args:
        kind: the class.
        parts: its members.
        held: the attributes that it holds besides.
    """
    made = tuple.__new__(kind, parts)
    if held:
        vars(made).update(held)
    return made
