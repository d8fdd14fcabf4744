"""Products of exponentials, other lines and sums in normal form, and what is made of two of them.

A form is a number times exp(u) times powers of other lines and of sums of such products, with u a
weighted sum of lines. `exponentials` reads lines as forms.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import permutations
from typing import NamedTuple

from symdiff.graph.node import is_exact_integer

MOST_TERMS = 8  # a longer sum is no formula that a person wrote, and its products explode
MOST_SUMS = 8  # factors of a product that is looked at

# lines with their coefficients or powers, none of them zero, in the order of the lines
Weighted = tuple[tuple[int, float], ...]


class Product(NamedTuple):
    """`number * exp(sum of coefficient*line) * product of line**power * product of sum**power`."""

    number: float = 1.0
    exponent: Weighted = ()
    rest: Weighted = ()
    sums: tuple[tuple[Sum, float], ...] = ()

    @property
    def is_exponential(self) -> bool:
        """Whether there is an exponential in it."""
        return bool(self.exponent or self.sums)

    @property
    def is_plain(self) -> bool:
        """Whether it is a number."""
        return not (self.exponent or self.rest or self.sums)


class Sum(NamedTuple):
    """Terms without sums. Of two, the first has no exponential, the second one that grows."""

    terms: tuple[Product, ...]

    @property
    def growth(self) -> Weighted:
        """The v of p + q*exp(v); nothing where no exponential is left."""
        return self.terms[1].exponent

    @property
    def is_pair(self) -> bool:
        """Whether it is p + q*exp(v)."""
        return len(self.terms) == 2 and not self.terms[0].exponent and bool(self.growth)

    @property
    def signs(self) -> tuple[float, ...]:
        """The numbers of the terms, where they are nothing else; () otherwise."""
        if any(term.rest for term in self.terms):
            return ()
        return tuple(term.number for term in self.terms)

    @property
    def is_positive(self) -> bool:
        """Whether all terms are positive for every input."""
        return bool(self.signs) and min(self.signs) > 0.0


def combined(first: Weighted, second: Weighted, scale: float = 1.0) -> Weighted:
    """The sum of the first and `scale` times the second."""
    if not second:
        return first
    if not first and scale == 1.0:
        return second
    total = dict(first)
    for line, weight in second:
        total[line] = total.get(line, 0.0) + scale * weight
    return tuple(sorted((line, weight) for line, weight in total.items() if weight))


def times(a: Product, b: Product, power: float = 1.0) -> Product | None:
    """`a * b**power`; `None` where b has no such power factor by factor."""
    if power == 1.0:
        number = a.number * b.number
    elif not is_exact_integer(power) and not _is_split_by_roots(b):
        return None
    else:
        try:
            number = a.number * b.number**power
        except (OverflowError, ZeroDivisionError):
            return None
    sums = a.sums
    if b.sums:
        powers = dict(sums)
        for total, weight in b.sums:
            powers[total] = powers.get(total, 0.0) + power * weight
        if len(powers) > MOST_SUMS:
            return None
        sums = tuple(sorted((total, weight) for total, weight in powers.items() if weight))
    if not math.isfinite(number) or number == 0.0:
        return None
    exponent = combined(a.exponent, b.exponent, power)
    return Product(number, exponent, combined(a.rest, b.rest, power), sums)


def _is_split_by_roots(p: Product) -> bool:
    """Whether a root of a product is that of its factors: (x**2)**0.5 is not x."""
    signed = [power for _, power in p.rest]
    signed.extend(power for total, power in p.sums if not total.is_positive)
    return p.number > 0.0 and (not signed or (len(signed) == 1 and abs(signed[0]) == 1.0))


def distributed(p: Product) -> list[Product] | None:
    """The terms of a product, its sums of positive power multiplied out."""
    terms = [p._replace(sums=tuple((total, k) for total, k in p.sums if k < 0.0))]
    for total, power in p.sums:
        if power > 0.0:
            if not is_exact_integer(power) or len(total.terms) ** power > MOST_TERMS:
                return None
            for _ in range(int(power)):
                terms = [
                    found
                    for term in terms
                    for other in total.terms
                    if (found := times(term, other)) is not None
                ]
    return terms if len(terms) <= MOST_TERMS else None


def added(parts: Sequence[Product]) -> Product | None:
    """The sum of products over their common denominator; `None` where it has no form."""
    powers: dict[Sum, float] = {}
    for part in parts:
        for total, power in part.sums:
            if power < 0.0:
                powers[total] = max(powers.get(total, 0.0), -power)
    below = Product(sums=tuple(sorted(powers.items())))
    terms: list[Product] = []
    for part in parts:
        above = times(part, below)
        new = None if above is None else distributed(above)
        if new is None or any(term.sums for term in new):
            return None
        terms.extend(new)
    found = gathered(terms)
    return None if found is None else times(found, below, -1.0)


def gathered(terms: Iterable[Product]) -> Product | None:
    """The sum of terms without sums, like ones together."""
    numbers: dict[tuple[Weighted, Weighted], float] = {}
    for term in terms:
        key = (term.exponent, term.rest)
        numbers[key] = numbers.get(key, 0.0) + term.number
    left = sorted(
        (Product(number, *key) for key, number in numbers.items() if number),
        key=lambda term: (term.exponent, term.rest),
    )
    if not left or len(left) > MOST_TERMS:
        return None
    if len(left) == 1:
        return left[0]
    if not any(term.exponent for term in left):
        return None
    if len(left) == 2:
        return _pair(*left)
    square = _square(*left) if len(left) == 3 else None
    return square or Product(sums=((Sum(tuple(left)), 1.0),))


def _square(*terms: Product) -> Product | None:
    """exp(u) + 2*exp(u + v) + exp(u + 2*v), as 2 + 2*cosh(v) is, as the square of a sum."""
    for first, middle, last in permutations(terms):
        steps = [
            combined(middle.exponent, first.exponent, -1.0),
            combined(last.exponent, middle.exponent, -1.0),
        ]
        if steps[0] == steps[1] and first.rest == middle.rest == last.rest:
            if abs(middle.number) != 2.0 * abs(first.number) or first.number != last.number:
                return None
            root = _pair(Product(), Product(0.5 * middle.number / first.number, steps[0]))
            outside = Product(first.number, first.exponent, first.rest)
            return times(outside, root, 2.0)
    return None


def _pair(first: Product, second: Product) -> Product:
    """c*exp(u)*(p + q*exp(v)), v with a positive coefficient in front; 1 and 1, or -1 and 1."""
    growth = combined(second.exponent, first.exponent, -1.0)
    if growth and growth[0][1] < 0.0:
        first, second = second, first
        growth = combined((), growth, -1.0)
    common, number = first.exponent, 1.0
    if abs(first.number) == abs(second.number):
        number = second.number
        first, second = first._replace(number=first.number / number), second._replace(number=1.0)
    shared = tuple(pair for pair in first.rest if pair in second.rest)
    pair = Sum(
        (
            first._replace(exponent=(), rest=combined(first.rest, shared, -1.0)),
            second._replace(exponent=growth, rest=combined(second.rest, shared, -1.0)),
        )
    )
    return Product(number, common, shared, ((pair, 1.0),))


def ratio(exponent: Weighted, growth: Weighted) -> float | None:
    """The j for which one is j times the other, 0 where they share no line, else `None`."""
    weights = dict(growth)
    if not any(line in weights for line, _ in exponent):
        return 0.0
    if len(exponent) != len(growth):
        return None
    j = exponent[0][1] / growth[0][1]
    return j if exponent == tuple((line, j * weight) for line, weight in growth) else None


def lines_of(form: Product) -> set[int]:
    """The lines in the exponents of a product."""
    terms = [form, *[term for total, _ in form.sums for term in total.terms]]
    return {line for term in terms for line, _ in term.exponent}


def order_of(form: Product, ends: dict[int, float]) -> float:
    """The k for which a product goes as exp(k*t) where lines are t, -t or of ordinary size."""

    def weight(term: Product) -> float:
        return sum(ends.get(line, 0.0) * coefficient for line, coefficient in term.exponent)

    return weight(form) + sum(
        power * max(weight(term) for term in total.terms) for total, power in form.sums
    )
