"""Conversions of tracers: arrays and numbers in another type, and such of their own."""

from __future__ import annotations

from typing import Any

from symdiff.errors import UnsupportedError
from symdiff.frontend.lowering.base import dtype_name
from symdiff.frontend.tracing import integers
from symdiff.frontend.tracing.array import ArrayTracer, ScalarTracer, buffered
from symdiff.frontend.tracing.memory import keeps_c_order
from symdiff.frontend.tracing.recorder import Recorder
from symdiff.frontend.tracing.tracer import Tracer
from symdiff.frontend.tracing.values import numpy
from symdiff.graph.node import COMPLEX
from symdiff.ops.handle import Handle
from symdiff.ops.registry import OPERATIONS


def cast_name(trace: Recorder, dtype: Any) -> str:
    """A type by the name that the casts have; others are refused here."""
    try:
        return dtype_name(dtype)
    except UnsupportedError as error:
        trace.refuse(error.message, error.suggestion)


def astype(trace: Recorder, value: Tracer, dtype: Any, *, copy: bool = True) -> Any:
    """An array in another type; itself where it is of that and need not be copied."""
    np = numpy()
    content = value.content
    if np.dtype(dtype) == value.dtype:
        return trace.copy(value, type(value), in_c_order=keeps_c_order(value)) if copy else value
    if not isinstance(content, Handle):
        return trace.of_numpy(content.astype(dtype))
    wanted, is_whole = np.dtype(dtype), value.dtype.kind in "iub"
    if is_whole and integers.is_narrow(wanted):
        handle = trace.placed(lambda: integers.cast(trace, value, wanted))
        return buffered(trace, handle, wanted, type(value), in_c_order=keeps_c_order(value))
    name = cast_name(trace, dtype)
    if value.dtype.kind == "c" and name != COMPLEX:
        trace.refuse(
            f"a conversion of complex numbers to {name} drops a part of them",
            "write np.real(z), np.imag(z) or np.abs(z)",
        )
    handle = trace.placed(lambda: OPERATIONS[f"as_{name}"](trace.handle(value)))
    kind = ArrayTracer if isinstance(value, ArrayTracer) else ScalarTracer
    return buffered(trace, handle, np.dtype(name), kind, in_c_order=keeps_c_order(value))


def copy(trace: Recorder, value: Tracer, kind: type[Tracer], *, in_c_order: bool) -> Tracer:
    """An array or a number of its own."""
    content = value.content
    own = content if isinstance(content, Handle) else content.copy()
    if isinstance(content, Handle):
        own = trace.handle(value)
    return buffered(trace, own, value.dtype, kind, in_c_order=in_c_order)
