"""The loop under every pass that replaces lines.

A line that is replaced is forwarded to the one that stands for it. Only lines that read one are
made anew; all others stay where they are until the end, when the needed ones are numbered.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Collection, Sequence
from itertools import chain
from operator import itemgetter

from symdiff.graph.graph import Graph, positions_of
from symdiff.graph.nested import finding_lengths, needed_by
from symdiff.graph.node import CONSTANT, INPUT, Node, new_node
from symdiff.ops.builder import Builder, Key
from symdiff.ops.rules import ALGEBRAIC, EXACT

# (rebuilder, line with the arguments that it has now, its position) -> what stands for it
Replace = Callable[["Rebuilder", Node, int], int | None]


# what has become of a line of the graph: it stays; an equal one stands for it; the identities have
# to see what reads it
SAME, MOVED, CHANGED = 0, 1, 2

_CHUNK = 32  # lines that are kept at once where nothing in them or before them has changed
_ARGS = itemgetter(1)


class Lines(Builder):
    """The lines of a graph where they are, and new ones behind them.

    What is made is compared with new lines and with those that the pass has come to. An equal one
    that is still to come is noted: the new line stands for it.

    Attributes:
        place: by position, where a line stands in the order; -1 before it is come to.
        early: by the position of a line that was to come, the new one that stands for it.
    """

    def __init__(self, graph: Graph) -> None:
        super().__init__(EXACT, graph)
        self.place = array("i", [-1]) * len(graph)
        self.early: dict[int, int] = {}
        self._find = self._finder(len(graph))

    def _finder(self, count: int) -> Callable[[Key], int | None]:
        """What finds a new line, or one that the pass has come to.

        It does not hold the lines themselves: a cycle would keep them until all passes are done.
        """
        find, place, early, nodes = self._index.get, self.place, self.early, self.nodes

        def passed(key: Key) -> int | None:
            found = find(key)
            if found is None or found >= count or place[found] >= 0:
                return found
            early.setdefault(found, len(nodes))
            return None

        return passed

    def passed(self, node: Node) -> int | None:
        """An equal line that the pass has come to: it is shared before the identities are asked."""
        found = self._index.get(node)
        is_there = found is not None and (found >= len(self.place) or self.place[found] >= 0)
        return found if is_there else None

    def close(self) -> None:
        """Forget which lines there are: none is made any more."""
        self._index.clear()

    def settle(self, position: int) -> None:
        """Put the line that was made last in the place of one of the graph, which goes."""
        old, last = self.nodes[position], len(self.nodes) - 1
        if self._index.get(old) == position:
            del self._index[old]
        node = self.nodes[position] = self.nodes.pop()
        self._index[node] = position
        self.spans.pop(last, None)
        for coming in reversed(self.early):
            if self.early[coming] != last:
                break
            self.early[coming] = position
        self.early.pop(position, None)


class Rebuilder:
    """Changes lines of a graph; exact identities for the value as written, all for the rest.

    Attributes:
        builder: the lines.
        moved: by position, the line that stands for a line of the graph.
        order: the positions of the lines so far, each after its arguments.
    """

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.builder = Lines(graph)
        self.moved = array("i", range(len(graph)))
        self.order = array("i")
        self._written = graph.written()
        self._state: dict[int, int] = {}  # by position, what has become of a line if not SAME
        self._renewed: list[int] = []  # positions at which another line stands now
        self._cascades = False  # whether the identities see all that follows a change
        self._end = len(graph)  # lines from here on are new, and not in the order yet

    def copy(
        self, order: Sequence[int], replace: Replace, changed: Collection[int] | None = None
    ) -> None:
        """Go through the lines, once.

        Args:
            order: positions, each after those of its arguments.
            replace: says what stands for a line; `None` keeps it.
            changed: the positions that it is asked for; by default all.
        """
        lines, place = self.order, self.builder.place
        self._cascades = changed is None
        asked = bytearray([changed is None]) * len(self.graph)
        for position in changed or ():
            asked[position] = 1
        if changed and isinstance(order, range):  # the list's own: what comes before stays
            first = min(changed)
            lines.extend(order[:first])
            place[:first] = lines
            order = order[first:]
        for start in range(0, len(order), _CHUNK):
            chunk = order[start : start + _CHUNK]
            if not isinstance(chunk, range) or not self._keep(chunk, asked):
                self._each(chunk, asked, replace)

    def _keep(self, chunk: range, asked: bytearray) -> bool:
        """Keep lines as they are; false where one is asked for, or reads what has changed."""
        nodes, lines, place = self.graph.nodes, self.order, self.builder.place
        first, end = chunk.start, chunk.stop
        if asked.find(1, first, end) >= 0:
            return False
        if not self._state.keys().isdisjoint(chain.from_iterable(map(_ARGS, nodes[first:end]))):
            return False
        if not self.builder.early.keys().isdisjoint(chunk):
            return False
        place[first:end] = array("i", range(len(lines), len(lines) + len(chunk)))
        lines.extend(chunk)
        return True

    def _each(self, chunk: Sequence[int], asked: bytearray, replace: Replace) -> None:
        """Go through lines one by one."""
        nodes, state = self.graph.nodes, self._state
        early, lines, place = self.builder.early, self.order, self.builder.place
        for position in chunk:
            for argument in nodes[position][1]:
                if argument in state:
                    found = self._renew(position, replace if asked[position] else None)
                    break
            else:
                found = None
                if asked[position]:
                    found = self._ask(position, nodes[position], replace)
                    if not self._cascades and self._is_itself(position, found):
                        self._settle(position)
                        found = None
            if found is not None:
                self._forward(position, found, CHANGED)
            elif early and position in early:
                self._forward(position, early[position], MOVED)
            else:
                place[position] = len(lines)
                lines.append(position)

    def _settle(self, position: int) -> None:
        """Put the line that was made last in the place of one of the graph."""
        self.builder.settle(position)
        self._renewed.append(position)

    def _is_itself(self, position: int, found: int | None) -> bool:
        """Whether one new line was found: the line itself with its arguments turned."""
        builder = self.builder
        return found == self._end == len(builder.nodes) - 1 == builder.early.get(position)

    def _ask(self, position: int, node: Node, replace: Replace | None) -> int | None:
        """What a pass puts in the place of a line."""
        if node[0] in (INPUT, CONSTANT):
            return None
        builder = self.builder
        builder.span = self.graph.spans.get(position)
        builder.rules = EXACT if self._written[position] else ALGEBRAIC
        return None if replace is None else replace(self, node, position)

    def _renew(self, position: int, replace: Replace | None) -> int | None:
        """What stands for a line some of whose arguments are others; `None` for itself."""
        builder, moved, state = self.builder, self.moved, self._state
        node = self.graph.nodes[position]
        op, old_args, params, shape, dtype = node
        args = tuple([moved[argument] for argument in old_args])
        here = node if args == old_args else new_node(Node, (op, args, params, shape, dtype))
        found = self._ask(position, here, replace)
        if found is not None:
            return found
        end = len(builder.nodes)
        is_seen = CHANGED in [state.get(argument, SAME) for argument in old_args]
        found = builder.passed(here)
        if found is None:
            found = builder.make(op, args, params) if is_seen else builder.append(here)
        if found == end == len(builder.nodes) - 1 and builder.nodes[found][:3] == here[:3]:
            self._settle(position)  # nothing else: it stays where it is
            if is_seen and (self._cascades or here is not node):
                state[position] = CHANGED
            return None
        if is_seen:
            return found
        builder.early[position] = found
        return None

    def _forward(self, position: int, found: int, state: int) -> None:
        """Let a line stand for one of the graph."""
        builder, order, end = self.builder, self.order, len(self.builder.nodes)
        builder.place.extend(range(len(order), len(order) + end - self._end))
        order.extend(range(self._end, end))
        self._end = end
        if found == position:
            builder.place[position] = len(order)
            order.append(position)
            return
        self.moved[position] = found
        self._state[position] = state
        builder.name_as(found, self.graph, position)

    def finish(self, outputs: Sequence[int] = (), names: Sequence[str] = ()) -> Graph:
        """The new graph, without lines that no output needs; the last that is asked for.

        Args:
            outputs: positions of the results now, where they are not those of the graph.
            names: theirs, likewise.
        """
        graph, builder, moved, order = self.graph, self.builder, self.moved, self.order
        order.extend(range(self._end, len(builder.nodes)))
        builder.close()  # before there are as many lines again
        whole = Graph(  # not copied: `keep` makes another one
            builder.nodes,
            tuple([moved[position] for position in graph.inputs]),
            tuple(outputs or [moved[position] for position in graph.outputs]),
            tuple(names or graph.output_names),
            graph.primal,
            builder.spans,
            builder.hints,
            builder.derived,
        )
        if finding_lengths(whole, order):  # a line may be needed that none reads
            return whole.keep(needed_by(whole, whole.outputs, order), order)
        uses = self._uses(whole)
        return whole.keep(self._needed(whole, uses), order, uses)

    def _uses(self, whole: Graph) -> list[int]:
        """By position, how often what is in the order, or an output, needs a line."""
        graph, nodes, count = self.graph, whole.nodes, len(self.graph)
        uses = graph.uses()
        uses += [0] * (len(nodes) - count)
        left_out = positions_of(-1, self.builder.place)
        for position in chain(self._renewed, left_out):
            for argument in graph.nodes[position][1]:
                uses[argument] -= 1
        for position in chain(self._renewed, range(count, len(nodes))):
            for argument in nodes[position][1]:
                uses[argument] += 1
        for output in graph.outputs:
            uses[output] -= 1
        for output in whole.outputs:
            uses[output] += 1
        return uses

    def _needed(self, whole: Graph, uses: list[int]) -> bytearray:
        """By position, 1 where an output needs a line; what others used is used less."""
        nodes, needed = whole.nodes, bytearray(b"\x01") * len(whole)
        left_out = positions_of(-1, self.builder.place)
        for position in left_out:
            needed[position] = 0
        inputs, pending = set(whole.inputs), positions_of(0, uses)
        while pending:
            position = pending.pop()
            if needed[position] and position not in inputs:
                needed[position] = 0
                for argument in nodes[position][1]:
                    uses[argument] -= 1
                    if not uses[argument]:
                        pending.append(argument)
        return needed


def rebuild(
    graph: Graph,
    replace: Replace,
    order: Sequence[int] | None = None,
    changed: Collection[int] | None = None,
) -> Graph:
    """A graph in which `replace` may put another line in the place of each.

    Args:
        graph: is left as it is.
        replace: gets the rebuilder, a line and its position; `None` keeps the line.
        order: positions, every line after what it needs; by default the order of the list.
        changed: the positions that it is asked for; by default all.
    """
    rebuilder = Rebuilder(graph)
    rebuilder.copy(range(len(graph)) if order is None else order, replace, changed)
    return rebuilder.finish()
