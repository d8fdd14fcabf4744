"""Sources of a loop's steps: what a `for` goes through, where its steps are alike.

`range`, arrays by their rows, and `zip`, `enumerate` and `reversed` of such. A source is iterated
as Python does, or read at a step that stands for all of them.
"""

from __future__ import annotations

import builtins
import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from symdiff.frontend.staging import effects
from symdiff.frontend.staging.iterators import ITERATORS, Leaving, of_unknown_rest, once
from symdiff.frontend.tracing.array import ArrayTracer, IntTracer, ScalarTracer
from symdiff.frontend.tracing.length import Length
from symdiff.frontend.tracing.lists import ListTracer
from symdiff.frontend.tracing.running import active
from symdiff.frontend.tracing.scalars import as_python
from symdiff.frontend.tracing.values import numpy
from symdiff.graph.shape import Dim, Dimension

Making = Callable[[Iterable[Any]], Iterable[Any]]  # of items, what is made of them
_FLAT = frozenset((int, float))
_BACKWARDS = type(iter(range(0)))


class Source:
    """Items that a loop goes through.

    Attributes:
        length: how many they are, a number or a named dimension.
        leaves: the arrays and counts whose members the items are made of.
    """

    length: Dimension
    leaves: Sequence[Leaf]

    def item(self, members: Iterator[Any]) -> Any:
        """An item, made of what the leaves have at its step."""
        raise NotImplementedError

    @property
    def is_open(self) -> bool:
        """Whether how many there are is known when the emitted function runs."""
        return type(self.length) is not int

    @property
    def count(self) -> Any:
        """How many there are, to compute with."""
        trace = active()
        is_named = isinstance(self.length, Dim) and trace is not None
        return trace.length(self.length) if is_named and trace else self.length

    @property
    def first(self) -> Any:
        """The first item."""
        return self.item(iter([leaf.first for leaf in self.leaves]))


class Leaf(Source):
    """Items that are no structures: counts, or the rows of an array."""

    @property
    def leaves(self) -> Sequence[Leaf]:  # type: ignore[override]
        """Itself."""
        return [self]

    def item(self, members: Iterator[Any]) -> Any:
        """The next member."""
        return next(members)

    @property
    def first(self) -> Any:
        """The first one."""
        raise NotImplementedError

    @property
    def last(self) -> Any:
        """The last one, of a known number."""
        raise NotImplementedError


class Counts(Leaf):
    """The numbers from `start` on, each by `step` more than the last.

    Attributes:
        start: the first: a number, a named dimension, or a tracer of one.
        step: the difference of two.
    """

    def __init__(self, start: Any, step: int, length: Any) -> None:
        self.start, self.step, self.length = start, step, length

    def __iter__(self) -> Iterator[Any]:
        length, start = len(self), self.first
        if type(start) is int:
            return iter(builtins.range(start, start + length * self.step, self.step))
        return iter([start + k * self.step for k in builtins.range(length)])

    @property
    def first(self) -> Any:
        """Where the numbers start."""
        trace = active()
        is_named = isinstance(self.start, Dim) and trace is not None
        return trace.length(self.start) if is_named and trace else self.start

    @property
    def last(self) -> Any:
        """The last number."""
        return self.start + self.step * (self.length - 1)

    def __reversed__(self) -> Iterator[Any]:
        return iter(Counts(self.last, -self.step, self.length))

    def __len__(self) -> int:
        return self.length if type(self.length) is int else _refuse_loop(self.length)


class Rows(Leaf):
    """The rows of an array, or its elements.

    Attributes:
        array: the array, or a list of Python's numbers.
        kind: the class of the items where they are Python's numbers, else `None`.
    """

    def __init__(self, array: Any, length: Dimension, kind: type | None = None) -> None:
        self.array, self.length, self.kind = array, length, kind

    @property
    def first(self) -> Any:
        """The first row."""
        return self._row(0)

    @property
    def last(self) -> Any:
        """The last row."""
        assert type(self.length) is int
        return self._row(self.length - 1)

    def _row(self, number: int) -> Any:
        found = self.array[number]
        return found if self.kind is None else self.kind(found)


class Iterated(Source, Leaving):
    """An iterator over sources, which can be gone through once.

    Args:
        parts: the sources.
        length: how many items there are.
        plain: what Python iterates in its place.
    """

    def __init__(
        self, parts: Sequence[Source], length: Dimension, plain: Callable[[], Iterator[Any]]
    ) -> None:
        self.parts, self.length = parts, length
        self.leaves = [leaf for part in parts for leaf in part.leaves]
        self._plain = plain
        self._running: Iterator[Any] | None = None

    def item(self, members: Iterator[Any]) -> Any:
        """That of its source."""
        (source,) = self.parts
        return source.item(members)

    @property
    def is_untouched(self) -> bool:
        """Whether none of its items was taken, nor of an iterator in it."""
        inner = [part for part in self.parts if isinstance(part, Iterated)]
        return self._running is None and all(part.is_untouched for part in inner)

    def leave(self, *, is_whole: bool = False) -> None:
        """Be gone through by a loop of a trace, as a whole or up to an item that values decide."""
        effects.refuse_shared(self, "an iterator is gone through")
        self._running = iter(()) if is_whole else of_unknown_rest()
        for part in self.parts:
            if isinstance(part, Iterated):
                part.leave(is_whole=is_whole)

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        effects.refuse_shared(self, "an iterator is gone through")
        if self._running is None:
            self._running = self._plain()
        return next(self._running)


class Several(Iterated):
    """Items of several sources side by side: what `zip` and `enumerate` return."""

    def __init__(self, parts: Sequence[Source], plain: Callable[[], Iterator[Any]]) -> None:
        lengths = [part.length for part in parts]
        known = [n for n in lengths if type(n) is int]
        super().__init__(parts, min(known) if known else lengths[0], plain)
        self.is_even = all(n == self.length for n in lengths)

    def item(self, members: Iterator[Any]) -> Any:
        """A tuple of one item each."""
        return tuple([part.item(members) for part in self.parts])


class Mapped(Iterated):
    """What a function makes of the items of a source of unknown length: a generator expression.

    Args:
        source: what it goes through.
        made: of some items, what is made of them.
    """

    def __init__(self, source: Source, made: Making) -> None:
        super().__init__([source], source.length, lambda: iter(_refuse_loop(self.length)))
        self._made = made

    def item(self, members: Iterator[Any]) -> Any:
        """What is made of one item."""
        (found,) = self._made((super().item(members),))
        return found


def made_of(items: Any, made: Making) -> Any:
    """`(made for item in items)`, by a function that makes it of items."""
    source = source_of(items)
    if source is None or not source.is_open:
        return once(made(items), (items,))
    return effects.fresh(Mapped(source, made))


def _refuse_loop(length: Any) -> Any:
    trace = active()
    assert trace is not None  # a length that is not known belongs to one
    if isinstance(length, IntTracer):
        return builtins.range(length)  # which refuses it
    return trace.length(length).refuse_loop()


def source_of(items: Any) -> Source | None:
    """The source that items are; `None` for others, which are iterated as Python does."""
    kind = type(items)
    if kind is builtins.range:
        return Counts(items.start, items.step, len(items))
    if kind is _BACKWARDS:  # `reversed(range(n))`
        _, (numbers,), position = items.__reduce__()
        return source_of(numbers[position or 0 :])  # from 3.12 on there is no position
    if isinstance(items, Iterated) and not items.is_untouched:
        return None
    if isinstance(items, Source):
        return items if not isinstance(items, Several) or items.is_even else None
    if kind is ListTracer:
        rows = source_of(items.rows)
        return (
            rows if items.depth == 1 or rows is None else effects.fresh(Mapped(rows, items.items))
        )
    if kind is ArrayTracer:
        lengths = items.content.shape
        return Rows(items, lengths[0]) if lengths else None
    if kind is numpy().ndarray and items.ndim and items.dtype.kind in "biuf":
        return Rows(items, len(items))
    if kind in (list, tuple) and items and _FLAT.issuperset(map(type, items)):
        kinds = set(map(type, items))
        if len(kinds) == 1:
            return Rows(numpy().array(items), len(items), kinds.pop())
    return None


# --- builtins -------------------------------------------------------------------------------------


def _range(*args: Any) -> Any:
    """`range`, whose bounds may be named lengths."""
    args = tuple(map(_whole, args))
    if any(type(n) is IntTracer and not n.is_concrete for n in args):
        return _range_of_values(args)
    if not any(isinstance(n, Length) for n in args):
        return builtins.range(*args)
    *_, step = bounds = [(0, *args, 1), (*args, 1), args][len(args) - 1]
    if isinstance(step, Length):
        step.refuse_loop()
    if abs(step) != 1:  # half of a length is a number that is known when the function runs
        return _range_of_values(bounds)
    start, stop, _ = [n.dim if isinstance(n, Length) else n for n in bounds]
    return Counts(start, step, (stop - start) * step)


def _whole(number: Any) -> Any:
    """A whole number of NumPy's that is not known yet as one of Python's, which `range` takes."""
    is_unknown = type(number) is ScalarTracer and not number.is_concrete
    return as_python(number, int) if is_unknown and number.dtype.kind in "iu" else number


def _range_of_values(args: Sequence[Any]) -> Any:
    """`range` to a number that is known when the emitted function runs."""
    start, stop, step = [(0, *args, 1), (*args, 1), tuple(args)][len(args) - 1]
    if type(step) is not int or step == 0:
        return builtins.range(*args)
    trace = active()
    assert trace is not None  # a number that is not known belongs to one
    length = stop - start if step == 1 else start - stop
    if abs(step) != 1:
        length = -((start - stop) // step)
        trace.name(length, "count")
    start = start.dim if isinstance(start, Length) else start
    known = trace.extents.of(length)
    if known is None or not trace.extents.is_natural(known):
        return Counts(start, step, length)
    first = trace.extents.of(start) if isinstance(known, Dim) else None
    return Counts(start if first is None else first, step, known)


def _zip(*values: Any, strict: bool = False) -> Any:
    """`zip`."""
    parts: Sequence[Source] = [part for part in map(source_of, values) if part is not None]
    if not parts or len(parts) < len(values):
        return once(builtins.zip(*values, strict=strict), values)
    if not strict:
        parts = _of_shortest(parts)
    return _several(parts, lambda: builtins.zip(*values, strict=strict))


def _of_shortest(parts: Sequence[Source]) -> Sequence[Source]:
    """Sources of as many items each as the shortest has, where the lengths say which that is."""
    lengths = [part.length for part in parts]
    least = lengths[0]
    for length in lengths:
        if type(less := least - length) is not int:
            return parts
        least = length if less > 0 else least
    found = [_first_of(part, least) for part in parts]
    return [part for part in found if part is not None] if None not in found else parts


def _first_of(part: Source, length: Dimension) -> Source | None:
    """The first items of a source that has more; `None` where it has no such part."""
    if part.length == length:
        return part
    if isinstance(part, Counts):
        return Counts(part.start, part.step, length)
    if isinstance(part, Rows) and isinstance(part.array, ArrayTracer):
        return Rows(part.array[: length - part.length], length)
    return None


def _enumerate(values: Any, start: Any = 0) -> Any:
    """`enumerate`."""
    part = source_of(values)
    if part is None or type(start) is not int:
        return once(builtins.enumerate(values, start), (values,))
    counts = Counts(start, 1, part.length)
    return _several([counts, part], lambda: builtins.enumerate(values, start))


def _several(parts: Sequence[Source], plain: Callable[[], Iterator[Any]]) -> Several:
    found: Several = effects.fresh(Several(parts, plain))
    return found


def _reversed(values: Any) -> Any:
    """`reversed`, of counts and rows of unknown length too."""
    source = source_of(values)
    back: Any
    if type(values) in (ArrayTracer, ListTracer) and source is not None and source.is_open:
        back = source_of(values[::-1])
    elif type(values) in (Counts, builtins.range):
        assert isinstance(source, Counts)
        back = Counts(source.last, -source.step, source.length)
    else:
        return once(builtins.reversed(values))
    return effects.fresh(Iterated([back], back.length, lambda: iter(back)))


def _pairwise(values: Any) -> Any:
    """`itertools.pairwise`."""
    source = source_of(values)
    is_rows = isinstance(source, Rows) and isinstance(values, ArrayTracer)
    return _zip(values[:-1], values[1:]) if is_rows else once(itertools.pairwise(values))


ITERATING: Mapping[Any, Callable[..., Any]] = {
    **ITERATORS,
    builtins.range: _range,
    builtins.zip: _zip,
    builtins.enumerate: _enumerate,
    builtins.reversed: _reversed,
    itertools.pairwise: _pairwise,
}
