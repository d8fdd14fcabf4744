"""The functions of `numpy.linalg` on matrices and stacks of them."""

from __future__ import annotations

import sys
from typing import Any, NamedTuple

from symdiff.errors import ShapeError
from symdiff.frontend.lowering.base import (
    Floats,
    Value,
    refuse,
)
from symdiff.frontend.lowering.products import matmul
from symdiff.frontend.lowering.registry import LOWERINGS
from symdiff.graph.shape import Dimension, broadcast
from symdiff.graph.shape import text as shape_text
from symdiff.ops import (
    decompositions,
    determinants,
    linalg,
)
from symdiff.ops.builder import Builder
from symdiff.ops.handle import Handle
from symdiff.ops.indexing import sliced
from symdiff.ops.joining import concatenated
from symdiff.ops.linalg import turned
from symdiff.ops.reduction import broadcast_to, total, with_axes
from symdiff.ops.structural import reshaped


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


def matrix_of(x: Handle, name: str) -> Handle:
    """A matrix or a stack of them; what is neither is refused in the name of a function."""
    if x.ndim < 2:
        raise ShapeError(f"{name} takes a matrix, not an array of the shape {shape_text(x.shape)}")
    return x


def square_of(x: Handle, name: str) -> Handle:
    """A square matrix or a stack of them."""
    x = matrix_of(x, name)
    if x.shape[-1] != x.shape[-2]:
        raise ShapeError(f"{name} takes a square matrix, not the shape {shape_text(x.shape)}")
    return x


# --- solving -----------------------------------------------------------------------------------


@LOWERINGS.named("linalg.solve")
def solve(a: Floats, b: Floats) -> Handle:
    """The x with a @ x = b; a right side of one dimension is a vector, as in NumPy 2."""
    matrix = square_of(a, "solve")
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
    return linalg.inverse(square_of(a, "inv"))


@LOWERINGS.named("linalg.pinv")
def pinv(a: Floats, rcond: Value = None, *, hermitian: bool = False, rtol: Value = None) -> Handle:
    """The pseudo-inverse, with NumPy's own bound for singular values that count as 0."""
    if hermitian or rcond is not None or rtol is not None:
        refuse("pinv with rcond, rtol or hermitian is not supported", "leave them out")
    return linalg.pinv(matrix_of(a, "pinv"))


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
    matrix, right = matrix_of(a, "lstsq"), b
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
    return solution, residuals, rank, singular_values(matrix) if numbers else None


# --- determinants ------------------------------------------------------------------------------


@LOWERINGS.named("linalg.det")
def det(a: Floats) -> Handle:
    """The determinant."""
    return determinants.det(square_of(a, "det"))


@LOWERINGS.named("linalg.slogdet")
def slogdet(a: Floats) -> SlogdetResult:
    """The sign of the determinant and the logarithm of its magnitude."""
    x = square_of(a, "slogdet")
    both = determinants.slogdet(x)
    return SlogdetResult(determinants.signdet(x, both), determinants.logabsdet(x, both))


# --- decompositions ----------------------------------------------------------------------------


@LOWERINGS.named("linalg.cholesky")
def cholesky(a: Floats, /, *, upper: bool = False) -> Handle:
    """The triangular factor of a symmetric positive definite matrix."""
    x = square_of(a, "cholesky")
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
    x = square_of(a, "eigh")
    both = (decompositions.eigh_upper if _is_upper(UPLO, "eigh") else decompositions.eigh)(x)
    return EighResult(decompositions.eigenvalues(x, both), decompositions.eigenvectors(x, both))


@LOWERINGS.named("linalg.eigvalsh")
def eigvalsh(
    a: Floats,
    UPLO: str = "L",  # noqa: N803  NumPy's name
) -> Handle:
    """The eigenvalues of a symmetric matrix."""
    x = square_of(a, "eigvalsh")
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
    x = matrix_of(a, "svd")
    if hermitian:
        refuse("svd with hermitian=True is not supported", "leave it out, or use eigh")
    if not compute_uv:
        return singular_values(x)
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


def singular_values(x: Handle) -> Handle:
    """The singular values of each matrix, the largest first."""
    return decompositions.svd_values(x, decompositions.svd(x))


@LOWERINGS.named("linalg.svdvals")
def svdvals(x: Floats, /) -> Handle:
    """The singular values."""
    return singular_values(matrix_of(x, "svdvals"))


@LOWERINGS.named("linalg.qr")
def qr(a: Floats, mode: str = "reduced") -> QRResult | Handle:
    """The orthonormal and the triangular factor.

    Of a matrix with more columns than rows the first square part is decomposed, and the rest of
    the triangular factor is a product.
    """
    x = matrix_of(a, "qr")
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


LOWERINGS.refuse(
    {
        "linalg.matrix_rank": "a rank has no derivative",
        "linalg.tensorsolve": "reshape, and use np.linalg.solve",
    }
)
