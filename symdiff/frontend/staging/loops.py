"""Loops of rewritten code: rolled where their steps are alike, else step by step."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence, Sized
from functools import partial
from types import CodeType
from typing import Any, NoReturn

from symdiff.frontend.loops import ROLL, Told
from symdiff.frontend.staging import effects
from symdiff.frontend.staging.begun import Loop
from symdiff.frontend.staging.branches import Part, goes_on, under
from symdiff.frontend.staging.decisions import condition_of, never_holds
from symdiff.frontend.staging.iterators import Leaving
from symdiff.frontend.staging.merge import Unsure
from symdiff.frontend.staging.rolled import rolled
from symdiff.frontend.staging.signals import FALLS, Conditions, Signal, is_plain
from symdiff.frontend.staging.sources import Iterated, source_of
from symdiff.frontend.staging.variables import Variables, certain, value_of
from symdiff.frontend.tracing.recorder import Recorder
from symdiff.frontend.tracing.running import active

_MOST_OPEN = 200  # steps through an iterator of a loop that values may have left


def each(
    items: Iterable[Any],
    body: Part,
    other: Part | None,
    rest: Part | None,
    variables: Callable[[], Variables] | None,
    kept: Sequence[str] = (),
    first: Sequence[str] = (),
    asked: Sequence[str] = (),
) -> Signal | None:
    """`for item in items: body` `else: other`, and what stands behind it.

    Of the variables that the loop binds, those are `kept` that are read behind it, those are set
    `first` that each step sets before it reads them, and of those that are `asked` each read asks
    whether they are set.
    """
    ended = _rolled(items, None, body, variables, kept, first, asked)
    if ended is not None:
        return goes_on(_after_loop(ended, other, variables), rest, variables)
    steps, so_far = Steps(body), FALLS
    for item in items:
        steps.add_one()
        so_far = _step(so_far, partial(body, item), variables)
        if so_far.falls is False:
            break
        if so_far.falls is not True and not isinstance(items, Sized):
            steps.refuse_endless()
    steps.tell()
    if isinstance(items, Leaving) and not is_plain(so_far.falls):
        items.leave()
    return goes_on(_after_loop(so_far, other, variables), rest, variables)


class Steps:
    """The steps of a loop that is unrolled.

    Args:
        body: one of them.
    """

    def __init__(self, body: Part) -> None:
        self._code = body.__code__
        self._trace = active()
        self._lines = 0 if self._trace is None else len(self._trace.builder.nodes)
        self._count = 0

    def add_one(self) -> None:
        """Count one that begins.

        Raises:
            UnsupportedError: for the second one of a loop of work on values that is to be rolled.
        """
        self._count += 1
        trace = self._trace_of_lines() if self._count == 2 else None
        if trace is not None and trace.loops.choice == ROLL:
            why = hindrance(trace, self._code) or "it goes through something else than numbers"
            trace.refuse(
                f"the loop in line {self._code.co_firstlineno} cannot be rolled: {why}",
                "let each step do the same work, or leave loops='roll' out",
            )

    def refuse_endless(self) -> None:
        """Refuse more steps of a loop that may have no end but the one that values decide.

        Raises:
            UnsupportedError: after so many steps.
        """
        if self._count >= _MOST_OPEN:
            effects.current().refuse(
                "a loop goes through an iterator, of which no end is known, until values decide "
                f"that it is left, which {_MOST_OPEN} steps have not done for sure",
                "write it as a 'while', or go through a range",
            )

    def tell(self) -> None:
        """Tell of the loop, if it is one of work on values."""
        trace = self._trace_of_lines()
        if trace is not None:
            why = hindrance(trace, self._code)
            said = f"unrolled: {self._count} step{'s' * (self._count != 1)}"
            place = self._code.co_filename, self._code.co_firstlineno
            trace.told.append(Told(*place, f"{said}, as {why}" if why else said))

    def _trace_of_lines(self) -> Recorder | None:
        """The trace that has lines of the steps; `None` where there are none."""
        trace = self._trace
        has_lines = trace is not None and len(trace.builder.nodes) > self._lines
        return trace if has_lines else None


def _rolled(
    items: Any,
    test: Callable[[], Any] | None,
    body: Part,
    variables: Callable[[], Variables] | None,
    kept: Sequence[str],
    first: Sequence[str],
    asked: Sequence[str],
) -> Signal | None:
    """How a loop ends that has been traced as one line; `None` where it is unrolled."""
    trace = active()
    if trace is None or trace.is_paused or trace.decide is not None:
        return None
    if type(items) is list:
        effects.refuse_growing(items)
    source = source_of(items)
    if (source is None and test is None) or effects.reads_iterator(body):
        return None
    places = variables().places() if variables else []
    for place in places:
        if place.name not in first and type(held := place.read()) is Unsure:
            place.store(certain(held))
    code, cells = body.__code__, body.__closure__ or ()
    lists = (
        effects.lists_held_once(code.co_freevars, cells)
        if source is not None and source.is_open
        else ()
    )
    held = [value_of(partial(getattr, cell, "cell_contents")) for cell in cells]
    held = [value.value if type(value) is Unsure else value for value in held]
    read = list(zip(code.co_freevars, held, strict=True))
    step = partial(_ended_by, body, is_item=test is None)
    names = frozenset(kept), frozenset(first), frozenset(asked)
    ended = rolled(Loop(trace, source, test, step, code, read, places, *names, lists))
    if ended is not None and isinstance(source, Iterated):
        source.leave(is_whole=ended.falls is True and ended.breaks is False)
    return ended


def _is_another(test: Any, body: Part) -> bool:
    """Whether a `while` that is unrolled goes on."""
    condition = condition_of(test)
    if condition is not None and not never_holds(*condition):
        _refuse_length(body)
    return condition is None and bool(test)


def _refuse_length(body: Part) -> NoReturn:
    trace = effects.current()
    why = hindrance(trace, body.__code__)
    trace.refuse(
        "whether a 'while' goes on depends on values, and its steps are not alike"
        + (f": {why}" if why else ""),
        "let each step do the same work, with what it carries in variables; what np.concatenate "
        "would let grow is an array of the largest length; for a solution of an equation, sd.root",
    )


def hindrance(trace: Recorder, code: CodeType) -> str:
    """Why a loop is not rolled; empty where that was not tried, or is not worth it."""
    return next(filter(None, reversed(trace.unrolled.get(code, []))), "")


def _ended_by(body: Part, item: Any, *, is_item: bool) -> Signal:
    return _ended_step(body(item) if is_item else body())


def repeat(
    test: Callable[[], Any],
    body: Part,
    other: Part | None,
    rest: Part | None,
    variables: Callable[[], Variables] | None,
    kept: Sequence[str] = (),
    first: Sequence[str] = (),
    asked: Sequence[str] = (),
) -> Signal | None:
    """`while test(): body` `else: other`, and what stands behind it."""
    ended = _rolled(None, test, body, variables, kept, first, asked)
    if ended is not None:
        return goes_on(_after_loop(ended, other, variables), rest, variables)
    steps, so_far = Steps(body), FALLS
    while _is_another(test(), body):
        steps.add_one()
        so_far = _step(so_far, body, variables)
        if so_far.falls is False:
            break
        if so_far.falls is not True:
            _refuse_length(body)
    steps.tell()
    return goes_on(_after_loop(so_far, other, variables), rest, variables)


def _step(so_far: Signal, body: Part, variables: Callable[[], Variables] | None) -> Signal:
    """One more step of a loop, where the steps before it end so."""
    if so_far.falls is True:
        return _ended_step(body())
    trace = effects.current()
    signal = _ended_step(under(trace, so_far, body, variables and variables()))
    return Conditions(trace).in_sequence(so_far, signal)


def _ended_step(signal: Signal | None) -> Signal:
    """The signal of a step of a loop, whose end `continue` reaches too."""
    if signal is None:
        return FALLS
    if signal.continues is False:
        return signal
    if signal.breaks is False and signal.returns is False:
        return FALLS
    return Conditions(effects.current()).of_step(signal)


def _after_loop(
    steps: Signal, other: Part | None, variables: Callable[[], Variables] | None
) -> Signal | None:
    """The signal of a whole loop: `else` runs where no step broke it."""
    if steps.falls is True:
        return other() if other is not None else None
    ended = Signal(steps.falls, steps.breaks, False, steps.returns, steps.value)  # noqa: FBT003
    broken = steps.breaks
    if other is not None and steps.falls is not False:
        trace = effects.current()
        ran = under(trace, steps, other, variables and variables())
        ended = Conditions(trace).in_sequence(ended, ran)
    if is_plain(broken) and is_plain(ended.falls):
        falls: Any = broken or ended.falls
    else:
        falls = Conditions(effects.current()).either(ended.falls, broken)
    breaks = ended.breaks if other is not None and ended.breaks is not broken else False
    if falls is True:
        return None
    return Signal(falls, breaks, ended.continues, ended.returns, ended.value)
