"""Effects inside of a branch that depends on values: selected where that can be, else refused."""

from __future__ import annotations

import contextlib
from collections import deque
from typing import Any, NoReturn

from symdiff.frontend.staging.merge import Undecided, merged
from symdiff.frontend.tracing.array import TRACERS
from symdiff.frontend.tracing.chosen import refuse_shared_change
from symdiff.frontend.tracing.recorder import Recorder
from symdiff.frontend.tracing.running import active

_CONTAINERS = (list, dict, set, bytearray, deque)
_MISSING = object()


class Way:
    """One way of a branch while it is traced.

    Attributes:
        condition: where it is taken.
        raising: the error that the user's code raises in it.
        raised: that error, where the way ends with it.
    """

    def __init__(self, condition: Any) -> None:
        self.condition = condition
        self.raising: Exception | None = None
        self.raised: Exception | None = None


def trace_of(value: Any) -> Recorder | None:
    """The trace that decides on a value; `None` where the value is known."""
    if type(value) not in TRACERS:
        return None
    trace = active()
    if trace is None or trace.is_paused or value.is_concrete:
        return None
    return trace


def current() -> Recorder:
    """The trace that runs."""
    trace = active()
    assert trace is not None  # it has made a signal that is not plain
    return trace


def ways_here() -> list[Way]:
    """The ways that are being traced, the outermost first."""
    trace = active()
    return trace.ways if trace is not None else []


def refuse(what: str) -> NoReturn:
    """Refuse an effect that would take place whichever way is taken."""
    current().refuse(
        f"{what} in one way of a branch that depends on values, and would take place in both",
        "set a variable in the branch, and do this behind it",
    )


def fresh(value: Any) -> Any:
    """A container that is made here: what is done to it in this way reaches nothing else."""
    trace = active()
    if trace is not None and trace.ways:
        trace.fresh[id(value)] = value, trace.ways[-1]
    return value


def _ways_since(value: Any) -> list[Way]:
    """The ways that have begun since a container was made."""
    trace = active()
    if trace is None:
        return []
    _, made_in = trace.fresh.get(id(value), (None, None))
    if made_in in trace.ways:
        return trace.ways[trace.ways.index(made_in) + 1 :]
    return trace.ways


def changes(owner: Any) -> None:
    """A container is changed in place: what a branch has chosen may be another variable's too."""
    trace = active()
    if trace is not None and trace.chosen:
        refuse_shared_change(trace, owner)


def is_shared(value: Any) -> bool:
    """Whether a container may be seen from outside of the way that is traced."""
    return bool(_ways_since(value))


def binds(*names: str) -> None:
    """Names of a scope around are bound."""
    if ways_here():
        refuse(f"'{names[0]}', which belongs to a function or module around, is set")


def updates(value: Any) -> None:
    """A variable is updated in place: a container would change for all that hold it."""
    if isinstance(value, _CONTAINERS):
        changes(value)
        if is_shared(value):
            refuse(f"a {type(value).__name__} is changed in place")


def writes() -> None:
    """Something is written or deleted that cannot be looked at before."""
    trace = active()
    if trace is None:
        return
    if trace.ways:
        refuse("something is changed in place")
    if trace.chosen:
        trace.refuse(
            "something is changed in place, and a branch on values has chosen between containers",
            "write the change as a statement that names what is changed: a[i] = value",
        )


def unseen(value: Any) -> Any:
    """A value that is stored at a place that cannot be looked at before."""
    writes()
    return value


def stored_attribute(owner: Any, name: str, value: Any) -> Any:
    """What `owner.name = value` stores."""
    changes(owner)
    if not ways_here():
        return value
    return _selected(owner, value, getattr(owner, name, _MISSING), f"the attribute '{name}'")


def stored_item(owner: Any, key: Any, value: Any) -> Any:
    """What `owner[key] = value` stores. An array of the trace's selects by itself."""
    changes(owner)
    if not ways_here() or type(owner) in TRACERS:
        return value
    if type(owner) is list or isinstance(owner, dict):
        old = _MISSING
        with contextlib.suppress(KeyError, IndexError, TypeError):
            old = owner[key]
        return _selected(owner, value, old, f"an item of a {type(owner).__name__}")
    writes()
    return value


def stored_slice(owner: Any, value: Any) -> Any:
    """What `owner[a:b] = value` stores."""
    changes(owner)
    if ways_here() and type(owner) not in TRACERS and is_shared(owner):
        refuse(f"a {type(owner).__name__} is changed in place")
    return value


def _selected(owner: Any, value: Any, old: Any, what: str) -> Any:
    """The value where the ways are taken in which it is stored, else what was there."""
    ways = _ways_since(owner)
    if not ways:
        return value
    if old is _MISSING:
        refuse(f"{what} is made")
    for way in reversed(ways):
        value = merged(current(), way.condition, value, old)
        if isinstance(value, Undecided):
            refuse(f"{what} is set to another kind of value")
    return value
