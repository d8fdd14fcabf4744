"""Programs: statements over the operations of a graph, in no language.

What is to be done is said here once, as data; a target prints it. What a reader of a program wants
to know (which names it reads, which operations it needs) is a walk over it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from symdiff.errors import Span
from symdiff.graph.node import FLOAT
from symdiff.graph.shape import SCALAR, Dimension, Shape
from symdiff.ops.checks import Message

Draft = Any  # what a target holds of an expression that it would print; of no concern here

# Operations of memory, which no graph has: they change no number.
COPY = "copy"  # its argument, in memory of its own
FULL = "full"  # an array of the shape and dtype that its parameters say, full of a number
EMPTY = "empty"  # an array of the shape and dtype that its parameters say, written later
NUMBER = "number"  # a constant as a number of the library's, which divides by zero as arrays do
ROWS = "rows"  # a list of the rows of an array that is not written in place; empty
APPEND = "append"  # a list of rows with one more
STACKED = "stacked"  # the array of the shape and dtype that its parameters say, of a list of rows
ADD_WHERE = "add_where"  # an array with a number more where a mask holds
SUM_WHERE = "sum_where"  # the sum of the elements of an array where a mask holds
TURNED = "turned"  # a list of rows in the other order
COUNT = "count"  # how many rows a list has

# Decisions, of which no graph knows whether they are made while it is computed.
CHOICE = "choice"  # its second argument where the first one, a truth, holds, else the third
LARGER = "larger"  # its second argument where that is greater than the first one, else that
SMALLER = "smaller"  # its second argument where that is less than the first one, else that
BOTH = "both"  # whether two truths hold; the second is asked where the first holds
EITHER = "either"  # whether one of two truths holds; the second is asked where the first fails
NOT = "fails"  # whether a truth does not hold


class Ref(NamedTuple):
    """The value that a name has."""

    name: str
    shape: Shape = SCALAR
    dtype: str = FLOAT


class Number(NamedTuple):
    """A constant, or an array full of it."""

    value: float
    shape: Shape = SCALAR
    dtype: str = FLOAT


class Op(NamedTuple):
    """An operation of the graph's on expressions; elementwise ones may repeat their arguments."""

    name: str
    args: tuple[Expr, ...]
    params: tuple[Any, ...] = ()  # as those of a node
    shape: Shape = SCALAR
    dtype: str = FLOAT


Expr = Ref | Number | Op


class Let(NamedTuple):
    """Gives a name a value, whatever it had before.

    A tuple, as expressions are: there may be millions, which a frozen dataclass makes ten times
    as slowly.

    Attributes:
        name: what is given the value.
        value: the value.
        span: the place in the source.
        draft: what the target holds of the value already, so that it need not be found again. It
            does not count where two statements are compared.
    """

    name: str
    value: Expr
    span: Span | None = None
    draft: Draft = None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Let) and self[:3] == other[:3]

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(self[:3])


@dataclass(frozen=True, slots=True)
class Together:
    """Gives several names values, all of which read what the names had before."""

    lets: tuple[Let, ...]
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class Update:
    """Changes the array of a name in place.

    Attributes:
        name: of the array.
        value: what it becomes: an operation whose first argument it is.
        span: the place in the source.
    """

    name: str
    value: Op
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class For:
    """Does the same for each of some numbers: from 0 on, or `start`, `start + by`, ...

    Attributes:
        counter: the name of the number.
        length: how many steps there are.
        direction: 1, or -1 to begin with the last number.
        body: what is done in a step.
        start: the first number.
        by: what the numbers grow by.
        span: the place in the source.
    """

    counter: str
    length: Dimension
    direction: int
    body: Block
    start: Dimension = 0
    by: Dimension = 1
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class While:
    """Does the same as long as a condition holds.

    Attributes:
        condition: what is asked before each step.
        body: what is done in a step.
        span: the place in the source.
    """

    condition: Expr
    body: Block
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class Break:
    """Ends the loop around unless a condition holds."""

    unless: Expr
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class If:
    """Does one thing where a condition holds, and another one where it does not."""

    condition: Expr
    then: Block
    otherwise: Block = ()
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """Raises an error where a condition holds.

    Attributes:
        condition: what must not be.
        error: the name of the exception's class.
        message: what the exception says; numbers in it stand for values.
        values: those.
        span: the place in the source.
    """

    condition: Expr
    error: str
    message: Message = ()
    values: tuple[Expr, ...] = ()
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class Return:
    """Ends the program with its results.

    Attributes:
        results: what it returns.
        span: the place in the source.
        drafts: what the target holds of each result; empty where that is to be found.
    """

    results: tuple[Expr, ...]
    span: Span | None = None
    drafts: tuple[Draft, ...] = ()


@dataclass(frozen=True, slots=True)
class Written:
    """Statements of which nobody but the target reads anything: what it holds of them.

    Attributes:
        drafts: of each.
        spans: of each, the place in the source.
        span: that of all.
    """

    drafts: list[Draft]
    spans: list[Span | None]
    span: Span | None = None


Other = Together | Update | For | While | Break | If | Check | Return
Statement = Let | Written | Other
Block = tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Program:
    """Statements, the last of which returns.

    Attributes:
        body: the statements.
    """

    body: Block

    @property
    def end(self) -> Return:
        """The statement that returns."""
        last = self.body[-1]
        assert isinstance(last, Return)  # by construction
        return last

    @property
    def results(self) -> tuple[Expr, ...]:
        """What the program returns."""
        return self.end.results


# --- walks ---------------------------------------------------------------------------------------


def statements(block: Iterable[Statement]) -> Iterator[Statement]:
    """The statements of a block and of those in it, in the order of the text."""
    pending = list(block)[::-1]
    while pending:
        statement = pending.pop()
        yield statement
        for inner in reversed(_blocks(statement)):
            pending.extend(reversed(inner))


def _blocks(statement: Statement) -> Sequence[Block]:
    match statement:
        case For(body=body) | While(body=body):
            return (body,)
        case If(then=then, otherwise=otherwise):
            return (then, otherwise)
    return ()


def indentation(block: Block) -> int:
    """How many blocks are around the innermost statement; an `else` that only decides adds none."""
    deepest, pending = 0, [(block, 0)]
    while pending:
        block, depth = pending.pop()
        deepest = max(deepest, depth)
        for statement in block:
            if type(statement) is Let:  # most of them
                continue
            first, *others = _blocks(statement) or ((),)
            pending += [(first, depth + 1)] * bool(first)
            for other in others:
                is_choice = len(other) == 1 and isinstance(other[0], If)
                pending.append((other, depth + (not is_choice)))
    return deepest


def expressions(statement: Statement) -> tuple[Expr, ...]:
    """The expressions of a statement, without those of the blocks in it."""
    match statement:
        case Let(value=value) | Update(value=value):
            return (value,)
        case Together(lets=lets):
            return tuple([let.value for let in lets])
        case While(condition=condition) | If(condition=condition) | Break(unless=condition):
            return (condition,)
        case Check(condition=condition, values=values):
            return (condition, *values)
        case Return(results=results):
            return results
    return ()


def parts(*roots: Expr) -> Iterator[Expr]:
    """Expressions and what they are made of, without recursion."""
    pending = list(reversed(roots))
    while pending:
        expr = pending.pop()
        yield expr
        if isinstance(expr, Op):
            pending.extend(reversed(expr.args))


def every_part(block: Iterable[Statement]) -> Iterator[Expr]:
    """All expressions of a block and what they are made of."""
    for statement in statements(block):
        yield from parts(*expressions(statement))


def mapped(block: Block, change: Callable[[Expr], Expr]) -> Block:
    """The block with each expression of its statements, and of the blocks in it, changed."""
    return tuple([_mapped(statement, change) for statement in block])


def _mapped(statement: Statement, change: Callable[[Expr], Any]) -> Statement:
    match statement:
        case Let(value=value):
            return statement._replace(value=change(value), draft=None)
        case Update(value=value):
            return replace(statement, value=change(value))
        case Together(lets=lets):
            lets = tuple([let._replace(value=change(let.value), draft=None) for let in lets])
            return replace(statement, lets=lets)
        case For(body=body):
            return replace(statement, body=mapped(body, change))
        case While(condition, body):
            return replace(statement, condition=change(condition), body=mapped(body, change))
        case If(condition, then, otherwise):
            then, otherwise = mapped(then, change), mapped(otherwise, change)
            return replace(statement, condition=change(condition), then=then, otherwise=otherwise)
        case Check(condition=condition, values=values):
            values = tuple(map(change, values))
            return replace(statement, condition=change(condition), values=values)
        case Return(results):
            return replace(statement, results=tuple(map(change, results)))
        case Break(unless):
            return replace(statement, unless=change(unless))
    return statement


def reads(block: Iterable[Statement]) -> set[str]:
    """The names that a block reads."""
    return {part.name for part in every_part(block) if isinstance(part, Ref)}


def is_read(name: str, *exprs: Expr) -> bool:
    """Whether expressions read a name."""
    return any(isinstance(part, Ref) and part.name == name for part in parts(*exprs))


def operations(block: Iterable[Statement]) -> list[str]:
    """The operations that a block needs, in the order of their first appearance."""
    found = dict.fromkeys(part.name for part in every_part(block) if isinstance(part, Op))
    return list(found)


def bounds(loop: For) -> tuple[Dimension, ...]:
    """The numbers of a loop as Python's `range` takes them: one, two or three, in their order."""
    first, by = loop.start, loop.by
    stop = loop.length * by + first
    if by != 1:
        return first, stop, by
    return (first, stop) if first != 0 else (stop,)


def element(array: Ref, place: Expr) -> Op:
    """What an array has at a place of its first axis."""
    return Op("index", (array, place), at(array), array.shape[1:], array.dtype)


def at(array: Ref) -> tuple[Any, ...]:
    """The parameters of an operation at one place of an array's first axis."""
    whole = tuple([("slice", 0, length, 1) for length in array.shape[1:]])
    return ((("array", 0), *whole),)
