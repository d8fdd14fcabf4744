"""Sparse derivatives that pick their entries themselves, for bodies that compute all they return.

The module of NumPy keeps the seeds beside its functions and picks the entries from what a body
returns. A body of loops makes a seed's element where it reads it, and writes the entries alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from symdiff.derive.inline import inlined
from symdiff.derive.packing import Coordinates
from symdiff.emit.source import Derivative, Source
from symdiff.frontend.lowering.base import constant
from symdiff.graph.graph import Graph
from symdiff.ops.builder import Builder
from symdiff.ops.control import equal
from symdiff.ops.creation import arange, as_float64
from symdiff.ops.handle import Handle
from symdiff.ops.indexing import index
from symdiff.ops.reduction import broadcast_to
from symdiff.ops.rules import EXACT
from symdiff.ops.structural import reshaped


def with_entries_picked(source: Source) -> Source:
    """The source with the entries of each sparse derivative of arrays as one array."""
    return replace(source, derivatives=tuple(map(_with_entries, source.derivatives)))


def _with_entries(derivative: Derivative) -> Derivative:
    packing = derivative.packing
    if not isinstance(packing, Coordinates) or packing.slots is None:
        return derivative
    return replace(
        derivative,
        graph=_picked(derivative.graph, packing),
        formulas=_picked(derivative.formulas, packing),
        packing=Coordinates(packing.rows, packing.columns, packing.shape),
    )


def _picked(graph: Graph, packing: Coordinates) -> Graph:
    """The entries in a row: of shape (entries,) where the graph has (colours, ...)."""
    import numpy as np  # not before: a gradient is emitted without it

    builder = Builder(EXACT)
    given = {}
    for name, at in zip(graph.input_names, graph.inputs, strict=True):
        line = graph[at]
        if name == packing.seeds:
            given[name] = _seeds(builder, packing, line.shape)
        else:
            given[name] = builder.handle(builder.input(name, line.shape, line.dtype))
    (result,) = inlined(graph, builder, list(given.values()))
    shape = [int(str(n)) for n in result.shape]  # a pattern is found of known lengths alone
    places = np.unravel_index(np.asarray(packing.slots, np.intp), shape)
    pattern = (("array", 0), ("array", 1))
    entries = index(result, *[constant(builder, place) for place in places], params=(pattern,))
    inputs = [x.at for name, x in given.items() if name != packing.seeds]
    return builder.graph(inputs, [entries.at], graph.output_names, primal=graph.primal)


def _seeds(builder: Builder, packing: Coordinates, shape: Sequence[Any]) -> Handle:
    """The rows of the unit matrix, those of one colour added."""
    import numpy as np

    colours = constant(builder, np.asarray(packing.colouring, np.int64))
    both = (shape[0], *colours.shape)
    rows = broadcast_to(reshaped(arange(colours, shape[0]), (shape[0], 1)), both)
    is_of_colour = equal(broadcast_to(reshaped(colours, (1, *colours.shape)), both), rows)
    return reshaped(as_float64(is_of_colour), tuple(shape))
