"""SciPy's matrices of a form, and equations with them, under `scipy.linalg.NAME`."""

from __future__ import annotations

from typing import Any

from symdiff.frontend.lowering.base import Array, Floats, refuse, whole_number
from symdiff.frontend.lowering.registry import LOWERINGS, of_numpy
from symdiff.frontend.lowering.scipy_linalg import one_matrix
from symdiff.graph.shape import size
from symdiff.ops.builder import Builder
from symdiff.ops.complex_numbers import conjugated
from symdiff.ops.handle import Handle
from symdiff.ops.linalg import turned

_PREFIX = "scipy.linalg."

named = LOWERINGS.named


# --- matrices of a form --------------------------------------------------------------------------


@named(_PREFIX + "block_diag")
def block_diag(builder: Builder, /, *arrs: Array) -> Handle:
    """The matrices along the diagonal, zero elsewhere."""
    blocks = [of_numpy(builder, "atleast_2d", each) for each in arrs]
    widths = [block.shape[1] for block in blocks]
    rows = []
    for number, block in enumerate(blocks):
        around = [
            of_numpy(builder, "zeros", (block.shape[0], sum(part)))
            for part in (widths[:number], widths[number + 1 :])
        ]
        rows.append(of_numpy(builder, "concatenate", [around[0], block, around[1]], 1))
    return of_numpy(builder, "concatenate", rows, 0)


@named(_PREFIX + "toeplitz")
def toeplitz(builder: Builder, /, c: Floats, r: Floats | None = None) -> Handle:
    """The matrix with equal diagonals, of its first column and its first row."""
    return _diagonals(builder, c, conjugated(c) if r is None else r)


@named(_PREFIX + "circulant")
def circulant(builder: Builder, /, c: Floats) -> Handle:
    """The matrix whose columns are c, turned by one each."""
    return _diagonals(builder, c, of_numpy(builder, "roll", of_numpy(builder, "flip", c), 1))


def _diagonals(builder: Builder, column: Handle, row: Handle) -> Handle:
    import numpy as np

    if column.ndim != 1 or row.ndim != 1:
        refuse("a matrix with equal diagonals is made of arrays of one dimension")
    rows, columns = size(column.shape), size(row.shape)
    if not isinstance(rows, int) or not isinstance(columns, int):
        refuse("a matrix with equal diagonals of a named length is not supported", "give numbers")
    backwards = of_numpy(builder, "flip", of_numpy(builder, "take", row, np.arange(1, columns)))
    numbers = of_numpy(builder, "concatenate", [backwards, column])
    places = np.arange(rows)[:, None] - np.arange(columns) + columns - 1
    return of_numpy(builder, "take", numbers, places)


@named(_PREFIX + "hankel")
def hankel(builder: Builder, /, c: Floats, r: Floats | None = None) -> Handle:
    """The matrix with equal diagonals of the other direction, of its first column and last row."""
    import numpy as np

    last = 0.0 * c if r is None else r
    if c.ndim != 1 or last.ndim != 1:
        refuse("hankel is made of arrays of one dimension")
    m, n = (whole_number(x.shape[0], "hankel") for x in (c, last))
    rest = of_numpy(builder, "take", last, np.arange(1, n))
    numbers = of_numpy(builder, "concatenate", [c, rest])
    return of_numpy(builder, "take", numbers, np.arange(m)[:, None] + np.arange(n))


@named(_PREFIX + "khatri_rao")
def khatri_rao(builder: Builder, /, a: Floats, b: Floats) -> Handle:
    """The products of Kronecker of the columns (C. G. Khatri, C. R. Rao 1968)."""
    if a.ndim != 2 or b.ndim != 2:
        refuse("khatri_rao takes two matrices", "loop over them")
    products = of_numpy(builder, "einsum", "ik,jk->ijk", a, b)
    return of_numpy(builder, "reshape", products, (-1, a.shape[1]))


# --- linear equations of matrices ----------------------------------------------------------------


@named(_PREFIX + "solve_sylvester")
def solve_sylvester(builder: Builder, /, a: Floats, b: Floats, q: Floats) -> Handle:
    """The x with a @ x + x @ b = q, as one system of as many equations as x has elements."""
    first, second = one_matrix(a, "solve_sylvester"), one_matrix(b, "solve_sylvester")
    left = of_numpy(builder, "kron", first, of_numpy(builder, "eye", second.shape[0]))
    right = of_numpy(builder, "kron", of_numpy(builder, "eye", first.shape[0]), turned(second))
    wanted = of_numpy(builder, "reshape", one_matrix(q, "solve_sylvester"), (-1,))
    found = of_numpy(builder, "linalg.solve", left + right, wanted)
    return of_numpy(builder, "reshape", found, q.shape)


@named(_PREFIX + "solve_continuous_lyapunov", _PREFIX + "solve_lyapunov")
def solve_continuous_lyapunov(builder: Builder, /, a: Floats, q: Floats) -> Handle:
    """The x with a @ x + x @ a.T = q."""
    beside = conjugated(turned(one_matrix(a, "solve_lyapunov")))
    return solve_sylvester(builder, a, beside, q)


@named(_PREFIX + "solve_discrete_lyapunov")
def solve_discrete_lyapunov(
    builder: Builder, /, a: Floats, q: Floats, _method: Any = None
) -> Handle:
    """The x with a @ x @ a.T - x + q = 0, as one system of equations."""
    a = one_matrix(a, "solve_discrete_lyapunov")
    both = of_numpy(builder, "kron", a, conjugated(a))
    wanted = of_numpy(builder, "reshape", one_matrix(q, "solve_discrete_lyapunov"), (-1,))
    matrix = of_numpy(builder, "eye", both.shape[0]) - both
    return of_numpy(builder, "reshape", of_numpy(builder, "linalg.solve", matrix, wanted), q.shape)


@named(_PREFIX + "solve_toeplitz")
def solve_toeplitz(
    builder: Builder,
    /,
    c_or_cr: Any,
    b: Floats,
    _check_finite: bool = True,  # noqa: FBT001, FBT002  SciPy's own, as all that follow
) -> Handle:
    """The x with a @ x = b for a matrix with equal diagonals, by elimination."""
    return of_numpy(builder, "linalg.solve", _toeplitz_of(builder, c_or_cr), b)


@named(_PREFIX + "matmul_toeplitz")
def matmul_toeplitz(
    builder: Builder,
    /,
    c_or_cr: Any,
    x: Floats,
    _check_finite: bool = False,  # noqa: FBT001, FBT002
    _workers: Any = None,
) -> Handle:
    """A matrix with equal diagonals times another."""
    return of_numpy(builder, "matmul", _toeplitz_of(builder, c_or_cr), x)


def _toeplitz_of(builder: Builder, c_or_cr: Any) -> Handle:
    both = c_or_cr if isinstance(c_or_cr, tuple) else (c_or_cr,)
    found: Handle = LOWERINGS[_PREFIX + "toeplitz"](builder, *both)
    return found


@named(_PREFIX + "solve_circulant")
def solve_circulant(builder: Builder, /, c: Floats, b: Floats) -> Handle:
    """The x with a @ x = b for a circulant matrix, by elimination."""
    return of_numpy(builder, "linalg.solve", circulant(builder, c), b)


def _banded(builder: Builder, ab: Handle, above: int, below: int, *, name: str) -> Handle:
    """The matrix of which the rows of ab are the diagonals, the highest one first."""
    import numpy as np

    if ab.ndim != 2 or ab.shape[0] != above + below + 1:
        refuse(f"{name} takes the diagonals as {above + below + 1} rows of a matrix")
    n = whole_number(ab.shape[1], name)
    rows, columns = np.arange(n)[:, None], np.arange(n)
    places = (above + rows - columns) * n + columns
    is_kept = (columns - rows <= above) & (rows - columns <= below)
    numbers = of_numpy(builder, "reshape", ab, (-1,))
    taken = of_numpy(builder, "take", numbers, np.where(is_kept, places, 0))
    return of_numpy(builder, "where", is_kept, taken, 0.0)


@named(_PREFIX + "solve_banded")
def solve_banded(
    builder: Builder,
    /,
    l_and_u: Any,
    ab: Floats,
    b: Floats,
    _overwrite_ab: bool = False,  # noqa: FBT001, FBT002
    _overwrite_b: bool = False,  # noqa: FBT001, FBT002
    _check_finite: bool = True,  # noqa: FBT001, FBT002
) -> Handle:
    """The x with a @ x = b for a matrix with few diagonals, by elimination of the whole matrix."""
    below, above = (int(n) for n in l_and_u)
    matrix = _banded(builder, ab, above, below, name="solve_banded")
    return of_numpy(builder, "linalg.solve", matrix, b)


@named(_PREFIX + "solveh_banded")
def solveh_banded(
    builder: Builder,
    /,
    ab: Floats,
    b: Floats,
    _overwrite_ab: bool = False,  # noqa: FBT001, FBT002
    _overwrite_b: bool = False,  # noqa: FBT001, FBT002
    lower: bool = False,  # noqa: FBT001, FBT002
    _check_finite: bool = True,  # noqa: FBT001, FBT002
) -> Handle:
    """The x with a @ x = b for a symmetric matrix with few diagonals, of which half is given."""
    count = whole_number(ab.shape[0], "solveh_banded") - 1
    sides = (0, count) if lower else (count, 0)
    half = _banded(builder, ab, *sides, name="solveh_banded")
    rest = turned(of_numpy(builder, "tril" if lower else "triu", half, -1 if lower else 1))
    return of_numpy(builder, "linalg.solve", half + rest, b)


LOWERINGS.refuse(
    {
        _PREFIX + "solve_continuous_are": "sd.root takes the equation and this call as its solver",
        _PREFIX + "solve_discrete_are": "sd.root takes the equation and this call as its solver",
    }
)
