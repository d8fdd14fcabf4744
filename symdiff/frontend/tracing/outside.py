"""Arrays from outside of a traced function, as it meets them while it is traced.

An array's methods and indices are written in C and do not hand their work to their arguments. So
the function meets views of the arrays, of a class whose methods do; it behaves, and names itself,
as NumPy's own.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np  # noqa: TID253  nothing loads this module before a trace runs

from symdiff.frontend.tracing.computing import made_here
from symdiff.frontend.tracing.masked import Masked
from symdiff.frontend.tracing.places import is_traced
from symdiff.frontend.tracing.recorder import Recorder
from symdiff.frontend.tracing.running import active
from symdiff.frontend.tracing.storage import Buffer
from symdiff.frontend.tracing.tracer import Tracer
from symdiff.frontend.tracing.values import flat, name_of


class Outside(np.ndarray):
    """An array that a trace meets; everywhere else it is what NumPy's own is.

    Attributes:
        label: the user's name for it; empty for what was computed of others.
    """

    label = ""

    @property  # type: ignore[misc]
    def __class__(self) -> Any:
        """What `isinstance` sees, and who asks for it."""
        return np.ndarray

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        out = kwargs.get("out", ())
        if any(isinstance(value, Tracer) or type(value) is Masked for value in (*inputs, *out)):
            return NotImplemented  # the tracer is asked next
        trace = _caller()
        if out:
            kwargs["out"] = tuple([_bare(value) for value in out])
        result = getattr(ufunc, method)(*map(_bare, inputs), **kwargs)
        if out:
            return out[0] if len(out) == 1 else out
        if trace is not None and method == "__call__" and set(kwargs) <= {"dtype"}:
            trace.large.computed(result, name_of(ufunc), inputs, kwargs)
        return _made(trace, result, inputs)

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        if any(issubclass(kind, Tracer) for kind in types):
            return NotImplemented
        trace = _caller()
        result = super().__array_function__(func, types, args, kwargs)
        if trace is not None:
            trace.large.computed(result, name_of(func), args, kwargs)
        return _made(trace, result, (args, kwargs))

    def __array_wrap__(self, array: Any, context: Any = None, return_scalar: bool = False) -> Any:  # noqa: FBT001, FBT002  NumPy's own
        return array[()] if return_scalar else array.view(Outside)

    def __getitem__(self, key: Any) -> Any:
        trace = _caller()
        if trace is None:
            return super().__getitem__(key)
        return _unwrapped(trace.of_outside(self)[key])

    def __setitem__(self, key: Any, value: Any) -> None:
        trace = _caller()
        if trace is not None and any(map(trace.is_symbolic, flat((key, value)))):
            trace.memory.refuse_outside()
        super().__setitem__(_bare(key), _bare(value))

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"'numpy.ndarray' object has no attribute '{name}'")

    def __repr__(self) -> str:
        return repr(_bare(self))

    def __reduce__(self) -> Any:
        return _bare(self).__reduce__()


_PATCHING = str(Path(__file__).with_name("patching.py"))  # what stands for NumPy's functions

# As tracebacks and the user's code name it
Outside.__module__, Outside.__qualname__, Outside.__name__ = "numpy", "ndarray", "ndarray"


def _caller() -> Recorder | None:
    """The active trace, where the user's code calls a method that calls this."""
    trace = active()
    if trace is None or trace.is_paused:
        return None
    frame: FrameType | None = sys._getframe(2)
    while frame is not None and frame.f_code.co_filename == _PATCHING:
        frame = frame.f_back
    return trace if frame is not None and is_traced(frame) else None


def _bare(value: Any) -> Any:
    """The array itself."""
    if type(value) is Outside:
        return value.view(np.ndarray)
    if isinstance(value, Tracer) and value.is_concrete:
        return value.content
    if type(value) is tuple:
        return tuple([_bare(part) for part in value])
    return value


def _wrapped(value: Any) -> Any:
    """What was computed of arrays from outside, so that its methods are seen as well."""
    if type(value) is np.ndarray and value.dtype.kind in "biufc":
        return value.view(Outside)
    return tuple(map(_wrapped, value)) if type(value) is tuple else value


def _made(trace: Recorder | None, result: Any, given: Any) -> Any:
    """What was computed of arrays from outside: memory of its own, which may be written into."""
    if trace is None:
        return _wrapped(result)
    if type(result) is tuple:
        return tuple([_made(trace, part, given) for part in result])
    return made_here(trace, result, given, _wrapped)


def _unwrapped(value: Any) -> Any:
    """A concrete tracer that is a view as the array that it holds: one of elements outside."""
    if isinstance(value, Tracer) and value.is_concrete and not _is_own(value):
        return _wrapped(value.content)
    return value


def _is_own(value: Tracer) -> bool:
    """Whether an array has memory of its own, which may be written into."""
    return isinstance(value.storage, Buffer) and value.content.ndim > 0


def _method(name: str) -> Callable[..., Any]:
    plain = getattr(np.ndarray, name)

    def call(self: Outside, *args: Any, **kwargs: Any) -> Any:
        trace = _caller()
        if trace is None:
            return plain(self, *args, **kwargs)
        return _unwrapped(getattr(trace.of_outside(self), name)(*args, **kwargs))

    call.__name__ = name
    call.__doc__ = plain.__doc__
    return call


for _name in (
    "all any argmax argmin argsort astype choose clip compress cumprod cumsum diagonal dot flatten "
    "max mean min prod ravel repeat reshape round searchsorted squeeze std sum swapaxes take trace "
    "transpose var"
).split():
    setattr(Outside, _name, _method(_name))


def _property(name: str) -> property:
    def get(self: Outside) -> Any:
        trace = _caller()
        if trace is None:
            return getattr(_bare(self), name)
        return _unwrapped(getattr(trace.of_outside(self), name))

    return property(get)


for _name in ("T", "mT"):
    setattr(Outside, _name, _property(_name))


def _copy(self: Outside, order: Any = "C") -> Any:
    """A copy, which the function may write into."""
    trace = _caller()
    return np.ndarray.copy(self, order) if trace is None else trace.of_outside(self).copy()


setattr(Outside, "copy", _copy)  # noqa: B010  as all others


def outside(array: Any, label: str) -> Any:
    """An array under the name that the user has for it."""
    made = array.view(Outside)
    made.label = label
    return made
