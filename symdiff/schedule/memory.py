"""Memory: what a line shares with others, what is repeated silently, which results are copied."""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence

from symdiff.graph.graph import Graph
from symdiff.graph.node import CONSTANT, INPUT, Node
from symdiff.graph.shape import broadcast as common_shape
from symdiff.ops.control import where
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
        if node.op != CHOICE and repeats(node.op):  # of a choice each value is stated
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


class SecondNames:
    """Which arrays of a step that writes into others may be under two names, and be chosen so.

    What is written into has one name, and so has what the step hands on, which the next one may
    write into: that is chosen between arrays that were made in the step for this alone.

    Args:
        graph: of the step.
        in_place: whether the target can change the first argument of an operation in place.
    """

    def __init__(self, graph: Graph, in_place: Callable[[str], bool]) -> None:
        self._graph = graph
        self._in_place = in_place
        self._written: set[int] = set()
        self._made = bytearray(len(graph))
        for position, node in enumerate(graph.nodes):
            is_loop = bool(node.args) and isinstance(OPERATIONS[node.op].derivative, Loop)
            if is_loop or (node.args and in_place(node.op)):
                arguments = node.args if is_loop else node.args[:1]
                self._written.update(map(self._root, arguments))
            is_own = is_fresh(graph, position) and not in_place(node.op)
            is_chosen = node.op == where.name
            is_own = is_own and not (is_chosen and not all(self._made[at] for at in node.args[1:]))
            self._made[position] = node.op == CONSTANT or is_own
        self._handed_on = set(map(self._root, graph.outputs))
        self._uses = graph.uses()

    def may_have(self, choice: int) -> bool:
        """Whether a selection may be another name of what it chooses."""
        values = self._graph[choice].args[1:]
        if not self._written.isdisjoint(map(self._root, (choice, *values))):
            return False
        return choice not in self._handed_on or all(map(self._is_alone, values))

    def _is_alone(self, value: int) -> bool:
        """Whether an array was made in the step, and nothing but one choice reads it."""
        is_constant = self._graph[value].op == CONSTANT  # made anew for each
        return is_constant or bool(self._made[value] and self._uses[value] == 1)

    def _root(self, position: int) -> int:
        """The line whose memory a line shares where each that can is written in place."""
        node = self._graph[position]
        while node.args and (OPERATIONS[node.op].is_view or self._in_place(node.op)):
            position = node.args[0]
            node = self._graph[position]
        return position


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
