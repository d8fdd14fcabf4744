"""Logarithms of forms of exponentials, of positive factors apart and of the others together."""

from __future__ import annotations

import math

from symdiff.derive.exponential_writer import ExponentialWriter, Power, has_zero
from symdiff.derive.normal_forms import Product, Sum, Weighted, combined, ratio
from symdiff.ops.rules.signs import is_never_negative

LN_2 = math.log(2.0)


class LogarithmWriter(ExponentialWriter):
    """Writes the logarithms of forms too."""

    def _write_log(self, form: Product, like: int) -> int | None:
        """The logarithm of a product: of positive factors apart, of the others together."""
        b = self.builder
        exponent = form.exponent
        logs: list[Power] = []  # lines with their coefficients
        hard: list[tuple[Sum, float]] = []
        constant = 0.0
        for total, power in form.sums:
            if not total.is_positive:
                hard.append((total, power))
            elif total.is_pair and total.signs == (1.0, 1.0):
                exponent, found, extra = self._log_pair(total, power, exponent)
                logs.extend(found)
                constant += extra
            elif power == 1.0:
                logs.append((self._log_sum(total, exponent), 1.0))
                exponent = ()
            else:
                turned = combined((), total.terms[-1].exponent, -1.0)
                if len(combined(exponent, turned, -power)) < len(exponent):
                    logs.append((self._log_sum(total, turned), power))
                    exponent = combined(exponent, turned, -power)
                else:
                    logs.append((self._log_sum(total, ()), power))
        inside: int | None
        if hard and not form.rest and len(hard) == 1 and abs(hard[0][1]) == 1.0:
            inside, exponent = self._log_difference(form.number, *hard[0], exponent)
        elif hard:
            factors = list(form.rest)
            for total, power in hard:
                line, shift = self._reduced(total)
                factors.append((line, power))
                exponent = combined(exponent, shift, power)
            inside = b.make("log", (self._product(form.number, factors),))
        elif form.rest:
            rest = [pair for pair in form.rest if not is_never_negative(b, pair[0])]
            logs += [(b.make("log", (at,)), n) for at, n in form.rest if (at, n) not in rest]
            if not rest and form.number <= 0.0:
                return None
            number = b.constant(form.number, like)
            inside = b.make("log", (self._product(form.number, rest) if rest else number,))
        elif form.number <= 0.0:
            return None
        else:
            inside = b.make("log", (b.constant(form.number, like),))
        if constant and (value := b.constants.get(inside)) is not None:
            inside, constant = b.constant(value + constant, like), 0.0
        result = self.line_of(exponent) if exponent else None
        for line, coefficient in sorted(logs, key=lambda pair: pair[1] < 0.0):
            result = self._plus(result, line, coefficient)
        if b.constants.get(inside) != 0.0:
            result = inside if result is None else b.make("add", (result, inside))
        if constant:
            assert result is not None
            result = b.make("add", (result, b.constant(constant, like)))
        return result

    def _plus(self, total: int | None, line: int, coefficient: float) -> int:
        b = self.builder
        if abs(coefficient) != 1.0:
            line = b.make("multiply", (b.constant(abs(coefficient), line), line))
        if total is None:
            return line if coefficient > 0.0 else b.make("negate", (line,))
        return b.make("add" if coefficient > 0.0 else "subtract", (total, line))

    def _log_pair(
        self, total: Sum, power: float, exponent: Weighted
    ) -> tuple[Weighted, list[Power], float]:
        """log(exp(u)*(1 + exp(v))**power): exponent left, logarithms, a number."""
        b, growth = self.builder, total.growth
        j = ratio(exponent, growth)
        if j is None and power == 1.0:
            return (), [(self._log_sum(total, exponent), 1.0)], 0.0
        j = j or 0.0
        if j == -0.5 * power:
            half = self.line_of(combined((), growth, 0.5))
            return (), [(b.make("log_cosh", (half,)), power)], power * LN_2
        low, high = sorted((0.0, power))
        turned = min(max(-j, low), high)  # so many of its factors as exp(v)*(1 + exp(-v))
        v = self.line_of(growth)
        logs = []
        if turned != power:
            logs.append((b.make("softplus", (v,)), power - turned))
        if turned:
            logs.append((b.make("softplus", (b.make("negate", (v,)),)), turned))
        return combined(exponent, growth, turned), logs, 0.0

    def _log_difference(
        self, number: float, total: Sum, power: float, exponent: Weighted
    ) -> tuple[int, Weighted]:
        """log(number*sum**power) of a sum that is positive where the logarithm has a value."""
        b = self.builder
        sign = math.copysign(1.0, number)
        positive = [term for term in total.terms if term.number * sign > 0.0 and not term.rest]
        if len(positive) != 1 or any(term.rest for term in total.terms):
            line, shift = self._reduced(total)
            inside = self._product(number, [(line, power)])
            return b.make("log", (inside,)), combined(exponent, shift, power)
        (lead,) = positive
        if has_zero(total):
            v = combined((), total.growth, -1.0 if lead.exponent else 1.0)
            line = self.line_of(v)
            if any(part in self.explosive for part, _ in v):
                line = self._not_below(line)
            inside = b.make("negate", (b.make("expm1", (line,)),))
            number = abs(number)
        else:
            turned = combined((), lead.exponent, -1.0)
            like = self.line_of(next(term.exponent for term in total.terms if term.exponent))
            parts = [
                self._write_term(term._replace(exponent=combined(term.exponent, turned)), like)
                for term in total.terms
            ]
            inside = parts[0]
            for part in parts[1:]:
                inside = b.make("add", (inside, part))
        inside = self._product(number, [(inside, power)])
        return b.make("log", (inside,)), combined(exponent, lead.exponent, power)
