"""Branches: which lines only one way of a decision needs, and which decisions are known there.

A graph has both ways of a branch and a selection between them. Where the condition is one truth, a
line that only the one way needs can stand inside of it, so that it is not computed for the other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from symdiff.graph.graph import Graph
from symdiff.graph.nested import found_length, lengths_of
from symdiff.graph.node import BOOL, CONSTANT, EXTENT, Node
from symdiff.graph.shape import SCALAR
from symdiff.ops.checks import check
from symdiff.ops.control import where
from symdiff.ops.loops import Layout
from symdiff.ops.operation import Loop
from symdiff.ops.reduction import broadcast
from symdiff.ops.registry import OPERATIONS
from symdiff.schedule.disjoint import with_joined_terms
from symdiff.schedule.effects import Effects, Newest
from symdiff.schedule.memory import SecondNames
from symdiff.schedule.places import NOWHERE, ROOT, Logic, Places, Truth
from symdiff.schedule.program import CHOICE
from symdiff.schedule.turns import in_turn
from symdiff.schedule.writes import InPlace, Readers

_OFTEN = 2  # more often is no more


@dataclass(frozen=True, slots=True)
class Branches:
    """A graph whose selections on one truth are choices, and the place of every line.

    Attributes:
        graph: the lines, without those that no way needs; a choice has its two values as arguments.
        places: the tree of places.
        place: by position, the innermost place around all that needs the line.
        ways: by choice, the place that each of its two values is chosen in.
        raising: by check, whether it raises where its condition holds or where it fails.
        asked: by condition, how often it decides; not more than twice is counted as that.
        counting: by line, the loops and extents that find how long what it reads is.
    """

    graph: Graph
    places: Places
    place: list[int]
    ways: dict[int, tuple[int, int]]
    raising: dict[int, bool]
    asked: dict[int, int]
    counting: dict[int, list[int]]

    @property
    def has_work(self) -> bool:
        """Whether a line that computes a number stands in one way alone."""
        pairs = zip(self.place, self.graph.nodes, strict=True)
        return any(
            place != ROOT and node.args and node.op != CHOICE and node.dtype != BOOL
            for place, node in pairs
        )

    def chosen_inside(self, is_there: Callable[[int, int], bool]) -> dict[int, int]:
        """By line, the choice whose value it is, where it stands in the very way that chooses it.

        Args:
            is_there: whether what a choice takes from outside is under its name before the branch.
        """
        found: dict[int, int] = {}
        for choice, ways in self.ways.items():
            if all(is_there(choice, value) for value in self.outside(choice)):
                for value, way in zip(self.graph.nodes[choice].args, ways, strict=True):
                    if self.place[value] == way != self.place[choice]:
                        found.setdefault(value, choice)
        return found

    def outside(self, choice: int) -> list[int]:
        """The value that stands before a branch which may choose another one, if there is one."""
        pairs = zip(self.graph.nodes[choice].args, self.ways[choice], strict=True)
        return [value for value, way in pairs if way == self.place[choice]]


def branches_of(
    graph: Graph, deepest: int, in_place: InPlace, *, of_arrays: bool
) -> Branches | None:
    """The branches of a graph; `None` where nothing is selected on one truth.

    Linear in the number of lines.

    Args:
        graph: the lines; every one is needed by an output.
        deepest: how many branches may be around a line; further in, both ways are computed.
        in_place: whether the target can change the first argument of an operation in place.
        of_arrays: whether an array may be chosen too, which is then under two names.
    """
    conditions = _conditions(graph, in_place, of_arrays=of_arrays)
    if not conditions:
        return None
    graph = in_turn(with_joined_terms(graph, conditions))
    conditions = _conditions(graph, in_place, of_arrays=of_arrays)
    effects = Effects.of(Readers(graph, range(len(graph)), in_place), in_place)
    logic = Logic(graph.nodes)
    _keep_whole(graph, conditions, logic)
    places = Places(logic)
    if graph.primal < len(graph.outputs):  # ways of the value come first, others follow them
        _Placing(graph, conditions, places, deepest, effects).run(graph.outputs[: graph.primal])
    placing = _Placing(graph, conditions, places, deepest, effects)
    placing.run(graph.outputs)
    return placing.branches()


def _conditions(graph: Graph, in_place: InPlace, *, of_arrays: bool) -> dict[int, int]:
    """By selection on one truth, the line of that one."""
    found = {}
    names = None if of_arrays else SecondNames(graph, in_place)
    for position in graph.by_op.get(where.name, ()):
        node = graph.nodes[position]
        if names is not None and node.shape and not names.may_have(position):
            continue
        condition = _one_truth(graph.nodes, graph.nodes[position])
        if condition != NOWHERE:
            found[position] = condition
    return found


def _one_truth(nodes: Sequence[Node], node: Node) -> int:
    """The line of a selection's condition that is one truth; `NOWHERE` where it is many."""
    condition = node.args[0]
    if nodes[condition].op == broadcast.name:
        (condition,) = nodes[condition].args
    is_one = nodes[condition].shape == SCALAR and nodes[condition].dtype == BOOL
    return condition if is_one else NOWHERE


def _keep_whole(graph: Graph, conditions: dict[int, int], logic: Logic) -> None:
    """Find the conditions that are not taken apart: there is work where they hold, and where not.

    A line that only a selection reads is such work.
    """
    nodes, uses = graph.nodes, graph.uses()
    wanted: set[Truth] = set()
    for position, condition in conditions.items():
        for value, truth in zip(nodes[position].args[1:], (True, False), strict=True):
            if nodes[value].args and uses[value] == 1:
                wanted.add(logic.plain((condition, truth)))
    for line, holds in wanted:
        if (line, not holds) in wanted:
            logic.whole[line] = 1


def _counting(graph: Graph) -> dict[int, list[int]]:
    """By line, the loops and extents that give numbers to the lengths of what it reads."""
    loops: dict[str, int] = {}
    for position, node in enumerate(graph.nodes):
        record = OPERATIONS.get(node.op)
        if record is not None and isinstance(record.derivative, Loop):
            bound = Layout.of(node.params).bound
            loops |= dict.fromkeys(bound.names if bound is not None else (), position)
        elif node.op == EXTENT:
            loops[found_length(node)] = position
    if not loops:
        return {}
    found: dict[int, list[int]] = {}
    for position, node in enumerate(graph.nodes):
        lines = [node, *[graph.nodes[argument] for argument in node.args]]
        names = {name for line in lines for length in lengths_of(line) for name in length.names}
        needed = [loops[name] for name in sorted(names) if name in loops]
        found[position] = [loop for loop in needed if loop < position]
    return found


class _Placing:
    """One run over the list, from its end: every line after all that needs it.

    Args:
        graph: the lines.
        conditions: by selection on one truth, that one.
        places: the tree, to which the run adds.
        deepest: how many branches may be around a line.
        effects: what lines change.
    """

    def __init__(
        self,
        graph: Graph,
        conditions: dict[int, int],
        places: Places,
        deepest: int,
        effects: Effects,
    ) -> None:
        self.graph = graph
        self.conditions = conditions
        self.places = places
        self.deepest = deepest
        self.place = [NOWHERE] * len(graph)
        self.same: dict[int, int] = {}  # selections that are known, each with what it selects
        self.ways: dict[int, tuple[int, int]] = {}
        self.raising: dict[int, Truth] = {}
        self.asked: dict[int, int] = {}
        self.counting = _counting(graph)
        self.first, self.newest = effects.first, Newest(places)
        self._chosen: set[int] = set()  # what choices choose between
        self._decided: dict[tuple[int, int], int] = {}  # by place, how often each is asked there

    def run(self, outputs: Iterable[int]) -> None:
        """Find the place of each line that the outputs need."""
        for output in outputs:
            self.place[output] = ROOT
        for position in range(len(self.graph) - 1, -1, -1):
            node, place = self.graph.nodes[position], self.place[position]
            if position in self.first and place > ROOT:  # it is read before that is changed
                place = self.place[position] = self.newest.before(place, self.first[position])
            for loop in self.counting.get(position, ()):
                if place != NOWHERE and node.args:
                    self._need(loop, place)
            if node.op == check.name:
                self._raise(position, node)
            elif place == NOWHERE or not node.args:
                continue
            elif position in self.conditions:
                self._select(position, node, place)
            else:
                for argument in node.args:
                    self._need(argument, place)

    def _need(self, position: int, place: int) -> None:
        before = self.place[position]
        self.place[position] = place if before == NOWHERE else self.places.common(before, place)

    def _select(self, position: int, node: Node, place: int) -> None:
        """Each value is needed where it is chosen; one of them alone where that is known."""
        condition, places = self.conditions[position], self.places
        _, *values = node.args
        inner = [places.where(place, (condition, truth)) for truth in (True, False)]
        for which in (0, 1):
            if inner[which] == place or inner[1 - which] == NOWHERE:
                self.same[position] = values[which]
                self._need(values[which], place)
                return
        if max([places.depths[at] for at in inner]) > self.deepest:
            for argument in node.args:
                self._need(argument, place)
            return
        default = self._default(position, place, inner)
        if default is not None:
            inner[default] = place
        self._chosen.update(values)
        for value, at in zip(values, inner, strict=True):
            self._need(value, at)
        self._ask(place, max(inner, key=lambda at: places.depths[at]))
        self.ways[position] = inner[0], inner[1]

    def _default(self, position: int, place: int, inner: Sequence[int]) -> int | None:
        """Which value is stated before the other is chosen; `None` where each has its way."""
        nodes, truths = self.graph.nodes, [self.places.truths[at] for at in inner]
        values = nodes[position].args[1:]
        is_plain = [not nodes[value].args for value in values]
        if {self.places.parents[at] for at in inner} == {place} and truths[0][0] == truths[1][0]:
            # a number does not keep a way from holding another branch alone
            is_free = position not in self._chosen and position not in self.graph.hints
            is_number = [nodes[value].op == CONSTANT for value in values]
            return is_number.index(True) if is_free and sum(is_number) == 1 else None
        if sum(is_plain) == 1:
            return is_plain.index(True)
        sides = self.places.logic.sides(self.places.logic.plain((self.conditions[position], True)))
        return 1 if sides else 0

    def _raise(self, position: int, node: Node) -> None:
        """Where several conditions must hold, the last of them is asked inside of the others."""
        places, logic, place = self.places, self.places.logic, ROOT
        last = logic.plain((node.args[0], True))
        while sides := logic.sides(last):
            first, last = places.in_order(place, sides)
            inner = places.where(place, first)
            if inner == NOWHERE or places.depths[inner] > self.deepest:
                last = node.args[0], True
                break
            place = inner
        self._ask(ROOT, place)
        self.place[position], self.raising[position] = place, last
        for argument in (last[0], *node.args[1:]):
            self._need(argument, place)

    def _ask(self, place: int, inner: int) -> None:
        """The conditions on the way to an inner place are needed where they are asked."""
        places = self.places
        while inner != place:
            condition, _ = places.truths[inner]
            inner = places.parents[inner]
            self._need(condition, inner)
            count = self._decided[inner, condition] = self._decided.get((inner, condition), 0) + 1
            if count <= _OFTEN:
                self.asked[condition] = self.asked.get(condition, 0) + 1
            if count > 1:
                return

    def branches(self) -> Branches:
        """What was found, over the lines that are needed."""
        graph, last = self.graph, list(range(len(self.graph)))
        nodes, needed = [], bytearray(len(graph))
        for position, node in enumerate(graph.nodes):
            if position in self.same:
                last[position] = last[self.same[position]]
                self.place[position] = NOWHERE
            needed[position] = self.place[position] != NOWHERE
            op, args, params, shape, dtype = node
            if position in self.ways:
                op, args = CHOICE, args[1:]
            elif position in self.raising:
                args = (self.raising[position][0], *args[1:])
            nodes.append(Node(op, tuple([last[at] for at in args]), params, shape, dtype))
        for position in graph.inputs:
            needed[position] = 1
        moved = [count - 1 for count in accumulate(needed)]
        outputs = tuple([last[output] for output in graph.outputs])
        kept = replace(graph, nodes=nodes, outputs=outputs).keep(needed)
        truths = self.places.truths  # a condition may be known too, and be one of its own two
        self.places.truths = [(moved[last[line]], truth) for line, truth in truths]
        return Branches(
            kept,
            self.places,
            [place for place, is_kept in zip(self.place, needed, strict=True) if is_kept],
            {moved[position]: ways for position, ways in self.ways.items() if needed[position]},
            {moved[position]: truth for position, (_, truth) in self.raising.items()},
            {moved[last[line]]: count for line, count in self.asked.items()},
            {
                moved[position]: [moved[loop] for loop in loops]
                for position, loops in self.counting.items()
                if needed[position]
            },
        )
