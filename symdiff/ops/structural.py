"""What moves elements: reshape and transpose."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from symdiff.errors import ShapeError
from symdiff.graph.shape import Dimension, Shape, size
from symdiff.graph.shape import text as shape_text
from symdiff.ops import sparsity
from symdiff.ops.handle import Handle
from symdiff.ops.operation import (
    FIRST,
    KEPT,
    Linear,
    Operation,
)

Params = tuple[Any, ...]
Pattern = tuple[tuple[Any, ...], ...]

# --- reshape and transpose ---------------------------------------------------------------------


def _reshaped_shape(shapes: Sequence[Shape], params: Params) -> Shape:
    (shape,) = params
    if size(shapes[0]) != size(shape):
        raise ShapeError(f"{shape_text(shapes[0])} cannot be reshaped to {shape_text(shape)}")
    return tuple(shape)


def reshape_batch(
    args: Sequence[Handle], batched: Sequence[bool], params: Params, length: Dimension
) -> Handle:
    """The shape with the new axis in front."""
    return reshape(*args, params=((length, *params[0]),))


reshape: Operation = Operation(
    "reshape",
    "The same elements, in C's order, in another shape.",
    1,
    Linear(lambda t, x, *, shape: (reshaped(t, x.shape),)),
    exact=lambda mp, shape, x: x.reshape(shape),
    sparsity=sparsity.in_order,
    shape=_reshaped_shape,
    dtype=FIRST,
    batch=reshape_batch,
    is_view=True,
    params=("shape",),
    sign=KEPT,
    takes_complex=True,
)


def reshaped(x: Handle, shape: Shape) -> Handle:
    """`x` in another shape; itself where it has it already."""
    return x if x.shape == shape else reshape(x, params=(tuple(shape),))


transpose: Operation = Operation(
    "transpose",
    "The axes in another order.",
    1,
    Linear(lambda t, x, *, axes: (transposed(t, inverse_order(axes)),)),
    exact=lambda mp, axes, x: x.transpose(axes),
    sparsity=sparsity.moved,
    shape=lambda shapes, params: tuple(shapes[0][axis] for axis in params[0]),
    dtype=FIRST,
    batch=lambda args, batched, params, length: transposed(
        args[0], (0, *[axis + 1 for axis in params[0]])
    ),
    is_view=True,
    params=("axes",),
    sign=KEPT,
    takes_complex=True,
)


def transposed(x: Handle, axes: Sequence[int] | None = None) -> Handle:
    """`x` with its axes in this order, reversed by default."""
    order = tuple(reversed(range(x.ndim))) if axes is None else tuple(axes)
    return x if order == tuple(range(x.ndim)) else transpose(x, params=(order,))


def inverse_order(axes: Sequence[int]) -> tuple[int, ...]:
    """The order that undoes another."""
    return tuple(sorted(range(len(axes)), key=lambda axis: axes[axis]))
