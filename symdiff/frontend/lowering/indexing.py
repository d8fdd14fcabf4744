"""Reading and writing by an index, with NumPy's semantics."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence

from symdiff.errors import ShapeError
from symdiff.frontend.lowering.base import (
    Value,
    cast,
    line,
    refuse,
)
from symdiff.frontend.lowering.index_plan import (
    ARRAY,
    MASK,
    NEW,
    SLICE,
    Key,
    Part,
    Plan,
    are_apart,
    items_of,
    parts_of,
    plan_of,
)
from symdiff.graph.node import COMPLEX, FLOAT, INT
from symdiff.graph.shape import Dim, Shape, broadcast
from symdiff.graph.shape import text as shape_text
from symdiff.ops.builder import Builder
from symdiff.ops.control import where
from symdiff.ops.handle import Handle
from symdiff.ops.indexing import index, indexed, put, put_add, whole
from symdiff.ops.operation import Operation
from symdiff.ops.reduction import broadcast_to
from symdiff.ops.structural import Pattern, inverse_order, reshaped, transposed


def read(b: Builder, x: Handle, key: Key) -> Handle:
    """`x[key]`.

    Raises:
        ShapeError: where the index does not fit to the array.
        UnsupportedError: where the shape of the result is not known: a computed mask, or a slice
            that depends on a named dimension.
    """
    parts = parts_of(b, key, x.shape)
    if any(part.kind == MASK for part in parts):
        refuse(
            "how many elements a mask selects is not known before the function runs",
            "write np.where(mask, x, 0)",
        )
    return _taken(x, plan_of(b, parts, x.shape))


def write(b: Builder, x: Handle, key: Key, v: Value) -> Handle:
    """The array after `x[key] = v`.

    Raises:
        ShapeError: where the index or the value does not fit to the array.
        UnsupportedError: as for `read`, and for floats that are written among whole numbers.
    """
    value = as_kind_of(x, line(b, v))
    parts = parts_of(b, key, x.shape)
    if any(part.kind == MASK for part in parts):
        return _written_masked(b, x, parts, value, lambda _, new: new)
    plan = plan_of(b, parts, x.shape)
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
    parts = parts_of(b, key, x.shape)
    if any(part.kind == MASK for part in parts):
        return _written_masked(b, x, parts, value, operator.add)
    plan = plan_of(b, parts, x.shape)
    if not plan.arrays:
        old = _first_step(x, plan)
        return _put_back(x, plan, old + fitted(value, plan.middle))
    return _with_arrays(put_add, x, plan, value)


def is_basic(key: Key) -> bool:
    """Whether NumPy's result is a view: the index has no arrays and no lists."""
    import numpy as np

    kinds = (type(None), type(Ellipsis), slice, int, np.integer, Dim)
    return all(isinstance(item, kinds) and not isinstance(item, bool) for item in items_of(key))


def basic_pattern(b: Builder, shape: Shape, key: Key) -> Pattern:
    """The pattern of a basic index, which is one step of the core.

    Raises:
        ShapeError: where the index does not fit to the shape.
        UnsupportedError: where the shape of the result is not known.
    """
    return plan_of(b, parts_of(b, key, shape), shape).pattern


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


# --- two steps ---------------------------------------------------------------------------------


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
    plan = plan_of(b, others, x.shape)
    old = indexed(x, plan.pattern)
    before = sum(part.kind in (SLICE, NEW) for part in parts[:at])
    after = old.ndim - before - mask.axes
    new = _value_of_mask(value, mask.axes, after, is_apart=are_apart(parts))
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
