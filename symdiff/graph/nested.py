"""A graph among the parameters of a line: the body of a loop, a function and its own rules."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain, count
from typing import Any

from symdiff.graph.graph import Graph
from symdiff.graph.node import CONSTANT, EXTENT, INPUT, Node
from symdiff.graph.shape import Dim, Dimension


@dataclass(frozen=True, eq=False)
class Nested:
    """A graph as a value: equal to another one that has the same lines, inputs and outputs.

    Attributes:
        graph: the lines. Places and names of lines do not count where two are compared.
    """

    graph: Graph

    @cached_property
    def _key(self) -> tuple[Any, ...]:
        graph = self.graph
        return tuple(graph.nodes), graph.inputs, graph.outputs, graph.primal

    @cached_property
    def _hash(self) -> int:
        return hash(self._key)

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return self is other or (
            isinstance(other, Nested) and self._hash == other._hash and self._key == other._key
        )

    def __reduce__(self) -> tuple[object, ...]:
        return Nested, (self.graph,)  # a hash of texts holds in one process alone


def every_node(nodes: Iterable[Node]) -> Iterator[Node]:
    """Lines, and those of the graphs in them."""
    for node in nodes:
        yield node
        for param in node.params:
            if isinstance(param, Nested):
                yield from every_node(param.graph.nodes)


def every_op(graph: Graph) -> set[str]:
    """The operations of a graph and of those in it, without inputs and constants."""
    found = set(graph.by_op)
    for position in holding(graph):
        found.update(node.op for node in every_node([graph.nodes[position]]))
    return found - {INPUT, CONSTANT}


def every_graph(graphs: Iterable[Graph]) -> Iterator[Graph]:
    """Graphs and those in them."""
    for graph in graphs:
        yield graph
        for node in graph.nodes:
            yield from every_graph([p.graph for p in node.params if isinstance(p, Nested)])


def holding(graph: Graph) -> list[int]:
    """The positions of the lines that hold graphs, in order."""
    nodes = graph.nodes
    return [at for at in graph.told if any([isinstance(one, Nested) for one in nodes[at][2]])]


def with_nested(graph: Graph, change: Callable[[Graph], Graph]) -> Graph:
    """The graph with each graph in it changed; itself where none is."""
    nodes: list[Node] | None = None
    for position in holding(graph):
        params, is_changed = list(graph[position].params), False
        for number, param in enumerate(params):
            if isinstance(param, Nested) and (made := change(param.graph)) is not param.graph:
                params[number], is_changed = Nested(made), True
        if is_changed:
            nodes = list(graph.nodes) if nodes is None else nodes
            nodes[position] = nodes[position]._replace(params=tuple(params))
    return graph if nodes is None else replace(graph, nodes=nodes)


def lengths_of(node: Node) -> set[Dim]:
    """The named dimensions that a line has in its shape, its parameters and the graphs in it."""
    found: set[Dim] = set()
    pending: list[Any] = [node.shape, node.params]
    while pending:
        value = pending.pop()
        if isinstance(value, Nested):
            for inner in value.graph.nodes:
                found |= lengths_of(inner)
        elif isinstance(value, tuple):
            pending.extend(value)
        elif isinstance(value, Dim):
            found.add(value)
    return found


def pruned(graph: Graph) -> Graph:
    """The graph without lines that no output needs."""
    return graph.keep(needed_by(graph, graph.outputs)) if graph.unused() else graph


def needed_by(graph: Graph, lines: Iterable[int], order: Sequence[int] | None = None) -> bytearray:
    """By position, 1 where a line is one of some lines or needed by one.

    A line that gives a length its number is needed where another line has that length.

    Args:
        graph: the lines.
        lines: positions.
        order: positions, each line after its arguments; by default the order of the list.
    """
    needed = graph.ancestors(lines, order)
    loops = finding_lengths(graph, order)
    if all(needed[position] for position in loops.values()):
        return needed
    roots = {at for at in range(len(graph)) if needed[at]}
    for position in reversed(range(len(graph)) if order is None else order):
        if position in roots:
            node = graph.nodes[position]
            names = {name for length in lengths_of(node) for name in length.names}
            roots.update(node.args, [loops[name] for name in names if name in loops])
    return graph.ancestors(roots, order)


def finding_lengths(graph: Graph, order: Sequence[int] | None = None) -> dict[str, int]:
    """By the name of a length, the line that gives it its number: see `found_length`."""
    nodes = graph.nodes
    found = {at: name for at in graph.told if (name := found_length(nodes[at]))}
    if found and order is not None:
        found = {at: found[at] for at in sorted(found.keys() & {*order})}
    return {name: at for at, name in found.items()}


def found_length(node: Node) -> str:
    """The name of the length that a line gives its number, empty for other lines.

    That is an extent, or a loop with a test beside its body, which finds out how many steps it has.
    """
    params = node.params
    if node.op != EXTENT and (len(params) < 2 or sum(isinstance(x, Nested) for x in params) < 2):
        return ""
    return next((str(param) for param in node.params if isinstance(param, Dim)), "")


def found_lengths(*graphs: Graph) -> list[str]:
    """The names of the lengths that lines give their numbers, in graphs and in those in them."""
    lines = [graph[at] for graph in graphs for at in graph.told]
    found = {found_length(node): None for node in every_node(lines)}
    return [name for name in found if name]


def free_length(wish: str, *lines: Iterable[Node], also: Iterable[str] = ()) -> str:
    """A name for the length of a loop with a test that no length of some lines has.

    Args:
        wish: the name, where it is free.
        lines: of the graph that gets the loop, and of those around it.
        also: more names that are not free.
    """
    taken = {*also}
    for node in chain(*lines):
        taken.update(*[length.names for length in lengths_of(node)])
    names = chain([wish], (f"{wish}{number}" for number in count(2)))
    return next(name for name in names if name not in taken)


def with_lengths(graph: Graph, change: Callable[[Dim], Dimension]) -> Graph:
    """The graph with something else in the place of each named dimension."""
    return replace(graph, nodes=[node_with_lengths(node, change) for node in graph.nodes])


def node_with_lengths(node: Node, change: Callable[[Dim], Dimension]) -> Node:
    """The line with something else in the place of each named dimension."""

    def changed(value: Any) -> Any:  # parameters of an operation, nested
        if isinstance(value, tuple):
            return tuple([changed(part) for part in value])
        if isinstance(value, Nested):
            return Nested(with_lengths(value.graph, change))
        return change(value) if isinstance(value, Dim) else value

    return node._replace(params=changed(node.params), shape=changed(node.shape))
