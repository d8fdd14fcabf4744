"""Every pass on random graphs of arrays: legal, the same results, and nothing left to do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from symdiff.derive.reverse import gradient
from symdiff.graph.check import check
from symdiff.graph.graph import Graph
from symdiff.optimize import PASSES
from tests.evaluate import array_outputs, array_tolerances
from tests.strategies import array_graphs, array_points, examples

every_pass = pytest.mark.parametrize("one_pass", PASSES, ids=lambda one_pass: one_pass.__name__)


def before(one_pass: Callable[[Graph], Graph], graph: Graph) -> Graph:
    """The value and gradient of a function as the pass meets it."""
    graph = gradient(graph, graph.input_names)
    for earlier in PASSES[: PASSES.index(one_pass)]:
        graph = earlier(graph)
    return graph


@every_pass
@examples(60)
@given(data=st.data())
def test_pass_gives_a_legal_graph_with_the_same_results(
    one_pass: Callable[[Graph], Graph], data: Any
) -> None:
    graph = before(one_pass, data.draw(array_graphs()))
    point = data.draw(array_points(graph))
    after = one_pass(graph)
    check(after)
    assert after.input_names == graph.input_names
    assert [after[at].shape for at in after.outputs] == [graph[at].shape for at in graph.outputs]
    right, got = array_outputs(graph, point), array_outputs(after, point)
    bounds = array_tolerances(graph, point)
    for a, b, bound in zip(got, right, bounds, strict=True):
        if np.isfinite(bound) and np.isfinite(b).all():
            assert np.max(np.abs(a - b), initial=0.0) <= bound


@every_pass
@examples(60)
@given(graph=array_graphs())
def test_second_run_changes_nothing(one_pass: Callable[[Graph], Graph], graph: Graph) -> None:
    once = one_pass(before(one_pass, graph))
    twice = one_pass(once)
    assert twice.nodes == once.nodes
    assert twice.outputs == once.outputs
