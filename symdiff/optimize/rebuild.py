"""The loop under every pass that replaces lines."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from symdiff.graph.graph import Graph
from symdiff.graph.node import CONSTANT, INPUT, Node, constant_value
from symdiff.ops.builder import Builder
from symdiff.ops.identities import ALGEBRAIC, EXACT

# (rebuilder, line with its arguments at their new positions, its old position) -> new position
Replace = Callable[["Rebuilder", Node, int], int | None]


class Rebuilder:
    """Copies a graph line by line; exact identities for the value as written, all for the rest.

    Attributes:
        builder: holds the new lines.
        moved: by old position, the new one.
    """

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.builder = Builder(EXACT)
        self.moved: list[int] = [-1] * len(graph)
        self._written = graph.written()

    def copy(self, position: int, replace: Replace) -> None:
        """Append what stands for one line. Its arguments have been copied before."""
        graph, builder, moved = self.graph, self.builder, self.moved
        node = graph.nodes[position]
        builder.span = graph.spans.get(position)
        if node.op == INPUT:
            new = builder.input(node.params[0], node.shape)
        elif node.op == CONSTANT:
            new = builder.constant(constant_value(node))
        else:
            builder.rules = EXACT if self._written[position] else ALGEBRAIC
            args = tuple([moved[argument] for argument in node.args])
            here = node if args == node.args else node._replace(args=args)
            found = replace(self, here, position)
            new = builder.make(node.op, args, node.params) if found is None else found
        moved[position] = new
        hint = graph.hints.get(position)
        if hint is not None:
            builder.hints.setdefault(new, hint)

    def finish(self) -> Graph:
        """The new graph, without lines that no output needs."""
        graph, moved = self.graph, self.moved
        whole = self.builder.graph(
            [moved[position] for position in graph.inputs],
            [moved[position] for position in graph.outputs],
            graph.output_names,
            graph.primal,
        )
        return whole.keep(whole.ancestors(whole.outputs))


def rebuild(graph: Graph, replace: Replace, order: Iterable[int] | None = None) -> Graph:
    """A copy in which `replace` may put another line in the place of each.

    Args:
        graph: is left as it is.
        replace: gets the rebuilder, a line and its old position; `None` keeps the line.
        order: positions, every line after what it needs; by default the order of the list.
    """
    rebuilder = Rebuilder(graph)
    for position in range(len(graph)) if order is None else order:
        rebuilder.copy(position, replace)
    return rebuilder.finish()
