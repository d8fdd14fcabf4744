"""Norms of vectors and matrices, and condition numbers."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from symdiff.errors import ShapeError
from symdiff.frontend.lowering.axes import axes_of, axis_of
from symdiff.frontend.lowering.base import (
    Floats,
    refuse,
)
from symdiff.frontend.lowering.linear_algebra import matrix_of, singular_values, square_of
from symdiff.frontend.lowering.registry import LOWERINGS
from symdiff.graph.node import COMPLEX
from symdiff.graph.shape import Dimension
from symdiff.ops import (
    complex_numbers,
    control,
    kinks,
    linalg,
    reduction,
)
from symdiff.ops.handle import Handle
from symdiff.ops.indexing import sliced
from symdiff.ops.joining import stacked
from symdiff.ops.operation import Operation
from symdiff.ops.reduction import kept_axes, total, without_axes
from symdiff.ops.structural import reshaped, transposed

Order = Any  # None, a number, or the name of a matrix norm


@LOWERINGS.named("linalg.norm")
def norm(
    x: Floats,
    ord: Order = None,
    axis: Any = None,
    keepdims: bool = False,  # noqa: FBT001, FBT002  NumPy's own
) -> Handle:
    """A norm of a vector, of a matrix, or of stacks of them."""
    if axis is None and ord is None:
        return _euclidean(x, axes_of(x, None), keepdims=keepdims)
    axes = _ordered_axes(x, axis)
    if len(axes) == 1:
        return _vector_norm(x, axes, ord, keepdims=keepdims)
    if len(axes) == 2:
        return _matrix_norm(x, axes[0], axes[1], ord, keepdims=keepdims)
    raise ShapeError(f"norm takes one axis or two, not {len(axes)}")


@LOWERINGS.named("linalg.vector_norm")
def vector_norm(
    x: Floats, /, *, axis: Any = None, keepdims: bool = False, ord: Order = 2
) -> Handle:
    """A norm of the vector along some axes, of all elements by default."""
    return _vector_norm(x, axes_of(x, axis), ord, keepdims=keepdims)


@LOWERINGS.named("linalg.matrix_norm")
def matrix_norm(x: Floats, /, *, keepdims: bool = False, ord: Order = "fro") -> Handle:
    """A norm of a matrix, or of each of a stack."""
    made = matrix_of(x, "matrix_norm")
    return _matrix_norm(made, made.ndim - 2, made.ndim - 1, ord, keepdims=keepdims)


def _ordered_axes(x: Handle, axis: Any) -> tuple[int, ...]:
    """The axes in the order that was given: rows and columns differ."""
    if axis is None:
        return tuple(range(x.ndim))
    given = axis if isinstance(axis, (tuple, list)) else [axis]
    return tuple(axis_of(x, a) for a in given)


def _euclidean(x: Handle, axes: tuple[int, ...], *, keepdims: bool) -> Handle:
    if not axes:
        return kinks.absolute(x)
    if x.dtype == COMPLEX:  # the length of the vector of both parts, which is smooth where that is
        both = stacked([complex_numbers.real(x), complex_numbers.imag(x)], x.ndim)
        found = reduction.norm(both, params=((*sorted(axes), x.ndim), False))
        return reshaped(found, kept_axes(x.shape, axes)) if keepdims else found
    return reduction.norm(x, params=(tuple(sorted(axes)), keepdims))


def _extreme(record: Operation) -> Callable[..., Handle]:
    def reduce(size: Handle, axes: tuple[int, ...], *, keepdims: bool) -> Handle:
        return record(size, params=(axes, keepdims))

    return reduce


def _count(size: Handle, axes: tuple[int, ...], *, keepdims: bool) -> Handle:
    one = Handle(size.builder, size.builder.full(1.0, size.shape))
    return total(control.where(control.equal(size, 0.0), 0.0, one), axes, keepdims=keepdims)


_VECTOR_NORMS: dict[Any, Callable[..., Handle]] = {
    math.inf: _extreme(reduction.max_),
    -math.inf: _extreme(reduction.min_),
    0: _count,
    1: total,
}


def _vector_norm(x: Handle, axes: tuple[int, ...], ord: Order, *, keepdims: bool) -> Handle:
    if ord is None or ord == 2:
        return _euclidean(x, axes, keepdims=keepdims)
    if isinstance(ord, (str, Handle)):
        refuse(f"vectors have no norm of the order {ord!r}", "give a number, or np.inf")
    axes = tuple(sorted(axes))
    size = kinks.absolute(x)
    if ord in _VECTOR_NORMS:
        return _VECTOR_NORMS[ord](size, axes, keepdims=keepdims)
    return _of_order(size, axes, float(ord), keepdims=keepdims)


def _of_order(size: Handle, axes: tuple[int, ...], order: float, *, keepdims: bool) -> Handle:
    """sum(|x|**p)**(1/p), with derivative 0 at the origin."""
    summed = total(size**order, axes, keepdims=keepdims)
    if order < 0.0:
        return summed ** (1.0 / order)
    is_zero = control.equal(summed, 0.0)
    return control.where(is_zero, 0.0, control.where(is_zero, 1.0, summed) ** (1.0 / order))


def _matrix_norm(x: Handle, row: int, column: int, ord: Order, *, keepdims: bool) -> Handle:
    if row == column:
        raise ShapeError("a matrix norm takes two axes that differ")
    kept, left = kept_axes(x.shape, (row, column)), without_axes(x.shape, (row, column))
    shape = kept if keepdims else left
    if ord is None or ord in ("fro", "f"):
        return _euclidean(x, (row, column), keepdims=keepdims)
    if ord in (1, -1):
        return reshaped(_largest_sum(x, row, column, ord), shape)
    if ord in (math.inf, -math.inf):
        return reshaped(_largest_sum(x, column, row, ord), shape)
    if ord not in ("nuc", 2, -2):
        refuse(f"matrices have no norm of the order {ord!r}", "see numpy.linalg.norm")
    rest = [axis for axis in range(x.ndim) if axis not in (row, column)]
    values = singular_values(transposed(x, (*rest, row, column)))
    last = (values.ndim - 1,)
    if ord == "nuc":
        return reshaped(total(values, last), shape)
    return reshaped(_end(values, 0 if ord == 2 else -1), shape)


def _largest_sum(x: Handle, summed: int, over: int, ord: Order) -> Handle:
    """The largest sum of magnitudes along an axis, the smallest for a negative order."""
    sums = total(kinks.absolute(x), (summed,), keepdims=True)
    record = reduction.max_ if ord > 0 else reduction.min_
    return record(sums, params=((over,), True))


def _end(values: Handle, position: int) -> Handle:
    """The first or the last one of the last axis: singular values stand in order."""
    axis = values.ndim - 1
    start: Dimension = 0 if position == 0 else values.shape[axis] - 1
    return reshaped(sliced(values, axis, start, 1), values.shape[:-1])


@LOWERINGS.named("linalg.cond")
def cond(x: Floats, p: Order = None) -> Handle:
    """The condition number: the norm times the norm of the inverse."""
    made = matrix_of(x, "cond")
    if p in (None, 2, -2):
        values = singular_values(made)
        first, last = _end(values, 0), _end(values, -1)
        return last / first if p == -2 else first / last
    made = square_of(made, "cond")
    return norm(made, p, (-2, -1)) * norm(linalg.inverse(made), p, (-2, -1))
