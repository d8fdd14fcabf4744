"""Reverse mode: its structure, branches that are not taken, and forms that overflow as written."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import pytest
import sympy
from hypothesis import assume, given
from hypothesis import strategies as st

import symdiff as sd
from symdiff.derive.reverse import gradient
from symdiff.graph.check import check
from symdiff.graph.graph import Graph
from symdiff.graph.node import CONSTANT, INPUT, constant_value
from symdiff.ops.builder import Builder
from symdiff.ops.rules import EXACT
from symdiff.optimize import optimize
from tests.evaluate import lines, outputs, tolerances
from tests.strategies import COORDINATES, examples, graphs

EPSILON = 2.0**-52

# --- structure ---------------------------------------------------------------------------------


@examples(200)
@given(graph=graphs())
def test_value_keeps_its_lines_and_zero_is_never_a_factor(graph: Graph) -> None:
    made = gradient(graph, graph.input_names)
    check(made)
    assert made.nodes[: len(graph)] == graph.nodes
    assert made.outputs[0] == graph.outputs[0]
    assert made.primal == 1
    for node in made.nodes[len(graph) :]:
        if node.op == "multiply":
            numbers = [made[a] for a in node.args if made[a].op == CONSTANT]
            assert all(constant_value(number) != 0.0 for number in numbers), node


@pytest.mark.parametrize("text", ["floor(x)*y", "y + 0*x", "sign(x) + y", "(x > 0) + y"])
def test_no_dependence_is_a_constant_zero(text: str) -> None:
    function = sd.function(text)
    made = gradient(function.graph, ("x",))
    node = made[made.outputs[1]]
    assert (node.op, constant_value(node)) == (CONSTANT, 0.0)


def test_wrt_leaves_out_what_is_not_asked_for() -> None:
    function = sd.function("exp(x)*sin(y)*cosh(z)")
    assert sd.function("exp(x)").value_and_grad().ops == 1  # the value is the derivative
    assert function.value_and_grad("y").ops < function.value_and_grad().ops


def test_gradient_is_closed_under_repetition() -> None:
    second = sd.function("x**3").grad().grad()
    assert second(2.0) == 12.0
    assert second.grad()(2.0) == 6.0
    assert second.grad().grad()(2.0) == 0.0


# --- branches that are not taken ---------------------------------------------------------------

BRANCHES = [
    ("where(x > 0, sqrt(x), 0)", {-1.0: 0.0, 0.0: 0.0, 4.0: 0.25}),
    ("where(x > 0, log(x), x)", {-1.0: 1.0, 0.0: 1.0, 2.0: 0.5}),
    ("where(x != 0, sin(x)/x, 1)", {0.0: 0.0}),
    ("where(abs(x) < 1, arcsin(x), 2*x)", {1.0: 2.0, 3.0: 2.0, 0.0: 1.0}),
    ("where(x < 100, exp(x), x)", {1e4: 1.0, 0.0: 1.0}),
    ("where(x > 0, x**0.5, -x)", {-4.0: -1.0, 4.0: 0.25}),
    ("where(x > 0, 1/x, 0) + where(x > 0, log(x), x)", {-2.0: 1.0, 0.0: 1.0, 2.0: 0.25}),
    ("s = sqrt(x); where(x > 0, where(x > 1, s, s**3), 0)", {-1.0: 0.0, 4.0: 0.25, 0.25: 0.75}),
    ("s = log(x); where(x > 0, where(x > 1, s*s, s), 3*x)", {-1.0: 3.0, 0.5: 2.0, 1e-3: 1e3}),
    ("1/where(x > 0, x, 1)", {-1.0: 0.0, 0.0: 0.0, 2.0: -0.25}),
    ("max(sqrt(where(x > 0, x, 0)), 1)", {-1.0: 0.0, 0.0: 0.0, 4.0: 0.25}),
    ("sqrt(x) if x > 0 else -x", {-1.0: -1.0, 4.0: 0.25}),
    ("where(x > 0, sqrt(x - 1), 0)*where(x > 1, 1, 0)", {-1.0: 0.0, 5.0: 0.25}),
    ("where(x > 0, where(x < 1, sqrt(1 - x), 0), 0)*2", {-1.0: 0.0, 2.0: 0.0, 0.75: -2.0}),
]
CASES = [(text, x, wanted) for text, cases in BRANCHES for x, wanted in cases.items()]


@pytest.mark.parametrize(("text", "x", "wanted"), CASES)
def test_branch_not_taken_leaks_nothing(text: str, x: float, wanted: float) -> None:
    function = sd.function(text).grad()
    for got in (function(x), function(np.array([x]))[0]):
        assert got == pytest.approx(wanted, rel=1e-14)


@pytest.mark.parametrize(
    ("text", "cases"),
    BRANCHES[:-2],
)
def test_bodies_neither_warn_nor_raise(text: str, cases: dict[float, float]) -> None:
    """Dask and its like run the body without our error state, where a warning would be seen."""
    module = sd.function(text).grad().load()
    points = np.array(list(cases))
    with np.errstate(all="raise", under="ignore"):
        body = getattr(module, "_value_and_grad_on_arrays", module._value_and_grad)
        body(points, *getattr(module, "_VALUE_AND_GRAD_ON_ARRAYS", ()))
    for x in cases:
        module._value_and_grad(x)


def copy_into(builder: Builder, graph: Graph) -> int:
    """The output of a graph among the lines of a builder; inputs go by their names."""
    moved: list[int] = []
    for node in graph.nodes:
        if node.op in (INPUT, CONSTANT):
            moved.append(builder.append(node))
            if node.op == CONSTANT:
                moved[-1] = builder.constant(constant_value(node))
        else:
            moved.append(builder.make(node.op, tuple(moved[a] for a in node.args), node.params))
    return moved[graph.outputs[0]]


@examples(200)
@given(data=st.data())
def test_random_branch_not_taken_changes_nothing(data: Any) -> None:
    risky, taken = data.draw(graphs()), data.draw(graphs())
    point = data.draw(st.fixed_dictionaries(dict.fromkeys("xyz", COORDINATES)))
    builder = Builder(EXACT)
    inputs = [builder.input(name) for name in "cxyz"]
    condition = builder.make("greater", (inputs[0], builder.constant(0.0)))
    branches = copy_into(builder, risky), copy_into(builder, taken)
    whole = builder.graph(inputs, [builder.make("where", (condition, *branches))], ["f"], primal=1)
    wrt = taken.input_names
    alone = gradient(taken, wrt)
    assume(np.isfinite(lines(alone, point)).all())
    right, bounds = outputs(alone, point), tolerances(alone, point)
    made = gradient(whole, wrt)
    for graph in (made, optimize(made)):
        for got, wanted, bound in zip(
            outputs(graph, {**point, "c": -1.0}), right, bounds, strict=True
        ):
            if math.isfinite(bound):
                assert abs(got - wanted) <= bound


def test_piecewise_of_sympy() -> None:
    x = sympy.Symbol("x")
    formula = sympy.Piecewise((sympy.sqrt(x), x > 1), (sympy.log(x), x > 0), (x**2, True))
    gradient_of_it = sd.function(formula).grad()
    for point, wanted in {4.0: 0.25, 0.5: 2.0, -3.0: -6.0, 0.0: 0.0}.items():
        assert gradient_of_it(point) == pytest.approx(wanted)


# --- stable forms ------------------------------------------------------------------------------

AT = (-1e6, -1000.0, -40.0, -1.0, -1e-9, 0.0, 1e-300, 1e-3, 1.0, 40.0, 700.0, 1000.0, 1e6)
mp = mpmath


def _softplus_slope(x: Any) -> Any:
    return 1 / (1 + mp.exp(-x))


STABLE: list[tuple[str, Callable[..., Any], float]] = [
    ("log(1 + exp(x))", _softplus_slope, 0.0),
    ("log(exp(x) + 1)", _softplus_slope, 0.0),
    ("log1p(exp(x))", _softplus_slope, 0.0),
    ("log(1 + exp(-x))", lambda x: _softplus_slope(x) - 1, 1.0),
    ("log(2*exp(x) + 3)", lambda x: 1 / (1 + mp.mpf(3) / 2 * mp.exp(-x)), 0.0),
    ("log((1 + exp(x))/2)", _softplus_slope, 0.0),
    ("exp(x)/(1 + exp(x))", lambda x: _softplus_slope(x) * _softplus_slope(-x), 1.0),
    ("1/(1 + exp(-x))", lambda x: _softplus_slope(x) * _softplus_slope(-x), 1.0),
    ("1/(1 + exp(x))", lambda x: -_softplus_slope(x) * _softplus_slope(-x), 1.0),
    ("log(exp(x) + exp(2*x) + 1)", lambda x: _three(x), 0.0),
]


def _three(x: Any) -> Any:
    """(exp(x) + 2*exp(2x))/(1 + exp(x) + exp(2x)), without overflow."""
    m = mp.exp(-abs(x))
    return (m + 2) / (m * m + m + 1) if x >= 0 else (m + 2 * m * m) / (1 + m + m * m)


@pytest.mark.parametrize("x", AT)
@pytest.mark.parametrize(("text", "slope", "scale"), STABLE)
def test_stable_slope(text: str, slope: Callable[..., Any], scale: float, x: float) -> None:
    with mpmath.workdps(50):
        wanted = float(slope(mpmath.mpf(x)))
        condition = abs(float(x * mpmath.diff(slope, mpmath.mpf(x)))) if abs(x) < 800 else 0.0
    function = sd.function(text).grad()
    for got in (function(x), function(np.array([x]))[0]):
        bound = EPSILON * (16 * abs(wanted) + 4 * condition + 2 * scale)
        assert abs(got - wanted) <= bound + 1e-320, (text, x, got, wanted)


@pytest.mark.parametrize("a", [-1000.0, -1.0, 0.0, 3.0, 1000.0])
@pytest.mark.parametrize("b", [-1000.0, 0.5, 999.0, 1000.0])
def test_log_of_a_sum_of_exponentials(a: float, b: float) -> None:
    function = sd.function("log(exp(a) + exp(b))").grad()
    with mpmath.workdps(50):
        by_a, by_b = 1 / (1 + mp.exp(mp.mpf(b) - a)), 1 / (1 + mp.exp(mp.mpf(a) - b))
    for got, wanted in zip(function(a, b), (float(by_a), float(by_b)), strict=True):
        assert got == pytest.approx(wanted, rel=16 * EPSILON, abs=1e-320)


LENGTHS = [
    "sqrt(x**2 + y**2)",
    "sqrt(x*x + y*y)",
    "(x**2 + y**2)**0.5",
    "hypot(x, y)",
]


@pytest.mark.parametrize("text", LENGTHS)
@pytest.mark.parametrize("size", [1e-300, 1e-160, 1e-3, 1.0, 1e160, 1e300])
def test_length_at_every_size(text: str, size: float) -> None:
    got = sd.function(text).grad()(3 * size, 4 * size)
    assert got == pytest.approx((0.6, 0.8), rel=8 * EPSILON)


@pytest.mark.parametrize("text", LENGTHS)
def test_length_has_gradient_zero_at_the_origin(text: str) -> None:
    assert sd.function(text).grad()(0.0, 0.0) == (0.0, 0.0)
    assert sd.function("sqrt(x**2)").grad()(0.0) == 0.0


@pytest.mark.parametrize("size", [1e-200, 1e-3, 1e200])
def test_length_in_three_dimensions(size: float) -> None:
    got = sd.function("sqrt(x**2 + y**2 + z**2)").grad()(2 * size, 3 * size, 6 * size)
    assert got == pytest.approx((2 / 7, 3 / 7, 6 / 7), rel=8 * EPSILON)


def test_stable_slope_where_the_value_overflows() -> None:
    value, slope = sd.function("log(1 + exp(x))").value_and_grad()(1000.0)
    assert (value, slope) == (math.inf, 1.0)  # the value stays as it was written


def test_value_stays_as_written() -> None:
    text = "log(1 + exp(x)) + sqrt(x**2 + y**2)"
    x, y = 0.7, -1.9
    assert sd.function(text)(x, y) == math.log(1 + math.exp(x)) + math.sqrt(x * x + y * y)
    assert sd.function("a + b + c")(1e16, 1.0, 1.0) == 1e16 + 1.0 + 1.0
    assert sd.function("a + (b + c)")(1e16, 1.0, 1.0) == 1e16 + (1.0 + 1.0)


@pytest.mark.parametrize("exponent", ["0", "1", "2", "3", "0.5", "-1", "-2", "2.5", "17", "-0.5"])
@pytest.mark.parametrize("x", [0.3, 1.0, 7.0])
def test_power_with_a_number(exponent: str, x: float) -> None:
    n = float(exponent)
    assert sd.function(f"x**({exponent})").grad()(x) == pytest.approx(n * x ** (n - 1), rel=1e-14)


def test_power_conventions() -> None:
    assert sd.function("x**0").grad()(0.0) == 0.0
    assert sd.function("x**1").grad()(0.0) == 1.0
    assert sd.function("x**2").grad()(0.0) == 0.0
    assert sd.function("x**y").grad()(0.0, 2.0) == (0.0, 0.0)
    assert sd.function("0**y").grad()(1.0) == 0.0
    assert sd.function("0**y").grad()(0.0) == 0.0
    assert sd.function("2**y").grad()(3.0) == pytest.approx(8 * math.log(2))


def test_equal_cotangents_are_added_once() -> None:
    """A line that is read twice alike gives a multiple; what cancels is left out."""
    made = sd.function("sin(x) + x*x + y*x - x*y").grad()
    text = made.emit(lean=True)
    assert "cos(x) + 2.0 * x" in text
    assert "y - y" not in text
    assert made(0.3, 2.0) == pytest.approx((math.cos(0.3) + 0.6, 0.0))
    a = np.array([0.5, -1.0])
    assert sd.grad(lambda x: np.exp(x) @ x + 3 * (x @ x))(a) == pytest.approx(
        np.exp(a) * (a + 1.0) + 6.0 * a
    )
