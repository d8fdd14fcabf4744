"""Types of NumPy 2: what is promoted, what stays whole, what overflows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import symdiff as sd
from tests.frontend.tracing.checks import X, agree, value_of

F = np.array([0.5, -1.25, 3.0], np.float32)
D = np.array([0.5, -1.25, 3.0])
I = np.array([1, 2, 0])  # noqa: E741  NumPy's letter
B = np.array([True, False, True])
DOUBLE = np.array([1.0, 2.0, 3.0])
SINGLE = np.array([1.0, 2.0, 3.0], np.float32)
WHOLE = np.array([3, 1, 2])
SMALL = np.array([3, 1, 2], np.int32)

SINGLES: list[Callable[[Any], Any]] = [
    lambda x: x * 2.0,
    lambda x: x + 1,
    lambda x: np.sin(x) ** 2,
    lambda x: x * DOUBLE,
    lambda x: x * SINGLE,
    lambda x: x * WHOLE,
    lambda x: x * SMALL,
    lambda x: x * np.float64(2.0),
    lambda x: x * np.float32(2.0),
    lambda x: x * np.int64(2),
    lambda x: np.zeros(3) + x,
    lambda x: np.zeros(3, np.float32) + x,
    lambda x: np.ones_like(x) * x,
    lambda x: np.full_like(x, 2.5) + x,
    lambda x: np.array([x[0], x[1]]),
    lambda x: np.array([x[0], 1.0]),
    lambda x: np.concatenate([x, DOUBLE]),
    lambda x: np.concatenate([x, SINGLE]),
    lambda x: np.where(x > 0, x, 0.0),
    lambda x: np.where(x > 0, x, DOUBLE),
    lambda x: x.mean(),
    lambda x: x.sum(),
    lambda x: np.dot(x, DOUBLE),
    lambda x: x @ SINGLE,
    lambda x: x.astype(float),
    lambda x: x.astype(np.float64) * 2,
    lambda x: x / 3,
    lambda x: x // 2,
    lambda x: x > 0,
    lambda x: (x > 0).sum(),
    lambda x: np.argmax(x),
    lambda x: x[0] * 2.0,
    lambda x: x[0] * np.float64(2.0),
    lambda x: np.exp(x[0]),
    lambda x: np.linalg.norm(x),
    lambda x: np.maximum(x, 0.0),
    lambda x: np.clip(x, 0.0, 1.0),
    lambda x: x.sum(dtype=np.float64),
    lambda x: np.linspace(0.0, 1.0, 3) * x,
    lambda x: np.arange(3) * x,
    lambda x: np.arange(3.0) * x,
    lambda x: np.outer(x, x),
    lambda x: np.mean(x, axis=0),
    lambda x: np.std(x),
    lambda x: np.stack([x, x]),
    lambda x: np.cumsum(x),
    lambda x: np.sqrt(np.abs(x)),
    lambda x: np.einsum("i,i->", x, DOUBLE),
    lambda x: np.array(x, dtype=float),
    lambda x: x - x.max(),
]


@pytest.mark.spread(2)
@pytest.mark.parametrize("number", range(len(SINGLES)))
def test_float32_as_in_numpy(number: int) -> None:
    function = SINGLES[number]
    wanted, found = np.asarray(function(F)), np.asarray(value_of(function, F))
    assert found.shape == wanted.shape
    np.testing.assert_allclose(found, wanted, rtol=2e-6)
    if wanted.dtype.kind == "f":
        assert found.dtype == wanted.dtype


def test_writing_into_another_type() -> None:
    def into_single(x: Any) -> Any:
        a = np.zeros(3, np.float32)
        a[:] = x * DOUBLE
        return a

    def into_double(x: Any) -> Any:
        a = np.zeros(3)
        a[:] = x
        return a / 3

    for function, given in ((into_single, D), (into_single, F), (into_double, F)):
        wanted, found = function(given), value_of(function, given)
        np.testing.assert_allclose(found, wanted, rtol=1e-7)
        assert found.dtype == wanted.dtype


def test_the_gradient_has_the_type_of_its_argument() -> None:
    gradient = sd.grad(lambda x: np.sum(x**2))(F)
    assert gradient.dtype == np.float32
    np.testing.assert_allclose(gradient, 2 * F)
    assert sd.grad(lambda x: np.sum(x**2))(D).dtype == np.float64


WHOLES: list[Callable[[Any, Any], Any]] = [
    lambda x, i: x[i],
    lambda x, i: x[i % 2] * 2,
    lambda x, i: x * (i / 2),
    lambda x, i: x * (i // 2),
    lambda x, i: x * (i % 2),
    lambda x, i: x * i**2,
    lambda x, i: x * (-i),
    lambda x, i: x * (i == 1),
    lambda x, i: x * np.sum(i),
    lambda x, i: x * np.sum(i == 1),
    lambda x, i: x * np.mean(i),
    lambda x, i: x * i.max() + i.min(),
    lambda x, i: np.outer(x, x)[np.arange(3), i],
    lambda x, i: x + np.eye(3)[i].sum(axis=0),
    lambda x, i: x * np.sqrt(i),
    lambda x, i: x * np.where(i > 1, 1, 0),
    lambda x, i: x * i.astype(float) / 7,
    lambda x, i: x * np.cumsum(i),
    lambda x, i: x * np.arange(3)[i],
    lambda x, i: x[i[0]],
    lambda x, i: x * (i + 10) // 3,
    lambda x, i: x * i.dot(i),
    lambda x, i: x * np.bincount(np.array([0, 1, 1]), minlength=3) + i,
    lambda x, i: x * abs(i - 3),
    lambda x, i: x * (7 // (i + 1)),
    lambda x, i: x * (2.0 ** (-i)),
]


@pytest.mark.spread(2)
@pytest.mark.parametrize("number", range(len(WHOLES)))
@pytest.mark.parametrize("kind", [np.int64, np.int32, np.uint8])
def test_whole_numbers_as_data(number: int, kind: Any) -> None:
    function = WHOLES[number]
    if kind is np.uint8 and number in (14, 25):
        pytest.skip("NumPy computes float16, or has no such number")
    agree(function, X, I.astype(kind))


def test_unsigned_numbers_wrap_or_are_refused() -> None:
    def negative(x: Any, i: Any) -> Any:
        return x * (-i)

    def below_zero(x: Any, i: Any) -> Any:
        return x * (i - 3)

    def large(x: Any, i: Any) -> Any:
        return x * (i * 200)

    for function in (negative, below_zero, large):
        for kind in (np.uint8, np.int8, np.uint32):
            data = I.astype(kind)
            if kind is np.int8 and function is large:
                continue  # NumPy's own error
            try:
                found = value_of(function, X, data)
            except sd.UnsupportedError:
                continue
            with np.errstate(over="ignore"):
                np.testing.assert_allclose(found, function(X, data), rtol=1e-14)


def test_int64_overflows_as_in_numpy() -> None:
    def function(x: Any, i: Any) -> Any:
        return x * (i * 2**40 * 2**23)

    with np.errstate(over="ignore"):
        np.testing.assert_allclose(value_of(function, X, I), function(X, I), rtol=1e-14)


def test_truths_as_data() -> None:
    for function in (
        lambda x, b: x * b,
        lambda x, b: np.where(b, x, 0.0),
        lambda x, b: x * b.sum(),
        lambda x, b: x * (b & ~b).any() + b.mean(),
        lambda x, b: x * np.logical_not(b),
        lambda x, b: x * (b + b),
        lambda x, b: x * (b * 2 + True),
        lambda x, b: x * (b | (x > 0)),
    ):
        agree(function, X, B)


def test_an_integer_is_a_float() -> None:
    assert sd.grad(lambda x: x**2)(3) == 6.0
    assert sd.grad(lambda x: x**3 // 1 + x * x)(3) == 6.0
    assert sd.grad(lambda x: np.sum(x**2))(np.array([1, 2])).tolist() == [2.0, 4.0]
    assert sd.grad(lambda x: x**2)(np.int64(3)) == 6.0
    assert sd.grad(lambda x: x**2)(np.float64(3)) == 6.0
    assert sd.grad(lambda x: x**2)(True) == 2.0 if False else True
    assert sd.value_and_grad(lambda x: x / 2)(3) == (1.5, 0.5)


def test_zero_dimensional_arrays() -> None:
    gradient = sd.grad(lambda x: x**2)(np.array(3.0))
    assert gradient == 6.0
    agree(lambda x: x.reshape(1) * 2, np.array(1.5))


def test_labels() -> None:
    rng = np.random.default_rng(0)
    scores, labels = rng.normal(size=(4, 3)), np.array([2, 0, 1, 1])

    def cross_entropy(w: Any, labels: Any) -> Any:
        shifted = w - w.max(axis=1, keepdims=True)
        logs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
        return -np.mean(logs[np.arange(len(labels)), labels])

    agree(cross_entropy, scores, labels)
    grad = sd.grad(cross_entropy)
    other = np.array([0, 0, 2, 1])
    soft = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(grad(scores, other), (soft - np.eye(3)[other]) / 4, atol=1e-15)
