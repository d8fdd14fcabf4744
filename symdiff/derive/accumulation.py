"""Cotangents of what is the same in each step of a loop: sums over the steps.

A sum of products `outer(t, x)` over the steps is one product of what t and x were in all steps,
stacked: `ts.T @ xs`. All other sums are carried by the loop.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from symdiff.graph.graph import Graph
from symdiff.ops.arithmetic import add
from symdiff.ops.builder import Builder
from symdiff.ops.contraction import LETTERS, contract, contracted, parts
from symdiff.ops.handle import Handle
from symdiff.ops.reduction import total
from symdiff.ops.rules import ALGEBRAIC


class Product(NamedTuple):
    """A contraction of two lines of a body.

    Attributes:
        first, second: the positions of the lines.
        letters: of the contraction.
    """

    first: int
    second: int
    letters: str


def products(graph: Graph, position: int) -> list[Product]:
    """The products that a line is the sum of; empty where it is something else, or no matrix."""
    found, pending = [], [position]
    while pending:
        node = graph[pending.pop()]
        if node.op == add.name:
            pending += reversed(node.args)
        elif node.op == contract.name and len(node.shape) > 1:
            first, second = node.args
            found.append(Product(first, second, node.params[0]))
        else:
            return []
    return found


def product_of_all_steps(product: Product, stacked: Callable[[int], tuple[Handle, bool]]) -> Handle:
    """The sum of a product over the steps of a loop.

    Args:
        product: of lines of the body.
        stacked: what a line was in each step, and `True`; or what it is in all, and `False`.
            One of the two lines varies at least.
    """
    first, second, result = parts(product.letters)
    (a, a_varies), (b, b_varies) = stacked(product.first), stacked(product.second)
    if a_varies and b_varies:
        step = next(letter for letter in LETTERS if letter not in product.letters)
        return contracted(a, b, f"{step}{first},{step}{second}->{result}")
    if a_varies:
        return contracted(total(a, 0), b, product.letters)
    return contracted(a, total(b, 0), product.letters)


def summed(graph: Graph, first: int, names: Sequence[str]) -> tuple[Graph, list[int]]:
    """The body with outputs, from one on, that are sums over the steps so far.

    Returns:
        The graph, and the inputs that bring the sums of the steps before.
    """
    builder = Builder(ALGEBRAIC, graph)
    taken = set(graph.input_names)
    outputs, sums = list(graph.outputs), []
    for output, name in enumerate(names, first):
        while name in taken:
            name += "_"
        taken.add(name)
        node = graph[outputs[output]]
        sums.append(builder.input(name, node.shape, node.dtype))
        outputs[output] = builder.make("add", (sums[-1], outputs[output]))
        builder.derived.setdefault(outputs[output], name)
    inputs = (*graph.inputs, *sums)
    return builder.graph(inputs, outputs, graph.output_names, primal=0), sums
