"""Jacobians of what is computed element by element: diagonals, whose zeros multiply nothing."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import symdiff as sd

A = np.arange(1.0, 13.0).reshape(4, 3)
X = np.array([0.0, 1.0, 4.0])  # the first has an infinite slope
SLOPES = 0.5 / np.sqrt(X[1:])


@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_an_infinite_slope_reaches_its_own_column_alone(mode: str) -> None:
    found = sd.jacobian(lambda x: A @ np.sqrt(x), mode=mode)(X)
    assert np.isposinf(found[:, 0]).all()
    np.testing.assert_allclose(found[:, 1:], A[:, 1:] * SLOPES, rtol=1e-15)


FUNCTIONS: dict[str, tuple[Any, Any]] = {
    "sin(x)": (lambda x: np.sin(x), lambda x: np.diag(np.cos(x))),
    "2 - x**2/3": (lambda x: 2.0 - x**2 / 3.0, lambda x: np.diag(-2.0 * x / 3.0)),
    "A @ exp(x)": (lambda x: A @ np.exp(x), lambda x: A * np.exp(x)),
    "exp(A @ x)": (lambda x: np.exp(A @ x / 9.0), lambda x: np.exp(A @ x / 9.0)[:, None] * A / 9.0),
    "where": (
        lambda x: np.where(x > 1.5, x**2, 3.0 * x),
        lambda x: np.diag(np.where(x > 1.5, 2.0 * x, 3.0)),
    ),
    "x / sum": (
        lambda x: x / np.sum(x),
        lambda x: np.eye(3) / np.sum(x) - np.outer(x, np.ones(3)) / np.sum(x) ** 2,
    ),
    "x[::-1]*x": (
        lambda x: x[::-1] * x,
        lambda x: np.diag(x[::-1]) + np.diag(x)[:, ::-1],
    ),
    "cumsum": (lambda x: np.cumsum(x**2), lambda x: np.tril(np.ones((3, 3))) * 2.0 * x),
}


@pytest.mark.parametrize("mode", ["forward", "reverse"])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_jacobians_are_those_by_hand(name: str, mode: str) -> None:
    function, wanted = FUNCTIONS[name]
    x = np.array([0.7, 1.9, -0.4])
    for made in (function, sd.jacobian(function, mode=mode)):
        assert np.isfinite(made(x)).all()
    np.testing.assert_allclose(
        sd.jacobian(function, mode=mode)(x), wanted(x), rtol=1e-13, atol=1e-15
    )


def test_the_hessian_of_a_sum_is_a_diagonal() -> None:
    made = sd.function(lambda x: np.sum(np.sqrt(x)), shapes={"x": ("N",)}).hessian()
    found = made(X)
    np.testing.assert_allclose(found[1:, 1:], np.diag(-0.25 * X[1:] ** -1.5), rtol=1e-14)
    assert not found[0, 1:].any()
    assert not found[1:, 0].any()
    assert "np.diag(" in made.emit()


def test_a_product_with_a_diagonal_scales() -> None:
    made = sd.function(lambda x: A @ np.sqrt(x), shapes={"x": (3,)}).jacobian()
    assert "return ARRAY * (0.5 / np.sqrt(x))\n" in made.emit()
