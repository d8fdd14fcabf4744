"""Numbers and slices of an index on an axis, whose length may be a named dimension."""

from __future__ import annotations

import operator
from typing import Any

from symdiff.errors import IndexingError, ShapeError
from symdiff.frontend.lowering.base import (
    constant,
    known,
    refuse,
    whole_number,
)
from symdiff.graph.shape import Dim, Dimension, least_within, quotient
from symdiff.ops.builder import Builder
from symdiff.ops.handle import Handle


def within(b: Builder, at: Handle, length: Dimension, axis: int) -> Handle:
    """An index array whose negative entries count from the front, where it is known."""
    import numpy as np

    array = known(at)
    if array is None or isinstance(length, Dim):
        return at
    outside = array[(array < -length) | (array >= length)]
    if outside.size:
        raise _out_of_range(int(outside[0]), length, axis)
    if np.all(array >= 0):
        return at
    return constant(b, np.where(array < 0, array + length, array))


def _out_of_range(place: Dimension, length: Dimension, axis: int) -> IndexingError:
    return IndexingError(f"index {place} is out of range for axis {axis} with length {length}")


def from_front(b: Builder, place: Dimension, length: Dimension, axis: int) -> Dimension:
    """A number as an index: from the front where the length is a number, else as it is."""
    if _depends_on_step(b, place) and all(_is_natural(b, n) for n in (place, length - place - 1)):
        return place
    is_named = isinstance(place, Dim)
    if is_named:
        place = place - length  # the names cancel in x[N - 1]
    if isinstance(place, Dim):
        refuse(f"whether the index {place + length} is below the length {length} is not known")
    if is_named and place >= 0:
        raise _out_of_range(place + length, length, axis)
    if isinstance(length, Dim):
        return place
    if not -length <= place < length:
        raise _out_of_range(place, length, axis)
    return place % length


def extent(b: Builder, item: slice, length: Dimension) -> tuple[Dimension, Dimension, int]:
    """The first element of a slice, how many there are, and the step."""
    start, stop = _bound(item.start), _bound(item.stop)
    step = 1 if item.step is None else whole_number(_bound(item.step), "the step of a slice")
    if step == 0:
        raise ShapeError("the step of a slice is 0")
    if isinstance(length, Dim) or any(isinstance(n, Dim) for n in (start, stop)):
        return _named_extent(b, start, stop, step, length)
    taken = range(*slice(start, stop, step).indices(length))
    if not taken:
        return 0, 0, 1
    return taken.start, len(taken), step if len(taken) > 1 else 1


def _bound(value: Any) -> Any:  # None, a number or a length
    """A bound of a slice."""
    if isinstance(value, Handle):
        value = known(value)
        if value is None:
            refuse(
                "the bounds of a slice must be known before the function runs",
                "write np.take(x, start + np.arange(length), axis=0), or give the lengths of the "
                "arrays as numbers",
            )
        value = value.item()
    return value if value is None or isinstance(value, Dim) else operator.index(value)


def _named_extent(
    b: Builder, start: Any, stop: Any, step: int, length: Dimension
) -> tuple[Dimension, Dimension, int]:
    """The extent of a slice whose bounds or length are named dimensions.

    What it cuts off at either end must be known not to be negative; of one that depends on a step
    of a loop, how long it is too.
    """
    if step > 0:
        first = _bound_from_front(b, start, length, 0)
        last = _bound_from_front(b, stop, length, length)
        span, cut = last - first, [first, length - last]
    else:
        first = _bound_from_front(b, start, length, length - 1)
        last = _bound_from_front(b, stop, length, -1)
        span, cut = first - last, [length - 1 - first, last + 1]
    count = quotient(span, abs(step))
    if _depends_on_step(b, span):
        cut.append(span)
    if count is None or any(not _is_natural(b, n) for n in cut):
        refuse(
            f"which elements this slice takes depends on the length {length}, which is named",
            "give the length as a number",
        )
    if isinstance(count, int) and count <= 0:
        return 0, 0, 1
    return first, count, step


def _bound_from_front(
    b: Builder, bound: Dimension | None, length: Dimension, default: Dimension
) -> Dimension:
    if bound is None:
        return default
    if _is_natural(b, bound * -1 - 1):
        return length + bound
    if _depends_on_step(b, bound) and not _is_natural(b, bound):
        refuse(
            "whether a bound of this slice is negative in some steps of the loop is not known",
            "let the loop begin where it is not",
        )
    return bound


def _depends_on_step(b: Builder, length: Dimension) -> bool:
    """Whether a length is another one in each step of a loop."""
    return isinstance(length, Dim) and not length.names.isdisjoint(b.ranges)


def _is_natural(b: Builder, length: Dimension) -> bool:
    """Whether a length is at least 0 for all lengths of the named dimensions."""
    least = least_within(length, b.ranges)
    return least is not None and least >= 0
