"""What is differentiated in the place of a function's lines."""

from __future__ import annotations

from symdiff.derive.smooth import smooth_twins
from symdiff.derive.stable import stable_twins
from symdiff.graph.graph import Graph
from symdiff.ops.builder import Builder


def twins_of(builder: Builder, graph: Graph) -> list[int]:
    """By position, the line that is differentiated in place of each line of the graph.

    The forms that overflow first, as some of them are roots; then the kinks.
    """
    return smooth_twins(builder, stable_twins(builder, graph), graph.outputs)
