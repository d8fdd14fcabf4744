"""Ways to a gradient of a function of arrays side by side, measured in one run."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any  # arrays of mpmath's numbers have no types

from symdiff.emit.load import load_source
from symdiff.emit.module import emit_module
from symdiff.emit.source import Source
from symdiff.errors import SymdiffError
from symdiff.graph.graph import Graph
from symdiff.optimize import optimize
from symdiff.verbs import VERBS
from symdiff.verify.array_lines import obstacle, with_lengths
from symdiff.verify.array_points import array_points
from symdiff.verify.array_reference import ArrayReference
from symdiff.verify.arrays import MOST_WORK, entries_of, number_of_elements
from symdiff.verify.compare import (
    DIFFERENCE_STEP,
    ComparisonReport,
    ComparisonRow,
    ValueAndGrad,
    attempt,
    largest_error,
    median_time,
)
from symdiff.verify.reference import Kind
from symdiff.verify.table import short
from symdiff.verify.unroll import unrolled

Arrays = Mapping[str, Any]

EVALUATIONS = 4  # of the reference, for an entry
ONCE = 0.05  # a gradient that takes longer is timed once


def compare_arrays(
    graph: Graph,
    wrt: Sequence[str],
    compiled: Callable[[], tuple[ValueAndGrad, int, int]],
    at: Arrays | None = None,
    bound_seconds: float = 10.0,
) -> ComparisonReport:
    """Measure differences and this compiler on one input: exactness, evaluations and times.

    Args:
        graph: the primal graph, with one output, a number.
        wrt: the inputs to differentiate by.
        compiled: compiles the gradient; returns the callable, its operations for the value, and
            those for value and gradient. It is timed.
        at: an array for each input; default random ones, named dimensions small.
        bound_seconds: differences that would take longer are not taken.

    Raises:
        SymdiffError: where `at` lacks an input, or an array does not fit.
    """
    lengths, points = array_points(graph, at, seed=0)
    point = points[0]
    exact = _exact(unrolled(with_lengths(graph, lengths)), wrt, point)
    rows = [
        attempt("differences", lambda: _differences(graph, wrt, point, exact, bound_seconds)),
        attempt("symdiff", lambda: _ours(graph, point, exact, compiled)),
    ]
    listed = tuple((name, array.tolist()) for name, array in point.items())
    return ComparisonReport(tuple(rows), listed)


def _exact(graph: Graph, wrt: Sequence[str], point: Arrays) -> list[Any]:
    """The derivative by every entry; NaN where it is not known, as beyond a certain work."""
    if obstacle(graph):
        return [math.nan] * sum(point[name].size for name in wrt)
    left = MOST_WORK // (EVALUATIONS * number_of_elements(graph))
    reference = ArrayReference(graph, point) if left else None
    found: list[Any] = []
    for name in wrt:
        for entry in entries_of(point[name].shape):
            known = reference is not None and len(found) < left
            slope = reference.slope(name, entry) if known and reference is not None else None
            is_smooth = slope is not None and slope.kind is Kind.SMOOTH
            found.append(slope.value if slope is not None and is_smooth else math.nan)
    return found


def _differences(
    graph: Graph, wrt: Sequence[str], point: Arrays, exact: Sequence[Any], bound: float
) -> ComparisonRow:
    """Plain central differences: two evaluations an entry."""
    import numpy as np

    start = time.perf_counter()
    body = optimize(graph)
    source = Source(
        value=graph,
        value_body=body,
        verb=VERBS["value"],
        derivative=None,
        formulas=None,
        wrt=(),
        packing=0,
        recipe={},
    )
    value = load_source(emit_module(source), "value").value
    compiling = time.perf_counter() - start

    def gradient() -> list[float]:
        found = []
        for name in wrt:
            for entry in entries_of(point[name].shape):
                x = float(point[name][entry])
                h = DIFFERENCE_STEP * max(1.0, abs(x))
                sides = []
                for moved in (x + h, x - h):
                    array = np.array(point[name])
                    array[entry] = moved
                    sides.append(float(value(*{**point, name: array}.values())))
                found.append((sides[0] - sides[1]) / ((x + h) - (x - h)))
        return found

    count = 2 * len(exact)
    start = time.perf_counter()
    value(*point.values())
    if (time.perf_counter() - start) * count > bound:
        remark = f"would take more than {short(bound)} s"
        return ComparisonRow("differences", evaluations=count, remark=remark)
    start = time.perf_counter()
    error = largest_error(gradient(), exact)
    took = time.perf_counter() - start
    seconds = took if took > ONCE else median_time(gradient)
    return ComparisonRow("differences", error, count * body.ops, count, compiling, seconds)


def _ours(
    graph: Graph,
    point: Arrays,
    exact: Sequence[Any],
    compiled: Callable[[], tuple[ValueAndGrad, int, int]],
) -> ComparisonRow:
    start = time.perf_counter()
    value_and_grad, value_operations, operations = compiled()
    compiling = time.perf_counter() - start
    values = [point[name] for name in graph.input_names]
    _, gradient = value_and_grad(*values)
    parts = gradient if isinstance(gradient, tuple) else (gradient,)
    flat = [float(x) for part in parts for x in _flat(part)]
    if len(flat) != len(exact):
        raise SymdiffError("the gradient has another shape than its inputs")
    seconds = median_time(lambda: value_and_grad(*values))
    ratio = operations / value_operations if value_operations else math.nan
    remark = f"{short(ratio)} times those of the value" if ratio == ratio else ""
    error = largest_error(flat, exact)
    return ComparisonRow("symdiff", error, operations, 1, compiling, seconds, remark)


def _flat(array: Any) -> Any:
    import numpy as np

    return np.ravel(array)
