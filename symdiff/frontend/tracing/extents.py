"""Extents: numbers that a loop's steps have, as named dimensions.

In `A[i, :j]` and `range(i)` a length depends on the step. Where a counter is known to lie between
two bounds, the shape has a name for it, which a line of the step gives its number.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Mapping
from typing import Any

from symdiff.frontend.tracing.array import IntTracer
from symdiff.frontend.tracing.length import Length
from symdiff.frontend.tracing.recorder import Recorder
from symdiff.frontend.tracing.tracer import Tracer
from symdiff.graph.node import EXTENT, INPUT, INT
from symdiff.graph.shape import Dim, Dimension, least_within, named, names_of
from symdiff.ops.handle import Handle
from symdiff.ops.progressions import Progression, leading_to, progression

_LETTERS = "ijk"


class Extents:
    """The extents of one trace.

    Args:
        trace: takes the lines.
        outer: those of the trace around it.
    """

    def __init__(self, trace: Recorder, outer: Extents | None = None) -> None:
        self._trace, self._outer = trace, outer
        self.depth: int = 0 if outer is None else outer.depth + 1
        trace.builder.ranges = ChainMap({}, *([outer._trace.builder.ranges] if outer else []))
        self._counted: dict[int, tuple[Dimension, Dimension]] = {}
        self._dims: dict[int, Dimension] = {}

    def counts(self, line: int, start: Any, step: int, length: Any) -> None:
        """A line of the trace counts so many steps from a number on."""
        start, length = self.of(start), self.of(length)
        if start is None or length is None:
            return
        last = (length - 1) * step + start
        least, most = (start, last) if step > 0 else (last, start)
        if self.is_natural(least):
            self._counted[line] = least, most

    def of_slice(self, start: Any, stop: Any, length: Dimension) -> tuple[Dimension, Dimension]:
        """Where a slice begins and ends that is given bounds which a step computes.

        Args:
            start: a whole number, or `None` for none.
            stop: likewise.
            length: of what is sliced.
        """
        last = length if stop is None else self._within(stop, length, length, "_stop")
        return 0 if start is None else self._within(start, last, length, "_start"), last

    def _within(self, bound: Any, most: Dimension, length: Dimension, name: str) -> Dimension:
        """Where a slice begins or ends, which is at most at a place; under a name."""
        trace = self._trace
        if isinstance(bound, Tracer):
            if type(bound) is not IntTracer and bound.dtype.kind not in "iu":
                raise TypeError("slice indices must be integers or None")
            bound = trace.astype(bound, int)
        whole, limit = self._number(length), self._number(most)
        front = trace.call("where", trace.call("less", bound, 0), bound + whole, bound)
        line = trace.handle(trace.call("minimum", trace.call("maximum", front, 0), limit))
        self._counted.setdefault(line.at, (0, most))
        return self._extent(line.at, name)

    def _number(self, length: Dimension) -> Any:
        return Length(self._trace, length) if isinstance(length, Dim) else length

    def of(self, value: Any) -> Dimension | None:
        """A whole number as a dimension; `None` where it is not known to lie between two bounds."""
        if type(value) is int or not isinstance(value, (Tracer, Length)):
            return value if type(value) is int or hasattr(value, "terms") else None
        if isinstance(value, Length):
            return value.dim
        content = value.content
        if not isinstance(content, Handle):
            return int(content) if content.ndim == 0 and content.dtype.kind in "iu" else None
        if content.builder is not self._trace.builder:
            return None if self._outer is None else self._outer.of(value)
        return self._of_line(content)

    def _of_line(self, line: Handle) -> Dimension | None:
        nodes = self._trace.builder.nodes
        if line.dtype != INT or line.shape:
            return None
        inputs = [at for at in leading_to(nodes, line.at) if nodes[at].op == INPUT]
        numbers = {at: self._of_input(at) for at in inputs}
        known = {at: Progression(n, 0) for at, n in numbers.items() if n is not None}
        found = progression(nodes, line.at, known) if len(known) == len(inputs) else None
        return None if found is None or found.step != 0 else found.start

    def is_inside(self, place: Handle, length: Dimension) -> bool:
        """Whether a whole number is known to be a place in an axis: one of counters.

        A counter that is asked is between its bounds: where the first is larger, no step is done.
        """
        nodes = self._trace.builder.nodes
        if place.shape or place.builder is not self._trace.builder:
            return False
        ranges, known = ChainMap({}, self._trace.builder.ranges), dict[int, Progression]()
        for at in leading_to(nodes, place.at):
            if nodes[at].op == INPUT:
                dim = self._dim_of(at)
                if dim is None:
                    bounds, dim = self._bounds(at), named(f"_{at}")
                    if bounds is None:
                        return False
                    ranges[str(dim)] = bounds
                known[at] = Progression(dim, 0)
        found = progression(nodes, place.at, known)
        if found is None or not _is_natural(found.start, ranges):
            return False
        left = length - 1 - found.start
        gaps = [most - least for least, most in (*self._counted.values(), *ranges.values())]
        return any(_is_natural(left - gap, ranges) for gap in (0, *gaps))

    def _dim_of(self, line: int) -> Dimension | None:
        """The dimension of a counter of this trace, or of one around it, that has one already."""
        outer = self._around(line)
        return self._dims.get(line) if outer is None else outer[0]._dim_of(outer[1])

    def _bounds(self, line: int) -> tuple[Dimension, Dimension] | None:
        """The least and the largest number that a counter has, of this trace or of one around."""
        outer = self._around(line)
        return self._counted.get(line) if outer is None else outer[0]._bounds(outer[1])

    def _around(self, line: int) -> tuple[Extents, int] | None:
        """The trace around that a line has been lifted from, with its line there."""
        lifted = [value for value, at in self._trace.lifted.values() if at == line]
        outer, content = self._outer, lifted[0].content if lifted else None
        if outer is None or content is None or content.builder is not outer._trace.builder:
            return None  # of this trace, or of one further out
        return outer, content.at

    def _of_input(self, line: int) -> Dimension | None:
        """A counter of this trace, or a number of one around it."""
        if line in self._counted:
            return self._extent(line)
        around = [value for value, at in self._trace.lifted.values() if at == line]
        return self._outer.of(around[0]) if around and self._outer is not None else None

    def _extent(self, line: int, name: str = "") -> Dimension:
        """The dimension of a number that is not negative: others can be no length."""
        if line not in self._dims:
            builder, ranges = self._trace.builder, self._trace.builder.ranges
            name = name or f"_{_LETTERS[min(self.depth, len(_LETTERS)) - 1]}"
            while name in ranges or name in self._named():
                name += "_"
            self._dims[line] = named(name)
            ranges[name] = self._counted[line]
            builder.make(EXTENT, (line,), (named(name),))
        return self._dims[line]

    def _named(self) -> Mapping[str, Any]:
        """The dimensions that the arguments of the function have."""
        if self._outer is not None:
            return self._outer._named()
        shapes = [node.shape for node in self._trace.builder.nodes if node.op == INPUT]
        return dict.fromkeys(names_of(shapes))

    def is_natural(self, length: Dimension) -> bool:
        """Whether a dimension is known not to be negative."""
        return _is_natural(length, self._trace.builder.ranges)


def _is_natural(length: Dimension, ranges: Mapping[str, tuple[Dimension, Dimension]]) -> bool:
    least = least_within(length, ranges)
    return least is not None and least >= 0
