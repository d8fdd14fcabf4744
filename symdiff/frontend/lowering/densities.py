"""Formulas of the standard forms of distributions that are more than an expression."""

from __future__ import annotations

import math
from collections.abc import Callable

from symdiff.frontend.lowering.special import xlogy
from symdiff.ops import control
from symdiff.ops.error_functions import log_ndtr, ndtri_exp
from symdiff.ops.exponential import exp, expm1, log, log1p, logaddexp
from symdiff.ops.gamma_functions import betaln
from symdiff.ops.handle import Handle
from symdiff.ops.trigonometric import tan

LOG_SQRT_2_PI = 0.9189385332046727  # log(sqrt(2*pi))
LOG_2_PI = 1.8378770664093453  # log(2*pi)
LOG_2 = 0.6931471805599453
LOG_PI = 1.1447298858494002
SQRT_HALF = 0.7071067811865476
HALF_LOG_2_OVER_PI = -0.2257913526447274  # log(sqrt(2/pi))

Formula = Callable[..., Handle]  # of a number in the standard form, and of the shapes


def normal(y: Handle) -> Handle:
    """The logarithm of the standard normal density."""
    return -0.5 * (y * y) - LOG_SQRT_2_PI


def survival_of_logarithm(formula: Formula) -> dict[str, Formula]:
    """The functions of a distribution whose survival function is exp of a formula."""
    return {
        "logsf": formula,
        "sf": lambda y, *shapes: exp(formula(y, *shapes)),
        "cdf": lambda y, *shapes: -expm1(formula(y, *shapes)),
    }


def laplace_tail(y: Handle) -> Handle:
    """The probability above."""
    return control.where(y > 0.0, 0.5 * exp(-y), 1.0 - 0.5 * exp(y))


def laplace_quantile(q: Handle) -> Handle:
    """The place below which a probability lies."""
    return control.where(q > 0.5, -log(2.0 * (1.0 - q)), log(2.0 * q))


def cotangent(q: Handle) -> Handle:
    """1/tan(pi*q), whose digits near 1 are those of 1 - q."""
    is_low = q < 0.5
    found = 1.0 / tan(math.pi * control.where(is_low, q, 1.0 - q))
    return control.where(is_low, found, -found)


def log_mass(low: Handle, high: Handle) -> Handle:
    """The logarithm of a standard normal variable's probability to lie between two numbers.

    Of two on the right of 0 their mirror images are taken, whose tails keep their digits.
    """
    is_right = low > 0.0
    first, last = control.where(is_right, -high, low), control.where(is_right, -low, high)
    tail = log_ndtr(last)
    return tail + log1p(-exp(log_ndtr(first) - tail))


def inside(y: Handle, a: Handle, b: Handle, value: Handle) -> Handle:
    """A logarithm between two ends, and -inf beyond."""
    return control.where((y < a) | (y > b), -math.inf, value)


def log_below(y: Handle, a: Handle, b: Handle) -> Handle:
    """The logarithm of a truncated normal variable's probability to lie below."""
    value = log_mass(a, y) - log_mass(a, b)
    return control.where(y <= a, -math.inf, control.where(y >= b, 0.0, value))


def log_above(y: Handle, a: Handle, b: Handle) -> Handle:
    """That to lie above."""
    value = log_mass(y, b) - log_mass(a, b)
    return control.where(y <= a, 0.0, control.where(y >= b, -math.inf, value))


def log_f(y: Handle, n: Handle, m: Handle) -> Handle:
    """The logarithm of the density of Fisher's F."""
    return rest_of_f(y, n, m) + xlogy(0.5 * n - 1.0, y)


def rest_of_f(y: Handle, n: Handle, m: Handle) -> Handle:
    """The same without the power of the place, which has a derivative at 0."""
    half_n, half_m = 0.5 * n, 0.5 * m
    rest = (half_n + half_m) * log(m + n * y) + betaln(half_n, half_m)
    return half_m * log(m) + half_n * log(n) - rest


def share_of_f(y: Handle, n: Handle, m: Handle) -> Handle:
    """n*y/(m + n*y), 1 at infinity."""
    return control.where(y >= math.inf, 1.0, n * y / (m + n * y))


def extreme(y: Handle, c: Handle) -> Handle:
    """log(1 - c*y)/c, -y for c = 0; beyond the end of the support, which is 1/c, an infinity."""
    is_gumbel = control.equal(c, 0.0)
    inside = control.where(is_gumbel, -y, log1p(-(c * y)) / c)
    beyond = control.where(c > 0.0, -math.inf, math.inf)
    return control.where(c * y >= 1.0, beyond, inside)


def log_extreme(y: Handle, c: Handle) -> Handle:
    """The logarithm of the generalized extreme value density."""
    reduced = extreme(y, c)
    density = reduced - exp(reduced) - log1p(-(c * y))
    return control.where((c * y >= 1.0) | (y <= -math.inf), -math.inf, density)


def log_survival(u: Handle) -> Handle:
    """log(1 - exp(-u))."""
    return control.where(u > 1.0, log1p(-exp(-u)), log(-expm1(-u)))


def truncated_quantile(below: Handle, above: Handle, a: Handle, b: Handle) -> Handle:
    """The place with the logarithms of what lies below and above, between a and b.

    From the end that is on the side of the nearer tail of the whole distribution.
    """
    mass = log_mass(a, b)
    from_left = ndtri_exp(logaddexp(log_ndtr(a), below + mass))
    from_right = -ndtri_exp(logaddexp(log_ndtr(-b), above + mass))
    return control.where(a < 0.0, from_left, from_right)
