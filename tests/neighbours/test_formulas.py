"""Formulas inside of traced functions, against the same formulas as NumPy functions."""

from __future__ import annotations

import numpy as np
import pytest
import sympy

import symdiff as sd

FORMULA = sd.function("x**2*y + abs(x)")
MEAN = sd.function("w: [3]; X: [M, 3]; y: [M]; return mean(log(1 + exp(-y*(X @ w))))", wrt="w")
RNG = np.random.default_rng(0)
X, Y, W = RNG.standard_normal((5, 3)), np.sign(RNG.standard_normal(5)), RNG.standard_normal(3)


def test_numbers_are_a_batch_where_arrays_are_given():
    a, b = np.array([1.0, -2.0, 3.0]), np.array([[0.5], [1.5]])
    ours = sd.value_and_grad(lambda a, b: np.sum(FORMULA(a, y=b) * b), (0, 1))(a, b)
    own = sd.value_and_grad(lambda a, b: np.sum((a**2 * b + abs(a)) * b), (0, 1))(a, b)
    assert ours[0] == own[0]
    for one, other in zip(ours[1], own[1], strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-14)


def test_derivatives_of_formulas_are_taken_too():
    gradient = FORMULA.grad()
    assert (
        sd.grad(lambda a, b: gradient(a, b)[0] * gradient(a, b)[1])(3, 2.0) == 114.0
    )  # of 9*(2xy + 1)
    by_formula = sd.jacobian(lambda w: MEAN.grad()(w, X, Y))(W)
    np.testing.assert_allclose(by_formula, MEAN.hessian()(W, X, Y), rtol=1e-12, atol=1e-15)


def test_lengths_are_those_of_the_arguments():
    found = sd.grad(lambda w, X: MEAN(w, X, Y[: len(X)]) ** 2)(W, X)
    np.testing.assert_allclose(found, 2 * MEAN(W, X, Y) * MEAN.grad()(W, X, Y), rtol=1e-12)


def test_single_precision_stays():
    a = np.ones(2, np.float32)
    assert sd.grad(lambda a: np.sum(FORMULA(a, a)))(a).dtype == np.float32


def test_an_expression_of_sympys():
    x, y = sympy.symbols("x y")
    f = sd.function(sympy.sin(x) * y)
    assert sd.grad(lambda a: f(a, 2.0) + a)(0.5) == pytest.approx(2.0 * np.cos(0.5) + 1.0)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda w: MEAN(w, X.T, Y), sd.ShapeError, r"X: expected the shape \(M, 3\), got \(3, 5\)"),
        (lambda w: MEAN(w, X), sd.SymdiffError, "the formula takes w, X, y, and is called with 2"),
        (lambda w: FORMULA(w[0], z=1.0), sd.SymdiffError, "the formula takes x, y"),
        (lambda w: FORMULA.jacobian()(w[0], 1.0)[0], sd.UnsupportedError, "a matrix of a formula"),
    ],
)
def test_what_is_refused_names_the_place_of_the_call(call, error, words):
    with pytest.raises(error, match=words) as caught:
        sd.grad(call)(W)
    assert "test_formulas.py, line" in str(caught.value)
