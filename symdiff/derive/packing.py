"""What a derivation gives: a graph with flat outputs, and how they are put together."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

from symdiff.graph.graph import Graph
from symdiff.graph.node import INT
from symdiff.ops.loops import Layout, scan, scan_stacked
from symdiff.ops.own_rules import call

Nest = int | tuple["Nest", ...]  # an output by its index, or a tuple of such


@dataclass(frozen=True, slots=True)
class Tensor:
    """Numbers that are the entries of one array.

    Attributes:
        shape: of the array.
        places: of each number its position in C's order; `None` where all are there, in order.
    """

    shape: tuple[int, ...]
    places: tuple[int, ...] | None = None

    @property
    def size(self) -> int:
        """How many entries the array has."""
        return math.prod(self.shape)

    def place(self, index: int) -> int:
        """The position of a number."""
        return index if self.places is None else self.places[index]


@dataclass(frozen=True, slots=True)
class Coordinates:
    """Entries of a sparse matrix, column by column.

    Attributes:
        rows: of each entry.
        columns: of each entry.
        shape: of the matrix.
        slots: of each entry, its position in the compressed matrix of shape (colours, ...), flat;
            `None` where the entries are outputs of their own, or all of them one output.
        seeds: the name of the input that takes the seeds, `""` for none.
        colouring: the colour of each row of the seeds' transpose, a number each.
        seed_shape: of one seed.
    """

    rows: Any  # NumPy's arrays
    columns: Any
    shape: tuple[int, int]
    slots: Any = None
    seeds: str = ""
    colouring: Any = None
    seed_shape: tuple[int, ...] = ()

    @property
    def size(self) -> int:
        """How many entries there are."""
        return len(self.rows)

    def place(self, index: int) -> int:
        """The position of an output among the entries."""
        return index


@dataclass(frozen=True, slots=True)
class Derived:
    """The result of a derivation.

    Attributes:
        graph: its outputs stand flat; the first `graph.primal` are values as the user wrote them.
        packing: how they become what a call returns.
        notes: what was chosen, and why; lines for the summary.
    """

    graph: Graph
    packing: Nest | Tensor | Coordinates
    notes: tuple[str, ...] = field(default=())


def is_of_numbers(*graphs: Graph) -> bool:
    """Whether all lines are numbers, so that arrays given for the inputs are a batch.

    So they are in the steps of a loop; what it was in each step is read one by one by another loop.
    A call of the user's function may hold arrays that no line shows.
    """
    return all(map(_is_of_numbers, graphs))


def _is_of_numbers(graph: Graph) -> bool:
    nodes = graph.nodes
    if scan.name not in graph.by_op:
        return not (graph.has_arrays or INT in graph.dtypes or call.name in graph.by_op)
    ends = [nodes[at] for at in (*graph.inputs, *graph.outputs)]
    return not any(node.dtype == INT for node in ends) and _holds_numbers(graph)


def _holds_numbers(graph: Graph) -> bool:
    """Whether lines are numbers, in steps of loops too, or arrays that loops read one by one."""
    in_steps = {at for at, node in enumerate(graph.nodes) if node.shape}
    if not in_steps.isdisjoint((*graph.inputs, *graph.outputs)):
        return False
    for at, node in enumerate(graph.nodes):
        if node.op == call.name or (at in in_steps and node.op not in _IN_STEPS):
            return False
        first = len(node.args)
        if node.op == scan.name:
            layout = Layout.of(node.params)
            first = layout.first_slice
            inner = [layout.graph, *([] if layout.test is None else [layout.test])]
            if not all(map(_holds_numbers, inner)):
                return False
        if not in_steps.isdisjoint(node.args[:first]):
            return False
    return True


_IN_STEPS = ("arange", scan_stacked.name)  # arrays that a loop can read without having them
