"""An error with its place, and stretches of the text that it quotes."""

from __future__ import annotations

from typing import NamedTuple

from symdiff.errors import ParseError, Span, SymdiffError
from symdiff.frontend.text.reading import Reading
from symdiff.frontend.text.tokens import Token, tokens

LONGEST_QUOTE = 40


class Advice(NamedTuple):
    """A mistake that needs no look around: the sentence, and what to do."""

    message: str
    suggestion: str | None = None
    error: type[SymdiffError] = ParseError


def error_at(r: Reading, span: Span, advice: Advice) -> SymdiffError:
    """The error that gives the advice at a place."""
    return advice.error(advice.message, text=r.text, span=span, suggestion=advice.suggestion)


def quote(text: str, start: int, end: int, otherwise: str) -> str:
    """A stretch of the text, or a stand-in for one that is too long to read."""
    stretch = text[start:end]
    return stretch if len(stretch) <= LONGEST_QUOTE and stretch.isprintable() else otherwise


def primary(text: str, start: int) -> str:
    """The operand that starts here: a word, a bracket or a call; `2x` comes as `2*x`."""
    depth = 0
    parts: list[Token] = []
    window = text[start : start + 2 * LONGEST_QUOTE]
    for token in tokens(window):
        if token.kind in ("end", "newline", "stray"):
            break
        product = parts and not depth and parts[-1].kind == "number" and token.kind == "name"
        if parts and not depth and not product and not (token.kind == "(" and len(parts) == 1):
            break
        depth += (token.kind == "(") - (token.kind == ")")
        parts.append(token)
        if token.kind not in ("number", "call", "target") and not depth:
            break
    if depth or not parts:
        return "(...)"
    if len(parts) == 2 and parts[0].kind == "number":
        return f"{parts[0].text}*{parts[1].text}"
    return quote(window, 0, parts[-1].span.end, "(...)")
