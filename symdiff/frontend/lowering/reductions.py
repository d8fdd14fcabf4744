"""NumPy's reductions: sums, means, variances, extrema, and their kin that pass over NaN.

Sums of truths count them. A mean divides by the number of elements, which may be a named length.
"""

from __future__ import annotations

import math
from typing import Any

from symdiff.errors import ShapeError
from symdiff.frontend.lowering.axes import (
    Axis,
    axes_of,
    axis_of,
    counted,
    float_count,
    folded_axes,
    full,
    is_nan,
    masked,
    over,
)
from symdiff.frontend.lowering.base import (
    Value,
    as_float,
    as_whole,
    cast,
    line,
    plain,
    refuse,
)
from symdiff.frontend.lowering.elementwise import operate
from symdiff.frontend.lowering.registry import LOWERINGS
from symdiff.frontend.lowering.truths import truth
from symdiff.graph.node import BOOL, FLOAT, INT
from symdiff.graph.shape import (
    Dim,
    Dimension,
    size,
)
from symdiff.ops import control, elementwise, product, reduction
from symdiff.ops.builder import Builder
from symdiff.ops.handle import Handle
from symdiff.ops.operation import Operation
from symdiff.ops.reduction import broadcast_to, kept_axes, total, without_axes
from symdiff.ops.structural import reshaped, transposed

_LEAST = {FLOAT: -math.inf, INT: -(2**63), BOOL: 0}
_LARGEST = {FLOAT: math.inf, INT: 2**63 - 1, BOOL: 1}


# --- sums and products -------------------------------------------------------------------------


@LOWERINGS.named("sum")
def sum_(
    b: Builder,
    a: Value,
    axis: Axis = None,
    dtype: Any = None,
    *,
    keepdims: bool = False,
    initial: Value = None,
    where: Value = True,
) -> Handle:
    """The sum; truths are counted."""
    x = masked(b, as_whole(cast(line(b, plain(a)), dtype)), where, 0)
    result = total(x, folded_axes(x, axis), keepdims=keepdims)
    return result if initial is None else operate(b, elementwise.add, result, initial)


@LOWERINGS.named("prod")
def prod(
    b: Builder,
    a: Value,
    axis: Axis = None,
    dtype: Any = None,
    *,
    keepdims: bool = False,
    initial: Value = None,
    where: Value = True,
) -> Handle:
    """The product."""
    x = masked(b, as_whole(cast(line(b, plain(a)), dtype)), where, 1)
    axes = folded_axes(x, axis)
    result = product.prod(x, params=(axes, keepdims)) if axes else x
    return result if initial is None else operate(b, elementwise.multiply, result, initial)


@LOWERINGS.named("mean")
def mean(
    b: Builder,
    a: Value,
    axis: Axis = None,
    dtype: Any = None,
    *,
    keepdims: bool = False,
    where: Value = True,
) -> Handle:
    """The arithmetic mean."""
    x = as_float(cast(line(b, plain(a)), dtype))
    axes = axes_of(x, axis)
    summed = total(masked(b, x, where, 0.0), axes, keepdims=keepdims)
    return over(b, summed, counted(b, x, axes, where=where))


@LOWERINGS.named("average")
def average(
    b: Builder,
    a: Value,
    axis: Axis = None,
    weights: Value = None,
    returned: bool = False,  # noqa: FBT001, FBT002  NumPy's own
    *,
    keepdims: bool = False,
) -> Any:
    """The mean, with weights where given; with `returned` the sum of the weights beside it."""
    x = line(b, plain(a))
    if weights is None:
        result = mean(b, x, axis, keepdims=keepdims)
        count = counted(b, x, axes_of(x, axis))
        summed = broadcast_to(as_float(line(b, float_count(count))), result.shape)
        return (result, summed) if returned else result
    w = _spread_weights(x, line(b, plain(weights)), axis)
    axes = axes_of(x, axis)
    summed = total(as_whole(w), axes, keepdims=keepdims)
    weighted = total(operate(b, elementwise.multiply, x, w), axes, keepdims=keepdims)
    result = operate(b, elementwise.divide, weighted, summed)
    return (result, broadcast_to(as_float(summed), result.shape)) if returned else result


def _spread_weights(x: Handle, w: Handle, axis: Axis) -> Handle:
    """Weights in the shape of what they weigh; those of the axes alone are put in their places."""
    if w.shape == x.shape:
        return w
    if axis is None:
        raise ShapeError("weights of another shape than the array need an axis")
    axes = axes_of(x, axis)
    given = [axis_of(x, a) for a in (axis if isinstance(axis, (tuple, list)) else [axis])]
    if w.ndim == len(given):
        w = transposed(w, [given.index(a) for a in axes])  # they come in the order of the axes
    if w.shape != tuple(x.shape[a] for a in axes):
        raise ShapeError(f"the weights have the shape {w.shape}, the axes {axes} another one")
    return broadcast_to(reshaped(w, tuple(n if a in axes else 1 for a, n in _axes_and(x))), x.shape)


def _axes_and(x: Handle) -> list[tuple[int, Dimension]]:
    return list(enumerate(x.shape))


@LOWERINGS.named("var")
def var(
    b: Builder,
    a: Value,
    axis: Axis = None,
    dtype: Any = None,
    *,
    ddof: float = 0,
    keepdims: bool = False,
    where: Value = True,
    mean: Value = None,
    correction: float | None = None,
) -> Handle:
    """The mean square distance from the mean."""
    x = as_float(cast(line(b, plain(a)), dtype))
    axes = axes_of(x, axis)
    if mean is None:
        mean = LOWERINGS["mean"](b, x, axis, keepdims=True, where=where)
    distance = operate(b, elementwise.subtract, x, mean)
    squares = masked(b, distance * distance, where, 0.0)
    count = counted(b, x, axes, where=where)
    less = ddof if correction is None else correction
    return over(b, total(squares, axes, keepdims=keepdims), _minus(b, count, less))


def _minus(b: Builder, count: Value, less: float) -> Value:
    """A count less the degrees of freedom, not below 0."""
    if not less:
        return count
    if isinstance(count, int):
        return max(count - less, 0)
    if isinstance(count, Dim):
        return count - less if isinstance(less, int) else as_float(line(b, count)) - float(less)
    return operate(b, elementwise.maximum, operate(b, elementwise.subtract, count, less), 0)


@LOWERINGS.named("std")
def std(
    b: Builder,
    a: Value,
    axis: Axis = None,
    dtype: Any = None,
    **keywords: Any,  # those of var
) -> Handle:
    """The square root of the variance."""
    return elementwise.sqrt(var(b, a, axis, dtype, **keywords))


# --- extrema and truths ------------------------------------------------------------------------


def _extremum(
    b: Builder,
    record: Operation,
    pair: Operation,
    neutral: dict[str, Any],
    a: Value,
    axis: Axis,
    initial: Value,
    where: Value,
    *,
    keepdims: bool,
) -> Handle:
    x = line(b, plain(a))
    if where is not True and initial is None:
        refuse(f"{record.name} with where= needs initial=, as in NumPy", "give initial=")
    x = masked(b, x, where, neutral[x.dtype])
    axes = folded_axes(x, axis)
    if initial is not None and size(x.shape[a] for a in axes) == 0:
        kept = kept_axes(x.shape, axes) if keepdims else without_axes(x.shape, axes)
        return broadcast_to(line(b, plain(initial)), kept)
    result = record(x, params=(axes, keepdims)) if axes else x
    return result if initial is None else operate(b, pair, result, initial)


@LOWERINGS.named("max", "amax")
def max_(
    b: Builder,
    a: Value,
    axis: Axis = None,
    *,
    keepdims: bool = False,
    initial: Value = None,
    where: Value = True,
) -> Handle:
    """The largest."""
    record, pair = reduction.max_, elementwise.maximum
    return _extremum(b, record, pair, _LEAST, a, axis, initial, where, keepdims=keepdims)


@LOWERINGS.named("min", "amin")
def min_(
    b: Builder,
    a: Value,
    axis: Axis = None,
    *,
    keepdims: bool = False,
    initial: Value = None,
    where: Value = True,
) -> Handle:
    """The smallest."""
    record, pair = reduction.min_, elementwise.minimum
    return _extremum(b, record, pair, _LARGEST, a, axis, initial, where, keepdims=keepdims)


@LOWERINGS.named("ptp")
def ptp(b: Builder, a: Value, axis: Axis = None, *, keepdims: bool = False) -> Handle:
    """The largest less the smallest."""
    x = line(b, plain(a))
    return max_(b, x, axis, keepdims=keepdims) - min_(b, x, axis, keepdims=keepdims)


@LOWERINGS.named("all")
def all_(
    b: Builder, a: Value, axis: Axis = None, *, keepdims: bool = False, where: Value = True
) -> Handle:
    """Whether all are true."""
    x = masked(b, truth(b, a), where, 1)
    axes = folded_axes(x, axis)
    return reduction.all_(x, params=(axes, keepdims)) if axes else x


@LOWERINGS.named("any")
def any_(
    b: Builder, a: Value, axis: Axis = None, *, keepdims: bool = False, where: Value = True
) -> Handle:
    """Whether one is true."""
    x = masked(b, truth(b, a), where, 0)
    axes = folded_axes(x, axis)
    return reduction.any_(x, params=(axes, keepdims)) if axes else x


@LOWERINGS.named("count_nonzero")
def count_nonzero(b: Builder, a: Value, axis: Axis = None, *, keepdims: bool = False) -> Handle:
    """How many are not zero."""
    return sum_(b, truth(b, a), axis, keepdims=keepdims)


@LOWERINGS.named("allclose")
def allclose(
    builder: Builder, /, a: Value, b: Value, *tolerances: Value, **keywords: Any
) -> Handle:
    """Whether all are close."""
    return all_(builder, LOWERINGS["isclose"](builder, a, b, *tolerances, **keywords))


@LOWERINGS.named("array_equal")
def array_equal(b: Builder, a1: Value, a2: Value) -> Any:
    """Whether two arrays have one shape and the same elements."""
    x, y = line(b, plain(a1)), line(b, plain(a2))
    return all_(b, control.equal(x, y)) if x.shape == y.shape else False


# --- where NaN counts for nothing --------------------------------------------------------------


def _not_nan(b: Builder, x: Handle, where: Value) -> Handle:
    """Where elements are numbers and the mask holds."""
    found = control.equal(x, x)
    return found if where is True else found & broadcast_to(truth(b, where), x.shape)


@LOWERINGS.named("nansum")
def nansum(b: Builder, a: Value, axis: Axis = None, dtype: Any = None, **keywords: Any) -> Handle:
    """The sum of what is no NaN."""
    x = line(b, plain(a))
    return sum_(b, control.where(is_nan(x), full(b, 0, x), x), axis, dtype, **keywords)


@LOWERINGS.named("nanprod")
def nanprod(b: Builder, a: Value, axis: Axis = None, dtype: Any = None, **keywords: Any) -> Handle:
    """The product of what is no NaN."""
    x = line(b, plain(a))
    return prod(b, control.where(is_nan(x), full(b, 1, x), x), axis, dtype, **keywords)


@LOWERINGS.named("nanmean")
def nanmean(
    b: Builder, a: Value, axis: Axis = None, dtype: Any = None, *, where: Value = True, **more: Any
) -> Handle:
    """The mean of what is no NaN."""
    x = as_float(line(b, plain(a)))
    return mean(b, x, axis, dtype, where=_not_nan(b, x, where), **more)


@LOWERINGS.named("nanvar")
def nanvar(
    b: Builder, a: Value, axis: Axis = None, dtype: Any = None, *, where: Value = True, **more: Any
) -> Handle:
    """The variance of what is no NaN; NaN where too few are."""
    x = as_float(line(b, plain(a)))
    return var(b, x, axis, dtype, where=_not_nan(b, x, where), **more)


@LOWERINGS.named("nanstd")
def nanstd(b: Builder, a: Value, axis: Axis = None, dtype: Any = None, **keywords: Any) -> Handle:
    """The square root of the variance of what is no NaN."""
    return elementwise.sqrt(nanvar(b, a, axis, dtype, **keywords))


def _nan_extremum(
    b: Builder, record: Operation, neutral: float, a: Value, axis: Axis, *, keepdims: bool
) -> Handle:
    x = line(b, plain(a))
    axes = folded_axes(x, axis)
    if not axes:
        return x
    if x.dtype != FLOAT:
        return record(x, params=(axes, keepdims))
    has_number = reduction.any_(control.equal(x, x), params=(axes, keepdims))
    result = record(control.where(is_nan(x), neutral, x), params=(axes, keepdims))
    return control.where(has_number, result, math.nan)


@LOWERINGS.named("nanmax")
def nanmax(b: Builder, a: Value, axis: Axis = None, *, keepdims: bool = False) -> Handle:
    """The largest number; NaN where there is none."""
    return _nan_extremum(b, reduction.max_, -math.inf, a, axis, keepdims=keepdims)


@LOWERINGS.named("nanmin")
def nanmin(b: Builder, a: Value, axis: Axis = None, *, keepdims: bool = False) -> Handle:
    """The smallest number; NaN where there is none."""
    return _nan_extremum(b, reduction.min_, math.inf, a, axis, keepdims=keepdims)
