"""Random programs as texts, against the same programs of Python in 50 digits."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import symdiff as sd
from tests.frontend.staging.programs import OF_FLOATS, ArrayWriter, InDigits, Writer, compiled
from tests.refused import passing_over

POINTS = ((0.37, -0.81), (-1.29, 0.44), (0.92, 1.63))
ARRAYS = tuple(np.array(v) for v in ([0.4, -1.1, 0.8], [-0.3, 0.9, 1.2], [1.3, 0.2, -0.7]))
REFUSED = ("whether a 'while' goes on depends on values",)
NAMES = {"sines(": "sin(", "total(": "sum("}  # of the text, for those of Python


class TextWriter(Writer):
    """Writes programs that are texts of the grammar too: without casts."""

    def choice(self, names: list[str]) -> str:
        return super().choice(names).replace("float(", "1.0*(")


class ArrayTextWriter(TextWriter, ArrayWriter):
    """Likewise of arrays: without helpers and lists."""

    def program(self) -> str:
        self.write(0, f"def program({', '.join(self.parameters)}):")
        for name in ("a", "b", "c"):
            value = self.expression(["x", "y", "v[0]", "v[1]", "v[-1]"], 2)
            self.write(1, f"{name} = {value}")
        self.write(1, f"w = {self.random.choice(('zeros(3)', 'v*x', 'sines(v)'))}")
        names = ["x", "y", "v[0]", "v[1]", "a", "b", "c", "w[0]", "w[1]"]
        self.block(1, names, in_loop=False, depth=0)
        self.write(1, "return a + b*c + total(w*v)")
        return "\n".join(self.lines) + "\n"

    def statement(self, indent: int, names: list[str], *, in_loop: bool, depth: int) -> bool:
        before = len(self.lines)
        while True:
            goes_on = super().statement(indent, names, in_loop=in_loop, depth=depth)
            if not any("helper" in line or "items" in line for line in self.lines[before:]):
                return goes_on
            del self.lines[before:]


def as_text(program: str, declared: str) -> str:
    """A program of Python as a text."""
    body = "\n".join(line.removeprefix("    ") for line in program.splitlines()[1:])
    for old, new in NAMES.items():
        body = body.replace(old, new)
    return f"{declared}\n{body}"


def check(program: str, name: str, declared: str, *points: tuple[Any, ...]) -> None:
    """Compare the value and the gradient with those in 50 digits."""
    text = as_text(program, declared)
    derived = sd.function(text).value_and_grad()
    plain = compiled(program, f"<floats {name}>", dict(OF_FLOATS))
    for point in points:
        right = InDigits(program, f"<digits {name}>", *point)
        if abs(plain(*point) - right.value) > 1e-6:
            continue  # in floats a comparison of two that are equal goes the other way
        value, gradient = derived(*point)
        sizes = [np.max(np.abs(np.nan_to_num(slope))) for slope in right.slopes]
        size = 1e-9 * max(1.0, abs(right.value), *sizes)
        assert value == pytest.approx(right.value, rel=1e-9, abs=size), (point, text)
        for found, slope in zip(gradient, right.slopes, strict=True):
            smooth = np.where(np.isnan(slope), found, slope)
            np.testing.assert_allclose(found, smooth, 1e-9, size, err_msg=f"{point}\n{text}")


@pytest.mark.parametrize("seed", [*range(1000, 1040), 2076])  # nothing is left of one of its sums
def test_numbers(seed: int) -> None:
    check(TextWriter(seed).program(), str(seed), "x: float; y: float", *POINTS)


@pytest.mark.parametrize("seed", range(1000, 1030))
def test_arrays(seed: int) -> None:
    points = [(*point, v) for point, v in zip(POINTS, ARRAYS, strict=True)]
    program = ArrayTextWriter(seed).program()
    with passing_over(*REFUSED):
        check(program, f"arrays {seed}", "x: float; y: float; v: [3]", *points)
