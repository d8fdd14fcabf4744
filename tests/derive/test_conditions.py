"""Conditions of cotangents: what covers every case, and what the ways of branches hand back."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import symdiff as sd
from symdiff.derive.conditions import cover_everything
from symdiff.ops.builder import Builder
from symdiff.ops.handle import Handle
from tests.strategies import ALONE, examples


def _truth(line: int, builder: Builder, atoms: dict[int, bool]) -> bool:
    """What a condition is, by Python's own logic."""
    node = builder.nodes[line]
    if line in atoms:
        return atoms[line]
    sides = [_truth(side, builder, atoms) for side in node.args]
    if node.op == "logical_not":
        return not sides[0]
    return all(sides) if node.op == "logical_and" else any(sides)


@examples(200)
@given(data=st.data())
def test_conditions_cover_everything_where_one_of_them_always_holds(data: Any) -> None:
    builder = Builder(ALONE())
    inputs = [builder.handle(builder.input(name)) for name in "abc"]
    made: list[Handle] = [x > 0.0 for x in inputs]
    atoms = [line.at for line in made]
    for _ in range(data.draw(st.integers(0, 8))):
        x, y = data.draw(st.sampled_from(made)), data.draw(st.sampled_from(made))
        made.append(data.draw(st.sampled_from([~x, x & y, x | y])))
    conditions = data.draw(st.lists(st.sampled_from([line.at for line in made]), min_size=1))
    always = all(
        any(_truth(at, builder, dict(zip(atoms, row, strict=True))) for at in conditions)
        for row in itertools.product((False, True), repeat=3)
    )
    assert cover_everything(builder.nodes, conditions) == always


def test_too_many_conditions_are_not_said_to_cover_everything() -> None:
    builder = Builder(ALONE())
    truths = [builder.handle(builder.input(f"x{k}")) > 0.0 for k in range(8)]
    total = truths[0]
    for truth in truths[1:]:
        total = total | truth
    assert not cover_everything(builder.nodes, [total.at, (~total).at])


def _bounced(x: Any, v: Any) -> Any:
    for _ in range(25):
        x = x + 0.1 * v
        if x < 0.0:
            x, v = -x, -v
        elif x > 1.0:
            x, v = 2.0 - x, -v
    return x


def test_each_condition_of_a_branch_is_asked_once_on_the_way_back() -> None:
    graph = sd.function(_bounced, shapes={"x": (), "v": ()}, wrt=("x", "v")).grad().optimized
    (_, backward) = (node.params[0].graph for node in graph.nodes if node.op == "scan")
    found = Counter(node.op for node in backward.nodes)
    assert (found["where"], found["negate"]) == (4, 2)  # two for each of x and v
    assert not any(op.startswith("logical") for op in found)


@pytest.mark.parametrize("point", [(0.3, 0.7), (0.9, 2.1), (0.1, -1.7), (0.5, 0.0)])
def test_the_gradient_through_ways_of_branches(point: tuple[float, float]) -> None:
    """Between two bounces the function is linear in each argument: differences are exact."""
    x, v = point
    h = 1e-6
    by_x = (_bounced(x + h, v) - _bounced(x - h, v)) / (2.0 * h)
    by_v = (_bounced(x, v + h) - _bounced(x, v - h)) / (2.0 * h)
    assert sd.grad(_bounced, wrt=("x", "v"))(x, v) == pytest.approx((by_x, by_v), abs=1e-8)


def test_nothing_leaks_from_ways_that_are_not_taken() -> None:
    """Logarithms of 0, roots of negative numbers, exponentials that overflow, quotients by 0."""

    def loss(x: Any, a: Any) -> Any:
        y = np.where(x > 0.0, a * np.log(x) * x, np.where(x < -1.0, np.sqrt(-1.0 - x), 3.0 * x))
        z = np.where(x > 0.0, a / x, np.where(x < -1.0, x * x, np.exp(-x)))
        return np.sum(y + z)

    x = np.array([2.0, 0.0, -0.5, -5.0, -800.0, 1e-3])
    a = np.array([0.5, math.inf, math.nan, math.inf, math.nan, 3.0])
    with np.errstate(all="raise"):
        by_x, by_a = sd.grad(loss, wrt=("x", "a"))(x, a)
    ways: list[Any] = [
        lambda x, a: (a * (math.log(x) + 1.0) - a / x**2, math.log(x) * x + 1.0 / x),
        lambda x, a: (-0.5 / math.sqrt(-1.0 - x) + 2.0 * x, 0.0),
        lambda x, a: (3.0 - math.exp(-x), 0.0),
    ]
    right = [ways[0 if p > 0.0 else 1 if p < -1.0 else 2](p, q) for p, q in zip(x, a, strict=True)]
    assert np.stack([by_x, by_a], 1) == pytest.approx(np.array(right), rel=1e-14)


def test_an_infinite_factor_in_a_column_that_is_not_taken() -> None:
    """Of max(w*x + b, 0), with what is divided by a deviation: no infinity times 0 in the sums."""

    def loss(w: Any, b: Any, x: Any) -> Any:
        v = x - x.mean(axis=0)
        normal = v / np.sqrt(x.var(axis=0) + 1e-5)
        return np.sum(np.maximum(w * normal + b, 0.0)) + np.sum(np.maximum(w * x, 0.0))

    w, b = np.array([1e308, 2.0]), np.array([-math.inf, 0.5])
    x = np.array([[-1.0, 0.3], [-300.0, -0.7], [-7.0, 0.9]])
    by_w, by_b, by_x = sd.grad(loss, wrt=("w", "b", "x"))(w, b, x)
    assert (by_w[0], by_b[0], *by_x[:, 0]) == (0.0,) * 5
    h = 1e-6
    for at in range(3):
        step = h * (np.arange(3) == at)
        moved = [loss(w[1:], b[1:], x[:, 1:] + sign * step[:, None]) for sign in (1, -1)]
        assert by_x[at, 1] == pytest.approx((moved[0] - moved[1]) / (2 * h), rel=1e-7)
    moved = [loss(w[1:] + sign * h, b[1:], x[:, 1:]) for sign in (1, -1)]
    assert by_w[1] == pytest.approx((moved[0] - moved[1]) / (2 * h), rel=1e-8)
