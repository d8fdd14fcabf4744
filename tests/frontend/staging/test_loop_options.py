"""Options of loops: forced to stay loops or to be written out, and checkpoints; what is said."""

from __future__ import annotations

import math
import pickle
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sympy

import symdiff as sd
from tests.test_commands import run

CHOICES = ("auto", "roll", "unroll")
PROGRAM = """
import numpy as np


def loss(w, x):
    s = 0.0
    for i in range(3):
        s = s + np.sin(w * i)
    a = np.zeros(200)
    a[0] = w
    for i in range(1, 200):
        a[i] = np.sin(a[i - 1]) * x + w
    for i in range(10):
        if i % 2 == 0:
            s = s * np.cos(w + i * x)
        else:
            s = s + np.tanh(s * w)
    names = [str(i) for i in range(3)]
    for name in names:
        assert name
    return s + a.sum()


def over_pairs(w, x):
    s = w
    for k, m in [(1, 2.0), (2, 3.0)]:
        s = s * m + k * x
    return s


def named(w, X):
    for row in X:
        w = w * row.sum()
    while w > 0.5:
        w = w * w * 0.7
    return w
"""


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "programs.py"
    path.write_text(PROGRAM)
    return str(path)


def recurrence(w: Any, x: Any) -> Any:
    c = np.zeros(50) + x
    for i in range(1000):
        c = np.sin(c) * w + 0.001 * i
    return np.sum(c)


def nested(w: Any, x: Any) -> Any:
    total, c = 0.0, x
    for i in range(37):
        for j in range(23):
            c = math.sin(c + 0.1 * j) * w
        total = total + c * i
    return total


def two_in_turn(w: Any, x: Any) -> Any:
    history, c = [], x
    for i in range(41):
        c = math.tanh(c * w + 0.1 * i)
        history.append(c)
    return sum(history) * c


def with_an_end(w: Any, x: Any) -> Any:
    c = x
    for i in range(41):
        c = math.tanh(c * w + 0.1 * i)
    while c > 0.2:
        c = c * c * w
    return c


def lines_of(text: str, function: str) -> str:
    """The body of a function of a module."""
    return text.split(f"def {function}(")[1].split("\ndef ")[0]


# --- forced --------------------------------------------------------------------------------------


@pytest.mark.parametrize("choice", CHOICES)
@pytest.mark.parametrize("program", [nested, two_in_turn, with_an_end])
def test_the_choice_changes_no_number(program: Callable[..., Any], choice: str) -> None:
    for point in ((0.9, 0.3), (0.4, -0.8)):
        value, slopes = sd.value_and_grad(program, wrt=(0, 1), loops=choice)(*point)
        assert value == pytest.approx(program(*point), rel=1e-12)
        for k, slope in enumerate(slopes):
            ends = []
            for step in (1e-6, -1e-6):
                moved = [*point]
                moved[k] += step
                ends.append(program(*moved))
            assert slope == pytest.approx((ends[0] - ends[1]) / 2e-6, rel=1e-5, abs=1e-8)


def test_what_is_rolled_and_unrolled() -> None:
    def short(x: Any) -> Any:
        c = x
        for i in range(3):
            c = np.sin(c) * i
        return c

    counts = {}
    for choice in CHOICES:
        text = sd.function(short, loops=choice).emit()
        counts[choice] = len(re.findall(r"\bfor \w+ in range", lines_of(text, "_value")))
    assert counts == {"auto": 0, "roll": 1, "unroll": 0}
    assert "for " not in lines_of(sd.function(nested, loops="unroll").emit(), "_value")
    assert "for " in lines_of(sd.function(nested).emit(), "_value")


def test_a_short_loop_of_many_loops_stays_one() -> None:
    """Its text would be that of 27 loops."""

    def program(x: Any) -> Any:
        c = x
        for i in range(3):
            for j in range(3):
                for k in range(3):
                    for n in range(50):
                        c = np.sin(c + x * n) + np.tanh(i * c) * j + c * 0.1 * k
        return c

    text = lines_of(sd.function(program).emit(), "_value")
    assert re.findall(r"\bfor \w+ in range\((\d+)", text) == ["3", *["50"] * 9]
    assert sd.function(program)(0.3) == pytest.approx(program(0.3), rel=1e-12)


def test_rows_written_twice_in_a_branch_stay_in_a_loop() -> None:
    def program(x: Any) -> Any:
        a = np.zeros((9, 2))
        for i in range(9):
            if x > 0.1:
                a[i] += np.sin(x * i + a[i - 1])
                a[i] += np.cos(x + a[i])
        return np.sum(a * a)

    assert "for " in lines_of(sd.function(program).emit(), "_value")
    for x in (0.7, -0.7):
        slope = (program(x + 1e-6) - program(x - 1e-6)) / 2e-6
        assert sd.value_and_grad(program)(x) == pytest.approx((program(x), slope), rel=1e-6)


def test_a_loop_that_cannot_be_rolled(file: str) -> None:
    result = run("grad", f"{file}:over_pairs", "--loops", "roll")
    assert result.exit_code == 2
    assert "the loop in line 26 cannot be rolled: it goes through" in result.stderr
    assert "programs.py, line 26 |" in result.stderr
    assert "leave loops='roll' out" in result.stderr
    assert not result.stdout

    def grows(x: Any) -> Any:
        a = np.ones(1) * x
        for _ in range(20):
            a = np.concatenate([a, np.sin(a[-1:])])
        return np.sum(a)

    with pytest.raises(sd.UnsupportedError, match=r"cannot be rolled: .*changes its shape"):
        sd.grad(grows, loops="roll")(0.3)
    assert sd.grad(grows)(0.0) == pytest.approx(21.0)


def test_loops_without_work_on_values_are_no_matter() -> None:
    def program(x: Any) -> Any:
        table = {}
        for name in ("a", "b", "c"):
            table[name] = len(table)
        return x * table["c"]

    assert sd.grad(program, loops="roll")(0.3) == 2.0


def test_the_summary_says_what_became_of_loops(file: str) -> None:
    said = run("grad", f"{file}:loss").stderr
    assert (
        "loops: line 7 unrolled: 3 steps; line 11 rolled over 199 steps; line 13 unrolled: " in said
    )
    assert "10 steps, as its counter decides what a step does" in said
    assert "line 19" not in said
    assert "line 13 rolled over 10 steps" in run("grad", f"{file}:loss", "--loops", "roll").stderr
    said = run("grad", f"{file}:named", "--shape", "X: N 2").stderr
    assert "loops: line 32 rolled over N; line 34 rolled" in said
    assert "loops:" not in run("grad", "x**2").stderr


def test_recipes_keep_the_choice(file: str, tmp_path: Path) -> None:
    for more in (["--loops", "unroll"], ["--loops", "roll", "--checkpoint", "14"]):
        made = str(tmp_path / "made.py")
        assert run("grad", f"{file}:loss", "-o", made, *more).exit_code == 0
        assert run("verify", made).exit_code == 0
    derived = sd.grad(nested, loops="unroll", checkpoint=None)
    derived(0.9, 0.3)
    again = pickle.loads(pickle.dumps(derived))
    again(0.9, 0.3)
    assert again.emit() == derived.emit()


@pytest.mark.parametrize("options", [{"loops": "rolled"}, {"checkpoint": 0}, {"checkpoint": 2.0}])
def test_options_that_are_none(options: Any) -> None:
    message = "no choice for loops" if "loops" in options else "no whole number of steps"
    with pytest.raises(sd.SymdiffError, match=message):
        sd.grad(nested, **options)
    with pytest.raises(sd.SymdiffError, match=message):
        sd.function(nested, **options)


TEXT = """c = x
for i in range(3):
    c = sin(c)*w
for i in range(50):
    c = cos(c*w + 0.1*i)
c*w
"""


def test_options_of_a_text(tmp_path: Path) -> None:
    plain = sd.function(TEXT)
    assert plain.notes == ("loops: line 2 unrolled: 3 steps; line 4 rolled over 50 steps",)
    for options, steps in (
        ({"loops": "unroll"}, 53),
        ({"loops": "roll"}, 0),
        ({"checkpoint": 7}, 0),
    ):
        made = sd.function(TEXT, **options).grad()
        assert made(0.3, 0.9) == pytest.approx(plain.grad()(0.3, 0.9), rel=1e-12)
        assert ("for " in lines_of(made.emit(), "_value_and_grad")) == (steps == 0)
        assert run("verify", str(made.write(tmp_path / "made.py"))).exit_code == 0
        assert pickle.loads(pickle.dumps(made)).emit() == made.emit()
    with pytest.raises(sd.SymdiffError, match="checkpoint=7: no loop"):
        sd.function("x**2", checkpoint=7)
    with pytest.raises(sd.SymdiffError, match="has no loops"):
        sd.function(sympy.Symbol("x"), checkpoint=3)


# --- checkpoints ---------------------------------------------------------------------------------


@pytest.mark.spread(2)
@pytest.mark.parametrize("every", [1, 2, 7, 40, 1000])
@pytest.mark.parametrize("program", [nested, two_in_turn, with_an_end])
def test_checkpoints_change_no_number(program: Callable[..., Any], every: int) -> None:
    if every == 1000:
        with pytest.raises(sd.UnsupportedError, match="checkpoint=1000: no loop"):
            sd.grad(program, checkpoint=every)(0.9, 0.3)
        return
    if every == 40 and program is nested:
        every = 30  # more than the inner loop does
    found = sd.value_and_grad(program, wrt=(0, 1), checkpoint=every)(0.9, 0.3)
    wanted = sd.value_and_grad(program, wrt=(0, 1), loops="unroll")(0.9, 0.3)
    assert found[0] == pytest.approx(program(0.9, 0.3), rel=1e-12)
    assert found[1] == pytest.approx(wanted[1], rel=1e-10)


def test_checkpoints_keep_few_states() -> None:
    shapes = {"w": (), "x": ()}
    text = sd.function(recurrence, shapes=shapes, checkpoint=25).grad().emit()
    kept = re.findall(
        r"_history = np\.empty\(\((\d+), (\d+)\)\)", lines_of(text, "_value_and_grad")
    )
    assert kept
    assert {int(steps) for steps, _ in kept} <= {25, 1000 // 25}
    plain = sd.function(recurrence, shapes=shapes).grad().emit()
    assert "_history = np.empty((1000, 50))" in plain


def test_loops_without_checkpoints_are_said(file: str) -> None:
    said = run("grad", f"{file}:loss", "--checkpoint", "14").stderr
    assert "line 11 rolled over 199 steps, checkpoints every 14" in said
    result = run("grad", f"{file}:named", "--shape", "X: N 2", "--checkpoint", "14")
    assert result.exit_code == 2
    assert "checkpoint=14: no loop of a known number of steps" in result.stderr
