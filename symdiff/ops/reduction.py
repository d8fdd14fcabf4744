"""Broadcasting, and the reductions: sums, products, extrema, cumulative operations, sorting."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from symdiff.errors import ShapeError, UnsupportedError
from symdiff.graph.node import BOOL, INT
from symdiff.graph.shape import Dimension, Shape, normal_axes, size
from symdiff.graph.shape import broadcast as common_shape
from symdiff.graph.shape import text as shape_text
from symdiff.ops.control import equal, where
from symdiff.ops.elementwise import exp
from symdiff.ops.handle import Handle
from symdiff.ops.operation import (
    FIRST,
    PROMOTED,
    Flat,
    Linear,
    Multilinear,
    Operand,
    Operation,
    Pair,
    Written,
    written,
)
from symdiff.ops.structural import (
    arange,
    concatenated,
    flipped,
    index,
    lifted,
    put_add,
    reshaped,
    sliced,
    transposed,
    whole,
)

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


def _reduced(shapes: Sequence[Shape], params: Params) -> Shape:
    axes, keepdims = params
    return kept_axes(shapes[0], axes) if keepdims else without_axes(shapes[0], axes)


def _axis_text(axes: tuple[int, ...], operand: Operand, *, keepdims: bool) -> str:
    """The keywords of a reduction as a person writes them."""
    parts = []
    if len(axes) < len(operand.shape):
        parts.append(f"axis={axes[0] if len(axes) == 1 else axes}")
    if keepdims:
        parts.append("keepdims=True")
    return ", ".join(parts)


def _method(name: str) -> Callable[..., Written]:
    def write(a: Sequence[Operand], axes: tuple[int, ...], keepdims: bool) -> Written:  # noqa: FBT001
        return Written(f"{a[0].primary}.{name}({_axis_text(axes, a[0], keepdims=keepdims)})")

    return write


def _call(name: str) -> Callable[..., Written]:
    def write(a: Sequence[Operand], axes: tuple[int, ...], keepdims: bool) -> Written:  # noqa: FBT001
        keywords = _axis_text(axes, a[0], keepdims=keepdims)
        return Written(f"{name}({a[0].text}{', ' if keywords else ''}{keywords})")

    return write


def _shifted(record: str) -> Any:
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
    spelling=written(_method("sum")),
    shape=_reduced,
    dtype=PROMOTED,
    batch=_shifted("sum"),
    params=("axes", "keepdims"),
)


def total(x: Handle, axes: int | Sequence[int] | None = None, *, keepdims: bool = False) -> Handle:
    """The sum over axes, all by default; `x` itself where there are none."""
    found = _all_axes(x, axes)
    return sum_(x, params=(found, keepdims)) if found else x


def _product_of_others(x: Handle, axes: tuple[int, ...]) -> Handle:
    """The derivative of a product by each element: no division, so zeros are no matter."""
    last = (*[a for a in range(x.ndim) if a not in axes], *axes)
    moved = transposed(x, last)
    outer = moved.shape[: x.ndim - len(axes)]
    flat = reshaped(moved, (*outer, size(moved.shape[len(outer) :])))
    axis = flat.ndim - 1
    before = _product_before(flat, axis)
    after = flipped(_product_before(flipped(flat, axis), axis), axis)
    others = reshaped(before * after, moved.shape)
    back = tuple(sorted(range(x.ndim), key=lambda a: last[a]))
    return transposed(others, back)


def _prod_jvp(
    tangents: tuple[Handle], y: Handle, x: Handle, *, axes: tuple[int, ...], keepdims: bool
) -> Handle:
    (t,) = tangents
    return total(_product_of_others(x, axes) * t, axes, keepdims=keepdims)


def _prod_vjp(
    t: Handle, y: Handle, x: Handle, *, axes: tuple[int, ...], keepdims: bool
) -> tuple[Handle]:
    return (expanded(t, x.shape, axes) * _product_of_others(x, axes),)


def _product_before(x: Handle, axis: int) -> Handle:
    """For each element the product of those that stand before it on the axis."""
    first = Handle(x.builder, x.builder.full(1.0, (*x.shape[:axis], 1, *x.shape[axis + 1 :])))
    if x.shape[axis] == 0:
        return x
    most = sliced(x, axis, 0, x.shape[axis] - 1)
    return concatenated([first, cumulative_product(most, axis)], axis)


prod: Operation = Operation(
    "prod",
    "Product over the given axes.",
    1,
    Pair(_prod_jvp, _prod_vjp),
    spelling=written(_method("prod")),
    shape=_reduced,
    dtype=PROMOTED,
    batch=_shifted("prod"),
    params=("axes", "keepdims"),
)


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
        spelling=written(_method(name)),
        shape=_nonempty,
        dtype=PROMOTED,
        batch=_shifted(name),
        kink="ties share equally",
        params=("axes", "keepdims"),
        analytic=False,
    )


def _nonempty(shapes: Sequence[Shape], params: Params) -> Shape:
    axes = params[0]
    if any(shapes[0][axis] == 0 for axis in axes):
        raise ShapeError("an array without elements has no largest or smallest one")
    return _reduced(shapes, params)


max_: Operation = _extremum("max", "The largest over the given axes; NaN where one is NaN.")
min_: Operation = _extremum("min", "The smallest over the given axes; NaN where one is NaN.")


def _truth(name: str, doc: str) -> Operation:
    return Operation(
        name,
        doc,
        1,
        Flat(),
        spelling=written(_method(name)),
        shape=_reduced,
        dtype=BOOL,
        batch=_shifted(name),
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
    shape=_reduced,
    batch=_shifted("norm"),
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
    """The weights of the elements, for `y` the logarithm of the sum of their exponentials."""
    return exp(x - expanded(y, x.shape, axes))


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
    shape=_reduced,
    batch=_shifted("logsumexp"),
    params=("axes", "keepdims"),
    analytic=False,
)


# --- along one axis ----------------------------------------------------------------------------


def _along(name: str) -> Callable[..., Written]:
    def write(a: Sequence[Operand], axis: int, *rest: Any) -> Written:
        return Written(f"{name}({a[0].text}" + (f", axis={axis})" if len(a[0].shape) > 1 else ")"))

    return write


def _method_along(name: str) -> Callable[..., Written]:
    def write(a: Sequence[Operand], axis: int) -> Written:
        keyword = f"axis={axis}" if len(a[0].shape) > 1 else ""
        return Written(f"{a[0].primary}.{name}({keyword})")

    return write


def _same_length(shapes: Sequence[Shape], params: Params) -> Shape:
    return shapes[0]


def _next_axis(record: str) -> Any:
    def batch(
        args: Sequence[Handle], batched: Batched, params: Params, length: Dimension
    ) -> Handle:
        (x,) = args
        return Handle(x.builder, x.builder.make(record, (x.at,), (params[0] + 1, *params[1:])))

    return batch


cumsum: Operation = Operation(
    "cumsum",
    "Sums of an element and those before it on the axis.",
    1,
    Linear(lambda t, x, *, axis: (flipped(cumsum(flipped(t, axis), params=(axis,)), axis),)),
    spelling=written(_method_along("cumsum")),
    shape=_same_length,
    dtype=PROMOTED,
    batch=_next_axis("cumsum"),
    params=("axis",),
)


def cumulative_product(x: Handle, axis: int) -> Handle:
    """Products of an element and those before it."""
    return cumprod(x, params=(axis,)) if x.shape[axis] != 0 else x


def _doubled(x: Handle, axis: int) -> list[tuple[int, Handle]]:
    """Products of 1, 2, 4, ... elements up to each one, and that length (Hillis, Steele 1986).

    A cumulative product is made of these without division, so zeros are no matter.

    Raises:
        UnsupportedError: where the axis has a named length.
    """
    length = x.shape[axis]
    if not isinstance(length, int):
        raise UnsupportedError(
            f"the derivative of a product along the named dimension {length} is not supported",
            suggestion="give the length as a number",
        )
    stages, step = [], 1
    while step < length:
        stages.append((step, x))
        head, early, late = _shifted_by(x, step, axis)
        x = concatenated([head, late * early], axis)
        step *= 2
    return stages


def _shifted_by(x: Handle, step: int, axis: int) -> tuple[Handle, Handle, Handle]:
    """The first so many elements, all but the last so many, and all but the first so many."""
    rest = x.shape[axis] - step
    return (
        sliced(x, axis, 0, step),
        sliced(x, axis, 0, rest),
        sliced(x, axis, step, rest),
    )


def _cumprod_jvp(tangents: tuple[Handle], y: Handle, x: Handle, *, axis: int) -> Handle:
    (t,) = tangents
    for step, products in _doubled(x, axis):
        _, early, late = _shifted_by(products, step, axis)
        head, t_early, t_late = _shifted_by(t, step, axis)
        t = concatenated([head, t_late * early + late * t_early], axis)
    return t


def _cumprod_vjp(t: Handle, y: Handle, x: Handle, *, axis: int) -> tuple[Handle]:
    for step, products in reversed(_doubled(x, axis)):
        _, early, late = _shifted_by(products, step, axis)
        head, _, t_late = _shifted_by(t, step, axis)
        nothing = Handle(t.builder, t.builder.full(0.0, head.shape))
        to_late = concatenated([head, t_late * early], axis)
        t = to_late + concatenated([t_late * late, nothing], axis)
    return (t,)


cumprod: Operation = Operation(
    "cumprod",
    "Products of an element and those before it on the axis.",
    1,
    Pair(_cumprod_jvp, _cumprod_vjp),
    spelling=written(_method_along("cumprod")),
    shape=_same_length,
    dtype=PROMOTED,
    batch=_next_axis("cumprod"),
    params=("axis",),
)


def taken_along(x: Handle, at: Handle, axis: int) -> Handle:
    """Elements by an index array of the same number of axes, as NumPy's `take_along_axis`."""
    return index(x, *_grid(x, at, axis), params=(_every_axis(x),))


def _every_axis(x: Handle) -> tuple[tuple[str, int], ...]:
    return tuple(("array", k) for k in range(x.ndim))


def _grid(x: Handle, at: Handle, axis: int) -> list[Handle]:
    """An index array for each axis: counters, and the given one on its axis."""
    grid = []
    for k in range(x.ndim):
        if k == axis:
            grid.append(at)
        else:
            shape = tuple(at.shape[k] if j == k else 1 for j in range(x.ndim))
            grid.append(reshaped(arange(x, at.shape[k]), shape))
    return grid


def added_along(x: Handle, at: Handle, v: Handle, axis: int) -> Handle:
    """`x` with `v` added where `taken_along` would take: its transpose."""
    return put_add(x, v, *_grid(x, at, axis), params=(_every_axis(x),))


def _sort_jvp(tangents: tuple[Handle], y: Handle, x: Handle, *, axis: int) -> Handle:
    (t,) = tangents
    return taken_along(t, argsort(x, params=(axis,)), axis)


def _sort_vjp(t: Handle, y: Handle, x: Handle, *, axis: int) -> tuple[Handle]:
    zeros = Handle(t.builder, t.builder.full(0.0, x.shape))
    return (added_along(zeros, argsort(x, params=(axis,)), t, axis),)


sort: Operation = Operation(
    "sort",
    "The elements in ascending order along the axis.",
    1,
    Pair(_sort_jvp, _sort_vjp),
    spelling=written(_along("np.sort")),
    shape=_same_length,
    dtype=FIRST,
    batch=_next_axis("sort"),
    kink="ties keep the order in which they stand",
    params=("axis",),
    analytic=False,
)

argsort: Operation = Operation(
    "argsort",
    "Where the elements in ascending order stand; ties in their order.",
    1,
    Flat(),
    spelling=written(
        lambda a, axis: Written(
            f"np.argsort({a[0].text}, axis={axis}, kind='stable')".replace("'", '"')
        )
    ),
    shape=_same_length,
    dtype=INT,
    batch=_next_axis("argsort"),
    params=("axis",),
    analytic=False,
)


def _position(name: str, doc: str) -> Operation:
    return Operation(
        name,
        doc,
        1,
        Flat(),
        spelling=written(_method_along(name)),
        shape=lambda shapes, params: without_axes(shapes[0], params),
        dtype=INT,
        batch=_next_axis(name),
        params=("axis",),
        analytic=False,
    )


argmax: Operation = _position("argmax", "Where the first largest element on the axis stands.")
argmin: Operation = _position("argmin", "Where the first smallest element on the axis stands.")


def _search_batch(
    args: Sequence[Handle], batched: Batched, params: Params, length: Dimension
) -> Handle:
    if batched[0]:
        raise UnsupportedError("a batch of sorted arrays to search is not supported")
    return searchsorted(*args, params=params)


searchsorted: Operation = Operation(
    "searchsorted",
    "Where an element would stand in a sorted array.",
    2,
    Flat(),
    spelling=written(
        lambda a, side: Written(
            f"np.searchsorted({a[0].text}, {a[1].text}" + (', "right")' if side == "right" else ")")
        )
    ),
    shape=lambda shapes, params: shapes[1],
    dtype=INT,
    batch=_search_batch,
    params=("side",),
    analytic=False,
)


def _convolved_shape(shapes: Sequence[Shape], params: Params) -> Shape:
    (n,), (m,) = shapes
    return (n + m - 1,)


def _convolve_transpose(t: Handle, a: Handle, v: Handle) -> tuple[Handle, Handle]:
    return _correlated(t, v, a.shape[0]), _correlated(t, a, v.shape[0])


def _correlated(t: Handle, v: Handle, length: Dimension) -> Handle:
    """The transpose of a full convolution by `v`."""
    full = convolve(t, flipped(v, 0))
    return sliced(full, 0, v.shape[0] - 1, length)


def _convolve_batch(
    args: Sequence[Handle], batched: Batched, params: Params, length: Dimension
) -> Handle:
    """Each element of one times the other, shifted: an outer product's diagonals, summed."""
    a, v = lifted(args, batched, length)
    n, m = a.shape[1], v.shape[1]
    outer = broadcast_to(with_axes(a, 2, 1), (length, n, m)) * broadcast_to(
        with_axes(v, 1, 1), (length, n, m)
    )
    rows = reshaped(arange(a, n), (n, 1))
    place = broadcast_to(rows, (n, m)) + broadcast_to(arange(a, m), (n, m))
    zeros = Handle(a.builder, a.builder.full(0.0, (length, n + m - 1)))
    return put_add(zeros, outer, place, params=((whole(length), ("array", 0)),))


convolve: Operation = Operation(
    "convolve",
    "The full discrete convolution of two vectors.",
    2,
    Multilinear(_convolve_transpose),
    spelling=written(lambda a: Written(f"np.convolve({a[0].text}, {a[1].text})")),
    shape=_convolved_shape,
    dtype=PROMOTED,
    batch=_convolve_batch,
)
