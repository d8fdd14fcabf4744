"""Eigenvalues of general matrices, and roots of polynomials."""

from __future__ import annotations

from typing import Any, NamedTuple

from symdiff.errors import ShapeError
from symdiff.frontend.lowering.base import Floats, refuse
from symdiff.frontend.lowering.registry import LOWERINGS
from symdiff.frontend.lowering.scipy_linalg import one_matrix
from symdiff.graph.node import COMPLEX
from symdiff.ops import spectra
from symdiff.ops.handle import Handle

_PREFIX = "scipy.linalg."
_ONE_MATRIX = "give one matrix: np.linalg.solve(b, a)"


class EigResult(NamedTuple):
    """What NumPy's `eig` returns."""

    eigenvalues: Handle
    eigenvectors: Handle


@LOWERINGS.named("linalg.eig")
def eig(a: Floats) -> EigResult:
    """The eigenvalues and vectors of a square matrix, where they are real and differ."""
    if a.ndim < 2 or a.shape[-1] != a.shape[-2]:
        raise ShapeError("eigenvalues are those of a square matrix")
    if a.dtype == COMPLEX:
        refuse("eigenvalues of a complex matrix are not supported")
    parts = spectra.eig(a)
    return EigResult(spectra.general_values(a, parts), spectra.general_vectors(a, parts))


@LOWERINGS.named("linalg.eigvals")
def eigvals(a: Floats) -> Handle:
    """The eigenvalues of a square matrix, where they are real and differ."""
    return eig(a).eigenvalues


@LOWERINGS.named(_PREFIX + "eig")
def eig_of_scipy(
    a: Floats,
    b: None = None,
    left: bool = False,  # noqa: FBT001, FBT002  SciPy's own
    right: bool = True,  # noqa: FBT001, FBT002
    _overwrite_a: bool = False,  # noqa: FBT001, FBT002
    _overwrite_b: bool = False,  # noqa: FBT001, FBT002
    _check_finite: bool = True,  # noqa: FBT001, FBT002
    homogeneous_eigvals: bool = False,  # noqa: FBT001, FBT002
) -> Any:
    """The eigenvalues and vectors of a square matrix, where they are real and differ."""
    if b is not None or left or homogeneous_eigvals:
        refuse("eig of two matrices, or with left vectors, is not supported", _ONE_MATRIX)
    found = eig(one_matrix(a, "eig"))
    return tuple(found) if right else found.eigenvalues


@LOWERINGS.named(_PREFIX + "eigvals")
def eigvals_of_scipy(
    a: Floats,
    b: None = None,
    _overwrite_a: bool = False,  # noqa: FBT001, FBT002  SciPy's own
    _check_finite: bool = True,  # noqa: FBT001, FBT002
    homogeneous_eigvals: bool = False,  # noqa: FBT001, FBT002
) -> Handle:
    """The eigenvalues of a square matrix, where they are real and differ."""
    if b is not None or homogeneous_eigvals:
        refuse("eigvals of two matrices is not supported", _ONE_MATRIX)
    return eig(one_matrix(a, "eigvals")).eigenvalues


@LOWERINGS.named("roots")
def roots(p: Floats) -> Handle:
    """The complex roots of a polynomial, of which none is a multiple one."""
    if p.ndim != 1:
        raise ShapeError("the coefficients of a polynomial are a vector")
    if p.dtype == COMPLEX:
        refuse("roots of complex coefficients are not supported")
    return spectra.roots(p)
