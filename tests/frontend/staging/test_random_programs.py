"""Random programs, traced, against the program itself in 50 digits."""

from __future__ import annotations

import math

import mpmath
import pytest

import symdiff as sd
from tests.frontend.staging.programs import Writer, compiled

SEEDS = range(60)
POINTS = ((0.37, -0.81), (-1.29, 0.44), (0.92, 1.63), (-0.55, -1.71))
OF_FLOATS = {"sin": math.sin, "cos": math.cos, "tanh": math.tanh}
OF_DIGITS = {"sin": mpmath.sin, "cos": mpmath.cos, "tanh": mpmath.tanh}


def right_gradient(text: str, name: str, x: float, y: float) -> list[float]:
    """The value and the two slopes, by central differences of 50 digits."""
    program = compiled(text, name, dict(OF_DIGITS))
    with mpmath.workdps(50):
        h = mpmath.mpf(10) ** -18
        x, y = mpmath.mpf(x), mpmath.mpf(y)
        by_x = (program(x + h, y) - program(x - h, y)) / (2 * h)
        by_y = (program(x, y + h) - program(x, y - h)) / (2 * h)
        return [float(v) for v in (program(x, y), by_x, by_y)]


@pytest.mark.parametrize("seed", SEEDS)
def test_value_and_gradient_are_those_of_the_program(seed: int) -> None:
    text = Writer(seed).program()
    function = compiled(text, f"<program {seed}>", dict(OF_FLOATS))
    derived = sd.value_and_grad(function, wrt=("x", "y"))
    for x, y in POINTS:
        value, (by_x, by_y) = derived(x, y)
        right = right_gradient(text, f"<digits {seed}>", x, y)
        scale = 1e-9 * max(1.0, *map(abs, right))
        assert [value, by_x, by_y] == pytest.approx(right, rel=1e-9, abs=scale), text
