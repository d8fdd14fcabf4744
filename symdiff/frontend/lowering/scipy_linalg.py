"""SciPy's functions of matrices, under the names `scipy.linalg.NAME`.

They differ from those of `numpy.linalg` in their arguments, and in the triangle that they read. A
keyword that only saves time or memory (`overwrite_a`, `check_finite`) is taken and not read.
"""

from __future__ import annotations

from typing import Any

from symdiff.frontend.lowering.base import Array, Floats, Value, refuse
from symdiff.frontend.lowering.registry import LOWERINGS
from symdiff.graph.node import COMPLEX
from symdiff.graph.shape import size
from symdiff.ops.builder import Builder
from symdiff.ops.complex_numbers import conjugated
from symdiff.ops.handle import Handle
from symdiff.ops.linalg import turned

_PREFIX = "scipy.linalg."
_SYMMETRIC = ("sym", "symmetric", "her", "hermitian", "pos", "positive definite")
_GENERAL = (None, "gen", "general")

named = LOWERINGS.named


def _numpy(b: Builder, name: str, *args: Value, **keywords: Any) -> Handle:
    """The array that NumPy's function gives."""
    found: Handle = LOWERINGS[name](b, *args, **keywords)
    return found


def _one_matrix(a: Handle, name: str) -> Handle:
    if a.ndim != 2:
        refuse(f"scipy.linalg.{name} of a stack of matrices is not supported", "loop over them")
    return a


def _mirrored(b: Builder, a: Handle, *, lower: bool) -> Handle:
    """The symmetric matrix of which one triangle is read."""
    if a.dtype == COMPLEX:
        refuse("assume_a of a complex matrix is not supported", "leave it out")
    triangle = "tril" if lower else "triu"
    kept = _numpy(b, triangle, a)
    return kept + turned(_numpy(b, triangle, a, -1 if lower else 1))


@named(_PREFIX + "solve")
def solve(
    builder: Builder,
    /,
    a: Floats,
    b: Floats,
    lower: bool = False,  # noqa: FBT001, FBT002  SciPy's own, as all that follow
    _overwrite_a: bool = False,  # noqa: FBT001, FBT002
    _overwrite_b: bool = False,  # noqa: FBT001, FBT002
    _check_finite: bool = True,  # noqa: FBT001, FBT002
    assume_a: Any = None,
    transposed: bool = False,  # noqa: FBT001, FBT002
) -> Handle:
    """The x with a @ x = b; of a symmetric matrix one triangle is read."""
    a = _one_matrix(a, "solve")
    if assume_a in _SYMMETRIC:
        a = _mirrored(builder, a, lower=lower)
    elif assume_a not in _GENERAL:
        refuse(f"solve with assume_a='{assume_a}' is not supported", "leave assume_a out")
    return _numpy(builder, "linalg.solve", turned(a) if transposed else a, b)


@named(_PREFIX + "solve_triangular")
def solve_triangular(
    builder: Builder,
    /,
    a: Floats,
    b: Floats,
    trans: Any = 0,
    lower: bool = False,  # noqa: FBT001, FBT002
    unit_diagonal: bool = False,  # noqa: FBT001, FBT002
    _overwrite_b: bool = False,  # noqa: FBT001, FBT002
    _check_finite: bool = True,  # noqa: FBT001, FBT002
) -> Handle:
    """The x with a @ x = b for a triangle of a, which alone is read."""
    a = _one_matrix(a, "solve_triangular")
    triangle = "tril" if lower else "triu"
    if unit_diagonal:
        kept = _numpy(builder, triangle, a, -1 if lower else 1)
        matrix = kept + _numpy(builder, "eye", a.shape[0])
    else:
        matrix = _numpy(builder, triangle, a)
    if trans not in (0, 1, 2, "N", "T", "C"):
        refuse(f"solve_triangular with trans={trans!r} is not supported", "give 0 or 1")
    return _numpy(builder, "linalg.solve", _turned_by(trans, matrix), b)


def _turned_by(trans: Any, a: Handle) -> Handle:
    """A matrix, its transpose, or its conjugate transpose, in SciPy's words."""
    if trans in (0, "N"):
        return a
    return turned(conjugated(a) if trans in (2, "C") else a)


@named(_PREFIX + "cholesky")
def cholesky(
    builder: Builder,
    /,
    a: Floats,
    lower: bool = False,  # noqa: FBT001, FBT002
    _overwrite_a: bool = False,  # noqa: FBT001, FBT002
    _check_finite: bool = True,  # noqa: FBT001, FBT002
) -> Handle:
    """The triangle whose product with its transpose is a, of which that triangle is read."""
    a = _one_matrix(a, "cholesky")
    factor = _numpy(builder, "linalg.cholesky", a if lower else turned(a))
    return factor if lower else turned(factor)


@named(_PREFIX + "cho_factor")
def cho_factor(
    builder: Builder,
    /,
    a: Floats,
    lower: bool = False,  # noqa: FBT001, FBT002
    _overwrite_a: bool = False,  # noqa: FBT001, FBT002
    _check_finite: bool = True,  # noqa: FBT001, FBT002
) -> tuple[Handle, bool]:
    """The factor of Cholesky, with what a holds in the other triangle, and which triangle it is."""
    factor = cholesky(builder, a, lower)
    rest = _numpy(builder, "triu" if lower else "tril", a, 1 if lower else -1)
    return factor + rest, bool(lower)


@named(_PREFIX + "cho_solve")
def cho_solve(
    builder: Builder,
    /,
    c_and_lower: Any,
    b: Floats,
    _overwrite_b: bool = False,  # noqa: FBT001, FBT002
    _check_finite: bool = True,  # noqa: FBT001, FBT002
) -> Handle:
    """The x with a @ x = b, where what is given is a's `cho_factor`."""
    factor, lower = c_and_lower
    lines = LOWERINGS[_PREFIX + "solve_triangular"]
    first: Handle = lines(builder, factor, b, trans=0 if lower else 2, lower=bool(lower))
    found: Handle = lines(builder, factor, first, trans=2 if lower else 0, lower=bool(lower))
    return found


@named(_PREFIX + "inv")
def inv(
    builder: Builder,
    /,
    a: Floats,
    _overwrite_a: bool = False,  # noqa: FBT001, FBT002
    _check_finite: bool = True,  # noqa: FBT001, FBT002
) -> Handle:
    """The inverse."""
    return _numpy(builder, "linalg.inv", _one_matrix(a, "inv"))


@named(_PREFIX + "det")
def det(
    builder: Builder,
    /,
    a: Floats,
    _overwrite_a: bool = False,  # noqa: FBT001, FBT002
    _check_finite: bool = True,  # noqa: FBT001, FBT002
) -> Handle:
    """The determinant."""
    return _numpy(builder, "linalg.det", a)


@named(_PREFIX + "norm")
def norm(
    builder: Builder,
    /,
    a: Floats,
    ord: Any = None,
    axis: Any = None,
    keepdims: bool = False,  # noqa: FBT001, FBT002
    _check_finite: bool = True,  # noqa: FBT001, FBT002
) -> Handle:
    """A norm of a vector or a matrix."""
    return _numpy(builder, "linalg.norm", a, ord, axis=axis, keepdims=keepdims)


@named(_PREFIX + "eigvalsh")
def eigvalsh(
    builder: Builder,
    /,
    a: Floats,
    b: Any = None,
    lower: bool = True,  # noqa: FBT001, FBT002
    _overwrite_a: bool = False,  # noqa: FBT001, FBT002
    _overwrite_b: bool = False,  # noqa: FBT001, FBT002
    _check_finite: bool = True,  # noqa: FBT001, FBT002
) -> Handle:
    """The eigenvalues of a symmetric matrix, of which one triangle is read."""
    if b is not None:
        refuse("eigvalsh of two matrices is not supported", "solve with b first")
    triangle = "L" if lower else "U"
    return _numpy(builder, "linalg.eigvalsh", _one_matrix(a, "eigvalsh"), triangle)


@named(_PREFIX + "eigh")
def eigh(
    builder: Builder,
    /,
    a: Floats,
    b: Any = None,
    *,
    lower: bool = True,
    eigvals_only: bool = False,
    _overwrite_a: bool = False,
    _overwrite_b: bool = False,
    _check_finite: bool = True,
) -> Any:
    """The eigenvalues of a symmetric matrix, of which one triangle is read, and its vectors."""
    if eigvals_only:
        return eigvalsh(builder, a, b, lower)
    if b is not None:
        refuse("eigh of two matrices is not supported", "solve with b first")
    return tuple(LOWERINGS["linalg.eigh"](builder, _one_matrix(a, "eigh"), "L" if lower else "U"))


@named(_PREFIX + "svdvals")
def svdvals(
    builder: Builder,
    /,
    a: Floats,
    _overwrite_a: bool = False,  # noqa: FBT001, FBT002
    _check_finite: bool = True,  # noqa: FBT001, FBT002
) -> Handle:
    """The singular values."""
    return _numpy(builder, "linalg.svd", _one_matrix(a, "svdvals"), compute_uv=False)


@named(_PREFIX + "pinv")
def pinv(
    builder: Builder,
    /,
    a: Floats,
    *,
    atol: Any = None,
    rtol: Any = None,
    return_rank: bool = False,
    _check_finite: bool = True,
) -> Handle:
    """The pseudo-inverse."""
    if atol is not None or rtol is not None or return_rank:
        refuse("pinv with atol, rtol or return_rank is not supported", "leave them out")
    return _numpy(builder, "linalg.pinv", _one_matrix(a, "pinv"))


# --- matrices of a form --------------------------------------------------------------------------


@named(_PREFIX + "block_diag")
def block_diag(builder: Builder, /, *arrs: Array) -> Handle:
    """The matrices along the diagonal, zero elsewhere."""
    blocks = [_numpy(builder, "atleast_2d", each) for each in arrs]
    widths = [block.shape[1] for block in blocks]
    rows = []
    for number, block in enumerate(blocks):
        around = [
            _numpy(builder, "zeros", (block.shape[0], sum(part)))
            for part in (widths[:number], widths[number + 1 :])
        ]
        rows.append(_numpy(builder, "concatenate", [around[0], block, around[1]], 1))
    return _numpy(builder, "concatenate", rows, 0)


@named(_PREFIX + "toeplitz")
def toeplitz(builder: Builder, /, c: Floats, r: Floats | None = None) -> Handle:
    """The matrix with equal diagonals, of its first column and its first row."""
    return _diagonals(builder, c, conjugated(c) if r is None else r)


@named(_PREFIX + "circulant")
def circulant(builder: Builder, /, c: Floats) -> Handle:
    """The matrix whose columns are c, turned by one each."""
    return _diagonals(builder, c, _numpy(builder, "roll", _numpy(builder, "flip", c), 1))


def _diagonals(builder: Builder, column: Handle, row: Handle) -> Handle:
    import numpy as np

    if column.ndim != 1 or row.ndim != 1:
        refuse("a matrix with equal diagonals is made of arrays of one dimension")
    rows, columns = size(column.shape), size(row.shape)
    if not isinstance(rows, int) or not isinstance(columns, int):
        refuse("a matrix with equal diagonals of a named length is not supported", "give numbers")
    backwards = _numpy(builder, "flip", _numpy(builder, "take", row, np.arange(1, columns)))
    numbers = _numpy(builder, "concatenate", [backwards, column])
    places = np.arange(rows)[:, None] - np.arange(columns) + columns - 1
    return _numpy(builder, "take", numbers, places)


LOWERINGS.refuse(
    {
        _PREFIX + name: advice
        for name, advice in {
            "expm": None,
            "logm": None,
            "sqrtm": "of a symmetric matrix: w, V = np.linalg.eigh(A); (V*np.sqrt(w)) @ V.T",
            "lu": "solve with np.linalg.solve",
            "lu_factor": "solve with np.linalg.solve",
            "lu_solve": "solve with np.linalg.solve",
            "solve_sylvester": "solve with np.kron and np.linalg.solve",
            "solve_continuous_lyapunov": "solve with np.kron and np.linalg.solve",
            "solve_toeplitz": "solve with scipy.linalg.toeplitz and np.linalg.solve",
            "eig": "of a symmetric matrix np.linalg.eigh is",
        }.items()
    }
)
