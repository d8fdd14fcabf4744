"""Spectra of general matrices and roots of polynomials.

Eigenvalues are real ones that differ; where a matrix has others, the emitted file raises an error.
Roots are complex. Both move by the implicit function theorem.
"""

from __future__ import annotations

from typing import Any

from symdiff.errors import ShapeError
from symdiff.graph.node import COMPLEX
from symdiff.graph.shape import Shape
from symdiff.ops import exact
from symdiff.ops.control import equal, where
from symdiff.ops.handle import Handle
from symdiff.ops.indexing import sliced
from symdiff.ops.joining import concatenated
from symdiff.ops.linalg import (
    diagonal_times,
    identity_like,
    product,
    solve,
    square_shape,
    stacked,
    times_diagonal,
    turned,
)
from symdiff.ops.operation import Flat, Operation, Pair
from symdiff.ops.reduction import broadcast_to, total, with_axes

# --- eigenvalues ---------------------------------------------------------------------------------

eig: Operation = Operation(
    "eig",
    "The eigenvalues and vectors of a square matrix, which are real.",
    1,
    Flat(),
    exact=exact.unchanged,
    shape=square_shape,
    batch=stacked("eig"),
)


def _diagonal(a: Handle) -> Handle:
    """The diagonals of square matrices."""
    return total(identity_like(a) * a, -1)


def _gaps(a: Handle, parts: Handle) -> Handle:
    """1/(w_j - w_i), and 0 on the diagonal."""
    values = general_values(a, parts)
    rows = broadcast_to(with_axes(values, values.ndim, 1), a.shape)
    columns = broadcast_to(with_axes(values, values.ndim - 1, 1), a.shape)
    is_diagonal = equal(identity_like(a), 1.0)
    return where(is_diagonal, 0.0, 1.0 / where(is_diagonal, 1.0, columns - rows))


def _values_jvp(tangents: tuple[Handle, None], y: Handle, a: Handle, parts: Handle) -> Handle:
    """The diagonal of inv(v) t v."""
    vectors = general_vectors(a, parts)
    return _diagonal(solve(vectors, product(tangents[0], vectors)))


def _values_vjp(t: Handle, y: Handle, a: Handle, parts: Handle) -> tuple[Handle, None]:
    v = turned(general_vectors(a, parts))
    return solve(v, diagonal_times(t, v)), None


general_values: Operation = Operation(
    "general_values",
    "The eigenvalues of a square matrix, in NumPy's order.",
    2,
    Pair(_values_jvp, _values_vjp),
    exact=exact.general_values,
    shape=lambda shapes, params: square_shape(shapes, params)[:-1],
    batch=stacked("general_values"),
    domain="the eigenvalues are real and differ",
    analytic=False,
)


def _across(moved: Handle, vectors: Handle) -> Handle:
    """What moves vectors without their lengths."""
    return moved - times_diagonal(vectors, total(vectors * moved, -2))


def _vectors_jvp(tangents: tuple[Handle, None], y: Handle, a: Handle, parts: Handle) -> Handle:
    """M. B. Giles, Collected matrix derivative results (2008), section 3.1; of the length 1."""
    projected = solve(y, product(tangents[0], y))
    return _across(product(y, _gaps(a, parts) * projected), y)


def _vectors_vjp(t: Handle, y: Handle, a: Handle, parts: Handle) -> tuple[Handle, None]:
    v = turned(y)
    inner = _gaps(a, parts) * product(v, _across(t, y))
    return solve(v, product(inner, v)), None


general_vectors: Operation = Operation(
    "general_vectors",
    "The eigenvectors of a square matrix, as columns of the length 1.",
    2,
    Pair(_vectors_jvp, _vectors_vjp),
    exact=exact.general_vectors,
    shape=square_shape,
    batch=stacked("general_vectors"),
    domain="the eigenvalues are real and differ",
    analytic=False,
)

# --- roots ---------------------------------------------------------------------------------------


def _one_less(shapes: list[Shape], params: Any) -> Shape:
    *before, count = shapes[0]
    if not isinstance(count, int) or count < 1:
        raise ShapeError("how many coefficients a polynomial has must be known")
    return (*before, count - 1)


def _at(coefficients: Handle, z: Handle) -> Handle:
    """The polynomials at their roots, by Horner's scheme."""
    axis = z.ndim - 1
    parts = [sliced(coefficients, axis, k, 1) for k in range(int(coefficients.shape[axis]))]  # type: ignore[arg-type]
    value = broadcast_to(parts[0], z.shape)
    for part in parts[1:]:
        value = value * z + broadcast_to(part, z.shape)
    return value


def _slope(p: Handle, z: Handle) -> Handle:
    """The derivatives of the polynomials at their roots."""
    axis, degree = z.ndim - 1, int(z.shape[-1])  # type: ignore[arg-type]
    parts = [(degree - k) * sliced(p, axis, k, 1) for k in range(degree)]
    return _at(concatenated(parts, axis), z)


def _roots_jvp(tangents: tuple[Handle], z: Handle, p: Handle) -> Handle:
    return -(_at(tangents[0], z) / _slope(p, z))


def _roots_vjp(t: Handle, z: Handle, p: Handle) -> tuple[Handle]:
    axis, degree = z.ndim - 1, int(z.shape[-1])  # type: ignore[arg-type]
    moved = -(t / _slope(p, z))
    parts = [total(moved, axis, keepdims=True)]
    for _ in range(degree):
        moved = moved * z
        parts.insert(0, total(moved, axis, keepdims=True))
    return (concatenated(parts, axis),)


roots: Operation = Operation(
    "roots",
    "The roots of the polynomial of these coefficients, the highest power first.",
    1,
    Pair(_roots_jvp, _roots_vjp),
    exact=exact.roots,
    shape=_one_less,
    dtype=COMPLEX,
    batch=stacked("roots"),
    domain="the first coefficient is not 0, and no root is a multiple one",
    analytic=False,
)
