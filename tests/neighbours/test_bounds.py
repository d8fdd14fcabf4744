"""Bounds of nested parameters, against SciPy's own of flat ones."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.optimize as so

import symdiff as sd
from tests.neighbours.test_solvers import Line, quadratic


def curve(t, p):
    return p["scale"] * np.exp(-p["rates"][0] * t) + p["rates"][1]


@pytest.mark.parametrize("method", ["L-BFGS-B", "SLSQP", "TNC", "trust-constr", "Nelder-Mead"])
def test_bounds_have_the_structure_of_the_parameters(method):
    def fun(p):
        return (p["a"] - 2.0) ** 2 + np.sum((p["b"] - np.array([-1.0, 3.0])) ** 2)

    bounds = {"b": (np.array([0.0, -np.inf]), 2.5), "a": (None, 1.5)}
    found = sd.minimize(fun, {"a": 0.0, "b": np.zeros(2)}, method=method, bounds=bounds, tol=1e-8)
    np.testing.assert_allclose([found.x["a"], *found.x["b"]], [1.5, 0.0, 2.5], atol=1e-3)


def test_bounds_of_some_parameters_and_flat_ones():
    start = Line(0.5, np.zeros(2))
    own = sd.minimize(quadratic, start, (), "L-BFGS-B")
    some = sd.minimize(quadratic, start, (), "L-BFGS-B", bounds={"offsets": (None, 0.25)})
    np.testing.assert_allclose(some.x.offsets, [0.0, 0.25], atol=1e-5)
    np.testing.assert_allclose(some.x.slope, own.x.slope, rtol=1e-4)
    flat = sd.minimize(quadratic, start, (), "L-BFGS-B", bounds=[(None, None), (0, 0.1), (0, 0.25)])
    np.testing.assert_allclose(flat.x.offsets, some.x.offsets, atol=1e-5)
    pair = sd.minimize(lambda p: p[0] ** 2 + np.sum(p[1] ** 2), (1.0, np.ones(2)), (), "TNC",
                       bounds=((0.5, None), (np.array([0.25, -1.0]), 1.0)))  # fmt: skip
    np.testing.assert_allclose([pair.x[0], *pair.x[1]], [0.5, 0.25, 0.0], atol=1e-4)


@pytest.mark.parametrize("solver", ["least_squares", "curve_fit"])
def test_limits_have_the_structure_of_the_parameters(solver):
    t = np.linspace(0.0, 3.0, 40)
    y = 2.0 * np.exp(-0.7 * t) + 0.25
    start = {"scale": 1.0, "rates": np.array([0.3, 0.2])}
    lowest = {"rates": np.array([0.0, 0.1])}
    for highest in ({"scale": 1.5, "rates": 2.0}, np.array([1.5, 2.0, 2.0]), [1.5, 2.0, 2.0]):
        bounds = lowest, highest
        if solver == "curve_fit":
            found, _ = sd.curve_fit(curve, t, y, start, bounds=bounds)
        else:
            found = sd.least_squares(lambda p: curve(t, p) - y, start, bounds=bounds).x
        flat = so.least_squares(
            lambda p: p[0] * np.exp(-p[1] * t) + p[2] - y,
            [1.0, 0.3, 0.2],
            bounds=([-np.inf, 0.0, 0.1], [1.5, 2.0, 2.0]),
        )
        np.testing.assert_allclose([found["scale"], *found["rates"]], flat.x, rtol=1e-4)


@pytest.mark.parametrize(
    ("bounds", "words"),
    [
        ({"c": (0, 1)}, "the bounds name 'c', and the parameters are a, b"),
        ({"a": 1.0}, "write a pair"),
        ({"a": (0, np.ones(3))}, "another shape"),
        ([(0, 1)], "for the parameters a, b"),
    ],
)
def test_bounds_of_another_structure_are_refused(bounds, words):
    start = {"a": 1.0, "b": np.ones(2)}
    with pytest.raises(sd.ShapeError, match=words):
        sd.minimize(lambda p: p["a"] ** 2, start, method="L-BFGS-B", bounds=bounds)
