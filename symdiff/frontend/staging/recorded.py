"""Recording of a loop whose step is traced: its line, and what everything holds behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from symdiff.frontend.loops import Told
from symdiff.frontend.staging import effects
from symdiff.frontend.staging.begun import Begun
from symdiff.frontend.staging.carried import Carry, Leaves, Variable
from symdiff.frontend.staging.decisions import truth_of
from symdiff.frontend.staging.ended import Ended
from symdiff.frontend.staging.errors import check, passed
from symdiff.frontend.staging.merge import Unsure
from symdiff.frontend.staging.ranges import Range, stay_exact
from symdiff.frontend.staging.shared import Shared
from symdiff.frontend.staging.signals import FALLS, Conditions, Signal
from symdiff.frontend.staging.sources import Counts, Rows, Source
from symdiff.frontend.staging.step import Lost, UnlikeError
from symdiff.frontend.staging.undecided import Undecided
from symdiff.frontend.staging.variables import unbound
from symdiff.frontend.tracing.array import ArrayTracer, BoolTracer
from symdiff.frontend.tracing.checkpoint import checkpointed
from symdiff.frontend.tracing.length import Length
from symdiff.frontend.tracing.lists import listed, share, strung
from symdiff.frontend.tracing.loop_graph import loop_graph
from symdiff.frontend.tracing.recorder import Recorder
from symdiff.frontend.tracing.storage import Buffer, is_known_view
from symdiff.frontend.tracing.tracer import Tracer
from symdiff.frontend.tracing.values import numpy
from symdiff.graph.graph import Graph
from symdiff.graph.nested import every_node, free_length
from symdiff.graph.node import BOOL, COMPLEX, CONSTANT, FLOAT, INPUT, INT
from symdiff.graph.shape import Dim, Dimension, named
from symdiff.ops.complex_numbers import of_kind
from symdiff.ops.handle import Handle
from symdiff.ops.loops import loop, part
from symdiff.ops.progressions import counting
from symdiff.ops.registry import OPERATIONS

MOST_LINES = 64  # of a loop that is unrolled: a text that is read at a glance

MOST_NESTED = 200  # likewise, of a loop of few steps that holds loops: each is a text of its own
_LONGEST = 2.0**30  # steps of a named length, and whole numbers that are not known


class Recording:
    """The line of a loop.

    Args:
        begun: the beginning of its step.
        ended: the end.
    """

    def __init__(self, begun: Begun, ended: Ended) -> None:
        self.begun, self.ended = begun, ended
        self.loop, self.outer = begun.loop, begun.outer
        self._shared = Shared(begun)
        self.carries = ended.carries
        self._never: Any = None  # the truth that no step is done, where that may be
        for carry in self.carries:
            if carry.input is None:
                carry.input = begun.input("", carry.form)
        results = [at for _, at, *_ in ended.results]
        bound = {place.name for place in self.loop.places}
        for name, value in self.loop.read:
            if name not in bound and type(value) is ArrayTracer and value.is_concrete:
                begun.trace.hint(begun.trace.handle(value).at, name)
        self.graph, self.constants = loop_graph(
            begun.trace,
            [(carry.name, carry.input or 0) for carry in self.carries],
            list(zip(ended.item_names, begun.slices, strict=True)),
            [*[carry.output for carry in self.carries], *results, *begun.asked],
            self.loop.read,
        )

    def check(self) -> None:
        """State that the loop does what Python does.

        Raises:
            UnlikeError: where a whole number of Python's may not fit into a line, or what is read
                behind the loop may not be set.
        """
        self._check_numbers()
        self._check_set()

    def record(self) -> Signal:
        """Record the loop; let the places hold what they hold behind it. How it ends."""
        self.outer.told.append(self.outcome)
        parts = self.outer.placed(self._parts)
        finals = dict(zip(self.carries, parts, strict=False))
        for carry in self.ended.passed:
            passed(self.outer, self._truth(finals[carry]))
        self._leave(finals, parts[len(self.carries) :])
        ending = self._ending(finals)
        self.begun.forget()
        return ending

    @property
    def is_worth_it(self) -> bool:
        """Whether it is better a loop: it is no short one, and depends on the arguments."""
        if self.loop.is_open:
            return True
        length = self.loop.length
        nodes = every_node(self.graph.nodes)
        lines = sum(node.op not in (INPUT, CONSTANT) for node in nodes)
        most = MOST_LINES if self.loop.has_many_steps else MOST_NESTED
        is_short = self.loop.may_be_unrolled and lines * length <= most
        starts = [carry.start for carry in self.carries]
        leaves = self.loop.source.leaves if self.loop.source is not None else []
        arrays = [leaf.array for leaf in leaves if isinstance(leaf, Rows)]
        given = [*self.constants, *starts, *arrays]
        return not is_short and any(map(self.outer.is_symbolic, given))

    # --- the line ----------------------------------------------------------------------------

    def _parts(self) -> list[Handle]:
        """The line of the loop, and those of what it leaves."""
        outer, count = self.outer, len(self.carries) + len(self.ended.results)
        handles = [outer.handle(value) for value in self.constants]
        handles += [self._first(carry) for carry in self.carries]
        length, test, source = self.loop.length, None, self.loop.source
        graph = self.graph
        if self.begun.asked or source is None:
            test = replace(graph, outputs=graph.outputs[-1:], output_names=("test",), primal=1)
            length = _fresh_length(graph, outer)
        else:
            handles += [self._slice(leaf) for leaf in self.begun.leaves]
        body = replace(
            graph,
            outputs=graph.outputs[:count],
            output_names=graph.output_names[:count],
            primal=count,
        )
        constants, carries, every = len(self.constants), len(self.carries), self._checkpoint
        if every is not None:
            return checkpointed(
                outer.builder,
                body,
                handles,
                length=length,
                constants=constants,
                carries=carries,
                every=every,
            )
        whole = loop(
            outer.builder,
            body,
            handles,
            length=length,
            constants=constants,
            carries=carries,
            test=test,
        )
        return [part(whole, number) for number in range(count)]

    @property
    def _checkpoint(self) -> int | None:
        """Every how many steps what is carried is kept; `None` for each."""
        every, length = self.outer.loops.checkpoint, self.loop.length
        if every is None or self.begun.asked or type(length) is not int or length <= every:
            return None
        return every

    @property
    def outcome(self) -> Told:
        """What became of the loop, in words."""
        code, length = self.loop.code, self.loop.length
        said = "rolled"
        if type(length) is int or isinstance(length, Dim):
            said += f" over {length}" + " steps" * (type(length) is int)
        every = self._checkpoint
        if every is not None:
            said += f", checkpoints every {every}"
        elif self.outer.loops.checkpoint is not None:
            said += ", without checkpoints"
        return Told(code.co_filename, code.co_firstlineno, said, every is not None)

    def _first(self, carry: Carry) -> Handle:
        """The line of what is carried at first."""
        builder, form = self.outer.builder, carry.form
        if carry.start is None:
            kind = FLOAT if form.kind == COMPLEX else form.kind
            return of_kind(Handle(builder, builder.full(0.0, form.shape, kind)), form.kind)
        if type(carry.start) is bool:
            return Handle(builder, builder.full(float(carry.start), (), BOOL))
        handle = self.outer.handle(carry.start)
        if form.kind == COMPLEX:
            return of_kind(handle, COMPLEX)
        return OPERATIONS["as_float64"](handle) if form.kind != handle.dtype else handle

    def _slice(self, leaf: Source) -> Handle:
        """The line of what the steps read one by one."""
        builder = self.outer.builder
        if isinstance(leaf, Rows):
            return self.outer.handle(leaf.array)
        assert isinstance(leaf, Counts)
        if leaf.step == 1 and type(leaf.start) is int:
            return counting(builder, leaf.start, leaf.length)
        numbers = counting(builder, 0, leaf.length)
        if leaf.step != 1:
            numbers = numbers * Handle(builder, builder.full(leaf.step, numbers.shape, INT))
        start = Length(self.outer, leaf.start) if isinstance(leaf.start, Dim) else leaf.start
        return numbers + self.outer.handle(start)

    # --- what must hold ----------------------------------------------------------------------

    def _check_numbers(self) -> None:
        """State that Python's whole numbers stay as they are in lines of int64."""
        graph, carries, length = self.graph, self.carries, self.loop.length
        steps = float(length) if type(length) is int else _LONGEST
        inputs = graph.inputs[len(self.constants) :]
        given: dict[int, Range] = {}
        pairs = []
        for number, at in enumerate(inputs):
            if graph[at].dtype != INT or graph[at].shape:
                continue
            if number >= len(carries):
                given[at] = 0.0, steps
                continue
            start = carries[number].start
            given[at] = (start, start) if type(start) is int else (-_LONGEST, _LONGEST)
            pairs.append((at, graph.outputs[number]))
        if not stay_exact(graph, given, pairs, steps):
            raise UnlikeError("a whole number may become larger than a line of int64 holds")

    def _check_set(self) -> None:
        """What no step may have set, and is read behind the loop, raises there."""
        if type(self.loop.length) is int:  # there is a first step
            return
        late = [variable for variable in self.ended.kept if variable.is_anew]
        changing = [variable.place.name for variable in late if variable.is_set]
        if changing:
            raise UnlikeError(f"'{changing[0]}' changes its shape or its kind")
        self._never = self._without_step()
        at_once = [v.place.name for v in late if v.place.name not in self.loop.asked]
        if at_once and self._never is not None:
            check(self.outer, self._never, unbound(at_once[0]))

    def _without_step(self) -> Any:
        """The truth that the loop does no step; `None` where it does one."""
        length = self.loop.length
        if self.loop.test is not None:
            first = self.loop.test()
        else:
            count = Length(self.outer, length) if isinstance(length, Dim) else length
            first = self.outer.call("greater", count, 0)
        found = truth_of(first)
        return None if found is None else self.outer.call("logical_not", found[1])

    # --- what everything holds behind it -----------------------------------------------------

    def _ending(self, finals: dict[Carry, Handle]) -> Signal:
        """How the loop ends."""
        if not self.begun.found.is_left:
            return FALLS
        logic, signal = Conditions(self.outer), self.ended.signal
        left: Any = self._truth(finals[self.begun.flags[0]])
        if self.begun.is_endless:  # by its test: it is left by a step
            left = True
        goes_on = logic.negation(left)
        returned: Any = left if signal.breaks is False else False
        if signal.returns is not False and signal.breaks is not False:
            returned = self._truth(finals[self.begun.flags[-1]])
        breaks = False if signal.breaks is False else logic.both(left, logic.negation(returned))
        value = signal.value
        if self.ended.values:
            parts = self.ended.returned
            value = self._with(parts, parts.numbers, self.ended.values, finals)
        return Signal(goes_on, breaks, continues=False, returns=returned, value=value)

    def _truth(self, line: Handle) -> Any:
        return BoolTracer(self.outer, Buffer(self.outer, line, numpy().dtype(bool)))

    def _with(
        self,
        leaves: Leaves,
        numbers: Sequence[int],
        carries: Sequence[Carry],
        finals: dict[Carry, Handle],
    ) -> Any:
        """A value with what is carried to the end in the place of some of its numbers."""
        made = [self._from_outside(value) for value in leaves.values]
        for number, carry in zip(numbers, carries, strict=True):
            buffer = Buffer(self.outer, finals[carry], carry.form.dtype)
            made[number] = carry.form.tracer(self.outer, buffer)
        return leaves.structure.unflatten(made)

    def _from_outside(self, value: Any) -> Any:
        """An array from outside of the step as it is behind the loop; all else as it is."""
        if not self.begun.is_of_outside(value) or not is_known_view(value.storage):
            return value
        storage = value.storage
        own = storage if storage is storage.buffer else storage.of(storage.buffer)
        return ArrayTracer(self.outer, own)

    def _leave(self, finals: dict[Carry, Handle], stacked: Sequence[Handle]) -> None:
        """Let places, arrays and lists hold what they hold behind the loop."""
        for buffer, carry in self.begun.arrays:
            self.outer.memory.carried(buffer, finals[carry])
        for variable in self.ended.kept:
            place = variable.place
            if place.is_end_of_list:
                continue
            value = self._with(Leaves.of(variable.end), variable.numbers, variable.carries, finals)
            self._shared.add(variable, Leaves.of(value).values)
            is_cell = place.key in self.begun.found.cells
            place.store(effects.stored(place, value) if is_cell else self._certain(variable, value))
        for variable, leaf in self.ended.last:
            is_copy = self._is_copied_row(variable.end)
            variable.place.store(leaf.last.copy() if is_copy else leaf.last)
        for variable in self.ended.dropped:
            if not variable.place.is_end_of_list:
                message = f"'{variable.place.name}' of a loop is read behind it"
                variable.place.store(Undecided(message, self.outer.place()))
        for buffer in self.begun.found.moving.values():
            buffer.__class__ = Lost
        self._append(stacked)

    def _is_copied_row(self, value: Any) -> bool:
        """Whether a value is a copy of a row, rather than the row or a view of it."""
        if type(value) is not ArrayTracer:
            return False
        storages = value.storage, getattr(value.storage, "buffer", None)
        return not any(id(storage) in self.begun.step.rows for storage in storages)

    def _certain(self, variable: Variable, value: Any) -> Any:
        """What a variable holds, and where it does not as there was no step."""
        never, name = self._never, variable.place.name
        if never is None or name not in self.loop.asked:
            return value
        if isinstance(variable.held, Unsure):
            never = self.outer.call("logical_and", variable.held.never, never)
        elif not variable.is_anew:
            return value
        return Unsure(name, value, never)

    def _append(self, stacked: Sequence[Handle]) -> None:
        """Let lists have grown by the results of all steps."""
        outer, length = self.outer, self.loop.length
        if isinstance(length, Dim) and stacked:
            self._join(stacked)
        for step in range(length if type(length) is int and stacked else 0):
            results = zip(self.ended.results, self.begun.step.appended, stacked, strict=True)
            for (items, _, form, depth), (_, value), whole in results:
                (own,) = Leaves.of(value).values
                array = ArrayTracer(outer, Buffer(outer, whole, form.dtype))
                read: Tracer = array[step]
                item = form.tracer(outer, read.storage)
                self._shared.add_item(own, item, length - 1 - step)
                effects.appended(items, listed(item, depth))

    def _join(self, stacked: Sequence[Handle]) -> None:
        """Let variables hold what lists were before the loop, with as many items more as steps."""
        places = {id(place.read()): place for place in self.loop.lists}
        results = zip(self.ended.results, self.begun.step.appended, stacked, strict=True)
        for (items, _, form, depth), (_, value), whole in results:
            (own,) = Leaves.of(value).values
            rows = ArrayTracer(self.outer, Buffer(self.outer, whole, form.dtype))
            found = strung(items, listed(rows, depth + 1)) if items else listed(rows, depth + 1)
            share(found, items)
            for age in range(len(self.begun.variables) + 1):
                self._shared.add_item(own, found.rows, age)
            places[id(items)].store(found)


def _fresh_length(step: Graph, trace: Recorder) -> Dimension:
    """A named length that nothing else has: how many steps a loop does."""
    lines = [every_node(step.nodes)]
    around: Recorder | None = trace
    while around is not None:
        lines.append(every_node(around.builder.nodes))
        around = around.step.outer if around.step is not None else None
    return named(free_length("steps", *lines))
