"""What a legal graph is. Runs between the rooms in the tests."""

from __future__ import annotations

from symdiff.graph.graph import Graph
from symdiff.graph.nested import Nested
from symdiff.graph.node import BOOL, COMPLEX, CONSTANT, FLOAT, INPUT, INT, Node


def check(graph: Graph) -> None:
    """State that a graph is legal.

    Raises:
        ValueError: naming the first line that is not, and why.
    """
    seen: set[Node] = set()
    for position, node in enumerate(graph.nodes):
        _check_node(graph, position, node)
        if node in seen:
            raise ValueError(f"line {position} stands in the graph twice: {node}")
        seen.add(node)
        for param in node.params:
            if isinstance(param, Nested):
                check(param.graph)
    if len(graph.outputs) != len(graph.output_names):
        raise ValueError("outputs and their names differ in number")
    if not 0 <= graph.primal <= len(graph.outputs):
        raise ValueError(f"{graph.primal} outputs cannot be primal of {len(graph.outputs)}")
    named = (*graph.hints, *graph.derived)
    for position in (*graph.inputs, *graph.outputs, *graph.spans, *named):
        if not 0 <= position < len(graph.nodes):
            raise ValueError(f"position {position} is outside of the graph")
    if any(graph[position].op != INPUT for position in graph.inputs):
        raise ValueError("an input is not an input line")
    names = graph.input_names
    if len(set(names)) != len(names):
        raise ValueError(f"two inputs share a name: {names}")


def _check_node(graph: Graph, position: int, node: Node) -> None:
    if any(not 0 <= argument < position for argument in node.args):
        raise ValueError(f"line {position} uses a later line: {node}")
    if node.dtype not in (FLOAT, INT, BOOL, COMPLEX):
        raise ValueError(f"line {position} has an unknown dtype: {node}")
    if node.op in (INPUT, CONSTANT) and node.args:
        raise ValueError(f"line {position} is a leaf with arguments: {node}")
    if node.op == INPUT and position not in graph.inputs:
        raise ValueError(f"line {position} is an input that the graph does not list: {node}")
