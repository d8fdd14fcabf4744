"""A graph among the parameters of a line: hashable, and equal to one with the same lines."""

from __future__ import annotations

from symdiff.graph.graph import Graph


class Nested:
    """A graph that a line holds.

    Two are equal where they compute the same by the same lines: places in the source and names do
    not count, so that equal calls are one line. The lines are hashed once.

    Attributes:
        graph: the lines. They are not changed once this is made.
    """

    __slots__ = ("_hash", "_key", "graph")

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self._key = (tuple(graph.nodes), graph.inputs, graph.outputs)
        self._hash = hash(self._key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Nested) and self._hash == other._hash and self._key == other._key

    def __hash__(self) -> int:
        return self._hash

    def __repr__(self) -> str:
        return f"<graph of {len(self.graph)} lines>"

    def __reduce__(self) -> tuple[object, ...]:
        return Nested, (self.graph,)
