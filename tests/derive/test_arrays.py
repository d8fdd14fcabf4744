"""Gradients of random functions of arrays, against differences and against themselves emitted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import symdiff as sd
from symdiff.derive.reverse import gradient
from symdiff.graph.check import check
from symdiff.graph.graph import Graph
from symdiff.ops.builder import Builder
from symdiff.ops.indexing import indexed
from symdiff.ops.rules import EXACT
from tests.compiled import load
from tests.evaluate import array_outputs, array_tolerances
from tests.ops.test_array_operations import ridders
from tests.strategies import array_graphs, array_points, examples

LARGEST = 1e6  # of a derivative: beyond, differences know few digits
MOST_ENTRIES = 4
SURE = 1e-5
STEP = 1e-3  # of the differences; the last is 2**-7 of it


def along(
    graph: Graph, point: dict[str, Any], name: str, entry: tuple[int, ...]
) -> Callable[[float], float]:
    """The output as a function of one entry of one input."""

    def function(h: float) -> float:
        moved = np.array(point[name])
        moved[entry] += h
        return float(array_outputs(graph, {**point, name: moved})[0])

    return function


@examples(150)
@given(data=st.data())
def test_gradient_is_that_of_differences(data: Any) -> None:
    graph = data.draw(array_graphs())
    check(graph)
    point = data.draw(array_points(graph))
    made = gradient(graph, graph.input_names)
    check(made)
    value, *found = array_outputs(made, point)
    assume(np.isfinite(value))
    assume(all(np.isfinite(g).all() and np.max(np.abs(g), initial=0.0) < LARGEST for g in found))
    of_value, *bounds = array_tolerances(made, point)
    rng = np.random.default_rng(1)
    for name, got, bound in zip(graph.input_names, found, bounds, strict=True):
        places = list(np.ndindex(got.shape))
        rng.shuffle(places)
        for entry in places[:MOST_ENTRIES]:
            wanted, error = ridders(along(graph, point, name, entry), STEP)
            size = abs(value) + abs(wanted) + 1.0
            if error > SURE * size:  # a kink nearby
                continue
            allowed = 8.0 * error + bound + of_value / (STEP / 2**7)
            assert abs(got[entry] - wanted) <= allowed, (name, entry, got[entry], wanted)


@examples(60)
@given(data=st.data())
def test_second_derivative_is_that_of_differences(data: Any) -> None:
    graph = data.draw(array_graphs(largest=5))
    point = data.draw(array_points(graph))
    first = gradient(graph, graph.input_names)
    which = data.draw(st.integers(1, len(graph.inputs)))
    places = list(np.ndindex(first[first.outputs[which]].shape))
    entry = data.draw(st.sampled_from(places))
    one = _entry_of(first, which, entry)
    check(one)
    made = gradient(one, graph.input_names)
    check(made)
    value, *found = array_outputs(made, point)
    assume(np.isfinite(value))
    assume(all(np.isfinite(g).all() and np.max(np.abs(g), initial=0.0) < LARGEST for g in found))
    of_value, *bounds = array_tolerances(made, point)
    for name, got, bound in zip(graph.input_names, found, bounds, strict=True):
        for at in list(np.ndindex(got.shape))[:MOST_ENTRIES]:
            wanted, error = ridders(along(one, point, name, at), STEP)
            size = abs(value) + abs(wanted) + 1.0
            if error > SURE * size:
                continue
            allowed = 8.0 * error + bound + of_value / (STEP / 2**7)
            assert abs(got[at] - wanted) <= allowed, (name, at, got[at], wanted)


def _entry_of(graph: Graph, which: int, entry: tuple[int, ...]) -> Graph:
    """One entry of one output as a function."""
    b = Builder(EXACT, graph)
    line = b.handle(graph.outputs[which])
    if entry:
        line = indexed(line, tuple(("int", i) for i in entry))
    made = b.graph(graph.inputs, [line.at], ["g"], primal=1)
    return made.keep(made.ancestors(made.outputs))


@examples(150)
@given(data=st.data())
def test_emitted_module_computes_the_graph(data: Any) -> None:
    """What is printed: broadcasts dropped or kept, writes in place, names, brackets."""
    graph = data.draw(array_graphs())
    point = data.draw(array_points(graph))
    made = gradient(graph, graph.input_names)
    right, bounds = array_outputs(made, point), array_tolerances(made, point)
    module = load(graph, graph.input_names)
    before = {name: x.copy() for name, x in point.items()}
    value, found = module.value_and_grad(*point.values())
    for _ in range(2):  # the second call sees what the first one may have spoilt
        assert module.value(*point.values()) == pytest.approx(
            float(right[0]), abs=bounds[0], rel=1e-9, nan_ok=True
        )
    for name, x in point.items():
        assert np.array_equal(x, before[name])
    flat = [value, *(found if len(graph.inputs) > 1 else [found])]
    assert [np.shape(x) for x in flat] == [x.shape for x in right]
    for got, wanted, bound in zip(flat, right, bounds, strict=True):
        if np.isfinite(bound) and np.isfinite(wanted).all():
            assert np.max(np.abs(got - wanted), initial=0.0) <= bound
    for x in flat[1:]:
        assert not any(np.shares_memory(x, other) for other in point.values())


def test_two_slices_of_what_is_reversed() -> None:
    """The cotangent of one is written in reverse order, that of the other at some places of it."""

    def loss(x: Any) -> Any:
        back = x[::-1]
        return np.sum(np.sin(back[1:5])) + np.sum(np.cos(back[::-1]) * np.arange(6.0))

    x = np.linspace(0.1, 0.9, 6)
    right = np.pad(np.cos(x[1:5]), 1) - np.sin(x) * np.arange(6.0)
    np.testing.assert_allclose(sd.grad(loss)(x), right, rtol=1e-14)
