"""Between the parser's operands and what NumPy's functions take and give.

A number that is known goes in as Python's number, whole where it is written so; a length as a
length; tuples, lists, strings and slices as themselves; all else as a handle of its line.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from symdiff.errors import LimitError, ParseError, ShapeError, Span, SymdiffError
from symdiff.frontend.lowering.base import Value, line, plain
from symdiff.frontend.lowering.truths import as_condition, as_number
from symdiff.frontend.text import mistakes
from symdiff.frontend.text.reading import (
    ELLIPSIS,
    LIST,
    NONE,
    SLICE,
    STRING,
    TUPLE,
    Advice,
    Item,
    Reading,
    error_at,
)
from symdiff.graph.node import BOOL, INT
from symdiff.graph.shape import Dim
from symdiff.ops.handle import Handle

MOST_AXES = 64  # NumPy's

_WRITTEN_AS_FLOAT = re.compile(r"\.|/|\d[eE]")
_LONGEST_NUMBER = 200
_LARGEST_WHOLE = 2.0**53


# --- as a line ---------------------------------------------------------------------------------


def position(r: Reading, item: Item) -> int:
    """The line of an operand: of a list, the array of its elements.

    Raises:
        SymdiffError: where it is a tuple, a string or the like.
    """
    if item.at >= 0:
        return item.at
    if item.at != LIST:
        raise mistakes.no_number(r, item)
    try:
        return line(r.builder, value_of(r, item)).at
    except SymdiffError as error:
        raise error.at(r.text, item.span) from None
    except ValueError:
        advice = Advice("the rows of the list have different lengths")
        raise error_at(r, item.span, advice) from None


def number(r: Reading, item: Item) -> int:
    """The line of an operand that must be a number or an array; a condition counts as 1 or 0."""
    at = item.at if item.at >= 0 else position(r, item)
    if r.builder.nodes[at].dtype == BOOL:
        return as_number(r.builder.handle(at)).at
    return at


def condition(r: Reading, item: Item) -> Handle:
    """An operand that must be a condition; a number holds where it is not 0."""
    return as_condition(r.builder.handle(position(r, item)))


def grouped(r: Reading, kind: int, items: tuple[Item, ...], span: Span) -> Item:
    """A tuple or a list.

    Raises:
        LimitError: where it is nested deeper than an array can have axes.
    """
    depth = 1 + max((item.depth for item in items), default=0)
    if depth > MOST_AXES:
        message = f"tuples and lists are nested more than {MOST_AXES} deep"
        raise LimitError(message, text=r.text, span=Span(span.start, span.start + 1))
    return Item(kind, span.start, span.end, items, depth)


# --- as NumPy's functions take it --------------------------------------------------------------


def value_of(r: Reading, item: Item) -> Value:
    """An operand as an argument of a function, or as an index."""
    if item.at >= 0:
        return _value_of_line(r, item)
    convert = _VALUES.get(item.at)
    if convert is None:
        raise mistakes.no_number(r, item)
    return convert(r, item)


def operand_of(r: Reading, item: Item) -> Value:
    """A line of numbers as an argument of an operator, where a truth counts as 1 or 0."""
    value = _value_of_line(r, item)
    return float(value) if isinstance(value, bool) else value


def _value_of_line(r: Reading, item: Item) -> Value:
    at = item.at
    if at in r.lengths:
        return r.lengths[at]
    known = r.builder.constants.get(at)
    if known is None or r.builder.nodes[at].shape:
        return r.builder.handle(at)
    return _number_written(r, item, float(known))


def _number_written(r: Reading, item: Item, value: float) -> float | bool:
    """A number as the text has it: a truth, a whole number, or a float."""
    if item.end - item.start > _LONGEST_NUMBER:
        return value
    word = r.text[item.start : item.end].strip("( \t\r\n)")
    if word in ("True", "False"):
        return bool(value)
    is_whole = value.is_integer() and abs(value) <= _LARGEST_WHOLE
    return int(value) if is_whole and not _WRITTEN_AS_FLOAT.search(word) else value


def _string(r: Reading, item: Item) -> str:
    word = r.text[item.start : item.end]
    if word[0] not in "\"'" or "\\" in word:
        advice = "write plain text between plain quotes"
        raise ParseError(
            "strings have no prefixes and no backslashes here",
            text=r.text, span=item.span, suggestion=advice,
        )  # fmt: skip
    return word[1:-1]


def _slice(r: Reading, item: Item) -> slice:
    return slice(*[value_of(r, part) for part in item.parts])


_VALUES: Mapping[int, Callable[[Reading, Item], Any]] = {  # whatever NumPy's functions take
    TUPLE: lambda r, item: tuple([value_of(r, part) for part in item.parts]),
    LIST: lambda r, item: [value_of(r, part) for part in item.parts],
    STRING: _string,
    NONE: lambda *_: None,
    ELLIPSIS: lambda *_: ...,
    SLICE: _slice,
}


# --- as they give it ---------------------------------------------------------------------------


def item_of(r: Reading, result: Value, span: Span) -> Item:
    """The operand that a function's result is."""
    if isinstance(result, (tuple, list)):
        parts = tuple([item_of(r, part, span) for part in result])
        return grouped(r, TUPLE, parts, span)
    result = plain(result)
    if isinstance(result, Dim):
        return length_item(r, result, span)
    if result is None:
        raise ShapeError("the function gives no value", text=r.text, span=span)
    if isinstance(result, (int, float)):
        return Item(r.builder.constant(float(result)), span.start, span.end)
    handle = line(r.builder, result)
    if handle.dtype == INT and not handle.shape and handle.number is not None:
        return Item(r.builder.constant(float(handle.number)), span.start, span.end)
    return Item(handle.at, span.start, span.end)


def length_item(r: Reading, length: Dim, span: Span) -> Item:
    """The operand that is the length of an axis."""
    at = line(r.builder, length).at
    r.lengths[at] = length
    return Item(at, span.start, span.end)


# --- errors ------------------------------------------------------------------------------------

_UNKNOWN_KEYWORD = re.compile(r"unexpected keyword argument '(\w+)'")
_COMPUTED = "one of the arguments is computed, and must be known before the function runs"
_TRUTH = "truth of a line"  # of a handle
_REASON = 120  # characters of a message of Python's that is passed on


def guarded(r: Reading, place: Span, work: Callable[..., Any], *args: Any, **keywords: Any) -> Any:
    """The result of a function of NumPy's; what it refuses gets its place in the text."""
    try:
        return work(r.builder, *args, **keywords)
    except SymdiffError as error:
        raise _in_words_of_the_grammar(error).at(r.text, place) from None
    except MemoryError:
        raise LimitError("the array is too large", text=r.text, span=place) from None
    except Exception as error:  # of arguments that Python or NumPy cannot make sense of
        raise ParseError(_reason(error), text=r.text, span=place) from error


def _in_words_of_the_grammar(error: SymdiffError) -> SymdiffError:
    """An error of a function of NumPy's, whose names have no prefix here."""
    suggestion = error.suggestion
    if error.text is not None:
        return error
    if Handle.__name__ in error.message:
        return ParseError(_COMPUTED)
    return type(error)(
        error.message.replace("np.", ""),
        span=error.span,
        suggestion=None if suggestion is None else suggestion.replace("np.", ""),
    )


def _reason(error: Exception) -> str:
    """Why NumPy's function does not take its arguments, as far as that can be told."""
    reason = str(error).partition("\n")[0][:_REASON]
    unknown = _UNKNOWN_KEYWORD.search(reason)
    if unknown:
        return f"there is no argument '{unknown[1]}'"
    if Handle.__name__ in reason or _TRUTH in reason:
        return _COMPUTED
    if isinstance(error, ValueError) or "data type" in reason:  # NumPy's own words
        return f"these arguments do not fit together: {reason}"
    return "the function does not take arguments of these kinds"
