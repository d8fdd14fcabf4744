"""Ways to a gradient side by side, on one input, measured in one run."""

from __future__ import annotations

import html
import math
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from importlib.util import find_spec
from typing import Any  # mpmath's numbers have no types

from symdiff.derive.packing import is_of_numbers
from symdiff.emit.load import load_source
from symdiff.emit.source import Source
from symdiff.emit.targets import emit_module
from symdiff.errors import SymdiffError, UnsupportedError
from symdiff.graph.graph import Graph
from symdiff.optimize import optimize
from symdiff.progress import counted
from symdiff.verify.apart import METHODS, run_apart
from symdiff.verify.check import prepared
from symdiff.verify.finite_difference import complex_step, is_analytic
from symdiff.verify.interpret import Interpreter, without_exact, work
from symdiff.verify.libraries import Complex
from symdiff.verify.plots import Plot, plot_comparison
from symdiff.verify.points import (
    Drawing,
    Entry,
    Point,
    coordinate,
    entries_of,
    moved,
)
from symdiff.verify.reference import Kind, Reference
from symdiff.verify.table import PLAIN, WIDTH, Screen, Table, folded, html_of, place, short, text_of
from symdiff.verify.unroll import Unrolled

DIFFERENCE_STEP = 6e-6  # the cube root of float64's precision: the best for plain differences
REFERENCE_ERROR = 1e-40
MOST_WORK = 400_000  # evaluated elements in many digits, for the error of each method
EVALUATIONS = 4  # of the reference, for an entry
CALLS, BATCHES = 5, 5  # the time of a call is the median over batches
TIMING_SECONDS = 0.2

ValueAndGrad = Callable[..., tuple[Any, Any]]


@dataclass(frozen=True)
class ComparisonRow:
    """One way to the gradient.

    Attributes:
        method: its name.
        error: the largest relative error of the gradient, against 50 digits, over the first
            entries where a large graph has many; NaN where unknown.
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
        return self.text()

    def text(self, screen: Screen = PLAIN) -> str:
        """The table and the point, for a screen."""
        return "\n".join([text_of(self._table, screen), *self._place(screen.width)])

    def _repr_html_(self) -> str:
        where = html.escape("\n".join(self._place()))
        return f"{html_of(self._table)}<pre>{where}</pre>"

    def _place(self, width: int | None = None) -> list[str]:
        return folded(f"at {place(self.at)}", width)

    @property
    def _table(self) -> Table:
        headings = ("method", "error", "operations", "evaluations", "compile s", "call µs", "")
        cells: list[Sequence[str]] = [
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
        return Table("", headings, cells, "lrrrrrl", longest=WIDTH)

    def plot(self) -> Plot:
        """Draw error and time of each method.

        Raises:
            UnsupportedError: where Matplotlib is not installed.
        """
        rows = self.rows
        return plot_comparison(
            [row.method for row in rows],
            [row.error for row in rows],
            [row.call_seconds for row in rows],
        )

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
        at: the point; default a random one where the function is smooth, named dimensions small.
        bound_seconds: a method that takes longer is stopped, and its row says so.

    Raises:
        SymdiffError: where `at` lacks an input, or an array does not fit.
    """
    import numpy as np

    whole, given = prepared(graph, at)
    point = smooth_point(whole, wrt) if given is None else given
    graph = whole.at(point)
    entries = [(name, entry) for name in wrt for entry in entries_of(np.shape(point[name]))]
    exact = _exact(graph, entries, point)
    task = _Task(graph, tuple(wrt), point, entries, exact, bound_seconds)
    # other tools take functions of numbers
    foreign = METHODS if is_of_numbers(graph) else {}
    methods: list[Callable[[], ComparisonRow]] = [
        lambda: _attempt("differences", lambda: _differences(task)),
        lambda: _attempt("complex step", lambda: _complex(task)),
        *[partial(_foreign, task, n) for n, method in foreign.items() if _installed(method.needs)],
        lambda: _attempt("symdiff", lambda: _ours(task, compiled)),
    ]
    rows = [measured() for measured in counted("methods measured", methods)]
    listed = tuple((name, np.asarray(value).tolist()) for name, value in point.items())
    return ComparisonReport(tuple(rows), listed)


def smooth_point(whole: Unrolled, wrt: Sequence[str]) -> Point:
    """A random point where the function is finite and smooth, as far as a reference tells.

    Raises:
        SymdiffError: where none is found.
    """
    import numpy as np

    for point in Drawing(whole.inputs, seed=0).random(samples=2):
        try:
            graph = whole.at(point)
        except UnsupportedError:  # a loop that does not end soon
            if not whole.depends_on_point:
                raise
            continue
        reference = _reference(graph, point)
        if reference is None:
            return point
        first = [(name, entry) for name in wrt[:1] for entry in entries_of(np.shape(point[name]))]
        if reference.context.isfinite(reference.value) and all(
            reference.slope(*place).kind is Kind.SMOOTH for place in first[:1]
        ):
            return point
    raise SymdiffError(
        "no point was found where the function is finite and smooth",
        suggestion="give one with --at",
    )


def _reference(graph: Graph, point: Point) -> Reference | None:
    """The function in many digits; `None` where that is unknown, or too much work."""
    if without_exact(graph.nodes) or not _known_entries(graph):
        return None
    try:
        return Reference(graph, point)
    except (ArithmeticError, ValueError):
        return None


def _known_entries(graph: Graph) -> int:
    """How many entries of the derivative are computed in many digits."""
    return MOST_WORK // (EVALUATIONS * work(graph))


def _exact(graph: Graph, entries: Sequence[tuple[str, Entry]], point: Point) -> Sequence[Any]:
    """The derivative by every entry; NaN where it is not known."""
    reference = _reference(graph, point)
    known = [] if reference is None else entries[: _known_entries(graph)]
    found = [] if reference is None else [reference.slope(*place).value for place in known]
    return found + [math.nan] * (len(entries) - len(found))


@dataclass(frozen=True)
class _Task:
    graph: Graph
    wrt: tuple[str, ...]
    point: Point
    entries: Sequence[tuple[str, Entry]]
    exact: Sequence[Any]
    bound: float

    def values(self, point: Point) -> list[Any]:
        """A point in the graph's order."""
        return [point[name] for name in self.graph.input_names]


def _installed(package: str) -> bool:
    return find_spec(package) is not None


def _attempt(name: str, method: Callable[[], ComparisonRow]) -> ComparisonRow:
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


def _largest_error(given: Sequence[Any], exact: Sequence[Any]) -> float:
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


def _median_time(call: Callable[[], Any]) -> float:
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
    """Plain central differences: two evaluations an entry."""
    start = time.perf_counter()
    value = _value(task.graph)
    compiling = time.perf_counter() - start

    def at(name: str, entry: Entry, x: float) -> float:
        return float(value(*task.values(moved(task.point, name, entry, x))))

    def gradient() -> list[float]:
        found = []
        for name, entry in task.entries:
            x = coordinate(task.point, name, entry)
            h = DIFFERENCE_STEP * max(1.0, abs(x))
            above, below = x + h, x - h
            found.append((at(name, entry, above) - at(name, entry, below)) / (above - below))
        return found

    return _measured(task, "differences", gradient, 2, compiling, lambda: at(*_first(task)))


def _value(graph: Graph) -> Callable[..., Any]:
    """The function as it is emitted."""
    source = Source(graph, optimize(graph), derivatives=(), wrt=(), recipe={})
    value: Callable[..., Any] = load_source(emit_module(source), "value").value
    return value


def _complex(task: _Task) -> ComparisonRow:
    """The complex step: one complex evaluation an entry."""
    for name in task.wrt:
        obstacle = is_analytic(task.graph, name)
        if obstacle:
            return ComparisonRow("complex step", remark=f"{obstacle} is not analytic")
    start = time.perf_counter()
    interpreter = Interpreter(task.graph, Complex())
    compiling = time.perf_counter() - start

    def at(name: str, entry: Entry, z: complex) -> complex:
        return complex(interpreter.outputs(moved(task.point, name, entry, z))[0])

    def gradient() -> list[float]:
        return [
            complex_step(partial(at, *place), coordinate(task.point, *place)).value
            for place in task.entries
        ]

    return _measured(task, "complex step", gradient, 1, compiling, lambda: at(*_first(task)))


def _first(task: _Task) -> tuple[str, Entry, float]:
    name, entry = task.entries[0]
    return name, entry, coordinate(task.point, name, entry)


def _measured(
    task: _Task,
    name: str,
    gradient: Callable[[], list[float]],
    each: int,
    compiling: float,
    once: Callable[[], Any],
) -> ComparisonRow:
    """A row for a method that evaluates the function so often for each entry."""
    count = each * len(task.entries)
    operations = count * task.graph.ops
    start = time.perf_counter()
    once()
    if (time.perf_counter() - start) * count > task.bound:
        remark = f"would take more than {short(task.bound)} s"
        return ComparisonRow(name, evaluations=count, operations=operations, remark=remark)
    start = time.perf_counter()
    error = _largest_error(gradient(), task.exact)
    took = time.perf_counter() - start
    if took * CALLS > task.bound:
        return ComparisonRow(name, error, operations, count, compiling, took, "timed once")
    return ComparisonRow(name, error, operations, count, compiling, _median_time(gradient))


def _ours(task: _Task, compiled: Callable[[], tuple[ValueAndGrad, int, int]]) -> ComparisonRow:
    import numpy as np

    start = time.perf_counter()
    value_and_grad, value_operations, operations = compiled()
    compiling = time.perf_counter() - start
    values = task.values(task.point)
    _, gradient = value_and_grad(*values)
    parts = gradient if isinstance(gradient, tuple) else (gradient,)
    flat = [float(x) for part in parts for x in np.ravel(part)]
    if len(flat) != len(task.exact):
        raise SymdiffError("the gradient has another shape than its inputs")
    error = _largest_error(flat, task.exact)
    seconds = _median_time(lambda: value_and_grad(*values))
    ratio = operations / value_operations if value_operations else math.nan
    remark = f"{short(ratio)} times those of the value" if ratio == ratio else ""
    return ComparisonRow("symdiff", error, operations, 1, compiling, seconds, remark)


def _foreign(task: _Task, name: str) -> ComparisonRow:
    """A method that runs in a process of its own, and is stopped at the bound."""
    outcome = run_apart(name, task.graph, task.wrt, task.point, task.bound)
    if isinstance(outcome, str):
        return ComparisonRow(name, remark=outcome)
    error = _largest_error(outcome.gradient, task.exact)
    return ComparisonRow(
        name, error, outcome.operations, 1, outcome.compile_seconds, outcome.call_seconds
    )
