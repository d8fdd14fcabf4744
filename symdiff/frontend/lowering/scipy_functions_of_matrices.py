"""SciPy's functions of matrices, of one argument each but powers, under `scipy.linalg.NAME`.

Sines and cosines are blocks of an exponential: exp([[0, -a], [a, 0]]).
"""

from __future__ import annotations

from typing import Any

from symdiff.frontend.lowering.base import Floats, plain, refuse
from symdiff.frontend.lowering.registry import LOWERINGS, of_numpy
from symdiff.graph.node import COMPLEX
from symdiff.ops import matrix_functions
from symdiff.ops.builder import Builder
from symdiff.ops.handle import Handle
from symdiff.ops.indexing import sliced
from symdiff.ops.joining import concatenated

_PREFIX = "scipy.linalg."

named = LOWERINGS.named


def _square(a: Handle, name: str) -> Handle:
    if a.ndim < 2 or a.shape[-1] != a.shape[-2]:
        refuse(f"{name} takes a square matrix")
    if a.dtype == COMPLEX:
        refuse(f"{name} of a complex matrix is not supported", "use its real and imaginary part")
    return a


@named(_PREFIX + "expm")
def expm(A: Floats) -> Handle:  # noqa: N803
    """The exponential of a matrix, or of each of a stack."""
    return matrix_functions.expm(_square(A, "expm"))


@named(_PREFIX + "expm_frechet")
def expm_frechet(
    A: Floats,  # noqa: N803
    E: Floats,  # noqa: N803
    _method: Any = None,
    compute_expm: bool = True,  # noqa: FBT001, FBT002  SciPy's
    _check_finite: bool = True,  # noqa: FBT001, FBT002
) -> Any:
    """The exponential of a matrix and its derivative in a direction."""
    a = _square(A, "expm_frechet")
    slope = matrix_functions.slope(matrix_functions.expm, a, E)
    return (matrix_functions.expm(a), slope) if compute_expm else slope


@named(_PREFIX + "sqrtm")
def sqrtm(A: Floats, disp: Any = None, _blocksize: Any = None) -> Handle:  # noqa: N803
    """The principal square root of a matrix; NaN where it is complex."""
    if disp is False:
        refuse("sqrtm with disp=False is not supported", "leave disp out")
    return matrix_functions.sqrtm(_square(A, "sqrtm"))


@named(_PREFIX + "logm")
def logm(A: Floats, disp: Any = None) -> Handle:  # noqa: N803
    """The principal logarithm of a matrix; NaN where it is complex."""
    if disp is False:
        refuse("logm with disp=False is not supported", "leave disp out")
    return matrix_functions.logm(_square(A, "logm"))


@named(_PREFIX + "fractional_matrix_power")
def fractional_matrix_power(builder: Builder, /, A: Floats, t: Any) -> Handle:  # noqa: N803
    """A power of a matrix; where it is no whole number, exp(t*log(A)), by t too."""
    a, power = _square(A, "fractional_matrix_power"), plain(t)
    if not isinstance(power, Handle) and float(power).is_integer():
        return of_numpy(builder, "linalg.matrix_power", a, int(power))
    return matrix_functions.expm(of_numpy(builder, "multiply", power, matrix_functions.logm(a)))


def _sine_and_cosine(a: Handle) -> tuple[Handle, Handle]:
    n, rows, columns = a.shape[-1], a.ndim - 2, a.ndim - 1
    zero = 0.0 * a
    upper, lower = concatenated([zero, -a], columns), concatenated([a, zero], columns)
    left = sliced(matrix_functions.expm(concatenated([upper, lower], rows)), columns, 0, n)
    return sliced(left, rows, n, n), sliced(left, rows, 0, n)


def _hyperbolic(a: Handle) -> tuple[Handle, Handle]:
    grown, shrunk = matrix_functions.expm(a), matrix_functions.expm(-a)
    return 0.5 * (grown - shrunk), 0.5 * (grown + shrunk)


@named(_PREFIX + "sinm")
def sinm(A: Floats) -> Handle:  # noqa: N803
    """The sine of a matrix."""
    return _sine_and_cosine(_square(A, "sinm"))[0]


@named(_PREFIX + "cosm")
def cosm(A: Floats) -> Handle:  # noqa: N803
    """The cosine of a matrix."""
    return _sine_and_cosine(_square(A, "cosm"))[1]


@named(_PREFIX + "tanm")
def tanm(builder: Builder, /, A: Floats) -> Handle:  # noqa: N803
    """The tangent of a matrix."""
    sine, cosine = _sine_and_cosine(_square(A, "tanm"))
    return of_numpy(builder, "linalg.solve", cosine, sine)


@named(_PREFIX + "sinhm")
def sinhm(A: Floats) -> Handle:  # noqa: N803
    """The hyperbolic sine of a matrix."""
    return _hyperbolic(_square(A, "sinhm"))[0]


@named(_PREFIX + "coshm")
def coshm(A: Floats) -> Handle:  # noqa: N803
    """The hyperbolic cosine of a matrix."""
    return _hyperbolic(_square(A, "coshm"))[1]


@named(_PREFIX + "tanhm")
def tanhm(builder: Builder, /, A: Floats) -> Handle:  # noqa: N803
    """The hyperbolic tangent of a matrix."""
    sine, cosine = _hyperbolic(_square(A, "tanhm"))
    return of_numpy(builder, "linalg.solve", cosine, sine)


LOWERINGS.refuse(
    {
        _PREFIX + "signm": "A @ np.linalg.inv(scipy.linalg.sqrtm(A @ A))",
        _PREFIX + "funm": "scipy.linalg has expm, logm, sqrtm, sinm, cosm by name",
        _PREFIX + "expm_cond": None,
        _PREFIX + "matrix_balance": None,
    }
)
