"""Memory: what a line shares with others, what is repeated silently, which results are copied."""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence

from symdiff.graph.graph import Graph
from symdiff.graph.node import CONSTANT, INPUT, Node
from symdiff.graph.shape import broadcast as common_shape
from symdiff.ops.operation import Loop
from symdiff.ops.registry import OPERATIONS
from symdiff.schedule.program import CHOICE


def elided(graph: Graph, repeats: Callable[[str], bool]) -> Sequence[int]:
    """By position, the line itself, or what it repeats where every use of it does so by itself.

    Args:
        graph: the lines.
        repeats: whether the target's operation of a name repeats smaller arguments.
    """
    nodes = graph.nodes
    if not graph.has_arrays:
        return range(len(nodes))
    source = list(range(len(nodes)))
    for position, node in enumerate(nodes):
        if node.op == "broadcast":
            source[position] = node.args[0]
    for output in graph.outputs:
        source[output] = output
    for node in nodes:
        repeated = [argument for argument in node.args if source[argument] != argument]
        if not repeated:
            continue
        if repeats(node.op):
            shapes = [
                () if nodes[at].op == CONSTANT else nodes[source[at]].shape for at in node.args
            ]
            if common_shape(*shapes) == node.shape:
                continue
        for argument in repeated:
            source[argument] = argument
    return source


def is_fresh(graph: Graph, position: int) -> bool:
    """Whether the line's memory is its own: neither an input's nor a part of another line's."""
    node = graph.nodes[position]
    if node.op in (INPUT, CHOICE) or not node.args:
        return False
    record = OPERATIONS[node.op]
    return record.is_own and not record.is_view


def base(graph: Graph, position: int) -> int:
    """The line whose memory a line shares."""
    node = graph[position]
    while node.args and node.op != CHOICE and OPERATIONS[node.op].is_view:
        position = node.args[0]
        node = graph[position]
    return position


def root(graph: Graph, position: int, in_place: Callable[[str], bool]) -> int:
    """The line whose memory a line shares where each that can is written in place.

    Args:
        graph: the lines.
        position: of one of them.
        in_place: whether the target can change the first argument of an operation in place.
    """
    node = graph[position]
    while node.args and node.op != CHOICE and (OPERATIONS[node.op].is_view or in_place(node.op)):
        position = node.args[0]
        node = graph[position]
    return position


def roots_written(graph: Graph, in_place: Callable[[str], bool]) -> set[int]:
    """The lines whose memory others may write into: puts, and loops that carry it."""
    found = set()
    for node in graph.nodes:
        if node.args and isinstance(OPERATIONS[node.op].derivative, Loop):
            found.update([root(graph, argument, in_place) for argument in node.args])
        elif node.args and in_place(node.op):
            found.add(root(graph, node.args[0], in_place))
    return found


def copied(graph: Graph, known: Container[Node], own: Container[int]) -> list[bool]:
    """Which outputs must be copied: they share memory with an input or with each other.

    Args:
        graph: the lines.
        known: lines that are defined outside of the program.
        own: results of loops whose memory nothing else holds.
    """
    taken: set[int] = set()
    found = []
    for output in graph.outputs:
        node, shared = graph[output], base(graph, output)
        is_own = shared in own or is_fresh(graph, shared)
        is_own = is_own and shared not in taken and node.op != "broadcast"
        taken.add(shared)
        is_literal = not node.args and node.op != INPUT and node not in known
        found.append(bool(node.shape) and not is_own and not is_literal)
    return found
