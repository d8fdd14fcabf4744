"""SciPy's distributions, under the names `scipy.stats.NAME.METHOD`.

A row says what a distribution is in its standard form; location and scale, what holds outside of
its support, and parameters that are none are the same for all. The densities are those of SciPy's
own documentation, which cites N. L. Johnson, S. Kotz, N. Balakrishnan, Continuous Univariate
Distributions (1994).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from symdiff.errors import UnsupportedError
from symdiff.frontend.lowering.base import Floats, Value, as_float, as_line, meet, refuse, truth_of
from symdiff.frontend.lowering.densities import LOG_SQRT_2_PI, Formula
from symdiff.frontend.lowering.discrete_distributions import DISCRETE
from symdiff.frontend.lowering.distributions import CONTINUOUS, Distribution
from symdiff.frontend.lowering.moments import METHODS, MOMENTS
from symdiff.frontend.lowering.registry import LOWERINGS, of_numpy
from symdiff.frontend.lowering.special import xlogy
from symdiff.ops import control, decompositions, kinks, linalg
from symdiff.ops.builder import Builder
from symdiff.ops.exponential import exp, log, sqrt
from symdiff.ops.gamma_functions import loggamma
from symdiff.ops.handle import Handle
from symdiff.ops.reduction import total
from symdiff.ops.structural import reshaped

_PREFIX = "scipy.stats."


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
    if found.at_ends is not None and not is_log:
        is_end = control.equal(y, found.first)
        if found.last < math.inf:
            is_end = is_end | control.equal(y, found.last)
        value = control.where(is_end, found.at_ends(y, *given.shapes) / given.scale, value)
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
    if found.is_discrete:
        y = kinks.floor(given.y - given.loc)
    value = formula(y, *given.shapes)
    below, above = {"cdf": (0.0, 1.0), "sf": (1.0, 0.0)}[method.removeprefix("log")]
    if method.startswith("log"):
        below, above = (math.log(end) if end else -math.inf for end in (below, above))
    if found.first > -math.inf:
        is_below = y < found.first if found.is_discrete else y <= found.first
        value = control.where(is_below, below, value)
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
    own: tuple[Handle | float, ...] = (found.first, found.last)
    if found.ends is not None:
        own = found.ends(*given.shapes)
    # an infinite end times the scale has a derivative that is no number where none is there
    ends = [
        end if end in (-math.inf, math.inf) else end * given.scale + given.loc
        for end in (own if method == "ppf" else own[::-1])
    ]
    first, last = ends
    value = formula(q, *given.shapes) * given.scale + given.loc
    value = control.where(control.equal(q, 0.0), first, value)
    value = control.where(control.equal(q, 1.0), last, value)
    return _where_valid(given.is_valid & (q >= 0.0) & (q <= 1.0), value)


def _moment(
    found: Distribution,
    formula: Formula | float,
    method: str,
    b: Builder,
    *args: Value,
    **named: Value,
) -> Handle:
    """A mean, a variance and its root, or an entropy."""
    given = _given(found, b, Handle(b, b.constant(0.0)), args, named)
    if callable(formula):
        moment = formula(*given.shapes)
    else:
        moment = Handle(b, b.constant(formula, given.loc.at))
    if method == "mean":
        value = moment * given.scale + given.loc
    elif method == "entropy":
        value = moment + log(given.scale)
    elif method == "var":
        value = moment * (given.scale * given.scale)
    else:
        value = sqrt(moment) * given.scale
    return _where_valid(given.is_valid, value)


def _where_valid(is_valid: Handle, value: Handle) -> Handle:
    """NaN where the parameters are none."""
    if truth_of(is_valid):
        return value
    return control.where(is_valid, value, math.nan)


def _enter(name: str, found: Distribution) -> None:
    density = "pmf" if found.is_discrete else "pdf"
    made: dict[str, Callable[..., Handle]] = {
        density: partial(_density, found, is_log=False),
        f"log{density}": partial(_density, found, is_log=True),
    }
    of_support = [m for m in ("cdf", "logcdf", "sf", "logsf") if found.formula(m)]
    made |= {m: partial(_of_support, found, m) for m in of_support}
    made |= {m: partial(_quantile, found, m) for m in ("ppf", "isf") if found.formula(m)}
    known = MOMENTS.get(name, {})
    made |= {m: partial(_moment, found, formula, m) for m, formula in known.items()}
    if "var" in known:
        made["std"] = partial(_moment, found, known["var"], "std")
    for method, lowering in made.items():
        LOWERINGS.named(f"{_PREFIX}{name}.{method}")(_documented(lowering, name, method))


def _documented(lowering: Callable[..., Handle], name: str, method: str) -> Callable[..., Handle]:
    """The lowering of a method, with a sentence for the catalogue."""

    def of_numbers(b: Builder, x: Floats, *args: Value, **named: Value) -> Handle:
        return lowering(b, x, *args, **named)

    def of_parameters(b: Builder, *args: Value, **named: Value) -> Handle:
        return lowering(b, *args, **named)

    made = of_parameters if method in METHODS else of_numbers
    made.__doc__ = f"`{method}` of the distribution `{name}`, with loc and scale."
    return made


for _name, _found in {**CONTINUOUS, **DISCRETE}.items():
    _enter(_name, _found)


def known_of(method: str) -> str | None:
    """Which distributions have a method; `None` for none."""
    ends = [name.split(".") for name in LOWERINGS if name.endswith(f".{method}")]
    found = sorted({parts[2] for parts in ends if parts[:2] == ["scipy", "stats"]})
    return f"{method} is known of {', '.join(found)}" if found else None


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
    squares, logs, count = _squares(b, x, mean, cov, "multivariate_normal")
    both, rest = meet(b, squares, count * (2.0 * LOG_SQRT_2_PI) + logs)
    return -0.5 * (both + rest)


def _as_matrix(b: Builder, cov: Handle, mean: Handle) -> Handle:
    """A matrix of variances; of a number and of a vector a diagonal one, as in SciPy."""
    if cov.ndim == 2:
        return cov
    rows = mean.shape[0] if mean.ndim else 1
    if not isinstance(rows, int):
        refuse("a covariance that is no matrix is not supported there", "give cov as a matrix")
    row = reshaped(cov, (1, rows)) if cov.ndim else cov
    return of_numpy(b, "multiply", of_numpy(b, "eye", rows), row)


def _squares(
    b: Builder, x: Handle, mean: Value, cov: Value, name: str
) -> tuple[Handle, Handle, Any]:
    """Squared lengths under a matrix, the logarithm of its determinant, and its rows' number."""
    middle = as_float(as_line(b, 0.0 if mean is None else mean))
    matrix = _as_matrix(b, as_float(as_line(b, cov)), middle)
    length = matrix.shape[0]
    if not x.ndim:
        x = reshaped(x, (1,))
        squares, logs, count = _squares(b, x, mean, cov, name)
        return reshaped(squares, ()), logs, count
    if length == 1 and x.ndim == 1 and x.shape != (1,):  # places, as in SciPy
        x = reshaped(x, (*x.shape, 1))
    apart, _ = meet(b, x - middle, Handle(b, b.full(0.0, (length,))))
    factor = decompositions.cholesky(matrix)
    numbers = b.make("length", (), (length,)) if not isinstance(length, int) else None
    count = float(length) if isinstance(length, int) else Handle(b, numbers)  # type: ignore[arg-type]
    columns = apart if apart.ndim == 1 else LOWERINGS["swapaxes"](b, apart, -1, -2)
    solved = linalg.solve(factor, columns)
    squares = total(solved * solved, max(solved.ndim - 2, 0))
    return squares, 2.0 * total(log(LOWERINGS["diagonal"](b, factor)), 0), count


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


@LOWERINGS.named(f"{_PREFIX}multivariate_t.logpdf")
def _log_density_of_t(
    b: Builder, x: Floats, loc: Value = None, shape: Value = 1, df: Value = 1
) -> Handle:
    """The logarithm of the density of vectors of Student's t distribution."""
    squares, logs, count = _squares(b, x, loc, shape, "multivariate_t")
    freedom = as_float(as_line(b, df))
    power = 0.5 * (freedom + count)
    norm = loggamma(power) - loggamma(0.5 * freedom) - 0.5 * (count * log(math.pi * freedom) + logs)
    terms = meet(b, norm, power, of_numpy(b, "log1p", of_numpy(b, "divide", squares, freedom)))
    return terms[0] - terms[1] * terms[2]


@LOWERINGS.named(f"{_PREFIX}multivariate_t.pdf")
def _density_of_t(
    b: Builder, x: Floats, loc: Value = None, shape: Value = 1, df: Value = 1
) -> Handle:
    """The density of vectors of Student's t distribution."""
    return exp(_log_density_of_t(b, x, loc, shape, df))


@LOWERINGS.named(f"{_PREFIX}dirichlet.logpdf")
def _log_density_of_shares(b: Builder, x: Floats, alpha: Floats) -> Handle:
    """The logarithm of Dirichlet's density of shares, all of them or all but the last."""
    if x.ndim != 1 or alpha.ndim != 1:
        refuse("dirichlet takes one vector of shares here", "loop over them")
    if x.shape != alpha.shape:
        x = LOWERINGS["append"](b, x, 1.0 - total(x, 0))
    x, alpha = meet(b, x, alpha)
    norm = total(loggamma(alpha), 0) - loggamma(total(alpha, 0))
    return total(xlogy(alpha - 1.0, x), 0) - norm


@LOWERINGS.named(f"{_PREFIX}dirichlet.pdf")
def _density_of_shares(b: Builder, x: Floats, alpha: Floats) -> Handle:
    """Dirichlet's density of shares."""
    return exp(_log_density_of_shares(b, x, alpha))


@LOWERINGS.named(f"{_PREFIX}multinomial.logpmf")
def _log_probability_of_counts(b: Builder, x: Floats, n: Floats, p: Floats) -> Handle:
    """The logarithm of the probability of counts, whose sum must be n; else it is -inf."""
    if x.ndim != 1 or p.ndim != 1:
        refuse("multinomial takes one vector of counts here", "loop over them")
    x, p = meet(b, x, p)
    inside = loggamma(n + 1.0) + total(xlogy(x, p) - loggamma(x + 1.0), 0)
    return control.where(control.equal(total(x, 0), n), inside, -math.inf)


@LOWERINGS.named(f"{_PREFIX}multinomial.pmf")
def _probability_of_counts(b: Builder, x: Floats, n: Floats, p: Floats) -> Handle:
    """The probability of counts, whose sum must be n; else it is 0."""
    return exp(_log_probability_of_counts(b, x, n, p))
