"""Effects inside of a branch that depends on values: selected where that can be, else refused."""

from __future__ import annotations

import contextlib
import sys
from collections import deque
from collections.abc import Iterator, Sequence
from types import CellType
from typing import Any, NoReturn

from symdiff.frontend.staging.carried import Place, attribute_of, cell_of, item_of
from symdiff.frontend.staging.merge import merged
from symdiff.frontend.staging.undecided import Undecided
from symdiff.frontend.tracing.array import TRACERS
from symdiff.frontend.tracing.chosen import refuse_shared_change
from symdiff.frontend.tracing.recorder import Recorder
from symdiff.frontend.tracing.running import active
from symdiff.frontend.tracing.tracer import Tracer

_CONTAINERS = (list, dict, set, bytearray, deque)
_EMPTY = CellType()
_ALONE = CellType([])  # which nothing else holds
_MISSING = object()


class Way:
    """One way of a branch while it is traced.

    Attributes:
        condition: where it is taken.
        whole: where all ways around it are taken too; `None` until that is asked for.
        raising: the error that the user's code raises in it.
        raised: that error, where the way ends with it.
        is_step: whether it is the step of a loop, which is taken again and again.
    """

    is_step = False

    def __init__(self, condition: Any) -> None:
        self.condition = condition
        self.whole: Any = None
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
    """Refuse an effect that would take place whichever way is taken, or once for all steps."""
    trace = current()
    if trace.ways and trace.ways[-1].is_step:
        trace.step.unlike(what)
    trace.refuse(
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


def lists_held_once(names: Sequence[str], cells: Sequence[CellType]) -> list[Place]:
    """The variables in cells that hold lists of this way, which nothing else holds."""
    return [
        cell_of(name, cell)
        for name, cell in zip(names, cells, strict=True)
        if cell != _EMPTY and type(cell.cell_contents) is list and _is_held_once(cell)
    ]


def _is_held_once(cell: CellType) -> bool:
    trace = active()
    is_kept = trace is not None and id(cell.cell_contents) in trace.fresh
    is_alone = (
        sys.getrefcount(cell.cell_contents) <= sys.getrefcount(_ALONE.cell_contents) + is_kept
    )
    return is_alone and not is_shared(cell.cell_contents)


def changes(owner: Any) -> None:
    """A container is changed in place: what a branch has chosen may be another variable's too."""
    trace = active()
    if trace is not None and trace.chosen:
        refuse_shared_change(trace, owner)


def is_shared(value: Any) -> bool:
    """Whether a container may be seen from outside of the way that is traced."""
    return bool(_ways_since(value))


def refuse_shared(value: Any, what: str) -> None:
    """Refuse a change of something that may be seen from outside of the way that is traced."""
    if is_shared(value):
        refuse(what)


def reads_iterator(part: Any) -> bool:
    """Whether a step or a way reads an iterator that is from outside: it is gone through once."""
    cells = getattr(part, "__closure__", None) or ()  # a part of a text program has none
    held = [cell.cell_contents for cell in cells if cell != _EMPTY]
    return any(isinstance(one, Iterator) and not isinstance(one, Undecided) for one in held)


def refuse_iterators(part: Any) -> None:
    """Refuse a way that goes through an iterator from outside, whether it is taken or not."""
    if part is not None and reads_iterator(part):
        refuse("an iterator is gone through")


def refuse_growing(*values: Any) -> None:
    """Refuse to look at a list as a whole that the step of a loop appends to."""
    trace = active()
    step = trace.step if trace is not None else None
    if step is not None and any(id(value) in step.found.lists for value in values):
        step.unlike("a list is looked at that grows in the loop")


def binds(*names: str) -> None:
    """Names of a scope around are bound."""
    trace = active()
    if trace is not None and (trace.ways or trace.guards):
        refuse(f"'{names[0]}', which belongs to a function or module around, is set")


def updates(value: Any) -> None:
    """A variable is updated in place: a container would change for all that hold it."""
    if isinstance(value, _CONTAINERS):
        changes(value)
        if is_shared(value):
            refuse(f"a {type(value).__name__} is changed in place")


def deletes() -> None:
    """`del a[i]`, `del a.x`."""
    writes("an item or an attribute is deleted")


def writes(what: str = "something is changed in place") -> None:
    """Something is written or deleted that cannot be looked at before."""
    trace = active()
    if trace is None:
        return
    if trace.ways:
        refuse(what)
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
    old = getattr(owner, name, _MISSING)
    return _selected(attribute_of(owner, name), owner, value, old, f"the attribute '{name}'")


def stored_item(owner: Any, key: Any, value: Any) -> Any:
    """What `owner[key] = value` stores. An array of the trace's selects by itself."""
    changes(owner)
    if not ways_here() or isinstance(owner, Tracer):
        return value
    if type(owner) is list or isinstance(owner, dict):
        old = _MISSING
        with contextlib.suppress(KeyError, IndexError, TypeError):
            old = owner[key]
        what = f"an item of a {type(owner).__name__}"
        return _selected(item_of(owner, key), owner, value, old, what)
    writes()
    return value


def stored(place: Place, value: Any) -> Any:
    """What a loop stores at a place that it has carried."""
    kind, *_ = place.key
    store = stored_attribute if kind == "attribute" else stored_item
    return store(place.owner, place.key[2], value)


def appended(items: list[Any], value: Any) -> None:
    """Let a list grow that the steps of a loop have appended to."""
    ways = _ways_since(items)
    if ways and ways[0].is_step:
        current().step.appends(items, value)
        return
    if ways:
        refuse(f"a {type(items).__name__} grows")
    items.append(value)


def stored_slice(owner: Any, value: Any) -> Any:
    """What `owner[a:b] = value` stores."""
    changes(owner)
    if ways_here() and not isinstance(owner, Tracer) and is_shared(owner):
        refuse(f"a {type(owner).__name__} is changed in place")
    return value


def _selected(place: Place, owner: Any, value: Any, old: Any, what: str) -> Any:
    """The value where the ways are taken in which it is stored, else what was there."""
    ways = _ways_since(owner)
    if not ways:
        return value
    if old is _MISSING:
        refuse(f"{what} is made")
    if ways[0].is_step:
        current().step.carries(place)
        ways = ways[1:]
    for way in reversed(ways):
        value = merged(current(), way.condition, value, old)
        if isinstance(value, Undecided):
            refuse(f"{what} is set to another kind of value")
    return value
