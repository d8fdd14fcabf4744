"""Methods of NumPy's universal functions that the catalogue has no function for: step by step.

`np.logaddexp.reduce(x)` is a fold from the left, as NumPy computes it. Lengths are known.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from symdiff.frontend.tracing.recorder import Recorder
from symdiff.frontend.tracing.values import concrete, flat, numpy

Method = Callable[..., Any]


def _slices(trace: Recorder, name: str, array: Any, axis: Any) -> tuple[list[Any], int]:
    """The slices of an array along an axis, and that axis."""
    array = trace.call("asarray", array)
    lengths = array.content.shape
    if axis is None and len(lengths) == 1:
        axis = 0
    if not isinstance(axis, int) or not all(isinstance(n, int) for n in lengths):
        trace.refuse(f"np.{name} goes along one axis of a known length", "give axis= as a number")
    if not -len(lengths) <= axis < len(lengths):
        raise numpy().exceptions.AxisError(axis, len(lengths))
    axis %= len(lengths)
    before = (slice(None),) * axis
    return [array[(*before, k)] for k in range(lengths[axis])], axis


def _reduce(trace: Recorder, name: str, array: Any, axis: Any = 0, **options: Any) -> Any:
    keepdims = options.pop("keepdims", False)
    initial = options.pop("initial", None)
    _refuse_options(trace, f"{name}.reduce", options)
    parts, axis = _slices(trace, f"{name}.reduce", array, axis)
    if initial is not None:
        parts.insert(0, initial)
    if not parts:
        trace.refuse(f"np.{name}.reduce of no elements is not supported", "give initial=")
    found = parts[0]
    for part in parts[1:]:
        found = trace.call(name, found, part)
    return trace.call("expand_dims", found, axis) if keepdims else found


def _accumulate(trace: Recorder, name: str, array: Any, axis: int = 0, **options: Any) -> Any:
    _refuse_options(trace, f"{name}.accumulate", options)
    parts, axis = _slices(trace, f"{name}.accumulate", array, axis)
    found = parts[:1]
    for part in parts[1:]:
        found.append(trace.call(name, found[-1], part))
    return trace.call("stack", found, axis) if found else trace.call("copy", array)


def _reduceat(
    trace: Recorder, name: str, array: Any, indices: Any, axis: int = 0, **options: Any
) -> Any:
    _refuse_options(trace, f"{name}.reduceat", options)
    if any(map(trace.is_symbolic, flat((indices,)))):
        trace.refuse(f"np.{name}.reduceat takes known places", "give numbers")
    parts, axis = _slices(trace, f"{name}.reduceat", array, axis)
    starts = [int(k) for k in concrete(indices)]
    for start in starts:
        if not 0 <= start < len(parts):
            raise IndexError(f"index {start} out-of-bounds in {name}.reduceat [0, {len(parts)})")
    found = []
    for start, end in zip(starts, [*starts[1:], len(parts)], strict=True):
        value = parts[start]
        for part in parts[start + 1 : end]:
            value = trace.call(name, value, part)
        found.append(value)
    return trace.call("stack", found, axis)


def _refuse_options(trace: Recorder, name: str, options: Mapping[str, Any]) -> None:
    given = [key for key, value in options.items() if value is not None and value is not True]
    if given:
        trace.refuse(f"np.{name} with {given[0]}= is not supported", "leave it out")


METHODS: Mapping[str, Method] = {
    "reduce": _reduce,
    "accumulate": _accumulate,
    "reduceat": _reduceat,
}


def apply_at(trace: Recorder, name: str, array: Any, key: Any, value: Any = None) -> None:
    """`np.multiply.at(array, key, value)`: where a place comes again, so does the function.

    The first of all places go at once, then the second, as often as a place comes.
    """
    np = numpy()
    if any(map(trace.is_symbolic, flat((key,)))):
        trace.refuse(f"np.{name}.at with computed places is not supported", "np.add.at is")
    known = tuple(map(concrete, key)) if isinstance(key, tuple) else concrete(key)
    chosen = np.arange(array.size).reshape(array.shape)[known]
    places = chosen.ravel()
    values = None
    if value is not None:
        values = trace.call("ravel", trace.call("broadcast_to", value, chosen.shape))
    turns = np.array([np.sum(places[:k] == place) for k, place in enumerate(places)], int)
    for turn in range(max(turns, default=-1) + 1):
        at = np.flatnonzero(turns == turn)
        given = () if values is None else (values[at],)
        array.flat[places[at]] = trace.call(name, array.flat[places[at]], *given)
