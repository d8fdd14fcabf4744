"""Texts that depend on values: messages of errors, made before it is known whether they occur."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from symdiff.frontend.staging.undecided import Undecided
from symdiff.frontend.tracing.array import TRACERS, IntTracer, NumberTracer
from symdiff.frontend.tracing.length import Length
from symdiff.frontend.tracing.recorder import Recorder
from symdiff.frontend.tracing.running import active
from symdiff.graph.node import FLOAT
from symdiff.ops.checks import Message

_CONVERSIONS: Mapping[str, Callable[[Any], str]] = {"r": repr, "s": str, "a": ascii}
Field = tuple[Any, str, str]  # a value, `r`, `s`, `a` or nothing, and a format


class Wording(NamedTuple):
    """One of the texts that a text may be.

    Attributes:
        conditions: truths that hold where it is this one.
        pieces: texts, and numbers of values with how they are written.
        values: what is written in it.
    """

    conditions: Sequence[Any]
    pieces: Message
    values: Sequence[Any]


class LateText(Undecided):
    """A text that is known when the emitted function runs: an error may say it, and no one else.

    Attributes:
        wordings: what it may be.
    """

    def __init__(
        self, trace: Recorder, wordings: Sequence[Wording], why: Undecided | None = None
    ) -> None:
        super().__init__("a text depends on a value that is not known yet", trace.place())
        self.advice = "take the print out, or print x itself"
        if why is not None:
            self.__dict__.update(vars(why), advice=why.advice)
        self.wordings = wordings
        self._trace = trace

    @property  # type: ignore[misc]
    def __class__(self) -> Any:
        """What `isinstance` sees."""
        return str

    def __add__(self, other: Any) -> Any:
        return joined(self._trace, (self, other)) if _is_text(other) else self.refuse()

    def __radd__(self, other: Any) -> Any:
        return joined(self._trace, (other, self)) if _is_text(other) else self.refuse()


def message(*pieces: str | Field) -> Any:
    """The text of `f"…"`, which may be one that is known late."""
    trace = active()
    fields = [piece[0] for piece in pieces if not isinstance(piece, str)]
    if trace is None or trace.is_paused or not any(map(is_late, fields)):
        return "".join([p if isinstance(p, str) else written(*p) for p in pieces])
    return joined(trace, [p if isinstance(p, str) else field(trace, *p) for p in pieces])


def either_text(
    trace: Recorder, condition: Any, first: Any, second: Any, why: Undecided
) -> LateText:
    """The one text where a condition holds, else the other; for all but an error there is none."""
    negated = trace.call("logical_not", condition)
    ways = ((condition, first), (negated, second))
    wordings = [
        wording._replace(conditions=(which, *wording.conditions))
        for which, text in ways
        for wording in _wordings(text)
    ]
    return LateText(trace, wordings, why)


def joined(trace: Recorder, parts: Sequence[Any]) -> LateText:
    """Texts, one behind another."""
    found = [Wording((), (), ())]
    for part in parts:
        found = [_followed(one, other) for one in found for other in _wordings(part)]
    return LateText(trace, found)


def written(value: Any, conversion: str, spec: str) -> str:
    """A value as `f"{value!conversion:spec}"` has it."""
    return format(_CONVERSIONS[conversion](value) if conversion else value, spec)


def _followed(one: Wording, other: Wording) -> Wording:
    start = len(one.values)
    moved = [p if isinstance(p, str) else (p[0] + start, *p[1:]) for p in other.pieces]
    return Wording(
        (*one.conditions, *other.conditions),
        (*one.pieces, *moved),
        (*one.values, *other.values),
    )


def _wordings(text: Any) -> Sequence[Wording]:
    return text.wordings if type(text) is LateText else [Wording((), (text,), ())]


def field(trace: Recorder, value: Any, conversion: str, spec: Any) -> Any:
    """A value in a text."""
    if type(value) is LateText:
        return value if conversion in ("", "s") and not spec else value.refuse()
    if not is_late(value):
        return written(value, conversion, spec)
    return LateText(trace, [Wording((), ((0, *as_pythons(value, conversion, spec)),), (value,))])


def as_pythons(value: Any, conversion: str, spec: str) -> tuple[str, str]:
    """How a value is written: one of Python's as such, be it NumPy's in the emitted function.

    An int may be a float there, and then of -0.5 it is -0.0.
    """
    if not isinstance(value, NumberTracer):
        return conversion, spec
    if isinstance(value, IntTracer) and value.content.dtype == FLOAT:
        if not spec.removesuffix("d"):
            return "", "z.0f"
        is_whole = not conversion and (spec.endswith("d") or not spec[-1].isalpha())
        return conversion, f"{spec.removesuffix('d')}.0f" if is_whole else spec
    return "s" if conversion else "", spec


def _is_text(value: Any) -> bool:
    return type(value) in (str, LateText)


def is_late(value: Any) -> bool:
    """Whether what is written of a value is not known yet."""
    if type(value) in (LateText, Length):
        return True
    return type(value) in TRACERS and not value.is_concrete
