"""Decisions on values inside of expressions: logic, comparison chains, `a if c else b`."""

from __future__ import annotations

import builtins
import operator
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from symdiff.errors import SymdiffError, UnsupportedError
from symdiff.frontend.lowering.base import truth_of as known_truth
from symdiff.frontend.staging import effects
from symdiff.frontend.staging.effects import Way
from symdiff.frontend.staging.merge import decided, merged
from symdiff.frontend.staging.signals import Conditions
from symdiff.frontend.staging.sources import Mapped
from symdiff.frontend.staging.texts import LateText
from symdiff.frontend.staging.undecided import Undecided
from symdiff.frontend.tracing.array import BoolTracer
from symdiff.frontend.tracing.recorder import Recorder
from symdiff.frontend.tracing.scalars import as_python, asked
from symdiff.frontend.tracing.tracer import Tracer

_TRUTHS = frozenset((bool, BoolTracer))


def condition_of(test: Any) -> tuple[Recorder, Tracer] | None:
    """The trace and the truth of a value that is known when the emitted function runs.

    `None` where Python decides.
    """
    found = truth_of(test)
    if found is not None and found[0].step is not None:
        found[0].step.decides(found[1])
    return found


def truth_of(test: Any) -> tuple[Recorder, Tracer] | None:
    """The trace and the truth of a value, of which nothing is decided now."""
    test = asked(test, "__bool__")
    trace = effects.trace_of(test)
    if trace is None:
        if type(test) is list:
            effects.refuse_growing(test)
        return None
    if trace.decide is not None:
        return None  # by the values of a call
    if test.content.shape:
        if any(n != 1 for n in test.content.shape):
            return None  # NumPy refuses it
        test = trace.call("reshape", test, ())
    if test.dtype.kind != "b":
        test = trace.call("not_equal", test, 0)
    return trace, test


def never_holds(trace: Recorder, condition: Tracer) -> bool:
    """Whether a condition is known not to hold, as `x > 0 and False`."""
    return known_truth(trace.handle(condition)) is False


class taken:  # noqa: N801  read as a word: `with taken(trace, condition)`
    """While this lasts, a way is traced that is taken where a condition holds.

    An error that the user's code raises in it ends it, and stands in the way's `raised`. This is no
    generator: those that are entered during a trace are asked what they catch.
    """

    def __init__(self, trace: Recorder, condition: Any) -> None:
        self.trace = trace
        self.way = Way(condition)

    def __enter__(self) -> Way:
        self.trace.ways.append(self.way)
        return self.way

    def __exit__(self, kind: Any, error: BaseException | None, _: Any) -> bool:
        self.trace.ways.pop()
        if not isinstance(error, Exception) or isinstance(error, SymdiffError):
            return False
        if self.trace.refused is not None:
            return False
        if error is self.way.raising:
            self.way.raised = error
            return True
        message, advice = _refusal_of(error)
        raise self.trace.noted(
            UnsupportedError(message, span=self.trace.place(), suggestion=advice)
        ) from None


def _refusal_of(error: Exception) -> tuple[str, str]:
    """What is said of an error that tracing a way raises, and what to do."""
    if isinstance(error, RecursionError):
        return (
            "a function calls itself in a way of a branch that depends on values, and nothing that "
            "is known ends it",
            "write a loop, or end it by a count: if depth > 10: ...",
        )
    return (
        f"a way of a branch that depends on values raises {type(error).__name__}: {error}",
        "check the values before the call, outside of the function",
    )


def _value_of_way(trace: Recorder, condition: Any, make: Callable[[], Any]) -> Any:
    """What an expression gives in a way: what it calls must not raise there."""
    with taken(trace, condition) as way:
        return make()
    return trace.refuse(
        f"a way of an expression that depends on values raises {type(way.raised).__name__}",
        "write the decision as a statement: if ...: raise ...",
    )


def negation(value: Any) -> Any:
    """`not value`."""
    found = condition_of(value)
    if found is None:
        return not value
    return as_python(found[0].call("logical_not", found[1]), bool)


def conjunction(value: Any, *others: Callable[[], Any]) -> Any:
    """`value and other and …`."""
    return _joined(value, others, "logical_and", goes_on=True)


def disjunction(value: Any, *others: Callable[[], Any]) -> Any:
    """`value or other or …`."""
    return _joined(value, others, "logical_or", goes_on=False)


def _joined(value: Any, others: Sequence[Callable[[], Any]], name: str, *, goes_on: bool) -> Any:
    for other in others:
        found = condition_of(value)
        if found is None:
            if bool(value) is not goes_on:
                return value
            value = other()
            continue
        trace, condition = found
        asked = condition if goes_on else Conditions(trace).negation(condition)
        more = _value_of_way(trace, asked, other)
        if _is_truth(value) and _is_truth(more):
            joined = trace.call(name, value, more)
            are_python = isinstance(value, BoolTracer) and isinstance(more, (bool, BoolTracer))
            value = as_python(joined, bool) if are_python else joined
            known = known_truth(trace.handle(joined))
            value = value if known is None else known  # `x > 0 and False` decides nothing
        else:
            value = decided(merged(trace, asked, more, value))
    return value


def _is_truth(value: Any) -> bool:
    return isinstance(value, bool) or getattr(getattr(value, "dtype", None), "kind", "") == "b"


def chain(left: Any, *pairs: Any) -> Any:
    """`a < b <= c`, with each middle value made once."""
    value: Any = True
    for name, make in zip(pairs[::2], pairs[1::2], strict=True):
        last = left, name

        def compared(last: Any = last, make: Callable[[], Any] = make) -> Any:
            nonlocal left
            left = make()
            return _compared(last[1], last[0], left)

        value = compared() if value is True else conjunction(value, compared)
        if value is False:
            return value
    return value


def _compared(name: str, a: Any, b: Any) -> Any:
    own = {"in_": contains, "not_in": lacks, "is_": same, "is_not": differs}.get(name)
    return getattr(operator, name)(a, b) if own is None else own(a, b)


def same(a: Any, b: Any) -> Any:
    """`a is b`: each of Python's truths is one object, and what a branch leaves is one of two."""
    if a is b:
        return True
    if _is_undecided(b):
        a, b = b, a
    if _is_undecided(a):
        condition, *left = a.ways()
        one, two = [same(value, b) for value in left]
        found = Conditions(effects.current()).chosen(condition, one, two)
        return found if isinstance(found, bool) else as_python(found, bool)
    trace = effects.trace_of(a) or effects.trace_of(b)
    if trace is None or not {type(a), type(b)} <= _TRUTHS:
        return False
    return as_python(trace.call("equal", a, b), bool)


def _is_undecided(value: Any) -> bool:
    """Whether a branch has left one of two things. The class is asked: an object may be gone."""
    return issubclass(type(value), Undecided) and type(value) is not LateText


def differs(a: Any, b: Any) -> Any:
    """`a is not b`."""
    return negation(same(a, b))


def matched(value: Any) -> Any:
    """What a `match` takes apart that asks for objects: Python looks at which one it is."""
    for part in value if isinstance(value, (list, tuple)) else (value,):
        is_truth = type(part) is BoolTracer and effects.trace_of(part) is not None
        if is_truth or _is_undecided(part):
            effects.current().refuse(
                "a 'match' asks which object a value is, and that depends on values",
                "write it with if, elif and else",
            )
    return value


def contains(value: Any, values: Any) -> Any:
    """`value in values`: where one of them is known only later, each is compared."""
    if not isinstance(values, (list, tuple, set, frozenset)):
        return value in values
    if not any(effects.trace_of(v) is not None for v in (value, *values)):
        return value in values
    compared = [lambda other=other: other is value or other == value for other in values]
    return disjunction(False, *compared)  # noqa: FBT003  a truth to begin with


def lacks(value: Any, values: Any) -> Any:
    """`value not in values`."""
    return negation(contains(value, values))


def choice(test: Any, then: Callable[[], Any], other: Callable[[], Any]) -> Any:
    """`then if test else other`."""
    found = condition_of(test)
    if found is None:
        return then() if test else other()
    trace, condition = found
    one = _value_of_way(trace, condition, then)
    two = _value_of_way(trace, Conditions(trace).negation(condition), other)
    return decided(merged(trace, condition, one, two))


_NOTHING = object()


def summand(test: Any, make: Callable[[], Any]) -> Any:
    """A term of a sum over those that pass a test: zero where it fails, for values."""
    found = condition_of(test)
    if found is None:
        return make() if test else _NOTHING
    trace, condition = found
    value = _value_of_way(trace, condition, make)
    zero = trace.call("zeros_like", value) if getattr(value, "ndim", 0) else 0
    return decided(merged(trace, condition, value, zero))


def summands(
    function: Any, chosen: Callable[[], Iterable[Any]], plain: Callable[[], Iterable[Any]]
) -> Iterable[Any]:
    """What `sum` is given; `plain` where that name means another function."""
    if function is not builtins.sum:
        return plain()
    terms = chosen()
    return terms if type(terms) is Mapped else filter(lambda term: term is not _NOTHING, terms)
