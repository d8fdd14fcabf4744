"""Every pass on random graphs of arrays: legal, the same results, and nothing left to do."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st

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
