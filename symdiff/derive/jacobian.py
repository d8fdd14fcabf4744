"""Jacobians: seeds pushed forwards or pulled backwards, all of them at once.

Of a function of numbers each entry is a line of its own, and one that is zero by structure is none.
Of a function of arrays a block is a tangent or a cotangent with one leading axis, along which the
seeds, the rows of the unit matrix, stand (A. Griewank and A. Walther, Evaluating Derivatives, 2008,
chapters 3 and 7).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from symdiff.derive.batch import with_leading_axis
from symdiff.derive.cotangents import Cotangent
from symdiff.derive.forward import jvp, push_each, push_forward
from symdiff.derive.inline import inlined
from symdiff.derive.options import FORWARD, REVERSE, checked
from symdiff.derive.reverse import derivative_name, pull_back, vjp
from symdiff.derive.twins import twins_of
from symdiff.graph.graph import Graph
from symdiff.graph.nested import pruned
from symdiff.graph.node import Node
from symdiff.graph.shape import Dim, Dimension, Shape, size
from symdiff.ops import indexing
from symdiff.ops.builder import Builder
from symdiff.ops.handle import Handle
from symdiff.ops.linalg import identity_like
from symdiff.ops.loops import parts_of
from symdiff.ops.rules import ALGEBRAIC
from symdiff.ops.structural import Pattern, reshaped, transposed


class Choice(NamedTuple):
    """How a Jacobian is made, and why so."""

    mode: str
    reason: str


# --- functions of numbers ------------------------------------------------------------------------


def chosen_for_numbers(graph: Graph, wrt: Sequence[str], mode: str | None) -> Choice:
    """The mode that does less work: every line counts once for each seed that reaches it."""
    if mode is not None:
        return Choice(checked(mode), "as asked for")
    forward, backward = _work(graph, wrt)
    chosen = FORWARD if forward <= backward else REVERSE
    return Choice(chosen, f"{forward} lines of tangents forward, {backward} of cotangents reverse")


def _work(graph: Graph, wrt: Sequence[str]) -> tuple[int, int]:
    """How many tangents of lines forward mode needs, and how many cotangents reverse mode."""
    sources = {at: k for k, at in enumerate(_positions(graph, wrt))}
    reached = [0] * len(graph)  # bits: the inputs that a line depends on
    for position, node in enumerate(graph.nodes):
        bits = 1 << sources[position] if position in sources else 0
        for argument in node.args:
            bits |= reached[argument]
        reached[position] = bits
    users = [0] * len(graph)  # bits: the outputs that depend on a line
    for k, output in enumerate(graph.outputs):
        users[output] |= 1 << k
    for position in range(len(graph) - 1, -1, -1):
        for argument in graph.nodes[position].args:
            users[argument] |= users[position]
    forward = backward = 0
    for position, node in enumerate(graph.nodes):
        if node.args and reached[position] and users[position]:
            forward += reached[position].bit_count()
            backward += users[position].bit_count()
    return forward, backward


def _positions(graph: Graph, wrt: Sequence[str]) -> list[int]:
    """The lines of inputs."""
    at = dict(zip(graph.input_names, graph.inputs, strict=True))
    return [at[name] for name in wrt]


def entries(
    graph: Graph, wrt: Sequence[str], mode: str, *, is_symmetric: bool = False
) -> tuple[Graph, list[tuple[int, int]]]:
    """The entries of the Jacobian of a function of numbers that are not zero by structure.

    Args:
        graph: a function; its outputs are the rows.
        wrt: names of inputs; the columns.
        mode: `FORWARD` or `REVERSE`.
        is_symmetric: whether entry (j, i) is entry (i, j), as of a gradient's Jacobian.

    Returns:
        A graph with an output for each such entry, row by row, and their rows and columns.
    """
    builder = Builder(ALGEBRAIC, graph)
    targets = _positions(graph, wrt)
    twins = twins_of(builder, graph)
    rows = [twins[output] for output in graph.outputs]
    found: dict[tuple[int, int], int] = {}
    if mode == FORWARD:
        push = _push_each_loop if parts_of(builder.nodes) else push_each
        for row, by_column in enumerate(push(builder, targets, rows)):
            for column, tangent in by_column.items():
                if not is_symmetric or column <= row:
                    found[row, column] = tangent.at
    else:
        column_of = {target: column for column, target in enumerate(targets)}
        for row, at in enumerate(rows):
            seed = Cotangent(builder.handle(builder.constant(1.0)))
            columns = [column_of[line] for line in _behind(builder.nodes, at) if line in column_of]
            kept = sorted([column for column in columns if not is_symmetric or column <= row])
            parts = pull_back(builder, {at: seed}, [targets[column] for column in kept])
            for column, part in zip(kept, parts, strict=True):
                found[row, column] = part.selected().at
    found = {place: at for place, at in found.items() if builder.constants.get(at) != 0.0}
    if is_symmetric:
        found |= {(column, row): at for (row, column), at in found.items()}
    places = sorted(found)
    names = [derivative_name(graph.output_names[row], wrt[column]) for row, column in places]
    made = builder.graph(graph.inputs, [found[place] for place in places], names, primal=0)
    return pruned(made), places


def _behind(nodes: Sequence[Node], line: int) -> set[int]:
    """A line and those that it depends on: few of all, in a sparse Jacobian."""
    found: set[int] = set()
    pending = [line]
    while pending:
        at = pending.pop()
        if at not in found:
            found.add(at)
            pending += nodes[at].args
    return found


def _push_each_loop(
    builder: Builder, sources: Sequence[int], targets: Sequence[int]
) -> list[dict[int, Handle]]:
    """As `push_each`, of lines with loops among them: one walk for each source."""
    found: list[dict[int, Handle]] = [{} for _ in targets]
    for index, position in enumerate(sources):
        one = builder.handle(builder.constant(1.0))
        tangents = push_forward(builder, {position: one}, targets)
        for row, at in enumerate(targets):
            tangent = tangents[at]
            if tangent is not None:
                found[row][index] = tangent
    return found


# --- functions of arrays -------------------------------------------------------------------------


def chosen_for_arrays(graph: Graph, wrt: Sequence[str], mode: str | None) -> Choice:
    """The mode with fewer seeds: an element of the inputs each, or one of the outputs."""
    if mode is not None:
        return Choice(checked(mode), "as asked for")
    forward = _sum([size(_input_shape(graph, name)) for name in wrt])
    backward = _sum([size(graph[output].shape) for output in graph.outputs])
    is_fewer = _is_at_most(forward, backward)
    chosen = FORWARD if is_fewer else REVERSE
    return Choice(chosen, f"{forward} seeds forward, {backward} reverse")


def _sum(lengths: Sequence[Dimension]) -> Dimension:
    """The sum of lengths, some of which may have names."""
    total: Dimension = 0
    for length in lengths:
        total = length + total
    return total


def _is_at_most(a: Dimension, b: Dimension) -> bool:
    """Whether a <= b, a named dimension counting as large."""
    difference = b - a
    if isinstance(difference, Dim):
        return max(difference.terms, key=lambda term: len(term[0]))[1] > 0
    return difference >= 0


def blocks(graph: Graph, wrt: Sequence[str], mode: str) -> Graph:
    """The blocks of the Jacobian of a function of arrays.

    Args:
        graph: a function.
        wrt: names of inputs.
        mode: `FORWARD` or `REVERSE`.

    Returns:
        A graph with an output for each output of `graph` and each of `wrt` in turn, of the shape
        of that output and behind it that of the input.

    Raises:
        UnsupportedError: where an operation has no derivative or no batch rule.
    """
    builder = Builder(ALGEBRAIC, graph)
    whole, elements = _with_whole_arrays(graph)
    count = len(whole.outputs)
    made: dict[tuple[int, int], Handle] = {}
    if mode == FORWARD:
        for column, name in enumerate(wrt):
            pushed = jvp(whole, [name])
            for row, block in enumerate(_pushed(builder, graph, pushed, count)):
                made[row, column] = block
    else:
        for row in range(count):
            pulled = vjp(whole.select([row]), wrt)
            shape = graph[whole.outputs[row]].shape
            for column, block in enumerate(_pulled(builder, graph, pulled, shape)):
                made[row, column] = block
    outputs, names = [], []
    for name, (row, place) in zip(graph.output_names, elements, strict=True):
        for column, source in enumerate(wrt):
            block = made[row, column]
            pattern = (*place, *map(indexing.whole, block.shape[len(place) :]))
            outputs.append(indexing.indexed(block, pattern).at)
            names.append(derivative_name(name, source))
    return pruned(builder.graph(graph.inputs, outputs, names, primal=0))


def _with_whole_arrays(graph: Graph) -> tuple[Graph, list[tuple[int, Pattern]]]:
    """The function with an array as one output, where all of its elements are outputs.

    Returns:
        The function, and for each output of `graph` the output of that and the place in it.
    """
    of_array: dict[int, dict[int, Pattern]] = {}  # by array, the outputs that are its elements
    for output in graph.outputs:
        node = graph[output]
        if node.op == indexing.index.name and not node.shape and len(node.args) == 1:
            of_array.setdefault(node.args[0], {})[output] = node.params[0]
    whole_of = {
        output: (array, place)
        for array, places in of_array.items()
        if len(places) == size(graph[array].shape)
        for output, place in places.items()
    }
    rows: dict[int, int] = {}  # by line, its number among the outputs
    names, elements = [], list[tuple[int, Pattern]]()
    for output, name in zip(graph.outputs, graph.output_names, strict=True):
        line, place = whole_of.get(output, (output, ()))
        if line not in rows:
            rows[line] = len(rows)
            names.append(name)
        elements.append((rows[line], place))
    primal = min(graph.primal, len(rows))
    whole = replace(graph, outputs=tuple(rows), output_names=tuple(names), primal=primal)
    return whole, elements


def _pushed(builder: Builder, graph: Graph, pushed: Graph, count: int) -> list[Handle]:
    """The blocks of all outputs by one input, whose tangent is the last input of `pushed`."""
    seed_at = pushed.inputs[-1]
    shape = pushed[seed_at].shape
    tangents = pushed.select(range(count, 2 * count))
    results = seeded(builder, graph, tangents, seed_at)
    if not shape:
        return results
    made = []
    for result in results:
        turned = transposed(result, (*range(1, result.ndim), 0))
        made.append(reshaped(turned, (*turned.shape[:-1], *shape)))
    return made


def _pulled(builder: Builder, graph: Graph, pulled: Graph, shape: Shape) -> list[Handle]:
    """The blocks of one output by all inputs; its cotangent is the last input of `pulled`."""
    cotangents = pulled.select(range(1, len(pulled.outputs)))
    results = seeded(builder, graph, cotangents, pulled.inputs[-1])
    if not shape:
        return results
    return [reshaped(result, (*shape, *result.shape[1:])) for result in results]


def seeded(builder: Builder, graph: Graph, linear: Graph, seed_at: int) -> list[Handle]:
    """The outputs for every row of the unit matrix in the place of the last input.

    Args:
        builder: holds the lines of `graph`; new ones are appended.
        graph: a function.
        linear: with the inputs of `graph` and one more, which it is linear in.
        seed_at: the position of that input.

    Returns:
        A handle for each output of `linear`, with a leading axis for the rows, unless the seed is a
        number.
    """
    given = [Handle(builder, at) for at in graph.inputs]
    shape = linear[seed_at].shape
    if not shape:
        return inlined(linear, builder, [*given, builder.handle(builder.constant(1.0))])
    stacked = with_leading_axis(linear, [seed_at], size(shape))
    return inlined(stacked, builder, [*given, units(builder, shape)])


def units(builder: Builder, shape: Shape) -> Handle:
    """The rows of the unit matrix, each in a shape."""
    length = size(shape)
    unit = identity_like(Handle(builder, builder.full(0.0, (length, length))))
    return reshaped(unit, (length, *shape))


def compressed(graph: Graph, wrt: str, mode: str, colours: int, seeds: str) -> Graph:
    """The Jacobian's product with a few seeds: an input more, `seeds`, with one in each row.

    Args:
        graph: a function with one output.
        wrt: the name of an input.
        mode: `FORWARD`, for seeds of the input's shape, or `REVERSE`, for those of the output's.
        colours: how many seeds there are.
        seeds: the name of the new input, of shape (colours, *shape of a seed).

    Returns:
        A graph with one output, of shape (colours, size of the other side).
    """
    linear = jvp(graph, [wrt]) if mode == FORWARD else vjp(graph, [wrt])
    seed_at = linear.inputs[-1]
    stacked = with_leading_axis(linear.select([1]), [seed_at], colours)
    builder = Builder(ALGEBRAIC, graph)
    seed = builder.handle(builder.input(seeds, (colours, *linear[seed_at].shape)))
    given = [Handle(builder, at) for at in graph.inputs]
    (result,) = inlined(stacked, builder, [*given, seed])
    flat = reshaped(result, (colours, size(result.shape[1:])))
    name = derivative_name(graph.output_names[0], wrt)
    made = builder.graph((*graph.inputs, seed.at), [flat.at], [name], primal=0)
    return pruned(made)


def _input_shape(graph: Graph, name: str) -> Shape:
    return graph[graph.inputs[graph.input_names.index(name)]].shape
