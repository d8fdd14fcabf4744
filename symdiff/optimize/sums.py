"""Sums of many terms and scaled lines, as passes see them: nested additions, signs, numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple, TypeVar

from symdiff.graph.graph import Graph
from symdiff.graph.node import CONSTANT, constant_value
from symdiff.graph.shape import SCALAR
from symdiff.ops.builder import Builder
from symdiff.optimize.rebuild import Rebuilder

T = TypeVar("T")

_SUMS = frozenset(("add", "subtract", "negate"))


class Signed(NamedTuple):
    """A term of a sum."""

    negative: bool
    position: int


_SIGNED = tuple.__new__  # one for each term of each sum: its own takes twice as long


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
        self._inner = self.alone(_SUMS)

    def alone(self, ops: Iterable[str]) -> bytearray:
        """By position, 1 for a line of these operations that `is_alone`."""
        by_op, written, uses = self.graph.by_op, self.written, self.uses
        found = bytearray(len(self.graph))
        for op in ops:
            for position in by_op.get(op, ()):
                if uses[position] == 1 and not written[position]:
                    found[position] = 1
        return found

    def is_alone(self, position: int) -> bool:
        """Whether a line is the derivative's and enters one other line only."""
        return self.uses[position] == 1 and not self.written[position]

    def roots(self) -> Iterator[int]:
        """The positions of sums that belong to no larger one."""
        nodes, by_op, written, uses = self.graph.nodes, self.graph.by_op, self.written, self.uses
        inner = bytearray(len(nodes))
        for op in _SUMS:
            for position in by_op.get(op, ()):
                if not written[position]:
                    for argument in nodes[position][1]:
                        inner[argument] = uses[argument] == 1
        for position in sorted([*by_op.get("add", ()), *by_op.get("subtract", ())]):
            if not written[position] and not inner[position]:
                yield position

    def terms(self, root: int) -> list[Signed]:
        """The terms of a sum and of those in it, from left to right."""
        nodes, inner, found, pending = self.graph.nodes, self._inner, [], [(False, root)]
        op, args, _, _, _ = nodes[root]
        if len(args) == 2 and not inner[args[0]] and not inner[args[1]]:  # most of them
            one, other = (False, args[0]), (op == "subtract", args[1])
            return [_SIGNED(Signed, one), _SIGNED(Signed, other)]
        while pending:
            negative, position = pending.pop()
            if position != root and not inner[position]:
                found.append(_SIGNED(Signed, (negative, position)))
                continue
            op, args, _, _, _ = nodes[position]
            if op == "negate":
                pending.append((not negative, args[0]))
            else:
                pending.append((negative != (op == "subtract"), args[1]))
                pending.append((negative, args[0]))
        return found


class Scaled(NamedTuple):
    """A line under others that scale it by numbers or change its sign, these outermost first."""

    at: int
    scalings: list[int]


SCALINGS = frozenset(("negate", "multiply", "divide"))


def without_numbers(sums: Sums, position: int, is_wanted: Callable[[int], bool]) -> Scaled | None:
    """A wanted line, below lines that nothing else uses and that scale it."""
    scalings: list[int] = []
    while not is_wanted(position):
        op, args, _, _, _ = sums.graph.nodes[position]
        if op not in SCALINGS or not sums.is_alone(position):
            return None
        rest = [argument for argument in args if not is_number(sums.graph, argument)]
        if len(rest) != 1:
            return None
        scalings.append(position)
        (position,) = rest
    return Scaled(position, scalings)


def with_numbers(rebuilder: Rebuilder, scaling: int, line: int) -> int:
    """What scales a line by a number does so to another line, of another shape."""
    builder, graph = rebuilder.builder, rebuilder.graph
    shape = builder.nodes[line].shape
    args = []
    for argument in graph[scaling].args:
        node = graph[argument]
        if not is_number(graph, argument):
            args.append(line)
        elif node.op == CONSTANT:
            args.append(builder.full(constant_value(node), shape, node.dtype))
        else:
            args.append(builder.make("broadcast", (rebuilder.moved[node.args[0]],), (shape,)))
    return builder.make(graph[scaling].op, tuple(args))


def is_number(graph: Graph, position: int) -> bool:
    """Whether a line is a number, or an array that repeats one."""
    nodes = graph.nodes
    op, args, _, _, _ = nodes[position]
    return op == CONSTANT or (op == "broadcast" and nodes[args[0]].shape == SCALAR)


def sum_of(builder: Builder, terms: Sequence[Signed]) -> int:
    """The line of a sum; a positive term comes first where there is one."""
    lead = next((index for index, term in enumerate(terms) if not term.negative), None)
    total = terms[lead or 0].position
    for index, (negative, position) in enumerate(terms):
        if index != (lead or 0):
            is_less = negative and lead is not None
            total = builder.make("subtract" if is_less else "add", (total, position))
    return total if lead is not None else builder.make("negate", (total,))


def counted(items: Iterable[T]) -> dict[T, int]:
    """How often each stands there. A `Counter` takes five times as long for a few."""
    found: dict[T, int] = {}
    for item in items:
        found[item] = found.get(item, 0) + 1
    return found
