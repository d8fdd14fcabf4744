"""Signals: how a piece of rewritten code ends, where that may depend on values."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from symdiff.frontend.staging.merge import merged
from symdiff.frontend.tracing.recorder import Recorder
from symdiff.frontend.tracing.tracer import Tracer

Condition = bool | Tracer  # a truth: plain, or known when the emitted function runs


@dataclass(frozen=True, slots=True)
class Signal:
    """How code ends. One of the conditions holds, and no other.

    Attributes:
        falls: it reaches its end.
        breaks, continues: it ends a loop around, or a step of it.
        returns: it returns.
        value: what it returns then.
    """

    falls: Any = False
    breaks: Any = False
    continues: Any = False
    returns: Any = False
    value: Any = None


FALLS = Signal(falls=True)
BREAK = Signal(breaks=True)
CONTINUE = Signal(continues=True)
_CONDITIONS = ("falls", "breaks", "continues", "returns")


def returned(value: Any) -> Signal:
    """The signal of `return value`."""
    return Signal(returns=True, value=value)


def is_plain(condition: Any) -> bool:
    """Whether a condition is known."""
    return condition is True or condition is False


class Conditions:
    """The logic of conditions in a trace."""

    def __init__(self, trace: Recorder) -> None:
        self.trace = trace

    def negation(self, a: Any) -> Any:
        """Not a."""
        return not a if is_plain(a) else self.trace.call("logical_not", a)

    def both(self, a: Any, b: Any) -> Any:
        """A and b."""
        if is_plain(a):
            return b if a else False
        if is_plain(b):
            return a if b else False
        return self.trace.call("logical_and", a, b)

    def either(self, a: Any, b: Any) -> Any:
        """A or b."""
        if is_plain(a):
            return True if a else b
        if is_plain(b):
            return True if b else a
        return self.trace.call("logical_or", a, b)

    def chosen(self, condition: Any, a: Any, b: Any) -> Any:
        """A where the condition holds, else b."""
        if a is b:
            return a
        if is_plain(a) and is_plain(b):
            return condition if a else self.negation(condition)
        holds = self.both(condition, a)
        return self.either(holds, self.both(self.negation(condition), b))

    def of_two_ways(self, condition: Any, a: Signal, b: Signal) -> Signal:
        """The signal of a branch whose ways end so."""
        if b.returns is False:
            value = a.value
        elif a.returns is False:
            value = b.value
        else:
            value = merged(self.trace, condition, a.value, b.value, "the result")
        falls, breaks, continues, returns = [
            self.chosen(condition, getattr(a, n), getattr(b, n)) for n in _CONDITIONS
        ]
        return _settled(Signal(falls, breaks, continues, returns, value))

    def of_step(self, signal: Signal) -> Signal:
        """The signal of a step of a loop that ends so: `continue` reaches its end too."""
        falls = self.either(signal.falls, signal.continues)
        return _settled(replace(signal, falls=falls, continues=False))

    def in_sequence(self, first: Signal, then: Signal) -> Signal:
        """The signal of code that ends as the first, and where that falls as the second."""
        if first.falls is True:
            return then
        if then.returns is False:
            value = first.value
        elif first.returns is False:
            value = then.value
        else:
            value = merged(self.trace, first.falls, then.value, first.value, "the result")
        breaks, continues, returns = [
            self.either(getattr(first, name), self.both(first.falls, getattr(then, name)))
            for name in _CONDITIONS[1:]
        ]
        falls = self.both(first.falls, then.falls)
        return _settled(Signal(falls, breaks, continues, returns, value))


def _settled(signal: Signal) -> Signal:
    """Where all conditions but one are known not to hold, that one holds."""
    open_ones = [name for name in _CONDITIONS if getattr(signal, name) is not False]
    return replace(signal, **{open_ones[0]: True}) if len(open_ones) == 1 else signal
