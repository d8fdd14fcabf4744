"""Gradients that selections, sums and pairs are shared in, against central differences."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import symdiff as sd

STEP = 1e-6


def normalised_layer(W: Any, gain: Any, shift: Any, X: Any) -> Any:
    a = X @ W
    centred = a - a.mean(axis=-1, keepdims=True)
    scaled = gain * centred / np.sqrt(a.var(axis=-1, keepdims=True) + 1e-5) + shift
    return np.sum(np.maximum(scaled, 0.1 * scaled) ** 2)


def batch_normalised(W: Any, gain: Any, shift: Any, X: Any) -> Any:
    a = X @ W
    scaled = gain * (a - a.mean(axis=0)) / np.sqrt(a.var(axis=0) + 1e-5) + shift
    return np.sum(np.maximum(scaled, 0.0) ** 2)


def gaussian_kernel(x: Any, width: Any) -> Any:
    d = x[:, None, :] - x[None, :, :]
    return np.sum(np.exp(-np.sum(d**2, axis=-1) / width**2) * width)


def charges(x: Any, q: Any) -> Any:
    d = x[:, None, :] - x[None, :, :]
    return np.sum(q[:, None] * q[None, :] / np.sqrt(np.sum(d**2, axis=-1) + 0.1))


def potential_of_the_first(x: Any, q: Any) -> Any:
    """The weight is the first one's: nothing is symmetric."""
    d = x[:, None, :] - x[None, :, :]
    return np.sum(q[:, None] / np.sqrt(np.sum(d**2, axis=-1) + 0.1))


def differences_of_numbers(x: Any, v: Any) -> Any:
    d, w = x[:, None] - x[None, :], v[:, None] + v[None, :]
    return np.sum(np.tanh(d) * w * d + np.where(d > 0.3, np.abs(d) ** 3, d * d))


def between_two_clouds(x: Any, y: Any, q: Any) -> Any:
    """The two ends of a difference are other points."""
    d = x[:, None, :] - y[None, :, :]
    return np.sum(np.sum(d**2, axis=-1) ** 1.5 * q)


def chosen_rows(X: Any, w: Any, c: Any) -> Any:
    chosen = np.where(X > 0.0, (X * w) ** 2 * c[:, None], np.sin(X) * w)
    return np.sum(chosen) + np.sum(np.sum(X * w, axis=1) ** 3)


FUNCTIONS: dict[Callable[..., Any], tuple[tuple[int, ...], ...]] = {
    normalised_layer: ((4, 5), (5,), (5,), (6, 4)),
    batch_normalised: ((4, 5), (5,), (5,), (6, 4)),
    gaussian_kernel: ((5, 2), ()),
    charges: ((5, 3), (5,)),
    potential_of_the_first: ((5, 3), (5,)),
    differences_of_numbers: ((5,), (5,)),
    between_two_clouds: ((4, 2), (4, 2), (4, 4)),
    chosen_rows: ((4, 3), (3,), (4,)),
}


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.__name__)
def test_gradient_against_differences(function: Callable[..., Any]) -> None:
    rng, names = np.random.default_rng(1), function.__code__.co_varnames
    point = [np.asarray(rng.normal(size=shape)) for shape in FUNCTIONS[function]]
    names = names[: len(point)]
    shapes = dict(zip(names, FUNCTIONS[function], strict=True))
    gradient = sd.function(function, shapes=shapes, wrt=names).grad()(*point)
    for number, found in enumerate(gradient):
        right = np.empty(point[number].shape)
        for place in np.ndindex(right.shape):
            values = []
            for step in (STEP, -STEP):
                moved = [x.copy() for x in point]
                moved[number][place] += step
                values.append(function(*moved))
            right[place] = (values[0] - values[1]) / (2 * STEP)
        assert found == pytest.approx(right, rel=1e-6, abs=1e-6)
