"""The gamma function and its kin: logarithms, derivatives, incomplete ones and their inverses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from symdiff.ops import control
from symdiff.ops.exact import root
from symdiff.ops.exponential import exp, log, log1p
from symdiff.ops.handle import Handle
from symdiff.ops.operation import Operation, Partials, Unknown

POLES = "x not in {0, -1, -2, ...}"


def by_last_alone(call: str, letters: str) -> tuple[Unknown, ...]:
    """In the place of the factors of shape parameters: no closed form is known."""
    return tuple(
        Unknown(
            f"the derivative of {call} by {x} has no closed form: it is known by the last alone"
        )
        for x in letters.split()
    )


gamma: Operation = Operation(
    "gamma",
    "The gamma function.",
    1,
    Partials(lambda y, x: (y * digamma(x),)),
    names="scipy.special.gamma",
    domain=POLES,
    safe=(1.0,),
    sympy="gamma",
    exact="gamma",
    analytic=False,  # SciPy's loses a tiny imaginary part
)

rgamma: Operation = Operation(
    "rgamma",
    "1/gamma(x), 0 at the poles.",
    1,
    Partials(lambda y, x: (-(y * digamma(x)),)),
    names="scipy.special.rgamma",
    kink="the derivative at a pole of gamma, which is finite, is NaN",
    sympy=lambda sp, x: sp.Pow(sp.gamma(x), -1),
    exact="rgamma",
    analytic=False,
)

loggamma: Operation = Operation(
    "loggamma",
    "The logarithm of the magnitude of the gamma function.",
    1,
    Partials(lambda y, x: (digamma(x),)),
    names="scipy.special.loggamma scipy.special.gammaln formula.lgamma",
    domain=POLES,
    safe=(1.0,),
    sympy="loggamma",
    exact=lambda mp, x: mp.re(mp.loggamma(x)),
    analytic=False,
)

digamma: Operation = Operation(
    "digamma",
    "The derivative of loggamma.",
    1,
    Partials(lambda y, x: (polygamma(x, params=(1,)),)),
    names="scipy.special.digamma scipy.special.psi",
    domain=POLES,
    safe=(1.0,),
    sympy="digamma",
    exact="digamma",
)


def _polygamma_partials(y: Handle, x: Handle) -> tuple[Handle]:
    (order,) = y.params
    return (polygamma(x, params=(order + 1,)),)


polygamma: Operation = Operation(
    "polygamma",
    "The derivative of digamma of the given order.",
    1,
    Partials(_polygamma_partials),
    params=("order",),
    domain="x not in {0, -1, -2, ...}, of order 0, 1, 2, ...",
    safe=(1.0,),
    sympy="polygamma",
    exact="polygamma",
    analytic=False,
)


def _beta_partials(y: Handle, a: Handle, b: Handle) -> tuple[Handle, Handle]:
    both = digamma(a + b)
    return y * (digamma(a) - both), y * (digamma(b) - both)


beta: Operation = Operation(
    "beta",
    "gamma(a)*gamma(b)/gamma(a + b).",
    2,
    Partials(_beta_partials),
    names="scipy.special.beta",
    commutative=True,
    domain="a, b not in {0, -1, -2, ...}",
    safe=(1.0, 1.0),
    sympy="beta",
    exact="beta",
    analytic=False,
    is_folded=False,
)


def _betaln_partials(y: Handle, a: Handle, b: Handle) -> tuple[Handle, Handle]:
    both = digamma(a + b)
    return digamma(a) - both, digamma(b) - both


betaln: Operation = Operation(
    "betaln",
    "The logarithm of the magnitude of beta(a, b).",
    2,
    Partials(_betaln_partials),
    names="scipy.special.betaln",
    commutative=True,
    domain="a, b not in {0, -1, -2, ...}",
    safe=(1.0, 1.0),
    sympy=lambda sp, a, b: sp.Add(
        sp.Add(sp.loggamma(a), sp.loggamma(b)), sp.Mul(-1, sp.loggamma(sp.Add(a, b)))
    ),
    exact=lambda mp, a, b: mp.log(abs(mp.beta(a, b))),
    analytic=False,
    is_folded=False,
)


# --- incomplete ones -----------------------------------------------------------------------------

GammaExact = Callable[[Any, Any, Any], Any]


def _log_power(x: Handle, exponent: Handle, logarithm: Operation = log) -> Handle | float:
    """exponent*log(x), 0 for the exponent 0."""
    if exponent.number is not None:
        return exponent * logarithm(x) if exponent.number else 0.0
    return control.where(control.equal(exponent, 0.0), 0.0, exponent * logarithm(x))


def _gamma_density(a: Handle, x: Handle) -> Handle:
    """x**(a - 1)*exp(-x)/gamma(a), without overflow (DLMF 8.8.13)."""
    return exp(_log_power(x, a - 1.0) - x - loggamma(a))


def _beta_density(a: Handle, b: Handle, x: Handle) -> Handle:
    """x**(a - 1)*(1 - x)**(b - 1)/beta(a, b) (DLMF 8.17.1)."""
    return exp(_log_power(x, a - 1.0) + _log_power(-x, b - 1.0, log1p) - betaln(a, b))


def _of_gamma(
    name: str, doc: str, factor: Callable[..., Handle], exact: GammaExact, **about: Any
) -> Operation:
    """A function of a shape and a number; `factor(y, a, x)` is its derivative by the number."""
    last = name.endswith("inv")
    unknown = by_last_alone(f"{name}(a, {'y' if last else 'x'})", "a")
    return Operation(
        name,
        doc,
        2,
        Partials(lambda y, a, x: (*unknown, factor(y, a, x))),
        names=f"scipy.special.{name}",
        kink="the derivative by a has no closed form and is refused",
        domain="a > 0, 0 <= y <= 1" if last else "a > 0, x >= 0",
        safe=(1.0, 0.5 if last else 1.0),
        exact=exact,
        analytic=False,
        **about,
        is_folded=False,
    )


def _of_beta(
    name: str, doc: str, factor: Callable[..., Handle], exact: Callable[..., Any]
) -> Operation:
    """The same, of two shapes."""
    last = "y" if name.endswith("inv") else "x"
    unknown = by_last_alone(f"{name}(a, b, {last})", "a b")
    return Operation(
        name,
        doc,
        3,
        Partials(lambda y, a, b, x: (*unknown, factor(y, a, b, x))),
        names=f"scipy.special.{name}",
        kink="the derivatives by a and b have no closed form and are refused",
        domain=f"a > 0, b > 0, 0 <= {last} <= 1",
        safe=(1.0, 1.0, 0.5),
        exact=exact,
        analytic=False,
        is_folded=False,
    )


def _below(mp: Any, a: Any, x: Any) -> Any:
    if a <= 0 or x < 0:  # mpmath's calls itself without end
        raise ValueError("not in SciPy's domain")
    return mp.gammainc(a, 0, x, regularized=True)


def _above(mp: Any, a: Any, x: Any) -> Any:
    return mp.gammainc(a, x, mp.inf, regularized=True)


def _beta_below(mp: Any, a: Any, b: Any, x: Any) -> Any:
    return mp.betainc(a, b, 0, x, regularized=True)


def _beta_above(mp: Any, a: Any, b: Any, x: Any) -> Any:
    return mp.betainc(a, b, x, 1, regularized=True)


gammainc: Operation = _of_gamma(
    "gammainc",
    "The regularized lower incomplete gamma function.",
    lambda y, a, x: _gamma_density(a, x),
    _below,
)
gammaincc: Operation = _of_gamma(
    "gammaincc",
    "The regularized upper incomplete gamma function.",
    lambda y, a, x: -_gamma_density(a, x),
    _above,
)
gammaincinv: Operation = _of_gamma(
    "gammaincinv",
    "The inverse of gammainc.",
    lambda y, a, p: 1.0 / _gamma_density(a, y),
    lambda mp, a, p: root(mp, lambda x: _below(mp, a, x) - p, "gammaincinv", a, p),
)
gammainccinv: Operation = _of_gamma(
    "gammainccinv",
    "The inverse of gammaincc.",
    lambda y, a, p: -1.0 / _gamma_density(a, y),
    lambda mp, a, p: root(mp, lambda x: _above(mp, a, x) - p, "gammainccinv", a, p),
)
betainc: Operation = _of_beta(
    "betainc",
    "The regularized incomplete beta function.",
    lambda y, a, b, x: _beta_density(a, b, x),
    _beta_below,
)
betaincc: Operation = _of_beta(
    "betaincc",
    "1 - betainc(a, b, x).",
    lambda y, a, b, x: -_beta_density(a, b, x),
    _beta_above,
)
betaincinv: Operation = _of_beta(
    "betaincinv",
    "The inverse of betainc.",
    lambda y, a, b, p: 1.0 / _beta_density(a, b, y),
    lambda mp, a, b, p: root(mp, lambda x: _beta_below(mp, a, b, x) - p, "betaincinv", a, b, p),
)
betainccinv: Operation = _of_beta(
    "betainccinv",
    "The inverse of betaincc.",
    lambda y, a, b, p: -1.0 / _beta_density(a, b, y),
    lambda mp, a, b, p: root(mp, lambda x: _beta_above(mp, a, b, x) - p, "betainccinv", a, b, p),
)


# --- Student's t ---------------------------------------------------------------------------------


def _t_density(df: Handle, t: Handle) -> Handle:
    half = 0.5 * df
    logarithm = -(half + 0.5) * log1p(t * t / df) - betaln(half, 0.5) - 0.5 * log(df)
    return exp(logarithm)


def _t_below(mp: Any, df: Any, t: Any) -> Any:
    tail = mp.betainc(df / 2, mp.mpf(1) / 2, 0, df / (df + t * t), regularized=True) / 2
    return tail if t < 0 else 1 - tail


def _of_t(
    name: str, doc: str, last: str, factor: Callable[..., Handle], exact: GammaExact
) -> Operation:
    unknown = by_last_alone(f"{name}(df, {last})", "df")
    return Operation(
        name,
        doc,
        2,
        Partials(lambda y, df, x: (*unknown, factor(y, df, x))),
        names=f"scipy.special.{name}",
        kink="the derivative by df has no closed form and is refused",
        domain="df > 0" + (", 0 < p < 1" if last == "p" else ""),
        safe=(1.0, 0.5 if last == "p" else None),
        exact=exact,
        analytic=False,
        is_folded=False,
    )


stdtr: Operation = _of_t(
    "stdtr",
    "The cumulative distribution function of Student's t distribution.",
    "t",
    lambda y, df, t: _t_density(df, t),
    _t_below,
)
stdtrit: Operation = _of_t(
    "stdtrit",
    "The inverse of stdtr.",
    "p",
    lambda y, df, p: 1.0 / _t_density(df, y),
    lambda mp, df, p: root(mp, lambda t: _t_below(mp, df, t) - p, "stdtrit", df, p),
)


# --- quotients of gammas -------------------------------------------------------------------------


def _binom_partials(y: Handle, n: Handle, k: Handle) -> tuple[Handle, Handle]:
    rest = digamma(n - k + 1.0)
    return y * (digamma(n + 1.0) - rest), y * (rest - digamma(k + 1.0))


binom: Operation = Operation(
    "binom",
    "The binomial coefficient of real numbers.",
    2,
    Partials(_binom_partials),
    names="scipy.special.binom",
    domain="n, k and n - k not in {-1, -2, ...}",
    safe=(1.0, 1.0),
    sympy="binomial",
    exact="binomial",
    analytic=False,
    is_folded=False,
)


def _poch_partials(y: Handle, z: Handle, m: Handle) -> tuple[Handle, Handle]:
    grown = digamma(z + m)
    return y * (grown - digamma(z)), y * grown


poch: Operation = Operation(
    "poch",
    "Pochhammer's symbol, gamma(z + m)/gamma(z).",
    2,
    Partials(_poch_partials),
    names="scipy.special.poch",
    domain="z, z + m not in {0, -1, -2, ...}",
    safe=(1.0, 1.0),
    sympy="RisingFactorial",
    exact="rf",
    analytic=False,
    is_folded=False,
)
