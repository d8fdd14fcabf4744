"""Products over lengths that may be zero: of no elements it is one, and has no derivative."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import symdiff as sd

X = np.array([0.3, 0.7, 1.1, 0.5, 0.9])


def slopes(function: Callable[[Any], Any], x: Any) -> Any:
    steps = 1e-6 * np.eye(len(x))
    return np.reshape([(function(x + h) - function(x - h)) / 2e-6 for h in steps], len(x))


@pytest.mark.parametrize("length", range(6))
def test_over_a_named_length(length: int) -> None:
    def product(x: Any) -> Any:
        return np.prod(np.sin(x)) * 2.0

    function, x = sd.function(product, shapes={"x": ("N",)}), X[:length]
    value, gradient = function.value_and_grad()(x)
    assert value == pytest.approx(product(x))
    np.testing.assert_allclose(gradient, slopes(product, x), rtol=1e-7)
    tangent = function.jvp()(x, np.ones(length))[1]
    np.testing.assert_allclose(tangent, np.sum(gradient), rtol=1e-12)


@pytest.mark.parametrize("loops", ["auto", "roll", "unroll"])
def test_over_what_a_counter_leaves(loops: str) -> None:
    def products(x: Any) -> Any:
        total = 0.0
        for i in range(len(x) + 1):
            total = total + np.prod(np.cos(x[i:])) * (i + 1) + np.prod(np.sin(x[:i]))
        return total

    gradient = sd.grad(products, loops=loops)(X)
    np.testing.assert_allclose(gradient, slopes(products, X), rtol=1e-7)
    np.testing.assert_allclose(sd.jvp(products, loops=loops)(X, X)[1], gradient @ X, rtol=1e-12)


def test_along_an_axis_of_which_nothing_is_left() -> None:
    def directions(angles: Any) -> Any:
        rows, found = angles[None], np.ones((1, len(angles) + 1))
        for i in range(1, len(angles) + 1):
            found[:, i] = np.prod(np.sin(rows[:, i:]), axis=1) * np.cos(rows[:, i - 1])
        return found

    angles = np.linspace(0.3, 1.2, 9)
    steps = 1e-6 * np.eye(9)
    right = [(directions(angles + h) - directions(angles - h)) / 2e-6 for h in steps]
    found = sd.jacobian(directions)(angles)
    np.testing.assert_allclose(found, np.moveaxis(right, 0, -1), atol=1e-9)
