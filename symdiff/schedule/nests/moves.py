"""What moves elements and makes arrays of them: views, joints, writes, arrays out of nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from symdiff.graph.node import BOOL, FLOAT, INT
from symdiff.graph.shape import Dimension, Shape
from symdiff.ops.indexing import index
from symdiff.schedule.nests.builder import converted, element_of
from symdiff.schedule.nests.elements import At, Elements, Fill, Places, aligned, long
from symdiff.schedule.nests.whole import ZERO, plus, times, whole
from symdiff.schedule.program import CHOICE, EITHER, FULL, Check, Expr, Number, Op, Ref

# --- what moves elements -------------------------------------------------------------------------


def _reshape(elements: Elements, expr: Op, places: Places) -> Expr:
    (x,) = expr.args
    if isinstance(x, Number) or not x.shape:
        return elements.element(x, ())
    if long(x.shape) != long(expr.shape):
        return element_of(expr, places)
    left = iter([place for place, n in zip(places, expr.shape, strict=True) if n != 1])
    return elements.element(x, tuple([ZERO if n == 1 else next(left) for n in x.shape]))


def _transpose(elements: Elements, expr: Op, places: Places) -> Expr:
    (axes,) = expr.params
    found: list[Expr] = [ZERO] * len(axes)
    for place, axis in zip(places, axes, strict=True):
        found[axis] = place
    return elements.element(expr.args[0], tuple(found))


def _broadcast(elements: Elements, expr: Op, places: Places) -> Expr:
    (x,) = expr.args
    return elements.element(x, aligned(places, x.shape))


def _index(elements: Elements, expr: Op, places: Places) -> Expr:
    x, *arrays = expr.args
    (pattern,) = expr.params
    return elements.element(x, indexed(elements, pattern, x.shape, arrays, places))


def indexed(
    elements: Elements,
    pattern: Sequence[tuple[Any, ...]],
    shape: Shape,
    arrays: Sequence[Expr],
    places: Places,
) -> Places:
    """The place in an array of the shape that a place of what an index takes of it is."""
    runs = [number for number, entry in enumerate(pattern) if entry[0] == "array"]
    ndim = max([len(x.shape) for x in arrays], default=0)
    is_adjacent = not runs or runs == list(range(runs[0], runs[0] + len(runs)))
    first = runs[0] if runs and is_adjacent else 0
    found: list[Expr] = []
    own = list(places)
    taken = own[first : first + ndim]
    others = iter(own[:first] + own[first + ndim :])
    axes = iter(shape)
    for entry in pattern:
        if entry[0] == "new":
            next(others)
            continue
        length = next(axes)
        if entry[0] == "int":
            found.append(_from_start(elements, entry[1], length))
        elif entry[0] == "slice":
            found.append(plus(entry[1], times(next(others), entry[3])))
        else:
            array = arrays[entry[1]]
            place = elements.element(array, aligned(tuple(taken), array.shape))
            found.append(_counted(elements, place, length))
    return tuple(found)


def _from_start(elements: Elements, place: Dimension, length: Dimension) -> Expr:
    """A known place, from the start; it must be one."""
    is_from_end = isinstance(place, int) and place < 0
    place = length + place if is_from_end else place
    elements.require(place if is_from_end else length - place - 1, *_OUTSIDE)
    return whole(place)


def _counted(elements: Elements, place: Expr, length: Dimension) -> Expr:
    """A place that may be counted from the end, from the start; it must be one.

    What a loop counts is known to be inside of the axis where its bounds say so.
    """
    place = converted(place, INT)
    known = elements.range_of(place)
    if isinstance(place, Number) and place.value < 0.0:
        return plus(place, length)
    natural = elements.is_natural
    if known is None or not natural(known[0]):
        is_negative = Op("less", (place, ZERO), (), (), BOOL)
        place = Op(CHOICE, (is_negative, plus(place, length), place), (), (), INT)
    if known is None or not natural(length - 1 - known[1]) or not natural(length + known[0]):
        place = elements.settled(place, "at")
        is_before = Op("less", (place, ZERO), (), (), BOOL)
        is_behind = Op("greater_equal", (place, whole(length)), (), (), BOOL)
        is_none = Op(EITHER, (is_before, is_behind), (), (), BOOL)
        error, said = _OUTSIDE
        elements.state(Check(is_none, error, (said,), (), elements.span))
    return place


_OUTSIDE = "IndexError", "an index is out of bounds"


# --- arrays out of nothing -----------------------------------------------------------------------


def _full(elements: Elements, expr: Op, places: Places) -> Expr:
    return elements.element(expr.args[0], ())


def _arange(elements: Elements, expr: Op, places: Places) -> Expr:
    return places[0]


def _unit_matrix(elements: Elements, expr: Op, places: Places) -> Expr:
    is_on_it = Op("equal", places, (), (), BOOL)
    return converted(is_on_it, FLOAT)


def _length(elements: Elements, expr: Op, places: Places) -> Expr:
    return whole(expr.params[0])


def _concatenate(elements: Elements, expr: Op, array: Ref) -> None:
    """Part by part."""
    (axis,) = expr.params
    start: Any = 0
    for x in expr.args:
        x = elements.ready(x, is_once=True)
        with elements.loops(x.shape) as places:
            at = (*places[:axis], plus(places[axis], start), *places[axis + 1 :])
            elements.store(array, elements.element(x, places), at)
        start = x.shape[axis] + start


def _stack(elements: Elements, expr: Op, array: Ref) -> None:
    """One after the other along the new axes."""
    new, axis = expr.params
    for number, x in enumerate(expr.args):
        x = elements.ready(x, is_once=True)
        at, rest = list[Expr](), number
        for length in reversed(new):
            at.insert(0, whole(rest % length))
            rest //= length
        with elements.loops(x.shape) as places:
            value = elements.element(x, places)
            elements.store(array, value, (*places[:axis], *at, *places[axis:]))


def scattered(elements: Elements, expr: Op, array: Ref, target: Expr | None = None) -> None:
    """Write, or add, an array at places of the one in memory.

    Args:
        elements: where it is stated.
        expr: the write.
        array: what is written.
        target: what the write sees of it, where that is a part: an index of the array.
    """
    _, value, *arrays = expr.args
    (pattern,) = expr.params
    target = target or array
    shape = index.shape([target.shape, *[x.shape for x in arrays]], (pattern,))
    value = elements.ready(value, is_once=value.shape == shape)
    arrays = [elements.ready(x, is_once=False) for x in arrays]
    with elements.loops(shape) as places:
        new = elements.element(value, aligned(places, value.shape))
        at = _settled(elements, indexed(elements, pattern, target.shape, arrays, places))
        while isinstance(target, Op):
            (outer,) = target.params
            base, *rows = target.args
            at = _settled(elements, indexed(elements, outer, base.shape, rows, at))
            target = base
        if expr.name == "put_add":
            old = element_of(array, at)
            new = Op("add", (old, converted(new, array.dtype)), (), (), array.dtype)
        elements.store(array, new, at)


def _settled(elements: Elements, places: Places) -> Places:
    """Places of which each is found once."""
    return tuple([elements.settled(x, "at") if _is_choice(x) else x for x in places])


def _is_choice(place: Expr) -> bool:
    return isinstance(place, Op) and place.name == CHOICE


def _put(elements: Elements, expr: Op, array: Ref) -> None:
    """A copy, and what is written into it."""
    elements.fill(array, expr.args[0])
    scattered(elements, expr, array)


MOVED: dict[str, At] = {
    "reshape": _reshape,
    "transpose": _transpose,
    "broadcast": _broadcast,
    "index": _index,
    FULL: _full,
    "arange": _arange,
    "unit_matrix": _unit_matrix,
    "length": _length,
}
FILLED: dict[str, Fill] = {
    "concatenate": _concatenate,
    "stack": _stack,
    "put": _put,
    "put_add": _put,
}
