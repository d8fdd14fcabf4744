"""Derivatives to 50 digits without a rule of ours: differences in high precision.

The primal graph alone is evaluated, with mpmath. A step of 1e-30 in numbers of 110 digits or more
leaves differences that are right to 50 digits where the function is smooth, and the quotients
from below and from above tell kinks, edges and poles from smooth points.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import Any  # mpmath's numbers have no types

from symdiff.errors import UnsupportedError
from symdiff.graph.graph import Graph
from symdiff.graph.node import CONSTANT, FLOAT, INPUT, Node, constant_value
from symdiff.ops.exact import unchanged
from symdiff.ops.operation import Flat
from symdiff.ops.registry import OPERATIONS
from symdiff.verify.digits import Exact
from symdiff.verify.interpret import Interpreter, without_exact, work
from symdiff.verify.points import Entry, Point
from symdiff.verify.rounding import Rounding

STEP = 100  # the step is 2**-100 of the smallest scale in sight, over the largest line
SHRINK = 10  # the second step is 2**-10 of the first
MOST_DIGITS = 1000  # for numbers of very different size
AGREEMENT = 1e-12  # two quotients that differ less have the same limit

SAMPLES = 3  # of rounding errors


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


def reference_within(most_work: int, graph: Graph, point: Point) -> Reference | None:
    """The function in many digits; `None` where that is unknown, or too much work."""
    if without_exact(graph.nodes) or work(graph) > most_work:
        return None
    try:
        return Reference(graph, point)
    except (ArithmeticError, ValueError, UnsupportedError):
        return None


class Reference:
    """A function at one point, to many digits.

    Args:
        graph: the primal graph, without named dimensions and loops; its first output counts.
        point: by name, a number or an array for every input.
        digits: how many digits are wanted.
        seed: of the random signs that model rounding errors.

    Attributes:
        context: mpmath's.
        lines: the value of every line.
        value: the value of the output.

    Raises:
        UnsupportedError: naming an operation that has no counterpart in many digits.
        ArithmeticError, ValueError: where a matrix is singular or indefinite.
    """

    def __init__(self, graph: Graph, point: Point, digits: int = 50, seed: int = 0) -> None:
        self.graph = graph
        self._seed = seed
        numbers = [float(x) for value in point.values() for x in _elements(value)]
        scale = _smallest_scale(graph, numbers)
        domain = Exact(digits + 60 + _decades(scale) + _decades(*numbers))
        self.context = domain.context
        self._interpreter = Interpreter(graph, domain)
        self.lines = self._interpreter.lines(point)
        largest = self._largest_line()
        decades = min(MOST_DIGITS, int(self.context.log10(max(1, largest))))
        if decades:
            self.context.dps += 2 * decades  # of the lines, and of the step
            self.lines = self._interpreter.lines(point)
        self._inputs = dict(zip(graph.input_names, graph.inputs, strict=True))
        self._dependent: dict[str, bytearray] = {}
        self._values = {name: self.lines[position] for name, position in self._inputs.items()}
        self.value = self._output(self.lines)
        self._flat = [at for at, node in enumerate(graph.nodes) if _is_step_function(node)]
        # a step that changes a large line by little: a sine of it would turn round many times
        self.step = self.context.ldexp(scale / self.context.mpf(10) ** decades, -STEP)
        # quotients below this are rounding errors of the reference itself
        self._noise = self.context.ldexp(self.context.eps * (1 + largest), 20) / self.step

    def _largest_line(self) -> Any:
        floats = [
            line for node, line in zip(self.graph, self.lines, strict=True) if node.dtype == FLOAT
        ]
        sizes = [abs(x) for line in floats for x in _elements(line) if self.context.isfinite(x)]
        return max(sizes, default=0)

    def slope(self, name: str, entry: Entry = ()) -> Slope:
        """The derivative by one entry of an input."""
        below, above = (self._quotients(name, entry, side) for side in (-1, 1))
        return _slope_of(below, above, self.context, self._noise)

    def rounding_of_value(self) -> float:
        """How far float64 arithmetic may move the value, one rounding an operation."""
        lines = [
            self._interpreter.lines(self._values, model) for model in self._models(sweep=False)
        ]
        return _largest([abs(self._output(line) - self.value) for line in lines])

    def rounding_of_slope(self, name: str, entry: Entry, slope: Slope) -> float:
        """How far float64 arithmetic may move the derivative of a smooth function."""
        quotients = [
            (self._at(name, entry, self.step, model) - self._at(name, entry, -self.step, model))
            / (2 * self.step)
            for model in self._models(sweep=True)
        ]
        return _largest([abs(quotient - slope.value) for quotient in quotients])

    def rounding_beside(self, name: str, entry: Entry, slope: Slope) -> float:
        """How far beyond the slopes of a kink rounding may go: within, it chose a side."""
        low, high = sorted((slope.below, slope.above))
        quotients = [
            (self._at(name, entry, h, model) - self._at(name, entry, 0, model)) / h
            for model in self._models(sweep=True)
            for h in (-self.step, self.step)
        ]
        return _largest([max(low - quotient, quotient - high, 0) for quotient in quotients])

    def _models(self, *, sweep: bool) -> list[Rounding]:
        return self._sweeps if sweep else self._passes

    @cached_property
    def _sweeps(self) -> list[Rounding]:
        return self._drawn(sweep=True)

    @cached_property
    def _passes(self) -> list[Rounding]:
        return self._drawn(sweep=False)

    def _drawn(self, *, sweep: bool) -> list[Rounding]:
        return [
            Rounding(self.graph, self.lines, self.context, (self._seed, index), sweep=sweep)
            for index in range(SAMPLES)
        ]

    def _output(self, lines: Sequence[Any]) -> Any:
        return self.context.mpf(lines[self.graph.outputs[0]])

    def _at(self, name: str, entry: Entry, shift: Any, disturb: Rounding | None = None) -> Any:
        """The value where one entry is shifted."""
        return self._output(self._lines_at(name, entry, shift, disturb))

    def _lines_at(
        self, name: str, entry: Entry, shift: Any, disturb: Rounding | None = None
    ) -> list[Any]:
        moved = self._values[name]
        if entry:
            moved = moved.copy()
            moved[entry] += shift
        else:
            moved = moved + shift
        varied = self._varied(name) if disturb is None else None  # roundings are of all lines
        return self._interpreter.lines({**self._values, name: moved}, disturb, self.lines, varied)

    def _varied(self, name: str) -> bytearray:
        """By position, 1 where a line depends on an input."""
        if name not in self._dependent:
            self._dependent[name] = self.graph.descendants([self._inputs[name]])
        return self._dependent[name]

    def _quotients(self, name: str, entry: Entry, side: int) -> tuple[Any, Any]:
        """The difference quotients on one side, for the step and a smaller one."""
        steps = (side * self.step, side * self.context.ldexp(self.step, -SHRINK))
        far, near = (self._quotient(name, entry, h) for h in steps)
        return far, near

    def _quotient(self, name: str, entry: Entry, h: Any) -> Any:
        """A difference quotient; infinite where a step function jumps within the step."""
        import numpy as np

        try:
            lines = self._lines_at(name, entry, h)
        except (ArithmeticError, ValueError):  # beside it the matrix is singular, or indefinite
            return self.context.nan
        if any(np.any(lines[position] != self.lines[position]) for position in self._flat):
            return self.context.inf
        return (self._output(lines) - self.value) / h


def _slope_of(below: tuple[Any, Any], above: tuple[Any, Any], context: Any, noise: Any) -> Slope:
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


def _is_step_function(node: Node) -> bool:
    """Whether a line jumps: quotients across a jump say nothing."""
    if node.op in (INPUT, CONSTANT) or node.dtype != FLOAT:
        return False
    record = OPERATIONS[node.op]
    return isinstance(record.derivative, Flat) and record.exact is not unchanged


def _smallest_scale(graph: Graph, numbers: Sequence[float]) -> float:
    """A length below those over which the function changes: of the inputs and the constants."""
    constants = [abs(constant_value(node)) for node in graph.nodes if node.op == CONSTANT]
    known = [number for number in constants if number and math.isfinite(number)]
    given = [abs(number) for number in numbers if number and math.isfinite(number)]
    return max(min([1.0, *given, *known]) / max([1.0, *known]), 2.0**-1000)


def _decades(*numbers: float) -> int:
    """How many digits lie between 1 and the numbers furthest from it."""
    sizes = [abs(math.log10(abs(n))) for n in numbers if n and math.isfinite(n)]
    return int(max(sizes, default=0.0)) + 1


def _elements(value: Any) -> list[Any]:
    """The numbers of an array, or the one."""
    return value.ravel().tolist() if hasattr(value, "ravel") else [value]


def _largest(distances: list[Any]) -> float:
    """The largest distance; infinite where no distance is known."""
    known = [float(distance) for distance in distances if distance == distance]
    return max(known, default=math.inf)
