"""Compare a compiled derivative with others that are made without its rules."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol  # mpmath's numbers have no types

from symdiff.graph.graph import Graph
from symdiff.graph.node import CONSTANT, INPUT, INT, Node
from symdiff.ops.registry import OPERATIONS
from symdiff.optimize.inline import inline_own
from symdiff.verify.evaluate import evaluate_numpy, numpy_lines
from symdiff.verify.finite_difference import TRUST, central, complex_step, is_analytic
from symdiff.verify.points import Point, boundaries, candidates, given_point
from symdiff.verify.reference import Kind, ReferencePoint, Slope
from symdiff.verify.table import cut, folded, name_cell, place, short, table
from symdiff.verify.unroll import unrolled

REFERENCE, DIFFERENCES, COMPLEX = "50 digits", "differences", "complex step"

SWEEP = 5.0  # value and gradient take at most 5 times the value's operations (Baur, Strassen 1983)
LAST_ULPS = 8.0  # roundings of the result itself
ROUNDING = 2.0**-53
COMPLEX_ROUNDINGS = 16.0  # a complex function is made of several real ones
SMALLEST = 2.3e-308  # below, floats lose digits
ILL_CONDITIONED = "too ill-conditioned"
CANCELLATION = 1e3  # ulps by which a correct program may be off, from which we speak of it
RESOLUTION = 2.0**-26  # differences are good for half of a float's digits, not for more
CONCLUSIVE = 1e-3  # differences count where they know their own error this well
MOST_WORK = 200_000  # evaluated lines: a large graph is tried at fewer points, by fewer inputs
EVALUATIONS = 12  # of the reference, for a derivative at a point

ValueAndGrad = Callable[..., tuple[Any, Any]]
Progress = Callable[[int, int], None]  # told the points that are done, and all of them


class Place(Protocol):
    """Where something was compared."""

    @property
    def point(self) -> Mapping[str, float]:
        """Names and numbers to find it again."""

    @property
    def trouble(self) -> str:
        """What goes wrong inside of the value as written there; empty if nothing does."""


@dataclass(frozen=True)
class CheckRow:
    """What one method says about one input's derivative.

    Attributes:
        name: the input, or `value` for the function itself.
        method: what it was compared with.
        points: at how many points the method gave an answer, and was compared.
        tried: how many points it was asked at.
        absolute, relative, ulps: the error at the worst point; NaN where none was compared.
        worst: the worst point, where it was compared at one.
        verdict: `agrees`, `disagrees`, or why nothing was compared.
        cause: what the error, or the omission of points, comes from.
    """

    name: str
    method: str
    points: int
    tried: int
    absolute: float
    relative: float
    ulps: float
    worst: tuple[tuple[str, float], ...]
    verdict: str
    cause: str

    @property
    def note(self) -> str:
        """What there is to say beside the numbers."""
        where = "" if self.ok or not self.worst else f", at {place(self.worst)}"
        what = "" if self.ok else "disagrees: "
        return f"{self.name} against {self.method}: {what}{self.cause}{where}"

    @property
    def ok(self) -> bool:
        """Whether nothing disagrees."""
        return self.verdict != "disagrees"


@dataclass(frozen=True)
class CheckReport:
    """The rows of a check. Its text is an aligned table, and notes on its rows under it."""

    rows: tuple[CheckRow, ...]

    @property
    def ok(self) -> bool:
        """Whether something was compared and nothing disagrees."""
        looked = any(row.points or row.verdict == Kind.SINGULAR.value for row in self.rows)
        return looked and all(row.ok for row in self.rows)

    def __str__(self) -> str:
        errors = ("absolute", "relative", "ulp")
        headings = ("", "against", "points", *errors, "verdict", "worst at")
        cells = [
            (
                name_cell(row.name),
                row.method,
                f"{row.points} of {row.tried}",
                short(row.absolute),
                short(row.relative),
                short(row.ulps),
                row.verdict,
                place(row.worst),
            )
            for row in self.rows
        ]
        lines = [cut(line) for line in table(headings, cells, "llrrrrll").split("\n")]
        notes = [line for row in self.rows if row.cause for line in folded(row.note)]
        return "\n".join([*lines, *notes])


def check(
    graph: Graph,
    wrt: Sequence[str],
    value_and_grad: ValueAndGrad,
    at: Mapping[str, Any] | None = None,  # numbers, or arrays
    samples: int = 20,
    seed: int = 0,
    progress: Progress | None = None,
) -> CheckReport:
    """Compare a value and gradient with 50 digits, differences and the complex step.

    Tolerances are derived: the reference is evaluated again with every operation off by its
    rounding error, and what that moves, times the operations of a gradient, is allowed. At a kink
    the derivative must lie between those from below and from above. A pole and the edge of the
    domain are named and fail nothing; so does a value that overflows as it is written.

    Args:
        graph: the primal graph; its first output counts.
        wrt: the inputs that the gradient is by.
        value_and_grad: takes the inputs in the graph's order, returns the value and the gradient,
            a tuple in the order of `wrt`, or one entry for a single one.
        at: the one point to look at; default random and boundary points.
        samples: how many random points; fewer for a large graph.
        seed: of the random points.
        progress: called after each point.

    Raises:
        SymdiffError: where `at` lacks an input.
    """
    graph = inline_own(graph.select([0]))
    graph = graph.keep(graph.ancestors(graph.outputs))
    graph = unrolled(graph)
    if has_arrays(graph):
        from symdiff.verify.arrays import check_arrays

        return check_arrays(graph, wrt, value_and_grad, at, seed, progress)
    chosen = _chosen(graph, wrt, seed)
    tallies = {(name, REFERENCE): Tally() for name in ("value", *chosen)}
    for name in chosen:
        tallies[name, DIFFERENCES] = Tally()
        obstacle = is_analytic(graph, name)
        tallies[name, COMPLEX] = Tally(f"{obstacle} is not analytic" if obstacle else "")
    most = max(1, MOST_WORK // (EVALUATIONS * len(graph) * max(1, len(chosen))))
    points = list(_points(graph, at, samples, seed, most))
    for number, point in enumerate(points, start=1):
        _compare_at(_Trial(graph, tuple(wrt), value_and_grad, point, seed), chosen, tallies)
        if progress is not None:
            progress(number, len(points))
    rows = [tally.row(*key) for key, tally in tallies.items()]
    if len(chosen) < len(wrt):
        name = f"{len(wrt) - len(chosen)} more inputs"
        rows.append(Tally("the formula is large").row(name, "nothing"))
    return CheckReport(tuple(rows))


def number_of_kinks(graph: Graph) -> int:
    """How many operations have one."""
    nodes = [node for node in graph.nodes if node.op not in (INPUT, CONSTANT)]
    return sum(bool(OPERATIONS[node.op].kink) for node in nodes)


def has_arrays(graph: Graph) -> bool:
    """Whether a graph is more than numbers and functions of numbers."""
    return any(
        node.shape or node.dtype == INT or not _is_of_numbers(node)
        for node in graph.nodes
        if node.op != CONSTANT
    )


def _is_of_numbers(node: Node) -> bool:
    return node.op == INPUT or bool(OPERATIONS[node.op].mpmath)


def _chosen(graph: Graph, wrt: Sequence[str], seed: int) -> tuple[str, ...]:
    """The inputs whose derivatives are checked: all, or a random few of a large graph's many."""
    most = max(1, MOST_WORK // (EVALUATIONS * len(graph)))
    if len(wrt) <= most:
        return tuple(wrt)
    picked = set(random.Random(seed).sample(range(len(wrt)), most))
    return tuple(name for index, name in enumerate(wrt) if index in picked)


def _points(
    graph: Graph, at: Mapping[str, float] | None, samples: int, seed: int, most: int
) -> Iterable[Point]:
    if at is not None:
        return [given_point(at, graph.input_names, lambda _name, value: float(value))]
    found = _with_a_value(graph, candidates(graph, samples, seed), min(samples, most))
    around = found[0] if found else dict.fromkeys(graph.input_names, 1.0)
    return found + _with_a_value(graph, boundaries(graph, around), max(0, most - len(found)))


def _with_a_value(graph: Graph, points: Iterable[Point], most: int) -> list[Point]:
    """The first points where the function is finite and real."""
    import numpy as np

    found: list[Point] = []
    for point in points:
        if len(found) >= most:
            break
        if np.isfinite(evaluate_numpy(graph, point)[0]):
            found.append(point)
    return found


# --- one point ---------------------------------------------------------------------------------


class _Trial:
    """The callable and the reference at one point."""

    def __init__(
        self,
        graph: Graph,
        wrt: tuple[str, ...],
        value_and_grad: ValueAndGrad,
        point: Point,
        seed: int,
    ) -> None:
        self.graph = graph
        self.wrt = wrt
        self.point = point
        self._value_and_grad = value_and_grad
        self.reference = ReferencePoint(graph, point, seed=seed)
        self.is_singular = False
        value, gradient = self._call(point)
        self.value = value
        self.gradient = dict(zip(wrt, gradient, strict=True))
        self.trouble = _trouble(graph, point, self.reference)

    def _call(self, point: Point) -> tuple[float, tuple[float, ...]]:
        """Floats, as IEEE has them; a function of `math`'s that raises gives NaN."""
        try:
            value, gradient = self._value_and_grad(*[point[n] for n in self.graph.input_names])
        except (ArithmeticError, ValueError) as error:
            # the derivative of a solution is a linear solve: at a double root there is none
            self.is_singular |= type(error).__name__ == "LinAlgError"
            return math.nan, (math.nan,) * len(self.wrt)
        parts = gradient if isinstance(gradient, tuple) else (gradient,)
        return float(value), tuple(float(part) for part in parts)

    def along(self, name: str) -> Callable[[float], float]:
        """The value as a function of one input."""
        return lambda x: self._call({**self.point, name: x})[0]

    def complex_along(self, name: str) -> Callable[[complex], complex]:
        """The value as written, as a function of one complex input."""
        return lambda z: complex(evaluate_numpy(self.graph, {**self.point, name: z})[0])


def _trouble(graph: Graph, point: Point, reference: ReferencePoint) -> str:
    """What goes wrong inside of the value as written: a pole, an overflow, an underflow."""
    import numpy as np

    finite = reference.context.isfinite
    for given, exact in zip(numpy_lines(graph, point), reference.lines, strict=True):
        if isinstance(exact, bool):
            continue
        if not np.isfinite(given):
            return "overflow of the value as written" if finite(exact) else "pole inside"
        if exact and abs(given) < SMALLEST:
            return "underflow of the value as written"
    return ""


def _compare_at(
    trial: _Trial, wrt: Sequence[str], tallies: Mapping[tuple[str, str], Tally]
) -> None:
    """Count one point in all rows."""
    reference = trial.reference
    if not reference.context.isfinite(reference.value):
        for tally in tallies.values():
            tally.skip("no finite value")
        return
    if trial.is_singular:
        for tally in tallies.values():
            tally.skip("singular matrix")
        return
    noise = reference.rounding_of_value()
    tallies["value", REFERENCE].add(trial, trial.value, reference.value, SWEEP * noise)
    for name in wrt:
        slope = reference.slope(name)
        against = tallies[name, REFERENCE]
        others = [tallies[name, DIFFERENCES], tallies[name, COMPLEX]]
        if slope.kind is not Kind.SMOOTH:
            _compare_beside(trial, name, slope, against)
            for tally in others:
                tally.skip(slope.kind.value)
            continue
        tolerance = SWEEP * reference.rounding_of_slope(name, slope) + slope.error
        against.add(trial, trial.gradient[name], slope.value, tolerance)
        _compare_differences(trial, name, noise, tolerance, slope, others[0])
        if not others[1].obstacle:
            _compare_complex(trial, name, tolerance, slope, others[1])


def _compare_beside(trial: _Trial, name: str, slope: Slope, tally: Tally) -> None:
    """At a kink the derivative must lie between those from both sides; elsewhere none is due."""
    if slope.kind is not Kind.KINK:
        tally.skip(slope.kind.value)
        return
    given = trial.gradient[name]
    low, high = sorted((slope.below, slope.above))
    nearest = min(max(trial.reference.context.mpf(given), low), high) if given == given else low
    tolerance = len(trial.graph) * ROUNDING * float(high - low)
    tolerance += SWEEP * trial.reference.rounding_beside(name, slope)
    tally.add_beside(trial, trial.graph, given, nearest, tolerance)


def _compare_differences(
    trial: _Trial, name: str, noise: float, tolerance: float, slope: Slope, tally: Tally
) -> None:
    estimate = central(trial.along(name), trial.point[name], noise=noise)
    given = trial.gradient[name]
    error = TRUST * estimate.error + RESOLUTION * abs(estimate.value)
    is_sure = estimate.error <= CONCLUSIVE * abs(estimate.value) + SMALLEST
    if is_sure and distance(estimate.value, slope.value) <= error + tolerance + SMALLEST:
        tally.add(trial, given, estimate.value, tolerance, own=error)
    else:
        tally.skip("inconclusive")  # a large step passes over waves and jumps


def _compare_complex(
    trial: _Trial, name: str, tolerance: float, slope: Slope, tally: Tally
) -> None:
    estimate = complex_step(trial.complex_along(name), trial.point[name])
    own = estimate.error + COMPLEX_ROUNDINGS * (tolerance + ROUNDING * abs(estimate.value))
    if distance(estimate.value, slope.value) <= own + SMALLEST:
        tally.add(trial, trial.gradient[name], estimate.value, tolerance, own=own)
    else:
        tally.skip("inconclusive")  # a complex function that does not keep a tiny imaginary part


# --- one row -----------------------------------------------------------------------------------


@dataclass
class Tally:
    """The points of one row.

    Attributes:
        obstacle: why the method cannot be used at all; empty where it can.
        points: how many were compared.
        severity: the largest error, in tolerances.
        skipped: by reason, how many points were not compared.
    """

    obstacle: str = ""
    points: int = 0
    severity: float = -1.0
    skipped: dict[str, int] = field(default_factory=dict)
    _absolute: float = math.nan
    _relative: float = math.nan
    _ulps: float = math.nan
    _worst: tuple[tuple[str, float], ...] = ()
    _cause: str = ""

    def skip(self, reason: str) -> None:
        """A point that cannot be compared."""
        self.skipped[reason] = self.skipped.get(reason, 0) + 1

    def add(
        self,
        trial: Place,
        given: float,
        exact: Any,
        tolerance: float,
        cause: str = "",
        own: float = 0.0,
    ) -> None:
        """A point that was compared; kept where it is the worst so far.

        Args:
            trial: where.
            given: the compiled number.
            exact: the method's.
            tolerance: how far rounding may have moved the compiled one.
            cause: of an error, where it is known.
            own: the method's own error.
        """
        size = abs(float(exact))
        ulp = math.ulp(size) if math.isfinite(size) else math.inf
        error = distance(given, exact)
        allowed = tolerance + own + LAST_ULPS * ulp + SMALLEST
        if trial.trouble and not error <= allowed:
            self.skip(trial.trouble)
            return
        if error <= allowed and tolerance > size > 0.0:
            self.skip(ILL_CONDITIONED)  # rounding may move all digits: that it agrees says nothing
            return
        self.points += 1
        severity = error / allowed if error == error else math.inf
        if severity > self.severity:
            self.severity = severity
            self._absolute = error
            self._relative = error / size if size else (0.0 if error == 0.0 else math.inf)
            self._ulps = error / ulp
            self._worst = tuple(trial.point.items())
            is_lossy = tolerance > CANCELLATION * ulp
            self._cause = cause or ("cancellation" if is_lossy else "rule")
            if given != given:
                self._cause = "rule gives NaN"

    def add_beside(
        self, trial: Place, graph: Graph, given: float, nearest: Any, tolerance: float
    ) -> None:
        """A point at a kink: where several meet, conventions may lead outside of the two slopes."""
        off = distance(given, nearest)
        if tolerance < off < math.inf and number_of_kinks(graph) > 1:
            self.skip("several kinks meet")
        else:
            self.add(trial, given, nearest, tolerance, "kink")

    def row(self, name: str, method: str) -> CheckRow:
        """The finished row."""
        verdict, cause = self._verdict()
        numbers = (self._absolute, self._relative, self._ulps)
        tried = self.points + sum(self.skipped.values())
        return CheckRow(name, method, self.points, tried, *numbers, self._worst, verdict, cause)

    def _verdict(self) -> tuple[str, str]:
        if self.obstacle:
            return "not compared", self.obstacle
        remarks = [f"{reason} at {count}" for reason, count in self.skipped.items()]
        if self._cause == "kink" or (self._cause == "cancellation" and self._ulps > LAST_ULPS):
            remarks.insert(0, self._cause)
        reasons = ", ".join(remarks)
        if not self.points:
            is_singular = Kind.SINGULAR.value in self.skipped
            return (Kind.SINGULAR.value if is_singular else "not compared"), reasons
        if self.severity > 1.0:
            return "disagrees", self._cause
        return "agrees", reasons


def distance(given: float, exact: Any) -> float:
    """|given - exact|, in the digits of the exact one; 0 for two equal infinities."""
    if given == exact:
        return 0.0
    if not math.isfinite(given):
        return math.inf if given == given else math.nan
    return float(abs(exact - given))
