"""Lines of a loop's body that are the same in each step: they are computed before the loop."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from symdiff.derive.residuals import varies_in_steps
from symdiff.graph.graph import Graph
from symdiff.graph.nested import found_lengths, lengths_of, pruned, with_nested
from symdiff.graph.node import CONSTANT, INPUT, INT, Node, constant_value, input_node
from symdiff.graph.shape import SCALAR
from symdiff.ops.builder import Builder
from symdiff.ops.handle import Handle
from symdiff.ops.indexing import index
from symdiff.ops.joining import stack
from symdiff.ops.loops import Layout, loop, name_in_step, parts_of, scan
from symdiff.ops.operation import Linear, Loop, Operation, Part, Raises
from symdiff.ops.progressions import leading_to, progression
from symdiff.ops.registry import OPERATIONS
from symdiff.ops.rules import EXACT
from symdiff.optimize.guard import demands_of


def _is_any(_: Operation) -> bool:
    return True


def hoist_invariants(graph: Graph, *, is_dear: Callable[[Operation], bool] = _is_any) -> Graph:
    """Compute before each loop what all its steps would compute alike.

    Loops in a body come first. No result may be a history of a line of a body, as lines move.

    Args:
        graph: is left as it is.
        is_dear: which operations are worth it.
    """
    layouts = {at: Layout.of(graph[at].params) for at in graph.by_op.get(scan.name, ())}
    loops = {at: _invariant(layout, is_dear) for at, layout in layouts.items()}
    if not any(loops.values()):
        return graph
    builder = Builder(EXACT)
    moved: list[int] = []
    for position, node in enumerate(graph.nodes):
        builder.span = graph.spans.get(position)
        args = tuple([moved[argument] for argument in node.args])
        if loops.get(position):
            moved.append(_hoisted(builder, node, args, loops[position]))
        else:
            moved.append(builder.append(node._replace(args=args)))
            if node.op == CONSTANT:
                builder.constants[moved[-1]] = constant_value(node)
        builder.name_as(moved[-1], graph, position)
    return pruned(
        builder.graph(
            [moved[at] for at in graph.inputs],
            [moved[at] for at in graph.outputs],
            graph.output_names,
            graph.primal,
        )
    )


def hoist_dear(graph: Graph) -> Graph:
    """The function to be differentiated, without what is dear in its steps and alike in all.

    Its derivative is then taken once too. What is linear or cheap stays: it would take a sum of
    cotangents of its own. An array of numbers is dear: one array sums the cotangents of all. A
    function that reads histories of lines of a body is left as it is.
    """
    if scan.name not in graph.by_op:
        return graph
    for at, parts in parts_of(graph.nodes).items():
        if parts and parts[-1] >= len(Layout.of(graph[at].params).graph.outputs):
            return graph
    return hoist_invariants(with_nested(graph, hoist_dear), is_dear=_is_dear)


def _is_dear(record: Operation) -> bool:
    return record is stack or not (record.is_cheap or isinstance(record.derivative, Linear))


def _invariant(layout: Layout, is_dear: Callable[[Operation], bool]) -> list[int]:
    """The lines of a body that are to be computed before the loop.

    Lines that some steps may not need are not among them where computing them may fail, and
    neither are the numbers that an inner loop counts.
    """
    graph, varies = layout.graph, varies_in_steps(layout)
    if all(varies):
        return []
    demands, own = demands_of(graph), set(found_lengths(graph))
    counted = _counted(graph)
    is_run = isinstance(layout.length, int) and layout.length > 0
    known = bytearray(len(graph))  # 1 where a line can be computed before the loop
    found = []
    for position, node in enumerate(graph.nodes):
        if varies[position] or not all(known[argument] for argument in node.args):
            continue
        is_found = own and any(not length.names.isdisjoint(own) for length in lengths_of(node))
        if node.op in (INPUT, CONSTANT):
            known[position] = not is_found
            continue
        record = OPERATIONS[node.op]
        if is_found or isinstance(record.derivative, (Loop, Part, Raises)):
            continue
        is_view = record.is_view and len(node.args) == 1
        if not record.may_raise or is_view or (is_run and demands[position] == frozenset()):
            known[position] = 1
            is_work = not is_view or (node.op == index.name and node.shape == SCALAR)
            if is_work and is_dear(record) and position not in counted:
                found.append(position)
    return found


def _counted(graph: Graph) -> set[int]:
    """The lines that make the numbers which loops count, and read element by element."""
    found: set[int] = set()
    for at in graph.by_op.get(scan.name, ()):
        for line in graph[at].args[Layout.of(graph[at].params).first_slice :]:
            if graph[line].dtype == INT and progression(graph.nodes, line) is not None:
                found.update(leading_to(graph.nodes, line))
    return found


def _hoisted(builder: Builder, line: Node, args: Sequence[int], found: Sequence[int]) -> int:
    """The loop that is given what has been found in its body."""
    layout = Layout.of(line.params)
    moved = _lines(builder, layout, args, found)
    nodes, taken = list(layout.graph.nodes), set(layout.graph.input_names)
    for position in found:
        node = layout.graph[position]
        name = name_in_step(layout.graph, position)
        while name in taken:
            name += "_"
        taken.add(name)
        nodes[position] = input_node(name, node.shape, node.dtype)
    test = layout.test
    return loop(
        builder,
        _given(replace(layout.graph, nodes=nodes), layout.constants, found),
        [
            Handle(builder, at)
            for at in (*args[: layout.constants], *moved, *args[layout.constants :])
        ],
        length=layout.length,
        constants=layout.constants + len(found),
        carries=layout.carries,
        direction=layout.direction,
        test=None if test is None else _told(test, layout.constants, [nodes[at] for at in found]),
    ).at


def _given(graph: Graph, constants: int, lines: Sequence[int]) -> Graph:
    """The graph with more inputs behind its constants."""
    inputs = (*graph.inputs[:constants], *lines, *graph.inputs[constants:])
    return replace(graph, inputs=inputs)


def _told(test: Graph, constants: int, nodes: Sequence[Node]) -> Graph:
    """A test that is given as much as a step, and does not read it."""
    count = len(test)
    more = replace(test, nodes=[*test.nodes, *nodes])
    return _given(more, constants, range(count, count + len(nodes)))


def _lines(
    builder: Builder, layout: Layout, args: Sequence[int], found: Sequence[int]
) -> list[int]:
    """Lines of a body with the arguments of the loop in the place of its inputs."""
    graph = layout.graph
    needed = graph.ancestors(found)
    moved = dict(zip(graph.inputs, args, strict=True))
    for position, node in enumerate(graph.nodes):
        if not needed[position] or position in moved:
            continue
        builder.span = graph.spans.get(position)
        if node.op == CONSTANT:
            moved[position] = builder.full(constant_value(node), node.shape, node.dtype)
            continue
        given = tuple([moved[argument] for argument in node.args])
        moved[position] = builder.make(node.op, given, node.params)
        builder.name_as(moved[position], graph, position)
    return [moved[position] for position in found]
