"""The elimination of Gauss with exchanged rows: p @ a = l @ u, on the last two axes.

It is one line, and each of its results a line that refers to it and to the matrix.
"""

from __future__ import annotations

from symdiff.graph.node import INT
from symdiff.ops import exact
from symdiff.ops.handle import Handle
from symdiff.ops.linalg import (
    identity_like,
    product,
    solve,
    square_shape,
    stacked,
    turned,
)
from symdiff.ops.operation import Flat, Operation, Pair
from symdiff.ops.triangles import lower, upper

lu: Operation = Operation(
    "lu",
    "The elimination of a square matrix, whose rows are exchanged for the largest pivots.",
    1,
    Flat(),
    exact=exact.unchanged,
    shape=square_shape,
    batch=stacked("lu"),
)
lu_exchanges: Operation = Operation(
    "lu_exchanges",
    "The matrix p of zeros and ones that exchanges rows: p @ a = l @ u.",
    2,
    Flat(),
    exact=exact.lu_exchanges,
    shape=square_shape,
    batch=stacked("lu_exchanges"),
)
lu_pivots: Operation = Operation(
    "lu_pivots",
    "The row that each row was exchanged with in its step, as LAPACK counts them.",
    2,
    Flat(),
    dtype=INT,
    shape=lambda shapes, params: shapes[0][:-1],
    exact=exact.lu_pivots,
    batch=stacked("lu_pivots"),
)


def unit_lower(both: Handle) -> Handle:
    """The l of l and u in one matrix."""
    return lower(both, -1) + identity_like(both)


def _factors_jvp(tangents: tuple[Handle, None], y: Handle, a: Handle, parts: Handle) -> Handle:
    """F. de Hoog, R. Anderssen, M. Lukas, Differentiation of matrix functionals (2011)."""
    moved = product(lu_exchanges(a, parts), tangents[0])
    left = solve(unit_lower(y), moved)
    inner = turned(solve(turned(upper(y)), turned(left)))
    return product(unit_lower(y), lower(inner, -1)) + product(upper(inner), upper(y))


def _factors_vjp(t: Handle, y: Handle, a: Handle, parts: Handle) -> tuple[Handle, None]:
    """The transpose of `_factors_jvp`."""
    below = product(turned(unit_lower(y)), lower(t, -1))
    above = product(upper(t), turned(upper(y)))
    left = solve(turned(unit_lower(y)), lower(below, -1) + upper(above))
    moved = turned(solve(upper(y), turned(left)))
    return product(turned(lu_exchanges(a, parts)), moved), None


lu_factors: Operation = Operation(
    "lu_factors",
    "Both triangular factors in one matrix, without the ones of the lower factor's diagonal.",
    2,
    Pair(_factors_jvp, _factors_vjp),
    exact=exact.lu_factors,
    shape=square_shape,
    batch=stacked("lu_factors"),
    domain="the matrix is not singular, and in no column two pivots are equally large",
    analytic=False,
)
