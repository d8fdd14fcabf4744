"""Declarations of inputs: `x: float`, `X: [N, 10]`, `k: int [N]`."""

from __future__ import annotations

from collections.abc import Sequence

from symdiff.errors import Span, SymdiffError
from symdiff.frontend.text.advice import Advice, error_at
from symdiff.frontend.text.missing import NO_LAMBDA
from symdiff.frontend.text.parser import Parser
from symdiff.frontend.text.shapes_option import KINDS
from symdiff.frontend.text.tokens import ENDS, Token
from symdiff.graph.shape import Dimension, Shape

_OTHER = Advice(
    "a declaration gives a type, a shape or both", "write x: float, X: [N, 10] or k: int [N]"
)
_UNCLOSED = Advice("'[' is never closed", "write ] at its end")
_LENGTH = Advice(
    "the length of an axis is a whole number or a name", "write for example X: [N, 10]"
)


def declare(parser: Parser, name: Token) -> None:
    """Read a declaration and make its name an input.

    Args:
        parser: stands at the name, and then after the declaration.
        name: the word before the colon.
    """
    colon = parser.advance()
    parser.advance()
    words = _words(parser)
    place = words[0].span if words else colon.span
    kind = KINDS.get(words[0].text) if words else None
    rest = words if kind is None else words[1:]
    if kind is None and (not rest or rest[0].kind != "["):
        if name.text == "lambda":
            raise error_at(parser, name.span, NO_LAMBDA)
        raise error_at(parser, place, _OTHER)
    shape = _shape(parser, rest) if rest else None
    parser.scope.declare(name.text, name.span, shape, kind)


def _words(parser: Parser) -> list[Token]:
    """The words of the declaration; it may go over several lines between its brackets."""
    words: list[Token] = []
    depth = 0
    while parser.token.kind not in ENDS or (depth > 0 and parser.token.kind == "newline"):
        kind = parser.token.kind
        depth += (kind == "[") - (kind == "]")
        if kind != "newline":
            words.append(parser.token)
        parser.advance()
    return words


def _shape(parser: Parser, words: Sequence[Token]) -> Shape:
    """The lengths between the brackets, with commas between."""
    opener, *inner = words
    if opener.kind != "[":
        raise error_at(parser, opener.span, _OTHER)
    closed = [i for i, word in enumerate(inner) if word.kind == "]"]
    if not closed:
        raise error_at(parser, opener.span, _UNCLOSED)
    if closed[0] != len(inner) - 1:
        raise _surplus(parser, inner[closed[0] + 1])
    lengths: list[Dimension] = []
    for number, word in enumerate(inner[:-1]):
        if number % 2 == 0:
            lengths.append(_length(parser, word))
        elif word.kind != ",":
            advice = Advice(f"a comma is missing before '{word.text}'", _LENGTH.suggestion)
            raise error_at(parser, word.span, advice)
    return tuple(lengths)


def _length(parser: Parser, word: Token) -> Dimension:
    if word.kind == "name":
        return parser.scope.dimension(word.text, word.span)
    if word.kind == "number" and word.text.isascii() and word.text.isdigit():
        return int(word.text)
    raise error_at(parser, word.span, _LENGTH)


def _surplus(parser: Parser, word: Token) -> SymdiffError:
    """A word after the shape."""
    span = Span(word.start, word.span.end)
    advice = Advice(
        f"'{word.text}' cannot stand after a shape",
        "end the declaration with ; or a new line",
    )
    return error_at(parser, span, advice)
