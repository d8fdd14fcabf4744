"""Products and quotients as monomials, for formulas: x*(1/x**2/x**2) is 1/x**3.

What derivation makes is written as it came about: quotients of quotients, products of products. A
reader wants a number, what stands above and what stands below. The user's own lines stay.
"""

from __future__ import annotations

from collections.abc import Iterable

from symdiff.graph.graph import Graph
from symdiff.graph.node import FLOAT, Node, is_exact_integer
from symdiff.ops.builder import Builder
from symdiff.ops.rules.table import Rules
from symdiff.optimize.rebuild import Rebuilder, rebuild

AS_WRITTEN = Rules()  # identities would undo what is arranged for a reader
_FACTORS = ("multiply", "divide", "negate")
_SMALL = 8  # a product of so few operations and names is taken apart though it is used elsewhere


def as_monomials(graph: Graph, first: int = 0) -> Graph:
    """Arrange the products of derivatives; a large one that is used elsewhere too is one factor.

    Args:
        graph: the function, with the value that it is a derivative of.
        first: the first of the outputs that are shown.
    """
    written, sizes = graph.written(), _sizes(graph)
    uses = _uses(graph, graph.ancestors(graph.outputs[first:]))
    whole: set[int] = set()  # new positions of what is not taken apart

    def arranged(rebuilder: Rebuilder, node: Node, position: int) -> int | None:
        if node.op not in _FACTORS or node.dtype != FLOAT:
            return None
        found = None
        if not written[position]:
            rebuilder.builder.rules = AS_WRITTEN
            found = _monomial(rebuilder.builder, node, whole)
        if uses[position] > 1 and sizes[position] > _SMALL:
            whole.add(rebuilder.builder.append(node) if found is None else found)
        return found

    return rebuild(graph, arranged)


def _uses(graph: Graph, shown: bytearray) -> list[int]:
    """By position, how often a line is an argument of one that is shown."""
    counts = [0] * len(graph)
    for position, node in enumerate(graph.nodes):
        if shown[position]:
            for argument in node.args:
                counts[argument] += 1
    return counts


def _sizes(graph: Graph) -> list[int]:
    """By position, of how many operations and names a line is made when it is written out."""
    sizes: list[int] = []
    for node in graph.nodes:
        sizes.append(min(1 + sum([sizes[argument] for argument in node.args]), 1000))
    return sizes


def _monomial(builder: Builder, node: Node, whole: set[int]) -> int:
    """A line as a number times powers over powers, in the order in which they stand."""
    coefficient, powers = 1.0, dict[int, float]()
    pending = _factors(node, 1.0)
    while pending:
        position, exponent = pending.pop()
        line = builder.nodes[position]
        value = builder.constants.get(position)
        if value is not None:
            coefficient *= value**exponent if value or exponent > 0.0 else float("inf")
        elif line.op in _FACTORS and line.dtype == FLOAT and position not in whole:
            if line.op == "negate":
                coefficient = -coefficient
            pending += _factors(line, exponent)
        else:
            base, own = _power(builder, position)
            powers[base] = powers.get(base, 0.0) + own * exponent
    if node.op == "negate":
        coefficient = -coefficient
    above = [_raised(builder, base, k) for base, k in powers.items() if k > 0.0]
    below = [_raised(builder, base, -k) for base, k in powers.items() if k < 0.0]
    number = builder.constant(coefficient, node.args[0])
    return _fraction(builder, number, coefficient, above, below)


def _factors(node: Node, exponent: float) -> list[tuple[int, float]]:
    """The arguments with their exponents, the first one last."""
    found = [(argument, exponent) for argument in reversed(node.args)]
    if node.op == "divide":
        found[0] = (node.args[1], -exponent)
    return found


def _power(builder: Builder, position: int) -> tuple[int, float]:
    """What a line is a whole power of."""
    line = builder.nodes[position]
    if line.op == "power":
        exponent = builder.constants.get(line.args[1])
        if exponent is not None and is_exact_integer(exponent):
            return line.args[0], exponent
    return position, 1.0


def _raised(builder: Builder, base: int, exponent: float) -> int:
    if exponent == 1.0:
        return base
    return builder.make("power", (base, builder.constant(exponent, base)))


def _fraction(
    builder: Builder, number: int, coefficient: float, above: list[int], below: list[int]
) -> int:
    """The number first, unless it is 1; -1 as the sign of the first factor."""
    if not above or abs(coefficient) != 1.0:
        above = [number, *above]
    elif coefficient < 0.0:
        above = [builder.make("negate", (above[0],)), *above[1:]]
    product = _product(builder, above)
    return builder.make("divide", (product, _product(builder, below))) if below else product


def _product(builder: Builder, factors: Iterable[int]) -> int:
    first, *others = factors
    for factor in others:
        first = builder.make("multiply", (first, factor))
    return first
