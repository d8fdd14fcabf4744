"""Triangles and diagonals of matrices on the last two axes.

Rules and lowerings choose elements by their places, which every target can write. A target that has
words for these is given the operations below once all else is settled: see `emit.idioms`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any  # parameters

from symdiff.graph.node import INT
from symdiff.graph.shape import Shape
from symdiff.ops import exact, sparsity
from symdiff.ops.arithmetic import add, subtract
from symdiff.ops.control import less_equal, where
from symdiff.ops.creation import arange, arange_, as_float64
from symdiff.ops.handle import Handle, Maker
from symdiff.ops.indexing import index, lifted, put, whole
from symdiff.ops.operation import FIRST, Linear, Operation
from symdiff.ops.reduction import broadcast, broadcast_to
from symdiff.ops.structural import Pattern, reshape, reshaped

ON_DIAGONAL: Pattern = (("array", 0), ("array", 1))


def is_below(a: Handle, offset: int) -> Handle:
    """Where an element stands so far above the diagonal, at most."""
    m, n = a.shape[-2:]
    rows = broadcast_to(reshaped(arange(a, m), (m, 1)), (m, n))
    columns = broadcast_to(arange(a, n), (m, n))
    shifted = rows if not offset else rows + Handle(a.builder, a.builder.full(offset, (m, n), INT))
    return broadcast_to(columns <= shifted, a.shape)


def lower(a: Handle, offset: int = 0) -> Handle:
    """The lower triangle, up to a diagonal so far above the main one."""
    return where(is_below(a, offset), a, 0.0)


def upper(a: Handle, offset: int = 0) -> Handle:
    """The upper triangle, from a diagonal so far above the main one."""
    return where(is_below(a, offset - 1), 0.0, a)


# --- what a line is ------------------------------------------------------------------------------


def offset_of(b: Maker, condition: int) -> int | None:
    """The k for which a condition is `is_below(a, k)`; `None` for any other."""
    node = b.nodes[condition]
    while node.op == broadcast.name:
        node = b.nodes[node.args[0]]
    if node.op != less_equal.name:
        return None
    columns, rows = (_counter(b, argument) for argument in node.args)
    if columns is None or rows is None or columns[0] or not rows[0]:
        return None
    offset = rows[1] - columns[1]
    return int(offset) if offset.is_integer() else None


def _counter(b: Maker, position: int) -> tuple[bool, float] | None:
    """Whether a line counts rows, else columns, and what is added to their numbers."""
    is_row, offset, node = False, 0.0, b.nodes[position]
    while node.op != arange_.name:
        if node.op in (add.name, subtract.name) and node.args[1] in b.constants:
            number = b.constants[node.args[1]]
            offset += number if node.op == add.name else -number
        elif node.op == reshape.name:
            is_row = node.shape[-1] == 1
        elif node.op not in (broadcast.name, as_float64.name):
            return None
        node = b.nodes[node.args[0]]
    return is_row, offset


def is_diagonal(b: Maker, args: tuple[int, ...], pattern: Pattern, shape: tuple[Any, ...]) -> bool:
    """Whether an index or a write is that of all of the diagonal of a square matrix."""
    if pattern != ON_DIAGONAL or len(set(args)) != 1 or len(set(shape)) != 1:
        return False
    places = b.nodes[args[0]]
    return places.op == arange_.name and places.shape == shape[:1]


# --- words for them ------------------------------------------------------------------------------


def _triangle(name: str, doc: str, chosen: Callable[[Handle, int], Handle]) -> Operation:
    def exact(mp: Any, offset: int, x: Any) -> Any:
        import numpy as np

        return getattr(np, name)(x, offset)

    record = Operation(
        name,
        doc,
        1,
        Linear(lambda t, x, *, offset: (record(t, params=(offset,)),)),
        expand=chosen,
        exact=exact,
        sparsity=sparsity.moved,
        shape=lambda shapes, params: shapes[0],
        dtype=FIRST,
        batch=lambda args, batched, params, length: record(
            *lifted(args, batched, length), params=params
        ),
        params=("offset",),
        takes_complex=True,
        is_internal=True,
    )
    return record


tril = _triangle("tril", "The lower triangle, up to a diagonal so far above the main one.", lower)
triu = _triangle("triu", "The upper triangle, from a diagonal so far above the main one.", upper)


def _on_diagonals(stack: Shape) -> Pattern:
    return (*map(whole, stack), *ON_DIAGONAL)


def _diagonal(x: Handle) -> Handle:
    places = arange(x, x.shape[-1])
    return index(x, places, places, params=(_on_diagonals(x.shape[:-2]),))


def _diagonal_matrix(v: Handle) -> Handle:
    places = arange(v, v.shape[-1])
    zeros = Handle(v.builder, v.builder.full(0.0, (*v.shape, v.shape[-1]), v.dtype))
    return put(zeros, v, places, places, params=(_on_diagonals(v.shape[:-1]),))


diagonal: Operation = Operation(
    "diagonal",
    "The elements on the diagonal of a square matrix.",
    1,
    Linear(lambda t, x: (diagonal_matrix(t),)),
    expand=_diagonal,
    exact=exact.of_numpy("diag"),
    shape=lambda shapes, params: shapes[0][:1],
    batch=lambda args, batched, params, length: _diagonal(*args),
    dtype=FIRST,
    is_view=True,
    is_own=False,
    takes_complex=True,
    is_internal=True,
)

diagonal_matrix: Operation = Operation(
    "diagonal_matrix",
    "The square matrix with a diagonal, and zeros beside it.",
    1,
    Linear(lambda t, v: (diagonal(t),)),
    expand=_diagonal_matrix,
    exact=exact.of_numpy("diag"),
    shape=lambda shapes, params: shapes[0] * 2,
    batch=lambda args, batched, params, length: _diagonal_matrix(*args),
    dtype=FIRST,
    takes_complex=True,
    is_internal=True,
)
