"""Errors that a way of a branch on values raises: checks of the emitted module."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from symdiff.frontend.staging import effects
from symdiff.frontend.staging.texts import Field, LateText, Wording, as_pythons, message, written
from symdiff.frontend.tracing.length import Length
from symdiff.frontend.tracing.recorder import Recorder
from symdiff.graph.node import BOOL
from symdiff.ops.checks import ERRORS, Message
from symdiff.ops.control import where
from symdiff.ops.handle import Handle


class Text(str):
    """The message of an error, some of whose values are known when the emitted function runs.

    Attributes:
        pieces: texts, and numbers of values with how they are written.
        values: what is written in it.
    """

    pieces: Message
    values: Sequence[Any]
    __slots__ = ("pieces", "values")


def text(*pieces: str | Field) -> str:
    """The text of `f"…"` in a statement that raises."""
    fields = [piece for piece in pieces if not isinstance(piece, str)]
    if any(type(value) is LateText for value, _, _ in fields):
        late: str = message(*pieces)
        return late
    if not any(_is_unknown(value) for value, _, _ in fields):
        return "".join([p if isinstance(p, str) else written(*p) for p in pieces])
    values: list[Any] = []
    parts: list[str | tuple[int, str, str]] = []
    for piece in pieces:
        if isinstance(piece, str):
            parts.append(piece)
        elif not _is_unknown(piece[0]):
            parts.append(written(*piece))
        else:
            parts.append((len(values), *as_pythons(*piece)))
            values.append(piece[0])
    made = Text("".join([part if isinstance(part, str) else "…" for part in parts]))
    made.pieces, made.values = tuple(parts), values
    return made


def _is_unknown(value: Any) -> bool:
    """Whether a value is known when the emitted function runs, as a named length is."""
    return effects.trace_of(value) is not None or isinstance(value, Length)


def raising(error: Any) -> Any:
    """What `raise error` raises: in a way of a branch on values, a check of what is emitted."""
    ways = effects.ways_here()
    if not ways or not _is_error(error):
        return error
    ways[-1].raising = error() if isinstance(error, type) else error
    return ways[-1].raising


def _is_error(value: Any) -> bool:
    kind = value if isinstance(value, type) else type(value)
    return issubclass(kind, Exception)


def check(trace: Recorder, condition: Any, error: Exception) -> None:
    """Let what is emitted raise an error where a condition holds, and all ways around are taken."""
    trace.refuse_caught((type(error),))
    name = type(error).__name__
    if name not in ERRORS or type(error).__module__ != "builtins":
        trace.refuse(
            f"a way of a branch that depends on values raises {name}, a class that the emitted "
            "module does not know",
            "raise one of Python's own: ValueError",
        )
    if len(error.args) > 1 or not all(isinstance(arg, str) for arg in error.args):
        trace.refuse(
            f"a way of a branch that depends on values raises {name} with what is no text",
            'write the message as one text, f"…" included',
        )
    around = _around(trace)
    if around is not None:
        condition = trace.call("logical_and", around, condition)
    for conditions, pieces, values in _wordings(*error.args):
        asked = condition
        for more in conditions:
            asked = trace.call("logical_and", asked, more)
        trace.check(asked, name, pieces, values)


def passed(trace: Recorder, done: Any) -> None:
    """Go on only where a loop, whose steps may raise, has done them, if all ways around are taken.

    Args:
        trace: the trace around the loop.
        done: a truth that the loop leaves, which fails.
    """
    around, line = _around(trace), trace.handle(done)
    if around is not None:
        fails = Handle(trace.builder, trace.builder.full(0.0, (), BOOL))
        line = where(trace.handle(around), line, fails)
    trace.passed(line)


def _around(trace: Recorder) -> Any:
    """Where all ways are taken that are around; `None` around all branches.

    It is made from the outermost in, so that what stands behind the same ways shares it.
    """
    whole: Any = None
    for way in trace.ways:
        if way.is_step:
            continue
        if way.whole is None:
            is_first = whole is None
            way.whole = (
                way.condition if is_first else trace.call("logical_and", whole, way.condition)
            )
        whole = way.whole
    return whole


def _wordings(said: Any = None) -> Sequence[Wording]:
    """What an error says, which may depend on values."""
    if type(said) is LateText:
        return said.wordings
    if isinstance(said, Text):
        return [Wording((), said.pieces, said.values)]
    return [Wording((), () if said is None else (said,), ())]
