"""NumPy's functions of the axes alone: other shapes, other orders, the same elements."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from symdiff.errors import ShapeError
from symdiff.frontend.lowering.base import (
    Array,
    cast,
    plain,
    refuse,
)
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
from symdiff.ops.reduction import broadcast_to, broadcast_together
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
def reshape(a: Array, /, shape: Any = None, order: str = "C", *, _copy: Any = None) -> Handle:
    """In another shape, of which one length may be -1."""
    if shape is None:
        raise ShapeError("reshape is called without a shape")
    target = _completed(_given(shape), a.shape)
    if _order(order) == "C":
        return reshaped(a, target)
    return transposed(reshaped(transposed(a), target[::-1]))


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
def ravel(a: Array, order: str = "C") -> Handle:
    """With one axis."""
    return reshape(a, -1, order=order)


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
def squeeze(a: Array, axis: Axes = None) -> Handle:
    """Without axes of length 1."""
    if axis is None:
        _refuse_named(a)
        return reshaped(a, tuple(n for n in a.shape if n != 1))
    axes = normal_axes(axis, a.ndim)
    for number in axes:
        if a.shape[number] != 1:
            raise ShapeError(f"axis {number} has length {a.shape[number]} and cannot be left out")
    return reshaped(a, tuple(n for k, n in enumerate(a.shape) if k not in axes))


@LOWERINGS.named("expand_dims")
def expand_dims(a: Array, axis: Axes) -> Handle:
    """With new axes of length 1."""
    count = 1 if isinstance(axis, int) else len(axis)
    axes = normal_axes(axis, a.ndim + count)
    old = iter(a.shape)
    return reshaped(a, tuple(1 if k in axes else next(old) for k in range(a.ndim + count)))


def _at_least(ndim: int) -> Any:  # a lowering
    def lowering(*arrays: Array) -> Any:
        """With at least one, two or three axes."""
        found = tuple(_with_axes_as_numpy(x, ndim) for x in arrays)
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
def transpose(a: Array, axes: Axes = None) -> Handle:
    """The axes in another order, reversed by default."""
    if axes is None:
        return transposed(a)
    order = in_order(axes, a.ndim)
    if len(order) != a.ndim:
        raise ShapeError(f"{len(order)} axes are given, and the array has {a.ndim}")
    return transposed(a, order)


@LOWERINGS.named("matrix_transpose", "linalg.matrix_transpose")
def matrix_transpose(x: Array, /) -> Handle:
    """The last two axes exchanged."""
    if x.ndim < 2:
        raise ShapeError(f"an array with {x.ndim} dimensions is no matrix")
    return swapaxes(x, -2, -1)


@LOWERINGS.named("swapaxes")
def swapaxes(a: Array, axis1: int, axis2: int) -> Handle:
    """Two axes exchanged."""
    one, other = normal_axis(axis1, a.ndim), normal_axis(axis2, a.ndim)
    order = list(range(a.ndim))
    order[one], order[other] = other, one
    return transposed(a, order)


@LOWERINGS.named("moveaxis")
def moveaxis(a: Array, source: Axes, destination: Axes) -> Handle:
    """Axes moved to other places, the rest in their order."""
    start, end = in_order(source, a.ndim), in_order(destination, a.ndim)
    if len(start) != len(end):
        raise ShapeError("moveaxis takes as many sources as destinations")
    order = [axis for axis in range(a.ndim) if axis not in start]
    for place, axis in sorted(zip(end, start, strict=True)):
        order.insert(place, axis)
    return transposed(a, order)


@LOWERINGS.named("rollaxis")
def rollaxis(a: Array, axis: int, start: int = 0) -> Handle:
    """An axis moved before another one."""
    moved = normal_axis(axis, a.ndim)
    place = start + a.ndim if start < 0 else start
    if not 0 <= place <= a.ndim:
        raise ShapeError(f"there is no place {start}: the array has {a.ndim} dimensions")
    order = [k for k in range(a.ndim) if k != moved]
    order.insert(place - (moved < place), moved)
    return transposed(a, order)


# --- backwards and around ----------------------------------------------------------------------


@LOWERINGS.named("flip")
def flip(m: Array, axis: Axes = None) -> Handle:
    """Backwards along axes, along all by default."""
    for number in normal_axes(axis, m.ndim):
        m = flipped(m, number)
    return m


@LOWERINGS.named("flipud")
def flipud(m: Array) -> Handle:
    """Backwards along the first axis."""
    return flip(m, 0)


@LOWERINGS.named("fliplr")
def fliplr(m: Array) -> Handle:
    """Backwards along the second axis."""
    return flip(m, 1)


@LOWERINGS.named("rot90")
def rot90(m: Array, k: int = 1, axes: Sequence[int] = (0, 1)) -> Handle:
    """Turned by right angles, from the first of two axes towards the second."""
    first, second = in_order(axes, m.ndim)
    turns = {
        0: lambda: m,
        1: lambda: swapaxes(flipped(m, second), first, second),
        2: lambda: flipped(flipped(m, first), second),
        3: lambda: flipped(swapaxes(m, first, second), second),
    }
    return turns[k % 4]()


@LOWERINGS.named("roll")
def roll(b: Builder, a: Array, shift: Any, axis: Axes = None) -> Handle:
    """Elements moved along axes; those that leave at one end come back at the other."""
    if axis is None:
        return reshaped(roll(b, ravel(a), shift, 0), a.shape)
    pairs = _pairs(shift, axis)
    for steps, number in pairs:
        a = _rolled(b, a, steps, normal_axis(number, a.ndim))
    return a


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
def to_shape(array: Array, shape: Any, _subok: Any = None) -> Handle:
    """Repeated along new axes and along axes of length 1."""
    return broadcast_to(array, lengths(shape))


@LOWERINGS.named("broadcast_arrays")
def broadcast_arrays(*arrays: Array, _subok: Any = None) -> tuple[Handle, ...]:
    """All in their common shape."""
    return tuple(broadcast_together(*arrays))


@LOWERINGS.named("broadcast_shapes")
def broadcast_shapes(*shapes: Any) -> Shape:
    """The common shape."""
    return broadcast(*map(lengths, shapes)) if shapes else ()


# --- what is known of an array, and copies ------------------------------------------------------


@LOWERINGS.named("shape")
def shape_of(a: Array) -> Shape:
    """The lengths of the axes."""
    return a.shape


@LOWERINGS.named("ndim")
def ndim(a: Array) -> int:
    """The number of axes."""
    return a.ndim


@LOWERINGS.named("size")
def size_of(a: Array, axis: Axes = None) -> Dimension:
    """The number of elements, or the length of axes."""
    shape = a.shape
    return size(shape[k] for k in normal_axes(axis, len(shape)))


@LOWERINGS.named("copy")
def copy(a: Array, _order: Any = None, _subok: Any = None) -> Handle:
    """The same elements."""
    return a


@LOWERINGS.named("astype")
def astype(x: Array, dtype: Any, /, *, _copy: Any = None, _device: Any = None) -> Handle:
    """As elements of another type."""
    return cast(x, dtype)


LOWERINGS.refuse({"resize": "use np.tile, np.reshape or slices"})
