"""Branches in emitted modules: their text, and that what is computed is right where it is asked."""

from __future__ import annotations

import ast
import math
import warnings
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import symdiff as sd
from tests.emit.branching_programs import (
    absolute,
    clipped,
    conjunction,
    early,
    filtered,
    nested,
    scaled,
    tariff,
)
from tests.frontend.staging.programs import compiled

NUMBERS: dict[Callable[..., Any], tuple[tuple[float, ...], ...]] = {
    tariff: ((3e3,), (25e3,), (90e3,)),
    absolute: ((1.5, 2.0), (-1.5, 2.0)),
    early: ((3.5, 1.2), (1.5, 1.2), (1.5, -0.7), (-3.0, 0.4)),
    nested: ((1.4, 2.2), (1.4, -2.2), (-1.4, 2.2), (-0.3, -2.0)),
    conjunction: ((1.5, 2.0), (7.5, 1.0), (-1.5, 1.0)),
    clipped: ((2.5, 1.1), (-2.5, 1.1), (0.5, 1.1)),
}


def gradient(function: Callable[..., Any], *at: Any) -> sd.Function:
    made = sd.grad(function, wrt=tuple(range(len(at))))
    made(*at)
    return made


def body(text: str, name: str) -> str:
    (found,) = [
        node
        for node in ast.parse(text).body
        if isinstance(node, ast.FunctionDef) and node.name == name
    ]
    lines = text.split("\n")[found.lineno - 1 : found.end_lineno]
    return "\n".join(lines) + "\n"


def differences(function: Callable[..., float], at: tuple[float, ...]) -> list[float]:
    found = []
    for place, x in enumerate(at):
        step = 1e-6 * max(abs(x), 1.0)
        ahead, behind = [*at], [*at]
        ahead[place], behind[place] = x + step, x - step
        found.append((function(*ahead) - function(*behind)) / (ahead[place] - behind[place]))
    return found


# --- texts ---------------------------------------------------------------------------------------

TARIFF = """\
def _value_and_grad(income, log=math.log, sqrt=math.sqrt):
    if income < 0.0:
        raise ValueError(f"negative income {income}")
    if income <= 10000.0:
        tax = 0.1 * income
    elif income <= 40000.0:
        tax = 1000.0 + 0.2 * (income - 10000.0)
    else:
        excess = income - 40000.0
        log_excess = log(excess)
        sqrt_excess = sqrt(excess)
        tax = 7000.0 + 0.4 * excess + log_excess * sqrt_excess
    tariff = tax * tax
    if income <= 10000.0:
        income_bar = 0.2 * tax
    elif income <= 40000.0:
        income_bar = 0.4 * tax
    else:
        v = 0.8 * tax + 2.0 * (sqrt_excess * tax) / excess
        income_bar = v + log_excess * tax / sqrt_excess
    return tariff, income_bar
"""

FILTERED = """\
def _value(level, signal):
    level_2 = level  # line 72
    ys = np.empty(4)
    for i in range(4):
        x = signal[i]
        if x > level_2:  # line 66
            level_2 = level_2 + 0.5 * np.log(x - level_2 + 1.0)  # line 67
        else:
            level_2 = level_2 - 0.1 * np.sqrt(level_2 - x)  # line 69
        ys[i] = level_2 * x  # line 72
    sum_ys = ys.sum()  # line 73
    return level_2 + sum_ys * sum_ys
"""

SCALED = """\
def _value_and_grad(x, t):
    total = x.sum()  # line 77
    if total > t:  # line 78
        v = total - t  # line 79
        log_v = np.log(v)
        y = x * log_v
    else:
        v2 = np.sqrt(t - total)  # line 81
        y = x * v2
    scaled = (y * y).sum()  # line 82
    v3 = x * y  # line 81
    if total > t:  # line 78
        total_bar = 2.0 * v3.sum() / v  # line 79
        t_bar = -total_bar
        v4 = 2.0 * log_v * y
    else:
        t_bar = v3.sum() / v2  # line 81
        total_bar = -t_bar
        v4 = 2.0 * v2 * y
    return scaled, (total_bar + v4, t_bar)
"""

NESTED = """\
def _value_and_grad(x, y, sqrt=math.sqrt, log=math.log):
    if x > 0.0:
        z = sqrt(x)
        if y > 0.0:
            log_y = log(y)
            z2 = z * log_y
            w = z2 * x
        else:
            w = z / y
    else:
        w = x * y
    nested = w * w
    v = x * w
    v4 = 0.0
    if x > 0.0:
        if y > 0.0:
            v2 = 2.0 * (log_y * v)
            y_bar = 2.0 * (z * v) / y
            v3 = 2.0 * (z2 * w)
        else:
            v2 = 2.0 * w / y
            y_bar = -(v2 * w)
            v3 = 0.0
        v4 = 0.5 * (v2 / z)
    else:
        y_bar = 2.0 * v
        v3 = 2.0 * (y * w)
    return nested, (v4 + v3, y_bar)
"""

EARLY = """\
def _value_and_grad(x, y, log=math.log, sqrt=math.sqrt):
    if x > 2.0:
        v = x - 2.0
        log_v = log(v)
        early = log_v * y
        y_bar = log_v
        x_bar = y / v
    else:
        root = sqrt(2.0 - x)
        v2 = root / y
        if y > 0.0:
            v3 = log(y)
            early = root * v3
            y_bar = v2
        else:
            early = v2
            v3 = 1.0 / y
            y_bar = -(v2 / y)
        x_bar = -0.5 * (v3 / root)
    return early, (x_bar, y_bar)
"""

ABSOLUTE = """\
def _value_and_grad(x, y):
    if x > 0.0:
        size = x
        x_bar = y
    else:
        size = -x
        x_bar = -y
    absolute = size * y
    return absolute, (x_bar, size)
"""


@pytest.mark.parametrize(
    ("function", "expected"),
    [(tariff, TARIFF), (nested, NESTED), (early, EARLY), (absolute, ABSOLUTE)],
    ids=lambda part: getattr(part, "__name__", ""),
)
def test_text_of_numbers(function: Callable[..., Any], expected: str) -> None:
    text = gradient(function, *NUMBERS[function][0]).emit()
    assert body(text, "_value_and_grad") == expected


def test_arrays_have_a_body_that_selects() -> None:
    text = gradient(tariff, 3e3).emit()
    arrays = body(text, "_value_and_grad_on_arrays")
    assert "if income" not in arrays
    assert "_choose(" in arrays


def test_text_of_lists() -> None:
    text = body(gradient(tariff, 3e3).emit("python"), "value_and_grad")
    inside = TARIFF.split(":\n", 1)[1].replace("log(", "math.log(").replace("sqrt(", "math.sqrt(")
    assert inside in text


def test_lean_modules_have_branches() -> None:
    made = sd.grad(sd.function("f = where(x > 0, log(x), y)*exp(y)"))
    text = made.emit(lean=True)
    assert body(text, "_value") == body(made.emit(), "_value")
    assert made.load().value(-1.0, 0.0) == 0.0


def test_text_of_a_step() -> None:
    text = gradient(filtered, 0.3, np.array([0.1, 0.9, 1.2, 0.2])).emit()
    assert body(text, "_value") == FILTERED


def test_text_of_arrays() -> None:
    text = gradient(scaled, np.array([1.0, 2.0]), 1.0).emit()
    assert body(text, "_value_and_grad") == SCALED


def test_small_formulas_have_one_body() -> None:
    text = sd.grad(sd.function("f = where(x > 0, x, y)*exp(y)")).emit()
    assert "_on_arrays" not in text


def test_formulas_that_would_compute_an_untaken_way_have_two() -> None:
    text = sd.grad(sd.function("f = where(x > 0, log(x), y)*exp(y)")).emit()
    assert "log(x)" in body(text, "_value")
    assert "_choose" in body(text, "_value_on_arrays")


# --- values --------------------------------------------------------------------------------------


@pytest.mark.parametrize("function", NUMBERS, ids=lambda function: function.__name__)
def test_values_and_gradients_of_floats_and_arrays(function: Callable[..., Any]) -> None:
    points = NUMBERS[function]
    made = gradient(function, *points[0])
    module, plain = made.load(), made.load("python")
    for at in points:
        expected = function(*at)
        for one in (module, plain):
            value, found = one.value_and_grad(*at)
            assert math.isclose(value, expected, rel_tol=1e-13)
            flat = found if isinstance(found, tuple) else (found,)
            assert np.allclose(flat, differences(function, at), rtol=1e-6, atol=1e-7)
    columns = [np.array(column) for column in zip(*points, strict=True)]
    values, found = module.value_and_grad(*columns)
    assert np.allclose(values, [function(*at) for at in points], rtol=1e-13)
    rows = found if isinstance(found, tuple) else (found,)
    one_by_one = [module.grad(*at) for at in points]
    if len(rows) > 1:
        assert np.allclose(np.array(rows).T, one_by_one, rtol=1e-12)
    else:
        assert np.allclose(rows[0], one_by_one, rtol=1e-12)


@pytest.mark.parametrize("function", NUMBERS, ids=lambda function: function.__name__)
def test_hessians(function: Callable[..., Any]) -> None:
    points = NUMBERS[function]
    names = tuple(range(len(points[0])))
    first = gradient(function, *points[0]).load()
    second = sd.hessian(function, wrt=names)
    second(*points[0])
    for module in (second.load(), second.load("python")):
        for at in points:
            found = np.array(module.hessian(*at), float).reshape(len(at), len(at))
            rows = [
                differences(lambda *x, n=place: np.atleast_1d(first.grad(*x))[n], at)
                for place in names
            ]
            assert np.allclose(found, rows, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("function", NUMBERS, ids=lambda function: function.__name__)
def test_an_untaken_way_computes_nothing(function: Callable[..., Any]) -> None:
    """Nothing warns or raises, and the logarithm is called where it is asked for alone."""
    points = NUMBERS[function]
    names = tuple(range(len(points[0])))
    modules = [gradient(function, *points[0]), sd.hessian(function, wrt=names)]
    modules[1](*points[0])
    for made in modules:
        for module in (made.load(), made.load("python")):
            name = "value_and_grad" if made is modules[0] else "hessian"
            for at in points:
                expected = _calls(function, at)
                found = _calls_of(module, name, at)
                assert found <= expected, (name, at)


def _calls(function: Callable[..., Any], at: tuple[float, ...]) -> set[str]:
    """The functions of `math` that Python's own run calls."""
    called: set[str] = set()
    space = dict(function.__globals__)
    space["math"] = _Counting(called)
    kind = type(function)
    kind(function.__code__, space)(*at)
    return called


class _Counting:
    def __init__(self, called: set[str]) -> None:
        self.called = called

    def __getattr__(self, name: str) -> Any:
        def call(*args: float) -> Any:
            self.called.add(name)
            return getattr(math, name)(*args)

        return call


def _calls_of(module: ModuleType, name: str, at: tuple[float, ...]) -> set[str]:
    """Those that the body for floats calls, and that NumPy's is not called."""
    called: set[str] = set()
    counting = _Counting(called)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        if hasattr(module, "_arrays"):
            body = getattr(module, f"_{name}")
            code = body.__code__
            taken = code.co_varnames[len(at) : code.co_argcount]
            functions = {
                local: getattr(counting, bound.__name__)
                for local, bound in zip(taken, body.__defaults__ or (), strict=True)
                if bound.__module__ == "math"
            }
            body(*at, **functions)
        else:
            vars(module)["math"] = counting
            getattr(module, name)(*at)
    return called


def test_a_check_comes_before_what_it_guards() -> None:
    def guarded(x: float, y: float) -> float:
        if y > 0.0:
            if x <= 0.0:
                raise ValueError(f"x is {x}")
            z = math.log(x)
        else:
            z = x
        return z * y

    made = gradient(guarded, 2.0, 1.0)
    for module in (made.load(), made.load("python")):
        with pytest.raises(ValueError, match=r"^x is -1\.0$"):
            module.value_and_grad(-1.0, 1.0)
        assert module.value_and_grad(-1.0, -1.0)[0] == 1.0
    text = body(made.emit(), "_value")
    assert text.index("raise") < text.index("log(x)")
    with pytest.raises(ValueError, match="x is"):
        made.load().value(np.array([1.0, -1.0]), np.array([1.0, 1.0]))


def test_an_input_may_have_any_name() -> None:
    made = sd.grad(sd.function("f = where(np > 0, log(np), _value_on_arrays*special)"))
    module = made.load()
    assert module.value(np.array([1.0, -1.0]), 2.0, 3.0).tolist() == [0.0, 6.0]
    assert module.grad(-1.0, 2.0, 3.0) == (0.0, 3.0, 2.0)


@pytest.mark.parametrize("signal", [[0.1, 0.9, 1.2, 0.2], [-0.4, -0.9, 2.0, 3.0]])
def test_loops(signal: list[float]) -> None:
    made = gradient(filtered, 0.3, np.array(signal))
    value, (level_bar, bars) = made.load().value_and_grad(0.3, np.array(signal))
    flat = lambda *x: float(filtered(x[0], np.array(x[1:])))  # noqa: E731
    assert math.isclose(value, flat(0.3, *signal))
    assert np.allclose([level_bar, *bars], differences(flat, (0.3, *signal)), rtol=1e-6)


@pytest.mark.parametrize("t", [0.5, 5.0])
def test_arrays(t: float) -> None:
    x = (0.7, 1.1, 0.4)
    made = gradient(scaled, np.array(x), 0.5)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        value, (bars, t_bar) = made.load().value_and_grad(np.array(x), t)
    flat = lambda *at: float(scaled(np.array(at[:-1]), at[-1]))  # noqa: E731
    assert math.isclose(value, flat(*x, t))
    assert np.allclose([*bars, t_bar], differences(flat, (*x, t)), rtol=1e-6)
    batch = sd.grad(scaled, wrt=(0, 1))(np.array(x), t)
    assert np.allclose(batch[0], bars)


def test_a_result_of_a_branch_shares_no_memory_with_an_input() -> None:
    def program(x: Any, t: float) -> Any:
        return x if t > 0.0 else 2.0 * x

    made = sd.jacobian(program, wrt=0)
    x = np.array([1.0, 2.0])
    made(x, 1.0)
    module = made.load()
    found = module.value(x, 1.0)
    found[0] = 7.0
    assert x[0] == 1.0


def test_numbers_that_branches_choose_divide_as_arrays_do() -> None:
    def program(x: Any) -> Any:
        zero = 0.0 if x[0] > 0.0 else 1.0
        return np.sum(x) / (zero * 1.0)

    made = gradient(program, np.array([1.0, 2.0]))
    assert made.load().value(np.array([1.0, 2.0])) == math.inf


# --- random programs -----------------------------------------------------------------------------

NAMES = ("a", "b", "c")
ATOMS = st.sampled_from((*NAMES, "x", "y", "0.7", "-1.3", "2.0"))
EXPRESSIONS = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.tuples(st.sampled_from(("sin", "tanh")), inner).map("{0[0]}({0[1]})".format),
        st.tuples(inner, st.sampled_from("+-*"), inner).map("({0[0]} {0[1]} {0[2]})".format),
        inner.map("log(1.0 + ({0})*({0}))".format),
    ),
    max_leaves=4,
)
COMPARED = st.tuples(EXPRESSIONS, st.sampled_from(("<", ">=", ">")), EXPRESSIONS)
CONDITIONS = st.recursive(
    COMPARED.map(" ".join),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(("and", "or")), inner).map(
            "({0[0]} {0[1]} {0[2]})".format
        ),
        inner.map("not ({})".format),
    ),
    max_leaves=3,
)
ASSIGNED = st.tuples(st.sampled_from(NAMES), EXPRESSIONS).map(lambda pair: [" = ".join(pair)])
RETURNED = EXPRESSIONS.map(lambda text: [f"return {text} + 0.1*x*y"])


def indented(block: list[str]) -> list[str]:
    return ["    " + line for line in block]


def branch(parts: tuple[str, list[str], str, list[str], list[str]]) -> list[str]:
    condition, then, other, second, last = parts
    lines = [f"if {condition}:", *indented(then)]
    if second:
        lines += [f"elif {other}:", *indented(second)]
    return lines + (["else:", *indented(last)] if last else [])


def joined(parts: list[list[str]]) -> list[str]:
    return [line for part in parts for line in part]


def blocks(inner: st.SearchStrategy[list[str]]) -> st.SearchStrategy[list[str]]:
    block = st.lists(inner, min_size=1, max_size=3).map(joined)
    maybe = st.one_of(st.just([]), block)
    return st.tuples(CONDITIONS, block, CONDITIONS, maybe, maybe).map(branch)


STATEMENTS = st.recursive(st.one_of(ASSIGNED, ASSIGNED, RETURNED), blocks, max_leaves=8)
PROGRAMS = st.lists(STATEMENTS, min_size=1, max_size=4).map(joined)
POINTS = st.tuples(st.floats(-2.0, 2.0), st.floats(-2.0, 2.0)).map(
    lambda at: (round(at[0], 3) + 0.00017, round(at[1], 3) + 0.00031)
)


@settings(max_examples=40)
@given(PROGRAMS, POINTS, POINTS)
def test_random_programs(
    lines: list[str], one: tuple[float, float], two: tuple[float, float]
) -> None:
    start = ["a = x*y", "b = x - y", "c = 0.5"]
    text = "\n".join(["def program(x, y):", *indented([*start, *lines, "return a + b*c"])]) + "\n"
    space = {name: getattr(math, name) for name in ("sin", "tanh", "log")}
    program = compiled(text, f"<branches {hash(text)}>", space)
    made = gradient(program, *one)
    module, plain = made.load(), made.load("python")
    columns = [np.array(column) for column in zip(one, two, strict=True)]
    values, bars = module.value_and_grad(*columns)
    for number, at in enumerate((one, two)):
        expected = program(*at)
        slopes = differences(program, at)
        aside = [differences(program, (at[0] + h, at[1] - 0.7 * h)) for h in (-4e-6, 4e-6)]
        is_smooth = np.allclose(aside, [slopes] * 2, rtol=1e-4, atol=1e-4)
        for value, found in (
            module.value_and_grad(*at),
            plain.value_and_grad(*at),
            (values[number], [np.broadcast_to(bar, 2)[number] for bar in bars]),
        ):
            assert math.isclose(value, expected, rel_tol=1e-11, abs_tol=1e-11)
            if is_smooth:
                assert np.allclose(found, slopes, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("x", [0.1, 0.9])
@pytest.mark.parametrize("s", [0.05, 0.5, 2.0])
def test_a_condition_that_a_loop_reads_in_a_way_is_known_outside_of_it(x: float, s: float) -> None:
    def until(x, s):
        v = np.zeros((6, 4))[:, 2]
        if x > 0.5:
            for _ in range(6):
                v[3:] = v[3:] * 0.5 + 1.0
                if s < 1.0:
                    break
            if s > 0.1:
                v[::2] = min(1.0, s)
        return np.sum(np.sin(v * np.arange(6.0))) * x + s

    made = sd.value_and_grad(until, wrt=("x", "s"), loops="roll")
    value, slopes = made(x, s)
    assert value == pytest.approx(until(x, s), rel=1e-14)
    h = 1e-6
    sides = [until(x + h, s) - until(x - h, s), until(x, s + h) - until(x, s - h)]
    assert slopes == pytest.approx([side / 2e-6 for side in sides], rel=1e-6, abs=1e-8)


# --- the larger of two numbers ------------------------------------------------------------------


def larger_by_if(x: Any) -> Any:
    found = x[0] if x[0] > x[1] else x[1]
    return 2.0 * found


def smaller_by_builtin(x: Any) -> Any:
    return 2.0 * min(x[0], x[1])


@pytest.mark.parametrize("function", [larger_by_if, smaller_by_builtin])
@pytest.mark.parametrize("point", [(1.0, 2.0), (2.0, 1.0), (math.nan, 1.0), (1.0, math.nan)])
def test_a_choice_of_two_numbers_is_max_or_min(function: Any, point: tuple[float, float]) -> None:
    made = sd.function(function, shapes={"x": (2,)})
    body = made.emit(lean=True).split("def value(")[0]
    assert "max(" in body or "min(" in body
    np.testing.assert_equal(made.load().value(np.array(point)), function(point))


def shadowing(x: Any, max: Any, range: Any) -> Any:
    len = np.sin(x) * range
    reversed = 0.0
    for _ in np.arange(40):
        reversed = reversed + np.cos(reversed * len)
    if len > max:
        return len * reversed
    return max * reversed


@pytest.mark.parametrize("shape", [(), (2,)])
def test_names_of_pythons_own_functions_are_the_users(shape: tuple[int, ...]) -> None:
    def loss(x: Any, max: Any, range: Any) -> Any:
        return shadowing(np.sum(x), max, range)

    x = np.full(shape, 0.7)[()]
    value, slopes = sd.value_and_grad(loss, wrt=("x", "max", "range"))(x, 0.3, 0.9)
    assert value == pytest.approx(loss(x, 0.3, 0.9), rel=1e-12)
    for number, name in enumerate(("max", "range"), 1):
        step = {"max": 0.3, "range": 0.9}
        ends = [loss(x, **(step | {name: step[name] + h})) for h in (1e-6, -1e-6)]
        assert slopes[number] == pytest.approx((ends[0] - ends[1]) / 2e-6, rel=1e-6, abs=1e-9)


def test_what_the_value_reads_is_not_called_a_cotangent() -> None:
    def loss(x: Any, y: Any) -> Any:
        v = x[0] ** 2 + 1.0
        if y > 0.0:
            return np.log(v) * y
        return v * y

    gradient = sd.value_and_grad(loss, wrt=("x", "y"))
    value, (by_x, by_y) = gradient(np.array([2.0]), 3.0)
    assert value == by_y * 3.0 == pytest.approx(3.0 * math.log(5.0), rel=1e-15)
    assert by_x == pytest.approx([3.0 * 4.0 / 5.0], rel=1e-15)
    assert "log_v * y" in gradient.emit()
