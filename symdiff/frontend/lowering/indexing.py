"""Reading and writing by an index, with NumPy's semantics.

An index is taken apart into two steps of the core: slices, numbers, also computed ones, and new
axes first, and index arrays on the axes that these leave.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, NoReturn

from symdiff.errors import ShapeError
from symdiff.frontend.lowering.base import (
    Value,
    cast,
    constant,
    known,
    line,
    refuse,
    whole_number,
)
from symdiff.graph.node import COMPLEX, FLOAT, INT
from symdiff.graph.shape import Dim, Dimension, Shape, broadcast, least_within, quotient
from symdiff.graph.shape import text as shape_text
from symdiff.ops.builder import Builder
from symdiff.ops.control import where
from symdiff.ops.handle import Handle
from symdiff.ops.indexing import index, indexed, put, put_add, whole
from symdiff.ops.operation import Operation
from symdiff.ops.reduction import broadcast_to
from symdiff.ops.structural import Pattern, inverse_order, reshaped, transposed

Key = Any  # what stands between the square brackets

NEW, NUMBER, SLICE, ARRAY = "new", "int", "slice", "array"  # as in patterns
MASK, TRUTHS = "mask", "truths"  # computed, and known
GAP = "gap"  # an ellipsis that stands for no axis: NumPy still counts it between index arrays


def read(b: Builder, x: Handle, key: Key) -> Handle:
    """`x[key]`.

    Raises:
        ShapeError: where the index does not fit to the array.
        UnsupportedError: where the shape of the result is not known: a computed mask, or a slice
            that depends on a named dimension.
    """
    parts = _parts(b, key, x.shape)
    if any(part.kind == MASK for part in parts):
        refuse(
            "how many elements a mask selects is not known before the function runs",
            "write np.where(mask, x, 0)",
        )
    return _taken(x, _plan(b, parts, x.shape))


def write(b: Builder, x: Handle, key: Key, v: Value) -> Handle:
    """The array after `x[key] = v`.

    Raises:
        ShapeError: where the index or the value does not fit to the array.
        UnsupportedError: as for `read`, and for floats that are written among whole numbers.
    """
    value = as_kind_of(x, line(b, v))
    parts = _parts(b, key, x.shape)
    if any(part.kind == MASK for part in parts):
        return _written_masked(b, x, parts, value, lambda _, new: new)
    plan = _plan(b, parts, x.shape)
    if not plan.arrays:
        return _put_back(x, plan, fitted(value, plan.middle))
    return _with_arrays(put, x, plan, value)


def accumulate(b: Builder, x: Handle, key: Key, v: Value) -> Handle:
    """The array after `np.add.at(x, key, v)`: a place that is named twice is added to twice.

    Raises:
        ShapeError: where the index or the value does not fit to the array.
        UnsupportedError: as for `write`.
    """
    value = as_kind_of(x, line(b, v))
    parts = _parts(b, key, x.shape)
    if any(part.kind == MASK for part in parts):
        return _written_masked(b, x, parts, value, operator.add)
    plan = _plan(b, parts, x.shape)
    if not plan.arrays:
        old = _first_step(x, plan)
        return _put_back(x, plan, old + fitted(value, plan.middle))
    return _with_arrays(put_add, x, plan, value)


def is_basic(key: Key) -> bool:
    """Whether NumPy's result is a view: the index has no arrays and no lists."""
    import numpy as np

    kinds = (type(None), type(Ellipsis), slice, int, np.integer, Dim)
    return all(isinstance(item, kinds) and not isinstance(item, bool) for item in _items(key))


def basic_pattern(b: Builder, shape: Shape, key: Key) -> Pattern:
    """The pattern of a basic index, which is one step of the core.

    Raises:
        ShapeError: where the index does not fit to the shape.
        UnsupportedError: where the shape of the result is not known.
    """
    return _plan(b, _parts(b, key, shape), shape).pattern


def as_kind_of(x: Handle, value: Handle) -> Handle:
    """A value in the kind of the array that it is written into.

    Raises:
        UnsupportedError: where NumPy would round a float, or drop an imaginary part.
    """
    if value.dtype == COMPLEX != x.dtype:
        refuse(
            "a complex number is written into an array of real ones, which drops a part of it",
            "make the array with dtype=complex",
        )
    if x.dtype == value.dtype or x.dtype == COMPLEX:
        return value
    if value.dtype == FLOAT:
        kind = "whole numbers" if x.dtype == INT else "truths"
        refuse(
            f"a float is written into an array of {kind}, which would round it",
            "make the array with dtype=float",
        )
    return cast(value, x.dtype)


def fitted(value: Handle, shape: Shape) -> Handle:
    """A value broadcast to its place; axes of length 1 in front may be too many.

    Raises:
        ShapeError: where it does not fit.
    """
    surplus = max(0, value.ndim - len(shape))
    if any(n != 1 for n in value.shape[:surplus]):
        raise _no_fit(value.shape, shape)
    value = reshaped(value, value.shape[surplus:])
    try:
        fits = broadcast(value.shape, shape) == shape
    except ShapeError:
        fits = False
    if not fits:
        raise _no_fit(value.shape, shape)
    return broadcast_to(value, shape)


def _no_fit(value: Shape, place: Shape) -> ShapeError:
    return ShapeError(
        f"a value of the shape {shape_text(value)} does not fit to a place of the shape "
        f"{shape_text(place)}"
    )


# --- the index, item by item -------------------------------------------------------------------


class Part(NamedTuple):
    """One item of an index: its kind, what it holds, and how many axes it takes."""

    kind: str
    value: Any = None  # a number, a slice, a line, an array of truths that is known
    axes: int = 1


def _items(key: Key) -> tuple[Any, ...]:
    return key if isinstance(key, tuple) else (key,)


def _parts(b: Builder, key: Key, shape: Shape) -> list[Part]:
    """The items of an index, with an ellipsis or the end filled by whole slices."""
    found: list[Part] = []
    ellipsis_at = None
    for item in _items(key):
        if item is not Ellipsis:
            found.append(_part(b, item))
        elif ellipsis_at is None:
            ellipsis_at = len(found)
        else:
            raise ShapeError("an index has more than one ellipsis (...)")
    missing = len(shape) - sum(part.axes for part in found)
    if missing < 0:
        count = len(shape) - missing
        raise ShapeError(f"{count} indices are given, and the array has {len(shape)} dimensions")
    at = len(found) if ellipsis_at is None else ellipsis_at
    nothing = [Part(GAP, axes=0)] if ellipsis_at is not None else []
    found[at:at] = [Part(SLICE, slice(None))] * missing or nothing
    return _without_truths(b, found, shape)


def _part(b: Builder, item: Any) -> Part:
    if item is None:
        return Part(NEW, axes=0)
    if isinstance(item, slice):
        return Part(SLICE, item)
    if isinstance(item, Dim):
        return Part(NUMBER, item)
    array = concrete(b, item)
    return _of_line(line(b, item)) if array is None else _of_array(b, array)


def concrete(b: Builder, item: Value) -> Any:
    """The NumPy array that a value is, or `None` where it is computed."""
    import numpy as np

    if isinstance(item, (int, float, np.ndarray, np.generic)):
        return np.asarray(item)
    return known(line(b, item))


def _of_line(item: Handle) -> Part:
    """A computed index: whole numbers, or truths."""
    if item.dtype == FLOAT:
        _refuse_floats()
    return Part(ARRAY, item) if item.dtype == INT else Part(MASK, item, item.ndim)


def _of_array(b: Builder, array: Any) -> Part:
    """A known index: a number, whole numbers, or truths."""
    if array.dtype.kind == "b":
        return Part(TRUTHS, array, array.ndim)
    if array.dtype.kind == "f" and array.size:  # NumPy takes an empty list as an index
        _refuse_floats()
    if array.ndim == 0:
        return Part(NUMBER, int(array))
    return Part(ARRAY, constant(b, array.astype("int64")))


def _refuse_floats() -> NoReturn:
    refuse("a float is no index", "use whole numbers: write astype(int) where they are known")


def _without_truths(b: Builder, parts: Sequence[Part], shape: Shape) -> list[Part]:
    """Known truths as the places where they hold, one index array an axis."""
    import numpy as np

    found: list[Part] = []
    axis = 0
    for part in parts:
        if part.kind in (TRUTHS, MASK):
            _check_mask(part.value.shape, shape[axis : axis + part.axes])
        if part.kind == TRUTHS and part.axes:
            found += [Part(ARRAY, constant(b, at)) for at in np.nonzero(part.value)]
        elif part.kind == TRUTHS:
            found.append(Part(MASK, line(b, bool(part.value)), 0))
        else:
            found.append(part)
        axis += part.axes
    return found


def _check_mask(mask: Shape, axes: Shape) -> None:
    if mask != axes:
        raise ShapeError(
            f"a mask of the shape {shape_text(mask)} stands at axes of the shape {shape_text(axes)}"
        )


# --- two steps ---------------------------------------------------------------------------------


class Plan(NamedTuple):
    """An index in two steps of the core.

    Attributes:
        pattern: the first step: slices, numbers and new axes.
        numbers: those of the numbers that are computed, as the pattern counts them.
        middle: the shape that it leaves.
        arrays: the index arrays of the second step, by axis of what the first one leaves.
        order: the axes of what the second step gives, in NumPy's order.
    """

    pattern: Pattern
    numbers: tuple[Handle, ...]
    middle: Shape
    arrays: dict[int, Handle]
    order: tuple[int, ...]

    @property
    def second(self) -> Pattern:
        """The pattern of the second step."""
        numbers = {axis: k for k, axis in enumerate(self.arrays)}
        return tuple(
            (ARRAY, numbers[axis]) if axis in numbers else whole(n)
            for axis, n in enumerate(self.middle)
        )


def _plan(b: Builder, parts: Sequence[Part], shape: Shape) -> Plan:
    """Beside index arrays a number is one too, so that both steps order axes as NumPy does."""
    pattern: list[tuple[Any, ...]] = []
    numbers: list[Handle] = []
    middle: list[Dimension] = []
    arrays: dict[int, Handle] = {}
    has_arrays = any(part.kind == ARRAY and part.value.shape for part in parts)
    axis = 0
    for part in parts:
        if part.kind == GAP:
            continue
        entry = _entry(b, part, shape, axis)
        if part.kind == ARRAY and not has_arrays:
            entry = (ARRAY, len(numbers))
            numbers.append(part.value)
        elif part.kind == ARRAY:
            arrays[len(middle)] = _within(b, part.value, shape[axis], axis)
        elif part.kind == NUMBER and has_arrays:
            arrays[len(middle)] = Handle(b, b.full(entry[1], (), INT))
            entry = whole(shape[axis])
        pattern.append(entry)
        middle += _left(entry)
        axis += part.axes
    order = _order(parts, arrays, len(middle))
    return Plan(tuple(pattern), tuple(numbers), tuple(middle), arrays, order)


def _order(parts: Sequence[Part], arrays: dict[int, Handle], ndim: int) -> tuple[int, ...]:
    """In front are the axes of index arrays that nothing but a gap stands between."""
    if not arrays:
        return tuple(range(ndim))
    width = len(broadcast(*[at.shape for at in arrays.values()]))
    first, count = min(arrays), len(arrays)
    every = range(ndim - count + width)
    moved = range(first, first + width)
    is_together = max(arrays) - first < count
    if not (is_together and _are_apart(parts)):  # the core's order is NumPy's
        return tuple(every)
    return (*moved, *[axis for axis in every if axis not in moved])


def _entry(b: Builder, part: Part, shape: Shape, axis: int) -> tuple[Any, ...]:
    if part.kind == NEW:
        return (NEW,)
    if part.kind == NUMBER:
        return NUMBER, _place(b, part.value, shape[axis], axis)
    if part.kind == SLICE:
        return _slice(b, part.value, shape[axis])
    return whole(shape[axis])


def _left(entry: tuple[Any, ...]) -> list[Dimension]:
    """The lengths that an entry of a pattern leaves."""
    if entry[0] in (NUMBER, ARRAY):
        return []
    return [1] if entry[0] == NEW else [entry[2]]


def _are_apart(parts: Sequence[Part]) -> bool:
    """Whether slices or new axes stand between index arrays and numbers."""
    places = [i for i, part in enumerate(parts) if part.kind in (ARRAY, NUMBER, MASK)]
    return places != list(range(places[0], places[0] + len(places)))


def _taken(x: Handle, plan: Plan) -> Handle:
    middle = _first_step(x, plan)
    if not plan.arrays:
        return middle
    found = index(middle, *plan.arrays.values(), params=(plan.second,))
    return transposed(found, plan.order)


def _first_step(x: Handle, plan: Plan) -> Handle:
    """What slices, numbers and new axes leave."""
    if plan.numbers:
        return index(x, *plan.numbers, params=(plan.pattern,))
    return indexed(x, plan.pattern)


def _put_back(x: Handle, plan: Plan, middle: Handle) -> Handle:
    """`x` with what the first step leaves of it replaced."""
    if plan.pattern == tuple(map(whole, x.shape)):
        return middle
    return put(x, middle, *plan.numbers, params=(plan.pattern,))


def _with_arrays(record: Operation, x: Handle, plan: Plan, value: Handle) -> Handle:
    """A write, or an addition, at the places that index arrays name."""
    arrays = list(plan.arrays.values())
    middle = _first_step(x, plan)
    place = index(middle, *arrays, params=(plan.second,)).shape
    value = fitted(value, tuple(place[axis] for axis in plan.order))
    value = transposed(value, inverse_order(plan.order))
    new = record(middle, value, *arrays, params=(plan.second,))
    return _put_back(x, plan, new)


def _written_masked(
    b: Builder,
    x: Handle,
    parts: Sequence[Part],
    value: Handle,
    change: Callable[[Handle, Handle], Handle],
) -> Handle:
    """A write where a computed mask holds: a choice, as the places are not known."""
    at = next(i for i, part in enumerate(parts) if part.kind == MASK)
    mask = parts[at]
    slices = [Part(SLICE, slice(None))] * mask.axes
    others = [*parts[:at], *slices, *parts[at + 1 :]]
    if any(part.kind in (MASK, ARRAY) for part in others):
        refuse(
            "a computed mask beside index arrays is not supported",
            "write x[...] = np.where(mask, value, x)",
        )
    plan = _plan(b, others, x.shape)
    old = indexed(x, plan.pattern)
    before = sum(part.kind in (SLICE, NEW) for part in parts[:at])
    after = old.ndim - before - mask.axes
    new = _value_of_mask(value, mask.axes, after, is_apart=_are_apart(parts))
    condition = reshaped(mask.value, (*[1] * before, *mask.value.shape, *[1] * after))
    chosen = where(broadcast_to(condition, old.shape), change(old, fitted(new, old.shape)), old)
    return _put_back(x, plan, chosen)


def _value_of_mask(value: Handle, axes: int, after: int, *, is_apart: bool) -> Handle:
    """What is written at a mask, with the mask's axes in the place of the one for its elements."""
    place = value.ndim - after - 1
    if place < 0:
        return value
    if value.shape[place] != 1 or is_apart:
        refuse(
            "how many elements a mask selects is not known before the function runs",
            "write np.where(mask, value, x) with a value of the shape of x",
        )
    return reshaped(value, (*value.shape[:place], *[1] * axes, *value.shape[place + 1 :]))


# --- numbers and slices ------------------------------------------------------------------------


def _within(b: Builder, at: Handle, length: Dimension, axis: int) -> Handle:
    """An index array whose negative entries count from the front, where it is known."""
    import numpy as np

    array = known(at)
    if array is None or isinstance(length, Dim):
        return at
    outside = array[(array < -length) | (array >= length)]
    if outside.size:
        raise _out_of_range(int(outside[0]), length, axis)
    if np.all(array >= 0):
        return at
    return constant(b, np.where(array < 0, array + length, array))


def _out_of_range(place: Dimension, length: Dimension, axis: int) -> ShapeError:
    return ShapeError(f"index {place} is out of range for axis {axis} with length {length}")


def _place(b: Builder, place: Dimension, length: Dimension, axis: int) -> Dimension:
    """A number as an index: from the front where the length is a number, else as it is."""
    if _depends_on_step(b, place) and all(_is_natural(b, n) for n in (place, length - place - 1)):
        return place
    is_named = isinstance(place, Dim)
    if is_named:
        place = place - length  # the names cancel in x[N - 1]
    if isinstance(place, Dim):
        refuse(f"whether the index {place + length} is below the length {length} is not known")
    if is_named and place >= 0:
        raise _out_of_range(place + length, length, axis)
    if isinstance(length, Dim):
        return place
    if not -length <= place < length:
        raise _out_of_range(place, length, axis)
    return place % length


def _slice(b: Builder, item: slice, length: Dimension) -> tuple[Any, ...]:
    """The entry of a slice."""
    start, stop = _bound(item.start), _bound(item.stop)
    step = 1 if item.step is None else whole_number(_bound(item.step), "the step of a slice")
    if step == 0:
        raise ShapeError("the step of a slice is 0")
    if isinstance(length, Dim) or any(isinstance(n, Dim) for n in (start, stop)):
        return _named_slice(b, start, stop, step, length)
    taken = range(*slice(start, stop, step).indices(length))
    if not taken:
        return SLICE, 0, 0, 1
    return SLICE, taken.start, len(taken), step if len(taken) > 1 else 1


def _bound(value: Any) -> Any:  # None, a number or a length
    """A bound of a slice."""
    if isinstance(value, Handle):
        value = known(value)
        if value is None:
            refuse(
                "the bounds of a slice must be known before the function runs",
                "write np.take(x, start + np.arange(length), axis=0), or give the lengths of the "
                "arrays as numbers",
            )
        value = value.item()
    return value if value is None or isinstance(value, Dim) else operator.index(value)


def _named_slice(
    b: Builder, start: Any, stop: Any, step: int, length: Dimension
) -> tuple[Any, ...]:
    """The entry of a slice whose bounds or length are named dimensions.

    What it cuts off at either end must be known not to be negative; of one that depends on a step
    of a loop, how long it is too.
    """
    if step > 0:
        first = _from_front(b, start, length, 0)
        last = _from_front(b, stop, length, length)
        span, cut = last - first, [first, length - last]
    else:
        first = _from_front(b, start, length, length - 1)
        last = _from_front(b, stop, length, -1)
        span, cut = first - last, [length - 1 - first, last + 1]
    count = quotient(span, abs(step))
    if _depends_on_step(b, span):
        cut.append(span)
    if count is None or any(not _is_natural(b, n) for n in cut):
        refuse(
            f"which elements this slice takes depends on the length {length}, which is named",
            "give the length as a number",
        )
    if isinstance(count, int) and count <= 0:
        return SLICE, 0, 0, 1
    return SLICE, first, count, step


def _from_front(
    b: Builder, bound: Dimension | None, length: Dimension, default: Dimension
) -> Dimension:
    if bound is None:
        return default
    if _is_natural(b, bound * -1 - 1):
        return length + bound
    if _depends_on_step(b, bound) and not _is_natural(b, bound):
        refuse(
            "whether a bound of this slice is negative in some steps of the loop is not known",
            "let the loop begin where it is not",
        )
    return bound


def _depends_on_step(b: Builder, length: Dimension) -> bool:
    """Whether a length is another one in each step of a loop."""
    return isinstance(length, Dim) and not length.names.isdisjoint(b.ranges)


def _is_natural(b: Builder, length: Dimension) -> bool:
    """Whether a length is at least 0 for all lengths of the named dimensions."""
    least = least_within(length, b.ranges)
    return least is not None and least >= 0
