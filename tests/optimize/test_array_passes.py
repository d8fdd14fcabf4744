"""Every pass on random graphs of arrays: legal, the same results, and nothing left to do."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st

import symdiff as sd
from symdiff.graph.check import check
from symdiff.graph.graph import Graph
from symdiff.optimize import PASSES
from tests.evaluate import array_outputs, array_tolerances
from tests.optimize.test_passes import before, every_pass
from tests.strategies import array_graphs, array_points, examples


@every_pass
@examples(60)
@given(data=st.data())
def test_pass_gives_a_legal_graph_with_the_same_results(number: int, data: Any) -> None:
    graph = before(number, data.draw(array_graphs()))
    point = data.draw(array_points(graph))
    after = PASSES[number](graph)
    check(after)
    assert after.uses() == replace(after).uses()  # which nothing has counted before
    assert after.input_names == graph.input_names
    assert [after[at].shape for at in after.outputs] == [graph[at].shape for at in graph.outputs]
    right, got = array_outputs(graph, point), array_outputs(after, point)
    bounds = array_tolerances(graph, point)
    assume(np.isfinite(bounds).all() and all(np.isfinite(b).all() for b in right))
    for a, b, bound in zip(got, right, bounds, strict=True):
        assert np.max(np.abs(a - b), initial=0.0) <= bound


@every_pass
@examples(60)
@given(graph=array_graphs())
def test_second_run_changes_nothing(number: int, graph: Graph) -> None:
    one_pass = PASSES[number]
    once = one_pass(before(number, graph))
    twice = one_pass(once)
    assert twice.nodes == once.nodes
    assert twice.outputs == once.outputs


def test_a_number_summed_over_a_named_length_is_a_product() -> None:
    def loss(b, x):
        return np.sum(np.where(b > 0.0, b * b + x, np.nan))

    made = sd.function(loss, shapes={"b": (), "x": ("N",)}, wrt="b").value_and_grad()
    assert "broadcast_to" not in made.emit().partition("def _accumulated")[0]
    for count in (0, 1, 5):
        assert made.load().value_and_grad(1.5, np.ones(count))[1] == 3.0 * count
    assert made.load().value_and_grad(-1.5, np.ones(2))[1] == 0.0


def test_a_number_of_the_other_sign_that_is_there_is_a_factor() -> None:
    """The cotangent of a product with -k is one with -k, as the value has it."""

    def step(y, k):
        first = y + 0.1 * np.array([y[1], -k * y[0]])
        last = y + 0.1 * np.array([first[1], -k * first[0]])
        return np.sum(last**2)

    y, k = np.array([0.3, -1.2]), 0.7
    made = sd.function(step, shapes={"y": (2,), "k": ()}, wrt="y").value_and_grad()
    body = made.emit().partition("def _value_and_grad")[2].partition("\n\n\n")[0]
    assert body.count("minus_k") == 5  # where it is made, and four products
    gradient = made.load().value_and_grad(y, k)[1]
    for place in range(2):
        moved = y.astype(complex)
        moved[place] += 1e-100j  # the complex step
        assert abs(gradient[place] - step(moved, k).imag / 1e-100) < 1e-15
