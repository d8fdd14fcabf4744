"""Every pass on random graphs: what it may change, what it must not, and how many lines remain."""

from __future__ import annotations

import math
import struct
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import assume, given, reject
from hypothesis import strategies as st

import symdiff as sd
from symdiff.api import Function
from symdiff.derive.reverse import gradient
from symdiff.frontend.text.options import LIMITS
from symdiff.graph.check import check
from symdiff.graph.graph import Graph
from symdiff.ops.builder import Builder
from symdiff.ops.registry import OPERATIONS
from symdiff.ops.rules import EXACT
from symdiff.optimize import PASSES, optimize
from symdiff.origin import Origin
from symdiff.verbs import VERBS
from tests.evaluate import exact_gradient, has_kink_near, outputs, tolerances
from tests.strategies import examples, graphs, points

every_pass = pytest.mark.parametrize(
    "number", range(len(PASSES)), ids=[one_pass.__name__ for one_pass in PASSES]
)


def bits(value: float) -> bytes:
    """The bits of a number; all NaNs are one."""
    return struct.pack("<d", math.nan if math.isnan(value) else value)


def before(number: int, graph: Graph) -> Graph:
    """The value and gradient of a function as the pass meets it."""
    graph = gradient(graph, graph.input_names)
    for earlier in PASSES[:number]:
        graph = earlier(graph)
    return graph


def assert_close(got: list[float], right: list[float], bounds: list[float]) -> None:
    """As near as rounding allows; a point where it overflows as written says nothing."""
    assume(all(math.isfinite(b) for b in (*right, *bounds)))
    for a, b, bound in zip(got, right, bounds, strict=True):
        assert abs(a - b) <= bound, (got, right, bounds)


@every_pass
@examples(100)
@given(data=st.data())
def test_pass_gives_a_legal_graph_with_the_same_results(number: int, data: Any) -> None:
    graph, one_pass = before(number, data.draw(graphs())), PASSES[number]
    point = data.draw(points(graph))
    after = one_pass(graph)
    check(after)
    assert after.uses() == replace(after).uses()  # which nothing has counted before
    assert after.input_names == graph.input_names
    assert (after.output_names, after.primal) == (graph.output_names, graph.primal)
    right, got = outputs(graph, point), outputs(after, point)
    bounds = tolerances(graph, point)
    if any(node.op == "power" for node in graph.nodes) and one_pass.__name__ == "expand":
        assert_close(got[:1], right[:1], bounds[:1])
    else:
        assert bits(got[0]) == bits(right[0])
    assert_close(got[1:], right[1:], bounds[1:])


@every_pass
@examples(100)
@given(graph=graphs())
def test_second_run_changes_nothing(number: int, graph: Graph) -> None:
    one_pass = PASSES[number]
    once = one_pass(before(number, graph))
    twice = one_pass(once)
    assert twice.nodes == once.nodes
    assert twice.outputs == once.outputs


@pytest.mark.parametrize(
    "text",
    [
        "where(x > 0, where(y > 0, log(1 + log(x + y)), 1), 2)",
        "s = sqrt(x); where(x > 0, where(x > 1, s, s**3), 0)",
        "where((x > 0) or (y > 0), log(x + y)*log(x), 0)",
        "sqrt(where(x < x, -x, minimum(-x, -x)))",
    ],
)
def test_guards_guard_all_at_once(text: str) -> None:
    graph = optimize(sd.function(text).value_and_grad().graph)
    assert optimize(graph).nodes == graph.nodes


@every_pass
@examples(100)
@given(graph=graphs())
def test_pass_does_not_add_operations(number: int, graph: Graph) -> None:
    """Or only those that stand for what it is about, a few for each."""
    graph, one_pass = before(number, graph), PASSES[number]
    made = one_pass(graph)
    if one_pass.__name__ not in ("expand", "guard_branches"):
        assert made.ops <= graph.ops
        return
    old = Counter(node.op for node in graph.nodes if node.args)
    if one_pass.__name__ == "expand":
        assert all(OPERATIONS[node.op].expand is None for node in made.nodes if node.args)
        allowed = sum(count * _growth(op) for op, count in old.items())
    else:  # a choice for each argument that is guarded, and the conditions
        allowed = sum(12 * count for op, count in old.items() if OPERATIONS[op].safe)
    assert made.ops <= graph.ops + allowed


def _growth(op: str) -> int:
    """How many operations more an operation's expansion has: 1/x**15 is a quotient of products."""
    if op == "power":
        return 6
    expand = OPERATIONS[op].expand
    if expand is None:
        return 0
    builder = Builder(EXACT)
    expand(*[builder.handle(builder.input(f"x{i}")) for i in range(OPERATIONS[op].arity)])
    return sum(node.args != () for node in builder.nodes) - 1


@every_pass
@examples(20)
@given(graph=graphs())
def test_pass_leaves_its_input_alone(number: int, graph: Graph) -> None:
    graph, one_pass = before(number, graph), PASSES[number]
    nodes, found = list(graph.nodes), (graph.outputs, dict(graph.spans), dict(graph.hints))
    one_pass(graph)
    assert graph.nodes == nodes
    assert (graph.outputs, dict(graph.spans), dict(graph.hints)) == found


@examples(200)
@given(data=st.data())
def test_gradient_is_that_of_50_digits(data: Any) -> None:
    graph = data.draw(graphs(largest=10))
    point = data.draw(points(graph))
    made = gradient(graph, graph.input_names)
    found = outputs(graph, point)
    assume(all(math.isfinite(value) for value in found))
    assume(not has_kink_near(graph, point))
    try:
        right = [float(entry) for entry in exact_gradient(graph, point, graph.input_names)]
    except (ArithmeticError, TypeError, ValueError):  # mpmath leaves the real numbers
        reject()
    assume(all(math.isfinite(entry) and abs(entry) < 1e12 for entry in right))
    bounds = tolerances(made, point)[1:]
    for compiled in (made, optimize(made)):
        got = outputs(compiled, point)[1:]
        for a, b, bound in zip(got, right, bounds, strict=True):
            if math.isfinite(bound):
                assert abs(a - b) <= bound + 1e-14 * abs(b) + 1e-40, (got, right, bounds)


@examples(100)
@given(data=st.data())
def test_emitted_module_computes_the_graph(data: Any) -> None:
    graph = data.draw(graphs())
    point = data.draw(points(graph))
    function = Function(graph, Origin("random", None), VERBS["value_and_grad"], graph.input_names)
    text = function.emit()
    assert Function(graph, Origin("random", None), function.verb, function.wrt).emit() == text
    optimized = replace(function.optimized)
    bounds = tolerances(optimized, point)
    right = outputs(optimized, point)
    value, found = function(*[point[name] for name in graph.input_names])
    flat = [value, *(found if len(graph.inputs) > 1 else [found])]
    for a, b, bound in zip(flat, right, bounds, strict=True):
        if math.isnan(b):
            assert math.isnan(a)
        elif math.isfinite(bound):
            assert abs(a - b) <= bound, (flat, right)


# --- counts of operations ----------------------------------------------------------------------


@pytest.mark.parametrize("count", [10, 100, 1000])
def test_product_takes_3n_minus_6_more(count: int) -> None:
    """Baur and Strassen (1983): n - 1 products for the value, 2n - 4 or so for the gradient."""
    function = sd.function("*".join(f"x{i}" for i in range(count)))
    gradient_of_it = function.grad()
    assert function.ops == count - 1
    assert gradient_of_it.ops - function.ops <= 3 * count - 6


@pytest.mark.parametrize("steps", [2, 10, 100])
def test_logistic_map(steps: int) -> None:
    text = "; ".join(["v0 = x", *[f"v{i} = r*v{i - 1}*(1 - v{i - 1})" for i in range(1, steps)]])
    assert sd.function(text).value_and_grad("x").ops <= 6 * (steps - 1) + 8


def test_rosenbrock_gradient_adds_at_most_1_2_of_the_value() -> None:
    terms = [f"100*(x{i + 1} - x{i}**2)**2 + (1 - x{i})**2" for i in range(999)]
    function = sd.function(" + ".join(terms))
    assert function.grad().ops - function.ops <= 1.2 * function.ops


def test_long_chain_does_not_recurse() -> None:
    count = 100_000
    steps = [f"v{i} = 0.5*v{i - 1} + x" for i in range(1, count // 2)]
    text = "; ".join(["v0 = x", *steps])
    function = sd.function(text, limits=replace(LIMITS, length=10**8, nodes=10**8))
    made = function.value_and_grad()
    assert len(made.optimized) > count // 2
    value, slope = outputs(made.optimized, {"x": 3.0})
    assert value == pytest.approx(6.0, rel=1e-14)
    assert slope == pytest.approx(2.0, rel=1e-14)


def _ops_of_gradient(steps: int, *, with_factor: bool) -> int:
    """Of a chain of sines, and of tanh(x*y + x*z), whose slopes by x share a factor."""
    builder = Builder(EXACT)
    x, y, z = inputs = [builder.input(name) for name in "xyz"]
    total = x
    for _ in range(steps):
        total = builder.make("sin", (total,))
    if with_factor:
        both = [builder.make("multiply", (x, other)) for other in (y, z)]
        last = builder.make("tanh", (builder.make("add", tuple(both)),))
        total = builder.make("multiply", (total, last))
    return optimize(gradient(builder.graph(inputs, [total], ["f"], 1), "xyz")).ops


def test_a_long_formula_is_optimised_as_a_short_one() -> None:
    added = [
        _ops_of_gradient(steps, with_factor=True) - _ops_of_gradient(steps, with_factor=False)
        for steps in (10, 20_000)
    ]
    assert added[0] == added[1]
