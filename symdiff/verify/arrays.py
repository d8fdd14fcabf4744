"""Checks of functions of arrays: the value, and entries of the gradient.

As for numbers, the reference is the primal graph in many digits and its difference quotients. An
entry is one number of one input; of a large array a random few are looked at.
"""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any  # arrays of mpmath's numbers have no types

from symdiff.errors import SymdiffError, UnsupportedError
from symdiff.graph.graph import Graph
from symdiff.graph.shape import evaluate, size
from symdiff.verify.array_lines import CONSTANT_TO_DERIVATIVES, obstacle, with_lengths
from symdiff.verify.array_points import array_points
from symdiff.verify.array_reference import ArrayReference
from symdiff.verify.check import (
    CONCLUSIVE,
    DIFFERENCES,
    REFERENCE,
    RESOLUTION,
    ROUNDING,
    SMALLEST,
    SWEEP,
    CheckReport,
    Progress,
    Tally,
    distance,
)
from symdiff.verify.finite_difference import TRUST, Estimate, central, one_sided
from symdiff.verify.reference import Kind, Slope
from symdiff.verify.unroll import unrolled

Arrays = Mapping[str, Any]
Entry = tuple[int, ...]

MOST_ENTRIES = 20  # of an input, at a point
MOST_WORK = 300_000  # evaluated elements in many digits: of a large graph fewer entries are tried
TOO_MUCH = 1_000_000
EVALUATIONS = 12  # of the reference, for an entry
PLAIN_NOISE = 2.0**-49  # of a value, where no reference tells
COARSE, FLOAT32_NOISE = frozenset(("as_float32",)), 2.0**-21


def check_arrays(
    graph: Graph,
    wrt: Sequence[str],
    value_and_grad: Callable[..., tuple[Any, Any]],
    at: Arrays | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> CheckReport:
    """Compare a value and gradient with many digits and with differences, entry by entry.

    Args:
        graph: the primal graph, with one output, a number.
        wrt: the inputs that the gradient is by.
        value_and_grad: takes the inputs in the graph's order; returns the value and the gradient.
        at: an array for each input; default some random ones, named dimensions small.
        seed: of the random arrays and of the choice of entries.
        progress: called before each point.

    Raises:
        SymdiffError: where `at` lacks an input, or an array does not fit.
    """
    lengths, points = array_points(graph, at, seed)
    graph = unrolled(with_lengths(graph, lengths))
    without = _without_reference(graph)
    tallies = {("value", REFERENCE): Tally(without)}
    for name in wrt:
        tallies[name, REFERENCE] = Tally(without)
        tallies[name, DIFFERENCES] = Tally(_without_differences(graph))
    count = _entries_each(graph, len(points) * len(wrt))
    for number, point in enumerate(points):
        if progress is not None:
            progress(number, len(points))
        draw = random.Random(seed + number)
        trial = _Trial(graph, tuple(wrt), value_and_grad, point, seed, has_reference=not without)
        if not math.isfinite(trial.value):
            for tally in tallies.values():
                tally.skip("no finite value")
            continue
        _compare_value(trial, tallies["value", REFERENCE])
        for name in wrt:
            for entry in _some_entries(trial.point[name].shape, count, draw):
                against = tallies[name, REFERENCE], tallies[name, DIFFERENCES]
                _compare_entry(trial, name, entry, *against)
    return CheckReport(tuple(_named(tally.row(*key)) for key, tally in tallies.items()))


def _named(row: Any) -> Any:
    """The row under the name of its worst entry."""
    return replace(row, name=row.worst[0][0]) if row.worst else row


def _without_reference(graph: Graph) -> str:
    """Why there is no reference; empty where there is one."""
    missing = obstacle(graph)
    if missing:
        return f"no counterpart of '{missing}'"
    return "the arrays are large" if number_of_elements(graph) > TOO_MUCH / EVALUATIONS else ""


def _without_differences(graph: Graph) -> str:
    """Why differences of the value as it is computed are no derivative; empty where they are."""
    frozen = [node.op for node in graph.nodes if node.op in CONSTANT_TO_DERIVATIVES]
    return f"'{frozen[0]}' counts as a constant" if frozen else ""


def number_of_elements(graph: Graph) -> int:
    """How many numbers one evaluation computes."""
    return sum(evaluate(size(node.shape), {}) for node in graph.nodes)


def _entries_each(graph: Graph, times: int) -> int:
    """How many entries of an input are tried at a point."""
    work = EVALUATIONS * number_of_elements(graph) * max(1, times)
    return max(1, min(MOST_ENTRIES, MOST_WORK // work))


def entries_of(shape: Sequence[int]) -> list[Entry]:
    """The places of all entries of an array, in their order."""
    return list(itertools.product(*map(range, shape)))


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


@dataclass(frozen=True)
class _Place:
    """One entry of one input, as a tally takes it."""

    point: Mapping[str, float]
    trouble: str


class _Trial:
    """The callable and the reference at one point."""

    def __init__(
        self,
        graph: Graph,
        wrt: tuple[str, ...],
        value_and_grad: Callable[..., tuple[Any, Any]],
        point: Arrays,
        seed: int,
        *,
        has_reference: bool,
    ) -> None:
        self.graph = graph
        self.wrt = wrt
        self.point = point
        self._value_and_grad = value_and_grad
        value, gradient = self._call(point)
        self.value = value
        self.gradient = dict(zip(wrt, gradient, strict=True))
        self.reference: ArrayReference | None = None
        self.obstacle = ""
        if has_reference:
            try:
                self.reference = ArrayReference(graph, point, seed)
            except UnsupportedError as error:
                self.obstacle = error.message
            except (ArithmeticError, ValueError):
                self.obstacle = "mpmath finds no value"
        self.noise = self._noise()

    def _call(self, point: Arrays) -> tuple[float, tuple[Any, ...]]:
        """The value and the gradient; NaN where NumPy finds a matrix singular."""
        import numpy as np

        try:
            value, gradient = self._value_and_grad(*[point[n] for n in self.graph.input_names])
        except (ArithmeticError, np.linalg.LinAlgError):
            return math.nan, tuple(np.full(np.shape(point[n]), math.nan) for n in self.wrt)
        return float(value), gradient if isinstance(gradient, tuple) else (gradient,)

    def _noise(self) -> float:
        """How far rounding may move the value."""
        if self.reference is not None:
            return self.reference.rounding_of_value()
        is_coarse = any(node.op == "as_float32" for node in self.graph.nodes)
        return abs(self.value) * (FLOAT32_NOISE if is_coarse else PLAIN_NOISE)

    def along(self, name: str, entry: Entry) -> Callable[[float], float]:
        """The value as a function of one entry of one input."""
        import numpy as np

        def function(x: float) -> float:
            moved = np.array(self.point[name])
            moved[entry] = x
            return self._call({**self.point, name: moved})[0]

        return function

    def place(self, name: str, entry: Entry) -> _Place:
        """The entry by its name, `X[0, 3]`."""
        label = f"{name}[{', '.join(map(str, entry))}]" if entry else name
        return _Place({label: float(self.point[name][entry])}, "")

    def derivative(self, name: str, entry: Entry) -> float:
        """The compiled derivative.

        Raises:
            SymdiffError: where the gradient has another shape than its input.
        """
        import numpy as np

        found = np.asarray(self.gradient[name])
        if found.shape != self.point[name].shape:
            raise SymdiffError(
                f"the gradient by '{name}' has the shape {found.shape}, "
                f"not {self.point[name].shape} as its input"
            )
        return float(found[entry])


def _compare_value(trial: _Trial, tally: Tally) -> None:
    reference = trial.reference
    if reference is None:
        if not tally.obstacle:
            tally.skip(trial.obstacle)
        return
    tally.add(_Place({}, ""), trial.value, reference.value, SWEEP * trial.noise)


def _compare_entry(
    trial: _Trial, name: str, entry: Entry, exact: Tally, differences: Tally
) -> None:
    """Count one entry in both rows of its input."""
    reference, place = trial.reference, trial.place(name, entry)
    given = trial.derivative(name, entry)
    if reference is None:
        if not exact.obstacle:
            exact.skip(trial.obstacle)
        _compare_differences(trial, name, entry, None, 0.0, differences)
        return
    slope = reference.slope(name, entry)
    if slope.kind is Kind.SMOOTH:
        tolerance = SWEEP * reference.rounding_of_slope(name, entry, slope) + slope.error
        exact.add(place, given, slope.value, tolerance)
        _compare_differences(trial, name, entry, slope, tolerance, differences)
        return
    differences.skip(slope.kind.value)
    if slope.kind is Kind.KINK:
        low, high = sorted((slope.below, slope.above))
        nearest = min(max(reference.context.mpf(given), low), high) if given == given else low
        tolerance = len(trial.graph) * ROUNDING * float(high - low)
        tolerance += SWEEP * reference.rounding_beside(name, entry, slope)
        exact.add_beside(place, trial.graph, given, nearest, tolerance)
    else:
        exact.skip(slope.kind.value)


def _compare_differences(
    trial: _Trial, name: str, entry: Entry, slope: Slope | None, tolerance: float, tally: Tally
) -> None:
    if tally.obstacle:
        return
    along, x = trial.along(name, entry), float(trial.point[name][entry])
    estimate = central(along, x, noise=trial.noise)
    error = TRUST * estimate.error + RESOLUTION * abs(estimate.value)
    is_sure = estimate.error <= CONCLUSIVE * abs(estimate.value) + SMALLEST + trial.noise
    expected = estimate if slope is None else Estimate(slope.value, slope.error)
    if slope is None and _is_kink(along, x, estimate):
        tally.skip(Kind.KINK.value)
    elif is_sure and distance(estimate.value, expected.value) <= error + tolerance + SMALLEST:
        given = trial.derivative(name, entry)
        tally.add(trial.place(name, entry), given, estimate.value, tolerance, own=error)
    else:
        tally.skip("inconclusive")


def _is_kink(along: Callable[[float], float], x: float, estimate: Estimate) -> bool:
    """Whether the slopes from both sides differ."""
    below, above = (one_sided(along, x, side) for side in (-1.0, 1.0))
    apart = abs(below.value - above.value)
    return not apart <= TRUST * (below.error + above.error) + CONCLUSIVE * abs(estimate.value)
