"""What loops do not read any more goes, with the histories that were kept for it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import symdiff as sd
from symdiff.verify.finite_difference import central

SIZE = 20


def energy(positions: Any, charges: Any) -> Any:
    """Of charges, by pairs."""
    found = 0.0
    for i in range(SIZE):
        for j in range(i + 1, SIZE):
            apart = positions[i] - positions[j]
            found += charges[i] * charges[j] / np.sqrt(apart @ apart + 1e-6)
    return found


def damped(x: Any, w: Any) -> Any:
    """A sum that a step multiplies, and an inner loop that adds to it: its history is read."""
    total = x[0]
    for i in range(SIZE):
        for j in range(SIZE):
            total = total + np.sin(w * total) * x[j]
        total = total * x[i]
    return total


def bodies(function: Any, *args: Any) -> str:
    gradient = sd.grad(function)
    gradient(*args)
    text: str = gradient.emit()
    return text[text.index("def _value_and_grad(") : text.index("def value(")]


def assert_right(function: Any, *args: Any) -> None:
    first, *others = args
    along = np.random.default_rng(0).standard_normal(first.shape)
    slope = central(lambda t: function(first + t * along, *others), 0.0, 1e-3).value
    assert np.vdot(sd.grad(function)(*args), along) == pytest.approx(slope, rel=1e-8)


def test_a_sum_over_pairs_keeps_no_history_of_itself() -> None:
    rng = np.random.default_rng(1)
    args = rng.standard_normal((SIZE, 3)), rng.random(SIZE)
    assert_right(energy, *args)
    text = bodies(energy, *args)
    assert "energy" not in text.replace("def energy", "")
    assert "found_history" not in text
    assert "arange" not in text
    assert "[j - (i + 1)]" in text


def test_a_sum_that_steps_read_keeps_its_history() -> None:
    args = 0.3 + 0.1 * np.random.default_rng(2).random(SIZE), 0.2
    assert_right(damped, *args)
    assert "total_history" in bodies(damped, *args)
