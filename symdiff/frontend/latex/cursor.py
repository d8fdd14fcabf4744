"""A cursor over the tokens of LaTeX, and the parts of a formula that a parser makes of them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Container
from typing import NamedTuple

from symdiff.errors import LimitError, ParseError, Span
from symdiff.frontend.latex.tokens import Token, tokens_of

DEPTH = 60  # of brackets and functions in each other: each takes some calls of Python's


class Node(NamedTuple):
    """A part of the formula.

    Attributes:
        kind: `number`, `name`, `constant`, `call`, `negate`, `power`, an operator, `sum`, `prod`,
            `cases`, `compare`, `and`, `or`, `not`.
        text: the number, the name, the function, the sign.
        parts: the operands.
        start, end: its place.
        is_bare: whether it is a function of an argument without parentheses.
    """

    kind: str
    text: str
    parts: tuple[Node, ...]
    start: int
    end: int
    is_bare: bool = False

    @property
    def span(self) -> Span:
        """Its place."""
        return Span(self.start, max(self.end, self.start + 1))


class Cursor(ABC):
    """The tokens of a formula, the place in them, and what is said where they are not read.

    Args:
        text: the formula.
        inputs: names that are inputs for sure, as their shapes are given.
    """

    def __init__(self, text: str, inputs: Container[str] = ()) -> None:
        self.text = text
        self.inputs = inputs
        self.tokens = tokens_of(text)
        self.at = 0
        self.depth = 0
        self.bars: list[str] = []

    # --- tokens ---

    @property
    def next(self) -> Token:
        """The token that is read next."""
        return self.tokens[self.at]

    @property
    def last_end(self) -> int:
        """Where the token that was read last ends."""
        return self.tokens[self.at - 1].end

    def enter(self) -> None:
        """Count one more bracket or function around what is read.

        Raises:
            LimitError: where there are too many.
        """
        self.depth += 1
        if self.depth > DEPTH:
            raise LimitError(
                f"brackets or functions are nested deeper than {DEPTH}",
                text=self.text,
                span=self.next.span,
            )

    def take(self) -> Token:
        """The next token; the one after it comes next."""
        token = self.tokens[self.at]
        self.at += token.kind != "end"
        return token

    def fault(
        self, message: str, place: Span | None = None, suggestion: str | None = None
    ) -> ParseError:
        """The text is refused at a place."""
        return ParseError(
            message, text=self.text, span=place or self.next.span, suggestion=suggestion
        )

    def two_readings(self, place: Span, first: str, second: str, advice: str) -> ParseError:
        """What can be read in two ways is refused."""
        return self.fault(f"this reads as {first} or as {second}", place, advice)

    def expect(self, kind: str, opened: Token | None = None) -> Token:
        """The next token, which must be of a kind."""
        if self.next.kind == kind:
            return self.take()
        if self.next.kind == "end" and opened is not None:
            raise self.fault(f"'{opened.text}' is never closed: '{kind}' is missing", opened.span)
        raise self.fault(f"'{kind}' is expected here, not '{self.next.text or 'the end'}'")

    def is_open(self) -> bool:
        """Whether a parenthesis comes next."""
        is_left = self.next.kind == r"\left"
        return self.tokens[self.at + is_left].kind == "("

    def after_group(self, place: int) -> int:
        """Behind the braces that open at a place."""
        depth = 0
        while self.tokens[place].kind != "end":
            depth += (self.tokens[place].kind == "{") - (self.tokens[place].kind == "}")
            place += 1
            if not depth:
                break
        return place

    # --- what the parser reads ---

    @abstractmethod
    def starts_factor(self, token: Token) -> bool:
        """Whether a token begins a factor that stands beside another one."""

    @abstractmethod
    def expression(self) -> Node:
        """Terms with signs between them."""

    @abstractmethod
    def signed_term(self) -> Node:
        """A term, which may have a sign before it."""

    @abstractmethod
    def term(self) -> Node:
        """Factors, with signs between them or side by side."""

    @abstractmethod
    def factor(self) -> Node:
        """An atom with exponents and factorials."""

    @abstractmethod
    def atom(self, *, is_script: bool = False) -> Node:
        """A number, a name, a call, or something in brackets."""

    @abstractmethod
    def script(self, mark: Token, what: str) -> Node:
        """What stands above or below."""

    @abstractmethod
    def argument(self, macro: Token) -> Node:
        """The argument of a macro."""

    @abstractmethod
    def between(self, opened: Token, left: Token | None) -> Node:
        """What stands between two delimiters."""

    @abstractmethod
    def after_bare(self, call: Node, sign: Token) -> ParseError:
        """What is said where a function of an argument without parentheses goes on."""

    @abstractmethod
    def named(self, base: str, token: Token, *, is_script: bool = False) -> Node:
        """A name with its index, and what follows it."""

    @abstractmethod
    def call(self, name: str, head: Token | Node, base: Node | None = None) -> Node:
        """The arguments of a function."""

    @abstractmethod
    def function(self, name: str, macro: Token) -> Node:
        """A function with its base, its exponent and its argument."""
