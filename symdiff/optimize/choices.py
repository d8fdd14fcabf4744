"""Sums of choices: where(c, x, 0) + where(c, y, 0) + where(not c, z, 0) is where(c, x + y, z).

What the ways of branches hand back is selected, each part by the conditions of its way, and summed.
Where terms share conditions, the sum becomes a tree of choices, in which each is asked once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from symdiff.graph.graph import Graph
from symdiff.graph.node import CONSTANT, FLOAT, Node, constant_value
from symdiff.graph.shape import Shape
from symdiff.optimize.rebuild import Rebuilder, rebuild
from symdiff.optimize.sums import Signed, Sums, sum_of

_DEEPEST = 8  # conditions of one term; one that has more stays as it is

# by the position of a condition, whether it has to hold or to fail
Demands = dict[int, bool]


class Term(NamedTuple):
    """What a sum counts where conditions are as they have to be, and which term it is part of."""

    demands: Demands
    signed: Signed
    number: int


class Choice(NamedTuple):
    """One sum where a condition holds, another one where it fails."""

    condition: int
    taken: Tree
    other: Tree


class Tree(NamedTuple):
    """A sum: terms that count everywhere, and choices."""

    terms: Sequence[Signed]
    choices: Sequence[Choice]


class Cost(NamedTuple):
    """How many operations a sum takes, and whether it comes out with the opposite sign."""

    ops: int
    negative: bool


_NOTHING = Tree((), ())


def merge_choices(graph: Graph) -> Graph:
    """Choose between sums instead of summing choices. The value's lines stay as written."""
    if "where" not in graph.by_op:
        return graph
    plans = _plans(graph)
    if not plans:
        return graph

    def replace(rebuilder: Rebuilder, node: Node, position: int) -> int | None:
        total = _total(rebuilder, plans[position], node.shape)
        return _positive(rebuilder, total)

    return rebuild(graph, replace, changed=plans)


def _plans(graph: Graph) -> dict[int, Tree]:
    """By the position of a sum, the tree that stands for it with fewer operations."""
    sums, plans = Sums(graph), {}
    for root in sums.roots():
        lines = sums.terms(root)
        if graph[root].dtype != FLOAT or sum(_is_choice(sums, at) for _, at in lines) < 2:
            continue
        found = [list(_parts(sums, line, number)) for number, line in enumerate(lines)]
        tree = _tree([term for terms in found for term in terms], lines)
        before = sum(_chosen(sums, line.position) for line in lines) + len(lines) - 1
        if _cost(tree, sums).ops < before:
            plans[root] = tree
    return plans


def _is_choice(sums: Sums, position: int) -> bool:
    """Whether a line chooses between parts of a sum that nothing else uses."""
    return sums.graph[position].op == "where" and sums.is_alone(position)


def _parts(sums: Sums, line: Signed, number: int) -> Iterator[Term]:
    """A term of a sum as what it counts on each way of its choices."""
    pending = [Term({}, line, number)]
    while pending:
        term = pending.pop()
        demands, (negative, position), _ = term
        node = sums.graph[position]
        if node.op == "negate" and sums.is_alone(position):
            pending.append(term._replace(signed=Signed(not negative, node.args[0])))
        elif not _is_choice(sums, position) or len(demands) >= _DEEPEST:
            yield term
        else:
            condition, *ways = node.args
            for holds, way in zip((False, True), reversed(ways), strict=True):
                is_only = _is_zero(sums.graph, ways[holds])
                asked = (
                    _demanded(sums.graph, condition, holds=holds) if is_only else {condition: holds}
                )
                if not _is_zero(sums.graph, way) and _agree(demands, asked):
                    pending.append(Term(demands | asked, Signed(negative, way), number))


def _is_zero(graph: Graph, position: int) -> bool:
    node = graph[position]
    return node.op == CONSTANT and constant_value(node) == 0.0


def _agree(demands: Demands, others: Demands) -> bool:
    return all(demands.get(at, holds) == holds for at, holds in others.items())


def _demanded(graph: Graph, condition: int, *, holds: bool) -> Demands:
    """What has to hold and to fail for a condition to hold, or fail: the sides of an `and`."""
    found: Demands = {}
    pending = [(condition, holds)]
    while pending:
        at, truth = pending.pop()
        node = graph[at]
        if node.op == "logical_not":
            pending.append((node.args[0], not truth))
        elif node.op == ("logical_and" if truth else "logical_or"):
            pending.extend((side, truth) for side in reversed(node.args))
        elif found.setdefault(at, truth) != truth or len(found) > _DEEPEST:
            return {condition: holds}
    return found


# --- trees ---------------------------------------------------------------------------------------


def _tree(terms: Sequence[Term], lines: Sequence[Signed] = ()) -> Tree:
    """The terms by their conditions, the one that most terms share first.

    Args:
        terms: of a sum.
        lines: the lines of whole terms, of which one that shares nothing stays as it is.
    """
    everywhere = [term.signed for term in terms if not term.demands]
    by_condition: dict[int, list[int]] = {}
    for index, term in enumerate(terms):
        for condition in term.demands:
            by_condition.setdefault(condition, []).append(index)
    choices, left = [], {index for index, term in enumerate(terms) if term.demands}
    for condition, members in sorted(by_condition.items(), key=lambda item: -len(item[1])):
        shared = [terms[index] for index in members if index in left]
        if shared and not (lines and len({term.number for term in shared}) == 1):
            left.difference_update(members)
            ways = [_way(shared, condition, holds=holds) for holds in (True, False)]
            choices.append(Choice(condition, *ways))
    whole = dict.fromkeys(terms[index].number for index in sorted(left))
    everywhere += [lines[number] for number in whole]
    return Tree(everywhere, choices) if everywhere or choices else _NOTHING


def _way(terms: Sequence[Term], condition: int, *, holds: bool) -> Tree:
    """The terms that count on one way of a condition, which need not be asked again."""
    found = []
    for term in terms:
        if term.demands[condition] == holds:
            demands = {at: truth for at, truth in term.demands.items() if at != condition}
            found.append(term._replace(demands=demands))
    return _tree(found) if found else _NOTHING


def _cost(tree: Tree, sums: Sums) -> Cost:
    """What the lines of a tree will cost."""
    signs = [term.negative for term in tree.terms]
    ops = sum(_chosen(sums, term.position) for term in tree.terms)
    for _, taken, other in tree.choices:
        ways = [_cost(way, sums) for way in (taken, other) if way is not _NOTHING]
        signs.append(all(way.negative for way in ways))
        ops += 1 + sum(way.ops for way in ways)
        ops += 0 if signs[-1] else sum(way.negative for way in ways)
    return Cost(ops + len(signs) - 1, all(signs))


def _chosen(sums: Sums, position: int) -> int:
    """How many choices there are in a term that nothing else uses."""
    count, pending = 0, [position]
    while pending:
        at = pending.pop()
        if _is_choice(sums, at):
            count += 1
            pending.extend(sums.graph[at].args[1:])
        elif sums.graph[at].op == "negate" and sums.is_alone(at):
            pending.extend(sums.graph[at].args)
    return count


def _total(rebuilder: Rebuilder, tree: Tree, shape: Shape) -> Signed:
    """The lines of a tree."""
    builder, moved = rebuilder.builder, rebuilder.moved
    if tree is _NOTHING:
        return Signed(negative=False, position=builder.full(0.0, shape))
    terms = [Signed(negative, moved[position]) for negative, position in tree.terms]
    for condition, *both in tree.choices:
        ways = [_total(rebuilder, way, shape) for way in both]
        flips = all(line.negative or way is _NOTHING for line, way in zip(ways, both, strict=True))
        args = [line.position if flips else _positive(rebuilder, line) for line in ways]
        terms.append(Signed(flips, builder.make("where", (moved[condition], *args))))
    if all(term.negative for term in terms):
        return Signed(
            negative=True, position=sum_of(builder, [t._replace(negative=False) for t in terms])
        )
    return Signed(negative=False, position=sum_of(builder, terms))


def _positive(rebuilder: Rebuilder, line: Signed) -> int:
    """The line of a sum with its sign."""
    negative, position = line
    return rebuilder.builder.make("negate", (position,)) if negative else position
