"""Twins of quotients, logarithms, powers and products of exponentials that overflow as written.

`exponentials` finds the normal form of a line, and `exponential_writer` writes it.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from symdiff.derive.exponential_writer import LN_2, ExponentialWriter, has_zero
from symdiff.derive.forms import terms as summands
from symdiff.derive.normal_forms import Product, added, times
from symdiff.graph.node import is_exact_integer
from symdiff.ops.rules.signs import is_never_negative

# beyond, the derivative is exactly 0 in float64, as it is computed
_SATURATED = {
    "tanh": 40.0,
    "erf": 30.0,
    "erfc": 30.0,
    "ndtr": 40.0,
    "sigmoid": 746.0,
    "arctan": 1e155,
}


class ExponentialTwins(ExponentialWriter):
    """Finds what is differentiated in the place of a line, and notes the forms on the way."""

    def twin(self, op: str, args: tuple[int, ...]) -> int | None:
        """A line that equals an operation on lines and whose derivative does not overflow."""
        rule = _RULES.get(op)
        if rule is None or (self.forms.keys().isdisjoint(args) and self.explosive.isdisjoint(args)):
            return None
        return rule(self, *args)

    # --- where a twin is looked for ----------------------------------------------------------

    def divide(self, x: int, y: int) -> int | None:
        """A quotient of exponentials, or by something that overflows."""
        b = self.builder
        same = b.nodes[x].args == b.nodes[y].args
        if b.nodes[x].op == "sinh" and b.nodes[y].op == "cosh" and same:
            return b.make("tanh", b.nodes[x].args)
        below = self.forms.get(y)
        if below is None or not (y in self.explosive or self.can(below, -1.0)):
            return None
        above = self.form(x)
        if x not in self.explosive and not self.can(above, -1.0):
            above = Product(rest=((x, 1.0),))  # tanh(u) is better left alone
        return self._write(times(above, below, -1.0), x)

    def power(self, x: int, y: int) -> int | None:
        """A power that is no whole number above 0, of what overflows."""
        exponent = self.builder.constants.get(y)
        if exponent is None or x not in self.forms or x not in self.explosive:
            return None
        if exponent > 0.0 and is_exact_integer(exponent):
            return None
        return self._write(times(Product(), self.forms[x], exponent), x)

    def sqrt(self, x: int) -> int | None:
        """A square root of what overflows."""
        if x not in self.forms or x not in self.explosive:
            return None
        return self._write(times(Product(), self.forms[x], 0.5), x)

    def cbrt(self, x: int) -> int | None:
        """A cube root of what is positive and overflows."""
        form = self.forms.get(x)
        if form is None or x not in self.explosive or form.rest or form.number < 0.0:
            return None
        if not all(total.is_positive for total, _ in form.sums):
            return None
        return self._write(times(Product(), form, 1.0 / 3.0), x)

    def multiply(self, x: int, y: int) -> int | None:
        """A product in which exponentials meet, one of them large where the other is small."""
        first, second = self.forms.get(x), self.forms.get(y)
        if first is None or second is None or not self.explosive & {x, y}:
            return None
        if not any(
            self.can(one, 1.0) and self.can(other, -1.0)
            for one, other in ((first, second), (second, first))
        ):
            return None
        both = times(first, second)
        meets = any(self._is_steep(line) for line, _ in (*first.exponent, *second.exponent))
        if both is None or not (meets or _cancels(first, second)):
            return None
        return self._write(both, x)

    def _is_steep(self, line: int) -> bool:
        """Whether an exponent outgrows every other one."""
        return line in self.explosive or self.builder.nodes[line].op == "log_ndtr"

    def exp(self, x: int) -> int | None:
        """The exponential of one, which is 0 long before its argument is infinite."""
        return self.builder.make("exp", (self._not_below(x),)) if x in self.explosive else None

    def expm1(self, x: int) -> int | None:
        """Likewise, less 1."""
        return self.builder.make("expm1", (self._not_below(x),)) if x in self.explosive else None

    def saturating(self, op: str, x: int) -> int | None:
        """A function that is flat where its argument is infinite."""
        if x not in self.explosive:
            return None
        b, limit = self.builder, _SATURATED[op]
        if is_never_negative(b, x):
            is_flat = b.make("greater", (x, b.constant(limit, x)))
            return b.make(op, (b.make("where", (is_flat, b.constant(limit, x), x)),))
        is_flat = b.make("greater", (b.make("absolute", (x,)), b.constant(limit, x)))
        end = b.make("multiply", (b.constant(limit, x), b.make("sign", (x,))))
        return b.make(op, (b.make("where", (is_flat, end, x)),))

    def log(self, x: int, scale: float = 1.0) -> int | None:
        """A logarithm of exponentials, times a number."""
        form = self._positive_sum(x) or self.forms.get(x)
        if form is None or not (self.can(form, 1.0) or self.can(form, -1.0) or _is_sum(form)):
            return None
        return self._scaled_log(form, x, scale)

    def _positive_sum(self, x: int) -> Product | None:
        """A sum of exponentials, one of which explodes: a logarithm keeps all of their scales."""
        if self.builder.nodes[x].op != "add":
            return None
        parts = [self.form(term) for term in summands(self.builder, x)]
        if all(line not in self.explosive for part in parts for line, _ in part.exponent):
            return None
        form = added(parts)
        if form is None or form.rest or form.number < 0.0:
            return None
        return form if all(total.is_positive for total, _ in form.sums) else None

    def log1p(self, x: int) -> int | None:
        """log(1 + exp(u)) and its like."""
        if x not in self.forms:
            return None
        form = added((Product(), self.forms[x]))
        if form is None or not (x in self.explosive or _is_short(form)):
            return None  # exact as written for a small x
        return self._scaled_log(form, x, 1.0)

    def _scaled_log(self, form: Product, like: int, scale: float) -> int | None:
        b = self.builder
        found = self._write_log(form, like)
        if found is None or scale == 1.0:
            return found
        return b.make("multiply", (b.constant(scale, like), found))


def _cancels(a: Product, b: Product) -> bool:
    """Whether exponentials of two products meet, beyond one and the same that grows."""
    growths = [_directions(a), _directions(b)]
    shared = growths[0].keys() & growths[1].keys()
    return any(growths[0][line] * growths[1][line] <= 0.0 for line in shared)


def _directions(form: Product) -> dict[int, float]:
    """By line, 1 where the product grows with it alone, -1 where it falls, 0 for both."""
    found: dict[int, float] = {}

    def say(line: int, direction: float) -> None:
        found[line] = direction if found.get(line, direction) == direction else 0.0

    for line, coefficient in form.exponent:
        say(line, math.copysign(1.0, coefficient))
    for total, power in form.sums:
        for term in total.terms:
            for line, coefficient in term.exponent:
                say(line, math.copysign(1.0, coefficient * power))
    return found


def _is_short(form: Product) -> bool:
    """Whether no sum is left but one of two terms."""
    above = [total for total, power in form.sums if power > 0.0]
    return not above or (len(above) == len(form.sums) == 1 and above[0].is_pair)


def _is_sum(form: Product) -> bool:
    """Whether a form is a sum of positive exponentials alone, or 1 - exp(v), which may cancel."""
    if form.rest or not form.sums:
        return False
    if len(form.sums) == 1 and has_zero(form.sums[0][0]):
        return True
    return not form.exponent and all(k > 0.0 and total.is_positive for total, k in form.sums)


_RULES: dict[str, Callable[..., int | None]] = {
    "divide": ExponentialTwins.divide,
    "power": ExponentialTwins.power,
    "sqrt": ExponentialTwins.sqrt,
    "cbrt": ExponentialTwins.cbrt,
    "multiply": ExponentialTwins.multiply,
    "exp": ExponentialTwins.exp,
    "expm1": ExponentialTwins.expm1,
    "log": ExponentialTwins.log,
    "log2": lambda e, x: e.log(x, 1.0 / LN_2),
    "log10": lambda e, x: e.log(x, 1.0 / math.log(10.0)),
    "log1p": ExponentialTwins.log1p,
    **{op: (lambda e, x, op=op: e.saturating(op, x)) for op in _SATURATED},
}
