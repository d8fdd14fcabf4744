"""Counters: what a loop counts with, and which of its arguments that is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from symdiff.graph.node import Node
from symdiff.ops.loops import Layout
from symdiff.ops.progressions import Progression, counters


class Counting(NamedTuple):
    """What a loop counts with.

    Attributes:
        numbers: one for each step.
        slices: the numbers of the arguments that are no arrays to be read, but these numbers.
    """

    numbers: Progression
    slices: frozenset[int]


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
