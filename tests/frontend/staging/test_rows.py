"""Loops over the rows of arrays, which are views: what a step writes into one, the array holds.

Each program is right however its loops are made, or refused: NumPy is the oracle.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import symdiff as sd

Program = Callable[[Any], Any]
X = np.random.default_rng(0).normal(size=(6, 4))
PROGRAMS: list[Program] = []


def is_right(function: Program) -> Program:
    PROGRAMS.append(function)
    return function


@is_right
def rows_that_are_written(x: Any) -> Any:
    a, s = x.copy(), 0.0
    for row in a:
        row *= 0.5
        row[0] += s
        s = s * 0.5 + row[1]
    return np.sum(a**2) + s


@is_right
def rows_that_a_helper_writes(x: Any) -> Any:
    a, s = x.copy(), 0.0
    for row in a[1:]:
        s += _first_large(row, 0.5)
    return np.sum(a**2) + s


def _first_large(row: Any, most: Any) -> Any:
    row[0] = np.tanh(row[0])
    for k in range(len(row)):
        if row[k] > most:
            return row[k] * 0.5
    return row[0] * row[-1]


@is_right
def rows_beside_those_before(x: Any) -> Any:
    a = x.copy()
    for row, last in zip(a[1:], a[:-1], strict=True):
        row += last * 0.5
    return np.sum(a**2)


@is_right
def rows_that_the_array_shows(x: Any) -> Any:
    a, s = x.copy(), 0.0
    for e, (k, row) in zip(a[:, 1], enumerate(a), strict=True):
        a[k, 2] = e * s
        s += row[2] * row[1] + e
    return s + np.sum(a * a)


@is_right
def elements_that_the_step_before_writes(x: Any) -> Any:
    u, s = x[:, 1].copy(), 0.0
    for k, e in enumerate(u[:-1]):
        u[k + 1] += np.sin(e) * s
        s = s * 0.4 + e
    return s + np.sum(u * u)


@is_right
def elements_of_rows(x: Any) -> Any:
    a, s = np.zeros((6, 4)), 0.0
    for k, row in enumerate(a):
        row[:] = x[k] * s
        for j, e in enumerate(row):
            if e > 0.1:
                row[j] += e * e
            s += np.sin(row[j]) + x[k, j]
    return s + np.sum(a * a)


@is_right
def columns_of_an_array_that_no_argument_enters(x: Any) -> Any:
    a = np.zeros((6, 4))
    for column in a.T:
        column += 0.1
    return np.sum(a * x)


# --- rows and arrays under other names, which are changed behind the loop -------------------------


@is_right
def a_name_that_a_branch_lets_be_a_row(x: Any) -> Any:
    a, s = x.copy(), 0.0
    w = a[0].copy()
    for i in range(6):
        if a[i, 0] > 0.1:
            w = a[i]
        s += w[1] * s + a[i, 2]
    w[0] = 4.0
    return s + np.sum(a * a)


@is_right
def a_name_that_a_branch_lets_be_another_array(x: Any) -> Any:
    w, z, s = x[0].copy(), x[1].copy(), 0.0
    for row in x:
        if row[0] > 0.1:
            w = z
        s += w[1] * s + row[2]
    z[0] = 4.0
    return s + np.sum(w * w)


@is_right
def a_row_that_steps_leave_out(x: Any) -> Any:
    a, s = x.copy(), 0.0
    w = a[0].copy()
    for row in a:
        if row[0] > 0.1:
            continue
        w = row
        s += w[1] * s + row[2]
    a[:] = 4.0 * a[0]
    return s + np.sum(w * w)


@is_right
def a_list_of_rows(x: Any) -> Any:
    a, s, rows = x.copy(), 0.0, [x[0] * 1.0]
    for row in a:
        rows.append(row)
        s += row[2] * s + row[0]
    rows[2][0] = 4.0
    return s + np.sum(a * a)


@is_right
def the_last_item_of_a_list_under_its_name(x: Any) -> Any:
    y, s, items = x[0] * 1.0, 0.0, []
    for row in x:
        y = row * s
        items.append(y)
        s += row[2] * s + row[0]
    y[0] = 4.0
    return s + np.sum(np.stack(items) ** 2)


def differences(program: Program) -> Any:
    """Central differences at `X`."""
    steps = 1e-6 * np.eye(X.size).reshape(-1, *X.shape)
    return np.reshape([(program(X + h) - program(X - h)) / 2e-6 for h in steps], X.shape)


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.__name__)
@pytest.mark.parametrize("loops", ["auto", "roll", "unroll"])
@pytest.mark.filterwarnings("ignore:.* is traced along the way that each call takes")
def test_values_and_gradients_are_those_of_numpy(program: Program, loops: str) -> None:
    try:
        value, gradient = sd.value_and_grad(program, loops=loops)(X)
    except sd.UnsupportedError:
        assert loops == "roll"
        return
    np.testing.assert_allclose(value, program(X), rtol=1e-12)
    np.testing.assert_allclose(gradient, differences(program), rtol=1e-6, atol=1e-6)


def test_rows_of_a_named_length_are_written() -> None:
    function = sd.function(rows_that_are_written, shapes={"x": ("N", 4)}).grad()
    np.testing.assert_allclose(function(X), differences(rows_that_are_written), atol=1e-6)


# --- ranges in steps over a named length ----------------------------------------------------------


def back_by_two(x: Any) -> Any:
    s = 0.0
    for i in range(len(x) - 1, 0, -2):
        s = np.sin(s + x[i] * x[i])
    return s


def every_second(x: Any) -> Any:
    a, s = x.copy(), 0.0
    for i in range(0, len(x) - 1, 2):
        a[i + 1] = np.sin(s + a[i] * x[i])
        s += a[i + 1]
    return s + np.sum(a * a)


def every_third_of_each_sweep(x: Any) -> Any:
    a = x.copy()
    for j in range(3):
        for i in range(1 + j % 2, len(x) - 1, 3):
            a[i] = 0.5 * (a[i - 1] + a[i + 1]) + np.sin(a[i])
    return np.sum(a * a)


def every_second_from_a_counter(x: Any) -> Any:
    s = 0.0
    for i in range(len(x)):
        for j in range(i, len(x), 2):
            s += x[i] * np.sin(x[j])
    return s


@pytest.mark.parametrize(
    "program", [back_by_two, every_second, every_third_of_each_sweep, every_second_from_a_counter]
)
def test_ranges_in_steps_over_a_named_length(program: Program) -> None:
    function = sd.function(program, shapes={"x": ("N",)}).value_and_grad()
    for length in (1, 2, 5, 6, 7):
        x = X.ravel()[:length]
        value, gradient = function(x)
        steps = 1e-6 * np.eye(length)
        slopes = [(program(x + h) - program(x - h)) / 2e-6 for h in steps]
        np.testing.assert_allclose(value, program(x), rtol=1e-12)
        np.testing.assert_allclose(gradient, slopes, rtol=1e-6, atol=1e-7)


def test_a_step_that_is_a_named_length_is_refused() -> None:
    def program(x: Any) -> Any:
        s = 0.0
        for i in range(0, 12, len(x)):
            s += x[0] * i
        return s

    with pytest.raises(sd.UnsupportedError, match="known only when"):
        sd.function(program, shapes={"x": ("N",)})
