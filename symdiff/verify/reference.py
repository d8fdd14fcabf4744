"""Derivatives to 50 digits without a rule of ours: differences in high precision.

The primal graph alone is evaluated, with mpmath. A step of 1e-30 in numbers of 110 digits or more
leaves differences that are right to 50 digits where the function is smooth, and the quotients
from below and from above tell kinks, edges and poles from smooth points.
"""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any  # mpmath's numbers have no types

from symdiff.graph.graph import Graph
from symdiff.graph.node import CONSTANT, FLOAT, INPUT, Node, constant_value
from symdiff.ops.registry import OPERATIONS
from symdiff.verify.evaluate import Disturb, high_precision, mpmath_lines

STEP = 100  # the step is 2**-100 of the smallest scale in sight
SHRINK = 10  # the second step is 2**-10 of the first
MOST_DIGITS = 1000  # for numbers of very different size
AGREEMENT = 1e-12  # two quotients that differ less have the same limit

UNIT = 2.0**-53  # half an ulp: what one rounding may cost, relative to the result
OF_FUNCTION = 8.0  # in units: NumPy's aim is 4 ulp
OF_SPECIAL = 128.0  # SciPy's special functions are good for 64 ulp over most of their domain,
OF_ARGUMENT = 8.0  # if their argument counts as off by 4: they reduce large ones inexactly
SATURATED = 40.0  # exp(-40) < UNIT: a function that levels off has done so by this argument
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
        rounding: for a smooth function, how far float64 arithmetic may move the derivative, and
            the error of the reference itself.
    """

    kind: Kind
    below: Any
    above: Any
    value: Any
    rounding: float


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
        self.step = self.context.ldexp(self.context.mpf(scale), -STEP)
        # quotients below this are rounding errors of the reference itself
        self._noise = self.context.ldexp(self.context.eps * (1 + largest), 20) / self.step

    def slope(self, name: str) -> Slope:
        """The derivative by one input."""
        below_far, below_near = self._quotients(name, -1)
        above_far, above_near = self._quotients(name, 1)
        below, above = self._limit(below_far, below_near), self._limit(above_far, above_near)
        finite = [self.context.isfinite(side) for side in (below, above)]
        nothing = self.context.nan
        if all(finite):
            if abs(below - above) > AGREEMENT * max(abs(below), abs(above)) + self._noise:
                return Slope(Kind.KINK, below, above, nothing, math.nan)
            far, near = (below_far + above_far) / 2, (below_near + above_near) / 2
            value = near + (near - far) / (4**SHRINK - 1)  # Richardson: the error goes as h**2
            rounding = self._rounding_of_slope(name, far)
            own = float(abs(near - far) / 2**SHRINK + self._noise)
            return Slope(Kind.SMOOTH, below, above, value, rounding + own)
        if any(map(self.context.isinf, (below, above))):
            return Slope(Kind.SINGULAR, below, above, nothing, math.nan)
        if any(finite):
            return Slope(Kind.EDGE, below, above, above if finite[1] else below, math.nan)
        return Slope(Kind.UNDEFINED, below, above, nothing, math.nan)

    def rounding_of_value(self) -> float:
        """How far float64 arithmetic may move the value, one rounding an operation."""
        position = self.graph.outputs[0]
        moved = [
            abs(mpmath_lines(self.graph, self.values, self.context, model)[position] - self.value)
            for model in self._models()
        ]
        return _largest(moved)

    def _at(self, name: str, shift: Any, disturb: Disturb | None = None) -> Any:
        """The value where one input is shifted."""
        values = {**self.values, name: self.values[name] + shift}
        lines = mpmath_lines(self.graph, values, self.context, disturb)
        return self.context.mpf(lines[self.graph.outputs[0]])

    def _central(self, name: str, disturb: Disturb) -> Any:
        h = self.step
        return (self._at(name, h, disturb) - self._at(name, -h, disturb)) / (2 * h)

    def _quotients(self, name: str, side: int) -> tuple[Any, Any]:
        """The difference quotients on one side, for the step and a smaller one."""
        steps = (side * self.step, side * self.context.ldexp(self.step, -SHRINK))
        far, near = ((self._at(name, h) - self.value) / h for h in steps)
        return far, near

    def _limit(self, first: Any, second: Any) -> Any:
        """The limit of the difference quotients on one side; infinite, or NaN for none."""
        if not (self.context.isfinite(first) and self.context.isfinite(second)):
            return self.context.nan
        if abs(first - second) <= AGREEMENT * abs(second) + self._noise:
            return second
        if abs(second) < abs(first) / 2:
            return self.context.zero  # shrinks with the step, as x**1.5 at 0
        return self.context.inf * (1 if second > 0 else -1)

    def _rounding_of_slope(self, name: str, value: Any) -> float:
        moved = [abs(self._central(name, model) - value) for model in self._models(inputs=True)]
        return _largest(moved)

    def _models(self, *, inputs: bool = False) -> list[Disturb]:
        return [self._model(random.Random(f"{self.seed} {i}"), inputs) for i in range(SAMPLES)]

    def _model(self, signs: random.Random, inputs: bool) -> Disturb:  # noqa: FBT001
        """Every line off by its operation's error, with a random sign; its slope likewise.

        Source: D. S. Parker, Monte Carlo Arithmetic, UCLA CSD-970002 (1997). A derivative that is
        computed from a rounded result, as 1 - tanh(x)**2, has an error of its own: so the value
        of a function is tilted too.
        """
        units = [unit * UNIT for unit in _units(self.graph, inputs)]
        up = [signs.choice((-1, 1)) for _ in units]
        tilt = [signs.choice((-1, 1)) for _ in units]
        base = self.lines

        def disturb(position: int, value: Any, args: list[Any]) -> Any:
            unit = units[position]
            if not unit:
                return value
            off = up[position] * self.context.one
            if unit > UNIT:
                for argument, given in zip(self.graph[position].args, args, strict=True):
                    size = abs(base[argument])
                    off += (
                        tilt[position]
                        * (given - base[argument])
                        / (size if size > SATURATED else 1)
                    )
            return value * (1 + unit * off)

        return disturb


def _units(graph: Graph, inputs: bool) -> list[float]:  # noqa: FBT001
    """By line, by how many half ulps its result may be off."""
    units = [_units_of_line(node, inputs) for node in graph.nodes]
    for node, unit in zip(graph.nodes, list(units), strict=True):
        if unit == OF_SPECIAL:
            for argument in node.args:
                units[argument] = max(units[argument], OF_ARGUMENT)
    return units


def _units_of_line(node: Node, inputs: bool) -> float:  # noqa: FBT001
    if node.op == INPUT:
        return float(inputs)
    if node.op == CONSTANT or node.dtype != FLOAT:
        return 0.0
    spelling = OPERATIONS[node.op].spelling.get("numpy")
    if spelling is None:
        return OF_FUNCTION
    if spelling.form != "call":
        return 1.0
    return OF_SPECIAL if "special." in spelling.text + spelling.source else OF_FUNCTION


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


def _largest(distances: list[Any]) -> float:
    """The largest distance; infinite where no distance is known."""
    known = [float(distance) for distance in distances if distance == distance]
    return max(known, default=math.inf)
