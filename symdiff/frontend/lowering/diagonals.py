"""NumPy's functions of diagonals and triangles."""

from __future__ import annotations

from typing import Any

from symdiff.errors import ShapeError
from symdiff.frontend.lowering.base import (
    Array,
    cast,
    plain,
    refuse,
)
from symdiff.frontend.lowering.creation import counter, filled
from symdiff.frontend.lowering.registry import LOWERINGS
from symdiff.frontend.lowering.shapes import moveaxis, natural, ravel
from symdiff.graph.node import BOOL, FLOAT
from symdiff.graph.shape import Dim, Dimension
from symdiff.ops.builder import Builder
from symdiff.ops.control import equal, greater_equal, where
from symdiff.ops.creation import unit_matrix
from symdiff.ops.handle import Handle
from symdiff.ops.indexing import index, indexed, put, whole
from symdiff.ops.operation import Operation
from symdiff.ops.reduction import broadcast_to, total
from symdiff.ops.structural import reshaped
from symdiff.ops.triangles import ON_DIAGONAL, is_below

# --- diagonals ---------------------------------------------------------------------------------


@LOWERINGS.named("diagonal")
def diagonal(b: Builder, a: Array, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Handle:
    """The elements whose two indices differ by an offset, along the last axis."""
    if a.ndim < 2:
        raise ShapeError(f"an array with {a.ndim} dimensions has no diagonal")
    a = moveaxis(a, (axis1, axis2), (-2, -1))
    shift = _known_offset(offset)
    rows, columns = a.shape[-2:]
    up, down = max(-shift, 0), max(shift, 0)
    length = _shorter(rows - up, columns - down)
    front = tuple(map(whole, a.shape[:-2]))
    square = indexed(a, (*front, ("slice", up, length, 1), ("slice", down, length, 1)))
    places = counter(b, length)
    return index(square, places, places, params=((*front, *ON_DIAGONAL),))


def _known_offset(offset: Any) -> int:
    number = plain(offset)
    if not isinstance(number, int):
        refuse("the offset of a diagonal must be known", "give it as a number")
    return number


def _shorter(one: Dimension, other: Dimension) -> Dimension:
    """The smaller of two lengths, at least 0."""
    difference = one - other
    if isinstance(difference, Dim):
        refuse(
            f"which of the lengths {one} and {other} is smaller is not known",
            "give the lengths as numbers",
        )
    least = one if difference <= 0 else other
    return max(least, 0) if isinstance(least, int) else least


@LOWERINGS.named("linalg.diagonal")
def diagonal_of_matrices(b: Builder, x: Array, /, *, offset: int = 0) -> Handle:
    """The diagonals of matrices that stand in the last two axes."""
    return diagonal(b, x, offset, -2, -1)


@LOWERINGS.named("trace")
def trace(
    b: Builder,
    a: Array,
    offset: int = 0,
    axis1: int = 0,
    axis2: int = 1,
    dtype: Any = None,
) -> Handle:
    """The sum of a diagonal."""
    x = cast(diagonal(b, a, offset, axis1, axis2), dtype)
    return total(cast(x, int) if x.dtype == BOOL else x, -1)


@LOWERINGS.named("linalg.trace")
def trace_of_matrices(b: Builder, x: Array, /, *, offset: int = 0, dtype: Any = None) -> Handle:
    """The traces of matrices that stand in the last two axes."""
    return trace(b, x, offset, -2, -1, dtype)


@LOWERINGS.named("diag")
def diag(b: Builder, v: Array, k: int = 0) -> Handle:
    """The matrix with a diagonal, or the diagonal of a matrix."""
    if v.ndim == 2:
        return diagonal(b, v, k)
    if v.ndim != 1:
        raise ShapeError(f"np.diag takes one or two dimensions, not {v.ndim}")
    shift = _known_offset(k)
    (length,) = v.shape
    places = counter(b, length)
    square = put(
        filled(b, 0.0, (length, length), v.dtype), v, places, places, params=(ON_DIAGONAL,)
    )
    if not shift:
        return square
    side = length + abs(shift)
    up, down = max(-shift, 0), max(shift, 0)
    pattern = (("slice", up, length, 1), ("slice", down, length, 1))
    return put(filled(b, 0.0, (side, side), v.dtype), square, params=(pattern,))


@LOWERINGS.named("diagflat")
def diagflat(b: Builder, v: Array, k: int = 0) -> Handle:
    """The matrix with all elements of an array on a diagonal."""
    return diag(b, ravel(v), k)


# --- triangles and the identity ----------------------------------------------------------------


@LOWERINGS.named("tril")
def tril(b: Builder, m: Array, k: int = 0) -> Handle:
    """Zero above a diagonal."""
    x = _as_matrix(m)
    return _kept(b, x, is_below(x, _known_offset(k)))


@LOWERINGS.named("triu")
def triu(b: Builder, m: Array, k: int = 0) -> Handle:
    """Zero below a diagonal."""
    x = _as_matrix(m)
    return _kept(b, x, ~is_below(x, _known_offset(k) - 1))


def _as_matrix(x: Handle) -> Handle:
    """At least two axes: NumPy repeats a single row."""
    if not x.ndim:
        raise ShapeError("a number has no triangle")
    return broadcast_to(x, (*x.shape, *x.shape)) if x.ndim == 1 else x


def _compared(b: Builder, record: Operation, rows: Dimension, columns: Dimension, k: int) -> Handle:
    """The row's number compared with the column's minus `k`, for every place of a matrix."""
    one = reshaped(counter(b, rows), (rows, 1))
    other = counter(b, columns)
    if k:
        other = other - Handle(b, b.full(k, (columns,), other.dtype))
    shape = (rows, columns)
    return record(broadcast_to(one, shape), broadcast_to(other, shape))


def _kept(b: Builder, x: Handle, mask: Handle) -> Handle:
    """`x` where a mask holds, else 0: a choice, so that no NaN is multiplied by 0."""
    if x.dtype == BOOL:
        return mask & x
    return where(mask, x, filled(b, 0.0, x.shape, x.dtype))


@LOWERINGS.named("eye")
def eye(
    b: Builder,
    N: Any,  # noqa: N803  NumPy's name
    M: Any = None,  # noqa: N803
    k: int = 0,
    dtype: Any = float,
    _order: Any = None,
    *,
    _device: Any = None,
    _like: Any = None,
) -> Handle:
    """Ones on a diagonal."""
    rows, offset = _side(N), _known_offset(k)
    columns = rows if M is None else _side(M)
    if rows == columns and not offset and (dtype or FLOAT) in (float, FLOAT):
        return Handle(b, b.make(unit_matrix.name, (), (rows,)))
    return cast(_compared(b, equal, rows, columns, offset), dtype or FLOAT)


@LOWERINGS.named("identity")
def identity(b: Builder, n: Any, dtype: Any = None, *, _like: Any = None) -> Handle:
    """The identity matrix."""
    return eye(b, n, dtype=dtype)


@LOWERINGS.named("tri")
def tri(
    b: Builder,
    N: Any,  # noqa: N803  NumPy's name
    M: Any = None,  # noqa: N803
    k: int = 0,
    dtype: Any = float,
    *,
    _like: Any = None,
) -> Handle:
    """Ones at and below a diagonal."""
    rows = _side(N)
    columns = rows if M is None else _side(M)
    return cast(_compared(b, greater_equal, rows, columns, _known_offset(k)), dtype or FLOAT)


def _side(length: Any) -> Dimension:
    found = plain(length)
    if not isinstance(found, (int, Dim)):
        refuse("the sides of a matrix must be known", "give them as numbers")
    return natural(found)
