"""Branches that depend on values: both ways are traced, and what stands behind them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from symdiff.frontend.staging import effects
from symdiff.frontend.staging.decisions import condition_of, taken
from symdiff.frontend.staging.errors import check
from symdiff.frontend.staging.merge import Merging, decided
from symdiff.frontend.staging.signals import FALLS, Conditions, Signal
from symdiff.frontend.staging.variables import Variables
from symdiff.frontend.tracing.recorder import Recorder

Part = Callable[..., Signal | None]


def branch(
    test: Any,
    then: Part,
    other: Part | None,
    rest: Part | None,
    variables: Callable[[], Variables] | None,
    more: Sequence[tuple[Callable[[], Any], Part]] = (),
) -> Signal | None:
    """`if test: then`, `elif` with tests and ways of `more`, `else: other`, and what stands behind.

    A chain is no recursion, so that it may be long.
    """
    decisions: list[Decision] = []

    def ways() -> Signal | None:
        asked, way = test, then
        for following in (*more, None):
            found = condition_of(asked)
            if found is not None:
                decision = Decision(*found, variables and variables())
                for part in (way, other if following is None else following[1]):
                    effects.refuse_iterators(part)
                decision.take(way)
                decisions.append(decision)  # its other way has begun
            elif asked:
                return way()
            if following is not None:
                asked, way = following[0](), following[1]
        return other() if other is not None else None

    outcome = _outcome(ways)
    while decisions:
        outcome = _outcome(partial(decisions.pop().left, *outcome))
    signal, error = outcome
    if error is not None:
        raise error
    return goes_on(signal, rest, variables)


Outcome = tuple[Signal | None, BaseException | None]


def _outcome(work: Callable[[], Signal | None]) -> Outcome:
    """How code ends, or the error that it raises."""
    try:
        return work(), None
    except BaseException as error:  # is raised again where nothing takes it
        return None, error


class Decision:
    """A decision on values: its first way is traced, then its other way, and what they leave.

    Args:
        trace: takes the lines.
        condition: where the first way is taken.
        state: the variables that both ways bind.
    """

    def __init__(self, trace: Recorder, condition: Any, state: Variables | None) -> None:
        self._trace, self._condition, self._state = trace, condition, state
        self._logic = Conditions(trace)
        self._one: Signal | None = None
        self._after: list[Any] = []

    def take(self, way: Part) -> None:
        """Trace the first way; what is traced from here on is of the other way."""
        before = self._state.read() if self._state else []
        with taken(self._trace, self._condition) as self._first:
            self._one = way()
        if self._state:
            self._after = self._state.read()
            self._state.store(before)
        self._other = taken(self._trace, self._logic.negation(self._condition))
        self._second = self._other.__enter__()

    def left(self, two: Signal | None, error: BaseException | None) -> Signal | None:
        """The end of both ways, of which the other one ends so."""
        is_taken = self._other.__exit__(None if error is None else type(error), error, None)
        if error is not None and not is_taken:
            raise error
        return self._merged(two)

    def _merged(self, two: Signal | None) -> Signal | None:
        """Let the variables hold what the way that is taken leaves; how the decision ends."""
        first, second, state, one = self._first, self._second, self._state, self._one
        if first.raised is not None and second.raised is not None:
            self._trace.refuse("both ways of a branch that depends on values raise an error")
        if first.raised is not None:
            check(self._trace, self._condition, first.raised)
            return two
        if second.raised is not None:
            check(self._trace, self._logic.negation(self._condition), second.raised)
            if state:
                state.store(self._after)
            return one
        if state and _has_left(two):
            state.store(self._after)
        elif state and not _has_left(one):
            merging = Merging(self._trace, self._condition, [first, second])
            state.select(merging, self._after, state.read())
        if one is None and two is None:
            return None
        return self._logic.of_two_ways(self._condition, one or FALLS, two or FALLS)


def _has_left(signal: Signal | None) -> bool:
    """Whether a way has returned, so that nothing reads its variables any more."""
    return signal is not None and signal.returns is True


def goes_on(
    signal: Signal | None, rest: Part | None, variables: Callable[[], Variables] | None
) -> Signal | None:
    """What stands behind a statement that ended so, where that is reached."""
    if signal is None or signal.falls is True:
        return None if rest is None else rest()
    if rest is None or signal.falls is False:
        return signal
    trace = effects.current()
    then = under(trace, signal, rest, variables and variables())
    return Conditions(trace).in_sequence(signal, then)


def under(trace: Recorder, so_far: Signal, part: Part, state: Variables | None) -> Signal:
    """Trace a part that runs where the code before it falls through."""
    before = state.read() if state else []
    condition = so_far.falls
    signal: Signal | None = None
    with taken(trace, condition) as way:
        signal = part()
    if way.raised is not None:
        check(trace, condition, way.raised)
        if state:
            state.store(before)
        return Signal()
    if state and (so_far.breaks is not False or so_far.continues is not False):
        state.select(Merging(trace, condition, [way]), state.read(), before)
    return signal or FALLS


def result(signal: Signal | None) -> Any:
    """What a function returns that ends with a signal."""
    if signal is None or signal.falls is True:
        return None
    if signal.returns is True:
        return decided(signal.value, "is returned")
    if signal.value is None:  # as where the end is reached
        return None
    return effects.current().refuse(
        "the function returns something in one way of a branch that depends on values, and "
        "nothing in the other",
        "return something in both ways",
    )


def settled(signal: Signal) -> Signal | None:
    """The signal of a statement inside of a `with`, a `try` or a `match`: it is left or it is not.

    Raises:
        UnsupportedError: where that depends on values.
    """
    if signal.falls is True:
        return None
    if signal.falls is not False:
        effects.current().refuse(
            "a block is left in one way of a branch that depends on values, inside of a 'with', a "
            "'try' or a 'match'",
            "take the branch out of the block",
        )
    return signal
