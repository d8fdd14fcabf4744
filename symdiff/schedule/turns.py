"""Conditions in turn: the second of two is asked only where the first does not decide.

As Python's `and` and `or` do. A graph has both of them, and asks both.
"""

from __future__ import annotations

from symdiff.graph.graph import Graph
from symdiff.graph.node import BOOL, CONSTANT, INPUT, Node, new_node
from symdiff.graph.shape import SCALAR
from symdiff.ops.control import logical_and, logical_not, logical_or, where
from symdiff.ops.registry import OPERATIONS
from symdiff.optimize.rebuild import Rebuilder, rebuild
from symdiff.schedule.places import Logic

_JOINED = (logical_and.name, logical_or.name)


def in_turn(graph: Graph) -> Graph:
    """The graph with a selection for each of these whose second condition takes work."""
    takes_work = _takes_work(graph)
    logic = Logic(graph.nodes)
    turns: dict[int, list[int]] = {}
    for position, node in enumerate(graph.nodes):
        if node.op in _JOINED and node.shape == SCALAR:
            first, second = node.args
            is_first = logic.is_before(first, second)
            first, second = (first, second) if is_first else (second, first)
            if takes_work[second]:
                turns[position] = [first, second]
    if not turns:
        return graph

    def replace(rebuilder: Rebuilder, node: Node, position: int) -> int:
        builder = rebuilder.builder
        first, second = [rebuilder.moved[at] for at in turns[position]]
        is_or = node.op == logical_or.name
        known = builder.full(float(is_or), SCALAR, BOOL)
        args = (first, known, second) if is_or else (first, second, known)
        return builder.append(new_node(Node, (where.name, args, (), SCALAR, BOOL)))

    return rebuild(graph, replace, changed=turns)


def _takes_work(graph: Graph) -> bytearray:
    """By position, 1 where a line needs more than comparisons and simple arithmetic."""
    found = bytearray(len(graph))
    for position, node in enumerate(graph.nodes):
        if node.op not in (INPUT, CONSTANT):
            own = not OPERATIONS[node.op].is_cheap and node.op != logical_not.name
            found[position] = own or any([found[argument] for argument in node.args])
    return found
