"""Broadcasting, and the reductions: sums, extrema, lengths."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from symdiff.errors import ShapeError
from symdiff.graph.node import BOOL
from symdiff.graph.shape import Dimension, Shape, normal_axes
from symdiff.graph.shape import broadcast as common_shape
from symdiff.graph.shape import text as shape_text
from symdiff.ops.control import equal, where
from symdiff.ops.elementwise import exp
from symdiff.ops.handle import Handle
from symdiff.ops.operation import (
    FIRST,
    KEPT,
    PROMOTED,
    Flat,
    Linear,
    Operand,
    Operation,
    Pair,
    Written,
    written,
)
from symdiff.ops.structural import reshaped

Params = tuple[Any, ...]
Batched = Sequence[bool]

# --- broadcasting ------------------------------------------------------------------------------


def _given_shape(shapes: Sequence[Shape], params: Params) -> Shape:
    (shape,) = params
    if common_shape(shapes[0], shape) != shape:
        raise ShapeError(
            f"the shape {shape_text(shapes[0])} cannot be broadcast to {shape_text(shape)}"
        )
    return tuple(shape)


def _broadcast_batch(
    args: Sequence[Handle], batched: Batched, params: Params, length: Dimension
) -> Handle:
    (x,), (shape,) = args, params
    return broadcast_to(with_axes(x, 1, len(shape) + 1 - x.ndim), (length, *shape))


broadcast: Operation = Operation(
    "broadcast",
    "An array repeated along new axes in front and along axes of length 1.",
    1,
    Linear(lambda t, x, *, shape: (sum_to(t, x.shape),)),
    spelling=written(
        lambda a, shape: Written(f"np.broadcast_to({a[0].text}, {shape_text(shape)})")
    ),
    shape=_given_shape,
    dtype=FIRST,
    batch=_broadcast_batch,
    is_view=True,
    params=("shape",),
    sign=KEPT,
)


def broadcast_to(x: Handle, shape: Shape) -> Handle:
    """`x` in a larger shape; itself where it has it already."""
    return x if x.shape == shape else broadcast(x, params=(tuple(shape),))


def broadcast_together(*args: Handle) -> list[Handle]:
    """The arguments in their common shape.

    Raises:
        ShapeError: where they have none.
    """
    shape = common_shape(*[x.shape for x in args])
    return [broadcast_to(x, shape) for x in args]


def sum_to(t: Handle, shape: Shape) -> Handle:
    """The transpose of `broadcast_to`: sums over what it repeated."""
    if t.shape == shape:
        return t
    new = t.ndim - len(shape)
    stretched = [
        new + axis for axis, length in enumerate(shape) if length == 1 and t.shape[new + axis] != 1
    ]
    return reshaped(total(t, [*range(new), *stretched]), shape)


def with_axes(x: Handle, at: int, count: int) -> Handle:
    """`x` with so many axes of length 1 put in at a place."""
    return reshaped(x, (*x.shape[:at], *[1] * count, *x.shape[at:])) if count else x


# --- reductions --------------------------------------------------------------------------------


def kept_axes(shape: Shape, axes: Sequence[int]) -> Shape:
    """The shape with length 1 on the axes."""
    return tuple(1 if axis in axes else n for axis, n in enumerate(shape))


def without_axes(shape: Shape, axes: Sequence[int]) -> Shape:
    """The shape without the axes."""
    return tuple(n for axis, n in enumerate(shape) if axis not in axes)


def reduced_shape(shapes: Sequence[Shape], params: Params) -> Shape:
    """The shape rule of a reduction."""
    axes, keepdims = params
    return kept_axes(shapes[0], axes) if keepdims else without_axes(shapes[0], axes)


def axis_text(axes: tuple[int, ...], operand: Operand, *, keepdims: bool) -> str:
    """The keywords of a reduction as a person writes them."""
    parts = []
    if len(axes) < len(operand.shape):
        parts.append(f"axis={axes[0] if len(axes) == 1 else axes}")
    if keepdims:
        parts.append("keepdims=True")
    return ", ".join(parts)


def as_method(name: str) -> Callable[..., Written]:
    """A reduction as a method of its argument."""

    def write(a: Sequence[Operand], axes: tuple[int, ...], keepdims: bool) -> Written:  # noqa: FBT001
        return Written(f"{a[0].primary}.{name}({axis_text(axes, a[0], keepdims=keepdims)})")

    return write


def _call(name: str) -> Callable[..., Written]:
    def write(a: Sequence[Operand], axes: tuple[int, ...], keepdims: bool) -> Written:  # noqa: FBT001
        keywords = axis_text(axes, a[0], keepdims=keepdims)
        return Written(f"{name}({a[0].text}{', ' if keywords else ''}{keywords})")

    return write


def axes_shifted(record: str) -> Any:
    """The batch rule of a reduction: its axes stand one further."""

    def batch(
        args: Sequence[Handle], batched: Batched, params: Params, length: Dimension
    ) -> Handle:
        axes, keepdims = params
        (x,) = args
        made = x.builder.make(record, (x.at,), (tuple(a + 1 for a in axes), keepdims))
        return Handle(x.builder, made)

    return batch


def expanded(t: Handle, shape: Shape, axes: Sequence[int]) -> Handle:
    """A reduction's result, or its cotangent, in the shape of what was reduced."""
    return broadcast_to(reshaped(t, kept_axes(shape, axes)), shape)


def _all_axes(x: Handle, axes: int | Sequence[int] | None) -> tuple[int, ...]:
    return normal_axes(axes, x.ndim)


sum_: Operation = Operation(
    "sum",
    "Sum over the given axes.",
    1,
    Linear(lambda t, x, *, axes, keepdims: (expanded(t, x.shape, axes),)),
    spelling=written(as_method("sum")),
    shape=reduced_shape,
    dtype=PROMOTED,
    batch=axes_shifted("sum"),
    params=("axes", "keepdims"),
    sign=KEPT,
)


def total(x: Handle, axes: int | Sequence[int] | None = None, *, keepdims: bool = False) -> Handle:
    """The sum over axes, all by default; `x` itself where there are none."""
    found = _all_axes(x, axes)
    return sum_(x, params=(found, keepdims)) if found else x


def _extremes(y: Handle, x: Handle, axes: tuple[int, ...]) -> tuple[Handle, Handle]:
    """Which elements equal the extremum, and how many they are, in the shape of `y`."""
    is_extremum = equal(x, expanded(y, x.shape, axes))
    count = total(where(is_extremum, Handle(x.builder, x.builder.full(1.0, x.shape)), 0.0), axes)
    return is_extremum, reshaped(count, y.shape)


def _extremum_jvp(
    tangents: tuple[Handle], y: Handle, x: Handle, *, axes: tuple[int, ...], keepdims: bool
) -> Handle:
    """The mean of the tangents of the elements that equal the extremum."""
    (t,) = tangents
    is_extremum, count = _extremes(y, x, axes)
    return total(where(is_extremum, t, 0.0), axes, keepdims=keepdims) / count


def _extremum_vjp(
    t: Handle, y: Handle, x: Handle, *, axes: tuple[int, ...], keepdims: bool
) -> tuple[Handle]:
    """The elements that equal the extremum share its cotangent."""
    is_extremum, count = _extremes(y, x, axes)
    share = expanded(t / count, x.shape, axes)
    return (where(is_extremum, share, 0.0),)


def _extremum(name: str, doc: str) -> Operation:
    return Operation(
        name,
        doc,
        1,
        Pair(_extremum_jvp, _extremum_vjp),
        spelling=written(as_method(name)),
        shape=_nonempty,
        dtype=PROMOTED,
        batch=axes_shifted(name),
        kink="ties share equally",
        params=("axes", "keepdims"),
        analytic=False,
        sign=KEPT,
    )


def _nonempty(shapes: Sequence[Shape], params: Params) -> Shape:
    axes = params[0]
    if any(shapes[0][axis] == 0 for axis in axes):
        raise ShapeError("an array without elements has no largest or smallest one")
    return reduced_shape(shapes, params)


max_: Operation = _extremum("max", "The largest over the given axes; NaN where one is NaN.")
min_: Operation = _extremum("min", "The smallest over the given axes; NaN where one is NaN.")


def _truth(name: str, doc: str) -> Operation:
    return Operation(
        name,
        doc,
        1,
        Flat(),
        spelling=written(as_method(name)),
        shape=reduced_shape,
        dtype=BOOL,
        batch=axes_shifted(name),
        params=("axes", "keepdims"),
        analytic=False,
    )


all_: Operation = _truth("all", "Whether all hold over the given axes.")
any_: Operation = _truth("any", "Whether one holds over the given axes.")


def _nonzero(y: Handle) -> Handle:
    """A length to divide by: 0/1 at the origin."""
    return where(equal(y, 0.0), 1.0, y)


def _norm_jvp(
    tangents: tuple[Handle], y: Handle, x: Handle, *, axes: tuple[int, ...], keepdims: bool
) -> Handle:
    (t,) = tangents
    return total(x * t, axes, keepdims=keepdims) / _nonzero(y)


def _norm_vjp(
    t: Handle, y: Handle, x: Handle, *, axes: tuple[int, ...], keepdims: bool
) -> tuple[Handle]:
    return (expanded(t / _nonzero(y), x.shape, axes) * x,)


def _write_norm(a: Sequence[Operand], axes: tuple[int, ...], keepdims: bool) -> Written:  # noqa: FBT001
    """`norm` takes one or two axes for a vector or a matrix, or all."""
    name = "norm" if len(axes) in (1, 2, len(a[0].shape)) else "vector_norm"
    return _call(f"np.linalg.{name}")(a, axes, keepdims)


norm: Operation = Operation(
    "norm",
    "The Euclidean length over the given axes.",
    1,
    Pair(_norm_jvp, _norm_vjp),
    spelling=written(_write_norm),
    shape=reduced_shape,
    batch=axes_shifted("norm"),
    kink="the gradient at the origin is 0",
    params=("axes", "keepdims"),
    analytic=False,
)

LOGSUMEXP = """def _logsumexp(x, axis=None, keepdims=False):
    largest = x.max(axis=axis, keepdims=True)
    largest = np.where(np.isfinite(largest), largest, 0.0)
    y = np.log(np.exp(x - largest).sum(axis=axis, keepdims=True)) + largest
    return y if keepdims else y.squeeze(axis=axis)[()]"""


def _softmax(y: Handle, x: Handle, axes: tuple[int, ...]) -> Handle:
    """The weights of the elements, for `y` the logarithm of the sum of their exponentials.

    They are 0 where that sum is 0.
    """
    finite = where(equal(y, -math.inf), 0.0, y)
    return exp(x - expanded(finite, x.shape, axes))


def _logsumexp_jvp(
    tangents: tuple[Handle], y: Handle, x: Handle, *, axes: tuple[int, ...], keepdims: bool
) -> Handle:
    (t,) = tangents
    return total(_softmax(y, x, axes) * t, axes, keepdims=keepdims)


def _logsumexp_vjp(
    t: Handle, y: Handle, x: Handle, *, axes: tuple[int, ...], keepdims: bool
) -> tuple[Handle]:
    return (expanded(t, x.shape, axes) * _softmax(y, x, axes),)


logsumexp: Operation = Operation(
    "logsumexp",
    "log(sum(exp(x))) over the given axes, without overflow.",
    1,
    Pair(_logsumexp_jvp, _logsumexp_vjp),
    spelling=written(_call("_logsumexp"), LOGSUMEXP),
    shape=reduced_shape,
    batch=axes_shifted("logsumexp"),
    kink="the gradient is 0 where all elements are -inf",
    params=("axes", "keepdims"),
    analytic=False,
)
