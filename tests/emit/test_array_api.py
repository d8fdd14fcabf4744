"""The target `array-api`: one text for the arrays of every library, against NumPy's functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from symdiff.api import Function
from symdiff.errors import UnsupportedError
from symdiff.origin import Origin
from symdiff.verbs import VERBS
from tests.ops.array_rows import ARRAY_ROWS
from tests.ops.rows import ROWS, Row
from tests.ops.test_array_operations import drawn, graph_of
from tests.ops.test_operations import graph_of as graph_of_numbers
from tests.ops.test_operations import points_of
from tests.strategies import array_graphs, array_points, examples, graphs, points

strict = pytest.importorskip("array_api_strict")
pytest.importorskip("array_api_compat")

TARGET = "array-api"


def loaded(function: Function) -> Any:
    """The module; `None` where it is refused by name."""
    try:
        return function.load(TARGET)
    except UnsupportedError as refusal:
        assert "the target 'array-api'" in refusal.message
        return None


def of_strict(function: Callable[..., Any], dtype: Any = None) -> Callable[..., Any]:
    """A function called with strict arrays, which come back as NumPy's."""

    def call(*args: Any) -> Any:
        given = [strict.asarray(np.asarray(x)) for x in args]
        if dtype is not None:
            given = [strict.astype(x, dtype) for x in given]
        found = function(*given)
        return plain(found) if args else found  # of no argument NumPy's

    return call


def plain(found: Any) -> Any:
    """Results as NumPy's arrays."""
    if isinstance(found, tuple | list):
        return tuple(map(plain, found))
    assert type(found).__module__ == "array_api_strict._array_object"
    return np.asarray(found)


def agree(found: Any, wanted: Any, rel: float = 1e-12) -> None:
    if isinstance(wanted, tuple):
        assert len(found) == len(wanted)
        for one, other in zip(found, wanted, strict=True):
            agree(one, other, rel)
        return
    found, wanted = np.asarray(found), np.asarray(wanted)
    assert found.shape == wanted.shape
    scale = np.max(np.abs(wanted[np.isfinite(wanted)]), initial=1e-300)
    np.testing.assert_allclose(found, wanted, rtol=rel, atol=rel * scale)


# --- every operation -----------------------------------------------------------------------------


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_numbers_are_those_of_numpy_or_refused(row: Row) -> None:
    function = Function(graph_of_numbers(row), Origin("an operation", None), VERBS["value"], ())
    module = loaded(function)
    if module is None:
        return
    batch = [np.array(column) for column in zip(*points_of(row), strict=True)]
    found = of_strict(module.value)(*batch)
    agree(found, np.array([float(row.function(*point)) for point in points_of(row)]))


_ROWS = [row for row in ARRAY_ROWS if "alone" not in row.exceptions]
_VARIANTS = [(row, variant) for row in _ROWS for variant in row.variants]


@pytest.mark.parametrize(
    ("row", "variant"), _VARIANTS, ids=[f"{r.name}-{k}" for k, (r, _) in enumerate(_VARIANTS)]
)
def test_arrays_are_those_of_numpy_or_refused(row: Any, variant: Any) -> None:
    function = Function(graph_of(row, variant), Origin("an operation", None), VERBS["value"], ())
    module = loaded(function)
    if module is None:
        return
    args = drawn(row, variant)
    agree(of_strict(module.value)(*args), np.asarray(row.oracle(*args, *variant.params)))


@examples(60)
@given(st.data())
def test_random_formulas_have_numpys_values(data: st.DataObject) -> None:
    graph = data.draw(graphs(20))
    point = data.draw(points(graph))
    made = Function(graph, Origin("a formula", None), VERBS["grad"], graph.input_names)
    module = loaded(made)
    if module is None:
        return
    args = [np.array([point[name], 0.5]) for name in graph.input_names]
    agree(of_strict(module.grad)(*args), made(*args), 1e-9)


@examples(60)
@given(st.data())
def test_random_programs_have_numpys_values(data: st.DataObject) -> None:
    graph = data.draw(array_graphs())
    point = data.draw(array_points(graph))
    made = Function(graph, Origin("a program", None), VERBS["grad"], graph.input_names)
    module = loaded(made)
    if module is None:
        return
    args = [np.asarray(point[name]) for name in graph.input_names]
    agree(of_strict(module.grad)(*args), made(*args), 1e-8)
