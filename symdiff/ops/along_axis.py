"""What goes along one axis: cumulative sums and products, sorting, searching, convolution."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from symdiff.errors import UnsupportedError
from symdiff.graph.node import INT
from symdiff.graph.shape import Dimension, Shape
from symdiff.ops import exact, sparsity
from symdiff.ops.control import equal, where
from symdiff.ops.creation import arange
from symdiff.ops.handle import Handle
from symdiff.ops.indexing import flipped, index, lifted, put_add, sliced, whole
from symdiff.ops.joining import concatenated
from symdiff.ops.operation import (
    FIRST,
    KEPT,
    PROMOTED,
    Flat,
    Linear,
    Multilinear,
    Operation,
    Pair,
)
from symdiff.ops.reduction import (
    Batched,
    Params,
    broadcast_to,
    expanded,
    with_axes,
    without_axes,
)
from symdiff.ops.structural import reshaped


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
    exact=exact.along("cumsum"),
    sparsity=sparsity.so_far,
    shape=_same_length,
    dtype=PROMOTED,
    batch=_next_axis("cumsum"),
    params=("axis",),
    sign=KEPT,
    takes_complex=True,
)


sum_in_order: Operation = Operation(
    "sum_in_order",
    "Sum along the last axis, which has elements, of one after the other.",
    1,
    Linear(lambda t, x: (expanded(t, x.shape, (x.ndim - 1,)),)),
    exact=lambda mp, x: x.sum(axis=-1),
    sparsity=sparsity.reduced_last,
    shape=lambda shapes, params: shapes[0][:-1],
    dtype=PROMOTED,
    batch=lambda args, batched, params, length: sum_in_order(*args),
    sign=KEPT,
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
    exact=exact.along("cumprod"),
    sparsity=sparsity.so_far,
    shape=_same_length,
    dtype=PROMOTED,
    batch=_next_axis("cumprod"),
    params=("axis",),
    takes_complex=True,
)


def _last_largest(x: Handle, y: Handle, axis: int) -> Handle:
    """Where the largest element so far stands; of equal ones, the last."""
    length = x.shape[axis]
    counter = reshaped(arange(x, length), (length, *[1] * (x.ndim - axis - 1)))
    places = broadcast_to(counter, x.shape)
    none = Handle(x.builder, x.builder.full(0, x.shape, INT))
    return cummax(where(equal(x, y), places, none), params=(axis,))


def _cummax_jvp(tangents: tuple[Handle], y: Handle, x: Handle, *, axis: int) -> Handle:
    (t,) = tangents
    return taken_along(t, _last_largest(x, y, axis), axis)


def _cummax_vjp(t: Handle, y: Handle, x: Handle, *, axis: int) -> tuple[Handle]:
    zeros = Handle(t.builder, t.builder.full(0.0, x.shape))
    return (added_along(zeros, _last_largest(x, y, axis), t, axis),)


def _largest_so_far(mp: Any, axis: int, x: Any) -> Any:
    import numpy as np

    return np.maximum.accumulate(x, axis)


cummax: Operation = Operation(
    "cummax",
    "The largest of an element and those before it on the axis.",
    1,
    Pair(_cummax_jvp, _cummax_vjp),
    exact=_largest_so_far,
    sparsity=sparsity.so_far,
    shape=_same_length,
    dtype=FIRST,
    batch=_next_axis("cummax"),
    kink="of equal elements the last one so far has the derivative, as in PyTorch's cummax",
    params=("axis",),
    analytic=False,
    sign=KEPT,
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
    exact=exact.along("sort", kind="stable"),
    sparsity=sparsity.sorted_along,
    shape=_same_length,
    dtype=FIRST,
    batch=_next_axis("sort"),
    kink="ties keep the order in which they stand",
    params=("axis",),
    analytic=False,
    sign=KEPT,
)

argsort: Operation = Operation(
    "argsort",
    "Where the elements in ascending order stand; ties in their order.",
    1,
    Flat(),
    exact=exact.along("argsort", kind="stable"),
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
        shape=lambda shapes, params: without_axes(shapes[0], params),
        dtype=INT,
        batch=_next_axis(name),
        exact=exact.along(name),
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
    exact=lambda mp, side, x, v: x.searchsorted(v, side),
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
    exact=exact.of_numpy("convolve"),
    shape=_convolved_shape,
    dtype=PROMOTED,
    batch=_convolve_batch,
    takes_complex=True,
)
