"""The names that are numbers unless they are declared, and advice where an input seems meant."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping

from symdiff.frontend.text.tokens import Token, tokens

CONSTANTS: Mapping[str, float] = {
    "pi": math.pi,
    "e": math.e,
    "inf": math.inf,
    "nan": math.nan,
    "True": 1.0,
    "False": 0.0,
}
_DECLARABLE = ("e", "pi")
_POWERS = ("**", "^")
_E = re.compile(r"(?<![\w.])e(?!\w)")


def advice_on_constant(name: str) -> str | None:
    """How to make an input of a name that is a number; `None` for other names."""
    if name not in _DECLARABLE:
        return None
    return f'{name} is the number {CONSTANTS[name]:.4g}: --shape "{name}: float" makes it an input'


def notes_on_constants(text: str, inputs: Iterable[str]) -> tuple[str, ...]:
    """A sentence where `e` is the number and a text multiplies or squares it, else none."""
    if "e" in inputs or not _E.search(text):
        return ()
    words = list(tokens(text))
    if any(word.kind == "target" and word.text == "e" for word in words):
        return ()
    places = [i for i, word in enumerate(words) if word.kind == "name" and word.text == "e"]
    if not any(_seems_input(words, place) for place in places):
        return ()
    return (
        "e is the number 2.718 here; if an input is meant, declare it: "
        'begin with "e: float;", or give --shape "e: float"',
    )


def _seems_input(words: list[Token], place: int) -> bool:
    """Whether a word is multiplied, or raised to a number, as Euler's number rarely is."""
    before = words[place - 1].kind if place else ""
    after, then = words[place + 1], words[min(place + 2, len(words) - 1)]
    if after.kind in _POWERS:
        return then.kind == "number"
    return before == "*" or after.kind == "*"
