"""The functions of `numpy.linalg` on matrices and stacks of them."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from typing import Any, NamedTuple

from symdiff.errors import ShapeError
from symdiff.frontend.lowering.axes import axes_of, axis_of
from symdiff.frontend.lowering.base import (
    Floats,
    Value,
    refuse,
)
from symdiff.frontend.lowering.products import matmul
from symdiff.frontend.lowering.registry import LOWERINGS
from symdiff.graph.node import COMPLEX
from symdiff.graph.shape import Dimension, broadcast
from symdiff.graph.shape import text as shape_text
from symdiff.ops import (
    complex_numbers,
    control,
    decompositions,
    determinants,
    kinks,
    linalg,
    reduction,
)
from symdiff.ops.builder import Builder
from symdiff.ops.handle import Handle
from symdiff.ops.indexing import sliced
from symdiff.ops.joining import concatenated, stacked
from symdiff.ops.linalg import turned
from symdiff.ops.operation import Operation
from symdiff.ops.reduction import broadcast_to, kept_axes, total, with_axes, without_axes
from symdiff.ops.structural import reshaped, transposed

Order = Any  # None, a number, or the name of a matrix norm


class EighResult(NamedTuple):
    """What NumPy's `eigh` returns."""

    eigenvalues: Handle
    eigenvectors: Handle


class QRResult(NamedTuple):
    """What NumPy's `qr` returns."""

    Q: Handle
    R: Handle


class SlogdetResult(NamedTuple):
    """What NumPy's `slogdet` returns."""

    sign: Handle
    logabsdet: Handle


class SVDResult(NamedTuple):
    """What NumPy's `svd` returns."""

    U: Handle
    S: Handle
    Vh: Handle


def _matrix(x: Handle, name: str) -> Handle:
    if x.ndim < 2:
        raise ShapeError(f"{name} takes a matrix, not an array of the shape {shape_text(x.shape)}")
    return x


def _square(x: Handle, name: str) -> Handle:
    x = _matrix(x, name)
    if x.shape[-1] != x.shape[-2]:
        raise ShapeError(f"{name} takes a square matrix, not the shape {shape_text(x.shape)}")
    return x


# --- solving -----------------------------------------------------------------------------------


@LOWERINGS.named("linalg.solve")
def solve(a: Floats, b: Floats) -> Handle:
    """The x with a @ x = b; a right side of one dimension is a vector, as in NumPy 2."""
    matrix = _square(a, "solve")
    if b.ndim == 1:
        return _solve_vector(matrix, b)
    if b.ndim == 0 or b.shape[-2] != matrix.shape[-1]:
        left, other = shape_text(matrix.shape), shape_text(b.shape)
        raise ShapeError(f"the shapes {left} and {other} do not fit together")
    stack = broadcast(matrix.shape[:-2], b.shape[:-2])
    matrix = broadcast_to(matrix, (*stack, *matrix.shape[-2:]))
    return linalg.solve(matrix, broadcast_to(b, (*stack, *b.shape[-2:])))


def _solve_vector(matrix: Handle, right: Handle) -> Handle:
    if matrix.ndim == 2:
        return linalg.solve(matrix, right)
    if right.shape[0] != matrix.shape[-1]:
        raise ShapeError(f"{right.shape[0]} numbers are no right side of {matrix.shape[-1]} rows")
    columns = broadcast_to(with_axes(right, 1, 1), (*matrix.shape[:-1], 1))
    return reshaped(linalg.solve(matrix, columns), matrix.shape[:-1])


@LOWERINGS.named("linalg.inv")
def inv(a: Floats) -> Handle:
    """The inverse."""
    return linalg.inverse(_square(a, "inv"))


@LOWERINGS.named("linalg.pinv")
def pinv(a: Floats, rcond: Value = None, *, hermitian: bool = False, rtol: Value = None) -> Handle:
    """The pseudo-inverse, with NumPy's own bound for singular values that count as 0."""
    if hermitian or rcond is not None or rtol is not None:
        refuse("pinv with rcond, rtol or hermitian is not supported", "leave them out")
    return linalg.pinv(_matrix(a, "pinv"))


def _usual_cutoff(rows: Dimension, columns: Dimension) -> float:
    """The share of the largest singular value below which NumPy cuts off where nothing is said."""
    longest = max(n for n in (rows, columns, 1) if isinstance(n, int))
    return longest * sys.float_info.epsilon


@LOWERINGS.named("linalg.lstsq")
def lstsq(builder: Builder, /, a: Floats, b: Floats, rcond: Value = None) -> tuple[Any, ...]:
    """The shortest x that makes a @ x - b shortest, for a matrix of full rank.

    Returns:
        x, the squared lengths of the residuals, the rank and the singular values. A named number
        of rows counts as larger than the number of columns; the singular values are `None` then.
    """
    matrix, right = _matrix(a, "lstsq"), b
    rows, columns = matrix.shape[-2:]
    numbers = isinstance(rows, int) and isinstance(columns, int)
    if rcond is not None and (isinstance(rcond, Handle) or rcond > _usual_cutoff(rows, columns)):
        refuse("lstsq with rcond is not supported", "leave it out: the matrix has full rank")
    if isinstance(rows, int) and isinstance(columns, int) and rows < columns:
        solution = matmul(linalg.pinv(matrix), right)
        rank: Dimension = rows
    else:
        solution = linalg.lstsq(matrix, right)
        rank = columns
    if rows == columns or rank == rows:
        residuals = Handle(builder, builder.full(0.0, (0,)))
    else:
        rest = right - matmul(matrix, solution)
        squares = total(rest * rest, 0)
        residuals = reshaped(squares, (1,)) if right.ndim == 1 else squares
    return solution, residuals, rank, _values(matrix) if numbers else None


# --- determinants ------------------------------------------------------------------------------


@LOWERINGS.named("linalg.det")
def det(a: Floats) -> Handle:
    """The determinant."""
    return determinants.det(_square(a, "det"))


@LOWERINGS.named("linalg.slogdet")
def slogdet(a: Floats) -> SlogdetResult:
    """The sign of the determinant and the logarithm of its magnitude."""
    x = _square(a, "slogdet")
    both = determinants.slogdet(x)
    return SlogdetResult(determinants.signdet(x, both), determinants.logabsdet(x, both))


# --- decompositions ----------------------------------------------------------------------------


@LOWERINGS.named("linalg.cholesky")
def cholesky(a: Floats, /, *, upper: bool = False) -> Handle:
    """The triangular factor of a symmetric positive definite matrix."""
    x = _square(a, "cholesky")
    return turned(decompositions.cholesky(turned(x))) if upper else decompositions.cholesky(x)


def _is_upper(triangle: str, name: str) -> bool:
    """Which triangle of a symmetric matrix is read."""
    if triangle.upper() not in ("L", "U"):
        refuse(f"{name} reads the triangle 'L' or 'U', not {triangle!r}")
    return triangle.upper() == "U"


@LOWERINGS.named("linalg.eigh")
def eigh(
    a: Floats,
    UPLO: str = "L",  # noqa: N803  NumPy's name
) -> EighResult:
    """Eigenvalues and eigenvectors of a symmetric matrix."""
    x = _square(a, "eigh")
    both = (decompositions.eigh_upper if _is_upper(UPLO, "eigh") else decompositions.eigh)(x)
    return EighResult(decompositions.eigenvalues(x, both), decompositions.eigenvectors(x, both))


@LOWERINGS.named("linalg.eigvalsh")
def eigvalsh(
    a: Floats,
    UPLO: str = "L",  # noqa: N803  NumPy's name
) -> Handle:
    """The eigenvalues of a symmetric matrix."""
    x = _square(a, "eigvalsh")
    x = turned(x) if _is_upper(UPLO, "eigvalsh") else x
    return decompositions.eigenvalues(x, decompositions.eigh(x))


@LOWERINGS.named("linalg.svd")
def svd(
    a: Floats,
    full_matrices: bool = True,  # noqa: FBT001, FBT002  NumPy's own
    compute_uv: bool = True,  # noqa: FBT001, FBT002
    hermitian: bool = False,  # noqa: FBT001, FBT002
) -> SVDResult | Handle:
    """Singular values and vectors; the thin form, which has derivatives."""
    x = _matrix(a, "svd")
    if hermitian:
        refuse("svd with hermitian=True is not supported", "leave it out, or use eigh")
    if not compute_uv:
        return _values(x)
    if full_matrices and x.shape[-1] != x.shape[-2]:
        refuse(
            "the full singular vectors of a matrix that is not square have no derivative",
            "give full_matrices=False",
        )
    parts = decompositions.svd(x)
    return SVDResult(
        decompositions.svd_left(x, parts),
        decompositions.svd_values(x, parts),
        decompositions.svd_right(x, parts),
    )


def _values(x: Handle) -> Handle:
    return decompositions.svd_values(x, decompositions.svd(x))


@LOWERINGS.named("linalg.svdvals")
def svdvals(x: Floats, /) -> Handle:
    """The singular values."""
    return _values(_matrix(x, "svdvals"))


@LOWERINGS.named("linalg.qr")
def qr(a: Floats, mode: str = "reduced") -> QRResult | Handle:
    """The orthonormal and the triangular factor.

    Of a matrix with more columns than rows the first square part is decomposed, and the rest of
    the triangular factor is a product.
    """
    x = _matrix(a, "qr")
    rows, columns = x.shape[-2:]
    is_wide = isinstance(rows, int) and isinstance(columns, int) and rows < columns
    if mode not in ("reduced", "r") and not (mode == "complete" and (is_wide or rows == columns)):
        refuse(f"qr with mode={mode!r} is not supported here", "give mode='reduced'")
    last = x.ndim - 1
    square = sliced(x, last, 0, rows) if is_wide else x
    parts = decompositions.qr(square)
    q, r = decompositions.qr_orthogonal(square, parts), decompositions.qr_triangular(square, parts)
    if is_wide:
        rest = sliced(x, last, rows, columns - rows)
        r = concatenated([r, linalg.product(turned(q), rest)], last)
    return r if mode == "r" else QRResult(q, r)


# --- norms -------------------------------------------------------------------------------------


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
    made = _matrix(x, "matrix_norm")
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
    values = _values(transposed(x, (*rest, row, column)))
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
    made = _matrix(x, "cond")
    if p in (None, 2, -2):
        values = _values(made)
        first, last = _end(values, 0), _end(values, -1)
        return last / first if p == -2 else first / last
    made = _square(made, "cond")
    return norm(made, p, (-2, -1)) * norm(linalg.inverse(made), p, (-2, -1))


LOWERINGS.refuse(
    {
        "linalg.eig": "eigenvalues may be complex: use eigh for symmetric matrices",
        "linalg.eigvals": "eigenvalues may be complex: use eigvalsh for symmetric matrices",
        "linalg.matrix_rank": "a rank has no derivative",
        "linalg.tensorsolve": "reshape, and use np.linalg.solve",
    }
)
