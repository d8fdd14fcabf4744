"""Derivatives inside of a formula: the numbers are SymPy's."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp

import symdiff as sd
from symdiff.errors import ParseError, SymdiffError, UnsupportedError

x, y = sp.symbols("x y", positive=True)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("derivative(x**2*y, x)", 2 * x * y),
        ("derivative(derivative(x**2*y**3, y), x)", 6 * x * y**2),
        ("y*derivative(sin(x), x) + x", y * sp.cos(x) + x),
        ("z = x**2; derivative(z**2*y, x)", 4 * x**3 * y),
        ("where(x > 0, derivative(sqrt(x), x), 0) + y", 1 / (2 * sp.sqrt(x)) + y),
        ("derivative(3, x)*y", sp.Integer(0)),
        ("s = 0\nfor i in range(3):\n  s += x*s + x\nderivative(s, x) + y",
         sp.diff(x + x * (1 + x) + x * (1 + x) ** 2, x) + y),
    ],
)  # fmt: skip
def test_a_derivative_in_a_formula(text, wanted):
    function = sd.function(text)
    at, places = {"x": 0.7, "y": 1.3}, {x: 0.7, y: 1.3}
    assert float(function(**at)) == pytest.approx(float(wanted.subs(places)), rel=1e-13)
    for name, slope in zip(function.inputs, function.grad()(**at), strict=True):
        other = sp.diff(wanted, sp.Symbol(name, positive=True)).subs(places)
        assert float(slope) == pytest.approx(float(other), rel=1e-13, abs=1e-15)


def test_derivatives_by_arrays_and_of_arrays():
    by_array = sd.function("x: [3]; a: []; derivative(sum((a*x)**3), x)")
    point = np.array([1.0, 2.0, 3.0])
    np.testing.assert_allclose(by_array(point, 2.0), 24 * point**2)
    of_array = sd.function("x: [3]; a: []; derivative((a*x)**3, a)")
    np.testing.assert_allclose(of_array(point, 2.0), 12 * point**3)


def test_where_the_value_overflows_the_derivative_does_not():
    assert sd.function("derivative(log(1 + exp(x)), x)")(1000.0) == 1.0


def test_a_module_is_made_again_from_its_recipe():
    text = sd.function("derivative(x**2*y, x)").grad().emit()
    assert sd.function("derivative(x**2*y, x)").grad().emit() == text
    assert '"derivative(x**2*y, x)"' in text


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("derivative(x**2, x + 1)", UnsupportedError, "by an input that holds real numbers"),
        ("z = x**2; derivative(z, z)", UnsupportedError, "by an input"),
        ("k: int; derivative(k*x, k)", UnsupportedError, "real numbers"),
        ("x: [3]; derivative(x**2, x)", SymdiffError, "jacobian|array by an array"),
        ("derivative(x**2)", ParseError, "takes 2 arguments"),
        ("s = 0\nfor i in range(n):\n  s += derivative(s*x, x)\ns", UnsupportedError, "loop"),
    ],
)
def test_refused_with_a_place(text, error, message):
    with pytest.raises(error, match=message) as caught:
        sd.function(text, shapes={"n": ("int",)} if "range(n)" in text else None)
    assert caught.value.span is not None
