"""Steps between lines of one form: how the indices in the one become those in the other."""

from __future__ import annotations

from typing import Any, NamedTuple

from symdiff.graph.graph import Graph
from symdiff.graph.node import BOOL, CONSTANT, INPUT
from symdiff.ops.indexing import index
from symdiff.ops.registry import OPERATIONS

Step = int  # a number for each kind of step, so that two are compared at once
SAME: Step = 0  # the lines are one


class Place(NamedTuple):
    """An element of an array.

    Attributes:
        array: the line of the array.
        at: a whole number an axis.
        flat: the number of elements before it, row by row.
    """

    array: int
    at: tuple[int, ...]
    flat: int


class Steps:
    """Forms of lines, and steps between lines of one form, each pair compared once.

    Two lines are of one form if they are one, numbers, elements of one array, or the same
    elementwise operation on numbers of one form. A step says how far each index moves.

    Attributes:
        forms: by position, a number that lines of one form share.
    """

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self._places: dict[int, Place | None] = {}
        self.forms = self._forms()
        self._known: dict[tuple[int, int], Step] = {}
        self._numbers: dict[Any, Step] = {None: SAME}  # by what a step is
        self._moving: set[Step] = set()

    def _forms(self) -> list[int]:
        """By position; negative where a line is of no form but its own."""
        forms, numbers = list[int](), dict[Any, int]()
        ops = self.graph.by_op.keys() - {INPUT, CONSTANT}
        elementwise = {op for op in ops if OPERATIONS[op].is_elementwise}
        for position, (op, args, params, shape, dtype) in enumerate(self.graph.nodes):
            key: Any = None
            if shape:
                pass
            elif op in elementwise:
                key = (op, params, dtype, *[forms[argument] for argument in args])
            elif op == CONSTANT:
                key = (op, dtype) if dtype != BOOL else None
            elif op == index.name:
                place = self.place(position)
                key = place and (op, place.array)
            forms.append(~position if key is None else numbers.setdefault(key, len(numbers)))
        return forms

    def moves(self, step: Step) -> bool:
        """Whether an index moves in it."""
        return step in self._moving

    def between(self, first: int, second: int) -> Step:
        """The step from one line to another of its form."""
        known, nodes = self._known, self.graph.nodes
        pending = [(first, second)]
        while pending:
            one, other = pair = pending[-1]
            if one == other:
                known[pair] = SAME
            elif pair not in known:
                start, end = nodes[one], nodes[other]
                inner = list(zip(start.args, end.args, strict=True))
                if start.op in (CONSTANT, index.name):
                    known[pair] = self._of_leaves(one, other)
                elif all([part in known for part in inner]):
                    parts = tuple([known[part] for part in inner])
                    is_moving = not self._moving.isdisjoint(parts)
                    known[pair] = self._number((start.op, start.params, parts), moves=is_moving)
                else:
                    pending += [part for part in inner if part not in known]
                    continue
            pending.pop()
        return known[first, second]

    def _of_leaves(self, first: int, second: int) -> Step:
        """The step from a number to another, or from an element of an array to another."""
        start, end = self.place(first), self.place(second)
        if start is None or end is None:
            return self._number(CONSTANT, moves=False)
        return self._number((start.array, end.flat - start.flat), moves=True)

    def _number(self, key: Any, *, moves: bool) -> Step:
        found = self._numbers.setdefault(key, len(self._numbers))
        if moves:
            self._moving.add(found)
        return found

    def place(self, position: int) -> Place | None:
        """The place of an element that is read at known places of an array of known lengths."""
        if position not in self._places:
            self._places[position] = self._found_place(position)
        return self._places[position]

    def _found_place(self, position: int) -> Place | None:
        node = self.graph[position]
        if node.op != index.name or node.shape:
            return None
        places: list[Any] = []
        at = position
        while self.graph[at].op == index.name and len(self.graph[at].args) == 1:
            node = self.graph[at]
            places = _inside(node.params[0], places)
            (at,) = node.args
        shape = self.graph[at].shape
        if at == position or len(places) != len(shape):
            return None
        if not all(isinstance(n, int) for n in (*places, *shape)):
            return None
        found, flat = tuple([k % n for k, n in zip(places, shape, strict=True)]), 0
        for k, n in zip(found, shape, strict=True):
            flat = flat * n + k
        return Place(at, found, flat)


def _inside(pattern: tuple[Any, ...], places: list[Any]) -> list[Any]:
    """The places in an array of what stands at some places of a part of it."""
    found, left = [], list(places)
    for kind, *rest in pattern:
        if kind == "int":
            found.append(rest[0])
            continue
        taken = left.pop(0)
        if kind == "slice":
            start, length, step = rest
            if isinstance(taken, int) and taken < 0:
                taken = taken + length
            found.append(start + taken * step)
    return found
