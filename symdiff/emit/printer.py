"""The printer: expressions by the spellings of a dialect, and statements as it writes them.

What is printed was decided before: here is how it is written, and nothing else.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import TypeVar

from symdiff.emit.dialect import Dialect
from symdiff.emit.idioms import with_idioms
from symdiff.emit.layout import INDENT
from symdiff.emit.lengths import lengths_read, with_own_lengths
from symdiff.emit.names import Names
from symdiff.emit.spell.base import ATOM, UNARY, Operand, Spelling
from symdiff.emit.spell.complex_numbers import complex_text
from symdiff.emit.writers import Writer, call, infix, named, on_lists, prefix, width, written
from symdiff.errors import Span
from symdiff.graph.graph import Graph
from symdiff.graph.nested import every_op
from symdiff.graph.node import BOOL, COMPLEX, INT, Node
from symdiff.ops.checks import check
from symdiff.ops.registry import OPERATIONS
from symdiff.schedule.build import inlined, scheduled
from symdiff.schedule.conditions import WORDS
from symdiff.schedule.program import (
    FULL,
    Break,
    Check,
    Expr,
    For,
    If,
    Let,
    Number,
    Op,
    Other,
    Program,
    Ref,
    Return,
    Statement,
    Together,
    Update,
    While,
    bounds,
    every_part,
    reads,
)
from symdiff.schedule.style import Style
from symdiff.schedule.writes import InPlace

T = TypeVar("T")

LINE_WIDTH = 72  # of an expression; with its name and indent it stays below 88

Line = tuple[str, Span | None]
_Parts = list[str | Sequence[Statement | Line]]


@dataclass(frozen=True, slots=True)
class Printed:
    """A graph as text.

    Attributes:
        lengths: names of dimensions that the texts read.
        lines: statements `name = expression`, in order.
        results: an expression for each output.
        calls: operations and special numbers that are called by a name, each with that name.
        needs: names of helpers and libraries that the texts call beside those.
        spans: for each statement, the place in the source that it comes from.
    """

    lengths: set[str]
    lines: list[str]
    results: list[str]
    calls: dict[str, str]
    needs: set[str]
    spans: list[Span | None]


def print_graph(
    graph: Graph,
    dialect: Dialect,
    parameters: Mapping[str, str],
    names: Names,
    constants: Mapping[Node, str] | None = None,
) -> Printed:
    """The statements and results of a graph.

    Args:
        graph: what to print; every line is needed by an output.
        dialect: how operations and statements are written.
        parameters: the name that stands for each input.
        names: where names of intermediate values come from.
        constants: lines that are defined elsewhere, with the names that they have there.
    """
    printer = Printer(dialect, names)
    graph = with_idioms(with_own_lengths(graph, names), dialect.table)
    program = scheduled(graph, printer.style(prints_drafts=True), parameters, constants)
    statements, end = list(program.body[:-1]), program.end
    has_lengths = graph.has_arrays or graph.told
    lengths = lengths_read(program.body, dialect) if has_lengths else set[str]()
    said = _said(program) if not WORDS.keys().isdisjoint(every_op(graph)) else {*WORDS}
    del program
    lines = printer.block(_given_away(statements))
    results = printer.results(end)
    calls = {op: name for op, name in printer.calls.items() if op not in WORDS or op in said}
    texts, spans = [line for line, _ in lines], [span for _, span in lines]
    return Printed(lengths, texts, results, calls, printer.needs, spans)


def print_inlined(
    graph: Graph, dialect: Dialect, parameters: Mapping[str, str], longest: int
) -> list[str]:
    """An expression for each output without named values; empty where it would be too long."""
    printer = Printer(dialect, Names(parameters.values()))
    results = inlined(graph, printer.style(), parameters, longest)
    return [printer.expression(result).text if result is not None else "" for result in results]


def _said(program: Program) -> set[str]:
    """The operations of a program: conditions have words in the place of some of the graph's."""
    return {part.name for part in every_part(program.body) if isinstance(part, Op)}


def _given_away(items: list[T]) -> Iterator[T]:
    """Items one after the other; none is held when the next one is asked for."""
    items.reverse()
    while items:
        yield items.pop()


class Printer:
    """Prints expressions and statements by the spellings of one target.

    Args:
        dialect: how operations and statements are written.
        names: where names of functions come from that are called by a name.

    Attributes:
        calls: operations and special numbers that are called by a name, each with that name.
        needs: names of helpers and libraries that what was printed calls beside those.
    """

    def __init__(self, dialect: Dialect, names: Names) -> None:
        self.dialect = dialect
        self.names = names
        self.calls: dict[str, str] = {}
        self.needs: set[str] = set()
        self._writers: dict[str, Writer] = {}
        self._spellings: dict[str, Spelling] = {}

    def style(self, *, prints_drafts: bool = False) -> Style:
        """What a schedule must know of the target, and of what is read of its program."""
        return Style(
            fresh=self.names.fresh,
            name=named,
            number=self.number,
            drafter=self.writer,
            width=width,
            is_missing=lambda op: self.spelling(op).form in ("missing", "loop", "part", "silent"),
            is_itself=lambda op: self.spelling(op).form == "itself",
            repeats=self._repeats,
            in_place=InPlace(lambda op: self.spelling(op).update is not None),
            widest=LINE_WIDTH,
            indent=len(INDENT),
            keeps_names=self.dialect.keeps_names,
            copies_results=self.dialect.keeps_names,
            decides=self.dialect.decides,
            has_own_numbers=self.dialect.has_own_numbers,
            picks=self.dialect.picks,
            prints_drafts=prints_drafts,
        )

    def spelling(self, op: str) -> Spelling:
        """How the target writes an operation."""
        found = self._spellings.get(op)
        if found is None:
            found = self._spellings[op] = self.dialect.spell(op)
        return found

    def _repeats(self, op: str) -> bool:
        spelling = self.spelling(op)
        repeats = spelling.repeats or (spelling.write is None and spelling.form != "itself")
        return self.dialect.each is None and repeats and OPERATIONS[op].is_elementwise

    # --- expressions -----------------------------------------------------------------------------

    def expression(self, root: Expr) -> Operand:
        """The text of an expression, from its leaves up: no depth is too deep."""
        pending, order = [root], list[Expr]()
        while pending:
            expr = pending.pop()
            order.append(expr)
            if type(expr) is Op:
                pending.extend(expr.args)
        found: list[Operand] = []
        for expr in reversed(order):
            if type(expr) is Op:
                first = len(found) - len(expr.args)
                operands = found[first:]
                del found[first:]
                found.append(self.writer(expr.name)(operands, expr.params, expr.shape))
            elif type(expr) is Ref:
                found.append(named(expr.name, expr.shape))
            else:
                found.append(self.number(expr))
        return found[0]

    def number(self, number: Number) -> Operand:
        """A constant, or an array full of it."""
        text, precedence = self._scalar(number)
        if not number.shape:
            return Operand(text, precedence, ())
        one = Operand(text, precedence, ())
        return self.writer(FULL)([one], (number.shape, number.dtype), number.shape)

    def _scalar(self, number: Number) -> tuple[str, int]:
        value = number.value
        if number.dtype == BOOL:
            return self.dialect.truths[value != 0.0], ATOM
        if number.dtype == COMPLEX:
            return complex_text(complex(value)), ATOM
        if number.dtype == INT:
            return str(int(value)), UNARY if value < 0.0 else ATOM
        special = self.dialect.special_numbers.get(value)
        if special is not None:
            return special, ATOM
        if math.isfinite(value):
            return self.dialect.constant(value)
        name = self._called("nan" if math.isnan(value) else "inf")
        return (f"-{name}", UNARY) if value < 0.0 else (name, ATOM)

    def writer(self, op: str) -> Writer:
        """What writes an operation on texts, found once."""
        writer = self._writers.get(op)
        if writer is None:
            writer = self._writer(op)
            if self.dialect.each is not None and self._is_elementwise(op):
                writer = on_lists(writer, self.dialect.each)
            self._writers[op] = writer
        return writer

    def _is_elementwise(self, op: str) -> bool:
        is_itself = self.spelling(op).form == "itself"
        return op in OPERATIONS and OPERATIONS[op].is_elementwise and not is_itself

    def _writer(self, op: str) -> Writer:
        spelling = self.spelling(op)
        if spelling.write is not None:
            if spelling.source:
                self.calls.setdefault(op, spelling.text)
            return written(spelling.write)
        if spelling.form == "infix":
            is_tight = spelling.precedence >= self.dialect.tight
            sign = spelling.text if is_tight else f" {spelling.text} "
            return infix(sign, spelling.precedence)
        if spelling.form == "prefix":
            return prefix(spelling.text, spelling.precedence)
        return call(self._called(op), spelling.precedence or ATOM)

    def _called(self, op: str) -> str:
        """The name by which an operation or a special number is called."""
        name = self.calls.get(op)
        if name is None:
            name = self.calls[op] = self._function(op)
        return name

    def _function(self, op: str) -> str:
        """The function's full name, or a short one that the caller binds to it."""
        if not self.dialect.by_name:
            return self.spelling(op).text
        text = self.spelling(op).text if op in OPERATIONS else ""
        is_private = not text or text[0] == "_"
        return self.names.fresh(op if is_private else text.split(".")[-1])

    # --- statements ------------------------------------------------------------------------------

    def block(self, statements: Iterable[Statement]) -> list[Line]:
        """The lines of statements and of those in them, each with its place in the source."""
        lines: list[Line] = []
        write, nothing = self.dialect.statements.let.format, self.dialect.statements.nothing
        pending: list[Iterator[tuple[Statement | Line, str]]] = [zip(statements, repeat(""))]
        while pending:
            for statement, margin in pending[-1]:
                if isinstance(statement, Let):  # most of them
                    name, value, span, draft = statement
                    text, _, _, needs = draft or self.expression(value)
                    if needs:
                        self.needs.update(needs)
                    lines.append((margin + write(name, text), span))
                elif isinstance(statement, tuple):
                    text, span = statement
                    lines.append((margin + text, span))
                else:
                    pending.append(iter(self._parts(statement, margin, nothing)))
                    break
            else:
                pending.pop()
        return lines

    def _parts(
        self, statement: Other, margin: str, nothing: str
    ) -> list[tuple[Statement | Line, str]]:
        """The lines of a statement and the statements in it, each with its indent."""
        parts: list[tuple[Statement | Line, str]] = []
        for part in self._statement(statement):
            if isinstance(part, str):
                span = None if part == self.dialect.statements.otherwise else statement.span
                parts.append(((part, span), margin))
                continue
            inside = part or [(nothing, statement.span)] * bool(nothing)
            parts += [(inner, margin + INDENT) for inner in inside]
        return parts

    def _statement(self, statement: Other) -> _Parts:
        """Lines, and the blocks between them."""
        words = self.dialect.statements
        end = [words.end] * bool(words.end)
        match statement:
            case Update():
                return [self._update(statement)]
            case Together(lets):
                names = ", ".join([let.name for let in lets])
                return [words.let.format(names, self._listed([let.value for let in lets]))]
            case For(counter, _, direction, body):
                read = reads(body) | lengths_read(body, self.dialect)
                counter = counter if counter in read else words.unread
                return [words.counting(counter, bounds(statement), direction), body, *end]
            case While(condition, body):
                return [words.repeat.format(self.text(condition)), body, *end]
            case Break(unless):
                found = self.expression(unless)
                self.needs.update(found.needs)
                head = words.unless.format(found.beside(ATOM - 1))
                return [head, [(words.leave, statement.span)], *end]
            case If():
                return [*self._if(statement), *end]
            case Check():
                return [*self._check(statement), *end]
            case Return(results):
                return [words.back.format(self._listed(results))]

    def results(self, statement: Return) -> list[str]:
        """The texts of what a program returns."""
        drafts = statement.drafts or repeat(None)
        return [self.text(*one) for one in zip(statement.results, drafts, strict=False)]

    def text(self, expr: Expr, draft: Operand | None = None) -> str:
        """The text of an expression that is printed, with what it calls."""
        found = draft or self.expression(expr)
        self.needs.update(found.needs)
        return found.text

    def _listed(self, exprs: Sequence[Expr]) -> str:
        return ", ".join(map(self.text, exprs))

    def _update(self, statement: Update) -> str:
        """By the target's statement, or an operator before the sign of equality."""
        name, value = statement.name, statement.value
        spelling = self.spelling(value.name)
        others = [self.expression(argument) for argument in value.args[1:]]
        self.needs.update(*[other.needs for other in others])
        if spelling.update is None:
            return self.dialect.statements.update.format(name, spelling.text, others[0].text)
        array = named(name, value.args[0].shape)
        return spelling.update([array, *others], *value.params)

    def _if(self, statement: If) -> _Parts:
        """With the choices that are all there is in the other case behind it."""
        words = self.dialect.statements
        parts: _Parts = [words.choose.format(self.text(statement.condition)), statement.then]
        otherwise = statement.otherwise
        while len(otherwise) == 1:
            match otherwise[0]:
                case If(condition, then, otherwise):
                    parts += [words.choose_next.format(self.text(condition)), then]
                case _:
                    break
        if otherwise:
            parts += [words.otherwise, otherwise]
        return parts

    def _check(self, statement: Check) -> _Parts:
        """In a body for floats and arrays alike, of all elements."""
        condition = self.text(statement.condition)
        values = [self.text(value) for value in statement.values]
        if self.spelling(check.name).text:
            where, condition = condition, f"{self._called(check.name)}({condition})"
            values = [f"{self._called('first_where')}({value}, {where})" for value in values]
        words = self.dialect.statements
        raising = words.raising(statement.error, statement.message, values)
        return [words.choose.format(condition), [(raising, statement.span)]]
