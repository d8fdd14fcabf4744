"""NumPy's functions that join arrays, take them apart, and repeat them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

from symdiff.errors import ShapeError
from symdiff.frontend.lowering.base import (
    Array,
    Value,
    as_line,
    cast,
    constant,
    line,
    plain,
    refuse,
    whole_number,
)
from symdiff.frontend.lowering.index_plan import concrete
from symdiff.frontend.lowering.indexing import as_kind_of, fitted, read
from symdiff.frontend.lowering.joined_rows import joined_rows, rows_of, with_more_axes
from symdiff.frontend.lowering.registry import LOWERINGS
from symdiff.frontend.lowering.shapes import (
    atleast_1d,
    atleast_2d,
    atleast_3d,
    lengths,
    moveaxis,
    natural,
    ravel,
)
from symdiff.graph.shape import Dim, Dimension, normal_axis, quotient
from symdiff.graph.shape import text as shape_text
from symdiff.ops.builder import Builder
from symdiff.ops.handle import Handle
from symdiff.ops.joining import concatenated, stacked
from symdiff.ops.reduction import broadcast_to, with_axes
from symdiff.ops.structural import reshaped

# --- joining -----------------------------------------------------------------------------------


def items(b: Builder, arrays: Value) -> list[Handle]:
    """The arrays of a sequence; of a single array its parts along the first axis."""
    if isinstance(arrays, (list, tuple)):
        return [line(b, x) for x in arrays]
    return list(unstack(b, as_line(b, arrays)))


@LOWERINGS.named("unstack")
def unstack(b: Builder, x: Array, /, *, axis: int = 0) -> tuple[Handle, ...]:
    """The parts along an axis, without it."""
    number = normal_axis(axis, x.ndim)
    count = whole_number(x.shape[number], "np.unstack")
    front = (slice(None),) * number
    return tuple(read(b, x, (*front, k)) for k in range(count))


@LOWERINGS.named("concatenate", "concat")
def concatenate(
    b: Builder,
    arrays: Value,
    /,
    axis: int | None = 0,
    *,
    dtype: Any = None,
    _casting: Any = None,
) -> Handle:
    """One array after the other along an axis; all raveled where that is `None`."""
    rows = rows_of(b, arrays)
    if rows is not None:
        return joined_rows(rows, axis, dtype)
    found = items(b, arrays)
    if not found:
        raise ShapeError("there are no arrays to join")
    if axis is None:
        found, axis = [ravel(x) for x in found], 0
    first = found[0]
    if not first.ndim:
        raise ShapeError("arrays without axes cannot be joined; use np.stack")
    for x in found:
        if x.ndim != first.ndim:
            raise ShapeError(
                f"{shape_text(first.shape)} and {shape_text(x.shape)} cannot be joined: they have "
                "different numbers of axes"
            )
    return cast(concatenated(found, normal_axis(axis, first.ndim)), dtype)


@LOWERINGS.named("stack")
def stack(
    b: Builder, arrays: Value, axis: int = 0, *, dtype: Any = None, _casting: Any = None
) -> Handle:
    """Equal arrays along a new axis."""
    rows = rows_of(b, arrays)
    if rows is not None:
        return cast(moveaxis(rows, 0, normal_axis(axis, rows.ndim)), dtype)
    found = items(b, arrays)
    if not found:
        raise ShapeError("there are no arrays to stack")
    return cast(stacked(found, normal_axis(axis, found[0].ndim + 1)), dtype)


@LOWERINGS.named("hstack")
def hstack(b: Builder, tup: Value, *, dtype: Any = None, _casting: Any = None) -> Handle:
    """Joined along the second axis; arrays of one axis along that."""
    rows = rows_of(b, tup)
    if rows is not None:
        rows = with_more_axes(rows, 1)
        return joined_rows(rows, 0 if rows.ndim == 2 else 1, dtype)
    found = [atleast_1d(x) for x in items(b, tup)]
    axis = 0 if found and found[0].ndim == 1 else 1
    return concatenate(b, found, axis, dtype=dtype)


@LOWERINGS.named("vstack", "row_stack")
def vstack(b: Builder, tup: Value, *, dtype: Any = None, _casting: Any = None) -> Handle:
    """Joined along the first axis; arrays of one axis are rows."""
    rows = rows_of(b, tup)
    if rows is not None:
        return joined_rows(with_more_axes(rows, 2), 0, dtype)
    found = [atleast_2d(x) for x in items(b, tup)]
    return concatenate(b, found, 0, dtype=dtype)


@LOWERINGS.named("dstack")
def dstack(b: Builder, tup: Value) -> Handle:
    """Joined along the third axis."""
    return concatenate(b, [atleast_3d(x) for x in items(b, tup)], 2)


@LOWERINGS.named("column_stack")
def column_stack(b: Builder, tup: Value) -> Handle:
    """Joined along the second axis; arrays of one axis are columns."""
    rows = rows_of(b, tup)
    if rows is not None:
        return joined_rows(with_more_axes(rows, 2, at_end=True), 1, None)
    found = items(b, tup)
    columns = [x if x.ndim > 1 else reshaped(x, (*atleast_1d(x).shape, 1)) for x in found]
    return concatenate(b, columns, 1)


@LOWERINGS.named("append")
def append(b: Builder, arr: Array, values: Array, axis: int | None = None) -> Handle:
    """Values after an array; both raveled where no axis is given."""
    return concatenate(b, [arr, values], axis)


@LOWERINGS.named("block")
def block(b: Builder, arrays: Value) -> Handle:
    """Nested lists of blocks: the innermost lists along the last axis, and so on outwards."""
    depth = _depth(arrays)
    ndim = max(depth, *[line(b, x).ndim for x in _leaves(arrays)])
    return _blocks(b, arrays, ndim - depth, ndim)


def _depth(arrays: Value) -> int:
    """How deep lists are nested, equally everywhere.

    Raises:
        ShapeError: for an empty list, and where they are not.
    """
    if not isinstance(arrays, list):
        return 0
    if not arrays:
        raise ShapeError("a list of blocks is empty")
    depths = {_depth(item) for item in arrays}
    if len(depths) > 1:
        raise ShapeError("the lists of blocks are not nested equally deep")
    return depths.pop() + 1


def _leaves(arrays: Value) -> Iterator[Value]:
    if not isinstance(arrays, list):
        yield arrays
        return
    for item in arrays:
        yield from _leaves(item)


def _blocks(b: Builder, arrays: Value, axis: int, ndim: int) -> Handle:
    """The lists at one depth, joined along the axis of that depth."""
    if not isinstance(arrays, list):
        x = line(b, arrays)
        return with_axes(x, 0, ndim - x.ndim)
    return concatenate(b, [_blocks(b, item, axis + 1, ndim) for item in arrays], axis)


# --- taking apart ------------------------------------------------------------------------------


@LOWERINGS.named("split")
def split(b: Builder, ary: Array, indices_or_sections: Any, axis: int = 0) -> list[Handle]:
    """So many equal parts, or parts between the given places."""
    length = ary.shape[normal_axis(axis, ary.ndim)]
    sections = plain(indices_or_sections)
    if isinstance(sections, int) and quotient(length, sections) is None:
        raise ShapeError(f"{length} elements cannot be split into {sections} equal parts")
    return array_split(b, ary, sections, axis)


@LOWERINGS.named("array_split")
def array_split(b: Builder, ary: Array, indices_or_sections: Any, axis: int = 0) -> list[Handle]:
    """So many parts, the first ones longer by one, or parts between the given places."""
    number = normal_axis(axis, ary.ndim)
    sections = plain(indices_or_sections)
    if isinstance(sections, int):
        places = _equal_places(ary.shape[number], sections)
    else:
        array = concrete(b, sections)
        if array is None:
            refuse("the places to split at must be known", "give them as numbers")
        places = [0, *array.tolist(), None]
    front = (slice(None),) * number
    parts = [slice(*ends) for ends in pairwise(places)]
    return [read(b, ary, (*front, part)) for part in parts]


def _equal_places(length: Dimension, sections: int) -> list[Any]:
    """Where parts begin that are equally long, or longer by one at the start."""
    if sections < 1:
        raise ShapeError(f"an array cannot be split into {sections} parts")
    width = quotient(length, sections)
    if width is not None:
        return [width * k for k in range(sections + 1)]
    short, longer = divmod(whole_number(length, "np.array_split"), sections)
    return [k * short + min(k, longer) for k in range(sections + 1)]


def _split_along(axis: int, least: int) -> Callable[..., list[Handle]]:
    def lowering(b: Builder, ary: Value, indices_or_sections: Any) -> list[Handle]:
        """Parts along one axis."""
        x = line(b, ary)
        if x.ndim < least:
            raise ShapeError(f"an array with {x.ndim} dimensions has no axis {axis} to split")
        return split(b, x, indices_or_sections, axis)

    return lowering


vsplit = LOWERINGS.named("vsplit")(_split_along(0, 2))
dsplit = LOWERINGS.named("dsplit")(_split_along(2, 3))


@LOWERINGS.named("hsplit")
def hsplit(b: Builder, ary: Array, indices_or_sections: Any) -> list[Handle]:
    """Parts along the second axis; of an array with one axis along that."""
    return split(b, ary, indices_or_sections, min(1, ary.ndim - 1))


# --- repeating ---------------------------------------------------------------------------------


@LOWERINGS.named("tile")
def tile(A: Array, reps: Any) -> Handle:  # noqa: N803  NumPy's name
    """An array repeated so many times along each axis."""
    x, counts = A, lengths(reps)
    ndim = max(x.ndim, len(counts))
    x = with_axes(x, 0, ndim - x.ndim)
    counts = (*[1] * (ndim - len(counts)), *counts)
    doubled: list[Dimension] = []
    repeated: list[Dimension] = []
    for count, length in zip(counts, x.shape, strict=True):
        doubled += [length] if count == 1 else [1, length]
        repeated += [length] if count == 1 else [count, length]
    whole = tuple(length * count for count, length in zip(counts, x.shape, strict=True))
    return reshaped(broadcast_to(reshaped(x, tuple(doubled)), tuple(repeated)), whole)


@LOWERINGS.named("repeat")
def repeat(b: Builder, a: Array, repeats: Any, axis: int | None = None) -> Handle:
    """Each element repeated, all equally often or as an array says."""
    if axis is None:
        a, axis = ravel(a), 0
    number = normal_axis(axis, a.ndim)
    count = plain(repeats)
    if not isinstance(count, Dim):
        counts = concrete(b, count)
        if counts is None:
            refuse("how often np.repeat repeats must be known", "give the numbers")
        if counts.size > 1:
            return _repeated_each(b, a, counts, number)
        count = int(counts.reshape(()))
    natural(count)
    before, length, after = a.shape[:number], a.shape[number], a.shape[number + 1 :]
    spread = broadcast_to(with_axes(a, number + 1, 1), (*before, length, count, *after))
    return reshaped(spread, (*before, length * count, *after))


def _repeated_each(b: Builder, x: Handle, counts: Any, axis: int) -> Handle:
    import numpy as np

    length = whole_number(x.shape[axis], "np.repeat with several counts")
    if counts.shape != (length,):
        raise ShapeError(f"{counts.size} counts are given for {length} elements")
    return taken(b, x, np.repeat(np.arange(length), counts), axis)


def taken(b: Builder, x: Handle, places: Any, axis: int) -> Handle:
    """Elements of an axis at known places: as a slice where they are equally far apart."""
    import numpy as np

    front = (slice(None),) * axis
    steps = np.diff(places)
    if len(places) == 1 or (len(steps) and steps[0] and np.all(steps == steps[0])):
        step, last = int(steps[0]) if len(steps) else 1, int(places[-1])
        stop = last + 1 if step > 0 else last - 1 if last else None
        return read(b, x, (*front, slice(int(places[0]), stop, step)))
    return read(b, x, (*front, constant(b, places.astype("int64"))))


# --- inserting and deleting --------------------------------------------------------------------


@LOWERINGS.named("delete")
def delete(b: Builder, arr: Value, obj: Any, axis: int | None = None) -> Handle:
    """Without the elements at some places, which must be known."""
    import numpy as np

    x, number = _along(b, arr, axis)
    length = whole_number(x.shape[number], "np.delete")
    chosen = _known_places(b, obj)
    try:
        kept = np.delete(np.arange(length), chosen)
    except (IndexError, ValueError) as error:
        raise ShapeError(f"np.delete: {error}") from error
    return _of_runs(b, x, kept, number)


def _of_runs(b: Builder, x: Handle, places: Any, axis: int) -> Handle:
    """Elements at rising places: at most two slices joined, else by an index array."""
    import numpy as np

    runs = np.split(places, np.flatnonzero(np.diff(places) != 1) + 1)
    if len(runs) > 2:
        return taken(b, x, places, axis)
    return concatenated([taken(b, x, run, axis) for run in runs], axis)


def _along(b: Builder, arr: Value, axis: int | None) -> tuple[Handle, int]:
    """The array and its axis; raveled where no axis is given."""
    x = line(b, arr)
    return (ravel(x), 0) if axis is None else (x, normal_axis(axis, x.ndim))


def _known_places(b: Builder, obj: Any) -> Any:
    if isinstance(obj, slice):
        return obj
    array = concrete(b, obj)
    if array is None:
        refuse("the places must be known before the function runs", "give them as numbers")
    return array.astype(int) if not array.size else array


@LOWERINGS.named("insert")
def insert(b: Builder, arr: Value, obj: Any, values: Array, axis: int | None = None) -> Handle:
    """With values before some places, which must be known."""
    import numpy as np

    x, number = _along(b, arr, axis)
    length = whole_number(x.shape[number], "np.insert")
    at = _known_places(b, obj)
    value = as_kind_of(x, values)
    value = with_axes(value, 0, max(0, x.ndim - value.ndim))
    if not isinstance(at, slice) and at.ndim == 0:
        value = moveaxis(value, 0, number)
    places = np.arange(length)[at] if isinstance(at, slice) or at.dtype.kind == "b" else at
    is_one_place = np.size(places) == 1
    count = value.shape[number] if is_one_place else int(np.size(places))
    value = fitted(value, (*x.shape[:number], count, *x.shape[number + 1 :]))
    return _inserted(b, x, np.ravel(places), value, number)


def _inserted(b: Builder, x: Handle, places: Any, value: Handle, axis: int) -> Handle:
    """Both joined: around one place, or in the order in which NumPy puts them."""
    import numpy as np

    length, count = (whole_number(y.shape[axis], "np.insert") for y in (x, value))
    numbers = np.arange(length, length + count)
    where = int(places[0]) if len(places) == 1 else places
    try:
        order = np.insert(np.arange(length), where, numbers)
    except IndexError as error:
        raise ShapeError(f"np.insert: {error}") from error
    if len(places) != 1:
        return taken(b, concatenated([x, value], axis), order, axis)
    cut = int(np.flatnonzero(order == length)[0]) if count else length
    front = (slice(None),) * axis
    before, after = (read(b, x, (*front, part)) for part in (slice(None, cut), slice(cut, None)))
    parts = [part for part in (before, value, after) if part.shape[axis] != 0]
    return concatenated(parts or [x], axis)
