"""Blocks of rows: bodies whose results are sums or means over rows that stand apart.

Such a body is called with some rows at a time: what it works with then fits into the cache, and
threads share the blocks.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from symdiff.derive.rows import FREE, HEAD, ROWS, Line, lines_of_rows
from symdiff.errors import UnsupportedError
from symdiff.graph.graph import Graph
from symdiff.graph.node import CONSTANT, INPUT, Node, constant_value
from symdiff.graph.shape import Dim, Dimension
from symdiff.ops.arithmetic import divide
from symdiff.ops.contraction import contract
from symdiff.ops.creation import length_
from symdiff.ops.operation import Linear, Multilinear
from symdiff.ops.registry import OPERATIONS


class RowBlocks(NamedTuple):
    """How a body is called with blocks.

    Attributes:
        rows: the numbers of the arguments that have a row each, in their first axis.
        are_means: whether results are means over the rows, else sums.
    """

    rows: tuple[int, ...]
    are_means: bool


def row_blocks(graph: Graph, lengths: Sequence[str]) -> RowBlocks | None:
    """How a body is called with blocks of rows, or `None` where it is not.

    Args:
        graph: the body.
        lengths: its named dimensions.
    """
    for length in lengths:
        try:
            lines = lines_of_rows(graph, length)
        except UnsupportedError:
            continue
        found = _blocks(graph, lines, length)
        if found is not None:
            return found
    return None


def _blocks(graph: Graph, lines: Sequence[Line], length: str) -> RowBlocks | None:
    rows = [number for number, at in enumerate(graph.inputs) if lines[at].kind == ROWS]
    if any(lines[graph.inputs[number]].axis for number in rows) or not _pays(graph, lines):
        return None
    kinds = {lines[at].kind for at in graph.outputs}
    if HEAD not in kinds or not kinds <= {FREE, HEAD}:
        return None  # nothing is added up, or a result has a row each
    powers = _powers(graph, lines, length)
    found = {_of_totals(powers[at], lines[at].kind) for at in graph.outputs}
    if len(found) > 1 or not found <= {0, -1}:
        return None
    return RowBlocks(tuple(rows), are_means=found == {-1})


def _pays(graph: Graph, lines: Sequence[Line]) -> bool:
    """Whether rows are computed with, and not by products with matrices.

    For these NumPy has threads of its own, and two threads that wait for them take longer than one.
    """
    pairs = list(zip(graph.nodes, lines, strict=True))
    computes = any(line.kind == ROWS and node.op not in (INPUT, CONSTANT) for node, line in pairs)
    of_matrices = (
        any(lines[at].kind == ROWS for at in node.args)
        for node in graph.nodes
        if node.op == contract.name and any(len(graph[at].shape) > 1 for at in node.args)
    )
    return computes and not any(of_matrices)


# --- powers of the number of rows ----------------------------------------------------------------


def _powers(graph: Graph, lines: Sequence[Line], length: str) -> list[int | None]:
    """By position, the power of the number of rows that a line is proportional to.

    Beside its own sums over them. `None` where it is no such thing, or no sum of rows.
    """
    found: list[int | None] = []
    for at, node in enumerate(graph.nodes):
        if node.op == length_.name:
            found.append(_of_length(node.params[0], length))
            continue
        args = [found[k] for k in node.args]
        known = [power for power in args if power is not None]
        found.append(
            _power(graph, lines, node, known, lines[at].kind) if len(known) == len(args) else None
        )
    return found


def _power(
    graph: Graph, lines: Sequence[Line], node: Node, args: Sequence[int], kind: str
) -> int | None:
    """The power of a line by those of its arguments."""
    kinds = [lines[k].kind for k in node.args]
    match getattr(OPERATIONS.get(node.op), "derivative", None):
        case Linear(count=count):
            if any(args[count:] if count is not None else ()):
                return None
            pairs = list(zip(args, kinds, node.args, strict=True))[:count]
            parts = [(power, kind) for power, kind, k in pairs if not _is_zero(graph[k])]
            if kind != HEAD:
                return _only({power for power, _ in parts} or {0})
            return _only({_of_totals(power, kind) for power, kind in parts})
        case Multilinear() if kinds.count(HEAD) <= 1:
            return sum(args)
        case _ if node.op == divide.name and kinds[1] != HEAD:
            return args[0] - args[1]
    return 0 if kind != HEAD and not any(args) else None


def _of_length(asked: Dimension, length: str) -> int | None:
    """The power of a length: of `2 * N * M` it is 1, and `N - 1` is no power of N."""
    terms = asked.terms if isinstance(asked, Dim) else ()
    return _only({names.count(length) for names, _ in terms} or {0})


def _of_totals(power: int | None, kind: str) -> int | None:
    """The power of a line as a sum over rows: what is free of them is that of its parts."""
    return power - 1 if power is not None and kind == FREE else power


def _only(powers: set[int | None] | set[int]) -> int | None:
    return powers.pop() if len(powers) == 1 else None


def _is_zero(node: Node) -> bool:
    return node.op == CONSTANT and constant_value(node) == 0.0
