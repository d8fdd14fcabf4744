"""One graph's lines in another: what a derivative of a derivative and a seed are put in by."""

from __future__ import annotations

from collections.abc import Sequence

from symdiff.graph.graph import Graph
from symdiff.graph.node import CONSTANT, INPUT, constant_value
from symdiff.ops.builder import Builder
from symdiff.ops.handle import Handle


def inlined(graph: Graph, builder: Builder, given: Sequence[Handle]) -> list[Handle]:
    """The outputs of a graph as lines of another one, with other lines for its inputs.

    Lines that are there already are shared; new ones keep their places and names.
    """
    moved: list[int] = [-1] * len(graph)
    for position, handle in zip(graph.inputs, given, strict=True):
        moved[position] = handle.at
    span, before = builder.span, len(builder.nodes)
    for position, node in enumerate(graph.nodes):
        if node.op == INPUT:
            continue
        builder.span = graph.spans.get(position, span)
        if node.op == CONSTANT:
            moved[position] = builder.full(constant_value(node), node.shape, node.dtype)
        else:
            args = tuple(moved[argument] for argument in node.args)
            moved[position] = builder.make(node.op, args, node.params)
        if moved[position] >= before:
            builder.name_as(moved[position], graph, position)
    builder.span = span
    return [Handle(builder, moved[position]) for position in graph.outputs]
