"""What runs along an axis: cumulative sums, differences, gradients, the trapezoidal rule."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from symdiff.errors import ShapeError
from symdiff.frontend.lowering.axes import (
    Axis,
    axis_of,
    flattened,
)
from symdiff.frontend.lowering.base import (
    Array,
    Floats,
    Value,
    as_float,
    as_line,
    as_whole,
    cast,
    line,
    plain,
    refuse,
)
from symdiff.frontend.lowering.elementwise import operate
from symdiff.frontend.lowering.reductions import without_nan
from symdiff.frontend.lowering.registry import LOWERINGS
from symdiff.graph.node import BOOL
from symdiff.graph.shape import (
    size,
)
from symdiff.ops import along_axis, arithmetic, control
from symdiff.ops.builder import Builder
from symdiff.ops.handle import Handle
from symdiff.ops.indexing import sliced
from symdiff.ops.joining import concatenated
from symdiff.ops.operation import Operation
from symdiff.ops.reduction import broadcast_to, kept_axes, total
from symdiff.ops.structural import reshaped

# --- running sums, differences -----------------------------------------------------------------


def _running(record: Operation, x: Handle, axis: Axis, dtype: Any) -> Handle:
    x = as_whole(cast(x, dtype))
    if axis is None or x.ndim == 0:
        x, axis = reshaped(x, (size(x.shape),)), 0
    return record(x, params=(axis_of(x, axis),))


@LOWERINGS.named("cumsum")
@without_nan("nancumsum", 0)
def cumsum(a: Array, axis: Axis = None, dtype: Any = None) -> Handle:
    """Running sums; of all elements in a row where no axis is given."""
    return _running(along_axis.cumsum, a, axis, dtype)


@LOWERINGS.named("cumprod")
@without_nan("nancumprod", 1)
def cumprod(a: Array, axis: Axis = None, dtype: Any = None) -> Handle:
    """Running products; of all elements in a row where no axis is given."""
    return _running(along_axis.cumprod, a, axis, dtype)


@LOWERINGS.named("maximum.accumulate")
def cummax(array: Array, axis: Axis = 0) -> Handle:
    """The largest of an element and those before it; of equal ones the last has the derivative."""
    return along_axis.cummax(array, params=(axis_of(array, axis),))


@LOWERINGS.named("minimum.accumulate")
def cummin(array: Array, axis: Axis = 0) -> Handle:
    """The smallest of an element and those before it; of equal ones the last has the derivative."""
    return -cummax(-array, axis)


def _cumulative(
    record: Operation, first: float, x: Handle, axis: Axis, dtype: Any, *, initial: bool
) -> Handle:
    if axis is None and x.ndim > 1:
        raise ShapeError("an array of several axes needs axis=")
    result = _running(record, x, axis, dtype)
    if not initial:
        return result
    at = axis_of(result, 0 if axis is None else axis)
    shape = kept_axes(result.shape, (at,))
    initial_one = Handle(x.builder, x.builder.full(first, shape, result.dtype))
    return concatenated([initial_one, result], at)


@LOWERINGS.named("cumulative_sum")
def cumulative_sum(
    x: Array,
    /,
    *,
    axis: Axis = None,
    dtype: Any = None,
    include_initial: bool = False,
) -> Handle:
    """Running sums, from 0 on where the initial one is included."""
    return _cumulative(along_axis.cumsum, 0.0, x, axis, dtype, initial=include_initial)


@LOWERINGS.named("cumulative_prod")
def cumulative_prod(
    x: Array,
    /,
    *,
    axis: Axis = None,
    dtype: Any = None,
    include_initial: bool = False,
) -> Handle:
    """Running products, from 1 on where the initial one is included."""
    return _cumulative(along_axis.cumprod, 1.0, x, axis, dtype, initial=include_initial)


def _part(x: Handle, axis: int, start: int, stop: int) -> Handle:
    """What stands from `start` on and so many before the end; nothing where that is too much."""
    length = x.shape[axis] - start - stop
    if isinstance(length, int) and length < 0:
        return sliced(x, axis, 0, 0)
    return sliced(x, axis, start, length)


def _step(x: Handle, axis: int) -> Handle:
    """Each element's distance to the one before; of truths, whether they differ."""
    if isinstance(x.shape[axis], int) and x.shape[axis] == 0:
        return x
    later, earlier = _part(x, axis, 1, 0), _part(x, axis, 0, 1)
    return control.not_equal(later, earlier) if x.dtype == BOOL else later - earlier


@LOWERINGS.named("diff")
def diff(
    b: Builder, a: Array, n: int = 1, axis: int = -1, prepend: Value = None, append: Value = None
) -> Handle:
    """Differences of neighbours, n times over."""
    if n == 0:
        return a  # without what is put before and after, as NumPy has it
    at = axis_of(a, axis)
    parts = [
        value if value is a else _as_border(b, value, a, at)
        for value in (prepend, a, append)
        if value is not None
    ]
    a = concatenated(parts, at)
    for _ in range(n):
        a = _step(a, at)
    return a


def _as_border(b: Builder, value: Value, x: Handle, axis: int) -> Handle:
    """What is put before or after along an axis; a number is repeated."""
    border = as_line(b, value)
    return border if border.ndim else broadcast_to(border, kept_axes(x.shape, (axis,)))


@LOWERINGS.named("ediff1d")
def ediff1d(ary: Array, to_end: Array | None = None, to_begin: Array | None = None) -> Handle:
    """Differences of neighbours in a row, with numbers before and after."""
    parts = [_step(reshaped(ary, (size(ary.shape),)), 0)]
    if to_begin is not None:
        parts.insert(0, flattened(to_begin))
    if to_end is not None:
        parts.append(flattened(to_end))
    return concatenated(parts, 0)


@LOWERINGS.named("gradient")
def gradient(b: Builder, f: Floats, *varargs: Value, axis: Axis = None, edge_order: int = 1) -> Any:
    """Central differences inside, one-sided ones of the first or second order at the ends."""
    axes = _gradient_axes(f, axis)
    if edge_order not in (1, 2):
        refuse("edge_order is 1 or 2")
    if len(varargs) not in (0, 1, len(axes)):
        raise TypeError("gradient takes one spacing, or one for each axis")
    spacings = varargs or (1.0,)
    if len(spacings) == 1:
        spacings = spacings * len(axes)
    found = [
        _gradient_along(b, f, at, plain(spacing), edge_order)
        for at, spacing in zip(axes, spacings, strict=True)
    ]
    return found[0] if len(axes) == 1 else tuple(found)


def _gradient_axes(x: Handle, axis: Axis) -> list[int]:
    """The axes in the order in which they were given."""
    if axis is None:
        return list(range(x.ndim))
    given = axis if isinstance(axis, (tuple, list)) else [axis]
    return [axis_of(x, a) for a in given]


def _gradient_along(b: Builder, x: Handle, axis: int, spacing: Value, edge_order: int) -> Handle:
    length = x.shape[axis]
    if isinstance(length, int) and length < edge_order + 1:
        raise ShapeError(f"gradient with edge_order={edge_order} needs {edge_order + 1} elements")
    step = as_float(line(b, spacing))
    if step.ndim == 0:
        return _even_gradient(x, axis, step, edge_order)
    if step.shape != (length,):
        raise ShapeError(f"coordinates of the length {length} are wanted, not {step.shape[0]}")
    return _uneven_gradient(x, axis, _step(step, 0), edge_order)


def _even_gradient(x: Handle, axis: int, h: Handle, edge_order: int) -> Handle:
    inner = operate(arithmetic.divide, _part(x, axis, 2, 0) - _part(x, axis, 0, 2), 2.0 * h)
    if edge_order == 1:
        first = operate(arithmetic.divide, _one(x, axis, 1) - _one(x, axis, 0), h)
        last = operate(arithmetic.divide, _one(x, axis, -1) - _one(x, axis, -2), h)
        return concatenated([first, inner, last], axis)
    factors = [operate(arithmetic.divide, number, h) for number in (-1.5, 2.0, -0.5)]
    first = _combined(x, axis, factors, (0, 1, 2))
    last = _combined(x, axis, [-factor for factor in reversed(factors)], (-3, -2, -1))
    return concatenated([first, inner, last], axis)


def _one(x: Handle, axis: int, position: int) -> Handle:
    """One position of an axis, which stays; from the end where it is negative."""
    start = position if position >= 0 else x.shape[axis] + position
    return sliced(x, axis, start, 1)


def _combined(x: Handle, axis: int, factors: Sequence[Handle], positions: Sequence[int]) -> Handle:
    terms = [
        operate(arithmetic.multiply, factor, _one(x, axis, position))
        for factor, position in zip(factors, positions, strict=True)
    ]
    return terms[0] + terms[1] + terms[2]


def _uneven_gradient(x: Handle, axis: int, h: Handle, edge_order: int) -> Handle:
    """B. Fornberg, Generation of finite difference formulas on arbitrarily spaced grids (1988)."""
    before, after = _part(h, 0, 0, 1), _part(h, 0, 1, 0)
    both = before + after
    factors = [
        -(after / (before * both)),
        (after - before) / (before * after),
        before / (after * both),
    ]
    along = tuple(-1 if a == axis else 1 for a in range(x.ndim))
    parts = [_part(x, axis, start, 2 - start) for start in range(3)]
    terms = [
        operate(arithmetic.multiply, _placed(factor, along), part)
        for factor, part in zip(factors, parts, strict=True)
    ]
    inner = terms[0] + terms[1] + terms[2]
    ends = _first_order_ends if edge_order == 1 else _second_order_ends
    first, last = ends(x, axis, h)
    return concatenated([first, inner, last], axis)


def _placed(v: Handle, along: Sequence[int]) -> Handle:
    """A vector along one axis of several, marked by -1."""
    return reshaped(v, tuple(v.shape[0] if n == -1 else 1 for n in along))


def _first_order_ends(x: Handle, axis: int, h: Handle) -> tuple[Handle, Handle]:
    first = _one(x, axis, 1) - _one(x, axis, 0)
    last = _one(x, axis, -1) - _one(x, axis, -2)
    return (
        operate(arithmetic.divide, first, _number(h, 0)),
        operate(arithmetic.divide, last, _number(h, -1)),
    )


def _number(v: Handle, position: int) -> Handle:
    return reshaped(_one(v, 0, position), ())


def _second_order_ends(x: Handle, axis: int, h: Handle) -> tuple[Handle, Handle]:
    near, far = _number(h, 0), _number(h, 1)
    first = [-(2.0 * near + far) / (near * (near + far)), (near + far) / (near * far)]
    first.append(-near / (far * (near + far)))
    far, near = _number(h, -2), _number(h, -1)
    last = [near / (far * (far + near)), -(near + far) / (far * near)]
    last.append((2.0 * near + far) / (near * (far + near)))
    return _combined(x, axis, first, (0, 1, 2)), _combined(x, axis, last, (-3, -2, -1))


@LOWERINGS.named("trapezoid", "trapz")
def trapezoid(b: Builder, y: Floats, x: Value = None, dx: Value = 1.0, axis: int = -1) -> Handle:
    """The integral by the trapezoidal rule."""
    at = axis_of(y, axis)
    width = plain(dx)
    if x is not None:
        points = as_float(as_line(b, x))
        if points.ndim == 1:
            width = _placed(_step(points, 0), [-1 if a == at else 1 for a in range(y.ndim)])
        else:
            width = _step(points, axis_of(points, axis))
    pairs = _part(y, at, 1, 0) + _part(y, at, 0, 1)
    areas = operate(arithmetic.multiply, width, pairs) / 2.0
    return total(areas, axis_of(areas, axis))  # the points may have more axes than the values
