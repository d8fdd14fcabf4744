"""From characters to tokens: one compiled pattern, read once from left to right.

The pattern matches at every place, so reading never fails: what is not part of the grammar comes
out as a token of its own, and the parser reports it when it gets there. Errors so come in the
order of the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from symdiff.errors import Span

ENDS = frozenset(("end", "newline", ";"))  # the kinds of tokens that end a statement


class Token(NamedTuple):
    """A word of the text.

    Attributes:
        kind: for operators, brackets and the grammar's keywords their own text; else `number`,
            `name`, `call` (a name before a bracket, or several with dots between), `target` (a
            name before `=`), `declared` (a name before `:`), `string`, `newline`, `end`, or
            `stray` for anything else.
        text: as written.
        start: its place in the text.
    """

    kind: str
    text: str
    start: int

    @property
    def span(self) -> Span:
        """The place in the text; one character long at the end of a line."""
        return Span(self.start, self.start + max(1, len(self.text)))


_MADE = tuple.__new__  # a token for each word: its own `__new__` takes twice as long
Words = tuple[Token, ...]  # an expression, and the word that ends it


# A name is what is left: letters, digits and whatever lies beyond ASCII, but for these signs and
# spaces. Whether it is one, `str.isidentifier` decides later.
SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹"
_SIGNS = re.escape(
    "×·⋅∙∗•÷∕⁄−–—‐‑⁺⁻√∛∜∞≤≥≠≈≡¬∧∨∈…“”‘’„«»′″（）［］｛｝＋－＊／＝＜＞，．：；！？＾％"
    + SUPERSCRIPTS
)
_SPACES = "\u00a0\u2000-\u200b\u202f\u205f\u3000"
_NOT_IN_NAMES = rf"\[-\^`{{-\x7f{_SIGNS}{_SPACES}\u2028\u2029\ufeff"
_FIRST = rf"[^\x00-@{_NOT_IN_NAMES}]"
_LATER = rf"[^\x00-/:-@{_NOT_IN_NAMES}]"
_NAME = rf"{_FIRST}{_LATER}*+"

# Groups are not repeated possessively: Python 3.11.2 goes on behind what has matched of one that
# fails then.
_TOKEN = re.compile(
    rf"""
    (?: [ \t\f{_SPACES}]++ | \A\ufeff | \\\r?\n )*
    (?:
        (?P<number> 0[xXoObB]{_LATER}++
          | (?: [0-9][0-9_]*+ (?:\.[0-9_]*+)? | \.[0-9][0-9_]*+ )
            (?: [eE][+-]?[0-9][0-9_]*+ )?
            (?: [jJ](?!{_LATER}) )? )
      | (?P<string> [fFrRbBuU]{{0,2}} (?: "[^"\n]*+" | '[^'\n]*+' ) )
      | (?P<word> (?: if | else | and | or | not | is | in | return | None ) (?!{_LATER}) )
      | (?P<call> {_NAME} (?: \.{_NAME} )* (?=[ \t]*+\() )
      | (?P<target> {_NAME} (?=[ \t]*+=(?![=<>])) )
      | (?P<declared> {_NAME} (?=[ \t]*+:(?!=)) )
      | (?P<name> {_NAME} )
      | (?P<sign> === | !== | \*\*= | //= | <> | => | =< | == | != | <= | >= | := | \*\* | //
          | [-+*/%@^&|]= | && | \|\| | << | >> | -> | \.\.\.
          | [-+*/%@^&|~!?$<>=(),.:;{{}}] | \[ | \] )
      | (?P<newline> \r\n?+ | \n )
      | (?P<comment> \#[^\r\n]*+ )
      | (?P<end> \Z )
      | (?P<stray> [⁺⁻]?+[{SUPERSCRIPTS}]++ | . )
    )
    """,
    re.VERBOSE | re.DOTALL,
)


def tokens(text: str) -> Iterator[Token]:
    """The tokens of a text, the last of kind `end`. Never fails; linear in the length."""
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup or "stray"
        word = match[kind]
        if kind == "sign" or kind == "word":
            yield _MADE(Token, (word, word, match.start(kind)))
        elif kind != "comment":
            yield _MADE(Token, (kind, word, match.start(kind)))


# --- lines -------------------------------------------------------------------------------------


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
