"""Reads of an array that a loop writes into, of what is there before the loop or behind it too.

In `x[i] = b[i] - L[i, :i] @ x[:i]` a step reads what no later one writes: the array that the loop
leaves behind has it still. In `B[i] += A[i, i + 1:] @ B[i + 1:]` it reads what no earlier one has
written: the array that the loop starts with has it. So the loop backwards reads it there, and no
step keeps anything. That places differ is shown from inequalities alone: they must be linear in
the counters.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from symdiff.graph.graph import Graph
from symdiff.graph.inequalities import is_impossible
from symdiff.graph.nested import finding_lengths, found_length, lengths_of
from symdiff.graph.node import EXTENT, FLOAT, INT, Node
from symdiff.graph.shape import SCALAR, Dim, Dimension, named, substituted
from symdiff.ops.handle import Handle
from symdiff.ops.indexing import index, put, put_add
from symdiff.ops.loops import Layout, scan, scan_final
from symdiff.ops.progressions import Progression, progression

Place = tuple[int, int]  # a line, and the number of one of its arguments


class Region(NamedTuple):
    """Elements of an array that a step reads or writes.

    Attributes:
        axes: the first and the last place along each.
        given: expressions that are at least 0 there.
    """

    axes: tuple[tuple[Dimension, Dimension], ...]
    given: tuple[Dimension, ...]


class Written(NamedTuple):
    """A carried array in a step.

    Attributes:
        versions: the lines that are the array, with how many writes stand before each.
        regions: what each write changes, by its number.
    """

    versions: Mapping[int, int]
    regions: Sequence[tuple[int, Region]]


class Ends(NamedTuple):
    """What can be read of a carried array at an end of its loop.

    Attributes:
        side: 1 for the array behind the loop, -1 for that before it.
        places: arguments of lines that can be the array there.
        values: lines that are written into it, each with the write: they can be read there.
        versions: the lines that are the whole array in a step.
    """

    side: int
    places: frozenset[Place]
    values: Mapping[int, int]
    versions: frozenset[int]

    def of(self, made: Graph, start: int) -> Graph:
        """Lines that read the input of an array in the place of what it is in the step."""
        nodes = list(made.nodes)
        for position, write in self.values.items():
            _, _, *places = made[write].args
            old = nodes[position]
            args = (start, *places)
            nodes[position] = Node(index.name, args, made[write].params, old.shape, old.dtype)
        for position, number in self.places - {(value, 0) for value in self.values}:
            args = nodes[position].args
            args = (*args[:number], start, *args[number + 1 :])
            nodes[position] = nodes[position]._replace(args=args)
        return replace(made, nodes=nodes)


def ends(made: Graph, whole: Handle, carry: int, used: Sequence[int]) -> Iterator[Ends]:
    """What can be read of a carried array behind a loop, and then before it.

    Args:
        made: the lines of its body, and those that use them.
        whole: the loop.
        carry: the number of the array.
        used: by position, whether a line is asked for.
    """
    layout = Layout.of(whole.params)
    start = layout.graph.inputs[layout.first_carry + carry]
    if layout.test is not None or not made[start].shape or made[start].dtype != FLOAT:
        return
    around = Scope.around(whole.builder.nodes)
    reading, writing = (around.inside(whole.at, name, made.nodes) for name in ("_r", "_w"))
    written = writes_into(writing, layout, carry)
    if written is None or len(written.versions) < 2:
        return
    reads = _reads(reading, made, written.versions, used)
    for side in (1, -1):
        fits = [
            place
            for place, order, regions in reads
            if all(_is_same_at(side, layout, order, region, written) for region in regions)
        ]
        values = _values(reading, made, layout, written, used) if side > 0 else {}
        places = frozenset([*fits, *[(value, 0) for value in values]])
        if places:
            yield Ends(side, places, values, frozenset(written.versions))


def _is_same_at(side: int, layout: Layout, order: int, region: Region, written: Written) -> bool:
    """Whether no write between a step and an end of the loop goes to what the step reads.

    Args:
        side: 1 for the end, -1 for the start.
        layout: of the loop.
        order: how many writes of the step stand before the read.
        region: what is read.
        written: the writes.
    """
    later = (named("_w") - named("_r")) * (side * layout.direction)
    for number, write in written.regions:
        pairs = zip(region.axes, write.axes, strict=True)
        meets = [n for (a, b), (c, d) in pairs for n in (b - c, d - a)]
        both = [*region.given, *write.given, *meets]
        if not is_impossible([*both, later - 1]):
            return False
        is_between = (number > order) == (side > 0)
        if is_between and not is_impossible([*both, later, later * -1]):
            return False
    return True


# --- what is read and written ------------------------------------------------------------------


def writes_into(scope: Scope, layout: Layout, carry: int) -> Written | None:
    """The writes into an array; `None` where it becomes something else than it with other elements.

    The scope is that of the body, or of more lines behind it.
    """
    graph = layout.graph
    start, at = graph.inputs[layout.first_carry + carry], graph.outputs[carry]
    lines = [at]
    while at != start:
        before = _before(graph, at)
        if before is None:
            return None
        at = before
        lines.append(at)
    versions = {line: number for number, line in enumerate(reversed(lines))}
    regions: list[tuple[int, Region]] = []
    for line, number in versions.items():
        found = _regions(scope, line) if number else []
        if found is None:
            return None
        regions += [(number, region) for region in found]
    return Written(versions, regions)


def _before(graph: Graph, position: int) -> int | None:
    """The array that a line is after a write, or after a loop with writes."""
    node = graph[position]
    if node.op in (put.name, put_add.name):
        return node.args[0]
    if node.op != scan_final.name:
        return None
    loop = graph[node.args[0]]
    number = Layout.of(loop.params).first_carry + int(node.params[0])
    return loop.args[number]


def _regions(scope: Scope, line: int) -> list[Region] | None:
    """Where a write goes, or each of those of a loop."""
    node = scope.nodes[line]
    if node.op != scan_final.name:
        return [scope.region(line)]
    (loop,), carry = node.args, node.params[0]
    layout = Layout.of(scope.nodes[loop].params)
    found = writes_into(scope.inside(loop), layout, carry)
    return None if found is None else [region for _, region in found.regions]


def _reads(
    scope: Scope, made: Graph, versions: Mapping[int, int], used: Sequence[int]
) -> list[tuple[Place, int, list[Region]]]:
    """The reads of an array by lines that are asked for, each with the writes before it."""
    found = []
    for position, node in enumerate(made.nodes):
        for number, argument in enumerate(node.args):
            if used[position] and argument in versions:
                regions = regions_read(scope, position, number)
                if regions is not None:
                    found.append(((position, number), versions[argument], regions))
    return found


def regions_read(scope: Scope, position: int, number: int) -> list[Region] | None:
    """What a line reads of one of its arguments; `None` where it may be all of it."""
    node = scope.nodes[position]
    if node.op == index.name and number == 0:
        return [scope.region(position)]
    if node.op != scan.name:
        return None
    layout = Layout.of(node.params)
    if number >= layout.constants or layout.test is not None:
        return None
    given, graph, inner = layout.graph.inputs[number], layout.graph, scope.inside(position)
    if given in graph.outputs:
        return None
    found: list[Region] = []
    for at, line in enumerate(graph.nodes):
        for n, argument in enumerate(line.args):
            regions = regions_read(inner, at, n) if argument == given else []
            if regions is None:
                return None
            found += regions
    return found


def _values(
    scope: Scope, made: Graph, layout: Layout, written: Written, used: Sequence[int]
) -> dict[int, int]:
    """Lines that are written into an array and stay there, each with the write."""
    found = {}
    lengths = finding_lengths(made)
    for write, order in written.versions.items():
        node = made[write]
        if node.op != put.name or not used[node.args[1]] or made[node.args[1]].dtype != FLOAT:
            continue
        value, places = node.args[1], node.args[2:]
        names = {name for n in lengths_of(node) for name in n.names}
        needed = [*places, *[lengths[name] for name in names if name in lengths]]
        is_early = all(at < value for at in needed) and made[value].args
        if is_early and _is_same_at(1, layout, order, scope.region(write), written):
            found[value] = write
    return found


# --- what counts -------------------------------------------------------------------------------


class Scope:
    """What counts in a graph, as expressions of the steps of the loops around it.

    Args:
        nodes: the lines.
        known: those that count.
        lengths: what named dimensions are that steps of loops around give their numbers.
        given: expressions that are at least 0.
        name: from which those of inner steps are made.
    """

    def __init__(
        self,
        nodes: Sequence[Node],
        known: Mapping[int, Dimension],
        lengths: Mapping[str, Dimension],
        given: tuple[Dimension, ...],
        name: str,
    ) -> None:
        self.nodes, self.lengths, self.given, self.name = nodes, dict(lengths), given, name
        self._known = {at: Progression(value, 0) for at, value in known.items()}
        for at, node in enumerate(nodes):
            found = found_length(node)
            if found:
                number = self.number(node.args[0]) if node.op == EXTENT else None
                self.lengths[found] = named(f"{name}_{at}") if number is None else number

    @classmethod
    def around(cls, nodes: Sequence[Node]) -> Scope:
        """That of the lines around a loop, whose extents are what they are in all of its steps."""
        extents = {node.args[0]: node.params[0] for node in nodes if node.op == EXTENT}
        found = cls(nodes, extents, {}, (), "")
        found.lengths.update({name: named(name) for name in map(found_length, nodes) if name})
        return found

    def inside(self, line: int, name: str = "", nodes: Sequence[Node] = ()) -> Scope:
        """That of the body of a loop.

        Args:
            line: the loop.
            name: of its step.
            nodes: the lines of the body and more behind them, if there are more.
        """
        node, name = self.nodes[line], name or f"{self.name}_{line}"
        layout, step = Layout.of(node.params), named(name)
        known = {}
        for number, (argument, at) in enumerate(zip(node.args, layout.graph.inputs, strict=True)):
            found = self._given(layout, number, argument, step)
            if found is not None:
                known[at] = found
        given = (*self.given, step, self.length(layout.length) - step - 1)
        return Scope(nodes or layout.graph.nodes, known, self.lengths, given, name)

    def _given(self, layout: Layout, number: int, argument: int, step: Dim) -> Dimension | None:
        """What an argument of a loop is in its steps, where it counts."""
        if number < layout.constants:
            return self.number(argument)
        if number < layout.first_slice or layout.graph[layout.graph.inputs[number]].shape:
            return None
        found = progression(self.nodes, argument, self._known)
        if found is None:
            return None
        return step * self.length(found.step) + self.length(found.start)

    def number(self, line: int) -> Dimension | None:
        """What a line counts; `None` where that is not known."""
        node = self.nodes[line]
        if node.shape != SCALAR or node.dtype != INT:
            return None
        found = progression(self.nodes, line, self._known)
        return None if found is None or found.step != 0 else self.length(found.start)

    def length(self, length: Dimension) -> Dimension:
        """A dimension, in terms of the steps."""
        return substituted(length, self.lengths) if isinstance(length, Dim) else length

    def region(self, line: int) -> Region:
        """What an index or a write takes of its array: along an axis that is not known, all."""
        node = self.nodes[line]
        arrays = node.args[1 if node.op == index.name else 2 :]
        lengths = iter(self.nodes[node.args[0]].shape)
        axes, given = [], list(self.given)
        for entry in node.params[0]:
            if entry[0] == "new":
                continue
            length = self.length(next(lengths))
            if entry[0] == "slice":
                start, count, step = map(self.length, entry[1:])
                last = (count - 1) * step + start
                axes.append((start, last) if entry[3] > 0 else (last, start))
                given.append(count - 1)
            else:
                place = self._place(entry, arrays, length)
                axes.append((0, length - 1) if place is None else (place, place))
        return Region(tuple(axes), tuple(given))

    def _place(
        self, entry: tuple[Any, ...], arrays: Sequence[int], length: Dimension
    ) -> Dimension | None:
        """A place that is counted from the front."""
        kind, at = entry
        place = self.length(at) if kind == "int" else self.number(arrays[at])
        if isinstance(place, int) and place < 0:
            return length + place
        is_from_front = place is not None and is_impossible([*self.given, place * -1 - 1])
        return place if is_from_front else None
