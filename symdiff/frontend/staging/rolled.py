"""Rolled loops: a `for` or `while` whose steps are alike is traced once, and stays a loop.

The step is run with what stands for all steps. What goes from step to step is found by running it:
the variables that it binds, and the arrays, items and attributes that it writes to. Where a run
finds another one, it begins anew with that one carried. What cannot be one step for all is
unrolled: a shape that changes, a list that shrinks, an effect on something outside.
"""

from __future__ import annotations

from types import CodeType

from symdiff.errors import SymdiffError
from symdiff.frontend.loops import ROLL, UNROLL
from symdiff.frontend.staging.begun import Begun, Loop
from symdiff.frontend.staging.ended import Ended
from symdiff.frontend.staging.recorded import Recording
from symdiff.frontend.staging.signals import Signal
from symdiff.frontend.staging.step import AgainError, UnlikeError

_LOOPS = frozenset(("each", "repeat"))  # what loops of rewritten code call
_MOST_RUNS = 16  # of a step, each of which has found something more that is carried
_MOST_FAILURES = 3  # of a loop in one trace, before it is unrolled at once


def rolled(loop: Loop) -> Signal | None:
    """Trace a loop as one line, where that can be.

    Returns:
        How the loop ends; its places then hold what they hold behind it. `None` where it is to be
        unrolled: it is short, no argument enters it, or its steps are not alike.

    Raises:
        SymdiffError: where a loop of unknown length cannot be one line.
    """
    outer = loop.outer
    if type(loop.length) is int and not _may_be_rolled(loop):
        return None
    failures = outer.unrolled.setdefault(loop.code, [])
    if not loop.is_open and len(failures) >= _MOST_FAILURES:
        return None
    told = len(outer.told)
    try:
        recording = _traced(loop)
        is_loop = recording.is_worth_it
        if is_loop:
            recording.check()
    except AgainError:
        raise  # what a loop around carries
    except UnlikeError as error:
        if loop.is_open:
            outer.refuse(
                f"the steps of a loop of unknown length are not alike: {error.message}",
                error.suggestion
                or "let each step do the same work, or give the length as a number; what grows is "
                "appended to a list, and joined behind the loop with np.concatenate",
            )
        failures.append(_said(error))
    except SymdiffError as error:
        if loop.is_open:
            raise outer.noted(error) from None
        failures.append(_said(error))
    except Exception as error:  # of the user's code, where a counter stands for a number
        if loop.is_open:
            raise
        failures.append(_said(error))
    else:
        if is_loop:
            outer.rolled.add(loop.code)
            return recording.record()
        recording.begun.forget()
        if loop.code not in outer.rolled:  # others of its steps may hold less work
            failures.append("")
    del outer.told[told:]
    return None


def _may_be_rolled(loop: Loop) -> bool:
    """Whether a loop of a known number of steps may be one line."""
    choice = loop.outer.loops.choice
    if choice == UNROLL or loop.length < 2:
        return False
    return choice == ROLL or loop.has_many_steps or _holds_loops(loop.code)


def _holds_loops(code: CodeType) -> bool:
    """Whether there is a loop in a body."""
    pending = [code]
    for inner in pending:
        if not _LOOPS.isdisjoint(inner.co_names):
            return True
        pending += [part for part in inner.co_consts if isinstance(part, CodeType)]
    return False


def _said(error: Exception) -> str:
    """What an error says, of which no frame is kept: those hold what the user's code has made."""
    error.__traceback__ = error.__context__ = None
    return error.message if isinstance(error, SymdiffError) else f"{type(error).__name__}: {error}"


def _traced(loop: Loop) -> Recording:
    """Run the step until nothing new is found that is carried.

    Raises:
        UnlikeError: where that does not end, or the step depends on more of a list that it appends
            to than its last item: another number of items makes another step of it.
    """
    told, before = len(loop.outer.told), None
    for _ in range(_MOST_RUNS):
        try:
            with Begun(loop) as begun:
                ended = Ended(begun, begun.run())
        except AgainError as error:
            if error.found is not loop.found:
                raise
            error.__traceback__ = before = None
        else:
            recording = Recording(begun, ended)
            if before is None and loop.found.lists:
                before = recording.graph
                loop.found.before_last += 1
                begun.forget()
            elif before is not None and before.nodes != recording.graph.nodes:
                begun.forget()
                raise UnlikeError("a list is looked at that grows in the loop")
            else:
                return recording
        del loop.outer.told[told:]
    raise UnlikeError("what goes from step to step is not found")
