"""What maximum and minimum hand on: a product where it is finite, a choice where it may not be."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import symdiff as sd

inf, nan = np.inf, np.nan
A = np.array([-1.5, 0.5, 2.0, 1.0, -0.5])
B = np.array([-1.5, 0.7, 1.0, -1.0, -0.5])  # two ties


def larger(a: Any, b: Any, y: Any) -> Any:
    return np.sum((np.maximum(a, b) * y) ** 2)


def smaller(a: Any, b: Any, y: Any) -> Any:
    return np.sum(np.minimum(a, b) ** 3 * y)


def layers(a: Any, b: Any, y: Any) -> Any:
    h = np.maximum(np.outer(a, b), 0.0)
    return np.sum(np.maximum(h @ y - 1.0, 0.0) ** 2)


def shared(a: Any, b: Any) -> tuple[Any, Any]:
    """The derivatives of a maximum, by the convention: a tie is shared equally."""
    return np.where(a > b, 1.0, np.where(a == b, 0.5, 0.0)), np.where(
        b > a, 1.0, np.where(a == b, 0.5, 0.0)
    )


def text_of(function: Any, *args: Any) -> str:
    found = sd.grad(function, tuple(range(len(args))))
    found(*args)
    return str(found.emit())


def test_both_shares_by_one_sign() -> None:
    y = np.array([0.3, -1.2, 0.0, 2.0, 1.0])
    to_a, to_b, to_y = sd.grad(larger, (0, 1, 2))(A, B, y)
    high, (left, right) = np.maximum(A, B), shared(A, B)
    assert to_a == pytest.approx(2 * high * y**2 * left, rel=1e-14, abs=0.0)
    assert to_b == pytest.approx(2 * high * y**2 * right, rel=1e-14, abs=0.0)
    assert to_y == pytest.approx(2 * high**2 * y, rel=1e-14)
    text = text_of(larger, A, B, y)
    assert text.count("np.sign(") == 1
    assert "np.where" not in text


def test_of_a_minimum() -> None:
    y = np.array([0.3, -1.2, 0.0, 2.0, 1.0])
    to_a, to_b, _ = sd.grad(smaller, (0, 1, 2))(A, B, y)
    low, (right, left) = np.minimum(A, B), shared(A, B)
    assert to_a == pytest.approx(3 * low**2 * y * left, rel=1e-14, abs=0.0)
    assert to_b == pytest.approx(3 * low**2 * y * right, rel=1e-14, abs=0.0)


def test_of_two_layers() -> None:
    """The cotangent of the first layer goes through the share of the second."""
    y = np.linspace(-1.0, 1.4, 5)
    assert "np.where" not in text_of(layers, A, B, y)
    gradient = sd.grad(layers, (0, 1, 2))(A, B + 0.3, y)
    way = np.cos(np.arange(15.0)).reshape(3, 5)
    at = np.stack([A, B + 0.3, y])
    slope = (layers(*(at + 1e-6 * way)) - layers(*(at - 1e-6 * way))) / 2e-6
    assert np.sum(np.stack(gradient) * way) == pytest.approx(slope, rel=1e-7)


def test_nothing_leaks_where_a_factor_is_infinite() -> None:
    """What may be infinite for finite arguments is chosen: zero times infinity is no number."""

    def program(x: Any, w: Any) -> Any:
        return np.sum(np.maximum(w * np.exp(x), 0.0))

    x, w = np.array([800.0, 1.0, 800.0]), np.array([-1.0, 2.0, -0.5])
    with np.errstate(over="ignore"):
        to_x, to_w = sd.grad(program, (0, 1))(x, w)
    assert np.asarray(to_x) == pytest.approx([0.0, 2 * np.e, 0.0])
    assert np.asarray(to_w) == pytest.approx([0.0, np.e, 0.0])


def test_missing_data_that_a_choice_leaves_out() -> None:
    """NaN in the arguments, which the function itself leaves out, stays out of the gradient."""

    def program(x: Any, y: Any) -> Any:
        return np.sum(np.where(np.isnan(y), 0.0, np.maximum(x, 0.0) * y))

    def of_the_maximum(x: Any) -> Any:
        h = np.maximum(x, 0.0)
        return np.sum(np.where(np.isnan(h), 0.0, h * h))

    x = np.array([-1.0, 2.0, 3.0])
    assert sd.grad(program)(x, np.array([nan, 0.5, nan])).tolist() == [0.0, 0.5, 0.0]
    assert sd.grad(of_the_maximum)(np.array([nan, 2.0, -1.0])).tolist() == [0.0, 4.0, 0.0]
    assert sd.grad(lambda v: np.nansum(np.maximum(v, 0.0) ** 2))(
        np.array([nan, 2.0, -1.0])
    ).tolist() == [0.0, 4.0, 0.0]


def test_missing_data_that_an_index_leaves_out() -> None:
    x = np.array([1.0, nan, 3.0, 2.0, -1.0])
    with np.errstate(invalid="ignore"):
        gradient = sd.grad(lambda x: np.maximum(x, 0.0)[0] * np.maximum(x, 0.0)[2])(x)
        assert gradient.tolist() == [3.0, 0.0, 1.0, 0.0, 0.0]
        gradient = sd.grad(lambda x: np.sum(np.maximum(x, 0.0)[2:] ** 2))(x)
        assert gradient.tolist() == [0.0, 0.0, 6.0, 4.0, 0.0]
        gradient = sd.grad(lambda X: np.trace(np.maximum(X, 0.0)))(np.array([[2.0, nan], [nan, 1]]))
        assert gradient.tolist() == [[1.0, 0.0], [0.0, 1.0]]
