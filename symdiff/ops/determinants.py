"""Determinants on the last two axes, their signs and their logarithms.

The derivatives are those of M. B. Giles, Collected Matrix Derivative Results for Forward and
Reverse Mode Algorithmic Differentiation (2008).
"""

from __future__ import annotations

from symdiff.errors import UnsupportedError
from symdiff.ops import exact
from symdiff.ops.control import where
from symdiff.ops.decompositions import svd, svd_left, svd_right, svd_values
from symdiff.ops.handle import Handle
from symdiff.ops.linalg import (
    identity_like,
    inverse,
    product,
    square_shape,
    stack_shape,
    stacked,
    times_diagonal,
    turned,
)
from symdiff.ops.operation import Flat, Operation, Pair, Unknown
from symdiff.ops.product import product_after, product_before, product_of_others
from symdiff.ops.reduction import broadcast_to, total, with_axes
from symdiff.ops.triangles import is_below, upper


def _spread(t: Handle, a: Handle) -> Handle:
    """A number for each matrix of a stack, as matrices."""
    return broadcast_to(with_axes(t, t.ndim, 2), a.shape)


def _turn(a: Handle, decomposed: Handle) -> Handle:
    """The determinant of the two rotations of a decomposition: 1 or -1."""
    return det(svd_left(a, decomposed)) * det(svd_right(a, decomposed))


def _cofactors(a: Handle) -> Handle:
    """From the singular values: det(u) det(v') u diag(products of the others) v'."""
    decomposed = svd(a)
    u, s, vh = (part(a, decomposed) for part in (svd_left, svd_values, svd_right))
    others = product_of_others(s, (s.ndim - 1,))
    return product(times_diagonal(u, others), vh) * _spread(_turn(a, decomposed), a)


def _products_of_all_but_two(s: Handle) -> Handle:
    """By row and column, the product of the elements of the last axis that are neither.

    Those before the first of the two times those between them times those after the second.
    """
    n, last = s.shape[-1], s.ndim - 1
    square = (*s.shape, n)
    before = broadcast_to(with_axes(product_before(s, last), s.ndim, 1), square)
    after = broadcast_to(with_axes(product_after(s, last), last, 1), square)
    columns = broadcast_to(with_axes(s, last, 1), square)
    behind = where(is_below(columns, 0), 1.0, columns)  # those behind the row's own element
    found = upper(before * product_before(behind, last + 1) * after, 1)
    return found + turned(found)


def _cofactors_along(a: Handle, t: Handle) -> Handle:
    """The derivative of the cofactors along a matrix, by products of all singular values but two.

    With t turned as the decomposition turns a, the entry of the place (i, j) stands in minus the
    cofactor of the place (j, i), and that of (j, j) in the cofactor of (i, i) for each other i.
    Nothing is divided by singular values or by their differences.
    """
    decomposed = svd(a)
    u, s, vh = (part(a, decomposed) for part in (svd_left, svd_values, svd_right))
    products = _products_of_all_but_two(s)
    inner = product(product(turned(u), t), turned(vh))
    unit = identity_like(inner)
    diagonal = total(unit * inner, -1)
    along = times_diagonal(unit, total(times_diagonal(products, diagonal), -1))
    moved = along - products * turned(inner)
    return product(product(u, moved), vh) * _spread(_turn(a, decomposed), a)


THIRD = "the third derivative of a determinant is not supported"
INSTEAD = "the logarithm, by np.linalg.slogdet, has derivatives of every order"


def _cofactors_along_jvp(
    tangents: tuple[Handle | None, Handle | None], y: Handle, a: Handle, t: Handle
) -> Handle:
    t_a, t_t = tangents
    if t_a is not None or t_t is None:
        raise UnsupportedError(THIRD, suggestion=INSTEAD)
    return cofactors_along(a, t_t)


cofactors: Operation = Operation(
    "cofactors",
    "The matrix of cofactors, the derivative of the determinant; of singular matrices too.",
    1,
    Pair(
        lambda tangents, y, a: cofactors_along(a, tangents[0]),
        lambda t, y, a: (cofactors_along(a, t),),  # as every second derivative, symmetric
    ),
    expand=_cofactors,
    shape=square_shape,
    batch=stacked("cofactors"),
    analytic=False,
)

cofactors_along: Operation = Operation(
    "cofactors_along",
    "The derivative of the cofactors of a matrix along another one.",
    2,
    Pair(
        _cofactors_along_jvp,
        lambda t, y, a, along: (Unknown(f"{THIRD}: {INSTEAD}"), cofactors_along(a, t)),
    ),
    expand=_cofactors_along,
    shape=square_shape,
    batch=stacked("cofactors_along"),
    analytic=False,
)

det: Operation = Operation(
    "det",
    "The determinant.",
    1,
    Pair(
        lambda tangents, y, a: total(cofactors(a) * tangents[0], (-2, -1)),
        lambda t, y, a: (_spread(t, a) * cofactors(a),),
    ),
    exact=exact.det,
    shape=stack_shape,
    batch=stacked("det"),
)

slogdet: Operation = Operation(
    "slogdet",
    "The sign of the determinant and the logarithm of its magnitude, together.",
    1,
    Flat(),
    exact=exact.unchanged,
    shape=stack_shape,
    batch=stacked("slogdet"),
)


logabsdet: Operation = Operation(
    "logabsdet",
    "The logarithm of the determinant's magnitude.",
    2,
    Pair(
        lambda tangents, y, a, parts: total(turned(inverse(a)) * tangents[0], (-2, -1)),
        lambda t, y, a, parts: (_spread(t, a) * turned(inverse(a)), None),
    ),
    exact=exact.logabsdet,
    shape=stack_shape,
    batch=stacked("logabsdet"),
    domain="the matrix is not singular",
    analytic=False,
)
signdet: Operation = Operation(
    "signdet",
    "The sign of the determinant.",
    2,
    Flat(),
    exact=exact.signdet,
    shape=stack_shape,
    batch=stacked("signdet"),
    analytic=False,
)
