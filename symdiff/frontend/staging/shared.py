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
            if type(values[number]) is not ArrayTracer:
                continue
            made = values[number].storage
            for age, buffer in self._origins((variable, number)):
                known = [] if self._begun.is_inside(buffer) else [buffer]
                others = self._found.setdefault((age, id(buffer)), known)
                if others:
                    choose(self._begun.outer, made, others, by="a loop")
                others.append(made)

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
            if id(buffer) not in self._begun.stand_ins:
                _, original = self._begun.step.originals.get(id(buffer), (None, None))
                is_inside = original is None and self._begun.is_inside(buffer)
                yield (len(path) - 1 if is_inside else 0), original or buffer
                return
            following = self._begun.stand_ins[id(buffer)]
            if following in path or len(path) == length:
                break
            path.append(following)
        if type(length) is int:
            first = path.index(following) if following in path else 0
            path = [*path, following] if following not in path else path
            yield from self._before(path[first + (length - first) % (len(path) - first)])

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
