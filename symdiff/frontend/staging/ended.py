"""The end of a loop's step: what is carried on, what is read behind the loop, how it is left."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from symdiff.frontend.staging.begun import Begun
from symdiff.frontend.staging.carried import (
    Carry,
    Form,
    Leaves,
    Variable,
    change_between,
    is_constant,
    own_buffer,
    storage_of,
)
from symdiff.frontend.staging.growth import growth_of
from symdiff.frontend.staging.merge import UNSET
from symdiff.frontend.staging.signals import Conditions, Signal
from symdiff.frontend.staging.sources import Leaf
from symdiff.frontend.staging.step import UnlikeError
from symdiff.frontend.tracing.array import ArrayTracer, BoolTracer
from symdiff.frontend.tracing.storage import Buffer, is_known_view
from symdiff.frontend.tracing.values import numpy
from symdiff.graph.nested import needed_by
from symdiff.graph.node import BOOL
from symdiff.ops.handle import Handle


class Ended:
    """What a step leaves, as long as its trace is active.

    Args:
        begun: its beginning.
        signal: how it ends.

    Attributes:
        results: the lists that it appends to, each with what they get.
        returned: what it returns, taken apart.
        values: what of that is carried behind the loop.
        passed: a truth that is there where no step has raised; none where none may.
        kept: the variables that are carried.
        last: those that hold an item, the last one behind the loop, with what that is one of.
        dropped: those that nothing reads.
        item_names: what the user calls the slices.
        outputs: the lines that are needed.
    """

    def __init__(self, begun: Begun, signal: Signal) -> None:
        self.begun, self.loop, self.found = begun, begun.loop, begun.found
        self.signal = signal
        self.values: list[Carry] = []
        self.passed: list[Carry] = []
        self.last: list[tuple[Variable, Leaf]] = []
        self._look_at_signal()
        for variable in begun.variables:
            variable.end = variable.place.read()
            self._look_for_moves(variable)
            self._check_plain(variable)
            self._check_chosen(variable)
        self.item_names = [self._item_name(at) for at in begun.slices]
        for buffer, carry in begun.arrays:
            carry.output = begun.line(buffer.content)
        self.results = growth_of(begun)
        self._look_at_returned()
        self._look_at_checks()
        self.outputs = [carry.output for _, carry in begun.arrays]
        self.outputs += [carry.output for carry in (*begun.flags, *self.values, *self.passed)]
        self.outputs += [*begun.asked, *[at for _, at, *_ in self.results]]
        self.kept, self.dropped = self._needed()
        self._check_unlike()
        if self.found.moving:
            self._check_moves()

    @property
    def carries(self) -> list[Carry]:
        """All that is carried."""
        arrays = [carry for _, carry in self.begun.arrays]
        variables = [carry for variable in self.kept for carry in variable.carries]
        return [*self.begun.flags, *self.values, *self.passed, *arrays, *variables]

    # --- how it is left ----------------------------------------------------------------------

    def _look_at_signal(self) -> None:
        """Where a step may leave the loop, that is carried."""
        signal = self.signal
        if signal.falls is False:
            raise UnlikeError("its first step leaves it")
        if signal.falls is True and self.begun.condition is None and self.loop.test is not None:
            raise UnlikeError("it has no end that depends on values")
        if signal.falls is True and not self.found.is_left:
            return
        if not self.found.is_left:
            self.found.is_left = True
            self.begun.step.again()
        left = Conditions(self.begun.trace).negation(signal.falls)
        self.begun.flags[0].output = self.begun.line(left)
        if signal.returns is not False:
            self.begun.flags.append(
                Carry("returned", start=False, form=self.begun.flags[0].form, line=None)
            )
            self.begun.flags[-1].output = self.begun.line(signal.returns)

    def _look_at_returned(self) -> None:
        """What is returned out of the loop is carried behind it."""
        self.returned = Leaves.of(self.signal.value)
        if self.signal.returns is False:
            return
        for number, value in enumerate(self.returned.values):
            if self.begun.is_written(value):
                raise UnlikeError("it returns an array that it writes into")
            if number in self.returned.numbers:
                self.values.append(Carry("result", None, Form.of(value), None))
                self.values[-1].output = self.begun.line(value)
            elif not is_constant(value):
                raise UnlikeError(f"it returns a {type(value).__name__}")

    def _look_at_checks(self) -> None:
        """Where a step may raise, the loop carries a truth that is there where none has raised."""
        trace = self.begun.trace
        if trace.has_checks:
            form = Form((), numpy().dtype(bool), BoolTracer)
            self.passed.append(Carry("", start=False, form=form, line=None))
            known = Handle(trace.builder, trace.builder.full(0.0, (), BOOL))
            self.passed[0].output = self.begun.line(known)

    # --- what is carried on ------------------------------------------------------------------

    def _needed(self) -> tuple[list[Variable], list[Variable]]:
        """The variables that are carried: read behind the loop, or by the next step; the others."""
        cells = self.found.cells
        waiting = [v for v in self.begun.variables if v.end is not v.start or v.carries]
        needed = [v for v in waiting if v.place.name in self.loop.kept or v.place.key in cells]
        kept = []
        while True:
            for variable in needed:
                waiting.remove(variable)
                leaf = self._leaf_of(variable)
                if leaf is None:
                    kept.append(variable)
                    self._match(variable)
                else:
                    variable.unlike, variable.carries = variable.carries, []
                    self.last.append((variable, leaf))
            used = self._used()
            needed = [v for v in waiting if any(used[c.input or 0] for c in v.carries)]
            if not needed:
                return kept, [v for v in waiting if v.end is not v.before]

    def _used(self) -> Sequence[int]:
        """By position, whether what is carried depends on a line."""
        names = [""] * len(self.outputs)
        graph = self.begun.trace.builder.graph([], self.outputs, names, primal=len(names))
        return needed_by(graph, self.outputs)

    def _match(self, variable: Variable) -> None:
        """Let what a step leaves be what the next one begins with."""
        starts = Leaves.of(variable.start if variable.is_set else variable.end)
        ends = Leaves.of(variable.end)
        if variable.end is UNSET:
            raise UnlikeError(f"'{variable.place.name}' is not set by each step")
        if (
            not variable.is_set
            or not starts.has_form_of(ends)
            or self._is_of_written(variable, ends)
            or self._is_known(variable, ends)
            or not self._go_on(variable, starts, ends)
        ):
            self._set_anew(variable, ends)
        self.outputs += [carry.output for carry in variable.carries]

    def _go_on(self, variable: Variable, starts: Leaves, ends: Leaves) -> bool:
        """Whether the next step can begin with what one leaves; it may begin in a wider form."""
        numbers = [n for n in starts.numbers if not self.begun.is_lent(starts.values[n])]
        variable.numbers = numbers
        for carry, number in zip(variable.carries, numbers, strict=True):
            value = ends.values[number]
            form = Form.of(value)
            if carry.form != form:
                wider = carry.form.with_end(form)
                if wider is None:
                    return False
                self.found.forms[variable.place.key, number] = wider
                self.begun.step.again()
            carry.output = self.begun.line(value)
        return True

    def _is_of_written(self, variable: Variable, ends: Leaves) -> bool:
        """Whether it is, before a step or behind it, an array that the step writes into.

        What it holds then changes with that array. One that it is before and behind is no such.
        """
        pairs = zip(Leaves.of(variable.before).values, ends.values, strict=True)
        return any(
            (self.begun.is_written(before) or self.begun.is_written(end))
            and not (self.begun.is_lent(before) and storage_of(before) is storage_of(end))
            for before, end in pairs
        )

    def _is_known(self, variable: Variable, ends: Leaves) -> bool:
        """Whether each step lets it be an array from outside, and none reads what it was before."""
        if type(self.loop.length) is not int or not any(map(self.begun.is_of_outside, ends.values)):
            return False
        used = self._used()
        return not any(used[carry.input or 0] for carry in variable.carries)

    def _set_anew(self, variable: Variable, ends: Leaves) -> None:
        """What a step leaves where it is no value that the next one could begin with."""
        variable.unlike, variable.carries, variable.is_anew = variable.carries, [], True
        variable.numbers = numbers = []
        for number, value in enumerate(ends.values):
            if self.begun.is_of_outside(value) and is_known_view(value.storage):
                continue
            if self.begun.is_written(value):
                name = variable.place.name
                raise UnlikeError(f"'{name}' is a view of an array that it writes into")
            if number in ends.numbers:
                form = Form.of(value)
                carry = Carry(variable.place.name, None, form, None)
                carry.output = self.begun.line(value)
                variable.carries.append(carry)
                numbers.append(number)
            elif not is_constant(value):
                raise UnlikeError(f"'{variable.place.name}' becomes a {type(value).__name__}")

    def _check_plain(self, variable: Variable) -> None:
        """What a step may read beside numbers is in each step what it is in the first.

        That is not seen where it is read, nor are the shape and the kind of a number.
        """
        name = variable.place.name
        if not variable.is_set or (name in self.loop.first and variable.place.owner is None):
            return
        starts, ends = Leaves.of(variable.start), Leaves.of(variable.end)
        is_alike = starts.has_form_of(ends) and all(
            Form.of(starts.values[n]).with_end(Form.of(ends.values[n])) is not None
            for n in starts.numbers
        )
        if not is_alike:
            raise UnlikeError(f"'{name}' {change_between(starts, ends)}")

    def _check_chosen(self, variable: Variable) -> None:
        """What a branch has chosen may be an array of another name: no step writes into either."""
        written = [buffer for buffer, _ in self.begun.arrays]
        before = [_buffer_of(value) for value in Leaves.of(variable.before).values]
        for value in Leaves.of(variable.end).values:
            chosen = _buffer_of(value)
            group = self.begun.trace.chosen.get(id(chosen))
            if group is None:
                continue
            own = [chosen, *before]
            arrays = [one for one in group.members if isinstance(one, Buffer)]
            is_written = any(one in written for one in (*arrays, *own))
            if (is_written or self._is_moving(variable)) and any(
                not self.begun.is_inside(one) or one in written or self._is_held(one, variable)
                for one in arrays
                if one not in own
            ):
                raise UnlikeError(
                    f"'{variable.place.name}' is an array of another name in one way of a branch, "
                    "and the loop writes into one of them"
                )

    def _is_held(self, buffer: Buffer, beside: Variable) -> bool:
        """Whether another variable leaves a step with an array in this memory."""
        return any(
            _buffer_of(value) is buffer
            for variable in self.begun.variables
            if variable is not beside
            for value in Leaves.of(variable.place.read()).values
        )

    def _check_unlike(self) -> None:
        """What changes its form is set by each step before it is read."""
        used = self._used()
        for variable in (*self.kept, *[variable for variable, _ in self.last]):
            if any(used[carry.input or 0] for carry in variable.unlike):
                raise UnlikeError(
                    f"'{variable.place.name}' changes its shape or its kind, or is an array that "
                    "the loop writes into under another name"
                )

    # --- arrays that change places -----------------------------------------------------------

    def _look_for_moves(self, variable: Variable) -> None:
        """An array that is written into, and is another variable's in the next step."""
        starts, ends = Leaves.of(variable.start), Leaves.of(variable.end)
        for value in starts.values:
            own = own_buffer(self.begun.trace, value)
            if own is None or id(own) not in self.found.written:
                continue
            if not any(own_buffer(self.begun.trace, x) is own for x in ends.values):
                del self.found.written[id(own)]
                self.found.moving[id(own)] = own
                self.begun.step.again()

    def _check_moves(self) -> None:
        """Arrays that change places are those of one variable each."""
        if any(not way.is_step for way in self.loop.outer.ways):  # the other way has them too
            raise UnlikeError("arrays are exchanged where a condition on values holds")
        for variable in self.begun.variables:
            self._look_for_exchanged(variable)
        arrays = [
            (variable, value.storage)
            for variable in self.begun.variables
            for value in Leaves.of(variable.end).values
            if type(value) is ArrayTracer
        ]
        for variable, storage in arrays:
            is_own = isinstance(storage, Buffer) and storage.recorder is self.begun.trace
            if not is_own or (self._is_moving(variable) and self._is_item(storage)):
                raise UnlikeError("arrays are exchanged that other names hold too")
        held = [self._may_be(storage.buffer) for _, storage in arrays]
        lent = {id(buffer) for buffer, _ in self.begun.arrays}
        for number, (variable, _) in enumerate(arrays):
            others = lent.union(*held[:number], *held[number + 1 :])
            if self._is_moving(variable) and not held[number].isdisjoint(others):
                raise UnlikeError("arrays are exchanged that other names hold too")

    def _is_item(self, storage: Any) -> bool:
        """Whether memory is that of a row of an array which the loop goes through."""
        content = storage.buffer.content
        is_line = isinstance(content, Handle) and content.builder is self.begun.trace.builder
        return is_line and content.at in self.begun.slices

    def _may_be(self, buffer: Buffer) -> set[int]:
        """The memory that an array may be, of which a branch has chosen one, by identity."""
        group = self.begun.trace.chosen.get(id(buffer))
        return {id(buffer), *map(id, group.members if group else ())}

    def _is_moving(self, variable: Variable) -> bool:
        """Whether what it holds is written into under its name, and another one behind a step.

        That goes into what stands for its array before the loop, and not into what others hold.
        """
        before = Leaves.of(variable.before).values
        return any(id(own_buffer(self.begun.outer, x)) in self.found.moving for x in before)

    def _look_for_exchanged(self, variable: Variable) -> None:
        """An array that becomes another variable's, which is written into in the next step."""
        starts = [storage_of(value) for value in Leaves.of(variable.start).values]
        for value in Leaves.of(variable.end).values:
            storage = storage_of(value)
            found = self.begun.step.originals.get(id(storage))
            if found is None or storage in starts:
                continue
            if found[1] is None:
                self.begun.step.unlike("an array that the loop was given is exchanged")
            self.found.moving[id(found[1])] = found[1]
            self.begun.step.again()

    def _leaf_of(self, variable: Variable) -> Leaf | None:
        """What a variable goes through, where that is as long as is known."""
        source = self.loop.source
        if source is None or type(source.length) is not int:
            return None
        for leaf, line in zip(self.begun.leaves, self.begun.slices, strict=True):
            if self._is_line(variable.end, line):
                return leaf
        return None

    def _is_line(self, value: Any, line: int) -> bool:
        """Whether a value is a line of the step."""
        content = getattr(storage_of(value), "content", None)
        builder = self.begun.trace.builder
        return isinstance(content, Handle) and content.builder is builder and content.at == line

    def _item_name(self, line: int) -> str:
        """What the user calls a counter or a row."""
        for variable in self.begun.variables:
            if self._is_line(variable.end, line):
                return variable.place.name
        return "i"


def _buffer_of(value: Any) -> Any:
    """The memory of an array, or of what it is a view of; `None` for anything else."""
    return getattr(storage_of(value), "buffer", None)
