"""Parts of an array that are written into other parts of it: as if what is written were copied.

NumPy itself reads what it has written where both parts have one axis, and strides that differ, so
the values here are written with arrays of their own.
"""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest

import symdiff as sd

POINT = np.sin(np.arange(24.0)).reshape(6, 4) + 0.2
TARGETS = ("numpy", "python")


def columns_into_rows(X: Any) -> Any:
    A = X * 1.0
    A[1] = A[:4, -1] * 1.0
    A[2] = A[:4, -1] * 1.0
    A[0, 1:4] = A[1:4, 0].copy()
    A[3:, 2] = A[4, :3] * 1.0
    return np.sum(np.sin(A))


def diagonals_into_rows(X: Any) -> Any:
    A = X * 1.0
    A[2] = A.ravel()[0:16:5] * 1.0
    A[1] = A.ravel()[5:21:5] * 1.0
    return np.sum(np.sin(A))


def column_of_a_loop(X: Any) -> Any:
    A = X * 1.0
    for i in range(12):
        v = A[:, -1]
        A[(i + 1) % 6] = v[:4] * 1.0
        A[-1] = np.tanh(A[0]) * 1.0
    return np.sum(np.sin(A)) + np.sum(v)


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("loops", ["auto", "roll"])
@pytest.mark.parametrize(
    "program", [columns_into_rows, diagonals_into_rows, column_of_a_loop], ids=lambda f: f.__name__
)
def test_parts_of_one_array(program: Any, loops: Any, target: str) -> None:
    value, gradient = sd.value_and_grad(program, loops=loops, target=target)(POINT)
    assert value == pytest.approx(program(POINT), rel=1e-13)
    step = 1e-6 * np.cos(np.arange(24.0)).reshape(6, 4)
    difference = program(POINT + step) - program(POINT - step)
    assert np.sum(gradient * step) == pytest.approx(difference / 2, rel=1e-6)


def drawn(draw: random.Random, length: int) -> slice:
    """A slice of that many elements of an array of 24."""
    while True:
        step = draw.choice([-3, -2, -1, 1, 2, 3, 4])
        start = draw.randrange(24)
        last = start + step * (length - 1)
        if 0 <= last < 24:
            stop = last + (1 if step > 0 else -1)
            return slice(start, stop if stop >= 0 else None, step)


def test_any_two_slices_of_a_vector() -> None:
    draw = random.Random(5)
    for _ in range(40):
        length = draw.randrange(2, 6)
        pairs = [(drawn(draw, length), drawn(draw, length)) for _ in range(4)]

        def program(x: Any, pairs: Any = pairs) -> Any:
            a = x * 1.0
            for to, of in pairs:
                a[to] = a[of] * 1.0
            return np.sum(np.sin(a))

        x = POINT.ravel()
        value, gradient = sd.value_and_grad(program)(x)
        assert value == pytest.approx(program(x), rel=1e-13), pairs
        step = 1e-6 * np.cos(np.arange(24.0))
        difference = program(x + step) - program(x - step)
        assert np.sum(gradient * step) == pytest.approx(difference / 2, rel=1e-5), pairs
