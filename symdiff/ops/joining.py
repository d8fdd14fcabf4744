"""Joining: arrays one after the other along an axis."""

from __future__ import annotations

from collections.abc import Sequence

from symdiff.errors import ShapeError
from symdiff.graph.shape import Dimension, Shape
from symdiff.graph.shape import text as shape_text
from symdiff.ops.handle import Handle
from symdiff.ops.indexing import lifted, sliced
from symdiff.ops.operation import (
    ANY,
    PROMOTED,
    Linear,
    Operation,
)
from symdiff.ops.structural import Params


def _concatenated_shape(shapes: Sequence[Shape], params: Params) -> Shape:
    (axis,) = params
    first = shapes[0]
    for shape in shapes:
        if (*shape[:axis], *shape[axis + 1 :]) != (*first[:axis], *first[axis + 1 :]):
            raise ShapeError(
                f"{shape_text(first)} and {shape_text(shape)} cannot be joined along axis {axis}"
            )
    length: Dimension = 0
    for shape in shapes:
        length = shape[axis] + length
    return (*first[:axis], length, *first[axis + 1 :])


def _concatenate_transpose(t: Handle, *args: Handle, axis: int) -> list[Handle]:
    parts = []
    start: Dimension = 0
    for x in args:
        parts.append(sliced(t, axis, start, x.shape[axis]))
        start = x.shape[axis] + start
    return parts


concatenate: Operation = Operation(
    "concatenate",
    "Arrays one after the other along an axis.",
    ANY,
    Linear(_concatenate_transpose),
    shape=_concatenated_shape,
    dtype=PROMOTED,
    batch=lambda args, batched, params, length: concatenate(
        *lifted(args, batched, length), params=(params[0] + 1,)
    ),
    params=("axis",),
)


def concatenated(args: Sequence[Handle], axis: int) -> Handle:
    """The arrays joined; a single one as it is."""
    return args[0] if len(args) == 1 else concatenate(*args, params=(axis,))
