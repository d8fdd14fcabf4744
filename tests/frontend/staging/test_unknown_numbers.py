"""Builtins, generators and lists on the spot over arrays of a named length, against differences."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest

import symdiff as sd

Program = Callable[[Any], Any]
X = np.array([1.3, -2.0, 3.1, 0.5, 2.2, -0.7])
PROGRAMS: list[Program] = []


def is_right(function: Program) -> Program:
    PROGRAMS.append(function)
    return function


@is_right
def sums(x: Any) -> Any:
    return sum(x) ** 2 + sum((v**3 for v in x), 2.0)


@is_right
def sums_of_lists(x: Any) -> Any:
    return sum([math.sin(v) if v > 0 else v for v in x]) + np.sum([v**2 for v in x])


@is_right
def sums_of_some(x: Any) -> Any:
    return sum(v**2 for v in x if v > 0) + sum([abs(v) for v in x if -1 < v < 2])


@is_right
def extremes(x: Any) -> Any:
    return max(x) * min(x) + max(abs(v) for v in x) + min([v * v for v in x])


@is_right
def extremes_by_a_key(x: Any) -> Any:
    return max(x, key=abs) + 3 * min(x, key=lambda v: (v - 1) ** 2)


@is_right
def neighbours(x: Any) -> Any:
    total = sum(a * b**2 for a, b in zip(x, x[1:], strict=False))  # noqa: RUF007
    total += sum(k * abs(a - b) for k, (a, b) in enumerate(zip(x[1:], x, strict=False)))
    for a, b in itertools.pairwise(x):
        total = 0.5 * total + a / (1 + b * b)
    return total


@is_right
def three_beside_each_other(x: Any) -> Any:
    total = 0.0
    for a, b, c in zip(x[:-2], x[1:-1], x[2:], strict=True):
        total = 0.5 * total + a * b - c
    return total + sum(a * c for a, _, c in zip(x, x[1:], x[2:], strict=False))


@is_right
def counted(x: Any) -> Any:
    return sum(x[i] * i for i in range(len(x))) + sum(k * v for k, v in enumerate(x, 2))


@is_right
def asked_of_all(x: Any) -> Any:
    if any(v > 3 for v in x) and not all(v > 0 for v in x):
        return x[0] ** 3
    return x[1]


@is_right
def rows(x: Any) -> Any:
    table = np.outer(x, x)
    return sum(row[0] * np.sum(row) for row in table) + max(np.sum(row**2) for row in table)


@is_right
def arrays_made_of_items(x: Any) -> Any:
    a = np.array([math.exp(v / 4) if v > 0 else 1 + v / 4 for v in x])
    b = np.array([x * v for v in x])
    return a @ b @ x + np.mean([1.0 / (1 + v * v) for v in x])


@is_right
def one_generator_in_another(x: Any) -> Any:
    return sum(sum(v * w for w in x[1:]) * v for v in x)


@is_right
def as_many_as_an_index_says(x: Any) -> Any:
    return sum(x[0] ** k for k in range(int(x.argmax())))


@is_right
def a_generator_under_a_name(x: Any) -> Any:
    squares = (v * v for v in x)
    return sum(squares)


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.__name__)
def test_it_is_right_for_any_number(program: Program) -> None:
    made = sd.function(program, shapes={"x": ("n",)}).value_and_grad()
    for x in (X, X[:3]):
        value, gradient = made(x)
        assert value == pytest.approx(program(x), rel=1e-12)
        np.testing.assert_allclose(gradient, differences(program, x), rtol=1e-6, atol=1e-7)


def differences(program: Program, x: Any) -> Any:
    steps = 1e-5 * np.eye(len(x))
    return [(program(x + h) - program(x - h)) / 2e-5 for h in steps]


@pytest.mark.parametrize("plain", [max, min])
@pytest.mark.parametrize(
    "x", [[math.nan, 1.0, 2.0], [1.0, math.nan, 2.0], [2.0, 2.0, 1.0], [-0.0, 0.0, -0.0], [3.0]]
)
def test_the_first_of_equal_ones_and_nan_are_pythons(plain: Any, x: list[float]) -> None:
    made = sd.function(lambda x: plain(v for v in x), shapes={"x": ("n",)}).value_and_grad()
    value, gradient = made(np.array(x))
    wanted = plain(x)
    assert repr(float(value)) == repr(wanted)
    place = next(k for k, v in enumerate(x) if v is wanted)
    assert gradient.tolist() == [float(k == place) for k in range(len(x))]


@pytest.mark.parametrize("x", [[], [2.0]])
def test_few_items(x: list[float]) -> None:
    of = partial(sd.function, shapes={"x": ("n",)})
    given = np.array(x)
    assert of(lambda x: sum(v * v for v in x) + 1)(given) == sum(v * v for v in x) + 1
    assert bool(of(lambda x: any(v > 1 for v in x))(given)) is any(v > 1 for v in x)
    assert bool(of(lambda x: all(v > 3 for v in x))(given)) is all(v > 3 for v in x)
    assert of(lambda x: np.sum([v * v for v in x]))(given) == sum(v * v for v in x)


def test_a_list_of_whole_numbers_is_one() -> None:
    def program(x: Any) -> Any:
        return np.array([k * k for k in range(len(x))])[2] // 3 * x[0]

    assert sd.function(program, shapes={"x": ("n",)}).grad()(np.arange(3.0)).tolist() == [
        program([1.0, 2.0, 3.0]),
        0.0,
        0.0,
    ]


def test_lines_are_those_of_the_user() -> None:
    made = sd.function(extremes, shapes={"x": ("n",)}).value_and_grad()
    assert "programs.py" not in made.emit()
