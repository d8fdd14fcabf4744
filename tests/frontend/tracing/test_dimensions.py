"""Named dimensions: one trace, one emitted module, any length."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import numpy as np
import pytest

import symdiff as sd

LENGTHS = (1, 2, 5, 17)
rng = np.random.default_rng(3)


def mean_square(X: Any, w: Any, y: Any) -> Any:
    return np.mean((X @ w - y) ** 2)


def counted(X: Any, w: Any, y: Any) -> Any:
    n = X.shape[0]
    residual = X @ w - y
    return np.sum(residual**2) / n + n * 0.5 - (2 * n + 1) / 3.0 + X.size + len(w) + n**2 / 10


def unpacked(X: Any, w: Any, y: Any) -> Any:
    n, d = X.shape
    return (X @ w).sum() / (n * d) + np.sum(y) * n


def made_inside(X: Any, w: Any, y: Any) -> Any:
    n = X.shape[0]
    total = np.zeros(n) + np.ones(n) * 2 + np.full(n, 3.0)
    total = total + np.arange(n) + X[:, 0]
    return np.sum(total * y)


def written(X: Any, w: Any, y: Any) -> Any:
    a = np.zeros(X.shape)
    a[:, 0] = y
    a[:, 1:] = X[:, 1:] * 2
    a *= w
    b = np.zeros_like(y)
    b[:] = a.sum(axis=1)
    b[0] += 1.0
    return np.sum(b * y)


def neighbours(X: Any, w: Any, y: Any) -> Any:
    return np.sum((y[1:] - y[:-1]) ** 2) + y[0] + y[-1]


def standardized(X: Any, w: Any, y: Any) -> Any:
    z = (X - X.mean(axis=0)) / np.sqrt(X.var(axis=0) + 1.0)
    return np.sum(z @ w * y) + np.max(y) + np.linalg.norm(y)


def reshaped(X: Any, w: Any, y: Any) -> Any:
    flat = X.reshape(-1)
    back = flat.reshape(X.shape[0], X.shape[1])
    return np.sum(back.T @ y) + flat[0] + np.sum(X.ravel() ** 2) + np.sum(y[:, None] * X)


def joined(X: Any, w: Any, y: Any) -> Any:
    ones = np.ones((X.shape[0], 1))
    both = np.concatenate([X, ones], axis=1)
    return np.sum(both @ np.append(w, 1.0) * y) + np.sum(np.stack([y, y]) ** 2)


FUNCTIONS: list[Callable[..., Any]] = [
    mean_square,
    counted,
    unpacked,
    made_inside,
    written,
    neighbours,
    standardized,
    reshaped,
    joined,
]
SHAPES = {"X": ("N", 3), "w": (3,), "y": ("N",)}


def given(n: int) -> tuple[Any, Any, Any]:
    return rng.normal(size=(n, 3)), rng.normal(size=3), rng.normal(size=n)


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f.__name__)
def test_one_module_for_every_length(function: Callable[..., Any]) -> None:
    made = sd.function(function, shapes=SHAPES)
    grad = made.value_and_grad("X, w, y")
    for n in LENGTHS:
        args = given(n)
        assert made(*args) == pytest.approx(function(*args), rel=1e-12)
        value, gradients = grad(*args)
        assert value == pytest.approx(function(*args), rel=1e-12)
        for number, gradient in enumerate(gradients):
            assert gradient.shape == args[number].shape
            direction = rng.normal(size=gradient.shape)
            moved = [list(args), list(args)]
            for sign, other in zip((1, -1), moved, strict=True):
                other[number] = args[number] + sign * 1e-6 * direction
            slope = (function(*moved[0]) - function(*moved[1])) / 2e-6
            assert np.sum(gradient * direction) == pytest.approx(slope, rel=1e-5, abs=1e-6)


def test_wrong_shapes_are_named() -> None:
    grad = sd.function(mean_square, shapes=SHAPES).grad("w")
    x, w, y = given(4)
    for args, words in (
        ((x, w, y[:3]), ("y", "3")),
        ((x[:, :2], w, y), ("X", "2", "3")),
        ((x, w[:2], y), ("w", "2", "3")),
        ((x[0], w, y), ("X",)),
    ):
        with pytest.raises(ValueError, match=r"expected|shape") as caught:
            grad(*args)
        for word in words:
            assert word in str(caught.value)


def refused(function: Callable[..., Any]) -> str:
    with pytest.raises(sd.UnsupportedError) as caught:
        sd.function(function, shapes={"x": ("N",)})
    return str(caught.value)


def test_what_a_length_cannot_do() -> None:
    def length(x: Any) -> Any:
        return np.sum(x) / len(x)

    def loop(x: Any) -> Any:
        return sum(x[i] for i in range(x.shape[0]))

    def iteration(x: Any) -> Any:
        return sum(v for v in x)

    def branch(x: Any) -> Any:
        return np.sum(x) if x.shape[0] > 2 else x[0]

    def equality(x: Any) -> Any:
        return np.sum(x) if x.shape[0] == 3 else x[0]

    def truth(x: Any) -> Any:
        return np.sum(x) if x.size else 0.0

    def number(x: Any) -> Any:
        return np.sum(x) / float(x.shape[0])

    def key(x: Any) -> Any:
        return np.sum(x) * {3: 1.0}.get(x.shape[0], 2.0)

    for function in (length, loop, iteration, branch, equality, truth, number):
        message = refused(function)
        assert "known only when" in message
        assert "^" in message
    with pytest.raises((sd.UnsupportedError, TypeError)):
        sd.function(key, shapes={"x": ("N",)})


def test_shapes_that_must_be_equal() -> None:
    def both(x: Any, y: Any) -> Any:
        return np.sum(x * y)

    with pytest.raises(sd.ShapeError):
        sd.function(both, shapes={"x": ("N",), "y": ("M",)})
    assert sd.function(both, shapes={"x": ("N",), "y": ("N",)})(np.ones(2), np.ones(2)) == 2.0


def test_annotations() -> None:
    def texts(X: Any, w: Any, y: Any) -> Any:
        return np.mean((X @ w - y) ** 2)

    def annotated(X: Any, w: Any, y: Any) -> Any:
        return np.mean((X @ w - y) ** 2)

    texts.__annotations__ = {"X": "N 3", "w": "3", "y": "[N]"}
    annotated.__annotations__ = {
        "X": Annotated[Any, "N 3"],
        "w": Annotated[Any, (3,)],
        "y": Annotated[Any, ("N",)],
    }
    for function in (texts, annotated):
        made = sd.function(function)
        for n in (1, 4):
            args = given(n)
            assert made(*args) == pytest.approx(function(*args), rel=1e-13)


def test_bad_shapes() -> None:
    with pytest.raises(sd.SymdiffError, match="'x' is not an argument"):
        sd.function(mean_square, shapes={"x": (3,)})
    with pytest.raises(sd.ShapeError, match="length -1"):
        sd.function(mean_square, shapes={"X": (-1,)})
    with pytest.raises(sd.ShapeError, match="no length"):
        sd.function(mean_square, shapes={"X": (2.5,)})


def test_nested_shapes() -> None:
    def loss(p: Any, x: Any) -> Any:
        return np.sum(p["w"] @ x) + p["b"][0]

    made = sd.function(loss, shapes={"p": {"w": ("K", "N"), "b": [()]}, "x": ("N",)})
    assert made.inputs == ("p_w", "p_b_0", "x")
    assert made(np.ones((2, 3)), 1.0, np.ones(3)) == 7.0
