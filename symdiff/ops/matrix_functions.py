"""Functions of matrices: the exponential, the principal square root and logarithm."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from symdiff.ops import exact
from symdiff.ops.handle import Handle
from symdiff.ops.indexing import sliced
from symdiff.ops.joining import concatenated
from symdiff.ops.linalg import square_shape, stacked, turned
from symdiff.ops.operation import Operation, Pair

_PRINCIPAL = "no eigenvalue is on the negative real axis or 0"


def slope(function: Callable[[Handle], Handle], a: Handle, t: Handle) -> Handle:
    """The derivative in a direction: what stands right above in f([[a, t], [0, a]]).

    N. J. Higham, Functions of Matrices (2008), equation 3.16; of the exponential I. Najfeld,
    T. F. Havel, Derivatives of the matrix exponential and their computation (1995).
    """
    rows, columns = a.ndim - 2, a.ndim - 1
    n = a.shape[-1]
    upper = concatenated([a, t], columns)
    lower = concatenated([0.0 * a, a], columns)
    both = function(concatenated([upper, lower], rows))
    return sliced(sliced(both, rows, 0, n), columns, n, n)


def _function(name: str, doc: str, meaning: Any, domain: str = "") -> Operation:
    """A record of a function that is a power series nearby, whose transpose is that of a'."""

    def made(x: Handle) -> Handle:
        return Handle(x.builder, x.builder.make(name, (x.at,)))

    def jvp(tangents: tuple[Handle], y: Handle, a: Handle) -> Handle:
        return slope(made, a, tangents[0])

    def vjp(t: Handle, y: Handle, a: Handle) -> tuple[Handle]:
        return (slope(made, turned(a), t),)

    return Operation(
        name,
        doc,
        1,
        Pair(jvp, vjp),
        exact=meaning,
        shape=square_shape,
        batch=stacked(name),
        domain=domain,
        analytic=False,
    )


expm: Operation = _function("expm", "The exponential of a matrix.", exact.expm)
sqrtm: Operation = _function(
    "sqrtm",
    "The principal square root of a matrix; NaN where it is complex.",
    exact.sqrtm,
    _PRINCIPAL,
)
logm: Operation = _function(
    "logm",
    "The principal logarithm of a matrix; NaN where it is complex.",
    exact.logm,
    _PRINCIPAL,
)
