"""Linear algebra on the last two axes: solutions, inverses, determinants, decompositions.

The derivatives are those of M. B. Giles, Collected Matrix Derivative Results for Forward and
Reverse Mode Algorithmic Differentiation (2008), unless a rule names another source. A
decomposition with several results is one line, and each result a line that refers to it and to the
matrix, so that rules see the matrix and the library is called once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from symdiff.errors import ShapeError
from symdiff.graph.shape import Dimension, Shape, size
from symdiff.graph.shape import text as shape_text
from symdiff.ops.contraction import LETTERS, contracted
from symdiff.ops.control import equal, where
from symdiff.ops.handle import Handle
from symdiff.ops.operation import (
    Flat,
    Operand,
    Operation,
    Pair,
    Spelling,
    Written,
    function,
    written,
)
from symdiff.ops.reduction import broadcast_to, prod, total, with_axes
from symdiff.ops.structural import arange, lifted, reshaped, transposed

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


def lower(a: Handle) -> Handle:
    """The lower triangle, the diagonal included."""
    return where(_is_below(a, 0), a, 0.0)


def _is_below(a: Handle, offset: int) -> Handle:
    m, n = a.shape[-2:]
    rows = broadcast_to(reshaped(arange(a, m), (m, 1)), (m, n))
    columns = broadcast_to(arange(a, n), (m, n))
    shifted = rows if not offset else rows + Handle(a.builder, a.builder.full(offset, (m, n)))
    return broadcast_to(columns <= shifted, a.shape)


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


def _stack_shape(shapes: Sequence[Shape], params: Params) -> Shape:
    return _square(shapes)[:-2]


def _square_shape(shapes: Sequence[Shape], params: Params) -> Shape:
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


def _stacked(record: str) -> Any:
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
    spelling={"numpy": function("np.linalg.inv")},
    shape=_square_shape,
    batch=_stacked("inv"),
    domain="the matrix is not singular",
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
    spelling={"numpy": function("np.linalg.solve")},
    shape=_right_shape,
    batch=_solve_batch,
    domain="the matrix is not singular",
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
    spelling={"numpy": function("np.linalg.pinv")},
    shape=lambda shapes, params: (*shapes[0][:-2], shapes[0][-1], shapes[0][-2]),
    batch=_stacked("pinv"),
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
    spelling=written(lambda a: Written(f"np.linalg.lstsq({a[0].text}, {a[1].text})[0]")),
    shape=_least_squares_shape,
    batch=_lstsq_batch,
    domain="the rank is full",
    analytic=False,
)


# --- determinants ------------------------------------------------------------------------------


def _spread(t: Handle, a: Handle) -> Handle:
    """A number for each matrix of a stack, as matrices."""
    return broadcast_to(with_axes(t, t.ndim, 2), a.shape)


def _cofactors(a: Handle) -> Handle:
    """The derivative of a determinant; finite for singular matrices too.

    From the singular values: det(a) inv(a)' = det(u) det(v') u diag(products of the others) v'.
    """
    decomposed = svd(a)
    u, s, vh = (part(a, decomposed) for part in (svd_left, svd_values, svd_right))
    n = s.shape[-1]
    others = _products_of_others(s, n)
    turn = det(u) * det(vh)
    return product(times_diagonal(u, others), vh) * _spread(turn, a)


def _products_of_others(s: Handle, n: Dimension) -> Handle:
    """For each element of the last axis the product of the others."""
    shape = (*s.shape[:-1], n, n)
    grid = broadcast_to(with_axes(s, s.ndim - 1, 1), shape)
    rows = broadcast_to(reshaped(arange(s, n), (n, 1)), (n, n))
    is_own = broadcast_to(equal(rows, broadcast_to(arange(s, n), (n, n))), shape)
    return prod(where(is_own, 1.0 + 0.0 * grid, grid), params=((len(shape) - 1,), False))


det: Operation = Operation(
    "det",
    "The determinant.",
    1,
    Pair(
        lambda tangents, y, a: total(_cofactors(a) * tangents[0], (-2, -1)),
        lambda t, y, a: (_spread(t, a) * _cofactors(a),),
    ),
    spelling={"numpy": function("np.linalg.det")},
    shape=_stack_shape,
    batch=_stacked("det"),
)

slogdet: Operation = Operation(
    "slogdet",
    "The sign of the determinant and the logarithm of its magnitude, together.",
    1,
    Flat(),
    spelling={"numpy": function("np.linalg.slogdet")},
    shape=_stack_shape,
    batch=_stacked("slogdet"),
)


def _part(number: int) -> dict[str, Spelling]:
    """A result of a decomposition: the matrix itself is there for the rules alone."""

    def write(a: Sequence[Operand]) -> Written:
        return Written(f"{a[1].primary}[{number}]")

    return written(write)


logabsdet: Operation = Operation(
    "logabsdet",
    "The logarithm of the determinant's magnitude.",
    2,
    Pair(
        lambda tangents, y, a, parts: total(turned(inverse(a)) * tangents[0], (-2, -1)),
        lambda t, y, a, parts: (_spread(t, a) * turned(inverse(a)), None),
    ),
    spelling=_part(1),
    shape=_stack_shape,
    batch=_stacked("logabsdet"),
    domain="the matrix is not singular",
    analytic=False,
)
signdet: Operation = Operation(
    "signdet",
    "The sign of the determinant.",
    2,
    Flat(),
    spelling=_part(0),
    shape=_stack_shape,
    batch=_stacked("signdet"),
    analytic=False,
)


# --- decompositions ----------------------------------------------------------------------------


def _symmetric(a: Handle) -> Handle:
    return 0.5 * (a + turned(a))


def _half_lower(a: Handle) -> Handle:
    """The lower triangle with half of the diagonal."""
    return where(_is_below(a, -1), a, where(_is_below(a, 0), 0.5 * a, 0.0))


def _cholesky_jvp(tangents: tuple[Handle], y: Handle, a: Handle) -> Handle:
    """I. Murray, Differentiation of the Cholesky decomposition (2016), equation 8."""
    left = solve(y, _symmetric(tangents[0]))
    return product(y, _half_lower(turned(solve(y, turned(left)))))


def _cholesky_vjp(t: Handle, y: Handle, a: Handle) -> tuple[Handle]:
    """I. Murray, Differentiation of the Cholesky decomposition (2016), equation 10.

    NumPy reads the lower triangle alone. The cotangent is the symmetric one, as PyTorch's.
    """
    symmetric = _symmetric(_half_lower(product(turned(y), lower(t))))
    left = solve(turned(y), symmetric)
    return (turned(solve(turned(y), turned(left))),)


cholesky: Operation = Operation(
    "cholesky",
    "The lower triangular l with l @ l.T = a, for a symmetric positive definite a.",
    1,
    Pair(_cholesky_jvp, _cholesky_vjp),
    spelling={"numpy": function("np.linalg.cholesky")},
    shape=_square_shape,
    batch=_stacked("cholesky"),
    domain="the matrix is symmetric and positive definite",
    kink="the cotangent is symmetric",
    analytic=False,
)

eigh: Operation = Operation(
    "eigh",
    "Eigenvalues and eigenvectors of a symmetric matrix, together.",
    1,
    Flat(),
    spelling={"numpy": function("np.linalg.eigh")},
    shape=_square_shape,
    batch=_stacked("eigh"),
)


def _eigenvalues_jvp(tangents: tuple[Handle, None], y: Handle, a: Handle, parts: Handle) -> Handle:
    """The diagonal of v' t v; of t its symmetric part counts alone."""
    vectors = eigenvectors(a, parts)
    return total(vectors * product(tangents[0], vectors), -2)


def _eigenvalues_vjp(t: Handle, y: Handle, a: Handle, parts: Handle) -> tuple[Handle, None]:
    vectors = eigenvectors(a, parts)
    return product(times_diagonal(vectors, t), turned(vectors)), None


eigenvalues: Operation = Operation(
    "eigenvalues",
    "The eigenvalues of a symmetric matrix, in ascending order.",
    2,
    Pair(_eigenvalues_jvp, _eigenvalues_vjp),
    spelling=_part(0),
    shape=lambda shapes, params: _square(shapes)[:-1],
    batch=_stacked("eigenvalues"),
    domain="the matrix is symmetric",
    kink="of equal eigenvalues each has the derivative along the vector that NumPy gives",
    analytic=False,
)


def _gaps(values: Handle, a: Handle) -> Handle:
    """1/(w_j - w_i), and 0 on the diagonal."""
    rows = broadcast_to(with_axes(values, values.ndim, 1), a.shape)
    columns = broadcast_to(with_axes(values, values.ndim - 1, 1), a.shape)
    is_diagonal = equal(identity_like(a), 1.0)
    return where(is_diagonal, 0.0, 1.0 / where(is_diagonal, 1.0, columns - rows))


def _eigenvectors_jvp(tangents: tuple[Handle, None], y: Handle, a: Handle, parts: Handle) -> Handle:
    projected = product(product(turned(y), _symmetric(tangents[0])), y)
    return product(y, _gaps(eigenvalues(a, parts), a) * projected)


def _eigenvectors_vjp(t: Handle, y: Handle, a: Handle, parts: Handle) -> tuple[Handle, None]:
    inner = _symmetric(_gaps(eigenvalues(a, parts), a) * product(turned(y), t))
    return product(product(y, inner), turned(y)), None


eigenvectors: Operation = Operation(
    "eigenvectors",
    "The eigenvectors of a symmetric matrix, as columns.",
    2,
    Pair(_eigenvectors_jvp, _eigenvectors_vjp),
    spelling=_part(1),
    shape=lambda shapes, params: _square(shapes),
    batch=_stacked("eigenvectors"),
    domain="the matrix is symmetric and its eigenvalues differ",
    analytic=False,
)

svd: Operation = Operation(
    "svd",
    "Singular values and vectors, together, in the thin form.",
    1,
    Flat(),
    spelling=written(lambda a: Written(f"np.linalg.svd({a[0].text}, full_matrices=False)")),
    shape=lambda shapes, params: shapes[0],
    batch=_stacked("svd"),
)


def _rank(shape: Shape) -> Dimension:
    m, n = shape[-2:]
    if isinstance(m, int) and isinstance(n, int):
        return min(m, n)
    if m != n:
        raise ShapeError(f"which of {m} and {n} is smaller is not known: give numbers")
    return m


def _svd_values_jvp(tangents: tuple[Handle, None], y: Handle, a: Handle, parts: Handle) -> Handle:
    """The diagonal of u' t v."""
    u, v = svd_left(a, parts), turned(svd_right(a, parts))
    return total(u * product(tangents[0], v), -2)


def _svd_left_jvp(tangents: tuple[Handle, None], y: Handle, a: Handle, parts: Handle) -> Handle:
    return _singular_vectors_tangent(
        tangents[0], y, svd_values(a, parts), turned(svd_right(a, parts))
    )


def _svd_right_jvp(tangents: tuple[Handle, None], y: Handle, a: Handle, parts: Handle) -> Handle:
    """As the left ones of the transposed matrix."""
    return turned(
        _singular_vectors_tangent(
            turned(tangents[0]), turned(y), svd_values(a, parts), svd_left(a, parts)
        )
    )


def _singular_vectors_tangent(t: Handle, u: Handle, s: Handle, v: Handle) -> Handle:
    """J. Townsend (2016), for the vectors on the left of a = u @ diag(s) @ v.T."""
    along = product(t, v)
    projected = product(turned(u), along)
    scaled = times_diagonal(projected, s)
    found = product(u, _gaps(s * s, projected) * (scaled + turned(scaled)))
    if u.shape[-2] == s.shape[-1]:
        return found
    return found + times_diagonal(along - product(u, projected), 1.0 / s)


def _svd_vjp(
    a: Handle, decomposed: Handle, t_u: Handle | None, t_s: Handle | None, t_v: Handle | None
) -> Handle:
    """J. Townsend, Differentiating the singular value decomposition (2016).

    `t_v` is the cotangent of v, not of vh.
    """
    u, s, vh = (part(a, decomposed) for part in (svd_left, svd_values, svd_right))
    v = turned(vh)
    inner: Handle | None = None
    outer: Handle | None = None
    square = product(turned(u), u)
    if t_s is not None:
        inner = times_diagonal(identity_like(square), t_s)
    gaps = _gaps(s * s, square)
    for side, t in ((u, t_u), (v, t_v)):
        if t is None:
            continue
        projected = product(turned(side), t)
        skew = gaps * (projected - turned(projected))
        part = times_diagonal(skew, s) if side is u else diagonal_times(s, skew)
        inner = part if inner is None else inner + part
    assert inner is not None  # one of the three has a cotangent
    result = product(product(u, inner), vh)
    inverse_s = 1.0 / s
    if t_u is not None and a.shape[-2] != s.shape[-1]:
        rest = t_u - product(u, product(turned(u), t_u))
        outer = product(times_diagonal(rest, inverse_s), vh)
        result = result + outer
    if t_v is not None and a.shape[-1] != s.shape[-1]:
        rest = t_v - product(v, product(turned(v), t_v))
        result = result + product(times_diagonal(u, inverse_s), turned(rest))
    return result


svd_values: Operation = Operation(
    "svd_values",
    "The singular values, in descending order.",
    2,
    Pair(_svd_values_jvp, lambda t, y, a, parts: (_svd_vjp(a, parts, None, t, None), None)),
    spelling=_part(1),
    shape=lambda shapes, params: (*shapes[0][:-2], _rank(shapes[0])),
    batch=_stacked("svd_values"),
    kink="of equal singular values each has the derivative along the vectors that NumPy gives",
    analytic=False,
)
svd_left: Operation = Operation(
    "svd_left",
    "The left singular vectors, as columns.",
    2,
    Pair(_svd_left_jvp, lambda t, y, a, parts: (_svd_vjp(a, parts, t, None, None), None)),
    spelling=_part(0),
    shape=lambda shapes, params: (*shapes[0][:-1], _rank(shapes[0])),
    batch=_stacked("svd_left"),
    domain="the singular values differ, and none is 0",
    analytic=False,
)
svd_right: Operation = Operation(
    "svd_right",
    "The right singular vectors, as rows.",
    2,
    Pair(_svd_right_jvp, lambda t, y, a, parts: (_svd_vjp(a, parts, None, None, turned(t)), None)),
    spelling=_part(2),
    shape=lambda shapes, params: (*shapes[0][:-2], _rank(shapes[0]), shapes[0][-1]),
    batch=_stacked("svd_right"),
    domain="the singular values differ, and none is 0",
    analytic=False,
)

qr: Operation = Operation(
    "qr",
    "The factors q and r together, in the reduced form.",
    1,
    Flat(),
    spelling={"numpy": function("np.linalg.qr")},
    shape=lambda shapes, params: shapes[0],
    batch=_stacked("qr"),
)


def _qr_tangents(t: Handle, a: Handle, decomposed: Handle) -> tuple[Handle, Handle]:
    """Those of q and r, M. Seeger et al., Auto-Differentiating Linear Algebra (2017), section 2."""
    q, r = qr_orthogonal(a, decomposed), qr_triangular(a, decomposed)
    over_r = turned(solve(turned(r), turned(t)))  # t @ inv(r)
    projected = product(turned(q), over_r)
    below = where(_is_below(projected, -1), projected, 0.0)
    turn = below - turned(below)
    return over_r - product(q, projected - turn), product(projected - turn, r)


def _qr_vjp(a: Handle, decomposed: Handle, t_q: Handle | None, t_r: Handle | None) -> Handle:
    """M. Seeger et al., Auto-Differentiating Linear Algebra (2017), section 2; m >= n."""
    q, r = qr_orthogonal(a, decomposed), qr_triangular(a, decomposed)
    inner: Handle | None = None
    if t_r is not None:
        inner = product(r, turned(t_r))
    if t_q is not None:
        projected = product(turned(t_q), q)
        inner = -projected if inner is None else inner - projected
    assert inner is not None  # one of the two has a cotangent
    below = where(_is_below(inner, -1), inner, 0.0)
    symmetric = below + turned(lower(inner))
    moved = product(q, symmetric)
    if t_q is not None:
        moved = moved + t_q
    return turned(solve(r, turned(moved)))


qr_orthogonal: Operation = Operation(
    "qr_orthogonal",
    "The orthonormal columns q of a = q @ r.",
    2,
    Pair(
        lambda tangents, y, a, parts: _qr_tangents(tangents[0], a, parts)[0],
        lambda t, y, a, parts: (_qr_vjp(a, parts, t, None), None),
    ),
    spelling=_part(0),
    shape=lambda shapes, params: (*shapes[0][:-1], _rank(shapes[0])),
    batch=_stacked("qr_orthogonal"),
    domain="the rank is full, and there are at least as many rows as columns",
    analytic=False,
)
qr_triangular: Operation = Operation(
    "qr_triangular",
    "The upper triangular r of a = q @ r.",
    2,
    Pair(
        lambda tangents, y, a, parts: _qr_tangents(tangents[0], a, parts)[1],
        lambda t, y, a, parts: (_qr_vjp(a, parts, None, t), None),
    ),
    spelling=_part(1),
    shape=lambda shapes, params: (*shapes[0][:-2], _rank(shapes[0]), shapes[0][-1]),
    batch=_stacked("qr_triangular"),
    domain="the rank is full, and there are at least as many rows as columns",
    analytic=False,
)
