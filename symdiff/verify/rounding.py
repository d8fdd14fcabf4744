"""How far rounding moves a value and a derivative: every operation off by its error, at random.

Source: D. S. Parker, Monte Carlo Arithmetic, UCLA CSD-970002 (1997).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any  # mpmath's numbers have no types

from symdiff.graph.graph import Graph
from symdiff.graph.node import COMPLEX, CONSTANT, CONTINUOUS, FLOAT, INPUT, Node
from symdiff.ops.registry import OPERATIONS
from symdiff.verify.interpret import is_of_matrices
from symdiff.verify.libraries import is_special, spelled

UNIT = 2.0**-53  # half an ulp: what one rounding may cost, relative to the result
OF_OPERATOR = 1.0  # in units, as below: IEEE rounds + - * / correctly
OF_FUNCTION = 8.0  # NumPy's aim is 4 ulp
OF_SPECIAL = 128.0  # SciPy's special functions are good for 64 ulp over most of their domain,
OF_SPECIAL_ARGUMENT = 8.0  # where a change of the argument by 4 ulp does not do more
OF_MATRICES = 32.0  # LAPACK promises a small multiple of the number of rows, in norm
SATURATED = 40.0  # exp(-40) < UNIT: a function that levels off has done so by this argument


class Rounding:
    """One draw of the errors of a graph's operations.

    A library's function on arrays counts as exact for arguments that are off: so errors grow
    with the condition of a matrix, and with the terms of a sum that cancel. Linear algebra is
    stable in norm: each element of a matrix is off by what the largest one is.

    Args:
        graph: whose lines are disturbed.
        lines: their exact values at the point in question.
        context: mpmath's.
        seed: of the errors.
        sweep: whether a derivative is in question. In a reverse sweep the contributions along
            the edges have errors of their own, which stay where the contributions cancel, and a
            function's slope may be computed from its rounded result, as 1 - tanh(x)**2 is.
    """

    def __init__(
        self,
        graph: Graph,
        lines: Sequence[Any],
        context: Any,
        seed: tuple[int, int],
        *,
        sweep: bool,
    ) -> None:
        import numpy as np

        self._nodes = graph.nodes
        self._lines = lines
        self._context = context
        self._rng = np.random.default_rng(seed)
        floats = [
            line if node.dtype in CONTINUOUS else 0 for node, line in zip(graph, lines, strict=True)
        ]
        self._finite = [_truths(_each(context.isfinite, line)) for line in floats]
        self._scales = [_each(_scale, line) for line in floats]
        self._results = self._draws([of_result(node) for node in graph.nodes])
        tilts = [of_result(node) if sweep and _is_inexact(node) else 0.0 for node in graph.nodes]
        self._tilts = self._draws(tilts)
        self._edges = []
        self._contributions = []
        for node in graph.nodes:
            # a constant is exact: (-3)**2 with another exponent has no value
            units = _of_argument(node, sweep=sweep)
            edges = [units * (graph[argument].op != CONSTANT) for argument in node.args]
            self._edges.append(self._draws(edges, node.args))
            if is_of_matrices(node.op):
                norms = [_norm(lines[argument]) for argument in node.args]
                self._edges[-1] = [a * b for a, b in zip(self._edges[-1], norms, strict=True)]
            once = [OF_OPERATOR if sweep else 0.0] * len(node.args)
            self._contributions.append(self._draws(once, node.args))

    def _draws(self, units: Sequence[float], positions: Sequence[int] | None = None) -> list[Any]:
        """Numbers near these sizes for lines, of random signs, without a pattern in their digits.

        `None` for what is exact.
        """
        places = range(len(units)) if positions is None else positions
        return [
            self._draw(unit, self._lines[place]) if unit else None
            for unit, place in zip(units, places, strict=True)
        ]

    def _draw(self, units: float, line: Any) -> Any:
        import numpy as np

        shape = np.shape(line)
        sizes = units * UNIT * np.sqrt(self._rng.uniform(0.25, 1.0, shape))
        found = np.copysign(sizes, self._rng.uniform(-1.0, 1.0, shape))
        return found.astype(object) if shape else float(found)

    def arguments(self, position: int, args: list[Any]) -> list[Any]:
        """The arguments of a line, each off by its error, and its change by an error of its own."""
        moved, node = [], self._nodes[position]
        for index, argument in enumerate(node.args):
            arg = args[index]
            if self._nodes[argument].dtype in CONTINUOUS:
                edge, contribution = (
                    self._edges[position][index],
                    self._contributions[position][index],
                )
                if edge is not None:
                    arg = arg + (edge if is_of_matrices(node.op) else arg * edge)
                if contribution is not None:
                    arg = arg + self._change(argument, args[index]) * contribution
            moved.append(arg)
        return moved

    def result(self, position: int, value: Any, args: list[Any]) -> Any:
        """The result of a line, off by its error."""
        off, tilt = self._results[position], self._tilts[position]
        if tilt is not None:
            off = off + tilt * self._displacement(position, args)
        return value if off is None else value + value * off

    def _displacement(self, position: int, args: list[Any]) -> Any:
        """How far the arguments are from the point, in lengths over which a function changes."""
        pairs = [
            (argument, given)
            for argument, given in zip(self._nodes[position].args, args, strict=True)
            if self._nodes[argument].dtype in CONTINUOUS
        ]
        found = sum(
            self._change(argument, given) / self._scales[argument] for argument, given in pairs
        )
        is_part = self._nodes[position].dtype == FLOAT and any(
            self._nodes[argument].dtype == COMPLEX for argument, _ in pairs
        )
        return _each(self._context.re, found) if is_part else found

    def _change(self, argument: int, given: Any) -> Any:
        """How far a line is from its value at the point; 0 where that is infinite."""
        import numpy as np

        change, is_finite = given - self._lines[argument], self._finite[argument]
        if np.ndim(change):
            change[~is_finite] = 0
            return change
        return change if is_finite else 0


def _each(function: Any, line: Any) -> Any:
    """A function of each element."""
    import numpy as np

    if not np.ndim(line):
        return function(line)
    return np.frompyfunc(function, 1, 1)(line)


def _truths(found: Any) -> Any:
    return found.astype(bool) if hasattr(found, "astype") else found


def _norm(line: Any) -> Any:
    """The largest size in each matrix of a stack, or in a vector."""
    axes = tuple(range(-min(line.ndim, 2), 0))
    return abs(line).max(axis=axes, keepdims=True, initial=0)


def _scale(x: Any) -> Any:
    size = abs(x)
    return size if size > SATURATED else 1


def _is_inexact(node: Node) -> bool:
    """Whether a line is a function of numbers that libraries do not round correctly."""
    return of_result(node) > OF_OPERATOR and OPERATIONS[node.op].is_elementwise


def of_result(node: Node) -> float:
    """By how many half ulps the result of a line may be off."""
    if node.op in (INPUT, CONSTANT) or node.dtype not in CONTINUOUS or OPERATIONS[node.op].is_view:
        return 0.0
    spelling = spelled(node.op)
    if spelling is None or not OPERATIONS[node.op].is_elementwise:
        return OF_FUNCTION
    if spelling.form in ("infix", "prefix"):
        return OF_OPERATOR
    return OF_SPECIAL if is_special(spelling) else OF_FUNCTION


def _of_argument(node: Node, *, sweep: bool) -> float:
    """By how many half ulps the arguments of a line count as off."""
    error = of_result(node)
    if error == OF_SPECIAL:
        return OF_SPECIAL_ARGUMENT
    if is_of_matrices(node.op):
        return OF_MATRICES
    if error and not OPERATIONS[node.op].is_elementwise:
        return OF_FUNCTION
    return OF_OPERATOR if error and (sweep or error > OF_OPERATOR) else 0.0
