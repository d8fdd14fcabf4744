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
    kind = type(error)
    name = _known(trace, kind)
    is_own = name != kind.__name__ or kind.__module__ != "builtins"
    if not is_own and (len(error.args) > 1 or not all(isinstance(arg, str) for arg in error.args)):
        trace.refuse(
            f"a way of a branch that depends on values raises {name} with what is no text",
            'write the message as one text, f"…" included',
        )
    around = _around(trace)
    if around is not None:
        condition = trace.call("logical_and", around, condition)
    said = _wordings(*error.args[:1]) if not is_own else _named(kind, error.args)
    for conditions, pieces, values in said:
        asked = condition
        for more in conditions:
            asked = trace.call("logical_and", asked, more)
        trace.check(asked, name, pieces, values)


def _known(trace: Recorder, kind: type) -> str:
    """The class of an error that emitted modules know: the nearest one of Python's own."""
    if kind.__module__ == "builtins" and kind.__name__ not in ERRORS:
        trace.refuse(
            f"a way of a branch that depends on values raises {kind.__name__}, a class that the "
            "emitted module does not know",
            "raise another one of Python's own: ValueError",
        )
    names = [base.__name__ for base in kind.__mro__ if base.__module__ == "builtins"]
    return next(name for name in names if name in ERRORS)


def _named(kind: type, args: Sequence[Any]) -> Sequence[Wording]:
    """What is said of an error of a class of the user's, by name: the message, if it is text."""
    if not args or not isinstance(args[0], str):
        return _wordings(kind.__name__)
    name = f"{kind.__name__}: "
    return [said._replace(pieces=(name, *said.pieces)) for said in _wordings(args[0])]


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
