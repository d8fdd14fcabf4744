"""Softplus in two halves, as it is written against overflow: its derivative is the sigmoid."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import pytest

import symdiff as sd

Z = np.array([0.3, -2.0, 50.0, -50.0, 0.0, 800.0, -800.0])
Y = np.array([1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0])
Loss = Callable[[Any, Any], Any]


def sigmoid(z: float) -> float:
    with mpmath.workdps(50):
        return float(1 / (1 + mpmath.exp(-mpmath.mpf(z))))


def cross_entropy(z: Any, y: Any) -> Any:
    return np.sum(np.log1p(np.exp(-np.abs(z))) + np.maximum(z, 0) - y * z)


def terms_apart(z: Any, y: Any) -> Any:
    return np.sum(np.maximum(0.0, z) - y * z + np.log(1 + np.exp(-np.abs(z))))


def taken_away(z: Any, y: Any) -> Any:
    return np.sum(y * z - np.maximum(z, 0) - np.log1p(np.exp(-np.abs(z))))


def taken_away_together(z: Any, y: Any) -> Any:
    return np.sum(y * z - (np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z)))))


def of_the_opposite(z: Any, y: Any) -> Any:
    return np.sum(np.maximum(-z, 0) + np.log1p(np.exp(-np.abs(z))) + (1 - y) * z)


SIGNS = {
    cross_entropy: 1.0,
    terms_apart: 1.0,
    taken_away: -1.0,
    taken_away_together: -1.0,
    of_the_opposite: 1.0,
}


@pytest.mark.parametrize("loss", SIGNS)
def test_the_gradient_is_the_sigmoid_less_the_label(loss: Loss) -> None:
    gradient = sd.grad(loss)
    right = [sigmoid(z) - y for z, y in zip(Z, Y, strict=True)]
    # 1 is taken away from a sigmoid near it, as a careful person would
    np.testing.assert_allclose(gradient(Z, Y), SIGNS[loss] * np.array(right), 1e-14, 1e-16)
    text = gradient.emit()
    assert "where" not in text[text.index("def _value_and_grad(") : text.index("def value(")]


@pytest.mark.parametrize("loss", SIGNS)
def test_the_value_is_as_it_is_written(loss: Loss) -> None:
    assert sd.value_and_grad(loss)(Z, Y)[0] == loss(Z, Y)


@pytest.mark.parametrize(
    "other",
    [
        lambda z: np.sum(np.maximum(z, 0) - np.log1p(np.exp(-np.abs(z)))),
        lambda z: np.sum(np.maximum(z, 0) * 2.0 + np.log1p(np.exp(-np.abs(z)))),
        lambda z: np.sum(np.maximum(z[1:], 0) + np.log1p(np.exp(-np.abs(z[:-1])))),
        lambda z: np.sum(np.maximum(z, 1) + np.log1p(np.exp(-np.abs(z)))),
        lambda z: np.sum(np.maximum(z, 0) + np.log(2 + np.exp(-np.abs(z)))),
    ],
)
def test_what_is_not_softplus_is_left(other: Callable[[Any], Any]) -> None:
    z, h = np.array([0.3, -2.0, 1.5, -0.7]), 1e-6
    steps = h * np.eye(4)
    slopes = [(other(z + step) - other(z - step)) / (2 * h) for step in steps]
    np.testing.assert_allclose(sd.grad(other)(z), slopes, rtol=1e-7, atol=1e-9)
