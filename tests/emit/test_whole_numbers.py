"""Constants of whole numbers in emitted modules: their texts make the numbers again."""

import base64
import zlib
from typing import Any

import numpy as np
import pytest

import symdiff as sd
from symdiff.emit.products import ENCODED, numbers_text

_RNG = np.random.default_rng(3)
_BAND = np.concatenate([np.arange(max(k - 1, 0), min(k + 2, 400)) for k in range(400)])


def _made(text: str) -> Any:
    given: dict[str, Any] = {"np": np, "base64": base64, "zlib": zlib}
    exec(ENCODED, given)
    exec(text, given)
    return given["NAMES"]


@pytest.mark.parametrize(
    ("numbers", "start"),
    [
        ([], "np.array([]"),
        ([7], "np.array([7]"),
        (range(30), "np.array([0, 1, 2"),
        (range(5, 1000), "np.cumsum([5] + [1] * 994"),
        ([3] * 1000, "np.array([3] * 1000"),
        ([0, 1, 2] * 333 + [0], "np.array([0, 1, 2] * 333 + [0]"),
        ([9, *[0, 1, 2] * 333, 0, 9], "np.array([9] + [0, 1, 2] * 333 + [0, 9]"),
        (_BAND, "np.cumsum([0] + [1, -1, 1] * 399"),
        (_BAND[:40], "np.array([0, 1, 0"),
        (np.arange(900) // 30, "_decoded("),
        (_RNG.integers(0, 100, 300), "np.array(["),
        (_RNG.integers(-(2**40), 2**40, 400), "_decoded("),
        (np.where(np.arange(500) == 250, -1, 4), "_decoded("),
    ],
)
def test_numbers_are_made_again(numbers: Any, start: str) -> None:
    text = numbers_text("NAMES", numbers)
    found = _made(text)
    assert found.dtype == np.intp
    np.testing.assert_array_equal(found, np.asarray(numbers, np.int64))
    assert text.startswith(f"NAMES = {start}")


@pytest.mark.parametrize("seed", range(40))
def test_what_comes_again_is_made_again(seed: int) -> None:
    rng = np.random.default_rng(seed)
    before, again, after = (rng.integers(-3, 4, rng.integers(0, 9)) for _ in "bca")
    numbers = np.concatenate([before, np.tile(again, rng.integers(1, 90)), after])
    numbers = np.cumsum(numbers) if seed % 2 else numbers
    text = numbers_text("NAMES", numbers)
    np.testing.assert_array_equal(_made(text), numbers)
    if len(numbers) > 40 and len(again):
        assert " * " in text


def _chain(x: Any) -> Any:
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)


def test_a_band_is_written_as_one() -> None:
    made = sd.function(_chain, shapes={"x": (2000,)}).hessian(sparse=True)
    text = made.emit()
    assert "ROWS = np.cumsum([0] + [1, -1, 1] * 1999, dtype=np.intp)\n" in text
    assert "STARTS = np.cumsum([0, 2] + [3] * 1998 + [2], dtype=np.intp)\n" in text
    assert "base64" not in text
    given: dict[str, Any] = {"__name__": "emitted"}
    exec(text, given)
    x = np.linspace(-1.0, 1.0, 2000)
    values, (rows, columns) = given["hessian"](x)
    diagonal = np.zeros(2000)
    diagonal[:-1] = 1200.0 * x[:-1] ** 2 - 400.0 * x[1:] + 2.0
    diagonal[1:] += 200.0
    on_it = rows == columns
    np.testing.assert_allclose(values[on_it], diagonal, rtol=1e-12)
    np.testing.assert_allclose(values[~on_it], -400.0 * x[np.minimum(rows, columns)[~on_it]])
