"""Single precision: numbers of a graph that floats of 32 bits do not hold are refused."""

from __future__ import annotations

import math
from base64 import b64decode
from collections.abc import Iterable

from symdiff.errors import UnsupportedError
from symdiff.graph.graph import Graph
from symdiff.graph.nested import every_node
from symdiff.graph.node import CONSTANT, FLOAT, Node, constant_value
from symdiff.ops.creation import array

_LARGEST = 3.4028235677973366e38  # what is not less becomes infinite
_LEAST = 7.006492321624085e-46  # what is not more becomes zero


def check_float32(graph: Graph) -> None:
    """State that no number of a graph becomes zero or infinite as a float of 32 bits.

    Raises:
        UnsupportedError: for one that does, with its place.
    """
    for position, node in enumerate(graph.nodes):
        for number in _numbers([node, *every_node([node])]):
            if _is_lost(number):
                raise UnsupportedError(
                    f"float32 does not hold the number {number!r}",
                    span=graph.spans.get(position),
                    suggestion="use float64, or scale the inputs",
                )


def _is_lost(number: float) -> bool:
    size = abs(number)
    return math.isfinite(number) and (size >= _LARGEST or 0.0 < size <= _LEAST)


def _numbers(nodes: Iterable[Node]) -> Iterable[float]:
    """The floats that lines hold."""
    for node in nodes:
        if node.dtype != FLOAT:
            continue
        if node.op == CONSTANT:
            yield constant_value(node)
        elif node.op == array.name:
            import numpy as np

            _, dtype, data = node.params
            numbers = np.frombuffer(b64decode(data), dtype)
            yield from np.ravel(numbers).tolist()
