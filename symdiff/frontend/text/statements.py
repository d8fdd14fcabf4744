"""Statements of a program, and the names that they read and bind."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from symdiff.frontend.text.tokens import Token, Words


class Target(NamedTuple):
    """What is bound: a name, or a tuple of targets.

    Attributes:
        first: the name; of a tuple the first one.
        parts: the targets of a tuple; none for a name.
    """

    first: Token
    parts: tuple[Target, ...] = ()

    def names(self) -> Iterator[Token]:
        """The names in it."""
        if not self.parts:
            yield self.first
        for part in self.parts:
            yield from part.names()


class Piece(NamedTuple):
    """A value in the message of an error.

    Attributes:
        value: the expression.
        conversion: `r`, `s`, `a` or nothing.
        spec: how it is formatted.
    """

    value: Words
    conversion: str
    spec: str


@dataclass(frozen=True, slots=True, eq=False)
class Statement:
    """A statement.

    Attributes:
        kind: `declare`, `assign`, `update`, `store`, `return`, `result` (an expression alone),
            `break`, `continue`, `pass`, `raise`, `if`, `for` or `while`.
        first: its first word.
        reads: its expressions, in the order in which they are read: the value, then the place
            that it is stored at; a test; what a `for` goes through.
        binds: what it binds, if it binds something.
        body, other: the statements of its block and of that of its `else`.
        message: of an error, texts and values; `None` where it says nothing.
    """

    kind: str
    first: Token
    reads: tuple[Words, ...] = ()
    binds: Target | None = None
    body: tuple[Statement, ...] = ()
    other: tuple[Statement, ...] = ()
    message: tuple[str | Piece, ...] | None = None

    @property
    def is_decision(self) -> bool:
        """Whether it holds blocks of its own."""
        return self.kind in ("if", "for", "while")

    @property
    def exits(self) -> bool:
        """Whether it may leave the block that it stands in."""
        if self.kind == "if":
            return _leaves((self,))
        return self.is_decision and (_has(self.body, "return") or _leaves(self.other))


Block = Sequence[Statement]


def every(block: Block) -> Iterator[Statement]:
    """The statements of a block and of those inside of it, as they stand in the text."""
    for statement in block:
        yield statement
        yield from every(statement.body)
        yield from every(statement.other)


def _has(block: Block, *kinds: str) -> bool:
    return any(statement.kind in kinds for statement in every(block))


def _leaves(block: Block) -> bool:
    """Whether a block may end by `return`, or by the `break` or `continue` of a loop around."""
    for statement in block:
        if statement.kind in ("return", "break", "continue"):
            return True
        inner = (*statement.body, *statement.other) if statement.kind == "if" else ()
        if _leaves(inner) or (statement.kind in ("for", "while") and statement.exits):
            return True
    return False


# --- names -------------------------------------------------------------------------------------


def name_of(token: Token) -> str:
    """A name as Python reads it: in Unicode's form NFKC."""
    return token.text if token.text.isascii() else unicodedata.normalize("NFKC", token.text)


def names_in(words: Words) -> Iterator[Token]:
    """The names that an expression reads."""
    previous = ""
    for token in words:
        if token.kind in ("name", "declared") and previous != ".":
            yield token
        previous = token.kind


def bound_by(statement: Statement) -> list[Token]:
    """The names that a statement binds itself."""
    return [] if statement.binds is None else list(statement.binds.names())


def bound(block: Block) -> list[str]:
    """The names that statements bind, in a fixed order."""
    return sorted({name_of(name) for statement in every(block) for name in bound_by(statement)})


def _read_by(statement: Statement) -> set[str]:
    return {name_of(name) for words in statement.reads for name in names_in(words)}


def _read(block: Block) -> Counter[str]:
    """How often statements read names."""
    return Counter(
        name_of(name)
        for statement in every(block)
        for words in statement.reads
        for name in names_in(words)
    )


def read_outside(program: Block, loop: Statement) -> list[str]:
    """The names that a loop binds, and that are read outside of its steps."""
    everywhere, inside = _read(program), _read(loop.body)
    if loop.kind == "while":
        inside += Counter(name_of(name) for name in names_in(loop.reads[0]))
    return [name for name in bound((loop,)) if everywhere[name] > inside[name]]


def set_first(loop: Statement) -> list[str]:
    """The names that each step of a loop sets before anything in it reads them."""
    found = {name_of(name) for name in bound_by(loop)}
    read: set[str] = set()
    for statement in loop.body:
        if statement.kind == "assign":
            read |= _read_by(statement) - found
            found |= {name_of(name) for name in bound_by(statement)} - read
        else:
            read |= _read((statement,)).keys() - found
    return sorted(found)


def changes(loop: Statement) -> set[str]:
    """The names that a loop binds or stores to."""
    stored = {name_of(s.reads[1][0]) for s in every(loop.body) if s.kind == "store"}
    return stored | set(bound(loop.body))


def ends_itself(loop: Statement) -> bool:
    """Whether a loop may end otherwise than by its test."""
    return _has(loop.body, "return", "raise") or _leaves(loop.body)


def used_as_places(program: Block) -> set[str]:
    """The names that indices and ranges read, and those that such names are computed of."""
    found = {name_of(name) for s in every(program) for w in s.reads for name in _in_places(w)}
    steps = [s for s in every(program) if s.kind in ("assign", "update")]
    while True:
        more = {
            name
            for s in steps
            if not found.isdisjoint(map(name_of, bound_by(s)))
            for name in _read_by(s)
        }
        if more <= found:
            return found
        found |= more


def _in_places(words: Words) -> Iterator[Token]:
    """The names in square brackets, and in the calls of `range`."""
    brackets: list[bool] = []
    previous = ""
    for word in words:
        if word.kind in ("(", "["):
            is_place = word.kind == "[" or previous == "range"
            brackets.append(is_place or any(brackets))
        elif word.kind in (")", "]") and brackets:
            brackets.pop()
        elif word.kind in ("name", "declared") and any(brackets):
            yield word
        previous = word.text
