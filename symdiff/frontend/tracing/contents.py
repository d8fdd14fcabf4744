"""Contents of a value: flat tokens that two looks at it can be compared by."""

from __future__ import annotations

import collections
import functools
import marshal
import pickle
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import (
    BuiltinFunctionType,
    FunctionType,
    MethodType,
    ModuleType,
    SimpleNamespace,
)
from typing import Any
from weakref import CallableProxyType, ProxyType

MOST = 20_000  # tokens; a value with more is not compared, and no trace that reads it is kept

# what one stands for may be gone, and then it raises whatever it is asked
PROXIES = frozenset((ProxyType, CallableProxyType))
_OF_CYTHON = frozenset(("cython_function_or_method", "fused_cython_function"))
_MARKS_OF_CYTHON = ("__pyx_vtable__", "__reduce_cython__")  # attributes of its classes
_OF_FORTRAN = "fortran"  # what f2py calls the class of its functions
_SIMPLE = frozenset((int, float, complex, bool, str, bytes, type(None), type(Ellipsis), slice))
_OPEN = (SimpleNamespace, collections.UserDict, collections.UserList)  # of Python's own classes
_WITHOUT_REFERENCES = 2  # a version of `marshal` whose bytes depend on the values alone


def walk(value: Any) -> Iterator[Any]:
    """A value and all that it holds, each object once."""
    pending, seen = [value], set()
    while pending:
        current = pending.pop()
        if type(current) in _SIMPLE:
            yield current
            continue
        if id(current) in seen or type(current) in PROXIES:
            continue
        seen.add(id(current))
        yield current
        pending += reversed(_parts(current))


def tokens(value: Any) -> Iterator[Any]:
    """Numbers, bytes, identities and arrays that say what a value holds, as it is now."""
    for part in walk(value):
        yield _token(part)


def snapshot(value: Any) -> list[Any] | None:
    """The tokens, with copies of arrays; `None` where there are too many."""
    found: list[Any] = []
    for token in tokens(value):
        if len(found) == MOST:
            return None
        found.append(token.copy() if hasattr(token, "dtype") else token)
    return found


def is_as_before(value: Any, before: Sequence[Any]) -> bool:
    """Whether a value still has the tokens that it had."""
    now = tokens(value)
    return all(_same(next(now, None), token) for token in before) and next(now, _END) is _END


def can_change(value: Any) -> bool:
    """Whether a value can hold something else than it does and still be the same object."""
    if type(value) in _SIMPLE | PROXIES:
        return False
    if isinstance(value, (BuiltinFunctionType, ModuleType, type)) or compiler_of(value):
        return False
    if isinstance(value, FunctionType):
        return bool(vars(value))
    if isinstance(value, tuple):
        return any(can_change(part) for part in value)
    return True


def is_plain_array(value: Any) -> bool:
    """Whether a value is an array of numbers and no more than that."""
    return _is_array(value) and type(value).__name__ == "ndarray" and value.dtype.kind in "biufc"


def refusal_of_array(value: Any) -> tuple[str, str] | None:
    """What to say of an array whose sums and products are not those of arrays; `None` for others.

    NumPy leaves out what is masked, and multiplies matrices by rules of their own.
    """
    import numpy as np

    if type(value) is np.ndarray or not isinstance(value, np.ndarray):
        return None
    if isinstance(value, np.ma.MaskedArray):
        return (
            "a masked array, whose mask tracing does not see",
            "pass x.filled(0.0) and the weights ~np.ma.getmaskarray(x)",
        )
    if isinstance(value, np.matrix):
        return (
            "an np.matrix, whose products are not those of arrays",
            "pass np.asarray(x), and write @ for a product of matrices",
        )
    return None


def is_of_outside(array: Any) -> bool:
    """Whether an array is one of those that were patched, or was computed of them."""
    return is_plain_array(array) and hasattr(array, "label")


def compiler_of(value: Any) -> str:
    """What compiled a function: Numba, Cython, for SciPy Fortran or C, or `""` for none."""
    kind = type(value)
    if kind.__name__ in _OF_CYTHON:
        return "Cython"
    if kind.__name__ == _OF_FORTRAN:
        return "Fortran"
    if kind is BuiltinFunctionType and (value.__module__ or "").startswith("scipy."):
        return "C"
    return "Numba" if module_of(kind).startswith("numba.") and hasattr(value, "py_func") else ""


def is_of_cython(kind: type) -> bool:
    """Whether Cython compiled what makes an object of a class: it asks for memory of arrays."""
    init = kind.__init__  # type: ignore[misc]  # asked for its class alone
    if type(init) is FunctionType:
        return False
    is_marked = any(mark in vars(base) for base in kind.__mro__ for mark in _MARKS_OF_CYTHON)
    return is_marked or bool(compiler_of(init))


def package_of(value: Any) -> str:
    """The name of the package that the class of a value stands in."""
    return module_of(type(value)).partition(".")[0]


def module_of(kind: type) -> str:
    """The name of a class's module; "" where a slot of the class hides it."""
    module: Any = kind.__module__
    return module if isinstance(module, str) else ""


def is_library(module: str | None) -> bool:
    """Whether a module is installed or comes with Python: it is taken to stay as it is."""
    return is_of_python(module) or _is_installed(module or "")


def is_of_python(module: str | None) -> bool:
    """Whether a module comes with Python."""
    root = (module or "").partition(".")[0]
    return root in sys.stdlib_module_names and root != "__main__"


def _is_installed(module: str) -> bool:
    root = module.partition(".")[0]
    if root == "symdiff":
        return True
    found = sys.modules.get(module) or sys.modules.get(root)
    file = getattr(found, "__file__", None)
    return file is not None and bool({"site-packages", "dist-packages"} & set(Path(file).parts))


_END = object()


def _parts(value: Any) -> list[Any]:
    """What a value holds."""
    if isinstance(value, (ModuleType, type, BuiltinFunctionType)) or _is_array(value):
        return value.tolist() if _is_array(value) and value.dtype.kind == "O" else []
    if compiler_of(value):
        return [value.py_func] if hasattr(value, "py_func") else []
    for kinds, parts in _PARTS:
        if isinstance(value, kinds):
            found = parts(value)
            return [] if _is_flat(found) else found
    if package_of(value) == "symdiff":
        if hasattr(value, "held_functions"):  # of a rule of the user's
            return list(value.held_functions)
        return [value.function] if hasattr(value, "function") else []
    if is_of_python(module_of(type(value))) and not isinstance(value, _OPEN):
        return []
    return _attributes(value)


_PARTS: Sequence[tuple[Any, Callable[[Any], list[Any]]]] = (
    (dict, lambda value: [*value, *dict.values(value), *_own(value)]),
    ((list, tuple, set, frozenset, collections.deque), lambda value: [*value, *_own(value)]),
    (functools.partial, lambda value: [value.func, value.args, value.keywords]),
    (functools._lru_cache_wrapper, lambda value: [value.__wrapped__]),
    (MethodType, lambda value: [value.__self__, value.__func__]),
    (property, lambda value: [value.fget]),
    ((staticmethod, classmethod), lambda value: [value.__func__]),
    (functools.cached_property, lambda value: [value.func]),
    (FunctionType, lambda value: _own(value)),
)


def _attributes(value: Any) -> list[Any]:
    """The attributes of an object, with their names."""
    found: list[Any] = _own(value)
    for kind in type(value).__mro__:
        slots = kind.__dict__.get("__slots__", ())
        for name in (slots,) if isinstance(slots, str) else slots:
            found += [getattr(value, name)] if hasattr(value, name) else []
    if hasattr(value, "__wrapped__"):
        found.append(value.__wrapped__)
    return found


def _own(value: Any) -> list[Any]:
    own = getattr(value, "__dict__", None)
    return [*own, *own.values()] if isinstance(own, dict) else []


def _is_array(value: Any) -> bool:
    return module_of(type(value)) == "numpy" and hasattr(value, "dtype")


def _is_flat(parts: list[Any]) -> bool:
    """Whether a long list holds plain values alone: it is one token, its bytes."""
    return len(parts) > 100 and set(map(type, parts)) <= _SIMPLE - {slice}


def _token(value: Any) -> Any:
    kind = type(value)
    if kind is float or kind is complex:
        return kind, repr(value)  # the sign of zero, and NaN
    if kind in _SIMPLE:
        return kind, value
    if _is_array(value) and getattr(value.dtype, "kind", "O") != "O":
        return value
    for kinds, parts in _PARTS[:2]:
        if isinstance(value, kinds):
            found = parts(value)
            plain = marshal.dumps(found, _WITHOUT_REFERENCES) if _is_flat(found) else None
            return id(value), len(found), plain
    if not _parts(value) and _has_hidden_state(value):
        return id(value), _pickled(value)
    return id(value), len(_parts(value))


def _has_hidden_state(value: Any) -> bool:
    """Whether an object is of a compiled class and may change without our seeing it."""
    if isinstance(value, (FunctionType, type, ModuleType, BuiltinFunctionType)):
        return False
    module = package_of(value)
    return module not in ("numpy", "random", "symdiff", "_thread", "builtins", "re", "logging")


def _pickled(value: Any) -> bytes | None:
    try:
        return pickle.dumps(value)
    except Exception:  # whatever a class raises that cannot be pickled
        return None


def _same(now: Any, before: Any) -> bool:
    if not hasattr(before, "dtype"):
        return not hasattr(now, "dtype") and bool(now == before)
    return (
        hasattr(now, "dtype")
        and now.dtype == before.dtype
        and now.shape == before.shape
        and bool((_bits(now) == _bits(before)).all())
    )


def are_equal_arrays(one: Sequence[Any], other: Sequence[Any]) -> bool:
    """Whether arrays are the same in pairs, to the bit."""
    return len(one) == len(other) and all(map(_same, one, other))


def _bits(array: Any) -> Any:
    """The bytes of an array: zeros of both signs differ, and a NaN equals itself."""
    import numpy as np

    return np.ascontiguousarray(array).reshape(-1).view(np.uint8)
