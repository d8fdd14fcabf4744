"""The tutorials' programs, as far as they are scalar. The results are those of PyTorch 2.13."""

from __future__ import annotations

import numpy as np
import pytest

import symdiff as sd

DIGITS = 1e-12


def near(wanted: object) -> object:
    return pytest.approx(wanted, rel=DIGITS, abs=DIGITS)


def test_s1_composition() -> None:
    """One tutorial prints 96."""
    assert sd.function("y = x**2; z = y**3").grad()(2.0) == near(192.0)


def test_s2_gradient_descent_of_a_line() -> None:
    """One tutorial prints 1.9999 and 0.0001, which takes many more steps."""
    terms = " + ".join(f"(w*{x} + b - {y})**2" for x, y in ((1, 2), (2, 4), (3, 6), (4, 8)))
    value_and_grad = sd.function(f"loss = ({terms})/4").value_and_grad("w, b")
    w, b, loss = 1.0, 0.0, np.nan
    for _ in range(100):
        loss, (w_bar, b_bar) = value_and_grad(w, b)
        w, b = w - 0.01 * w_bar, b - 0.01 * b_bar
    assert (w, b) == near((1.9231736836595785, 0.22587870467172175))
    assert loss == near(0.008572419887111587)


def test_s2_with_the_points_as_arrays() -> None:
    """The batch is the caller's: the mean of the terms' gradients is that of the mean."""
    grad = sd.function("(w*x + b - y)**2").grad("w, b")
    x, y = np.array([1.0, 2.0, 3.0, 4.0]), np.array([2.0, 4.0, 6.0, 8.0])
    w = b = 0.0
    w = 1.0
    for _ in range(100):
        w_bar, b_bar = grad(**{"w": w, "b": b, "x": x, "y": y})
        w, b = w - 0.01 * w_bar.mean(), b - 0.01 * b_bar.mean()
    assert (w, b) == near((1.9231736836595785, 0.22587870467172175))


def test_s3_two_inputs() -> None:
    assert sd.function("z = x**2 + y**3").grad()(3.0, 2.0) == near((6.0, 12.0))


def test_s5_second_derivative() -> None:
    first = sd.function("x**3").grad()
    assert (first(2.0), first.grad()(2.0)) == near((12.0, 12.0))


def test_s6_mean() -> None:
    grad = sd.function("z = (2*x1 + 2*x2 + 2*x3)/3").grad()
    assert grad(1.0, 2.0, 3.0) == near((2 / 3, 2 / 3, 2 / 3))


def test_s7_one_step() -> None:
    w, b = 1.0, 0.0
    w_bar, b_bar = sd.function("loss = (w*x + b - y_true)**2").grad("w, b")(w, 2.0, b, 3.0)
    assert (w_bar, b_bar) == near((-4.0, -2.0))
    assert (w - 0.1 * w_bar, b - 0.1 * b_bar) == near((1.4, 0.2))


def test_s8_half_the_sum_of_squares() -> None:
    steps = "y1 = x1**2; y2 = x2**2; o = 0.5*(y1 + y2)"
    value, gradient = sd.function(steps).value_and_grad()(2.0, 4.0)
    assert (value, gradient) == (near(10.0), near((2.0, 4.0)))
    assert sd.function("x1**2, x2**2")(2.0, 4.0) == near((4.0, 16.0))
