"""Counters: what a loop counts with, and which of its arguments that is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from symdiff.graph.node import INT, Node
from symdiff.graph.shape import SCALAR, Dim, Dimension
from symdiff.ops.arithmetic import add, subtract
from symdiff.ops.loops import Layout
from symdiff.ops.progressions import Progression, counters
from symdiff.schedule.program import Expr, Number, Op, Ref


class Counting(NamedTuple):
    """What a loop counts with.

    Attributes:
        numbers: one for each step.
        slices: the numbers of the arguments that are no arrays to be read, but these numbers.
    """

    numbers: Progression
    slices: frozenset[int]

    def place(self, counter: str, start: Dimension = 0, step: int = 1) -> Expr:
        """The place `start + step*k` in step k."""
        first, by = self.numbers  # by 1 or -1, or from 0 on
        forward = step * by
        start = start - first * forward
        count: Expr = Ref(counter, SCALAR, INT)
        if forward == 1 and start == 0:
            return count
        is_less = forward == 1 and _is_negative(start)
        offset = -start if is_less else start
        if isinstance(offset, Dim):
            number: Expr = Op("length", (), (offset,), SCALAR, INT)
        else:
            number = Number(offset, SCALAR, INT)
        if forward == -1:
            return Op(subtract.name, (number, count), (), SCALAR, INT)
        return Op(subtract.name if is_less else add.name, (count, number), (), SCALAR, INT)


def _is_negative(start: Dimension) -> bool:
    """Whether a number is one, or a sum of lengths that are taken away."""
    return all(factor < 0 for _, factor in start.terms) if isinstance(start, Dim) else start < 0


def counting(layout: Layout, nodes: Sequence[Node], args: Sequence[int]) -> Counting:
    """The numbers that the steps of a loop read, where they say which step it is.

    At which place of an array a number stands is only said where they go up or down by 1.

    Args:
        layout: of the loop.
        nodes: the lines around it.
        args: its arguments among them.
    """
    known = counters(layout, nodes, args)
    has_places = len(known) < layout.slices or layout.results > 0
    numbers = Progression(0, 1)
    for read in known.values():
        if read.step in (1, -1) or (read.step != 0 and not has_places):
            numbers = read
            break
    inputs = layout.graph.inputs
    slices = frozenset(n for n in range(len(args)) if known.get(inputs[n]) == numbers)
    return Counting(numbers, slices)
