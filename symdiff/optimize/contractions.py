"""Sums of products as contractions: the sum of X*v over v's axis is X @ v, that of u*v is u @ v.

The product is a large array that is made to be summed. The value stays as written, as NumPy sums in
pairs, which a contraction does not.
"""

from __future__ import annotations

from typing import NamedTuple

from symdiff.graph.graph import Graph
from symdiff.graph.node import FLOAT, Node
from symdiff.ops.contraction import LETTERS, contracted
from symdiff.ops.handle import Handle
from symdiff.ops.structural import reshaped
from symdiff.optimize.rebuild import Rebuilder, rebuild


class Argument(NamedTuple):
    """What a factor repeats, and the axes of the product that it has."""

    position: int
    axes: tuple[int, ...]


class Plan(NamedTuple):
    """A sum as a contraction."""

    first: Argument
    second: Argument
    letters: str


def contract_products(graph: Graph) -> Graph:
    """Contract vectors, and what is multiplied by an array that is repeated. The value stays."""
    plans = _plans(graph)
    if not plans:
        return graph

    def replace(rebuilder: Rebuilder, _: Node, position: int) -> int | None:
        first, second, letters = plans[position]
        args = [_without_ones(rebuilder, argument) for argument in (first, second)]
        return contracted(args[0], args[1], letters).at

    return rebuild(graph, replace, changed=plans)


def _plans(graph: Graph) -> dict[int, Plan]:
    """By the position of a sum, the contraction, where no product is left to be made."""
    sums = graph.by_op.get("sum", ())
    if not sums:
        return {}
    written, uses = graph.written(), graph.uses()
    plans: dict[int, Plan] = {}
    by_product: dict[int, list[int]] = {}
    for position in sums:
        plan = None if written[position] else _plan(graph, graph[position])
        if plan is not None:
            plans[position] = plan
            by_product.setdefault(graph[position].args[0], []).append(position)
    for product, members in by_product.items():
        if written[product] or len(members) < uses[product]:
            for position in members:
                del plans[position]
    return plans


def _plan(graph: Graph, node: Node) -> Plan | None:
    """A sum as a contraction; `None` where it is none, or of whole arrays that are no vectors."""
    product, (axes, keepdims) = graph[node.args[0]], node.params
    if product.op != "multiply" or product.dtype != FLOAT or keepdims:
        return None
    first, second = (_argument(graph, factor) for factor in product.args)
    count = len(product.shape)
    is_whole = len(first.axes) == len(second.axes) == count > 1
    common = set(first.axes) & set(second.axes)
    if is_whole or count > len(LETTERS) or not common.issuperset(axes):
        return None
    kept = [axis for axis in range(count) if axis not in axes]
    if not set(first.axes) | set(second.axes) >= set(kept):
        return None
    one, other, result = (
        "".join(LETTERS[axis] for axis in found) for found in (first.axes, second.axes, kept)
    )
    return Plan(first, second, f"{one},{other}->{result}")


def _argument(graph: Graph, factor: int) -> Argument:
    """What a factor repeats; all of it where it repeats nothing."""
    node, full = graph[factor], graph[factor].shape
    if node.op != "broadcast":
        return Argument(factor, tuple(range(len(full))))
    (small,) = node.args
    own = graph[small].shape
    start = len(full) - len(own)
    return Argument(small, tuple(start + at for at, length in enumerate(own) if length != 1))


def _without_ones(rebuilder: Rebuilder, argument: Argument) -> Handle:
    """An argument without the axes of length 1 that it is repeated along."""
    line = rebuilder.builder.handle(rebuilder.moved[argument.position])
    if len(argument.axes) == line.ndim:
        return line
    return reshaped(line, tuple(length for length in line.shape if length != 1))
