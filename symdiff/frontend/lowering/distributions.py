"""Distributions in their standard form: densities, and what lies below and above.

The densities are those of SciPy's own documentation, which cites N. L. Johnson, S. Kotz,
N. Balakrishnan, Continuous Univariate Distributions (1994).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from symdiff.frontend.lowering.densities import (
    HALF_LOG_2_OVER_PI,
    LOG_2,
    LOG_2_PI,
    LOG_PI,
    SQRT_HALF,
    Formula,
    cotangent,
    extreme,
    inside,
    laplace_quantile,
    laplace_tail,
    log_above,
    log_below,
    log_extreme,
    log_f,
    log_mass,
    log_survival,
    normal,
    rest_of_f,
    share_of_f,
    survival_of_logarithm,
    truncated_quantile,
)
from symdiff.frontend.lowering.special import xlog1py, xlogy
from symdiff.ops import control, kinks
from symdiff.ops.arithmetic import power
from symdiff.ops.bessel import ive
from symdiff.ops.error_functions import erf, erfc, log_ndtr, ndtr, ndtri, owens_t
from symdiff.ops.exponential import exp, expm1, log, log1p, sigmoid, softplus, sqrt
from symdiff.ops.gamma_functions import (
    betainc,
    betaincc,
    betainccinv,
    betaincinv,
    betaln,
    gammainc,
    gammaincc,
    gammainccinv,
    gammaincinv,
    loggamma,
    stdtr,
    stdtrit,
)
from symdiff.ops.handle import Handle
from symdiff.ops.integrals import cosm1
from symdiff.ops.trigonometric import arctan2


@dataclass(frozen=True, kw_only=True)
class Distribution:
    """A distribution in its standard form: location 0, scale 1.

    Attributes:
        log_density: its logarithm inside of the support; of a discrete one, of the probability.
        shapes: names of the parameters beside location and scale.
        first, last: the ends of the support.
        further: by method, formulas inside of the support: `cdf`, `sf`, their logarithms
            `logcdf` and `logsf`, `ppf` of a probability. What stands for what else is missing.
        is_valid: where the parameters are some; each is positive if it is not said.
        is_discrete: whether it is of whole numbers.
        ends: those of the support, where they are shapes.
        at_ends: the density at the ends of the support, where its logarithm has no derivative.
    """

    log_density: Formula
    shapes: tuple[str, ...] = ()
    first: float = -math.inf
    last: float = math.inf
    further: Mapping[str, Formula] = field(default_factory=dict)
    is_valid: Callable[..., Handle] | None = None
    is_discrete: bool = False
    at_ends: Formula | None = None
    ends: Callable[..., tuple[Handle, Handle]] | None = None

    def formula(self, method: str) -> Formula | None:
        """What a method is inside of the support; `None` where it is not known."""
        known = self.further
        if method in ("logpdf", "logpmf"):
            return self.log_density
        if method in known:
            return known[method]
        if method == "isf" and "ppf" in known:
            return lambda q, *shapes: known["ppf"](1.0 - q, *shapes)
        other = {"logcdf": "cdf", "logsf": "sf"}.get(method, "")
        if other in known:
            return lambda y, *shapes: log(known[other](y, *shapes))
        return None


# --- the table -----------------------------------------------------------------------------------


CONTINUOUS: Mapping[str, Distribution] = {
    "norm": Distribution(
        log_density=normal,
        further={
            "cdf": ndtr,
            "sf": lambda y: ndtr(-y),
            "logcdf": log_ndtr,
            "logsf": lambda y: log_ndtr(-y),
            "ppf": ndtri,
            "isf": lambda q: -ndtri(q),
        },
    ),
    "lognorm": Distribution(
        log_density=lambda y, s: control.where(
            y <= 0.0, -math.inf, normal(log(y) / s) - log(s * y)
        ),
        shapes=("s",),
        first=0.0,
        further={
            "cdf": lambda y, s: ndtr(log(y) / s),
            "sf": lambda y, s: ndtr(-log(y) / s),
            "logcdf": lambda y, s: log_ndtr(log(y) / s),
            "logsf": lambda y, s: log_ndtr(-log(y) / s),
            "ppf": lambda q, s: exp(s * ndtri(q)),
            "isf": lambda q, s: exp(-s * ndtri(q)),
        },
    ),
    "halfnorm": Distribution(
        log_density=lambda y: HALF_LOG_2_OVER_PI - 0.5 * (y * y),
        first=0.0,
        further={
            "cdf": lambda y: erf(SQRT_HALF * y),
            "sf": lambda y: erfc(SQRT_HALF * y),
            "ppf": lambda q: ndtri(0.5 * (1.0 + q)),
            "isf": lambda q: -ndtri(0.5 * q),
        },
    ),
    "skewnorm": Distribution(
        log_density=lambda y, a: LOG_2 + normal(y) + log_ndtr(a * y),
        shapes=("a",),
        is_valid=lambda a: kinks.absolute(a) < math.inf,
        further={
            "cdf": lambda y, a: ndtr(y) - 2.0 * owens_t(y, a),
            "sf": lambda y, a: ndtr(-y) + 2.0 * owens_t(y, a),
        },
    ),
    "truncnorm": Distribution(
        log_density=lambda y, a, b: inside(y, a, b, normal(y) - log_mass(a, b)),
        shapes=("a", "b"),
        is_valid=lambda a, b: a < b,
        ends=lambda a, b: (a, b),
        further={
            "logcdf": log_below,
            "logsf": log_above,
            "cdf": lambda y, a, b: exp(log_below(y, a, b)),
            "sf": lambda y, a, b: exp(log_above(y, a, b)),
            "ppf": lambda q, a, b: truncated_quantile(log(q), log1p(-q), a, b),
            "isf": lambda q, a, b: truncated_quantile(log1p(-q), log(q), a, b),
        },
    ),
    "uniform": Distribution(
        log_density=lambda y: 0.0 * y,
        first=0.0,
        last=1.0,
        further={"cdf": lambda y: y, "sf": lambda y: 1.0 - y, "ppf": lambda q: q},
    ),
    "expon": Distribution(
        log_density=lambda y: -y,
        first=0.0,
        further={
            **survival_of_logarithm(lambda y: -y),
            "ppf": lambda q: -log1p(-q),
            "isf": lambda q: -log(q),
        },
    ),
    "laplace": Distribution(
        log_density=lambda y: -kinks.absolute(y) - LOG_2,
        further={
            "sf": laplace_tail,
            "cdf": lambda y: laplace_tail(-y),
            "ppf": laplace_quantile,
            "isf": lambda q: -laplace_quantile(q),
        },
    ),
    "logistic": Distribution(
        log_density=lambda y: -(softplus(y) + softplus(-y)),
        further={
            "cdf": sigmoid,
            "sf": lambda y: sigmoid(-y),
            "logcdf": lambda y: -softplus(-y),
            "logsf": lambda y: -softplus(y),
            "ppf": lambda q: log(q) - log1p(-q),
            "isf": lambda q: log1p(-q) - log(q),
        },
    ),
    "cauchy": Distribution(
        log_density=lambda y: -LOG_PI - log1p(y * y),
        further={
            "cdf": lambda y: arctan2(1.0, -y) / math.pi,
            "sf": lambda y: arctan2(1.0, y) / math.pi,
            "ppf": lambda q: -cotangent(q),
            "isf": cotangent,
        },
    ),
    "t": Distribution(
        log_density=lambda y, df: (
            loggamma(0.5 * (df + 1.0))
            - loggamma(0.5 * df)
            - 0.5 * log(math.pi * df)
            - 0.5 * (df + 1.0) * log1p(y * y / df)
        ),
        shapes=("df",),
        further={
            "cdf": lambda y, df: stdtr(df, y),
            "sf": lambda y, df: stdtr(df, -y),
            "ppf": lambda q, df: stdtrit(df, q),
            "isf": lambda q, df: -stdtrit(df, q),
        },
    ),
    "chi2": Distribution(
        log_density=lambda y, df: (
            xlogy(0.5 * df - 1.0, y) - 0.5 * y - loggamma(0.5 * df) - 0.5 * LOG_2 * df
        ),
        shapes=("df",),
        first=0.0,
        at_ends=lambda y, df: (
            power(y, 0.5 * df - 1.0) * exp(-0.5 * (y + LOG_2 * df) - loggamma(0.5 * df))
        ),
        further={
            "cdf": lambda y, df: gammainc(0.5 * df, 0.5 * y),
            "sf": lambda y, df: gammaincc(0.5 * df, 0.5 * y),
            "ppf": lambda q, df: 2.0 * gammaincinv(0.5 * df, q),
            "isf": lambda q, df: 2.0 * gammainccinv(0.5 * df, q),
        },
    ),
    "gamma": Distribution(
        log_density=lambda y, a: xlogy(a - 1.0, y) - y - loggamma(a),
        shapes=("a",),
        first=0.0,
        at_ends=lambda y, a: power(y, a - 1.0) * exp(-y - loggamma(a)),
        further={
            "cdf": lambda y, a: gammainc(a, y),
            "sf": lambda y, a: gammaincc(a, y),
            "ppf": lambda q, a: gammaincinv(a, q),
            "isf": lambda q, a: gammainccinv(a, q),
        },
    ),
    "invgamma": Distribution(
        log_density=lambda y, a: -(a + 1.0) * log(y) - loggamma(a) - 1.0 / y,
        shapes=("a",),
        first=math.ulp(0.0),
        further={
            "cdf": lambda y, a: gammaincc(a, 1.0 / y),
            "sf": lambda y, a: gammainc(a, 1.0 / y),
            "ppf": lambda q, a: 1.0 / gammainccinv(a, q),
            "isf": lambda q, a: 1.0 / gammaincinv(a, q),
        },
    ),
    "beta": Distribution(
        log_density=lambda y, a, b: xlog1py(b - 1.0, -y) + xlogy(a - 1.0, y) - betaln(a, b),
        shapes=("a", "b"),
        first=0.0,
        last=1.0,
        at_ends=lambda y, a, b: power(y, a - 1.0) * power(1.0 - y, b - 1.0) * exp(-betaln(a, b)),
        further={
            "cdf": lambda y, a, b: betainc(a, b, y),
            "sf": lambda y, a, b: betaincc(a, b, y),
            "ppf": lambda q, a, b: betaincinv(a, b, q),
            "isf": lambda q, a, b: betainccinv(a, b, q),
        },
    ),
    "f": Distribution(
        log_density=log_f,
        shapes=("dfn", "dfd"),
        first=0.0,
        at_ends=lambda y, n, m: power(y, 0.5 * n - 1.0) * exp(rest_of_f(y, n, m)),
        further={
            "cdf": lambda y, n, m: betainc(0.5 * n, 0.5 * m, share_of_f(y, n, m)),
            "sf": lambda y, n, m: betainc(0.5 * m, 0.5 * n, m / (m + n * y)),
        },
    ),
    "vonmises": Distribution(
        log_density=lambda y, kappa: kappa * cosm1(y) - LOG_2_PI - log(ive(kappa, params=(0,))),
        shapes=("kappa",),
        is_valid=lambda kappa: kappa >= 0.0,
    ),
    "genextreme": Distribution(
        log_density=log_extreme,
        shapes=("c",),
        is_valid=lambda c: kinks.absolute(c) < math.inf,
        further={
            "cdf": lambda y, c: exp(-exp(extreme(y, c))),
            "logcdf": lambda y, c: -exp(extreme(y, c)),
            "sf": lambda y, c: -expm1(-exp(extreme(y, c))),
            "logsf": lambda y, c: log_survival(exp(extreme(y, c))),
        },
    ),
    "weibull_min": Distribution(
        log_density=lambda y, c: log(c) + xlogy(c - 1.0, y) - power(y, c),
        shapes=("c",),
        first=0.0,
        at_ends=lambda y, c: c * power(y, c - 1.0) * exp(-power(y, c)),
        further={
            **survival_of_logarithm(lambda y, c: -power(y, c)),
            "ppf": lambda q, c: power(-log1p(-q), 1.0 / c),
            "isf": lambda q, c: power(-log(q), 1.0 / c),
        },
    ),
    "pareto": Distribution(
        log_density=lambda y, b: log(b) - (b + 1.0) * log(y),
        shapes=("b",),
        first=1.0,
        further={
            **survival_of_logarithm(lambda y, b: -b * log(y)),
            "ppf": lambda q, b: power(1.0 - q, -1.0 / b),
            "isf": lambda q, b: power(q, -1.0 / b),
        },
    ),
    "rayleigh": Distribution(
        log_density=lambda y: control.where(y >= math.inf, -math.inf, log(y) - 0.5 * (y * y)),
        first=0.0,
        at_ends=lambda y: y * exp(-0.5 * (y * y)),
        further={
            **survival_of_logarithm(lambda y: -0.5 * (y * y)),
            "ppf": lambda q: sqrt(-2.0 * log1p(-q)),
            "isf": lambda q: sqrt(-2.0 * log(q)),
        },
    ),
    "gumbel_r": Distribution(
        log_density=lambda y: -y - exp(-y),
        further={
            "cdf": lambda y: exp(-exp(-y)),
            "logcdf": lambda y: -exp(-y),
            "sf": lambda y: -expm1(-exp(-y)),
            "logsf": lambda y: log_survival(exp(-y)),
            "ppf": lambda q: -log(-log(q)),
            "isf": lambda q: -log(-log1p(-q)),
        },
    ),
    "gumbel_l": Distribution(
        log_density=lambda y: y - exp(y),
        further={
            **survival_of_logarithm(lambda y: -exp(y)),
            "ppf": lambda q: log(-log1p(-q)),
            "isf": lambda q: log(-log(q)),
        },
    ),
}
