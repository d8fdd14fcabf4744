"""Whole numbers of few bits, which wrap: uint8, int32 and their like.

The graph knows int64 alone. Sums, differences and products are computed in it and wrapped to the
type that NumPy's result has, which is exact: they are rings. What else NumPy does with few bits
(divide after a sum has wrapped, compute in float16) is refused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from symdiff.frontend.lowering import LOWERINGS
from symdiff.frontend.tracing.array import IntTracer, NumberTracer
from symdiff.frontend.tracing.recorder import Recorder
from symdiff.frontend.tracing.tracer import Tracer
from symdiff.frontend.tracing.values import concrete, flat, numpy, numpy_function, of_class
from symdiff.frontend.tracing.views import VIEWS
from symdiff.graph.node import INT
from symdiff.graph.shape import evaluate, names_of
from symdiff.ops.handle import Handle
from symdiff.ops.registry import OPERATIONS

_SAMPLE = 97  # a length for a named dimension, where only types matter

# Exact in int64 for what fits few bits, or a ring: to be wrapped
_RINGS = frozenset(
    "absolute abs add clip conj conjugate convolve correlate cross cumprod cumsum cumulative_prod "
    "cumulative_sum diff divmod dot ediff1d einsum floor_divide fmod inner kron linalg.cross "
    "linalg.matmul linalg.matrix_power linalg.multi_dot linalg.outer linalg.tensordot "
    "linalg.trace linalg.vecdot matmul matvec mod multiply nancumprod nancumsum nanprod nansum "
    "negative outer positive power pow prod ptp remainder sign square subtract sum tensordot trace "
    "vdot vecdot vecmat".split()
)
# Results are some of the elements
_CHOICES = (VIEWS - _RINGS) | frozenset(
    "amax amin append around array asarray asanyarray block broadcast_arrays ceil choose "
    "column_stack compress concat concatenate copy delete diagflat dstack empty_like extract fix "
    "floor fmax fmin full_like hstack insert linalg.diagonal max maximum meshgrid min minimum "
    "nanmax nanmin ones_like partition put_along_axis repeat require rint roll round row_stack "
    "select sort stack stop_gradient take take_along_axis tile tril triu trunc vstack where "
    "zeros_like".split()
)
# Results are places, counts or truths
_PLACES = frozenset(
    "all allclose any argmax argmin argsort argpartition array_equal count_nonzero digitize equal "
    "flatnonzero greater greater_equal isclose isfinite isinf isnan less less_equal logical_and "
    "logical_not logical_or logical_xor ndim nonzero not_equal searchsorted shape signbit "
    "size".split()
)
# NumPy computes these in float64 from the start
_FLOATS = frozenset(
    "average corrcoef cov float_power gradient interp linalg.cond linalg.cholesky linalg.det "
    "linalg.eigh linalg.eigvalsh linalg.inv linalg.lstsq linalg.matrix_norm linalg.norm "
    "linalg.pinv linalg.qr linalg.slogdet linalg.solve linalg.svd linalg.svdvals "
    "linalg.vector_norm mean median nanmean nanstd nanvar std var".split()
)
# Python's, also of its own numbers
_OPERATORS = frozenset(
    "absolute add divmod floor_divide multiply negative positive power remainder round "
    "subtract".split()
)
# What few numbers of few bits do not bring near 2**63
_SUMS = frozenset("cumsum cumulative_sum linalg.trace nancumsum nansum sum trace".split())


def is_narrow(dtype: Any) -> bool:
    """Whether a type is one of whole numbers, and not int64."""
    return dtype.kind in "iu" and dtype != numpy().int64


def narrow_type(operands: Sequence[Any]) -> Any:
    """A type of few bits among whole numbers alone, `None` where floats meet them or there is none.

    A float brings all of them to float64 before anything is computed.
    """
    np = numpy()
    found = None
    for value in operands:
        if isinstance(value, float) and not isinstance(value, np.generic):
            return None
        if isinstance(value, (Tracer, np.ndarray, np.generic)):
            if value.dtype.kind == "f":
                return None
            if is_narrow(value.dtype):
                found = value.dtype
    return found


def result_type(
    trace: Recorder, name: str, args: Sequence[Any], kwargs: Mapping[str, Any], narrow: Any
) -> Any:
    """The type of NumPy's result, of a call on whole numbers some of which have few bits.

    Raises:
        UnsupportedError: where the call is not exact in int64.
    """
    np = numpy()
    function = numpy_function(name) if name in LOWERINGS else None
    is_ufunc = isinstance(function, np.ufunc)
    if name in _PLACES:
        return np.dtype(np.int64)
    if name in _CHOICES:
        return _common(trace, name, (args, kwargs), narrow)
    if name not in _RINGS | _FLOATS and not is_ufunc:
        _refuse(trace, name, narrow)
    trace.is_paused = True
    try:
        with np.errstate(all="ignore"):
            found = function(*_dummies(args), **_dummies(kwargs))  # type: ignore[misc] # known
    finally:
        trace.is_paused = False
    dtype = np.asarray(found[0] if isinstance(found, tuple) else found).dtype
    computes_in_floats = is_ufunc and dtype == np.float64
    is_exact = name in _RINGS and (dtype != np.uint64 or name in _SUMS)
    computes_in_floats |= name in _FLOATS and dtype == np.float64
    if not (is_exact or computes_in_floats or dtype == np.bool_):
        _refuse(trace, name, narrow)
    return dtype


def _common(trace: Recorder, name: str, given: Any, narrow: Any) -> Any:
    """The type that the arrays of a call have together."""
    np = numpy()
    kinds = (Tracer, np.ndarray, np.generic)
    found = np.result_type(*[value.dtype for value in flat(given) if isinstance(value, kinds)])
    if found.kind == "f":
        _refuse(trace, name, narrow)
    return found


def _refuse(trace: Recorder, name: str, narrow: Any) -> None:
    shown = name if name.startswith("scipy.") else f"np.{name}"
    trace.refuse(
        f"{shown} of {narrow} is not supported: NumPy computes with few bits, and may wrap",
        "convert them first, with .astype(np.int64) or .astype(float)",
    )


def _dummies(value: Any) -> Any:
    """Values of the same types and shapes."""
    np = numpy()
    if isinstance(value, Tracer):
        if value.is_concrete:
            return concrete(value)
        lengths = tuple(value.content.shape)
        shape = [evaluate(n, dict.fromkeys(names_of([(n,)]), _SAMPLE)) for n in lengths]
        made = np.ones(shape, value.dtype)
        return made if shape else made[()]
    if isinstance(value, dict):
        return {key: _dummies(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)([_dummies(part) for part in value])
    return value


def has_rounded(name: str, operands: Sequence[Any]) -> bool:
    """Whether an int that a line of floats holds meets whole numbers alone where NumPy computes.

    NumPy's result is whole then. What Python's operators make of Python's numbers is theirs.
    """
    if len(operands) < 2 or not any(map(_is_rounded, operands)):
        return False
    is_numpys = name not in _OPERATORS or any(map(_is_numpys, operands))
    return is_numpys and name in _RINGS | _CHOICES and all(map(_is_whole, operands))


def _is_rounded(value: Any) -> bool:
    return type(value) is IntTracer and value.dtype.kind == "f"


def _is_numpys(value: Any) -> bool:
    is_tracer = isinstance(value, Tracer) and not isinstance(value, NumberTracer)
    return is_tracer or isinstance(value, (numpy().ndarray, numpy().generic))


def _is_whole(value: Any) -> bool:
    if type(value) is IntTracer:
        return True
    if isinstance(value, (Tracer, numpy().ndarray, numpy().generic)):
        return value.dtype.kind in "biu"
    return not isinstance(value, (float, complex))


def as_whole(trace: Recorder, value: Any) -> Any:
    """An int that a line of floats holds as int64, also in a list; all else as it is."""
    if _is_rounded(value):
        return trace.astype(value, int)
    if isinstance(value, (list, tuple)):
        return type(value)([as_whole(trace, part) for part in value])
    return value


def is_computed_in_int64(name: str) -> bool:
    """Whether the arguments are to be widened before the call."""
    return name not in _CHOICES | _PLACES


def widened(value: Any) -> Any:
    """Lines and arrays of whole numbers as int64; all else as it is."""
    np = numpy()
    if isinstance(value, Handle) and value.dtype == INT:
        return OPERATIONS["as_int64"](value)
    if isinstance(value, np.ndarray) and is_narrow(value.dtype):
        return value.astype(np.int64)
    if isinstance(value, (list, tuple)):
        return type(value)([widened(part) for part in value])
    return value


def cast(trace: Recorder, value: Tracer, dtype: Any) -> Handle:
    """Whole numbers or truths in a type of few bits."""
    line: Handle = OPERATIONS["as_int64"](trace.handle(value))
    if dtype == numpy().uint64 and value.dtype.kind == "i":
        trace.refuse(
            "a conversion of whole numbers with signs to uint64 is not supported",
            "leave them as int64",
        )
    found: Handle = wrapped(line, dtype)
    return found


def stored(trace: Recorder, value: Any, dtype: Any) -> Any:
    """A value as an array of whole numbers of few bits takes it: arrays wrap, numbers must fit."""
    if isinstance(value, Tracer):
        return trace.astype(value, dtype, copy=False) if value.dtype.kind in "iub" else value
    if isinstance(value, numpy().ndarray):
        return value.astype(dtype)
    return numpy().array(value, dtype)


def wrapped(result: Any, dtype: Any) -> Any:
    """Lines of whole numbers brought into the range of a type, as NumPy does it."""
    if isinstance(result, (list, tuple)):
        return of_class(result, [wrapped(part, dtype) for part in result])
    if not isinstance(result, Handle) or result.dtype != INT or dtype.itemsize == 8:
        return result
    b: Any = result.builder
    bits = 8 * dtype.itemsize
    lowest = 0 if dtype.kind == "u" else -(2 ** (bits - 1))
    moved = LOWERINGS["subtract"](b, result, lowest) if lowest else result
    remaining = LOWERINGS["remainder"](b, moved, 2**bits)
    return LOWERINGS["add"](b, remaining, lowest) if lowest else remaining
