"""Functions that make arrays, and `math`'s, as the user's code meets them during a trace."""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from symdiff.frontend.tracing.array import ArrayTracer
from symdiff.frontend.tracing.memory import keeps_c_order
from symdiff.frontend.tracing.recorder import Recorder
from symdiff.frontend.tracing.scalars import as_python
from symdiff.frontend.tracing.storage import Buffer, View
from symdiff.frontend.tracing.tracer import Tracer
from symdiff.frontend.tracing.values import concrete, flat, numpy

_ALIASES = ("asarray", "asanyarray")
_CONTIGUOUS = {"C": "ascontiguousarray", "F": "asfortranarray"}
_FROM_MEMORY = ("empty", "empty_like")
_UNTYPED = ("zeros", "ones", "full", "empty")


def create(
    trace: Recorder,
    name: str,
    old: Callable[..., Any],
    args: Sequence[Any],
    kwargs: Mapping[str, Any],
) -> Any:
    """A creation function of NumPy that the user's code calls.

    Args:
        trace: the trace that runs.
        name: of the function.
        old: the function itself.
        args: those of the call.
        kwargs: those of the call.
    """
    if args and isinstance(args[0], Tracer) and name in _CONVERSIONS:
        return _CONVERSIONS[name](trace, name, *args, **kwargs)
    if not any(trace.is_symbolic(value) for value in flat((args, kwargs))):
        return _made(trace, name, old, args, kwargs)
    keywords = {key: v for key, v in kwargs.items() if key not in ("order", "like", "subok")}
    result = trace.call(name, *args, **keywords)
    if isinstance(result, Tracer) and isinstance(result.storage, Buffer):
        result.storage.in_c_order = not isinstance(args[0], Tracer) or keeps_c_order(args[0])
        if name in _UNTYPED and "dtype" not in keywords:
            result.storage.dtype = numpy().dtype(float)
    return result


def _alias(
    trace: Recorder, name: str, array: Tracer, dtype: Any = None, order: Any = None, **_: Any
) -> Any:
    """`np.asarray`: the array itself where it is of the type."""
    if order in _CONTIGUOUS:
        array = trace.call(_CONTIGUOUS[order], array)
    elif name not in _ALIASES:
        array = trace.call(name, array)
    if not isinstance(array, ArrayTracer):
        array = trace.copy(array, ArrayTracer, in_c_order=True)
    return trace.astype(array, dtype, copy=False) if dtype is not None else array


def _array(
    trace: Recorder,
    _name: str,
    array: Tracer,
    dtype: Any = None,
    *,
    copy: Any = True,
    ndmin: int = 0,
    order: Any = None,
    **_: Any,
) -> Any:
    """`np.array`: a copy, unless that is not asked for."""
    copy = copy is True or getattr(copy, "name", "") == "ALWAYS"  # NumPy's own enumeration
    made = _alias(trace, "asarray", array, dtype, None if copy else order)
    if copy and made is array:
        in_order = order == "C" or (order in (None, "K") and keeps_c_order(array))
        made = trace.copy(array, ArrayTracer, in_c_order=in_order)
    missing = ndmin - made.ndim
    return made[(None,) * missing] if missing > 0 else made


def _require(
    trace: Recorder,
    _name: str,
    array: Tracer,
    dtype: Any = None,
    requirements: Any = None,
    **_: Any,
) -> Any:
    """`np.require`: the array itself where it is as required."""
    wanted = {str(item)[0].upper() for item in requirements or ()}
    order = next((order for order in _CONTIGUOUS if order in wanted), None)
    made = _alias(trace, "asarray", array, dtype, order)
    is_shared = made is array and (array.argument or isinstance(array.storage, View))
    if is_shared and wanted & {"O", "W"}:
        return trace.copy(made, ArrayTracer, in_c_order=keeps_c_order(made))
    return made


_CONVERSIONS: Mapping[str, Callable[..., Any]] = {
    "array": _array,
    "asarray": _alias,
    "asanyarray": _alias,
    "require": _require,
    "ascontiguousarray": _alias,
    "asfortranarray": _alias,
}


def _made(
    trace: Recorder,
    name: str,
    old: Callable[..., Any],
    args: Sequence[Any],
    kwargs: Mapping[str, Any],
) -> Any:
    """A new concrete array; a tracer, so that writes into it are seen."""
    np = numpy()
    given = [concrete(value) for value in args]
    trace.is_paused = True
    try:
        made = old(*given, **{key: concrete(value) for key, value in kwargs.items()})
    finally:
        trace.is_paused = False
    if not isinstance(made, np.ndarray) or made.dtype.kind not in "biufc":
        return made
    if name in _FROM_MEMORY:
        made.fill(0)  # what memory happens to hold differs from run to run
    if any(isinstance(value, np.ndarray) and np.may_share_memory(value, made) for value in given):
        return made  # an array of the environment
    if not any(isinstance(value, Tracer) for value in args):
        trace.large.made(made, name, args, kwargs)
    return trace.of_numpy(made if made.base is None and made.flags.owndata else made.copy())


def compute(trace: Recorder, name: str, known_as: str, args: Sequence[Any], kwargs: Any) -> Any:
    """A function of `math` on tracers of numbers.

    Args:
        trace: the trace that runs.
        name: of the function in `math`.
        known_as: its name in NumPy; empty where it has none.
        args: those of the call.
        kwargs: those of the call.
    """
    if name in _OF_ITEMS:
        return _OF_ITEMS[name](*args, **kwargs)
    for value in args:
        if isinstance(value, Tracer) and value.shape != ():
            trace.refuse(
                f"math.{name} takes a number, and this is an array",
                f"write np.{known_as}" if known_as else None,
            )
    if not known_as:
        trace.refuse(f"math.{name} is not supported", _ADVICE.get(name))
    if name == "log" and len(args) == 2:
        args, known_as = (trace.call("log", args[0]), trace.call("log", args[1])), "divide"
    return as_python(trace.call(known_as, *args, **kwargs), _KINDS.get(name, float))


def _hypot(*coordinates: Any) -> Any:
    """The length of a vector."""
    trace = _trace_of(coordinates)
    if len(coordinates) == 2:
        return as_python(trace.call("hypot", *coordinates), float)
    return as_python(trace.call("linalg.norm", list(coordinates)), float)


def _dist(p: Any, q: Any) -> Any:
    """The distance of two points."""
    p, q = list(p), list(q)
    if len(p) != len(q):
        raise ValueError("both points must have the same number of dimensions")
    return _hypot(*[one - other for one, other in zip(p, q, strict=True)])


def _fsum(items: Any) -> Any:
    """The sum of floats."""
    return functools.reduce(operator.add, items, 0.0)


def _prod(items: Any, *, start: Any = 1) -> Any:
    """The product of numbers."""
    return functools.reduce(operator.mul, items, start)


def _sumprod(p: Any, q: Any) -> Any:
    """The sum of products."""
    return functools.reduce(operator.add, map(operator.mul, p, q), 0)


def _isclose(a: Any, b: Any, *, rel_tol: Any = 1e-9, abs_tol: Any = 0.0) -> Any:
    """Whether two numbers are near each other: of both alike, unlike NumPy's function."""
    call = _trace_of((a, b, rel_tol, abs_tol)).call
    largest = call("maximum", call("absolute", a), call("absolute", b))
    apart = call("absolute", call("subtract", a, b))
    near = call("less_equal", apart, call("maximum", call("multiply", rel_tol, largest), abs_tol))
    near = call("logical_and", near, call("isfinite", apart))
    return as_python(call("logical_or", call("equal", a, b), near), bool)


def _modf(x: Any) -> Any:
    """The fractional part and the whole one, both floats with the sign of the number."""
    return as_python(_trace_of((x,)).call("modf", x), float)


def _remainder(x: Any, y: Any) -> Any:
    """The rest to the nearest multiple, of two the even one (IEEE 754, 5.3.1): exact, as `fmod`."""
    call = _trace_of((x, y)).call
    period = call("absolute", y)
    rest = call("fmod", x, call("multiply", 2.0, period))  # of the quotient's parity
    whole = call("rint", call("divide", rest, period))
    return as_python(call("subtract", rest, call("multiply", whole, period)), float)


_OF_ITEMS: Mapping[str, Callable[..., Any]] = {
    "dist": _dist,
    "fsum": _fsum,
    "hypot": _hypot,
    "isclose": _isclose,
    "modf": _modf,
    "prod": _prod,
    "remainder": _remainder,
    "sumprod": _sumprod,
}
_KINDS = {
    **dict.fromkeys(("isfinite", "isinf", "isnan", "isclose"), bool),
    **dict.fromkeys(("floor", "ceil", "trunc"), int),
}
_ADVICE = {
    "factorial": "write math.gamma(n + 1)",
}


def _trace_of(values: Sequence[Any]) -> Recorder:
    return next(value.current for value in values if isinstance(value, Tracer))
