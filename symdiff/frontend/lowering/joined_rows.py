"""Rows of an array of a named length, joined as the arrays of a list are."""

from __future__ import annotations

from typing import Any

from symdiff.errors import ShapeError
from symdiff.frontend.lowering.base import Value, as_line, cast
from symdiff.frontend.lowering.shapes import moveaxis, ravel
from symdiff.graph.shape import Dim, normal_axis
from symdiff.ops.builder import Builder
from symdiff.ops.handle import Handle
from symdiff.ops.structural import reshaped


def rows_of(b: Builder, arrays: Value) -> Handle | None:
    """The array whose parts along its first axis are joined, where that has a named length."""
    if isinstance(arrays, (list, tuple)):
        return None
    found = as_line(b, arrays)
    return found if found.ndim and isinstance(found.shape[0], Dim) else None


def joined_rows(rows: Handle, axis: int | None, dtype: Any) -> Handle:
    """The parts along the first axis one after the other along another one."""
    if axis is None:
        return cast(ravel(rows), dtype)
    if rows.ndim < 2:
        raise ShapeError("arrays without axes cannot be joined; use np.stack")
    number = normal_axis(axis, rows.ndim - 1)
    moved = moveaxis(rows, 0, number)
    count, length = moved.shape[number : number + 2]
    shape = (*moved.shape[:number], count * length, *moved.shape[number + 2 :])
    return cast(reshaped(moved, shape), dtype)


def with_more_axes(rows: Handle, least: int, *, at_end: bool = False) -> Handle:
    """Each part with at least so many axes, of which the new ones are in front or at the end."""
    first, rest = rows.shape[0], rows.shape[1:]
    more = (1,) * (least - len(rest))
    return reshaped(rows, (first, *rest, *more) if at_end else (first, *more, *rest))
