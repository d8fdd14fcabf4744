"""Columns of like lines: what they are made of, and which are parts of a longer one."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import NamedTuple

from symdiff.graph.graph import Graph
from symdiff.graph.node import CONSTANT
from symdiff.optimize.like_terms.steps import Step, Steps

Column = tuple[int, ...]  # lines of one form, whose indices go on by the same steps


class Part(NamedTuple):
    """A column as a part of one that is as long or longer."""

    whole: Column
    start: int


class Columns:
    """All columns that some are made of.

    Where two overlap, as those of `f(x[1:]) - f(x[:-1])` do, their lines are computed once.

    Args:
        steps: knows the steps between lines.
        columns: those that are asked for.
    """

    def __init__(self, steps: Steps, columns: Iterable[Column]) -> None:
        self.graph: Graph = steps.graph
        self.steps = steps
        self._arguments: dict[Column, list[Column]] = {}
        pending = list(columns)
        while pending:
            column = pending.pop()
            if column not in self._arguments:
                pending += self.arguments(column)
        self._chains = self._joined()
        self._parts: dict[Column, Part] = {}

    def is_one(self, column: Column) -> bool:
        """Whether all lines are the same one."""
        return len(set(column)) == 1

    def arguments(self, column: Column) -> list[Column]:
        """The columns of the arguments; none of numbers, of elements, and of the same line."""
        if column not in self._arguments:
            self._arguments[column] = [] if self._is_leaf(column) else self._of_lines(column)
        return self._arguments[column]

    def _is_leaf(self, column: Column) -> bool:
        first = column[0]
        is_number = self.graph[first].op == CONSTANT
        return is_number or self.is_one(column) or self.steps.place(first) is not None

    def _of_lines(self, column: Column) -> list[Column]:
        return list(zip(*[self.graph[line].args for line in column], strict=True))

    def part(self, column: Column) -> Part:
        """A column as a part of the longest one that holds it; of itself where there is none."""
        if column not in self._parts:
            self._parts[column] = self._found_part(column)
        return self._parts[column]

    def _found_part(self, column: Column) -> Part:
        itself = Part(column, 0)
        if not self.arguments(column):
            return itself
        chains = self._chains.get(self.steps.between(*column[:2]), {})
        whole, start = chains.get(column[0], itself)
        return Part(whole, start) if whole[start : start + len(column)] == column else itself

    def _joined(self) -> dict[Step, dict[int, Part]]:
        """By step and line, the column of all lines that are gone through by it, and its place."""
        by_step: dict[Step, list[Column]] = {}
        for column, arguments in self._arguments.items():
            if arguments:
                step = self.steps.between(*column[:2])
                if self.steps.moves(step):
                    by_step.setdefault(step, []).append(column)
        return {step: _chains(columns) for step, columns in by_step.items() if len(columns) > 1}


def _chains(columns: Iterable[Column]) -> dict[int, Part]:
    """By line of columns of one step, what those make up together, and the line's place in it.

    Numbers may differ along a column. So two may part behind a line that they share: the second
    one is left as it is.
    """
    following: dict[int, int] = {}
    before: dict[int, int] = {}
    for column in columns:
        pairs = list(pairwise(column))
        if all(following.get(a, b) == b and before.get(b, a) == a for a, b in pairs):
            following |= pairs
            before |= [(b, a) for a, b in pairs]
    found: dict[int, Part] = {}
    for first in following:
        if first not in before:
            chain = [first]
            while chain[-1] in following:
                chain.append(following[chain[-1]])
            whole = tuple(chain)
            found |= {line: Part(whole, place) for place, line in enumerate(whole)}
    return found
