"""Arrays that may be one behind a loop: variables of it hold what others hold, or held before it.

A loop carries numbers. Where a step lets a variable be an array that another one holds, both hold
that behind the loop, and a change of one would show in the other. So they are remembered as what a
branch has chosen between, and such a change is refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from symdiff.frontend.staging.begun import Begun
from symdiff.frontend.staging.carried import Leaves, Variable
from symdiff.frontend.tracing.array import ArrayTracer
from symdiff.frontend.tracing.chosen import choose
from symdiff.frontend.tracing.storage import Buffer

Leaf = tuple[Variable, int]  # a variable, and the number of an array in it
Origin = tuple[int, Buffer]  # how many steps before the last one it was made, and what


class Shared:
    """The arrays that variables hold behind a loop, by where they come from.

    Args:
        begun: the beginning of its step.
    """

    def __init__(self, begun: Begun) -> None:
        self._begun = begun
        self._found: dict[tuple[int, int], list[Buffer]] = {}

    def add(self, variable: Variable, values: Sequence[Any]) -> None:
        """Remember what a variable holds behind the loop, of whose values some are carried."""
        for number in variable.numbers:
            if type(values[number]) is ArrayTracer:
                self._remember(values[number].storage, self._origins((variable, number)))

    def add_item(self, value: Any, item: Any, age: int) -> None:
        """Remember what an item holds that a step has appended, so many before the last one."""
        if type(value) is ArrayTracer and type(item) is ArrayTracer:
            self._remember(item.storage.buffer, self._appended(value.storage.buffer, age))

    def _remember(self, made: Buffer, origins: Iterator[Origin]) -> None:
        """Remember what memory behind the loop is, with the others that may be the same."""
        for age, buffer in origins:
            known = [] if self._begun.is_inside(buffer) else [buffer]
            others = self._found.setdefault((age, id(buffer)), known)
            if others:
                choose(self._begun.outer, made, others, by="a loop has chosen between")
            others.append(made)

    def _appended(self, appended: Buffer, age: int) -> Iterator[Origin]:
        """The arrays that one may be that a step has appended."""
        for buffer in self._may_be(appended):
            yield self._made(buffer, age)
            if id(buffer) in self._begun.stand_ins:
                yield from self._chosen(self._begun.stand_ins[id(buffer)])

    def _origins(self, leaf: Leaf) -> Iterator[Origin]:
        """The arrays that one may be behind the loop."""
        length = self._begun.loop.length
        path = [leaf]
        while True:
            if type(length) is not int:  # or the loop may end here
                yield from self._before(path[-1])
            end = _array_at(path[-1][0].end, path[-1][1])
            if end is None:
                return
            buffer = end.storage.buffer
            if len(self._may_be(buffer)) > 1:
                yield from self._chosen(path[-1])
                return
            if id(buffer) not in self._begun.stand_ins:
                yield self._made(buffer, len(path) - 1)
                return
            following = self._begun.stand_ins[id(buffer)]
            if following in path or len(path) == length:
                break
            path.append(following)
        if type(length) is int:
            first = path.index(following) if following in path else 0
            path = [*path, following] if following not in path else path
            yield from self._before(path[first + (length - first) % (len(path) - first)])

    def _chosen(self, leaf: Leaf) -> Iterator[Origin]:
        """The arrays that one may be that a branch has chosen, in any step."""
        pending, seen = [leaf], {leaf}
        while pending:
            leaf = pending.pop()
            yield from self._before(leaf)
            end = _array_at(leaf[0].end, leaf[1])
            for buffer in self._may_be(end.storage.buffer) if end is not None else ():
                following = self._begun.stand_ins.get(id(buffer))
                if following is None:
                    ages = range(len(self._begun.variables) + 1)
                    yield from dict.fromkeys(self._made(buffer, age) for age in ages)
                elif following not in seen:
                    seen.add(following)
                    pending.append(following)

    def _may_be(self, buffer: Buffer) -> Sequence[Buffer]:
        """The memory that an array of the step may be: of several where a branch has chosen."""
        group = self._begun.trace.chosen.get(id(buffer))
        return [x for x in group.members if isinstance(x, Buffer)] if group else [buffer]

    def _made(self, buffer: Buffer, age: int) -> Origin:
        """What memory of the step is, which was made so many steps before the last one."""
        step = self._begun.step
        given = step.originals.get(id(buffer)) or step.rows.get(id(buffer))
        original = None if given is None else given[1]
        is_inside = original is None and self._begun.is_inside(buffer)
        return (age if is_inside else 0), original or buffer

    def _before(self, leaf: Leaf) -> Iterator[Origin]:
        """The array that was there before the loop."""
        array = _array_at(leaf[0].before, leaf[1])
        if array is not None:
            yield 0, array.storage.buffer


def _array_at(value: Any, number: int) -> ArrayTracer | None:
    """The array at a place in a value; `None` where there is none."""
    values = Leaves.of(value).values
    found = values[number] if number < len(values) else None
    return found if type(found) is ArrayTracer else None
