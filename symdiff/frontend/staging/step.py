"""The step of a loop while it is traced once for all of them."""

from __future__ import annotations

from typing import Any, NoReturn

from symdiff.errors import SymdiffError
from symdiff.frontend.staging.carried import Place
from symdiff.frontend.staging.effects import Way
from symdiff.frontend.tracing.recorder import Recorder
from symdiff.frontend.tracing.running import active
from symdiff.frontend.tracing.storage import Buffer
from symdiff.frontend.tracing.tracer import Tracer
from symdiff.graph.node import INPUT
from symdiff.ops.progressions import Progression, progression


class UnlikeError(SymdiffError):
    """A step that cannot stand for all steps of its loop."""


class AgainError(SymdiffError):
    """A step that has found something more that is carried, and begins anew.

    Attributes:
        found: what its loop carries by now.
    """

    def __init__(self, found: Found) -> None:
        super().__init__("a step begins anew")
        self.found = found


class Found:
    """What runs of a step have found so far.

    Attributes:
        cells: items and attributes that a step writes, by their keys.
        written: arrays that a step writes into, by identity.
        moving: those that change places: each of them is another variable's in the next step.
        forms: how a number or an array begins, by its place and its number there.
        lists: lists that a step appends to, by identity.
        before_last: how many items stand in the step for those of a list before its last.
        is_left: whether a step may leave the loop, by `break` or `return`.
    """

    def __init__(self) -> None:
        self.cells: dict[Any, Place] = {}
        self.written: dict[int, Buffer] = {}
        self.moving: dict[int, Buffer] = {}
        self.forms: dict[Any, Any] = {}
        self.lists: dict[int, list[Any]] = {}
        self.before_last = 1
        self.is_left = False


class Step(Way):
    """The step of a loop as a way of the code: what it does to things outside is looked at.

    Args:
        trace: takes its lines.
        outer: the trace around the loop.
        found: what runs of it have found so far.

    Attributes:
        originals: by identity, the arrays that stand for others in the step, with those.
        rows: by identity, the rows of arrays that it is given, with those; `None` for NumPy's own.
        appended: the lists and values of its calls of `append`, in their order.
        counters: the lines that count, where nothing else may depend on them than places.
        counts: the lines that count one on, each with its first number.
        lengths: by the identity of lists that it appends to, how many items they begin with.
        placed: by identity, those of which an item is read by its place.
    """

    is_step = True

    def __init__(self, trace: Recorder, outer: Recorder, found: Found) -> None:
        super().__init__(None)
        self.trace, self.outer, self.found = trace, outer, found
        self.originals: dict[int, tuple[Buffer, Buffer | None]] = {}
        self.rows: dict[int, tuple[Buffer, Buffer | None]] = {}
        self.appended: list[tuple[list[Any], Any]] = []
        self.counters: frozenset[int] = frozenset()
        self.counts: dict[int, int] = {}
        self.lengths: dict[int, int] = {}
        self.placed: set[int] = set()

    def again(self) -> NoReturn:
        """Begin anew."""
        raise self.trace.noted(AgainError(self.found))

    def unlike(self, reason: str) -> NoReturn:
        """Refuse to stand for all steps."""
        raise self.trace.noted(UnlikeError(reason))

    def carries(self, place: Place) -> None:
        """Something outside is about to be stored at a place."""
        if place.key not in self.found.cells:
            self.found.cells[place.key] = place
            self.again()

    def stands_for(self, buffer: Buffer, original: Buffer | None) -> None:
        """An array of the step stands for one from outside; `None` for one that is not written."""
        self.originals[id(buffer)] = buffer, original

    def writes(self, buffer: Buffer) -> None:
        """An array is about to be written into."""
        given = self.originals.get(id(buffer)) or self.rows.get(id(buffer))
        if given is not None:
            original = given[1]
            if original is None:
                self.unlike("an array that the loop was given is written into")
        elif buffer.recorder is self.trace:
            return
        else:
            original = buffer
        if id(original) in self.found.moving:
            self.unlike("an array is written into under two names")
        self.found.written[id(original)] = original
        self.again()

    def decides(self, condition: Tracer) -> None:
        """Something is decided by a condition."""
        content = condition.content
        if not self.counters or content.builder is not self.trace.builder:
            return
        nodes, pending, seen, is_counted = self.trace.builder.nodes, [content.at], set[int](), False
        while pending:
            at = pending.pop()
            if nodes[at].op == INPUT:
                if at not in self.counters:
                    return
                is_counted = True
            pending += [argument for argument in nodes[at].args if argument not in seen]
            seen.update(nodes[at].args)
        if is_counted:
            self.unlike("its counter decides what a step does")

    def last_item(self, items: list[Any], key: Any) -> list[Any]:
        """The last item of a list that grows, where a key is its place in each step; none else."""
        content = key.content
        if id(items) not in self.lengths or content.builder is not self.trace.builder:
            return []
        known = {line: Progression(start, 1) for line, start in self.counts.items()}
        place = progression(self.trace.builder.nodes, content.at, known)
        grown = sum(owner is items for owner, _ in self.appended)
        length = self.lengths[id(items)] + grown
        if place is None or (place.start, place.step) != (length - 1, 1) or not length:
            return []
        self.placed.add(id(items))
        return items[-1:]

    def appends(self, owner: list[Any], value: Any) -> None:
        """`owner.append(value)` of a list from outside."""
        if self.trace.ways[-1] is not self:
            self.unlike("a list grows where a condition on values holds")
        if id(owner) not in self.found.lists:
            self.found.lists[id(owner)] = owner
            self.again()
        self.appended.append((owner, value))
        owner.append(value)


class Lost(Buffer):
    """An array that a loop has written into under another name: what it holds is not known."""

    __slots__ = ()

    @property
    def content(self) -> Any:
        """Refused."""
        trace = active() or self.recorder
        trace.refuse(
            "an array is read that a loop has exchanged with another one, under a name that the "
            "loop does not exchange",
            "copy it before the loop, with .copy()",
        )
