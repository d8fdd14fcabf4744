"""NumPy's functions that choose elements: by places, by masks, among several arrays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from symdiff.errors import ShapeError
from symdiff.frontend.lowering.base import (
    Array,
    Value,
    constant,
    line,
    meet,
    refuse,
)
from symdiff.frontend.lowering.conditions import where
from symdiff.frontend.lowering.creation import counter
from symdiff.frontend.lowering.elementwise import clip, operate, remainder
from symdiff.frontend.lowering.index_plan import concrete
from symdiff.frontend.lowering.indexing import as_kind_of, read, write
from symdiff.frontend.lowering.joining import items, taken
from symdiff.frontend.lowering.registry import LOWERINGS
from symdiff.frontend.lowering.shapes import ravel
from symdiff.graph.node import FLOAT
from symdiff.graph.shape import Dimension, broadcast, normal_axis
from symdiff.ops import control
from symdiff.ops.builder import Builder
from symdiff.ops.handle import Handle
from symdiff.ops.reduction import broadcast_to
from symdiff.ops.structural import reshaped

# --- by places ---------------------------------------------------------------------------------


@LOWERINGS.named("take")
def take(
    b: Builder, a: Array, indices: Value, axis: int | None = None, mode: str = "raise"
) -> Handle:
    """Elements of an axis, or of the raveled array, at places."""
    if axis is None:
        a, axis = ravel(a), 0
    number = normal_axis(axis, a.ndim)
    at = _in_range(b, indices, a.shape[number], mode)
    return read(b, a, (*[slice(None)] * number, at))


def _in_range(b: Builder, indices: Value, length: Dimension, mode: str) -> Any:
    """Places brought into range, as `mode` says: an array where they are known, else a line."""
    import numpy as np

    if mode not in ("raise", "wrap", "clip"):
        raise ShapeError(f"the mode '{mode}' is none of raise, wrap and clip")
    at = concrete(b, indices)
    if mode == "raise":
        return line(b, indices) if at is None else at
    if at is not None and isinstance(length, int):
        return at % length if mode == "wrap" else np.clip(at, 0, length - 1)
    places = line(b, indices)
    return remainder(b, places, length) if mode == "wrap" else clip(places, 0, length - 1)


@LOWERINGS.named("take_along_axis")
def take_along_axis(b: Builder, arr: Value, indices: Value, axis: int | None = -1) -> Handle:
    """Elements of an axis, each at a place of its own."""
    x, at, number = _along(b, arr, indices, axis)
    return read(b, x, _grid(b, x, at, number))


@LOWERINGS.named("put_along_axis")
def put_along_axis(
    b: Builder, arr: Array, indices: Value, values: Value, axis: int | None = None
) -> Handle:
    """The array with values at the places where `take_along_axis` would take."""
    x, at, number = _along(b, arr, indices, axis)
    return reshaped(write(b, x, _grid(b, x, at, number), values), arr.shape)


def _along(b: Builder, arr: Value, indices: Value, axis: int | None) -> tuple[Handle, Handle, int]:
    x, at = line(b, arr), line(b, indices)
    if axis is None:
        x, axis = ravel(x), 0
    if x.ndim != at.ndim:
        raise ShapeError(
            f"the indices have {at.ndim} dimensions and the array {x.ndim}; they should agree"
        )
    return x, at, normal_axis(axis, x.ndim)


def _grid(b: Builder, x: Handle, at: Handle, axis: int) -> tuple[Handle, ...]:
    """An index array for each axis: counters, and the given one on its axis."""
    grid = []
    for k, length in enumerate(x.shape):
        shape = (*[1] * k, length, *[1] * (x.ndim - k - 1))
        grid.append(at if k == axis else reshaped(counter(b, length), shape))
    return tuple(grid)


# --- by masks ----------------------------------------------------------------------------------


@LOWERINGS.named("nonzero")
def nonzero(b: Builder, a: Value) -> tuple[Handle, ...]:
    """The places of what is not zero, which must be known."""
    import numpy as np

    return tuple(constant(b, at) for at in np.nonzero(_known_mask(b, a, "np.nonzero")))


@LOWERINGS.named("flatnonzero")
def flatnonzero(b: Builder, a: Value) -> Handle:
    """The places of what is not zero in the raveled array, which must be known."""
    import numpy as np

    return constant(b, np.flatnonzero(_known_mask(b, a, "np.flatnonzero")))


@LOWERINGS.named("compress")
def compress(b: Builder, condition: Value, a: Array, axis: int | None = None) -> Handle:
    """The elements of an axis where a known condition holds."""
    import numpy as np

    mask = _known_mask(b, condition, "np.compress")
    if mask.ndim != 1:
        raise ShapeError(f"the condition has {mask.ndim} dimensions; it should have one")
    if axis is None:
        a, axis = ravel(a), 0
    return taken(b, a, np.flatnonzero(mask), normal_axis(axis, a.ndim))


@LOWERINGS.named("extract")
def extract(b: Builder, condition: Value, arr: Array) -> Handle:
    """The elements of the raveled array where a known condition holds."""
    import numpy as np

    return taken(b, ravel(arr), np.flatnonzero(_known_mask(b, condition, "np.extract")), 0)


def _known_mask(b: Builder, value: Value, name: str) -> Any:
    mask = concrete(b, value)
    if mask is None:
        refuse(
            f"how many elements {name} gives depends on values",
            "write np.where(condition, x, 0)",
        )
    return mask


# --- among several arrays ----------------------------------------------------------------------


@LOWERINGS.named("select")
def select(
    b: Builder, condlist: Sequence[Value], choicelist: Sequence[Value], default: Value = 0
) -> Handle:
    """The first of the choices whose condition holds, else the default."""
    conditions, choices = list(condlist), list(choicelist)
    if len(conditions) != len(choices):
        raise ShapeError(
            f"np.select is given {len(conditions)} conditions and {len(choices)} choices"
        )
    if not conditions:
        raise ShapeError("np.select is given no conditions")
    found = default
    for condition, choice in reversed(list(zip(conditions, choices, strict=True))):
        found = where(b, condition, choice, found)
    return broadcast_to(found, broadcast(*[line(b, x).shape for x in (*conditions, *choices)]))


@LOWERINGS.named("choose")
def choose(b: Builder, a: Value, choices: Value, mode: str = "raise") -> Handle:
    """For each place the element of the choice with that number."""
    options = items(b, choices)
    numbers = _in_range(b, a, len(options), mode)
    array = concrete(b, numbers)
    if array is not None and ((array < 0) | (array >= len(options))).any():
        raise ShapeError(f"np.choose is given a number outside of its {len(options)} choices")
    at, *arrays = meet(b, numbers, *options)
    found = arrays[-1]
    for k in range(len(arrays) - 2, -1, -1):
        found = where(b, operate(control.equal, at, k), arrays[k], found)
    return found


@LOWERINGS.named("piecewise")
def piecewise(
    b: Builder, /, x: Array, condlist: Any, funclist: Sequence[Any], *args: Any, **kw: Any
) -> Handle:
    """Of functions, or constants, the last one whose condition holds, else 0 or one more."""
    if x.dtype != FLOAT:
        refuse("np.piecewise rounds to whole numbers here", "make the array with dtype=float")
    conditions = _conditions(b, condlist)
    functions = list(funclist)
    if len(functions) not in (len(conditions), len(conditions) + 1):
        raise ShapeError(
            f"np.piecewise is given {len(functions)} functions for {len(conditions)} conditions"
        )
    found: Value = 0.0
    if len(functions) > len(conditions):
        found = _called(functions.pop(), x, args, kw)
    for condition, function in zip(conditions, functions, strict=True):
        found = where(b, condition, _called(function, x, args, kw), found)
    return as_kind_of(x, broadcast_to(found, x.shape))


def _conditions(b: Builder, condlist: Any) -> list[Handle]:
    """A list of conditions, or a single one with one axis, as in NumPy."""
    if isinstance(condlist, (list, tuple)):
        return [line(b, condition) for condition in condlist]
    condition = line(b, condlist)
    return [condition] if condition.ndim < 2 else items(b, condition)


def _called(function: Any, x: Handle, args: Sequence[Any], kw: dict[str, Any]) -> Any:
    return function(x, *args, **kw) if callable(function) else function
