"""Error functions, the normal distribution's, and Fresnel's integrals.

On arrays special functions are SciPy's; on floats `math`'s where it has them. The derivatives are
those of Abramowitz and Stegun, Handbook of Mathematical Functions (1964), or of its successor, the
Digital Library of Mathematical Functions (DLMF); each record with an uncommon one names the
equation.
"""

from __future__ import annotations

import math
from typing import Any

from symdiff.ops import control
from symdiff.ops.exponential import exp
from symdiff.ops.handle import Handle
from symdiff.ops.kinks import absolute
from symdiff.ops.operation import UNSIGNED, Operation, Partials
from symdiff.ops.trigonometric import cos, sin

TWO_OVER_SQRT_PI = 1.1283791670955126  # 2/sqrt(pi)
HALF_SQRT_PI = 0.886226925452758  # sqrt(pi)/2
ONE_OVER_SQRT_2_PI = 0.3989422804014327  # 1/sqrt(2*pi)
SQRT_2_OVER_PI = 0.7978845608028654  # sqrt(2/pi)
SQRT_HALF = 0.7071067811865476  # sqrt(1/2)
SQRT_2_PI = 2.5066282746310002  # sqrt(2*pi)
ONE_OVER_SQRT_PI = 0.5641895835477563  # 1/sqrt(pi)
ONE_OVER_2_PI = 0.15915494309189535  # 1/(2*pi)

erf: Operation = Operation(
    "erf",
    "The error function.",
    1,
    Partials(lambda y, x: (TWO_OVER_SQRT_PI * exp(-(x * x)),)),
    names="scipy.special.erf",
    sympy="erf",
    exact="erf",
)

erfc: Operation = Operation(
    "erfc",
    "1 - erf(x), exact for large x.",
    1,
    Partials(lambda y, x: (-TWO_OVER_SQRT_PI * exp(-(x * x)),)),
    names="scipy.special.erfc",
    sympy="erfc",
    exact="erfc",
    sign=UNSIGNED,
)

erfinv: Operation = Operation(
    "erfinv",
    "The inverse of the error function.",
    1,
    Partials(lambda y, x: (HALF_SQRT_PI * exp(y * y),)),
    names="scipy.special.erfinv",
    domain="-1 < x < 1",
    safe=(0.0,),
    sympy="erfinv",
    exact="erfinv",
    analytic=False,
)

erfcinv: Operation = Operation(
    "erfcinv",
    "The inverse of erfc.",
    1,
    Partials(lambda y, x: (-HALF_SQRT_PI * exp(y * y),)),
    names="scipy.special.erfcinv",
    domain="0 < x < 2",
    safe=(1.0,),
    sympy="erfcinv",
    exact=lambda mp, x: mp.erfinv(1 - x),
    analytic=False,
    is_folded=False,
)

erfi: Operation = Operation(
    "erfi",
    "The error function of an imaginary number, -i*erf(i*x).",
    1,
    Partials(lambda y, x: (TWO_OVER_SQRT_PI * exp(x * x),)),
    names="scipy.special.erfi",
    sympy="erfi",
    exact="erfi",
)


def _dawsn_slope(x: Handle, y: Handle) -> Handle:
    """1 - 2*x*y (DLMF 7.10.3); far out, where its terms cancel, the asymptotic series."""
    return control.where(absolute(x) < 30.0, 1.0 - 2.0 * x * y, -_tail(x, 1.0))


dawsn: Operation = Operation(
    "dawsn",
    "Dawson's integral, exp(-x**2)*erfi(x)*sqrt(pi)/2.",
    1,
    Partials(lambda y, x: (_dawsn_slope(x, y),)),
    names="scipy.special.dawsn",
    sympy=lambda sp, x: sp.Mul(
        sp.Mul(sp.sqrt(sp.pi), sp.Rational(1, 2)),
        sp.Mul(sp.exp(sp.Mul(-1, sp.Pow(x, 2))), sp.erfi(x)),
    ),
    exact=lambda mp, x: mp.sqrt(mp.pi) / 2 * mp.exp(-x * x) * mp.erfi(x),
)

fresnels: Operation = Operation(
    "fresnels",
    "Fresnel's sine integral, of sin(pi*t**2/2).",
    1,
    Partials(lambda y, x: (sin(0.5 * math.pi * (x * x)),)),
    names="formula.fresnels",
    sympy="fresnels",
    exact="fresnels",
)

fresnelc: Operation = Operation(
    "fresnelc",
    "Fresnel's cosine integral, of cos(pi*t**2/2).",
    1,
    Partials(lambda y, x: (cos(0.5 * math.pi * (x * x)),)),
    names="formula.fresnelc",
    sympy="fresnelc",
    exact="fresnelc",
)

ndtr: Operation = Operation(
    "ndtr",
    "The cumulative distribution function of the standard normal distribution.",
    1,
    Partials(lambda y, x: (ONE_OVER_SQRT_2_PI * exp(-0.5 * (x * x)),)),
    names="scipy.special.ndtr formula.normcdf formula.norm_cdf",
    sympy=lambda sp, x: sp.Mul(
        sp.Add(1, sp.erf(sp.Mul(x, sp.Pow(sp.sqrt(2), -1)))), sp.Rational(1, 2)
    ),
    exact="ncdf",
    sign=UNSIGNED,
)


def _tail(x: Handle, sign: float) -> Handle:
    """s*(1 + 3*s*(1 + 5*s*(...))) for s = sign/(2*x**2), times sign (DLMF 7.12.1)."""
    s = 0.5 * sign / (x * x)
    series = 1.0 + 15.0 * s
    for factor in (13.0, 11.0, 9.0, 7.0, 5.0, 3.0):
        series = 1.0 + factor * s * series
    return sign * s * series


def _erfcx_slope(x: Handle, y: Handle) -> Handle:
    """2*x*y - 2/sqrt(pi) (DLMF 7.10.1); far out, where its terms cancel, the asymptotic series."""
    near, far = 2.0 * x * y - TWO_OVER_SQRT_PI, -TWO_OVER_SQRT_PI * _tail(x, -1.0)
    return control.where(x < 30.0, near, far)


erfcx: Operation = Operation(
    "erfcx",
    "exp(x**2)*erfc(x), without overflow.",
    1,
    Partials(lambda y, x: (_erfcx_slope(x, y),)),
    names="scipy.special.erfcx",
    sympy=lambda sp, x: sp.Mul(sp.exp(sp.Pow(x, 2)), sp.erfc(x)),
    exact=lambda mp, x: mp.exp(x * x) * mp.erfc(x),
)

log_ndtr: Operation = Operation(
    "log_ndtr",
    "log(ndtr(x)) without underflow.",
    1,
    Partials(lambda y, x: (inverse_mills(x),)),
    names="scipy.special.log_ndtr",
    sympy=lambda sp, x: sp.log(
        sp.Mul(sp.Add(1, sp.erf(sp.Mul(x, sp.Pow(sp.sqrt(2), -1)))), sp.Rational(1, 2))
    ),
    exact=lambda mp, x: mp.log(mp.erfc(-x / mp.sqrt(2)) / 2),
    analytic=False,
)

inverse_mills: Operation = Operation(
    "inverse_mills",
    "The density of the standard normal distribution over its cumulative distribution function.",
    1,
    Partials(lambda y, x: (-(y * (x + y)),)),
    # erfcx keeps its digits far out on both sides
    expand=lambda x: SQRT_2_OVER_PI / erfcx(-SQRT_HALF * x),
    sympy=lambda sp, x: sp.Mul(
        sp.Mul(
            sp.sqrt(sp.Mul(2, sp.Pow(sp.pi, -1))),
            sp.exp(sp.Mul(sp.Rational(-1, 2), sp.Pow(x, 2))),
        ),
        sp.Pow(sp.Add(1, sp.erf(sp.Mul(x, sp.Pow(sp.sqrt(2), -1)))), -1),
    ),
    exact=lambda mp, x: mp.sqrt(2 / mp.pi) * mp.exp(-x * x / 2) / mp.erfc(-x / mp.sqrt(2)),
    analytic=False,
    is_internal=True,
)

ndtri: Operation = Operation(
    "ndtri",
    "The inverse of ndtr.",
    1,
    Partials(lambda y, x: (SQRT_2_PI * exp(0.5 * (y * y)),)),
    names="scipy.special.ndtri",
    domain="0 < x < 1",
    safe=(0.5,),
    sympy=lambda sp, x: sp.Mul(sp.sqrt(2), sp.erfinv(sp.Add(sp.Mul(2, x), -1))),
    exact=lambda mp, x: mp.sqrt(2) * mp.erfinv(2 * x - 1),
    analytic=False,
)

ndtri_exp: Operation = Operation(
    "ndtri_exp",
    "The inverse of log_ndtr.",
    1,
    Partials(lambda y, x: (1.0 / inverse_mills(y),)),
    names="scipy.special.ndtri_exp",
    domain="x < 0",
    safe=(-1.0,),
    sympy=lambda sp, x: sp.Mul(sp.sqrt(2), sp.erfinv(sp.Add(sp.Mul(2, sp.exp(x)), -1))),
    exact=lambda mp, x: mp.sqrt(2) * mp.erfinv(2 * mp.exp(x) - 1),
    analytic=False,
)

owens_t: Operation = Operation(
    "owens_t",
    "Owen's function T(h, a).",
    2,
    # D. B. Owen, Tables for computing bivariate normal probabilities (1956)
    Partials(
        lambda y, h, a: (
            -0.5 * ONE_OVER_SQRT_2_PI * exp(-0.5 * (h * h)) * erf(SQRT_HALF * (a * h)),
            ONE_OVER_2_PI * exp(-0.5 * (h * h) * (1.0 + a * a)) / (1.0 + a * a),
        )
    ),
    names="scipy.special.owens_t",
    exact=lambda mp, h, a: _owens_t(mp, h, a),
    analytic=False,
)


def _owens_t(mp: Any, h: Any, a: Any) -> Any:
    """By the series of Owen (1956), eq. 3.2, and where it does not converge by the integral."""
    half = h * h / 2
    if abs(a) > 0.9:
        angle = mp.quad(lambda t: mp.exp(-half * (1 + t * t)) / (1 + t * t), [0, a])
        return angle / (2 * mp.pi)
    series, power, term = mp.mpf(0), a, mp.mpf(1)
    weight, k = 1 - mp.exp(-half), 0
    while abs(power) > mp.eps * abs(a):
        series += power * weight / (2 * k + 1)
        k += 1
        power, term = -power * a * a, term * half / k
        weight -= mp.exp(-half) * term
    return (mp.atan(a) - series) / (2 * mp.pi)


# --- the plasma dispersion function, w(z) = exp(-z**2)*erfc(-i*z) --------------------------------


def _slopes(x: Handle, y: Handle, u: Handle, v: Handle) -> tuple[Handle, Handle]:
    """The parts of w' = 2*i/sqrt(pi) - 2*z*w, for z = x + i*y and w = u + i*v (DLMF 7.10.2)."""
    return -2.0 * (x * u - y * v), TWO_OVER_SQRT_PI - 2.0 * (x * v + y * u)


def _partials_of_real(u: Handle, x: Handle, y: Handle) -> tuple[Handle, Handle]:
    real, imag = _slopes(x, y, u, faddeeva_imag(x, y))
    return real, -imag


def _partials_of_imag(v: Handle, x: Handle, y: Handle) -> tuple[Handle, Handle]:
    real, imag = _slopes(x, y, faddeeva_real(x, y), v)
    return imag, real


faddeeva_real: Operation = Operation(
    "faddeeva_real",
    "The real part of Faddeeva's function at x + i*y.",
    2,
    Partials(_partials_of_real),
    names="formula.faddeeva_real",
    exact=lambda mp, x, y: _faddeeva(mp, x, y).real,
    analytic=False,
)

faddeeva_imag: Operation = Operation(
    "faddeeva_imag",
    "The imaginary part of Faddeeva's function at x + i*y.",
    2,
    Partials(_partials_of_imag),
    names="formula.faddeeva_imag",
    exact=lambda mp, x, y: _faddeeva(mp, x, y).imag,
    analytic=False,
)


def _faddeeva(mp: Any, x: Any, y: Any) -> Any:
    z = mp.mpc(x, y)
    return mp.exp(-z * z) * mp.erfc(-1j * z)


def _voigt_partials(
    profile: Handle, x: Handle, sigma: Handle, gamma: Handle
) -> tuple[Handle, Handle, Handle]:
    s = SQRT_HALF / sigma
    x_scaled, y_scaled = s * x, s * gamma
    real, imag = _slopes(
        x_scaled, y_scaled, faddeeva_real(x_scaled, y_scaled), faddeeva_imag(x_scaled, y_scaled)
    )
    scale = ONE_OVER_SQRT_PI * (s * s)
    by_x, by_gamma = scale * real, -(scale * imag)
    # it is homogeneous of degree -1
    return by_x, -(profile + x * by_x + gamma * by_gamma) / sigma, by_gamma


voigt_profile: Operation = Operation(
    "voigt_profile",
    "The density of a sum of a normal and a Cauchy variable, with widths sigma and gamma.",
    3,
    Partials(_voigt_partials),
    names="scipy.special.voigt_profile",
    domain="gamma >= 0; for a derivative sigma > 0",
    safe=(None, 1.0, 1.0),
    exact=lambda mp, x, sigma, gamma: (
        _faddeeva(mp, x / (sigma * mp.sqrt(2)), gamma / (sigma * mp.sqrt(2))).real
        / (sigma * mp.sqrt(2 * mp.pi))
    ),
    analytic=False,
    is_folded=False,
)
