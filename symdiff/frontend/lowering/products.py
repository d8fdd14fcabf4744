"""NumPy's products of arrays, convolutions, polynomials, covariance and interpolation."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any

from symdiff.errors import ShapeError
from symdiff.frontend.lowering.axes import axis_of, flattened
from symdiff.frontend.lowering.base import (
    Array,
    Floats,
    Numbers,
    Value,
    as_float,
    as_line,
    cast,
    meet,
    refuse,
    whole_number,
)
from symdiff.frontend.lowering.einsum import Operand, contract_all, product_of
from symdiff.frontend.lowering.elementwise import multiply, operate, where
from symdiff.frontend.lowering.reductions import average, mean
from symdiff.frontend.lowering.registry import LOWERINGS
from symdiff.frontend.lowering.shapes import natural
from symdiff.graph.node import FLOAT
from symdiff.graph.shape import Dimension, size
from symdiff.ops import along_axis, arithmetic, control, exponential, kinks, linalg
from symdiff.ops.builder import Builder
from symdiff.ops.contraction import LETTERS
from symdiff.ops.handle import Handle
from symdiff.ops.indexing import flipped, index, sliced
from symdiff.ops.joining import concatenated
from symdiff.ops.reduction import broadcast_to, total, with_axes
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
    """The sum of the products of all elements."""
    return product_of("i,i->", flattened(a), flattened(b))


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
    """The products of vectors that stand along an axis."""
    x, y = _moved_last(x1, axis), _moved_last(x2, axis)
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


# --- convolution -------------------------------------------------------------------------------


def _vectors(name: str, *args: Handle) -> list[Handle]:
    vectors = [reshaped(x, (1,)) if x.ndim == 0 else x for x in args]
    if any(x.ndim != 1 or x.shape[0] == 0 for x in vectors):
        raise ShapeError(f"{name} takes two vectors that are not empty")
    return vectors


def _window(full: Handle, n: Dimension, m: Dimension, mode: str, *, late: bool) -> Handle:
    """The part of a full convolution of lengths n and m that a mode keeps."""
    if mode == "full":
        return full
    if mode not in ("same", "valid"):
        refuse(f"convolutions have the modes 'full', 'same' and 'valid', not {mode!r}")
    short, long = _by_length(n, m)
    if mode == "valid":
        return sliced(full, 0, short - 1, long - short + 1)
    count = whole_number(short, "the mode 'same'") - 1
    return sliced(full, 0, count - count // 2 if late else count // 2, long)


def _by_length(n: Dimension, m: Dimension) -> tuple[Dimension, Dimension]:
    """The shorter and the longer of two."""
    if n == m:
        return n, m
    what = "a convolution that is not full"
    short, long = sorted((whole_number(n, what), whole_number(m, what)))
    return short, long


@LOWERINGS.named("convolve")
def convolve(a: Numbers, v: Numbers, mode: str = "full") -> Handle:
    """The discrete convolution of two vectors."""
    x, y = _vectors("convolve", a, v)
    return _window(along_axis.convolve(x, y), x.shape[0], y.shape[0], mode, late=False)


@LOWERINGS.named("correlate")
def correlate(a: Numbers, v: Numbers, mode: str = "valid") -> Handle:
    """The cross-correlation of two vectors: a convolution by the second one backwards."""
    x, y = _vectors("correlate", a, v)
    n, m = x.shape[0], y.shape[0]
    swapped = isinstance(n, int) and (not isinstance(m, int) or m > n)
    return _window(along_axis.convolve(x, flipped(y, 0)), n, m, mode, late=swapped)


# --- polynomials -------------------------------------------------------------------------------


@LOWERINGS.named("polyval")
def polyval(b: Builder, p: Value, x: Array) -> Handle:
    """The polynomial with these coefficients, the highest first, by Horner's rule."""
    is_listed = isinstance(p, (list, tuple))
    coefficients = list(p) if is_listed else _rows(as_line(b, p))
    result: Handle | None = None
    for coefficient in coefficients:
        if result is None:
            result = meet(b, coefficient, x)[0]
        else:
            product = operate(arithmetic.multiply, result, x)
            result = operate(arithmetic.add, product, coefficient)
    if result is None:
        return operate(arithmetic.multiply, x, 0)
    return result


def _rows(x: Handle) -> list[Handle]:
    """What stands along the first axis."""
    count = whole_number(x.shape[0], "a polynomial") if x.ndim else _no_coefficients()
    return [reshaped(sliced(x, 0, k, 1), x.shape[1:]) for k in range(count)]


def _no_coefficients() -> int:
    raise ShapeError("polyval takes a sequence of coefficients, the highest first")


@LOWERINGS.named("vander")
def vander(
    b: Builder,
    x: Numbers,
    N: int | None = None,  # noqa: N803  NumPy's name
    increasing: bool = False,  # noqa: FBT001, FBT002  NumPy's own
) -> Handle:
    """The powers of each element in a row."""
    if x.ndim != 1:
        raise ShapeError("vander takes a vector")
    count = whole_number(x.shape[0], "vander") if N is None else operator.index(N)
    natural(count)
    powers = [Handle(b, b.full(1.0, x.shape, x.dtype))]
    for k in range(1, count):
        powers.append(x if k == 1 else powers[-1] * x)
    columns = [with_axes(power, 1, 1) for power in powers[:count]]
    if not columns:
        return Handle(b, b.full(0.0, (*x.shape, 0), x.dtype))
    return concatenated(columns if increasing else columns[::-1], 1)


# --- covariance --------------------------------------------------------------------------------


def _variables(b: Builder, value: Value, *, rows: bool) -> Handle:
    """A variable a row."""
    x = as_float(as_line(b, value))
    if x.ndim > 2:
        raise ShapeError("cov takes arrays of one or two dimensions")
    if x.ndim < 2:
        return reshaped(x, (1, size(x.shape)))
    return x if rows else transposed(x)


@LOWERINGS.named("cov")
def cov(
    b: Builder,
    m: Value,
    y: Value = None,
    rowvar: bool = True,  # noqa: FBT001, FBT002  NumPy's own
    bias: bool = False,  # noqa: FBT001, FBT002
    ddof: int | None = None,
    fweights: Value = None,
    aweights: Value = None,
    *,
    dtype: Any = None,
) -> Handle:
    """The matrix of covariances."""
    x = cast(_variables(b, m, rows=rowvar), dtype)
    if y is not None:
        x = concatenated([x, _second_variables(b, y, rows=rowvar)], 0)
    less = (0 if bias else 1) if ddof is None else ddof
    weights = [as_float(as_line(b, w)) for w in (fweights, aweights) if w is not None]
    w = weights[0] * weights[1] if len(weights) == 2 else next(iter(weights), None)
    average_of = mean(x, 1) if w is None else average(b, x, 1, w)
    distance = x - broadcast_to(with_axes(average_of, 1, 1), x.shape)
    other = distance if w is None else operate(arithmetic.multiply, distance, w)
    summed = product_of("ik,jk->ij", distance, other)
    divisor = _divisor(x.shape[1], w, aweights, less)
    result = operate(arithmetic.divide, summed, divisor)
    return reshaped(result, tuple(n for n in result.shape if n != 1))


def _second_variables(b: Builder, y: Value, *, rows: bool) -> Handle:
    """As NumPy has it, a single row of them is left as it is."""
    shape = as_line(b, y).shape
    is_row = len(shape) < 2 or shape[0] == 1
    return _variables(b, y, rows=rows or is_row)


def _divisor(count: Dimension, w: Handle | None, aweights: Value, less: int) -> Value:
    """The number of samples, or the sum of the weights, less the degrees of freedom."""
    if w is None:
        left = count - less
        return float(max(left, 0)) if isinstance(left, int) else left
    summed = total(w)
    if less == 0:
        return summed
    if aweights is None:
        return summed - float(less)
    both = total(operate(arithmetic.multiply, w, aweights))
    return summed - float(less) * both / summed


@LOWERINGS.named("corrcoef")
def corrcoef(
    b: Builder,
    x: Value,
    y: Value = None,
    rowvar: bool = True,  # noqa: FBT001, FBT002  NumPy's own
    *,
    dtype: Any = None,
) -> Handle:
    """The matrix of correlation coefficients, within -1 and 1."""
    c = cov(b, x, y, rowvar, dtype=dtype)
    if c.ndim == 0:
        return c / c
    spread = exponential.sqrt(contract_all([Operand(c, "ii")], "i"))
    rows = broadcast_to(with_axes(spread, 1, 1), c.shape)
    columns = broadcast_to(spread, c.shape)
    return kinks.clip(c / rows / columns, -1.0, 1.0)


# --- interpolation -----------------------------------------------------------------------------


@LOWERINGS.named("interp")
def interp(
    b: Builder,
    x: Floats,
    xp: Floats,
    fp: Floats,
    left: Value = None,
    right: Value = None,
    period: Value = None,
) -> Handle:
    """Piecewise linear interpolation, differentiable in the place, the nodes and the values."""
    if period is not None:
        refuse("interp with a period is not supported", "reduce x with np.remainder first")
    if xp.ndim != 1 or fp.shape != xp.shape:
        raise ShapeError("interp takes two vectors of one length, the nodes and their values")
    if xp.shape[0] == 0:
        raise ShapeError("interp takes at least one node")
    first, last = _end(xp, 0), _end(xp, -1)
    low = _end(fp, 0) if left is None else left
    high = _end(fp, -1) if right is None else right
    inside = _inside(x, xp, fp)
    above = operate(control.greater, x, last)
    below = operate(control.less, x, first)
    return where(b, above, high, where(b, below, low, inside))  # type: ignore[no-any-return]


def _inside(x: Handle, nodes: Handle, values: Handle) -> Handle:
    """On the line through the two nodes that are nearest."""
    count = nodes.shape[0]
    if count == 1:
        return broadcast_to(_end(values, 0), x.shape)
    found = along_axis.searchsorted(nodes, x, params=("right",))
    before = operate(kinks.clip, operate(arithmetic.subtract, found, 1), 0, count - 2)
    after = operate(arithmetic.add, before, 1)
    left, right = _taken(nodes, before), _taken(nodes, after)
    low, high = _taken(values, before), _taken(values, after)
    return (high - low) / (right - left) * (x - left) + low


def _taken(v: Handle, at: Handle) -> Handle:
    return index(v, at, params=((("array", 0),),))


def _end(v: Handle, position: int) -> Handle:
    start = 0 if position == 0 else v.shape[0] - 1
    return reshaped(sliced(v, 0, start, 1), ())
