"""NumPy's functions in terms of the core: one lowering a function, for every frontend."""

from symdiff.frontend.lowering import (  # noqa: F401  fill the table
    einsum,
    elementwise,
    linear_algebra,
    products,
    reductions,
    special,
)
from symdiff.frontend.lowering.base import LOWERINGS

__all__ = ["LOWERINGS"]
