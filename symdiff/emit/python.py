"""The printer of Python: expressions by a target's spellings, and statements.

What is printed was decided before: here is how it is written, and nothing else.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from symdiff.emit.layout import INDENT
from symdiff.emit.names import Names
from symdiff.emit.spell.base import (
    ATOM,
    COMPARISON,
    NAME,
    POWER,
    UNARY,
    Operand,
    Spelling,
    Write,
)
from symdiff.emit.target import Each, Target
from symdiff.errors import Span
from symdiff.graph.graph import Graph
from symdiff.graph.node import BOOL, INT, Node
from symdiff.graph.shape import Shape
from symdiff.ops.checks import Message, check
from symdiff.ops.registry import OPERATIONS
from symdiff.schedule.build import inlined, scheduled
from symdiff.schedule.program import (
    FULL,
    Block,
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
    reads,
)
from symdiff.schedule.style import Style

LINE_WIDTH = 72  # of an expression; with its name and indent it stays below 88

_OPERAND = tuple.__new__  # an `Operand` for each line: its own `__new__` takes twice as long

# (operands, params, shape of the result) -> the text and its precedence
Writer = Callable[[Sequence[Operand], tuple[Any, ...], Shape], Operand]
Line = tuple[str, Span | None]
_Blocks = Sequence[tuple[str, Sequence[Statement | Line]]]


@dataclass(frozen=True, slots=True)
class Printed:
    """A graph as text.

    Attributes:
        program: what is printed.
        lines: statements `name = expression`, in order.
        results: an expression for each output.
        calls: operations and special numbers that are called by a name, each with that name.
        spans: for each statement, the place in the source that it comes from.
    """

    program: Program
    lines: list[str]
    results: list[str]
    calls: dict[str, str]
    spans: list[Span | None]


def print_graph(
    graph: Graph,
    target: Target,
    parameters: Mapping[str, str],
    names: Names,
    constants: Mapping[Node, str] | None = None,
) -> Printed:
    """The statements and results of a graph.

    Args:
        graph: what to print; every line is needed by an output.
        target: how operations are written.
        parameters: the name that stands for each input.
        names: where names of intermediate values come from.
        constants: lines that are defined elsewhere, with the names that they have there.
    """
    printer = Printer(target, names)
    program = scheduled(graph, printer.style(), parameters, constants)
    lines = printer.block(program.body[:-1])
    return Printed(
        program,
        [line for line, _ in lines],
        [printer.expression(result).text for result in program.results],
        printer.calls,
        [span for _, span in lines],
    )


def print_inlined(
    graph: Graph, target: Target, parameters: Mapping[str, str], longest: int
) -> list[str]:
    """An expression for each output without named values; empty where it would be too long."""
    printer = Printer(target, Names(parameters.values()))
    results = inlined(graph, printer.style(), parameters, longest)
    return [printer.expression(result).text if result is not None else "" for result in results]


class Printer:
    """Prints expressions and statements by the spellings of one target.

    Args:
        target: how operations are written.
        names: where names of functions come from that are called by a name.

    Attributes:
        calls: operations and special numbers that are called by a name, each with that name.
    """

    def __init__(self, target: Target, names: Names) -> None:
        self.target = target
        self.names = names
        self.calls: dict[str, str] = {}
        self._writers: dict[str, Writer] = {}
        self._spellings: dict[str, Spelling] = {}

    def style(self) -> Style:
        """What a schedule must know of the target."""
        return Style(
            fresh=self.names.fresh,
            name=_named,
            number=self.number,
            drafter=self.writer,
            width=_width,
            is_missing=lambda op: self.spelling(op).form in ("missing", "loop", "part", "silent"),
            is_itself=lambda op: self.spelling(op).form == "itself",
            repeats=self._repeats,
            in_place=lambda op: self.spelling(op).update is not None,
            widest=LINE_WIDTH,
            indent=len(INDENT),
            keeps_names=self.target.keeps_names,
            copies_results=self.target.keeps_names,
        )

    def spelling(self, op: str) -> Spelling:
        """How the target writes an operation."""
        found = self._spellings.get(op)
        if found is None:
            found = self._spellings[op] = self.target.spell(op)
        return found

    def _repeats(self, op: str) -> bool:
        spelling = self.spelling(op)
        repeats = spelling.repeats or (spelling.write is None and spelling.form != "itself")
        return self.target.each is None and repeats and OPERATIONS[op].is_elementwise

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
                found.append(_named(expr.name, expr.shape))
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
            return str(value != 0.0), ATOM
        if number.dtype == INT:
            return str(int(value)), UNARY if value < 0.0 else ATOM
        special = self.target.special_numbers.get(value)
        if special is not None:
            return special, ATOM
        if math.isfinite(value):
            return self.target.constant(value)
        name = self._called("nan" if math.isnan(value) else "inf")
        return (f"-{name}", UNARY) if value < 0.0 else (name, ATOM)

    def writer(self, op: str) -> Writer:
        """What writes an operation on texts, found once."""
        writer = self._writers.get(op)
        if writer is None:
            writer = self._writer(op)
            if self.target.each is not None and self._is_elementwise(op):
                writer = _on_lists(writer, self.target.each)
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
            return _written(spelling.write)
        if spelling.form == "infix":
            is_tight = spelling.precedence >= self.target.tight
            sign = spelling.text if is_tight else f" {spelling.text} "
            return _infix(sign, spelling.precedence)
        if spelling.form == "prefix":
            return _prefix(spelling.text, spelling.precedence)
        return _call(self._called(op), spelling.precedence or ATOM)

    def _called(self, op: str) -> str:
        """The name by which an operation or a special number is called."""
        name = self.calls.get(op)
        if name is None:
            name = self.calls[op] = self._function(op)
        return name

    def _function(self, op: str) -> str:
        """The function's full name, or a short one that the caller binds to it."""
        if not self.target.by_name:
            return self.spelling(op).text
        text = self.spelling(op).text if op in OPERATIONS else ""
        is_private = not text or text[0] == "_"
        return self.names.fresh(op if is_private else text.split(".")[-1])

    # --- statements ------------------------------------------------------------------------------

    def block(self, statements: Block) -> list[Line]:
        """The lines of statements and of those in them, each with its place in the source."""
        lines: list[Line] = []
        pending: list[tuple[Statement | Line, str]] = [(s, "") for s in reversed(statements)]
        while pending:
            statement, margin = pending.pop()
            if isinstance(statement, Let):  # most of them
                text = (statement.draft or self.expression(statement.value)).text
                lines.append((f"{margin}{statement.name} = {text}", statement.span))
                continue
            if isinstance(statement, tuple):
                text, span = statement
                lines.append((margin + text, span))
                continue
            head, blocks = self._statement(statement)
            lines.append((margin + head, statement.span))
            for word, block in reversed(blocks):
                inside = block or (("pass", statement.span),)
                pending += [(inner, margin + INDENT) for inner in reversed(inside)]
                pending += [((word, statement.span), margin)] * bool(word)
        return lines

    def _statement(self, statement: Other) -> tuple[str, _Blocks]:
        """The first line, and the blocks behind it, each with the line that stands before it."""
        match statement:
            case Update():
                return self._update(statement), ()
            case Together(lets):
                names = ", ".join([let.name for let in lets])
                return f"{names} = {self._listed([let.value for let in lets])}", ()
            case For():
                return _for(statement), [("", statement.body)]
            case While(condition, body):
                return f"while {self.expression(condition).text}:", [("", body)]
            case If():
                return self._if(statement)
            case Check():
                return self._check(statement)
            case Return(results):
                return f"return {self._listed(results)}", ()

    def _listed(self, exprs: Sequence[Expr]) -> str:
        return ", ".join([self.expression(expr).text for expr in exprs])

    def _update(self, statement: Update) -> str:
        """By the target's statement, or an operator before the sign of equality."""
        name, value = statement.name, statement.value
        spelling = self.spelling(value.name)
        others = [self.expression(argument) for argument in value.args[1:]]
        if spelling.update is None:
            return f"{name} {spelling.text}= {others[0].text}"
        array = _named(name, value.args[0].shape)
        return spelling.update([array, *others], *value.params)

    def _if(self, statement: If) -> tuple[str, _Blocks]:
        """With the choices that are all there is in the other case behind it."""
        head = f"if {self.expression(statement.condition).text}:"
        blocks: list[tuple[str, Sequence[Statement | Line]]] = [("", statement.then)]
        otherwise = statement.otherwise
        while len(otherwise) == 1:
            match otherwise[0]:
                case If(condition, then, otherwise):
                    blocks.append((f"elif {self.expression(condition).text}:", then))
                case _:
                    break
        return head, [*blocks, *[("else:", otherwise)] * bool(otherwise)]

    def _check(self, statement: Check) -> tuple[str, _Blocks]:
        """In a body for floats and arrays alike, of all elements."""
        condition = self.expression(statement.condition).text
        values = [self.expression(value).text for value in statement.values]
        if self.spelling(check.name).text:
            where, condition = condition, f"{self._called(check.name)}({condition})"
            values = [f"{self._called('first_where')}({value}, {where})" for value in values]
        text = _quoted(statement.message, values) if statement.message else ""
        raising = f"raise {statement.error}{f'({text})' if text else ''}"
        return f"if {condition}:", [("", ((raising, statement.span),))]


def _named(name: str, shape: Shape) -> Operand:
    return _OPERAND(Operand, (name, NAME, shape))


def _width(draft: Operand) -> int:
    return len(draft.text)


def _for(loop: For) -> str:
    counter = loop.counter if loop.counter in reads(loop.body) else "_"
    steps = f"range({loop.length})"
    return f"for {counter} in {steps if loop.direction > 0 else f'reversed({steps})'}:"


def _quoted(message: Message, values: Sequence[str]) -> str:
    """A literal, with values in it where the message has some."""
    if not any(isinstance(piece, tuple) for piece in message):
        return _literal("".join(map(str, message)))
    text = "".join([_field(piece, values) for piece in message])
    return f"f{_literal(text)}"


def _field(piece: str | tuple[int, str, str], values: Sequence[str]) -> str:
    if isinstance(piece, str):
        return piece.replace("{", "{{").replace("}", "}}")
    number, conversion, spec = piece
    shown = f"!{conversion}" * bool(conversion) + f":{spec}" * bool(spec)
    return f"{{{values[number]}{shown}}}"


def _literal(text: str) -> str:
    """Between double quotes where there is none in it."""
    literal = repr(text)
    if '"' in text:
        return literal
    inside = literal[1:-1].replace("\\'", "'")
    return f'"{inside}"'


# --- writers -------------------------------------------------------------------------------------


def _written(write: Write) -> Writer:
    def writer(operands: Sequence[Operand], params: tuple[Any, ...], shape: Shape) -> Operand:
        text, precedence = write(operands, *params)
        return Operand(text, precedence, shape)

    return writer


def _on_lists(on_numbers: Writer, each: Each) -> Writer:
    def writer(operands: Sequence[Operand], params: tuple[Any, ...], shape: Shape) -> Operand:
        if not shape:
            return on_numbers(operands, params, shape)
        return each(lambda numbers: on_numbers(numbers, params, ()), operands, shape)

    return writer


def _infix(sign: str, own: int) -> Writer:
    """An operator: what binds looser, or as tightly on the wrong side, stands in parentheses."""
    least_left = own + 1 if own in (COMPARISON, POWER) else own
    least_right = own if own == POWER else own + 1

    def writer(operands: Sequence[Operand], _: tuple[Any, ...], shape: Shape) -> Operand:
        (a, left, _), (b, right, _) = operands
        if left < least_left:
            a = f"({a})"
        if right < least_right:
            b = f"({b})"
        return _OPERAND(Operand, (f"{a}{sign}{b}", own, shape))

    return writer


def _prefix(sign: str, own: int) -> Writer:
    def writer(operands: Sequence[Operand], _: tuple[Any, ...], shape: Shape) -> Operand:
        ((a, inner, _),) = operands
        return Operand(f"{sign}({a})" if inner < own else f"{sign}{a}", own, shape)

    return writer


def _call(name: str, own: int) -> Writer:
    def writer(operands: Sequence[Operand], params: tuple[Any, ...], shape: Shape) -> Operand:
        arguments = [*map(repr, params), *[operand.text for operand in operands]]
        return Operand(f"{name}({', '.join(arguments)})", own, shape)

    return writer
