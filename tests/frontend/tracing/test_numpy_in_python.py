"""Functions of NumPy's that are written in Python, or call the user's functions."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import symdiff as sd
from symdiff.frontend.lowering import LOWERINGS
from tests.frontend.tracing.checks import A, agree, refusal, value_of
from tests.frontend.tracing.names_in_python import OF_VECTORS

# where NumPy drops zeros at the end of coefficients
pytestmark = pytest.mark.filterwarnings("ignore:.*is traced along the way")

P = np.polynomial
X = np.array([0.3, 1.2, -0.7, 0.9])
T = np.array([0.0, 0.5, 1.25, 2.0])
KNOWN = P.Polynomial([1.0, 2.0, 3.0])
BASES = (
    ("poly", P.polynomial),
    ("cheb", P.chebyshev),
    ("leg", P.legendre),
    ("lag", P.laguerre),
    ("herm", P.hermite),
    ("herme", P.hermite_e),
)


def by_branch(t: Any) -> Any:
    return math.sin(t) if t > 0.0 else t * t


@np.vectorize
def decorated(t: Any, power: int = 3) -> Any:
    return t**power


def diagonal_of(shape: Any, **options: Any) -> Callable[..., Any]:
    def fill(x: Any) -> Any:
        a = np.zeros(shape)
        np.fill_diagonal(a, x[0], **options)
        return a

    return fill


def put(x: Any) -> Any:
    a = np.zeros((2, 3))
    np.put(a, [0, -1, 2], x[:2] ** 2)
    return a


ROWS: dict[str, tuple[Callable[..., Any], Any]] = {
    "polyfit": (lambda y: np.polyfit(T, y, 2), X),
    "polyfit by the places": (lambda x: np.polyfit(x, T, 2), X),
    "polyfit with weights": (lambda y: np.polyfit(T, y, 1, w=[1.0, 2.0, 0.5, 1.0]), X),
    "polyfit's covariance": (lambda y: np.polyfit(T, y, 1, cov=True)[1], X),
    "polyfit of columns": (lambda y: np.polyfit(T[:3], y, 1), A),
    "polyder": (lambda c: np.polyder(c, 2), X),
    "polyint": (lambda c: np.polyint(c, 2, k=[c[0], 2.0]), X),
    "polyadd": (lambda c: np.polyadd(c, c[:2] * c[1]), X),
    "poly": (np.poly, X),
    "apply_over_axes": (lambda a: np.apply_over_axes(np.sum, a * a, [0, 1]), A),
    "unwrap": (lambda x: np.unwrap(5.0 * x), X),
    "unwrap of a period": (lambda a: np.unwrap(5.0 * a, period=2.9, axis=0), A),
    "a polynomial": (lambda c: P.Polynomial(c)(T), X),
    "at computed places": (lambda x: KNOWN(x) * KNOWN.deriv()(x), X),
    "in a domain": (lambda c: P.Polynomial(c, domain=[0.0, 4.0])(c), X),
    "integrated": (lambda c: P.Polynomial(c).integ(lbnd=0.5)(T), X),
    "of a polynomial": (lambda c: P.Polynomial(c)(KNOWN).coef, X[:3]),
    "converted": (lambda c: P.Chebyshev(c).convert(kind=P.Polynomial).coef, X),
    "fitted": (lambda y: P.Polynomial.fit(T, y, 2).convert().coef, X),
    "a row, a number": (lambda a: np.apply_along_axis(np.linalg.norm, -1, a), A),
    "a row, a matrix": (lambda a: np.apply_along_axis(lambda r: np.outer(r, r[:2]), 0, a), A),
    "elements": (lambda x: np.vectorize(by_branch)(x), X),
    "elements of two": (lambda x: np.vectorize(lambda a, b: a * b + a)(x[:, None], x[:2]), X),
    "elements and others": (
        lambda x: np.vectorize(lambda a, c: a * c[1], excluded=["c"])(x, c=[1.0, 2.0]),
        X,
    ),
    "elements and no number": (
        lambda x: np.vectorize(lambda a, c, d: a * (2.0 if c is None else c) * len(d))(
            x, None, "ab"
        ),
        X,
    ),
    "a pair of results": (lambda x: np.vectorize(lambda a: (a * a, a + 1))(x)[0], X),
    "a signature": (
        lambda a: np.vectorize(lambda r: r[0] * np.sum(r), signature="(n)->()")(a),
        A,
    ),
    "a function of math": (lambda x: np.vectorize(math.sin)(x), X),
    "decorated": (lambda x: decorated(x) + decorated(x, 2), X),
    "a given type": (lambda x: np.vectorize(lambda t: max(0, t), otypes=[float])(x), X),
    "ndenumerate": (lambda a: sum(v * v * i * j for (i, j), v in np.ndenumerate(a)), A),
    "a wrapped diagonal": (diagonal_of((7, 3), wrap=True), X),
    "a diagonal of a long matrix": (diagonal_of((7, 3)), X),
    "a diagonal of three axes": (diagonal_of((2, 2, 2)), X),
    "put": (put, X),
}


@pytest.mark.parametrize(("function", "point"), ROWS.values(), ids=ROWS)
def test_values_and_gradients(function: Callable[..., Any], point: Any) -> None:
    agree(function, point)


@pytest.mark.parametrize("name", OF_VECTORS)
def test_names_that_the_page_lists(name: str) -> None:
    assert name not in LOWERINGS
    agree(OF_VECTORS[name], X)


GAPS = np.array([[0.3, np.nan, -1.2, 2.5], [np.nan, 1.5, 0.25, 0.75], [2.0, -0.4, 1.25, np.nan]])
PLACES = np.array([0.1, 0.2, 0.5, 0.7, 0.9, 0.9, 1.7])
WEIGHTS = np.array([0.3, 1.2, -0.7, 0.9, 2.1, 0.6, -1.4])
HOLES = np.where(np.isnan(GAPS), np.nan, 1.0)

BINS: dict[str, Callable[..., Any]] = {
    "bincount": lambda w: np.bincount([0, 1, 1, 4, 0, 2, 4], weights=w * w, minlength=6),
    "a number of bins": lambda w: np.histogram(PLACES, bins=4, weights=w)[0],
    "in a range": lambda w: np.histogram(PLACES, bins=3, range=(0.15, 0.9), weights=w)[0],
    "edges": lambda w: np.histogram(PLACES, bins=[0.0, 0.2, 0.9], weights=w, density=True)[0],
    "two axes": lambda w: np.histogram2d(PLACES, WEIGHTS, bins=[3, 2], weights=w)[0],
    "two axes, edges": lambda w: np.histogram2d(
        PLACES, WEIGHTS, bins=[[0.0, 0.5, 0.9], [-1.0, 0.0, 1.0, 3.0]], weights=w, density=True
    )[0],
    "descending": lambda w: w * np.digitize(w, [1.0, 0.65, 0.0]),
    "descending, right": lambda w: w * np.digitize(w, [1.0, 0.65, 0.0], right=True),
    "logspace": lambda w: np.logspace(w[0], w[1], 5, base=2.0 + w[4]),
    "tensorinv": lambda w: np.linalg.tensorinv(np.diag(w[:4] ** 2).reshape(2, 2, 4), ind=2),
}


@pytest.mark.parametrize("function", BINS.values(), ids=BINS)
def test_bins_and_others(function: Callable[..., Any]) -> None:
    agree(function, WEIGHTS)


@pytest.mark.parametrize("axis", [None, 0, 1, (1, 0)])
def test_order_without_nan(axis: Any) -> None:
    point = np.where(np.isnan(GAPS), 0.5, GAPS)
    agree(lambda a: np.nanmedian(a * HOLES, axis=axis), point)
    agree(lambda a: np.nanquantile(a * HOLES, [0.0, 0.3, 0.5, 0.9, 1.0], axis=axis), point)
    agree(lambda a: np.nanpercentile(a * HOLES, 35, axis=axis, keepdims=True), point)


@pytest.mark.filterwarnings("ignore:All-NaN slice")
def test_rows_of_nan_alone_have_no_quantile() -> None:
    rows = np.array([[np.nan, np.nan], [1.0, np.nan], [-3.0, 2.0]])
    agree_in_value(lambda a: np.nanmedian(a, axis=1), rows)
    agree_in_value(lambda a: np.nanquantile(a, 0.4, axis=1), rows)


def agree_in_value(function: Callable[..., Any], point: Any) -> None:
    np.testing.assert_array_equal(value_of(function, point), function(point))


def test_what_is_counted_is_known() -> None:
    assert "np.add.at" in str(refusal(lambda x: np.sum(np.bincount(x > 0.0) * x[0]), X))
    assert "np.add.at" in str(refusal(lambda x: np.bincount(x > 0.0, x), X))
    assert "no derivative" in refusal(lambda x: np.histogram(x, weights=x)[0], X).message
    assert "edges" in refusal(lambda x: np.histogram(T, bins=x, weights=x)[0], X).message
    assert "several bases" in refusal(lambda x: np.logspace(0.0, x, 3, base=x), X).message


UFUNCS = "subtract divide maximum fmin logaddexp logaddexp2 hypot arctan2 power".split()


@pytest.mark.parametrize("name", UFUNCS)
def test_methods_of_universal_functions(name: str) -> None:
    ufunc = getattr(np, name)

    def at(a: Any) -> Any:
        written = a * 1.0
        ufunc.at(written, ([0, 1, 0, 2, 0], [1, 1, 1, 0, 1]), a[:, 0].sum() * T[0] + a.ravel()[:5])
        return written

    point = np.abs(A)
    agree(at, point)
    agree(lambda a: ufunc.accumulate(a, axis=1), point)
    in_turn = functools.reduce(ufunc, point.T)  # as NumPy says that it reduces
    assert_value(lambda a: ufunc.reduce(a, axis=1), point, in_turn)
    assert_value(lambda a: ufunc.reduce(a[0], keepdims=True), point, in_turn[:1])
    if np.allclose(ufunc.reduce(point, axis=1), in_turn):  # NumPy 2.4 does not on some processors
        agree(lambda a: ufunc.reduce(a, axis=1), point)
        agree(lambda a: ufunc.reduce(a[0], keepdims=True), point)
        agree(lambda a: ufunc.reduceat(a, [0, 2, 1], axis=1), point)


def assert_value(function: Callable[..., Any], point: Any, wanted: Any) -> None:
    np.testing.assert_allclose(value_of(function, point), wanted, rtol=1e-13)


def test_sums_of_ranges_and_functions_of_one() -> None:
    def negated(x: Any) -> Any:
        y = x * 1.0
        np.negative.at(y, [0, 2, 0])
        return y

    agree(lambda x: np.add.reduceat(x * x, [0, 3, 1, 2]), X)
    agree(negated, X)
    assert "computed places" in refusal(lambda x: np.maximum.at(x * 1.0, x > 0.0, 1.0), X).message
    assert "one axis" in refusal(lambda a: np.hypot.reduce(a, axis=None), A).message


@pytest.mark.parametrize(("prefix", "module"), BASES, ids=lambda value: str(value)[:12])
def test_a_basis_of_polynomials(prefix: str, module: Any) -> None:
    of = {name: getattr(module, prefix + name) for name in "val val2d der int mulx fit".split()}
    agree(lambda c: of["val"](T, c), X)
    agree(lambda x: of["val"](x, [1.0, 2.0, 3.0]), X)
    agree(lambda a: of["val2d"](a[0], a[1], a), A)
    agree(lambda c: of["der"](c, scl=0.5), X)
    agree(lambda c: of["int"](c, 2, k=[1.0, c[0]], lbnd=0.3), X)
    agree(lambda c: of["mulx"](c), X)
    agree(lambda y: of["fit"](T, y, 2), X)


def test_zeros_at_the_end_are_dropped_where_numpy_drops_them() -> None:
    def loss(c: Any) -> Any:
        product = P.polynomial.polymul(c, c[:2])
        return np.sum(product**2) * len(product)

    gradient = sd.grad(loss)
    for last in (0.9, 0.0, -0.4):
        point = np.array([0.3, 1.2, last])
        step = 1e-6 * np.eye(3)[:2]
        slopes = [(loss(point + h) - loss(point - h)) / 2e-6 for h in step]
        np.testing.assert_allclose(gradient(point)[:2], slopes, rtol=1e-6)


def test_the_first_result_says_the_type_of_all() -> None:
    def loss(x: Any) -> Any:
        return np.sum(np.vectorize(lambda t: 0 if t < 0.0 else 2 * t)(x))

    gradient = sd.value_and_grad(loss)
    for point in (X, -X):
        value, slopes = gradient(point)
        assert value == loss(point)
        assert slopes.tolist() == ([2.0, 2.0, 0.0, 2.0] if point is X else [0.0] * 4)


def test_what_has_no_derivative_says_what_to_write() -> None:
    assert "np.polyval" in str(refusal(lambda c: np.poly1d(c)(2.0), X))
    assert "computed places" in refusal(lambda x: np.put(np.zeros(4), x > 0, 1.0), X).message
