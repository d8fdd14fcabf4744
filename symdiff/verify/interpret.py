"""Interpreters of graphs: one loop over the lines, and a domain that computes each of them.

A number is bare, as NumPy's results without axes are; what has axes is an array of NumPy's.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol  # mpmath has no types; a function of a library takes what it takes

from symdiff.graph.graph import Graph
from symdiff.graph.node import CONSTANT, CONTINUOUS, INPUT, Node
from symdiff.graph.shape import Shape
from symdiff.ops.creation import stop
from symdiff.ops.exact import OfMatrices
from symdiff.ops.operation import Multilinear
from symdiff.ops.registry import OPERATIONS

Function = Callable[..., Any]
Lines = list[Any]

ON_MATRICES = 10  # operations on an element for each row: elimination, iterations
FLOAT_KINDS = "fc"  # NumPy's letters for float and complex numbers


class Domain(Protocol):
    """What numbers are, and what operations do with them."""

    def given(self, node: Node, value: Any) -> Any:
        """The value of an input."""

    def constant(self, node: Node) -> Any:
        """The value of a line that is a constant."""

    def function(self, node: Node, shapes: Sequence[Shape]) -> Function:
        """What computes a line from its arguments, which have these shapes.

        Raises:
            UnsupportedError: naming an operation that the domain lacks.
        """


class Disturbance(Protocol):
    """A model of rounding errors: what becomes of the arguments and of the result of a line."""

    def arguments(self, position: int, args: list[Any]) -> list[Any]:
        """The arguments to go on with."""

    def result(self, position: int, value: Any, args: list[Any]) -> Any:
        """The result to go on with."""


class Interpreter:
    """A graph in a domain, made once for many points.

    Args:
        graph: without named dimensions and loops.
        domain: see `Exact`, `Floats` and `Complex`.

    Raises:
        UnsupportedError: naming an operation that the domain lacks.
    """

    def __init__(self, graph: Graph, domain: Domain) -> None:
        self.graph = graph
        self._domain = domain
        self._functions: list[Function | None] = []
        self._numbers: dict[int, Any] = {}  # constants without axes, which nothing writes into
        for node in graph.nodes:
            is_leaf = node.op in (INPUT, CONSTANT)
            shapes = [graph[argument].shape for argument in node.args]
            self._functions.append(None if is_leaf else domain.function(node, shapes))

    def lines(
        self,
        values: Mapping[str, Any],
        disturb: Disturbance | None = None,
        frozen: Sequence[Any] | None = None,
        varied: Sequence[int] | None = None,
    ) -> Lines:
        """The value of every line, without warnings.

        Args:
            values: by name, a number or an array for every input.
            disturb: a model of rounding errors.
            frozen: the lines at another point, for what is a constant to every derivative.
            varied: by position, 1 where a line is not as in `frozen`; default all.
        """
        import numpy as np

        with np.errstate(all="ignore"):
            return self._lines(values, disturb, frozen, varied)

    def _lines(
        self,
        values: Mapping[str, Any],
        disturb: Disturbance | None,
        frozen: Sequence[Any] | None,
        varied: Sequence[int] | None,
    ) -> Lines:
        lines: Lines = []
        for position, node in enumerate(self.graph.nodes):
            function = self._functions[position]
            if frozen is not None and varied is not None and not varied[position]:
                lines.append(frozen[position])
            elif node.op == INPUT:
                lines.append(self._domain.given(node, values[node.params[0]]))
            elif function is None:
                lines.append(self._constant(position, node))
            elif frozen is not None and node.op == stop.name:
                lines.append(frozen[position])
            else:
                args = [lines[argument] for argument in node.args]
                if disturb is None or node.dtype not in CONTINUOUS or not args:
                    lines.append(function(*args))
                else:
                    value = function(*disturb.arguments(position, args))
                    lines.append(disturb.result(position, value, args))
        return lines

    def _constant(self, position: int, node: Node) -> Any:
        if node.shape:
            return self._domain.constant(node)
        if position not in self._numbers:
            self._numbers[position] = self._domain.constant(node)
        return self._numbers[position]

    def outputs(self, values: Mapping[str, Any]) -> list[Any]:
        """The value of every output."""
        lines = self.lines(values)
        return [lines[at] for at in self.graph.outputs]


def lengths(node: Node) -> list[int]:
    """The shape of a line that is computed with: whole numbers all."""
    return [n for n in node.shape if isinstance(n, int)]


def is_of_matrices(op: str) -> bool:
    """Whether an operation is linear algebra: on the last two axes, by a library's algorithms."""
    return op not in (INPUT, CONSTANT) and isinstance(OPERATIONS[op].exact, OfMatrices)


def without_exact(nodes: Iterable[Node]) -> str:
    """The operation that has no formula in many digits; empty where all have one."""
    ops = (node.op for node in nodes if node.op not in (INPUT, CONSTANT))
    return next((op for op in ops if not OPERATIONS[op].exact), "")


def work(graph: Graph) -> int:
    """About how many operations on numbers one evaluation in many digits takes."""
    return sum(_work(graph, node) for node in graph.nodes)


def _work(graph: Graph, node: Node) -> int:
    sizes = [math.prod(lengths(graph[argument])) for argument in node.args]
    own = math.prod(lengths(node))
    if is_of_matrices(node.op):
        return ON_MATRICES * sizes[0] * max(lengths(graph[node.args[0]])[-2:])
    record = None if node.op in (INPUT, CONSTANT) else OPERATIONS[node.op]
    if (
        record is not None
        and not record.is_elementwise
        and isinstance(record.derivative, Multilinear)
    ):
        return math.isqrt(math.prod((own, *sizes)))  # where each letter stands in two of three
    return max([own, *sizes])
