"""Histories that an array still holds: what a step read there is there at the end of the loop.

Where each element of an array is written once and read later, as in `a[i] = f(a[i - 1])`, what the
steps have read is a part of the array that the loop leaves behind: there is no need to keep it a
second time. That a place is not written again is shown from the places alone, which must be
progressions: see `ops.progressions`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from symdiff.graph.graph import Graph
from symdiff.graph.node import INPUT, Node
from symdiff.graph.shape import SCALAR, Dim, Dimension
from symdiff.ops.handle import Handle
from symdiff.ops.indexing import index, indexed, put, put_add
from symdiff.ops.loops import Layout, part, parts_of
from symdiff.ops.operation import Part
from symdiff.ops.progressions import Progression, counters, progression
from symdiff.ops.registry import OPERATIONS
from symdiff.ops.structural import transposed
from symdiff.optimize.rebuild import Rebuilder, rebuild

Counters = Mapping[int, Progression]


class Axis(NamedTuple):
    """What is read or written along one axis of an array.

    Attributes:
        numbers: the place in each step of a loop, `None` where that is not known.
        level: of the loops around, the one whose steps these are, counted from the outermost.
        entry: a slice, the same in all steps.
        given: the input of the body that is the place.
    """

    numbers: Progression | None = None
    level: int = 0
    entry: tuple[Any, ...] = ()
    given: int = -1


class Read(NamedTuple):
    """What the steps of loops in each other read of an array that the outermost one carries.

    Attributes:
        carry: the number of the array.
        axes: what is read along each of its axes.
        lengths: of the loops, from the outermost on.
    """

    carry: int
    axes: tuple[Axis, ...]
    lengths: tuple[Dimension, ...]


def read_finals(graph: Graph) -> Graph:
    """Read what loops leave behind in the place of histories of it."""
    found: dict[int, Read] = {}
    for loop, parts in parts_of(graph.nodes).items():
        layout = Layout.of(graph[loop].params)
        if layout.test is None and any(which >= layout.carries for which in parts):
            known = counters(layout, graph.nodes, graph[loop].args)
            for position, node in enumerate(graph.nodes):
                if node.args == (loop,) and node.params[0] >= layout.carries:
                    read = _read(layout, known, node.params[0])
                    if read is not None:
                        found[position] = read
    if not found:
        return graph

    def replace(rebuilder: Rebuilder, node: Node, position: int) -> int | None:
        read = found[position]
        builder = rebuilder.builder
        final = part(Handle(builder, node.args[0]), read.carry)
        made = _taken(final, read)
        if made is None or made.shape != node.shape:
            return None
        name = Layout.of(builder.nodes[node.args[0]].params).graph.output_names[read.carry]
        if made.at != final.at:
            builder.derived.setdefault(made.at, f"{name}_history")
        return made.at

    return rebuild(graph, replace, changed=found)


def _taken(final: Handle, read: Read) -> Handle | None:
    """What has been read, of the array at the end: an axis a loop, then those that are left."""
    pattern: list[tuple[Any, ...]] = []
    left: list[Axis] = []
    for axis, length in zip(read.axes, final.shape, strict=True):
        if axis.given >= 0:
            return None
        if axis.numbers is None:
            pattern.append(axis.entry)
        elif axis.numbers.step == 0:
            pattern.append(("int", axis.numbers.start))
            continue
        elif isinstance(axis.numbers.step, Dim):
            return None
        else:
            start, step = axis.numbers
            pattern.append(("slice", start, read.lengths[axis.level], step))
        left.append(axis)
        del length
    levels = [axis.level for axis in left if axis.numbers is not None]
    if sorted(levels) != list(range(len(read.lengths))):
        return None
    order = sorted(range(len(left)), key=lambda k: (left[k].numbers is None, left[k].level))
    return transposed(indexed(final, tuple(pattern)), tuple(order))


# --- what is read --------------------------------------------------------------------------------


def _read(layout: Layout, known: Counters, which: int) -> Read | None:
    """What the history of a line is of; `None` where the array need not hold it at the end."""
    line = layout.line(which)
    lengths: tuple[Dimension, ...] = (layout.length,)
    if line is not None:
        places = _places(layout, line)
        if places is None:
            return None
        version, pattern, arrays = places
        axes = _axes(layout, known, pattern, arrays)
    else:
        inner = _read_inside(layout, known, which)
        if inner is None:
            return None
        axes, version = inner[0].axes, inner[1]
        lengths += inner[0].lengths
    if axes is None or not all(_is_counted_from_start(axis, layout) for axis in axes):
        return None
    for carry in range(layout.carries):
        writes = _writes(layout, carry)
        if writes is not None and version in writes:
            is_there = _stays(layout, known, axes, version, writes)
            return Read(carry, axes, lengths) if is_there else None
    return None


def _places(layout: Layout, line: int) -> tuple[int, Any, tuple[int, ...]] | None:
    """Where an array has a line: what it is read from, or what it is after the line was written."""
    graph = layout.graph
    node = graph[line]
    if node.op == index.name:
        return node.args[0], node.params[0], node.args[1:]
    for position, other in enumerate(graph.nodes):
        if other.op == put.name and other.args[1] == line and other.dtype == node.dtype:
            return position, other.params[0], other.args[2:]
    return None


def _read_inside(layout: Layout, known: Counters, which: int) -> tuple[Read, int] | None:
    """What a loop in the body reads, and the line that is the array behind that loop."""
    at, inside, number = layout.inner_part(which)
    graph, loop = layout.graph, layout.graph[at]
    if inside.test is not None or number < inside.carries:
        return None
    read = _read(inside, counters(inside, graph.nodes, loop.args), number)
    if read is None:
        return None
    behind = [
        position
        for position, node in enumerate(graph.nodes)
        if node.args == (at,) and node.params[0] == read.carry
    ]
    axes = [_around(layout, known, inside, loop, axis) for axis in read.axes]
    if not behind or any(axis is None for axis in axes):
        return None
    return read._replace(axes=tuple([axis for axis in axes if axis])), behind[0]


def _around(layout: Layout, known: Counters, inside: Layout, loop: Node, axis: Axis) -> Axis | None:
    """What is read or written along an axis in a loop of the body, seen from the body."""
    if axis.given >= 0:
        return _place(layout, known, loop.args[inside.graph.inputs.index(axis.given)])
    is_moving = axis.numbers is not None and axis.numbers.step != 0
    return axis._replace(level=axis.level + 1) if is_moving else axis


def _axes(
    layout: Layout, known: Counters, pattern: Sequence[tuple[Any, ...]], arrays: Sequence[int]
) -> tuple[Axis, ...] | None:
    """What an index reads or writes along each axis; `None` for what is not looked into."""
    found: list[Axis] = []
    for entry in pattern:
        match entry:
            case ("slice", *_):
                axis: Axis | None = Axis(entry=entry)
            case ("int", place):
                axis = Axis(Progression(place, 0))
            case ("array", k):
                axis = _place(layout, known, arrays[k])
            case _:
                axis = None
        if axis is None:
            return None
        found.append(axis)
    return tuple(found)


def _place(layout: Layout, known: Counters, line: int) -> Axis | None:
    """The place that a number of the body is."""
    node = layout.graph[line]
    if node.shape != SCALAR:
        return None
    numbers = progression(layout.graph.nodes, line, known)
    if numbers is not None:
        return Axis(numbers)
    is_given = node.op == INPUT and line in layout.graph.inputs[: layout.constants]
    return Axis(given=line) if is_given else None


# --- what is written -----------------------------------------------------------------------------


def _writes(layout: Layout, carry: int) -> dict[int, int] | None:
    """The lines that are a carried array in a step, each with how many writes it has behind it.

    `None` where it becomes something else than the array with other elements.
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
    return {line: number for number, line in enumerate(reversed(lines))}


def _before(graph: Graph, position: int) -> int | None:
    """The array that a line is after a write, or after a loop with writes."""
    node = graph[position]
    if node.op in (put.name, put_add.name):
        return node.args[0]
    if not node.args or not isinstance(OPERATIONS[node.op].derivative, Part):
        return None
    loop = graph[node.args[0]]
    inside, which = Layout.of(loop.params), node.params[0]
    return loop.args[inside.first_carry + which] if which < inside.carries else None


def _regions(layout: Layout, known: Counters, line: int) -> list[tuple[Axis | None, ...]] | None:
    """Where a write, or each of those of a loop, goes; `None` along an axis that may be any."""
    graph, node = layout.graph, layout.graph[line]
    if node.op in (put.name, put_add.name):
        axes = _axes(layout, known, node.params[0], node.args[2:])
        return None if axes is None else [axes]
    loop = graph[node.args[0]]
    inside = Layout.of(loop.params)
    writes = _writes(inside, node.params[0])
    if writes is None:
        return None
    found: list[tuple[Axis | None, ...]] = []
    for write, number in writes.items():
        regions = (
            _regions(inside, counters(inside, graph.nodes, loop.args), write) if number else []
        )
        if regions is None:
            return None
        for region in regions:
            seen = [axis and _around(layout, known, inside, loop, axis) for axis in region]
            found.append(tuple(seen))
    return found


def _stays(
    layout: Layout, known: Counters, axes: Sequence[Axis], version: int, writes: Mapping[int, int]
) -> bool:
    """Whether no later write goes where a step has read."""
    for write, number in writes.items():
        if number == 0:
            continue
        regions = _regions(layout, known, write)
        if regions is None:
            return False
        is_before = number <= writes[version]
        for region in regions:
            pairs = zip(axes, region, strict=True)
            if not any(_is_apart(layout, r, w, is_before=is_before) for r, w in pairs):
                return False
    return True


def _is_apart(layout: Layout, read: Axis, write: Axis | None, *, is_before: bool) -> bool:
    """Whether a step and those after it do not write where it has read, as one axis shows.

    Args:
        layout: of the loop.
        read: along the axis.
        write: along the axis.
        is_before: whether a step writes before it reads.
    """
    if write is None or read.numbers is None or write.numbers is None or read.level or write.level:
        return False
    (first, by), (other, step) = read.numbers, write.numbers
    if not all(_is_natural(numbers, layout.length) for numbers in (read.numbers, write.numbers)):
        return False
    difference = first - other
    if not isinstance(difference, int) or not isinstance(step, int):
        return False
    if step == 0:
        return by == 0 and difference != 0
    steps, rest = divmod(difference, step)  # until what has been read is written
    if rest and by in (0, step):
        return True
    if by == 0:
        return steps < 0
    later = steps * layout.direction
    return by == step and (later < 0 or (later == 0 and is_before))


def _is_counted_from_start(axis: Axis, layout: Layout) -> bool:
    """Whether the places in the steps of this loop are those of a slice."""
    return axis.numbers is None or axis.level > 0 or _is_natural(axis.numbers, layout.length)


def _is_natural(numbers: Progression, length: Dimension) -> bool:
    """Whether no number counts from the end: the smallest does not, if there is one at all."""
    if not isinstance(numbers.step, int):
        return False
    number = numbers.start if numbers.step >= 0 else numbers.last(length)
    least = number.least if isinstance(number, Dim) else number
    return least is not None and least >= 0
