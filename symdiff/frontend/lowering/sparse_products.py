"""Products of SciPy's sparse matrices, which are known, with arrays."""

from __future__ import annotations

from typing import Any

from symdiff.frontend.lowering.base import Floats, as_line, constant, refuse
from symdiff.frontend.lowering.indexing import accumulate
from symdiff.frontend.lowering.registry import LOWERINGS, of_numpy
from symdiff.ops.builder import Builder
from symdiff.ops.handle import Handle


@LOWERINGS.named("scipy.sparse.matmul")
def matmul(b: Builder, data: Any, rows: Any, columns: Any, count: int, x: Floats) -> Handle:
    """A matrix with `count` rows, given by its numbers and their places, times an array."""
    if x.ndim not in (1, 2):
        refuse("a sparse matrix is multiplied with a vector or a matrix")
    numbers = constant(b, data) if x.ndim == 1 else constant(b, data[:, None])
    terms = of_numpy(b, "multiply", of_numpy(b, "take", x, columns, 0), numbers)
    empty = of_numpy(b, "zeros", (count, *x.shape[1:]))
    return accumulate(b, empty, as_line(b, rows), terms)
