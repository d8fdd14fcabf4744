"""Errors that a way of a branch on values raises: checks of the emitted module."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from symdiff.frontend.staging import effects
from symdiff.frontend.staging.texts import LateText, Wording
from symdiff.frontend.tracing.recorder import Recorder
from symdiff.graph.node import BOOL
from symdiff.ops.checks import ERRORS
from symdiff.ops.control import where
from symdiff.ops.handle import Handle


def raising(error: Any) -> Any:
    """What `raise error` raises: in a way of a branch on values, a check of what is emitted."""
    ways = effects.ways_here()
    if isinstance(error, Exception) and not ways:
        error.args = tuple([_shown(arg) for arg in error.args])
    if not ways or not _is_error(error):
        return error
    ways[-1].raising = error() if isinstance(error, type) else error
    return ways[-1].raising


def _shown(arg: Any) -> Any:
    """What an error says that is raised while tracing."""
    if type(arg) is not LateText:
        return arg
    pieces = arg.wordings[0].pieces
    return "".join([piece if isinstance(piece, str) else "…" for piece in pieces])


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
    return [Wording((), () if said is None else (said,), ())]
