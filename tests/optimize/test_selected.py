"""Cotangents that are selected once: by hand where all is finite, and zero where it is not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import symdiff as sd

inf, nan = np.inf, np.nan


def _scaled(gamma: Any, beta: Any, x: Any, w: Any) -> Any:
    """A normalisation that is scaled, shifted and cut off."""
    centred = x - x.mean(axis=0)
    normal = centred / np.sqrt(np.mean(centred**2, axis=0) + 1e-5)
    return np.sum(np.maximum(gamma * normal + beta, 0.0) * w)


def test_a_scaled_normalisation_selects_once() -> None:
    """Against the complex step in each argument, with a tie between numbers that are cut off."""
    rng = np.random.default_rng(3)
    given = [rng.normal(size=n) for n in (4, 4, (6, 4), (6, 4))]
    shapes = {
        name: part.shape for name, part in zip(("gamma", "beta", "x", "w"), given, strict=True)
    }
    made = sd.function(_scaled, shapes=shapes, wrt=("gamma", "beta", "x")).grad()
    text = made.emit(lean=True)
    assert "np.where(" not in text
    assert text.count("np.sign(") == 1

    def by_complex_step(place: int) -> Any:
        found = np.empty(given[place].shape)
        for index in np.ndindex(found.shape):
            moved = [part.astype(complex) for part in given]
            moved[place][index] += 1e-30j
            gamma, beta, x, w = moved
            centred = x - x.mean(axis=0)
            normal = centred / np.sqrt(np.mean(centred**2, axis=0) + 1e-5)
            cut = gamma * normal + beta
            found[index] = np.sum(np.where(cut.real > 0.0, cut, 0.0) * w).imag / 1e-30
        return found

    for place, got in enumerate(made(*given)):
        assert got == pytest.approx(by_complex_step(place), rel=1e-12, abs=1e-13)


def _cut_exponential(w: Any, x: Any, v: Any) -> Any:
    return np.sum(np.maximum(-w * np.exp(x) * v, 0.0))


def _cut_quotient(w: Any, x: Any, v: Any) -> Any:
    return np.sum(np.maximum(w * v / x, 0.0))


def _cut_in_a_loop(w: Any, x: Any, v: Any) -> Any:
    def step(h: Any, _: Any) -> Any:
        return np.exp(h), np.sum(np.maximum(-(h * w * v), 0.0))

    return np.sum(sd.scan(step, x, length=5)[1])


def _missing(w: Any, x: Any, v: Any) -> Any:
    return np.sum(np.where(w < 0.0, 0.0, w * w * x * v))


def _missing_where_it_is_compared(w: Any, x: Any, v: Any) -> Any:
    return np.sum(np.where(w * x > 0.0, w * x * v, 0.0))


@pytest.mark.parametrize(
    ("function", "w", "x", "v"),
    [
        (_cut_exponential, [1.0, 2.0], [1000.0, 800.0], [1.0, 3.0]),
        (_cut_quotient, [-1.0, -2.0], [0.0, 0.0], [1.0, 3.0]),
        (_cut_in_a_loop, [1.0, 2.0], [2.0, 3.0], [1.0, 3.0]),
        (_missing, [-1.0, -2.0], [nan, inf], [1.0, 3.0]),
        (_missing_where_it_is_compared, [-1.0, -2.0], [nan, inf], [1.0, nan]),
    ],
    ids=lambda one: one.__name__.strip("_") if callable(one) else "",
)
def test_a_factor_that_is_infinite_where_nothing_counts_adds_nothing(
    function: Any, w: Any, x: Any, v: Any
) -> None:
    given = [np.array(part) for part in (w, x, v)]
    made = sd.grad(function, wrt=("w", "v"))
    for part in made(*given):
        assert np.array_equal(part, np.zeros(2))


def test_a_nan_that_is_compared_counts() -> None:
    """As in NumPy, the larger of NaN and 0 is NaN, and so is its derivative."""

    def loss(w: Any, x: Any) -> Any:
        return np.sum(np.maximum(w * x, 0.0))

    by_w, by_x = sd.grad(loss, wrt=("w", "x"))(np.array([1.0, -1.0]), np.array([nan, 2.0]))
    assert np.array_equal(by_w, [nan, 0.0], equal_nan=True)
    assert np.array_equal(by_x, [nan, 0.0], equal_nan=True)
