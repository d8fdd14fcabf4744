"""Programs that branch and loop, by every route, against oracles in 50 digits."""

from __future__ import annotations

import math
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import mpmath
import numpy as np
import pytest

import symdiff as sd
from tests.frontend.text.oracles import ORACLES

FOLDER = Path(__file__).with_name("programs")
STEP = mpmath.mpf(10) ** -17
TOLERANCE = 2e-9
CASES = [(name, point) for name, (_, points) in ORACLES.items() for point in points]
IDS = [f"{name}{number}" for number, (name, _) in enumerate(CASES)]
each_case = pytest.mark.parametrize(("name", "point"), CASES, ids=IDS)


def text_of(name: str) -> str:
    """The program."""
    return (FOLDER / f"{name}.sd").read_text("utf-8")


def function_of(name: str) -> Any:
    """The program, of all inputs that have a derivative."""
    function = sd.function(text_of(name))
    wrt = [name for name in function.inputs if name != "n"]
    return sd.function(text_of(name), wrt=wrt)


class Right:
    """What a program has to give at a point, in 50 digits.

    Attributes:
        values: its outputs.
        slopes: by output, the derivative by each input.
    """

    def __init__(self, name: str, point: Sequence[Any]) -> None:
        self._oracle = ORACLES[name][0]
        with mpmath.workdps(50):
            given = [np.array(part, dtype=object) * mpmath.mpf(1) for part in point]
            given[:] = [np.vectorize(mpmath.mpf, otypes=[object])(part) for part in given]
            self.values = [float(value) for value in self._at(given)]
            every = [self._slopes(given, number) for number in range(len(given))]
        self.slopes = [[by[output] for by in every] for output in range(len(self.values))]

    def _at(self, given: Sequence[Any]) -> tuple[Any, ...]:
        found = self._oracle(*[part.tolist() for part in given])
        return found if isinstance(found, tuple) else (found,)

    def _slopes(self, given: Sequence[Any], number: int) -> list[Any]:
        """The derivative of each output by an input: central differences."""
        shape = given[number].shape
        made = [np.zeros(shape) for _ in self.values]
        for place in np.ndindex(shape):
            sides = []
            for step in (STEP, -STEP):
                moved = [part.copy() for part in given]
                moved[number][place] += step
                sides.append(self._at(moved))
            for array, above, below in zip(made, *sides, strict=True):
                array[place] = float((above - below) / (2 * STEP))
        return made


def close(found: Any, right: Any) -> bool:
    """Whether numbers agree, as far as a loop with a tolerance can say them."""
    size = max(1.0, float(np.max(np.abs(right))))
    return np.shape(found) == np.shape(right) and np.allclose(found, right, TOLERANCE, 1e-9 * size)


def test_every_program_has_an_oracle() -> None:
    assert {path.stem for path in FOLDER.glob("*.sd")} == set(ORACLES)


@each_case
def test_value(name: str, point: Sequence[Any]) -> None:
    found = sd.function(text_of(name))(*point)
    right = Right(name, point).values
    assert close(found if isinstance(found, tuple) else (found,), right)


@each_case
def test_jacobian_by_call_and_in_a_module(name: str, point: Sequence[Any]) -> None:
    function = function_of(name)
    right = Right(name, point).slopes
    kept = [at for at, given in enumerate(function.inputs) if given != "n"]
    derived = function.jvp()
    module = derived.load()
    for at in kept:
        direction = [
            np.ones(np.shape(point[k])) if k == at else np.zeros(np.shape(point[k])) for k in kept
        ]
        for route in (derived, module.jvp):
            _, found = route(*point, *direction)
            found = found if isinstance(found, tuple) else (found,)
            assert close(found, [float(np.sum(slopes[at])) for slopes in right]), at


@pytest.mark.parametrize(
    ("name", "point"),
    [case for case in CASES if case[0] != "lengths"],  # it has two outputs
)
def test_gradient_by_call_and_in_a_module(name: str, point: Sequence[Any]) -> None:
    function = function_of(name)
    assert len(function.outputs) == 1
    slopes = Right(name, point).slopes[0]
    right = [slopes[at] for at, given in enumerate(function.inputs) if given != "n"]
    derived = function.grad()
    for route in (derived, derived.load().grad):
        found = route(*point)
        parts = found if isinstance(found, tuple) else (found,)
        assert all(close(a, b) for a, b in zip(parts, right, strict=True)), found


@pytest.mark.parametrize("name", ["tariff", "kepler", "garch", "recurrence"])
def test_module_is_made_again_from_its_recipe(name: str, tmp_path: Path) -> None:
    from click.testing import CliRunner

    from symdiff.commands import group

    path = tmp_path / f"{name}.py"
    made = CliRunner().invoke(group, ["grad", str(FOLDER / f"{name}.sd"), "-o", str(path), "-q"])
    assert made.exit_code == 0, made.output
    again = CliRunner().invoke(group, ["verify", str(path)])
    assert again.exit_code == 0, again.output
    other = subprocess.run(
        [sys.executable, "-m", "symdiff", "grad", str(FOLDER / f"{name}.sd"), "-q"],
        capture_output=True,
        env={"PYTHONHASHSEED": "7", "PYTHONPATH": ":".join(sys.path)},
        check=True,
    )
    assert other.stdout == path.read_bytes()


@pytest.mark.parametrize("name", ["tariff", "black_scholes", "sir", "huber", "kalman"])
def test_check_agrees(name: str) -> None:
    function = function_of(name)
    point = dict(zip(function.inputs, ORACLES[name][1][0], strict=True))
    assert function.check(at=point).ok


def test_command_line_prints_values() -> None:
    from click.testing import CliRunner

    from symdiff.commands import group

    path = str(FOLDER / "tariff.sd")
    result = CliRunner().invoke(group, ["grad", path, "--at", "units=200", "-q"])
    assert (result.exit_code, result.output) == (0, "dcost_dunits = 0.2\n")


@pytest.mark.parametrize(
    ("name", "point"), [("rk4", (1.1, 0.2)), ("black_scholes", (100.0, 95.0, 0.2, 0.5))]
)
def test_hessian(name: str, point: Sequence[float]) -> None:
    """Against differences of gradients that are right."""
    found = sd.function(text_of(name)).hessian()(*point)
    step = 1e-5
    rows = []
    for at in range(len(point)):
        sides = [[x + sign * step * (k == at) for k, x in enumerate(point)] for sign in (1, -1)]
        above, below = [np.array(Right(name, side).slopes[0]) for side in sides]
        rows.append((above - below) / (2 * step))
    np.testing.assert_allclose(found, rows, 1e-6, 1e-8)


def test_module_keeps_branches_and_loops_under_the_names_of_the_text() -> None:
    text = sd.function(text_of("garch")).grad().emit()
    assert "for i in range(N):" in text
    assert "h = omega + alpha * r_part_squared + beta * h  # line 7" in text
    assert "for i in reversed(range(N)):" in text
    tariff = sd.function(text_of("tariff")).grad().emit()
    assert re.search(r"if units <= 100\.0:\n +cost = 0\.12 \* units", tariff)
    assert 'raise ValueError(f"units: {units} is negative")' in tariff
    root = sd.function(text_of("square_root")).grad().emit()
    assert "while abs(x * x - a) > 1e-12 * a:" in root


def test_checks_raise_with_their_message() -> None:
    module = sd.function(text_of("tariff")).grad().load()
    with pytest.raises(ValueError, match=r"units: -1\.0 is negative"):
        module.grad(-1.0)
    with pytest.raises(ValueError, match=r"units: -3\.0 is negative"):
        module.grad(np.array([1.0, -3.0]))
    with pytest.raises(AssertionError, match="prices are positive"):
        sd.function(text_of("black_scholes"))(-1.0, 1.0, 0.2, 1.0)


def test_batch_goes_element_by_element() -> None:
    for name in ("tariff", "square_root", "logistic_map", "greek"):
        points = ORACLES[name][1]
        columns = [np.array(column) for column in zip(*points, strict=True)]
        gradients = sd.function(text_of(name)).grad()(*columns)
        rows = gradients if isinstance(gradients, tuple) else (gradients,)
        right = [Right(name, point).slopes[0] for point in points]
        assert close(np.transpose(rows), np.array(right, dtype=float))
        assert not any(map(math.isnan, np.ravel(rows)))
