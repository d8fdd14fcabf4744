"""Sums of many terms: nested additions, subtractions and signs, as passes see them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from symdiff.graph.graph import Graph

_SUMS = frozenset(("add", "subtract", "negate"))


class Signed(NamedTuple):
    """A term of a sum."""

    negative: bool
    position: int


class Sums:
    """The sums of a graph's derivative. The value's lines stay as they are written.

    Attributes:
        uses: by position, how often a line is used.
        written: by position, 1 where a line is the value's.
    """

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.uses = graph.uses()
        self.written = graph.written()

    def is_alone(self, position: int) -> bool:
        """Whether a line is the derivative's and enters one other line only."""
        return self.uses[position] == 1 and not self.written[position]

    def roots(self) -> Iterator[int]:
        """The positions of sums that belong to no larger one."""
        nodes = self.graph.nodes
        inner = bytearray(len(nodes))
        for position, node in enumerate(nodes):
            if node.op in _SUMS and not self.written[position]:
                for argument in node.args:
                    if nodes[argument].op in _SUMS and self.is_alone(argument):
                        inner[argument] = 1
        for position, node in enumerate(nodes):
            is_sum = node.op in ("add", "subtract")
            if is_sum and not self.written[position] and not inner[position]:
                yield position

    def terms(self, root: int) -> list[Signed]:
        """The terms of nested sums, from left to right."""
        nodes, found, pending = self.graph.nodes, [], [Signed(negative=False, position=root)]
        while pending:
            negative, position = pending.pop()
            node = nodes[position]
            if node.op not in _SUMS or not (position == root or self.is_alone(position)):
                found.append(Signed(negative, position))
            elif node.op == "negate":
                pending.append(Signed(not negative, node.args[0]))
            else:
                left, right = node.args
                pending.append(Signed(negative != (node.op == "subtract"), right))
                pending.append(Signed(negative, left))
        return found
