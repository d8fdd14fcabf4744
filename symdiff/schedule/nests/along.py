"""What goes along an axis: running sums, sorting, searching, convolution."""

from __future__ import annotations

from collections.abc import Callable

from symdiff.graph.node import BOOL, INT
from symdiff.graph.shape import named
from symdiff.schedule.nests.builder import converted, element_of
from symdiff.schedule.nests.elements import At, Elements, Fill, Places
from symdiff.schedule.nests.whole import ZERO, minus, plus, whole
from symdiff.schedule.program import (
    BOTH,
    EITHER,
    Expr,
    If,
    Let,
    Number,
    Op,
    Ref,
    While,
)


def truth(name: str, *args: Expr) -> Op:
    """A comparison, or a decision of such."""
    return Op(name, args, (), (), BOOL)


def running(op: str, start: float) -> Fill:
    """One operation after the other, with what there is so far at each place."""

    def fill(elements: Elements, expr: Op, array: Ref) -> None:
        (axis,) = expr.params
        x = elements.ready(expr.args[0], is_once=True)
        with elements.loops((*array.shape[:axis], *array.shape[axis + 1 :])) as others:
            total = elements.let(elements.fresh("total"), Number(start, (), expr.dtype))
            with elements.loop(array.shape[axis]) as k:
                at = (*others[:axis], k, *others[axis:])
                value = converted(elements.element(x, at), expr.dtype)
                elements.let(total.name, Op(op, (total, value), (), (), expr.dtype))
                elements.store(array, total, at)

    return fill


# --- order ---------------------------------------------------------------------------------------


def _is_after(a: Expr, b: Expr) -> Op:
    """Whether a number stands behind another one in ascending order; NaN is last."""
    is_last = truth(BOTH, truth("not_equal", a, a), truth("equal", b, b))
    return truth(EITHER, truth("greater", a, b), is_last)


def _sort(elements: Elements, expr: Op, array: Ref) -> None:
    elements.fill(array, expr.args[0])
    (axis,) = expr.params
    with elements.loops((*array.shape[:axis], *array.shape[axis + 1 :])) as others:

        def at(place: Expr) -> Expr:
            return element_of(array, (*others[:axis], place, *others[axis:]))

        def put(place: Expr, value: Expr) -> None:
            elements.store(array, value, (*others[:axis], place, *others[axis:]))

        _sorted(elements, array, axis, at, put, _is_after)


def _argsort(elements: Elements, expr: Op, array: Ref) -> None:
    x = elements.ready(expr.args[0], is_once=False)
    (axis,) = expr.params
    with elements.loops((*array.shape[:axis], *array.shape[axis + 1 :])) as others:

        def at(place: Expr) -> Expr:
            return element_of(array, (*others[:axis], place, *others[axis:]))

        def put(place: Expr, value: Expr) -> None:
            elements.store(array, value, (*others[:axis], place, *others[axis:]))

        def is_after(a: Expr, b: Expr) -> Op:  # of two places; of equal numbers the later one
            p, q = [elements.element(x, (*others[:axis], y, *others[axis:])) for y in (a, b)]
            is_tie = truth("fails", _is_after(q, p))
            is_later = truth(BOTH, is_tie, truth("greater", a, b))
            return truth(EITHER, _is_after(p, q), is_later)

        with elements.loop(array.shape[axis]) as k:
            put(k, k)
        _sorted(elements, array, axis, at, put, is_after)


def _sorted(
    elements: Elements,
    array: Ref,
    axis: int,
    at: Callable[[Expr], Expr],
    put: Callable[[Expr, Expr], None],
    is_after: Callable[[Expr, Expr], Op],
) -> None:
    """D. L. Shell's sort (1959), in place."""
    n = array.shape[axis]
    half = Op("floor_divide", (whole(n), whole(2)), (), (), INT)
    gap = elements.let(elements.fresh("gap"), half)
    with elements.inside() as body:
        with elements.loop(n - named(gap.name), named(gap.name)) as i:
            value = elements.let(elements.fresh("value"), at(i))
            place = elements.let(elements.fresh("place"), i)
            before = minus(place, gap)
            is_inside = truth("greater_equal", place, gap)
            with elements.inside() as moves:
                put(place, at(before))
                elements.let(place.name, before)
            condition = truth(BOTH, is_inside, is_after(at(before), value))
            elements.state(While(condition, tuple(moves), elements.span))
            put(place, value)
        elements.let(gap.name, Op("floor_divide", (gap, whole(2)), (), (), INT))
    elements.state(While(truth("greater", gap, ZERO), tuple(body), elements.span))


def _searchsorted(elements: Elements, expr: Op, places: Places) -> Expr:
    """By halving: the first place that does not stand before a number."""
    x, v = expr.args
    value = elements.settled(elements.element(v, places))
    low = elements.let(elements.fresh("low"), ZERO)
    high = elements.let(elements.fresh("high"), whole(x.shape[0]))
    total = plus(low, high)
    with elements.inside() as body:
        middle = elements.let(
            elements.fresh("middle"), Op("floor_divide", (total, whole(2)), (), (), INT)
        )
        found = elements.element(x, (middle,))
        is_before = _is_after(value, found)
        if expr.params[0] == "right":
            is_before = truth("fails", _is_after(found, value))
        then = (Let(low.name, plus(middle, 1)),)
        elements.state(If(is_before, then, (Let(high.name, middle),)))
    elements.state(While(truth("less", low, high), tuple(body), elements.span))
    return low


def _convolve(elements: Elements, expr: Op, places: Places) -> Expr:
    """Sums of products in order."""
    x, y = expr.args
    (place,) = places
    for array, name in ((x, "a"), (y, "v")):
        elements.require(array.shape[0] - 1, "ValueError", f"{name} cannot be empty")
    total = elements.let(elements.fresh("total"), Number(0.0, (), expr.dtype))
    with elements.loop(x.shape[0]) as k:
        other = minus(place, k)
        is_from = truth("greater_equal", other, ZERO)
        is_to = truth("less", other, whole(y.shape[0]))
        factors = [elements.element(x, (k,)), elements.element(y, (other,))]
        args = tuple([converted(factor, expr.dtype) for factor in factors])
        product = Op("multiply", args, (), (), expr.dtype)
        added = Let(total.name, Op("add", (total, product), (), (), expr.dtype))
        elements.state(If(truth(BOTH, is_from, is_to), (added,)))
    return total


ALONG: dict[str, Fill] = {
    "cumsum": running("add", 0.0),
    "cumprod": running("multiply", 1.0),
    "cummax": running("maximum", float("-inf")),
    "sort": _sort,
    "argsort": _argsort,
}
SEARCHED: dict[str, At] = {"searchsorted": _searchsorted, "convolve": _convolve}
