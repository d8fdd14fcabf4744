"""Tables that begin full of one number: what is written into is made full, with the rest written.

A program makes `np.full(shape, np.inf)`, sets an element or two, and a loop fills the table. What
the trace has seen of it is an array of numbers that are known.
"""

from __future__ import annotations

from typing import Any

from symdiff.graph.graph import Graph
from symdiff.graph.node import Node
from symdiff.ops.creation import array, known_numbers
from symdiff.ops.indexing import put, put_add
from symdiff.ops.loops import Layout, scan
from symdiff.optimize.rebuild import Rebuilder, rebuild

_SMALLEST = 16  # elements: a smaller array is written as it is
_MOST = 4  # elements that are set


def fill_tables(graph: Graph) -> Graph:
    """Make arrays that are known, full of one number but for a few, where they are written into."""
    if array.name not in graph.by_op:
        return graph
    tables = {at: found for at in _changed(graph) if (found := _filled(graph, at)) is not None}
    if not tables:
        return graph

    def replace(rebuilder: Rebuilder, node: Node, position: int) -> int | None:
        builder, (number, others) = rebuilder.builder, tables[position]
        table = builder.handle(builder.full(number, node.shape))
        for place, value in others.items():
            pattern = tuple([("int", k) for k in place])
            table = put(table, builder.handle(builder.constant(value)), params=(pattern,))
        return table.at

    return rebuild(graph, replace, changed=tables)


def _changed(graph: Graph) -> list[int]:
    """The known arrays that a line, or a loop, writes into."""
    found: set[int] = set()
    for op in (put.name, put_add.name):
        found.update(graph[at].args[0] for at in graph.by_op.get(op, ()))
    for at in graph.by_op.get(scan.name, ()):
        layout = Layout.of(graph[at].params)
        found.update(graph[at].args[layout.first_carry : layout.first_slice])
    return [at for at in graph.by_op[array.name] if at in found]


def _filled(graph: Graph, position: int) -> tuple[float, dict[tuple[int, ...], float]] | None:
    """The number that an array is full of, and the elements that are others by their places."""
    import numpy as np

    numbers: Any = known_numbers(graph.nodes, [position])[position]
    if numbers.size < _SMALLEST or numbers.dtype != float:
        return None
    bits = np.ascontiguousarray(numbers).view(np.int64)
    kinds, firsts, counts = np.unique(bits, return_index=True, return_counts=True)
    most = int(np.argmax(counts))
    if numbers.size - counts[most] > _MOST:
        return None
    places = np.argwhere(bits != kinds[most]).tolist()
    others = {tuple(place): float(numbers[tuple(place)]) for place in places}
    return float(numbers.flat[firsts[most]]), others
