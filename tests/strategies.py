"""Random graphs for the property tests.

A run tries the same graphs each time. `SYMDIFF_EXAMPLES=50` tries fifty times as many, new ones.
"""

from __future__ import annotations

import os
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st

from symdiff.graph.graph import Graph
from symdiff.ops.builder import Builder
from symdiff.ops.handle import Handle
from symdiff.ops.identities import EXACT
from symdiff.ops.registry import OPERATIONS
from symdiff.optimize.simplify import drop_dead

MORE = int(os.environ.get("SYMDIFF_EXAMPLES", "1"))

UNARY = "negate sin cos tanh exp sqrt log arctan absolute relu sigmoid softplus log1p".split()
BINARY = "add subtract multiply divide maximum minimum hypot logaddexp add multiply".split()
COMPARISONS = "less less_equal greater greater_equal equal not_equal".split()
# powers of two, so that products and quotients of them are exact however they are associated
CONSTANTS = (-2.0, -1.0, -0.5, -0.0, 0.0, 0.5, 1.0, 2.0, 4.0)
EXPONENTS = (-2.0, -1.0, 0.0, 0.5, 1.0, 2.0, 3.0, 4.0, 8.0, 2.5)
KINDS = ("unary", "binary", "binary", "constant", "power", "where", "where")

COORDINATES = st.floats(-3.0, 3.0).map(lambda x: round(x, 3))


def examples(count: int) -> settings:
    """How many examples a property is tried on."""
    return settings(max_examples=MORE * count, deadline=None, derandomize=MORE == 1)


def _condition(draw: Any, line: st.SearchStrategy[Handle]) -> Handle:
    condition = OPERATIONS[draw(st.sampled_from(COMPARISONS))](draw(line), draw(line))
    if draw(st.integers(0, 3)) == 0:
        other = OPERATIONS[draw(st.sampled_from(COMPARISONS))](draw(line), draw(line))
        condition = condition & other if draw(st.booleans()) else condition | ~other
    return condition


@st.composite
def graphs(draw: Any, largest: int = 14, kinds: tuple[str, ...] = KINDS) -> Graph:
    """A function of a few inputs with one output, its lines shared at random."""
    builder = Builder(EXACT)
    inputs = [builder.input(name) for name in "xyz"[: draw(st.integers(1, 3))]]
    lines = [builder.handle(position) for position in inputs]
    for _ in range(draw(st.integers(1, largest))):
        line = st.sampled_from(lines[-6:])
        match draw(st.sampled_from(kinds)):
            case "unary":
                made = OPERATIONS[draw(st.sampled_from(UNARY))](draw(line))
            case "binary":
                made = OPERATIONS[draw(st.sampled_from(BINARY))](draw(line), draw(line))
            case "constant":
                op, number = draw(st.sampled_from(BINARY)), draw(st.sampled_from(CONSTANTS))
                args = (draw(line), number)
                made = OPERATIONS[op](*(args if draw(st.booleans()) else args[::-1]))
            case "power":
                made = draw(line) ** draw(st.sampled_from(EXPONENTS))
            case _:
                branches = draw(line), draw(line)
                made = OPERATIONS["where"](_condition(draw, line), *branches)
        lines.append(made)
    return drop_dead(builder.graph(inputs, [lines[-1].at], ["f"], primal=1))


def points(graph: Graph) -> st.SearchStrategy[dict[str, float]]:
    """A number for each input of a graph."""
    return st.fixed_dictionaries(dict.fromkeys(graph.input_names, COORDINATES))
