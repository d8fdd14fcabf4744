"""Calls whose arguments are complete.

A function of numbers serves arrays too, as NumPy broadcasts. Where NumPy has another function of
its name, that serves arrays, as far as it takes these arguments: `max(a, b)` is the larger of two,
`max(x)` the largest element.
"""

from __future__ import annotations

import difflib
import inspect
import re
from collections.abc import Callable, Mapping, Sequence

from symdiff.errors import ShapeError, Span, SymdiffError
from symdiff.frontend.lowering.base import Value
from symdiff.frontend.lowering.registry import CONDITION, LINES, ORDER, PAIR, Lowering
from symdiff.frontend.text import mistakes
from symdiff.frontend.text.arguments import condition, guarded, item_of, number, value_of
from symdiff.frontend.text.functions import Callee, nearest_function
from symdiff.frontend.text.operators import limit_power
from symdiff.frontend.text.reading import (
    KEYWORD,
    NONE,
    STRING,
    TUPLE,
    Advice,
    Item,
    Reading,
    declaration,
    error_at,
    primary,
)
from symdiff.graph.node import INT
from symdiff.ops import arithmetic
from symdiff.ops.handle import Handle

Keywords = Mapping[str, Item]


def call(r: Reading, callee: Callee, items: list[Item], span: Span) -> Item:
    """A call of a function on operands."""
    r.builder.span = span
    own = callee.of_numbers
    if own is not None and own.takes(len(items)) and _are_scalars(r, items):
        return _call_on_numbers(r, own, items, span)
    items, keywords = _without_keywords(r, callee, items)
    if own is not None and not keywords and _serves_arrays(callee, own, items):
        return _call_on_numbers(r, own, items, span)
    return _call_lowering(r, callee, items, keywords, span)


def _are_scalars(r: Reading, items: Sequence[Item]) -> bool:
    """Whether all operands are single numbers, or single truths, and none a whole number."""
    nodes = r.builder.nodes
    for item in items:
        if item.at < 0:
            return False
        node = nodes[item.at]
        if node.shape or node.dtype == INT:
            return False
    return True


def _serves_arrays(callee: Callee, own: Lowering, items: Sequence[Item]) -> bool:
    """Whether a call on arrays is that of the function of numbers, which broadcasts."""
    if not own.takes(len(items)):
        return False
    if callee.lowering is None or CONDITION in own.kinds or PAIR in own.kinds:
        return True
    if own is callee.lowering:
        return False
    if own.most is None:  # of one argument NumPy's function is a reduction
        return len(items) > 1
    return not _binds(callee, items, {})


# --- keywords ----------------------------------------------------------------------------------


def _without_keywords(
    r: Reading, callee: Callee, items: Sequence[Item]
) -> tuple[list[Item], dict[str, Item]]:
    """The arguments without names, and those with names."""
    positional: list[Item] = []
    keywords: dict[str, Item] = {}
    name: Item | None = None
    for item in items:
        if name is not None:
            word = r.text[name.start : name.end]
            if word in keywords:
                raise keyword_twice(r, name)
            if not _takes_keyword(callee, word):
                raise unknown_keyword(r, callee, name)
            keywords[word], name = item, None
        elif item.at == KEYWORD:
            name = item
        elif keywords:
            raise value_after_keyword(r, item)
        else:
            positional.append(item)
    return positional, keywords


def _takes_keyword(callee: Callee, word: str) -> bool:
    named = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    return any(
        parameter.kind is parameter.VAR_KEYWORD
        or (parameter.name == word and parameter.kind in named)
        for parameter in callee.parameters
    )


def _binds(callee: Callee, items: Sequence[Item], keywords: Keywords) -> bool:
    """Whether NumPy's function takes so many arguments of these names."""
    try:
        inspect.Signature(callee.parameters).bind(*items, **keywords)
    except TypeError:
        return False
    return True


# --- NumPy's functions -------------------------------------------------------------------------


def _call_lowering(
    r: Reading, callee: Callee, items: Sequence[Item], keywords: Keywords, span: Span
) -> Item:
    lowering = callee.lowering
    if lowering is None or not _binds(callee, items, keywords):
        raise wrong_count(r, span, callee, len(items))
    _refuse_tuples(r, callee.of_numbers, items)
    if "dtype" in keywords and keywords["dtype"].at not in (STRING, NONE):
        raise no_type(r, keywords["dtype"])
    args = [value_of(r, item) for item in items]
    named = {word: value_of(r, item) for word, item in keywords.items()}
    try:
        result = guarded(r, span, lowering, *args, **named)
    except SymdiffError as error:
        raise with_declaration(r, error, [*items, *keywords.values()]) from error.__cause__
    return item_of(r, result, span)


def _refuse_tuples(r: Reading, own: Lowering | None, items: Sequence[Item]) -> None:
    """A function of numbers takes no tuple; `max((a, b))` is a reduction."""
    if own is None or own.most is None:
        return
    for item in items:
        if item.at == TUPLE:
            raise mistakes.no_number(r, item)


# --- functions of numbers ----------------------------------------------------------------------


def _call_on_numbers(r: Reading, own: Lowering, items: list[Item], span: Span) -> Item:
    """A function of numbers, on arrays as they broadcast."""
    record = own.direct
    if record is not None and record.arity == len(items) and _are_scalars(r, items):
        positions = [number(r, item) for item in items]
        if record is arithmetic.power:
            limit_power(r, items, positions)
        return Item(r.builder.make(record.name, tuple(positions)), span.start, span.end)
    kinds = [*own.kinds, *[own.rest] * (len(items) - len(own.kinds))]
    args = [
        _ARGUMENTS.get(kind, value_of)(r, item)
        for kind, item in zip(kinds[: len(items)], items, strict=True)
    ]
    return item_of(r, guarded(r, span, own, *args), span)


def _number(r: Reading, item: Item) -> Handle:
    return r.builder.handle(number(r, item))


def _order(r: Reading, item: Item) -> Value:
    """A number that is known."""
    if r.builder.constants.get(item.at) is None:
        raise no_order(r, item)
    return r.builder.handle(item.at)


def _pair(r: Reading, item: Item) -> tuple[Handle, Handle]:
    """A value and a condition, as Piecewise takes them."""
    if len(item.parts) != 2:
        raise no_pair(r, item)
    value, holds = item.parts
    return _number(r, value), condition(r, holds)


# What a function of numbers takes for an operand, by the annotation of its parameter
_ARGUMENTS: Mapping[str, Callable[[Reading, Item], Value]] = {
    **dict.fromkeys(LINES, _number),
    **{f"{kind} | None": _number for kind in LINES},
    CONDITION: condition,
    ORDER: _order,
    PAIR: _pair,
}


# --- mistakes ----------------------------------------------------------------------------------

_DEFINITION = re.compile(r"(\w+)\s*\([^()\n]*\)\s*=(?!=)")


def unknown_function(r: Reading, name: str, *, is_value: bool) -> SymdiffError:
    """A call of what is no function."""
    token = r.token
    if _DEFINITION.match(r.text, token.start) and not r.values and len(r.frames) == 1:
        advice = Advice("functions cannot be defined here", f"write {name} = expression")
        return error_at(r, token.span, advice)
    owner, dot, last = name.rpartition(".")
    if dot:
        return mistakes.refused_attribute(r, token.span, owner, last, is_call=True)
    near = None if is_value else nearest_function(name)
    if near is not None:
        suggestion = f"did you mean '{near}'?"
    else:
        brackets = primary(r.text, r.text.index("(", token.start))
        suggestion = f"write {name}*{brackets} for a product"
    return error_at(r, token.span, Advice(f"unknown function '{name}'", suggestion))


def wrong_count(r: Reading, span: Span, callee: Callee, count: int) -> SymdiffError:
    """A call with too few or too many arguments."""
    least, most = _counts(callee, count)
    if most is None:
        wanted = f"at least {least}"
    elif least == most:
        wanted = str(least)
    else:
        wanted = f"{least} or {most}" if most == least + 1 else f"{least} to {most}"
    plural = "" if wanted.endswith("1") else "s"
    message = f"'{callee.name}' takes {wanted} argument{plural}, not {count}"
    return error_at(r, span, Advice(message, f"write {callee.signature}"))


def _counts(callee: Callee, count: int) -> tuple[int, int | None]:
    """How many arguments a function needs, and how many it takes; not so many."""
    found = callee.of_numbers
    if found is None or found.takes(count):
        found = callee.lowering or found
    assert found is not None  # a callee is one or the other
    return found.least, found.most


def unknown_keyword(r: Reading, callee: Callee, name: Item) -> SymdiffError:
    """An argument of a name that the function does not have."""
    word = r.text[name.start : name.end]
    known = [parameter.name for parameter in callee.parameters]
    near = difflib.get_close_matches(word, known, 1)
    suggestion = f"did you mean '{near[0]}='?" if near else f"write {callee.signature}"
    advice = Advice(f"'{callee.name}' has no argument '{word}'", suggestion)
    return error_at(r, name.span, advice)


def keyword_twice(r: Reading, name: Item) -> SymdiffError:
    """Two arguments of one name."""
    word = r.text[name.start : name.end]
    return error_at(r, name.span, Advice(f"the argument '{word}' stands twice"))


def value_after_keyword(r: Reading, item: Item) -> SymdiffError:
    """An argument without a name after one with a name."""
    advice = Advice(
        "an argument without a name follows one with a name", "move it before those with names"
    )
    return error_at(r, item.span, advice)


def no_type(r: Reading, item: Item) -> SymdiffError:
    """A dtype that is no string."""
    advice = Advice("a type of numbers is written as a string", 'write dtype="float64"')
    return error_at(r, item.span, advice)


def no_order(r: Reading, item: Item) -> SymdiffError:
    """An order that depends on inputs."""
    advice = Advice(
        "the order of a Bessel function must be a number, not a formula",
        "write for example besselj(0, x)",
    )
    return error_at(r, item.span, advice)


def no_pair(r: Reading, item: Item) -> SymdiffError:
    """An argument of Piecewise that is no pair."""
    advice = Advice(
        "Piecewise takes pairs of a value and a condition",
        "write Piecewise((a, condition), (b, True))",
    )
    return error_at(r, item.span, advice)


def with_declaration(r: Reading, error: SymdiffError, items: Sequence[Item]) -> SymdiffError:
    """An error on shapes; where an input without a shape is among the arguments, it says so."""
    if not isinstance(error, ShapeError) or error.suggestion is not None:
        return error
    found = [text for text in [declaration(r, item) for item in items] if text is not None]
    if not found:
        return error
    return ShapeError(error.message, text=error.text, span=error.span, suggestion=found[0])
