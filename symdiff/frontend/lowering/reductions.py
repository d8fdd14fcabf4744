"""NumPy's reductions: sums, means, extrema, quantiles; and what runs along an axis.

Sums of truths count them. A mean divides by the number of elements, which may be a named length.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from typing import Any

from symdiff.errors import ShapeError
from symdiff.frontend.lowering.base import (
    LOWERINGS,
    Value,
    as_float,
    as_whole,
    cast,
    known,
    line,
    meet,
    plain,
    refuse,
    whole_number,
)
from symdiff.frontend.lowering.elementwise import operate, truth
from symdiff.graph.node import BOOL, FLOAT, INT
from symdiff.graph.shape import (
    Dim,
    Dimension,
    normal_axes,
    normal_axis,
    size,
)
from symdiff.ops import control, elementwise, reduction
from symdiff.ops.builder import Builder
from symdiff.ops.handle import Handle
from symdiff.ops.operation import Operation
from symdiff.ops.reduction import (
    broadcast_to,
    kept_axes,
    taken_along,
    total,
    with_axes,
)
from symdiff.ops.structural import concatenated, reshaped, sliced, transposed

Axes = tuple[int, ...]
Axis = Any  # None, a number of any kind, or a sequence of them

_LEAST = {FLOAT: -math.inf, INT: -(2**63), BOOL: 0}
_LARGEST = {FLOAT: math.inf, INT: 2**63 - 1, BOOL: 1}


def axes_of(x: Handle, axis: Axis) -> Axes:
    """The axes that are reduced, counted from 0."""
    if axis is None:
        return normal_axes(None, x.ndim)
    if isinstance(axis, (tuple, list)):
        return normal_axes([operator.index(a) for a in axis], x.ndim)
    return normal_axes(operator.index(axis), x.ndim)


def axis_of(x: Handle, axis: Axis) -> int:
    """One axis, counted from 0."""
    return normal_axis(operator.index(axis), x.ndim)


def moved_last(x: Handle, axes: Axes) -> Handle:
    """`x` with some axes joined to one that stands last."""
    kept = [axis for axis in range(x.ndim) if axis not in axes]
    moved = transposed(x, (*kept, *axes))
    return reshaped(moved, (*moved.shape[: len(kept)], size(moved.shape[len(kept) :])))


def full(b: Builder, number: float, like: Handle) -> Handle:
    """A number in the shape and kind of a line."""
    return Handle(b, b.full(number, like.shape, like.dtype))


def _masked(b: Builder, x: Handle, where: Value, neutral: float) -> Handle:
    """`x` with a neutral number where the mask does not hold."""
    if where is True:
        return x
    mask, values = meet(b, truth(b, where), x)
    if x.dtype == BOOL:
        return control.where(mask, values, broadcast_to(line(b, bool(neutral)), values.shape))
    return control.where(mask, values, full(b, neutral, values))


def _counted(b: Builder, x: Handle, axes: Axes, *, where: Value = True) -> Value:
    """How many elements are reduced to one: a number, a named length, or lines for a mask."""
    if where is True:
        return size(x.shape[axis] for axis in axes)
    mask = broadcast_to(truth(b, where), x.shape)
    return total(as_whole(mask), axes, keepdims=True)


def _float_count(count: Dimension) -> Value:
    return float(count) if isinstance(count, int) else count


def _over(b: Builder, x: Handle, count: Value) -> Handle:
    """A sum divided by a count, which may be lines that kept their axes."""
    if isinstance(count, Handle) and count.ndim:
        return operate(b, elementwise.divide, x, reshaped(count, x.shape))
    return operate(b, elementwise.divide, x, _float_count(count))


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
    x = _masked(b, as_whole(cast(line(b, plain(a)), dtype)), where, 0)
    result = total(x, axes_of(x, axis), keepdims=keepdims)
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
    x = _masked(b, as_whole(cast(line(b, plain(a)), dtype)), where, 1)
    axes = axes_of(x, axis)
    result = reduction.prod(x, params=(axes, keepdims)) if axes else x
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
    summed = total(_masked(b, x, where, 0.0), axes, keepdims=keepdims)
    return _over(b, summed, _counted(b, x, axes, where=where))


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
        count = _counted(b, x, axes_of(x, axis))
        summed = broadcast_to(as_float(line(b, _float_count(count))), result.shape)
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
    squares = _masked(b, distance * distance, where, 0.0)
    count = _counted(b, x, axes, where=where)
    less = ddof if correction is None else correction
    return _over(b, total(squares, axes, keepdims=keepdims), _minus(b, count, less))


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
    x = _masked(b, x, where, neutral[x.dtype])
    axes = axes_of(x, axis)
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
    x = _masked(b, truth(b, a), where, 1)
    axes = axes_of(x, axis)
    return reduction.all_(x, params=(axes, keepdims)) if axes else x


@LOWERINGS.named("any")
def any_(
    b: Builder, a: Value, axis: Axis = None, *, keepdims: bool = False, where: Value = True
) -> Handle:
    """Whether one is true."""
    x = _masked(b, truth(b, a), where, 0)
    axes = axes_of(x, axis)
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


def _is_nan(x: Handle) -> Handle:
    return control.not_equal(x, x)


def _not_nan(b: Builder, x: Handle, where: Value) -> Handle:
    """Where elements are numbers and the mask holds."""
    found = control.equal(x, x)
    return found if where is True else found & broadcast_to(truth(b, where), x.shape)


@LOWERINGS.named("nansum")
def nansum(b: Builder, a: Value, axis: Axis = None, dtype: Any = None, **keywords: Any) -> Handle:
    """The sum of what is no NaN."""
    x = line(b, plain(a))
    return sum_(b, control.where(_is_nan(x), full(b, 0, x), x), axis, dtype, **keywords)


@LOWERINGS.named("nanprod")
def nanprod(b: Builder, a: Value, axis: Axis = None, dtype: Any = None, **keywords: Any) -> Handle:
    """The product of what is no NaN."""
    x = line(b, plain(a))
    return prod(b, control.where(_is_nan(x), full(b, 1, x), x), axis, dtype, **keywords)


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
    axes = axes_of(x, axis)
    if x.dtype != FLOAT:
        return record(x, params=(axes, keepdims))
    has_number = reduction.any_(control.equal(x, x), params=(axes, keepdims))
    result = record(control.where(_is_nan(x), neutral, x), params=(axes, keepdims))
    return control.where(has_number, result, math.nan)


@LOWERINGS.named("nanmax")
def nanmax(b: Builder, a: Value, axis: Axis = None, *, keepdims: bool = False) -> Handle:
    """The largest number; NaN where there is none."""
    return _nan_extremum(b, reduction.max_, -math.inf, a, axis, keepdims=keepdims)


@LOWERINGS.named("nanmin")
def nanmin(b: Builder, a: Value, axis: Axis = None, *, keepdims: bool = False) -> Handle:
    """The smallest number; NaN where there is none."""
    return _nan_extremum(b, reduction.min_, math.inf, a, axis, keepdims=keepdims)


@LOWERINGS.named("nancumsum")
def nancumsum(b: Builder, a: Value, axis: Axis = None, dtype: Any = None) -> Handle:
    """Running sums, NaN counted as 0."""
    x = line(b, plain(a))
    return cumsum(b, control.where(_is_nan(x), full(b, 0, x), x), axis, dtype)


@LOWERINGS.named("nancumprod")
def nancumprod(b: Builder, a: Value, axis: Axis = None, dtype: Any = None) -> Handle:
    """Running products, NaN counted as 1."""
    x = line(b, plain(a))
    return cumprod(b, control.where(_is_nan(x), full(b, 1, x), x), axis, dtype)


# --- order statistics --------------------------------------------------------------------------


def _ascending(x: Handle) -> Handle:
    return reduction.sort(x, params=(x.ndim - 1,))


def _at(x: Handle, position: int) -> Handle:
    """One position of the last axis."""
    return reshaped(sliced(x, x.ndim - 1, position, 1), x.shape[:-1])


def _unless_nan(ordered: Handle, result: Handle) -> Handle:
    """NaN where there is one: it stands last."""
    if ordered.dtype != FLOAT:
        return result
    last = _at(ordered, whole_number(ordered.shape[-1], "an order statistic") - 1)
    return control.where(_is_nan(last), last, result)


def _sorted_samples(
    b: Builder, a: Value, axis: Axis, what: str
) -> tuple[Handle, Axes, Handle, int]:
    x = as_whole(line(b, plain(a)))
    axes = axes_of(x, axis)
    samples = moved_last(x, axes)
    count = whole_number(samples.shape[-1], what)
    if not count:
        raise ShapeError(f"{what} of no elements is not defined")
    return x, axes, _ascending(samples), count


@LOWERINGS.named("median")
def median(
    b: Builder,
    a: Value,
    axis: Axis = None,
    *,
    overwrite_input: bool = False,
    keepdims: bool = False,
) -> Handle:
    """The middle element, or the mean of the two in the middle."""
    del overwrite_input
    x, axes, ordered, count = _sorted_samples(b, a, axis, "the median")
    middle = as_float(_at(ordered, count // 2))
    if count % 2 == 0:
        middle = (as_float(_at(ordered, count // 2 - 1)) + middle) / 2.0
    result = _unless_nan(ordered, middle)
    return reshaped(result, kept_axes(x.shape, axes)) if keepdims else result


_DISCRETE: dict[str, Callable[[float], int]] = {
    "lower": math.floor,
    "higher": math.ceil,
    "nearest": round,
}
_CONTINUOUS = {  # Hyndman and Fan's two parameters, as NumPy has them
    "weibull": (0.0, 0.0),
    "hazen": (0.5, 0.5),
    "interpolated_inverted_cdf": (0.0, 1.0),
    "median_unbiased": (1 / 3.0, 1 / 3.0),
    "normal_unbiased": (3 / 8.0, 3 / 8.0),
}


def _place(q: float, count: int, method: str) -> tuple[int, float]:
    """Which element of a sorted sample a quantile is, and how far it is to the next one."""
    at = (count - 1) * q
    if method in _DISCRETE:
        return _DISCRETE[method](at), 0.0
    if method == "midpoint":
        return math.floor(at), 0.0 if at == math.floor(at) else 0.5
    if method != "linear":
        alpha, beta = _CONTINUOUS[method]
        at = count * q + (alpha + q * (1 - alpha - beta)) - 1
    at = min(max(at, 0.0), float(count - 1))
    return math.floor(at), at - math.floor(at)


def _between(ordered: Handle, count: int, q: float, method: str) -> Handle:
    """One quantile, interpolated as NumPy does it: from the nearer end."""
    first, share = _place(q, count, method)
    low = _at(ordered, first)
    if share == 0.0 or first + 1 >= count:
        return low if method in _DISCRETE else as_float(low)
    high = as_float(_at(ordered, first + 1))
    low = as_float(low)
    if share >= 0.5:
        return high - (high - low) * (1.0 - share)
    return low + (high - low) * share


@LOWERINGS.named("quantile")
def quantile(
    b: Builder,
    a: Value,
    q: Value,
    axis: Axis = None,
    *,
    overwrite_input: bool = False,
    method: str = "linear",
    keepdims: bool = False,
    weights: Value = None,
) -> Handle:
    """The elements below which known shares of a sample lie."""
    del overwrite_input
    if method not in ("linear", "midpoint", *_DISCRETE, *_CONTINUOUS):
        refuse(f"the method {method!r} of quantiles is not supported", "use method='linear'")
    if weights is not None:
        refuse("quantiles with weights are not supported")
    shares = _known_shares(b, q)
    x, axes, ordered, count = _sorted_samples(b, a, axis, "a quantile")
    shape = kept_axes(x.shape, axes) if keepdims else ordered.shape[:-1]
    found = [
        reshaped(_unless_nan(ordered, _between(ordered, count, float(share), method)), shape)
        for share in shares.ravel()
    ]
    if not shares.ndim:
        return found[0]
    joined = concatenated([with_axes(as_float(part), 0, 1) for part in found], 0)
    return reshaped(joined, (*shares.shape, *shape))


def _known_shares(b: Builder, q: Value) -> Any:  # an array
    import numpy as np

    shares = known(line(b, q))
    if shares is None:
        refuse("quantiles at shares that are computed are not supported", "give numbers")
    if np.any(~((shares >= 0.0) & (shares <= 1.0))):
        refuse("quantiles are between 0 and 1, percentiles between 0 and 100")
    return shares


@LOWERINGS.named("percentile")
def percentile(b: Builder, a: Value, q: Value, axis: Axis = None, **keywords: Any) -> Handle:
    """The quantiles of shares in percent."""
    import numpy as np

    shares = known(line(b, q))
    if shares is None:
        refuse("percentiles that are computed are not supported", "give numbers")
    return quantile(b, a, np.true_divide(shares, 100), axis, **keywords)


# --- running sums, differences -----------------------------------------------------------------


def _running(b: Builder, record: Operation, a: Value, axis: Axis, dtype: Any) -> Handle:
    x = as_whole(cast(line(b, plain(a)), dtype))
    if axis is None or x.ndim == 0:
        x, axis = reshaped(x, (size(x.shape),)), 0
    return record(x, params=(axis_of(x, axis),))


@LOWERINGS.named("cumsum")
def cumsum(b: Builder, a: Value, axis: Axis = None, dtype: Any = None) -> Handle:
    """Running sums; of all elements in a row where no axis is given."""
    return _running(b, reduction.cumsum, a, axis, dtype)


@LOWERINGS.named("cumprod")
def cumprod(b: Builder, a: Value, axis: Axis = None, dtype: Any = None) -> Handle:
    """Running products; of all elements in a row where no axis is given."""
    return _running(b, reduction.cumprod, a, axis, dtype)


def _cumulative(
    b: Builder, record: Operation, first: float, x: Value, axis: Axis, dtype: Any, *, initial: bool
) -> Handle:
    made = line(b, plain(x))
    if axis is None and made.ndim > 1:
        raise ShapeError("an array of several axes needs axis=")
    result = _running(b, record, made, axis, dtype)
    if not initial:
        return result
    at = axis_of(result, 0 if axis is None else axis)
    shape = kept_axes(result.shape, (at,))
    return concatenated([Handle(b, b.full(first, shape, result.dtype)), result], at)


@LOWERINGS.named("cumulative_sum")
def cumulative_sum(
    b: Builder,
    x: Value,
    /,
    *,
    axis: Axis = None,
    dtype: Any = None,
    include_initial: bool = False,
) -> Handle:
    """Running sums, from 0 on where the initial one is included."""
    return _cumulative(b, reduction.cumsum, 0.0, x, axis, dtype, initial=include_initial)


@LOWERINGS.named("cumulative_prod")
def cumulative_prod(
    b: Builder,
    x: Value,
    /,
    *,
    axis: Axis = None,
    dtype: Any = None,
    include_initial: bool = False,
) -> Handle:
    """Running products, from 1 on where the initial one is included."""
    return _cumulative(b, reduction.cumprod, 1.0, x, axis, dtype, initial=include_initial)


def _part(x: Handle, axis: int, start: int, stop: int) -> Handle:
    """What stands from `start` on and so many before the end."""
    return sliced(x, axis, start, x.shape[axis] - start - stop)


def _step(x: Handle, axis: int) -> Handle:
    """Each element's distance to the one before; of truths, whether they differ."""
    if isinstance(x.shape[axis], int) and x.shape[axis] == 0:
        return x
    later, earlier = _part(x, axis, 1, 0), _part(x, axis, 0, 1)
    return control.not_equal(later, earlier) if x.dtype == BOOL else later - earlier


@LOWERINGS.named("diff")
def diff(
    b: Builder, a: Value, n: int = 1, axis: int = -1, prepend: Value = None, append: Value = None
) -> Handle:
    """Differences of neighbours, n times over."""
    x = line(b, plain(a))
    at = axis_of(x, axis)
    parts = [
        value if value is x else _as_border(b, value, x, at)
        for value in (prepend, x, append)
        if value is not None
    ]
    x = concatenated(parts, at)
    for _ in range(n):
        x = _step(x, at)
    return x


def _as_border(b: Builder, value: Value, x: Handle, axis: int) -> Handle:
    """What is put before or after along an axis; a number is repeated."""
    border = line(b, plain(value))
    return border if border.ndim else broadcast_to(border, kept_axes(x.shape, (axis,)))


@LOWERINGS.named("ediff1d")
def ediff1d(b: Builder, ary: Value, to_end: Value = None, to_begin: Value = None) -> Handle:
    """Differences of neighbours in a row, with numbers before and after."""
    x = line(b, plain(ary))
    parts = [_step(reshaped(x, (size(x.shape),)), 0)]
    if to_begin is not None:
        parts.insert(0, _flat(line(b, plain(to_begin))))
    if to_end is not None:
        parts.append(_flat(line(b, plain(to_end))))
    return concatenated(parts, 0)


def _flat(x: Handle) -> Handle:
    return reshaped(x, (size(x.shape),))


@LOWERINGS.named("gradient")
def gradient(b: Builder, f: Value, *varargs: Value, axis: Axis = None, edge_order: int = 1) -> Any:
    """Central differences inside, one-sided ones of the first or second order at the ends."""
    x = as_float(line(b, plain(f)))
    axes = _gradient_axes(x, axis)
    if edge_order not in (1, 2):
        refuse("edge_order is 1 or 2")
    if len(varargs) not in (0, 1, len(axes)):
        raise TypeError("gradient takes one spacing, or one for each axis")
    spacings = varargs or (1.0,)
    if len(spacings) == 1:
        spacings = spacings * len(axes)
    found = [
        _gradient_along(b, x, at, plain(spacing), edge_order)
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
        return _even_gradient(b, x, axis, step, edge_order)
    if step.shape != (length,):
        raise ShapeError(f"coordinates of the length {length} are wanted, not {step.shape[0]}")
    return _uneven_gradient(b, x, axis, _step(step, 0), edge_order)


def _even_gradient(b: Builder, x: Handle, axis: int, h: Handle, edge_order: int) -> Handle:
    inner = operate(b, elementwise.divide, _part(x, axis, 2, 0) - _part(x, axis, 0, 2), 2.0 * h)
    if edge_order == 1:
        first = operate(b, elementwise.divide, _one(x, axis, 1) - _one(x, axis, 0), h)
        last = operate(b, elementwise.divide, _one(x, axis, -1) - _one(x, axis, -2), h)
        return concatenated([first, inner, last], axis)
    factors = [operate(b, elementwise.divide, number, h) for number in (-1.5, 2.0, -0.5)]
    first = _combined(b, x, axis, factors, (0, 1, 2))
    last = _combined(b, x, axis, [-factor for factor in reversed(factors)], (-3, -2, -1))
    return concatenated([first, inner, last], axis)


def _one(x: Handle, axis: int, position: int) -> Handle:
    """One position of an axis, which stays; from the end where it is negative."""
    start = position if position >= 0 else x.shape[axis] + position
    return sliced(x, axis, start, 1)


def _combined(
    b: Builder, x: Handle, axis: int, factors: Sequence[Handle], positions: Sequence[int]
) -> Handle:
    terms = [
        operate(b, elementwise.multiply, factor, _one(x, axis, position))
        for factor, position in zip(factors, positions, strict=True)
    ]
    return terms[0] + terms[1] + terms[2]


def _uneven_gradient(b: Builder, x: Handle, axis: int, h: Handle, edge_order: int) -> Handle:
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
        operate(b, elementwise.multiply, _placed(factor, along), part)
        for factor, part in zip(factors, parts, strict=True)
    ]
    inner = terms[0] + terms[1] + terms[2]
    ends = _first_order_ends if edge_order == 1 else _second_order_ends
    first, last = ends(b, x, axis, h)
    return concatenated([first, inner, last], axis)


def _placed(v: Handle, along: Sequence[int]) -> Handle:
    """A vector along one axis of several, marked by -1."""
    return reshaped(v, tuple(v.shape[0] if n == -1 else 1 for n in along))


def _first_order_ends(b: Builder, x: Handle, axis: int, h: Handle) -> tuple[Handle, Handle]:
    first = _one(x, axis, 1) - _one(x, axis, 0)
    last = _one(x, axis, -1) - _one(x, axis, -2)
    return (
        operate(b, elementwise.divide, first, _number(h, 0)),
        operate(b, elementwise.divide, last, _number(h, -1)),
    )


def _number(v: Handle, position: int) -> Handle:
    return reshaped(_one(v, 0, position), ())


def _second_order_ends(b: Builder, x: Handle, axis: int, h: Handle) -> tuple[Handle, Handle]:
    near, far = _number(h, 0), _number(h, 1)
    first = [-(2.0 * near + far) / (near * (near + far)), (near + far) / (near * far)]
    first.append(-near / (far * (near + far)))
    far, near = _number(h, -2), _number(h, -1)
    last = [near / (far * (far + near)), -(near + far) / (far * near)]
    last.append((2.0 * near + far) / (near * (far + near)))
    return _combined(b, x, axis, first, (0, 1, 2)), _combined(b, x, axis, last, (-3, -2, -1))


@LOWERINGS.named("trapezoid", "trapz")
def trapezoid(b: Builder, y: Value, x: Value = None, dx: Value = 1.0, axis: int = -1) -> Handle:
    """The integral by the trapezoidal rule."""
    values = as_float(line(b, plain(y)))
    at = axis_of(values, axis)
    width = plain(dx)
    if x is not None:
        points = as_float(line(b, plain(x)))
        if points.ndim == 1:
            width = _placed(_step(points, 0), [-1 if a == at else 1 for a in range(values.ndim)])
        else:
            width = _step(points, axis_of(points, axis))
    pairs = _part(values, at, 1, 0) + _part(values, at, 0, 1)
    return total(operate(b, elementwise.multiply, width, pairs) / 2.0, at)


# --- positions and order -----------------------------------------------------------------------


def _position(b: Builder, record: Operation, a: Value, axis: Axis, *, keepdims: bool) -> Handle:
    x = line(b, plain(a))
    if axis is None:
        flat = record(_flat(x), params=(0,))
        return reshaped(flat, tuple([1] * x.ndim)) if keepdims else flat
    at = axis_of(x, axis)
    found = record(x, params=(at,))
    return reshaped(found, kept_axes(x.shape, (at,))) if keepdims else found


@LOWERINGS.named("argmax")
def argmax(b: Builder, a: Value, axis: Axis = None, *, keepdims: bool = False) -> Handle:
    """Where the first largest element stands."""
    return _position(b, reduction.argmax, a, axis, keepdims=keepdims)


@LOWERINGS.named("argmin")
def argmin(b: Builder, a: Value, axis: Axis = None, *, keepdims: bool = False) -> Handle:
    """Where the first smallest element stands."""
    return _position(b, reduction.argmin, a, axis, keepdims=keepdims)


def _ordered(b: Builder, record: Operation, a: Value, axis: Axis) -> Handle:
    x = line(b, plain(a))
    if axis is None:
        x, axis = _flat(x), 0
    return record(x, params=(axis_of(x, axis),))


@LOWERINGS.named("sort")
def sort(
    b: Builder,
    a: Value,
    axis: Axis = -1,
    kind: str | None = None,
    order: None = None,
    *,
    stable: bool | None = None,
) -> Handle:
    """In ascending order; equal elements are the same in any order."""
    del kind, order, stable
    return _ordered(b, reduction.sort, a, axis)


@LOWERINGS.named("argsort")
def argsort(
    b: Builder,
    a: Value,
    axis: Axis = -1,
    kind: str | None = None,
    order: None = None,
    *,
    stable: bool | None = None,
) -> Handle:
    """Where the elements in ascending order stand; equal ones in the order they have."""
    del kind, order, stable
    return _ordered(b, reduction.argsort, a, axis)


@LOWERINGS.named("partition")
def partition(
    b: Builder,
    a: Value,
    kth: Value,
    axis: Axis = -1,
    kind: str = "introselect",
    order: None = None,
) -> Handle:
    """Sorted whole: what NumPy says of `kth` holds, and the order of the rest is open there."""
    del kth, kind, order
    return _ordered(b, reduction.sort, a, axis)


@LOWERINGS.named("argpartition")
def argpartition(
    b: Builder,
    a: Value,
    kth: Value,
    axis: Axis = -1,
    kind: str = "introselect",
    order: None = None,
) -> Handle:
    """The order that sorts, see `partition`."""
    del kth, kind, order
    return _ordered(b, reduction.argsort, a, axis)


@LOWERINGS.named("searchsorted")
def searchsorted(
    b: Builder, a: Value, v: Value, side: str = "left", sorter: Value = None
) -> Handle:
    """Where elements would stand in a sorted array."""
    if side not in ("left", "right"):
        refuse(f"searchsorted knows the sides 'left' and 'right', not {side!r}")
    x, wanted = line(b, plain(a)), line(b, plain(v))
    if sorter is not None:
        x = taken_along(x, line(b, sorter), 0)
    return reduction.searchsorted(x, wanted, params=(side,))


@LOWERINGS.named("digitize")
def digitize(b: Builder, x: Value, bins: Value, right: bool = False) -> Handle:  # noqa: FBT001, FBT002
    """Into which of ascending bins elements fall."""
    import numpy as np

    edges = known(line(b, bins))
    if edges is None or np.any(np.diff(edges) < 0):
        refuse("digitize needs known bins in ascending order", "use np.searchsorted")
    return searchsorted(b, bins, x, "left" if right else "right")


LOWERINGS.refuse(
    {
        "nanmedian": "use np.median of the elements that are no NaN",
        "nanpercentile": None,
        "nanquantile": None,
        "nanargmax": None,
        "nanargmin": None,
        "lexsort": None,
        "histogram": "its counts have no derivative",
        "histogram2d": "its counts have no derivative",
        "histogramdd": "its counts have no derivative",
        "bincount": "use np.add.at",
        "unique": "its length depends on values",
        "sort_complex": None,
    }
)
