"""Linear algebra on the last two axes: products of stacks, solutions, inverses.

The derivatives are those of M. B. Giles, Collected Matrix Derivative Results for Forward and
Reverse Mode Algorithmic Differentiation (2008), unless a rule names another source.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from symdiff.errors import ShapeError
from symdiff.graph.shape import Dimension, Shape, size
from symdiff.graph.shape import text as shape_text
from symdiff.ops import exact
from symdiff.ops.contraction import LETTERS, contracted
from symdiff.ops.handle import Handle
from symdiff.ops.indexing import lifted
from symdiff.ops.operation import (
    Operation,
    Pair,
)
from symdiff.ops.reduction import broadcast_to, with_axes
from symdiff.ops.structural import reshaped, transposed

Params = tuple[Any, ...]

# --- products of stacks of matrices ------------------------------------------------------------


def product(a: Handle, b: Handle) -> Handle:
    """`a @ b` of two matrices, or of two equal stacks of them."""
    stack = LETTERS[3 : 1 + a.ndim]
    return contracted(a, b, f"{stack}ij,{stack}jk->{stack}ik")


def turned(a: Handle) -> Handle:
    """The matrices of a stack transposed."""
    return transposed(a, (*range(a.ndim - 2), a.ndim - 1, a.ndim - 2))


def identity_like(a: Handle) -> Handle:
    """The unit matrix with as many rows as a matrix has columns, in its stack's shape."""
    n = a.shape[-1]
    unit = Handle(a.builder, a.builder.make("unit_matrix", (), (n,)))
    return broadcast_to(unit, (*a.shape[:-2], n, n))


def diagonal_times(v: Handle, a: Handle) -> Handle:
    """`diag(v) @ a`."""
    return broadcast_to(with_axes(v, v.ndim, 1), a.shape) * a


def times_diagonal(a: Handle, v: Handle) -> Handle:
    """`a @ diag(v)`."""
    return a * broadcast_to(with_axes(v, v.ndim - 1, 1), a.shape)


def _full(a: Handle, value: float, shape: Shape) -> Handle:
    return Handle(a.builder, a.builder.full(value, shape))


# --- shapes ------------------------------------------------------------------------------------


def _square(shapes: Sequence[Shape]) -> Shape:
    shape = shapes[0]
    if len(shape) < 2 or shape[-1] != shape[-2]:
        raise ShapeError(
            f"a square matrix is wanted, not an array of the shape {shape_text(shape)}"
        )
    return shape


def stack_shape(shapes: Sequence[Shape], params: Params) -> Shape:
    """The shape of a number for each square matrix of a stack."""
    return _square(shapes)[:-2]


def square_shape(shapes: Sequence[Shape], params: Params) -> Shape:
    """The shape of a square matrix for each of a stack."""
    return _square(shapes)


def _right_shape(shapes: Sequence[Shape], params: Params) -> Shape:
    matrix = _square(shapes)
    if len(shapes[1]) == 1 and shapes[1] == matrix[:-1]:
        return shapes[1]
    if shapes[1][:-1] != matrix[:-1] or len(matrix) != len(shapes[1]):
        raise ShapeError(
            f"the shapes {shape_text(matrix)} and {shape_text(shapes[1])} do not fit together"
        )
    return shapes[1]


def stacked(record: str) -> Any:
    """The batch rule: NumPy works on stacks by itself."""

    def batch(
        args: Sequence[Handle], batched: Sequence[bool], params: Params, length: Dimension
    ) -> Handle:
        builder = args[0].builder
        given = lifted(args, batched, length)
        return Handle(builder, builder.make(record, tuple(x.at for x in given), params))

    return batch


# --- solving -----------------------------------------------------------------------------------


def _inverse_jvp(tangents: tuple[Handle], y: Handle, a: Handle) -> Handle:
    (t,) = tangents
    return -product(product(y, t), y)


def _inverse_vjp(t: Handle, y: Handle, a: Handle) -> tuple[Handle]:
    return (-product(product(turned(y), t), turned(y)),)


inverse: Operation = Operation(
    "inv",
    "The inverse of a matrix.",
    1,
    Pair(_inverse_jvp, _inverse_vjp),
    exact=exact.inv,
    shape=square_shape,
    batch=stacked("inv"),
    domain="the matrix is not singular",
    takes_complex=True,
)


def _times_turned(a: Handle, b: Handle) -> Handle:
    """`a @ b.T` of two matrices, or of two vectors that stand for columns."""
    return contracted(a, b, "i,j->ij") if a.ndim == 1 else product(a, turned(b))


def _times(a: Handle, b: Handle) -> Handle:
    """`a @ b` of a matrix and a matrix or a vector."""
    return contracted(a, b, "ij,j->i") if b.ndim == 1 else product(a, b)


def _rest_tangent(tangents: tuple[Handle | None, Handle | None], y: Handle) -> Handle:
    """The tangent of b - a @ y while y stays; one of the two is given."""
    t_a, t_b = tangents
    if t_a is None:
        assert t_b is not None
        return t_b
    moved = _times(t_a, y)
    return -moved if t_b is None else t_b - moved


def _solve_jvp(
    tangents: tuple[Handle | None, Handle | None], y: Handle, a: Handle, b: Handle
) -> Handle:
    return solve(a, _rest_tangent(tangents, y))


def _solve_vjp(t: Handle, y: Handle, a: Handle, b: Handle) -> tuple[Handle, Handle]:
    by_b = solve(turned(a), t)
    return -_times_turned(by_b, y), by_b


def _solve_batch(
    args: Sequence[Handle], batched: Sequence[bool], params: Params, length: Dimension
) -> Handle:
    """NumPy takes a stack of vectors for a matrix: each vector becomes a column."""
    a, b = lifted(args, batched, length)
    if b.ndim == a.ndim:
        return solve(a, b)
    return reshaped(solve(a, with_axes(b, b.ndim, 1)), b.shape)


solve: Operation = Operation(
    "solve",
    "The x with a @ x = b, for a matrix b, or one vector b.",
    2,
    Pair(_solve_jvp, _solve_vjp),
    exact=exact.solve,
    shape=_right_shape,
    batch=_solve_batch,
    domain="the matrix is not singular",
    takes_complex=True,
)


def _pinv_jvp(tangents: tuple[Handle], y: Handle, a: Handle) -> Handle:
    """G. H. Golub and V. Pereyra (1973), equation 4.12; for matrices of constant rank."""
    t_t, y_t = turned(tangents[0]), turned(y)
    first = product(product(y, tangents[0]), y)
    second = product(product(y, y_t), t_t)
    third = product(t_t, product(y_t, y))
    by_left = second - product(product(second, a), y)
    by_right = third - product(y, product(a, third))
    return by_left + by_right - first


def _pinv_vjp(t: Handle, y: Handle, a: Handle) -> tuple[Handle]:
    """The transpose of `_pinv_jvp`."""
    t_t, y_t = turned(t), turned(y)
    first = product(y_t, product(t, y_t))
    second = product(product(t_t, y), y_t)
    third = product(product(y_t, y), t_t)
    by_left = second - product(product(a, y), second)
    by_right = third - product(third, product(y, a))
    return (by_left + by_right - first,)


pinv: Operation = Operation(
    "pinv",
    "The pseudo-inverse of Moore and Penrose.",
    1,
    Pair(_pinv_jvp, _pinv_vjp),
    exact=exact.pinv,
    shape=lambda shapes, params: (*shapes[0][:-2], shapes[0][-1], shapes[0][-2]),
    batch=stacked("pinv"),
    domain="the rank is constant nearby",
    analytic=False,
)


def _lstsq_jvp(
    tangents: tuple[Handle | None, Handle | None], y: Handle, a: Handle, b: Handle
) -> Handle:
    """From the normal equations a' a x = a' b, at full rank; with p the pseudo-inverse of a."""
    p = pinv(a)
    found = _times(p, _rest_tangent(tangents, y))
    if tangents[0] is None:
        return found
    by_rest = _times(turned(tangents[0]), b - _times(a, y))
    return found + _times(p, _times(turned(p), by_rest))


def _lstsq_vjp(t: Handle, y: Handle, a: Handle, b: Handle) -> tuple[Handle, Handle]:
    """The transpose of `_lstsq_jvp`."""
    p = pinv(a)
    by_b = _times(turned(p), t)
    by_rest = _times(p, by_b)
    rest = b - _times(a, y)
    return _times_turned(rest, by_rest) - _times_turned(by_b, y), by_b


def _least_squares_shape(shapes: Sequence[Shape], params: Params) -> Shape:
    matrix, right = shapes
    if len(matrix) != 2 or len(right) not in (1, 2) or matrix[0] != right[0]:
        raise ShapeError(
            f"the shapes {shape_text(matrix)} and {shape_text(right)} do not fit together"
        )
    return (matrix[1], *right[1:])


def _lstsq_batch(
    args: Sequence[Handle], batched: Sequence[bool], params: Params, length: Dimension
) -> Handle:
    """NumPy takes one matrix: right sides become its columns, and a stack is pseudo-inverted."""
    a, b = args
    if not batched[0]:
        first = (1, 0, *range(2, b.ndim))  # the new axis beside the columns
        columns = transposed(b, first)
        x = lstsq(a, reshaped(columns, (b.shape[1], size(b.shape[2:]) * length)))
        return transposed(reshaped(x, (a.shape[1], *columns.shape[1:])), first)
    (b,) = lifted([b], batched[1:], length)
    if b.ndim == a.ndim:
        return product(pinv(a), b)
    return contracted(pinv(a), b, "ijk,ik->ij")


lstsq: Operation = Operation(
    "lstsq",
    "The x that makes a @ x - b shortest, for a of full rank with no more columns than rows.",
    2,
    Pair(_lstsq_jvp, _lstsq_vjp),
    exact=exact.lstsq,
    shape=_least_squares_shape,
    batch=_lstsq_batch,
    domain="the rank is full",
    analytic=False,
)
