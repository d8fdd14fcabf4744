"""What is wrong with an array: an index, a product, a list; a number where an array is wanted."""

from __future__ import annotations

from collections.abc import Sequence

from symdiff.errors import ShapeError, Span, SymdiffError
from symdiff.frontend.text.advice import Advice, error_at, quote
from symdiff.frontend.text.reading import Item, Reading
from symdiff.graph.node import INPUT


def index_of_number(r: Reading, target: Item, brackets: Span) -> SymdiffError:
    """An index of what has no axes."""
    word = quote(r.text, target.start, target.end, "this")
    message = f"'{word}' is a number and has no elements"
    return error_at(r, brackets, Advice(message, _declaration(r, target), ShapeError))


def index_of_floats(r: Reading, item: Item) -> SymdiffError:
    """An index that may be a fraction."""
    word = quote(r.text, item.start, item.end, "this")
    node = r.builder.nodes[item.at]
    suggestion = None
    if node.op == INPUT:
        shape = f" [{', '.join(map(str, node.shape))}]" if node.shape else ""
        suggestion = f"declare it as {node.params[0]}: int{shape}"
    advice = Advice(f"'{word}' is no index: it is not of whole numbers", suggestion, ShapeError)
    return error_at(r, item.span, advice)


def product_with_number(r: Reading, item: Item, place: Span) -> SymdiffError:
    """A number beside '@'."""
    word = quote(r.text, item.start, item.end, "one of them")
    declaration = _declaration(r, item)
    suggestion = "write * for a product of numbers"
    if declaration is not None:
        suggestion += f", or {declaration}"
    message = f"'@' multiplies matrices and vectors, and '{word}' is a number"
    return error_at(r, place, Advice(message, suggestion, ShapeError))


def with_declaration(r: Reading, error: SymdiffError, items: Sequence[Item]) -> SymdiffError:
    """An error on shapes; where an input without a shape is among the arguments, it says so."""
    if not isinstance(error, ShapeError) or error.suggestion is not None:
        return error
    found = [text for text in [_declaration(r, item) for item in items] if text is not None]
    if not found:
        return error
    return ShapeError(error.message, text=error.text, span=error.span, suggestion=found[0])


def _declaration(r: Reading, item: Item) -> str | None:
    """The advice to declare an input that has no shape; `None` where it is none."""
    if item.at < 0:
        return None
    node = r.builder.nodes[item.at]
    if node.op != INPUT or node.shape:
        return None
    return f"declare its shape, for example {node.params[0]}: [3]"


def ragged_list(r: Reading, item: Item) -> SymdiffError:
    """A list whose rows have different lengths."""
    return error_at(r, item.span, Advice("the rows of the list have different lengths"))


def slice_of_four(r: Reading) -> SymdiffError:
    """A slice with three colons."""
    return error_at(r, r.token.span, Advice("a slice has at most two colons", "write x[1:9:2]"))


def index_of_tuple(r: Reading, count: int, brackets: Span) -> SymdiffError:
    """An index of a tuple that is no number, or is too large."""
    message = f"this is a tuple of {count} parts, which whole numbers from 0 to {count - 1} take"
    return error_at(r, brackets, Advice(message if count else "this tuple is empty"))
