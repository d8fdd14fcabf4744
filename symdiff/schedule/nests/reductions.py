"""Sums, products and extrema over axes, and contractions, as loops around one number."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from math import prod
from typing import Protocol

from symdiff.graph.node import BOOL, FLOAT
from symdiff.graph.shape import Dimension
from symdiff.ops.contraction import parts
from symdiff.schedule.nests.builder import converted
from symdiff.schedule.nests.elements import At, Elements, Places
from symdiff.schedule.nests.whole import ZERO, plus, times
from symdiff.schedule.program import BOTH, CHOICE, Expr, If, Let, Number, Op, Ref

FEW = 8  # terms that are added as they come, as NumPy does
IN_ANY_ORDER = "add_in_any_order"
_MANY, _PARTS = 16, 8  # products from which on a sum is made of several


def _of_some(at: At, name: str) -> At:
    """A reduction that no numbers have none of."""

    def checked(elements: Elements, expr: Op, places: Places) -> Expr:
        (x,), (axes, *_) = expr.args, expr.params
        for axis in axes if isinstance(axes, tuple) else (axes,):
            elements.require(x.shape[axis] - 1, "ValueError", name)
        return at(elements, expr, places)

    return checked


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
    if not is_compensated(expr):
        return _folded("add", 0.0, "total")(elements, expr, places)
    total = Compensated(elements)
    with _along(elements, expr, places) as value:
        total.add(value)
    return total.value()


def is_compensated(expr: Op) -> bool:
    """Whether a sum keeps what rounding takes: one of more than a few floats."""
    (x,), (axes, _) = expr.args, expr.params
    lengths = [x.shape[axis] for axis in axes]
    is_long = any(is_more_than_few(n) for n in lengths) or prod(lengths) > FEW
    return is_long and expr.dtype == FLOAT


def is_more_than_few(length: Dimension) -> bool:
    """Whether an axis is long, or may be."""
    return not isinstance(length, int) or length > FEW


class Cell(Protocol):
    """A number that is set again and again."""

    def now(self) -> Expr:
        """What it is."""

    def set(self, value: Expr) -> Expr:
        """State what it is from here on; it under a name."""


class _Named:
    """A number under a name of its own, 0 at first."""

    def __init__(self, elements: Elements, wish: str) -> None:
        self.elements = elements
        self.name = elements.let(elements.fresh(wish), Number(0.0))

    def now(self) -> Expr:
        return self.name

    def set(self, value: Expr) -> Expr:
        return self.elements.let(self.name.name, value)


class Compensated:
    """A sum and what rounding took from it: O. Moller (1965); D. Knuth (1969), section 4.2.2.

    Args:
        elements: where it is stated.
        total: the sum, 0 at first; one of its own by default.
        lost: what was lost, likewise.
    """

    def __init__(
        self, elements: Elements, total: Cell | None = None, lost: Cell | None = None
    ) -> None:
        self.elements = elements
        self.total = total or _Named(elements, "total")
        self.lost = lost or _Named(elements, "lost")

    def add(self, value: Expr) -> None:
        """State that a term is added."""
        elements = self.elements
        term = elements.settled(converted(value, FLOAT), "term")
        old = elements.let(elements.fresh("old"), self.total.now())
        total = self.total.set(_op("add", old, term))
        gained = elements.settled(_op("subtract", total, old), "gained")
        rest = _op("subtract", old, _op("subtract", total, gained))
        error = _op("add", rest, _op("subtract", term, gained))
        self.lost.set(_op("add", self.lost.now(), error))

    def value(self) -> Expr:
        """The sum; where it is infinite or NaN, what was lost is NaN and does not count."""
        lost = self.lost.now()
        is_known = Op("equal", (lost, lost), (), (), BOOL)
        rounded = Op(CHOICE, (is_known, lost, Number(0.0)))
        return self.elements.settled(_op("add", self.total.now(), rounded), "sum")


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


def _contract(elements: Elements, expr: Op, places: Places, add: str = "add") -> Expr:
    """A sum of products in order, or the product where no letter is summed."""
    x, y = expr.args
    first, second, result = parts(expr.params[0])
    known = dict(zip(result, places, strict=True))
    lengths = dict(zip(first + second, x.shape + y.shape, strict=True))
    summed = [letter for letter in first if letter not in known]
    if not summed:
        return product(elements, expr, known)
    is_ordered = add != IN_ANY_ORDER and expr.dtype == FLOAT
    if is_ordered and len(summed) == 1 and _is_long(lengths[summed[0]]):
        return _in_parts(elements, expr, known, summed[0], lengths[summed[0]])
    name = elements.fresh("total")
    total = elements.let(name, Number(0.0, (), expr.dtype))
    with elements.loops(tuple([lengths[letter] for letter in summed])) as inner:
        value = product(elements, expr, known | dict(zip(summed, inner, strict=True)))
        added = add if expr.dtype == FLOAT else "add"
        elements.let(name, Op(added, (total, value), (), (), expr.dtype))
    return total


def _is_long(length: Dimension) -> bool:
    """Whether so many terms are known to be worth several sums."""
    return isinstance(length, int) and length >= _MANY


def _in_parts(
    elements: Elements, expr: Op, known: dict[str, Expr], letter: str, length: Dimension
) -> Expr:
    """A sum as several, each of every so many terms: no addition waits for the one before."""
    assert isinstance(length, int)  # see `_is_long`
    totals = [elements.let(elements.fresh("total"), Number(0.0)) for _ in range(_PARTS)]

    def add(total: Ref, place: Expr) -> None:
        value = product(elements, expr, known | {letter: place})
        elements.let(total.name, _op("add", total, value))

    with elements.loop(length // _PARTS) as k:
        first = times(k, _PARTS)
        for number, total in enumerate(totals):
            add(total, plus(first, number))
    if rest := length % _PARTS:
        with elements.loop(rest, length - rest) as k:
            add(totals[0], k)
    sums: list[Expr] = [*totals]
    while len(sums) > 1:
        pairs = zip(sums[::2], sums[1::2], strict=True)
        sums = [_op("add", one, other) for one, other in pairs]
    return elements.settled(sums[0], "sum")


def product(elements: Elements, expr: Op, known: dict[str, Expr]) -> Expr:
    """One product of a contraction, at the place that each of its letters has."""
    x, y = expr.args
    first, second, _ = parts(expr.params[0])
    factors = [_at(elements, part, names, known) for part, names in ((x, first), (y, second))]
    args = tuple([converted(factor, expr.dtype) for factor in factors])
    return Op("multiply", args, (), (), expr.dtype)


def _at(elements: Elements, array: Expr, names: Sequence[str], known: dict[str, Expr]) -> Expr:
    return elements.element(array, tuple([known[name] for name in names]))


_NONE = "zero-size array to reduction operation {} which has no identity"
REDUCED: dict[str, At] = {
    "sum": _sum,
    "sum_in_order": _sum_in_order,
    "prod": _folded("multiply", 1.0, "product"),
    "max": _of_some(_folded("maximum", float("-inf"), "largest"), _NONE.format("maximum")),
    "min": _of_some(_folded("minimum", float("inf"), "smallest"), _NONE.format("minimum")),
    "all": _folded("logical_and", 1.0, "holds"),
    "any": _folded("logical_or", 0.0, "holds"),
}
# they go over the elements twice, or take them out of order
AGAIN: dict[str, At] = {
    "norm": _norm,
    "logsumexp": _of_some(_logsumexp, _NONE.format("maximum")),
    "argmax": _of_some(_argument_of("greater"), "attempt to get argmax of an empty sequence"),
    "argmin": _of_some(_argument_of("less"), "attempt to get argmin of an empty sequence"),
    "contract": _contract,
}
# a sum of products that the target adds in the order that suits the processor
ADDED_IN_ANY_ORDER: dict[str, At] = {"contract": partial(_contract, add=IN_ANY_ORDER)}
