"""What is kept of a step's maxima and minima: masks, in the place of what they compare."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import symdiff as sd

N = 24
RANDOM = np.random.default_rng(3)
PATHS = RANDOM.uniform(1.0, 10.0, (N, N))


def shortest(path: Any) -> Any:
    """Floyd's and Warshall's algorithm."""
    path = path.copy()
    for k in range(N):
        path[:] = np.minimum(path, np.add.outer(path[:, k], path[k, :]))
    return np.sum(path)


def highest(x: Any) -> Any:
    """Of which each step reads both ends."""
    y = np.sin(x)
    for _ in range(N):
        y = np.maximum(y * x, np.cos(y))
    return np.sum(y)


def rectified(x: Any) -> Any:
    """With a number there is one array to be kept."""
    y = x
    for _ in range(N):
        y = np.maximum(np.sin(y) - 0.6, 0.0) + 0.5 * x
    return np.sum(y)


def in_loops(x: Any) -> Any:
    """A loop in a loop, which is done again in the step backwards."""
    y = np.cos(x)
    for _ in range(N):
        for _ in range(N):
            y = np.minimum(1.5 * y, np.sin(y + x))
        y = y * x
    return np.sum(y)


def gradient_of(function: Callable[[Any], Any], x: Any) -> tuple[np.ndarray, str]:
    """Its value at a point, and the text of the module."""
    gradient = sd.value_and_grad(function)
    value, found = gradient(x)
    assert value == pytest.approx(function(x), rel=1e-13)
    text: str = gradient.emit()
    return found, text[text.index("def _value_and_grad(") : text.index("def value(")]


def kept(text: str) -> list[str]:
    """The kinds of elements of the histories."""
    return [
        kind or "float"
        for kind in re.findall(r"_history\w* = np\.empty\(\(.*\)(?:, (\w+))?\)", text)
    ]


@pytest.mark.parametrize("function", [shortest, highest, rectified, in_loops])
def test_gradients_are_differences(function: Callable[[Any], Any]) -> None:
    x = PATHS if function is shortest else RANDOM.uniform(0.2, 1.3, 2100)
    found, _ = gradient_of(function, x)
    along = RANDOM.standard_normal(x.shape)
    slopes = [(function(x + h * along) - function(x - h * along)) / (2 * h) for h in (1e-6, 1e-7)]
    assert np.vdot(found, along) in [pytest.approx(slope, rel=1e-6) for slope in slopes]


def test_masks_are_kept_of_what_is_compared_and_not_read_else() -> None:
    assert kept(gradient_of(shortest, PATHS)[1]) == ["bool"] * 3


def test_arrays_are_kept_of_a_maximum_with_a_number() -> None:
    assert kept(gradient_of(rectified, RANDOM.uniform(0.2, 1.3, 2100))[1]) == ["float"] * 2


def test_a_tie_is_shared() -> None:
    def tied(x: Any) -> Any:
        y = x
        for _ in range(N):
            y = np.maximum(y, x * 1.0)
        return np.sum(y)

    found, _ = gradient_of(tied, RANDOM.uniform(0.2, 1.3, 2100))
    np.testing.assert_allclose(found, 1.0, rtol=1e-15)


def test_a_second_derivative_reads_the_same_masks() -> None:
    x, along = RANDOM.uniform(0.2, 1.3, 5), RANDOM.standard_normal(5)
    found = sd.hvp(highest)(x, along)
    step = 1e-6 * along
    differences = (sd.grad(highest)(x + step) - sd.grad(highest)(x - step)) / 2e-6
    np.testing.assert_allclose(found, differences, rtol=1e-6, atol=1e-8)
