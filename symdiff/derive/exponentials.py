"""Exponentials in normal form: a line as number * exp(u) * other lines * powers of sums.

What overflows in `1/(exp(x) - 1)` or `log(exp(x) - 1)` is an exponential that the derivative has
no more once numerator and denominator are brought to one scale. Sums, products, quotients and
powers of exponentials, and the functions that are made of them (`expm1`, `sinh`, `cosh`, `tanh`,
`sigmoid`, `erfc` by the logarithm of its tail), have one form; `normal_forms` has these alone.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import product

from symdiff.derive.normal_forms import (
    Product,
    Weighted,
    added,
    combined,
    gathered,
    lines_of,
    order_of,
    times,
)
from symdiff.ops.builder import Builder
from symdiff.ops.exponential import exp
from symdiff.ops.handle import Handle
from symdiff.ops.reduction import broadcast_to, expanded
from symdiff.ops.rules.signs import is_never_negative

MOST_LINES = 4  # that are looked at together, each at both of its ends

_ONE = Product(1.0)
_BOUNDED = frozenset(
    ("tanh", "sigmoid", "sech", "erf", "erfc", "ndtr", "sin", "cos", "arctan", "log", "log1p",
     "log2", "log10", "inverse_sum", "sign", "arcsinh")
)  # fmt: skip
_SCALES = frozenset(("held", "absolute", "maximum", "max"))
_MOVES = frozenset(("reshape", "broadcast", "transpose", "as_float64", "as_float32"))


class Exponentials:
    """The normal forms of the lines of a builder that hold exponentials.

    Args:
        builder: the lines.
        holds: by position, of those that were there, 1 where one may hold an exponential.

    Attributes:
        forms: by position.
        explosive: lines that may be infinite for inputs of ordinary size.
    """

    def __init__(self, builder: Builder, holds: bytearray) -> None:
        self.builder = builder
        self._holds = holds
        self.forms: dict[int, Product] = {}
        self.explosive: set[int] = set()
        self._seen: set[int] = set()
        self._known: dict[int, tuple[float, int]] = {}  # a scaled line that is there, by its line

    def form(self, position: int) -> Product:
        """The normal form of a line; a line without exponentials is itself."""
        value = self.builder.constants.get(position)
        if value is not None and value and math.isfinite(value):
            return Product(value)
        return self.forms.get(position) or Product(rest=((position, 1.0),))

    def note_all(self, position: int) -> None:
        """Note a line and those that were made for it, arguments first."""
        pending = [position]
        while pending:
            args = self.builder.nodes[pending[-1]].args
            missing = [argument for argument in args if not self._is_noted(argument)]
            if missing:
                pending.extend(missing)
            else:
                self.note(pending.pop())

    def _is_noted(self, position: int) -> bool:
        """Whether a line has been noted, or there is nothing in it to note."""
        is_plain = position < len(self._holds) and not self._holds[position]
        return is_plain or position in self._seen

    def note(self, position: int) -> None:
        """Find the form of a line whose arguments are noted."""
        self._seen.add(position)
        node = self.builder.nodes[position]
        form = self.form_of(node.op, node.args)
        if form is None and node.op in _MOVES and node.args[0] in self.forms:
            form = self._moved(position)
        elif form is None and node.op == "sum" and node.args[0] in self.forms:
            form = self._summed(position)
        elif form is None and node.op == "contract" and not self.forms.keys().isdisjoint(node.args):
            form = self._contracted(position)
        self.give(position, form)
        if position in self.forms or node.op in _BOUNDED:
            return
        if any(argument in self.explosive for argument in node.args):
            self.explosive.add(position)

    def form_of(self, op: str, args: tuple[int, ...]) -> Product | None:
        """The form of an operation on lines that are noted."""
        rule = _FORMS.get(op)
        return None if rule is None else rule(self, *args)

    def give(self, position: int, form: Product | None) -> None:
        """Say the form of a line."""
        if form is None or not form.is_exponential:
            return
        self.forms[position] = form
        if self.can(form, 1.0) or any(line in self.explosive for line, _ in form.rest):
            self.explosive.add(position)
        else:
            self.explosive.discard(position)

    def can(self, form: Product, direction: float) -> bool:
        """Whether a product grows (1) or vanishes (-1) exponentially, where its lines are large."""
        if not form.sums:  # each line alone
            exponent = form.exponent[:MOST_LINES]
            return any([self._is_range(line, direction * weight) for line, weight in exponent])
        lines = sorted(lines_of(form))[:MOST_LINES]
        ends = [[end for end in (0.0, 1.0, -1.0) if self._is_range(line, end)] for line in lines]
        return any(
            direction * order_of(form, dict(zip(lines, chosen, strict=True))) > 0.0
            for chosen in product(*ends)
        )

    def _is_range(self, line: int, end: float) -> bool:
        """Whether a line may be large and positive (1) or negative (-1)."""
        b = self.builder
        op = b.nodes[line].op
        if not end:
            return True
        if op in _RANGES:
            return False
        if op == "log_ndtr":
            return end < 0.0
        if end > 0.0:
            return not self._is_shifted(line)
        return not (op in ("softplus", "log_cosh") or is_never_negative(b, line))

    def scaled(self, line: int, scale: float = 1.0) -> Weighted:
        """A line as a number times another: (-x)/2 is x with -1/2."""
        b, whole, coefficient = self.builder, line, 1.0
        while True:
            node = b.nodes[line]
            if node.op == "negate":
                coefficient, line = -coefficient, node.args[0]
            elif node.op == "multiply" and b.constants.get(node.args[0]):
                coefficient, line = coefficient * b.constants[node.args[0]], node.args[1]
            elif node.op == "multiply" and b.constants.get(node.args[1]):
                coefficient, line = coefficient * b.constants[node.args[1]], node.args[0]
            elif node.op == "divide" and b.constants.get(node.args[1]):
                coefficient, line = coefficient / b.constants[node.args[1]], node.args[0]
            else:
                break
        if not math.isfinite(coefficient) or not coefficient:
            line, coefficient = whole, 1.0
        if abs(coefficient) != 1.0:
            self._known.setdefault(line, (coefficient, whole))
        return ((line, coefficient * scale),)

    def line_of(self, exponent: Weighted) -> int:
        """The line of a sum of scaled lines, a positive one first.

        What explodes comes before all else, beside the scale that is taken from it: the difference
        of the two is small, and what is added before that is swallowed.
        """
        b = self.builder
        parts = sorted(exponent, key=lambda pair: (self._exploding(pair[0]), pair[1] < 0.0))
        total = self._scaled_line(*parts[0])
        for line, coefficient in parts[1:]:
            other = self._scaled_line(line, abs(coefficient))
            total = b.make("add" if coefficient > 0.0 else "subtract", (total, other))
        return total

    def _exploding(self, line: int) -> float:
        """The explosive line that a line is a multiple or the scale of; infinite for others."""
        pending = [line]
        while pending:
            at = pending.pop()
            node = self.builder.nodes[at]
            if node.op in _SCALES or node.op in _MOVES:
                pending.extend(node.args)
                continue
            ((bare, _),) = self.scaled(at)
            if bare in self.explosive:
                return bare
            if bare != at:
                pending.append(bare)
        return math.inf

    def _scaled_line(self, line: int, coefficient: float) -> int:
        b = self.builder
        if abs(coefficient) != 1.0 and line in self._known:
            known, line = self._known[line]
            coefficient /= known
        if coefficient == 1.0:
            return line
        if coefficient == -1.0:
            return b.make("negate", (line,))
        return b.make("multiply", (b.constant(coefficient, line), line))

    def _moved(self, position: int) -> Product | None:
        """The form of a line that is reshaped, broadcast, transposed or cast."""
        node = self.builder.nodes[position]

        def move(weighted: Weighted) -> Weighted:
            moved = [(self.builder.make(node.op, (line,), node.params), w) for line, w in weighted]
            return tuple(sorted(moved))

        def without_sums(form: Product) -> Product:
            return Product(form.number, move(form.exponent), move(form.rest))

        form = self.forms[node.args[0]]
        moved: Product | None = without_sums(form)
        for total, power in form.sums:
            part = gathered([without_sums(term) for term in total.terms])
            moved = None if moved is None or part is None else times(moved, part, power)
        return moved

    def _summed(self, position: int) -> Product | None:
        """A sum of exponentials over axes, at the scale of the largest one."""
        b, node = self.builder, self.builder.nodes[position]
        form = self.forms[node.args[0]]
        shape, (axes, _) = b.nodes[node.args[0]].shape, node.params
        if form.sums or 0 in [shape[axis] for axis in axes]:
            return None
        if len(form.exponent) == 1 and self._is_shifted(form.exponent[0][0]):
            return None
        exponent = self.line_of(form.exponent)
        shift = b.handle(b.make("held", (b.make("max", (exponent,), node.params),)))
        part = self._at_scale(form, expanded(shift, shape, axes))
        mantissa = b.make("sum", (part.at,), node.params)
        return Product(form.number, ((shift.at, 1.0),), ((mantissa, 1.0),))

    def _is_held(self, line: int) -> bool:
        nodes = self.builder.nodes
        while nodes[line].op in _MOVES:
            (line,) = nodes[line].args
        return nodes[line].op == "held"

    def _is_shifted(self, line: int) -> bool:
        """Whether a line is x - max(x), so that its exponentials are at scale already."""
        nodes = self.builder.nodes
        if nodes[line].op != "subtract":
            return False
        x, largest = nodes[line].args
        while nodes[largest].op in _MOVES:
            (largest,) = nodes[largest].args
        return nodes[largest].op == "max" and nodes[largest].args == (x,)

    def _at_scale(self, form: Product, shift: Handle) -> Handle:
        """A form without sums, divided by exp(shift)."""
        b = self.builder
        part = exp(b.handle(self.line_of(form.exponent)) - shift)
        for line, power in form.rest:
            weight = b.handle(line)
            part = part * (weight if power == 1.0 else weight**power)
        return part

    def _contracted(self, position: int) -> Product | None:
        """A product with exponentials that sums all of them, at the scale of the largest."""
        b, node = self.builder, self.builder.nodes[position]
        inputs, output = node.params[0].split("->")
        for place, letters in enumerate(inputs.split(",")):
            line = node.args[place]
            form = self.forms.get(line)
            shape = b.nodes[line].shape
            if form is None or form.sums or 0 in shape or not letters or set(letters) & set(output):
                continue
            axes = tuple(range(len(shape)))
            largest = b.make("max", (self.line_of(form.exponent),), (axes, False))
            shift = b.handle(b.make("held", (largest,)))
            args = list(node.args)
            args[place] = self._at_scale(form, expanded(shift, shape, axes)).at
            mantissa = b.make("contract", tuple(args), node.params)
            wide = broadcast_to(shift, node.shape)
            return Product(form.number, ((wide.at, 1.0),), ((mantissa, 1.0),))
        return None

    # --- the forms of operations -----------------------------------------------------------

    def _exp(self, x: int) -> Product | None:
        weighted = self.scaled(x)
        ((line, coefficient),) = weighted
        node = self.builder.nodes[line]
        if any(self._is_held(argument) for argument in node.args):
            return None  # it is at scale already
        if node.op == "softplus":
            return times(_ONE, self._one_plus(self.scaled(node.args[0])), coefficient)
        return Product(exponent=weighted)

    def _power(self, x: int, y: int) -> Product | None:
        b = self.builder
        base, exponent = b.constants.get(x), b.constants.get(y)
        if exponent is not None:
            return times(_ONE, self.forms[x], exponent) if x in self.forms else None
        if base is None or not 0.0 < base < math.inf or base == 1.0:
            return None
        return Product(exponent=self.scaled(y, b.constants[b.make("log", (x,))]))

    def _one_plus(self, exponent: Weighted, first: float = 1.0, second: float = 1.0) -> Product:
        """The sum of a number and of another times exp(u)."""
        form = gathered((Product(first), Product(second, exponent)))
        assert form is not None  # two terms
        return form

    def _sum(self, x: int, y: int, sign: float = 1.0) -> Product | None:
        if x not in self.forms and y not in self.forms:
            return self._tail(x, y, sign)
        first, second = self._addend(x, y), self._addend(y, x)
        form = added((first, second._replace(number=sign * second.number)))
        if form is not None and any(k > 0.0 and not total.is_pair for total, k in form.sums):
            # a bounded term is opened only where that makes the sum simpler
            first, second = self._closed(x, first), self._closed(y, second)
            form = added((first, second._replace(number=sign * second.number)))
        return form

    def _closed(self, position: int, form: Product) -> Product:
        """The line itself in the place of a quotient that neither grows nor is a number."""
        if position in self.explosive or all(k > 0.0 for _, k in form.sums):
            return form
        return Product(rest=((position, 1.0),))

    def _addend(self, position: int, other: int) -> Product:
        """The form of a term. An exponent that explodes would swallow that of the other term."""
        form = self.form(position)
        lines = lines_of(form)
        is_same = len(lines) == 1 and lines == lines_of(self.form(other))
        if other in self.builder.constants or is_same or self.explosive.isdisjoint(lines):
            return form
        return Product(rest=((position, 1.0),))

    def _tail(self, x: int, y: int, sign: float) -> Product | None:
        """1 - erf(z) and 1 + erf(z), which is 1 - erf(-z)."""
        b = self.builder
        for one, other, turn in ((x, y, sign), (y, x, 1.0)):
            if b.constants.get(one) == 1.0 and (turn == sign or sign == 1.0):
                ((line, coefficient),) = self.scaled(other)
                if b.nodes[line].op == "erf" and abs(coefficient) == 1.0:
                    argument = b.nodes[line].args[0]
                    if coefficient * turn > 0.0:
                        argument = b.make("negate", (argument,))
                    return self._erfc(argument)
        return None

    def _erfc(self, x: int) -> Product:
        b = self.builder
        argument = b.make("multiply", (b.constant(-math.sqrt(2.0), x), x))
        return Product(2.0, ((b.make("log_ndtr", (argument,)), 1.0),))

    def _ratio_of(self, x: int, y: int) -> Product | None:
        if x not in self.forms and y not in self.forms:
            return None
        return times(self.form(x), self.form(y), -1.0)


def _hyperbolic(sign: float, power: float) -> Callable[..., Product | None]:
    """A power of cosh and sinh, which are exp(-x)*(exp(2*x) + 1)/2 and exp(-x)*(exp(2*x) - 1)/2."""

    def rule(e: Exponentials, x: int) -> Product | None:
        once = e.scaled(x)
        twice = combined((), once, 2.0)
        form = times(Product(0.5, combined((), once, -1.0)), e._one_plus(twice, sign))
        return None if form is None else times(_ONE, form, power)

    return rule


def _tanh(e: Exponentials, x: int) -> Product | None:
    twice = combined((), e.scaled(x), 2.0)
    return times(e._one_plus(twice, -1.0), e._one_plus(twice), -1.0)


_FORMS: dict[str, Callable[..., Product | None]] = {
    "exp": Exponentials._exp,
    "exp2": lambda e, x: Product(exponent=e.scaled(x, math.log(2.0))),
    "exp10": lambda e, x: Product(exponent=e.scaled(x, math.log(10.0))),
    "expm1": lambda e, x: e._one_plus(e.scaled(x), -1.0),
    "sinh": _hyperbolic(-1.0, 1.0),
    "cosh": _hyperbolic(1.0, 1.0),
    "csch": _hyperbolic(-1.0, -1.0),
    "sech": _hyperbolic(1.0, -1.0),
    "tanh": _tanh,
    "sigmoid": lambda e, x: times(_ONE, e._one_plus(e.scaled(x, -1.0)), -1.0),
    "power": Exponentials._power,
    "sqrt": lambda e, x: times(_ONE, e.forms[x], 0.5) if x in e.forms else None,
    "negate": lambda e, x: times(Product(-1.0), e.forms[x]) if x in e.forms else None,
    "multiply": lambda e, x, y: (
        times(e.form(x), e.form(y)) if x in e.forms or y in e.forms else None
    ),
    "divide": Exponentials._ratio_of,
    "add": Exponentials._sum,
    "subtract": lambda e, x, y: e._sum(x, y, -1.0),
    "erfc": Exponentials._erfc,
    "ndtr": lambda e, x: Product(exponent=((e.builder.make("log_ndtr", (x,)), 1.0),)),
}
_RANGES = frozenset(("sin", "cos", "tanh", "sigmoid", "arctan", "erf"))
