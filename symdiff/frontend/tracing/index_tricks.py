"""Concatenation by an index, `np.r_[a, b]` and `np.c_[a, b]`, while a trace runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any

from symdiff.frontend.tracing.recorder import Recorder
from symdiff.frontend.tracing.running import active
from symdiff.frontend.tracing.values import numpy


def index_methods() -> Iterator[tuple[type, str, Callable[[Any], Any]]]:
    """The class and the method that are patched, with what makes the other method."""
    for kind in type(numpy().r_).__mro__:
        if "__getitem__" in vars(kind):
            yield kind, "__getitem__", _recording


def _recording(old: Any) -> Any:
    @wraps(old)
    def read(self: Any, key: Any) -> Any:
        trace = active()
        if trace is None or trace.is_paused or not trace.holds_tracers(key):
            return old(self, key)
        parts = key if isinstance(key, tuple) else (key,)
        return _joined(trace, parts, self.axis, self.ndmin, self.trans1d)

    return read


def _joined(trace: Recorder, parts: Any, axis: int, least: int, place: int) -> Any:
    """The parts one behind another.

    Args:
        trace: the trace that runs.
        parts: arrays, numbers, and slices as ranges; a first text says what the others do.
        axis: along which they are joined.
        least: how many axes each has at least.
        place: where the axes of a part come to stand among those: 0 for the first, -1 the last.
    """
    if isinstance(parts[0], str):
        numbers = parts[0].split(",")
        if len(numbers) > 3 or not all(_is_whole(number) for number in numbers):
            trace.refuse(
                f"np.r_[{parts[0]!r}, ...] makes a matrix",
                "write np.r_[...] and give its result the shape that is meant",
            )
        given = [int(number) for number in numbers]
        axis, least, place = [*given, *(axis, least, place)[len(given) :]]
        parts = parts[1:]
    grown = [_grown(_array(trace, part), least, place) for part in parts]
    return trace.call("concatenate", grown, axis)


def _is_whole(text: str) -> bool:
    return text.strip().removeprefix("-").isdigit()


def _array(trace: Recorder, part: Any) -> Any:
    return numpy().r_[part] if isinstance(part, slice) else trace.call("asarray", part)


def _grown(array: Any, least: int, place: int) -> Any:
    """An array with as many axes as are wanted, its own ones at a place among them."""
    missing = least - array.ndim
    if missing <= 0:
        return array
    before = place if place >= 0 else missing + 1 + place
    if array.ndim == 0:
        before = missing
    return array[(*[None] * before, ..., *[None] * (missing - before))]
