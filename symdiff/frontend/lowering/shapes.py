"""NumPy's functions of the axes alone: other shapes, other orders, the same elements."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from symdiff.errors import ShapeError
from symdiff.frontend.lowering.base import Value, cast, line, plain, refuse
from symdiff.frontend.lowering.indexing import read
from symdiff.frontend.lowering.registry import LOWERINGS
from symdiff.graph.shape import (
    Dim,
    Dimension,
    Shape,
    broadcast,
    normal_axes,
    normal_axis,
    quotient,
    size,
)
from symdiff.graph.shape import text as shape_text
from symdiff.ops.builder import Builder
from symdiff.ops.handle import Handle
from symdiff.ops.indexing import flipped
from symdiff.ops.joining import concatenated
from symdiff.ops.reduction import broadcast_to
from symdiff.ops.structural import reshaped, transposed

Axes = Any  # a number, a sequence of them, or None


def lengths(shape: Any) -> Shape:
    """A shape as NumPy takes it, a number or a sequence, as a tuple.

    Raises:
        ShapeError: where a length is negative.
        UnsupportedError: where a length is computed.
    """
    return tuple(natural(n) for n in _given(shape))


def natural(length: Dimension) -> Dimension:
    """A length that is not negative.

    Raises:
        ShapeError: where it is.
    """
    if isinstance(length, int) and length < 0:
        raise ShapeError(f"a length is not negative, and this one is {length}")
    return length


def _given(shape: Any) -> Shape:
    """The lengths that are given, one of which may be -1 for what is left."""
    items = shape if isinstance(shape, (tuple, list)) else [shape]
    return tuple(_length(plain(item)) for item in _listed(items))


def _listed(items: Sequence[Any]) -> list[Any]:
    """The items, those of a known array of lengths among them."""
    found: list[Any] = []
    for item in items:
        found += item.tolist() if getattr(item, "ndim", 0) == 1 else [item]
    return found


def _length(item: Any) -> Dimension:
    if isinstance(item, Handle):
        refuse(
            "a shape must be known before the function runs",
            "give the length as a number, or name it as a dimension",
        )
    if not isinstance(item, (int, Dim)) or isinstance(item, bool):
        raise ShapeError(f"{item!r} is not a length")
    return item


def in_order(axes: Axes, ndim: int) -> tuple[int, ...]:
    """Axes counted from 0, in the order in which they are given.

    Raises:
        ShapeError: for an axis that is not there, or that stands twice.
    """
    given = (axes,) if isinstance(axes, int) else tuple(axes)
    normal_axes(given, ndim)
    return tuple(normal_axis(axis, ndim) for axis in given)


# --- reshape -----------------------------------------------------------------------------------


@LOWERINGS.named("reshape")
def reshape(
    b: Builder, a: Value, /, shape: Any = None, order: str = "C", *, copy: Any = None
) -> Handle:
    """In another shape, of which one length may be -1."""
    del copy  # a line is never changed
    x = line(b, a)
    if shape is None:
        raise ShapeError("reshape is called without a shape")
    target = _completed(_given(shape), x.shape)
    if _order(order) == "C":
        return reshaped(x, target)
    return transposed(reshaped(transposed(x), target[::-1]))


def _completed(target: Shape, shape: Shape) -> Shape:
    """The shape with its -1 replaced."""
    if target.count(-1) == 0:
        return target
    rest = size(n for n in target if n != -1)
    missing = quotient(size(shape), rest)
    if target.count(-1) > 1 or missing is None:
        raise ShapeError(f"{shape_text(shape)} cannot be reshaped to {shape_text(target)}")
    return tuple(missing if n == -1 else n for n in target)


def _order(order: str) -> str:
    if order not in ("C", "F"):
        refuse(
            f"order='{order}' depends on how an array lies in memory", "use order='C' or order='F'"
        )
    return order


@LOWERINGS.named("ravel")
def ravel(b: Builder, a: Value, order: str = "C") -> Handle:
    """With one axis."""
    return reshape(b, a, -1, order=order)


def _refuse_named(x: Handle) -> None:
    """Which axes have the length 1 must be known."""
    ones = [k for k, n in enumerate(x.shape) if n == 1]
    for length in x.shape:
        if isinstance(length, Dim):
            refuse(
                f"whether np.squeeze takes an axis of the length {length} out is not known",
                f"write axis={ones[0] if len(ones) == 1 else tuple(ones)}"
                if ones
                else "leave it out",
            )


@LOWERINGS.named("squeeze")
def squeeze(b: Builder, a: Value, axis: Axes = None) -> Handle:
    """Without axes of length 1."""
    x = line(b, a)
    if axis is None:
        _refuse_named(x)
        return reshaped(x, tuple(n for n in x.shape if n != 1))
    axes = normal_axes(axis, x.ndim)
    for number in axes:
        if x.shape[number] != 1:
            raise ShapeError(f"axis {number} has length {x.shape[number]} and cannot be left out")
    return reshaped(x, tuple(n for k, n in enumerate(x.shape) if k not in axes))


@LOWERINGS.named("expand_dims")
def expand_dims(b: Builder, a: Value, axis: Axes) -> Handle:
    """With new axes of length 1."""
    x = line(b, a)
    count = 1 if isinstance(axis, int) else len(axis)
    axes = normal_axes(axis, x.ndim + count)
    old = iter(x.shape)
    return reshaped(x, tuple(1 if k in axes else next(old) for k in range(x.ndim + count)))


def _at_least(ndim: int) -> Any:  # a lowering
    def lowering(b: Builder, *arrays: Value) -> Any:
        """With at least one, two or three axes."""
        found = tuple(_with_axes_as_numpy(line(b, x), ndim) for x in arrays)
        return found[0] if len(found) == 1 else found

    return lowering


def _with_axes_as_numpy(x: Handle, ndim: int) -> Handle:
    """With new axes in front; a matrix that is to have three gets the third at the end."""
    missing = max(0, ndim - x.ndim)
    behind = 1 if ndim == 3 and 0 < missing < 3 else 0
    return reshaped(x, (*[1] * (missing - behind), *x.shape, *[1] * behind))


atleast_1d = LOWERINGS.named("atleast_1d")(_at_least(1))
atleast_2d = LOWERINGS.named("atleast_2d")(_at_least(2))
atleast_3d = LOWERINGS.named("atleast_3d")(_at_least(3))


# --- the order of the axes ---------------------------------------------------------------------


@LOWERINGS.named("transpose", "permute_dims")
def transpose(b: Builder, a: Value, axes: Axes = None) -> Handle:
    """The axes in another order, reversed by default."""
    x = line(b, a)
    if axes is None:
        return transposed(x)
    order = in_order(axes, x.ndim)
    if len(order) != x.ndim:
        raise ShapeError(f"{len(order)} axes are given, and the array has {x.ndim}")
    return transposed(x, order)


@LOWERINGS.named("matrix_transpose", "linalg.matrix_transpose")
def matrix_transpose(b: Builder, x: Value, /) -> Handle:
    """The last two axes exchanged."""
    found = line(b, x)
    if found.ndim < 2:
        raise ShapeError(f"an array with {found.ndim} dimensions is no matrix")
    return swapaxes(b, found, -2, -1)


@LOWERINGS.named("swapaxes")
def swapaxes(b: Builder, a: Value, axis1: int, axis2: int) -> Handle:
    """Two axes exchanged."""
    x = line(b, a)
    one, other = normal_axis(axis1, x.ndim), normal_axis(axis2, x.ndim)
    order = list(range(x.ndim))
    order[one], order[other] = other, one
    return transposed(x, order)


@LOWERINGS.named("moveaxis")
def moveaxis(b: Builder, a: Value, source: Axes, destination: Axes) -> Handle:
    """Axes moved to other places, the rest in their order."""
    x = line(b, a)
    start, end = in_order(source, x.ndim), in_order(destination, x.ndim)
    if len(start) != len(end):
        raise ShapeError("moveaxis takes as many sources as destinations")
    order = [axis for axis in range(x.ndim) if axis not in start]
    for place, axis in sorted(zip(end, start, strict=True)):
        order.insert(place, axis)
    return transposed(x, order)


@LOWERINGS.named("rollaxis")
def rollaxis(b: Builder, a: Value, axis: int, start: int = 0) -> Handle:
    """An axis moved before another one."""
    x = line(b, a)
    moved = normal_axis(axis, x.ndim)
    place = start + x.ndim if start < 0 else start
    if not 0 <= place <= x.ndim:
        raise ShapeError(f"there is no place {start}: the array has {x.ndim} dimensions")
    order = [k for k in range(x.ndim) if k != moved]
    order.insert(place - (moved < place), moved)
    return transposed(x, order)


# --- backwards and around ----------------------------------------------------------------------


@LOWERINGS.named("flip")
def flip(b: Builder, m: Value, axis: Axes = None) -> Handle:
    """Backwards along axes, along all by default."""
    x = line(b, m)
    for number in normal_axes(axis, x.ndim):
        x = flipped(x, number)
    return x


@LOWERINGS.named("flipud")
def flipud(b: Builder, m: Value) -> Handle:
    """Backwards along the first axis."""
    return flip(b, m, 0)


@LOWERINGS.named("fliplr")
def fliplr(b: Builder, m: Value) -> Handle:
    """Backwards along the second axis."""
    return flip(b, m, 1)


@LOWERINGS.named("rot90")
def rot90(b: Builder, m: Value, k: int = 1, axes: Sequence[int] = (0, 1)) -> Handle:
    """Turned by right angles, from the first of two axes towards the second."""
    x = line(b, m)
    first, second = in_order(axes, x.ndim)
    turns = {
        0: lambda: x,
        1: lambda: swapaxes(b, flipped(x, second), first, second),
        2: lambda: flipped(flipped(x, first), second),
        3: lambda: flipped(swapaxes(b, x, first, second), second),
    }
    return turns[k % 4]()


@LOWERINGS.named("roll")
def roll(b: Builder, a: Value, shift: Any, axis: Axes = None) -> Handle:
    """Elements moved along axes; those that leave at one end come back at the other."""
    x = line(b, a)
    if axis is None:
        return reshaped(roll(b, ravel(b, x), shift, 0), x.shape)
    pairs = _pairs(shift, axis)
    for steps, number in pairs:
        x = _rolled(b, x, steps, normal_axis(number, x.ndim))
    return x


def _pairs(shift: Any, axis: Axes) -> list[tuple[Any, int]]:
    """Each shift with its axis; where there is one of the one it goes with all of the other."""
    shifts = list(shift) if isinstance(shift, (tuple, list)) else [shift]
    axes = list(axis) if isinstance(axis, (tuple, list)) else [axis]
    count = max(len(shifts), len(axes))
    shifts, axes = (items * count if len(items) == 1 else items for items in (shifts, axes))
    if len(shifts) != len(axes):
        raise ShapeError("roll takes as many shifts as axes")
    return list(zip(map(plain, shifts), axes, strict=True))


def _rolled(b: Builder, x: Handle, steps: Any, axis: int) -> Handle:
    """One axis rolled: its end before its start."""
    if not isinstance(steps, int):
        refuse("np.roll needs a shift that is known", "give the shift as a number")
    length = x.shape[axis]
    if length == 0:
        return x
    steps = steps % length if isinstance(length, int) else steps
    if steps == 0:
        return x
    front = (slice(None),) * axis
    parts = [read(b, x, (*front, part)) for part in (slice(-steps, None), slice(None, -steps))]
    return concatenated(parts, axis)


# --- broadcasting ------------------------------------------------------------------------------


@LOWERINGS.named("broadcast_to")
def to_shape(b: Builder, array: Value, shape: Any, subok: Any = None) -> Handle:
    """Repeated along new axes and along axes of length 1."""
    del subok
    return broadcast_to(line(b, array), lengths(shape))


@LOWERINGS.named("broadcast_arrays")
def broadcast_arrays(b: Builder, *arrays: Value, subok: Any = None) -> tuple[Handle, ...]:
    """All in their common shape."""
    del subok
    found = [line(b, x) for x in arrays]
    shape = broadcast(*[x.shape for x in found])
    return tuple(broadcast_to(x, shape) for x in found)


@LOWERINGS.named("broadcast_shapes")
def broadcast_shapes(b: Builder, *shapes: Any) -> Shape:
    """The common shape."""
    del b
    return broadcast(*map(lengths, shapes)) if shapes else ()


# --- what is known of an array, and copies ------------------------------------------------------


@LOWERINGS.named("shape")
def shape_of(b: Builder, a: Value) -> Shape:
    """The lengths of the axes."""
    return line(b, a).shape


@LOWERINGS.named("ndim")
def ndim(b: Builder, a: Value) -> int:
    """The number of axes."""
    return line(b, a).ndim


@LOWERINGS.named("size")
def size_of(b: Builder, a: Value, axis: Axes = None) -> Dimension:
    """The number of elements, or the length of axes."""
    shape = line(b, a).shape
    return size(shape[k] for k in normal_axes(axis, len(shape)))


@LOWERINGS.named("copy")
def copy(b: Builder, a: Value, order: str = "K", subok: Any = None) -> Handle:
    """The same elements."""
    del order, subok
    return line(b, a)


@LOWERINGS.named("astype")
def astype(b: Builder, x: Value, dtype: Any, /, *, copy: Any = None, device: Any = None) -> Handle:
    """As elements of another type."""
    del copy, device
    return cast(line(b, x), dtype)


LOWERINGS.refuse({"resize": "use np.tile, np.reshape or slices"})
