"""Complex numbers: their parts, and functions of them whose identities are not those of reals.

The cotangent of a complex line z = x + i*y is dL/dx - i*dL/dy, twice Wirtinger's derivative of the
real loss L by z. So the rule of a function that is analytic is that of real numbers, without a
conjugate: cotangents are multiplied by f'(z), and a sum, a product or a Fourier transform is
transposed as for floats. Only the records of this file know that numbers have two parts.

Sums, products and what moves elements take complex numbers as they are. What has branch cuts, or
identities that fail for complex numbers, is a record of its own, so no rule of reals meets it.

Source: W. Wirtinger, Zur formalen Theorie der Funktionen von mehr komplexen Veraenderlichen,
Mathematische Annalen 97 (1927) 357-375.
"""

from __future__ import annotations

import math
import struct
from typing import Any

from symdiff.graph.node import COMPLEX
from symdiff.ops import exponential, trigonometric
from symdiff.ops.control import equal, where
from symdiff.ops.creation import as_complex128
from symdiff.ops.determinants import det
from symdiff.ops.handle import Handle, Maker
from symdiff.ops.linalg import inverse, turned
from symdiff.ops.operation import PROMOTED, REAL, Flat, Linear, Operation, Pair, Partials
from symdiff.ops.reduction import broadcast_to, total, with_axes

# --- numbers that are known ----------------------------------------------------------------------


def number_data(value: complex) -> str:
    """The parts of a number as the parameter of a line: -0.0 and NaN are kept."""
    return struct.pack(">dd", value.real, value.imag).hex()


def number_of(data: str) -> complex:
    """The number that `number_data` made a text of."""
    return complex(*struct.unpack(">dd", bytes.fromhex(data)))


complex_number: Operation = Operation(
    "complex_number",
    "A complex number that is known.",
    0,
    Flat(),
    exact=lambda mp, data: mp.mpc(number_of(data)),
    shape=lambda shapes, params: (),
    dtype=COMPLEX,
    params=("data",),
)


def number(b: Maker, value: complex, like: Handle | None = None) -> Handle:
    """The line of a number, or of an array full of it in the shape of another line."""
    made = Handle(b, b.make("complex_number", (), (number_data(value),)))
    return made if like is None else broadcast_to(made, like.shape)


def times_i(x: Handle, factor: complex) -> Handle:
    """A line times a number such as -1j."""
    return number(x.builder, factor, x) * x


# --- parts ---------------------------------------------------------------------------------------

real: Operation = Operation(
    "real",
    "The real part.",
    1,
    Linear(lambda t, z: (t,)),
    exact=lambda mp, z: mp.re(z),
    dtype=REAL,
    analytic=False,
    takes_complex=True,
    may_raise=False,
    is_view=True,
)

imag: Operation = Operation(
    "imag",
    "The imaginary part.",
    1,
    Linear(lambda t, z: (times_i(t, -1j),)),
    exact=lambda mp, z: mp.im(z),
    dtype=REAL,
    analytic=False,
    takes_complex=True,
    may_raise=False,
    is_view=True,
)

conjugate: Operation = Operation(
    "conjugate",
    "The complex conjugate.",
    1,
    Linear(lambda t, z: (conjugate(t),)),
    exact=lambda mp, z: mp.conj(z),
    dtype=PROMOTED,
    analytic=False,
    takes_complex=True,
    may_raise=False,
)


complex_of_parts: Operation = Operation(
    "complex_of_parts",
    "The complex number x + i*y.",
    2,
    Linear(lambda t, x, y: (t, times_i(t, 1j))),
    expand=lambda x, y: as_complex128(x) + times_i(as_complex128(y), 1j),
    exact=lambda mp, x, y: mp.mpc(x, y),
    dtype=COMPLEX,
    analytic=False,
    takes_complex=True,
    is_internal=True,
)


def conjugated(x: Handle) -> Handle:
    """The conjugate of what is complex; what is real as it is."""
    return conjugate(x) if x.dtype == COMPLEX else x


def of_kind(x: Handle, kind: str) -> Handle:
    """A tangent or cotangent of the kind of what it belongs to: its real part for floats."""
    if kind == COMPLEX and x.dtype != COMPLEX:
        return as_complex128(x)
    return real(x) if kind != COMPLEX and x.dtype == COMPLEX else x


def squared_magnitude(x: Handle) -> Handle:
    """|x|**2 of what is complex, the square of what is real."""
    return real(x) * real(x) + imag(x) * imag(x) if x.dtype == COMPLEX else x * x


def _phase_jvp(
    tangents: tuple[Handle | None, Handle | None], u: Handle, z: Handle, y: Handle
) -> Handle | None:
    t, _ = tangents
    if t is None:
        return None
    at_origin = where(equal(t, 0.0), 0.0, number(z.builder, _UNKNOWN, z))
    return _over_length(t - u * real(conjugate(u) * t), y, at_origin)


def _phase_vjp(t: Handle, u: Handle, z: Handle, y: Handle) -> tuple[Handle, None]:
    at_origin = number(z.builder, _UNKNOWN, z)
    return _over_length(t - conjugate(u) * real(u * t), y, at_origin), None


_UNKNOWN = complex(math.nan, math.nan)


def _over_length(moved: Handle, y: Handle, at_origin: Handle) -> Handle:
    """The quotient; NumPy would warn of a complex number over NaN, so NaN stands above."""
    is_zero = equal(y, 0.0)
    return where(is_zero, at_origin, moved) / where(is_zero, 1.0, y)


phase: Operation = Operation(
    "phase",
    "z/|z| for the magnitude that has been computed, and 0 at 0.",
    2,
    Pair(_phase_jvp, _phase_vjp),
    expand=lambda z, y: z / where(equal(y, 0.0), 1.0, y),
    exact=lambda mp, z, y: z / y if y else mp.mpc(0),
    kink="nan at the origin where the number moves",
    dtype=COMPLEX,
    analytic=False,
    takes_complex=True,
    is_internal=True,
)

complex_absolute: Operation = Operation(
    "complex_absolute",
    "The magnitude of a complex number.",
    1,
    Pair(
        lambda tangents, y, z: real(conjugate(phase(z, y)) * tangents[0]),
        lambda t, y, z: (t * conjugate(phase(z, y)),),
    ),
    exact=lambda mp, z: abs(z),
    kink="the gradient at 0 is 0",
    dtype=REAL,
    analytic=False,
    takes_complex=True,
    of_real="absolute",
    may_raise=False,
)

absolute_square: Operation = Operation(
    "absolute_square",
    "The squared magnitude of a complex number, which has been computed: the second argument.",
    2,
    Pair(
        lambda tangents, y, z, given: (
            None if tangents[0] is None else 2.0 * real(conjugate(z) * tangents[0])
        ),
        lambda t, y, z, given: (2.0 * t * conjugate(z), None),
    ),
    expand=lambda z, given: given,
    exact=lambda mp, z, given: given,
    dtype=REAL,
    analytic=False,
    takes_complex=True,
    is_internal=True,
)

angle: Operation = Operation(
    "angle",
    "The angle of a complex number, in radians.",
    1,
    Pair(
        lambda tangents, y, z: imag(tangents[0] / z),
        lambda t, y, z: (times_i(t, -1j) / z,),
    ),
    exact=lambda mp, z: mp.atan2(mp.im(z), mp.re(z)),
    kink="nan at the origin",
    dtype=REAL,
    analytic=False,
    takes_complex=True,
    may_raise=False,
)

# --- analytic functions --------------------------------------------------------------------------


def _analytic(record: Operation, partial: Any = None) -> Operation:
    """A function of complex numbers, by the rule of the one of floats, or by one of its own."""
    return Operation(
        f"complex_{record.name}",
        f"{record.doc.rstrip('.')}, of complex numbers.",
        record.arity,
        record.derivative if partial is None else Partials(partial),
        exact=record.exact,
        dtype=COMPLEX,
        takes_complex=True,
        of_real=record.name,
    )


complex_sqrt: Operation = _analytic(exponential.sqrt)
complex_exp: Operation = _analytic(exponential.exp)
complex_expm1: Operation = _analytic(exponential.expm1)
complex_log: Operation = _analytic(exponential.log)
complex_log2: Operation = _analytic(exponential.log2)
complex_log10: Operation = _analytic(exponential.log10)
complex_log1p: Operation = _analytic(exponential.log1p)
complex_sin: Operation = _analytic(trigonometric.sin)
complex_cos: Operation = _analytic(trigonometric.cos)
complex_tan: Operation = _analytic(trigonometric.tan)
# from the result: 1 - x*x loses the sign of zero that says on which side of a cut x is
complex_arcsin: Operation = _analytic(
    trigonometric.arcsin, lambda y, x: (1.0 / trigonometric.cos(y),)
)
complex_arccos: Operation = _analytic(
    trigonometric.arccos, lambda y, x: (-1.0 / trigonometric.sin(y),)
)
complex_arctan: Operation = _analytic(trigonometric.arctan)
complex_sinh: Operation = _analytic(trigonometric.sinh)
complex_cosh: Operation = _analytic(trigonometric.cosh)
complex_tanh: Operation = _analytic(trigonometric.tanh)
complex_arcsinh: Operation = _analytic(
    trigonometric.arcsinh, lambda y, x: (1.0 / trigonometric.cosh(y),)
)
complex_arccosh: Operation = _analytic(trigonometric.arccosh)
complex_arctanh: Operation = _analytic(trigonometric.arctanh)


def _power_partials(y: Handle, a: Handle, b: Handle) -> tuple[Handle, Handle | None]:
    exponent = b.number
    if exponent is not None:
        return exponent * complex_power(a, b - 1.0), None
    base = a if a.dtype == COMPLEX else as_complex128(a)  # the logarithm of a negative number
    by_base = where(equal(b, 0.0), 0.0, b * complex_power(a, b - 1.0))
    return by_base, where(equal(a, 0.0), 0.0, y * exponential.log(base))


complex_power: Operation = Operation(
    "complex_power",
    "a to the power b, of complex numbers: the principal value.",
    2,
    Partials(_power_partials),
    kink="the derivative of z**0 by z is 0, that of 0**z by z is 0",
    exact=lambda mp, a, b: mp.mpc(a) ** b if a or b else mp.mpc(1),
    dtype=COMPLEX,
    takes_complex=True,
    of_real="power",
)


def _det_vjp(t: Handle, y: Handle, a: Handle) -> tuple[Handle]:
    scale = with_axes(t * y, y.ndim, 2)
    return (broadcast_to(scale, a.shape) * turned(inverse(a)),)


complex_det: Operation = Operation(
    "complex_det",
    "The determinant of a complex matrix, which is not singular where it is differentiated.",
    1,
    Pair(
        lambda tangents, y, a: y * total(turned(inverse(a)) * tangents[0], (-2, -1)),
        _det_vjp,
    ),
    exact=det.exact,
    shape=det.shape,
    dtype=COMPLEX,
    batch=lambda args, batched, params, length: complex_det(*args),
    domain="the matrix is not singular",
    takes_complex=True,
    of_real="det",
)
