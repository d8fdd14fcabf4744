"""Writes in both ways of a branch, at one time or the other: one write of what the branch chooses.

if condition:                             if condition:
    y[i] = a                                  place = i; item = a
else:                                     else:
    y[j] = b                                  place = j; item = b
                                          y[place] = item

A graph has the two one after the other, each of which writes what is there already where its way is
not taken.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from symdiff.graph.graph import Graph
from symdiff.graph.nested import with_nested
from symdiff.graph.node import Node
from symdiff.ops.builder import Builder
from symdiff.ops.control import logical_not, where
from symdiff.ops.indexing import index, put
from symdiff.optimize.guard import demands_of
from symdiff.optimize.rebuild import Rebuilder, rebuild

Facts = Mapping[int, bool]  # by the position of a condition, whether it holds


def join_writes(graph: Graph) -> Graph:
    """The graph, and those in it, in which such writes are one."""
    if where.name not in graph.by_op or put.name not in graph.by_op:
        return with_nested(graph, join_writes)
    graph = with_nested(graph, join_writes)
    while True:
        pair = next(filter(None, map(partial(_pair, graph), reversed(graph.by_op[put.name]))), None)
        if pair is None:
            return graph
        graph = pair.joined()


@dataclass(frozen=True, slots=True)
class _Leaf:
    """What is written in one way of all branches.

    Attributes:
        value: the line that is written; `None` where nothing is.
        places: the lines that say where.
    """

    value: int | None
    places: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Fork:
    """What is written where a condition holds, and where it fails."""

    condition: int
    yes: _Tree
    no: _Tree


_Tree = _Leaf | _Fork


@dataclass(frozen=True, slots=True)
class _Pair:
    """Two writes that are one.

    Attributes:
        graph: their lines.
        first: the position of the first.
        second: that of the second.
        tree: what the one writes.
        reads: the lines that read the array between the two, where the first has written nothing.
    """

    graph: Graph
    first: int
    second: int
    tree: _Tree
    reads: Sequence[int]

    def joined(self) -> Graph:
        """The graph with one write."""
        written = self.graph[self.second].args[1]
        return rebuild(self.graph, self._replace, changed={self.second, written, *self.reads})

    def _replace(self, rebuilder: Rebuilder, node: Node, position: int) -> int:
        builder, moved = rebuilder.builder, rebuilder.moved
        array = moved[self.graph[self.first].args[0]]
        if position in self.reads:
            return builder.make(node.op, (array, *node.args[1:]), node.params)
        params, count = self.graph[self.second].params, len(self.graph[self.second].args) - 2

        def place(number: int, leaf: _Leaf) -> int:
            return moved[leaf.places[number]]

        places = tuple(
            [_chosen(builder, moved, self.tree, partial(place, number)) for number in range(count)]
        )

        def written(leaf: _Leaf) -> int:
            if leaf.value is not None:
                return moved[leaf.value]
            return builder.make(index.name, (array, *places), params)

        value = _chosen(builder, moved, self.tree, written)
        if position != self.second:  # what is written, which others may read
            return value
        return builder.make(put.name, (array, value, *places), params)


def _places(tree: _Tree) -> set[tuple[int, ...]]:
    """Where something is written, in some way."""
    if isinstance(tree, _Leaf):
        return {tree.places}
    return _places(tree.yes) | _places(tree.no)


def _chosen(
    builder: Builder, moved: Sequence[int], tree: _Tree, line: Callable[[_Leaf], int]
) -> int:
    """What conditions choose among the lines that leaves stand for."""
    if isinstance(tree, _Leaf):
        return line(tree)
    yes = _chosen(builder, moved, tree.yes, line)
    no = _chosen(builder, moved, tree.no, line)
    if yes == no:
        return yes
    return builder.make(where.name, (moved[tree.condition], yes, no))


def _pair(graph: Graph, second: int) -> _Pair | None:
    """A write with the one that it follows, where no way takes both."""
    first = graph[second].args[0]
    one, other = graph[first], graph[second]
    if one.op != put.name or one.params != other.params or first in graph.outputs:
        return None
    ways = _Ways(graph, first, second)
    tree = ways.tree({})
    if tree is None:
        return None
    between = sorted(_users(graph, first) - {second})
    if any(graph[at].op != index.name or at > second or at in graph.outputs for at in between):
        return None
    choices = ways.choices()
    others = [at for at in choices if at in graph.outputs or _users(graph, at) - choices - {second}]
    if others and (others != [other.args[1]] or len(_places(tree)) > 1):
        return None
    # what is there already is read by the choice of what is written too, which is made anew
    old = [at for at in between if ways.is_old(at, second)]
    reading = [user for at in old for user in _users(graph, at) if user not in choices]
    demands = demands_of(graph) if reading or len(old) < len(between) else []
    for at in (*reading, *[at for at in between if at not in old]):
        demand = demands[at]
        if demand is None or not ways.is_old(ways.along(one.args[1], dict(demand)), first):
            return None
    return _Pair(graph, first, second, tree, between)


def _users(graph: Graph, position: int) -> set[int]:
    return {at for at in range(position + 1, len(graph)) if position in graph[at].args}


class _Ways:
    """What two writes do in the ways of branches."""

    def __init__(self, graph: Graph, first: int, second: int) -> None:
        self._graph, self._first, self._second = graph, first, second

    def is_old(self, position: int, write: int) -> bool:
        """Whether a line is what is there already, where a write goes."""
        node = self._graph[write]
        array, _, *places = node.args
        line = self._graph[position]
        return line.op == index.name and (line.args, line.params) == ((array, *places), node.params)

    def choices(self) -> set[int]:
        """The choices between what the second write writes."""
        found: set[int] = set()
        pending = [self._graph[self._second].args[1]]
        while pending:
            at = pending.pop()
            if self._graph[at].op == where.name and at not in found:
                found.add(at)
                pending += self._graph[at].args[1:]
        return found

    def along(self, position: int, facts: Facts) -> int:
        """What choices come to where some conditions are known to hold or to fail."""
        node = self._graph[position]
        while node.op == where.name:
            condition, holds = self._condition(node)
            if condition not in facts:
                break
            position = node.args[1 if facts[condition] is holds else 2]
            node = self._graph[position]
        return position

    def _condition(self, node: Node) -> tuple[int, bool]:
        """The condition of a choice without its negations, and whether it is to hold."""
        condition, holds = node.args[0], True
        while self._graph[condition].op == logical_not.name:
            (condition,), holds = self._graph[condition].args, not holds
        return condition, holds

    def tree(self, facts: Facts) -> _Tree | None:
        """What the two write together; `None` where a way takes both."""
        graph = self._graph
        values = [self.along(graph[at].args[1], facts) for at in (self._first, self._second)]
        writes = (self._first, self._second)
        for value, write in zip(values, writes, strict=True):
            if graph[value].op == where.name and self._holds_old(value, write):
                condition, _ = self._condition(graph[value])
                yes = self.tree({**facts, condition: True})
                no = self.tree({**facts, condition: False}) if yes is not None else None
                return None if yes is None or no is None else _Fork(condition, yes, no)
        is_old = [self.is_old(*both) for both in zip(values, writes, strict=True)]
        if not any(is_old):
            return None
        value, write = (values[0], writes[0]) if is_old[1] else (values[1], writes[1])
        places = tuple([self.along(at, facts) for at in graph[write].args[2:]])
        return _Leaf(None if all(is_old) else value, places)

    def _holds_old(self, position: int, write: int) -> bool:
        """Whether choices may come to what is there already."""
        node = self._graph[position]
        if node.op != where.name:
            return self.is_old(position, write)
        return any(self._holds_old(at, write) for at in node.args[1:])
