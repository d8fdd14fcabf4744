"""NumPy's functions in terms of the core: one lowering a function, for every frontend."""

from symdiff.frontend.lowering import (  # noqa: F401  fill the table
    choosing,
    conditions,
    covariance,
    creation,
    diagonals,
    differences,
    einsum,
    elementwise,
    fourier,
    indexing,
    joining,
    linear_algebra,
    order,
    padding,
    products,
    reductions,
    samples,
    scipy_factors,
    scipy_functions_of_matrices,
    scipy_linalg,
    scipy_matrices,
    scipy_samples,
    sequences,
    shapes,
    signals,
    special,
    special_orders,
    special_probability,
    splines,
    stats,
)
from symdiff.frontend.lowering.registry import LOWERINGS

__all__ = ["LOWERINGS"]
