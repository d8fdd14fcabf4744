"""Indices and writes.

An index is a pattern of one entry for each axis and each new one:

    ("slice", start, length, step)   ("int", position)   ("new",)   ("array", k)

`k` says which of the operation's index arrays stands there. A pattern holds slices, numbers, also
those that index arrays without axes are, and new axes; or whole slices and arrays. What mixes them
is an index of an index. Axes at the end that are taken whole are in the pattern too.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from symdiff.errors import ShapeError, SymdiffError
from symdiff.graph.node import INT, Node
from symdiff.graph.shape import Dim, Dimension, Shape, size
from symdiff.graph.shape import broadcast as common_shape
from symdiff.graph.shape import text as shape_text
from symdiff.ops import sparsity
from symdiff.ops.control import equal, where
from symdiff.ops.creation import arange, known_numbers
from symdiff.ops.handle import Handle
from symdiff.ops.operation import (
    ANY,
    FIRST,
    KEPT,
    Linear,
    Operation,
)
from symdiff.ops.structural import Params, Pattern, inverse_order, reshaped, transposed


def whole(length: Dimension) -> tuple[Any, ...]:
    """The entry that takes an axis as it is."""
    return ("slice", 0, length, 1)


def slice_of(
    shape: Shape, axis: int, start: Dimension, length: Dimension, step: int = 1
) -> Pattern:
    """The pattern of a slice of one axis."""
    entries = [whole(n) for n in shape]
    entries[axis] = ("slice", start, length, step)
    return tuple(entries)


def _pattern_shape(shape: Shape, pattern: Pattern, indices: Sequence[Shape]) -> Shape:
    result: list[Dimension] = []
    places: list[int] = []
    runs: list[int] = []
    for number, entry in enumerate(pattern):
        if entry[0] == "slice":
            result.append(entry[2])
        elif entry[0] == "new":
            result.append(1)
        elif entry[0] == "array":
            places.append(len(result))
            runs.append(number)
    if places:
        adjacent = runs == list(range(runs[0], runs[0] + len(runs)))
        at = places[0] if adjacent else 0
        result[at:at] = common_shape(*indices)
    return tuple(result)


def _index_shape(shapes: Sequence[Shape], params: Params) -> Shape:
    return _pattern_shape(shapes[0], params[0], shapes[1:])


def _put_shape(shapes: Sequence[Shape], params: Params) -> Shape:
    target, value, *indices = shapes
    if _pattern_shape(target, params[0], indices) != value:
        raise ShapeError(f"an array of the shape {shape_text(value)} does not fit at its place")
    return target


def _are_distinct(shape: Shape, arrays: Sequence[Handle], pattern: Pattern) -> bool:
    """Whether an index is known to name no place twice."""
    import numpy as np

    if not arrays:
        return True
    common = common_shape(*[x.shape for x in arrays])
    if size(common) == 1:
        return True
    if len(common) == 1 and any(_is_counter(x) and x.shape == common for x in arrays):
        return True
    found = [_known_places(x) for x in arrays]
    if any(places is None for places in found):
        return False
    axes = [entry for entry in pattern if entry[0] != "new"]
    for (kind, *rest), length in zip(axes, shape, strict=True):
        if kind == "array" and isinstance(length, int):
            found[rest[0]] = found[rest[0]] % max(length, 1)
        elif kind == "array" and np.any(found[rest[0]] < 0):
            return False
    table = np.stack([places.ravel() for places in np.broadcast_arrays(*found)])
    return bool(np.unique(table, axis=1).shape[1] == table.shape[1])


def _is_counter(x: Handle) -> bool:
    return x.builder.nodes[x.at].op == "arange"


def _known_places(x: Handle) -> Any:
    """The numbers of an index array, or `None` where they are computed."""
    return known_numbers(x.builder.nodes, [x.at]).get(x.at)


def _index_transpose(
    t: Handle, x: Handle, *arrays: Handle, pattern: Pattern
) -> tuple[Handle | None, ...]:
    builder = t.builder
    zeros = Handle(builder, builder.full(0.0, x.shape))
    record = put if _are_distinct(x.shape, arrays, pattern) else put_add
    return (record(zeros, t, *arrays, params=(pattern,)), *[None] * len(arrays))


def _put_transpose(
    t: Handle, x: Handle, v: Handle, *arrays: Handle, pattern: Pattern
) -> tuple[Handle | None, ...]:
    builder = t.builder
    taken = _last_written(t, x, v, arrays, pattern)  # read before zeros are written there
    zeros = Handle(builder, builder.full(0.0, v.shape))
    kept = put(t, zeros, *arrays, params=(pattern,))
    return (kept, taken, *[None] * len(arrays))


def _last_written(
    t: Handle, x: Handle, v: Handle, arrays: Sequence[Handle], pattern: Pattern
) -> Handle:
    """The cotangent of what was written. Of several writes to one place the last one counts."""
    taken = index(t, *arrays, params=(pattern,))
    if _are_distinct(x.shape, arrays, pattern):
        return taken
    number = reshaped(arange(t, size(v.shape)), v.shape)
    nothing = Handle(t.builder, t.builder.full(-1.0, x.shape, INT))
    written_by = put(nothing, number, *arrays, params=(pattern,))
    return where(equal(index(written_by, *arrays, params=(pattern,)), number), taken, 0.0)


def _batched_index(
    x: Handle,
    arrays: Sequence[Handle],
    batched: Sequence[bool],
    pattern: Pattern,
    length: Dimension,
) -> tuple[list[Handle], Pattern, tuple[int, ...]]:
    """Index arrays and pattern with a new axis, and the order that brings it to the front.

    Where an index array has the new axis, a counter of it stands before all others.
    """
    runs = [number for number, entry in enumerate(pattern) if entry[0] == "array"]
    adjacent = runs == list(range(runs[0], runs[0] + len(runs))) if runs else True
    ndim = len(
        _pattern_shape(
            x.shape[1:], pattern, [_unbatched(*pair) for pair in _pairs(arrays, batched)]
        )
    )
    if not any(batched):
        new = (whole(length), *pattern)
        if adjacent:
            return list(arrays), new, tuple(range(ndim + 1))
        width = len(common_shape(*[i.shape for i in arrays]))
        order = (width, *range(width), *range(width + 1, ndim + 1))
        return list(arrays), new, order
    width = max(len(_unbatched(*pair)) for pair in _pairs(arrays, batched))
    lifted = [
        reshaped(i, (i.shape[0], *[1] * (width + 1 - i.ndim), *i.shape[1:])) if is_batched else i
        for i, is_batched in _pairs(arrays, batched)
    ]
    rows = reshaped(arange(x, length), (length, *[1] * width))
    new = (("array", len(arrays)), *pattern)
    before = runs[0] if adjacent else 0
    order = (0, *[1 + width + k for k in range(before)], *range(1, 1 + width))
    order += tuple(range(1 + width + before, ndim + 1))
    return [*lifted, rows], new, order


def _pairs(arrays: Sequence[Handle], batched: Sequence[bool]) -> list[tuple[Handle, bool]]:
    return list(zip(arrays, batched, strict=True))


def _unbatched(x: Handle, is_batched: bool) -> Shape:  # noqa: FBT001  one of a pair
    return x.shape[1:] if is_batched else x.shape


def repeated(x: Handle, length: Dimension) -> Handle:
    """`x` with a new axis in front along which it is the same."""
    shape = (length, *x.shape)
    return Handle(x.builder, x.builder.make("broadcast", (x.at,), (shape,)))


def lifted(args: Sequence[Handle], batched: Sequence[bool], length: Dimension) -> list[Handle]:
    """The arguments, all with the new axis."""
    return [x if has else repeated(x, length) for x, has in _pairs(args, batched)]


def _index_batch(
    args: Sequence[Handle], batched: Sequence[bool], params: Params, length: Dimension
) -> Handle:
    (x,) = lifted(args[:1], batched[:1], length)
    arrays, pattern, order = _batched_index(x, args[1:], batched[1:], params[0], length)
    return transposed(index(x, *arrays, params=(pattern,)), order)


def _put_batch(record: str) -> Any:
    def batch(
        args: Sequence[Handle], batched: Sequence[bool], params: Params, length: Dimension
    ) -> Handle:
        x, v = lifted(args[:2], batched[:2], length)
        arrays, pattern, order = _batched_index(x, args[2:], batched[2:], params[0], length)
        value = transposed(v, inverse_order(order))
        made = x.builder.make(record, (x.at, value.at, *[i.at for i in arrays]), (pattern,))
        return Handle(x.builder, made)

    return batch


def numpy_index(pattern: Pattern, arrays: Sequence[Any]) -> tuple[Any, ...]:
    """A pattern as NumPy takes it.

    Args:
        pattern: with whole numbers.
        arrays: the index arrays.
    """
    found: list[Any] = []
    for kind, *rest in pattern:
        if kind == "slice":
            start, length, step = rest
            stop = start + length * step
            found.append(slice(start, None if stop < 0 else stop, step))
        elif kind == "new":
            found.append(None)
        else:
            found.append(rest[0] if kind == "int" else arrays[rest[0]])
    return tuple(found)


def _exact_put(mp: Any, pattern: Pattern, x: Any, v: Any, *arrays: Any) -> Any:
    x = x.copy()
    x[numpy_index(pattern, arrays)] = v[()]  # a number itself, not an array of it
    return x


def _exact_put_add(mp: Any, pattern: Pattern, x: Any, v: Any, *arrays: Any) -> Any:
    import numpy as np

    x = x.copy()
    np.add.at(x, numpy_index(pattern, arrays), v)
    return x


index: Operation = Operation(
    "index",
    "Elements of an array, by slices, numbers and new axes, or by whole slices and index arrays.",
    ANY,
    Linear(_index_transpose, count=1),
    exact=lambda mp, pattern, x, *arrays: x[numpy_index(pattern, arrays)],
    sparsity=sparsity.moved,
    shape=_index_shape,
    dtype=FIRST,
    batch=_index_batch,
    is_view=True,
    params=("pattern",),
    sign=KEPT,
    takes_complex=True,
)

put: Operation = Operation(
    "put",
    "An array with other elements at some places; where places repeat, the last one counts.",
    ANY,
    Linear(_put_transpose, count=2),
    exact=_exact_put,
    sparsity=sparsity.moved,
    shape=_put_shape,
    dtype=FIRST,
    batch=_put_batch("put"),
    params=("pattern",),
    takes_complex=True,
)

put_add: Operation = Operation(
    "put_add",
    "An array with something added at some places, repeatedly where places repeat.",
    ANY,
    Linear(
        lambda t, x, v, *arrays, pattern: (
            t,
            index(t, *arrays, params=(pattern,)),
            *[None] * len(arrays),
        ),
        count=2,
    ),
    exact=_exact_put_add,
    sparsity=sparsity.added,
    shape=_put_shape,
    dtype=FIRST,
    batch=_put_batch("put_add"),
    params=("pattern",),
    takes_complex=True,
)


# --- what a legal index is -----------------------------------------------------------------------


def check_index(line: Node, args: Sequence[Node]) -> None:
    """State what the shapes alone do not say of an index or a write: that its pattern is one.

    Raises:
        SymdiffError: where an entry is none, or names a place that is not there.
    """
    if line.op not in (index.name, put.name, put_add.name):
        return
    arrays = args[1 if line.op == index.name else 2 :]
    (pattern,) = line.params
    axes = iter(args[0].shape)
    for entry in pattern:
        match entry:
            case ("new",):
                continue
            case ("int", at) if _is_length(at) and _is_place(at, next(axes)):
                continue
            case ("slice", start, count, step) if _is_slice(start, count, step, next(axes)):
                continue
            case ("array", int(k)) if 0 <= k < len(arrays) and arrays[k].dtype == INT:
                next(axes)
                continue
        raise SymdiffError(f"{line.op} has no such pattern")
    if any(True for _ in axes):
        raise SymdiffError(f"{line.op} leaves out an axis")


def _is_length(value: Any) -> bool:
    return type(value) is int or isinstance(value, Dim)


def _is_inside(at: Dimension, length: Dimension) -> bool:
    """Whether a place is one of an axis; what named lengths leave open counts as inside."""
    left = length - at
    return not (isinstance(at, int) and at < 0) and (not isinstance(left, int) or left > 0)


def _is_place(at: Dimension, length: Dimension) -> bool:
    """Whether a number is a place, from the start or from the end."""
    return _is_inside(at, length) or _is_inside(at + length, length)


def _is_slice(start: Any, count: Any, step: Any, length: Dimension) -> bool:
    if not all(map(_is_length, (start, count))) or type(step) is not int or step == 0:
        return False
    if isinstance(count, int) and count <= 0:
        return count == 0
    return _is_inside(start, length) and _is_inside(start + (count - 1) * step, length)


def sliced(x: Handle, axis: int, start: Dimension, length: Dimension, step: int = 1) -> Handle:
    """A slice of one axis."""
    return indexed(x, slice_of(x.shape, axis, start, length, step))


def indexed(x: Handle, pattern: Pattern) -> Handle:
    """Slices, numbers and new axes; itself where all is taken."""
    if pattern == tuple(map(whole, x.shape)):
        return x
    return index(x, params=(pattern,))


def flipped(x: Handle, axis: int) -> Handle:
    """The axis backwards."""
    length = x.shape[axis]
    return sliced(x, axis, length - 1, length, -1)
