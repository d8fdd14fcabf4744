"""Writes in both ways of a branch: one write, with the right derivatives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import symdiff as sd

Program = Callable[[Any], Any]
X = np.array([0.5, -0.3, 1.7, -1.2, 0.9, 2.1, -0.6, 0.2, 1.1])
PROGRAMS: dict[Program, int] = {}  # how many writes into y there are in a step


def writes(count: int) -> Callable[[Program], Program]:
    def note(program: Program) -> Program:
        PROGRAMS[program] = count
        return program

    return note


@writes(1)
def both_ways(x: Any) -> Any:
    y = np.zeros(10)
    for i in range(9):
        if x[i] > 0:
            y[i + 1] = y[i] + x[i] ** 2
        else:
            y[i + 1] = y[i] * 0.5 + x[i]
    return y[9] * y[4]


@writes(1)
def three_ways(x: Any) -> Any:
    y = np.ones(10)
    for i in range(9):
        if x[i] > 1:
            y[i + 1] = y[i] + x[i] ** 2
        elif x[i] > 0:
            y[i + 1] = y[i] * x[i]
        else:
            y[i + 1] = y[i] * 0.5
    return y[9] + y[3]


@writes(1)
def some_of_three_ways(x: Any) -> Any:
    y = np.arange(10.0)
    for i in range(9):
        if x[i] > 1:
            y[i] = y[i + 1] * x[i]
        elif x[i] < 0:
            y[i] = x[i] ** 3
    return np.sum(y**2)


@writes(2)
def at_two_places(x: Any) -> Any:
    y = np.ones(10)
    for i in range(9):
        if x[i] > 0:
            y[i + 1] = y[i] * x[i]
        else:
            y[0] = y[0] + y[i] * x[i]
    return np.sum(y**2)


@writes(1)
def at_computed_places(x: Any) -> Any:
    y = np.ones(4)
    for i in range(9):
        if x[i] > 0:
            y[int(x[i])] = y[1] * x[i]
        else:
            y[int(-2 * x[i])] += x[i] ** 2
    return np.sum(y**2)


@writes(1)
def added_in_both_ways(x: Any) -> Any:
    y = np.ones(9)
    for i in range(9):
        if x[i] > 0:
            y[i] += x[i] ** 2
        else:
            y[i] -= y[8 - i] * x[i]
    return np.prod(y)


@writes(1)
def read_again_in_the_first_way(x: Any) -> Any:
    y, total = np.ones(10), 0.0
    for i in range(9):
        if x[i] > 0:
            y[i + 1] = y[i] * x[i]
            total = total + y[i + 1] ** 2
        else:
            y[i + 1] = x[i]
    return total + np.sum(y)


@writes(1)
def two_branches_in_a_row(x: Any) -> Any:
    y = np.ones(10)
    for i in range(9):
        if x[i] > 0:
            y[i + 1] = y[i] * x[i]
        if x[i] < 0.6:
            y[i + 1] = y[i + 1] + y[i] * x[i] ** 2
    return np.sum(y**2)


@writes(1)
def one_in_another(x: Any) -> Any:
    y = np.ones((9, 3))
    for i in range(1, 9):
        for j in range(3):
            if x[i] > j - 1:
                if x[j] > 0:
                    y[i, j] = y[i - 1, j] * x[i]
                else:
                    y[i, j] = y[i - 1, 2 - j] + x[i] ** 2
            else:
                y[i, 2 - j] = y[i - 1, j] * x[j]
    return np.sum(y[8] ** 2) + np.sum(y)


@writes(1)
def read_again_behind_both_ways(x: Any) -> Any:
    y, total = np.ones(10), 0.0
    for i in range(9):
        if x[i] > 0:
            y[i + 1] = y[i] * x[i]
        else:
            y[i + 1] -= x[i] * y[i]
        total = total + y[i + 1] ** 2
    return total + np.sum(y)


@writes(1)
def subtracted_at_another_place(x: Any) -> Any:
    y = x.copy()
    for i in range(9):
        if x[i] > 0:
            y[-i - 1] = 0.3 * x[i] ** 2
        else:
            y[(i + 1) % 9] -= x[i]
    return np.sum(y**2)


@writes(2)
def read_at_the_second_place(x: Any) -> Any:
    y, total = x.copy(), 0.0
    for i in range(8):
        if x[i] > 0:
            y[i + 1] = 0.3 * x[i] ** 2
        else:
            y[i] -= x[i + 1]
        total = total + y[i] ** 2
    return total + np.sum(y**2)


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.__name__)
def test_it_is_right(program: Program) -> None:
    made = sd.function(program, shapes={"x": (9,)}, loops="roll").value_and_grad()
    steps = 1e-6 * np.eye(9)
    expected = [(program(X + h) - program(X - h)) / 2e-6 for h in steps]
    module = made.load()
    value, gradient = module.value_and_grad(X)
    assert value == pytest.approx(program(X), rel=1e-12)
    np.testing.assert_allclose(gradient, expected, rtol=1e-6, atol=1e-7)
    text = made.emit()
    value_only = text[text.index("def _value(") : text.index("def _value_and_grad")]
    lines = [line.strip() for line in value_only.splitlines()]
    assert sum(line.startswith("y[") for line in lines) == PROGRAMS[program], value_only


def test_it_reads_as_the_program_does() -> None:
    text = sd.function(both_ways, shapes={"x": (9,)}, loops="roll").emit()
    assert "y[i + 1] = y_part + x_part * x_part if x_part > 0.0 else y_part * 0.5 + x_part" in text
