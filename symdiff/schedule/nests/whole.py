"""Whole numbers: places of elements, and lengths, as expressions."""

from __future__ import annotations

from symdiff.graph.node import INT
from symdiff.graph.shape import Dim, Dimension, Shape
from symdiff.schedule.program import Expr, Number, Op

ZERO = Number(0.0, (), INT)


def whole(number: Dimension | Expr) -> Expr:
    """A length or a number as an expression."""
    if isinstance(number, int):
        return Number(float(number), (), INT)
    if isinstance(number, Dim):
        return Op("length", (), (number,), (), INT)
    return number


def plus(a: Dimension | Expr, b: Dimension | Expr) -> Expr:
    """A sum, without what adds nothing."""
    a, b = whole(a), whole(b)
    if isinstance(a, Number) and isinstance(b, Number):
        return Number(a.value + b.value, (), INT)
    if isinstance(a, Number) and a.value == 0.0:
        return b
    if isinstance(b, Number):
        if b.value == 0.0:
            return a
        if b.value < 0.0:
            return Op("subtract", (a, Number(-b.value, (), INT)), (), (), INT)
    return Op("add", (a, b), (), (), INT)


def minus(a: Dimension | Expr, b: Dimension | Expr) -> Expr:
    """A difference."""
    b = whole(b)
    if isinstance(b, Number):
        return plus(a, Number(-b.value, (), INT))
    return Op("subtract", (whole(a), b), (), (), INT)


def times(a: Dimension | Expr, b: Dimension | Expr) -> Expr:
    """A product, without what changes nothing."""
    a, b = whole(a), whole(b)
    if isinstance(a, Number) and isinstance(b, Number):
        return Number(a.value * b.value, (), INT)
    for factor, other in ((a, b), (b, a)):
        if isinstance(factor, Number) and factor.value in (0.0, 1.0):
            return other if factor.value else ZERO
    return Op("multiply", (a, b), (), (), INT)


def flat(places: tuple[Expr, ...], shape: Shape) -> Expr:
    """The place in C's order."""
    found: Expr = ZERO
    for place, length in zip(places, shape, strict=True):
        found = plus(times(found, length), place)
    return found
