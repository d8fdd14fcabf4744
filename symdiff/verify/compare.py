"""Ways to a gradient side by side, on one input, measured in one run."""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from importlib.util import find_spec
from typing import Any  # mpmath's numbers have no types

from symdiff.errors import SymdiffError
from symdiff.graph.graph import Graph
from symdiff.optimize.inline import inline_own
from symdiff.verify.apart import METHODS, run_apart
from symdiff.verify.check import has_arrays
from symdiff.verify.evaluate import straight_line
from symdiff.verify.finite_difference import complex_step, is_analytic
from symdiff.verify.points import candidates, given_point
from symdiff.verify.reference import Kind, ReferencePoint
from symdiff.verify.table import folded, place, short, table
from symdiff.verify.unroll import unrolled

DIFFERENCE_STEP = 6e-6  # the cube root of float64's precision: the best for plain differences
REFERENCE_ERROR = 1e-40
MOST_WORK = 100_000  # lines of a graph times inputs that the error is measured for
CALLS, BATCHES = 5, 5  # the time of a call is the median over batches
TIMING_SECONDS = 0.2

ValueAndGrad = Callable[..., tuple[Any, Any]]


@dataclass(frozen=True)
class ComparisonRow:
    """One way to the gradient.

    Attributes:
        method: its name.
        error: the largest relative error of the gradient, against 50 digits, over the first
            inputs where a large graph has many; NaN where unknown.
        operations: of the value with its gradient; `None` where unknown.
        evaluations: how often the function is evaluated for one gradient.
        compile_seconds: from the formula to something that can be called.
        call_seconds: the median time of a call with floats.
        remark: why it failed, if it did.
    """

    method: str
    error: float = math.nan
    operations: int | None = None
    evaluations: int | None = None
    compile_seconds: float = math.nan
    call_seconds: float = math.nan
    remark: str = ""


@dataclass(frozen=True)
class ComparisonReport:
    """The rows, and the point that they were taken at. Its text is an aligned table."""

    rows: tuple[ComparisonRow, ...]
    at: tuple[tuple[str, Any], ...]  # numbers, or nested lists of them

    def __str__(self) -> str:
        headings = ("method", "error", "operations", "evaluations", "compile s", "call µs", "")
        cells = [
            (
                row.method,
                short(row.error),
                "" if row.operations is None else f"{row.operations:,}",
                "" if row.evaluations is None else f"{row.evaluations:,}",
                short(row.compile_seconds),
                short(1e6 * row.call_seconds),
                row.remark,
            )
            for row in self.rows
        ]
        point = "\n".join(folded(f"at {place(self.at)}"))
        return f"{table(headings, cells, 'lrrrrrl')}\n{point}"

    def to_dict(self) -> dict[str, Any]:
        """The report as data for JSON: what is unknown is `None`."""
        rows = [asdict(row) for row in self.rows]
        for row in rows:
            for key, value in row.items():
                if isinstance(value, float) and not math.isfinite(value):
                    row[key] = None
        return {"at": dict(self.at), "rows": rows}


def compare(
    graph: Graph,
    wrt: Sequence[str],
    compiled: Callable[[], tuple[ValueAndGrad, int, int]],
    at: Mapping[str, Any] | None = None,  # numbers, or arrays
    bound_seconds: float = 10.0,
) -> ComparisonReport:
    """Measure the methods on one input: exactness, operations, evaluations and times.

    Args:
        graph: the primal graph; its first output counts.
        wrt: the inputs to differentiate by.
        compiled: compiles the gradient; returns the callable, its operations for the value, and
            those for value and gradient. It is timed.
        at: the point; default a random one where the function is smooth.
        bound_seconds: a method that takes longer is stopped, and its row says so.

    Raises:
        SymdiffError: where `at` lacks an input.
    """
    graph = inline_own(graph.select([0]))
    graph = unrolled(graph.keep(graph.ancestors(graph.outputs)))
    if has_arrays(graph):
        from symdiff.verify.array_compare import compare_arrays

        return compare_arrays(graph, wrt, compiled, at, bound_seconds)
    point = _point(graph, wrt, at)
    reference = ReferencePoint(graph, point)
    looked = set(wrt[: max(1, MOST_WORK // len(graph))])
    exact = [reference.slope(name).value if name in looked else math.nan for name in wrt]
    task = _Task(graph, tuple(wrt), point, exact, bound_seconds)
    rows = [
        attempt("differences", lambda: _differences(task)),
        attempt("complex step", lambda: _complex(task)),
        *(_foreign(task, name) for name, method in METHODS.items() if _installed(method.needs)),
        attempt("symdiff", lambda: _ours(task, compiled)),
    ]
    return ComparisonReport(tuple(rows), tuple(point.items()))


@dataclass(frozen=True)
class _Task:
    graph: Graph
    wrt: tuple[str, ...]
    point: Mapping[str, float]
    exact: list[Any]
    bound: float

    @property
    def values(self) -> list[float]:
        """The point in the graph's order."""
        return [self.point[name] for name in self.graph.input_names]

    @property
    def places(self) -> list[int]:
        """Where the inputs to differentiate by stand among all."""
        return [self.graph.input_names.index(name) for name in self.wrt]


def _point(graph: Graph, wrt: Sequence[str], at: Mapping[str, float] | None) -> Mapping[str, float]:
    if at is not None:
        return given_point(at, graph.input_names, lambda _name, value: float(value))
    for point in candidates(graph, samples=2, seed=0):
        reference = ReferencePoint(graph, point)
        is_finite = reference.context.isfinite(reference.value)
        if is_finite and all(reference.slope(name).kind is Kind.SMOOTH for name in wrt[:1]):
            return point
    raise SymdiffError(
        "no point was found where the function is finite and smooth",
        suggestion="give one with --at",
    )


def _installed(package: str) -> bool:
    return find_spec(package) is not None


def attempt(name: str, method: Callable[[], ComparisonRow]) -> ComparisonRow:
    """A row, or the reason why there is none."""
    try:
        return method()
    except RecursionError:
        return ComparisonRow(name, remark="overflows Python's stack (RecursionError)")
    except Exception as problem:  # a comparison reports what its methods raise
        return ComparisonRow(name, remark=f"{type(problem).__name__}: {_first_line(problem)}")


def _first_line(problem: Exception) -> str:
    text = str(getattr(problem, "message", problem)).strip()
    return text.splitlines()[0][:80] if text else "no reason given"


def largest_error(given: Sequence[Any], exact: Sequence[Any]) -> float:
    """The largest relative error; absolute where the exact derivative is 0."""
    worst = 0.0
    for ours, true in zip(given, exact, strict=True):
        if true != true:
            continue
        if not math.isfinite(ours):
            return math.inf
        distance = abs(true - float(ours))
        worst = max(worst, float(distance / abs(true) if true else distance))
    return worst if worst > REFERENCE_ERROR else 0.0


def median_time(call: Callable[[], Any]) -> float:
    """The median time of a call, over batches, for a fifth of a second at most."""
    times: list[float] = []
    stop = time.perf_counter() + TIMING_SECONDS
    while len(times) < BATCHES and (not times or time.perf_counter() < stop):
        start = time.perf_counter()
        for _ in range(CALLS):
            call()
        times.append((time.perf_counter() - start) / CALLS)
    return statistics.median(times)


def _differences(task: _Task) -> ComparisonRow:
    """Plain central differences: two evaluations an input."""
    start = time.perf_counter()
    f = straight_line(task.graph, "math")
    compiling = time.perf_counter() - start
    values, places = task.values, task.places

    def gradient() -> list[float]:
        found = []
        for index in places:
            x = values[index]
            h = DIFFERENCE_STEP * max(1.0, abs(x))
            above, below = list(values), list(values)
            above[index], below[index] = x + h, x - h
            found.append((f(*above) - f(*below)) / (above[index] - below[index]))
        return found

    count = 2 * len(places)
    return _measured(task, "differences", gradient, count, compiling)


def _complex(task: _Task) -> ComparisonRow:
    """The complex step: one complex evaluation an input."""
    for name in task.wrt:
        obstacle = is_analytic(task.graph, name)
        if obstacle:
            return ComparisonRow("complex step", remark=f"{obstacle} is not analytic")
    start = time.perf_counter()
    f = straight_line(task.graph, "numpy")
    compiling = time.perf_counter() - start
    values, places = task.values, task.places

    def along(index: int, z: complex) -> complex:
        given: list[complex] = list(values)
        given[index] = z
        return complex(f(*given))

    def gradient() -> list[float]:
        return [complex_step(partial(along, index), values[index]).value for index in places]

    return _measured(task, "complex step", gradient, len(places), compiling)


def _measured(
    task: _Task, name: str, gradient: Callable[[], list[float]], count: int, compiling: float
) -> ComparisonRow:
    """A row for a method that evaluates the function `count` times."""
    operations = count * task.graph.ops
    start = time.perf_counter()
    error = largest_error(gradient(), task.exact)
    took = time.perf_counter() - start
    if took * CALLS > task.bound:
        return ComparisonRow(name, error, operations, count, compiling, took, "timed once")
    return ComparisonRow(name, error, operations, count, compiling, median_time(gradient))


def _ours(task: _Task, compiled: Callable[[], tuple[ValueAndGrad, int, int]]) -> ComparisonRow:
    start = time.perf_counter()
    value_and_grad, value_operations, operations = compiled()
    compiling = time.perf_counter() - start
    values = task.values
    _, gradient = value_and_grad(*values)
    parts = gradient if isinstance(gradient, tuple) else (gradient,)
    error = largest_error([float(part) for part in parts], task.exact)
    seconds = median_time(lambda: value_and_grad(*values))
    ratio = operations / value_operations if value_operations else math.nan
    remark = f"{short(ratio)} times those of the value" if ratio == ratio else ""
    return ComparisonRow("symdiff", error, operations, 1, compiling, seconds, remark)


def _foreign(task: _Task, name: str) -> ComparisonRow:
    """A method that runs in a process of its own, and is stopped at the bound."""
    outcome = run_apart(name, task.graph, task.wrt, task.point, task.bound)
    if isinstance(outcome, str):
        return ComparisonRow(name, remark=outcome)
    error = largest_error(outcome.gradient, task.exact)
    return ComparisonRow(
        name, error, outcome.operations, 1, outcome.compile_seconds, outcome.call_seconds
    )
