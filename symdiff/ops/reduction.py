"""Broadcasting, and the reductions: sums, extrema, lengths."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from symdiff.errors import ShapeError
from symdiff.graph.node import BOOL
from symdiff.graph.shape import Dimension, Shape, normal_axes
from symdiff.graph.shape import broadcast as common_shape
from symdiff.graph.shape import text as shape_text
from symdiff.ops import exact, sparsity
from symdiff.ops.control import equal, where
from symdiff.ops.exponential import exp
from symdiff.ops.handle import Handle
from symdiff.ops.indexing import lifted
from symdiff.ops.lengths import length_or_one
from symdiff.ops.operation import (
    FIRST,
    KEPT,
    PROMOTED,
    Flat,
    Linear,
    Operation,
    Pair,
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
    exact=lambda mp, shape, x: exact.of_numpy("broadcast_to")(mp, x, shape),
    sparsity=sparsity.moved,
    shape=_given_shape,
    dtype=FIRST,
    batch=_broadcast_batch,
    is_view=True,
    params=("shape",),
    sign=KEPT,
    takes_complex=True,
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
    exact=exact.reduced("sum"),
    sparsity=sparsity.reduced,
    shape=reduced_shape,
    dtype=PROMOTED,
    batch=axes_shifted("sum"),
    params=("axes", "keepdims"),
    sign=KEPT,
    takes_complex=True,
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
        shape=_nonempty,
        dtype=PROMOTED,
        batch=axes_shifted(name),
        kink="ties share equally",
        sparsity=sparsity.reduced,
        exact=exact.reduced(name),
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
        shape=reduced_shape,
        dtype=BOOL,
        batch=axes_shifted(name),
        exact=exact.reduced(name),
        params=("axes", "keepdims"),
        analytic=False,
    )


all_: Operation = _truth("all", "Whether all hold over the given axes.")
any_: Operation = _truth("any", "Whether one holds over the given axes.")


def _spread_length(y: Handle, x: Handle, axes: tuple[int, ...]) -> Handle:
    return expanded(length_or_one(y), x.shape, axes)


def _turned(x: Handle, y: Handle, t: Handle, axes: tuple[int, ...], *, is_tangent: bool) -> Handle:
    """The derivative of x/|x|, which is symmetric: (t - u (u t))/|x| with u the unit vector.

    At the origin there is none, unless the vector does not move, as its tangent shows: then it is
    0, as for the distance of a point from itself.
    """
    unit = x / _spread_length(y, x, axes)
    along = expanded(total(unit * t, axes), x.shape, axes)
    at_origin: Handle | float = math.nan
    if is_tangent:
        is_still = equal(total(t * t, axes), 0.0)
        at_origin = where(
            is_still, Handle(x.builder, x.builder.full(1.0, is_still.shape)), math.nan
        )
    small = reshaped(y, without_axes(x.shape, axes))
    length = where(equal(small, 0.0), at_origin, small)
    return (t - unit * along) / expanded(length, x.shape, axes)


def _along_unit_jvp(
    tangents: tuple[Handle | None, ...],
    v: Handle,
    t: Handle,
    x: Handle,
    y: Handle,
    *,
    axes: tuple[int, ...],
) -> Handle | None:
    t_t, t_x, _ = tangents
    found = None if t_t is None else along_unit(t_t, x, y, params=(axes,))
    if t_x is None:
        return found
    bent = expanded(t, x.shape, axes) * _turned(x, y, t_x, axes, is_tangent=True)
    return bent if found is None else found + bent


def _along_unit_vjp(
    c: Handle, v: Handle, t: Handle, x: Handle, y: Handle, *, axes: tuple[int, ...]
) -> tuple[Handle, Handle, None]:
    by_t = reshaped(total(c * x, axes), t.shape) / length_or_one(y)
    return by_t, expanded(t, x.shape, axes) * _turned(x, y, c, axes, is_tangent=False), None


along_unit: Operation = Operation(
    "along_unit",
    "A number t for each vector x of the length y, along the unit vector: t*x/y, 0 at the origin.",
    3,
    Pair(_along_unit_jvp, _along_unit_vjp),
    expand=lambda t, x, y, axes: expanded(t / where(equal(y, 0.0), 1.0, y), x.shape, axes) * x,
    sparsity=sparsity.along_unit,
    shape=lambda shapes, params: shapes[1],
    batch=lambda args, batched, params, length: along_unit(
        *lifted(args, batched, length), params=(tuple(axis + 1 for axis in params[0]),)
    ),
    kink="nan at the origin where the vector moves",
    params=("axes",),
    analytic=False,
)


def _norm_jvp(
    tangents: tuple[Handle | None, ...],
    y: Handle,
    x: Handle,
    *given: Handle,
    axes: tuple[int, ...],
    keepdims: bool,
) -> Handle | None:
    if tangents[0] is None:
        return None
    one = Handle(x.builder, x.builder.full(1.0, y.shape))
    unit = along_unit(one, x, y, params=(axes,))
    return total(unit * tangents[0], axes, keepdims=keepdims)


def _norm_vjp(
    t: Handle, y: Handle, x: Handle, *given: Handle, axes: tuple[int, ...], keepdims: bool
) -> tuple[Handle | None, ...]:
    return (along_unit(t, x, y, params=(axes,)), *[None] * len(given))


norm: Operation = Operation(
    "norm",
    "The Euclidean length over the given axes.",
    1,
    Pair(_norm_jvp, _norm_vjp),
    exact=exact.norm,
    sparsity=sparsity.reduced,
    shape=reduced_shape,
    batch=axes_shifted("norm"),
    kink="the gradient at the origin is 0",
    params=("axes", "keepdims"),
    analytic=False,
)

known_norm: Operation = Operation(
    "known_norm",
    "The Euclidean length over the given axes, where it has been computed: the second argument.",
    2,
    Pair(_norm_jvp, _norm_vjp),
    expand=lambda x, length, axes, keepdims: length,
    sparsity=sparsity.reduced,
    shape=lambda shapes, params: reduced_shape(shapes[:1], params),
    batch=lambda args, batched, params, length: known_norm(
        *lifted(args, batched, length), params=(tuple(a + 1 for a in params[0]), params[1])
    ),
    kink="the gradient at the origin is 0",
    params=("axes", "keepdims"),
    analytic=False,
)


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
    exact=exact.logsumexp,
    sparsity=sparsity.reduced,
    shape=reduced_shape,
    batch=axes_shifted("logsumexp"),
    kink="the gradient is 0 where all elements are -inf",
    params=("axes", "keepdims"),
    analytic=False,
)
