"""Operators once their operands are complete: they take them off the stack and push the result.

Numbers are computed line by line; what has axes or is whole as NumPy does.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from symdiff.errors import LimitError, ShapeError, Span, SymdiffError
from symdiff.frontend.lowering import LOWERINGS
from symdiff.frontend.lowering.base import meet
from symdiff.frontend.lowering.truths import both, choose, compare, either, inverse
from symdiff.frontend.text import mistakes
from symdiff.frontend.text.arguments import (
    condition,
    guarded,
    item_of,
    number,
    operand_of,
    position,
)
from symdiff.frontend.text.reading import (
    AND,
    OR,
    POWER,
    PRODUCT,
    SUM,
    Advice,
    Item,
    Pending,
    Reading,
    declaration,
    error_at,
    quote,
)
from symdiff.graph.node import FLOAT
from symdiff.graph.shape import Dim
from symdiff.ops.handle import Handle
from symdiff.ops.structural import transposed

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
        at = operate(r, name, left, right, entry.token.span)
    r.values.append(Item(at, left.start, right.end))


def power(r: Reading, entry: Pending) -> None:
    """A power."""
    left, right, are_floats = _pop_numbers(r)
    if are_floats:
        positions = (left.at, right.at)
        limit_power(r, (left, right), positions)
        _push(r, r.builder.make("power", positions))
    else:
        _push(r, operate(r, "power", left, right, entry.token.span))


def matrix_product(r: Reading, entry: Pending) -> None:
    """`a @ b`."""
    left, right, _ = _pop_numbers(r)
    _push(r, product_of_matrices(r, left, right, entry.token.span))


def sign(r: Reading, entry: Pending) -> None:
    """A sign before a number."""
    item = r.values.pop()
    r.builder.span = Span(entry.token.start, item.end)
    at = number(r, item)
    if entry.token.kind == "-":
        at = negated(r, at) if at in r.lengths else r.builder.make("negate", (at,))
    _push(r, at)


def comparison(r: Reading, entry: Pending) -> None:
    """A comparison, and those before it in its chain."""
    left, right, are_floats = _pop_numbers(r)
    handle = r.builder.handle
    if are_floats:
        result = compare(entry.token.kind, handle(left.at), handle(right.at))
    else:
        result = compared(r, entry.token.kind, left, right, entry.token.span)
    if entry.earlier is not None:
        earlier = handle(entry.earlier)
        result = both(*together(r, entry.token.span, earlier, result))
    _push(r, result.at)


def logic(r: Reading, entry: Pending) -> None:
    """`and`, `or`."""
    left, right = _pop_two(r)
    join = both if entry.token.kind == "and" else either
    conditions = condition(r, left), condition(r, right)
    _push(r, join(*together(r, entry.token.span, *conditions)).at)


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
    _push(r, choose(*together(r, entry.token.span, *values)).at)


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


# --- arrays, whole numbers and lengths ---------------------------------------------------------

# Of lengths, what is a length again
_ON_LENGTHS: Mapping[str, Callable[[Any, Any], Any]] = {  # whole numbers and lengths
    "add": operator.add,
    "subtract": operator.sub,
    "multiply": operator.mul,
}
_COMPARISONS: Mapping[str, str] = {
    "<": "less",
    "<=": "less_equal",
    ">": "greater",
    ">=": "greater_equal",
    "==": "equal",
    "!=": "not_equal",
}


def operate(r: Reading, name: str, left: Item, right: Item, place: Span) -> int:
    """The line of an operator's result, by the name of NumPy's function.

    Args:
        r: the parser.
        name: of the function.
        left: the first operand, a line of numbers.
        right: the second one.
        place: where an error has its caret.
    """
    a, b = operand_of(r, left), operand_of(r, right)
    on_lengths = _ON_LENGTHS.get(name)
    are_whole = isinstance(a, (int, Dim)) and isinstance(b, (int, Dim))
    if on_lengths is not None and are_whole:
        result = on_lengths(a, b)
    else:
        result = guarded(r, place, LOWERINGS[name], a, b)
    return item_of(r, result, r.builder.span or place).at


def product_of_matrices(r: Reading, left: Item, right: Item, place: Span) -> int:
    """The line of `left @ right`."""
    for item in (left, right):
        if not r.builder.nodes[item.at].shape:
            raise product_with_number(r, item, place)
    return operate(r, "matmul", left, right, place)


def compared(r: Reading, sign: str, left: Item, right: Item, place: Span) -> Handle:
    """The comparison of arrays that Python writes with this sign."""
    return r.builder.handle(operate(r, _COMPARISONS[sign], left, right, place))


def together(r: Reading, place: Span, *handles: Handle) -> Sequence[Handle]:
    """Lines in their common shape."""
    if all([handle.shape == handles[0].shape for handle in handles]):
        return handles
    found: Sequence[Handle] = guarded(r, place, meet, *handles)
    return found


def negated(r: Reading, at: int) -> int:
    """The line of a length with a minus sign, which is a length again."""
    return item_of(r, -r.lengths[at], r.builder.span or Span(0, 0)).at


def transpose(r: Reading, item: Item, end: int) -> Item:
    """The operand `x.T` that ends here."""
    r.builder.span = Span(item.start, end)
    x = r.builder.handle(position(r, item))
    return Item(transposed(x).at, item.start, end)


def product_with_number(r: Reading, item: Item, place: Span) -> SymdiffError:
    """A number beside '@'."""
    word = quote(r.text, item.start, item.end, "one of them")
    advice = declaration(r, item)
    suggestion = "write * for a product of numbers"
    if advice is not None:
        suggestion += f", or {advice}"
    message = f"'@' multiplies matrices and vectors, and '{word}' is a number"
    return error_at(r, place, Advice(message, suggestion, ShapeError))


# --- between two operands ----------------------------------------------------------------------


class Infix(NamedTuple):
    """An operator between two operands.

    Attributes:
        precedence: how tight it binds.
        reduces: the operators before it that are applied first, from this precedence on.
        apply: as in `Pending`.
    """

    precedence: int
    reduces: int
    apply: Callable[[Reading, Pending], None]


# Power associates to the right: it does not wait for a power before it to be applied
INFIX: Mapping[str, Infix] = {
    "+": Infix(SUM, SUM, binary),
    "-": Infix(SUM, SUM, binary),
    "*": Infix(PRODUCT, PRODUCT, binary),
    "/": Infix(PRODUCT, PRODUCT, binary),
    "//": Infix(PRODUCT, PRODUCT, binary),
    "%": Infix(PRODUCT, PRODUCT, binary),
    "@": Infix(PRODUCT, PRODUCT, matrix_product),
    "**": Infix(POWER, POWER + 1, power),
    "^": Infix(POWER, POWER + 1, power),
    "and": Infix(AND, AND, logic),
    "or": Infix(OR, OR, logic),
}
