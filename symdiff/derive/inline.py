"""One graph's lines in another: what a derivative of a derivative and a seed are put in by."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from symdiff.graph.graph import Graph
from symdiff.graph.nested import found_length, free_length, node_with_lengths
from symdiff.graph.node import CONSTANT, INPUT, Node, constant_value
from symdiff.graph.shape import renamed
from symdiff.ops.builder import Builder
from symdiff.ops.handle import Handle


def inlined(
    graph: Graph, builder: Builder, given: Sequence[Handle], taken: Iterable[str] = ()
) -> list[Handle]:
    """The outputs of a graph as lines of another one, with other lines for its inputs.

    Lines that are there already are shared; new ones keep their places and names. A length that a
    loop finds out gets another name where a different loop has it.

    Args:
        graph: the lines.
        builder: of the other one.
        given: the lines for the inputs.
        taken: names of lengths that loops to come find out.
    """
    lengths: dict[str, str] = {}
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
            if -1 in args:
                continue  # of an input that is not listed: no output needs it
            length = found_length(node)
            if length and _is_anothers(length, builder, node, args, taken):
                lengths[length] = free_length(length, builder.nodes, graph.nodes, also=taken)
            if lengths:
                node = node_with_lengths(node, lambda n: renamed(n, lengths))
            moved[position] = builder.make(node.op, args, node.params)
        if moved[position] >= before:
            builder.name_as(moved[position], graph, position)
    builder.span = span
    return [Handle(builder, moved[position]) for position in graph.outputs]


def _is_anothers(
    length: str, builder: Builder, node: Node, args: tuple[int, ...], taken: Iterable[str]
) -> bool:
    """Whether a length is that of a loop that is there already, or to come, and is another one."""
    found = [line for line in builder.nodes if found_length(line) == length]
    is_there = any((line.args, line.params) == (args, node.params) for line in found)
    return not is_there and (bool(found) or length in taken)
