"""Transposes of products: (X.T @ v).T is v.T @ X, also where a number scales it in between.

Not an identity of the builder: where the product is used as it is too, it would be computed twice.
"""

from __future__ import annotations

from symdiff.graph.graph import Graph
from symdiff.graph.node import Node
from symdiff.ops.contraction import contracted, parts
from symdiff.optimize.rebuild import Rebuilder, rebuild
from symdiff.optimize.sums import Scaled, Sums, with_numbers, without_numbers


def turn_products(graph: Graph) -> Graph:
    """Take transposes into contractions that nothing else uses. The value stays as written."""
    plans = _plans(graph)
    if not plans:
        return graph

    def replace(rebuilder: Rebuilder, node: Node, position: int) -> int | None:
        below, scalings = plans[position]
        first, second, result = parts(graph[below].params[0])
        letters = "".join(result[axis] for axis in node.params[0])
        x, y = (rebuilder.builder.handle(rebuilder.moved[at]) for at in graph[below].args)
        line = contracted(x, y, f"{first},{second}->{letters}").at
        for scaling in reversed(scalings):
            line = with_numbers(rebuilder, scaling, line)
        return line

    return rebuild(graph, replace, changed=plans)


def _plans(graph: Graph) -> dict[int, Scaled]:
    """By the position of a transpose, the contraction below it."""
    turned = graph.by_op.get("transpose", ())
    if not turned:
        return {}
    sums, plans = Sums(graph), {}

    def is_wanted(position: int) -> bool:
        return graph[position].op == "contract" and sums.is_alone(position)

    for position in turned:
        found = without_numbers(sums, graph[position].args[0], is_wanted)
        if found is not None and not sums.written[position]:
            plans[position] = found
    return plans
