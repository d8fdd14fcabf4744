"""Like terms and like elements, which differ in indices and numbers alone, as arrays."""

from __future__ import annotations

from typing import NamedTuple

from symdiff.frontend.loops import AUTO, ROLL, UNROLL
from symdiff.graph.graph import Graph
from symdiff.optimize.like_terms.rolling import rolled

_LEAST = {AUTO: 8, ROLL: 3}  # lines of a form: two are alike in any way


class Rolled(NamedTuple):
    """A function, and a sentence on what became of its like terms, if there are some."""

    graph: Graph
    notes: tuple[str, ...] = ()


def with_arrays(graph: Graph, choice: str) -> Rolled:
    """The function with like terms and elements as arrays.

    Args:
        graph: a function, before it is differentiated.
        choice: `roll` makes arrays of three terms or elements, `unroll` of none, `auto` of eight,
            fewer of which are read and computed as fast one by one.
    """
    if choice == UNROLL:
        return Rolled(graph)
    found = rolled(graph, _LEAST[choice])
    if found is graph:
        return Rolled(graph)
    note = f"like terms are arrays: {found.ops} operations in place of {graph.ops}"
    return Rolled(found, (note,))
