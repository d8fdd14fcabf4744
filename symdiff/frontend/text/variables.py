"""Names of a program that branches or loops, with what they hold while it is carried out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import CellType
from typing import Any, NamedTuple, NoReturn

from symdiff.errors import ParseError, Span
from symdiff.frontend.staging.merge import Undecided, refusal
from symdiff.frontend.staging.signals import Signal
from symdiff.frontend.text.limits import Limits
from symdiff.frontend.text.parser import Parser
from symdiff.frontend.text.scope import Scope
from symdiff.frontend.tracing.array import PYTHONS, TRACERS, ArrayTracer
from symdiff.frontend.tracing.length import Length
from symdiff.frontend.tracing.recorder import Recorder
from symdiff.frontend.tracing.running import active
from symdiff.frontend.tracing.storage import Buffer
from symdiff.frontend.tracing.values import numpy
from symdiff.graph.node import BOOL, INT
from symdiff.ops.builder import Builder
from symdiff.ops.handle import Handle

_KINDS = {BOOL: bool, INT: int}  # of a line, Python's class


class Variables(Scope):
    """The names of a program.

    Attributes:
        values: by name: a number, the length of an axis, or a tracer.
        bound: the names that the program binds.
        whole: those that may hold whole numbers, for places in arrays.
        is_running: whether the program is carried out; else its inputs are looked for.
    """

    def __init__(self, text: str, parser: Parser) -> None:
        super().__init__(text, parser.builder, parser.lengths)
        self.values: dict[str, Any] = {}
        self.bound: set[str] = set()
        self.whole: set[str] = set()
        self.is_running = False

    def find(self, written: str, start: int) -> int:
        """The line of what a name holds, in the trace that runs."""
        if not self.is_running:
            return super().find(written, start)
        span = Span(start, start + len(written))
        name = self.normal(written, span)
        if name not in self.values:
            if name in self.bound:
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
        error = refusal(value)
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
    """

    place: int
    co_freevars: Sequence[str]
    co_firstlineno: int
    co_filename: str = ""


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


def tracers(key: Any) -> Any:
    """An index with tracers in the place of lines."""
    if isinstance(key, Handle):
        return tracer(key)
    if isinstance(key, (tuple, list)):
        return type(key)([tracers(part) for part in key])
    if isinstance(key, slice):
        return slice(*[tracers(part) for part in (key.start, key.stop, key.step)])
    return key
