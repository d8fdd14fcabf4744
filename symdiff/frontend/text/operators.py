"""What operators do once their operands are complete: take them off, push the result.

Numbers are computed here, line by line; what has axes or is whole goes to `arrays`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from symdiff.errors import LimitError, Span
from symdiff.frontend.lowering.truths import both, choose, compare, either, inverse
from symdiff.frontend.text import arrays, mistakes
from symdiff.frontend.text.arguments import condition, number
from symdiff.frontend.text.reading import Item, Pending, Reading
from symdiff.graph.node import FLOAT

OPERATIONS: Mapping[str, str] = {
    "+": "add",
    "-": "subtract",
    "*": "multiply",
    "/": "divide",
    "//": "floor_divide",
    "%": "remainder",
}


def reduce(r: Reading, precedence: int) -> None:
    """Apply the operators that bind at least as tight as this."""
    pending = r.pending
    while pending[-1].precedence >= precedence:
        entry = pending.pop()
        entry.apply(r, entry)


# --- operators ---------------------------------------------------------------------------------


def binary(r: Reading, entry: Pending) -> None:
    """Arithmetic on two operands."""
    left, right, are_floats = _pop_numbers(r)
    name = OPERATIONS[entry.token.kind]
    if are_floats:
        at = r.builder.make(name, (left.at, right.at))
    else:
        at = arrays.operate(r, name, left, right, entry.token.span)
    r.values.append(Item(at, left.start, right.end))


def power(r: Reading, entry: Pending) -> None:
    """A power."""
    left, right, are_floats = _pop_numbers(r)
    if are_floats:
        positions = (left.at, right.at)
        limit_power(r, (left, right), positions)
        _push(r, r.builder.make("power", positions))
    else:
        _push(r, arrays.operate(r, "power", left, right, entry.token.span))


def matrix_product(r: Reading, entry: Pending) -> None:
    """`a @ b`."""
    left, right, _ = _pop_numbers(r)
    _push(r, arrays.matrix_product(r, left, right, entry.token.span))


def sign(r: Reading, entry: Pending) -> None:
    """A sign before a number."""
    item = r.values.pop()
    r.builder.span = Span(entry.token.start, item.end)
    at = number(r, item)
    if entry.token.kind == "-":
        at = arrays.negated(r, at) if at in r.lengths else r.builder.make("negate", (at,))
    _push(r, at)


def comparison(r: Reading, entry: Pending) -> None:
    """A comparison, and those before it in its chain."""
    left, right, are_floats = _pop_numbers(r)
    handle = r.builder.handle
    if are_floats:
        result = compare(entry.token.kind, handle(left.at), handle(right.at))
    else:
        result = arrays.compare(r, entry.token.kind, left, right, entry.token.span)
    if entry.earlier is not None:
        earlier = handle(entry.earlier)
        result = both(*arrays.together(r, entry.token.span, earlier, result))
    _push(r, result.at)


def logic(r: Reading, entry: Pending) -> None:
    """`and`, `or`."""
    left, right = _pop_two(r)
    join = both if entry.token.kind == "and" else either
    conditions = condition(r, left), condition(r, right)
    _push(r, join(*arrays.together(r, entry.token.span, *conditions)).at)


def negation(r: Reading, entry: Pending) -> None:
    """`not`."""
    item = r.values.pop()
    r.builder.span = Span(entry.token.start, item.end)
    _push(r, inverse(condition(r, item)).at)


def choice(r: Reading, entry: Pending) -> None:
    """`a if c else b`."""
    b, c, a = r.values.pop(), r.values.pop(), r.values.pop()
    r.builder.span = Span(a.start, b.end)
    handle = r.builder.handle
    values = condition(r, c), handle(number(r, a)), handle(number(r, b))
    _push(r, choose(*arrays.together(r, entry.token.span, *values)).at)


def unfinished_choice(r: Reading, entry: Pending) -> None:
    """An `if` whose `else` has not come."""
    raise mistakes.unfinished_choice(r, entry.token)


def nothing(_r: Reading, _entry: Pending) -> None:
    """In the place of a bracket's action. No operator binds so loosely that it is called."""


def _pop_two(r: Reading) -> tuple[Item, Item]:
    right = r.values.pop()
    left = r.values.pop()
    r.builder.span = Span(left.start, right.end)
    return left, right


def _pop_numbers(r: Reading) -> tuple[Item, Item, bool]:
    """The last two operands, each a line of numbers, and whether both are single floats."""
    left, right = _pop_two(r)
    if _are_floats(r, left, right):  # the common case
        return left, right, True
    left, right = left._replace(at=number(r, left)), right._replace(at=number(r, right))
    return left, right, _are_floats(r, left, right)


def _push(r: Reading, at: int) -> None:
    """Push a result; its place is the one that the builder was told."""
    span = r.builder.span or Span(0, 0)
    r.values.append(Item(at, span.start, span.end))


def _are_floats(r: Reading, left: Item, right: Item) -> bool:
    """Whether two operands are single floats."""
    if left.at < 0 or right.at < 0:
        return False
    nodes = r.builder.nodes
    a, b = nodes[left.at], nodes[right.at]
    return not (a.shape or b.shape) and a.dtype == b.dtype == FLOAT


def limit_power(r: Reading, items: Sequence[Item], positions: Sequence[int]) -> None:
    """Refuse a power of two numbers that has too many digits."""
    constants = r.builder.constants
    if positions[0] not in constants or positions[1] not in constants:
        return
    base, exponent = constants[positions[0]], constants[positions[1]]
    if base == 0.0 or not math.isfinite(base) or not math.isfinite(exponent):
        return
    digits = exponent * math.log10(abs(base))
    if digits > r.limits.power_digits:
        raise LimitError(
            f"the power has {digits:.3g} digits, more than {r.limits.power_digits}",
            text=r.text,
            span=Span(items[0].start, items[1].end),
            suggestion="raise the limit with --max-power-digits",
        )
