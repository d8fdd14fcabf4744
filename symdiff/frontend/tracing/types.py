"""NumPy's types of tracers: what is promoted to what, and which line holds which."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from symdiff.frontend.tracing.array import ArrayTracer, BoolTracer, ScalarTracer
from symdiff.frontend.tracing.tracer import Tracer
from symdiff.frontend.tracing.values import numpy
from symdiff.graph.node import BOOL, COMPLEX, FLOAT, INT
from symdiff.ops.handle import Handle

# Of numbers they make an array without axes, where others make a scalar
_ARRAYS = frozenset(
    "array asanyarray asarray block broadcast_to copy cov cross empty empty_like full full_like i0 "
    "linalg.cross linalg.tensordot ones ones_like pad permute_dims piecewise real_if_close require "
    "reshape roll scipy.special.polygamma select squeeze tensordot tile transpose where zeros "
    "zeros_like".split()
)
_METHODS = frozenset("permute_dims reshape squeeze transpose".split())  # of a scalar: itself
_REAL = {"F": "float32", "D": "float64"}  # the floats that complex numbers are made of
_LIKE_ARGUMENT = frozenset(("real", "imag"))
_TRUTHS = frozenset(("allclose", "array_equal"))


def without_axes(name: str, args: Sequence[Any]) -> type[Tracer] | None:
    """The class of a result without axes: an array for some functions, else `None`."""
    if name in _LIKE_ARGUMENT or (name in _METHODS and isinstance(args[0], ScalarTracer)):
        return type(args[0]) if isinstance(args[0], Tracer) and args[0].shape == () else None
    if name in _TRUTHS:
        return BoolTracer
    return ArrayTracer if name in _ARRAYS else None


def kind_of(dtype: Any) -> str:
    """The kind of the line that holds elements of a type."""
    return {"b": BOOL, "i": INT, "u": INT, "c": COMPLEX}.get(dtype.kind, FLOAT)


def dtype_of(handle: Handle, floating: Any) -> Any:
    """NumPy's type of a line, where its floats, or whole numbers of few bits, are of this one."""
    np = numpy()
    if handle.dtype == INT and floating.kind in "iu":
        return floating
    if handle.dtype == COMPLEX:
        return np.dtype(np.complex64 if floating in (np.float32, np.complex64) else complex)
    if handle.dtype == FLOAT:
        return np.dtype(np.float32) if floating == np.float32 else np.dtype(float)
    return np.dtype(np.int64 if handle.dtype == INT else bool)


def result_dtype(operands: Sequence[Any]) -> Any:
    """NumPy's type for a computation on the operands, where it comes out as floats."""
    np = numpy()
    found = [
        _REAL.get(value.dtype.char, value.dtype)
        for value in operands
        if isinstance(value, (Tracer, np.ndarray, np.generic)) and value.dtype.kind in "biufc"
    ]
    if any(dtype == np.float32 for dtype in found):
        return np.result_type(*found)
    return np.dtype(float)


def must_widen(operands: Sequence[Any], dtype: Any) -> bool:
    """Whether float32 meets concrete float64, and the result is float64.

    Where both are symbolic the emitted code widens by itself; beside a number in print it does not.
    """
    np = numpy()
    tracers = [value for value in operands if isinstance(value, Tracer)]
    floats = [value for value in tracers if value.dtype.kind == "f"]
    symbolic = {value.dtype for value in floats if not value.is_concrete}
    has_concrete = any(
        value.is_concrete
        if isinstance(value, Tracer)
        else isinstance(value, (np.ndarray, np.generic))
        for value in operands
    )
    return dtype == np.float64 and symbolic == {np.dtype(np.float32)} and has_concrete


def is_single(value: Any) -> bool:
    """Whether a value is a symbolic tracer of float32."""
    return isinstance(value, Tracer) and value.dtype == numpy().float32 and not value.is_concrete
