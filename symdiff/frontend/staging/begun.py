"""The beginning of a loop's step: what stands for what goes from step to step, and the items."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from types import CodeType
from typing import Any

from symdiff.frontend.loops import ROLL
from symdiff.frontend.staging.carried import (
    Carry,
    Form,
    Leaves,
    Place,
    Variable,
    counter,
    end_of,
    own_buffer,
    storage_of,
    unknown_item,
)
from symdiff.frontend.staging.decisions import never_holds, truth_of
from symdiff.frontend.staging.merge import is_tracer
from symdiff.frontend.staging.signals import Signal
from symdiff.frontend.staging.sources import Counts, Leaf, Rows, Source
from symdiff.frontend.staging.step import Found, Lost, Step, UnlikeError
from symdiff.frontend.tracing.array import PYTHONS, ArrayTracer, BoolTracer, IntTracer, ScalarTracer
from symdiff.frontend.tracing.length import Length
from symdiff.frontend.tracing.loop_graph import fresh
from symdiff.frontend.tracing.recorder import Recorder
from symdiff.frontend.tracing.running import begin, end
from symdiff.frontend.tracing.scalars import as_python
from symdiff.frontend.tracing.storage import Buffer, View
from symdiff.frontend.tracing.trace import Trace
from symdiff.frontend.tracing.values import numpy
from symdiff.graph.shape import Dim
from symdiff.ops.handle import Handle

Body = Callable[[Any], Signal]

FEWEST_STEPS = 4  # of a loop; one of fewer stays one only where it holds loops
MOST_UNROLLED = 100  # steps of a loop that its counter decides on: its steps are not alike


@dataclass(frozen=True, slots=True)
class Loop:
    """A `for` or a `while` that is being traced.

    Attributes:
        outer: the trace around it.
        source: what it goes through; `None` for a `while`.
        test: asks whether there is another step; `None` for a `for`.
        body: a step, which is given an item; returns how it ends.
        code: where it stands.
        read: the names that it reads, with their values.
        places: the variables that it binds.
        kept: the names that are read behind it.
        first: the names that each step sets before it reads them.
        asked: the names of which each read asks whether they are set.
        lists: the variables that hold lists which nothing else holds.
        found: what goes from step to step, as far as it is known.
    """

    outer: Recorder
    source: Source | None
    test: Callable[[], Any] | None
    body: Body
    code: CodeType
    read: Sequence[tuple[str, Any]]
    places: Sequence[Place]
    kept: frozenset[str]
    first: frozenset[str]
    asked: frozenset[str]
    lists: Sequence[Place]
    found: Found = field(default_factory=Found)

    @property
    def length(self) -> Any:
        """How many steps there are at most: a dimension, or a tracer; `None` for no bound."""
        return None if self.source is None else self.source.length

    @property
    def is_open(self) -> bool:
        """Whether Python could not carry it out, as its length is not known."""
        return self.source is not None and type(self.length) is not int

    @property
    def has_many_steps(self) -> bool:
        """Whether its steps are not few, or of an unknown number."""
        return type(self.length) is not int or self.length >= FEWEST_STEPS

    @property
    def may_be_unrolled(self) -> bool:
        """Whether its steps could be written out, and that is not forbidden."""
        return type(self.length) is int and self.outer.loops.choice != ROLL


class Begun:
    """One run of a step, from its beginning on.

    Attributes:
        loop: whose step it is.
        trace: takes the lines.
        step: what is looked at while it runs.
        variables: the places that the loop binds or stores to.
        arrays: the arrays that the step writes into.
        stand_ins: by the identity of memory, what stands for a variable's number or array in it.
        flags: what the loop itself carries: whether a step has left it, a counter.
        slices: the lines of what is read slice by slice.
        leaves: what each of them is a slice of.
        counters: those of them that count.
        asked: the line of the condition that there is a step, if there is one.
        is_endless: whether it is a `while True`.
    """

    def __init__(self, whole: Loop) -> None:
        self.loop, self.outer, self.found = whole, whole.outer, whole.found
        self.trace = Trace(whole.outer.builder.limit, whole.outer)
        self.trace.code = whole.outer.code
        self.trace.entry = whole.outer.entry
        self.trace.suppressed = [*whole.outer.suppressed]
        self.trace.loops, self.trace.told = whole.outer.loops, whole.outer.told
        self.trace.unrolled, self.trace.rolled = whole.outer.unrolled, whole.outer.rolled
        self.trace.chosen = {**whole.outer.chosen}
        self.trace.classes = whole.outer.classes
        self.step = Step(self.trace, whole.outer, whole.found)
        self.trace.step = self.step
        self.trace.ways.append(self.step)
        places = [*whole.places, *self.found.cells.values(), *map(end_of, self._lists())]
        self.variables = [Variable(place) for place in places]
        self.arrays: list[tuple[Buffer, Carry]] = []
        self.lent: list[tuple[Buffer, type, Any, Any]] = []
        self.stand_ins: dict[int, tuple[Variable, int]] = {}
        self.flags: list[Carry] = []
        self.condition: Any = None
        self.asked: list[int] = []
        self.is_endless = False
        self.slices: list[int] = []
        self.leaves: list[Leaf] = []
        self.counters: list[int] = []
        self.names: set[str] = set()

    # --- while it runs -----------------------------------------------------------------------

    def __enter__(self) -> Begun:
        found = self.loop.found
        self._ask_around()
        self.contents = {key: list(items) for key, items in found.lists.items()}
        self.step.lengths = {key: len(items) for key, items in found.lists.items()}
        begin(self.trace)
        return self

    def __exit__(self, failure: object, *_: object) -> None:
        end()
        for buffer, kind, content, way in self.lent:
            buffer.__class__ = kind
            buffer.recorder, buffer.way = self.outer, way
            buffer.put(content)
        for variable in self.variables:
            variable.place.store(variable.held)
        for key, items in self.found.lists.items():
            items[:] = self.contents.get(key, items)
        if failure is not None:
            self.forget()

    def forget(self) -> None:
        """Hold nothing of the user's any more: others ask how often something is held."""
        self.variables, self.arrays, self.lent = [], [], []
        self.step.originals, self.step.appended, self.stand_ins = {}, [], {}
        self.step.rows = {}
        self.trace.lifted, self.trace.fresh, self.trace.chosen = {}, {}, {}

    def run(self) -> Signal:
        """Run the step with what stands for all of them; how it ends."""
        self._start()
        self._lend()
        item = self._item()
        if self.loop.test is not None:
            test = self.loop.test()
            self.is_endless = truth_of(test) is None
            self._ask(test)
        if self.condition is not None:
            self.asked.append(self.line(self.condition))
        if self.loop.may_be_unrolled and self.loop.length <= MOST_UNROLLED:
            self.step.counters = frozenset(self.counters)
        signal = self.loop.body(item)
        if self.trace.refused is not None:
            raise self.trace.refused
        return signal

    def line(self, value: Any) -> int:
        """The line of a value, which is there where no check has raised."""
        handle = value if isinstance(value, Handle) else self.trace.handle(value)
        return self.trace.checked(handle).at

    def input(self, name: str, form: Form) -> int:
        """The line of an input of the step."""
        free = fresh(name or "carried", self.names)
        return self.trace.builder.input(free, form.shape, form.kind)

    def is_lent(self, value: Any) -> bool:
        """Whether a value is an array that the step writes into."""
        own = storage_of(value)
        return own is not None and any(own is buffer for buffer, _ in self.arrays)

    def is_written(self, value: Any) -> bool:
        """Whether a value is an array that the step writes into, or a view of one.

        Arrays that change places are none: each belongs to one variable.
        """
        return self.is_lent(value) or (
            isinstance(storage_of(value), View) and self._is_of_lent(value)
        )

    def _is_of_lent(self, value: Any) -> bool:
        """Whether an array belongs to the step meanwhile, or what it is a view of."""
        storage = storage_of(value)
        own = getattr(storage, "buffer", storage)
        return any(own is buffer for buffer, *_ in self.lent)

    def is_of_outside(self, value: Any) -> bool:
        """Whether a value is an array from outside of the step, or a view of one."""
        if type(value) is not ArrayTracer:
            return False
        return self.is_written(value) or not self.is_inside(value.storage.buffer)

    def is_inside(self, buffer: Buffer) -> bool:
        """Whether memory is of the step, be it that it stands there for some from outside."""
        return buffer.recorder is self.trace or id(buffer) in self.step.originals

    # --- what stands for what ----------------------------------------------------------------

    def _ask_around(self) -> None:
        """A loop around writes into the arrays that this one does, be they of its step or not."""
        for buffer in (*self.found.written.values(), *self.found.moving.values()):
            if self.outer.step is not None:
                self.outer.step.writes(buffer)
            elif buffer.recorder is not self.outer:
                raise UnlikeError("an array of a function around is written into")

    def _lend(self) -> None:
        """Let the arrays that are written into belong to the step meanwhile."""
        for buffer in [*self.found.written.values(), *self.found.moving.values()]:
            self.lent.append((buffer, type(buffer), buffer.content, buffer.way))
        for number, (buffer, *_) in enumerate(self.lent):
            if id(buffer) in self.found.moving:
                buffer.__class__ = Lost
                continue
            content = buffer.content
            start = ArrayTracer(self.outer, Buffer(self.outer, content, buffer.dtype))
            form = Form(tuple(content.shape), buffer.dtype, ArrayTracer)
            name = self._name_of(buffer) or f"array{number + 1}"
            carry = Carry(name, start, form, self.input("", form))
            self.arrays.append((buffer, carry))
            buffer.recorder, buffer.way = self.trace, self.step
            buffer.put(self._tracer(carry.input, form).content)

    def _lists(self) -> list[list[Any]]:
        """Those that the step appends to, with something in them."""
        return [items for items in self.found.lists.values() if items]

    def _name_of(self, buffer: Buffer) -> str:
        """What the code of the loop calls an array."""
        for name, value in self.loop.read:
            if storage_of(value) is buffer:
                return name
        return ""

    def _start(self) -> None:
        """Let the places hold what stands for their values."""
        for items in self.found.lists.values():
            items[:] = [*[unknown_item()] * self.found.before_last, *items[-1:]]
        for variable in self.variables:
            if variable.is_set:
                leaves = Leaves.of(variable.before)
                made = [
                    self._stand_in(variable, number, value) if number in leaves.numbers else value
                    for number, value in enumerate(leaves.values)
                ]
                variable.start = leaves.structure.unflatten(made)
                variable.place.store(variable.start)

    def _stand_in(self, variable: Variable, number: int, value: Any) -> Any:
        key = variable.place.key, number
        form = self.found.forms.get(key) or Form.of(value)
        own = own_buffer(self.outer, value)
        if own is not None and id(own) in self.found.written:
            return value
        name = variable.place.name if not variable.carries else ""
        carry = Carry(variable.place.name, value, form, self.input(name, form))
        variable.carries.append(carry)
        made = self._tracer(carry.input, form)
        self.stand_ins[id(made.storage)] = variable, number
        if own is None or id(own) not in self.found.moving:
            self.step.stands_for(made.storage, own)
        return made

    def _tracer(self, line: int | None, form: Form) -> Any:
        assert line is not None  # an input of the step
        buffer = Buffer(self.trace, Handle(self.trace.builder, line), form.dtype)
        return form.tracer(self.trace, buffer)

    # --- items -------------------------------------------------------------------------------

    def _item(self) -> Any:
        """What the step is given of the source."""
        source = self.loop.source
        goes_on = self._is_not_done() if self.found.is_left else True
        if source is not None and goes_on is True and not is_tracer(source.length):
            return source.item(self._members(source))
        if source is None:
            self._ask(goes_on)
            return None
        number = self._flag("i", start=0, form=counter())
        last = source.length
        self.trace.extents.counts(self.trace.handle(number).at, 0, 1, last)
        self._ask(number < (Length(self.trace, last) if isinstance(last, Dim) else last))
        self._ask(goes_on)
        self.flags[-1].output = self.line(number + 1)
        return source.item(self._members_at(source, number))

    def _is_not_done(self) -> Any:
        """Whether no step has left the loop yet."""
        form = Form((), numpy().dtype(bool), BoolTracer)
        return self.trace.call("logical_not", self._flag("done", start=False, form=form))

    def _flag(self, name: str, *, start: Any, form: Form) -> Any:
        """Something that the loop itself carries."""
        self.flags.append(Carry(name, start, form, self.input("", form)))
        return self._tracer(self.flags[-1].input, form)

    def _ask(self, test: Any) -> None:
        """There is another step where this holds too."""
        found = truth_of(test)
        if (found is None and not test) or (found is not None and never_holds(*found)):
            raise UnlikeError("it has no step")
        if found is not None:
            asked = self.condition
            both = found[1] if asked is None else self.trace.call("logical_and", asked, found[1])
            self.condition = both

    def _members(self, source: Source) -> Iterator[Any]:
        """What the leaves have in a step: slices of the loop."""
        for leaf in source.leaves:
            if not isinstance(leaf, Rows):
                assert isinstance(leaf, Counts)  # the other kind
                yield self._count(leaf)
            elif self._is_of_lent(leaf.array):  # a view, which shows what is written meanwhile
                yield leaf.array[self._count(Counts(0, 1, leaf.length))]
            else:
                yield self._row(leaf)

    def _count(self, leaf: Counts) -> Any:
        """The number of a step."""
        item = self._slice(leaf, counter())
        self.counters.append(self.slices[-1])
        self.trace.extents.counts(self.slices[-1], leaf.start, leaf.step, leaf.length)
        if leaf.step == 1 and type(leaf.start) is int:
            self.step.counts[self.slices[-1]] = leaf.start
        return item

    def _row(self, leaf: Rows) -> Any:
        """The row of a step, of an array that it does not write into."""
        rows = Form.of(leaf.array)
        kind: Any = ArrayTracer if len(rows.shape) > 1 else ScalarTracer
        form = Form(rows.shape[1:], rows.dtype, PYTHONS[leaf.kind] if leaf.kind else kind)
        item = self._slice(leaf, form)
        if kind is ArrayTracer:
            own = leaf.array.storage.buffer if type(leaf.array) is ArrayTracer else None
            self.step.rows[id(item.storage)] = item.storage, own
        return item

    def _slice(self, leaf: Leaf, form: Form) -> Any:
        """What a leaf has in a step, as an input of it."""
        self.leaves.append(leaf)
        self.slices.append(self.input("i", form))
        return self._tracer(self.slices[-1], form)

    def _members_at(self, source: Source, number: Any) -> Iterator[Any]:
        """What the leaves have at a place."""
        for leaf in source.leaves:
            if isinstance(leaf, Counts):
                yield self._counted(number, leaf)
                continue
            assert isinstance(leaf, Rows)
            array = leaf.array
            own = array if type(array) is ArrayTracer else self.trace.of_outside(array)
            value = own[number]
            yield value if leaf.kind is None else as_python(value, leaf.kind)

    def _counted(self, step: IntTracer, leaf: Counts) -> Any:
        """The number that a count has in a step."""
        number: Any = step
        if leaf.step != 1:
            number = number * leaf.step
        if not isinstance(leaf.start, Dim):
            return number + leaf.start if is_tracer(leaf.start) or leaf.start else number
        return as_python(number + Length(self.trace, leaf.start), int)
