"""Idioms: words that a dialect has for what the graph says in several lines.

`where(columns <= rows, x, 0)` is `np.tril(x)`. All passes are done by now: a line is exchanged for
another one that computes the same, and what it alone has read is left out.
"""

from __future__ import annotations

from dataclasses import replace

from symdiff.emit.spell.base import Spellings
from symdiff.graph.graph import Graph
from symdiff.graph.nested import pruned, with_nested
from symdiff.graph.node import CONSTANT, Node
from symdiff.ops.builder import Builder
from symdiff.ops.control import where
from symdiff.ops.creation import arange_
from symdiff.ops.indexing import index, put
from symdiff.ops.rules import EXACT
from symdiff.ops.triangles import (
    diagonal,
    diagonal_matrix,
    is_diagonal,
    offset_of,
    tril,
    triu,
)

_REPEATED = (CONSTANT, "broadcast")  # nothing of their kind is an array yet


def with_idioms(graph: Graph, table: Spellings) -> Graph:
    """The graph with the words that a table has, in the graphs of its lines too."""
    if not table.can_write(tril.name):
        return graph
    return _with_words(with_nested(graph, _with_words))


def _with_words(graph: Graph) -> Graph:
    by_op = graph.by_op
    if arange_.name not in by_op:
        return graph
    builder, nodes = Builder(EXACT, graph), list(graph.nodes)
    for op, said in _WORDS.items():
        for position in by_op.get(op, ()):
            found = said(builder, nodes[position])
            if found is not None:
                nodes[position] = found
    return pruned(replace(graph, nodes=nodes))


def _triangle(b: Builder, node: Node) -> Node | None:
    """A choice between a matrix and zeros by the place."""
    condition, x, y = node.args
    offset = offset_of(b, condition)
    if offset is None:
        return None
    kept, rest = (y, x) if _is_zero(b, x) else (x, y)
    if not _is_zero(b, rest) or b.nodes[kept].op in _REPEATED:
        return None
    word, offset = (tril, offset) if kept == x else (triu, offset + 1)
    return node._replace(op=word.name, args=(kept,), params=(offset,))


def _is_zero(b: Builder, position: int) -> bool:
    return str(b.constants.get(position)) == "0.0"


def _diagonal(b: Builder, node: Node) -> Node | None:
    x, *places = node.args
    if not is_diagonal(b, tuple(places), node.params[0], b.nodes[x].shape):
        return None
    return node._replace(op=diagonal.name, args=(x,), params=())


def _diagonal_matrix(b: Builder, node: Node) -> Node | None:
    base, v, *places = node.args
    is_whole = is_diagonal(b, tuple(places), node.params[0], node.shape)
    if not is_whole or not _is_zero(b, base) or b.nodes[v].op in _REPEATED:
        return None
    return node._replace(op=diagonal_matrix.name, args=(v,), params=())


_WORDS = {where.name: _triangle, index.name: _diagonal, put.name: _diagonal_matrix}
