"""SciPy's solvers with exact derivatives, against SciPy alone and closed forms."""

from __future__ import annotations

import dataclasses
import math
import subprocess
import sys

import numpy as np
import pytest
import scipy.optimize as so
import scipy.sparse
from scipy.optimize import rosen, rosen_der, rosen_hess

import symdiff as sd

METHODS = (
    "Nelder-Mead Powell CG BFGS Newton-CG L-BFGS-B TNC COBYLA SLSQP trust-constr dogleg "
    "trust-ncg trust-krylov trust-exact"
).split()


def chain(x):
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)


@dataclasses.dataclass
class Line:
    slope: float
    offsets: np.ndarray
    label: str = "a line"


def quadratic(line, scale=1.0):
    return scale * (
        (line.slope - 2.0) ** 2 + np.sum((line.offsets - np.arange(2.0)) ** 2) + line.slope**4
    )


def given_to_scipy(monkeypatch, solver):
    """What SciPy's own solver is called with."""
    seen, own = [], getattr(so, solver)

    def spy(*args, **kwargs):
        seen.append((args, kwargs))
        return own(*args, **kwargs)

    monkeypatch.setattr(so, solver, spy)
    return seen


@pytest.mark.parametrize("method", METHODS)
def test_minimize_is_scipys_own_with_exact_derivatives(method, monkeypatch):
    seen = given_to_scipy(monkeypatch, "minimize")
    start = np.array([1.02, 1.03, 1.05])
    found = sd.minimize(chain, start, method=method, tol=1e-9)
    assert type(found) is so.OptimizeResult
    np.testing.assert_allclose(found.x, 1.0, atol=5e-2 if method == "COBYLA" else 2e-3)
    (given,) = seen
    point, v = np.array([-0.3, 0.7, 1.4]), np.array([1.0, -2.0, 0.5])
    options = given[1]
    if "jac" in options:
        value, gradient = given[0][0](point)
        np.testing.assert_allclose(value, rosen(point), rtol=1e-14)
        np.testing.assert_allclose(gradient, rosen_der(point), rtol=1e-13)
    if "hess" in options:
        np.testing.assert_allclose(options["hess"](point), rosen_hess(point), rtol=1e-13)
    if "hessp" in options:
        np.testing.assert_allclose(options["hessp"](point, v), rosen_hess(point) @ v, rtol=1e-12)
    takes = {"dogleg": "hess", "trust-exact": "hess", "Newton-CG": "hessp", "trust-ncg": "hessp"}
    if method in takes:
        assert takes[method] in options
    assert ("jac" in options) == (method not in ("Nelder-Mead", "Powell", "COBYLA"))


def test_the_way_is_that_of_the_exact_derivatives_by_hand():
    start = np.array([-1.2, 1.0, 0.3])
    for method, second in (("BFGS", {}), ("trust-exact", {"hess": rosen_hess})):
        ours = sd.minimize(chain, start, method=method)
        own = so.minimize(rosen, start, jac=rosen_der, method=method, **second)
        assert (ours.nit, ours.nfev) == (own.nit, own.nfev)
        np.testing.assert_allclose(ours.x, own.x, rtol=1e-9)


@pytest.mark.parametrize("method", ["BFGS", "trust-exact", "Newton-CG", "Nelder-Mead"])
@pytest.mark.parametrize(
    "start",
    [
        Line(0.5, np.zeros(2)),
        {"slope": 0.5, "offsets": np.zeros(2)},
        (0.5, np.zeros(2)),
    ],
    ids=["dataclass", "dict", "tuple"],
)
def test_parameters_are_nested_values(start, method):
    def fun(params, scale):
        parts = params.values() if isinstance(params, dict) else params
        if not isinstance(params, Line):
            params = Line(*parts)
        return quadratic(params, scale)

    found = sd.minimize(fun, start, (3.0,), method, tol=1e-10)
    slope = so.brentq(lambda s: 2.0 * (s - 2.0) + 4.0 * s**3, 0.0, 2.0)
    assert type(found.x) is type(start)
    if isinstance(start, Line):
        assert found.x.label == "a line"
        parts = [found.x.slope, found.x.offsets]
    else:
        parts = list(found.x.values()) if isinstance(start, dict) else list(found.x)
    np.testing.assert_allclose(parts[0], slope, atol=1e-4)
    np.testing.assert_allclose(parts[1], [0.0, 1.0], atol=1e-4)


def test_an_array_keeps_its_shape_and_lists_are_arrays_as_to_scipy():
    target = np.arange(6.0).reshape(2, 3)
    found = sd.minimize(lambda w: np.sum((w - target) ** 4 + (w - target) ** 2), np.zeros((2, 3)))
    assert found.x.shape == (2, 3)
    np.testing.assert_allclose(found.x, target, atol=1e-4)
    for start in ([-1.0, 2], (-1, 2)):
        found = sd.minimize(chain, start)
        assert type(found.x) is np.ndarray
        np.testing.assert_allclose(found.x, 1.0, atol=1e-4)
    found = sd.minimize(lambda x: (x - 3.0) ** 2 + x**4, 1.0)
    np.testing.assert_allclose(4.0 * found.x**3 + 2.0 * found.x, 6.0, atol=1e-4)


def test_formulas_with_further_inputs():
    text = "(a - x)**2 + b*(y - x**2)**2"
    f = sd.function(text, wrt="x, y")
    for method in ("BFGS", "Newton-CG", "trust-exact", "Nelder-Mead"):
        found = sd.minimize(f, [-1.0, 1.5], (1.0, 10.0), method, tol=1e-9)
        np.testing.assert_allclose(found.x, [1.0, 1.0], atol=1e-4)
    by_name = sd.minimize(f, {"y": 1.5, "x": -1.0}, (1.0, 10.0))
    assert list(by_name.x) == ["x", "y"]
    np.testing.assert_allclose(list(by_name.x.values()), 1.0, atol=1e-4)


def test_constraints_are_of_the_parameters_and_exact(monkeypatch):
    seen = given_to_scipy(monkeypatch, "minimize")

    def in_disc(p):
        return 1.0 - p["x"] ** 2 - p["y"] ** 2

    def fun(p):
        return (1.0 - p["x"]) ** 2 + 100.0 * (p["y"] - p["x"] ** 2) ** 2

    start = {"x": 0.0, "y": 0.0}
    by_dict = sd.minimize(fun, start, method="SLSQP", constraints={"type": "ineq", "fun": in_disc})
    np.testing.assert_allclose(list(by_dict.x.values()), [0.7864, 0.6177], atol=1e-3)
    np.testing.assert_array_equal(
        seen[0][1]["constraints"]["jac"](np.array([0.25, 2.0])), [[-0.5, -4.0]]
    )
    nonlinear = so.NonlinearConstraint(in_disc, 0.0, np.inf)
    again = sd.minimize(fun, start, method="trust-constr", constraints=[nonlinear])
    np.testing.assert_allclose(list(again.x.values()), [0.7864, 0.6177], atol=1e-3)
    assert nonlinear.jac == "2-point"  # the caller's is as it was


def test_derivatives_of_the_users_are_used_as_they_are():
    calls = []

    def gradient(x):
        calls.append(x)
        return rosen_der(x)

    sd.minimize(chain, np.array([0.9, 0.8]), jac=gradient)
    assert calls


def residuals(x):
    return np.concatenate([10.0 * (x[1:] - x[:-1] ** 2), 1.0 - x[:-1]])


@pytest.mark.parametrize("options", [{}, {"method": "lm"}, {"method": "dogbox"}, {"sparse": True}])
def test_least_squares(options, monkeypatch):
    seen = given_to_scipy(monkeypatch, "least_squares")
    found = sd.least_squares(residuals, np.full(5, -0.5), **options)
    np.testing.assert_allclose(found.x, 1.0, atol=1e-6)
    point = np.array([0.3, -0.2, 0.5, 1.0, 2.0])
    jacobian = seen[0][1]["jac"](point)
    assert scipy.sparse.issparse(jacobian) == ("sparse" in options)
    dense = jacobian.toarray() if "sparse" in options else jacobian
    steps = 1e-30j * np.eye(5)
    complex_step = np.stack([residuals(point + step).imag / 1e-30 for step in steps], axis=1)
    np.testing.assert_allclose(dense, complex_step, rtol=1e-14, atol=1e-14)
    if "sparse" in options:
        assert jacobian.nnz == 12


@pytest.mark.parametrize("sparse", [False, True])
def test_least_squares_of_nested_values_with_arguments(sparse):
    t = np.linspace(0.0, 3.0, 40)
    y = 2.0 * np.exp(-0.7 * t) + 0.25

    def misfit(p, t, *, data):
        return p["scale"] * np.exp(-p["rates"][0] * t) + p["rates"][1] - data

    start = {"scale": 1.0, "rates": np.array([0.3, 0.0])}
    found = sd.least_squares(misfit, start, sparse=sparse, args=(t,), kwargs={"data": y})
    np.testing.assert_allclose(found.x["scale"], 2.0, rtol=1e-6)
    np.testing.assert_allclose(found.x["rates"], [0.7, 0.25], rtol=1e-6)


def test_least_squares_of_a_formula():
    found = sd.least_squares("(10*(y - x**2), 1 - x)", [-1.2, 1.0])
    np.testing.assert_allclose(found.x, [1.0, 1.0], atol=1e-7)


def decay(t, a, b, c):
    return a * np.exp(-b * t) + c


def test_curve_fit_and_its_covariance():
    t = np.linspace(0.0, 4.0, 50)
    rng = np.random.default_rng(0)
    y = decay(t, 2.5, 1.3, 0.5) + 0.05 * rng.standard_normal(50)
    sigma = np.full(50, 0.05)
    exactly = {"ftol": 1e-15, "xtol": 1e-15}
    popt, pcov = sd.curve_fit(decay, t, y, sigma=sigma, absolute_sigma=True, **exactly)
    own = so.curve_fit(decay, t, y, sigma=sigma, absolute_sigma=True)
    np.testing.assert_allclose(popt, own[0], rtol=1e-5)
    a, b, _ = popt  # the covariance in closed form: the inverse of J'J
    J = np.stack([np.exp(-b * t), -a * t * np.exp(-b * t), np.ones(50)], axis=1) / 0.05
    np.testing.assert_allclose(pcov, np.linalg.inv(J.T @ J), rtol=1e-7)
    nested = sd.curve_fit(
        lambda t, p: decay(t, p["a"], *p["rest"]),
        t,
        y,
        {"a": 1.0, "rest": (1.0, 1.0)},
        sigma=sigma,
        absolute_sigma=True,
        full_output=True,
    )
    assert len(nested) == 5
    np.testing.assert_allclose([nested[0]["a"], *nested[0]["rest"]], popt, rtol=1e-6)
    np.testing.assert_allclose(nested[1], pcov, rtol=1e-5)
    bounded = sd.curve_fit(decay, t, y, bounds=(0.0, [3.0, 2.0, 1.0]))
    np.testing.assert_allclose(bounded[0], popt, rtol=1e-4)


def test_curve_fit_of_any_number_of_parameters():
    t = np.linspace(-1.0, 1.0, 12)

    def polynomial(t, *coefficients):
        return sum(c * t**k for k, c in enumerate(coefficients))

    y = 1.0 - 2.0 * t + 0.5 * t**2
    popt, _ = sd.curve_fit(polynomial, t, y, [1.0, 1.0, 1.0])
    np.testing.assert_allclose(popt, [1.0, -2.0, 0.5], atol=1e-8)
    with pytest.raises(sd.SymdiffError, match="give p0"):
        sd.curve_fit(polynomial, t, y)


@pytest.mark.parametrize(
    ("options", "method"),
    [
        ({"x0": 1.0}, "newton"),
        ({"x0": 1, "method": "halley"}, "halley"),
        ({"bracket": (0.0, 2.0)}, "brentq"),
        ({"x0": 1.0, "x1": 1.2}, "secant"),
    ],
)
def test_root_scalar(options, method):
    def f(x, c):
        return x * np.exp(x) - c

    found = sd.root_scalar(f, args=(2.0,), **options)
    assert type(found) is so.RootResults
    assert found.method == method
    np.testing.assert_allclose(found.root, scipy.special.lambertw(2.0).real, rtol=1e-12)
    formula = sd.root_scalar(sd.function("x*exp(x) - c", wrt="x"), (2.0,), **options)
    assert formula.root == pytest.approx(found.root, rel=1e-14)


def test_root_scalar_takes_as_many_steps_as_by_hand():
    ours = sd.root_scalar(lambda x: x**3 - 2.0, x0=1.5, method="halley")
    own = so.root_scalar(
        lambda x: x**3 - 2.0,
        x0=1.5,
        method="halley",
        fprime=lambda x: 3 * x**2,
        fprime2=lambda x: 6 * x,
    )
    assert (ours.root, ours.iterations) == (own.root, own.iterations)


def test_what_is_refused():
    with pytest.raises(sd.SymdiffError, match="no number"):
        sd.minimize(lambda p: 1.0, {"a": "text"})
    with pytest.raises(sd.SymdiffError, match="complex"):
        sd.minimize(lambda x: np.sum(x), np.array([1j]))
    with pytest.raises(sd.ShapeError, match="one value for each of x, y"):
        sd.minimize("x**2 + y**2", [1.0])
    with pytest.raises(sd.SymdiffError, match="parameters are x, y"):
        sd.minimize("x**2 + y**2", {"x": 1.0, "z": 2.0})
    with pytest.raises(sd.SymdiffError, match=r"takes 1 inputs beside the parameters \(a\)"):
        sd.minimize(sd.function("a*x**2", wrt="x"), 1.0)


def test_without_scipy_one_sentence():
    program = (
        "import sys; sys.modules['scipy.optimize'] = None\n"
        "import symdiff as sd\n"
        "try: sd.minimize(lambda x: x**2, 1.0)\n"
        "except sd.SymdiffError as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout.startswith("SciPy is not installed\n"), done


@pytest.mark.parametrize("function", [math.cos, np.cos])
def test_functions_of_libraries_are_taken(function):
    assert sd.minimize(function, 3.0, tol=1e-9).x == pytest.approx(math.pi, abs=1e-6)
    assert sd.root_scalar(function, x0=1.0).root == pytest.approx(math.pi / 2.0, rel=1e-12)


def test_a_model_that_is_one_number_is_fitted():
    x = np.linspace(0.0, 1.0, 21)
    popt, pcov = sd.curve_fit(lambda x, a: a, x, 2.0 * x + 1.0)
    assert popt == pytest.approx(2.0, rel=1e-8)
    variance = np.var(2.0 * x, ddof=1) / 21  # of a mean
    np.testing.assert_allclose(pcov, [[variance]], rtol=1e-6)


@pytest.mark.parametrize(
    ("function", "error", "words"),
    [
        (
            lambda x: np.stack([x, x]),
            sd.ShapeError,
            r"'<lambda>' returns an array of the shape \(2,",
        ),
        (lambda x: np.array([x**2 - 2.0]), sd.ShapeError, "take an element of it"),
        (lambda x: {"a": x}, sd.SymdiffError, "returns a dict"),
        (lambda x: None, sd.SymdiffError, "returns nothing"),
    ],
)
@pytest.mark.parametrize("options", [{"x0": 1.0}, {"bracket": (-1.0, 2.0)}], ids=str)
def test_a_root_of_what_is_no_number_is_refused(function, error, words, options):
    with pytest.raises(error, match=words):
        sd.root_scalar(function, **options)


@pytest.mark.parametrize("sparse", [False, True])
def test_residuals_are_nested_values(sparse):
    def residuals(p):
        return {"one": 10.0 * (p["y"] - p["x"] ** 2), "other": [1.0 - p["x"], p["z"] - 3.0]}

    start = {"x": -1.2, "y": 1.0, "z": np.zeros(2)}
    found = sd.least_squares(residuals, start, sparse=sparse)
    np.testing.assert_allclose([found.x["x"], found.x["y"], *found.x["z"]], [1, 1, 3, 3], atol=1e-6)


def test_curve_fit_of_a_formula():
    t = np.linspace(0.0, 4.0, 50)
    y = decay(t, 2.5, 1.3, 0.5) + 0.05 * np.random.default_rng(0).standard_normal(50)
    formula = sd.function("a*exp(-b*t) + c", wrt="a, b, c")
    popt, pcov = sd.curve_fit(formula, t, y)
    own = sd.curve_fit(decay, t, y)
    np.testing.assert_allclose(popt, own[0], rtol=1e-9)
    np.testing.assert_allclose(pcov, own[1], rtol=1e-7)
    named, _ = sd.curve_fit(formula, t, y, {"c": 0.0, "a": 1.0, "b": 1.0}, bounds=(0.0, {"a": 9.0}))
    np.testing.assert_allclose([named["a"], named["b"], named["c"]], popt, rtol=1e-5)
    with pytest.raises(sd.SymdiffError, match="one input beside its parameters"):
        sd.curve_fit("a*exp(-b*t) + c", t, y)
