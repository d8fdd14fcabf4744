"""What the names of a text stand for: inputs, assigned values, constants."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Mapping

from symdiff.errors import ParseError, Span
from symdiff.frontend import words
from symdiff.ops.builder import Builder

CONSTANTS: Mapping[str, float] = {
    "pi": math.pi,
    "e": math.e,
    "inf": math.inf,
    "nan": math.nan,
    "True": 1.0,
    "False": 0.0,
}


class Scope:
    """The names met so far. Every name that is not assigned, declared or a constant is an input.

    Attributes:
        inputs: the position of each input, in the order of their first appearance.
        assigned: the names that a statement has given a value.
    """

    def __init__(self, text: str, builder: Builder) -> None:
        self.inputs: dict[str, int] = {}
        self.assigned: set[str] = set()
        self._text = text
        self._builder = builder
        self._positions: dict[str, int] = {}

    def find(self, written: str, start: int) -> int:
        """The line that a name stands for; an unknown one becomes an input."""
        position = self._positions.get(written)
        if position is None:
            span = Span(start, start + len(written))
            name = self.normal(written, span)
            position = self._positions.get(name)
            if position is None:
                self._builder.span = span
                if name in CONSTANTS:
                    position = self._builder.constant(CONSTANTS[name])
                else:
                    position = self.inputs[name] = self._builder.input(name)
                self._positions[name] = position
        return position

    def assign(self, written: str, span: Span, position: int) -> str:
        """Give a name a value; return the name."""
        name = self.normal(written, span)
        if name in self.inputs:
            raise ParseError(
                f"'{name}' is an input already and cannot be assigned",
                text=self._text,
                span=span,
                suggestion=f"give the new value another name, such as {name}_new",
            )
        self._refuse_truths(name, span)
        self.assigned.add(name)
        self._positions[name] = position
        return name

    def declare(self, written: str, span: Span) -> None:
        """Make a name an input, whatever it meant."""
        name = self.normal(written, span)
        self._refuse_truths(name, span)
        if name in self._positions:
            raise ParseError(
                f"'{name}' is declared after its first use",
                text=self._text,
                span=span,
                suggestion="declare inputs before everything else",
            )
        self._builder.span = span
        self.inputs[name] = self._positions[name] = self._builder.input(name)

    def is_known(self, written: str) -> bool:
        """Whether a name has been met."""
        return written in self._positions

    def normal(self, written: str, span: Span) -> str:
        """The name as Python reads it: in Unicode's form NFKC."""
        if written.isascii():
            name = written
        elif written.isidentifier():
            name = unicodedata.normalize("NFKC", written)
        else:
            raise words.not_a_name(self._text, written, span)
        if name.startswith("__"):
            raise ParseError(
                f"the name '{name}' starts with two underscores, which Python keeps for itself",
                text=self._text,
                span=span,
            )
        return name

    def _refuse_truths(self, name: str, span: Span) -> None:
        if name in ("True", "False"):
            raise ParseError(f"'{name}' cannot be given a value", text=self._text, span=span)
