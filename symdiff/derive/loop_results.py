"""Loops with the results that are asked for: histories become results, what no one needs goes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from symdiff.derive.inline import inlined
from symdiff.graph.graph import Graph
from symdiff.graph.nested import needed_by, pruned
from symdiff.graph.node import CONSTANT, INPUT, Node, constant_value
from symdiff.ops.builder import Builder
from symdiff.ops.handle import Handle
from symdiff.ops.loops import Layout, loop, part, parts_of, scan
from symdiff.ops.operation import Loop, Part
from symdiff.ops.registry import OPERATIONS
from symdiff.ops.rules import EXACT


def settle_results(graph: Graph) -> Graph:
    """Keep of each loop the results that other lines read.

    What is carried and does not enter a result is no longer carried, and what it would have
    started with goes. What each step leaves as it is becomes one of the loop's constants.
    """
    if scan.name not in graph.by_op:
        return graph
    parts = parts_of(graph.nodes)
    builder = Builder(EXACT)
    moved: list[int] = []
    others: set[int] = set()  # positions of lines for which others stand: the identities see those
    numbers: dict[int, dict[int, int]] = {}  # by position of a loop, its parts' new numbers
    for position, node in enumerate(graph.nodes):
        builder.span = graph.spans.get(position)
        args = tuple([moved[argument] for argument in node.args])
        rule = OPERATIONS[node.op].derivative if node.op not in (INPUT, CONSTANT) else None
        match rule:
            case Loop():
                given = [Handle(builder, at) for at in args]
                new, numbers[position] = _settled(builder, node, given, parts[position])
            case Part():
                loop_at, which = node.args[0], node.params[0]
                result = _number_of(builder.nodes[args[0]], numbers[loop_at].get(which))
                if result is not None:
                    new = builder.full(constant_value(result), node.shape, node.dtype)
                elif which in numbers[loop_at]:
                    new = part(Handle(builder, args[0]), numbers[loop_at][which]).at
                else:  # what a loop leaves as it is
                    start = Layout.of(graph[loop_at].params).first_carry + which
                    new = moved[graph[loop_at].args[start]]
                    others.add(position)
            case _ if not others.isdisjoint(node.args):
                new = builder.make(node.op, args, node.params)
                if builder.nodes[new].op != node.op:
                    others.add(position)
            case _:
                new = builder.append(node._replace(args=args))
                if node.op == CONSTANT:
                    builder.constants[new] = constant_value(node)
        moved.append(new)
        builder.name_as(new, graph, position)
    return pruned(
        builder.graph(
            [moved[at] for at in graph.inputs],
            [moved[at] for at in graph.outputs],
            graph.output_names,
            graph.primal,
        )
    )


def _settled(
    builder: Builder, node: Node, args: Sequence[Handle], wanted: Sequence[int]
) -> tuple[int, dict[int, int]]:
    """A loop with the parts that are wanted, and their new numbers."""
    layout = Layout.of(node.params)
    results = [which for which in wanted if which >= layout.carries]
    graph = layout.with_results(results)
    carried = _needed(layout, graph, {which for which in wanted if which < layout.carries})
    first, middle = layout.first_carry, layout.first_slice
    steady = [n for n in carried if graph.outputs[n] == graph.inputs[first + n]]
    carried = [n for n in carried if n not in steady]
    starts = [first + n for n in steady]
    kept = [*range(first), *starts, *[first + n for n in carried], *range(middle, len(args))]
    outputs = [*carried, *range(layout.carries, len(graph.outputs))]
    graph = _with_numbers(graph, {n: builder.nodes[args[n].at] for n in (*range(first), *starts)})
    body = replace(
        graph.select(outputs),
        inputs=tuple(graph.inputs[n] for n in kept),
        # what the user wrote comes first among the outputs, or nothing of it does
        primal=len(outputs) if layout.graph.primal == len(layout.graph.outputs) else 0,
    )
    made = loop(
        builder,
        body,
        [args[n] for n in kept],
        length=layout.length,
        constants=layout.constants + len(steady),
        carries=len(carried),
        direction=layout.direction,
        test=_taking(layout, kept),
    )
    return made.at, {which: number for number, which in enumerate([*carried, *results])}


def _number_of(line: Node, which: int | None) -> Node | None:
    """The number that a stacked result of a loop is in every step; `None` where it is none."""
    layout = Layout.of(line.params)
    if which is None or which < layout.carries:
        return None
    node = layout.part(which)
    return node if node.op == CONSTANT else None


def _with_numbers(graph: Graph, starts: Mapping[int, Node]) -> Graph:
    """A body with numbers in the place of those inputs that are numbers, in the first step too."""
    known = {n: start for n, start in starts.items() if start.op == CONSTANT}
    if not known:
        return graph
    builder = Builder(EXACT)
    lines = [graph[at] for at in graph.inputs]
    inputs = [builder.input(line.params[0], line.shape, line.dtype) for line in lines]
    given = [Handle(builder, at) for at in inputs]
    for n, start in known.items():
        value = builder.full(constant_value(start), start.shape, start.dtype)
        given[n] = Handle(builder, value)
    outputs = [output.at for output in inlined(graph, builder, given)]
    found = builder.graph(inputs, outputs, graph.output_names, graph.primal)
    return settle_results(found)  # a loop in it may be given one of the numbers


def _taking(layout: Layout, kept: Sequence[int]) -> Graph | None:
    """The test of a loop that takes these of the arguments."""
    test = layout.test
    return None if test is None else replace(test, inputs=tuple(test.inputs[n] for n in kept))


def _needed(layout: Layout, graph: Graph, finals: set[int]) -> list[int]:
    """The carried values that a result, the test, or what is carried at the end depends on."""
    carried = {*finals, *layout.tested}
    results = graph.outputs[layout.carries :]
    while True:
        needed = needed_by(graph, [*results, *[graph.outputs[n] for n in carried]])
        found = {n for n in range(layout.carries) if needed[graph.inputs[layout.first_carry + n]]}
        if found <= carried:
            return sorted(carried)
        carried |= found
