"""Branches that depend on values: both ways are traced, and what stands behind them."""

from __future__ import annotations

from collections.abc import Callable
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
) -> Signal | None:
    """`if test: then` `else: other`, and what stands behind it."""
    found = condition_of(test)
    if found is None:
        way = then if test else other
        return goes_on(way() if way is not None else None, rest, variables)
    trace, condition = found
    signal = _both_ways(trace, condition, then, other, variables and variables())
    return goes_on(signal, rest, variables)


def _both_ways(
    trace: Recorder, condition: Any, then: Part, other: Part | None, state: Variables | None
) -> Signal | None:
    """Trace both ways, and let the variables hold what the one that is taken leaves."""
    logic = Conditions(trace)
    before = state.read() if state else []
    one: Signal | None = None
    two: Signal | None = None
    with taken(trace, condition) as first:
        one = then()
    after = state.read() if state else []
    if state:
        state.store(before)
    with taken(trace, logic.negation(condition)) as second:
        two = other() if other is not None else None
    if first.raised is not None and second.raised is not None:
        trace.refuse("both ways of a branch that depends on values raise an error")
    if first.raised is not None:
        check(trace, condition, first.raised)
        return two
    if second.raised is not None:
        check(trace, logic.negation(condition), second.raised)
        if state:
            state.store(after)
        return one
    if state and _has_left(two):
        state.store(after)
    elif state and not _has_left(one):
        state.select(Merging(trace, condition, [first, second]), after, state.read())
    if one is None and two is None:
        return None
    return logic.of_two_ways(condition, one or FALLS, two or FALLS)


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
        return decided(signal.value)
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
