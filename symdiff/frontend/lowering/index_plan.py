"""Plans of indices: items, then two steps of the core.

Slices, numbers, also computed ones, and new axes come first, and index arrays on the axes that
these leave second.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, NoReturn

from symdiff.errors import IndexingError
from symdiff.frontend.lowering.base import (
    Value,
    constant,
    known,
    line,
    refuse,
)
from symdiff.frontend.lowering.index_bounds import extent, from_front, within
from symdiff.graph.node import FLOAT, INT
from symdiff.graph.shape import Dim, Dimension, Shape, broadcast
from symdiff.graph.shape import text as shape_text
from symdiff.ops.builder import Builder
from symdiff.ops.handle import Handle
from symdiff.ops.indexing import whole
from symdiff.ops.structural import Pattern

Key = Any  # what stands between the square brackets

NEW, NUMBER, SLICE, ARRAY = "new", "int", "slice", "array"  # as in patterns
MASK, TRUTHS = "mask", "truths"  # computed, and known
GAP = "gap"  # an ellipsis that stands for no axis: NumPy still counts it between index arrays


class Part(NamedTuple):
    """One item of an index: its kind, what it holds, and how many axes it takes."""

    kind: str
    value: Any = None  # a number, a slice, a line, an array of truths that is known
    axes: int = 1


def items_of(key: Key) -> tuple[Any, ...]:
    """The items between the square brackets."""
    return key if isinstance(key, tuple) else (key,)


def parts_of(b: Builder, key: Key, shape: Shape) -> list[Part]:
    """The items of an index, with an ellipsis or the end filled by whole slices."""
    found: list[Part] = []
    ellipsis_at = None
    for item in items_of(key):
        if item is not Ellipsis:
            found.append(_part(b, item))
        elif ellipsis_at is None:
            ellipsis_at = len(found)
        else:
            raise IndexingError("an index has more than one ellipsis (...)")
    missing = len(shape) - sum(part.axes for part in found)
    if missing < 0:
        count = len(shape) - missing
        raise IndexingError(f"{count} indices are given, and the array has {len(shape)} dimensions")
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
    is_alone = sum(part.kind in (ARRAY, TRUTHS, MASK, NUMBER) for part in parts) == 1
    for part in parts:
        if part.kind in (TRUTHS, MASK):
            _check_mask(part.value.shape, shape[axis : axis + part.axes])
        if part.kind == TRUTHS and part.axes:
            found += [Part(ARRAY, constant(b, at)) for at in np.nonzero(part.value)]
        elif part.kind == TRUTHS and part.value and is_alone:
            found.append(Part(NEW, axes=0))  # a[True] is a copy of a[None]
        elif part.kind == TRUTHS:
            found.append(Part(MASK, line(b, bool(part.value)), 0))
        else:
            found.append(part)
        axis += part.axes
    return found


def _check_mask(mask: Shape, axes: Shape) -> None:
    if mask != axes:
        raise IndexingError(
            f"a mask of the shape {shape_text(mask)} stands at axes of the shape {shape_text(axes)}"
        )


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


def plan_of(b: Builder, parts: Sequence[Part], shape: Shape) -> Plan:
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
            arrays[len(middle)] = within(b, part.value, shape[axis], axis)
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
    if not (is_together and are_apart(parts)):  # the core's order is NumPy's
        return tuple(every)
    return (*moved, *[axis for axis in every if axis not in moved])


def _entry(b: Builder, part: Part, shape: Shape, axis: int) -> tuple[Any, ...]:
    if part.kind == NEW:
        return (NEW,)
    if part.kind == NUMBER:
        return NUMBER, from_front(b, part.value, shape[axis], axis)
    if part.kind == SLICE:
        return (SLICE, *extent(b, part.value, shape[axis]))
    return whole(shape[axis])


def _left(entry: tuple[Any, ...]) -> list[Dimension]:
    """The lengths that an entry of a pattern leaves."""
    if entry[0] in (NUMBER, ARRAY):
        return []
    return [1] if entry[0] == NEW else [entry[2]]


def are_apart(parts: Sequence[Part]) -> bool:
    """Whether slices or new axes stand between index arrays and numbers."""
    places = [i for i, part in enumerate(parts) if part.kind in (ARRAY, NUMBER, MASK)]
    return places != list(range(places[0], places[0] + len(places)))
