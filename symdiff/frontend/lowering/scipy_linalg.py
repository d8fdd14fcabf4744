"""SciPy's functions of matrices, under the names `scipy.linalg.NAME`.

They differ from those of `numpy.linalg` in their arguments, and in the triangle that they read. A
keyword that only saves time or memory (`overwrite_a`, `check_finite`) is taken and not read.
"""

from __future__ import annotations

from typing import Any

from symdiff.frontend.lowering.base import Floats, refuse
from symdiff.frontend.lowering.indexing import read
from symdiff.frontend.lowering.registry import LOWERINGS, of_numpy
from symdiff.graph.node import COMPLEX
from symdiff.ops.builder import Builder
from symdiff.ops.complex_numbers import conjugated
from symdiff.ops.control import where
from symdiff.ops.handle import Handle
from symdiff.ops.linalg import turned
from symdiff.ops.triangles import is_below

_PREFIX = "scipy.linalg."
_SYMMETRIC = ("sym", "symmetric", "her", "hermitian", "pos", "positive definite")
_BY_INDEX = "give subset_by_index=, or select with np.where"
_GENERAL = (None, "gen", "general", "banded")  # SciPy looks for a band's ends itself
# how many diagonals below and above the main one are read; `None` for all
_BANDS: dict[Any, tuple[int | None, int | None]] = {
    "diagonal": (0, 0),
    "tridiagonal": (1, 1),
    "upper triangular": (0, None),
    "lower triangular": (None, 0),
}

named = LOWERINGS.named


def one_matrix(a: Handle, name: str) -> Handle:
    """A matrix; a stack of them is refused."""
    if a.ndim != 2:
        refuse(f"scipy.linalg.{name} of a stack of matrices is not supported", "loop over them")
    return a


def _mirrored(b: Builder, a: Handle, *, lower: bool) -> Handle:
    """The symmetric matrix of which one triangle is read."""
    if a.dtype == COMPLEX:
        refuse("assume_a of a complex matrix is not supported", "leave it out")
    triangle = "tril" if lower else "triu"
    kept = of_numpy(b, triangle, a)
    return kept + turned(of_numpy(b, triangle, a, -1 if lower else 1))


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
    a = one_matrix(a, "solve")
    if assume_a in _SYMMETRIC:
        a = _mirrored(builder, a, lower=lower)
    elif assume_a in _BANDS:
        below, above = _BANDS[assume_a]
        a = of_numpy(builder, "tril", a, above) if above is not None else a
        a = of_numpy(builder, "triu", a, -below) if below is not None else a
    elif assume_a not in _GENERAL:
        refuse(f"solve with assume_a='{assume_a}' is not supported", "leave assume_a out")
    return of_numpy(builder, "linalg.solve", turned(a) if transposed else a, b)


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
    a = one_matrix(a, "solve_triangular")
    triangle = "tril" if lower else "triu"
    if unit_diagonal:
        kept = of_numpy(builder, triangle, a, -1 if lower else 1)
        matrix = kept + of_numpy(builder, "eye", a.shape[0])
    else:
        matrix = of_numpy(builder, triangle, a)
    if trans not in (0, 1, 2, "N", "T", "C"):
        refuse(f"solve_triangular with trans={trans!r} is not supported", "give 0 or 1")
    return of_numpy(builder, "linalg.solve", _turned_by(trans, matrix), b)


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
    a = one_matrix(a, "cholesky")
    factor = of_numpy(builder, "linalg.cholesky", a if lower else turned(a))
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
    is_lower = is_below(a, 0 if lower else -1)
    both = where(is_lower, factor, a) if lower else where(is_lower, a, factor)
    return both, bool(lower)


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
    return of_numpy(builder, "linalg.inv", one_matrix(a, "inv"))


@named(_PREFIX + "det")
def det(
    builder: Builder,
    /,
    a: Floats,
    _overwrite_a: bool = False,  # noqa: FBT001, FBT002
    _check_finite: bool = True,  # noqa: FBT001, FBT002
) -> Handle:
    """The determinant."""
    return of_numpy(builder, "linalg.det", a)


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
    return of_numpy(builder, "linalg.norm", a, ord, axis=axis, keepdims=keepdims)


@named(_PREFIX + "eigvalsh")
def eigvalsh(
    builder: Builder,
    /,
    a: Floats,
    b: Floats | None = None,
    lower: bool = True,  # noqa: FBT001, FBT002
    _overwrite_a: bool = False,  # noqa: FBT001, FBT002
    _overwrite_b: bool = False,  # noqa: FBT001, FBT002
    _check_finite: bool = True,  # noqa: FBT001, FBT002
) -> Handle:
    """The w with a @ x = w * (b @ x) for symmetric matrices, of which one triangle is read."""
    if b is not None:
        return eigh(builder, a, b, lower=lower)[0]  # type: ignore[no-any-return]
    triangle = "L" if lower else "U"
    return of_numpy(builder, "linalg.eigvalsh", one_matrix(a, "eigvalsh"), triangle)


@named(_PREFIX + "eigh")
def eigh(
    builder: Builder,
    /,
    a: Floats,
    b: Floats | None = None,
    *,
    lower: bool = True,
    eigvals_only: bool = False,
    _overwrite_a: bool = False,
    _overwrite_b: bool = False,
    type: int = 1,
    _check_finite: bool = True,
    subset_by_index: Any = None,
    subset_by_value: Any = None,
    _driver: str | None = None,
) -> Any:
    """The eigenvalues and vectors of a @ x = w * (b @ x); of both one triangle is read."""
    if subset_by_value is not None:
        refuse("eigh with subset_by_value: how many there are depends on values", _BY_INDEX)
    if type != 1 and b is not None:
        refuse(f"eigh with type={type} is not supported", "np.linalg.eig(a @ b) has derivatives")
    found = _pairs(builder, one_matrix(a, "eigh"), b, lower=lower)
    if subset_by_index is not None:
        first, last = (int(number) for number in subset_by_index)
        places = slice(first, last + 1)
        found = read(builder, found[0], (places,)), read(builder, found[1], (slice(None), places))
    return found[0] if eigvals_only else found


def _pairs(builder: Builder, a: Handle, b: Handle | None, *, lower: bool) -> tuple[Handle, Handle]:
    """All eigenvalues and vectors."""
    if b is None:
        values, vectors = LOWERINGS["linalg.eigh"](builder, a, "L" if lower else "U")
        return values, vectors
    factor = cholesky(builder, b, lower)
    factor = factor if lower else turned(factor)
    reduced = of_numpy(builder, "linalg.solve", factor, _mirrored(builder, a, lower=lower))
    reduced = of_numpy(builder, "linalg.solve", factor, turned(reduced))
    values, vectors = LOWERINGS["linalg.eigh"](builder, reduced)
    return values, of_numpy(builder, "linalg.solve", turned(factor), vectors)


@named(_PREFIX + "svdvals")
def svdvals(
    builder: Builder,
    /,
    a: Floats,
    _overwrite_a: bool = False,  # noqa: FBT001, FBT002
    _check_finite: bool = True,  # noqa: FBT001, FBT002
) -> Handle:
    """The singular values."""
    return of_numpy(builder, "linalg.svd", one_matrix(a, "svdvals"), compute_uv=False)


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
    return of_numpy(builder, "linalg.pinv", one_matrix(a, "pinv"))
