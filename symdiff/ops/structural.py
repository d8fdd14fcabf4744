"""What moves elements: reshape and transpose."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from symdiff.errors import ShapeError
from symdiff.graph.shape import Dim, Dimension, Shape, size
from symdiff.graph.shape import text as shape_text
from symdiff.ops.handle import Handle
from symdiff.ops.operation import (
    FIRST,
    KEPT,
    Linear,
    Operand,
    Operation,
    Written,
    written,
)

Params = tuple[Any, ...]
Pattern = tuple[tuple[Any, ...], ...]

# --- reshape and transpose ---------------------------------------------------------------------


def _reshaped_shape(shapes: Sequence[Shape], params: Params) -> Shape:
    (shape,) = params
    if size(shapes[0]) != size(shape):
        raise ShapeError(f"{shape_text(shapes[0])} cannot be reshaped to {shape_text(shape)}")
    return tuple(shape)


def _write_reshape(a: Sequence[Operand], shape: Shape) -> Written:
    """As an index where it adds axes or takes the only element; with -1 for one axis."""
    (x,) = a
    if not shape:
        return Written(f"{x.primary}[{', '.join('0' * len(x.shape))}]")
    if not x.shape:  # a number may be Python's, as a length is
        return Written(f"np.reshape({x.text}, {shape_text(shape)})")
    if tuple(n for n in shape if n != 1) == x.shape and len(shape) > len(x.shape):
        index = [":" if n != 1 else "None" for n in shape]
        while len(index) > 1 and index[-1] == ":":
            index.pop()
        return Written(f"{x.primary}[{', '.join(index)}]")
    lengths = [str(n) for n in shape]
    if sum(isinstance(n, Dim) for n in shape) == 1:
        lengths = ["-1" if isinstance(n, Dim) else str(n) for n in shape]
    if len(shape) == 1:
        return Written(f"{x.primary}.reshape(-1)")
    return Written(f"{x.primary}.reshape({', '.join(lengths) or '()'})")


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
    spelling=written(_write_reshape),
    shape=_reshaped_shape,
    dtype=FIRST,
    batch=reshape_batch,
    is_view=True,
    params=("shape",),
    sign=KEPT,
)


def reshaped(x: Handle, shape: Shape) -> Handle:
    """`x` in another shape; itself where it has it already."""
    return x if x.shape == shape else reshape(x, params=(tuple(shape),))


def _write_transpose(a: Sequence[Operand], axes: tuple[int, ...]) -> Written:
    (x,) = a
    if axes == tuple(reversed(range(len(axes)))):
        return Written(f"{x.primary}.T")
    moved = [axis for axis, old in enumerate(axes) if axis != old]
    if len(moved) == 2:
        first, second = moved
        if second == len(axes) - 1 and len(axes) > 2:
            return Written(f"{x.primary}.swapaxes({first - len(axes)}, -1)")
        return Written(f"{x.primary}.swapaxes({first}, {second})")
    return Written(f"{x.primary}.transpose({', '.join(map(str, axes))})")


transpose: Operation = Operation(
    "transpose",
    "The axes in another order.",
    1,
    Linear(lambda t, x, *, axes: (transposed(t, inverse_order(axes)),)),
    spelling=written(_write_transpose),
    shape=lambda shapes, params: tuple(shapes[0][axis] for axis in params[0]),
    dtype=FIRST,
    batch=lambda args, batched, params, length: transposed(
        args[0], (0, *[axis + 1 for axis in params[0]])
    ),
    is_view=True,
    params=("axes",),
    sign=KEPT,
)


def transposed(x: Handle, axes: Sequence[int] | None = None) -> Handle:
    """`x` with its axes in this order, reversed by default."""
    order = tuple(reversed(range(x.ndim))) if axes is None else tuple(axes)
    return x if order == tuple(range(x.ndim)) else transpose(x, params=(order,))


def inverse_order(axes: Sequence[int]) -> tuple[int, ...]:
    """The order that undoes another."""
    return tuple(sorted(range(len(axes)), key=lambda axis: axes[axis]))
