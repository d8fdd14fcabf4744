"""Smooth functions behind kinks, at the kink: derivatives of every order, or none.

The oracles are SymPy's series, formulas for the kernels written down by hand, and differences.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import pytest
import sympy

import symdiff as sd

nan = math.nan
norm = np.linalg.norm
x = sympy.Symbol("x")
LINE = "r = hypot(x, 2*x); "  # a length along a line: sqrt(5)*|x|
S = sympy.sqrt(5) * x

# --- one variable, all orders --------------------------------------------------------------------

SERIES = {
    "abs(x)**2": x**2,
    "sqrt(x**2)**2": x**2,
    "abs(-2*x)*abs(x)": 2 * x**2,
    "cos(abs(x))": sympy.cos(x),
    "exp(-abs(x)**2)": sympy.exp(-(x**2)),
    "maximum(x, -x)**2": x**2,
    "min(x, -x)**2": x**2,
    "log(1 + abs(x)**2)": sympy.log(1 + x**2),
    "log(cosh(abs(x)))": sympy.log(sympy.cosh(x)),
    "abs(x)*tanh(abs(x))": x * sympy.tanh(x),
    "abs(sin(x))**2": sympy.sin(x) ** 2,
    "max(x, 0) + log1p(exp(-abs(x)))": sympy.log(1 + sympy.exp(x)),
    "where(x < 3, abs(x)**2, x)": x**2,
    LINE + "r**2*exp(-r**2)": S**2 * sympy.exp(-(S**2)),
    LINE + "cos(r)": sympy.cos(S),
    LINE + "r*sin(r)": S * sympy.sin(S),
    LINE + "log(cosh(r))": sympy.log(sympy.cosh(S)),
    LINE + "sqrt(1 + r**2)": sympy.sqrt(1 + S**2),
    LINE + "r*r*r*r": S**4,
    "r = sqrt(x**2 + (3*x)**2); cosh(r)": sympy.cosh(sympy.sqrt(10) * x),
}


@pytest.mark.parametrize("text", SERIES)
def test_derivatives_of_every_order(text: str) -> None:
    series = sympy.series(SERIES[text], x, 0, 6).removeO()
    function = sd.function(text)
    for order in range(1, 6):
        function = function.grad()
        wanted = float(series.coeff(x, order) * sympy.factorial(order))
        assert function(0.0) == pytest.approx(wanted, rel=1e-10, abs=1e-10), order


# the Matern kernels in units of their length: derivatives at 0 from their series
KERNELS = {
    "exp(-r)": [0.0, nan, nan, nan],
    "(1 + r)*exp(-r)": [0.0, -1.0, nan, nan],
    "(1 + r + r**2/3)*exp(-r)": [0.0, -1 / 3, 0.0],
    "(1 + r + 2*r**2/5 + r**3/15)*exp(-r)": [0.0, -1 / 5, 0.0, 1 / 5],
    "r": [0.0, nan, nan],
    "r**3": [0.0, 0.0, nan],
    "r**1.5": [0.0, nan],
    "tanh(r)": [0.0, nan],
    "max(1 - r, 0)**4*(4*r + 1)": [0.0, -20.0],
    "where(r < 1, (1 - r)**4*(4*r + 1), 0)": [0.0, -20.0],
}


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("length", ["hypot(x, 0*x)", "sqrt(x**2 + (0*x)**2)", "abs(x)"])
def test_order_from_which_there_is_none(kernel: str, length: str) -> None:
    if length == "abs(x)" and kernel in ("r", "r**3"):
        pytest.skip(
            "a magnitude alone has the derivatives of `sign`, and |x|**3 those of both sides"
        )
    function = sd.function(f"r = {length}; {kernel}")
    for wanted in KERNELS[kernel]:
        function = function.grad()
        assert function(0.0) == pytest.approx(wanted, rel=1e-12, abs=1e-12, nan_ok=True)


def test_magnitude_alone_has_the_derivative_of_its_sign() -> None:
    assert sd.function("abs(x)").grad().grad()(0.0) == 0.0
    assert sd.function("3*abs(x) + x**2").grad().grad()(0.0) == 2.0
    assert math.isnan(sd.function("exp(-abs(x))").grad().grad()(0.0))
    assert math.isnan(sd.function("x/(1 + abs(x))").grad().grad()(0.0))


# --- several variables, in each mode -------------------------------------------------------------

UNIT = np.eye(2)
W = np.array([[2.0, 0.5], [0.5, 1.0]])


def matern(r: Any) -> Any:
    """The Matern kernel of order 5/2: 1 - 5/6*r**2 + 25/24*r**4 - ..."""
    return (1.0 + math.sqrt(5.0) * r + 5.0 / 3.0 * r**2) * np.exp(-math.sqrt(5.0) * r)


HESSIANS: dict[str, tuple[Callable[[Any], Any], Any]] = {
    "norm": (norm, nan * UNIT),
    "hypot": (lambda x: np.hypot(x[0], x[1]), nan * UNIT),
    "root of a form": (lambda x: np.sqrt(x @ W @ x), nan * UNIT),
    "square": (lambda x: norm(x) ** 2, 2 * UNIT),
    "product": (lambda x: norm(x) * norm(x), 2 * UNIT),
    "hypot squared": (lambda x: np.hypot(x[0], x[1]) ** 2, 2 * UNIT),
    "nested": (lambda x: np.hypot(np.hypot(x[0], x[1]), 0.0 * x[0]) ** 2, 2 * UNIT),
    "gaussian": (lambda x: np.exp(-(norm(x) ** 2)), -2 * UNIT),
    "logarithm": (lambda x: np.log(1 + norm(x) ** 2), 2 * UNIT),
    "rational quadratic": (lambda x: (1 + norm(x) ** 2 / 2) ** -1.5, -1.5 * UNIT),
    "pseudo-Huber": (lambda x: np.sqrt(1 + (norm(x) / 0.5) ** 2) - 1, 4 * UNIT),
    "cube": (lambda x: norm(x) ** 3, 0 * UNIT),
    "cosine": (lambda x: np.cos(norm(x)), -UNIT),
    "r*sin(r)": (lambda x: norm(x) * np.sin(norm(x)), 2 * UNIT),
    "log(cosh(r))": (lambda x: np.log(np.cosh(norm(x))), UNIT),
    "std squared": (lambda x: np.std(x) ** 2, np.array([[0.5, -0.5], [-0.5, 0.5]])),
    "Matern": (lambda x: matern(norm(x)), -5 / 3 * UNIT),
    "Matern of a root": (lambda x: matern(np.sqrt(np.sum(x**2))), -5 / 3 * UNIT),
    "Matern of a product": (lambda x: matern((x @ x) ** 0.5), -5 / 3 * UNIT),
    "Matern of hypot": (lambda x: matern(np.hypot(x[0], x[1])), -5 / 3 * UNIT),
    "Matern of a form": (lambda x: matern(np.sqrt(x @ W @ x)), -5 / 3 * W),
    "Matern with scales": (
        lambda x: matern(norm(x / np.array([2.0, 0.5]))),
        -5 / 3 * UNIT * [0.25, 4],
    ),
    "times smooth": (lambda x: np.exp(x[0]) * matern(norm(x)), -5 / 3 * UNIT + [[1, 0], [0, 0]]),
    "product of kernels": (lambda x: matern(np.abs(x[0])) * matern(np.abs(x[1])), -5 / 3 * UNIT),
    "order 3/2": (lambda x: (1 + norm(x)) * np.exp(-norm(x)), -UNIT),
    "order 1/2": (lambda x: np.exp(-norm(x)), nan * UNIT),
    "compact support": (lambda x: np.maximum(1 - norm(x), 0) ** 4 * (4 * norm(x) + 1), -20 * UNIT),
    "squares of magnitudes": (lambda x: np.sum(np.abs(x) ** 2), 2 * UNIT),
    "penalty": (lambda x: np.sum((x - 1) ** 2) + 0.1 * np.sum(np.abs(x)), 2 * UNIT),
    "softplus": (lambda x: np.sum(np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))), 0.25 * UNIT),
    "Huber": (lambda x: np.sum(np.where(np.abs(x) < 1, x**2 / 2, np.abs(x) - 0.5)), UNIT),
    "largest magnitude": (lambda x: np.max(np.abs(x + np.array([0.0, 5.0]))), 0 * UNIT),
    "repeated": (lambda x: np.sum((np.ones(3) * norm(x)) ** 2), 6 * UNIT),
    "with an axis kept": (lambda x: np.sum(norm(x[None], axis=1, keepdims=True) ** 2), 2 * UNIT),
}


@pytest.mark.spread(2)
@pytest.mark.parametrize("name", HESSIANS)
def test_second_derivative_in_each_mode(name: str) -> None:
    function, wanted = HESSIANS[name]
    origin = np.zeros(2)
    slope = sd.grad(function)
    found = {
        "forward over reverse": sd.hessian(function)(origin),
        "products": np.stack([sd.hvp(function)(origin, e) for e in UNIT]),
        "a Jacobian": sd.jacobian(slope)(origin),
        "reverse over reverse": np.stack(
            [sd.grad(lambda x, e=e: slope(x) @ e)(origin) for e in UNIT]
        ),
    }
    for mode, got in found.items():
        np.testing.assert_allclose(got, wanted, rtol=1e-12, atol=1e-14, err_msg=mode)


@pytest.mark.parametrize("name", HESSIANS)
def test_away_from_the_kink_it_is_that_of_differences(name: str) -> None:
    function, _ = HESSIANS[name]
    at, h = np.array([0.3, -0.4]), 1e-5
    slope = sd.grad(function)
    first = [(function(at + h * e) - function(at - h * e)) / (2 * h) for e in UNIT]
    second = [(slope(at + h * e) - slope(at - h * e)) / (2 * h) for e in UNIT]
    np.testing.assert_allclose(slope(at), first, rtol=1e-7, atol=1e-8)
    np.testing.assert_allclose(sd.hessian(function)(at), second, rtol=1e-6, atol=1e-7)


# --- kernels of many points, of which some are equal ---------------------------------------------

POINTS = np.random.default_rng(0).normal(size=(4, 2))
POINTS[3] = POINTS[1]
WEIGHTS = np.random.default_rng(1).normal(size=(4, 4))
DISTANCES: dict[str, Callable[[Any], Any]] = {
    "root": lambda p: np.sqrt(np.sum((p[:, None] - p[None]) ** 2, axis=-1)),
    "norm": lambda p: np.linalg.norm(p[:, None] - p[None], axis=-1),
}
# by name a function of the distance, and its first two derivatives by half of the square
RADIAL: dict[str, tuple[Callable[..., Any], Callable[..., Any], Callable[..., Any]]] = {
    "gaussian": (
        lambda r: np.exp(-(r**2) / 2),
        lambda r: -math.exp(-r * r / 2),
        lambda r: math.exp(-r * r / 2),
    ),
    "Matern": (
        matern,
        lambda r: -5 / 3 * (1 + math.sqrt(5) * r) * math.exp(-math.sqrt(5) * r),
        lambda r: 25 / 3 * math.exp(-math.sqrt(5) * r),
    ),
    "rational": (
        lambda r: 1 / (1 + r**2),
        lambda r: -2 / (1 + r * r) ** 2,
        lambda r: 8 / (1 + r * r) ** 3,
    ),
    # of the distance of a point from itself, which is 0 wherever the points are
    "distance": (lambda r: r, lambda r: 1 / r if r else 0.0, lambda r: -1 / r**3 if r else 0.0),
}


def by_hand(points: np.ndarray, name: str) -> tuple[np.ndarray, np.ndarray]:
    """The gradient and the Hessian of the weighted sum over all pairs."""
    _, first, second = RADIAL[name]
    n, d = points.shape
    slope, curvature = np.zeros((n, d)), np.zeros((n, d, n, d))
    for i, j in np.ndindex(n, n):
        step = points[i] - points[j]
        r = float(np.linalg.norm(step))
        one = WEIGHTS[i, j] * first(r) * step
        two = WEIGHTS[i, j] * (first(r) * np.eye(d) + second(r) * np.outer(step, step))
        for a, sign_a in ((i, 1), (j, -1)):
            slope[a] += sign_a * one
            for c, sign_c in ((i, 1), (j, -1)):
                curvature[a, :, c] += sign_a * sign_c * two
    return slope, curvature


@pytest.mark.parametrize("name", RADIAL)
@pytest.mark.parametrize("distance", DISTANCES)
def test_sum_over_pairs(name: str, distance: str) -> None:
    points = POINTS[:3] if name == "distance" else POINTS
    weights = WEIGHTS[: len(points), : len(points)]

    def f(p: Any) -> Any:
        return np.sum(weights * RADIAL[name][0](DISTANCES[distance](p)))

    slope, curvature = by_hand(points, name)
    np.testing.assert_allclose(sd.grad(f)(points), slope, rtol=0, atol=1e-13)
    np.testing.assert_allclose(sd.hessian(f)(points), curvature, rtol=0, atol=1e-12)


# --- roots of forms ------------------------------------------------------------------------------

W3 = np.array([1.0, 2.0, 3.0])
FORMS: dict[str, tuple[Callable[[Any], Any], Any]] = {
    "weights": (lambda x: np.sqrt(np.sum(W3 * x**2)), np.zeros(3)),
    "weights last": (lambda x: np.sqrt(np.sum(x * x * W3)), np.zeros(3)),
    "matrix": (lambda x: np.sqrt(x @ W @ x), np.zeros(2)),
    "matrix first": (lambda x: np.sqrt(x @ (W @ x)), np.zeros(2)),
    "sum of a product": (lambda x: np.sqrt(np.sum(x * (W @ x))), np.zeros(2)),
    "columns": (lambda x: np.sqrt((x[None, :] @ W @ x[:, None])[0, 0]), np.zeros(2)),
    "dot": (lambda x: np.sqrt(np.dot(x, x)), np.zeros(2)),
    "power": (lambda x: np.power(x @ x, 0.5), np.zeros(2)),
    "einsum": (lambda x: np.sqrt(np.einsum("i,ij,j->", x, W, x)), np.zeros(2)),
    "einsum of weights": (lambda x: np.sqrt(np.einsum("i,i,i->", W3, x, x)), np.zeros(3)),
    "two vectors": (lambda x: np.sqrt(x[:2] @ x[:2] + x[2:] @ x[2:]), np.zeros(4)),
    "vector and number": (lambda x: np.sqrt(x[:2] @ x[:2] + 3 * x[2] ** 2), np.zeros(3)),
    "trace": (lambda x: np.sqrt(np.trace(x.T @ x)), np.zeros((3, 2))),
    "diagonal": (lambda x: np.sum(np.sqrt(np.diag(x @ x.T))), np.zeros((3, 2))),
    "stack of forms": (
        lambda x: np.sum(np.sqrt(np.einsum("ni,ij,nj->n", x, W, x))),
        np.zeros((3, 2)),
    ),
    "stack by a sum": (lambda x: np.sum(np.sqrt(np.sum((x @ W) * x, axis=1))), np.zeros((3, 2))),
    "mean": (lambda x: np.sqrt(np.mean(x**2)), np.zeros(3)),
    "standard deviation": (np.std, np.ones(3)),
    "solution": (lambda x: np.sqrt((x - 1) @ np.linalg.solve(W, x - 1)), np.ones(2)),
    "mask": (lambda x: np.sqrt(np.sum(np.where(W3 > 1, x, 0.0) ** 2)), np.zeros(3)),
    "loop": (lambda x: np.sqrt(sum((W3[i] * x[i] ** 2 for i in range(3)), 0.0)), np.zeros(3)),
    "differences": (lambda x: np.sqrt(np.sum(np.diff(x) ** 2)), np.ones(3)),
    "cross terms": (
        lambda s: np.sqrt(s[0] ** 2 - s[0] * s[1] + s[1] ** 2 + 3 * s[2] ** 2),
        np.zeros(3),
    ),
    "deviator": (
        lambda s: np.sqrt(1.5 * np.sum((s - np.trace(s) / 3 * np.eye(3)) ** 2)),
        5.0 * np.eye(3),
    ),
}


@pytest.mark.parametrize("name", FORMS)
def test_root_of_a_form_has_the_gradient_zero_where_the_form_is_zero(name: str) -> None:
    f, origin = FORMS[name]
    assert not np.any(sd.grad(f)(origin))
    assert sd.jvp(f)(origin, np.cos(np.arange(origin.size)).reshape(origin.shape))[1] == 0.0
    at, h = np.random.default_rng(1).normal(size=origin.shape), 1e-6
    for place in np.ndindex(origin.shape):
        step = np.zeros(origin.shape)
        step[place] = h
        wanted = (f(at + step) - f(at - step)) / (2 * h)
        assert sd.grad(f)(at)[place] == pytest.approx(wanted, rel=1e-7, abs=1e-8)


def test_what_is_no_form_keeps_its_slope() -> None:
    assert sd.function("sqrt(x)").grad()(0.0) == math.inf
    assert sd.function("sqrt(x**2*y)").grad()(1.0, 0.0)[1] == math.inf
    assert sd.function("sqrt(x + y**2)").grad()(0.0, 0.0)[0] == math.inf
    assert sd.function("sqrt(x**4)").grad().grad()(0.0) == 2.0


@pytest.mark.parametrize("x", [-800.0, -40.0, -1.0, -1e-9, 0.0, 1e-9, 3.0, 800.0])
def test_stable_form_with_a_kink_keeps_its_digits(x: float) -> None:
    slope = sd.function("max(x, 0) + log1p(exp(-abs(x)))").grad()(x)
    assert slope == pytest.approx(float(1 / (1 + mpmath.exp(-x))), rel=4e-16)


# what a few values of y do not show: at another y there is a kink
BESIDE = {"where(y > 5, exp(-abs(x)), 1)": 6.0, "abs(x)**y": 0.5}


@pytest.mark.parametrize("text", BESIDE)
def test_smooth_at_some_places_alone(text: str) -> None:
    second = sd.function(text).grad("x").grad("x")
    at = {name: BESIDE[text] if name == "y" else 0.0 for name in second.inputs}
    assert math.isnan(second(*at.values()))


# --- beside kinks --------------------------------------------------------------------------------


def test_pattern_of_lengths_stays_sparse() -> None:
    def chain(p: Any) -> Any:
        steps = p[2:].reshape(-1, 2) - p[:-2].reshape(-1, 2)
        return np.sum((np.sqrt(np.sum(steps**2, axis=1)) - 1.0) ** 2)

    p = np.random.default_rng(0).normal(size=16)
    made = sd.function(chain, shapes={"p": (16,)}).hessian(sparse=True)
    values, (rows, columns) = made(p)
    dense = np.zeros((16, 16))
    dense[rows, columns] = values
    assert len(values) < 16 * 7
    np.testing.assert_allclose(dense, sd.hessian(chain)(p), rtol=1e-12)


def test_branch_that_is_not_taken_leaks_nothing_behind_a_kink() -> None:
    f = sd.function("where(abs(x) < 1, arcsin(x), 2*x)")
    assert f.grad()(1.0) == f.grad()(3.0) == 2.0
    g = sd.function("where(abs(x) < 1, sqrt(1 - x**2)*abs(x)**2, 0)")
    assert g.grad()(2.0) == g.grad()(1.0) == 0.0
    assert g.grad().grad()(0.0) == 2.0


def test_zero_that_starts_a_sum_is_dropped() -> None:
    def f(x: Any) -> Any:
        total = 0.0
        for i in range(3):
            total = total + x[i] ** 2
        return total

    graph = sd.function(f, shapes={"x": (3,)}).graph
    assert sum(node.op == "add" for node in graph.nodes) == 2
    text = sd.function("s = 0; s = s + x; s = s + y; s")
    assert [node.op for node in text.graph.nodes if node.args] == ["add"]
    assert any(node.op == "add" for node in sd.function("x + 0").graph.nodes)  # starts nothing


@pytest.mark.parametrize("text", ["1e-30*hypot(x, y)", "1 + 1e-30*hypot(x, y)"])
def test_small_kink_is_one(text: str) -> None:
    """A kink is told from rounding by what rounding could do, not by its size."""
    hessian = sd.function(text).hessian()(0.0, 0.0)
    assert np.isnan(hessian).any()


def test_small_kink_of_third_order_is_one() -> None:
    r = "r = hypot(x, y); "
    third = sd.function(r + "1e-15*r**3*exp(-r)", wrt="x").grad().grad().grad()
    assert math.isnan(third(0.0, 0.0))


@pytest.mark.parametrize("u", [1e-15, 1e-12, 1e-9, 1e-5, 0.3])
def test_third_derivative_beside_the_kink_of_a_magnitude(u: float) -> None:
    f = sd.function("r = abs(x); (1 + r + 2*r**2/5 + r**3/15)*exp(-r)")
    third = f.grad().grad().grad()
    with mpmath.workdps(60):
        expected = mpmath.diff(
            lambda r: (1 + r + 2 * r**2 / 5 + r**3 / 15) * mpmath.exp(-r), mpmath.mpf(u), 3
        )
    assert third(u) == pytest.approx(float(expected), rel=1e-6, abs=1e-15)
    assert third(-u) == -third(u)


@pytest.mark.parametrize("text", ["relu(abs(x)**2)", "max(x**2, 0)", "abs(x**2)", "abs(x*x)"])
def test_magnitude_of_what_is_never_negative_is_itself(text: str) -> None:
    assert sd.function(text).hessian()(0.0) == 2.0
