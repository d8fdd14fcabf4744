"""What operators and calls do once their operands are complete: take them off, push the result."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

from symdiff.errors import LimitError, Span, SymdiffError
from symdiff.frontend import mistakes
from symdiff.frontend.conditions import (
    as_condition,
    as_number,
    both,
    choose,
    compare,
    either,
    inverse,
)
from symdiff.frontend.functions import FunctionRow, Takes
from symdiff.frontend.reading import TUPLE, Item, Pending, Reading
from symdiff.graph.node import BOOL
from symdiff.ops import elementwise
from symdiff.ops.handle import Handle

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


def number(r: Reading, item: Item) -> int:
    """The line of an operand that must be a number; a condition counts as 1 or 0."""
    if item.at == TUPLE:
        raise mistakes.misplaced_tuple(r, item)
    if r.builder.nodes[item.at].dtype == BOOL:
        return as_number(r.builder.handle(item.at)).at
    return item.at


def condition(r: Reading, item: Item) -> Handle:
    """An operand that must be a condition; a number holds where it is not 0."""
    if item.at == TUPLE:
        raise mistakes.misplaced_tuple(r, item)
    return as_condition(r.builder.handle(item.at))


# --- operators ---------------------------------------------------------------------------------


def binary(r: Reading, entry: Pending) -> None:
    """Arithmetic on two numbers."""
    left, right = _pop_two(r)
    at = r.builder.make(OPERATIONS[entry.token.kind], (number(r, left), number(r, right)))
    r.values.append(Item(at, left.start, right.end))


def power(r: Reading, _entry: Pending) -> None:
    """A power."""
    left, right = _pop_two(r)
    positions = (number(r, left), number(r, right))
    _limit_power(r, (left, right), positions)
    _push(r, r.builder.make("power", positions))


def sign(r: Reading, entry: Pending) -> None:
    """A sign before a number."""
    item = r.values.pop()
    r.builder.span = Span(entry.token.start, item.end)
    at = number(r, item)
    _push(r, r.builder.make("negate", (at,)) if entry.token.kind == "-" else at)


def comparison(r: Reading, entry: Pending) -> None:
    """A comparison, and those before it in its chain."""
    left, right = _pop_two(r)
    handle = r.builder.handle
    result = compare(entry.token.kind, handle(number(r, left)), handle(number(r, right)))
    if entry.earlier is not None:
        result = both(handle(entry.earlier), result)
    _push(r, result.at)


def logic(r: Reading, entry: Pending) -> None:
    """`and`, `or`."""
    left, right = _pop_two(r)
    join = both if entry.token.kind == "and" else either
    _push(r, join(condition(r, left), condition(r, right)).at)


def negation(r: Reading, entry: Pending) -> None:
    """`not`."""
    item = r.values.pop()
    r.builder.span = Span(entry.token.start, item.end)
    _push(r, inverse(condition(r, item)).at)


def choice(r: Reading, _entry: Pending) -> None:
    """`a if c else b`."""
    b, c, a = r.values.pop(), r.values.pop(), r.values.pop()
    r.builder.span = Span(a.start, b.end)
    handle = r.builder.handle
    chosen = choose(condition(r, c), handle(number(r, a)), handle(number(r, b)))
    _push(r, chosen.at)


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


def _push(r: Reading, at: int) -> None:
    """Push a result; its place is the one that the builder was told."""
    span = r.builder.span or Span(0, 0)
    r.values.append(Item(at, span.start, span.end))


def _limit_power(r: Reading, items: Sequence[Item], positions: Sequence[int]) -> None:
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


# --- calls -------------------------------------------------------------------------------------


def call(r: Reading, row: FunctionRow, items: list[Item], span: Span) -> Item:
    """A call of a function on operands."""
    if len(items) < row.least or (row.most is not None and len(items) > row.most):
        raise mistakes.wrong_count(r, span, row, len(items))
    r.builder.span = span
    arguments = _CONVERSIONS[row.takes](r, items)
    if row.operation is elementwise.power:
        _limit_power(r, items, [argument.at for argument in arguments])
    try:
        result = row.build(*arguments)
    except SymdiffError as error:
        raise error.at(r.text, span) from None
    return Item(result.at, span.start, span.end)


def _numbers(r: Reading, items: list[Item]) -> list[Handle]:
    return [r.builder.handle(number(r, item)) for item in items]


def _conditions(r: Reading, items: list[Item]) -> list[Handle]:
    return [condition(r, item) for item in items]


def _condition_first(r: Reading, items: list[Item]) -> list[Handle]:
    return [condition(r, items[0]), *_numbers(r, items[1:])]


def _pairs(r: Reading, items: list[Item]) -> list[Handle]:
    """The values and the conditions of Piecewise, in turn."""
    handles: list[Handle] = []
    for item in items:
        if len(item.parts) != 2:
            raise mistakes.no_pair(r, item)
        handles += _numbers(r, [item.parts[0]])
        handles.append(condition(r, item.parts[1]))
    return handles


_CONVERSIONS: Mapping[Takes, Callable[[Reading, list[Item]], list[Handle]]] = {
    Takes.NUMBERS: _numbers,
    Takes.CONDITIONS: _conditions,
    Takes.CONDITION_FIRST: _condition_first,
    Takes.PAIRS: _pairs,
}
