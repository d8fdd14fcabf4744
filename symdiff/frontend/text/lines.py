"""Logical lines of a program, and stretches of their words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from symdiff.frontend.text.statements import Words
from symdiff.frontend.text.tokens import ENDS, Token, tokens

OPENING, CLOSING = frozenset("(["), frozenset(")]")


class Line(NamedTuple):
    """A logical line: brackets hold several together.

    Attributes:
        indent: the blanks before it.
        words: its tokens, the last one that which ends it.
    """

    indent: str
    words: Words


def lines_of(text: str) -> Iterator[Line]:
    """The lines that hold something."""
    words: list[Token] = []
    depth = 0
    for token in tokens(text):
        kind = token.kind
        depth += (kind in OPENING) - (kind in CLOSING)
        if kind == "end" or (kind == "newline" and depth <= 0):
            if words:
                start = words[0].start
                begin = max(text.rfind("\n", 0, start), text.rfind("\r", 0, start)) + 1
                yield Line(text[begin:start].lstrip("\ufeff"), (*words, token))
            words, depth = [], 0
        elif kind != "newline":
            words.append(token)


def outside(words: Sequence[Token]) -> Iterator[tuple[int, Token]]:
    """The words that stand in no brackets, with their numbers."""
    depth = 0
    for at, word in enumerate(words):
        depth -= word.kind in CLOSING
        if depth <= 0:
            yield at, word
        depth += word.kind in OPENING


def split(words: Words, sign: str) -> list[Words]:
    """The parts between signs that stand in no brackets."""
    ends = [at for at, word in outside(words) if word.kind == sign]
    starts = [0, *[at + 1 for at in ends]]
    pairs = zip(starts, [*ends, len(words) - 1], strict=True)
    return [(*words[a:b], ended_by(words[b])) for a, b in pairs]


def ended_by(word: Token) -> Token:
    """A word as what ends an expression before it."""
    return word if word.kind in ENDS else Token("end", "", word.start)


def closing(words: Sequence[Token], opening: int) -> int:
    """Where the bracket is closed that stands at a place; -1 for nowhere."""
    depth = 0
    for at in range(opening, len(words)):
        depth += (words[at].kind in OPENING) - (words[at].kind in CLOSING)
        if depth == 0:
            return at
    return -1


def arguments_of(words: Words) -> list[Words]:
    """The parts between commas that stand in no brackets."""
    return [part for part in split(words, ",") if len(part) > 1]


def arguments_of_call(words: Words) -> list[Words] | None:
    """The arguments of an expression that is a call; `None` where it is none."""
    if words[0].kind != "call" or closing(words, 1) != len(words) - 2:
        return None
    return arguments_of((*words[2:-2], ended_by(words[-2])))
