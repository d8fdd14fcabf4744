"""Axes as NumPy takes them, and the counts and masks along them."""

from __future__ import annotations

import operator
from typing import Any

from symdiff.frontend.lowering.base import (
    Value,
    as_whole,
    line,
)
from symdiff.frontend.lowering.elementwise import operate
from symdiff.frontend.lowering.truths import truth
from symdiff.graph.node import BOOL
from symdiff.graph.shape import (
    Dimension,
    normal_axes,
    normal_axis,
    size,
)
from symdiff.ops import arithmetic, control
from symdiff.ops.handle import Handle
from symdiff.ops.reduction import broadcast_to, broadcast_together, total
from symdiff.ops.structural import reshaped, transposed

Axes = tuple[int, ...]
Axis = Any  # None, a number of any kind, or a sequence of them


def axes_of(x: Handle, axis: Axis) -> Axes:
    """The axes that are reduced, counted from 0."""
    if axis is None:
        return normal_axes(None, x.ndim)
    if isinstance(axis, (tuple, list)):
        return normal_axes([operator.index(a) for a in axis], x.ndim)
    return normal_axes(operator.index(axis), x.ndim)


def folded_axes(x: Handle, axis: Axis) -> Axes:
    """Those that a universal function's `reduce` goes over: it takes the first of a number."""
    is_numbers = x.ndim == 0 and isinstance(axis, int) and axis in (0, -1)
    return () if is_numbers else axes_of(x, axis)


def axis_of(x: Handle, axis: Axis) -> int:
    """One axis, counted from 0."""
    return normal_axis(operator.index(axis), x.ndim)


def moved_last(x: Handle, axes: Axes) -> Handle:
    """`x` with some axes joined to one that stands last."""
    kept = [axis for axis in range(x.ndim) if axis not in axes]
    moved = transposed(x, (*kept, *axes))
    return reshaped(moved, (*moved.shape[: len(kept)], size(moved.shape[len(kept) :])))


def full(number: float, like: Handle) -> Handle:
    """A number in the shape and kind of a line."""
    b = like.builder
    return Handle(b, b.full(number, like.shape, like.dtype))


def masked(x: Handle, where: Value, neutral: float) -> Handle:
    """`x` with a neutral number where the mask does not hold."""
    if where is True:
        return x
    mask, values = broadcast_together(truth(x.builder, where), x)
    if x.dtype == BOOL:
        return control.where(
            mask, values, broadcast_to(line(x.builder, bool(neutral)), values.shape)
        )
    return control.where(mask, values, full(neutral, values))


def counted(x: Handle, axes: Axes, *, where: Value = True) -> Value:
    """How many elements are reduced to one: a number, a named length, or lines for a mask."""
    if where is True:
        return size(x.shape[axis] for axis in axes)
    mask = broadcast_to(truth(x.builder, where), x.shape)
    return total(as_whole(mask), axes, keepdims=True)


def float_count(count: Dimension) -> Value:
    """A number of elements as a float; a named length as it is."""
    return float(count) if isinstance(count, int) else count


def over(x: Handle, count: Value) -> Handle:
    """A sum divided by a count, which may be lines that kept their axes."""
    if isinstance(count, Handle) and count.ndim:
        return operate(arithmetic.divide, x, reshaped(count, x.shape))
    return operate(arithmetic.divide, x, float_count(count))


def flattened(x: Handle) -> Handle:
    """All elements on one axis."""
    return reshaped(x, (size(x.shape),))


def is_nan(x: Handle) -> Handle:
    """Where a line is NaN: nothing else differs from itself."""
    return control.not_equal(x, x)
