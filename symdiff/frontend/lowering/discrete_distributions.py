"""Distributions of whole numbers in their standard form, as those of SciPy's documentation.

N. L. Johnson, A. W. Kemp, S. Kotz, Univariate Discrete Distributions (2005).
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from symdiff.frontend.lowering.densities import survival_of_logarithm
from symdiff.frontend.lowering.distributions import Distribution
from symdiff.frontend.lowering.special import xlog1py, xlogy
from symdiff.ops import control, kinks
from symdiff.ops.exponential import log, log1p
from symdiff.ops.gamma_functions import betainc, betaincc, gammainc, gammaincc, loggamma

DISCRETE: Mapping[str, Distribution] = {
    "poisson": Distribution(
        log_density=lambda k, mu: xlogy(k, mu) - loggamma(k + 1.0) - mu,
        shapes=("mu",),
        first=0.0,
        is_valid=lambda mu: mu >= 0.0,
        is_discrete=True,
        further={
            "cdf": lambda k, mu: gammaincc(k + 1.0, mu),
            "sf": lambda k, mu: gammainc(k + 1.0, mu),
        },
    ),
    "bernoulli": Distribution(
        log_density=lambda k, p: xlogy(k, p) + xlog1py(1.0 - k, -p),
        shapes=("p",),
        first=0.0,
        last=1.0,
        is_valid=lambda p: (p >= 0.0) & (p <= 1.0),
        is_discrete=True,
        further={"cdf": lambda _k, p: 1.0 - p, "sf": lambda _k, p: p},
    ),
    "binom": Distribution(
        log_density=lambda k, n, p: control.where(
            k > n,
            -math.inf,
            loggamma(n + 1.0)
            - loggamma(k + 1.0)
            - loggamma(control.where(k > n, 0.0, n - k) + 1.0)
            + xlogy(k, p)
            + xlog1py(n - k, -p),
        ),
        shapes=("n", "p"),
        first=0.0,
        is_valid=lambda n, p: (
            (n >= 0.0) & control.equal(n, kinks.rint(n)) & (p >= 0.0) & (p <= 1.0)
        ),
        is_discrete=True,
        further={
            "cdf": lambda k, n, p: control.where(k >= n, 1.0, betaincc(k + 1.0, n - k, p)),
            "sf": lambda k, n, p: control.where(k >= n, 0.0, betainc(k + 1.0, n - k, p)),
        },
    ),
    "geom": Distribution(
        log_density=lambda k, p: xlog1py(k - 1.0, -p) + log(p),
        shapes=("p",),
        first=1.0,
        is_valid=lambda p: (p > 0.0) & (p <= 1.0),
        is_discrete=True,
        further=survival_of_logarithm(lambda k, p: log1p(-p) * k),
    ),
    "nbinom": Distribution(
        log_density=lambda k, n, p: (
            loggamma(n + k) - loggamma(k + 1.0) - loggamma(n) + n * log(p) + xlog1py(k, -p)
        ),
        shapes=("n", "p"),
        first=0.0,
        is_valid=lambda n, p: (n > 0.0) & (p > 0.0) & (p <= 1.0),
        is_discrete=True,
        further={
            "cdf": lambda k, n, p: betainc(n, k + 1.0, p),
            "sf": lambda k, n, p: betaincc(n, k + 1.0, p),
        },
    ),
}
