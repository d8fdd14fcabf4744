"""Named dimensions in the text of a program: those that it reads, and names of their own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from symdiff.emit.dialect import Dialect
from symdiff.emit.names import Names
from symdiff.graph.graph import Graph
from symdiff.graph.nested import found_length, found_lengths, with_lengths, with_nested
from symdiff.graph.shape import Dim, renamed
from symdiff.schedule.program import (
    Block,
    Expr,
    For,
    Number,
    Op,
    bounds,
    every_part,
    statements,
)


def with_own_lengths(graph: Graph, names: Names) -> Graph:
    """The graph with names that nothing else has for the lengths that its loops find out."""
    if not found_lengths(graph):
        return graph
    return _renamed(graph, names, (), {})


def _renamed(graph: Graph, names: Names, around: Sequence[str], inside: dict[str, str]) -> Graph:
    """The same, of a graph in others.

    Args:
        graph: the lines.
        names: where names come from.
        around: those of the loops around it.
        inside: what lengths of loops in other ones are called; loops that do not see each other
            may share a name.
    """
    found: dict[str, str] = {}
    for name in filter(None, map(found_length, graph.nodes)):
        if name in found:
            continue
        own = inside.get(name, "")
        if not around or not own or own in around:
            own = names.fresh(name.strip("_") or name)
        found[name] = own
        if around:
            inside[name] = own
    chain = (*around, *found.values(), "")
    graph = with_nested(graph, lambda inner: _renamed(inner, names, chain, inside))
    return with_lengths(graph, lambda length: renamed(length, found))


def lengths_read(block: Block, dialect: Dialect) -> set[str]:
    """The names of the dimensions that statements need where a dialect prints them."""
    found: set[str] = set()
    for statement in statements(block):
        if isinstance(statement, For):
            for length in bounds(statement):
                found |= _names(length)
    for part in every_part(block):
        for length in _written(part, dialect):
            found |= _names(length)
    return found


def _written(part: Expr, dialect: Dialect) -> Iterable[Any]:
    """What may be a dimension in the text of an expression, without its arguments."""
    if isinstance(part, Number):
        return part.shape
    if not isinstance(part, Op):
        return ()
    lengths = dialect.spell(part.name).lengths
    if lengths is None:
        return _flat(part.params)
    return lengths([argument.shape for argument in part.args], *part.params)


def _flat(params: Iterable[Any]) -> Iterator[Any]:
    for param in params:
        if isinstance(param, tuple):
            yield from _flat(param)
        else:
            yield param


def _names(length: Any) -> frozenset[str]:  # a parameter, of any type
    return length.names if isinstance(length, Dim) else frozenset()
