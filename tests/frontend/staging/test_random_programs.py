"""Random programs, traced, against the program itself in 50 digits."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import symdiff as sd
from tests.frontend.staging.programs import (
    OF_FLOATS,
    ArrayWriter,
    InDigits,
    StepWriter,
    Writer,
    compiled,
)
from tests.frontend.tracing.checks import without_ways
from tests.refused import passing_over

SEEDS = range(60)
POINTS = ((0.37, -0.81), (-1.29, 0.44), (0.92, 1.63), (-0.55, -1.71))
CONSTANT = "no argument enters it"
REFUSED = (
    "a list is changed by 'append'",
    "whether a 'while' goes on depends on values",
    "an array that a branch on values has chosen between",
    "an array that a loop has chosen between",
    CONSTANT,
)
ARRAYS = tuple(np.array(v) for v in ([0.4, -1.1, 0.8], [-0.3, 0.9, 1.2], [1.3, 0.2, -0.7]))

OF_ARRAYS = [(*point, v) for point, v in zip(POINTS, ARRAYS, strict=False)]


def check(text: str, name: str, *points: tuple[object, ...]) -> None:
    """Compare the value and the gradient at some points with those in 50 digits."""
    wrt = ("x", "y", "v")[: len(points[0])]
    program = compiled(text, f"<program {name}>", dict(OF_FLOATS))
    derived = sd.value_and_grad(program, wrt=wrt)
    for point in points:
        value, gradient = derived(*point)
        right = InDigits(text, f"<digits {name}>", *point)
        if abs(program(*point) - right.value) > 1e-6:
            continue  # in floats a comparison of two that are equal goes the other way
        size = 1e-9 * max(1.0, abs(right.value), *map(largest, right.slopes))
        assert value == pytest.approx(right.value, rel=1e-9, abs=size), (point, text)
        for found, slope in zip(gradient, right.slopes, strict=True):
            smooth = np.where(np.isnan(slope), found, slope)
            np.testing.assert_allclose(found, smooth, 1e-9, size, err_msg=f"{point}\n{text}")


def largest(slope: Any) -> float:
    """The size of a slope, where there is one."""
    return float(np.max(np.abs(np.nan_to_num(slope))))


def check_arrays(seed: int) -> None:
    """Compare a program of arrays with itself."""
    check(ArrayWriter(seed).program(), f"of arrays {seed}", *OF_ARRAYS)


def check_steps(seed: int) -> None:
    """Compare a program of long loops with itself."""
    check(StepWriter(seed).program(), f"of steps {seed}", *OF_ARRAYS[:2])


@pytest.mark.spread(2)
@pytest.mark.parametrize("seed", SEEDS)
def test_value_and_gradient_are_those_of_the_program(seed: int) -> None:
    check(Writer(seed).program(), str(seed), *POINTS)


@pytest.mark.parametrize("seed", SEEDS[::2])
def test_arrays_are_those_of_the_program(seed: int) -> None:
    with passing_over(*REFUSED), without_ways():
        check_arrays(seed)


@pytest.mark.parametrize("seed", range(4))
def test_loops_that_write_are_those_of_the_program(seed: int) -> None:
    with passing_over(CONSTANT):
        check_steps(seed)
