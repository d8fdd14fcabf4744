"""Signs: -(x - y) is y - x, -(x + 2*y) is -2*y - x, and x + (-2)*y is x - 2*y.

Where -y is there, -(x*y) is x*(-y).

Not identities of the builder: where the line under the sign is used elsewhere too, they would
compute a second line that differs in nothing but its sign.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

from symdiff.graph.graph import Graph
from symdiff.graph.node import CONSTANT, FLOAT, Node, constant_value
from symdiff.ops.builder import Builder
from symdiff.optimize.rebuild import Rebuilder, rebuild
from symdiff.optimize.sums import Signed, Sums, sum_of

_OPPOSITE = {"add": "subtract", "subtract": "add"}
_LED = frozenset(("multiply", "divide", "broadcast"))  # by the sign of their first argument
_SUMS = ("add", "subtract", "negate")
_LEADING = frozenset((*_LED, "add", "subtract", CONSTANT))  # what may give a sign, or take one


def settle_signs(graph: Graph) -> Graph:
    """Take signs into lines that nothing else uses. The value's lines stay as written."""
    nodes, by_op = graph.nodes, graph.by_op
    sums = Sums(graph)
    written = sums.written
    opposites = {nodes[at].args[0]: at for at in reversed(by_op.get("negate", ()))}

    def has_sign(position: int, argument: int) -> bool:
        """Whether a sum's term, which nothing else uses, has a sign to give or can take one."""
        if not sums.is_alone(argument):
            return False
        term, first = nodes[argument], nodes[_lead(sums, argument)]
        if nodes[position].op == "negate":
            if term.op == "add":
                return _first(sums, sums.terms(argument)) is not None
            is_there = term.op == "multiply" and turned(position, argument) is not None
            return is_there or term.op == "subtract" or first.op == CONSTANT
        return first.op == CONSTANT and constant_value(first) < 0.0

    def turned(position: int, product: int) -> tuple[int, int] | None:
        """The factors of a product whose sign is another one, where that of one is there."""
        for one, other in (nodes[product].args[::-1], nodes[product].args):
            at = opposites.get(one, position)
            if at < position and nodes[one].dtype == FLOAT:
                return other, at
        return None

    movable = set()
    for position in chain.from_iterable([by_op.get(op, ()) for op in _SUMS]):
        if not written[position]:
            for argument in nodes[position][1]:
                if nodes[argument][0] in _LEADING and has_sign(position, argument):
                    movable.add(position)
    if not movable:
        return graph

    def replace(rebuilder: Rebuilder, node: Node, position: int) -> int | None:
        builder = rebuilder.builder
        old = graph.nodes[position].args
        if node.op == "negate":
            factors = turned(position, old[0]) if nodes[old[0]].op == "multiply" else None
            if factors is not None:
                args = tuple([rebuilder.moved[at] for at in factors])
                return builder.append(graph.nodes[old[0]]._replace(args=args))  # no sign comes out
            if nodes[old[0]].op == "add":
                return opposite_of_sum(sums, rebuilder, old[0])
            return _negated(builder, node.args[0])
        if has_sign(position, old[1]):
            term = _negated(builder, node.args[1])
            return None if term is None else builder.make(_OPPOSITE[node.op], (node.args[0], term))
        if node.op == "add":
            term = _negated(builder, node.args[0])
            return None if term is None else builder.make("subtract", (node.args[1], term))
        return None

    return rebuild(graph, replace, changed=movable)


def opposite_of_sum(sums: Sums, rebuilder: Rebuilder, position: int) -> int | None:
    """The opposite of a sum that nothing else uses, where a term takes the sign."""
    terms = sums.terms(position)
    first = _first(sums, terms)
    if first is None:
        return None
    turned = [Signed(not negative, rebuilder.moved[at]) for negative, at in terms]
    if turned[first].negative:
        line = _negated(rebuilder.builder, turned[first].position)
        if line is None:
            return None
        turned[first] = Signed(negative=False, position=line)
    return sum_of(rebuilder.builder, turned)


def _first(sums: Sums, terms: Sequence[Signed]) -> int | None:
    """The number of the term that comes first in the opposite: taken away, or with a number."""
    nodes = sums.graph.nodes
    for number, (negative, at) in enumerate(terms):
        is_free = sums.is_alone(at) or nodes[at].op == CONSTANT
        if negative or (is_free and nodes[_lead(sums, at)].op == CONSTANT):
            return number
    return None


def _lead(sums: Sums, position: int) -> int:
    """The first factor of a product or quotient whose parts nothing else uses."""
    nodes = sums.graph.nodes
    while nodes[position].op in _LED:
        inner = nodes[position].args[0]
        if nodes[inner].op in _LED and not sums.is_alone(inner):
            break
        position = inner
    return position


def _negated(builder: Builder, position: int) -> int | None:
    """-(x - y) as y - x, -(c*x) as (-c)*x, -(c*x/y) as (-c)*x/y."""
    node = builder.nodes[position]
    if node.op == "subtract":
        return builder.make("subtract", (node.args[1], node.args[0]))
    path: list[Node] = []
    while node.op in _LED:
        path.append(node)
        node = builder.nodes[node.args[0]]
    if node.op != CONSTANT or node.dtype != FLOAT:
        return None
    first = path[-1].args[0] if path else position
    line = builder.constant(-builder.constants[first], first)
    for part in reversed(path):
        line = builder.make(part.op, (line, *part.args[1:]), part.params)
    return line
