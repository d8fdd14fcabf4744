"""What maximum and minimum hand on: products where it is finite, choices where they are quick.

They are where the parts that are chosen from are there already, and in arrays of few elements.
"""

from __future__ import annotations

from symdiff.graph.graph import Graph
from symdiff.graph.node import CONSTANT, INPUT, Node, constant_value
from symdiff.graph.shape import size
from symdiff.ops.arithmetic import add, divide, multiply, negate, subtract
from symdiff.ops.contraction import contract
from symdiff.ops.control import equal, greater, less, share, where
from symdiff.ops.indexing import index
from symdiff.ops.kinks import sign
from symdiff.ops.reduction import broadcast, sum_
from symdiff.ops.structural import reshape, transpose
from symdiff.optimize.growth import Growth
from symdiff.optimize.rebuild import Rebuilder, rebuild

_FEW = 2048  # elements: the processor guesses more choices wrong

# what is made of all elements of its arguments, or of those that the value is made of too
_ARITHMETIC = (add, subtract, multiply, divide, negate, sum_, contract, share)
_PARTS = (index, reshape, transpose, broadcast)
_COMPARED = (less, greater, equal)
_WHOLE = {INPUT, CONSTANT} | {x.name for x in (*_ARITHMETIC, *_PARTS, *_COMPARED)}


def share_by_signs(graph: Graph) -> Graph:
    """Multiply what is finite by 0, 1/2 or 1: that takes no choice for each element.

    A cotangent is finite where all arguments are, short of overflow. It is NaN where the value is:
    that has what the maximum is multiplied by as a factor too, if no index leaves elements out.
    """
    if share.name not in graph.by_op or not graph.has_arrays:
        return graph
    growth, is_whole = Growth(graph), _whole(graph)
    plans: dict[int, tuple[int, int]] = {}  # what is compared
    for position in graph.by_op[share.name]:
        node = graph[position]
        t, lost, _ = node.args
        ends = _ends(graph[lost])
        if ends is None or not (node.shape and is_whole[t]):
            continue
        if all([growth.degrees[at] is not None for at in (t, *ends)]):
            plans[position] = ends
    if not plans:
        return graph
    signs = set[tuple[int, int]]()

    def replace(rebuilder: Rebuilder, node: Node, position: int) -> int | None:
        small, large = plans[position]
        is_other = (large, small) in signs  # it goes by the sign that the other share has
        signs.add((large, small) if is_other else (small, large))
        moved = (node.args[0], rebuilder.moved[small], rebuilder.moved[large])
        t, a, b = map(rebuilder.builder.handle, moved)
        part = 0.5 - 0.5 * sign(b - a) if is_other else 0.5 * sign(a - b) + 0.5
        return (t * part).at

    return rebuild(graph, replace, changed=plans)


def _whole(graph: Graph) -> bytearray:
    """Which lines have no zeros in them for elements that the value does not depend on."""
    found = bytearray(graph.written())
    for position, node in enumerate(graph.nodes):
        if node.op in _WHOLE and all([found[at] for at in node.args]):
            found[position] = 1
    return found


def split_shares(graph: Graph) -> Graph:
    """Make the shares of a tie of comparisons that other lines need too."""
    if share.name not in graph.by_op:
        return graph
    halved = halved_at_ties(graph)
    plans: dict[int, int | None] = {}
    for position in graph.by_op[share.name]:
        node = graph[position]
        t, _, tied = node.args
        count, half = size(node.shape), halved.get((t, tied))
        if half is not None and half < position:
            plans[position] = half
        elif isinstance(count, int) and count <= _FEW:
            plans[position] = None
    if not plans:
        return graph

    def replace(rebuilder: Rebuilder, node: Node, position: int) -> int | None:
        builder, half = rebuilder.builder, plans[position]
        t, lost, tied = (builder.handle(at) for at in node.args)
        tie = where(tied, 0.5 * t, t).at if half is None else rebuilder.moved[half]
        zero = builder.full(0.0, node.shape)
        # not made anew: the identities would make a share of it
        return builder.append(Node(where.name, (lost.at, zero, tie), (), *node[3:]))

    return rebuild(graph, replace, changed=plans)


def _ends(node: Node) -> tuple[int, int] | None:
    """What a mask says to be less, and than what; `None` for another mask."""
    if node.op not in (less.name, greater.name):
        return None
    first, second = node.args
    return (first, second) if node.op == less.name else (second, first)


def halved_at_ties(graph: Graph) -> dict[tuple[int, int], int]:
    """By `t` and a mask, the line where(mask, t/2, t)."""
    found = {}
    for at in graph.by_op.get(where.name, ()):
        tied, half, t = graph[at].args
        factors = graph[half].args if graph[half].op == multiply.name else ()
        if t in factors and any(_is_half(graph[factor]) for factor in factors):
            found[t, tied] = at
    return found


def _is_half(node: Node) -> bool:
    return node.op == CONSTANT and constant_value(node) == 0.5
