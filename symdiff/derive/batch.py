"""Leading batch axes: each line gains one, by its record's batch rule, where its arguments have."""

from __future__ import annotations

from collections.abc import Sequence

from symdiff.derive.loop_results import settle_results
from symdiff.derive.loops import loop_batch, part_batch
from symdiff.errors import UnsupportedError
from symdiff.graph.graph import Graph
from symdiff.graph.nested import Nested
from symdiff.graph.node import CONSTANT, INPUT, Node, constant_value
from symdiff.graph.shape import Dimension, named, names_of
from symdiff.ops.builder import Builder
from symdiff.ops.handle import Handle
from symdiff.ops.indexing import lifted, repeated
from symdiff.ops.operation import Loop, Own, Part
from symdiff.ops.registry import OPERATIONS
from symdiff.ops.rules import EXACT

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
    numbers = [graph.inputs.index(position) for position in inputs]
    made, has_axis = stacked(graph, numbers, length)
    builder = Builder(EXACT, made)
    outputs = [
        at if has else repeated(Handle(builder, at), length).at
        for at, has in zip(made.outputs, has_axis, strict=True)
    ]
    return builder.graph(made.inputs, outputs, made.output_names, made.primal)


def stacked(graph: Graph, inputs: Sequence[int], length: Dimension) -> tuple[Graph, Sequence[bool]]:
    """As `with_leading_axis`; outputs that are the same along the axis do not get it.

    Args:
        graph: a function.
        inputs: numbers of the inputs that gain the axis.
        length: of the new axis.

    Returns:
        The graph, and for each output whether it has the axis.
    """
    graph = settle_results(graph)  # a history is known by a line of the body, which moves
    builder = Builder(EXACT)
    chosen = {graph.inputs[number] for number in inputs}
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
            line, has_axis[-1] = _line(builder, node, args, given, length)
            builder.name_as(line.at, graph, position)
        lines.append(line)
    made = builder.graph(
        [lines[at].at for at in graph.inputs],
        [lines[at].at for at in graph.outputs],
        graph.output_names,
        graph.primal,
    )
    return made, [has_axis[at] for at in graph.outputs]


def _line(
    builder: Builder, node: Node, args: list[Handle], given: list[bool], length: Dimension
) -> tuple[Handle, bool]:
    """An operation on arguments of which some have gained the axis, and whether it has it."""
    record = OPERATIONS[node.op]
    match record.derivative:
        case Loop() if any(given):
            return loop_batch(node.params, args, given, length, stacked), True
        case Part() if given[0]:
            return part_batch(args[0], node.params[0], node.shape)
    if any(given) and not record.is_elementwise:
        if isinstance(record.derivative, Own):
            return _own(builder, node, lifted(args, given, length), length), True
        if record.batch is None:
            raise UnsupportedError(f"a batch of '{node.op}' is not supported", span=builder.span)
        return record.batch(args, given, node.params, length), True
    made = lifted(args, given, length) if any(given) else args
    line = Handle(builder, builder.make(node.op, tuple(x.at for x in made), node.params))
    return line, any(given)


def _own(builder: Builder, node: Node, args: list[Handle], length: Dimension) -> Handle:
    """A function with a rule of its own: it and its rule take stacks of all that they are given."""
    params = [
        Nested(with_leading_axis(param.graph, param.graph.inputs, length))
        if isinstance(param, Nested)
        else param
        for param in node.params
    ]
    return Handle(builder, builder.make(node.op, tuple(x.at for x in args), tuple(params)))
