"""One point of a check: what is computed there, and what other methods say."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any  # mpmath's numbers have no types

from symdiff.errors import SymdiffError, UnsupportedError, at_this_point
from symdiff.graph.node import FLOAT
from symdiff.verify.finite_difference import TRUST, Estimate, central, complex_step, one_sided
from symdiff.verify.points import Entry, Point, coordinate, entries_of, moved, some_entries
from symdiff.verify.reference import Kind, Reference, Slope
from symdiff.verify.report import SMALLEST, Place, Tally, distance
from symdiff.verify.subject import Subject

REFERENCE, DIFFERENCES, COMPLEX = "50 digits", "differences", "complex step"
VALUE = "value", REFERENCE
NO_SECOND = "no second derivative"

SWEEP = 5.0  # value and gradient take at most 5 times the value's operations (Baur, Strassen 1983)
ROUNDING = 2.0**-53
COMPLEX_ROUNDINGS = 16.0  # a complex function is made of several real ones
RESOLUTION = 2.0**-26  # differences are good for half of a float's digits, not for more
CONCLUSIVE = 1e-3  # differences count where they know their own error this well

Tallies = Mapping[tuple[str, str], Tally]


class Trial:
    """The callable and the reference at one point.

    Attributes:
        obstacle: why nothing can be compared here; empty where something can.
        without_reference: why there is no reference here; empty where there is one.
    """

    def __init__(self, subject: Subject, point: Point) -> None:
        self.subject = subject
        self.point = point
        self.obstacle = ""
        given, gradient = self._call(point)
        self.has_value = given is not None
        self.value = self._written(point) if given is None else given
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

    def _written(self, point: Point) -> float:
        """The value as written."""
        return float(self.subject.floats.outputs(point)[0])

    @at_this_point()
    def _call(self, point: Point) -> tuple[float | None, tuple[Any, ...]]:
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
            elif self.subject.raises:
                self.obstacle = f"the module raises {type(error).__name__}"
            nothing = [np.full(np.shape(point[name]), math.nan) for name in self.subject.wrt]
            return math.nan, tuple(nothing)
        slopes = gradient if isinstance(gradient, tuple) else (gradient,)
        return None if value is None else float(value), slopes

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

    def has_no_second_derivative(self, given: float) -> bool:
        """Whether NaN is given for a second derivative where one in another direction is none."""
        if self.reference is None or self.subject.order == 1 or given == given:
            return False
        return not self._is_smooth

    @cached_property
    def _is_smooth(self) -> bool:
        """Whether there is a slope by each entry of each input."""
        assert self.reference is not None  # the caller looked
        return all(
            self.reference.slope(name, entry).kind is Kind.SMOOTH
            for name in self.subject.wrt
            for entry in entries_of(self.subject.shape(name))
        )

    def along(self, name: str, entry: Entry) -> Callable[[float], float]:
        """The value as a function of one entry of one input, with the same number of steps."""
        if self.subject.is_local or not self.has_value:
            return lambda x: self._written(moved(self.point, name, entry, x))
        return lambda x: self._call(moved(self.point, name, entry, x))[0] or 0.0

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


def compare_at(
    trial: Trial, wrt: Sequence[str], tallies: Tallies, count: int, draw: random.Random
) -> None:
    """Count one point in all rows."""
    if trial.obstacle:
        for tally in tallies.values():
            tally.skip(trial.obstacle)
        return
    against, reference = tallies[VALUE], trial.reference
    if not trial.has_value:
        pass
    elif reference is None:
        against.skip(trial.without_reference)
    else:
        against.add(trial.place("value"), trial.value, reference.value, SWEEP * trial.noise)
    for name in wrt:
        for entry in some_entries(trial.subject.shape(name), count, draw):
            _Comparison(trial, name, entry, tallies).count()


class _Comparison:
    """The derivative by one entry at one point, in the rows of its input."""

    def __init__(self, trial: Trial, name: str, entry: Entry, tallies: Tallies) -> None:
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
        if self._trial.has_no_second_derivative(self._given):
            for tally in (self._exact, self._differences, self._complex):
                tally.skip(NO_SECOND)
            return
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
        if slope is None and is_kink(along, self._x, estimate):
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


def is_kink(along: Callable[[float], float], x: float, estimate: Estimate) -> bool:
    """Whether the slopes of a function from both sides of x differ."""
    below, above = (one_sided(along, x, side) for side in (-1.0, 1.0))
    apart = abs(below.value - above.value)
    return not apart <= TRUST * (below.error + above.error) + CONCLUSIVE * abs(estimate.value)
