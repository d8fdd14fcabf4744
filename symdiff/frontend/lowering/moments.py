"""Means, variances and entropies of distributions in their standard form.

Source: N. L. Johnson, S. Kotz, N. Balakrishnan, Continuous Univariate Distributions (1994), and
N. L. Johnson, A. W. Kemp, S. Kotz, Univariate Discrete Distributions (2005). What is infinite or
has no value is what SciPy says there.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from symdiff.frontend.lowering.densities import LOG_2, LOG_2_PI, LOG_PI, Formula
from symdiff.frontend.lowering.special import entr
from symdiff.ops import control
from symdiff.ops.exponential import exp, expm1, log, sqrt
from symdiff.ops.gamma_functions import betaln, digamma, gamma, loggamma
from symdiff.ops.handle import Handle

EULER = 0.5772156649015329

METHODS = ("mean", "var", "std", "entropy")


def _if_above(shape: Handle, least: float, value: Handle, other: float = math.inf) -> Handle:
    """What holds for large shapes; `other` for those up to `least`."""
    return control.where(shape > least, value, other)


def _variance_of_t(df: Handle) -> Handle:
    return _if_above(df, 2.0, df / (df - 2.0), math.inf) + _if_above(df, 1.0, 0.0 * df, math.nan)


def _entropy_of_t(df: Handle) -> Handle:
    half, more = 0.5 * df, 0.5 * (df + 1.0)
    return more * (digamma(more) - digamma(half)) + 0.5 * log(df) + betaln(half, 0.5)


def _entropy_of_beta(a: Handle, b: Handle) -> Handle:
    rest = (a - 1.0) * digamma(a) + (b - 1.0) * digamma(b)
    return betaln(a, b) - rest + (a + b - 2.0) * digamma(a + b)


def _mean_of_f(_n: Handle, m: Handle) -> Handle:
    return _if_above(m, 2.0, m / (m - 2.0))


def _variance_of_f(n: Handle, m: Handle) -> Handle:
    below = n * (m - 2.0) ** 2.0 * (m - 4.0)
    return _if_above(m, 4.0, 2.0 * m * m * (n + m - 2.0) / below)


def _entropy_of_f(n: Handle, m: Handle) -> Handle:
    half_n, half_m = 0.5 * n, 0.5 * m
    first = log(m / n) + betaln(half_n, half_m) + (1.0 - half_n) * digamma(half_n)
    both = half_n + half_m
    return first - (1.0 + half_m) * digamma(half_m) + both * digamma(both)


def _variance_of_weibull(c: Handle) -> Handle:
    first = gamma(1.0 + 1.0 / c)
    return gamma(1.0 + 2.0 / c) - first * first


def _moments(
    mean: Formula | float | None = None,
    var: Formula | float | None = None,
    entropy: Formula | float | None = None,
) -> Mapping[str, Formula | float]:
    found = {"mean": mean, "var": var, "entropy": entropy}
    return {name: formula for name, formula in found.items() if formula is not None}


# by distribution and method, a formula of the shapes, or a number
MOMENTS: Mapping[str, Mapping[str, Formula | float]] = {
    "norm": _moments(0.0, 1.0, 0.5 * (1.0 + LOG_2_PI)),
    "lognorm": _moments(
        lambda s: exp(0.5 * s * s),
        lambda s: expm1(s * s) * exp(s * s),
        lambda s: 0.5 * (1.0 + LOG_2_PI) + log(s),
    ),
    "halfnorm": _moments(
        math.sqrt(2.0 / math.pi), 1.0 - 2.0 / math.pi, 0.5 * (1.0 + LOG_PI - LOG_2)
    ),
    "skewnorm": _moments(
        lambda a: math.sqrt(2.0 / math.pi) * a / sqrt(1.0 + a * a),
        lambda a: 1.0 - (2.0 / math.pi) * a * a / (1.0 + a * a),
    ),
    "uniform": _moments(0.5, 1.0 / 12.0, 0.0),
    "expon": _moments(1.0, 1.0, 1.0),
    "laplace": _moments(0.0, 2.0, 1.0 + LOG_2),
    "logistic": _moments(0.0, math.pi**2 / 3.0, 2.0),
    "cauchy": _moments(math.nan, math.nan, LOG_PI + 2.0 * LOG_2),
    "t": _moments(lambda df: _if_above(df, 1.0, 0.0 * df), _variance_of_t, _entropy_of_t),
    "chi2": _moments(
        lambda df: df,
        lambda df: 2.0 * df,
        lambda df: 0.5 * df + LOG_2 + loggamma(0.5 * df) + (1.0 - 0.5 * df) * digamma(0.5 * df),
    ),
    "gamma": _moments(lambda a: a, lambda a: a, lambda a: (1.0 - a) * digamma(a) + a + loggamma(a)),
    "invgamma": _moments(
        lambda a: _if_above(a, 1.0, 1.0 / (a - 1.0)),
        lambda a: _if_above(a, 2.0, 1.0 / ((a - 1.0) ** 2.0 * (a - 2.0))),
        lambda a: a - (a + 1.0) * digamma(a) + loggamma(a),
    ),
    "beta": _moments(
        lambda a, b: a / (a + b),
        lambda a, b: a * b / ((a + b) ** 2.0 * (a + b + 1.0)),
        _entropy_of_beta,
    ),
    "f": _moments(_mean_of_f, _variance_of_f, _entropy_of_f),
    "genextreme": _moments(entropy=lambda c: EULER * (1.0 - c) + 1.0),
    "weibull_min": _moments(
        lambda c: gamma(1.0 + 1.0 / c),
        _variance_of_weibull,
        lambda c: EULER * (1.0 - 1.0 / c) + 1.0 - log(c),
    ),
    "pareto": _moments(
        lambda b: _if_above(b, 1.0, b / (b - 1.0)),
        lambda b: _if_above(b, 2.0, b / ((b - 1.0) ** 2.0 * (b - 2.0))),
        lambda b: 1.0 + 1.0 / b - log(b),
    ),
    "rayleigh": _moments(
        math.sqrt(0.5 * math.pi), 2.0 - 0.5 * math.pi, 1.0 + 0.5 * (EULER - LOG_2)
    ),
    "gumbel_r": _moments(EULER, math.pi**2 / 6.0, 1.0 + EULER),
    "gumbel_l": _moments(-EULER, math.pi**2 / 6.0, 1.0 + EULER),
    "poisson": _moments(lambda mu: mu, lambda mu: mu),
    "binom": _moments(lambda n, p: n * p, lambda n, p: n * p * (1.0 - p)),
    "bernoulli": _moments(lambda p: p, lambda p: p * (1.0 - p), lambda p: entr(p) + entr(1.0 - p)),
    "geom": _moments(lambda p: 1.0 / p, lambda p: (1.0 - p) / (p * p)),
    "nbinom": _moments(lambda n, p: n * (1.0 - p) / p, lambda n, p: n * (1.0 - p) / (p * p)),
}
