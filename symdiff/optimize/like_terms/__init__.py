"""Like terms, elements and steps as arrays: they differ in indices and numbers alone."""

from __future__ import annotations

from typing import NamedTuple

from symdiff.frontend.loops import AUTO, ROLL, UNROLL
from symdiff.graph.graph import Graph
from symdiff.optimize.like_terms.maps import loops_as_arrays
from symdiff.optimize.like_terms.rolling import rolled

_LEAST = {AUTO: 8, ROLL: 3}  # lines of a form: two are alike in any way


class Rolled(NamedTuple):
    """A function, and a sentence on what became of its like terms, if there are some."""

    graph: Graph
    notes: tuple[str, ...] = ()


def with_arrays(graph: Graph, choice: str) -> Rolled:
    """The function with like terms, elements and steps as arrays.

    Args:
        graph: a function, before it is differentiated.
        choice: `roll` makes arrays of three terms or elements, `unroll` of none, `auto` of eight,
            fewer of which are read and computed as fast one by one, and of the steps of loops.
    """
    if choice == UNROLL:
        return Rolled(graph)
    notes = []
    whole = loops_as_arrays(graph) if choice == AUTO else graph
    if whole is not graph:
        notes.append("loops whose steps need nothing of one another are work on arrays")
    found = rolled(whole, _LEAST[choice])
    if found is not whole:
        notes.append(f"like terms are arrays: {found.ops} operations in place of {whole.ops}")
    return Rolled(found, tuple(notes))
