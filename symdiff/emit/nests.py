"""Printing of nests: which names are declared where, and the statements of C."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from symdiff.emit.dialect import Dialect
from symdiff.emit.names import Names
from symdiff.emit.printer import Line, Printer
from symdiff.emit.vectors import with_vectors
from symdiff.errors import Span
from symdiff.graph.node import INT
from symdiff.graph.shape import Dim
from symdiff.schedule.nests.nest import Known, Nests
from symdiff.schedule.program import (
    Block,
    Check,
    Expr,
    For,
    If,
    Let,
    Number,
    Op,
    Ref,
    Return,
    Statement,
    While,
    bounds,
    expressions,
    mapped,
    statements,
)

_Parts = list[str | Sequence[Statement | Line]]


@dataclass(frozen=True, slots=True)
class Declare:
    """Gives a new name a value, in the block that it stands in.

    Attributes:
        let: the name and the value.
        is_kept: whether it has no other value later.
    """

    let: Let
    is_kept: bool

    @property
    def span(self) -> Span | None:
        """The place in the source."""
        return self.let.span


@dataclass(frozen=True, slots=True)
class PrintedNests:
    """Nests as text.

    Attributes:
        lines: the statements, with the declarations of names that change before them.
        results: an expression for each result that is a number.
        calls: the operations that are called by a name.
        needs: the helpers of the table that the text calls.
        reads: the names that the text reads, of parameters and lengths too.
        errors: what the checks say, in the order of their numbers from 1 on.
    """

    lines: list[str]
    results: list[str]
    calls: dict[str, str]
    needs: set[str]
    reads: frozenset[str]
    errors: list[tuple[str, str]]


def print_nests(nests: Nests, dialect: Dialect, names: Names) -> PrintedNests:
    """The statements and results of nests in C."""
    body = of_kinds(with_vectors(nests.body, dialect.table))
    changing, body = _declared(body)
    printer = CPrinter(dialect, names)
    last = body[-1]
    assert isinstance(last, Return)  # by construction
    lines = [printer.declared(name, kind) for name, kind in changing.items()]
    lines += [_table(known, printer) for known in nests.known]
    lines += printer.block(body[:-1])[0]
    results = [printer.text(result) for result in last.results]
    reads = names_read(body)
    return PrintedNests(lines, results, printer.calls, printer.needs, reads, printer.errors)


def _table(known: Known, printer: Printer) -> str:
    """The declaration of an array of known numbers."""
    numbers = known.numbers or (0.0,)
    texts = [printer.number(Number(number, (), known.dtype))[0] for number in numbers]
    kind = printer.dialect.types[known.dtype]
    return f"static const {kind} {known.name}[{len(numbers)}] = {{{', '.join(texts)}}};"


class CPrinter(Printer):
    """Prints nests in C.

    Attributes:
        errors: of each check so far, the exception's class and what it says.
    """

    def __init__(self, dialect: Dialect, names: Names) -> None:
        super().__init__(dialect, names)
        self.errors: list[tuple[str, str]] = []

    def declared(self, name: str, dtype: str) -> str:
        """The declaration of a name that is given other values later."""
        return f"{self.dialect.types[dtype]} {name} = {self.number(Number(0.0, (), dtype))[0]};"

    def _statement(self, statement: Any) -> _Parts:  # with declarations among them
        match statement:
            case Declare(Let(name, value), is_kept):
                kind = f"{'const ' * is_kept}{self.dialect.types[value.dtype]}"
                return [f"{kind} {name} = {self.text(value)};"]
            case For():
                return [_counting(statement), statement.body, "}"]
            case While(condition, body):
                return [f"while ({self.text(condition)}) {{", body, "}"]
        return super()._statement(statement)

    def _check(self, statement: Check) -> _Parts:
        said = "".join([piece if isinstance(piece, str) else "..." for piece in statement.message])
        self.errors.append((statement.error, said))
        leaving = f"return {len(self.errors)};"
        condition = self.text(statement.condition)
        return [self.dialect.statements.choose.format(condition), [(leaving, statement.span)]]


def _counting(loop: For) -> str:
    """The first line of a loop over numbers."""
    i, by = loop.counter, loop.by
    first, stop, *_ = (0, *bounds(loop)) if len(bounds(loop)) == 1 else bounds(loop)
    if loop.direction < 0:
        last = stop - by
        return f"for (ptrdiff_t {i} = {last}; {_goes(i, '>=', '<=', first, by)}; {i} -= {by}) {{"
    step = f"{i}++" if by == 1 else f"{i} += {by}"
    return f"for (ptrdiff_t {i} = {first}; {_goes(i, '<', '>', stop, by)}; {step}) {{"


def _goes(i: str, up: str, down: str, end: Any, by: Any) -> str:
    """The condition of a loop; of steps whose sign is not known both are asked."""
    if isinstance(by, Dim):
        return f"{by} > 0 ? {i} {up} {end} : {i} {down} {end}"
    return f"{i} {up if by > 0 else down} {end}"


# --- kinds ---------------------------------------------------------------------------------------

_OF_WHOLE = frozenset(
    "remainder floor_divide fmod power maximum minimum clip absolute sign share".split()
)


def of_kinds(block: Block) -> Block:
    """With functions of whole numbers under their own names."""
    return mapped(block, _of_kind)


def _of_kind(expr: Expr) -> Expr:
    if not isinstance(expr, Op):
        return expr
    args = tuple(map(_of_kind, expr.args))
    is_own = expr.dtype == INT and expr.name in _OF_WHOLE
    name = f"{expr.name}_{INT}" if is_own else expr.name
    if name == "as_int64" and args[0].dtype != "float64":
        return Op("as_whole", args, (), (), INT)
    return expr._replace(name=name, args=args)


# --- declarations --------------------------------------------------------------------------------


def _declared(block: Block) -> tuple[dict[str, str], Block]:
    """The names that are declared before all statements, and the block that declares the others.

    A name is declared where it is first given a value, if that is in the outermost block that has
    it; else, as where both ways of a branch give it one, before all statements.
    """
    lets = [s for s in statements(block) if isinstance(s, Let)]
    scopes = _Scopes(Counter(let.name for let in lets), _count(block))
    body = scopes.placed(block)
    changing = {let.name: let.value.dtype for let in lets if let.name not in scopes.declared}
    return changing, body


class _Scopes:
    """Which block declares a name.

    Args:
        given: how often each name is given a value.
        read: how often it is read.

    Attributes:
        declared: the names that a block declares.
    """

    def __init__(self, given: Mapping[str, int], read: Mapping[str, int]) -> None:
        self.given = given
        self.read = read
        self.declared = set[str]()

    def placed(self, block: Block) -> Block:
        """The block with declarations."""
        own = self._own(block)
        found: list[Any] = []
        for statement in block:
            match statement:
                case Let(name=name) if name in own:
                    found.append(Declare(statement, self.given[name] == 1))
                    own.discard(name)
                case For(body=body) | While(body=body):
                    found.append(replace(statement, body=self.placed(body)))
                case If(then=then, otherwise=otherwise):
                    then, otherwise = self.placed(then), self.placed(otherwise)
                    found.append(replace(statement, then=then, otherwise=otherwise))
                case _:
                    found.append(statement)
        return tuple(found)

    def _own(self, block: Block) -> set[str]:
        """The names that the block sets first, and that nothing outside of it has."""
        names = {s.name for s in block if isinstance(s, Let)} - self.declared
        if not names:
            return set()
        read, given = list[str](), list[str]()
        seen, first = set[str](), set[str]()
        for statement in block:
            before = _names((statement,))
            lets = [s.name for s in statements((statement,)) if isinstance(s, Let)]
            if isinstance(statement, Let) and statement.name not in seen:
                first.update({statement.name}.difference(before))
            seen.update(before, lets)
            read += before
            given += lets
        reads, sets = Counter(read), Counter(given)
        own = {n for n in names & first if (reads[n], sets[n]) == (self.read[n], self.given[n])}
        self.declared |= own
        return own


def _count(block: Block) -> Counter[str]:
    """How often names are read."""
    return Counter(_names(block))


def names_read(block: Block) -> frozenset[str]:
    """The names in a block, of lengths too."""
    return frozenset(_names(block))


def _names(block: Block) -> list[str]:
    found: list[str] = []
    for statement in statements(block):
        plain = statement.let if isinstance(statement, Declare) else statement
        lengths = [*bounds(plain)] if isinstance(plain, For) else []
        pending = [*expressions(plain)]
        while pending:
            part = pending.pop()
            if type(part) is Ref:
                found.append(part.name)
                lengths += part.shape[1:]
            elif type(part) is Op:
                pending += part.args
                lengths += part.params
                lengths += part.shape[1:]
        for length in lengths:
            if isinstance(length, Dim):
                found += length.names
    return found
