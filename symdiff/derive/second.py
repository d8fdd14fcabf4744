"""Second derivatives: forward over reverse, on one graph, so every value is shared."""

from __future__ import annotations

from collections.abc import Sequence

from symdiff.derive.forward import jvp
from symdiff.derive.reverse import gradient
from symdiff.graph.graph import Graph
from symdiff.graph.nested import pruned


def gradient_alone(graph: Graph, wrt: Sequence[str]) -> Graph:
    """The gradient without the value; its outputs count as derived, not as the user wrote them."""
    made = gradient(graph, wrt)
    alone = made.select(range(1, len(made.outputs)))
    return pruned(alone)


def hvp(graph: Graph, wrt: Sequence[str]) -> Graph:
    """The product of the Hessian with a vector for each of `wrt`.

    Returns:
        A graph with an input more for each of `wrt`, and an output for each, of its shape.
    """
    made = jvp(gradient_alone(graph, wrt), wrt)
    products = made.select(range(len(wrt), 2 * len(wrt)))
    return pruned(products)
