"""How far rounding moves a value and a derivative: every operation off by its error, at random.

Source: D. S. Parker, Monte Carlo Arithmetic, UCLA CSD-970002 (1997).
"""

from __future__ import annotations

import random
from typing import Any  # mpmath's numbers have no types

from symdiff.emit.spell.numpy import NUMPY
from symdiff.graph.graph import Graph
from symdiff.graph.node import BOOL, CONSTANT, INPUT, Node

UNIT = 2.0**-53  # half an ulp: what one rounding may cost, relative to the result
OF_OPERATOR = 1.0  # in units, as below: IEEE rounds + - * / correctly
OF_FUNCTION = 8.0  # NumPy's aim is 4 ulp
OF_SPECIAL = 128.0  # SciPy's special functions are good for 64 ulp over most of their domain,
OF_SPECIAL_ARGUMENT = 8.0  # where a change of the argument by 4 ulp does not do more
SATURATED = 40.0  # exp(-40) < UNIT: a function that levels off has done so by this argument


class Rounding:
    """One draw of the errors of a graph's operations.

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
        self, graph: Graph, lines: list[Any], context: Any, seed: str, *, sweep: bool
    ) -> None:
        self._random = random.Random(seed)
        self._context = context
        self._nodes = graph.nodes
        self._lines = lines
        self._sweep = sweep
        self._results = [self._draw(of_result(node)) for node in graph.nodes]
        self._tilts = [self._draw(of_result(node)) for node in graph.nodes]
        errors = [_of_argument(node, sweep) for node in graph.nodes]
        # a constant is exact: (-3)**2 with another exponent has no value
        self._edges = [
            [self._draw(error * (graph.nodes[at].op != CONSTANT)) for at in node.args]
            for node, error in zip(graph.nodes, errors, strict=True)
        ]
        self._contributions = [
            [self._draw(OF_OPERATOR if sweep else 0.0) for _ in node.args] for node in graph.nodes
        ]

    def _draw(self, size: float) -> Any:
        """A number near this size with a random sign, without a pattern in its digits."""
        if not size:
            return 0
        sign = self._random.choice((-1, 1))
        return sign * size * UNIT * self._context.sqrt(self._random.uniform(0.25, 1.0))

    def arguments(self, position: int, args: list[Any]) -> list[Any]:
        """The arguments of a line, each off by its error, and its change by an error of its own."""
        moved = []
        for index, argument in enumerate(self._nodes[position].args):
            arg, exact = args[index], self._lines[argument]
            edge, contribution = self._edges[position][index], self._contributions[position][index]
            if not isinstance(arg, bool):
                if edge:
                    arg += arg * edge
                if contribution and self._context.isfinite(exact):
                    arg += (args[index] - exact) * contribution
            moved.append(arg)
        return moved

    def result(self, position: int, value: Any, args: list[Any]) -> Any:
        """The result of a line, off by its error."""
        off = self._results[position]
        if not off:
            return value
        if self._sweep and abs(off) > OF_OPERATOR * UNIT:
            off += self._tilts[position] * self._displacement(position, args)
        return value + value * off

    def _displacement(self, position: int, args: list[Any]) -> Any:
        """How far the arguments are from the point, in lengths over which a function changes."""
        total = 0
        for argument, given in zip(self._nodes[position].args, args, strict=True):
            if isinstance(given, bool):
                continue
            size = abs(self._lines[argument])
            total += (given - self._lines[argument]) / (size if size > SATURATED else 1)
        return total


def of_result(node: Node) -> float:
    """By how many half ulps the result of a line may be off."""
    if node.op in (INPUT, CONSTANT) or node.dtype == BOOL:
        return 0.0
    spelling = NUMPY.find(node.op)
    if spelling is None:
        return OF_FUNCTION
    if spelling.form != "call":
        return OF_OPERATOR
    return OF_SPECIAL if "special." in spelling.text + spelling.source else OF_FUNCTION


def _of_argument(node: Node, sweep: bool) -> float:  # noqa: FBT001
    """By how many half ulps the arguments of a line count as off."""
    error = of_result(node)
    if error == OF_SPECIAL:
        return OF_SPECIAL_ARGUMENT
    return OF_OPERATOR if error and (sweep or error > OF_OPERATOR) else 0.0
