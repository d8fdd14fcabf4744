"""NumPy's products of arrays: of vectors, matrices and chains of them."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any

from symdiff.errors import ShapeError
from symdiff.frontend.lowering.axes import axis_of, flattened
from symdiff.frontend.lowering.base import (
    Array,
    Value,
    as_float,
    as_line,
    cast,
    whole_number,
)
from symdiff.frontend.lowering.einsum import product_of
from symdiff.frontend.lowering.elementwise import multiply, operate
from symdiff.frontend.lowering.registry import LOWERINGS
from symdiff.graph.node import FLOAT
from symdiff.ops import arithmetic, linalg
from symdiff.ops.builder import Builder
from symdiff.ops.complex_numbers import conjugated
from symdiff.ops.contraction import LETTERS
from symdiff.ops.handle import Handle
from symdiff.ops.indexing import sliced
from symdiff.ops.joining import concatenated
from symdiff.ops.reduction import with_axes
from symdiff.ops.structural import reshaped, transposed

# --- products over one axis --------------------------------------------------------------------


def _not_scalars(name: str, *args: Handle) -> None:
    if any(x.ndim == 0 for x in args):
        raise ShapeError(f"{name} of a number is not defined: it takes arrays")


@LOWERINGS.named("matmul", "linalg.matmul")
def matmul(x1: Array, x2: Array, /) -> Handle:
    """The product of matrices, of stacks of them, and of vectors."""
    _not_scalars("matmul", x1, x2)
    left, right = ("...ik" if x1.ndim > 1 else "k"), ("...kj" if x2.ndim > 1 else "k")
    result = "..." + "i" * (x1.ndim > 1) + "j" * (x2.ndim > 1)
    return product_of(f"{left},{right}->{result}", x1, x2)


@LOWERINGS.named("dot")
def dot(builder: Builder, /, a: Array, b: Array) -> Handle:
    """The sum of products over the last axis of one and the last but one of the other."""
    if a.ndim == 0 or b.ndim == 0:
        return multiply(builder, a, b)
    first, second = LETTERS[: a.ndim], LETTERS[a.ndim : a.ndim + b.ndim]
    shared = first[-1]
    second = second[:-2] + shared + second[-1] if b.ndim > 1 else shared
    result = first[:-1] + second.replace(shared, "")
    return product_of(f"{first},{second}->{result}", a, b)


@LOWERINGS.named("vdot")
def vdot(a: Array, b: Array) -> Handle:
    """The sum of the products of all elements, those of the first conjugated."""
    return product_of("i,i->", conjugated(flattened(a)), flattened(b))


@LOWERINGS.named("inner")
def inner(builder: Builder, /, a: Array, b: Array) -> Handle:
    """The sum of products over the last axes."""
    if a.ndim == 0 or b.ndim == 0:
        return multiply(builder, a, b)
    first, second = LETTERS[: a.ndim], LETTERS[a.ndim : a.ndim + b.ndim - 1] + LETTERS[a.ndim - 1]
    return product_of(f"{first},{second}->{first[:-1]}{second[:-1]}", a, b)


@LOWERINGS.named("outer")
def outer(a: Array, b: Array) -> Handle:
    """All products of two elements."""
    return product_of("i,j->ij", flattened(a), flattened(b))


@LOWERINGS.named("linalg.outer")
def linalg_outer(x1: Array, x2: Array, /) -> Handle:
    """All products of the elements of two vectors."""
    if x1.ndim != 1 or x2.ndim != 1:
        raise ShapeError("linalg.outer takes two vectors")
    return outer(x1, x2)


@LOWERINGS.named("vecdot", "linalg.vecdot")
def vecdot(x1: Array, x2: Array, /, *, axis: int = -1) -> Handle:
    """The products of vectors that stand along an axis, the first conjugated."""
    x, y = conjugated(_moved_last(x1, axis)), _moved_last(x2, axis)
    return product_of("...i,...i->...", x, y)


def _moved_last(x: Handle, axis: int) -> Handle:
    at = axis_of(x, axis)
    return transposed(x, (*[a for a in range(x.ndim) if a != at], at))


@LOWERINGS.named("matvec")
def matvec(x1: Array, x2: Array, /) -> Handle:
    """The products of matrices and vectors."""
    return product_of("...ij,...j->...i", x1, x2)


@LOWERINGS.named("vecmat")
def vecmat(x1: Array, x2: Array, /) -> Handle:
    """The products of vectors and matrices."""
    return product_of("...i,...ij->...j", x1, x2)


@LOWERINGS.named("tensordot", "linalg.tensordot")
def tensordot(a: Array, b: Array, axes: Any = 2) -> Handle:
    """The sum of products over pairs of axes."""
    left, right = _paired_axes(a, b, axes)
    first = list(LETTERS[: a.ndim])
    second = list(LETTERS[a.ndim : a.ndim + b.ndim])
    for one, other in zip(left, right, strict=True):
        second[other] = first[one]
    kept = [letter for axis, letter in enumerate(first) if axis not in left]
    kept += [letter for axis, letter in enumerate(second) if axis not in right]
    text = f"{''.join(first)},{''.join(second)}->{''.join(kept)}"
    return product_of(text, a, b)


def _paired_axes(x: Handle, y: Handle, axes: Any) -> tuple[list[int], list[int]]:
    if isinstance(axes, (tuple, list)):
        left, right = [one if isinstance(one, (tuple, list)) else [one] for one in axes]
        if len(left) != len(right):
            raise ShapeError("tensordot needs as many axes of the one as of the other")
        return [axis_of(x, axis) for axis in left], [axis_of(y, axis) for axis in right]
    count = operator.index(axes)
    if count > min(x.ndim, y.ndim):
        raise ShapeError(f"tensordot over {count} axes needs arrays that have them")
    return list(range(x.ndim - count, x.ndim)), list(range(count))


@LOWERINGS.named("kron")
def kron(builder: Builder, /, a: Array, b: Array) -> Handle:
    """The product of Kronecker: each element of one times the whole other."""
    ndim = max(a.ndim, b.ndim)
    a, b = with_axes(a, 0, ndim - a.ndim), with_axes(b, 0, ndim - b.ndim)
    shape = tuple(m * n for m, n in zip(a.shape, b.shape, strict=True))
    apart = reshaped(a, tuple(n for length in a.shape for n in (length, 1)))
    within = reshaped(b, tuple(n for length in b.shape for n in (1, length)))
    return reshaped(multiply(builder, apart, within), shape)


# --- cross products ----------------------------------------------------------------------------


@LOWERINGS.named("cross")
def cross(
    a: Array,
    b: Array,
    axisa: int = -1,
    axisb: int = -1,
    axisc: int = -1,
    axis: int | None = None,
) -> Handle:
    """The vector product; of vectors of two numbers the third component alone."""
    if axis is not None:
        axisa = axisb = axisc = axis
    x = _moved_last(a, axisa)
    y = _moved_last(b, axisb)
    for vectors in (x, y):
        if vectors.shape[-1] not in (2, 3):
            raise ShapeError(f"cross takes vectors of 2 or 3 numbers, not of {vectors.shape[-1]}")
    p, q = _components(x), _components(y)
    if len(p) == len(q) == 2:
        return _turn(p, q, 0, 1)
    parts = [_turn(p, q, *pair) for pair in ((1, 2), (2, 0), (0, 1))]
    joined = concatenated([with_axes(part, part.ndim, 1) for part in parts], parts[0].ndim)
    at = axis_of(joined, axisc)
    order = list(range(joined.ndim - 1))
    order.insert(at, joined.ndim - 1)
    return transposed(joined, order)


def _components(x: Handle) -> list[Handle]:
    count = whole_number(x.shape[-1], "a vector product")
    return [reshaped(sliced(x, x.ndim - 1, k, 1), x.shape[:-1]) for k in range(count)]


def _turn(p: Sequence[Handle], q: Sequence[Handle], i: int, j: int) -> Handle:
    """p[i]*q[j] - p[j]*q[i], where what is not there is 0."""
    first, second = [
        operate(arithmetic.multiply, p[one], q[other]) if one < len(p) and other < len(q) else None
        for one, other in ((i, j), (j, i))
    ]
    if first is None:
        assert second is not None  # one of the vectors has three numbers
        return -second
    return first if second is None else first - second


@LOWERINGS.named("linalg.cross")
def linalg_cross(x1: Array, x2: Array, /, *, axis: int = -1) -> Handle:
    """The vector product of vectors of three numbers."""
    if x1.shape[axis_of(x1, axis)] != 3 or x2.shape[axis_of(x2, axis)] != 3:
        raise ShapeError("linalg.cross takes vectors of 3 numbers")
    return cross(x1, x2, axis=axis)


# --- chains of matrices ------------------------------------------------------------------------


@LOWERINGS.named("linalg.multi_dot")
def multi_dot(b: Builder, arrays: Sequence[Value]) -> Handle:
    """The product of several matrices, in the order that takes the fewest multiplications."""
    chain = [as_line(b, value) for value in arrays]
    if len(chain) < 2:
        raise ShapeError("multi_dot needs two matrices or more")
    names = [LETTERS[k : k + 2] for k in range(len(chain))]
    names[0] = names[0][2 - chain[0].ndim :]
    names[-1] = names[-1][: chain[-1].ndim]
    result = (names[0][0] if chain[0].ndim == 2 else "") + (
        names[-1][-1] if chain[-1].ndim == 2 else ""
    )
    return product_of(f"{','.join(names)}->{result}", *chain)


@LOWERINGS.named("linalg.matrix_power")
def matrix_power(a: Array, n: int) -> Handle:
    """A square matrix to a whole power, by repeated squaring."""
    power = operator.index(n)
    if a.ndim < 2 or a.shape[-1] != a.shape[-2]:
        raise ShapeError("matrix_power takes a square matrix")
    if power == 0:
        unit = linalg.identity_like(a)
        return unit if a.dtype == FLOAT else cast(unit, a.dtype)
    if power < 0:
        a, power = linalg.inverse(as_float(a)), -power
    result: Handle | None = None
    while True:
        if power % 2:
            result = a if result is None else matmul(result, a)
        power //= 2
        if not power:
            break
        a = matmul(a, a)
    assert result is not None  # the highest bit is 1
    return result
