"""Comparisons of arrays in a step that the derivative of its maxima and minima reads.

They stand behind the step's own lines, so that its history has three masks, of a byte an element
each, in the place of both arrays.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import chain

from symdiff.derive.residuals import varies_in_steps
from symdiff.graph.graph import Graph
from symdiff.graph.nested import Nested, with_nested
from symdiff.graph.node import Node
from symdiff.ops.builder import Builder
from symdiff.ops.control import equal, greater, less
from symdiff.ops.kinks import maximum, minimum
from symdiff.ops.loops import Layout, parts_of, scan
from symdiff.ops.rules import EXACT

_LOST = {maximum.name: less, minimum.name: greater}


def with_comparisons(graph: Graph) -> Graph:
    """The graph with such lines in the bodies of its loops, those in loops too.

    A function that reads histories of lines of a body is left as it is.
    """
    if scan.name not in graph.by_op:
        return graph
    loops = parts_of(graph.nodes)
    if any(parts and parts[-1] >= len(_body(graph[at]).outputs) for at, parts in loops.items()):
        return graph
    graph = with_nested(graph, with_comparisons)
    made = {at: _compared(Layout.of(graph[at].params)) for at in loops}
    if all(body is _body(graph[at]) for at, body in made.items()):
        return graph
    nodes = list(graph.nodes)
    for at, body in made.items():
        nodes[at] = nodes[at]._replace(params=(Nested(body), *nodes[at].params[1:]))
    return replace(graph, nodes=nodes)


def _body(loop: Node) -> Graph:
    return Layout.of(loop.params).graph


def _compared(layout: Layout) -> Graph:
    """The body of a loop with comparisons of what would be kept of each step."""
    graph, varies = layout.graph, varies_in_steps(layout)
    slices = graph.inputs[layout.first_slice :]
    builder, is_changed = Builder(EXACT, graph), False
    for at in sorted(chain.from_iterable([graph.by_op.get(op, ()) for op in _LOST])):
        node = graph[at]
        if node.shape and all(varies[x] and x not in slices for x in node.args):
            a, b = map(builder.handle, node.args)
            _ = [_LOST[node.op](a, b), _LOST[node.op](b, a), equal(a, b)]
            is_changed = True
    if not is_changed:
        return graph
    return builder.graph(graph.inputs, graph.outputs, graph.output_names, graph.primal)
