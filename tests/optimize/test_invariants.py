"""Lines that all steps of a loop compute alike: once, before it, and only where that is safe."""

from __future__ import annotations

import struct
from collections import Counter
from typing import Any

import numpy as np
import pytest

import symdiff as sd
from symdiff.graph.check import check
from symdiff.graph.graph import Graph
from symdiff.graph.node import CONSTANT, INPUT
from symdiff.optimize import optimize
from symdiff.optimize.invariants import hoist_dear, hoist_invariants


def _bodies(graph: Graph) -> list[Graph]:
    return [node.params[0].graph for node in graph.nodes if node.op == "scan"]


def _ops(graph: Graph) -> Counter[str]:
    return Counter(node.op for node in graph.nodes if node.op not in (INPUT, CONSTANT))


def _euler(x: Any, k: Any, p: Any) -> Any:
    for _ in range(30):
        x = x - 0.01 * np.exp(-k) * x * (p[0] + p[1]) + np.sin(k)
    return x


EULER: dict[str, Any] = {"x": (), "k": (), "p": (2,)}


def test_what_steps_compute_alike_is_computed_once() -> None:
    """Of -k, exp, 0.01*exp, two reads and their sum, and sin nothing is left in a step."""
    graph = sd.function(_euler, shapes=EULER).graph
    made = hoist_invariants(graph)
    check(made)
    (before,), (after,) = _bodies(graph), _bodies(made)
    assert _ops(after) == Counter("multiply multiply subtract add".split())
    assert graph.ops - made.ops == 29 * (before.ops - after.ops)
    assert hoist_invariants(made) is made


def test_the_value_is_the_same_to_the_bit() -> None:
    module: Any = sd.function(_euler, shapes=EULER).load()
    x, k, p = 0.7, 1.3, np.array([0.31, 2.9])
    bits = [struct.pack("<d", f(x, k, p)) for f in (_euler, module.value)]
    assert bits[0] == bits[1]


def test_the_gradient_of_what_was_hoisted() -> None:
    """By the complex step of the same loop in Python; the exponential is differentiated once."""
    point = {"x": 0.7, "k": 1.3, "p": np.array([0.31, 2.9])}
    found = sd.grad(_euler, wrt=("x", "k", "p"))(**point)
    by_x, by_k, by_p = found
    assert by_x == pytest.approx(_euler(0.7 + 1e-30j, 1.3, point["p"]).imag / 1e-30, rel=1e-13)
    assert by_k == pytest.approx(_euler(0.7, 1.3 + 1e-30j, point["p"]).imag / 1e-30, rel=1e-13)
    for k in range(2):
        p = point["p"] + 1e-30j * (np.arange(2) == k)
        assert by_p[k] == pytest.approx(_euler(0.7, 1.3, p).imag / 1e-30, rel=1e-13)
    made = sd.function(_euler, shapes=EULER, wrt=("x", "k", "p")).grad().optimized
    assert _ops(made)["exp"] == 1
    assert not any({"exp", "cos", "sin", "index"} & set(_ops(body)) for body in _bodies(made))


def _neighbours(a: Any, b: Any, c: Any) -> Any:
    """Products of numbers that stand beside each other in a list."""
    values = [a, b * b, np.sin(c), a * c, b, c - a, b * c]
    total = 0.0
    for i in range(6):
        total = total + (values[i + 1] - values[i]) * values[i]
    return total


def test_cotangents_of_an_array_of_numbers_are_summed_in_one() -> None:
    """By the complex step. One array is carried back, and no number of it on its own."""
    given, shapes = [0.7, 1.3, 0.4], dict.fromkeys("abc", ())
    function = sd.function(_neighbours, shapes=shapes, wrt="a b c", loops="roll").grad()
    for place, got in enumerate(function(*given)):
        moved: list[Any] = list(given)
        moved[place] = given[place] + 1e-30j
        assert got == pytest.approx(_neighbours(*moved).imag / 1e-30, rel=1e-13)
    assert not any("stack" in _ops(body) for body in _bodies(function.optimized))
    backward = _bodies(function.optimized)[-1]
    assert [backward[at].shape for at in backward.outputs] == [(7,)]


def test_loops_in_loops() -> None:
    def loss(x: Any, a: Any) -> Any:
        for i in range(12):
            for _ in range(11):
                x = x * np.cos(a) + 0.1 * np.exp(a * i)
        return x

    graph = optimize(sd.function(loss, shapes={"x": (), "a": ()}).graph)
    (outer,) = _bodies(graph)
    (inner,) = _bodies(outer)
    assert "cos" in _ops(graph)
    assert "exp" in _ops(outer)
    assert _ops(inner) == Counter(["multiply", "add"])
    right = loss(0.7, 0.05)
    assert sd.function(loss, shapes={"x": (), "a": ()})(0.7, 0.05) == pytest.approx(right, rel=0)


def test_a_way_that_no_step_takes_is_not_computed() -> None:
    """The root of what is negative where no step takes the way would warn, and floats raise."""

    def loss(x: Any, k: Any) -> Any:
        for _ in range(20):
            x = x * 0.9 + (np.sqrt(k) if k > 0.0 else 1.0)
        return x

    body = _bodies(hoist_invariants(sd.function(loss, shapes={"x": (), "k": ()}).graph))[0]
    assert "sqrt" in _ops(body)
    for target in ("numpy", "python"):
        with np.errstate(all="raise"):
            value, (by_x, by_k) = sd.value_and_grad(loss, wrt=("x", "k"), target=target)(0.5, -2.0)
        assert value == pytest.approx(loss(0.5, -2.0), rel=1e-15)
        assert (by_x, by_k) == pytest.approx((0.9**20, 0.0), rel=1e-13)


@pytest.mark.parametrize("target", ["numpy", "python"])
def test_a_loop_of_no_steps_computes_nothing_that_may_fail(target: str) -> None:
    def loss(x: Any, k: Any) -> Any:
        while x > 1.0:
            x = x / (2.0 + np.log(k)) * (k + 0.5)
        return x

    graph = hoist_invariants(sd.function(loss, shapes={"x": (), "k": ()}).graph)
    assert _ops(graph)["add"] == 1  # k + 0.5 cannot fail
    assert {"log", "divide"} <= set(_ops(_bodies(graph)[0]))
    value, (by_x, by_k) = sd.value_and_grad(loss, wrt=("x", "k"), target=target)(0.5, 0.0)
    assert (value, by_x, by_k) == (0.5, 1.0, 0.0)
    value, (by_x, by_k) = sd.value_and_grad(loss, wrt=("x", "k"), target=target)(3.0, 0.9)
    h = 1e-6
    slopes = [(loss(3.0 + h, 0.9) - loss(3.0 - h, 0.9)) / (2 * h),
              (loss(3.0, 0.9 + h) - loss(3.0, 0.9 - h)) / (2 * h)]  # fmt: skip
    assert (by_x, by_k) == pytest.approx(slopes, rel=1e-6)


def test_what_is_carried_may_be_what_was_hoisted() -> None:
    def loss(x: Any, k: Any) -> Any:
        total = x
        for _ in range(9):
            total = total * x
            x = np.sin(k) + 1.0
        return total

    x, k = 0.7, 0.4
    by_x, by_k = sd.grad(loss, wrt=("x", "k"))(x, k)
    s = np.sin(k) + 1.0
    assert by_x == pytest.approx(2.0 * x * s**8, rel=1e-14)
    assert by_k == pytest.approx(x * x * 8.0 * s**7 * np.cos(k), rel=1e-14)


def test_a_matrix_that_steps_share_is_multiplied_once_forward_and_backward() -> None:
    def loss(A: Any, B: Any, x: Any) -> Any:
        for _ in range(40):
            x = np.tanh((A @ B) @ x)
        return np.sum(x)

    shapes: dict[str, Any] = {"A": (3, 3), "B": (3, 3), "x": (3,)}
    graph = sd.function(loss, shapes=shapes, wrt=("A", "B")).grad().optimized
    assert max(_ops(body)["contract"] for body in _bodies(graph)) == 1
    A, B, x = np.linspace(-1, 1, 9).reshape(3, 3), np.cos(np.arange(9.0)).reshape(3, 3), np.ones(3)
    by_A, by_B = sd.grad(loss, wrt=("A", "B"))(A, B, x)
    for place in ((0, 0), (2, 1)):
        step = np.zeros((3, 3), complex)
        step[place] = 1e-30j
        assert by_A[place] == pytest.approx(loss(A + step, B, x).imag / 1e-30, rel=1e-12)
        assert by_B[place] == pytest.approx(loss(A, B + step, x).imag / 1e-30, rel=1e-12)


def test_only_what_is_dear_is_hoisted_before_differentiation() -> None:
    graph = sd.function(_euler, shapes=EULER).graph
    (body,) = _bodies(hoist_dear(graph))
    assert not {"exp", "sin"} & set(_ops(body))
    assert _ops(body)["multiply"] == 3


def test_what_each_step_leaves_as_it_is_is_not_carried() -> None:
    """The cotangent of a total is 1 in each step; sums of cotangents are the loop's own arrays."""

    def total(W, xs):
        s, found = np.zeros(3), 0.0
        for x in xs:
            s = np.tanh(W @ s + x)
            found = found - 0.5 * np.sum(s**2)
        return found

    W, xs = np.cos(np.arange(9.0)).reshape(3, 3), np.sin(np.arange(24.0)).reshape(8, 3)
    made = sd.function(total, shapes={"W": (3, 3), "xs": (8, 3)}, wrt="W").value_and_grad()
    assert "found_bar" not in made.emit()
    assert ".copy()" not in made.emit().partition("def _accumulated")[0]
    value, gradient = made.load().value_and_grad(W, xs)
    assert value == pytest.approx(total(W, xs), rel=1e-14)
    for place in np.ndindex(W.shape):
        moved = W.astype(complex)
        moved[place] += 1e-100j  # the complex step
        assert gradient[place] == pytest.approx(total(moved, xs).imag / 1e-100, rel=1e-12)


def test_arrays_that_steps_make_share_no_memory() -> None:
    def states(W, xs):
        a = b = np.zeros(3)
        for x in xs:
            a, b = np.tanh(W @ a + x), a + x
        return a, b, a

    module = sd.function(states, shapes={"W": (3, 3), "xs": ("N", 3)}).load()
    W, xs = np.cos(np.arange(9.0)).reshape(3, 3), np.sin(np.arange(24.0)).reshape(8, 3)
    for given in (xs, xs[:1], xs[:0]):
        found = module.value(W, given)
        for one, other in zip(found, states(W, given), strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-14)
        assert not any(np.shares_memory(found[m], found[n]) for m, n in ((0, 1), (0, 2), (1, 2)))
        assert not any(np.shares_memory(x, given) for x in found)
