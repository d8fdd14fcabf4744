"""Functions of matrices: the exponential."""

from __future__ import annotations

from symdiff.ops import exact
from symdiff.ops.handle import Handle
from symdiff.ops.indexing import sliced
from symdiff.ops.joining import concatenated
from symdiff.ops.linalg import square_shape, stacked, turned
from symdiff.ops.operation import Operation, Pair


def _slope(a: Handle, t: Handle) -> Handle:
    """The derivative in a direction: what stands right above in exp([[a, t], [0, a]]).

    I. Najfeld, T. F. Havel, Derivatives of the matrix exponential and their computation (1995).
    """
    rows, columns = a.ndim - 2, a.ndim - 1
    n = a.shape[-1]
    upper = concatenated([a, t], columns)
    lower = concatenated([0.0 * a, a], columns)
    both = expm(concatenated([upper, lower], rows))
    return sliced(sliced(both, rows, 0, n), columns, n, n)


def _expm_jvp(tangents: tuple[Handle], y: Handle, a: Handle) -> Handle:
    return _slope(a, tangents[0])


def _expm_vjp(t: Handle, y: Handle, a: Handle) -> tuple[Handle]:
    return (_slope(turned(a), t),)


expm: Operation = Operation(
    "expm",
    "The exponential of a matrix.",
    1,
    Pair(_expm_jvp, _expm_vjp),
    exact=exact.expm,
    shape=square_shape,
    batch=stacked("expm"),
    analytic=False,
)
