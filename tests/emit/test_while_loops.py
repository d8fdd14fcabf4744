"""Modules with loops that a test ends: their text, what they take, and where they come from."""

from __future__ import annotations

import itertools
import pickle
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import symdiff as sd
from symdiff.api import from_recipe
from symdiff.errors import ShapeError, UnsupportedError
from symdiff.graph.shape import named
from symdiff.ops.control import greater, less
from symdiff.ops.handle import Handle
from symdiff.ops.loops import loop, part
from symdiff.ops.reduction import total
from symdiff.ops.trigonometric import sin
from tests.while_loops import CASES, function, made, number, product, repeated, traced

NUMBERS = [name for name, case in CASES.items() if not any(map(np.ndim, case.points[0]))]
VALUE_AND_GRAD = """
def _value_and_grad(x, abs=math.fabs):
    h = x
    h_history = []
    while abs(h * h - x) > x * 1e-10:
        h_history.append(h)
        h = (h + x / h) * 0.5
    n = len(h_history)
    h_bar = 1.0
    x_bar = 0.0
    for i in reversed(range(n)):
        h2 = h_history[i]
        v = 0.5 * h_bar
        v2 = v / h2
        h_bar = v - v2 * (x / h2)
        x_bar = x_bar + v2
    return h, h_bar + x_bar
"""


def flat(result: Any) -> list[float]:
    """The numbers of nested tuples, lists and arrays."""
    if isinstance(result, tuple | list):
        return [x for one in result for x in flat(one)]
    return np.ravel(result).tolist()


def test_text_reads_as_the_loop() -> None:
    assert VALUE_AND_GRAD in made("newton").value_and_grad().emit()


def test_a_count_goes_on_in_place() -> None:
    """A sum of numbers does not: what it starts with may be an array that was given."""

    def steps_to(x):
        s = x
        i = 0
        while s < 3.0:
            s = s + x
            i += 1
        return s * i

    gradient = sd.grad(steps_to)
    assert gradient(1.1) == 6.0  # 3*x, twice
    body = gradient.emit().split("\ndef value(")[0]
    assert body.count("        i += 1\n") == 2
    assert body.count("        s = s + x\n") == 2


@pytest.mark.parametrize("name", NUMBERS)
def test_arrays_go_element_by_element(name: str) -> None:
    case, one = CASES[name], made(name).value_and_grad()
    columns = [np.array(column)[:, None] for column in zip(*case.points, strict=True)]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = one(*columns)
        expected = [one(*map(float, point)) for point in case.points]
    value, gradient = found
    assert value.shape == (len(case.points), 1)
    for row, point in enumerate(expected):
        assert flat(point[0]) == pytest.approx(value[row, 0], rel=1e-13)
        parts = gradient if isinstance(gradient, tuple) else (gradient,)
        at = [part[row, 0] for part in parts]
        assert flat(point[1]) == pytest.approx(at, rel=1e-11, abs=1e-12)


def test_results_have_the_kind_and_shape_of_what_is_given() -> None:
    one = made("escape").value_and_grad()
    assert type(one(3.9, 1.3)[0]) is float
    assert one(np.float32(3.9), np.float32(1.3))[0].dtype == np.float32
    value, (by_r, by_x) = one(np.zeros((0, 3)), 1.0)
    assert value.shape == by_r.shape == by_x.shape == (0, 3)
    assert made("escape").hessian()(np.zeros(0), 1.0).shape == (0, 2, 2)
    with pytest.raises(TypeError, match="real numbers"):
        one(1j, 1.0)


@pytest.mark.parametrize(
    ("name", "verb"),
    [
        *itertools.product(CASES, ["value", "value_and_grad", "jvp", "hvp"]),
        *itertools.product(NUMBERS, ["hessian", "jacobian"]),
    ],
)
def test_lists_agree_with_arrays(name: str, verb: str) -> None:
    case, one = CASES[name], made(name)
    one = one if verb == "value" else getattr(one, verb)()
    point = [np.asarray(x).tolist() for x in case.points[0]]
    given = [*point, *([*point] if verb in ("jvp", "hvp") else [])]
    expected = one(*map(np.asarray, given))
    found = getattr(one.load("python"), verb)(*given)
    assert flat(found) == pytest.approx(flat(expected), rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("name", ["newton", "fixed_point", "nested"])
def test_recipe_and_pickle_give_the_same_text(name: str) -> None:
    one = made(name).value_and_grad()
    text = one.emit()
    assert from_recipe(one.origin.recipe()).emit() == text
    assert pickle.loads(pickle.dumps(one)).emit() == text


@pytest.mark.parametrize("name", ["newton", "fixed_point"])
def test_module_checks_itself(name: str, tmp_path: Path) -> None:
    path = made(name).value_and_grad().write(tmp_path / "g.py")
    done = subprocess.run([sys.executable, str(path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", CASES)
def test_lean_module_has_the_same_values(name: str) -> None:
    one, point = made(name).value_and_grad(), CASES[name].points[0]
    scope: dict[str, Any] = {}
    exec(one.emit(), scope)  # our own text
    assert flat(scope["value_and_grad"](*point)) == pytest.approx(flat(one(*point)), rel=1e-14)


def test_test_of_several_statements_is_asked_in_the_loop() -> None:
    def lines(x: Handle) -> Handle:
        def test(x: Handle, y: Handle) -> Handle:
            shared = y * y + x
            for _ in range(12):
                shared = shared * y + shared * x
            return less(shared, number(x, 1e9))

        (y,) = repeated(lambda x, y: y + x, test, {"x": x}, {"y": x})
        return y

    def twin(x: Any) -> Any:
        y = x
        while True:
            shared = y * y + x
            for _ in range(12):
                shared = shared * y + shared * x
            if not shared < 1e9:
                return y
            y = y + x

    one = function(lines, {"x": ()})
    text = one.emit()
    assert "    while True:\n" in text
    assert "        if not " in text
    assert "            break\n" in text
    for x in (0.3, 2.0, 50.0):
        assert one(x) == twin(x)
        assert one.value_and_grad()(x)[1] == pytest.approx(twin(x) / x)


def test_rows_of_the_steps_are_no_result() -> None:
    def rows(x: Handle, *, is_summed: bool) -> Handle:
        kinds = {"x": (x.shape, x.dtype)}
        whole = loop(
            x.builder,
            traced(lambda x: (x * 2.0, x * x), kinds, ["x", "square"]),
            [x],
            length=named("n"),
            constants=0,
            carries=1,
            test=traced(lambda x: less(x, number(x, 9.0)), kinds, ["goes_on"]),
        )
        found = part(whole, 1)
        return total(found, [0]) if is_summed else found

    with pytest.raises(UnsupportedError, match="a length that values decide"):
        function(lambda x: rows(x, is_summed=False), {"x": ()})(1.0)
    one = function(lambda x: rows(x, is_summed=True), {"x": ()})
    assert one(1.0) == 1.0 + 4.0 + 16.0 + 64.0
    assert one.value_and_grad()(1.0) == (85.0, 170.0)
    assert one.value_and_grad()(10.0) == (0.0, 0.0)


def _scaled(x: Handle) -> Handle:
    """An array that is halved until it is short: the argument itself where it is."""
    (y,) = repeated(
        lambda y: y * 0.5, lambda y: greater(total(y * y, [0]), number(y, 1.0)), {}, {"y": x}
    )
    return y


def test_result_is_no_argument() -> None:
    one = function(_scaled, {"x": (3,)})
    for x in (np.full(3, 0.1), np.full(3, 7.0)):
        before = x.copy()
        y = one(x)
        y += 1.0
        assert not np.shares_memory(x, y)
        np.testing.assert_array_equal(x, before)


def test_named_lengths_stand_beside_the_loops_own() -> None:
    def lines(w: Handle, x: Handle) -> Handle:
        def step(w: Handle, x: Handle, y: Handle, d: Handle) -> tuple[Handle, Handle]:
            new = sin(product(w, y)) * 0.3 + x
            return new, total((new - y) * (new - y), [0])

        given = {"w": w, "x": x}, {"y": x, "d": total(x * x, [0])}
        y, _ = repeated(step, lambda w, x, y, d: greater(d, number(d, 1e-4)), *given, "N")
        return total(y * y * y, [0])

    def twin(w: Any, x: Any) -> Any:
        y, d = x, np.sum(x * x)
        while d.real > 1e-4:
            new = np.sin(w @ y) * 0.3 + x
            y, d = new, np.sum((new - y) * (new - y))
        return np.sum(y**3)

    n = named("N_")
    one = function(lines, {"w": (n, n), "x": (n,)}).value_and_grad()
    for length in (2, 3):
        rng = np.random.default_rng(length)
        w, x = rng.normal(size=(length, length)), rng.normal(size=length)
        value, (by_w, by_x) = one(w, x)
        assert value == pytest.approx(twin(w, x), rel=1e-14)
        for k in range(length):
            moved = x + 1e-30j * np.eye(length)[k]
            assert by_x[k] == pytest.approx(twin(w, moved).imag / 1e-30, rel=1e-11)
        assert flat(one.load("python").value_and_grad(w.tolist(), x.tolist())[1]) == pytest.approx(
            flat((by_w, by_x)), rel=1e-11
        )
        assert flat(one(w, np.zeros(length))) == [0.0] * (1 + length * length + length)
    with pytest.raises(ShapeError, match="is not its own"):
        function(lines, {"w": (named("N"), named("N")), "x": (named("N"),)})
