"""Identities of triangles of matrices: which elements a condition on places chooses."""

from __future__ import annotations

from typing import Any

from symdiff.graph.node import FLOAT
from symdiff.ops.contraction import contracted
from symdiff.ops.handle import Handle, Maker
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
    if not (is_turned or node.op == "cholesky") or not _is_zero(b, rest):
        return None
    offset, last = offset_of(b, condition), len(node.shape) - 1
    if offset is None or (is_turned and node.params[0][-2:] != (last, last - 1)):
        return None
    is_kept = (factor == y and offset < 0) if is_turned else (factor == x and offset >= 0)
    return factor if is_kept else None


@ROWS.exact("where")
def _triangle_of_diagonal(b: Maker, args: Args, params: Params) -> int | None:
    """A diagonal matrix is its triangles that have the diagonal."""
    condition, x, y = args
    if not _is_zero(b, y) or diagonal_of(b, x) is None:
        return None
    offset = offset_of(b, condition)
    return x if offset is not None and offset >= 0 else None


@ROWS.algebraic("contract")
def _times_diagonal(b: Maker, args: Args, params: Params) -> int | None:
    """A product with a diagonal matrix scales rows or columns."""
    letters, out = params[0].split("->")
    parts = letters.split(",")
    for place in (0, 1):
        mine, other = parts[place], parts[1 - place]
        elements = diagonal_of(b, args[place])
        if elements is None:
            continue
        for old, new in (mine, mine[::-1]):
            if old in other and old not in out and new in out and new not in other:
                scaled, line = (Handle(b, at) for at in (args[1 - place], elements))
                return contracted(scaled, line, f"{other.replace(old, new)},{new}->{out}").at
    return None


def diagonal_of(b: Maker, position: int) -> int | None:
    """The elements of a matrix that is written as zeros with a diagonal."""
    node = b.nodes[position]
    if node.op != "put" or len(node.shape) != 2 or not _is_zero(b, node.args[0]):
        return None
    is_one = is_diagonal(b, node.args[2:], node.params[0], node.shape)
    return node.args[1] if is_one and b.nodes[node.args[1]].shape == node.shape[:1] else None


def _is_zero(b: Maker, position: int) -> bool:
    return str(b.constants.get(position)) == "0.0"


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


@ROWS.exact("put")
def _ones_on_diagonal(b: Maker, args: Args, params: Params) -> int | None:
    """Ones on the diagonal of zeros are the unit matrix."""
    base, ones, *places = args
    node = b.nodes[base]
    if not _is_zero(b, base) or b.constants.get(ones) != 1.0 or node.dtype != FLOAT:
        return None
    if not is_diagonal(b, tuple(places), params[0], node.shape):
        return None
    return b.make("unit_matrix", (), node.shape[:1])
