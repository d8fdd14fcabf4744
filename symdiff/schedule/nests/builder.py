"""Builder of nests: statements in blocks, counters, names and buffers."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from symdiff.errors import Span, UnsupportedError
from symdiff.graph.node import BOOL, FLOAT, INT
from symdiff.graph.shape import Dim, Dimension, Shape, evaluate, most_within, named, names_of
from symdiff.schedule.nests.extents import longest
from symdiff.schedule.nests.nest import ELEMENT, STORE, Buffer, Known
from symdiff.schedule.nests.whole import whole
from symdiff.schedule.program import (
    SMALLER,
    Block,
    Check,
    Expr,
    For,
    Let,
    Number,
    Op,
    Ref,
    Statement,
    Update,
)

Range = tuple[Dimension, Dimension]

_COUNTERS = "ijklmnpqrs"
_CASTS = {FLOAT: "as_float64", INT: "as_int64", BOOL: "as_bool"}


class Builder:
    """Statements as they are made.

    Args:
        fresh: a name that is wished for, to one that nothing has.
        lengths: the names of the lengths that are known before all statements.
        extents: those of the lengths that steps of loops give their numbers.

    Attributes:
        block: the statements of the innermost block so far.
        buffers: memory that is asked for.
        span: the place in the source of what is being stated.
        known: arrays of known numbers, by the operations that make them.
        ranges: by the name of a counter or an extent, the least and the largest of its numbers.
        sizes: by the names of arrays that have extents, how many elements they have at most.
        most_steps: as that of nests.
    """

    def __init__(
        self,
        fresh: Callable[[str], str],
        lengths: Collection[str] = (),
        extents: Collection[str] = (),
    ) -> None:
        self.fresh = fresh
        self.lengths = frozenset(lengths)
        self.extents = frozenset(extents)
        self.block: list[Statement] = []
        self.buffers: list[Buffer] = []
        self.span: Span | None = None
        self.known: dict[Op, Known] = {}
        self.ranges: dict[str, Range] = {}
        self.sizes: dict[str, Dimension] = {}
        self.most_steps = ""
        self._checks: list[Statement] = []
        self._asked: frozenset[Expr] = frozenset()
        self._counters: list[str] = []
        self._depth = 0

    # --- statements ------------------------------------------------------------------------------

    def state(self, statement: Statement) -> None:
        """Add a statement."""
        self.block.append(statement)

    def let(self, name: str, value: Expr) -> Ref:
        """Give a number a name, or another value."""
        self.block.append(Let(name, value, self.span))
        return Ref(name, (), value.dtype)

    def settled(self, value: Expr, wish: str = "v") -> Expr:
        """A number under a name, unless it is one or a constant."""
        return self.let(self.fresh(wish), value) if isinstance(value, Op) else value

    def store(self, array: Ref, value: Expr, places: Sequence[Expr]) -> None:
        """Write an element."""
        args = (array, converted(value, array.dtype), *places)
        written = Op(STORE, args, (), array.shape, array.dtype)
        self.block.append(Update(array.name, written, self.span))

    def buffer(self, wish: str, shape: Shape, dtype: str) -> Ref:
        """Memory for an array."""
        return self.memory(self.fresh(wish), shape, dtype)

    def memory(self, name: str, shape: Shape, dtype: str) -> Ref:
        """Memory for an array under a name that nothing has."""
        if not self.lengths.issuperset(names_of([shape])):
            self.sizes[name] = longest(shape, self.ranges, self.lengths)
        self.buffers.append(Buffer(name, shape, dtype))
        return Ref(name, shape, dtype)

    def known_array(self, made: Op, numbers: Any) -> Ref:
        """An array of known numbers, once for all who make it alike."""
        if made not in self.known:
            name = self.fresh("known")
            self.known[made] = Known(name, made.shape, made.dtype, tuple(numbers.ravel().tolist()))
            if made.dtype == INT and numbers.size:
                self.ranges[name] = int(numbers.min()), int(numbers.max())
        return Ref(self.known[made].name, made.shape, made.dtype)

    # --- blocks ----------------------------------------------------------------------------------

    @contextmanager
    def checked(self) -> Iterator[None]:
        """Statements behind the checks of what they require."""
        outer, self._checks = self._checks, []
        start = len(self.block)
        try:
            yield
        finally:
            self.block[start:start] = self._checks
            self._checks = outer

    @contextmanager
    def way(self) -> Iterator[list[Statement]]:
        """A block that may not be entered, so that nothing is checked in it for others."""
        asked = self._asked
        with self.inside() as block, self.checked():
            yield block
        self._asked = asked

    @contextmanager
    def inside(self) -> Iterator[list[Statement]]:
        """A block of its own, which the caller states."""
        outer, self.block = self.block, []
        try:
            yield self.block
        finally:
            self.block = outer

    @contextmanager
    def loop(self, length: Dimension, start: Dimension = 0, direction: int = 1) -> Iterator[Ref]:
        """Statements for each of some numbers."""
        counter = self._counter()
        self._depth += 1
        self.ranges[counter] = start, start + length - 1
        with self.inside() as body:
            yield Ref(counter, (), INT)
        self._depth -= 1
        self.block.append(For(counter, length, direction, tuple(body), start, span=self.span))

    @contextmanager
    def loops(self, shape: Shape) -> Iterator[tuple[Expr, ...]]:
        """Statements for each place of a shape; an axis of length 1 takes no loop."""
        bodies: list[tuple[str, Dimension, list[Statement]]] = []
        places: list[Expr] = []
        outer = self.block
        for length in shape:
            if length == 1:
                places.append(Number(0.0, (), INT))
                continue
            counter = self._counter()
            self._depth += 1
            self.ranges[counter] = 0, length - 1
            self.block = []
            bodies.append((counter, length, self.block))
            places.append(Ref(counter, (), INT))
        yield tuple(places)
        self._depth -= len(bodies)
        inner: Block | None = None
        for counter, length, body in reversed(bodies):
            if inner is not None:
                body.extend(inner)
            inner = (For(counter, length, 1, tuple(body), span=self.span),)
        self.block = outer
        outer.extend(inner or ())

    def range_of(self, place: Expr) -> Range | None:
        """The least and the largest number that a place may be; `None` where that is not known."""
        match place:
            case Number(value) if value == int(value):
                return int(value), int(value)
            case Ref(name):
                return self.ranges.get(name)
            case Op("element", (Ref(name), *_)):
                return self.ranges.get(name)  # of an array that is known
            case Op("length", (), (length,)):
                return length, length
            case Op("add" | "subtract" as name, (a, b)):
                one, other = self.range_of(a), self.range_of(b)
                if one is None or other is None:
                    return None
                if name == "subtract":
                    other = -other[1], -other[0]
                return one[0] + other[0], one[1] + other[1]
            case Op("multiply", (a, Number(factor))) | Op("multiply", (Number(factor), a)):
                one, by = self.range_of(a), int(factor)
                if one is None or by != factor:
                    return None
                return (one[0] * by, one[1] * by) if by >= 0 else (one[1] * by, one[0] * by)
        return None

    def counts(self, loop: For) -> None:
        """Take down between which numbers a loop counts; before its body."""
        start, by = loop.start, loop.by
        if not isinstance(by, int):
            self.ranges.pop(loop.counter, None)  # that of another loop
            return
        last = (loop.length - 1) * by + start
        self.ranges[loop.counter] = (start, last) if by > 0 else (last, start)

    def is_extent(self, name: str, number: Expr) -> None:
        """Take down between which numbers an extent lies.

        Raises:
            UnsupportedError: where that is not known.
        """
        known = self.range_of(number)
        if known is None and isinstance(number, Op) and number.name == SMALLER:
            limit = self.range_of(number.args[1])
            known = None if limit is None else (0, limit[1])  # no extent is negative
        if known is None:
            raise UnsupportedError("between which numbers the length of an array lies is not known")
        self.ranges[name] = known

    def steps(self, length: Dimension, left: int = 0) -> Ref:
        """The number of steps of a loop that a test ends, so many less than there may be."""
        if not self.most_steps:
            self.most_steps = self.fresh("most_steps")
            self.lengths |= {self.most_steps}
        self.ranges[str(length)] = 0, named(self.most_steps) - left
        return Ref(str(length), (), INT)

    def is_natural(self, n: Dimension) -> bool:
        """Whether a length is known not to be negative, even where named ones are 0."""
        return most_within(n * -1, self.ranges) == 0

    def require(self, n: Dimension, error: str, said: str) -> None:
        """State an error where a length is negative, unless it is known not to be.

        Where it can, the check stands before the loops of a nest: see `checked`.
        """
        number = n - evaluate(n, dict.fromkeys(names_of([(n,)]), 0)) if isinstance(n, Dim) else 0
        asked = Op("less", (whole(number), whole(number - n)), (), (), BOOL)
        if asked in self._asked or self.is_natural(n):
            return
        check = Check(asked, error, (said,), (), self.span)
        if (self.lengths | self.extents).issuperset(names_of([(n,)])):
            self._asked |= {asked}
            self._checks.append(check)
        else:
            self.state(check)

    def _counter(self) -> str:
        """The name that loops of a depth count with."""
        while len(self._counters) <= self._depth:
            wish = _COUNTERS[len(self._counters) % len(_COUNTERS)]
            self._counters.append(self.fresh(wish))
        return self._counters[self._depth]


def converted(value: Expr, dtype: str) -> Expr:
    """A number of another kind."""
    if value.dtype == dtype:
        return value
    if isinstance(value, Number):
        return Number(value.value, (), dtype)
    return Op(_CASTS[dtype], (value,), (), (), dtype)


def element_of(array: Ref | Op, places: Sequence[Expr]) -> Op:
    """The element of an array in memory."""
    return Op(ELEMENT, (array, *places), (), (), array.dtype)
