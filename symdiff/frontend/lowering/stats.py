"""SciPy's distributions, under the names `scipy.stats.NAME.METHOD`.

A row says what a distribution is in its standard form; location and scale, what holds outside of
its support, and parameters that are none are the same for all. The densities are those of SciPy's
own documentation, which cites N. L. Johnson, S. Kotz, N. Balakrishnan, Continuous Univariate
Distributions (1994).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple

from symdiff.errors import UnsupportedError
from symdiff.frontend.lowering.base import Floats, Value, as_float, as_line, meet, refuse, truth_of
from symdiff.frontend.lowering.registry import LOWERINGS
from symdiff.frontend.lowering.special import xlog1py, xlogy
from symdiff.ops import control, decompositions, kinks, linalg
from symdiff.ops.arithmetic import power
from symdiff.ops.builder import Builder
from symdiff.ops.error_functions import erf, erfc, log_ndtr, ndtr
from symdiff.ops.exponential import exp, expm1, log, log1p, sigmoid, softplus, sqrt
from symdiff.ops.gamma_functions import betaln, loggamma
from symdiff.ops.handle import Handle
from symdiff.ops.reduction import total
from symdiff.ops.trigonometric import arctan2, tan

_PREFIX = "scipy.stats."
_LOG_SQRT_2_PI = 0.9189385332046727  # log(sqrt(2*pi))
_LOG_2 = 0.6931471805599453
_LOG_PI = 1.1447298858494002
_SQRT_HALF = 0.7071067811865476
_HALF_LOG_2_OVER_PI = -0.2257913526447274  # log(sqrt(2/pi))

Formula = Callable[..., Handle]  # of a number in the standard form, and of the shapes


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
    """

    log_density: Formula
    shapes: tuple[str, ...] = ()
    first: float = -math.inf
    last: float = math.inf
    further: Mapping[str, Formula] = field(default_factory=dict)
    is_valid: Callable[..., Handle] | None = None
    is_discrete: bool = False

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


class _Given(NamedTuple):
    """What a method is called with, in one shape.

    Attributes:
        y: the number in the standard form, or the probability.
        scale: of the distribution.
        loc: of the distribution.
        shapes: its other parameters.
        is_valid: where the parameters are some.
    """

    y: Handle
    scale: Handle
    loc: Handle
    shapes: list[Handle]
    is_valid: Handle


def _given(
    found: Distribution, b: Builder, x: Handle, args: Sequence[Value], named: Mapping[str, Value]
) -> _Given:
    """The arguments by their names, and what is not given.

    Raises:
        UnsupportedError: where they are not those of the distribution.
    """
    names = (*found.shapes, "loc") if found.is_discrete else (*found.shapes, "loc", "scale")
    if len(args) > len(names) or not set(named) <= set(names[len(args) :]):
        raise UnsupportedError(f"arguments that are not supported: they are x, {', '.join(names)}")
    values = {"loc": 0.0, "scale": 1.0, **dict(zip(names, args, strict=False)), **named}
    missing = [name for name in found.shapes if name not in values]
    if missing:
        raise UnsupportedError(f"the argument {missing[0]} is missing")
    order = (*found.shapes, "loc", "scale")
    lines = meet(b, x, *[as_float(as_line(b, values[name])) for name in order])
    x, *shapes, loc, scale = lines
    is_valid = scale > 0.0
    if found.is_valid is not None:
        is_valid = is_valid & found.is_valid(*shapes)
    else:
        for shape in shapes:
            is_valid = is_valid & (shape > 0.0)
    return _Given(x, scale, loc, shapes, is_valid)


def _density(
    found: Distribution, b: Builder, x: Floats, *args: Value, is_log: bool, **named: Value
) -> Handle:
    """The density or the probability, or its logarithm."""
    given = _given(found, b, x, args, named)
    y = given.y - given.loc if found.is_discrete else (given.y - given.loc) / given.scale
    logarithm = found.log_density(y, *given.shapes)
    if not found.is_discrete:
        logarithm = logarithm - log(given.scale)
    value = logarithm if is_log else exp(logarithm)
    outside = -math.inf if is_log else 0.0
    if found.first > -math.inf:
        value = control.where(y < found.first, outside, value)
    if found.last < math.inf:
        value = control.where(y > found.last, outside, value)
    if found.is_discrete:
        value = control.where(control.not_equal(y, kinks.floor(y)), outside, value)
    return _where_valid(given.is_valid, value)


def _of_support(
    found: Distribution, method: str, b: Builder, x: Floats, *args: Value, **named: Value
) -> Handle:
    """The cumulative distribution function and its kin."""
    formula = found.formula(method)
    assert formula is not None  # it is entered where there is one
    given = _given(found, b, x, args, named)
    y = (given.y - given.loc) / given.scale
    value = formula(y, *given.shapes)
    below, above = {"cdf": (0.0, 1.0), "sf": (1.0, 0.0)}[method.removeprefix("log")]
    if method.startswith("log"):
        below, above = (math.log(end) if end else -math.inf for end in (below, above))
    if found.first > -math.inf:
        value = control.where(y <= found.first, below, value)
    if found.last < math.inf:
        value = control.where(y >= found.last, above, value)
    return _where_valid(given.is_valid, value)


def _quantile(
    found: Distribution, method: str, b: Builder, q: Floats, *args: Value, **named: Value
) -> Handle:
    """The number below which, or above which, a probability lies."""
    formula = found.formula(method)
    assert formula is not None
    given = _given(found, b, q, args, named)
    q = given.y
    ends = (found.first, found.last) if method == "ppf" else (found.last, found.first)
    first, last = (end * given.scale + given.loc for end in ends)
    value = formula(q, *given.shapes) * given.scale + given.loc
    value = control.where(control.equal(q, 0.0), first, value)
    value = control.where(control.equal(q, 1.0), last, value)
    return _where_valid(given.is_valid & (q >= 0.0) & (q <= 1.0), value)


def _where_valid(is_valid: Handle, value: Handle) -> Handle:
    """NaN where the parameters are none."""
    if truth_of(is_valid):
        return value
    return control.where(is_valid, value, math.nan)


# --- the table -----------------------------------------------------------------------------------


def _normal(y: Handle) -> Handle:
    return -0.5 * (y * y) - _LOG_SQRT_2_PI


def _survival_of_logarithm(formula: Formula) -> dict[str, Formula]:
    """The functions of a distribution whose survival function is exp of a formula."""
    return {
        "logsf": formula,
        "sf": lambda y, *shapes: exp(formula(y, *shapes)),
        "cdf": lambda y, *shapes: -expm1(formula(y, *shapes)),
    }


def _laplace_tail(y: Handle) -> Handle:
    """The probability above."""
    return control.where(y > 0.0, 0.5 * exp(-y), 1.0 - 0.5 * exp(y))


DISTRIBUTIONS: Mapping[str, Distribution] = {
    "norm": Distribution(
        log_density=_normal,
        further={
            "cdf": ndtr,
            "sf": lambda y: ndtr(-y),
            "logcdf": log_ndtr,
            "logsf": lambda y: log_ndtr(-y),
        },
    ),
    "lognorm": Distribution(
        log_density=lambda y, s: _normal(log(y) / s) - log(s * y),
        shapes=("s",),
        first=0.0,
        further={
            "cdf": lambda y, s: ndtr(log(y) / s),
            "sf": lambda y, s: ndtr(-log(y) / s),
            "logcdf": lambda y, s: log_ndtr(log(y) / s),
            "logsf": lambda y, s: log_ndtr(-log(y) / s),
        },
    ),
    "halfnorm": Distribution(
        log_density=lambda y: _HALF_LOG_2_OVER_PI - 0.5 * (y * y),
        first=0.0,
        further={
            "cdf": lambda y: erf(_SQRT_HALF * y),
            "sf": lambda y: erfc(_SQRT_HALF * y),
        },
    ),
    "skewnorm": Distribution(
        log_density=lambda y, a: _LOG_2 + _normal(y) + log_ndtr(a * y),
        shapes=("a",),
        is_valid=lambda a: kinks.absolute(a) < math.inf,
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
        further={**_survival_of_logarithm(lambda y: -y), "ppf": lambda q: -log1p(-q)},
    ),
    "laplace": Distribution(
        log_density=lambda y: -kinks.absolute(y) - _LOG_2,
        further={
            "sf": _laplace_tail,
            "cdf": lambda y: _laplace_tail(-y),
            "ppf": lambda q: control.where(q > 0.5, -log(2.0 * (1.0 - q)), log(2.0 * q)),
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
        },
    ),
    "cauchy": Distribution(
        log_density=lambda y: -_LOG_PI - log1p(y * y),
        further={
            "cdf": lambda y: arctan2(1.0, -y) / math.pi,
            "sf": lambda y: arctan2(1.0, y) / math.pi,
            "ppf": lambda q: tan(math.pi * q - 0.5 * math.pi),
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
    ),
    "chi2": Distribution(
        log_density=lambda y, df: (
            xlogy(0.5 * df - 1.0, y) - 0.5 * y - loggamma(0.5 * df) - 0.5 * _LOG_2 * df
        ),
        shapes=("df",),
        first=0.0,
    ),
    "gamma": Distribution(
        log_density=lambda y, a: xlogy(a - 1.0, y) - y - loggamma(a),
        shapes=("a",),
        first=0.0,
    ),
    "invgamma": Distribution(
        log_density=lambda y, a: -(a + 1.0) * log(y) - loggamma(a) - 1.0 / y,
        shapes=("a",),
        first=math.ulp(0.0),
    ),
    "beta": Distribution(
        log_density=lambda y, a, b: xlog1py(b - 1.0, -y) + xlogy(a - 1.0, y) - betaln(a, b),
        shapes=("a", "b"),
        first=0.0,
        last=1.0,
    ),
    "weibull_min": Distribution(
        log_density=lambda y, c: log(c) + xlogy(c - 1.0, y) - power(y, c),
        shapes=("c",),
        first=0.0,
        further={
            **_survival_of_logarithm(lambda y, c: -power(y, c)),
            "ppf": lambda q, c: power(-log1p(-q), 1.0 / c),
        },
    ),
    "pareto": Distribution(
        log_density=lambda y, b: log(b) - (b + 1.0) * log(y),
        shapes=("b",),
        first=1.0,
        further={
            **_survival_of_logarithm(lambda y, b: -b * log(y)),
            "ppf": lambda q, b: power(1.0 - q, -1.0 / b),
        },
    ),
    "rayleigh": Distribution(
        log_density=lambda y: log(y) - 0.5 * (y * y),
        first=0.0,
        further={
            **_survival_of_logarithm(lambda y: -0.5 * (y * y)),
            "ppf": lambda q: sqrt(-2.0 * log1p(-q)),
        },
    ),
    "gumbel_r": Distribution(
        log_density=lambda y: -y - exp(-y),
        further={
            "cdf": lambda y: exp(-exp(-y)),
            "logcdf": lambda y: -exp(-y),
            "sf": lambda y: -expm1(-exp(-y)),
            "ppf": lambda q: -log(-log(q)),
        },
    ),
    "gumbel_l": Distribution(
        log_density=lambda y: y - exp(y),
        further={
            **_survival_of_logarithm(lambda y: -exp(y)),
            "ppf": lambda q: log(-log1p(-q)),
        },
    ),
    "poisson": Distribution(
        log_density=lambda k, mu: xlogy(k, mu) - loggamma(k + 1.0) - mu,
        shapes=("mu",),
        first=0.0,
        is_valid=lambda mu: mu >= 0.0,
        is_discrete=True,
    ),
    "bernoulli": Distribution(
        log_density=lambda k, p: xlogy(k, p) + xlog1py(1.0 - k, -p),
        shapes=("p",),
        first=0.0,
        last=1.0,
        is_valid=lambda p: (p >= 0.0) & (p <= 1.0),
        is_discrete=True,
    ),
    "geom": Distribution(
        log_density=lambda k, p: xlog1py(k - 1.0, -p) + log(p),
        shapes=("p",),
        first=1.0,
        is_valid=lambda p: (p > 0.0) & (p <= 1.0),
        is_discrete=True,
    ),
    "nbinom": Distribution(
        log_density=lambda k, n, p: (
            loggamma(n + k) - loggamma(k + 1.0) - loggamma(n) + n * log(p) + xlog1py(k, -p)
        ),
        shapes=("n", "p"),
        first=0.0,
        is_valid=lambda n, p: (n > 0.0) & (p > 0.0) & (p <= 1.0),
        is_discrete=True,
    ),
}


def _enter(name: str, found: Distribution) -> None:
    density = "pmf" if found.is_discrete else "pdf"
    made: dict[str, Callable[..., Handle]] = {
        density: partial(_density, found, is_log=False),
        f"log{density}": partial(_density, found, is_log=True),
    }
    of_support = () if found.is_discrete else ("cdf", "logcdf", "sf", "logsf")
    made |= {m: partial(_of_support, found, m) for m in of_support if found.formula(m)}
    made |= {m: partial(_quantile, found, m) for m in ("ppf", "isf") if found.formula(m)}
    for method, lowering in made.items():
        LOWERINGS.named(f"{_PREFIX}{name}.{method}")(_documented(lowering, name, method))


def _documented(lowering: Callable[..., Handle], name: str, method: str) -> Callable[..., Handle]:
    """The lowering of a method, with a sentence for the catalogue."""

    def of_numbers(b: Builder, x: Floats, *args: Value, **named: Value) -> Handle:
        return lowering(b, x, *args, **named)

    of_numbers.__doc__ = f"`{method}` of the distribution `{name}`, with loc and scale."
    return of_numbers


for _name, _found in DISTRIBUTIONS.items():
    _enter(_name, _found)


# --- several dimensions --------------------------------------------------------------------------


def _log_density_of_vectors(
    b: Builder,
    x: Floats,
    mean: Value = None,
    cov: Value = 1,
    allow_singular: Value = False,  # noqa: FBT002  SciPy's own
) -> Handle:
    """The logarithm of the normal density of vectors, by the factor of Cholesky."""
    if allow_singular:
        refuse("multivariate_normal with allow_singular is not supported", "leave it out")
    matrix = as_float(as_line(b, cov))
    if matrix.ndim != 2 or not x.ndim:
        refuse("multivariate_normal takes vectors and a matrix here", "give cov as a matrix")
    length = matrix.shape[0]
    middle = 0.0 if mean is None else as_float(as_line(b, mean))
    apart, _ = meet(b, x - middle, Handle(b, b.full(0.0, (length,))))
    factor = decompositions.cholesky(matrix)
    numbers = b.make("length", (), (length,)) if not isinstance(length, int) else None
    count = float(length) if isinstance(length, int) else Handle(b, numbers)  # type: ignore[arg-type]
    columns = apart if apart.ndim == 1 else LOWERINGS["swapaxes"](b, apart, -1, -2)
    solved = linalg.solve(factor, columns)
    squares = total(solved * solved, max(solved.ndim - 2, 0))
    logs = 2.0 * total(log(LOWERINGS["diagonal"](b, factor)), 0)
    middle_part = count * (2.0 * _LOG_SQRT_2_PI) + logs
    both, rest = meet(b, squares, middle_part)
    return -0.5 * (both + rest)


def _density_of_vectors(
    b: Builder,
    x: Floats,
    mean: Value = None,
    cov: Value = 1,
    allow_singular: Value = False,  # noqa: FBT002  SciPy's own
) -> Handle:
    """The normal density of vectors."""
    return exp(_log_density_of_vectors(b, x, mean, cov, allow_singular))


LOWERINGS.named(f"{_PREFIX}multivariate_normal.logpdf")(_log_density_of_vectors)
LOWERINGS.named(f"{_PREFIX}multivariate_normal.pdf")(_density_of_vectors)
