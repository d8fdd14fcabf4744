"""What a part of a formula is: its text in the grammar, and its shape."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

CONDITIONAL, OR, AND, NOT, COMPARISON, SUM, PRODUCT, SIGN, POWER, ATOM = range(10)

# how a message calls what has so many axes
KINDS = ("number", "vector", "matrix")


class Bound(NamedTuple):
    """A length or a place: a named length, or none, and what is added to it."""

    name: str
    offset: int

    def moved(self, by: int) -> Bound:
        """So many more."""
        return Bound(self.name, self.offset + by)

    def __str__(self) -> str:
        if not self.name:
            return str(self.offset)
        sign = "+" if self.offset > 0 else "-"
        return f"{self.name} {sign} {abs(self.offset)}" if self.offset else self.name


class Range(NamedTuple):
    """What an index of a sum counts through, both ends included; without ends a whole axis."""

    letter: str
    low: Bound | None
    high: Bound | None


class Scope(NamedTuple):
    """What indices of sums are: numbers where terms are written out, else axes."""

    numbers: Mapping[str, int]
    ranges: tuple[Range, ...] = ()

    def place(self, letter: str) -> int | None:
        """The axis of an index."""
        found = [at for at, one in enumerate(self.ranges) if one.letter == letter]
        return found[-1] if found and letter not in self.numbers else None

    def with_number(self, letter: str, number: int) -> Scope:
        """The scope of one term."""
        return self._replace(numbers={**self.numbers, letter: number})

    def with_range(self, found: Range) -> Scope:
        """The scope below a sum over an array."""
        numbers = {k: v for k, v in self.numbers.items() if k != found.letter}
        return Scope(numbers, (*self.ranges, found))


class Value(NamedTuple):
    """A part of a formula in the grammar.

    Attributes:
        text: how it is written.
        precedence: how its outermost operator binds.
        shape: its lengths, `None` where one is not known here.
        is_row: whether it is a vector's transpose.
        indices: of sums around it, those that it depends on; it is an array of as many axes as
            there are such sums then, although it stands for one number.
        is_spread: whether it is such an array, perhaps of lengths of 1.
        inverse_of: a matrix of which it is the inverse.
    """

    text: str
    precedence: int = ATOM
    shape: tuple[Bound | None, ...] = ()
    is_row: bool = False
    indices: frozenset[str] = frozenset()
    is_spread: bool = False
    inverse_of: str = ""

    @property
    def kind(self) -> str:
        """`number`, `vector`, `row` or `matrix`."""
        return "row" if self.is_row else KINDS[len(self.shape)]

    def within(self, least: int) -> str:
        """The text of an operand, in parentheses where its operator binds less."""
        return self.text if self.precedence >= least else f"({self.text})"


def joined(text: str, precedence: int, *parts: Value) -> Value:
    """A value made of others element by element, of the shape of the array among them."""
    shaped = next((part for part in parts if part.shape), parts[0])
    indices = frozenset().union(*[part.indices for part in parts])
    is_spread = any(part.is_spread for part in parts)
    return Value(text, precedence, shaped.shape, shaped.is_row, indices, is_spread)
