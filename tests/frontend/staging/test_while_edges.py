"""Whiles without a step: what is read behind them, and tests that are known not to hold."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

import symdiff as sd


def set_behind(x: float) -> float:
    k = x
    while k > 1:
        s = np.sin(k)
        k = k - s * s - 0.1
    s = 2 * k
    return s * k


def set_by_else(x: float) -> float:
    k = x
    while k > 1:
        s = np.sin(k)
        k = k - s * s - 0.1
    else:
        s = 3 * k
    return s * k


def read_in_the_next_step(x: float) -> float:
    s, t = 0.5, x
    for _ in range(5):
        t = t + s * 0.1
        k = t
        while k > 1:
            s = np.sin(k)
            k = k - s * s - 0.1
        if t > 2:
            continue
        s = 2 * k
    return t * s


def read_by_a_function(x: float) -> float:
    def held() -> float:
        return s

    k, s = x, 1.0
    while k > 1:
        s = np.sin(k)
        k = k - s * s - 0.1
    t = held()
    s = 2.0
    return s * t * k


def no_inner_step(x: float) -> float:
    b, a, i = np.cos(x), np.sin(x), 0
    if x <= 4:
        while True:
            i += 1
            if i > 6:
                break
            j = 0
            while j < 3 and (2 > 2):
                j += 1
                b = b * x
            a = a * 0.9
    return a + b


@pytest.mark.parametrize(
    "function",
    [set_behind, set_by_else, read_in_the_next_step, read_by_a_function, no_inner_step],
)
@pytest.mark.parametrize("x", [0.5, 3.0, 6.0])
def test_gradients_are_differences(function: Callable[[float], float], x: float) -> None:
    expected = (function(x + 1e-6) - function(x - 1e-6)) / 2e-6
    assert sd.grad(function)(x) == pytest.approx(expected, rel=1e-6, abs=1e-8)
