"""Sums of what counts in one way alone: one branch in the place of a selection for each term.

Derivation adds `where(c, a, 0)` and `where(not c, b, 0)`. Where a way is taken alone, that is one
choice between `a` and `b`, and nothing is added to zero.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from symdiff.graph.graph import Graph
from symdiff.graph.node import CONSTANT, Node, constant_value
from symdiff.graph.shape import SCALAR, Shape
from symdiff.ops.arithmetic import add
from symdiff.ops.control import where
from symdiff.ops.reduction import broadcast
from symdiff.optimize.rebuild import Rebuilder, rebuild
from symdiff.schedule.places import NOWHERE, ROOT, Logic, Places

Terms = list[tuple[int, int]]  # lines, and the place that each counts in


def with_joined_terms(graph: Graph, conditions: Mapping[int, int]) -> Graph:
    """The graph with one selection for all terms of a sum; the value is left as it is written.

    Args:
        graph: the lines.
        conditions: by selection on one truth, that one.
    """
    uses = graph.uses()
    masked = {
        position: truth
        for position in conditions
        for truth, other in ((True, 2), (False, 1))
        if uses[position] == 1 and _is_zero(graph.nodes[graph.nodes[position].args[other]])
    }
    if not masked:
        return graph
    places = Places(Logic(graph.nodes))
    sums: dict[int, Terms] = {}
    for position, terms in _sums(graph):
        placed = [_placed(graph, term, masked, conditions, places) for term in terms]
        is_joined = [at not in (ROOT, NOWHERE) for _, at in placed]
        if sum(is_joined) > 1:
            sums[position] = [(line, at) for line, at in placed if at != NOWHERE]
    if not sums:
        return graph

    def replace(rebuilder: Rebuilder, node: Node, position: int) -> int:
        return _joined(rebuilder, sums[position], places, node.shape)

    return rebuild(graph, replace, changed=sums)


def _is_zero(node: Node) -> bool:
    return node.op == CONSTANT and constant_value(node) == 0.0


def _sums(graph: Graph) -> Iterator[tuple[int, list[int]]]:
    """The last line of each sum that is no part of a value as written, and its terms."""
    uses, written, nodes = graph.uses(), graph.written(), graph.nodes
    inner = bytearray(len(graph))
    for position in range(len(graph) - 1, -1, -1):
        if nodes[position].op != add.name or written[position] or inner[position]:
            continue
        terms, pending = [], [position]
        while pending:
            line = pending.pop()
            is_sum = nodes[line].op == add.name and not written[line]
            if line == position or (is_sum and uses[line] == 1):
                inner[line] = 1
                pending += reversed(nodes[line].args)
            else:
                terms.append(line)
        yield position, terms


def _placed(
    graph: Graph,
    term: int,
    masked: Mapping[int, bool],
    conditions: Mapping[int, int],
    places: Places,
) -> tuple[int, int]:
    """What a term is where it counts, and that place."""
    truth = masked.get(term)
    if truth is None:
        return term, ROOT
    value = graph.nodes[term].args[1 if truth else 2]
    return value, places.where(ROOT, (conditions[term], truth))


def _joined(rebuilder: Rebuilder, terms: Terms, places: Places, shape: Shape) -> int:
    """The sum of terms, from the innermost place out."""
    builder, moved = rebuilder.builder, rebuilder.moved
    found: dict[int, int] = {}
    inside: dict[int, dict[int, dict[bool, int]]] = {}  # by place and condition, the inner places

    def count(place: int, line: int) -> None:
        found[place] = builder.make(add.name, (found[place], line)) if place in found else line

    seen = {ROOT}
    for line, place in terms:
        count(place, moved[line])
        while place not in seen:
            seen.add(place)
            parent, (condition, truth) = places.parents[place], places.truths[place]
            inside.setdefault(parent, {}).setdefault(condition, {})[truth] = place
            place = parent
    for place in sorted(inside, key=lambda at: -places.depths[at]):
        for condition, ways in inside[place].items():
            line = moved[condition]
            if shape != SCALAR:
                line = builder.make(broadcast.name, (line,), (shape,))
            zero = builder.full(0.0, shape)
            values = [found[ways[truth]] if truth in ways else zero for truth in (True, False)]
            count(place, builder.make(where.name, (line, *values)))
    return found[ROOT]
