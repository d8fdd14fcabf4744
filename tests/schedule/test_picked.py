"""What a mask picks of an array: sums of it, what is added to it, and masks that are made again.

The oracle is NumPy's own boolean index, and central differences.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import symdiff as sd


def ring_means(data: Any, radius: Any) -> Any:
    """Means of the data between two radii (J. Kieffer's azimuthal integration)."""
    means = np.zeros(6)
    for i in range(6):
        ring = np.logical_and(i / 6.0 <= radius, radius < (i + 1) / 6.0)
        means[i] = np.mean(data[ring]) ** 2
    return np.sum(means)


DATA = np.random.default_rng(5).normal(size=(9, 8))
RADIUS = np.random.default_rng(6).uniform(size=(9, 8))


def body_of(function: Any) -> str:
    text: str = function.emit()
    return text[text.index("def _value_and_grad") : text.index("def value(")]


def test_a_mask_of_what_is_given_is_not_kept() -> None:
    gradient = sd.value_and_grad(ring_means, loops="roll")
    value, found = gradient(DATA, RADIUS)
    assert value == ring_means(DATA, RADIUS)  # NumPy sums what is picked in the same order
    along = np.random.default_rng(7).normal(size=DATA.shape)
    sides = [ring_means(DATA + sign * 1e-6 * along, RADIUS) for sign in (1, -1)]
    np.testing.assert_allclose(np.sum(found * along), (sides[0] - sides[1]) / 2e-6, rtol=1e-7)
    body = body_of(gradient)
    assert "bool)" not in body  # no history of the masks
    assert "out=data_bar, where=" in body


def test_what_is_not_picked_reaches_nothing() -> None:
    data, radius = DATA.copy(), RADIUS.copy()
    radius[0, 0], data[0, 0] = 2.0, np.nan
    radius[1, 1], data[1, 1] = 2.0, np.inf
    value, found = sd.value_and_grad(ring_means, loops="roll")(data, radius)
    assert value == ring_means(data, radius)
    assert np.all(np.isfinite(found))
    assert found[0, 0] == found[1, 1] == 0.0


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_sums_of_what_a_mask_picks(dtype: Any) -> None:
    def total(x: Any) -> Any:
        return np.sum(np.exp(x)[x > 0.0]) + np.sum(x[x > 9.0])

    x = DATA.astype(dtype)
    gradient = sd.value_and_grad(total)
    value, found = gradient(x)
    assert value.dtype == found.dtype == dtype
    np.testing.assert_allclose(value, total(x), rtol=4 * np.finfo(dtype).eps)
    np.testing.assert_array_equal(found == 0.0, x <= 0.0)
    np.testing.assert_allclose(found[x > 0], np.exp(x[x > 0]), rtol=1e-6)
    assert "].sum()" in body_of(gradient)
