"""Loops that stay loops: a line that holds what is done in each step, as JAX's `lax.scan`.

The arguments of the line are constants, then what is carried from step to step at the start, then
arrays of which each step reads a slice. The body takes the constants, the carried values and the
slices, and returns the new carried values and the results of the step, which are stacked. The
line itself stands for the whole loop; each of its results is a line of its own that refers to it.

A loop with a test goes on as long as that holds, as Python's `while`. Its length is a named
dimension that it binds itself: the number of steps that were done. What is made of its results may
be a loop of that length.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from symdiff.errors import ShapeError
from symdiff.graph.graph import Graph
from symdiff.graph.nested import (
    Nested,
    every_node,
    found_lengths,
    holding,
    needed_by,
    pruned,
)
from symdiff.graph.node import BOOL, INPUT, Node
from symdiff.graph.shape import SCALAR, Dim, Dimension, Shape, names_of
from symdiff.graph.shape import text as shape_text
from symdiff.ops.handle import Handle, Maker
from symdiff.ops.operation import ANY, GIVEN, Loop, Operation, Part

Params = tuple[Any, ...]

_READ = "index"  # of an array: it has no name of its own
_VALUE = "v"  # with nothing better to its name


@dataclass(frozen=True, slots=True)
class Layout:
    """What the parameters of a loop say.

    Results are numbered: what is carried at the end, the stacked results of the steps, the
    history of each line of the body, which is what it was in each step, stacked, and the histories
    of the results of each loop in the body. Nothing is kept of what no one asks for.

    Attributes:
        graph: the body.
        length: how many steps there are.
        constants: how many of the leading arguments are the same in each step.
        carries: how many of those that follow are carried.
        direction: 1, or -1 for a loop that starts with the last slices.
        test: of the constants and what is carried, whether there is another step; `None` where
            the length says so.
    """

    graph: Graph
    length: Dimension
    constants: int
    carries: int
    direction: int
    test: Graph | None = None

    @classmethod
    def of(cls, params: Params) -> Layout:
        """The layout of a line with these parameters."""
        body, length, constants, carries, direction, test = params
        return cls(body.graph, length, constants, carries, direction, test and test.graph)

    @property
    def bound(self) -> Dim | None:
        """The named dimension that the loop itself gives a number: how many steps it has done."""
        return self.length if self.test is not None and isinstance(self.length, Dim) else None

    @property
    def tested(self) -> list[int]:
        """Which of the carried values the test reads, by their numbers."""
        if self.test is None:
            return []
        read = needed_by(self.test, self.test.outputs)
        inputs = self.test.inputs[self.first_carry : self.first_slice]
        return [number for number, at in enumerate(inputs) if read[at]]

    @property
    def slices(self) -> int:
        """How many arrays are read slice by slice."""
        return len(self.graph.inputs) - self.constants - self.carries

    @property
    def results(self) -> int:
        """How many results each step has."""
        return len(self.graph.outputs) - self.carries

    @property
    def first_carry(self) -> int:
        """The number of the first argument that is carried."""
        return self.constants

    @property
    def first_slice(self) -> int:
        """The number of the first argument that is read slice by slice."""
        return self.constants + self.carries

    def is_carry(self, number: int) -> bool:
        """Whether an argument is carried."""
        return self.first_carry <= number < self.first_slice

    @property
    def parts(self) -> int:
        """How many results the loop has, histories included."""
        inner = sum(layout.parts for _, layout in self.inner)
        return len(self.graph.outputs) + len(self.graph) + inner

    @property
    def inner(self) -> list[tuple[int, Layout]]:
        """The loops in the body, each with its line."""
        lines = enumerate(self.graph.nodes)
        return [(at, Layout.of(node.params)) for at, node in lines if node.op == scan.name]

    def history(self, position: int) -> int:
        """The number of the history of a line of the body."""
        results = self.graph.outputs[self.carries :]
        if position in results:
            return self.carries + results.index(position)
        return len(self.graph.outputs) + position

    def history_of_part(self, line: int, which: int) -> int:
        """The number of the history of a result of a loop in the body."""
        number = len(self.graph.outputs) + len(self.graph) + which
        for at, layout in self.inner:
            if at == line:
                break
            number += layout.parts
        return number

    def line(self, which: int) -> int | None:
        """The line of the body that holds a result within one step; `None` for one of a loop."""
        outputs = self.graph.outputs
        if which < len(outputs):
            return outputs[which]
        return which - len(outputs) if which < len(outputs) + len(self.graph) else None

    def part(self, which: int) -> Node:
        """That line itself."""
        line = self.line(which)
        return self._part_of_inner(which) if line is None else self.graph[line]

    def _part_of_inner(self, which: int) -> Node:
        """The line that would be a result of a loop in the body."""
        at, layout, number = self.inner_part(which)
        record = scan_final if number < layout.carries else scan_stacked
        shape, dtype = layout.shape(number), layout.part(number).dtype
        return Node(record.name, (at,), (number, shape, dtype), shape, dtype)

    def inner_part(self, which: int) -> tuple[int, Layout, int]:
        """Of a result of a loop in the body: its line, its layout, the number there."""
        number = which - len(self.graph.outputs) - len(self.graph)
        for at, layout in self.inner:
            if number < layout.parts:
                return at, layout, number
            number -= layout.parts
        raise ValueError(f"a loop has no result {which}")

    def with_results(self, wanted: Sequence[int]) -> Graph:
        """The body with what is carried and these of the stacked results as its outputs."""
        graph = self.graph
        nodes, names = list(graph.nodes), list(graph.output_names[: self.carries])
        outputs = list(graph.outputs[: self.carries])
        for which in wanted:
            is_result = which < len(graph.outputs)
            names.append(graph.output_names[which] if is_result else self._history_name(which))
            line = self.line(which)
            if line is None:
                node = self.part(which)
                line = nodes.index(node) if node in nodes else len(nodes)
                nodes += [node] * (line == len(nodes))
            outputs.append(line)
        return replace(graph, nodes=nodes, outputs=tuple(outputs), output_names=tuple(names))

    def _history_name(self, which: int) -> str:
        line = self.line(which)
        if line is None:
            _, layout, number = self.inner_part(which)
            is_result = number < len(layout.graph.outputs)
            return layout.graph.output_names[number] if is_result else layout._history_name(number)
        return f"{name_in_step(self.graph, line)}_history"

    def shape(self, which: int) -> Shape:
        """The shape of a result."""
        shape = self.part(which).shape
        return shape if which < self.carries else (self.length, *shape)


# --- what a legal loop is ----------------------------------------------------------------------


def _scan_shape(shapes: Sequence[Shape], params: Params) -> Shape:
    """A loop stands for several results: its own shape says nothing.

    Raises:
        ShapeError: where the arguments or the results of a step are not those of the body.
    """
    layout = Layout.of(params)
    graph = layout.graph
    if layout.direction not in (1, -1) or min(layout.constants, layout.carries, layout.slices) < 0:
        raise ShapeError("a loop whose parameters do not fit its body")
    if not isinstance(layout.length, Dim) and layout.length < 0:
        raise ShapeError(f"a loop of {layout.length} steps")
    if layout.results < 0 or len(shapes) != len(graph.inputs):
        raise ShapeError(f"a loop takes {len(graph.inputs)} arguments, not {len(shapes)}")
    if layout.test is not None:
        _check_test(layout, layout.test)
    own = {*found_lengths(graph), *(layout.bound.names if layout.bound is not None else ())}
    if not own.isdisjoint(names_of(shapes)):
        raise ShapeError(
            f"a length that a loop finds out, {', '.join(sorted(own))}, is not its own"
        )
    for number, (shape, at) in enumerate(zip(shapes, graph.inputs, strict=True)):
        wanted = graph[at].shape
        if number >= layout.first_slice:
            wanted = (layout.length, *wanted)
        if shape != wanted:
            raise ShapeError(
                f"a loop takes the shape {shape_text(wanted)}, not {shape_text(shape)}"
            )
    for carry in range(layout.carries):
        before = graph[graph.inputs[layout.first_carry + carry]]
        after = graph[graph.outputs[carry]]
        if (before.shape, before.dtype) != (after.shape, after.dtype):
            raise ShapeError(f"a carried {shape_text(before.shape)} becomes another one")
    return SCALAR


def _check_test(layout: Layout, test: Graph) -> None:
    """State that a test is one truth of what a step is given, and that the length has a name.

    Raises:
        ShapeError: where it is not.
    """
    length = layout.length
    if not isinstance(length, Dim) or not length.is_name or layout.slices or layout.direction < 0:
        raise ShapeError("a loop with a test has a named length, no slices and one direction")
    if [_kind(test, at) for at in test.outputs] != [(SCALAR, BOOL)]:
        raise ShapeError("the test of a loop is no truth")
    graph = layout.graph
    if [_kind(test, at) for at in test.inputs] != [_kind(graph, at) for at in graph.inputs]:
        raise ShapeError("the test of a loop takes other arguments than its steps")


def _kind(graph: Graph, position: int) -> tuple[Shape, str]:
    return graph[position].shape, graph[position].dtype


def _part_shape(shapes: Sequence[Shape], params: Params) -> Shape:
    _, shape, _ = params
    return tuple(shape)


# --- records -----------------------------------------------------------------------------------

scan: Operation = Operation(
    "scan",
    "A loop: what is carried from step to step, and what each step returns, together.",
    ANY,
    Loop(),
    shape=_scan_shape,
    params=("body", "length", "constants", "carries", "direction", "test"),
    takes_complex=True,
)


def _result(name: str, doc: str, *, is_own: bool) -> Operation:
    return Operation(
        name,
        doc,
        1,
        Part(),
        shape=_part_shape,
        dtype=GIVEN,
        is_own=is_own,
        params=("which", "shape", "kind"),
        takes_complex=True,
    )


# a step may return an array that it was given as what is carried on
scan_final: Operation = _result("scan_final", "What a loop carries at its end.", is_own=False)
scan_stacked: Operation = _result(
    "scan_stacked", "What each step of a loop returns or is given, stacked.", is_own=True
)

_RECORDS = {record.name: record for record in (scan, scan_final, scan_stacked)}


def name_in_step(graph: Graph, line: int) -> str:
    """What a line of a body is called: by its name, a function of one argument, or its array."""
    node = graph[line]
    while node.op == _READ and not graph.name_of(line, ""):
        line = node.args[0]
        node = graph[line]
    if node.op == INPUT:
        return str(node.params[0])
    return graph.name_of(line, node.op if len(node.args) == 1 else _VALUE)


# --- loops on lines ----------------------------------------------------------------------------


def part(whole: Handle, which: int) -> Handle:
    """A result of a loop, by its number."""
    layout = Layout.of(whole.params)
    record = scan_final if which < layout.carries else scan_stacked
    params = which, layout.shape(which), layout.part(which).dtype
    return Handle(whole.builder, whole.builder.make(record.name, (whole.at,), params))


def parts_of(nodes: Sequence[Node]) -> dict[int, list[int]]:
    """By the position of each loop, the numbers of its parts that there are lines of, in order."""
    found: dict[int, set[int]] = {}
    for position, node in enumerate(nodes):
        if node.op == scan.name:
            found[position] = set()
        elif node.op in _RECORDS:
            found[node.args[0]].add(node.params[0])
    return {position: sorted(which) for position, which in found.items()}


def are_tested(*graphs: Graph) -> bool:
    """Whether a loop goes on as long as a test holds, in graphs and in those in them."""
    lines = [graph[at] for graph in graphs for at in holding(graph)]
    loops = [node for node in every_node(lines) if node.op == scan.name]
    return any(Layout.of(node.params).test is not None for node in loops)


def loop(
    builder: Maker,
    graph: Graph,
    args: Sequence[Handle],
    *,
    length: Dimension,
    constants: int,
    carries: int,
    direction: int = 1,
    test: Graph | None = None,
) -> Handle:
    """The line of a loop; constants and slices that no step and no test reads are left out.

    Args:
        builder: takes the line.
        graph: the body.
        args: constants, then what is carried at the start, then arrays of slices.
        length: how many steps there are.
        constants: how many of the arguments are constants.
        carries: how many of them are carried.
        direction: 1, or -1 to start with the last slices.
        test: takes what a step takes and says whether there is one. The length is then a named
            dimension that nothing else has, as from `free_length`: the loop gives it the number of
            steps that it does.
    """
    carried = range(constants, constants + carries)
    read = [_reads(graph), [False] * len(graph.inputs) if test is None else _reads(test)]
    kept = [
        n for n, is_read in enumerate(map(any, zip(*read, strict=True))) if is_read or n in carried
    ]
    params = (
        Nested(_taking(graph, kept)),
        length,
        sum(n < constants for n in kept),
        carries,
        direction,
        None if test is None else Nested(_taking(replace(test, primal=1), kept)),
    )
    return Handle(builder, builder.make(scan.name, tuple(args[n].at for n in kept), params))


def _reads(graph: Graph) -> list[bool]:
    """By input, whether an output needs it."""
    needed = needed_by(graph, graph.outputs)
    return [bool(needed[at]) for at in graph.inputs]


def _taking(graph: Graph, numbers: Sequence[int]) -> Graph:
    """The graph with these of its inputs alone, and the lines that its outputs need."""
    trimmed = replace(graph, inputs=tuple(graph.inputs[n] for n in numbers))
    return pruned(trimmed)
