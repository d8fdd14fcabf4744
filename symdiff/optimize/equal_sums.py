"""Sums that are there already: in the derivative, c + (a - b) is the (a + c) - b of another line.

Functions of x and y that obey the Cauchy-Riemann equations, and others whose derivatives are of
one family, have the same sums in several derivatives, each in the order of its own rule.
"""

from __future__ import annotations

from collections.abc import Iterable

from symdiff.graph.graph import Graph
from symdiff.graph.node import FLOAT, Node
from symdiff.optimize.rebuild import Rebuilder, rebuild
from symdiff.optimize.sums import Signed, Sums

Terms = tuple[tuple[int, bool], ...]  # by position, each with whether it is subtracted


def reuse_equal_sums(graph: Graph) -> Graph:
    """Use a sum again, whatever the order of its terms. The value's lines stay as written."""
    sums, terms = Sums(graph), {}
    for position in sums.roots():
        found = sums.terms(position)
        if len(found) > 2 and graph.nodes[position][4] == FLOAT:  # two terms make one line
            terms[position] = found
    if len({_key(found) for found in terms.values()}) == len(terms):
        return graph
    seen: dict[Terms, int] = {}

    def replace(rebuilder: Rebuilder, _: Node, position: int) -> int | None:
        moved = rebuilder.moved
        key = _key([(negative, moved[at]) for negative, at in terms[position]])
        first = seen.setdefault(key, position)
        return moved[first] if first != position else None

    return rebuild(graph, replace, changed=terms)


def _key(terms: Iterable[Signed | tuple[bool, int]]) -> Terms:
    """The terms in the order of their positions."""
    return tuple(sorted([(at, negative) for negative, at in terms]))
