"""Leading batch axes: each line gains one, by its record's batch rule, where its arguments have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from symdiff.errors import UnsupportedError
from symdiff.graph.graph import Graph
from symdiff.graph.node import CONSTANT, INPUT
from symdiff.graph.shape import Dimension, named, names_of
from symdiff.ops.builder import Builder
from symdiff.ops.handle import Handle
from symdiff.ops.identities import EXACT
from symdiff.ops.registry import OPERATIONS
from symdiff.ops.structural import lifted, repeated

BATCH = "batch"


def batched(graph: Graph) -> Graph:
    """The function for stacks of its inputs: every input and output has one more axis in front.

    Raises:
        UnsupportedError: where an operation has no batch rule.
    """
    name = BATCH
    while name in names_of(node.shape for node in graph.nodes):
        name += "_"
    return with_leading_axis(graph, graph.inputs, named(name))


def with_leading_axis(graph: Graph, inputs: Sequence[int], length: Dimension) -> Graph:
    """The function for stacks of some of its inputs.

    Args:
        graph: a function.
        inputs: positions of the inputs that gain the axis.
        length: of the new axis.

    Returns:
        A graph whose outputs all have the new axis in front.
    """
    builder = Builder(EXACT)
    chosen = set(inputs)
    lines: list[Handle] = []
    has_axis: list[bool] = []
    for position, node in enumerate(graph.nodes):
        builder.span = graph.spans.get(position)
        if node.op == INPUT and position in chosen:
            at = builder.input(node.params[0], (length, *node.shape), node.dtype)
            line, has = Handle(builder, at), True
        elif node.op in (INPUT, CONSTANT):
            line, has = Handle(builder, builder.append(node)), False
            if node.op == CONSTANT:
                line = Handle(
                    builder, builder.full(float.fromhex(node.params[0]), node.shape, node.dtype)
                )
        else:
            args = [lines[argument] for argument in node.args]
            given = [has_axis[argument] for argument in node.args]
            has = any(given)
            line = _line(builder, node.op, args, given, node.params, length)
        lines.append(line)
        has_axis.append(has)
        if position in graph.hints and node.op not in (INPUT, CONSTANT):
            builder.hints.setdefault(line.at, graph.hints[position])
    outputs = [lines[at] if has_axis[at] else repeated(lines[at], length) for at in graph.outputs]
    made = builder.graph(
        [lines[at].at for at in graph.inputs],
        [line.at for line in outputs],
        graph.output_names,
        graph.primal,
    )
    return replace(made, primal=graph.primal)


def _line(
    builder: Builder,
    op: str,
    args: list[Handle],
    given: list[bool],
    params: tuple[object, ...],
    length: Dimension,
) -> Handle:
    record = OPERATIONS[op]
    if not any(given):
        return Handle(builder, builder.make(op, tuple(x.at for x in args), params))
    if record.is_elementwise:
        return Handle(
            builder, builder.make(op, tuple(x.at for x in lifted(args, given, length)), params)
        )
    if record.batch is None:
        raise UnsupportedError(f"a batch of '{op}' is not supported", span=builder.span)
    return record.batch(args, given, params, length)
