"""Columns of like lines as arrays: elements are slices, operations are done on these."""

from __future__ import annotations

from collections.abc import Sequence

from symdiff.frontend.lowering.base import SHORTEST_CALL, constant
from symdiff.graph.node import CONSTANT, FLOAT, INT, constant_value, is_exact_integer
from symdiff.graph.shape import size
from symdiff.ops.builder import Builder
from symdiff.ops.handle import Handle
from symdiff.ops.indexing import indexed
from symdiff.ops.joining import stack
from symdiff.ops.reduction import broadcast_to
from symdiff.ops.structural import Pattern, reshaped
from symdiff.optimize.like_terms.columns import Column, Columns
from symdiff.optimize.like_terms.steps import Place


class Arrays:
    """Arrays of columns, each made once.

    Args:
        columns: all that there are.
        builder: takes the arrays' lines.
        moved: by position, the line that stands for a line of the graph.
    """

    def __init__(self, columns: Columns, builder: Builder, moved: Sequence[int]) -> None:
        self.columns = columns
        self.graph = columns.graph
        self.steps = columns.steps
        self.builder = builder
        self.moved = moved
        self._made: dict[Column, Handle] = {}

    def of(self, column: Column) -> Handle:
        """The array of a column, of one axis."""
        made, pending = self._made, [column]
        while pending:
            top = pending[-1]
            whole, start = self.columns.part(top)
            needed = self.columns.arguments(top) if whole == top else [whole]
            left = [one for one in needed if one not in made]
            if top in made or not left:
                pending.pop()
            if top not in made and left:
                pending += left
            elif top not in made and whole == top:
                made[top] = self._array(top, needed)
            elif top not in made:
                made[top] = indexed(made[whole], (("slice", start, len(top), 1),))
        return made[column]

    def _array(self, column: Column, arguments: Sequence[Column]) -> Handle:
        node = self.graph[column[0]]
        if arguments:
            args = tuple([self._made[one].at for one in arguments])
            return self.builder.handle(self.builder.make(node.op, args, node.params))
        if self.columns.is_one(column):
            return broadcast_to(self.builder.handle(self.moved[column[0]]), (len(column),))
        if node.op == CONSTANT:
            return self._numbers(column)
        return self._elements([place for place in map(self.steps.place, column) if place])

    def _numbers(self, column: Column) -> Handle:
        """Numbers that are known."""
        builder, dtype = self.builder, self.graph[column[0]].dtype
        values = [constant_value(self.graph[line]) for line in column]
        call = _counted(values)
        if dtype == FLOAT and call is not None:
            return builder.handle(builder.make("made", (), ("arange", call, (), FLOAT)))
        if dtype in (FLOAT, INT):
            return constant(builder, values if dtype == FLOAT else list(map(int, values)))
        lines = [builder.handle(self.moved[line]) for line in column]
        return stack(*lines, params=((len(lines),), 0))

    def _elements(self, places: Sequence[Place]) -> Handle:
        """Elements of an array in arithmetic progression: a slice of it, or of it as one row."""
        first, second = places[:2]
        x = self.builder.handle(self.moved[first.array])
        varying = [
            len(set(along)) > 1 for along in zip(*[place.at for place in places], strict=True)
        ]
        count, step = len(places), second.flat - first.flat
        if sum(varying) > 1:
            return indexed(reshaped(x, (size(x.shape),)), (("slice", first.flat, count, step),))
        pattern: Pattern = tuple(
            ("slice", at, count, following - at) if is_varying else ("int", at)
            for at, following, is_varying in zip(first.at, second.at, varying, strict=True)
        )
        return indexed(x, pattern)


def _counted(values: Sequence[float]) -> tuple[float, ...] | None:
    """The arguments of the call that counts so, where it is shorter than the numbers."""
    if len(values) < SHORTEST_CALL or not all(map(is_exact_integer, values)):
        return None
    start, step = values[0], values[1] - values[0]
    counted = [start + k * step for k in range(len(values))]
    if not step or list(map(float.hex, counted)) != list(map(float.hex, values)):
        return None  # the opposite of 0 is none of them
    end = start + step * len(values)
    return (start, end) if step == 1.0 else (start, end, step)
