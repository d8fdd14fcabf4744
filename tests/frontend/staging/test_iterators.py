"""Iterators, which are gone through once: in loops that are rolled, in branches, in steps."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import symdiff as sd

Program = Callable[[Any], Any]
X = np.random.default_rng(1).normal(size=12)
PROGRAMS: list[Program] = []


def is_right(function: Program) -> Program:
    PROGRAMS.append(function)
    return function


@is_right
def a_zip_twice(x: Any) -> Any:
    pairs, s = zip(x, x[::-1], strict=True), 0.0
    for a, b in pairs:
        s = s * 0.5 + a * b
    for a, b in pairs:
        s = s * 0.5 + a - b
    return s


@is_right
def a_generator_twice(x: Any) -> Any:
    doubled = (2 * v for v in x)
    return sum(doubled) ** 2 + sum(doubled)


@is_right
def an_enumerate_that_was_left(x: Any) -> Any:
    items, s = enumerate(x), 0.0
    for k, v in items:
        s = s * 0.5 + v * k
        if s > 1:
            break
    for k, v in items:
        s = s + v * v * k
    return s


@is_right
def a_zip_in_each_step(x: Any) -> Any:
    pairs, s = zip(x, x[::-1], strict=True), 0.0
    for i in range(len(x)):
        for a, b in pairs:
            s = s * 0.5 + a * b + i
    return s


@is_right
def a_new_zip_in_each_step(x: Any) -> Any:
    s = 0.0
    for _ in range(6):
        pairs = zip(x, x[::-1], strict=True)
        for a, b in pairs:
            s = s * 0.5 + a * b
        for a, b in pairs:
            s = s * 0.5 + a - b
    return s


@is_right
def counts_backwards_twice(x: Any) -> Any:
    counts, s = reversed(range(len(x))), 0.0
    for i in counts:
        s = s * 0.5 + i * x[0]
    for i in counts:
        s = s * 0.5 + i * x[1]
    return s


@is_right
def counts_backwards_to_a_number_of_values(x: Any) -> Any:
    s = 0.0
    for i in reversed(range(int(x[0]) + 3)):
        s = s * 0.5 + i * x[0]
    for i in reversed(range(0)):
        s = s + i * x[1]
    return s


@is_right
def an_iterator_of_numbers_in_each_step(x: Any) -> Any:
    numbers, s = iter([1.0, 2.0, 3.0]), 0.0
    for i in range(12):
        for a in numbers:
            s = s * 0.5 + a + x[0]
        s = s * 0.9 + x[1] * i
    return s


@is_right
def a_counter_beside_the_loop(x: Any) -> Any:
    count, s = itertools.count(), 0.0
    for _ in range(8):
        s = s * 0.9 + next(count) * x[0]
    return s


@is_right
def a_generator_in_one_way(x: Any) -> Any:
    doubled, s = (2 * v for v in x), 0.0
    if x[0] > 0:
        s = sum(doubled)
    return s + sum(doubled)


@is_right
def one_that_a_way_makes(x: Any) -> Any:
    s = 0.0
    if x[0] > 0:
        pairs = zip(x, x[::-1], strict=True)
        for a, b in pairs:
            s = s * 0.5 + a * b
    return s + x[1]


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.__name__)
@pytest.mark.parametrize("length", [len(X), "n"])
def test_it_is_right_or_refused(program: Program, length: int | str) -> None:
    try:
        made = sd.function(program, shapes={"x": (length,)}).value_and_grad()
    except sd.UnsupportedError:
        return
    steps = 1e-5 * np.eye(len(X))
    for x in (X, -X):
        value, gradient = made(x)
        assert value == pytest.approx(program(x), rel=1e-12)
        wanted = [(program(x + h) - program(x - h)) / 2e-5 for h in steps]
        np.testing.assert_allclose(gradient, wanted, rtol=1e-6, atol=1e-7)


REACHED = [
    a_zip_twice,
    a_generator_twice,
    counts_backwards_to_a_number_of_values,
    one_that_a_way_makes,
]


@pytest.mark.parametrize("program", REACHED)
def test_these_are_not_refused(program: Program) -> None:
    for length in (len(X), "n"):
        sd.function(program, shapes={"x": (length,)})


def test_an_iterator_in_one_way_is_refused_by_name() -> None:
    with pytest.raises(sd.UnsupportedError, match="an iterator is gone through in one way"):
        sd.function(a_generator_in_one_way, shapes={"x": (3,)})
