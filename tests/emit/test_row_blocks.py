"""Blocks of rows: what is computed in them, and that it is what the whole gives."""

from __future__ import annotations

from collections.abc import Callable
from math import log, pi
from typing import Any

import numpy as np
import pytest

import symdiff as sd
from tests.emit.test_targets import agree

Arrays = dict[str, tuple[int | str, ...]]
_ROWS = 37


def _normal(mean: Any, scale: Any, y: Any) -> Any:
    return np.sum(((y - mean) / scale) ** 2 / 2 + np.log(scale))


def _curve(a: Any, b: Any, x: Any, y: Any) -> Any:
    return np.mean((y - a * np.exp(-b * x)) ** 2)


def _columns(m: Any, s: Any, Y: Any) -> Any:
    return np.mean(np.sum(np.log1p(((Y - m) / s) ** 2), axis=1)) + np.sum(m**2)


def _weighted(m: Any, w: Any, y: Any) -> Any:
    return np.sum(w * (y - m) ** 2) / len(y) * 3.0 + m**2 / 2


def _table(t: Any, k: Any, y: Any) -> Any:
    return np.sum((y - t[k]) ** 2)


def _line(a: Any, b: Any, x: Any, y: Any) -> Any:
    return np.mean((y - a * x - b) ** 2)  # whose gradient has the product of two vectors


def _total_times(m: Any, s: Any, y: Any) -> Any:
    return -len(y) * log(2 * pi) / 2 * np.log(s) - s * np.sum(np.cos(y + m))


IN_BLOCKS: dict[str, tuple[Callable[..., Any], Arrays, str]] = {
    "a sum, and a multiple of the length": (
        _normal,
        {"mean": (), "scale": (), "y": ("N",)},
        "rows=(2,)",
    ),
    "a mean": (_curve, {"a": (), "b": (), "x": ("N",), "y": ("N",)}, "rows=(2, 3), mean=True"),
    "columns, and a penalty": (
        _columns,
        {"m": (4,), "s": (4,), "Y": ("N", 4)},
        "rows=(2,), mean=True",
    ),
    "weights": (_weighted, {"m": (), "w": ("N",), "y": ("N",)}, "rows=(1, 2), mean=True"),
    "entries of a table": (_table, {"t": (5,), "k": ("N",), "y": ("N",)}, "rows=(1, 2)"),
    "products of vectors": (
        _line,
        {"a": (), "b": (), "x": ("N",), "y": ("N",)},
        "rows=(2, 3), mean=True",
    ),
    "a total that is scaled": (_total_times, {"m": (), "s": (), "y": ("N",)}, "rows=(2,)"),
}


def _drawn(shapes: Arrays, rng: np.random.Generator) -> list[Any]:
    sizes = {name: [_ROWS if n == "N" else n for n in shape] for name, shape in shapes.items()}
    return [
        rng.integers(0, 5, size) if name == "k" else rng.uniform(0.5, 2.0, size)
        for name, size in sizes.items()
    ]


def _made(function: Callable[..., Any], shapes: Arrays) -> Any:
    kinds = {name: ("int", *shape) if name == "k" else shape for name, shape in shapes.items()}
    return sd.function(function, shapes=kinds, wrt=next(iter(shapes))).value_and_grad()


@pytest.mark.parametrize("name", IN_BLOCKS)
def test_blocks_give_what_the_whole_gives(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    function, shapes, said = IN_BLOCKS[name]
    module = _made(function, shapes).load()
    assert f", {said})" in _made(function, shapes).emit().replace("\n        ", "")
    args = _drawn(shapes, np.random.default_rng(0))
    whole = module.value_and_grad(*args)
    calls = list[int]()
    for body in ("_value", "_value_and_grad"):
        monkeypatch.setattr(module, body, _counting(getattr(module, body), calls))
    monkeypatch.setattr(module, "BLOCK", 8)
    agree(module.value_and_grad(*args), whole, 1e-14)
    agree(module.value(*args), function(*args), 1e-14)
    assert len(calls) >= 6  # of blocks of at most eight numbers


def _counting(body: Callable[..., Any], calls: list[int]) -> Callable[..., Any]:
    def counted(*args: Any) -> Any:
        calls.append(len(args))
        return body(*args)

    return counted


def _centred(m: Any, y: Any) -> Any:
    return np.sum((y - np.mean(y) - m) ** 2)


def _largest(m: Any, y: Any) -> Any:
    return np.max(y * m)


def _running(m: Any, y: Any) -> Any:
    return np.sum(np.cumsum(y) * m)


def _penalty(m: Any, y: Any) -> Any:
    return np.sum((y - m) ** 2) + m**2  # in each block it would count once


def _unbiased(m: Any, y: Any) -> Any:
    return np.sum((y - m) ** 2) / (len(y) - 1)


def _root(m: Any, y: Any) -> Any:
    return np.sqrt(np.sum((y - m) ** 2))


def _square(m: Any, y: Any) -> Any:
    return np.sum(np.cos(y - m)) * np.mean(y)


def _by_length(m: Any, y: Any) -> Any:
    return np.mean((y - m) ** 2) + m / len(y)


WHOLE = (_centred, _largest, _running, _penalty, _unbiased, _root, _square, _by_length)


@pytest.mark.parametrize("function", WHOLE, ids=lambda function: function.__name__[1:])
def test_what_is_no_sum_over_rows_is_computed_as_a_whole(function: Callable[..., Any]) -> None:
    assert "_in_blocks" not in _made(function, {"m": (), "y": ("N",)}).emit()


def test_a_gradient_with_a_row_each_is_computed_as_a_whole() -> None:
    made = sd.function(_centred_at_zero, shapes={"m": (), "y": ("N",)}, wrt="m, y")
    text = made.value_and_grad().emit()
    assert "_run(_value, _arguments(m, y), rows=(1,))" in text  # the value alone
    assert "_run(_value_and_grad, _arguments(m, y))" in text


def _centred_at_zero(m: Any, y: Any) -> Any:
    return np.sum(np.cos(y) * m)


def test_products_have_threads_of_their_own() -> None:
    def loss(w: Any, X: Any, y: Any) -> Any:
        return np.mean((X @ w - y) ** 2)

    assert "_in_blocks" not in _made(loss, {"w": (2,), "X": ("N", 2), "y": ("N",)}).emit()


def test_float32_and_other_kinds_of_arrays_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    function, shapes, _ = IN_BLOCKS["a mean"]
    made = _made(function, shapes)
    args = _drawn(shapes, np.random.default_rng(1))
    narrow = [np.asarray(x, np.float32) for x in args]
    value, (gradient) = made.load().value_and_grad(*narrow)
    assert value.dtype == gradient.dtype == np.float32
    module = made.load(dtype="float32")
    whole = module.value_and_grad(*narrow)
    monkeypatch.setattr(module, "BLOCK", 8)
    blocks = module.value_and_grad(*narrow)
    assert blocks[1].dtype == np.float32
    agree(blocks, whole, 1e-6)


def test_infinities_and_no_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    function, shapes, _ = IN_BLOCKS["a sum, and a multiple of the length"]
    module = _made(function, shapes).load()
    monkeypatch.setattr(module, "BLOCK", 8)
    y = np.ones(_ROWS)
    y[20] = np.inf
    assert module.value(0.0, 1.0, y) == np.inf
    assert module.value(0.0, 1.0, y[:0]) == 0.0
