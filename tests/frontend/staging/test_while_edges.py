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


def read_where_it_is_set(x: float) -> float:
    n = x
    while n > 1:
        last = 3 * n
        n = n / 2
    if x > 1:
        return last
    return x


def set_where_it_is_not(x: float) -> float:
    n = x
    while n > 1:
        last = 3 * n
        n = n / 2
    if x <= 1:
        last = 5 * x
    return last


def set_by_another_loop(x: float) -> float:
    n = x
    while n > 1:
        last = 3 * n
        n = n / 2
    while n < 0.7:
        last = 7 * n
        n = 2 * n
    return last


def read_by_another_loop(x: float) -> float:
    n, total = x, 0.0
    while n > 1:
        last = 3 * n
        n = n / 2
    while total < x - 1:
        total = total + last
    return total


def read_by_expressions_and_functions(x: float) -> float:
    n = x
    while n > 1:
        last = 3 * n
        n = n / 2
    twice = [last if x > 1 else x for _ in range(2)]
    return sum(twice) * ((lambda: last)() if x > 1 else 2)


@pytest.mark.parametrize("x", [0.4, 0.6, 0.95, 1.7, 3.3, 40.0])
@pytest.mark.parametrize(
    "program",
    [
        read_where_it_is_set,
        set_where_it_is_not,
        set_by_another_loop,
        read_by_another_loop,
        read_by_expressions_and_functions,
    ],
)
def test_what_no_step_has_set_raises_where_it_is_read(
    program: Callable[[float], float], x: float
) -> None:
    gradient = sd.function(program, shapes={"x": ()}).grad()
    try:
        expected = (program(x + 1e-6) - program(x - 1e-6)) / 2e-6
    except UnboundLocalError as error:
        with pytest.raises(UnboundLocalError, match=str(error)):
            gradient(x)
    else:
        assert gradient(x) == pytest.approx(expected, rel=1e-7)


def test_a_named_length_may_be_no_step() -> None:
    def last_of(x: float, v: np.ndarray) -> float:
        for i in range(v.shape[0]):
            last = v[i] * x
        return last if x > 0 else x

    gradient = sd.function(last_of, shapes={"x": (), "v": ("N",)}).grad(wrt="x")
    assert gradient(2.0, np.array([4.0, 5.0])) == 5.0
    assert gradient(-2.0, np.zeros(0)) == 1.0
    with pytest.raises(UnboundLocalError, match="'last'"):
        gradient(2.0, np.zeros(0))
