"""Checks of a compiled derivative against others that are made without its rules.

The reference is the primal graph in many digits and its difference quotients. An entry is one
number of one input; of a large array a random few are looked at.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any  # mpmath's numbers have no types

from symdiff.errors import SymdiffError, UnsupportedError
from symdiff.graph.graph import Graph
from symdiff.graph.nested import pruned
from symdiff.graph.node import CONSTANT, FLOAT, INPUT
from symdiff.ops.creation import as_float32, stop
from symdiff.ops.registry import OPERATIONS
from symdiff.optimize.inline import inline_own
from symdiff.verify.finite_difference import (
    TRUST,
    Estimate,
    central,
    complex_step,
    is_analytic,
    one_sided,
)
from symdiff.verify.interpret import Complex, Floats, Interpreter, without_exact, work
from symdiff.verify.points import (
    Drawing,
    Entry,
    Point,
    coordinate,
    entries_of,
    given_point,
    moved,
    small_lengths,
)
from symdiff.verify.reference import Kind, Reference, Slope
from symdiff.verify.report import SMALLEST, CheckReport, Place, Tally, distance
from symdiff.verify.unroll import Unrolled

REFERENCE, DIFFERENCES, COMPLEX = "50 digits", "differences", "complex step"

SWEEP = 5.0  # value and gradient take at most 5 times the value's operations (Baur, Strassen 1983)
ROUNDING = 2.0**-53
COMPLEX_ROUNDINGS = 16.0  # a complex function is made of several real ones
RESOLUTION = 2.0**-26  # differences are good for half of a float's digits, not for more
CONCLUSIVE = 1e-3  # differences count where they know their own error this well
MOST_WORK = 200_000  # evaluated elements: a large graph is tried at fewer points, by fewer inputs
TOO_MUCH = 1_000_000  # evaluated elements that are too many for one point
EVALUATIONS = 12  # of the reference, for an entry
MOST_ENTRIES = 20  # of an input, at a point
MOST_ENDLESS = 10  # points where loops do not end soon: then no more are tried
ENOUGH_POINTS = 6  # for arrays: then more entries are looked at
PLAIN_NOISE = 2.0**-49  # of a value, where no reference tells
FLOAT32_NOISE = 2.0**-21

ValueAndGrad = Callable[..., tuple[Any, Any]]
Progress = Callable[[int, int], None]  # told the points that are done, and all of them
Tallies = Mapping[tuple[str, str], Tally]


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
        at: the one point to look at; default random and boundary points, named dimensions small.
        samples: how many random points; fewer for a large graph.
        seed: of the random points, and of the choice among many inputs and entries.
        progress: called after each point.

    Raises:
        SymdiffError: where `at` lacks an input, or an array does not fit.
    """
    whole, point = prepared(graph, at)
    seed %= 2**32  # NumPy takes no negative ones
    subjects = _Subjects(whole, tuple(wrt), value_and_grad, seed)
    subject = subjects.first(samples) if point is None else subjects.at(point)
    chosen = _chosen(subject.graph, wrt, seed)
    tallies = _tallies(subject, chosen)
    budget = MOST_WORK // (EVALUATIONS * work(subject.graph) * max(1, len(chosen)))
    most = _most_points(subject, budget)
    points = [point] if point is not None else _points(subjects, subject, samples, most)
    entries = max(1, min(MOST_ENTRIES, budget // max(1, len(points))))
    for number, given in enumerate(points, start=1):
        draw = random.Random(seed + number)
        _compare_at(_Trial(subjects.at(given), given), chosen, tallies, entries, draw)
        if progress is not None:
            progress(number, len(points))
    rows = [tally.row(*key) for key, tally in tallies.items()]
    if len(chosen) < len(wrt):
        name = f"{len(wrt) - len(chosen)} more inputs"
        rows.append(Tally("the formula is large").row(name, "nothing"))
    return CheckReport(tuple(rows))


def prepared(graph: Graph, at: Mapping[str, Any] | None) -> tuple[Unrolled, Point | None]:
    """The function of the first output without named dimensions and loops, and the point if given.

    Raises:
        SymdiffError: where `at` lacks an input, or an array does not fit.
    """
    graph = inline_own(graph.select([0]))
    graph = pruned(graph)
    lengths, point = (small_lengths(graph), None) if at is None else given_point(graph, at)
    return Unrolled(graph, lengths), point


# --- what is tried -----------------------------------------------------------------------------


@dataclass(frozen=True)
class _Subject:
    """What is checked.

    Attributes:
        graph: the value as written, at a point.
        wrt: the inputs that the gradient is by.
        value_and_grad: the callable.
        seed: of random choices.
        is_local: whether the graph is the value near the point alone: with as many steps.
    """

    graph: Graph
    wrt: tuple[str, ...]
    value_and_grad: ValueAndGrad
    seed: int
    is_local: bool

    @cached_property
    def floats(self) -> Interpreter:
        """The value as written."""
        return Interpreter(self.graph, Floats())

    @cached_property
    def complex(self) -> Interpreter:
        """The value as written, of complex numbers."""
        return Interpreter(self.graph, Complex())

    @cached_property
    def without_reference(self) -> str:
        """Why there is no reference; empty where there is one."""
        missing = without_exact(self.graph.nodes)
        if missing:
            return f"no counterpart of '{missing}'"
        too_large = work(self.graph) > TOO_MUCH / EVALUATIONS
        return "the arrays are large" if too_large else ""

    @cached_property
    def without_differences(self) -> str:
        """Why differences of the value as computed are no derivative; empty where they are."""
        is_frozen = any(node.op == stop.name for node in self.graph.nodes)
        return f"'{stop.name}' counts as a constant" if is_frozen else ""

    @cached_property
    def plain_noise(self) -> float:
        """How far rounding may move the value, relative to it, where no reference tells."""
        is_coarse = any(node.op == as_float32.name for node in self.graph.nodes)
        return FLOAT32_NOISE if is_coarse else PLAIN_NOISE

    @cached_property
    def kinks(self) -> int:
        """How many operations have one."""
        nodes = [node for node in self.graph.nodes if node.op not in (INPUT, CONSTANT)]
        return sum(bool(OPERATIONS[node.op].kink) for node in nodes)

    def without_complex(self, name: str) -> str:
        """Why the complex step cannot vary an input; empty where it can."""
        obstacle = is_analytic(self.graph, name)
        if obstacle:
            return f"{obstacle} is not analytic"
        return self.without_reference or self.without_differences

    def shape(self, name: str) -> tuple[int, ...]:
        """The lengths of an input."""
        position = self.graph.inputs[self.graph.input_names.index(name)]
        return tuple(n for n in self.graph[position].shape if isinstance(n, int))  # all of them


class _Subjects:
    """What is checked, at each point: loops that a test ends have as many steps as there."""

    def __init__(
        self, whole: Unrolled, wrt: tuple[str, ...], value_and_grad: ValueAndGrad, seed: int
    ) -> None:
        self._whole = whole
        self._others = wrt, value_and_grad, seed, whole.depends_on_point
        self._seed = seed
        self._endless = 0
        self._fixed: _Subject | None = None

    def at(self, point: Point) -> _Subject:
        """The function near a point.

        Raises:
            UnsupportedError: where it has too many steps.
        """
        if self._fixed is None or self._whole.depends_on_point:
            self._fixed = _Subject(self._whole.at(point), *self._others)
        return self._fixed

    def first(self, samples: int) -> _Subject:
        """The function near the first random point where it can be checked.

        Raises:
            SymdiffError: where there is none.
        """
        if not self._whole.depends_on_point:
            return self.at({})
        points = Drawing(self._whole.inputs, self._seed).random(samples)
        found = self.with_a_value(points, 1)
        if not found:
            raise SymdiffError(
                "no point was found where the loops end soon and the value is finite",
                suggestion="give one with at=",
            )
        return self.at(found[0])

    def with_a_value(self, points: Iterator[Point], most: int) -> list[Point]:
        """The first points where the function is finite and real."""
        import numpy as np

        found: list[Point] = []
        for point in points:
            if len(found) >= most or self._endless >= MOST_ENDLESS:
                break
            try:
                if np.isfinite(self.at(point).floats.outputs(point)[0]):
                    found.append(point)
            except (np.linalg.LinAlgError, ArithmeticError):
                continue
            except UnsupportedError:
                if not self._whole.depends_on_point:
                    raise
                self._endless += 1
        return found


def _chosen(graph: Graph, wrt: Sequence[str], seed: int) -> tuple[str, ...]:
    """The inputs whose derivatives are checked: all, or a random few of a large graph's many."""
    most = max(1, MOST_WORK // (EVALUATIONS * work(graph)))
    if len(wrt) <= most:
        return tuple(wrt)
    picked = set(random.Random(seed).sample(range(len(wrt)), most))
    return tuple(name for index, name in enumerate(wrt) if index in picked)


def _tallies(subject: _Subject, chosen: Sequence[str]) -> Tallies:
    tallies = {(name, REFERENCE): Tally(subject.without_reference) for name in ("value", *chosen)}
    for name in chosen:
        tallies[name, DIFFERENCES] = Tally(subject.without_differences)
        tallies[name, COMPLEX] = Tally(subject.without_complex(name))
    return tallies


def _most_points(subject: _Subject, budget: int) -> int:
    """How many points: many for numbers, for arrays enough to look at more entries of each."""
    wanted = max([min(MOST_ENTRIES, math.prod(subject.shape(name))) for name in subject.wrt] + [1])
    return max(1, min(budget, max(ENOUGH_POINTS, budget // wanted)))


def _points(subjects: _Subjects, subject: _Subject, samples: int, most: int) -> list[Point]:
    drawing = Drawing(subject.graph, subject.seed)
    drawn = min(samples, max(1, 2 * most // 3))
    found = subjects.with_a_value(drawing.random(samples), drawn)
    if subject.without_reference:
        return found  # differences alone do not tell overflow from a wrong rule
    around = found[0] if found else next(drawing.random(1))
    return found + subjects.with_a_value(drawing.boundaries(around), most - len(found))


def _some_entries(shape: Sequence[int], count: int, draw: random.Random) -> list[Entry]:
    """All entries of an array, or a random few, in their order."""
    total = math.prod(shape)
    if total <= count:
        return entries_of(shape)
    return [_entry(number, shape) for number in sorted(draw.sample(range(total), count))]


def _entry(number: int, shape: Sequence[int]) -> Entry:
    """The place of the entry with this number."""
    places = []
    for length in reversed(shape):
        number, place = divmod(number, length)
        places.append(place)
    return tuple(reversed(places))


# --- one point ---------------------------------------------------------------------------------


class _Trial:
    """The callable and the reference at one point.

    Attributes:
        obstacle: why nothing can be compared here; empty where something can.
        without_reference: why there is no reference here; empty where there is one.
    """

    def __init__(self, subject: _Subject, point: Point) -> None:
        self.subject = subject
        self.point = point
        self.obstacle = ""
        self.value, gradient = self._call(point)
        self.gradient = dict(zip(subject.wrt, gradient, strict=True))
        self.reference: Reference | None = None
        self.without_reference = subject.without_reference
        if not self.without_reference:
            self._refer()
        self.trouble = self._trouble()
        exact = self.value if self.reference is None else self.reference.value
        if not self.obstacle and not _is_finite(exact):
            self.obstacle = "no finite value"
        self.noise = 0.0 if self.obstacle else self._noise()

    def _refer(self) -> None:
        try:
            self.reference = Reference(self.subject.graph, self.point, seed=self.subject.seed)
        except UnsupportedError as error:
            self.without_reference = error.message
        except (ArithmeticError, ValueError):
            self.without_reference = "mpmath finds no value"

    def _call(self, point: Point) -> tuple[float, tuple[Any, ...]]:
        """The value and the gradient, as IEEE has them; where the call raises, NaN."""
        import numpy as np

        try:
            value, gradient = self.subject.value_and_grad(
                *[point[name] for name in self.subject.graph.input_names]
            )
        except SymdiffError:
            raise
        except (ArithmeticError, ValueError) as error:
            if isinstance(error, np.linalg.LinAlgError):
                # the derivative of a solution is a linear solve: at a double root there is none
                self.obstacle = "singular matrix"
            nothing = [np.full(np.shape(point[name]), math.nan) for name in self.subject.wrt]
            return math.nan, tuple(nothing)
        return float(value), gradient if isinstance(gradient, tuple) else (gradient,)

    def _noise(self) -> float:
        """How far rounding may move the value."""
        if self.reference is not None:
            return self.reference.rounding_of_value()
        return abs(self.value) * self.subject.plain_noise

    def _trouble(self) -> str:
        """What goes wrong inside of the value as written: a pole, an overflow, an underflow."""
        import numpy as np

        if self.reference is None:
            return ""
        try:
            lines = self.subject.floats.lines(self.point)
        except np.linalg.LinAlgError:
            return "singular matrix"
        for node, given, exact in zip(self.subject.graph, lines, self.reference.lines, strict=True):
            if node.dtype == FLOAT and not isinstance(given, tuple):  # of a decomposition
                pairs = zip(np.ravel(given).tolist(), np.ravel(exact).tolist(), strict=True)
                trouble = next(filter(None, (_trouble_of(*pair) for pair in pairs)), "")
                if trouble:
                    return trouble
        return ""

    def along(self, name: str, entry: Entry) -> Callable[[float], float]:
        """The value as a function of one entry of one input, with the same number of steps."""
        if self.subject.is_local:
            floats = self.subject.floats
            return lambda x: float(floats.outputs(moved(self.point, name, entry, x))[0])
        return lambda x: self._call(moved(self.point, name, entry, x))[0]

    def complex_along(self, name: str, entry: Entry) -> Callable[[complex], complex]:
        """The value as written, as a function of one complex entry."""
        interpreter = self.subject.complex
        return lambda z: complex(interpreter.outputs(moved(self.point, name, entry, z))[0])

    def place(self, label: str, name: str = "", entry: Entry = ()) -> Place:
        """An entry of an input, beside the inputs that are numbers."""
        import numpy as np

        point = {
            label if key == name else key: coordinate(self.point, key, entry if key == name else ())
            for key, value in self.point.items()
            if key == name or not np.shape(value)
        }
        return Place(label, point, self.trouble, self.subject.kinks)

    def derivative(self, name: str, entry: Entry) -> float:
        """The compiled derivative.

        Raises:
            SymdiffError: where the gradient has another shape than its input.
        """
        import numpy as np

        found = np.asarray(self.gradient[name])
        if found.shape != self.subject.shape(name):
            raise SymdiffError(
                f"the gradient by '{name}' has the shape {found.shape}, "
                f"not {self.subject.shape(name)} as its input"
            )
        return float(found[entry])


def _is_finite(number: Any) -> bool:
    return bool(abs(number) < math.inf)  # NaN is not


def _trouble_of(given: float, exact: Any) -> str:
    if not math.isfinite(given):
        return "overflow of the value as written" if _is_finite(exact) else "pole inside"
    return "underflow of the value as written" if exact and abs(given) < SMALLEST else ""


def _compare_at(
    trial: _Trial, wrt: Sequence[str], tallies: Tallies, count: int, draw: random.Random
) -> None:
    """Count one point in all rows."""
    if trial.obstacle:
        for tally in tallies.values():
            tally.skip(trial.obstacle)
        return
    against, reference = tallies["value", REFERENCE], trial.reference
    if reference is None:
        against.skip(trial.without_reference)
    else:
        against.add(trial.place("value"), trial.value, reference.value, SWEEP * trial.noise)
    for name in wrt:
        for entry in _some_entries(trial.subject.shape(name), count, draw):
            _Comparison(trial, name, entry, tallies).count()


class _Comparison:
    """The derivative by one entry at one point, in the rows of its input."""

    def __init__(self, trial: _Trial, name: str, entry: Entry, tallies: Tallies) -> None:
        self._trial = trial
        self._name = name
        self._entry = entry
        self._exact = tallies[name, REFERENCE]
        self._differences = tallies[name, DIFFERENCES]
        self._complex = tallies[name, COMPLEX]
        self._given = trial.derivative(name, entry)
        label = f"{name}[{', '.join(map(str, entry))}]" if entry else name
        self._place = trial.place(label, name, entry)
        self._x = coordinate(trial.point, name, entry)

    def count(self) -> None:
        """Compare with all methods."""
        reference = self._trial.reference
        if reference is None:
            for tally in (self._exact, self._complex):
                tally.skip(self._trial.without_reference)
            self._count_differences(None, 0.0)
            return
        slope = reference.slope(self._name, self._entry)
        if slope.kind is not Kind.SMOOTH:
            self._count_beside(reference, slope)
            for tally in (self._differences, self._complex):
                tally.skip(slope.kind.value)
            return
        rounding = reference.rounding_of_slope(self._name, self._entry, slope)
        tolerance = SWEEP * rounding + slope.error
        self._exact.add(self._place, self._given, slope.value, tolerance)
        self._count_differences(slope, tolerance)
        self._count_complex(slope, tolerance)

    def _count_beside(self, reference: Reference, slope: Slope) -> None:
        """At a kink the derivative must lie between those from both sides; else none is due."""
        if slope.kind is not Kind.KINK:
            self._exact.skip(slope.kind.value)
            return
        given, (low, high) = self._given, sorted((slope.below, slope.above))
        nearest = min(max(reference.context.mpf(given), low), high) if given == given else low
        tolerance = len(self._trial.subject.graph) * ROUNDING * float(high - low)
        tolerance += SWEEP * reference.rounding_beside(self._name, self._entry, slope)
        self._exact.add_beside(self._place, given, nearest, tolerance)

    def _count_differences(self, slope: Slope | None, tolerance: float) -> None:
        if self._differences.obstacle:
            return
        noise, along = self._trial.noise, self._trial.along(self._name, self._entry)
        estimate = central(along, self._x, noise=noise)
        error = TRUST * estimate.error + RESOLUTION * abs(estimate.value)
        is_sure = estimate.error <= CONCLUSIVE * abs(estimate.value) + SMALLEST + noise
        expected = estimate.value if slope is None else slope.value
        if slope is None and _is_kink(along, self._x, estimate):
            self._differences.skip(Kind.KINK.value)
        elif is_sure and distance(estimate.value, expected) <= error + tolerance + SMALLEST:
            self._differences.add(self._place, self._given, estimate.value, tolerance, own=error)
        else:
            self._differences.skip("inconclusive")  # a large step passes over waves and jumps

    def _count_complex(self, slope: Slope, tolerance: float) -> None:
        if self._complex.obstacle:
            return
        estimate = complex_step(self._trial.complex_along(self._name, self._entry), self._x)
        own = estimate.error + COMPLEX_ROUNDINGS * (tolerance + ROUNDING * abs(estimate.value))
        if distance(estimate.value, slope.value) <= own + SMALLEST:
            self._complex.add(self._place, self._given, estimate.value, tolerance, own=own)
        else:
            # a complex function that does not keep a tiny imaginary part
            self._complex.skip("inconclusive")


def _is_kink(along: Callable[[float], float], x: float, estimate: Estimate) -> bool:
    """Whether the slopes from both sides differ."""
    below, above = (one_sided(along, x, side) for side in (-1.0, 1.0))
    apart = abs(below.value - above.value)
    return not apart <= TRUST * (below.error + above.error) + CONCLUSIVE * abs(estimate.value)
