"""Residuals: what the derivative of a loop reads of the loop's own steps, from their history."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple, TypeVar

from symdiff.derive.ends import Ends, ends
from symdiff.graph.graph import Graph
from symdiff.graph.nested import finding_lengths, found_length, lengths_of, needed_by
from symdiff.graph.node import BOOL, CONSTANT, INPUT, INT, Node
from symdiff.graph.shape import SCALAR, Dim, Dimension, degree, size
from symdiff.ops.builder import Builder
from symdiff.ops.handle import Handle
from symdiff.ops.indexing import index, put, put_add
from symdiff.ops.loops import Layout, name_in_step
from symdiff.ops.operation import Loop, Part
from symdiff.ops.reduction import broadcast
from symdiff.ops.registry import OPERATIONS
from symdiff.ops.rules import EXACT

T = TypeVar("T")


def varies_in_steps(layout: Layout) -> bytearray:
    """By position in the body, 1 where a line is not the same in each step."""
    varies = bytearray(len(layout.graph))
    for at in layout.graph.inputs[layout.first_carry :]:
        varies[at] = 1
    for position, node in enumerate(layout.graph.nodes):
        if any([varies[argument] for argument in node.args]):
            varies[position] = 1
    return varies


def uneven_in_steps(layout: Layout, graph: Graph) -> bytearray:
    """By position, 1 where a line has another shape in each step: a loop in the body finds it out.

    Args:
        layout: a loop.
        graph: lines of its body, and lines that use them.
    """
    own = {found_length(node) for node in layout.graph}
    lengths = [(n for n in node.shape if isinstance(n, Dim)) for node in graph]
    return bytearray([any(not n.names.isdisjoint(own) for n in found) for found in lengths])


def in_terms_of_body(made: Graph, count: int) -> Graph:
    """The lines behind a body with the body's own in the place of those that equal them.

    What is differentiated in the place of a line may be that line in other words: `sigmoid(x)`
    where the body has 1/(1 + exp(-x)). It and what is made of it need no second computation.

    Args:
        made: lines of a body, then lines that use them.
        count: how many are the body's; they keep their places.
    """
    builder = Builder(EXACT, replace(made, nodes=made.nodes[:count]))
    moved = list(range(count))
    for position in range(count, len(made)):
        node = made[position]
        line = None
        args = tuple([moved[argument] for argument in node.args])
        if node.op not in (INPUT, CONSTANT):
            line = _expanded(builder, node, args)
        if line is None or line >= count:
            line = builder.append(node._replace(args=args))
        moved.append(line)
    found = builder.graph(
        [moved[at] for at in made.inputs],
        [moved[at] for at in made.outputs],
        made.output_names,
        made.primal,
    )
    return replace(
        found,
        spans=_moved(made.spans, moved),
        hints=_moved(made.hints, moved),
        derived=_moved(made.derived, moved),
    )


def _moved(table: Mapping[int, T], moved: Sequence[int]) -> dict[int, T]:
    """A table by position after lines have moved; the first line at a place counts."""
    return {moved[at]: table[at] for at in sorted(table, reverse=True)}


def _expanded(builder: Builder, node: Node, args: tuple[int, ...]) -> int | None:
    """The line that an elementwise operation is in simpler ones."""
    record = OPERATIONS[node.op]
    if record.expand is None or not record.is_elementwise or node.params:
        return None
    return record.expand(*[Handle(builder, at) for at in args]).at


class Read(NamedTuple):
    """Lines of a body, and those that use them, that read what the loop has computed.

    Attributes:
        graph: the lines, which stay in their places; what is read has become inputs.
        saved: those of them that are read from the history of a line, each with its number.
        before: those that are arrays which the loop starts with, each with its number.
        behind: those that are arrays which it leaves behind, likewise.
    """

    graph: Graph
    saved: dict[int, int]
    before: dict[int, int]
    behind: dict[int, int]


def with_read(made: Graph, whole: Handle) -> Read:
    """With inputs in the place of what the loop itself has computed.

    Made again in each step are only: what is the same in each step, places, views, a sum or another
    operator on what is there, and inner loops, whose histories would take a length more. Of an
    array that is read at few places what is read there is saved, not the array. Nothing is saved of
    what the array has at an end of the loop.

    Args:
        made: lines of a body, then lines that use them.
        whole: the loop with that body.
    """
    layout = Layout.of(whole.params)
    made, sides = _at_ends(made, whole)
    count, uneven = len(layout.graph), uneven_in_steps(layout, made)
    carried = _carried(layout) - sides.keys()
    saved = _walked(made, layout, sides).saved
    taken = set(made.input_names)
    nodes = list(made.nodes)
    saved |= {at for at in _shared_bases(made, saved - carried, count) if not uneven[at]}
    again = _again(made, saved - carried, saved & carried, carried, sides)
    read = {_base(made, argument) for position in again for argument in made[position].args}
    saved = (saved - again) | (read & carried)
    for position in sorted(saved):
        node = made[position]
        name = name_in_step(made, position)
        while name in taken and position not in carried:
            name += "_"
        taken.add(name)
        nodes[position] = Node(INPUT, (), (name,), node.shape, node.dtype)
    inputs = [at for at in made.inputs if at not in carried and at not in sides]
    cut = replace(made, nodes=nodes, inputs=(*inputs, *sorted(sides), *sorted(saved)))
    number = {at: n for n, at in enumerate(layout.graph.inputs)}
    before, behind = (
        {at: number[at] - layout.first_carry for at, found in sides.items() if found.side == side}
        for side in (-1, 1)
    )
    return Read(cut, {at: _history(made, layout, at) for at in sorted(saved)}, before, behind)


def _carried(layout: Layout) -> set[int]:
    return set(layout.graph.inputs[layout.first_carry : layout.first_slice])


def _at_ends(made: Graph, whole: Handle) -> tuple[Graph, dict[int, Ends]]:
    """With the input of each carried array that is read at an end of the loop in its place.

    Returns:
        The lines, and those inputs, each with what is read of it.
    """
    layout, sides = Layout.of(whole.params), dict[int, Ends]()
    plain = _walked(made, layout, sides)
    for carry, start in enumerate(layout.graph.inputs[layout.first_carry : layout.first_slice]):
        if not plain.saved:
            break
        asked = bytearray(plain.used)
        for at in plain.saved:
            asked[at] = 1
        for found in ends(made, whole, carry, asked):
            changed, tried = found.of(made, start), {**sides, start: found}
            walked = _walked(changed, layout, tried)
            if start not in walked.mixed and _weight(walked, found) < _weight(plain, found):
                made, sides, plain = changed, tried, walked
                break
    return made, sides


def _weight(walked: Walked, found: Ends) -> tuple[int, int]:
    """How much is saved: how often the whole array, and how many lines in all."""
    return len(walked.saved & found.versions), len(walked.saved)


def _history(made: Graph, layout: Layout, position: int) -> int:
    """The number of the history of a line that the body has, or of a result of a loop in it."""
    if position < len(layout.graph):
        return layout.history(position)
    node = made[position]
    return layout.history_of_part(node.args[0], node.params[0])


class Walked(NamedTuple):
    """What lines that use a body need of what it has computed.

    Attributes:
        saved: the lines that are saved.
        used: by position, 1 where a line is computed from them.
        mixed: arrays at an end of the loop that are read within a step too.
    """

    saved: set[int]
    used: bytearray
    mixed: set[int]


def _walked(made: Graph, layout: Layout, sides: Mapping[int, Ends]) -> Walked:
    """What is saved: a walk backwards."""
    carried, uneven = _carried(layout) - sides.keys(), uneven_in_steps(layout, made)
    count, varies, masks = len(layout.graph), varies_in_steps(layout), _masks_of_given(layout)
    needed, finding = needed_by(made, made.outputs), finding_lengths(made)
    used = bytearray(len(made))
    for at in made.outputs:
        used[at] = 1
    saved: set[int] = set()
    mixed: set[int] = set()
    parts: dict[int, list[int]] = {}  # by position of an array, the reads of parts of it

    def read_of(position: int, number: int, argument: int) -> None:
        if argument in sides and (position, number) not in sides[argument].places:
            mixed.add(argument)

    for position in range(len(made) - 1, -1, -1):
        node = made[position]
        is_kept = position in carried or (
            position < count and bool(varies[position]) and _is_kept(made, position)
        )
        if node.args and node.args[0] < count and varies[node.args[0]]:
            is_kept |= _is_part_of_writing_loop(made, node)
        if is_kept and node.op == index.name:  # of what each step is given it is read again
            root = _base(made, node.args[0])
            is_kept = root in carried or (bool(varies[root]) and bool(made[root].args))
        is_kept &= not (uneven[position] or (position < count and masks[position]))
        read = parts.get(position, ())
        if read and not used[position] and is_kept and _are_few(made, read, node):
            saved.update(read)
            continue
        if not (used[position] or read) or not needed[position]:
            continue
        if is_kept:
            saved.add(position)
        elif position < count and node.op == index.name and _base(made, position) != position:
            parts.setdefault(_base(made, position), []).append(position)
            last = _last_view(made, position)
            read_of(last, 0, made[last].args[0])
        else:
            lengths = {name for n in lengths_of(node) for name in n.names} if finding else ()
            for argument in (*node.args, *[finding[n] for n in lengths if n in finding]):
                used[argument] = 1
            for number, argument in enumerate(node.args):
                read_of(position, number, argument)
    return Walked(saved, used, mixed)


def _masks_of_given(layout: Layout) -> bytearray:
    """By position in the body, 1 where a line says by comparisons alone which elements are meant.

    What is compared is given to each step, or a number. To compare again is about as quick as to
    read what has been kept, of as many elements in each step as there are.
    """
    graph, carried = layout.graph, _carried(layout)
    is_made = bytearray(len(graph))
    for position, node in enumerate(graph.nodes):
        if not node.args:
            is_made[position] = position not in carried
            continue
        record = OPERATIONS[node.op]
        is_mask = node.dtype == BOOL and record.is_elementwise and record.is_cheap
        is_made[position] = not node.shape or (
            (is_mask or record.is_view or node.op == broadcast.name)
            and all(is_made[argument] for argument in node.args)
        )
    return bytearray(
        [
            made and node.dtype == BOOL and bool(node.shape) and bool(node.args)
            for made, node in zip(is_made, graph.nodes, strict=True)
        ]
    )


def _are_few(made: Graph, parts: Sequence[int], array: Node) -> bool:
    """Whether parts of an array are at most half of it, or have fewer of the named lengths."""
    every = size(array.shape)
    read: Dimension = 0
    for at in parts:
        read = size(made[at].shape) + read
    if degree(read) != degree(every):
        return degree(read) < degree(every)
    return isinstance(every, int) and isinstance(read, int) and 2 * read <= every


def _shared_bases(made: Graph, saved: set[int], count: int) -> set[int]:
    """Lines of the body that several saved ones are cheaply made of: one history for theirs."""
    bases = Counter[int]()
    for position in saved:
        if OPERATIONS[made[position].op].is_cheap:
            found = {_base(made, argument) for argument in made[position].args}
            bases.update({at for at in found if made[at].args} if len(found) == 1 else ())
    return {at for at, times in bases.items() if times > 1 and at < count and _is_kept(made, at)}


def _again(
    made: Graph,
    saved: set[int],
    arrays: set[int],
    carried: set[int],
    sides: Mapping[int, Ends],
) -> set[int]:
    """Lines that are cheaply made again of inputs, of other saved lines, of parts of arrays.

    Args:
        made: the lines.
        saved: those that are saved, but for what is carried.
        arrays: what is carried and saved.
        carried: all that is carried, but for arrays that are read at an end of the loop.
        sides: these, each with what is read of it there.
    """
    found: set[int] = set()

    def is_there(position: int, number: int, argument: int) -> bool:
        at = _base(made, argument)
        if at in sides:
            place = (position, number) if at == argument else (_last_view(made, argument), 0)
            return place in sides[at].places
        is_saved = at in saved and at not in found
        return not made[at].args or is_saved or _is_part_of(made, at, arrays, carried)

    for position in sorted(saved):
        node = made[position]
        if OPERATIONS[node.op].is_cheap and all(
            is_there(position, number, argument) for number, argument in enumerate(node.args)
        ):
            found.add(position)
    return found


def _is_part_of(made: Graph, position: int, arrays: set[int], carried: set[int]) -> bool:
    """Whether a line is a part of one of some arrays, by numbers of which none is carried."""
    node = made[position]
    if node.op != index.name or any(made[at].shape for at in node.args[1:]):
        return False
    needed = made.ancestors(node.args[1:])
    return _base(made, node.args[0]) in arrays and not any(needed[at] for at in carried)


def _base(made: Graph, position: int) -> int:
    """The line that a line is a view of; what is read at computed places is no view."""
    while _is_view(made[position]):
        position = made[position].args[0]
    return position


def _last_view(made: Graph, position: int) -> int:
    """The first of the views that lead from its base to a view."""
    while _is_view(made[made[position].args[0]]):
        position = made[position].args[0]
    return position


def _is_view(node: Node) -> bool:
    return len(node.args) == 1 and OPERATIONS[node.op].is_view


def _is_part_of_writing_loop(made: Graph, node: Node) -> bool:
    """Whether a line is a result of a loop that would need a whole array to be done again."""
    if not isinstance(OPERATIONS[node.op].derivative, Part):
        return False
    layout = Layout.of(made[node.args[0]].params)
    return any(_is_written(layout, carry) for carry in range(layout.carries))


def _is_written(layout: Layout, carry: int) -> bool:
    """Whether a step writes into a carried array: it comes out with other elements."""
    graph = layout.graph
    node = graph[graph.outputs[carry]]
    return node.op in (put.name, put_add.name) or (
        bool(node.args) and _is_part_of_writing_loop(graph, node)
    )


def _is_kept(made: Graph, position: int) -> bool:
    """Whether the history of a line is worth keeping."""
    node = made[position]
    if node.op in (INPUT, CONSTANT):
        return False
    record = OPERATIONS[node.op]
    if node.op == index.name and len(node.args) > 1:
        return True
    if node.dtype == INT and node.shape == SCALAR and record.is_elementwise:
        return False
    return not record.is_view and not isinstance(record.derivative, (Loop, Part))
