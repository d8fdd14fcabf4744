"""Identities of whole numbers, such as counters and indices: they wrap, so nothing is rounded."""

from __future__ import annotations

from symdiff.graph.node import INT
from symdiff.ops.handle import Maker
from symdiff.ops.rules.table import Table, Tried

ROWS = Table(Tried.WHOLE)


@ROWS.exact("add")
def _counted_on(b: Maker, x: int, y: int) -> int | None:
    """(i - 1) + 3 = i + 2, i + 0 = i."""
    return _moved(b, x, b.constants.get(y))


@ROWS.exact("subtract")
def _counted_back(b: Maker, x: int, y: int) -> int | None:
    """(i + 1) - 1 = i, i - 0 = i."""
    number = b.constants.get(y)
    return _moved(b, x, None if number is None else -number)


def _moved(b: Maker, x: int, number: float | None) -> int | None:
    """A whole number that is moved by another one, once more."""
    if number is None or x in b.constants:
        return None
    if number == 0.0:
        return x
    node = b.nodes[x]
    before = b.constants.get(node.args[1]) if node.op in ("add", "subtract") else None
    if before is None or b.nodes[node.args[0]].dtype != INT:
        return None
    both = number + (before if node.op == "add" else -before)
    if both == 0.0:
        return node.args[0]
    op = "add" if both > 0.0 else "subtract"
    return b.make(op, (node.args[0], b.full(abs(both), node.shape, INT)))
