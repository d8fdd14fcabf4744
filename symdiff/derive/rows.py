"""Rows: lines that have a row for each of the data, and lines that add rows up.

A walk over the graph: a line either carries the named dimension in one axis, and then each of its
rows comes from the same row of its arguments, or it is a sum over the dimension, or it is free of
it, or it is computed of such sums.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from symdiff.errors import UnsupportedError
from symdiff.graph.graph import Graph
from symdiff.graph.node import BOOL, CONSTANT, INPUT, Node
from symdiff.graph.shape import Dim, named, size
from symdiff.ops.contraction import contract
from symdiff.ops.creation import arange_, length_
from symdiff.ops.indexing import index, whole
from symdiff.ops.joining import concatenate, stack
from symdiff.ops.loops import scan
from symdiff.ops.operation import Raises
from symdiff.ops.reduction import broadcast, sum_
from symdiff.ops.registry import OPERATIONS
from symdiff.ops.structural import reshape, transpose

FREE, ROWS, HEAD = "free", "rows", "head"  # of the rows; a row each; computed of totals
_NUMBERS = "numbers"  # of the rows: `arange(N)`, which stands as an index alone
_MOVES = (broadcast.name, concatenate.name, stack.name, transpose.name, reshape.name)
_ALIKE = (INPUT, CONSTANT, broadcast.name, arange_.name)  # without rows among their arguments
_OF_SHAPES = (INPUT, broadcast.name, reshape.name, stack.name, index.name, arange_.name)


class Line(NamedTuple):
    """What a line is.

    Attributes:
        kind: `FREE`, `ROWS` or `HEAD`.
        axis: that of the rows.
        is_total: whether it is a sum over the rows.
    """

    kind: str
    axis: int = 0
    is_total: bool = False


def lines_of_rows(graph: Graph, length: str) -> list[Line]:
    """What each line is.

    Args:
        graph: the lines.
        length: the named dimension of the rows.

    Raises:
        UnsupportedError: for the first operation that couples rows, with its place.
    """
    walk, lines = _Walk(graph, length), list[Line]()
    for at, node in enumerate(graph.nodes):
        lines.append(walk.line(at, node, [lines[k] for k in node.args]))
    return lines


class _Walk:
    """One run over a graph."""

    def __init__(self, graph: Graph, length: str) -> None:
        self.graph, self.length = graph, length

    def line(self, at: int, node: Node, args: Sequence[Line]) -> Line:
        """What a line is, by its arguments.

        Raises:
            UnsupportedError: where it couples rows.
        """
        axis = self._axis_of(at)
        kinds = {line.kind for line in args}
        if isinstance(getattr(OPERATIONS.get(node.op), "derivative", None), Raises):
            raise self._refused(at, "raises an error")
        if node.op == length_.name:
            return Line(FREE)
        if any(map(self._speaks_of_rows, node.params)) and node.op not in _OF_SHAPES:
            raise self._refused(at, "counts the rows of a chunk")
        if HEAD in kinds:
            if axis is not None or kinds & {ROWS, _NUMBERS}:
                raise UnsupportedError(
                    "a result over all rows goes into each row, as a batch statistic does, so the "
                    "loss is not separable over the rows",
                    span=self.graph.spans.get(at),
                    suggestion="compute it beforehand and pass it in",
                )
            return Line(HEAD)
        if not kinds & {ROWS, _NUMBERS}:
            if axis is None:
                return Line(FREE)
            if node.op not in _ALIKE:
                raise self._refused(at, "couples rows")
            return Line(_NUMBERS if node.op == arange_.name else ROWS, axis)
        if axis is not None and node.op == index.name and self._indexes_rows(node, args):
            return Line(ROWS, axis)
        if _NUMBERS in kinds:
            if axis is not None and node.op in _MOVES and self._keeps_rows(node, args, axis):
                return Line(_NUMBERS, axis)
            raise self._refused(at, "tells the rows apart by their numbers")
        if axis is not None and self._keeps_rows(node, args, axis):
            return Line(ROWS, axis)
        if axis is None and _adds_rows(node, args):
            return Line(HEAD, is_total=True)
        raise self._refused(at, "couples rows")

    def _speaks_of_rows(self, param: Any) -> bool:
        """Whether a parameter holds the number of rows, as lengths and graphs do."""
        if isinstance(param, Dim):
            return self.length in param.names
        if isinstance(param, tuple):
            return any(map(self._speaks_of_rows, param))
        inner = getattr(param, "graph", None)
        if not isinstance(inner, Graph):
            return False
        return any(self._speaks_of_rows((*node.shape, *node.params)) for node in inner)

    def _axis_of(self, at: int) -> int | None:
        """The axis of the rows in a line's shape."""
        shape = self.graph[at].shape
        found = [
            axis for axis, n in enumerate(shape) if isinstance(n, Dim) and self.length in n.names
        ]
        if not found:
            return None
        if len(found) > 1 or shape[found[0]] != named(self.length):
            raise self._refused(at, "has pairs, parts or other numbers of rows")
        return found[0]

    def _keeps_rows(self, node: Node, args: Sequence[Line], axis: int) -> bool:
        """Whether each row of the result comes from the same row of the arguments."""
        record = OPERATIONS[node.op]
        shape = self.graph[node.args[0]].shape
        if node.op == reshape.name:
            return size(shape[: args[0].axis]) == size(node.shape[:axis])
        if record.is_elementwise or node.op in _MOVES:
            return True
        if node.op == contract.name:
            return len(_letters(node, args)) == 1
        if "axes" in record.params or "axis" in record.params:
            given = node.params[record.params.index("axes" if "axes" in record.params else "axis")]
            axes = given if isinstance(given, tuple) else (given,)
            return len(args) == 1 and args[0].axis not in [a % len(shape) for a in axes]
        return False

    def _indexes_rows(self, node: Node, args: Sequence[Line]) -> bool:
        """Whether an index takes of each row what that row says.

        `X[:, 2]`, `X[:, places]`; `table[labels]`; `X[arange(N), labels]`.
        """
        first, *indices = args
        if first.kind == FREE:
            return all(line.kind != _NUMBERS for line in indices)
        if first.kind == _NUMBERS:
            return False
        entry = [entry for entry in node.params[0] if entry[0] != "new"][first.axis]
        if entry[0] == "array":
            return (
                indices[entry[1]].kind == _NUMBERS and sum(x.kind == _NUMBERS for x in indices) == 1
            )
        is_free = all(line.kind == FREE for line in indices)
        return is_free and bool(entry == whole(named(self.length)))

    def _refused(self, at: int, why: str) -> UnsupportedError:
        return refused(self.graph, at, why)


def _letters(node: Node, args: Sequence[Line]) -> set[str]:
    """The letters that the rows have among the arguments of a contraction."""
    parts = node.params[0].partition("->")[0].split(",")
    pairs = zip(parts, args, strict=True)
    return {letters[line.axis] for letters, line in pairs if line.kind == ROWS}


def _adds_rows(node: Node, args: Sequence[Line]) -> bool:
    """Whether a line is a sum over the rows."""
    if node.dtype == BOOL:
        return False
    if node.op == sum_.name:
        return args[0].axis in node.params[0]
    return node.op == contract.name and len(_letters(node, args)) == 1


_WORDS = {
    contract.name: "a product",
    index.name: "an index",
    scan.name: "a loop",
}  # for what has no name of users'


def refused(graph: Graph, at: int, why: str) -> UnsupportedError:
    """What a line does that rows apart from each other cannot have."""
    op = graph[at].op
    return UnsupportedError(
        f"{_WORDS.get(op, repr(op))} {why}, so the loss is not separable over the rows",
        span=graph.spans.get(at),
        suggestion="write the loss as sums and means over rows",
    )
