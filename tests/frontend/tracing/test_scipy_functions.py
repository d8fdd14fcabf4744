"""Functions of SciPy's that are written in Python: traced as those of other libraries are."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import symdiff as sd
from symdiff.transform import transform
from tests.frontend.tracing.checks import agree, refusal, value_of

integrate = pytest.importorskip("scipy.integrate", reason="SciPy is not installed")
optimize = pytest.importorskip("scipy.optimize")
signal = pytest.importorskip("scipy.signal")
spatial = pytest.importorskip("scipy.spatial.distance")
stats = pytest.importorskip("scipy.stats")

X = np.array([0.6, 1.35, 2.1, 0.85])
Y = np.array([1.7, 0.4, 2.6, 1.1])
T = np.linspace(0.1, 0.9, 5)

ROWS: list[tuple[Callable[..., Any], tuple[Any, ...]]] = [
    (lambda x: stats.circmean(x), (X,)),
    (lambda x: stats.entropy(x), (X,)),
    (lambda x: stats.kstat(x, 3), (X,)),
    (lambda x: stats.moment(x, 3), (X,)),
    (lambda x: stats.sem(x), (X,)),
    (lambda x: stats.iqr(x), (X,)),
    (lambda x, y: stats.energy_distance(x, y), (X, Y)),
    (lambda x, y: stats.wasserstein_distance(x, y), (X, Y)),
    (lambda x: signal.chirp(T, x, 1.0, 3.0), (0.7,)),
    (lambda x: signal.oaconvolve(x, Y), (X,)),
    (lambda x: signal.periodogram(x)[1], (X,)),
    (lambda x: signal.welch(x, nperseg=4)[1], (X,)),
    (lambda x: signal.vectorstrength(x, 1.7)[0], (X,)),
    (lambda x: integrate.fixed_quad(lambda t: np.sin(x * t), 0.0, 1.0)[0], (0.7,)),
]


@pytest.mark.parametrize(("function", "args"), ROWS)
def test_values_and_gradients(function: Callable[..., Any], args: tuple[Any, ...]) -> None:
    agree(function, *args)


def test_a_function_itself_is_differentiated() -> None:
    found = sd.grad(stats.circmean)(X)
    slope = [(stats.circmean(X + h) - stats.circmean(X - h)) / 2e-6 for h in 1e-6 * np.eye(4)]
    np.testing.assert_allclose(found, slope, rtol=1e-6)


def test_what_is_known_is_computed_by_scipy() -> None:
    def loss(x: Any) -> Any:
        weights = signal.firwin(3, 0.4)
        weights[0] = x[0]
        return np.sum(weights * x[:3] ** 2) + stats.iqr(np.linspace(0.0, 1.0, 7)) * x[3]

    agree(loss, X)


def test_a_refusal_names_the_function_and_the_users_line() -> None:
    error = refusal(lambda x: np.sum(signal.upfirdn([1.0, 2.0], x)), X)
    assert error.message.startswith("scipy.signal.upfirdn is not supported")
    assert error.span is not None
    assert error.span.file == __file__


def _parabola(x: Any, p: Any) -> Any:
    return (x - p) ** 2 + 0.1 * x**4


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("golden", lambda p: optimize.golden(_parabola, (p,))),
        ("brent", lambda p: optimize.brent(_parabola, (p,))),
        ("fminbound", lambda p: optimize.fminbound(_parabola, 0.0, 5.0, (p,))),
    ],
)
def test_searches_have_the_derivative_of_what_they_find(name: str, place: Any) -> None:
    assert name in optimize.__all__
    found, slope = sd.value_and_grad(place)(1.7)
    assert found == pytest.approx(place(1.7), rel=1e-6)
    assert 2.0 * (found - 1.7) + 0.4 * found**3 == pytest.approx(0.0, abs=1e-14)
    assert slope == pytest.approx(2.0 / (2.0 + 1.2 * found**2), rel=1e-13)  # golden sections': 0


@pytest.mark.parametrize("name", ["fmin_powell", "brute"])
def test_searches_that_are_not_looked_into(name: str) -> None:
    search = getattr(optimize, name)
    with pytest.raises(sd.UnsupportedError) as caught:
        sd.grad(lambda p: search(lambda x: _parabola(x[0], p), [(0.0, 5.0)])[0])(1.7)
    assert caught.value.message == f"scipy.optimize.{name} is not supported"


def test_newtons_method_has_the_derivative_of_its_root() -> None:
    def root(p: Any) -> Any:
        return optimize.newton(lambda x: x**3 - p, 1.0)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it is traced along the way that the call takes
        assert sd.grad(root)(2.0) == pytest.approx(2.0 ** (-2 / 3) / 3, rel=1e-9)


def test_a_vector_of_one_distance() -> None:
    agree(lambda x: spatial.squareform(x), 0.6)


def test_a_condition_that_cannot_hold_decides_nothing() -> None:
    def loss(x: Any, policy: str = "propagate") -> Any:
        if np.isnan(np.max(x)) and policy == "omit":
            x = x[~np.isnan(x)]
        if x[0] > 0.0 or policy == "propagate":
            x = x * 2.0
        return np.sum(x**2)

    agree(loss, X)  # where it decides, the lengths differ and this is refused


def test_a_tuple_that_is_made_of_more_than_its_members() -> None:
    fit = stats.linregress(X, Y)

    def loss(x: Any) -> Any:
        new = stats.linregress(X, x)
        found = fit if x[0] > 10.0 else new
        return found.slope * x[0] + found.intercept_stderr

    agree(loss, Y)


def test_a_warning_is_left_out_where_values_decide() -> None:
    def loss(x: Any) -> Any:
        if x[0] > 0.5:
            warnings.warn("it is large", stacklevel=1)
            x = 3.0 * x
        return np.sum(x)

    np.testing.assert_array_equal(sd.grad(loss)(X), [3.0] * 4)
    np.testing.assert_array_equal(sd.grad(loss)(X - 0.5), [1.0] * 4)


NAMES = {
    "anglit": ((), "pdf sf"),
    "bradford": ((0.3,), "logpdf cdf logsf"),
    "burr": ((10.5, 4.3), "pdf logcdf"),
}


@pytest.mark.parametrize("name", NAMES)
def test_distributions_in_standard_form(name: str) -> None:
    """Inside of the support, at its ends, outside, and where there is none; of frozen ones too."""
    distribution = getattr(stats, name)
    shapes, methods = NAMES[name]
    inside = distribution.ppf([0.2, 0.7], *shapes, 0.1, 1.3)
    ends = [end for end in distribution.support(*shapes, 0.1, 1.3) if np.isfinite(end)]
    places = np.array([*ends, -50.0, 50.0, np.nan])
    for method in methods.split():
        function = getattr(distribution, method)

        def at(x: Any, loc: Any, scale: Any, function: Any = function) -> Any:
            return function(x, *shapes, loc, scale)

        def frozen(x: Any, loc: Any, scale: Any, method: str = method) -> Any:
            return getattr(distribution(*shapes, loc=loc, scale=scale), method)(x)

        agree(at, inside, 0.1, 1.3)
        value = transform("value", frozen, None)
        for scale in (1.3, -1.0):
            with np.errstate(all="ignore"):
                wanted = at(places, 0.1, scale)
            np.testing.assert_allclose(value(places, 0.1, scale), wanted, rtol=1e-13)


def test_quantiles_in_standard_form() -> None:
    for method in (stats.bradford.ppf, stats.bradford.isf):

        def quantile(q: Any, c: Any, scale: Any, method: Any = method) -> Any:
            return method(q, c, 0.1, scale)

        agree(quantile, np.array([0.2, 0.7]), 0.3, 1.3)
        ends = np.array([0.0, 1.0, -0.1, 1.1])
        found = value_of(quantile, ends, 0.3, 1.3)
        np.testing.assert_allclose(found, quantile(ends, 0.3, 1.3), rtol=1e-14)


def test_a_class_that_reads_files_is_still_one() -> None:
    agree(lambda x: np.sum(x) * (2.0 if isinstance(x, np.memmap) else 3.0), X)
    assert "memmap" in refusal(lambda x: np.sum(x) * np.memmap("no file")[0], X).message
