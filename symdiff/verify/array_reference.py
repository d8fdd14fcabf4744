"""A function of arrays at one point, in many digits: its value, and its slope along one entry."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any  # arrays of mpmath's numbers have no types

from symdiff.graph.graph import Graph
from symdiff.graph.node import CONSTANT, FLOAT, INPUT, Node, constant_value
from symdiff.ops.registry import OPERATIONS
from symdiff.verify.array_lines import as_exact, changed, exact_lines, jumps
from symdiff.verify.evaluate import high_precision
from symdiff.verify.reference import SHRINK, STEP, Slope, largest_excess, slope_of
from symdiff.verify.rounding import OF_FUNCTION, OF_OPERATOR, UNIT, of_result

Entry = tuple[int, ...]

DIGITS = 110
SAMPLES = 2  # of rounding errors


class ArrayReference:
    """A function at one point.

    Args:
        graph: the primal graph, without named dimensions; its first output counts.
        point: an array for each input.
        seed: of the random signs that model rounding errors.

    Attributes:
        context: mpmath's.
        lines: the value of every line.
        value: the value of the output.
    """

    def __init__(self, graph: Graph, point: Mapping[str, Any], seed: int = 0) -> None:
        self.graph = graph
        self.seed = seed
        scale = _smallest_scale(graph, point)
        self.context = high_precision(DIGITS + 2 * int(-math.log10(scale)))
        self._floats = {graph[at].params[0] for at in graph.inputs if graph[at].dtype == FLOAT}
        self._values = {
            name: as_exact(array, self.context) if name in self._floats else array
            for name, array in point.items()
        }
        self.lines = exact_lines(graph, self._values, self.context)
        self.value = self.lines[graph.outputs[0]][()]
        self._flat = jumps(graph)
        self.step = self.context.ldexp(self.context.mpf(scale), -STEP)
        largest = max([abs(x) for line in self.lines for x in _finite(line, self.context)] + [0])
        self._noise = self.context.ldexp(self.context.eps * (1 + largest), 20) / self.step

    def slope(self, name: str, entry: Entry) -> Slope:
        """The derivative by one entry of one input."""
        below, above = (self._quotients(name, entry, side) for side in (-1, 1))
        return slope_of(below, above, self.context, self._noise)

    def rounding_of_value(self) -> float:
        """How far float64 arithmetic may move the value."""
        moved = [
            self._output(exact_lines(self.graph, self._values, self.context, model)) - self.value
            for model in self._models(sweep=False)
        ]
        return _largest(moved)

    def rounding_of_slope(self, name: str, entry: Entry, slope: Slope) -> float:
        """How far float64 arithmetic may move the derivative of a smooth function."""
        h = self.step
        moved = []
        for model in self._models(sweep=True):
            above, below = (self._output(self._at(name, entry, x, model)) for x in (h, -h))
            moved.append((above - below) / (2 * h) - slope.value)
        return _largest(moved)

    def rounding_beside(self, name: str, entry: Entry, slope: Slope) -> float:
        """How far beyond the slopes on both sides of a kink float64 arithmetic may go."""
        quotients = []
        for model in self._models(sweep=True):
            below, here, above = (
                self._output(self._at(name, entry, h, model)) for h in (-self.step, 0, self.step)
            )
            quotients += [(here - below) / self.step, (above - here) / self.step]
        return largest_excess(slope, quotients)

    def _models(self, *, sweep: bool) -> list[_Errors]:
        return [
            _Errors(self.graph, self.lines, self.seed + index, sweep=sweep)
            for index in range(SAMPLES)
        ]

    def _at(self, name: str, entry: Entry, shift: Any, disturb: _Errors | None = None) -> list[Any]:
        """The lines where one entry is shifted."""
        moved = self._values[name].copy()
        moved[entry] = moved[entry] + shift
        values = {**self._values, name: moved}
        return exact_lines(self.graph, values, self.context, disturb, self.lines)

    def _output(self, lines: Sequence[Any]) -> Any:
        return lines[self.graph.outputs[0]][()]

    def _quotients(self, name: str, entry: Entry, side: int) -> tuple[Any, Any]:
        """The difference quotients on one side, for the step and a smaller one."""
        far = self._quotient(name, entry, side * self.step)
        return far, self._quotient(name, entry, side * self.context.ldexp(self.step, -SHRINK))

    def _quotient(self, name: str, entry: Entry, h: Any) -> Any:
        """A difference quotient; infinite where a step function jumps within the step."""
        try:
            lines = self._at(name, entry, h)
        except (ArithmeticError, ValueError):  # beside it the matrix is singular, or indefinite
            return self.context.nan
        if changed(lines, self.lines, self._flat):
            return self.context.inf
        return (self._output(lines) - self.value) / h


class _Errors:
    """One draw of the errors of a graph's operations, as `symdiff.verify.rounding` has them.

    A library's function on arrays counts as exact for arguments that are off: so errors grow
    with the condition of a matrix, and with the terms of a sum that cancel.
    """

    def __init__(self, graph: Graph, lines: Sequence[Any], seed: int, *, sweep: bool) -> None:
        import numpy as np

        rng = np.random.default_rng(seed)

        def draw(shape: tuple[int, ...], units: float) -> Any:
            sizes = units * UNIT * np.sqrt(rng.uniform(0.25, 1.0, shape))
            return np.asarray(rng.choice([-1.0, 1.0], shape) * sizes).astype(object)

        self._lines = lines
        self._nodes = graph.nodes
        self._results: list[Any] = []
        self._edges: list[list[Any]] = []
        self._contributions: list[list[Any]] = []
        for node in graph.nodes:
            shapes = [lines[argument].shape for argument in node.args]
            self._results.append(draw(lines[len(self._results)].shape, _of_result(node)))
            self._edges.append([draw(shape, _of_argument(node, sweep=sweep)) for shape in shapes])
            units = OF_OPERATOR if sweep else 0.0
            self._contributions.append([draw(shape, units) for shape in shapes])

    def arguments(self, position: int, args: list[Any]) -> list[Any]:
        """The arguments, each off by its error, and its change by an error of its own."""
        import numpy as np

        moved = []
        for index, argument in enumerate(self._nodes[position].args):
            arg = args[index]
            if self._nodes[argument].dtype == FLOAT:
                change = (arg - self._lines[argument]) * self._contributions[position][index]
                arg = np.asarray(arg + arg * self._edges[position][index] + change, object)
            moved.append(arg)
        return moved

    def result(self, position: int, value: Any) -> Any:
        """The result, off by its error."""
        import numpy as np

        return np.asarray(value + value * self._results[position], object)


def _of_result(node: Node) -> float:
    if node.op in (INPUT, CONSTANT):
        return 0.0
    return of_result(node) if OPERATIONS[node.op].is_elementwise else OF_FUNCTION


def _of_argument(node: Node, *, sweep: bool) -> float:
    if node.op in (INPUT, CONSTANT) or OPERATIONS[node.op].is_elementwise:
        return OF_OPERATOR if sweep else 0.0
    return OF_FUNCTION


def _smallest_scale(graph: Graph, point: Mapping[str, Any]) -> float:
    """A length below those over which the function changes."""
    numbers = [abs(float(x)) for array in point.values() for x in array.flat]
    numbers += [abs(constant_value(node)) for node in graph.nodes if node.op == CONSTANT]
    return max(min([1.0, *[x for x in numbers if x and math.isfinite(x)]]), 2.0**-200)


def _finite(line: Any, context: Any) -> list[Any]:
    return [x for x in line.flat if context.isfinite(x)] if line.dtype == object else []


def _largest(distances: Sequence[Any]) -> float:
    """The largest size; infinite where none is known."""
    known = [float(abs(x)) for x in distances if x == x]
    return max(known, default=math.inf)
