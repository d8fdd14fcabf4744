"""Products that steps add to slices of a matrix: one product behind the loop where that is less.

The oracle is the program itself, run by Python: its central differences.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import symdiff as sd

X = np.random.default_rng(1).normal(size=(3, 24)) * 0.4


def upper(x: Any) -> Any:
    found = np.zeros((x.shape[1], x.shape[1]))
    for i in range(x.shape[1]):
        found[i, i:] = np.sin(x[:, i] @ x[:, i:])
    return np.sum(found**2)


def lower_from_the_end(x: Any) -> Any:
    found, total = np.zeros((x.shape[1], x.shape[1])), 0.0
    for i in range(x.shape[1] - 1, -1, -1):
        found[i, : i + 1] = total * np.sin(x[:, i] @ x[:, : i + 1])
        total = total * 0.3 + np.sum(found[i]) + x[0, i]
    return np.sum(found**2) + total


def every_other(x: Any) -> Any:
    total = 0.0
    for i in range(0, x.shape[1] - 1, 2):
        total += np.sum(np.sin(x[:, i] @ x[:, i + 1 :]) ** 2)
    return total


def with_more(x: Any) -> Any:
    """A term that is no product of slices is added in each step."""
    total, u = 0.0, x[:, 0]
    for i in range(x.shape[1]):
        u = np.sin(u + x[:, i])
        total += np.sum((u @ x[:, i:]) ** 2) + np.sum(np.exp(x * x[0, i]))
    return total


def in_a_loop(x: Any) -> Any:
    total = 0.0
    for k in range(5):
        for i in range(x.shape[1]):
            total += np.sin(total) * 0.01 + np.sum((x[:, i] @ x[:, i:]) * (0.1 + k * 0.1))
    return total


def narrow(x: Any) -> Any:
    total = 0.0
    for i in range(x.shape[1] - 2):
        total += np.sum(np.sin(x[:, i] @ x[:, i : i + 2]))
    return total


FUNCTIONS = (upper, lower_from_the_end, every_other, with_more, in_a_loop, narrow)


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f.__name__)
def test_derivatives_are_differences(function: Callable[..., Any]) -> None:
    along = np.random.default_rng(2).normal(size=X.shape)
    value, gradient = sd.value_and_grad(function)(X)
    np.testing.assert_allclose(value, function(X), rtol=1e-13)
    slope = (function(X + 1e-5 * along) - function(X - 1e-5 * along)) / 2e-5
    np.testing.assert_allclose(np.sum(gradient * along), slope, rtol=1e-7)
    grad = sd.grad(function)
    bend = (grad(X + 1e-5 * along) - grad(X - 1e-5 * along)) / 2e-5
    np.testing.assert_allclose(sd.hvp(function)(X, along), bend, rtol=1e-6, atol=1e-6)


def backwards(function: Callable[..., Any]) -> str:
    """The steps of a gradient, and what follows them."""
    text = sd.function(function, shapes={"x": X.shape}).value_and_grad().emit()
    body = text[text.index("def _value_and_grad") : text.index("def value(")]
    return body[body.index("reversed(range") :]


@pytest.mark.parametrize("function", [upper, every_other, with_more], ids=lambda f: f.__name__)
def test_wide_slices_are_multiplied_behind_the_loop(function: Callable[..., Any]) -> None:
    steps, _, after = backwards(function).rpartition("\n        ")
    assert "np.outer" not in steps
    assert " @ " in after


def test_narrow_slices_are_multiplied_in_the_steps() -> None:
    assert "np.outer" in backwards(narrow)


def test_a_row_is_written_where_it_is_stored() -> None:
    text = backwards(upper)
    assert "bars[i, i:] = " in text
    assert "np.zeros" not in text


def test_a_loop_counts_with_no_name_of_a_length_in_it() -> None:
    """The first loop counts with the length that bounds its slices, the second has one beside."""

    def both(x: Any) -> Any:
        total = 1.0
        for i in range(x.shape[1]):
            total += np.sum(np.sin(x[0, i:] * total))
        for i in range(0, x.shape[1] - 1, 2):
            total = np.sin(total) * np.exp(total * x[0, i]) + np.sum(np.sin(x[1, i + 1 :]) ** 2)
        return total

    along = np.random.default_rng(2).normal(size=X.shape)
    value, gradient = sd.value_and_grad(both)(X)
    np.testing.assert_allclose(value, both(X), rtol=1e-13)
    slope = (both(X + 1e-6 * along) - both(X - 1e-6 * along)) / 2e-6
    np.testing.assert_allclose(np.sum(gradient * along), slope, rtol=1e-6)
