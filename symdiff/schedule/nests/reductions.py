"""Sums, products and extrema over axes, and contractions, as loops around one number."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from symdiff.graph.node import BOOL, FLOAT, INT
from symdiff.graph.shape import Dimension
from symdiff.ops.contraction import parts
from symdiff.schedule.nests.builder import converted, element_of
from symdiff.schedule.nests.elements import At, Elements, Fill, Places
from symdiff.schedule.nests.whole import ZERO
from symdiff.schedule.program import BOTH, CHOICE, Expr, If, Let, Number, Op, Ref

_FEW = 8  # terms that are added as they come, as NumPy does
_MANY, _PARTS = 16, 4  # products from which on a sum is made of several


@contextmanager
def _along(elements: Elements, expr: Op, places: Places) -> Iterator[Expr]:
    """Loops over the axes that a reduction goes along; the element in them."""
    (x,), (axes, keepdims) = expr.args, expr.params
    kept = [p for k, p in enumerate(places) if not (keepdims and k in axes)]
    with elements.loops(tuple([x.shape[axis] for axis in axes])) as inner:
        left, summed = iter(kept), dict(zip(axes, inner, strict=True))
        at = tuple([summed[k] if k in summed else next(left) for k in range(len(x.shape))])
        yield elements.element(x, at)


def _folded(op: str, start: float, wish: str) -> At:
    """One operation after the other, from what changes nothing."""

    def at(elements: Elements, expr: Op, places: Places) -> Expr:
        name, kind = elements.fresh(wish), expr.dtype
        total = elements.let(name, Number(start, (), kind))
        with _along(elements, expr, places) as value:
            elements.let(name, Op(op, (total, converted(value, kind)), (), (), kind))
        return total

    return at


def _sum_in_order(elements: Elements, expr: Op, places: Places) -> Expr:
    """As it is written."""
    along = expr._replace(params=((len(expr.args[0].shape) - 1,), False))
    return _folded("add", 0.0, "total")(elements, along, places)


def _sum(elements: Elements, expr: Op, places: Places) -> Expr:
    """Compensated where there are more than a few terms."""
    (x,), (axes, _) = expr.args, expr.params
    count = 1
    for axis in axes:
        n = x.shape[axis]
        count = count * n if isinstance(n, int) else _FEW + 1
    if count <= _FEW or expr.dtype != FLOAT:
        return _folded("add", 0.0, "total")(elements, expr, places)
    total = Compensated(elements)
    with _along(elements, expr, places) as value:
        total.add(value)
    return total.value()


class Compensated:
    """A sum and what rounding took from it: O. Moller (1965); D. Knuth (1969), section 4.2.2."""

    def __init__(self, elements: Elements) -> None:
        self.elements = elements
        zero = Number(0.0)
        self.total = elements.let(elements.fresh("total"), zero)
        self.lost = elements.let(elements.fresh("lost"), zero)

    def add(self, value: Expr) -> None:
        """State that a term is added."""
        elements, total = self.elements, self.total
        term = elements.settled(converted(value, FLOAT), "term")
        old = elements.let(elements.fresh("old"), total)
        elements.let(total.name, _op("add", old, term))
        gained = elements.settled(_op("subtract", total, old), "gained")
        rest = _op("subtract", old, _op("subtract", total, gained))
        error = _op("add", rest, _op("subtract", term, gained))
        elements.let(self.lost.name, _op("add", self.lost, error))

    def value(self) -> Expr:
        """The sum; where it is infinite or NaN, what was lost is NaN and does not count."""
        is_known = Op("equal", (self.lost, self.lost), (), (), BOOL)
        rounded = Op(CHOICE, (is_known, self.lost, Number(0.0)))
        return self.elements.settled(_op("add", self.total, rounded), "sum")


def _op(name: str, *args: Expr) -> Op:
    return Op(name, args)


def _norm(elements: Elements, expr: Op, places: Places) -> Expr:
    """The root of a sum of squares, scaled where it would overflow or vanish."""
    name = elements.fresh("scale")
    scale = elements.let(name, Number(0.0))
    with _along(elements, expr, places) as value:
        elements.let(name, _op("maximum", scale, _op("absolute", converted(value, FLOAT))))
    is_plain = Op(
        BOTH,
        (
            Op("greater", (scale, Number(0.0)), (), (), BOOL),
            Op("less", (scale, Number(float("inf"))), (), (), BOOL),
        ),
        (),
        (),
        BOOL,
    )
    result = elements.let(elements.fresh("length"), scale)
    with elements.inside() as block:
        total = Compensated(elements)
        with _along(elements, expr, places) as value:
            part = elements.settled(_op("divide", converted(value, FLOAT), scale))
            total.add(_op("multiply", part, part))
        elements.let(result.name, _op("multiply", scale, _op("sqrt", total.value())))
    elements.state(If(is_plain, tuple(block)))
    return result


def _logsumexp(elements: Elements, expr: Op, places: Places) -> Expr:
    """The largest one is taken out before."""
    name = elements.fresh("largest")
    largest = elements.let(name, Number(float("-inf")))
    with _along(elements, expr, places) as value:
        elements.let(name, _op("maximum", largest, converted(value, FLOAT)))
    is_finite = Op("less", (_op("absolute", largest), Number(float("inf"))), (), (), BOOL)
    elements.let(name, Op(CHOICE, (is_finite, largest, Number(0.0))))
    total = Compensated(elements)
    with _along(elements, expr, places) as value:
        total.add(_op("exp", _op("subtract", converted(value, FLOAT), largest)))
    return elements.settled(_op("add", _op("log", total.value()), largest))


def _argument_of(op: str) -> At:
    """Where the first extremum stands; the first NaN counts as one."""

    def at(elements: Elements, expr: Op, places: Places) -> Expr:
        (x,), (axis,) = expr.args, expr.params
        place = elements.let(elements.fresh("place"), ZERO)
        best = elements.let(
            elements.fresh("best"), elements.element(x, (*places[:axis], ZERO, *places[axis:]))
        )
        with elements.loop(x.shape[axis]) as k:
            value = elements.settled(elements.element(x, (*places[:axis], k, *places[axis:])))
            is_better = Op(op, (value, best), (), (), BOOL)
            is_first_nan = Op(
                BOTH,
                (
                    Op("not_equal", (value, value), (), (), BOOL),
                    Op("equal", (best, best), (), (), BOOL),
                ),
                (),
                (),
                BOOL,
            )
            asked = Op("either", (is_better, is_first_nan), (), (), BOOL)
            then = (Let(best.name, value), Let(place.name, k))
            elements.state(If(asked, then))
        return place

    return at


# --- contractions --------------------------------------------------------------------------------


def _contract(elements: Elements, expr: Op, places: Places) -> Expr:
    """A sum of products in order, or the product where no letter is summed."""
    x, y = expr.args
    first, second, result = parts(expr.params[0])
    known = dict(zip(result, places, strict=True))
    lengths = dict(zip(first + second, x.shape + y.shape, strict=True))
    summed = [letter for letter in first if letter not in known]
    if not summed:
        return _product(elements, expr, known)
    if len(summed) == 1 and _is_long(lengths[summed[0]]) and expr.dtype == FLOAT:
        return _in_parts(elements, expr, known, summed[0], lengths[summed[0]])
    name = elements.fresh("total")
    total = elements.let(name, Number(0.0, (), expr.dtype))
    with elements.loops(tuple([lengths[letter] for letter in summed])) as inner:
        value = _product(elements, expr, known | dict(zip(summed, inner, strict=True)))
        elements.let(name, Op("add", (total, value), (), (), expr.dtype))
    return total


def _is_long(length: Dimension) -> bool:
    """Whether so many terms are known to be worth several sums."""
    return isinstance(length, int) and length >= _MANY and length % _PARTS == 0


def _in_parts(
    elements: Elements, expr: Op, known: dict[str, Expr], letter: str, length: Dimension
) -> Expr:
    """A sum as several, each of every so many terms: no addition waits for the one before."""
    assert isinstance(length, int)  # see `_is_long`
    totals = [elements.let(elements.fresh("total"), Number(0.0)) for _ in range(_PARTS)]
    with elements.loop(length // _PARTS) as k:
        first = Op("multiply", (k, Number(_PARTS, (), INT)), (), (), INT)
        for number, total in enumerate(totals):
            place = Op("add", (first, Number(number, (), INT)), (), (), INT) if number else first
            value = _product(elements, expr, known | {letter: place})
            elements.let(total.name, _op("add", total, value))
    one, two, three, four = totals
    return elements.settled(_op("add", _op("add", one, two), _op("add", three, four)), "sum")


def goes_by_rows(expr: Op) -> bool:
    """Whether the last axis of a product stands next in memory where the summed ones do not."""
    first, second, result = parts(expr.params[0])
    if not result or all(letter in result for letter in first):
        return False
    length = expr.shape[-1]
    holders = [names for names in (first, second) if result[-1] in names]
    is_long = not isinstance(length, int) or length > _FEW
    return is_long and all(names[-1] == result[-1] for names in holders)


def _by_rows(elements: Elements, expr: Op, array: Ref) -> None:
    """The same sums, a row of them at a time: what stands next in memory is read next."""
    ready = [elements.ready(x, is_once=False) for x in expr.args]
    expr = expr._replace(args=tuple(ready))
    x, y = ready
    first, second, result = parts(expr.params[0])
    lengths = dict(zip(first + second, x.shape + y.shape, strict=True))
    summed = [letter for letter in first if letter not in result]
    with elements.loops(array.shape[:-1]) as row:
        with elements.loops(array.shape[-1:]) as (last,):
            elements.store(array, Number(0.0, (), expr.dtype), (*row, last))
        with elements.loops((*[lengths[s] for s in summed], array.shape[-1])) as (*inner, last):
            at = (*row, last)
            known = dict(zip([*result, *summed], [*at, *inner], strict=True))
            total = Op(
                "add", (element_of(array, at), _product(elements, expr, known)), (), (), expr.dtype
            )
            elements.store(array, total, at)


def _product(elements: Elements, expr: Op, known: dict[str, Expr]) -> Expr:
    x, y = expr.args
    first, second, _ = parts(expr.params[0])
    factors = [_at(elements, part, names, known) for part, names in ((x, first), (y, second))]
    args = tuple([converted(factor, expr.dtype) for factor in factors])
    return Op("multiply", args, (), (), expr.dtype)


def _at(elements: Elements, array: Expr, names: Sequence[str], known: dict[str, Expr]) -> Expr:
    return elements.element(array, tuple([known[name] for name in names]))


REDUCED: dict[str, At] = {
    "sum": _sum,
    "sum_in_order": _sum_in_order,
    "prod": _folded("multiply", 1.0, "product"),
    "max": _folded("maximum", float("-inf"), "largest"),
    "min": _folded("minimum", float("inf"), "smallest"),
    "all": _folded("logical_and", 1.0, "holds"),
    "any": _folded("logical_or", 0.0, "holds"),
}
# they go over the elements twice, or take them out of order
WHOLE: dict[str, Fill] = {"contract": _by_rows}
AGAIN: dict[str, At] = {
    "norm": _norm,
    "logsumexp": _logsumexp,
    "argmax": _argument_of("greater"),
    "argmin": _argument_of("less"),
    "contract": _contract,
}
