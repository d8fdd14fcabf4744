"""Benchmark of one function: value and gradient by every target and tool that can run here."""

from __future__ import annotations

import importlib.util
import math
import pickle
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from symdiff.derive.packing import is_of_numbers
from symdiff.emit.targets import modules
from symdiff.errors import SymdiffError
from symdiff.graph.graph import Graph
from symdiff.graph.shape import names_of
from symdiff.progress import Progress, told
from symdiff.verify.apart import answer_of, answering
from symdiff.verify.check import prepared
from symdiff.verify.contestants import FOREIGN, Ready, Task, contestant, flat
from symdiff.verify.plots import empty_plot
from symdiff.verify.points import Drawing, Point
from symdiff.verify.table import PLAIN, WIDTH, Screen, Table, html_of, short, text_of
from symdiff.verify.timing import median_seconds, peak_memory
from symdiff.verify.unroll import Unrolled

SIZES = (1, 1_000, 1_000_000)  # points of a function of numbers
LENGTHS = (10, 1_000)  # of each named dimension
MOST_COMPARED = 10_000
AGREE = 1e-6
LONGEST = 0.3  # seconds for the time of one call
OURS = "symdiff, {}"
IMPORTED = ("numpy", "jinja2", "symdiff.modules", "symdiff.derive.vectors")  # before time counts


class Derived(Protocol):
    """A `symdiff.Function` that computes value and gradient."""

    primal: Graph
    wrt: tuple[str, ...]

    def __call__(self, *args: Any) -> Any:
        """Compute."""


class Times(NamedTuple):
    """What a call takes at one size.

    Attributes:
        size: the points of a batch, or the length of the named dimensions.
        value: seconds of the value alone; NaN where it was not measured.
        gradient: seconds of value and gradient; NaN where it was not measured.
    """

    size: int
    value: float = math.nan
    gradient: float = math.nan


@dataclass(frozen=True)
class BenchRow:
    """One way to the gradient.

    Attributes:
        way: its name.
        operations: of value and gradient; `None` where they are not known.
        first_seconds: from the formula to the first result, imports excepted.
        memory: bytes that the process held at most beyond what the imports took.
        times: of calls, for each size.
        remark: what is to be known, as why it failed.
    """

    way: str
    operations: int | None = None
    first_seconds: float = math.nan
    memory: int | None = None
    times: tuple[Times, ...] = ()
    remark: str = ""


@dataclass(frozen=True)
class BenchReport:
    """The rows. Its text is an aligned table."""

    rows: tuple[BenchRow, ...]
    sizes: tuple[int, ...]

    def __str__(self) -> str:
        return self.text()

    def text(self, screen: Screen = PLAIN) -> str:
        """The table, for a screen."""
        return text_of(self._table, screen)

    def _repr_html_(self) -> str:
        return html_of(self._table)

    @property
    def _table(self) -> Table:
        columns = [f"{what} {size:,}" for size in self.sizes for what in ("value", "grad")]
        headings = ["µs", "operations", "first ms", "peak MB", *columns, ""]
        lines = [[row.way, *_cells(row, self.sizes), row.remark] for row in self.rows]
        align = f"l{'r' * (len(headings) - 2)}l"
        return Table("", headings, lines, align, longest=WIDTH)

    def to_dict(self) -> dict[str, Any]:
        """The report as data for JSON: what is unknown is `None`."""
        rows = []
        for row in self.rows:
            times = [_known(part._asdict()) for part in row.times]
            rows.append(_known(asdict(row)) | {"times": times})
        return {"sizes": list(self.sizes), "rows": rows}

    def plot(self, path: str | Path) -> Path:
        """Draw the time of a gradient over the size, a line for each way, into a file.

        Raises:
            UnsupportedError: where Matplotlib is not installed.
            SymdiffError: where the file cannot be written, or has no ending that says its kind.
        """
        plot, (axes,) = empty_plot()
        for row in self.rows:
            known = [t for t in row.times if t.gradient == t.gradient]
            if known:
                axes.plot([t.size for t in known], [t.gradient for t in known], "o-", label=row.way)
        axes.set(xscale="log", yscale="log", xlabel="size", ylabel="seconds of value and gradient")
        axes.legend(fontsize="small")
        return plot.write(path)


def bench(
    function: Derived,
    at: Mapping[str, Any] | None = None,
    sizes: Sequence[int] = (),
    bound: float = 10.0,
    progress: Progress | None = None,
) -> BenchReport:
    """Time value and gradient by every way that there is, each in a process of its own.

    Args:
        function: the value and gradient; its first output counts.
        at: the point; default a random one at which the value is finite.
        sizes: points of a batch for functions of numbers, lengths of named dimensions for others.
        bound: seconds for each way, imports excepted.
        progress: called with the number of ways done, and of all.

    Raises:
        SymdiffError: where `at` lacks an input, an array does not fit, or a size is none.
    """
    tasks = _tasks(function, at, sizes)
    ways = [*[OURS.format(name) for name in modules()], *FOREIGN]
    is_scalar = is_of_numbers(function.primal)
    rows, wanted = [], None
    with told("ways timed", progress) as tell:
        for done, way in enumerate(ways):
            tell(done, len(ways))
            row, found = _row(way, tasks, bound, is_scalar=is_scalar)
            wanted = wanted or found
            if row is not None:
                rows.append(_compared(row, found, wanted))
    return BenchReport(tuple(rows), tuple([size for size, _ in tasks]))


# --- tasks ---------------------------------------------------------------------------------------


def _tasks(
    function: Derived, at: Mapping[str, Any] | None, sizes: Sequence[int]
) -> list[tuple[int, Task]]:
    """A task for each size."""
    wrong = [size for size in sizes if size < 1]
    if wrong:
        raise SymdiffError(f"a size is at least 1, and {wrong[0]} was given")
    pickled, graph = pickle.dumps(function), function.primal.select([0])
    named = names_of([graph[at].shape for at in graph.inputs])
    if is_of_numbers(function.primal):
        whole, point = prepared(graph, at)
        point = _finite(whole, function) if point is None else point
        unrolled = whole.at(point)
        made = Task(pickled, unrolled, function.wrt, point)
        return [(size, made._replace(points=size)) for size in sizes or SIZES]
    if at is not None or not named:
        if sizes:
            raise SymdiffError("sizes are of named dimensions, and there are none to choose")
        whole, point = prepared(graph, at)
        point = _finite(whole, function) if point is None else point
        return [(1, Task(pickled, whole.at(point), function.wrt, point))]
    found = []
    for size in sizes or LENGTHS:
        whole = Unrolled(graph, dict.fromkeys(named, size))
        point = _finite(whole, function)
        found.append((size, Task(pickled, whole.at(point), function.wrt, point)))
    return found


def _finite(whole: Unrolled, function: Derived) -> Point:
    """A random point at which value and gradient are finite; the first one where there is none."""
    first = None
    for point in Drawing(whole.inputs, seed=0).random(samples=2):
        first = first or point
        values = [point[name] for name in whole.inputs.input_names]
        try:
            if all(map(math.isfinite, flat(function(*values)))):
                return point
        except (ArithmeticError, ValueError):
            continue
    assert first is not None  # random points have no end of tries
    return first


# --- rows ----------------------------------------------------------------------------------------


def _row(
    way: str, tasks: Sequence[tuple[int, Task]], bound: float, *, is_scalar: bool
) -> tuple[BenchRow | None, list[float]]:
    """The row of a way, and its numbers at the first size; no row where it is not installed."""
    chosen = contestant(way)
    if chosen.needs and importlib.util.find_spec(chosen.needs) is None:
        return None, []
    if chosen.of_numbers and not is_scalar:
        return BenchRow(way, remark="for functions of numbers"), []
    if is_scalar and not chosen.of_batches:
        tasks = [(size, task) for size, task in tasks if size == 1]
    if not tasks:
        return BenchRow(way, remark="takes one point at a time"), []
    answer = answer_of(__name__, (way, tasks, bound), 3 * bound)
    if isinstance(answer, str):
        return BenchRow(way, remark=answer), []
    row, found = answer
    return row, found


def serve() -> None:
    """The child's side: reads a job from standard input, writes its answer to standard output."""
    answering(_measured)


def _measured(
    job: tuple[str, Sequence[tuple[int, Task]], float], begin: Callable[[], None]
) -> tuple[BenchRow, list[float]]:
    """The row of a way, and its numbers at the first size."""
    way, tasks, bound = job
    chosen = contestant(way)
    for module in (*IMPORTED, *[chosen.needs] * bool(chosen.needs)):
        import_module(module)
    held = peak_memory()
    begin()
    started = time.perf_counter()
    ready = chosen.prepare(tasks[0][1])
    found = _first(ready)
    first, times = time.perf_counter() - started, []
    for number, (size, task) in enumerate(tasks):
        if time.perf_counter() - started > bound:
            break
        ready = ready if number == 0 else chosen.prepare(task)
        times.append(Times(size, *_seconds(ready, min(bound / 10, LONGEST))))
    memory = peak_memory() - held
    remark = "" if len(times) == len(tasks) else f"stopped after {bound:g} s"
    row = BenchRow(way, ready.operations, first, memory, tuple(times), remark)
    return row, found[:MOST_COMPARED]


def _first(ready: Ready) -> list[float]:
    """The first result: the numbers of the gradient, empty where there is none."""
    if ready.gradient is None:
        assert ready.value is not None  # one of them is there
        ready.value()
        return []
    return flat(tuple(ready.gradient())[1:])


def _seconds(ready: Ready, budget: float) -> tuple[float, float]:
    """Of the value and of the gradient."""
    calls = (ready.value, ready.gradient)
    value, gradient = [
        math.nan if call is None else (call(), median_seconds(call, budget))[1] for call in calls
    ]
    return value, gradient


def _compared(row: BenchRow, found: Sequence[float], wanted: Sequence[float] | None) -> BenchRow:
    """The row, with a remark where its numbers are not those of the first way."""
    import numpy as np

    if not found or not wanted or row.remark:
        return row
    ours, theirs = np.array(wanted[: len(found)]), np.array(found[: len(wanted)])
    scale = np.max(np.abs(ours), initial=1e-300, where=np.isfinite(ours))
    if np.allclose(theirs, ours, rtol=AGREE, atol=AGREE * scale, equal_nan=True):
        return row
    return replace(row, remark="gives other numbers")


def _cells(row: BenchRow, sizes: Sequence[int]) -> list[str]:
    """The figures of a row as text: calls in microseconds."""
    times = {part.size: part for part in row.times}
    columns = [
        _micro(seconds)
        for size in sizes
        for seconds in (times.get(size, Times(size)).value, times.get(size, Times(size)).gradient)
    ]
    return [
        "" if row.operations is None else f"{row.operations:,}",
        "" if row.first_seconds != row.first_seconds else f"{1e3 * row.first_seconds:,.0f}",
        "" if row.memory is None else f"{row.memory / 1e6:,.0f}",
        *columns,
    ]


def _micro(seconds: float) -> str:
    """Microseconds with two or three digits."""
    micro = 1e6 * seconds
    return short(micro) if not micro >= 100 else f"{micro:,.0f}"


def _known(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Without numbers that are not finite, which JSON has not."""
    return {
        name: None if isinstance(value, float) and not math.isfinite(value) else value
        for name, value in fields.items()
    }
