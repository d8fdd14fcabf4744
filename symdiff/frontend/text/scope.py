"""Names of a text: inputs and their declarations, assigned values, constants, lengths of axes."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

from symdiff.errors import ParseError, ShapeError, Span, SymdiffError
from symdiff.frontend.lowering.base import line
from symdiff.frontend.text import words
from symdiff.frontend.text.constants import CONSTANTS
from symdiff.frontend.text.mistakes import NO_LAMBDA
from symdiff.frontend.text.options import KINDS, Declared
from symdiff.frontend.text.reading import Advice, Reading, error_at
from symdiff.frontend.text.tokens import Token
from symdiff.graph.node import FLOAT
from symdiff.graph.shape import SCALAR, Dim, Dimension, Shape, named, names_of
from symdiff.ops.builder import Builder

_NUMBER = Declared(SCALAR)


class Scope:
    """The names met so far. Every name that is not assigned, declared or a constant is an input.

    Args:
        text: the source, for errors.
        builder: takes the lines.
        lengths: is told which lines hold the length of an axis.

    Attributes:
        inputs: the position of each input, in the order of their first appearance.
        assigned: the names that a statement has given a value.
        given: by name, what was said of inputs beside the text.
    """

    def __init__(self, text: str, builder: Builder, lengths: dict[int, Dim]) -> None:
        self.inputs: dict[str, int] = {}
        self.assigned: set[str] = set()
        self.given: Mapping[str, Declared] = {}
        self._text = text
        self._builder = builder
        self._lengths = lengths
        self._dimensions: dict[str, Dim] = {}
        self._positions: dict[str, int] = {}

    def turn_to(self, builder: Builder) -> None:
        """Go on in another builder, in which no name has a line."""
        self._builder = builder
        self._positions.clear()

    def give(self, given: Mapping[str, Declared]) -> None:
        """Take what is said of inputs beside the text, before it is read.

        Raises:
            ShapeError: where the name of a dimension is that of an input too.
        """
        self.given = {unicodedata.normalize("NFKC", name): given[name] for name in given}
        for name in names_of([one.shape for one in self.given.values()]):
            if name in self.given:
                raise ShapeError(f"'{name}' is the length of an axis and an input too")
            self._dimensions[name] = named(name)

    def find(self, written: str, start: int) -> int:
        """The line that a name stands for; an unknown one becomes an input."""
        position = self._positions.get(written)
        if position is None:
            span = Span(start, start + len(written))
            name = self.normal(written, span)
            position = self._positions.get(name)
            if position is None:
                self._builder.span = span
                if name in self._dimensions:
                    position = self._length(self._dimensions[name])
                elif name in CONSTANTS and name not in self.given:
                    position = self._builder.constant(CONSTANTS[name])
                else:
                    shape, kind = self.given.get(name, _NUMBER)
                    position = self._builder.input(name, shape, kind or FLOAT)
                    self.inputs[name] = position
                self._positions[name] = position
        return position

    def _length(self, length: Dim) -> int:
        """The line of the length of an axis."""
        position = line(self._builder, length).at
        self._lengths[position] = length
        return position

    def assign(self, written: str, span: Span, position: int) -> str:
        """Give a name a value; return the name."""
        name = self.assignable(written, span)
        self.assigned.add(name)
        self._positions[name] = position
        return name

    def assignable(self, written: str, span: Span) -> str:
        """A name that may be given a value.

        Raises:
            ParseError: where it is an input, a length or a truth.
        """
        name = self.normal(written, span)
        if name in self.inputs:
            raise ParseError(
                f"'{name}' is an input already and cannot be assigned",
                text=self._text,
                span=span,
                suggestion=f"give the new value another name, such as {name}_new",
            )
        self._refuse_truths(name, span)
        self._refuse_dimension(name, span, "be assigned")
        return name

    def declare(self, written: str, span: Span, shape: Shape | None, kind: str | None) -> None:
        """Make a name an input, whatever it meant.

        Args:
            written: the name.
            span: its place.
            shape: its shape; `None` where the declaration leaves it open.
            kind: the kind of its elements; `None` where the declaration leaves it open.
        """
        name = self.normal(written, span)
        self._refuse_truths(name, span)
        self._refuse_dimension(name, span, "be an input too")
        if name in self._positions:
            raise ParseError(
                f"'{name}' is declared after its first use",
                text=self._text,
                span=span,
                suggestion="declare inputs before everything else",
            )
        given = self.given.get(name)
        if given is not None and not _agree(given, shape, kind):
            raise ShapeError(
                f"'{name}' is declared otherwise than as {given}, which is given beside the text",
                text=self._text,
                span=span,
            )
        self._builder.span = span
        said = given or _NUMBER
        position = self._builder.input(name, shape or said.shape, kind or said.kind or FLOAT)
        self.inputs[name] = self._positions[name] = position

    def dimension(self, written: str, span: Span) -> Dim:
        """The length of an axis of this name; the name is that length from here on.

        Raises:
            ParseError: where the name has another meaning already.
        """
        name = self.normal(written, span)
        self._refuse_truths(name, span)
        if name in KINDS:
            raise ParseError(
                f"'{name}' is the kind of an input's elements and cannot be a length",
                text=self._text,
                span=span,
                suggestion=f"write it before the shape, as in k: {name} [N]",
            )
        if name not in self._dimensions and (name in self._positions or name in self.given):
            what = "assigned" if name in self.assigned else "used"
            what = "an input" if name in self.inputs or name in self.given else what
            raise ParseError(
                f"'{name}' is {what} already and cannot be the length of an axis",
                text=self._text,
                span=span,
                suggestion="give the length another name",
            )
        return self._dimensions.setdefault(name, named(name))

    def is_known(self, written: str) -> bool:
        """Whether a name has been met."""
        return written in self._positions or written in self._dimensions

    def check_given(self) -> None:
        """Refuse a shape of what is no input, after the text is read."""
        for name in self.given:
            if name not in self.inputs:
                near = difflib.get_close_matches(name, self.inputs, 1)
                listed = ", ".join(self.inputs) or "none"
                hint = f"did you mean '{near[0]}'?" if near else f"the inputs are: {listed}"
                message = f"a shape is given for '{name}', which is no input"
                raise ShapeError(message, suggestion=hint)

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

    def _refuse_dimension(self, name: str, span: Span, what: str) -> None:
        if name in self._dimensions:
            raise ParseError(
                f"'{name}' is the length of an axis and cannot {what}",
                text=self._text,
                span=span,
                suggestion=f"give one of the two another name, such as {name}_",
            )


def output_names(names: Sequence[str | None], inputs: Iterable[str]) -> list[str]:
    """A name for each output, all different and different from the inputs'.

    Args:
        names: what the text calls them, if it does.
        inputs: names that are taken.
    """
    taken = set(inputs) | {name for name in names if name is not None}
    result: list[str] = []
    for count, name in enumerate(names, start=1):
        if name is None or name in result:
            name = "f" if len(names) == 1 else f"f{count}"
            if name in taken:
                name += "_value"
            while name in taken:
                name += "_"
            taken.add(name)
        result.append(name)
    return result


def _agree(given: Declared, shape: Shape | None, kind: str | None) -> bool:
    """Whether a declaration says what is given beside the text, or leaves it open."""
    return shape in (None, given.shape) and (None in (given.kind, kind) or given.kind == kind)


# --- declarations ------------------------------------------------------------------------------

_OTHER = Advice(
    "a declaration gives a type, a shape or both", "write x: float, X: [N, 10] or k: int [N]"
)
_UNCLOSED = Advice("'[' is never closed", "write ] at its end")
_LENGTH = Advice(
    "the length of an axis is a whole number or a name", "write for example X: [N, 10]"
)


def declare(r: Reading, scope: Scope, words: Sequence[Token]) -> None:
    """Make an input of a declaration.

    Args:
        r: the parser.
        scope: the names that it met.
        words: the name, the colon, and what stands behind it.
    """
    name, colon, *rest = words
    place = rest[0].span if rest else colon.span
    kind = KINDS.get(rest[0].text) if rest else None
    shape = rest if kind is None else rest[1:]
    if kind is None and (not shape or shape[0].kind != "["):
        if name.text == "lambda":
            raise error_at(r, name.span, NO_LAMBDA)
        raise error_at(r, place, _OTHER)
    scope.declare(name.text, name.span, _shape(r, scope, shape) if shape else None, kind)


def _shape(r: Reading, scope: Scope, words: Sequence[Token]) -> Shape:
    """The lengths between the brackets, with commas between."""
    opener, *inner = words
    if opener.kind != "[":
        raise error_at(r, opener.span, _OTHER)
    closed = [i for i, word in enumerate(inner) if word.kind == "]"]
    if not closed:
        raise error_at(r, opener.span, _UNCLOSED)
    if closed[0] != len(inner) - 1:
        raise _surplus(r, inner[closed[0] + 1])
    lengths: list[Dimension] = []
    for number, word in enumerate(inner[:-1]):
        if number % 2 == 0:
            lengths.append(_length(r, scope, word))
        elif word.kind != ",":
            advice = Advice(f"a comma is missing before '{word.text}'", _LENGTH.suggestion)
            raise error_at(r, word.span, advice)
    return tuple(lengths)


def _length(r: Reading, scope: Scope, word: Token) -> Dimension:
    if word.kind == "name":
        return scope.dimension(word.text, word.span)
    if word.kind == "number" and word.text.isascii() and word.text.isdigit():
        return int(word.text)
    raise error_at(r, word.span, _LENGTH)


def _surplus(r: Reading, word: Token) -> SymdiffError:
    """A word after the shape."""
    span = Span(word.start, word.span.end)
    advice = Advice(
        f"'{word.text}' cannot stand after a shape",
        "end the declaration with ; or a new line",
    )
    return error_at(r, span, advice)
