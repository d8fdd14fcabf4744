"""Builder of nests: statements in blocks, counters, names and buffers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from symdiff.errors import Span
from symdiff.graph.node import BOOL, FLOAT, INT
from symdiff.graph.shape import Dimension, Shape
from symdiff.schedule.nests.nest import ELEMENT, STORE, Buffer, Known
from symdiff.schedule.program import Block, Expr, For, Let, Number, Op, Ref, Statement, Update

Range = tuple[Dimension, Dimension]

_COUNTERS = "ijklmnpqrs"
_CASTS = {FLOAT: "as_float64", INT: "as_int64", BOOL: "as_bool"}


class Builder:
    """Statements as they are made.

    Args:
        fresh: a name that is wished for, to one that nothing has.

    Attributes:
        block: the statements of the innermost block so far.
        buffers: memory that is asked for.
        span: the place in the source of what is being stated.
        known: arrays of known numbers, by the operations that make them.
        ranges: by the name of a counter, the first and the last of its numbers.
    """

    def __init__(self, fresh: Callable[[str], str]) -> None:
        self.fresh = fresh
        self.block: list[Statement] = []
        self.buffers: list[Buffer] = []
        self.span: Span | None = None
        self.known: dict[Op, Known] = {}
        self.ranges: dict[str, Range] = {}
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
        found = Buffer(self.fresh(wish), shape, dtype)
        self.buffers.append(found)
        return Ref(found.name, shape, dtype)

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
        return None

    def _counter(self) -> str:
        """The name that loops of a depth count with."""
        while len(self._counters) <= self._depth:
            wish = _COUNTERS[len(self._counters) % len(_COUNTERS)]
            self._counters.append(self.fresh(wish))
        return self._counters[self._depth]


def is_natural(n: Dimension) -> bool:
    """Whether a length is known not to be negative."""
    least = n if isinstance(n, int) else n.least
    return least is not None and least >= 0


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
