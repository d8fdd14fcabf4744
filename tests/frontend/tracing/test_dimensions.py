"""Named dimensions: one trace, one emitted module, any length."""

from __future__ import annotations

import math
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


def written_through_views(X: Any, w: Any, y: Any) -> Any:
    n, z = X.shape[0], y * 1.0
    part = z[: n - 1]
    part *= 2.0
    column = z.reshape(n, 1)
    column[0, 0] = w[0]
    z[:1] += 1.0
    return np.sum(z * part.sum()) + column[0, 0]


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
    written_through_views,
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


LENGTHS_OF: dict[str, Callable[[Any], Any]] = {
    "len": lambda x: np.sum(x) / len(x),
    "reciprocal": lambda x: np.sum(x) * (1 / len(x)),
    "of numpy": lambda x: np.sum(x) / np.sqrt(x.shape[0]) + np.log(len(x)) * x[0],
    "of math": lambda x: np.sum(x) * math.sqrt(len(x)) + math.log(len(x)) + math.exp(-len(x)),
    "eye": lambda x: x @ np.eye(len(x)) @ x,
    "arange": lambda x: x @ np.arange(len(x)) + np.linspace(0, 1, len(x)) @ x,
    "made": lambda x: np.full(len(x), 2.0) @ x + np.zeros(len(x)) @ x + np.ones(len(x) - 1) @ x[1:],
    "floor": lambda x: np.sum(x) * (x.shape[0] // 2) + x[0] * (7 // len(x)),
    "remainder": lambda x: np.sum(x) * (x.shape[0] % 2) + x[0] * (7 % len(x)),
    "divmod": lambda x: np.sum(x) * divmod(len(x), 2)[0] + abs(2 - len(x)),
    "rounding": lambda x: np.sum(x) * round(len(x)) + math.floor(len(x) / 2) * x[0],
    "powers": lambda x: np.sum(x) * (len(x) - 1) ** 2 + 2.0 ** -len(x) + np.mean(x ** len(x)),
    "sum": lambda x: np.sum(x) * sum([len(x), 1]),
    "array": lambda x: np.sum(x * np.array(len(x))) + np.maximum(len(x), 3) * x[0],
    "differences": lambda x: np.sum(
        (np.diag(np.ones(len(x) - 1), 1) @ x - np.eye(len(x)) @ x) ** 2
    ),
    "fori": lambda x: sd.fori(0, len(x), lambda i, s: s + (1 + i) * x[i] ** 2, 0.0),
    "fori from 1": lambda x: sd.fori(1, len(x), lambda i, s: s * np.array(x)[i], x[0]),
    "decided": lambda x: np.sum(x) if len(x) == x.size and not len(x) < len(x) - 1 else x[0],
}


@pytest.mark.parametrize("name", LENGTHS_OF)
def test_lengths_are_numbers(name: str) -> None:
    function = LENGTHS_OF[name]
    made = sd.function(function, shapes={"x": ("N",)})
    grad = made.grad()
    for n in (1, 2, 5):
        x = rng.uniform(0.5, 1.5, n)
        assert made(x) == pytest.approx(function(x), rel=1e-13)
        direction = rng.normal(size=n)
        slope = (function(x + 1e-6 * direction) - function(x - 1e-6 * direction)) / 2e-6
        assert grad(x) @ direction == pytest.approx(slope, rel=1e-5, abs=1e-6)


def test_len_is_pythons_again_after_a_trace() -> None:
    sd.function(LENGTHS_OF["len"], shapes={"x": ("N",)})
    assert "len" not in globals()


def test_kinds_of_elements() -> None:
    def picked(w: Any, k: Any, mask: Any) -> Any:
        return np.sum(np.where(mask, w[k] ** 2, 0.0))

    w, k, mask = np.array([2.0, 3.0, 5.0]), np.array([2, 0, 2]), np.array([True, True, False])
    want = np.array([4.0, 0.0, 10.0])
    shapes: dict[str, Any]
    for shapes in (
        {"w": ("N",), "k": ("int", "M"), "mask": ("bool", "M")},
        {"w": "N", "k": "int M", "mask": "bool [M]"},
        {"w": 3, "k": "int 3", "mask": ("bool", 3)},
    ):
        assert sd.function(picked, shapes=shapes).grad()(w, k, mask).tolist() == want.tolist()
        text = sd.function("sum(where(mask, w[k]**2, 0))", wrt="w", shapes=shapes).grad()
        assert text.inputs == ("mask", "w", "k")
        assert text(mask, w, k).tolist() == want.tolist()
    picked.__annotations__ = {"w": "[N]", "k": "int M", "mask": Annotated[Any, ("bool", "M")]}
    assert sd.function(picked).grad()(w, k, mask).tolist() == want.tolist()


def test_types_as_annotations_are_kinds() -> None:
    def power(x: float, n: int) -> Any:
        return x**n

    made = sd.function(power)
    assert made.grad()(2.0, 3) == 12.0
    with pytest.raises(sd.SymdiffError, match="whole numbers"):
        made.grad(wrt="n")


def test_kinds_are_no_dimensions() -> None:
    for shapes in ({"X": ("N", "int")}, {"X": ("bool", "float")}, {"X": "N int"}):
        with pytest.raises(sd.SymdiffError, match="is no length of an axis"):
            sd.function(mean_square, shapes=shapes)
        with pytest.raises(sd.SymdiffError, match="is no length of an axis"):
            sd.function("sum(X)", shapes=shapes)
    with pytest.raises(sd.ParseError, match="'int' is the kind") as caught:
        sd.function("X: [N, int]; sum(X)")
    assert "k: int [N]" in str(caught.value)
    with pytest.raises(sd.ShapeError, match=r"declared otherwise than as int \(3,\)"):
        sd.function("x: float [3]; sum(x)", shapes={"x": "int 3"})
    assert sd.function("k: [3]; x[k]", shapes={"k": "int 3", "x": 4}).wrt == ("x",)


def refused(function: Callable[..., Any]) -> str:
    with pytest.raises(sd.UnsupportedError) as caught:
        sd.function(function, shapes={"x": ("N",)})
    return str(caught.value)


def test_what_a_length_cannot_do() -> None:
    def loop(x: Any) -> Any:
        found = {i: x[i] for i in range(x.shape[0])}
        return sum(found.values())

    def iteration(x: Any) -> Any:
        first, *others = x
        return first * sum(others)

    def branch(x: Any) -> Any:
        return np.sum(x) if x.shape[0] > 2 else x[0]

    def equality(x: Any) -> Any:
        return np.sum(x) if x.shape[0] == 3 else x[0]

    def truth(x: Any) -> Any:
        return np.sum(x) if x.size else 0.0

    def number(x: Any) -> Any:
        return np.sum(x) / float(x.shape[0])

    def whole(x: Any) -> Any:
        return np.sum(x) / int(x.shape[0])

    def larger(x: Any) -> Any:
        return np.sum(x) / max(len(x), 3)

    def key(x: Any) -> Any:
        return np.sum(x) * {3: 1.0}.get(x.shape[0], 2.0)

    for function in (loop, iteration, branch, equality, truth, number, whole, larger):
        message = refused(function)
        assert "known only when" in message
        assert "^" in message
    assert "sd.fori" in refused(loop)
    assert "sd.scan" in refused(iteration)
    assert "1.0*n" in refused(number)
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
    with pytest.raises(sd.ShapeError, match="holds -1"):
        sd.function(mean_square, shapes={"X": (-1,)})
    with pytest.raises(sd.ShapeError, match="no length"):
        sd.function(mean_square, shapes={"X": (2.5,)})


@pytest.mark.parametrize(
    "function", [lambda w: w @ w, lambda w: w.sum(), lambda w: w[0], lambda w: sum(a for a in w)]
)
def test_a_number_that_is_used_as_an_array_is_named(function: Any) -> None:
    with pytest.raises((AttributeError, TypeError)) as caught:
        sd.function(function)
    (note,) = caught.value.__notes__
    assert note.startswith("w is a number, as no shape is given")
    assert sd.function(function, shapes={"w": (3,)}).inputs == ("w",)


def test_nested_shapes() -> None:
    def loss(p: Any, x: Any) -> Any:
        return np.sum(p["w"] @ x) + p["b"][0]

    made = sd.function(loss, shapes={"p": {"w": ("K", "N"), "b": [()]}, "x": ("N",)})
    assert made.inputs == ("p_w", "p_b_0", "x")
    assert made(np.ones((2, 3)), 1.0, np.ones(3)) == 7.0
