"""Loops written out, step by step: a check then sees every line, kinks and rounding included."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from symdiff.errors import UnsupportedError
from symdiff.graph.graph import Graph
from symdiff.graph.nested import with_lengths
from symdiff.graph.node import CONSTANT, INPUT, constant_value
from symdiff.graph.shape import evaluate
from symdiff.ops.builder import Builder
from symdiff.ops.handle import Handle
from symdiff.ops.indexing import sliced
from symdiff.ops.joining import concatenated
from symdiff.ops.loops import Layout
from symdiff.ops.operation import Loop, Part
from symdiff.ops.reduction import with_axes
from symdiff.ops.registry import OPERATIONS
from symdiff.ops.rules import EXACT
from symdiff.ops.structural import reshaped

MOST_LINES = 100_000


def unrolled(graph: Graph, lengths: Mapping[str, int]) -> Graph:
    """The graph without named dimensions and loops: the lines of each step stand in it instead.

    Args:
        graph: a function.
        lengths: a number for each named dimension.

    Raises:
        UnsupportedError: where that would be too many lines.
    """
    graph = with_lengths(graph, lambda length: evaluate(length, lengths))
    if not _has_loops(graph):
        return graph
    builder = Builder(EXACT)
    inputs = {}
    for at in graph.inputs:
        node = graph[at]
        inputs[at] = Handle(builder, builder.input(node.params[0], node.shape, node.dtype))
    lines = _copied(builder, graph, inputs)
    return builder.graph(
        [inputs[at].at for at in graph.inputs],
        [lines[at].at for at in graph.outputs],
        graph.output_names,
        graph.primal,
    )


def _has_loops(graph: Graph) -> bool:
    return any(
        node.op not in (INPUT, CONSTANT) and isinstance(OPERATIONS[node.op].derivative, Loop)
        for node in graph.nodes
    )


def _copied(builder: Builder, graph: Graph, inputs: dict[int, Handle]) -> list[Handle]:
    """The lines of a graph, on these lines for its inputs."""
    lines: list[Handle] = []
    loops: dict[int, list[list[Handle]]] = {}
    finals: dict[int, list[Handle]] = {}
    for position, node in enumerate(graph.nodes):
        if len(builder.nodes) > MOST_LINES:
            raise UnsupportedError(
                f"a loop with more than {MOST_LINES:,} operations in its steps is not checked",
                suggestion="check it with fewer steps",
            )
        args = [lines[argument] for argument in node.args]
        rule = OPERATIONS[node.op].derivative if node.op not in (INPUT, CONSTANT) else None
        match rule:
            case None if node.op == INPUT:
                line = inputs[position]
            case None:
                value = constant_value(node)
                line = Handle(builder, builder.full(value, node.shape, node.dtype))
            case Loop():
                layout = Layout.of(node.params)
                loops[position], finals[position] = _steps(builder, layout, args)
                line = Handle(builder, builder.constant(0.0))  # it is read by its parts alone
            case Part():
                layout, which = Layout.of(graph[node.args[0]].params), node.params[0]
                if which < layout.carries:
                    line = finals[node.args[0]][which]
                else:
                    rows = [step[layout.line(which)] for step in loops[node.args[0]]]
                    line = _stacked(builder, rows, layout, which)
            case _:
                at = builder.make(node.op, tuple(x.at for x in args), node.params)
                line = Handle(builder, at)
        lines.append(line)
    return lines


def _steps(
    builder: Builder, layout: Layout, args: Sequence[Handle]
) -> tuple[list[list[Handle]], list[Handle]]:
    """The lines of the body in each step, by the number of its slices, and what is left."""
    graph, length = layout.graph, layout.length
    assert isinstance(length, int)  # named ones are numbers by now
    carried = list(args[layout.first_carry : layout.first_slice])
    steps: list[list[Handle]] = [[]] * length
    order = range(length) if layout.direction > 0 else range(length - 1, -1, -1)
    for i in order:
        given = [
            *args[: layout.constants],
            *carried,
            *[reshaped(sliced(x, 0, i, 1), x.shape[1:]) for x in args[layout.first_slice :]],
        ]
        steps[i] = _copied(builder, graph, dict(zip(graph.inputs, given, strict=True)))
        carried = [steps[i][at] for at in graph.outputs[: layout.carries]]
    return steps, carried


def _stacked(builder: Builder, rows: Sequence[Handle], layout: Layout, which: int) -> Handle:
    if not rows:
        full = builder.full(0.0, layout.shape(which), layout.part(which).dtype)
        return Handle(builder, full)
    return concatenated([with_axes(row, 0, 1) for row in rows], 0)
