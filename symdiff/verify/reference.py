"""Derivatives to 50 digits without a rule of ours: differences in high precision.

The primal graph alone is evaluated, with mpmath. A step of 1e-30 in numbers of 110 digits or more
leaves differences that are right to 50 digits where the function is smooth, and the quotients
from below and from above tell kinks, edges and poles from smooth points.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any  # mpmath's numbers have no types

from symdiff.graph.graph import Graph
from symdiff.graph.node import CONSTANT, FLOAT, INPUT, Node, constant_value
from symdiff.ops.operation import Flat
from symdiff.ops.registry import OPERATIONS
from symdiff.verify.evaluate import high_precision, mpmath_lines
from symdiff.verify.rounding import Rounding

STEP = 100  # the step is 2**-100 of the smallest scale in sight
SHRINK = 10  # the second step is 2**-10 of the first
MOST_DIGITS = 1000  # for numbers of very different size
AGREEMENT = 1e-12  # two quotients that differ less have the same limit

SAMPLES = 3


class Kind(Enum):
    """What a function is like at a point, along one input."""

    SMOOTH = "smooth"
    KINK = "kink"
    EDGE = "edge of the domain"
    SINGULAR = "singular"
    UNDEFINED = "undefined"


@dataclass(frozen=True)
class Slope:
    """The derivative by one input at a point.

    Attributes:
        kind: what the function is like there.
        below: the limit of the quotients from below; NaN where there is none.
        above: likewise from above.
        value: the derivative of a smooth function; at an edge the one-sided limit; else NaN.
        error: of the value, an estimate.
    """

    kind: Kind
    below: Any
    above: Any
    value: Any
    error: float


def gradient(
    graph: Graph, values: Mapping[str, float], wrt: Sequence[str], digits: int = 50
) -> list[Any]:
    """The derivatives of the first output, as mpmath's numbers; NaN where there is none.

    Args:
        graph: the primal graph, of scalars.
        values: by name, a number for every input.
        wrt: the inputs to differentiate by.
        digits: how many digits are wanted.
    """
    point = ReferencePoint(graph, values, digits)
    return [point.slope(name).value for name in wrt]


class ReferencePoint:
    """A function at one point, to many digits.

    Args:
        graph: the primal graph, of scalars; its first output counts.
        values: by name, a number for every input.
        digits: how many digits are wanted.
        seed: of the random signs that model rounding errors.

    Attributes:
        lines: the value of every line.
        value: the value of the output.
    """

    def __init__(
        self, graph: Graph, values: Mapping[str, float], digits: int = 50, seed: int = 0
    ) -> None:
        self.graph = graph.select([0])
        self.seed = seed
        scale = _smallest_scale(graph, values)
        self.context = high_precision(digits + 60 + _decades(scale) + _decades(*values.values()))
        self.values = {name: self.context.mpf(value) for name, value in values.items()}
        self.lines = mpmath_lines(self.graph, self.values, self.context)
        largest = max([abs(line) for line in self.lines if self.context.isfinite(line)])
        if largest > 1:
            self.context.dps += min(MOST_DIGITS, int(self.context.log10(largest)))
            self.lines = mpmath_lines(self.graph, self.values, self.context)
        self.value = self.context.mpf(self.lines[self.graph.outputs[0]])
        self._flat = [at for at, node in enumerate(self.graph.nodes) if is_step_function(node)]
        self.step = self.context.ldexp(self.context.mpf(scale), -STEP)
        # quotients below this are rounding errors of the reference itself
        self._noise = self.context.ldexp(self.context.eps * (1 + largest), 20) / self.step

    def slope(self, name: str) -> Slope:
        """The derivative by one input."""
        below, above = self._quotients(name, -1), self._quotients(name, 1)
        return slope_of(below, above, self.context, self._noise)

    def rounding_of_value(self) -> float:
        """How far float64 arithmetic may move the value, one rounding an operation."""
        position = self.graph.outputs[0]
        moved = [
            abs(mpmath_lines(self.graph, self.values, self.context, model)[position] - self.value)
            for model in self._models(sweep=False)
        ]
        return _largest(moved)

    def _at(self, name: str, shift: Any, disturb: Rounding | None = None) -> Any:
        """The value where one input is shifted."""
        lines = self._lines_at(name, shift, disturb)
        return self.context.mpf(lines[self.graph.outputs[0]])

    def _lines_at(self, name: str, shift: Any, disturb: Rounding | None = None) -> list[Any]:
        values = {**self.values, name: self.values[name] + shift}
        return mpmath_lines(self.graph, values, self.context, disturb)

    def _central(self, name: str, disturb: Rounding) -> Any:
        h = self.step
        return (self._at(name, h, disturb) - self._at(name, -h, disturb)) / (2 * h)

    def _quotients(self, name: str, side: int) -> tuple[Any, Any]:
        """The difference quotients on one side, for the step and a smaller one."""
        steps = (side * self.step, side * self.context.ldexp(self.step, -SHRINK))
        far, near = (self._quotient(name, h) for h in steps)
        return far, near

    def _quotient(self, name: str, h: Any) -> Any:
        """A difference quotient; infinite where a step function jumps within the step."""
        lines = self._lines_at(name, h)
        if any(lines[position] != self.lines[position] for position in self._flat):
            return self.context.inf
        return (self.context.mpf(lines[self.graph.outputs[0]]) - self.value) / h

    def rounding_of_slope(self, name: str, slope: Slope) -> float:
        """How far float64 arithmetic may move the derivative of a smooth function."""
        models = self._models(sweep=True)
        return _largest([abs(self._central(name, model) - slope.value) for model in models])

    def rounding_beside(self, name: str, slope: Slope) -> float:
        """How far beyond the slopes on both sides of a kink float64 arithmetic may go."""
        return largest_excess(
            slope,
            [
                (self._at(name, h, model) - self._at(name, 0, model)) / h
                for model in self._models(sweep=True)
                for h in (-self.step, self.step)
            ],
        )

    def _models(self, *, sweep: bool) -> list[Rounding]:
        seeds = [f"{self.seed} {index}" for index in range(SAMPLES)]
        return [Rounding(self.graph, self.lines, self.context, seed, sweep=sweep) for seed in seeds]


def slope_of(below: tuple[Any, Any], above: tuple[Any, Any], context: Any, noise: Any) -> Slope:
    """What difference quotients say.

    Args:
        below: the quotients from below, for a step and for one that is 2**-SHRINK of it.
        above: likewise from above.
        context: mpmath's.
        noise: quotients below this are rounding errors.
    """
    low, high = (_limit(*pair, context, noise) for pair in (below, above))
    finite = [context.isfinite(side) for side in (low, high)]
    nothing = context.nan
    if all(finite):
        if abs(low - high) > AGREEMENT * max(abs(low), abs(high)) + noise:
            return Slope(Kind.KINK, low, high, nothing, math.nan)
        far, near = ((a + b) / 2 for a, b in zip(below, above, strict=True))
        value = near + (near - far) / (4**SHRINK - 1)  # Richardson: the error goes as h**2
        error = float(abs(near - far) / 2**SHRINK + noise)
        return Slope(Kind.SMOOTH, low, high, value, error)
    if any(map(context.isinf, (low, high))):
        return Slope(Kind.SINGULAR, low, high, nothing, math.nan)
    if any(finite):
        return Slope(Kind.EDGE, low, high, high if finite[1] else low, math.nan)
    return Slope(Kind.UNDEFINED, low, high, nothing, math.nan)


def _limit(first: Any, second: Any, context: Any, noise: Any) -> Any:
    """The limit of the difference quotients on one side; infinite, or NaN for none."""
    if not (context.isfinite(first) and context.isfinite(second)):
        return context.nan if second != second else context.inf
    if abs(first - second) <= AGREEMENT * abs(second) + noise:
        return second
    if abs(second) < abs(first) / 2:
        return context.zero  # shrinks with the step, as x**1.5 at 0
    return context.inf * (1 if second > 0 else -1)


def is_step_function(node: Node) -> bool:
    """Whether a line jumps: quotients across a jump say nothing."""
    if node.op in (INPUT, CONSTANT) or node.dtype != FLOAT:
        return False
    return isinstance(OPERATIONS[node.op].derivative, Flat)


def _smallest_scale(graph: Graph, values: Mapping[str, float]) -> float:
    """A length below those over which the function changes: of the inputs and the constants."""
    constants = [abs(constant_value(node)) for node in graph.nodes if node.op == CONSTANT]
    known = [number for number in constants if number and math.isfinite(number)]
    inputs = [abs(float(value)) for value in values.values() if value]
    return max(min([1.0, *inputs, *known]) / max([1.0, *known]), 2.0**-1000)


def _decades(*numbers: float) -> int:
    """How many digits lie between 1 and the numbers furthest from it."""
    sizes = [abs(math.log10(abs(float(number)))) for number in numbers if number]
    return int(max(sizes, default=0.0)) + 1


def largest_excess(slope: Slope, quotients: list[Any]) -> float:
    """How far quotients lie beyond the slopes of a kink. Within them, rounding chose a side."""
    low, high = sorted((slope.below, slope.above))
    return _largest([max(low - quotient, quotient - high, 0) for quotient in quotients])


def _largest(distances: list[Any]) -> float:
    """The largest distance; infinite where no distance is known."""
    known = [float(distance) for distance in distances if distance == distance]
    return max(known, default=math.inf)
