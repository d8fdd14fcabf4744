"""SciPy's distribution functions of `scipy.special`, in terms of incomplete gammas and betas.

The names are those of Cephes: `c` at the end is what lies above, `i` the inverse. The formulas are
those of SciPy's documentation.
"""

from __future__ import annotations

import math

from symdiff.frontend.lowering.base import Floats
from symdiff.frontend.lowering.special import of_numbers
from symdiff.ops import control, kinks
from symdiff.ops.gamma_functions import (
    betainc,
    betaincc,
    betaincinv,
    gammainc,
    gammaincc,
    gammainccinv,
    gammaincinv,
)
from symdiff.ops.handle import Handle
from symdiff.ops.reduction import broadcast_together


def _unless(condition: Handle, value: Handle) -> Handle:
    """NaN where the parameters are none."""
    return control.where(condition, math.nan, value)


@of_numbers("chdtr", domain="v > 0, x >= 0")
def chdtr(v: Floats, x: Floats) -> Handle:
    """The probability of a chi-square variable below x."""
    v, x = broadcast_together(v, x)
    return gammainc(0.5 * v, 0.5 * x)


@of_numbers("chdtrc", domain="v > 0, x >= 0")
def chdtrc(v: Floats, x: Floats) -> Handle:
    """The probability of a chi-square variable above x."""
    v, x = broadcast_together(v, x)
    return control.where(x < 0.0, 1.0, gammaincc(0.5 * v, 0.5 * x))


@of_numbers("chdtri", domain="v > 0, 0 <= p <= 1")
def chdtri(v: Floats, p: Floats) -> Handle:
    """The inverse of chdtrc."""
    v, p = broadcast_together(v, p)
    return 2.0 * gammainccinv(0.5 * v, p)


@of_numbers("gdtr", domain="b > 0, a*x >= 0")
def gdtr(a: Floats, b: Floats, x: Floats) -> Handle:
    """The probability of a gamma variable of the rate a below x."""
    a, b, x = broadcast_together(a, b, x)
    return _unless(x < 0.0, gammainc(b, a * x))


@of_numbers("gdtrc", domain="b > 0, a*x >= 0")
def gdtrc(a: Floats, b: Floats, x: Floats) -> Handle:
    """The probability of a gamma variable of the rate a above x."""
    a, b, x = broadcast_together(a, b, x)
    return _unless(x < 0.0, gammaincc(b, a * x))


@of_numbers("gdtrix", domain="b > 0, 0 <= p <= 1")
def gdtrix(a: Floats, b: Floats, p: Floats) -> Handle:
    """The inverse of gdtr."""
    a, b, p = broadcast_together(a, b, p)
    return gammaincinv(b, p) / a


@of_numbers("fdtr", domain="dfn > 0, dfd > 0, x >= 0")
def fdtr(dfn: Floats, dfd: Floats, x: Floats) -> Handle:
    """The probability of a variable of the F distribution below x."""
    dfn, dfd, x = broadcast_together(dfn, dfd, x)
    grown = dfn * x
    return _unless(x < 0.0, betainc(0.5 * dfn, 0.5 * dfd, grown / (dfd + grown)))


@of_numbers("fdtrc", domain="dfn > 0, dfd > 0, x >= 0")
def fdtrc(dfn: Floats, dfd: Floats, x: Floats) -> Handle:
    """The probability of a variable of the F distribution above x."""
    dfn, dfd, x = broadcast_together(dfn, dfd, x)
    return _unless(x < 0.0, betainc(0.5 * dfd, 0.5 * dfn, dfd / (dfd + dfn * x)))


@of_numbers("fdtri", domain="dfn > 0, dfd > 0, 0 < p < 1")
def fdtri(dfn: Floats, dfd: Floats, p: Floats) -> Handle:
    """The inverse of fdtr."""
    dfn, dfd, p = broadcast_together(dfn, dfd, p)
    share = betaincinv(0.5 * dfn, 0.5 * dfd, p)
    return dfd * share / (dfn * (1.0 - share))


# --- of counts -----------------------------------------------------------------------------------


@of_numbers("pdtr", domain="k >= 0, m >= 0")
def pdtr(k: Floats, m: Floats) -> Handle:
    """The probability of at most k events, where m are expected."""
    k, m = broadcast_together(k, m)
    return _unless((k < 0.0) | (m < 0.0), gammaincc(kinks.floor(k) + 1.0, m))


@of_numbers("pdtrc", domain="k >= 0, m >= 0")
def pdtrc(k: Floats, m: Floats) -> Handle:
    """The probability of more than k events, where m are expected."""
    k, m = broadcast_together(k, m)
    return _unless((k < 0.0) | (m < 0.0), gammainc(kinks.floor(k) + 1.0, m))


@of_numbers("pdtri", domain="k >= 0, 0 <= y < 1")
def pdtri(k: Floats, y: Floats) -> Handle:
    """The m with pdtr(k, m) = y."""
    k, y = broadcast_together(k, y)
    is_none = (k < 0.0) | (y < 0.0) | (y >= 1.0)
    return _unless(is_none, gammainccinv(kinks.floor(k) + 1.0, y))


@of_numbers("bdtr", domain="0 <= k < n, 0 <= p <= 1")
def bdtr(k: Floats, n: Floats, p: Floats) -> Handle:
    """The probability of at most k of n events of the probability p."""
    k, n, p = broadcast_together(k, n, p)
    k, n = kinks.floor(k), kinks.floor(n)
    found = betaincc(k + 1.0, n - k, p)
    return _unless((p < 0.0) | (p > 1.0) | (k < 0.0) | (n < k), _at_end(k, n, 1.0, found))


@of_numbers("bdtrc", domain="0 <= k < n, 0 <= p <= 1")
def bdtrc(k: Floats, n: Floats, p: Floats) -> Handle:
    """The probability of more than k of n events of the probability p."""
    k, n, p = broadcast_together(k, n, p)
    k, n = kinks.floor(k), kinks.floor(n)
    found = control.where(k < 0.0, 1.0, betainc(k + 1.0, n - k, p))
    return _unless((p < 0.0) | (p > 1.0) | (n < k), _at_end(k, n, 0.0, found))


def _at_end(k: Handle, n: Handle, end: float, value: Handle) -> Handle:
    return control.where(control.equal(k, n), end, value)


@of_numbers("nbdtr", domain="k >= 0, n > 0, 0 <= p <= 1")
def nbdtr(k: Floats, n: Floats, p: Floats) -> Handle:
    """The probability of at most k failures before n successes of the probability p."""
    k, n, p = broadcast_together(k, n, p)
    is_none = (p < 0.0) | (p > 1.0) | (k < 0.0)
    return _unless(is_none, betainc(kinks.trunc(n), kinks.trunc(k) + 1.0, p))


@of_numbers("nbdtrc", domain="k >= 0, n > 0, 0 <= p <= 1")
def nbdtrc(k: Floats, n: Floats, p: Floats) -> Handle:
    """The probability of more than k failures before n successes of the probability p."""
    k, n, p = broadcast_together(k, n, p)
    is_none = (p < 0.0) | (p > 1.0) | (k < 0.0)
    return _unless(is_none, betaincc(kinks.trunc(n), kinks.trunc(k) + 1.0, p))
