"""Ways of branches that are not taken, and whose work overflows: nothing of it is in a gradient."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import symdiff as sd

V = np.array([-0.3, 0.9, 1.2])
pytestmark = pytest.mark.filterwarnings("ignore:overflow", "ignore:invalid value")


def array_that_grows(x: Any, v: Any) -> Any:
    w = np.sin(v)
    if x > 0:
        r = np.sum(w)
    else:
        for _ in range(3):
            w = w * w * 1e200 + v
        r = np.sum(w)
    return r * x


def array_that_is_written(x: Any, v: Any) -> Any:
    w = np.sin(v)
    if x <= 0:
        for _ in range(3):
            w = w * w * 1e200 + v
            w[1:] += v[:2] * x
    return np.sum(w) * x


def branch_in_a_step(x: Any, v: Any) -> Any:
    w, b = np.sin(v), x
    if x <= 0:
        for _ in range(12):
            w = w * b * 1e200 + v
            if w[1] > 0.1:
                b = w[1] - x
    return np.sum(w) * x + b


def number_in_a_loop(x: Any, v: Any) -> Any:
    b = x
    if x <= 0:
        for _ in range(12):
            b = b * b * 1e200 + v[0]
    return b * v[1]


def contraction(x: Any, v: Any) -> Any:
    w = v * x
    if x <= 0:
        w = w * 1e200 * w
        w = w * (w @ w) + np.outer(w, w) @ w
        w = w * w if w[0] > 1 else w * 2
    return np.sum(w)


@pytest.mark.parametrize("loops", ["auto", "roll", "unroll"])
@pytest.mark.parametrize(
    "program",
    [
        array_that_grows,
        array_that_is_written,
        branch_in_a_step,
        number_in_a_loop,
        contraction,
    ],
)
def test_nothing_of_it_is_in_the_gradient(program: Callable[[Any, Any], Any], loops: str) -> None:
    by_x, by_v = sd.grad(program, wrt=("x", "v"), loops=loops)(1.1, V)
    h = 1e-6
    assert by_x == pytest.approx((program(1.1 + h, V) - program(1.1 - h, V)) / (2 * h), abs=1e-7)
    steps = [(V + step, V - step) for step in h * np.eye(3)]
    expected = [(program(1.1, a) - program(1.1, b)) / (2 * h) for a, b in steps]
    np.testing.assert_allclose(by_v, expected, atol=1e-7)


def test_data_that_are_missing_reach_no_gradient() -> None:
    def loss(x: Any, a: Any, b: Any) -> Any:
        return np.sum(np.where(np.isnan(x), 0.0, np.exp(a) * x * b))

    x, a, b = np.array([0.5, np.nan, 1.2]), np.array([1.0, 2.0, 3.0]), np.array([0.3, 0.2, 0.1])
    by_x, by_a, by_b = sd.grad(loss, wrt=(0, 1, 2))(x, a, b)
    there = np.array([1.0, 0.0, 1.0])
    np.testing.assert_allclose(by_x, there * np.exp(a) * b, rtol=1e-14)
    np.testing.assert_allclose(by_a, there * np.exp(a) * np.nan_to_num(x) * b, rtol=1e-14)
    np.testing.assert_allclose(by_b, there * np.exp(a) * np.nan_to_num(x), rtol=1e-14)


@pytest.mark.filterwarnings("ignore:overflow")
def test_what_a_loop_carries_to_infinity_reaches_no_gradient() -> None:
    def total(x: Any, a: Any, b: Any) -> Any:
        s, u = x * 1.0, x * 0.0
        for _ in range(400):
            u = u + np.where(x > 0, np.exp(a) * s * b, 0.0)
            s = np.where(x > 0, s * 0.5, s * 1e10)
        return np.sum(u)

    x, a, b = np.array([0.5, -0.7, 1.2]), np.array([1.0, 2.0, 3.0]), np.array([0.3, 0.2, 0.1])
    right = np.where(x > 0, 2.0 * np.exp(a) * x * b, 0.0)
    np.testing.assert_allclose(sd.grad(total, wrt=1)(x, a, b), right, rtol=1e-13)
    by_all = sd.grad(total, wrt=(0, 1, 2))(x, a, b)
    np.testing.assert_allclose(by_all[1], right, rtol=1e-13)


@pytest.mark.parametrize("x", [-1.3, 0.7, 2.0])
@pytest.mark.parametrize(
    "text",
    [
        "sqrt(max(x, 0))",
        "log(relu(x))",
        "max(x, 0)**0.5",
        "sqrt(x if x > 0 else 0)",
        "1/max(x, 0)",
        "3*log(2*max(x, 0) + 0) - x",
        "sqrt(sin(clip(x, 0, 1)))",
        "sqrt(min(max(x, 0), 1))*x",
        "sqrt(min(2 if x > 1 else x, clip(x, 0, 1)))",
        "(max(x, 0)*sin(max(x, 0)) + 0)**0.4",
    ],
)
def test_every_verb_leaves_out_what_is_behind_a_kink(text: str, x: float) -> None:
    function = sd.function(text)
    gradient = function.grad()(x)
    h = 1e-6
    slope = (function(x + h) - function(x - h)) / (2 * h)
    assert gradient == pytest.approx(slope, rel=1e-7) or np.isnan(slope)
    curvature = (function.grad()(x + h) - function.grad()(x - h)) / (2 * h)
    points = np.array([x, x])
    for load in (function.jvp(), function.jacobian()):
        module = load.load()
        if load.verb.name == "jvp":
            found = [module.jvp(x, 2.0)[1] / 2, *module.jvp(points, 2.0)[1] / 2]
        else:
            found = [module.jacobian(x).item(), *module.jacobian(points).ravel()]
        np.testing.assert_allclose(found, gradient, rtol=1e-13)
    np.testing.assert_allclose(function.hessian()(x).item(), curvature, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize(
    "function",
    [
        lambda x: np.sqrt(np.maximum(x, 0.0)),
        lambda x: np.log(np.where(x > 0, 2 * x, 1.0)) ** 2,
        lambda x: np.where(x > 0, x, 0.0) ** 0.3 * np.sin(x),
        lambda x: 1 / np.where(x > 0, x, np.inf),
        lambda x: np.arccos(np.clip(-np.tan(x) * 1.1, -1, 1)),
    ],
)
def test_every_verb_leaves_out_the_elements_behind_a_kink(function: Any) -> None:
    h = 1e-6
    slopes = (function(V + h) - function(V - h)) / (2 * h)
    np.testing.assert_allclose(sd.jvp(function)(V, np.ones(3))[1], slopes, atol=1e-7)
    np.testing.assert_allclose(sd.vjp(function)(V, np.ones(3))[1], slopes, atol=1e-7)
    np.testing.assert_allclose(np.diag(sd.jacobian(function)(V)), slopes, atol=1e-7)
