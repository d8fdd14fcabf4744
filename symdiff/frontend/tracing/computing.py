"""Functions of NumPy that compute, where the user's code calls them during a trace."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from symdiff.frontend.tracing.contents import is_plain_array
from symdiff.frontend.tracing.places import is_ours
from symdiff.frontend.tracing.recorder import Recorder
from symdiff.frontend.tracing.running import active
from symdiff.frontend.tracing.values import flat, numpy


@cache
def computing(function: Any) -> Any:
    """A function of NumPy's where the user's code calls it; itself where it refuses to be called.

    An array that it computes of known values may be written into, so it is a tracer. A universal
    function takes lists with tracers, which NumPy would make arrays of before it asks those.
    """
    code = getattr(function, "__code__", None)
    if code is not None and is_ours(code.co_filename):
        return function
    is_universal = type(function).__name__ == "ufunc"

    def call(*args: Any, **kwargs: Any) -> Any:
        trace = active()
        if trace is None or trace.is_paused:
            return function(*args, **kwargs)
        if is_universal and any(isinstance(value, (list, tuple)) for value in args):
            args = tuple([_array_of(trace, value) for value in args])
        return made_here(trace, function(*args, **kwargs), (args, kwargs))

    return call


def _array_of(trace: Recorder, value: Any) -> Any:
    """A list with tracers as an array; others as they are."""
    is_traced = isinstance(value, (list, tuple)) and trace.holds_tracers(value)
    return trace.call("array", value) if is_traced else value


def made_here(
    trace: Recorder, result: Any, given: Any, other: Callable[[Any], Any] = lambda result: result
) -> Any:
    """What a function of NumPy gave for known values, as the user's code meets it.

    Args:
        trace: the trace that runs.
        result: what it gave. An array of its own memory is a tracer, so that writes are seen.
        given: its arguments.
        other: what becomes of any other result.
    """
    np = numpy()
    if not is_plain_array(result):
        return other(result)
    if any(is_plain_array(value) and np.may_share_memory(value, result) for value in flat(given)):
        return other(result)
    plain = result.view(np.ndarray)
    is_whole = type(result) is np.ndarray and result.base is None
    return trace.of_numpy(plain if is_whole else plain.copy())
