"""The product over axes, whose derivative is made of cumulative ones."""

from __future__ import annotations

from symdiff.graph.shape import size
from symdiff.ops import exact, sparsity
from symdiff.ops.along_axis import cumulative_product
from symdiff.ops.handle import Handle
from symdiff.ops.indexing import flipped, sliced
from symdiff.ops.joining import concatenated
from symdiff.ops.operation import (
    KEPT,
    PROMOTED,
    Operation,
    Pair,
)
from symdiff.ops.reduction import axes_shifted, expanded, reduced_shape, total
from symdiff.ops.structural import reshaped, transposed


def product_of_others(x: Handle, axes: tuple[int, ...]) -> Handle:
    """The derivative of a product by each element: no division, so zeros are no matter."""
    last = (*[a for a in range(x.ndim) if a not in axes], *axes)
    moved = transposed(x, last)
    outer = moved.shape[: x.ndim - len(axes)]
    flat = reshaped(moved, (*outer, size(moved.shape[len(outer) :])))
    axis = flat.ndim - 1
    before = product_before(flat, axis)
    others = reshaped(before * product_after(flat, axis), moved.shape)
    back = tuple(sorted(range(x.ndim), key=lambda a: last[a]))
    return transposed(others, back)


def _prod_jvp(
    tangents: tuple[Handle], y: Handle, x: Handle, *, axes: tuple[int, ...], keepdims: bool
) -> Handle:
    (t,) = tangents
    return total(product_of_others(x, axes) * t, axes, keepdims=keepdims)


def _prod_vjp(
    t: Handle, y: Handle, x: Handle, *, axes: tuple[int, ...], keepdims: bool
) -> tuple[Handle]:
    return (expanded(t, x.shape, axes) * product_of_others(x, axes),)


def product_before(x: Handle, axis: int) -> Handle:
    """For each element the product of those that stand before it on the axis."""
    first = Handle(x.builder, x.builder.full(1.0, (*x.shape[:axis], 1, *x.shape[axis + 1 :])))
    length = x.shape[axis]
    if length == 0:
        return x
    if not isinstance(length, int):  # it may be 0, which is as long as a first one is not
        return sliced(concatenated([first, cumulative_product(x, axis)], axis), axis, 0, length)
    most = sliced(x, axis, 0, length - 1)
    return concatenated([first, cumulative_product(most, axis)], axis)


def product_after(x: Handle, axis: int) -> Handle:
    """For each element the product of those that stand behind it on the axis."""
    return flipped(product_before(flipped(x, axis), axis), axis)


prod: Operation = Operation(
    "prod",
    "Product over the given axes.",
    1,
    Pair(_prod_jvp, _prod_vjp),
    exact=exact.reduced("prod"),
    sparsity=sparsity.reduced,
    shape=reduced_shape,
    dtype=PROMOTED,
    batch=axes_shifted("prod"),
    params=("axes", "keepdims"),
    sign=KEPT,
    takes_complex=True,
)
