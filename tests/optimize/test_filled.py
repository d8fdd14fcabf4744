"""Tables of known numbers that a program fills: made full again, and written into."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import symdiff as sd

A, B = np.cos(np.arange(5.0)), np.sin(np.arange(6.0) + 0.4)


def time_warping(a: Any, b: Any) -> Any:
    table = np.full((6, 7), np.inf)
    table[0, 0] = 0.0
    for i in range(1, 6):
        for j in range(1, 7):
            least = min(table[i - 1, j], table[i, j - 1], table[i - 1, j - 1])
            table[i, j] = (a[i - 1] - b[j - 1]) ** 2 + least
    return table[5, 6]


def keeps_what_was_known(a: Any, b: Any) -> Any:
    start = np.full((4, 5), -0.0)
    start[1, 2], start[3, 4] = np.nan, 2.0
    table = start.copy()
    for k in range(4):
        table[k, k] = a[k] * b[k] + start[3, 4]
    table[1, 2] = 0.0
    return np.sum(table * np.arange(20.0).reshape(4, 5)) + np.copysign(1.0, table[0, 1])


@pytest.mark.parametrize("loops", ["roll", "unroll"])
@pytest.mark.parametrize("program", [time_warping, keeps_what_was_known], ids=lambda f: f.__name__)
def test_against_differences(program: Any, loops: Any) -> None:
    value, gradient = sd.value_and_grad(program, (0, 1), loops=loops)(A, B)
    assert value == pytest.approx(program(A, B), rel=1e-14)
    for place, found in enumerate(gradient):
        way = np.cos(np.arange(found.size) * 1.3)
        up, down = ([A, B] for _ in range(2))
        up[place], down[place] = up[place] + 1e-6 * way, down[place] - 1e-6 * way
        assert found @ way == pytest.approx((program(*up) - program(*down)) / 2e-6, rel=1e-7)


@pytest.mark.parametrize("target", ["numpy", "python", "array-api"])
def test_a_table_is_made_as_in_the_program(target: str) -> None:
    text = (
        sd.function(time_warping, shapes={"a": (5,), "b": (6,)})
        .value_and_grad()
        .emit(target=target, lean=True)
    )
    assert "ARRAY" not in text
    if target == "numpy":
        assert "    table = np.full((6, 7), np.inf)" in text
        assert "    table[0, 0] = 0.0\n" in text
        assert "for j in range(1, 7):" in text
        assert "for j in reversed(range(1, 7)):" in text
