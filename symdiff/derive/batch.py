"""Leading batch axes: each line gains one, by its record's batch rule, where its arguments have."""

from __future__ import annotations

from collections.abc import Sequence

from symdiff.errors import UnsupportedError
from symdiff.graph.graph import Graph
from symdiff.graph.nested import Nested
from symdiff.graph.node import CONSTANT, INPUT, Node, constant_value
from symdiff.graph.shape import Dimension, named, names_of
from symdiff.ops.builder import Builder
from symdiff.ops.handle import Handle
from symdiff.ops.identities import EXACT
from symdiff.ops.operation import Own
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
        given = [has_axis[argument] for argument in node.args]
        has_axis.append(any(given) or position in chosen)
        if node.op == INPUT:
            shape = (length, *node.shape) if position in chosen else node.shape
            line = Handle(builder, builder.input(node.params[0], shape, node.dtype))
        elif node.op == CONSTANT:
            number = constant_value(node)
            line = Handle(builder, builder.full(number, node.shape, node.dtype))
        else:
            args = [lines[argument] for argument in node.args]
            line = _line(builder, node, args, given, length)
            if position in graph.hints:
                builder.hints.setdefault(line.at, graph.hints[position])
        lines.append(line)
    outputs = [lines[at] if has_axis[at] else repeated(lines[at], length) for at in graph.outputs]
    return builder.graph(
        [lines[at].at for at in graph.inputs],
        [line.at for line in outputs],
        graph.output_names,
        graph.primal,
    )


def _line(
    builder: Builder, node: Node, args: list[Handle], given: list[bool], length: Dimension
) -> Handle:
    """An operation on arguments of which some have gained the axis."""
    record = OPERATIONS[node.op]
    if any(given) and not record.is_elementwise:
        if isinstance(record.derivative, Own):
            return _own(builder, node, lifted(args, given, length), length)
        if record.batch is None:
            raise UnsupportedError(f"a batch of '{node.op}' is not supported", span=builder.span)
        return record.batch(args, given, node.params, length)
    made = lifted(args, given, length) if any(given) else args
    return Handle(builder, builder.make(node.op, tuple(x.at for x in made), node.params))


def _own(builder: Builder, node: Node, args: list[Handle], length: Dimension) -> Handle:
    """A function with a rule of its own: it and its rule take stacks of all that they are given."""
    params = [
        Nested(with_leading_axis(param.graph, param.graph.inputs, length))
        if isinstance(param, Nested)
        else param
        for param in node.params
    ]
    return Handle(builder, builder.make(node.op, tuple(x.at for x in args), tuple(params)))
