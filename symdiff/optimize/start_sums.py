"""Sums that a loop goes on with: what is added to a loop's sum over its steps is where it starts.

The cotangent of what a loop reads is a sum over its steps, which begins with zeros. In an outer
loop it is added to the sum of the steps before: an array of zeros, and another sum, in each step.
"""

from __future__ import annotations

from symdiff.graph.graph import Graph
from symdiff.graph.node import CONSTANT, FLOAT, INPUT, Node, constant_value
from symdiff.ops.arithmetic import add
from symdiff.ops.indexing import put_add
from symdiff.ops.loops import Layout, parts_of, scan
from symdiff.ops.operation import Part
from symdiff.ops.registry import OPERATIONS
from symdiff.optimize.rebuild import Rebuilder, rebuild
from symdiff.optimize.sums import Sums


def start_sums(graph: Graph) -> Graph:
    """Let a loop's sum start with what it would be added to. Not in the value."""
    if scan.name not in graph.by_op:
        return graph
    loops = parts_of(graph.nodes)
    sums = Sums(graph)
    starts: dict[int, dict[int, int]] = {loop: {} for loop in loops}
    totals: dict[int, int] = {}
    for position, node in enumerate(graph.nodes):
        if node.op != add.name or sums.written[position]:
            continue
        for start, total in (node.args, node.args[::-1]):
            found = _sum_of_loop(sums, total)
            if found is None or found[1] in starts[found[0]]:
                continue
            if start > found[0] and graph[start].op != INPUT:
                continue
            loop, argument = found
            starts[loop][argument] = start
            totals[position] = total
            break
    if not totals:
        return graph

    def replace(rebuilder: Rebuilder, node: Node, position: int) -> int | None:
        moved = rebuilder.moved
        if position in totals:
            return moved[totals[position]]
        if not starts.get(position):
            return None
        args = list(node.args)
        for argument, start in starts[position].items():
            args[argument] = moved[start]
        return rebuilder.builder.make(node.op, tuple(args), node.params)

    inputs_first = sorted(range(len(graph)), key=lambda at: graph[at].op != INPUT)
    return rebuild(graph, replace, inputs_first)


def _sum_of_loop(sums: Sums, position: int) -> tuple[int, int] | None:
    """The loop that a line is a sum of, from zeros on, and the argument that says where it starts.

    Nothing else reads the sum, and no step reads what it has come to.
    """
    graph = sums.graph
    node = graph[position]
    if not node.args or node.dtype != FLOAT or not sums.is_alone(position):
        return None
    if not isinstance(OPERATIONS[node.op].derivative, Part) or OPERATIONS[node.op].is_own:
        return None
    (loop,), which = node.args, node.params[0]
    layout = Layout.of(graph[loop].params)
    argument = layout.first_carry + which
    zeros = graph[graph[loop].args[argument]]
    if zeros.op != CONSTANT or constant_value(zeros) != 0.0:
        return None
    return (loop, argument) if _only_adds(layout, which) else None


def _only_adds(layout: Layout, carry: int) -> bool:
    """Whether all that steps do with a carried value is to add to it."""
    graph, uses = layout.graph, layout.graph.uses()
    start, at = graph.inputs[layout.first_carry + carry], graph.outputs[carry]
    while at != start:
        node = graph[at]
        if uses[at] != 1:
            return False
        if node.op == put_add.name:
            at = node.args[0]
        elif node.op == add.name:
            first, second = node.args
            at = first if graph.ancestors([first])[start] else second
        else:
            return False
    return uses[start] == 1
