"""NumPy's reductions: sums, means, variances, extrema, and their kin that pass over NaN.

Sums of truths count them. A mean divides by the number of elements, which may be a named length.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import wraps
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
    Array,
    Floats,
    Value,
    as_float,
    as_line,
    as_whole,
    cast,
    line,
    refuse,
)
from symdiff.frontend.lowering.conditions import isclose
from symdiff.frontend.lowering.elementwise import operate
from symdiff.frontend.lowering.registry import LOWERINGS, Written
from symdiff.frontend.lowering.truths import Truth, truth
from symdiff.graph.node import BOOL, FLOAT, INT
from symdiff.graph.shape import (
    Dim,
    Dimension,
    size,
)
from symdiff.ops import arithmetic, control, exponential, kinks, product, reduction
from symdiff.ops.builder import Builder
from symdiff.ops.complex_numbers import squared_magnitude
from symdiff.ops.handle import Handle, Maker
from symdiff.ops.joining import concatenated
from symdiff.ops.operation import Operation
from symdiff.ops.reduction import broadcast_to, kept_axes, total, without_axes
from symdiff.ops.structural import reshaped, transposed

_LEAST = {FLOAT: -math.inf, INT: -(2**63), BOOL: 0}
_LARGEST = {FLOAT: math.inf, INT: 2**63 - 1, BOOL: 1}


def without_nan(name: str, neutral: float | None = None) -> Callable[[Written], Written]:
    """Enter a reduction under one more name, where NaN counts for nothing.

    Args:
        name: of the function that passes over NaN.
        neutral: what NaN counts as; `None` leaves it out with `where=`.
    """

    def add(function: Written) -> Written:
        @wraps(function)
        def with_neutral(a: Array, *args: Any, **keywords: Any) -> Any:
            return function(control.where(is_nan(a), full(neutral or 0, a), a), *args, **keywords)

        @wraps(function)
        def with_mask(a: Floats, *args: Any, where: Value = True, **keywords: Any) -> Any:
            mask = control.equal(a, a)
            if where is not True:
                mask = mask & truth(a.builder, where)
            return function(a, *args, where=mask, **keywords)

        LOWERINGS.named(name)(with_mask if neutral is None else with_neutral)
        return function

    return add


# --- sums and products -------------------------------------------------------------------------


@LOWERINGS.named("sum")
@without_nan("nansum", 0)
def sum_(
    a: Array,
    axis: Axis = None,
    dtype: Any = None,
    *,
    keepdims: bool = False,
    initial: Value = None,
    where: Value = True,
) -> Handle:
    """The sum; truths are counted."""
    x = masked(as_whole(cast(a, dtype)), where, 0)
    result = total(x, folded_axes(x, axis), keepdims=keepdims)
    return result if initial is None else operate(arithmetic.add, result, initial)


@LOWERINGS.named("prod")
@without_nan("nanprod", 1)
def prod(
    a: Array,
    axis: Axis = None,
    dtype: Any = None,
    *,
    keepdims: bool = False,
    initial: Value = None,
    where: Value = True,
) -> Handle:
    """The product."""
    x = masked(as_whole(cast(a, dtype)), where, 1)
    axes = folded_axes(x, axis)
    result = product.prod(x, params=(axes, keepdims)) if axes else x
    return result if initial is None else operate(arithmetic.multiply, result, initial)


@LOWERINGS.named("mean")
@without_nan("nanmean")
def mean(
    a: Array,
    axis: Axis = None,
    dtype: Any = None,
    *,
    keepdims: bool = False,
    where: Value = True,
) -> Handle:
    """The arithmetic mean."""
    x = as_float(cast(a, dtype))
    axes = axes_of(x, axis)
    summed = total(masked(x, where, 0.0), axes, keepdims=keepdims)
    return over(summed, counted(x, axes, where=where))


@LOWERINGS.named("average")
def average(
    b: Builder,
    a: Array,
    axis: Axis = None,
    weights: Value = None,
    returned: bool = False,  # noqa: FBT001, FBT002  NumPy's own
    *,
    keepdims: bool = False,
) -> Any:
    """The mean, with weights where given; with `returned` the sum of the weights beside it."""
    if weights is None:
        result = mean(a, axis, keepdims=keepdims)
        count = counted(a, axes_of(a, axis))
        summed = broadcast_to(as_float(line(b, float_count(count))), result.shape)
        return (result, summed) if returned else result
    w = _spread_weights(a, as_line(b, weights), axis)
    axes = axes_of(a, axis)
    summed = total(as_whole(w), axes, keepdims=keepdims)
    weighted = total(operate(arithmetic.multiply, a, w), axes, keepdims=keepdims)
    result = operate(arithmetic.divide, weighted, summed)
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
@without_nan("nanvar")
def var(
    a: Array,
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
    x = as_float(cast(a, dtype))
    axes = axes_of(x, axis)
    if mean is None:
        mean = LOWERINGS["mean"](x.builder, x, axis, keepdims=True, where=where)
    distance = operate(arithmetic.subtract, x, mean)
    squares = masked(squared_magnitude(distance), where, 0.0)
    count = counted(x, axes, where=where)
    less = ddof if correction is None else correction
    return over(total(squares, axes, keepdims=keepdims), _minus(x.builder, count, less))


def _minus(b: Maker, count: Value, less: float) -> Value:
    """A count less the degrees of freedom, not below 0."""
    if not less:
        return count
    if isinstance(count, int):
        return max(count - less, 0)
    if isinstance(count, Dim):
        return count - less if isinstance(less, int) else as_float(line(b, count)) - float(less)
    return operate(kinks.maximum, operate(arithmetic.subtract, count, less), 0)


@LOWERINGS.named("std")
@without_nan("nanstd")
def std(
    a: Array,
    axis: Axis = None,
    dtype: Any = None,
    **keywords: Any,  # those of var
) -> Handle:
    """The square root of the variance."""
    return exponential.sqrt(var(a, axis, dtype, **keywords))


# --- extrema and truths ------------------------------------------------------------------------


def _extremum(
    record: Operation,
    pair: Operation,
    neutral: dict[str, Any],
    x: Handle,
    axis: Axis,
    initial: Value,
    where: Value,
    *,
    keepdims: bool,
) -> Handle:
    if where is not True and initial is None:
        refuse(f"{record.name} with where= needs initial=, as in NumPy", "give initial=")
    if x.dtype not in neutral:
        refuse(f"the {record.name} of complex numbers is not supported", "of which part of them?")
    x = masked(x, where, neutral[x.dtype])
    axes = folded_axes(x, axis)
    if initial is not None and size(x.shape[a] for a in axes) == 0:
        kept = kept_axes(x.shape, axes) if keepdims else without_axes(x.shape, axes)
        return broadcast_to(as_line(x.builder, initial), kept)
    if initial is not None and len(axes) == 1 and _may_be_none(x.shape[axes[0]]):
        one = tuple([1 if n in axes else length for n, length in enumerate(x.shape)])
        x = concatenated([x, broadcast_to(as_line(x.builder, initial), one)], axes[0])
        initial = None
    result = record(x, params=(axes, keepdims)) if axes else x
    return result if initial is None else operate(pair, result, initial)


def _may_be_none(length: Dimension) -> bool:
    """Whether a length may be 0: that which a step of a loop gives its number."""
    return isinstance(length, Dim) and (length.least is None or length.least < 1)


@LOWERINGS.named("max", "amax")
def max_(
    a: Array,
    axis: Axis = None,
    *,
    keepdims: bool = False,
    initial: Value = None,
    where: Value = True,
) -> Handle:
    """The largest."""
    record, pair = reduction.max_, kinks.maximum
    return _extremum(record, pair, _LEAST, a, axis, initial, where, keepdims=keepdims)


@LOWERINGS.named("min", "amin")
def min_(
    a: Array,
    axis: Axis = None,
    *,
    keepdims: bool = False,
    initial: Value = None,
    where: Value = True,
) -> Handle:
    """The smallest."""
    record, pair = reduction.min_, kinks.minimum
    return _extremum(record, pair, _LARGEST, a, axis, initial, where, keepdims=keepdims)


@LOWERINGS.named("ptp")
def ptp(a: Array, axis: Axis = None, *, keepdims: bool = False) -> Handle:
    """The largest less the smallest."""
    return max_(a, axis, keepdims=keepdims) - min_(a, axis, keepdims=keepdims)


@LOWERINGS.named("all")
def all_(a: Truth, axis: Axis = None, *, keepdims: bool = False, where: Value = True) -> Handle:
    """Whether all are true."""
    x = masked(a, where, 1)
    axes = folded_axes(x, axis)
    return reduction.all_(x, params=(axes, keepdims)) if axes else x


@LOWERINGS.named("any")
def any_(a: Truth, axis: Axis = None, *, keepdims: bool = False, where: Value = True) -> Handle:
    """Whether one is true."""
    x = masked(a, where, 0)
    axes = folded_axes(x, axis)
    return reduction.any_(x, params=(axes, keepdims)) if axes else x


@LOWERINGS.named("count_nonzero")
def count_nonzero(a: Truth, axis: Axis = None, *, keepdims: bool = False) -> Handle:
    """How many are not zero."""
    return sum_(a, axis, keepdims=keepdims)


@LOWERINGS.named("allclose")
def allclose(
    builder: Builder, /, a: Value, b: Value, *tolerances: Value, **keywords: Any
) -> Handle:
    """Whether all are close."""
    return all_(isclose(builder, a, b, *tolerances, **keywords))


@LOWERINGS.named("array_equal")
def array_equal(a1: Array, a2: Array) -> Any:
    """Whether two arrays have one shape and the same elements."""
    return all_(control.equal(a1, a2)) if a1.shape == a2.shape else False


# --- where NaN counts for nothing --------------------------------------------------------------


def _nan_extremum(
    record: Operation, neutral: float, x: Handle, axis: Axis, *, keepdims: bool
) -> Handle:
    axes = folded_axes(x, axis)
    if not axes:
        return x
    if x.dtype != FLOAT:
        return record(x, params=(axes, keepdims))
    has_number = reduction.any_(control.equal(x, x), params=(axes, keepdims))
    result = record(control.where(is_nan(x), neutral, x), params=(axes, keepdims))
    return control.where(has_number, result, math.nan)


@LOWERINGS.named("nanmax")
def nanmax(a: Array, axis: Axis = None, *, keepdims: bool = False) -> Handle:
    """The largest number; NaN where there is none."""
    return _nan_extremum(reduction.max_, -math.inf, a, axis, keepdims=keepdims)


@LOWERINGS.named("nanmin")
def nanmin(a: Array, axis: Axis = None, *, keepdims: bool = False) -> Handle:
    """The smallest number; NaN where there is none."""
    return _nan_extremum(reduction.min_, math.inf, a, axis, keepdims=keepdims)
