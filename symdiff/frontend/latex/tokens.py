"""Tokens of LaTeX's mathematics. Nothing is expanded, read or executed: macros are words."""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

from symdiff.errors import ParseError, Span

SPACES = frozenset(
    (
        *r"\, \; \: \! \> \quad \qquad \displaystyle \textstyle \limits \nolimits ~".split(),
        *r"\thinspace \medspace \thickspace \negthinspace \enspace".split(),
        "\\ ",
    )
)
# They change TeX itself, files or the machine: no formula needs them
DANGEROUS = frozenset(
    r"\input \include \def \edef \gdef \xdef \let \newcommand \renewcommand \providecommand "
    r"\write \write18 \immediate \openin \openout \read \closein \closeout \special \catcode "
    r"\csname \usepackage \documentclass \includegraphics \directlua \expandafter \loop".split()
)

_TOKEN = re.compile(
    r"""
    (?P<space>\s+|%[^\n]*\n?|\\(?:label|tag)\s*\{[^{}]*\}|\\(?:nonumber|notag)(?![A-Za-z]))
  | (?P<write>\\write\s*18)
  | (?P<command>\\(?:[A-Za-z]+|.))
  | (?P<number>\d+(?:\.\d+)?|\.\d+)
  | (?P<letter>[^\W\d_])
  | (?P<sign>.)
    """,
    re.VERBOSE | re.DOTALL,
)
# the same sign under several names
_SAME = {
    r"\lbrace": r"\{", r"\rbrace": r"\}", r"\lbrack": "[", r"\rbrack": "]", r"\le": r"\leq",
    r"\ge": r"\geq", r"\ne": r"\neq", r"\land": r"\wedge", r"\lor": r"\vee", r"\lnot": r"\neg",
    r"\lt": "<", r"\gt": ">", r"\ast": "*", r"\dfrac": r"\frac", r"\tfrac": r"\frac",
    r"\cfrac": r"\frac", r"\vert": "|", r"\Vert": r"\|", r"\leqslant": r"\leq",
    r"\geqslant": r"\geq", r"\dbinom": r"\binom", r"\tbinom": r"\binom", "−": "-", "·": r"\cdot",
    "⋅": r"\cdot",
    "π": r"\pi", "∞": r"\infty", "×": r"\times", "≤": r"\leq", "≥": r"\geq", "≠": r"\neq",
}  # fmt: skip
# they change the style up to the end of a group
_SWITCHES = {
    r"\rm": r"\mathrm", r"\bf": r"\mathbf", r"\it": r"\mathit", r"\cal": r"\mathcal",
    r"\sf": r"\mathsf",
}  # fmt: skip
_DISPLAYS = ("equation", "equation*", "displaymath", "math")
_SIZES = frozenset(
    rf"\{size}{side}" for size in ("big", "Big", "bigg", "Bigg") for side in ("", "l", "r", "m")
)


class Token(NamedTuple):
    """A word of LaTeX: its kind is `number`, `letter`, `end`, or the word itself."""

    kind: str
    text: str
    start: int
    end: int

    @property
    def span(self) -> Span:
        """Its place."""
        return Span(self.start, max(self.end, self.start + 1))


def tokens_of(text: str) -> list[Token]:
    """The tokens, without spaces and sizes.

    Raises:
        ParseError: for a macro that changes TeX, files or the machine.
    """
    found: list[Token] = []
    for match in _TOKEN.finditer(text):
        kind, word = str(match.lastgroup), match[0]
        start, end = match.span()
        if kind == "write" or word in DANGEROUS:
            name = word.replace(" ", "")
            raise ParseError(
                f"the macro {name} is no mathematics; nothing is read, defined or executed here",
                text=text,
                span=Span(start, end),
                suggestion="give the formula alone",
            )
        if kind == "space" or word in SPACES or word in _SIZES:
            continue
        word = _SAME.get(word, word)
        is_plain = kind in ("number", "letter") and word[0] != "\\"
        if is_plain and kind == "letter" and not word.isidentifier():
            raise _no_letter(text, Span(start, end))
        found.append(Token(kind if is_plain else word, word, start, end))
    end = len(text.rstrip())
    found.append(Token("end", "", end, end))
    return _without_dollars(_styled(found))


def _no_letter(text: str, span: Span) -> ParseError:
    """What is said of a raised number, a fraction in one sign, and their like."""
    sign = text[span.start]
    plain = unicodedata.normalize("NFKC", sign)
    name = unicodedata.name(sign, "")
    mark = "^" if "SUPERSCRIPT" in name else "_" if "SUBSCRIPT" in name else ""
    advice = f"write {mark}{{{plain}}}" if mark else "write it with the macros of LaTeX"
    return ParseError(f"'{sign}' is no letter", text=text, span=span, suggestion=advice)


def _styled(tokens: list[Token]) -> list[Token]:
    r"""The tokens with `{\rm B}` as `\mathrm{B}`, and with its kind."""
    found: list[Token] = []
    for token in tokens:
        is_style = token.kind in _SWITCHES and found and found[-1].kind == "{"
        if is_style:
            opened = found.pop()
            style = _SWITCHES[token.kind]
            found.append(Token(style, style, opened.start, opened.end))
            token = Token("{", "{", token.start, token.end)
        found.append(token)
    return found


def _without_dollars(tokens: list[Token]) -> list[Token]:
    """The mathematics between `$`, `$$`, or brackets of a display."""
    for opening, closing in ((r"\[", r"\]"), (r"\(", r"\)"), ("$", "$"), ("$", "$")):
        tokens = _without_stop(tokens)
        is_between = len(tokens) > 2 and tokens[0].kind == opening and tokens[-2].kind == closing
        if is_between:
            tokens = [*tokens[1:-2], tokens[-1]]
    return _without_stop(_without_display(tokens))


def _without_stop(tokens: list[Token]) -> list[Token]:
    """The mathematics without the comma or the full stop of the sentence that it ends."""
    is_stop = len(tokens) > 2 and tokens[-2].kind in (",", ".", ";")
    if is_stop and tokens[-3].kind not in (r"\left", r"\right"):
        return [*tokens[:-2], tokens[-1]]
    return tokens


def _without_display(tokens: list[Token]) -> list[Token]:
    r"""The mathematics between `\begin{equation}` and its end."""
    for name in _DISPLAYS:
        head, tail = ["\\begin", "{", *name, "}"], ["\\end", "{", *name, "}"]
        size = len(head)
        begins = [token.text for token in tokens[:size]] == head
        if begins and [token.text for token in tokens[-size - 1 : -1]] == tail:
            return [*tokens[size : -size - 1], tokens[-1]]
    return tokens
