"""What operators do on arrays, on whole numbers, and on lengths of axes: what NumPy does."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from symdiff.errors import LimitError, ParseError, Span, SymdiffError
from symdiff.frontend.lowering import LOWERINGS
from symdiff.frontend.lowering.base import meet
from symdiff.frontend.text import array_mistakes
from symdiff.frontend.text.arguments import item_of, operand_of, position
from symdiff.frontend.text.reading import Item, Reading
from symdiff.graph.shape import Dim
from symdiff.ops.handle import Handle
from symdiff.ops.structural import transposed

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
_UNKNOWN_KEYWORD = re.compile(r"unexpected keyword argument '(\w+)'")
_COMPUTED = "one of the arguments is computed, and must be known before the function runs"
_TRUTH = "truth of a line"  # of a handle
_REASON = 120  # characters of a message of Python's that is passed on


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


def matrix_product(r: Reading, left: Item, right: Item, place: Span) -> int:
    """The line of `left @ right`."""
    for item in (left, right):
        if not r.builder.nodes[item.at].shape:
            raise array_mistakes.product_with_number(r, item, place)
    return operate(r, "matmul", left, right, place)


def compare(r: Reading, sign: str, left: Item, right: Item, place: Span) -> Handle:
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
