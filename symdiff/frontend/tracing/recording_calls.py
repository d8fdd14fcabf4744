"""Recording of calls: what stands in the place of functions that NumPy's protocols do not reach."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from functools import wraps
from types import BuiltinFunctionType
from typing import Any

from symdiff.errors import SymdiffError
from symdiff.frontend.tracing.array import ArrayTracer
from symdiff.frontend.tracing.computing import made_here
from symdiff.frontend.tracing.creation import compute, create
from symdiff.frontend.tracing.kinds import in_kinds
from symdiff.frontend.tracing.lists import ListTracer
from symdiff.frontend.tracing.places import is_called_by, is_traced
from symdiff.frontend.tracing.recorder import Recorder
from symdiff.frontend.tracing.routines import ROUTINES
from symdiff.frontend.tracing.running import active
from symdiff.frontend.tracing.scalars import asked
from symdiff.frontend.tracing.values import numpy_function

CREATION = (
    "arange array asanyarray asarray ascontiguousarray asfortranarray bartlett blackman copy empty "
    "empty_like eye full full_like geomspace hamming hanning identity indices kaiser linspace "
    "logspace ones ones_like require tri zeros zeros_like"
).split()
# by the name in `math`, NumPy's
MATH = {
    **{name: name for name in
       "acos acosh asin asinh atan atan2 atanh cbrt cos cosh exp exp2 expm1 fabs floor ceil fmod "
       "hypot isfinite isinf isnan log10 log1p log2 pow sin sinh sqrt tan tanh trunc "
       "degrees radians copysign".split()},
    "erf": "scipy.special.erf", "erfc": "scipy.special.erfc",
    "gamma": "scipy.special.gamma", "lgamma": "scipy.special.gammaln", "log": "log",
}  # fmt: skip

_JOINING = frozenset("concatenate concat stack hstack vstack column_stack".split())
_OF_ANY_NUMBER = frozenset(("hypot",))

# by the function itself, or by what stands in its place, what records where it is called
RECORDING: dict[Any, Callable[..., Any]] = {}


def recording(function: Any) -> Any:
    """What records in the place of a function that is called by the user's code itself.

    Whatever name it is called by: a library may have bound it to one of its own.
    """
    return RECORDING.get(function, function)


def of_numpy(function: Any) -> Any:
    """NumPy's function for one of `math`'s, which could not be traced; others as they are."""
    name = MATH.get(getattr(function, "__name__", ""), "")
    # not by its names alone, which `functools.wraps` gives to a function of the user's
    if not isinstance(function, BuiltinFunctionType) or function.__module__ != "math" or not name:
        return function
    if name == function.__name__ and name in _OF_ANY_NUMBER:
        return _of_any_number(function)
    return numpy_function(name)


def _of_any_number(function: Any) -> Callable[..., Any]:
    """A function of `math` of any number of arguments, where NumPy's takes two."""

    @wraps(function)
    def called(*x: Any) -> Any:
        trace = active()
        name = function.__name__
        return function(*x) if trace is None else compute(trace, name, MATH[name], x, {})

    return called


def caller_is_traced() -> Recorder | None:
    """The active trace, where the call comes from the user's code."""
    trace = active()
    if trace is None or trace.is_paused:
        return None
    frame = sys._getframe(2)
    if frame.f_globals.get("__name__") == "logging":  # it puts the time on what is said
        return None
    return trace if is_traced(frame) else None


def creating(name: str) -> Callable[[Any], Any]:
    """A function that makes an array, of tracers or not."""

    def make(old: Any) -> Any:
        @wraps(old)
        def record(*args: Any, **kwargs: Any) -> Any:
            trace = caller_is_traced()
            if trace is None or not (
                is_called_by(sys._getframe(1), record) or trace.holds_tracers((args, kwargs))
            ):
                return old(*args, **kwargs)
            return create(trace, name, old, args, kwargs)

        def direct(*args: Any, **kwargs: Any) -> Any:
            trace = active()
            if trace is None or trace.is_paused:
                return old(*args, **kwargs)
            return create(trace, name, old, args, kwargs)

        RECORDING[old] = RECORDING[record] = wraps(old)(direct)
        return record

    return make


def calling(name: str) -> Callable[[Any], Any]:
    """A function of the catalogue that does not hand its work to its arguments' types."""

    def make(old: Any) -> Any:
        @wraps(old)
        def record(*args: Any, **kwargs: Any) -> Any:
            trace = caller_is_traced()
            if trace is None or not trace.holds_tracers((args, kwargs)):
                return old(*args, **kwargs)
            return trace.call(name, *args, **kwargs)

        def direct(*args: Any, **kwargs: Any) -> Any:
            trace = active()
            if trace is None or trace.is_paused or not trace.holds_tracers((args, kwargs)):
                return old(*args, **kwargs)
            return trace.call(name, *args, **kwargs)

        RECORDING[old] = RECORDING[record] = wraps(old)(direct)
        return record

    return make


def of_routine(name: str) -> Callable[[Any], Any]:
    """A routine that calls the user's functions, and is no line of the catalogue."""

    def make(old: Any) -> Any:
        @wraps(old)
        def routine(*args: Any, **kwargs: Any) -> Any:
            trace = caller_is_traced()
            if trace is None:
                return old(*args, **kwargs)
            try:
                return in_kinds(name, ROUTINES[name], trace, old, *args, **kwargs)
            except SymdiffError as error:
                if error.span is not None:
                    raise
                raise trace.noted(error.at(None, trace.place())) from error.__cause__

        return routine

    return make


def listing(name: str) -> Callable[[Any], Any]:
    """A function that hands its work to arrays, but not to what stands in lists."""

    def make(old: Any) -> Any:
        @wraps(old)
        def record(*args: Any, **kwargs: Any) -> Any:
            trace = caller_is_traced()
            if trace is None or not _holds_lists(trace, name, args):
                return old(*args, **kwargs)
            return trace.call(name, *args, **kwargs)

        def direct(*args: Any, **kwargs: Any) -> Any:
            trace = active()
            if trace is None or trace.is_paused:
                return old(*args, **kwargs)
            if _holds_lists(trace, name, args):
                return trace.call(name, *args, **kwargs)
            return made_here(trace, old(*args, **kwargs), (args, kwargs))

        RECORDING[old] = RECORDING[record] = wraps(old)(direct)
        # `wraps` leaves the function that NumPy's own wraps
        record.__wrapped__ = old
        return record

    return make


def _holds_lists(trace: Recorder, name: str, args: Sequence[Any]) -> bool:
    """Whether a list with tracers is among the arguments, or an array that is taken for one."""
    is_list = name in _JOINING and type(args[0]) is ArrayTracer if args else False
    return is_list or any(
        isinstance(value, ListTracer)
        or (isinstance(value, (list, tuple)) and trace.holds_tracers(value))
        for value in args
    )


def of_math(name: str, numpy: str) -> Callable[[Any], Any]:
    """A function of numbers of `math`, by its name there and in NumPy."""

    def make(old: Any) -> Any:
        @wraps(old)
        def record(*args: Any, **kwargs: Any) -> Any:
            trace = caller_is_traced()
            if trace is None:
                return old(*args, **kwargs)
            args = tuple([list(arg) if isinstance(arg, Iterator) else arg for arg in args])
            args = tuple([asked(arg, "__float__", "__index__") for arg in args])
            if not trace.holds_tracers(args):
                return old(*args, **kwargs)
            return compute(trace, name, numpy, args, kwargs)

        return record

    return make
