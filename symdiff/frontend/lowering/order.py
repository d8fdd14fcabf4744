"""What an order makes: medians, quantiles, sorting, positions of extrema and in sorted arrays."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from symdiff.errors import ShapeError
from symdiff.frontend.lowering.axes import (
    Axes,
    Axis,
    axes_of,
    axis_of,
    flattened,
    is_nan,
    moved_last,
)
from symdiff.frontend.lowering.base import (
    Array,
    Floats,
    Numbers,
    Value,
    as_float,
    cast,
    constant,
    known,
    line,
    refuse,
    whole_number,
)
from symdiff.frontend.lowering.elementwise import operate
from symdiff.frontend.lowering.registry import LOWERINGS
from symdiff.graph.node import FLOAT
from symdiff.ops import along_axis, arithmetic, control, kinks
from symdiff.ops.along_axis import taken_along
from symdiff.ops.builder import Builder
from symdiff.ops.handle import Handle
from symdiff.ops.indexing import sliced
from symdiff.ops.joining import concatenated
from symdiff.ops.operation import Operation
from symdiff.ops.reduction import kept_axes, total, with_axes
from symdiff.ops.structural import reshaped

# --- order statistics --------------------------------------------------------------------------


def _ascending(x: Handle) -> Handle:
    return along_axis.sort(x, params=(x.ndim - 1,))


def _at(x: Handle, position: int) -> Handle:
    """One position of the last axis."""
    return reshaped(sliced(x, x.ndim - 1, position, 1), x.shape[:-1])


def _unless_nan(ordered: Handle, result: Handle) -> Handle:
    """NaN where there is one: it stands last."""
    if ordered.dtype != FLOAT:
        return result
    last = _at(ordered, whole_number(ordered.shape[-1], "an order statistic") - 1)
    return control.where(is_nan(last), last, result)


def _sorted_samples(x: Handle, axis: Axis, what: str) -> tuple[Handle, Axes, Handle, int]:
    axes = axes_of(x, axis)
    samples = moved_last(x, axes)
    count = whole_number(samples.shape[-1], what)
    if not count:
        raise ShapeError(f"{what} of no elements is not defined")
    return x, axes, _ascending(samples), count


@LOWERINGS.named("median")
def median(
    a: Numbers,
    axis: Axis = None,
    *,
    _overwrite_input: Any = None,
    keepdims: bool = False,
) -> Handle:
    """The middle element, or the mean of the two in the middle."""
    x, axes, ordered, count = _sorted_samples(a, axis, "the median")
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
    a: Numbers,
    q: Value,
    axis: Axis = None,
    *,
    _overwrite_input: Any = None,
    method: str = "linear",
    keepdims: bool = False,
    weights: Value = None,
) -> Handle:
    """The elements below which known shares of a sample lie."""
    if method not in ("linear", "midpoint", *_DISCRETE, *_CONTINUOUS):
        refuse(f"the method {method!r} of quantiles is not supported", "use method='linear'")
    if weights is not None:
        refuse("quantiles with weights are not supported")
    shares = _known_shares(b, q)
    x, axes, ordered, count = _sorted_samples(a, axis, "a quantile")
    shape = kept_axes(x.shape, axes) if keepdims else ordered.shape[:-1]
    found = [
        reshaped(_unless_nan(ordered, _between(ordered, count, float(share), method)), shape)
        for share in shares.ravel()
    ]
    return _stacked(b, found, shares.shape, shape)


def _stacked(b: Builder, found: list[Handle], shares: Any, shape: Any) -> Handle:
    """Quantiles in the shape of the shares; one of a single share as it is."""
    if not shares:
        return found[0]
    if not found:
        return Handle(b, b.full(0.0, (*shares, *shape)))
    joined = concatenated([with_axes(as_float(part), 0, 1) for part in found], 0)
    return reshaped(joined, (*shares, *shape))


def _known_shares(b: Builder, q: Value) -> Any:  # an array
    import numpy as np

    shares = known(line(b, q))
    if shares is None:
        refuse("quantiles at shares that are computed are not supported", "give numbers")
    if np.any(~((shares >= 0.0) & (shares <= 1.0))):
        refuse("quantiles are between 0 and 1, percentiles between 0 and 100")
    return shares


@LOWERINGS.named("percentile")
def percentile(b: Builder, a: Numbers, q: Array, axis: Axis = None, **keywords: Any) -> Handle:
    """The quantiles of shares in percent."""
    return quantile(b, a, _in_percent(q), axis, **keywords)


def _in_percent(q: Handle) -> Any:  # an array
    import numpy as np

    shares = known(q)
    if shares is None:
        refuse("percentiles that are computed are not supported", "give numbers")
    return np.true_divide(shares, 100)


# --- where NaN counts for nothing --------------------------------------------------------------


def _numbers(x: Handle, axis: Axis, what: str) -> tuple[Handle, Handle]:
    """Samples in order along the last axis, with infinity for NaN, and the last number's place.

    NaN is taken out before the order, so that none stands in a derivative by what gives it.
    """
    _, axes, ordered, _ = _sorted_samples(control.where(is_nan(x), math.inf, x), axis, what)
    samples = moved_last(x, axes)
    at = samples.ndim - 1
    return ordered, total(cast(control.equal(samples, samples), "int64"), (at,), keepdims=True) - 1


def _at_place(ordered: Handle, place: Handle) -> Handle:
    """The element at a computed place; NaN where there is no number."""
    at = cast(operate(kinks.maximum, place, 0), "int64")
    found = taken_along(ordered, at, ordered.ndim - 1)
    return control.where(place >= 0, found, math.nan)


@LOWERINGS.named("nanmedian")
def nanmedian(
    a: Floats,
    axis: Axis = None,
    *,
    _overwrite_input: Any = None,
    keepdims: bool = False,
) -> Handle:
    """The median of what is no NaN; NaN where there is nothing else."""
    ordered, last = _numbers(a, axis, "the median")
    low = operate(arithmetic.floor_divide, last, 2)
    middle = (_at_place(ordered, low) + _at_place(ordered, last - low)) / 2.0
    kept = kept_axes(a.shape, axes_of(a, axis))
    return reshaped(middle, kept if keepdims else ordered.shape[:-1])


@LOWERINGS.named("nanquantile")
def nanquantile(
    b: Builder,
    a: Floats,
    q: Value,
    axis: Axis = None,
    *,
    _overwrite_input: Any = None,
    method: str = "linear",
    keepdims: bool = False,
) -> Handle:
    """The quantiles of what is no NaN; NaN where there is nothing else."""
    if method != "linear":
        refuse(f"the method {method!r} of quantiles without NaN is not supported", "leave it out")
    shares = _known_shares(b, q)
    ordered, last = _numbers(a, axis, "a quantile")
    shape = kept_axes(a.shape, axes_of(a, axis)) if keepdims else ordered.shape[:-1]
    found = []
    for share in shares.ravel():
        place = as_float(last) * float(share)
        first = kinks.floor(place)
        low = _at_place(ordered, first)
        high = _at_place(ordered, operate(kinks.minimum, first + 1.0, as_float(last)))
        part, gap = place - first, high - low
        upper = high - gap * (1.0 - part)
        found.append(reshaped(control.where(part >= 0.5, upper, low + gap * part), shape))
    return _stacked(b, found, shares.shape, shape)


@LOWERINGS.named("nanpercentile")
def nanpercentile(b: Builder, a: Floats, q: Array, axis: Axis = None, **keywords: Any) -> Handle:
    """The quantiles of shares in percent of what is no NaN."""
    return nanquantile(b, a, _in_percent(q), axis, **keywords)


# --- positions and order -----------------------------------------------------------------------


def _position(record: Operation, x: Handle, axis: Axis, *, keepdims: bool) -> Handle:
    if axis is None:
        flat = record(flattened(x), params=(0,))
        return reshaped(flat, tuple([1] * x.ndim)) if keepdims else flat
    at = axis_of(x, axis)
    found = record(x, params=(at,))
    return reshaped(found, kept_axes(x.shape, (at,))) if keepdims else found


@LOWERINGS.named("argmax")
def argmax(a: Array, axis: Axis = None, *, keepdims: bool = False) -> Handle:
    """Where the first largest element stands."""
    return _position(along_axis.argmax, a, axis, keepdims=keepdims)


@LOWERINGS.named("argmin")
def argmin(a: Array, axis: Axis = None, *, keepdims: bool = False) -> Handle:
    """Where the first smallest element stands."""
    return _position(along_axis.argmin, a, axis, keepdims=keepdims)


def _ordered(record: Operation, x: Handle, axis: Axis) -> Handle:
    if axis is None:
        x, axis = flattened(x), 0
    return record(x, params=(axis_of(x, axis),))


@LOWERINGS.named("sort")
def sort(
    a: Array,
    axis: Axis = -1,
    _kind: str | None = None,
    _order: None = None,
    *,
    _stable: bool | None = None,
) -> Handle:
    """In ascending order; equal elements are the same in any order."""
    return _ordered(along_axis.sort, a, axis)


@LOWERINGS.named("argsort")
def argsort(
    a: Array,
    axis: Axis = -1,
    _kind: str | None = None,
    _order: None = None,
    *,
    _stable: bool | None = None,
) -> Handle:
    """Where the elements in ascending order stand; equal ones in the order they have."""
    return _ordered(along_axis.argsort, a, axis)


@LOWERINGS.named("partition")
def partition(
    a: Array,
    _kth: Value,
    axis: Axis = -1,
    _kind: Any = None,
    _order: None = None,
) -> Handle:
    """Sorted whole: what NumPy says of `kth` holds, and the order of the rest is open there."""
    return _ordered(along_axis.sort, a, axis)


@LOWERINGS.named("argpartition")
def argpartition(
    a: Array,
    _kth: Value,
    axis: Axis = -1,
    _kind: Any = None,
    _order: None = None,
) -> Handle:
    """The order that sorts, see `partition`."""
    return _ordered(along_axis.argsort, a, axis)


@LOWERINGS.named("searchsorted")
def searchsorted(a: Array, v: Array, side: str = "left", sorter: Array | None = None) -> Handle:
    """Where elements would stand in a sorted array."""
    if side not in ("left", "right"):
        refuse(f"searchsorted knows the sides 'left' and 'right', not {side!r}")
    if sorter is not None:
        a = taken_along(a, sorter, 0)
    return along_axis.searchsorted(a, v, params=(side,))


@LOWERINGS.named("digitize")
def digitize(x: Array, bins: Array, right: bool = False) -> Handle:  # noqa: FBT001, FBT002
    """Into which bins of known edges elements fall; these ascend or descend."""
    import numpy as np

    edges = known(bins)
    if edges is None:
        refuse("digitize needs known bins", "use np.searchsorted")
    steps = np.diff(edges)
    if np.any(steps < 0) and np.any(steps > 0):
        raise ValueError("bins must be monotonically increasing or decreasing")
    side = "left" if right else "right"
    if np.any(steps < 0):
        return len(edges) - searchsorted(constant(x.builder, edges[::-1]), x, side)
    return searchsorted(bins, x, side)


LOWERINGS.refuse(
    {
        "nanargmax": "write np.argmax(np.where(np.isnan(x), -np.inf, x))",
        "nanargmin": "write np.argmin(np.where(np.isnan(x), np.inf, x))",
        "lexsort": "of one key np.argsort is",
        "unique": "its length depends on values",
        "sort_complex": None,
    }
)
