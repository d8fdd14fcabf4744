"""Identities of triangles of matrices: which elements a condition on places chooses."""

from __future__ import annotations

from typing import Any

from symdiff.ops.handle import Maker
from symdiff.ops.rules.lines import is_zero
from symdiff.ops.rules.table import Table, Tried
from symdiff.ops.triangles import is_diagonal, offset_of

Args = tuple[int, ...]
Params = tuple[Any, ...]

ROWS = Table(Tried.SHAPED)


@ROWS.exact("where")
def _triangle_of_factor(b: Maker, args: Args, params: Params) -> int | None:
    """A factor of Cholesky has zeros above its diagonal; its transpose has them below."""
    condition, x, y = args
    factor, rest = (x, y) if b.nodes[x].op == "cholesky" else (y, x)
    node = b.nodes[factor]
    is_turned = node.op == "transpose" and b.nodes[node.args[0]].op == "cholesky"
    if not (is_turned or node.op == "cholesky") or not is_zero(b, rest):
        return None
    offset, last = offset_of(b, condition), len(node.shape) - 1
    if offset is None or (is_turned and node.params[0][-2:] != (last, last - 1)):
        return None
    is_kept = (factor == y and offset < 0) if is_turned else (factor == x and offset >= 0)
    return factor if is_kept else None


@ROWS.exact("index")
def _diagonal_of_triangles(b: Maker, args: Args, params: Params) -> int | None:
    """On the diagonal it is known which of two triangles an element belongs to."""
    x, *places = args
    node = b.nodes[x]
    if node.op != "where" or not is_diagonal(b, tuple(places), params[0], node.shape):
        return None
    offset = offset_of(b, node.args[0])
    if offset is None:
        return None
    return b.make("index", (node.args[1 if offset >= 0 else 2], *places), params)
