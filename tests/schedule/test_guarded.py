"""Sums at places that a branch decides on: they stand in the branch, and add what they should."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import symdiff as sd

RANDOM = np.random.default_rng(7)
X, K = RANDOM.normal(size=8), RANDOM.normal(size=5)


def pairs(x: Any) -> Any:
    s = 0.0
    for i in range(len(x)):
        if i > 0 and x[i] > -0.5:
            s = s + x[i] * x[i - 1]
    return s


def differences(x: Any) -> Any:
    s = 0.0
    for i in range(len(x)):
        if i > 0 and x[i] > -0.5:
            s = s * 0.5 - x[i - 1] * 3.0
    return s


def padded(x: Any) -> Any:
    s, n = 0.0, len(x)
    for i in range(n):
        left = x[i - 1] if i > 0 else 0.0
        right = x[i + 1] if i < n - 1 else 0.0
        s = s + (0.3 * left + 0.4 * x[i] - 0.7 * right) ** 2
    return s


def blurred(x: Any) -> Any:
    s, n = 0.0, len(x)
    for i in range(n):
        total = 0.0
        for d in range(-2, 3):
            j = i + d
            if j >= 0 and j < n:
                total = total + K[d + 2] * x[j]
        s = s + total * total
    return s


def both_ways(x: Any) -> Any:
    s = 0.0
    for i in range(len(x)):
        if x[i] > -0.3:
            s = s + np.sum(x) * x[i]
            if i > 1:
                s = s * 0.5 + x[i - 2] ** 2
        elif i < 3:
            s = s + x[i + 1] ** 3
    return s


def of_itself(x: Any) -> Any:
    """What is added is read of what the sum before it changes."""
    y, s = np.zeros(len(x)), 0.0
    for i in range(len(x)):
        if i > 0:
            y[i - 1] += x[i]
            y[i] += y[i - 1] * x[i - 1]
        s = s + y[i] ** 2
    return s + np.sum(y**2)


PROGRAMS = (pairs, differences, padded, blurred, both_ways, of_itself)


@pytest.mark.parametrize("target", ["numpy", "python", "array-api"])
@pytest.mark.parametrize("program", PROGRAMS)
def test_it_adds_what_it_should(program: Callable[[Any], Any], target: str) -> None:
    made = sd.function(program, shapes={"x": ("N",)}).value_and_grad().load(target=target)
    for x in (X, -X):
        value, gradient = made.value_and_grad(x)
        steps = 1e-6 * np.eye(len(x))
        wanted = [(program(x + h) - program(x - h)) / 2e-6 for h in steps]
        assert value == pytest.approx(program(x), rel=1e-12)
        np.testing.assert_allclose(gradient, wanted, rtol=1e-7, atol=1e-7)


def test_it_reads_as_a_careful_person_writes_it() -> None:
    assert _last_loop(pairs) == [
        "for i in reversed(range(N)):",
        "    v2 = v_history[i]",
        "    if v2:",
        "        v3 = i - 1",
        "        x_bar[i] += x[v3]",
        "        x_bar[v3] += x[i]",
    ]
    assert _last_loop(padded)[-5:] == [
        "    if i > 0:",
        "        x_bar[i - 1] += 0.6 * v2",
        "    if v3:",
        "        x_bar[i + 1] += -1.4 * v2",
        "    x_bar[i] += 0.8 * v2",
    ]


def _last_loop(program: Callable[[Any], Any]) -> list[str]:
    """The last loop of the gradient, without comments."""
    text = sd.function(program, shapes={"x": ("N",)}).grad().emit()
    body = text[text.index("def _value_and_grad(x)") :].partition("\n\n")[0]
    lines = [line.removeprefix("    ").partition("  # line")[0] for line in body.splitlines()]
    first = max(at for at, line in enumerate(lines) if line.startswith("for "))
    return lines[first:-1]


def warped(x: Any) -> Any:
    """The least of three, of which a branch in a branch says what is added where."""
    table = np.full((6, 6), np.inf)
    table[0, 0] = 0.0
    for i in range(1, 6):
        for j in range(1, 6):
            cost = (x[i] - x[6 - j]) ** 2
            table[i, j] = cost + min(table[i - 1, j], table[i, j - 1], table[i - 1, j - 1])
    return table[5, 5]


def test_a_sum_moves_into_a_branch_in_a_branch() -> None:
    made = sd.function(warped, shapes={"x": (7,)}).value_and_grad()
    x = np.array([0.3, 1.1, -0.7, 0.9, 2.0, 0.1, -1.0])
    steps = 1e-6 * np.eye(7)
    wanted = [(warped(x + h) - warped(x - h)) / 2e-6 for h in steps]
    np.testing.assert_allclose(made.load().grad(x), wanted, rtol=1e-6, atol=1e-7)
    assert _last_loop(warped)[-7:] == [
        "        if v7:",
        "            if not v8:",
        "                table_bar[i, j - 1] += cost_bar",
        "        elif not v8:",
        "            table_bar[v6, j] += cost_bar",
        "        if v8:",
        "            table_bar[v6, j - 1] += cost_bar",
    ]


def stepped(x: Any) -> Any:
    y = np.zeros(10)
    for i in range(9):
        if x[i] > 0:
            y[i + 1] = y[i] + x[i] ** 2
        else:
            y[i + 1] = y[i] * 0.5
    return y[9]


def test_a_sum_goes_past_one_of_another_array() -> None:
    made = sd.function(stepped, shapes={"x": (9,)}, loops="roll").grad()
    text = made.emit()
    assert "            x_bar[i] += 2.0 * (y_bar_part * x[i])" in text
    x = np.array([0.5, -0.3, 1.7, -1.2, 0.9, 2.1, -0.6, 0.2, 1.1])
    wanted = [(stepped(x + h) - stepped(x - h)) / 2e-6 for h in 1e-6 * np.eye(9)]
    np.testing.assert_allclose(made.load().grad(x), wanted, rtol=1e-6, atol=1e-7)
