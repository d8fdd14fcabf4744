"""Determinants on the last two axes, their signs and their logarithms.

The derivatives are those of M. B. Giles, Collected Matrix Derivative Results for Forward and
Reverse Mode Algorithmic Differentiation (2008).
"""

from __future__ import annotations

from symdiff.graph.shape import Dimension
from symdiff.ops.control import equal, where
from symdiff.ops.creation import arange
from symdiff.ops.decompositions import svd, svd_left, svd_right, svd_values
from symdiff.ops.handle import Handle
from symdiff.ops.linalg import (
    inverse,
    part_of,
    product,
    stack_shape,
    stacked,
    times_diagonal,
    turned,
)
from symdiff.ops.operation import Flat, Operation, Pair, function
from symdiff.ops.product import prod
from symdiff.ops.reduction import broadcast_to, total, with_axes
from symdiff.ops.structural import reshaped


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
    shape=stack_shape,
    batch=stacked("det"),
)

slogdet: Operation = Operation(
    "slogdet",
    "The sign of the determinant and the logarithm of its magnitude, together.",
    1,
    Flat(),
    spelling={"numpy": function("np.linalg.slogdet")},
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
    spelling=part_of(1),
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
    spelling=part_of(0),
    shape=stack_shape,
    batch=stacked("signdet"),
    analytic=False,
)
