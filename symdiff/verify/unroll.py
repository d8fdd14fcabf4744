"""Loops written out, step by step: a check then sees every line, kinks and rounding included.

A loop that a test ends has as many steps as it has at one point: its lines are computed there, as
they are written out.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from symdiff.errors import UnsupportedError
from symdiff.graph.graph import Graph
from symdiff.graph.nested import found_length, node_with_lengths, pruned, with_lengths
from symdiff.graph.node import CONSTANT, INPUT, INT, Node, constant_value
from symdiff.graph.shape import Dim, Dimension, evaluate
from symdiff.ops.builder import Builder
from symdiff.ops.creation import known_numbers, length_
from symdiff.ops.handle import Handle
from symdiff.ops.indexing import sliced
from symdiff.ops.joining import concatenated
from symdiff.ops.loops import Layout, are_tested, parts_of
from symdiff.ops.operation import Binds, Loop, Part
from symdiff.ops.reduction import with_axes
from symdiff.ops.registry import OPERATIONS
from symdiff.ops.rules import EXACT
from symdiff.ops.structural import reshaped
from symdiff.verify.libraries import Floats
from symdiff.verify.points import Point

MOST_LINES = 100_000
MOST_TESTED_LINES = 5_000  # at each point; where a test never ends a loop, so much is tried
REPEATS = 20  # times as many lines are looked at, most of which are there already


class Unrolled:
    """A function without named dimensions and loops: the lines of each step stand in it instead.

    Args:
        graph: a function.
        lengths: a number for each named dimension of its inputs.

    Attributes:
        inputs: the function with these lengths, its loops as they are.
        depends_on_point: whether there are loops that a test ends, or lengths that are computed.
    """

    def __init__(self, graph: Graph, lengths: Mapping[str, int]) -> None:
        self.inputs = with_lengths(graph, lambda length: _number(length, lengths))
        self.depends_on_point = are_tested(graph)
        self._fixed: Graph | None = None

    def at(self, point: Point) -> Graph:
        """The function, with as many steps as it has at a point.

        Raises:
            UnsupportedError: where that would be too many lines.
        """
        if not self.depends_on_point and self._fixed is None:
            try:
                self._fixed = _unrolled(self.inputs, None)
            except _ComputedError:
                self.depends_on_point = True
        return _unrolled(self.inputs, point) if self._fixed is None else self._fixed


class _ComputedError(Exception):
    """A length is computed, and no counter: it is known at a point."""


def _number(length: Dim, lengths: Mapping[str, int]) -> Dimension:
    """A length as a number, where all names in it have one: not where a loop finds it out."""
    return evaluate(length, lengths) if length.names <= lengths.keys() else length


def _unrolled(graph: Graph, point: Point | None) -> Graph:
    if not _has_loops(graph):
        return graph
    builder = Builder(EXACT)
    inputs = {}
    for at in graph.inputs:
        node = graph[at]
        inputs[at] = Handle(builder, builder.input(node.params[0], node.shape, node.dtype))
    values = None if point is None else Values(builder, point)
    lines = _Writing(builder, values).copied(graph, inputs, {})
    made = builder.graph(
        [inputs[at].at for at in graph.inputs],
        [lines[at].at for at in graph.outputs],
        graph.output_names,
        graph.primal,
    )
    return pruned(made)  # without what tests alone read


def _has_loops(graph: Graph) -> bool:
    return any(
        node.op not in (INPUT, CONSTANT)
        and isinstance(OPERATIONS[node.op].derivative, (Loop, Binds))
        for node in graph.nodes
    )


class _Writing:
    """Loops on their way into a builder, with the values of its lines at a point."""

    def __init__(self, builder: Builder, values: Values | None) -> None:
        self.builder = builder
        self.values = values
        self.most = MOST_LINES if values is None else MOST_TESTED_LINES
        self._written = 0  # lines, of which equal ones are one line of the builder

    def copied(
        self, graph: Graph, inputs: dict[int, Handle], lengths: dict[str, int]
    ) -> list[Handle]:
        """The lines of a graph, on these lines for its inputs.

        Args:
            graph: the lines.
            inputs: by position, what stands for an input.
            lengths: those that loops around it have found out.
        """
        lengths = dict(lengths)
        builder, lines = self.builder, list[Handle]()
        loops: dict[int, tuple[Layout, list[list[Handle]], list[Handle]]] = {}
        parts = parts_of(graph.nodes)
        for position, written in enumerate(graph.nodes):
            self._written += 1
            if len(builder.nodes) > self.most or self._written > REPEATS * self.most:
                raise self._refusal()
            node = node_with_lengths(written, lambda n: _number(n, lengths)) if lengths else written
            args = [lines[argument] for argument in node.args]
            builder.span = graph.spans.get(position)
            rule = OPERATIONS[node.op].derivative if node.op not in (INPUT, CONSTANT) else None
            match rule:
                case None if node.op == INPUT:
                    line = inputs[position]
                case None:
                    value = constant_value(node)
                    line = Handle(builder, builder.full(value, node.shape, node.dtype))
                case _ if node.op == length_.name and isinstance(node.params[0], int):
                    line = Handle(builder, builder.full(float(node.params[0]), (), INT))
                case Binds():
                    lengths[found_length(node)] = self._number(args[0])
                    line = args[0]
                case Loop():
                    layout = _with_results(Layout.of(node.params), parts[position])
                    steps, finals = self._steps(layout, args, lengths)
                    loops[position] = layout, steps, finals
                    if layout.bound is not None:
                        lengths[str(layout.bound)] = len(steps)
                    line = Handle(builder, builder.constant(0.0))  # it is read by its parts alone
                case Part():
                    layout, steps, finals = loops[node.args[0]]
                    which = node.params[0]
                    if which < layout.carries:
                        line = finals[which]
                    else:
                        number = layout.carries + _stacked_parts(layout, parts[node.args[0]]).index(
                            which
                        )
                        rows = [step[layout.graph.outputs[number]] for step in steps]
                        line = _stacked(builder, rows, node)
                case _:
                    at = builder.make(node.op, tuple(x.at for x in args), node.params)
                    line = Handle(builder, at)
            if position in graph.hints and line.at not in builder.hints:
                builder.hints[line.at] = graph.hints[position]
            lines.append(line)
        return lines

    def _refusal(self) -> UnsupportedError:
        if self.values is None:
            what = f"a loop of more than {self.most:,} operations is not written out step by step"
            return UnsupportedError(what, suggestion="take fewer steps")
        what = f"a loop goes on after {self.most:,} operations at this point"
        return UnsupportedError(what, suggestion="take a point where it ends soon")

    def _member(self, array: Handle, number: int) -> Handle:
        """What a step reads of an array; a number where that is known, as those of counters are."""
        known = known_numbers(self.builder.nodes, [array.at]).get(array.at)
        if known is None or array.dtype != INT or known.ndim > 1:
            return reshaped(sliced(array, 0, number, 1), array.shape[1:])
        return Handle(self.builder, self.builder.full(float(known[number]), (), INT))

    def _number(self, line: Handle) -> int:
        """A whole number: as it is known, else at the point."""
        known = known_numbers(self.builder.nodes, [line.at]).get(line.at)
        if known is None and self.values is not None:
            known = self.values.of(line.at)
        if known is None:
            raise _ComputedError
        return int(known)

    def _steps(
        self, layout: Layout, args: Sequence[Handle], lengths: dict[str, int]
    ) -> tuple[list[list[Handle]], list[Handle]]:
        """The lines of the body in each step, by the number of its slices, and what is left."""
        graph, test = layout.graph, layout.test
        carried = list(args[layout.first_carry : layout.first_slice])
        found: list[list[Handle]] = []
        for i in _numbers(layout):
            known = [*args[: layout.constants], *carried]
            if test is not None and not self._holds(test, known, lengths):
                break
            slices = args[layout.first_slice :]
            given = [*known, *[self._member(x, i) for x in slices]]
            found.append(self.copied(graph, dict(zip(graph.inputs, given, strict=True)), lengths))
            carried = [found[-1][at] for at in graph.outputs[: layout.carries]]
        return found[:: layout.direction], carried

    def _holds(self, test: Graph, given: Sequence[Handle], lengths: dict[str, int]) -> bool:
        """Whether there is another step, at the point."""
        lines = self.copied(test, dict(zip(test.inputs, given, strict=True)), lengths)
        assert self.values is not None  # there is a point where there is a test
        return bool(self.values.of(lines[test.outputs[0]].at))


def _stacked_parts(layout: Layout, parts: Sequence[int]) -> list[int]:
    """The results of a loop that are stacked."""
    return [which for which in parts if which >= layout.carries]


def _with_results(layout: Layout, parts: Sequence[int]) -> Layout:
    """The loop whose steps return what is stacked, in its order."""
    return replace(layout, graph=layout.with_results(_stacked_parts(layout, parts)))


def _numbers(layout: Layout) -> Iterable[int]:
    """The number of each step; without end where a test ends the loop."""
    if layout.test is not None:
        return itertools.count()
    assert isinstance(layout.length, int)  # named ones are numbers by now
    return range(layout.length)[:: layout.direction]


class Values:
    """What the lines of a builder are at a point, as NumPy computes them.

    Args:
        builder: that grows.
        point: a value for each input.
    """

    def __init__(self, builder: Builder, point: Point) -> None:
        self._builder = builder
        self._point = point
        self._floats = Floats()
        self._lines: list[Any] = []

    def of(self, position: int) -> Any:
        """The value of a line."""
        import numpy as np

        nodes, lines = self._builder.nodes, self._lines
        with np.errstate(all="ignore"):
            for node in nodes[len(lines) : position + 1]:
                if node.op == INPUT:
                    lines.append(self._floats.given(node, self._point[node.params[0]]))
                elif node.op == CONSTANT:
                    lines.append(self._floats.constant(node))
                else:
                    shapes = [nodes[argument].shape for argument in node.args]
                    compute = self._floats.function(node, shapes)
                    lines.append(compute(*[lines[argument] for argument in node.args]))
        return lines[position]


def _stacked(builder: Builder, rows: Sequence[Handle], node: Node) -> Handle:
    if not rows:
        full = builder.full(0.0, node.shape, node.dtype)
        return Handle(builder, full)
    return concatenated([with_axes(row, 0, 1) for row in rows], 0)
