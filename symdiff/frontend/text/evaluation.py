"""Evaluation of a program's expressions: as lines, as what names hold, and as what a loop takes."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Sequence
from types import CellType
from typing import Any, NamedTuple, NoReturn

from symdiff.errors import ParseError, Span, SymdiffError
from symdiff.frontend.lowering.base import truth_of
from symdiff.frontend.staging.signals import Signal
from symdiff.frontend.staging.sources import ITERATING
from symdiff.frontend.staging.undecided import Undecided, refusal
from symdiff.frontend.text.arguments import position
from symdiff.frontend.text.constants import CONSTANTS
from symdiff.frontend.text.options import Limits
from symdiff.frontend.text.parser import Parser
from symdiff.frontend.text.reading import Item
from symdiff.frontend.text.scope import Scope, declare
from symdiff.frontend.text.statements import (
    Block,
    Statement,
    bound_by,
    every,
    name_of,
    names_in,
    used_as_places,
)
from symdiff.frontend.text.tokens import Token, Words, arguments_of_call
from symdiff.frontend.tracing.array import PYTHONS, TRACERS, ArrayTracer
from symdiff.frontend.tracing.length import Length
from symdiff.frontend.tracing.recorder import Recorder
from symdiff.frontend.tracing.running import active
from symdiff.frontend.tracing.storage import Buffer
from symdiff.frontend.tracing.trace import Trace
from symdiff.frontend.tracing.values import numpy
from symdiff.graph.node import BOOL, INT
from symdiff.ops.builder import Builder
from symdiff.ops.handle import Handle

_KINDS = {BOOL: bool, INT: int}  # of a line, Python's class


class Variables(Scope):
    """The names of a program.

    Attributes:
        values: by name: a number, the length of an axis, or a tracer.
        whole: those that may hold whole numbers, for places in arrays.
        is_running: whether the program is carried out; else its inputs are looked for.
    """

    def __init__(self, text: str, parser: Parser) -> None:
        super().__init__(text, parser.builder, parser.lengths)
        self.values: dict[str, Any] = {}
        self.whole: set[str] = set()
        self.is_running = False

    def find(self, written: str, start: int) -> int:
        """The line of what a name holds, in the trace that runs."""
        if not self.is_running:
            return super().find(written, start)
        span = Span(start, start + len(written))
        name = self.normal(written, span)
        if name not in self.values:
            if name in self.assigned:
                self._refuse(span, f"'{name}' has no value here", "give it one before")
            return super().find(written, start)
        value = self.values[name]
        if isinstance(value, Undecided):
            self._refuse_undecided(value, span)
        self._builder.span = span
        if isinstance(value, Length):
            return self._length(value.dim)
        if type(value) in TRACERS:
            return running().handle(value).at
        return self._builder.constant(float(value))

    def is_known(self, written: str) -> bool:
        """Whether a name has been met."""
        return written in self.values or super().is_known(written)

    def _refuse_undecided(self, value: Undecided, span: Span) -> NoReturn:
        """Refuse to read what two ways leave as two things; both places are named."""
        error = refusal(value, "")
        place = "" if error.span is None else f" in line {error.span.line}"
        self._refuse(span, f"{error.message}{place}, and is read here", error.suggestion)

    def _refuse(self, span: Span, message: str, advice: str | None) -> NoReturn:
        raise ParseError(message, text=self._text, span=span, suggestion=advice)


class ProgramParser(Parser):
    """Reads the expressions of a program.

    Attributes:
        names: those of the program.
    """

    def __init__(self, text: str, builder: Builder, limits: Limits) -> None:
        super().__init__(text, builder, limits)
        self.scope = self.names = Variables(text, self)

    def place(self, key: Any) -> Any:
        """An index; where the way is not taken that reads it, one that is there."""
        return running().memory.key(tracers(key)) if self.names.is_running else key


class Code(NamedTuple):
    """What the recorder knows a block by, as it knows a function by its code.

    Attributes:
        place: where it stands in the text.
        co_freevars: the names that it reads.
        co_firstlineno: its line.
        co_names: what it calls of the recorder's.
        co_consts: the codes in it, of which it calls all by itself.
    """

    place: int
    co_freevars: Sequence[str]
    co_firstlineno: int
    co_filename: str = ""
    co_names: Sequence[str] = ()
    co_consts: Sequence[object] = ()


class Part:
    """A block as the recorder takes it: a function, with what it asks of one.

    Args:
        run: carries the block out.
        code: what it is known by.
        names: those of the program.
    """

    def __init__(self, run: Callable[..., Signal | None], code: Code, names: Variables) -> None:
        self._run, self._names = run, names
        self.__code__ = code

    @property
    def __closure__(self) -> Sequence[CellType]:
        """What the names hold now."""
        held = self._names.values
        return [CellType(held[n]) if n in held else CellType() for n in self.__code__.co_freevars]

    def __call__(self, *item: Any) -> Signal | None:
        """Carry the block out; how it ends."""
        return self._run(*item)


# --- between lines and tracers -----------------------------------------------------------------


def running() -> Recorder:
    """The trace that runs."""
    trace = active()
    assert trace is not None  # it has begun with the program
    return trace


def tracer(handle: Handle, argument: str = "") -> Any:
    """The tracer of a line, in memory of its own: of a number as Python's numbers have it."""
    trace = running()
    dtype = numpy().dtype(handle.dtype)
    kind = ArrayTracer if handle.shape else PYTHONS[_KINDS.get(handle.dtype, float)]
    return kind(trace, Buffer(trace, handle, dtype, argument))


def number_of(value: Any) -> Any:
    """What a name holds, where a length is a number as others are."""
    return tracer(running().handle(value)) if isinstance(value, Length) else value


def tracers(key: Any) -> Any:
    """An index with tracers in the place of lines."""
    if isinstance(key, Handle):
        return tracer(key)
    if isinstance(key, (tuple, list)):
        return type(key)([tracers(part) for part in key])
    if isinstance(key, slice):
        return slice(*[tracers(part) for part in (key.start, key.stop, key.step)])
    return key


# --- expressions -------------------------------------------------------------------------------

_WHOLE = frozenset(("+", "-", "*", "//", "%", "**", "^", "(", ")", ","))
_WHOLE_CALLS = frozenset(("len", "size"))
_SOURCES = {function.__name__: make for function, make in ITERATING.items()}


class Evaluation:
    """The expressions of a program. As the user's code of a trace, it says the places of lines.

    Args:
        text: the program.
        limits: how large it may be.
        first: its first word.

    Attributes:
        trace: the outermost one.
        names: what they hold.
        here: the first word of the statement that is carried out.
    """

    def __init__(self, text: str, limits: Limits, first: Token) -> None:
        self.text = text
        self.trace = Trace(limits.nodes)
        self.trace.code = self
        self.parser = ProgramParser(text, self.trace.builder, limits)
        self.names = self.parser.names
        self.here = first
        self._starts = [0, *[match.end() for match in re.finditer(r"\r\n?|\n", text)]]

    def refuse(self, place: Token | Span, message: str, suggestion: str | None = None) -> NoReturn:
        """Refuse something."""
        span = place.span if isinstance(place, Token) else place
        raise ParseError(message, text=self.text, span=span, suggestion=suggestion)

    # --- as the user's code of a trace -------------------------------------------------------

    def span(self) -> Span:
        """The place of the statement that is carried out."""
        return self._lined(self.here.span)

    def name(self) -> None:
        """A value gets its name when it is stored."""

    def unpacked(self) -> tuple[str | None, ...]:
        """Nothing is unpacked."""
        return ()

    def caught(self, *_: Any) -> None:
        """A text catches nothing."""

    def _lined(self, span: Span) -> Span:
        return span._replace(line=bisect_right(self._starts, span.start))

    # --- inputs ------------------------------------------------------------------------------

    def find_inputs(self, program: Block) -> None:
        """Make an input of each name that is read before it is bound, in their order."""
        constants: set[str] = set()
        for statement in every(program):
            if statement.kind == "declare":
                self._declare(statement, program)
                continue
            read = [name for words in statement.reads for name in names_in(words)]
            for token in sorted(read, key=lambda token: token.start):
                name = self.names.normal(token.text, token.span)
                if name not in self.names.assigned:
                    self.names.find(token.text, token.start)
                    constants |= {name} & CONSTANTS.keys()
            self._find_bound(statement, constants)
        for name, at in self.names.inputs.items():
            self.trace.names.add(name)
            self.names.values[name] = tracer(self.trace.builder.handle(at), name)
        self.names.whole = used_as_places(program)
        self.names.is_running = True

    def _declare(self, statement: Statement, program: Block) -> None:
        if statement not in program:
            self.refuse(statement.first, "an input is declared inside of a block")
        declare(self.parser, self.names, statement.reads[0][:-1])

    def _find_bound(self, statement: Statement, constants: set[str]) -> None:
        """Note the names that a statement binds, which may be no inputs."""
        if statement.kind == "store" and name_of(statement.reads[1][0]) not in self.names.assigned:
            array = statement.reads[1][0]
            advice = f"copy it first: {array.text}_new = copy({array.text})"
            self.refuse(array, f"'{array.text}' is an input and cannot be changed", advice)
        for token in bound_by(statement):
            name = self.names.assignable(token.text, token.span)
            if name in constants:
                self.refuse(token, f"'{name}' is a number before it is given a value here")
            self.names.assigned.add(name)

    # --- expressions -------------------------------------------------------------------------

    def item(self, words: Words) -> Item:
        """An expression as an operand, in the trace that runs."""
        builder = running().builder
        before = len(builder.nodes)
        self.parser.take(words, builder)
        try:
            return self.parser.expression()
        finally:
            spans = builder.spans
            for at in range(before, len(builder.nodes)):
                if at in spans:
                    spans[at] = self._lined(spans[at])
            builder.span = None

    def value(self, words: Words, *, is_whole: bool = False) -> Any:
        """What an expression gives; `held` says how."""
        return self.held(self.item(words), words, is_whole=is_whole)

    def held(self, item: Item, words: Words, *, is_whole: bool = False) -> Any:
        """What a name holds that is given an operand: a number, a length, or a tracer.

        Args:
            item: the operand.
            words: the expression that it is, or is a part of.
            is_whole: whether a number that is written as a whole one is an int, as places in
                arrays are. Others are floats, as numbers of the grammar are.
        """
        at = position(self.parser, item)
        trace = running()
        if at in self.parser.lengths:
            return Length(trace, self.parser.lengths[at])
        handle = trace.builder.handle(at)
        holds = truth_of(handle) if handle.dtype == BOOL and not handle.shape else None
        if holds is not None:
            return holds
        if handle.number is None or handle.shape:
            return tracer(handle)
        inner = [word for word in words[:-1] if item.start <= word.start < item.end]
        number = float(handle.number)
        if len(inner) == 1 and inner[0].text in ("True", "False"):
            return bool(number)
        is_int = is_whole and number.is_integer() and all(map(self._is_whole, inner))
        return int(number) if is_int else number

    def _is_whole(self, word: Token) -> bool:
        """Whether whole numbers stay whole with this word among them."""
        if word.kind == "number":
            return word.text.isdigit()
        if word.kind == "name":
            return type(self.names.values.get(name_of(word))) is int
        return word.kind in _WHOLE or word.text in _WHOLE_CALLS

    def truth(self, statement: Statement) -> Any:
        """The condition of a statement: a truth that is known, or a tracer."""
        self.here = statement.first
        words = statement.reads[0]
        item = self.item(words)
        handle = running().builder.handle(position(self.parser, item))
        holds = truth_of(handle)
        if any(n != 1 for n in handle.shape):
            self.refuse(
                item.span,
                f"the condition of the '{statement.first.text}' is an array, and must be one truth",
                "write where(condition, a, b), or any(...) or all(...) around it",
            )  # fmt: skip
        return tracer(handle) if holds is None else holds

    # --- what a loop goes through ------------------------------------------------------------

    def source(self, words: Words) -> Any:
        """What a `for` goes through: a range, an array, or several side by side."""
        first = words[0]
        given = arguments_of_call(words)
        if first.text not in _SOURCES or given is None:
            return self._array(words)
        take = self._bound_of_range if first.text == "range" else self.source
        further = self._bound_of_range if first.text == "enumerate" else take
        parts = [*map(take, given[:1]), *map(further, given[1:])]
        try:
            return _SOURCES[first.text](*parts)
        except (TypeError, ValueError) as error:
            if isinstance(error, SymdiffError):
                raise
            self.refuse(Span(first.start, words[-1].start), f"{first.text}: {error}")

    def _array(self, words: Words) -> ArrayTracer:
        """An array that a `for` goes through: itself, as it may be written into meanwhile."""
        value = self.value(words)
        if len(words) == 2:
            value = self.names.values.get(name_of(words[0]), value)
        if type(value) is not ArrayTracer:
            advice = "write for i in range(n), for x in xs, zip(a, b) or enumerate(a)"
            span = Span(words[0].start, words[-1].start)
            self.refuse(span, "a 'for' goes through a range or an array", advice)
        return value

    def _bound_of_range(self, words: Words) -> Any:
        value = self.value(words, is_whole=True)
        is_number = type(value) in TRACERS and value.dtype.kind in "iu" and value.shape == ()
        if not (type(value) is int or isinstance(value, Length) or is_number):
            span = Span(words[0].start, words[-1].start)
            advice = "declare an input as in n: int, and divide by //"
            self.refuse(span, "a range has whole numbers", advice)
        return value
