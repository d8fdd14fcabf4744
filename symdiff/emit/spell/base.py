"""Spelling, the way one target writes one operation, and the table of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from symdiff.errors import UnsupportedError
from symdiff.graph.shape import Dimension, Shape

# Python's precedences, larger binds tighter
CONDITIONAL, OR, AND, NOT, COMPARISON = 2, 3, 4, 5, 7
BIT_OR, BIT_AND, ADDITIVE, TERM, UNARY, POWER = 8, 10, 11, 12, 13, 14
ATOM = 20  # numbers and calls: never in parentheses
NAME = 21


class Operand(NamedTuple):
    """An argument as text, for a spelling that is a function.

    Attributes:
        text: the expression.
        precedence: of its outermost operator.
        shape: of what it computes.
        needs: names of helpers and libraries that it calls, beside those of operations.
    """

    text: str
    precedence: int
    shape: Shape
    needs: tuple[str, ...] = ()

    @property
    def primary(self) -> str:
        """The text where an attribute, a call or an index may follow."""
        is_number = self.text[0].isdigit()
        return f"({self.text})" if self.precedence < ATOM or is_number else self.text

    def beside(self, precedence: int) -> str:
        """The text where an operator of this precedence stands on its left."""
        return f"({self.text})" if self.precedence <= precedence else self.text


class Written(NamedTuple):
    """A text, the precedence of its outermost operator, and the names of helpers that it calls."""

    text: str
    precedence: int = ATOM
    needs: tuple[str, ...] = ()


Write = Callable[..., Written]
Lengths = Callable[..., Iterable[Dimension]]


@dataclass(frozen=True, slots=True)
class Spelling:
    """How one target writes an operation.

    Attributes:
        form: `infix`, `prefix`, `call`, `written`, or `constant` for what needs no argument and is
            written once, outside of the bodies; `loop` for statements, `part` for what they name;
            `itself` for what is its argument; `check` for what raises, with what makes one truth
            of many, and `silent` where that is left out; `missing` for what a table refuses
            although its parent has it.
        text: the operator's sign, or the name of the function that is called.
        precedence: Python's, for operators; larger binds tighter.
        source: the definition of the function, where the emitted file must bring it.
        write: `(operands, *params)` to the text, for what is no operator and no plain call.
        update: `(operands, *params)` to a statement that changes the first operand, a name, in
            place; for what copies its first argument otherwise.
        libraries: what `text` and `source` call: `np`, `math`, `special`.
        lengths: `(shapes of the arguments, *params)` to the dimensions that are written; `None`
            where all of those among the parameters are.
        repeats: whether what `write` writes of smaller arguments repeats them, as operators do.
    """

    form: str
    text: str
    precedence: int = 0
    source: str = ""
    write: Write | None = None
    update: Callable[..., str] | None = None
    repeats: bool = False
    libraries: frozenset[str] = frozenset()
    lengths: Lengths | None = None


MISSING = Spelling("missing", "")
ITSELF = Spelling("itself", "")
SILENT = Spelling("silent", "")


def infix(sign: str, precedence: int) -> Spelling:
    """An operator between its two arguments."""
    return Spelling("infix", sign, precedence)


def prefix(sign: str, precedence: int) -> Spelling:
    """A sign before its argument."""
    return Spelling("prefix", sign, precedence)


def function(name: str) -> Spelling:
    """A call of a function that the target's libraries offer."""
    library, dot, _ = name.partition(".")
    return Spelling("call", name, libraries=frozenset([library] if dot else []))


def helper(source: str, *libraries: str) -> Spelling:
    """A call of a function that the emitted file defines; `source` is its text."""
    return Spelling("call", defined(source), source=source, libraries=frozenset(libraries))


def written(
    write: Write,
    source: str = "",
    update: Callable[..., str] | None = None,
    lengths: Lengths | None = None,
) -> Spelling:
    """What a function writes; `source` defines a helper that it calls."""
    name = defined(source) if source else ""
    return Spelling("written", name, source=source, write=write, update=update, lengths=lengths)


def notated(write: Write) -> Spelling:
    """What a function writes, for readers: they see that smaller arguments are repeated."""
    return Spelling("written", "", write=write, repeats=True)


def constant(write: Write) -> Spelling:
    """What a function writes of parameters alone, an array that is known."""
    return Spelling("constant", "", write=write)


def defined(source: str) -> str:
    """The name of the first function that a text defines, in Python or, behind a comment, in C."""
    code = source.partition("*/")[2] if source.startswith("/*") else source
    head = code.split("def ", 1)[-1].split("(", 1)[0]
    return head.split()[-1]


class Helper(NamedTuple):
    """A function that the texts of a table may call, and that the emitted file then defines.

    Attributes:
        source: its definition.
        needs: names of helpers and libraries that it calls.
    """

    source: str
    needs: tuple[str, ...] = ()


class Spellings:
    """How one target writes operations: a table, and a parent for what it lacks."""

    def __init__(
        self,
        name: str,
        helpers: Iterable[Helper] = (),
        /,
        *,
        parent: Spellings | None = None,
        family: Callable[[str], Spelling | None] | None = None,
        **table: Spelling,
    ) -> None:
        """A table.

        Args:
            name: the target's.
            helpers: what texts of the table may call, by their names.
            parent: the table where what this one lacks is looked up.
            family: makes the spelling of an operation that stands in no table, such as SymPy's
                functions; `None` where it has none either.
            table: by the name of an operation, how it is written.
        """
        self.name = name
        self.parent = parent
        self._family = family
        inherited = {} if parent is None else parent._table
        self._table: dict[str, Spelling] = table | {
            op: how for op, how in inherited.items() if op not in table
        }
        self.helpers = {defined(helper.source): helper for helper in helpers}

    def __iter__(self) -> Iterator[str]:
        """The operations that the table or its parent has."""
        return iter(self._table)

    def find(self, op: str) -> Spelling | None:
        """How an operation is written, `None` where the target has no way."""
        found = self._table.get(op)
        if found is None and self.parent is not None:
            found = self.parent.find(op)
        if found is None and self._family is not None:
            found = self._family(op)
        return found

    def called(self) -> set[str]:
        """The names of functions and libraries that texts may call."""
        spellings = [found for op in self if (found := self.find(op)) is not None]
        libraries = {name for spelling in spellings for name in spelling.libraries}
        return libraries | {*self.helpers} | {s.text for s in spellings if s.source}

    def can_write(self, op: str) -> bool:
        """Whether there is a way to write an operation."""
        found = self.find(op)
        return found is not None and found.form != "missing"

    def spell(self, op: str) -> Spelling:
        """How an operation is written.

        Raises:
            UnsupportedError: where the target has no way.
        """
        found = self.find(op)
        if found is None:
            raise UnsupportedError(f"the target '{self.name}' cannot write the operation '{op}'")
        return found
