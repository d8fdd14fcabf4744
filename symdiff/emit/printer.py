"""The printer: expressions by the spellings of a dialect, and statements as it writes them.

What is printed was decided before: here is how it is written, and nothing else.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import repeat

from symdiff.emit.dialect import Dialect
from symdiff.emit.layout import INDENT
from symdiff.emit.lengths import lengths_read
from symdiff.emit.names import Names
from symdiff.emit.spell.base import ATOM, NAME, UNARY, Operand, Spelling
from symdiff.emit.spell.complex_numbers import complex_text
from symdiff.emit.writers import (
    Text,
    Writer,
    call,
    infix,
    named,
    on_lists,
    operand,
    prefix,
    width,
    written,
)
from symdiff.errors import Span
from symdiff.graph.node import BOOL, COMPLEX, INT
from symdiff.ops.checks import check
from symdiff.ops.registry import OPERATIONS
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
    Ref,
    Return,
    Statement,
    Together,
    Update,
    While,
    Written,
    bounds,
    reads,
)
from symdiff.schedule.style import Style
from symdiff.schedule.writes import InPlace

LINE_WIDTH = 72  # of an expression; with its name and indent it stays below 88

Line = tuple[str, Span | None]
_Parts = list[str | Sequence[Statement | Line]]


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
        self._let = dialect.statements.let.split("{}")
        self._writers: dict[str, Writer] = {}
        self._spellings: dict[str, Spelling] = {}

    def style(self, *, prints_drafts: bool = False) -> Style:
        """What a schedule must know of the target, and of what is read of its program."""
        return Style(
            fresh=self.names.fresh,
            name=named,
            number=self.number,
            drafter=self.writer,
            let=self.let,
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
        found: list[Text] = []
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
        return operand(found[0])

    def number(self, number: Number) -> Text:
        """A constant, or an array full of it."""
        text, precedence = self._scalar(number)
        one = (text, precedence, (), ())
        if not number.shape:
            return one
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

    def let(self, name: str, value: Text) -> tuple[str, Text]:
        """The line that gives a name a value, and the name as an operand."""
        text, _, shape, needs = value
        if needs:
            self.needs.update(needs)
        head, sign, end = self._let
        return f"{head}{name}{sign}{text}{end}", (name, NAME, shape, ())

    def block(self, statements: Iterable[Statement]) -> tuple[list[str], list[Span | None]]:
        """The lines of statements and of those in them, and the place of each in the source."""
        lines, spans = list[str](), list[Span | None]()
        nothing = self.dialect.statements.nothing
        pending: list[Iterator[tuple[Statement | Line, str]]] = [zip(statements, repeat(""))]
        while pending:
            for statement, margin in pending[-1]:
                if isinstance(statement, Let):  # most of them
                    name, value, span, draft = statement
                    line, _ = self.let(name, draft or self.expression(value))
                    lines.append(margin + line)
                    spans.append(span)
                elif isinstance(statement, tuple):
                    text, span = statement
                    lines.append(margin + text)
                    spans.append(span)
                elif isinstance(statement, Written):
                    lines += statement.drafts
                    spans += statement.spans
                else:
                    pending.append(iter(self._parts(statement, margin, nothing)))
                    break
            else:
                pending.pop()
        return lines, spans

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

    def text(self, expr: Expr, draft: Text | None = None) -> str:
        """The text of an expression that is printed, with what it calls."""
        text, _, _, needs = draft or self.expression(expr)
        self.needs.update(needs)
        return text

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
        array = operand(named(name, value.args[0].shape))
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
