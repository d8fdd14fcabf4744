"""SciPy's decompositions of matrices, and solutions with them, under `scipy.linalg.NAME`."""

from __future__ import annotations

from typing import Any

from symdiff.frontend.lowering.base import Floats, as_line, constant, known, refuse
from symdiff.frontend.lowering.registry import LOWERINGS, of_numpy
from symdiff.frontend.lowering.scipy_linalg import one_matrix
from symdiff.ops import elimination, triangles
from symdiff.ops.builder import Builder
from symdiff.ops.complex_numbers import conjugated
from symdiff.ops.handle import Handle
from symdiff.ops.linalg import turned

_PREFIX = "scipy.linalg."

named = LOWERINGS.named


def _one_square(a: Handle, name: str) -> Handle:
    a = one_matrix(a, name)
    if a.shape[0] != a.shape[1]:
        refuse(f"{name} of a matrix that is not square is not supported", "use np.linalg.qr")
    return a


@named(_PREFIX + "lu_factor")
def lu_factor(
    a: Floats,
    _overwrite_a: bool = False,  # noqa: FBT001, FBT002  SciPy's own, as all that follow
    _check_finite: bool = True,  # noqa: FBT001, FBT002
) -> tuple[Handle, Handle]:
    """The triangular factors of a square matrix in one, and which rows were exchanged."""
    a = _one_square(a, "lu_factor")
    parts = elimination.lu(a)
    return elimination.lu_factors(a, parts), elimination.lu_pivots(a, parts)


@named(_PREFIX + "lu")
def lu(
    builder: Builder,
    /,
    a: Floats,
    permute_l: bool = False,  # noqa: FBT001, FBT002
    _overwrite_a: bool = False,  # noqa: FBT001, FBT002
    _check_finite: bool = True,  # noqa: FBT001, FBT002
    p_indices: bool = False,  # noqa: FBT001, FBT002
) -> tuple[Handle, ...]:
    """The factors of a square matrix: what exchanges rows, a lower and an upper triangle."""
    a = _one_square(a, "lu")
    parts = elimination.lu(a)
    both = elimination.lu_factors(a, parts)
    back = turned(elimination.lu_exchanges(a, parts))
    lower, upper = elimination.unit_lower(both), triangles.upper(both)
    if permute_l:
        return of_numpy(builder, "matmul", back, lower), upper
    if p_indices:
        return of_numpy(builder, "argmax", back, 1), lower, upper
    return back, lower, upper


@named(_PREFIX + "lu_solve")
def lu_solve(
    builder: Builder,
    /,
    lu_and_piv: Any,
    b: Floats,
    trans: Any = 0,
    _overwrite_b: bool = False,  # noqa: FBT001, FBT002
    _check_finite: bool = True,  # noqa: FBT001, FBT002
) -> Handle:
    """The x with a @ x = b, where what is given is a's `lu_factor`."""
    both, exchanges = one_matrix(as_line(builder, lu_and_piv[0]), "lu_solve"), None
    exchanges = _exchanges(builder, as_line(builder, lu_and_piv[1]))
    lower, upper = elimination.unit_lower(both), triangles.upper(both)
    if trans == 0:
        first = of_numpy(builder, "linalg.solve", lower, of_numpy(builder, "matmul", exchanges, b))
        return of_numpy(builder, "linalg.solve", upper, first)
    if trans not in (1, 2):
        refuse(f"lu_solve with trans={trans!r} is not supported", "give 0 or 1")
    if trans == 2:
        lower, upper = conjugated(lower), conjugated(upper)
    first = of_numpy(builder, "linalg.solve", turned(upper), b)
    found = of_numpy(builder, "linalg.solve", turned(lower), first)
    return of_numpy(builder, "matmul", turned(exchanges), found)


def _exchanges(builder: Builder, pivots: Handle) -> Handle:
    """The matrix that exchanges rows as the pivots of `lu_factor` say."""
    import numpy as np

    node = builder.nodes[pivots.at]
    if node.op == elimination.lu_pivots.name:
        matrix, parts = (Handle(builder, at) for at in node.args)
        return elimination.lu_exchanges(matrix, parts)
    numbers = known(pivots)
    if numbers is None:
        refuse("lu_solve takes what lu_factor gives", "hand over its result as it is")
    rows = np.arange(len(numbers))
    for row, pivot in enumerate(numbers):
        rows[[row, pivot]] = rows[[pivot, row]]
    return constant(builder, np.eye(len(rows))[rows])


@named(_PREFIX + "qr")
def qr(
    builder: Builder,
    /,
    a: Floats,
    _overwrite_a: bool = False,  # noqa: FBT001, FBT002
    _lwork: Any = None,
    mode: str = "full",
    pivoting: bool = False,  # noqa: FBT001, FBT002
    _check_finite: bool = True,  # noqa: FBT001, FBT002
) -> Any:
    """The orthonormal and the triangular factor; of a tall matrix in the economic form."""
    a = one_matrix(a, "qr")
    if pivoting:
        refuse("qr with pivoting is not supported", "leave pivoting out")
    rows, columns = a.shape
    is_tall = not (isinstance(rows, int) and isinstance(columns, int) and rows <= columns)
    if mode not in ("full", "economic", "r") or (is_tall and mode != "economic"):
        refuse(f"qr with mode={mode!r} of a tall matrix is not supported", "give mode='economic'")
    found = LOWERINGS["linalg.qr"](builder, a, "r" if mode == "r" else "reduced")
    return (found,) if mode == "r" else tuple(found)


@named(_PREFIX + "svd")
def svd(
    builder: Builder,
    /,
    a: Floats,
    full_matrices: bool = True,  # noqa: FBT001, FBT002
    compute_uv: bool = True,  # noqa: FBT001, FBT002
    _overwrite_a: bool = False,  # noqa: FBT001, FBT002
    _check_finite: bool = True,  # noqa: FBT001, FBT002
    _lapack_driver: Any = "gesdd",
) -> Any:
    """Singular values and vectors; of a matrix that is not square in the thin form."""
    a = one_matrix(a, "svd")
    found = LOWERINGS["linalg.svd"](builder, a, full_matrices, compute_uv)
    return tuple(found) if compute_uv else found


@named(_PREFIX + "lstsq")
def lstsq(
    builder: Builder,
    /,
    a: Floats,
    b: Floats,
    cond: Any = None,
    _overwrite_a: bool = False,  # noqa: FBT001, FBT002
    _overwrite_b: bool = False,  # noqa: FBT001, FBT002
    _check_finite: bool = True,  # noqa: FBT001, FBT002
    _lapack_driver: Any = None,
) -> tuple[Any, ...]:
    """The shortest x that makes a @ x - b shortest, for a matrix of full rank."""
    if cond is not None:
        refuse("lstsq with cond is not supported", "leave it out: the matrix has full rank")
    found: tuple[Any, ...] = LOWERINGS["linalg.lstsq"](builder, one_matrix(a, "lstsq"), b)
    return found


_EIGH = "of a symmetric matrix np.linalg.eigh is"
_QR = "np.linalg.qr has derivatives"

LOWERINGS.refuse(
    {
        _PREFIX + name: advice
        for name, advice in {
            "eig_banded": "make the matrix, and use np.linalg.eigh",
            "eigvals_banded": "make the matrix, and use np.linalg.eigvalsh",
            "eigh_tridiagonal": "make the matrix with np.diag, and use np.linalg.eigh",
            "eigvalsh_tridiagonal": "make the matrix with np.diag, and use np.linalg.eigvalsh",
            "schur": _EIGH,
            "rsf2csf": None,
            "hessenberg": _QR,
            "qz": None,
            "ordqz": None,
            "rq": _QR,
            "qr_multiply": "multiply with the q of np.linalg.qr",
            "qr_update": "decompose the new matrix",
            "qr_insert": "decompose the new matrix",
            "qr_delete": "decompose the new matrix",
            "ldl": "scipy.linalg.lu and np.linalg.cholesky have derivatives",
            "cossin": None,
            "cdf2rdf": None,
            "orth": "np.linalg.qr has derivatives; a rank has none",
            "null_space": "a rank has no derivative",
            "subspace_angles": "take the singular values of Qa.T @ Qb",
            "interpolative": None,
            "cholesky_banded": "make the matrix, and use np.linalg.cholesky",
            "cho_solve_banded": "make the matrix, and use scipy.linalg.solveh_banded",
        }.items()
    }
)
