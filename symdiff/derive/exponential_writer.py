"""Forms of exponentials written as lines whose derivatives stay finite.

The operations are `sigmoid`, `inverse_sum`, `sech`, `softplus`, `logaddexp`, `log_cosh`. What has
no such operation is scaled by its largest exponential. The scale is a constant for the derivative,
since the function does not depend on it.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from symdiff.derive.exponentials import Exponentials
from symdiff.derive.normal_forms import Product, Sum, Weighted, combined, distributed, ratio
from symdiff.graph.node import is_exact_integer

ULPS = 1e-15
SQRT_HALF = math.sqrt(0.5)
LEAST = -746.0  # exp of less is 0

Power = tuple[int, float]  # a line and its power


class Written(NamedTuple):
    """A number, an exponent and further factors."""

    number: float
    exponent: Weighted
    factors: list[Power]


class ExponentialWriter(Exponentials):
    """Writes forms of exponentials, and notes those of the lines that it makes."""

    # --- products ----------------------------------------------------------------------------

    def _write(self, form: Product | None, like: int) -> int | None:
        """The line of a product, of the shape of another line."""
        if form is None:
            return None
        if form.is_plain:
            return self.builder.constant(form.number, like)
        form = self._with_mills(form)
        below = [(total, -power) for total, power in form.sums if power < 0.0]
        above = [(total, power) for total, power in form.sums if power > 0.0]
        if _any_has_zero(below) and _any_has_zero(above):
            return self._write_scaled(form)
        terms = distributed(form) if above else None
        pairs = [(total, n) for total, n in below if total.is_pair]
        if terms is None or not all(
            self._divisor(total, n, term.exponent) for term in terms for total, n in pairs
        ):
            return self._write_term(form, like)
        written = self._write_term(terms[0], like)
        for term in terms[1:]:
            written = self.builder.make("add", (written, self._write_term(term, like)))
        return written

    def _write_term(self, form: Product, like: int) -> int:
        """A product whose sums are divisors, or brought to the scale of their largest term."""
        exponent, number = form.exponent, form.number
        factors = list(form.rest)
        for total, power in sorted(form.sums, key=lambda pair: not pair[0].is_pair):
            done = self._divisor(total, -power, exponent) or self._shifted(total, power, exponent)
            number *= done.number
            exponent = done.exponent
            factors.extend(done.factors)
        return self._with_exp(number, factors, exponent, like)

    def _write_scaled(self, form: Product) -> int:
        """A product, all of whose sums are brought to the scale of their largest term."""
        exponent, factors = form.exponent, list(form.rest)
        for total, power in form.sums:
            line, shift = self._reduced(total)
            exponent = combined(exponent, shift, power)
            factors.append((line, power))
        return self._with_exp(form.number, factors, exponent, factors[0][0])

    def _with_exp(self, number: float, factors: list[Power], exponent: Weighted, like: int) -> int:
        if exponent:
            line = self.line_of(exponent)
            if any(part in self.explosive for part, _ in exponent):
                line = self._not_below(line)
            factors = [*factors, (self.builder.make("exp", (line,)), 1.0)]
        return self._product(number, factors) if factors else self.builder.constant(number, like)

    def _not_below(self, x: int) -> int:
        """An exponent, without a derivative where its exponential is 0."""
        b = self.builder
        none = b.make("less", (x, b.constant(LEAST, x)))
        return b.make("where", (none, b.constant(-math.inf, x), x))

    def _with_mills(self, form: Product) -> Product:
        """exp(c**2*z**2/2)*ndtr(c*z) as erfcx, and its inverse."""
        b = self.builder
        if form.sums or len(form.exponent) != 2:
            return form
        for line, power in form.exponent:
            if b.nodes[line].op != "log_ndtr" or abs(power) != 1.0:
                continue
            (argument,) = b.nodes[line].args
            ((z, c),) = self.scaled(argument)
            wanted = 0.5 * power * c * c
            for square, weight in form.exponent:
                if not self._is_square(square, z) or not math.isclose(weight, wanted, rel_tol=ULPS):
                    continue
                if power < 0.0:
                    factor, number = b.make("inverse_mills", (argument,)), math.sqrt(2.0 * math.pi)
                else:
                    factor = b.make("erfcx", (self.line_of(((z, _near_one(-SQRT_HALF * c)),)),))
                    number = 0.5
                return form._replace(
                    number=form.number * number,
                    exponent=tuple(pair for pair in form.exponent if pair[0] not in (line, square)),
                    rest=combined(form.rest, ((factor, 1.0),)),
                )
        return form

    def _is_square(self, position: int, of: int) -> bool:
        b, node = self.builder, self.builder.nodes[position]
        if node.op == "power":
            return node.args[0] == of and b.constants.get(node.args[1]) == 2.0
        return node.op == "multiply" and node.args == (of, of)

    def _divisor(self, total: Sum, n: float, exponent: Weighted) -> Written | None:
        """exp(u)/sum**n in factors that stay finite, as also their derivatives do."""
        if total.is_positive and not is_exact_integer(n):
            return self._root(total, n, exponent)
        if n < 0.0 or not total.is_pair or not is_exact_integer(n):
            return None
        b, growth = self.builder, total.growth
        j = ratio(exponent, growth)
        if j is None:
            explodes = any(line in self.explosive for line, _ in growth)
            return self._root(total, n, exponent) if explodes and total.is_positive else None
        if j == 0.5 * n and total.signs in ((1.0, 1.0), (-1.0, 1.0)):
            half = self.line_of(combined((), growth, 0.5))
            line = b.make("sech" if total.is_positive else "csch", (half,))
            return Written(0.5**n, (), [(line, n)])
        turned = min(max(j, 0.0), n)  # so many times its exp(v) is taken out of the sum
        if not is_exact_integer(turned):
            return None
        v = self.line_of(growth)
        p, q = (self._coefficient(term, v) for term in total.terms)
        factors = []
        if turned < n:
            factors.append((self._inverse_sum(p, q, v), n - turned))
        if turned:
            factors.append((self._inverse_sum(q, p, b.make("negate", (v,))), turned))
        return Written(1.0, combined(exponent, growth, -turned), factors)

    def _root(self, total: Sum, n: float, exponent: Weighted) -> Written:
        """exp(u)/sum**n by the logarithm of the sum."""
        turned: Weighted = ()
        if total.is_pair:
            lines = dict(total.growth)
            own = tuple(pair for pair in exponent if pair[0] in lines)
            j = ratio(own, total.growth) or 0.0
            if abs(j - n) < abs(j):
                turned = combined((), total.growth, -1.0)
        line = self._log_sum(total, turned)
        if any(part in self.explosive for term in total.terms for part, _ in term.exponent):
            self.explosive.add(line)
        logarithm = ((line, 1.0),)
        return Written(1.0, combined(combined(exponent, turned, n), logarithm, -n), [])

    def _inverse_sum(self, p: int, q: int, v: int) -> int:
        b = self.builder
        if b.constants.get(p) == b.constants.get(q) == 1.0:
            return b.make("sigmoid", (b.make("negate", (v,)),))
        return b.make("inverse_sum", (p, q, v))

    def _coefficient(self, term: Product, like: int) -> int:
        """The line of a term without its exponential."""
        return (
            self._product(term.number, list(term.rest))
            if term.rest
            else self.builder.constant(term.number, like)
        )

    def _shifted(self, total: Sum, power: float, exponent: Weighted) -> Written:
        """exp(u)*sum**power with the largest exponential of the sum taken out."""
        line, shift = self._reduced(total)
        return Written(1.0, combined(exponent, shift, power), [(line, power)])

    def _reduced(self, total: Sum) -> tuple[int, Weighted]:
        """A sum divided by its largest exponential, and that one's exponent."""
        b = self.builder
        if total.is_pair and total.signs in ((1.0, 1.0), (-1.0, 1.0)):
            # the sum is twice exp(v/2) times the cosh or sinh of v/2
            half = combined((), total.growth, 0.5)
            line = self.line_of(half)
            shift = b.make("held", (b.make("absolute", (line,)),))
            op = "scaled_cosh" if total.is_positive else "scaled_sinh"
            found = b.make(op, (line, shift))
            found = b.make("multiply", (b.constant(2.0, line), found))
            return found, combined(half, ((shift, 1.0),))
        powers = [self.line_of(term.exponent) if term.exponent else None for term in total.terms]
        like = next((line for line in powers if line is not None), None)
        if like is None:
            return self._plain_sum(total), ()
        lines = [b.constant(0.0, like) if line is None else line for line in powers]
        largest = lines[0]
        for line in lines[1:]:
            largest = b.make("maximum", (largest, line))
        shift = b.make("held", (largest,))
        sum_: int | None = None
        for number, rest, part in self._scaled_terms(total, lines, shift):
            part = self._product(number, [*rest, (part, 1.0)])
            sum_ = part if sum_ is None else b.make("add", (sum_, part))
        assert sum_ is not None
        return sum_, ((shift, 1.0),)

    def _plain_sum(self, total: Sum) -> int:
        """A sum without exponentials: of a*exp(u) + b*exp(u) it is a + b that is left."""
        like = next(line for term in total.terms for line, _ in term.rest)
        first, *more = [self._coefficient(term, like) for term in total.terms]
        for line in more:
            first = self.builder.make("add", (first, line))
        return first

    def _scaled_terms(
        self, total: Sum, lines: list[int], shift: int
    ) -> list[tuple[float, Weighted, int]]:
        """The terms of a sum times exp(-shift); exp(u) and exp(-u) together are cosh or sinh."""
        b, found = self.builder, []
        left = dict(enumerate(total.terms))
        while left:
            at, term = next(iter(left.items()))
            del left[at]
            opposite = combined((), term.exponent, -1.0)
            other = next(
                (
                    place
                    for place, one in left.items()
                    if one.exponent == opposite
                    and one.rest == term.rest
                    and abs(one.number) == abs(term.number)
                ),
                None,
            )
            if other is None:
                part = b.make("exp", (b.make("subtract", (lines[at], shift)),))
                found.append((term.number, term.rest, part))
                continue
            op = "scaled_cosh" if left.pop(other).number == term.number else "scaled_sinh"
            found.append((2.0 * term.number, term.rest, b.make(op, (lines[at], shift))))
        return found

    def _product(self, number: float, factors: list[Power]) -> int:
        """A number times lines with powers, the negative ones as divisors."""
        b = self.builder
        above = [self._raised(line, power) for line, power in factors if power > 0.0]
        below = [self._raised(line, -power) for line, power in factors if power < 0.0]
        product = above[0] if above else b.constant(number, factors[0][0])
        for line in above[1:]:
            product = b.make("multiply", (product, line))
        if above and number != 1.0:
            product = b.make("multiply", (b.constant(number, product), product))
        for line in below:
            product = b.make("divide", (product, line))
        return product

    def _raised(self, line: int, power: float) -> int:
        b = self.builder
        return line if power == 1.0 else b.make("power", (line, b.constant(power, line)))

    # --- logarithms --------------------------------------------------------------------------

    def _log_sum(self, total: Sum, exponent: Weighted) -> int:
        """log(exp(u)*sum) of positive terms."""
        b = self.builder
        found: int | None = None
        like = self.line_of(total.terms[-1].exponent)
        for term in total.terms:
            power = combined(exponent, term.exponent)
            number = b.make("log", (b.constant(term.number, like),))
            line = number
            if power:
                line = self.line_of(power)
                if term.number != 1.0:
                    line = b.make("add", (line, number))
            found = line if found is None else self._log_add(found, line)
        assert found is not None
        return found

    def _log_add(self, x: int, y: int) -> int:
        b = self.builder
        for zero, other in ((x, y), (y, x)):
            if b.constants.get(zero) == 0.0:
                return b.make("softplus", (other,))
        return b.make("logaddexp", (x, y))


def _near_one(value: float) -> float:
    """1 or -1 in the place of what is that but for rounding."""
    return round(value) if math.isclose(abs(value), 1.0, rel_tol=ULPS) else value


def has_zero(total: Sum) -> bool:
    """Whether a sum is exp(v) - 1."""
    return total.is_pair and total.signs == (-1.0, 1.0)


def _any_has_zero(sums: list[tuple[Sum, float]]) -> bool:
    return any(has_zero(total) for total, _ in sums)
