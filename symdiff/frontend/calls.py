"""What a call does once its arguments are complete.

Functions of numbers have a row, which serves arrays too, as NumPy broadcasts; NumPy's functions
have a lowering. Where a name has both, the row serves numbers, and arrays where the lowering does
not take these arguments: `max(a, b)` is the larger of two, `max(x)` the largest element.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence

from symdiff.errors import Span, SymdiffError
from symdiff.frontend import array_mistakes, call_mistakes, mistakes
from symdiff.frontend.apply import limit_power
from symdiff.frontend.arguments import condition, item_of, number, value_of
from symdiff.frontend.arrays import guarded, together
from symdiff.frontend.callees import Callee, parameters_of
from symdiff.frontend.functions import FunctionRow, Takes
from symdiff.frontend.lowering.base import as_float
from symdiff.frontend.reading import KEYWORD, NONE, STRING, TUPLE, Item, Reading
from symdiff.graph.node import INT
from symdiff.ops import elementwise
from symdiff.ops.handle import Handle

Keywords = Mapping[str, Item]


def call(r: Reading, callee: Callee, items: list[Item], span: Span) -> Item:
    """A call of a function on operands."""
    r.builder.span = span
    row = callee.row
    if row is not None and _fits(row, len(items)) and _are_scalars(r, items):
        return _build(r, row, items, _CONVERSIONS[row.takes](r, items), span)
    items, keywords = _without_keywords(r, callee, items)
    if row is not None and not keywords and _is_rows(callee, row, items):
        return _call_row(r, row, items, span)
    return _call_lowering(r, callee, items, keywords, span)


def _fits(row: FunctionRow, count: int) -> bool:
    return row.least <= count and (row.most is None or count <= row.most)


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


def _is_rows(callee: Callee, row: FunctionRow, items: Sequence[Item]) -> bool:
    """Whether the row serves a call on arrays."""
    if not _fits(row, len(items)):
        return False
    if callee.lowering is None or row.takes is not Takes.NUMBERS:
        return True
    if row.most is None:  # of one argument NumPy's function is a reduction
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
                raise call_mistakes.keyword_twice(r, name)
            if not _takes_keyword(callee, word):
                raise call_mistakes.unknown_keyword(r, callee, name)
            keywords[word], name = item, None
        elif item.at == KEYWORD:
            name = item
        elif keywords:
            raise call_mistakes.value_after_keyword(r, item)
        else:
            positional.append(item)
    return positional, keywords


def _takes_keyword(callee: Callee, word: str) -> bool:
    named = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    return any(
        parameter.kind is parameter.VAR_KEYWORD
        or (parameter.name == word and parameter.kind in named)
        for parameter in parameters_of(callee)
    )


def _binds(callee: Callee, items: Sequence[Item], keywords: Keywords) -> bool:
    """Whether NumPy's function takes so many arguments of these names."""
    parameters = parameters_of(callee)
    if callee.row is not None and any(p.kind is p.VAR_POSITIONAL for p in parameters):
        return _fits(callee.row, len(items))
    try:
        inspect.Signature(parameters).bind(*items, **keywords)
    except TypeError:
        return False
    return True


# --- NumPy's functions -------------------------------------------------------------------------


def _call_lowering(
    r: Reading, callee: Callee, items: Sequence[Item], keywords: Keywords, span: Span
) -> Item:
    lowering = callee.lowering
    if lowering is None or not _binds(callee, items, keywords):
        raise call_mistakes.wrong_count(r, span, callee, len(items))
    _refuse_tuples(r, callee.row, items)
    if "dtype" in keywords and keywords["dtype"].at not in (STRING, NONE):
        raise call_mistakes.no_type(r, keywords["dtype"])
    args = [value_of(r, item) for item in items]
    named = {word: value_of(r, item) for word, item in keywords.items()}
    try:
        result = guarded(r, span, lowering, *args, **named)
    except SymdiffError as error:
        raise array_mistakes.with_declaration(
            r, error, [*items, *keywords.values()]
        ) from error.__cause__
    return item_of(r, result, span)


def _refuse_tuples(r: Reading, row: FunctionRow | None, items: Sequence[Item]) -> None:
    """A function of numbers takes no tuple; `max((a, b))` is a reduction."""
    if row is None or row.most is None:
        return
    for item in items:
        if item.at == TUPLE:
            raise mistakes.no_number(r, item)


# --- rows --------------------------------------------------------------------------------------


def _call_row(r: Reading, row: FunctionRow, items: list[Item], span: Span) -> Item:
    """A function of numbers on arrays that broadcast."""
    arguments = _CONVERSIONS[row.takes](r, items)
    arguments = [as_float(x) if x.dtype == INT else x for x in arguments]
    return _build(r, row, items, together(r, span, *arguments), span)


def _build(
    r: Reading, row: FunctionRow, items: list[Item], arguments: Sequence[Handle], span: Span
) -> Item:
    if row.operation is elementwise.power:
        limit_power(r, items, [argument.at for argument in arguments])
    try:
        result = row.build(*arguments)
    except SymdiffError as error:
        raise error.at(r.text, span) from None
    return Item(result.at, span.start, span.end)


def _numbers(r: Reading, items: Sequence[Item]) -> list[Handle]:
    return [r.builder.handle(number(r, item)) for item in items]


def _conditions(r: Reading, items: Sequence[Item]) -> list[Handle]:
    return [condition(r, item) for item in items]


def _condition_first(r: Reading, items: Sequence[Item]) -> list[Handle]:
    return [condition(r, items[0]), *_numbers(r, items[1:])]


def _pairs(r: Reading, items: Sequence[Item]) -> list[Handle]:
    """The values and the conditions of Piecewise, in turn."""
    handles: list[Handle] = []
    for item in items:
        if len(item.parts) != 2:
            raise call_mistakes.no_pair(r, item)
        handles += _numbers(r, [item.parts[0]])
        handles.append(condition(r, item.parts[1]))
    return handles


_CONVERSIONS: Mapping[Takes, Callable[[Reading, list[Item]], Sequence[Handle]]] = {
    Takes.NUMBERS: _numbers,
    Takes.CONDITIONS: _conditions,
    Takes.CONDITION_FIRST: _condition_first,
    Takes.PAIRS: _pairs,
}
