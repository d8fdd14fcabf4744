"""Twins of quotients, logarithms, powers and products of exponentials that overflow as written.

`exponentials` finds the normal form of a line, which `logarithm_writer` writes.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from symdiff.derive.exponential_writer import LEAST, has_zero
from symdiff.derive.forms import terms as summands
from symdiff.derive.logarithm_writer import LN_2, LogarithmWriter
from symdiff.derive.normal_forms import Product, added, lines_of, times
from symdiff.graph.node import FLOAT, INPUT, Node, is_exact_integer
from symdiff.ops.builder import Builder
from symdiff.ops.rules.signs import is_never_negative
from symdiff.ops.twins import as_written, exponential_quotient

# beyond, the derivative is exactly 0 in float64, as it is computed
_SATURATED = {
    "tanh": 40.0,
    "erf": 30.0,
    "erfc": 30.0,
    "ndtr": 40.0,
    "sigmoid": 746.0,
    "arctan": 1e155,
}


GUARDED = frozenset((*_SATURATED, "exp", "expm1"))
_SEARCH = 200  # lines that are looked at
_EXPONENTIALS = frozenset(("exp", "exp2", "exp10"))
_SCALED = _EXPONENTIALS | frozenset("multiply power sqrt broadcast reshape transpose".split())


class ExponentialTwins(LogarithmWriter):
    """Finds what is differentiated in the place of a line, and notes the forms on the way."""

    def twin(self, op: str, args: tuple[int, ...]) -> int | None:
        """A line that equals an operation on lines and whose derivative does not overflow."""
        rule = _RULES.get(op)
        if rule is None or (self.forms.keys().isdisjoint(args) and self.explosive.isdisjoint(args)):
            return None
        return rule(self, *args)

    def written(self, twin: int, given: int) -> int:
        """A line as it was written, with the derivative and the form of its twin."""
        found = self.builder.make(as_written.name, (twin, given))
        self.give(found, self.forms.get(twin))
        if twin in self.explosive:
            self.explosive.add(found)
        return found

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
        if not above.is_exponential and self._is_one_scale(y):
            given = b.append(Node("divide", (x, y), (), b.nodes[y].shape, FLOAT))
            exponent = self.line_of(below.exponent)
            return b.make(exponential_quotient.name, (x, y, exponent, given))
        return self._write(times(above, below, -1.0), x)

    def _is_one_scale(self, y: int) -> bool:
        """Whether a line is a multiple of exp(v), and nothing in it may overflow but as it does."""
        form = self.forms[y]
        if form.sums or form.rest or len(form.exponent) != 1 or form.number < 0.0:
            return False
        ((line, weight),) = form.exponent
        if line in self.explosive:
            return False
        pending, nodes = [y], self.builder.nodes
        while pending:
            at = pending.pop()
            part = self.forms.get(at)
            if at in self.builder.constants:
                continue
            if part is None or nodes[at].op not in _SCALED:
                return False
            if any(one * weight < 0.0 for _, one in part.exponent):
                return False
            if nodes[at].op not in _EXPONENTIALS:
                pending += nodes[at].args
        return True

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
        steep = [line for line, _ in (*first.exponent, *second.exponent) if self._is_steep(line)]
        meets = steep and _share_an_input(self.builder, lines_of(first), lines_of(second))
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


def keeps_value(op: str, twin: Node) -> bool:
    """Whether a twin has the value of the operation where that overflows too."""
    return twin.op == exponential_quotient.name or (twin.op == op and op in GUARDED)


def unguarded(b: Builder, node: Node) -> int | None:
    """The x of f(where(x is where f is flat, its end, x)), which is f(x) to the bit."""
    if b.nodes[node.args[0]].op != "where":
        return None
    condition, end, x = b.nodes[node.args[0]].args
    is_guard = _is_guard_of_limit if node.op in _SATURATED else _is_guard_of_exp
    return x if is_guard(b, node.op, b.nodes[condition], end, x) else None


def _is_guard_of_exp(b: Builder, _: str, asked: Node, end: int, x: int) -> bool:
    is_least = asked.op == "less" and b.constants.get(asked.args[1]) == LEAST
    return is_least and asked.args[0] == x and b.constants.get(end) == -math.inf


def _is_guard_of_limit(b: Builder, op: str, asked: Node, end: int, x: int) -> bool:
    limit, signed = _SATURATED[op], b.nodes[end]
    if asked.op != "greater" or b.constants.get(asked.args[1]) != limit:
        return False
    if b.constants.get(end) == limit:
        return asked.args[0] == x and is_never_negative(b, x)
    if signed.op != "multiply" or b.constants.get(signed.args[0]) != limit:
        return False
    is_sign = b.nodes[signed.args[1]][:2] == ("sign", (x,))
    return is_sign and b.nodes[asked.args[0]][:2] == ("absolute", (x,))


def _share_an_input(b: Builder, first: set[int], second: set[int]) -> bool:
    """Whether lines of two sets depend on one input; of long formulas it is said so."""
    one, other = _inputs_of(b, first), _inputs_of(b, second)
    return one is None or other is None or not one.isdisjoint(other)


def _inputs_of(b: Builder, lines: set[int]) -> set[int] | None:
    """The inputs that lines depend on; `None` where these are too many to look for."""
    pending, seen = [*lines], set(lines)
    while pending:
        if len(seen) > _SEARCH:
            return None
        fresh = set(b.nodes[pending.pop()].args) - seen
        seen |= fresh
        pending += fresh
    return {at for at in seen if b.nodes[at].op == INPUT}


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
