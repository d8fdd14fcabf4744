"""The recorder that rewritten code calls: what is decided by plain values runs as Python has it."""

from __future__ import annotations

import operator
import sys
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any, NoReturn

from symdiff.frontend.staging import effects
from symdiff.frontend.staging.begun import Loop
from symdiff.frontend.staging.callees import callee_of
from symdiff.frontend.staging.carried import Place
from symdiff.frontend.staging.decisions import (
    chain,
    choice,
    condition_of,
    conjunction,
    contains,
    disjunction,
    lacks,
    negation,
    summand,
    summands,
    taken,
)
from symdiff.frontend.staging.effects import (
    binds,
    fresh,
    stored_attribute,
    stored_item,
    stored_slice,
    unseen,
    updates,
    writes,
)
from symdiff.frontend.staging.errors import check, raising, text
from symdiff.frontend.staging.merge import UNSET, Merging, decided
from symdiff.frontend.staging.rolled import rolled
from symdiff.frontend.staging.signals import (
    BREAK,
    CONTINUE,
    FALLS,
    Conditions,
    Signal,
    is_plain,
    returned,
)
from symdiff.frontend.staging.sources import source_of
from symdiff.frontend.staging.staged import staged_by
from symdiff.frontend.staging.subjects import subject, subject_and_key
from symdiff.frontend.tracing.recorder import Recorder
from symdiff.frontend.tracing.running import active

_SELF = sys.modules[__name__]

__all__ = [
    "BREAK",
    "CONTINUE",
    "Variables",
    "binds",
    "branch",
    "callee",
    "chain",
    "choice",
    "conjunction",
    "contains",
    "disjunction",
    "each",
    "fresh",
    "lacks",
    "negation",
    "raising",
    "repeat",
    "result",
    "returned",
    "settled",
    "stored_attribute",
    "stored_item",
    "stored_slice",
    "subject",
    "subject_and_key",
    "summand",
    "summands",
    "text",
    "unseen",
    "updated",
    "updates",
    "writes",
]

Part = Callable[..., Signal | None]


class Variables:
    """The variables that a statement binds.

    Attributes:
        names: theirs.
    """

    def __init__(
        self,
        names: Sequence[str],
        reads: Sequence[Callable[[], Any]],
        store: Callable[[Sequence[Any]], object],
    ) -> None:
        self.names = names
        self._reads = reads
        self.store = store

    def read(self) -> list[Any]:
        """What they hold now."""
        return [_read(read) for read in self._reads]

    def places(self) -> list[Place]:
        """Each as a place of its own."""
        return [
            Place(name, ("variable", name), partial(_read, read), partial(self._store_one, number))
            for number, (name, read) in enumerate(zip(self.names, self._reads, strict=True))
        ]

    def _store_one(self, number: int, value: Any) -> None:
        values = self.read()
        values[number] = value
        self.store(values)

    def select(self, merging: Merging, a: Sequence[Any], b: Sequence[Any]) -> None:
        """Let them hold what the way that is taken leaves."""
        self.store([merging.of(*both) for both in zip(a, b, self.names, strict=True)])


def _read(read: Callable[[], Any]) -> Any:
    try:
        return read()
    except (NameError, ValueError):  # a variable, a cell
        return UNSET


def staged(function: Any) -> Any:
    """A function with its decisions handed to this module, where it can be rewritten."""
    return staged_by(_SELF, function)


def callee(function: Any) -> Any:
    """What a call calls."""
    return callee_of(function, staged)


# --- branches -------------------------------------------------------------------------------------


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
        return _goes_on(way() if way is not None else None, rest, variables)
    trace, condition = found
    signal = _both_ways(trace, condition, then, other, variables and variables())
    return _goes_on(signal, rest, variables)


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


def _goes_on(
    signal: Signal | None, rest: Part | None, variables: Callable[[], Variables] | None
) -> Signal | None:
    """What stands behind a statement that ended so, where that is reached."""
    if signal is None or signal.falls is True:
        return None if rest is None else rest()
    if rest is None or signal.falls is False:
        return signal
    trace = effects.current()
    then = _under(trace, signal, rest, variables and variables())
    return Conditions(trace).in_sequence(signal, then)


def _under(trace: Recorder, so_far: Signal, part: Part, state: Variables | None) -> Signal:
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


# --- loops ----------------------------------------------------------------------------------------


def each(
    items: Iterable[Any],
    body: Part,
    other: Part | None,
    rest: Part | None,
    variables: Callable[[], Variables] | None,
    kept: Sequence[str] = (),
    first: Sequence[str] = (),
) -> Signal | None:
    """`for item in items: body` `else: other`, and what stands behind it.

    Of the variables that the loop binds, those are `kept` that are read behind it, and those are
    set `first` that each step sets before it reads them.
    """
    ended = _rolled(items, None, body, variables, kept, first)
    if ended is not None:
        return _goes_on(_after_loop(ended, other, variables), rest, variables)
    so_far = FALLS
    for item in items:
        so_far = _step(so_far, partial(body, item), variables)
        if so_far.falls is False:
            break
    return _goes_on(_after_loop(so_far, other, variables), rest, variables)


def _rolled(
    items: Any,
    test: Callable[[], Any] | None,
    body: Part,
    variables: Callable[[], Variables] | None,
    kept: Sequence[str],
    first: Sequence[str],
) -> Signal | None:
    """How a loop ends that has been traced as one line; `None` where it is unrolled."""
    trace = active()
    if trace is None or trace.is_paused or trace.decide is not None:
        return None
    if type(items) is list:
        effects.refuse_growing(items)
    source = source_of(items)
    if source is None and test is None:
        return None
    places = variables().places() if variables else []
    code, cells = body.__code__, body.__closure__ or ()
    held = [_read(partial(getattr, cell, "cell_contents")) for cell in cells]
    read = list(zip(code.co_freevars, held, strict=True))
    step = partial(_ended_by, body, is_item=test is None)
    return rolled(
        Loop(trace, source, test, step, code, read, places, frozenset(kept), frozenset(first))
    )


def _is_another(test: Any, body: Part) -> bool:
    """Whether a `while` that is unrolled goes on."""
    if condition_of(test) is not None:
        _refuse_length(body)
    return bool(test)


def _refuse_length(body: Part) -> NoReturn:
    trace = effects.current()
    why = next(filter(None, reversed(trace.unrolled.get(body.__code__, []))), "")
    trace.refuse(
        "whether a 'while' goes on depends on values, and its steps are not alike"
        + (f": {why}" if why else ""),
        "let each step do the same work, with what it carries in variables; for a solution of an "
        "equation, sd.root",
    )


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
) -> Signal | None:
    """`while test(): body` `else: other`, and what stands behind it."""
    ended = _rolled(None, test, body, variables, kept, first)
    if ended is not None:
        return _goes_on(_after_loop(ended, other, variables), rest, variables)
    so_far = FALLS
    while _is_another(test(), body):
        so_far = _step(so_far, body, variables)
        if so_far.falls is False:
            break
        if so_far.falls is not True:
            _refuse_length(body)
    return _goes_on(_after_loop(so_far, other, variables), rest, variables)


def _step(so_far: Signal, body: Part, variables: Callable[[], Variables] | None) -> Signal:
    """One more step of a loop, where the steps before it end so."""
    if so_far.falls is True:
        return _ended_step(body())
    trace = effects.current()
    signal = _ended_step(_under(trace, so_far, body, variables and variables()))
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
        ran = _under(trace, steps, other, variables and variables())
        ended = Conditions(trace).in_sequence(ended, ran)
    if is_plain(broken) and is_plain(ended.falls):
        falls: Any = broken or ended.falls
    else:
        falls = Conditions(effects.current()).either(ended.falls, broken)
    breaks = ended.breaks if other is not None and ended.breaks is not broken else False
    if falls is True:
        return None
    return Signal(falls, breaks, ended.continues, ended.returns, ended.value)


def updated(name: str, old: Any, value: Any) -> Any:
    """`old += value` and its like, as a value that is then stored."""
    updates(old)
    return getattr(operator, name)(old, value)
