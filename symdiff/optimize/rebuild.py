"""The loop under every pass that replaces lines."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from symdiff.graph.graph import Graph
from symdiff.graph.nested import pruned
from symdiff.graph.node import CONSTANT, INPUT, Node, constant_value
from symdiff.ops.builder import Builder, new_node
from symdiff.ops.rules import ALGEBRAIC, EXACT

# (rebuilder, line with its arguments at their new positions, its old position) -> new position
Replace = Callable[["Rebuilder", Node, int], int | None]


_SMALL = 20_000
_LINES_A_CHANGE = 200


def is_worth_a_copy(graph: Graph, changes: int) -> bool:
    """Whether a pass should rebuild: of a large graph only where it changes one line in 200."""
    return changes > 0 and (len(graph) <= _SMALL or changes * _LINES_A_CHANGE >= len(graph))


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
        # by old position, 1 where another line stands for it or for one that it needs: the
        # identities have seen all others, and these are copied as they are
        self._renewed = bytearray(len(graph))

    def copy(self, order: Iterable[int], replace: Replace) -> None:
        """Append what stands for each line. Its arguments have been copied before."""
        graph, builder, moved, renewed = self.graph, self.builder, self.moved, self._renewed
        nodes, spans, append = graph.nodes, graph.spans, builder.append
        hints, derived = graph.hints, graph.derived
        for position in order:
            node = nodes[position]
            op, old_args, params, shape, dtype = node
            builder.span = spans.get(position)
            if op == INPUT:
                new = append(node)
            elif op == CONSTANT:
                new = append(node)
                builder.constants[new] = constant_value(node)
            else:
                args = tuple([moved[argument] for argument in old_args])
                here = (
                    node if args == old_args else new_node(Node, (op, args, params, shape, dtype))
                )
                builder.rules = EXACT if self._written[position] else ALGEBRAIC
                found = replace(self, here, position)
                if found is None and any([renewed[argument] for argument in old_args]):
                    found = builder.make(op, args, params)
                if found is None:
                    new = append(here)
                else:
                    renewed[position] = 1
                    new = found
            moved[position] = new
            if position in hints or position in derived:
                builder.name_as(new, graph, position)

    def finish(self, outputs: Sequence[int] = ()) -> Graph:
        """The new graph, without lines that no output needs.

        Args:
            outputs: new positions of the results, where they are not those of the old ones.
        """
        graph, moved = self.graph, self.moved
        whole = self.builder.graph(
            [moved[position] for position in graph.inputs],
            outputs or [moved[position] for position in graph.outputs],
            graph.output_names,
            graph.primal,
        )
        return pruned(whole)


def rebuild(graph: Graph, replace: Replace, order: Iterable[int] | None = None) -> Graph:
    """A copy in which `replace` may put another line in the place of each.

    Args:
        graph: is left as it is.
        replace: gets the rebuilder, a line and its old position; `None` keeps the line.
        order: positions, every line after what it needs; by default the order of the list.
    """
    rebuilder = Rebuilder(graph)
    rebuilder.copy(range(len(graph)) if order is None else order, replace)
    return rebuilder.finish()
