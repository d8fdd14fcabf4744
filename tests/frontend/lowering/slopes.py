"""Slopes of functions of one array, by differences that estimate their own error."""

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import pytest

import symdiff as sd
from symdiff.verify.finite_difference import Estimate, central


def slope_at(function: Callable[[Any], Any], x: Any, place: Any, step: float = 0.02) -> Estimate:
    """The derivative of a number by one element of an array."""

    def along(z):
        moved = x.copy()
        moved[place] = z
        return float(function(moved))

    return central(along, float(x[place]), step=step)


def assert_derivatives(
    function: Callable[[Any], Any],
    x: Any,
    places: Iterable[Any],
    *,
    step: float = 0.02,
    abs_: float = 1e-12,
) -> None:
    """A weighted sum of what a function gives has its own value, and the slopes of differences."""
    shape = np.shape(function(x))
    weights = np.cos(np.arange(np.prod(shape, dtype=int))).reshape(shape)

    def loss(x):
        return np.sum(weights * function(x))

    value, gradient = sd.value_and_grad(loss)(x)
    assert value == pytest.approx(float(loss(x)), rel=1e-11, abs=abs_)
    for place in places:
        expected = slope_at(loss, x, place, step)
        bound = 1e-6 * (1.0 + abs(expected.value)) + 4.0 * expected.error
        assert gradient[place] == pytest.approx(expected.value, abs=bound)
