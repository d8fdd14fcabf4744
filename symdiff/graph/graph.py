"""The Wengert list: plain data that every room reads and no room changes."""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from itertools import chain, compress, count
from operator import itemgetter, ne

from symdiff.errors import Span
from symdiff.graph.node import CONSTANT, INPUT, Node, new_node

_positions = partial(array, "i")  # or counts, as kept with a graph: in less memory than a list
# parts of each line, without a step of Python's a line
_OP, _ARGS, _PARAMS, _SHAPE, _DTYPE = map(itemgetter, range(5))


@dataclass(frozen=True, eq=False)
class Graph:
    """Lines in order, every line after its arguments, equal lines shared.

    Attributes:
        nodes: the lines. They are not changed once the graph is made.
        inputs: positions of the arguments, in the function's order.
        outputs: positions of the results.
        output_names: a name for each result.
        primal: how many of the leading outputs are values as the user wrote them: their
            lines keep the user's order of operations through every pass.
        spans: by position, the place in the source that the line came from.
        hints: by position, the name that the user gave the line.
        derived: by position, the name that the derivation gave the line: `x_bar`, `x_dot`.
    """

    nodes: list[Node]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    output_names: tuple[str, ...]
    primal: int = 0
    spans: Mapping[int, Span] = field(default_factory=dict)
    hints: Mapping[int, str] = field(default_factory=dict)
    derived: Mapping[int, str] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.nodes)

    def __getitem__(self, position: int) -> Node:
        return self.nodes[position]

    def __iter__(self) -> Iterator[Node]:
        return iter(self.nodes)

    @property
    def input_names(self) -> tuple[str, ...]:
        """The names of the arguments, in the function's order."""
        return tuple(self.nodes[position].params[0] for position in self.inputs)

    @property
    def named_inputs(self) -> dict[str, Node]:
        """The arguments' lines by name, in the function's order."""
        return {self.nodes[position].params[0]: self.nodes[position] for position in self.inputs}

    def name_of(self, position: int, otherwise: str) -> str:
        """The name of a line, the user's before the derivation's."""
        return self.hints.get(position) or self.derived.get(position, otherwise)

    @property
    def ops(self) -> int:
        """How many operations one evaluation takes: the lines that compute something.

        The body of a loop, and its test, count for each step, or once where their number is not
        known yet.
        """
        count = 0
        for node in self.nodes:
            inner = [param.graph for param in node.params if hasattr(param, "graph")]
            if inner and hasattr(node.params[0], "graph"):
                steps = node.params[1]
                once = sum([graph.ops for graph in inner])
                count += once * (steps if isinstance(steps, int) else 1)
            elif node.op not in (INPUT, CONSTANT):
                count += 1
        return count

    @cached_property
    def by_op(self) -> Mapping[str, Sequence[int]]:
        """By operation, the positions of its lines, in order."""
        found: dict[str, array[int]] = defaultdict(_positions)
        for position, op in enumerate(map(_OP, self.nodes)):
            found[op].append(position)
        return dict(found)

    @cached_property
    def told(self) -> Sequence[int]:
        """The positions of the operations that have parameters, in order: few."""
        nodes = self.nodes
        have = compress(range(len(nodes)), map(_PARAMS, nodes))
        return [at for at in have if nodes[at][0] not in (CONSTANT, INPUT)]

    @cached_property
    def has_arrays(self) -> bool:
        """Whether a line is an array."""
        return any(map(_SHAPE, self.nodes))

    @cached_property
    def dtypes(self) -> frozenset[str]:
        """The kinds of its lines."""
        return frozenset(map(_DTYPE, self.nodes))

    def ancestors(self, roots: Iterable[int], order: Sequence[int] | None = None) -> bytearray:
        """By position, 1 where a line is a root or needed by one.

        Args:
            roots: positions.
            order: positions, each line after its arguments; by default the order of the list.
        """
        needed, nodes = bytearray(len(self.nodes)), self.nodes
        for root in roots:
            needed[root] = 1
        for position in reversed(range(needed.rfind(1) + 1) if order is None else order):
            if needed[position]:
                for argument in nodes[position][1]:
                    needed[argument] = 1
        return needed

    def uses(self) -> list[int]:
        """By position, how often a line is an argument or an output."""
        return list(self._uses)

    @cached_property
    def _uses(self) -> array[int]:
        counts = [0] * len(self.nodes)
        for argument in chain.from_iterable(map(_ARGS, self.nodes)):
            counts[argument] += 1
        for output in self.outputs:
            counts[output] += 1
        return _positions(counts)

    def unused(self) -> list[int]:
        """The positions of the lines that no line and no output needs, without inputs."""
        inputs = set(self.inputs)
        return [at for at in positions_of(0, self._uses) if at not in inputs]

    def descendants(self, roots: Iterable[int]) -> bytearray:
        """By position, 1 where a line is a root or is made of one."""
        found = bytearray(len(self.nodes))
        for root in roots:
            found[root] = 1
        for at, node in enumerate(self.nodes):
            if node.args and any([found[argument] for argument in node.args]):
                found[at] = 1
        return found

    def written(self) -> bytearray:
        """By position, 1 where a line computes a value as the user wrote it."""
        return bytearray(self._written)

    @cached_property
    def _written(self) -> bytes:
        return bytes(self.ancestors(self.outputs[: self.primal]))

    def keep(
        self,
        needed: bytearray,
        order: Sequence[int] | None = None,
        uses: Sequence[int] | None = None,
    ) -> Graph:
        """The lines marked 1 and all inputs, renumbered.

        Args:
            needed: by position.
            order: positions, each line after its arguments; by default the order of the list.
            uses: by position, how often what is kept uses a line, where that is known.
        """
        for position in self.inputs:
            needed[position] = 1
        if order is None and all(needed):
            return self
        old, places = self.nodes, range(len(self.nodes)) if order is None else order
        moves = next(compress(count(), map(ne, places, count())), len(places))
        goes = needed.find(0)
        same = (
            moves if goes < 0 else min(moves, goes)
        )  # lines at the start that stay where they are
        nodes, moved = old[:same], [*range(same), *[0] * (len(old) - same)]
        kept = [position for position in places[same:] if needed[position]]
        for place, position in enumerate(kept, start=same):
            moved[position] = place
        append = nodes.append
        for op, args, params, shape, dtype in map(old.__getitem__, kept):
            if len(args) == 2:  # most of them
                first, second = args
                args = moved[first], moved[second]
            elif len(args) == 1:
                args = (moved[args[0]],)
            elif args:
                args = tuple([moved[argument] for argument in args])
            append(new_node(Node, (op, args, params, shape, dtype)))
        made = Graph(
            nodes,
            tuple([moved[position] for position in self.inputs]),
            tuple([moved[position] for position in self.outputs]),
            self.output_names,
            self.primal,
            {moved[p]: span for p, span in self.spans.items() if needed[p]},
            {moved[p]: hint for p, hint in self.hints.items() if needed[p]},
            {moved[p]: name for p, name in self.derived.items() if needed[p]},
        )
        if uses is not None:  # so that they need not be counted again
            vars(made)["_uses"] = _positions([*uses[:same], *map(uses.__getitem__, kept)])
        return made

    def select(self, outputs: Iterable[int]) -> Graph:
        """The same lines with only these of the outputs, given by their index."""
        chosen = tuple(outputs)
        return replace(
            self,
            outputs=tuple(self.outputs[index] for index in chosen),
            output_names=tuple(self.output_names[index] for index in chosen),
            primal=sum(index < self.primal for index in chosen),
        )


def positions_of(number: int, numbers: Sequence[int]) -> list[int]:
    """Where a number stands among others, of which few are this one."""
    found: list[int] = []
    try:
        while True:
            found.append(numbers.index(number, found[-1] + 1 if found else 0))
    except ValueError:
        return found
