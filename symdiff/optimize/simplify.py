"""Passes that make fewer or cheaper lines of the same mathematics."""

from __future__ import annotations

from itertools import chain

from symdiff.graph.graph import Graph
from symdiff.graph.nested import pruned
from symdiff.graph.node import CONSTANT, INPUT, Node, is_exact_integer
from symdiff.ops.arithmetic import power
from symdiff.ops.builder import Builder
from symdiff.ops.complex_numbers import complex_power
from symdiff.ops.registry import OPERATIONS
from symdiff.optimize.rebuild import Rebuilder, rebuild

# A product of n equal factors by repeated squaring is off by up to (n - 1)/2 ulp. The value stays
# within 2 ulp of one rounded power; derivatives may be re-associated, and np.power is slow.
LARGEST_POWER_OF_VALUE = 4
LARGEST_POWER_OF_DERIVATIVE = 16


def drop_dead(graph: Graph) -> Graph:
    """Leave out what no result needs."""
    return pruned(graph)


_POWERS = frozenset((power.name, complex_power.name))


def expand(graph: Graph) -> Graph:
    """Write whole powers as products, and what is made of simpler operations in those."""
    by_op = graph.by_op
    ops = [op for op in by_op if op not in (INPUT, CONSTANT)]
    meant = [op for op in ops if op in _POWERS or OPERATIONS[op].expand is not None]
    if not meant:
        return graph
    written = graph.written()

    def replace(rebuilder: Rebuilder, node: Node, position: int) -> int | None:
        builder = rebuilder.builder
        if node.op in _POWERS:
            largest = LARGEST_POWER_OF_VALUE if written[position] else LARGEST_POWER_OF_DERIVATIVE
            return _product(builder, node, largest)
        simpler = OPERATIONS[node.op].expand
        if simpler is None:
            return None
        return simpler(*[builder.handle(argument) for argument in node.args]).at

    changed = sorted(chain.from_iterable([by_op[op] for op in meant]))
    return rebuild(graph, replace, changed=changed)


def _product(builder: Builder, node: Node, largest: int) -> int | None:
    """A power with a small whole exponent as products: the squares are shared."""
    base, exponent = node.args
    value = builder.constants.get(exponent)
    if value is None or not is_exact_integer(value) or not 2 <= abs(value) <= largest:
        return None
    left = int(abs(value))
    square, product = base, None
    while left:
        if left & 1:
            product = square if product is None else builder.make("multiply", (square, product))
        left >>= 1
        if left:
            square = builder.make("multiply", (square, square))
    assert product is not None  # the exponent is at least 2
    if value > 0:
        return product
    return builder.make("divide", (builder.constant(1.0, product), product))
