"""Decompositions of matrices on the last two axes: Cholesky, eigenvalues, singular values, QR.

One with several results is one line, and each result a line that refers to it and to the matrix,
so that rules see the matrix and the library is called once.
"""

from __future__ import annotations

from symdiff.errors import ShapeError
from symdiff.graph.shape import Dimension, Shape
from symdiff.ops import exact
from symdiff.ops.control import equal, where
from symdiff.ops.handle import Handle
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
from symdiff.ops.triangles import lower


def _of_triangle(t: Handle) -> Handle:
    """The symmetric matrix with the same lower triangle: the one that NumPy reads."""
    return lower(t) + turned(lower(t, -1))


def _to_triangle(t: Handle) -> Handle:
    """The transpose of `_of_triangle`, for a symmetric cotangent."""
    return lower(t) + lower(t, -1)


def _symmetric(a: Handle) -> Handle:
    return 0.5 * (a + turned(a))


def _cholesky_jvp(tangents: tuple[Handle], y: Handle, a: Handle) -> Handle:
    """I. Murray, Differentiation of the Cholesky decomposition (2016), equation 8."""
    left = solve(y, _of_triangle(tangents[0]))
    inner = turned(solve(y, turned(left)))
    return product(y, 0.5 * (lower(inner) + lower(inner, -1)))


def _cholesky_vjp(t: Handle, y: Handle, a: Handle) -> tuple[Handle]:
    """I. Murray, Differentiation of the Cholesky decomposition (2016), equation 10."""
    inner = product(turned(y), lower(t))
    left = solve(turned(y), 0.5 * _of_triangle(inner))
    return (_to_triangle(turned(solve(turned(y), turned(left)))),)


cholesky: Operation = Operation(
    "cholesky",
    "The lower triangular l with l @ l.T = a, for a symmetric positive definite a.",
    1,
    Pair(_cholesky_jvp, _cholesky_vjp),
    exact=exact.cholesky,
    shape=square_shape,
    batch=stacked("cholesky"),
    domain="the matrix is symmetric and positive definite",
    kink="the derivative is that by the lower triangle, which is what NumPy reads",
    analytic=False,
)


def _eigh(name: str, triangle: str) -> Operation:
    return Operation(
        name,
        f"The eigenvalues and vectors of a symmetric matrix, read from its {triangle} triangle.",
        1,
        Flat(),
        exact=exact.unchanged if triangle == "lower" else "",
        shape=square_shape,
        batch=stacked(name),
    )


eigh: Operation = _eigh("eigh", "lower")
eigh_upper: Operation = _eigh("eigh_upper", "upper")  # other signs of the vectors


def _as_read(t: Handle, parts: Handle) -> Handle:
    """The tangent of a matrix of which a decomposition reads one triangle."""
    return _of_triangle(turned(t) if _is_upper(parts) else t)


def _as_given(t: Handle, parts: Handle) -> Handle:
    """The transpose of `_as_read`, for a symmetric cotangent."""
    found = _to_triangle(t)
    return turned(found) if _is_upper(parts) else found


def _is_upper(parts: Handle) -> bool:
    return parts.builder.nodes[parts.at].op == eigh_upper.name


def _eigenvalues_jvp(tangents: tuple[Handle, None], y: Handle, a: Handle, parts: Handle) -> Handle:
    """The diagonal of v' t v."""
    vectors = eigenvectors(a, parts)
    return total(vectors * product(_as_read(tangents[0], parts), vectors), -2)


def _eigenvalues_vjp(t: Handle, y: Handle, a: Handle, parts: Handle) -> tuple[Handle, None]:
    vectors = eigenvectors(a, parts)
    return _as_given(product(times_diagonal(vectors, t), turned(vectors)), parts), None


eigenvalues: Operation = Operation(
    "eigenvalues",
    "The eigenvalues of a symmetric matrix, in ascending order.",
    2,
    Pair(_eigenvalues_jvp, _eigenvalues_vjp),
    exact=exact.eigenvalues,
    shape=lambda shapes, params: square_shape(shapes, params)[:-1],
    batch=stacked("eigenvalues"),
    domain="the matrix is symmetric",
    kink="by the triangle that NumPy reads; of equal ones, each along the vector that NumPy gives",
    analytic=False,
)


def _gaps(values: Handle, a: Handle) -> Handle:
    """1/(w_j - w_i), and 0 on the diagonal."""
    rows = broadcast_to(with_axes(values, values.ndim, 1), a.shape)
    columns = broadcast_to(with_axes(values, values.ndim - 1, 1), a.shape)
    is_diagonal = equal(identity_like(a), 1.0)
    return where(is_diagonal, 0.0, 1.0 / where(is_diagonal, 1.0, columns - rows))


def _eigenvectors_jvp(tangents: tuple[Handle, None], y: Handle, a: Handle, parts: Handle) -> Handle:
    projected = product(product(turned(y), _as_read(tangents[0], parts)), y)
    return product(y, _gaps(eigenvalues(a, parts), a) * projected)


def _eigenvectors_vjp(t: Handle, y: Handle, a: Handle, parts: Handle) -> tuple[Handle, None]:
    inner = _symmetric(_gaps(eigenvalues(a, parts), a) * product(turned(y), t))
    return _as_given(product(product(y, inner), turned(y)), parts), None


eigenvectors: Operation = Operation(
    "eigenvectors",
    "The eigenvectors of a symmetric matrix, as columns.",
    2,
    Pair(_eigenvectors_jvp, _eigenvectors_vjp),
    exact=exact.eigenvectors,
    shape=square_shape,
    batch=stacked("eigenvectors"),
    domain="the matrix is symmetric and its eigenvalues differ",
    kink="the derivative is that by the triangle that NumPy reads",
    analytic=False,
)

svd: Operation = Operation(
    "svd",
    "Singular values and vectors, together, in the thin form.",
    1,
    Flat(),
    exact=exact.unchanged,
    shape=lambda shapes, params: shapes[0],
    batch=stacked("svd"),
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
    exact=exact.svd_values,
    shape=lambda shapes, params: (*shapes[0][:-2], _rank(shapes[0])),
    batch=stacked("svd_values"),
    kink="of equal singular values each has the derivative along the vectors that NumPy gives",
    analytic=False,
)
svd_left: Operation = Operation(
    "svd_left",
    "The left singular vectors, as columns.",
    2,
    Pair(_svd_left_jvp, lambda t, y, a, parts: (_svd_vjp(a, parts, t, None, None), None)),
    exact=exact.svd_left,
    shape=lambda shapes, params: (*shapes[0][:-1], _rank(shapes[0])),
    batch=stacked("svd_left"),
    domain="the singular values differ, and none is 0",
    analytic=False,
)
svd_right: Operation = Operation(
    "svd_right",
    "The right singular vectors, as rows.",
    2,
    Pair(_svd_right_jvp, lambda t, y, a, parts: (_svd_vjp(a, parts, None, None, turned(t)), None)),
    exact=exact.svd_right,
    shape=lambda shapes, params: (*shapes[0][:-2], _rank(shapes[0]), shapes[0][-1]),
    batch=stacked("svd_right"),
    domain="the singular values differ, and none is 0",
    analytic=False,
)

qr: Operation = Operation(
    "qr",
    "The factors q and r together, in the reduced form.",
    1,
    Flat(),
    exact=exact.unchanged,
    shape=lambda shapes, params: shapes[0],
    batch=stacked("qr"),
)


def _qr_tangents(t: Handle, a: Handle, decomposed: Handle) -> tuple[Handle, Handle]:
    """Those of q and r, M. Seeger et al., Auto-Differentiating Linear Algebra (2017), section 2."""
    q, r = qr_orthogonal(a, decomposed), qr_triangular(a, decomposed)
    over_r = turned(solve(turned(r), turned(t)))  # t @ inv(r)
    projected = product(turned(q), over_r)
    below = lower(projected, -1)
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
    below = lower(inner, -1)
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
    exact=exact.qr_orthogonal,
    shape=lambda shapes, params: (*shapes[0][:-1], _rank(shapes[0])),
    batch=stacked("qr_orthogonal"),
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
    exact=exact.qr_triangular,
    shape=lambda shapes, params: (*shapes[0][:-2], _rank(shapes[0]), shapes[0][-1]),
    batch=stacked("qr_triangular"),
    domain="the rank is full, and there are at least as many rows as columns",
    analytic=False,
)
