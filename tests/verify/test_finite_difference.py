"""Differences find derivatives to the accuracy that they claim."""

import math

import pytest
import sympy as sp

from symdiff.frontend.sympy.read import from_sympy
from symdiff.verify.finite_difference import central, complex_step, is_analytic, one_sided

CASES = (
    (math.exp, 1.0, math.e),
    (math.exp, 500.0, math.exp(500.0)),
    (math.sin, 0.0, 1.0),
    (math.sin, 1e6, math.cos(1e6)),
    (math.sin, 1e10, math.cos(1e10)),
    (math.atan, -3.0, 0.1),
    (lambda x: x**3, 2.0, 12.0),
    (lambda x: 1 / x, 1e-8, -1e16),
    (lambda x: 7.0, 3.0, 0.0),
    (lambda x: x * x, 1e150, 2e150),
)


@pytest.mark.parametrize(("f", "x", "exact"), CASES)
def test_central(f, x, exact):
    value, error = central(f, x)
    assert abs(value - exact) <= 10 * error + 1e-300


@pytest.mark.parametrize(("f", "x", "exact"), CASES[:3] + CASES[5:9])
def test_central_is_accurate(f, x, exact):
    assert central(f, x).value == pytest.approx(exact, rel=1e-10, abs=1e-10)


def test_steps_shrink_into_the_domain():
    def root(x):
        return math.sqrt(x) if x >= 0 else math.nan

    assert central(root, 1e-9, step=1.0).value == pytest.approx(0.5 / math.sqrt(1e-9), rel=1e-6)
    assert math.isnan(central(lambda x: math.nan, 1.0).value)
    assert central(lambda x: math.nan, 1.0).error == math.inf


def test_a_given_error_of_the_values_is_counted():
    assert central(math.exp, 1.0, noise=1e-6).error > 1e-6


def test_one_sided_at_a_kink():
    assert one_sided(abs, 0.0, 1).value == pytest.approx(1.0)
    assert one_sided(abs, 0.0, -1).value == pytest.approx(-1.0)
    value, error = one_sided(lambda x: x * abs(x) + math.exp(x), 0.0, -1)
    assert value == pytest.approx(1.0, abs=max(1e-8, 10 * error))


def test_complex_step_is_exact():
    import cmath

    assert complex_step(cmath.exp, 1.0).value == pytest.approx(math.e, rel=1e-15)
    assert abs(complex_step(lambda z: z**3, 0.0).value) < 1e-199
    assert complex_step(lambda z: z * z, 1e150).value == pytest.approx(2e150, rel=1e-15)
    assert math.isnan(complex_step(lambda z: z * z, 1e-200).value)


def test_analytic_paths():
    x, y = sp.symbols("x y")
    graph = from_sympy(sp.exp(x) * abs(y) + sp.Piecewise((1, y > 0), (2, True)))
    assert is_analytic(graph, "x") == ""
    assert is_analytic(graph, "y") in ("absolute", "greater")
