"""Choices: how a plan states branches, with the names that their ways set."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import cast

from symdiff.errors import Span
from symdiff.graph.graph import Graph
from symdiff.graph.node import CONSTANT, FLOAT, Node
from symdiff.graph.shape import SCALAR
from symdiff.schedule.alternatives import as_expression, plain_numbers
from symdiff.schedule.blocks import (
    Blocks,
    Chosen,
    Open,
    Part,
    closed,
)
from symdiff.schedule.branches import Branches, branches_of
from symdiff.schedule.conditions import as_decision, negated, with_conditions
from symdiff.schedule.effects import Effects, stated_before
from symdiff.schedule.guarded import with_guarded_sums
from symdiff.schedule.order import LINE, Step, in_order
from symdiff.schedule.places import NOWHERE, ROOT
from symdiff.schedule.plan import Plan
from symdiff.schedule.program import CHOICE, Expr, Op, Ref, Statement
from symdiff.schedule.updates import named_at
from symdiff.schedule.writes import InPlace, Pending, Readers


class Choices:
    """The branches of one plan.

    Args:
        branches: what is known of them.

    Attributes:
        graph: the lines, with choices.
        asked: by condition, how often it decides.
    """

    def __init__(self, branches: Branches) -> None:
        self.branches = branches
        self.graph: Graph = branches.graph
        self.asked: Mapping[int, int] = branches.asked
        self.steps: list[Step] = []
        self._at = 0  # the number of the step
        self._reads: dict[int, list[tuple[int, int, int]]] | None = None
        self._block: list[Part] = []  # the statements that the plan adds to
        self._around: list[tuple[int, list[Part]]] = []  # by place around these, the statements
        # by choice, what stands before the branch that may choose something else
        self._before: dict[int, Chosen] = {}
        # by choice, the first branch in which it gets a value, behind the block that has that
        self._branch: dict[int, tuple[list[Part], Part]] = {}
        self._first: dict[int, int] = {}  # by choice, the number of the first step that stated it
        self._names: dict[int, str] = {}  # of choices, where a line in a way has it already
        self._stated: dict[int, list[Chosen]] = {}  # by choice, what its ways choose
        self._choice_of: dict[int, int] = {}  # by line, the choice that has it in its very way
        self._plain = plain_numbers(self.graph)
        self._outputs = frozenset(self.graph.outputs)
        self._written = self.graph.written()

    # --- what a plan asks ------------------------------------------------------------------------

    def state(self, plan: Plan) -> list[Statement]:
        """State all lines in their places; the statements."""
        graph, nodes, body = self.graph, self.graph.nodes, cast("list[Part]", plan.statements)
        for position, node in enumerate(nodes):
            if not node.args:
                plan.state_lines([position])
        self._choice_of = self.branches.chosen_inside(partial(self._is_there, plan))
        for value, choice in self._choice_of.items():
            if self._has_its_name(value, choice) and plan.uses[value] == 1:
                plan.named[value] = 0
        blocks = Blocks(self.branches.places, body, lambda line: self._condition(plan, line))
        self._around = blocks.around
        self._readers = Readers(graph, plan.lines.source, plan.style.in_place)
        self.steps = in_order(self.branches, self._order(plan))
        for number, (place, position, part) in enumerate(self.steps):
            self._at = number
            if part == LINE and plan.lines.source[position] != position:
                continue
            self._block = blocks.enter(place)
            plan.statements = cast("list[Statement]", self._block)
            if part != LINE:
                self._choose(plan, position, graph.nodes[position].args[part - 1], part)
            elif nodes[position].op == CHOICE:
                self._join(plan, position, nodes[position])
            else:
                plan.state_lines([position])
        results = [plan.lines.whole(at) for at in graph.outputs]
        return with_conditions(with_guarded_sums(closed(body), results), results)

    def _order(self, plan: Plan) -> Mapping[int, Sequence[int]]:
        """What is stated before each line that changes memory; what is read later gets a name."""
        effects = Effects.of(self._readers, plan.style.in_place)
        read_at = partial(self._evaluated_at, plan)
        places, place = self.branches.places, self.branches.place
        before, named = stated_before(self.graph, effects, places, place, read_at)
        for position in named:
            plan.named[position] = 1
        return before

    def _evaluated_at(self, plan: Plan, position: int) -> int | None:
        """The line in which the expression of a line is evaluated; `None` where there are more."""
        nodes, uses, outputs = self.graph.nodes, plan.uses, self._outputs
        while not plan.named[position]:
            node = nodes[position]
            if node.op != CHOICE and plan.states_at_once(position, node):
                return position
            users = self._readers.users(position)
            if uses[position] != 1 or position in outputs or position in self.asked:
                return None
            if len(users) != 1:
                return None
            (position,) = users
        return position

    def name_of(self, plan: Plan, position: int) -> str:
        """The name of the choice that a line is a way of, where the line has no other one."""
        choices = self._naming(position)
        if not choices:
            return ""
        name = self._names.get(choices[-1], "") or self._name(plan, choices[-1])
        outside = [self.graph.nodes[at].op for at in self.branches.outside(choices[-1])]
        if name != plan.settled.get(choices[-1]) and outside not in ([], [CONSTANT]):
            return ""
        self._begin(choices)
        self._names.update(dict.fromkeys(choices, name))
        return name

    def _naming(self, position: int) -> list[int]:
        """The choices whose name a line has, from within."""
        found: list[int] = []
        choice = self._choice_of.get(position)
        while choice is not None and self._has_its_name(position, choice):
            found.append(choice)
            position, choice = choice, self._choice_of.get(choice)
        return found

    def _begin(self, choices: Iterable[int]) -> None:
        """Note the branch in which choices get a value, where it is the first one that does."""
        for choice in choices:
            place = self.branches.place[choice]
            block = next(block for at, block in self._around if at == place)
            self._branch.setdefault(choice, (block, block[-1]))

    def later(self, plan: Plan, position: int) -> set[int]:
        """The lines that are read after a line."""
        del plan, position
        places, found = self.branches.places, set[int]()
        entered: set[int] = set()
        for place, position, part in self.steps[self._at + 1 :]:
            found.update(self._read(position, part))
            if self._is_pending(position):
                found.update(self.graph.nodes[position].args)
            while place not in entered:
                entered.add(place)
                found.update([places.truths[place][0]] * bool(place))
                place = places.parents[place]
        return found

    def stated(self) -> Iterable[list[Statement]]:
        """The statements that stand before the next one on every way, the innermost first."""
        return [cast("list[Statement]", block) for _, block in reversed(self._around)]

    def pending(self, plan: Plan, base: int, position: int) -> Pending | None:
        """The views that must be copied before a line changes another one's memory.

        `None` where a step behind it reads what was there: what holds the memory, or reads it in an
        expression that is not evaluated yet, is such.
        """
        exprs, nodes = plan.lines.exprs, self.graph.nodes
        found, seen = Pending([], []), {base}
        stack = [(base, True)]  # lines, and whether they share the memory
        while stack:
            at, is_shared = stack.pop()
            if at in self._outputs or self._is_read_behind(at, position):
                is_view = is_shared and at != base and exprs[at] != exprs[base]
                if not is_view or at in self._choice_of or named_at(plan, at) is None:
                    return None
                found.views.append(at)
                continue
            for user in self._readers.users(at):
                is_changed = user == position and is_shared
                if is_changed and not self._readers.changes_alone(position, at, base):
                    return None
                if user == position or user in seen:
                    continue
                if self._is_pending(user):
                    return None
                seen.add(user)
                if is_shared and nodes[user].op == CHOICE and nodes[user].shape:
                    return None
                shared = self._readers.sharing(user, at) if is_shared else []
                stack += [(line, True) for line in shared]
                if user not in shared and type(exprs[user]) is Op:
                    stack.append((user, False))
        return found

    def _is_read_behind(self, line: int, position: int) -> bool:
        """Whether a step behind that of a line, or the condition of one, reads another line."""
        if self._reads is None:
            self._reads = self._all_reads()
        place, places = self.branches.place[position], self.branches.places
        return any(
            number > self._at and reader != position and not places.are_apart(place, at)
            for number, at, reader in self._reads.get(line, ())
        )

    def _all_reads(self) -> dict[int, list[tuple[int, int, int]]]:
        """By line, the steps that read it: their numbers, their places, and their lines."""
        found: dict[int, list[tuple[int, int, int]]] = {}
        places, source = self.branches.places, self._readers.source
        before = frozenset[int]()
        for number, (place, position, part) in enumerate(self.steps):
            around = frozenset(places.between(ROOT, place))
            asked = [(places.truths[at][0], places.parents[at], NOWHERE) for at in around - before]
            lines = [(line, place, position) for line in self._read(position, part)]
            for line, at, reader in (*asked, *lines):
                found.setdefault(line, []).append((number, at, reader))
                if source[line] != line:
                    found.setdefault(source[line], []).append((number, at, reader))
            before = around
        return found

    def condition_of(self, plan: Plan, position: int) -> Expr:
        """Where a check raises."""
        condition = as_decision(plan.lines.exprs[self.graph.nodes[position].args[0]])
        return condition if self.branches.raising[position] else negated(condition)

    # --- what is stated --------------------------------------------------------------------------

    def _has_its_name(self, value: int, choice: int) -> bool:
        """Whether a line may have the name of a choice: the user gave it no other one.

        What the value reads too is not called a cotangent.
        """
        hints, derived = self.graph.hints, self.graph.derived
        is_cotangent = choice in derived and choice not in hints
        return hints.get(value) in (None, hints.get(choice)) and not (
            is_cotangent and self._written[value]
        )

    def _condition(self, plan: Plan, line: int) -> tuple[Expr, Span | None]:
        return as_decision(plan.lines.exprs[line]), plan.span_of(line)

    def _choose(self, plan: Plan, choice: int, value: int, part: int) -> None:
        """State what a way chooses, where it has not the name of the choice."""
        expr, place = plan.lines.whole(value), self.branches.place[choice]
        if _is_name(expr, self._names.get(choice, "")) and choice not in self._before:
            return
        is_plain = choice in self._plain and self.graph.nodes[value].op == CONSTANT
        if is_plain and plan.style.has_own_numbers:
            expr = Op("as_float64", (expr,), (), SCALAR, FLOAT)
        span = self.graph.spans.get(value) or plan.span_of(choice)
        chosen = Chosen(choice, part, expr, span)
        self._stated.setdefault(choice, []).append(chosen)
        self._first.setdefault(choice, self._at)
        is_before = self.branches.ways[choice][part - 1] == place
        if is_before and self._is_steady(plan, value):
            self._before[choice] = chosen
            return
        if not is_before:
            self._begin((choice, *self._naming(choice)))
        if choice in self._before:
            block, branch = self._branch[choice]
            numbers = reversed(range(len(block)))  # it is among the last
            block.insert(next(k for k in numbers if block[k] is branch), self._before.pop(choice))
        self._block.append(chosen)

    def _is_there(self, plan: Plan, choice: int, value: int) -> bool:
        """Whether a value is a number, stated before, or what a loop carries under that name."""
        is_carried = _is_name(plan.lines.exprs[value], plan.settled.get(choice, ""))
        return is_carried or self.graph.nodes[value].op == CONSTANT

    def _is_steady(self, plan: Plan, position: int) -> bool:
        """Whether a line is the same wherever it stands."""
        is_given = position in self.graph.inputs and not plan.around.depth
        return self.graph.nodes[position].op == CONSTANT or is_given

    def _join(self, plan: Plan, position: int, node: Node) -> None:
        """Find the expression of a choice, whose ways are stated."""
        lines, chosen = plan.lines, self._stated.pop(position, [])
        found = None if position in self._names else self._expression(plan, position, chosen)
        if found is not None:
            draft = lines.draft(found)
            if plan.style.width(draft) <= plan.style.widest:
                for one in chosen:
                    one.name = ""
                self._block.pop()
                lines.exprs[position], lines.drafts[position] = found, draft
                plan.finish(position)
                return
        known = self._names.get(position) or self.name_of(plan, position)
        name = self._names[position] = known or self._name(plan, position)
        for one in chosen:
            one.name = "" if _is_name(one.value, name) else name
        lines.call(position, Ref(name, node.shape, node.dtype))

    def _name(self, plan: Plan, choice: int) -> str:
        """The name that a loop carries a choice on under, or one that nothing has."""
        settled = plan.settled.get(choice, "")
        is_free = bool(settled) and self._is_free(plan, choice, settled)
        return settled if is_free else plan.style.fresh(plan.wish(choice))

    def _is_free(self, plan: Plan, choice: int, name: str) -> bool:
        """Whether nothing reads what a name has now once a way has given it another value."""
        sharing = self._sharing(choice)
        holding = self._holding(plan, name, sharing)
        writes = self._writes(plan, sharing, name)
        if writes is None or not holding.isdisjoint(self.graph.outputs):
            return False
        written: set[int] = set()  # the places in which the name has another value
        first = min([self._at, *[self._first[at] for at, _ in writes if at in self._first]])
        around = self.branches.places.asked_around(self.steps[first].place)
        for place, position, part in self.steps[first:]:
            read = set(self._read(position, part))
            if position not in sharing and self._is_pending(position):
                read.update(self.graph.nodes[position].args)
            asked, around = around, self.branches.places.asked_around(place)
            read.update([condition for _, condition in around - asked])
            is_behind = not all([self.branches.places.are_apart(way, place) for way in written])
            if is_behind and not holding.isdisjoint(read):
                return False
            if (position, part) in writes:
                written.add(writes[position, part])
        return True

    def _sharing(self, choice: int) -> set[int]:
        """A choice, and those between whose values it chooses: all have one name."""
        found = {choice}
        for position in sorted(self.branches.ways, reverse=True):
            if self._choice_of.get(position) in found and self._has_its_name(position, choice):
                found.add(position)
        return found

    def _writes(
        self, plan: Plan, sharing: set[int], name: str
    ) -> dict[tuple[int, int], int] | None:
        """The steps that give choices a name, with their places; `None` where one always does."""
        exprs, found = plan.lines.exprs, dict[tuple[int, int], int]()
        for position in sharing:
            ways = self.branches.ways[position]
            for part, value in enumerate(self.graph.nodes[position].args, 1):
                is_given = not self.graph.nodes[value].args and _is_name(exprs[value], name)
                if is_given or value in sharing:
                    continue
                if ways[part - 1] == self.branches.place[position]:
                    return None
                is_named = plan.named[value] and self._choice_of.get(value) == position
                step = (value, LINE) if is_named else (position, part)
                found[step] = ways[part - 1]
        return found

    def _read(self, position: int, part: int) -> tuple[int, ...]:
        """The lines that a step reads."""
        node = self.graph.nodes[position]
        if part != LINE:
            return node.args[part - 1 : part]
        return () if node.op == CHOICE else node.args

    def _is_pending(self, choice: int) -> bool:
        """Whether the values of a choice are stated, and may yet become one expression behind."""
        return choice in self._stated and choice not in self._names

    def _holding(self, plan: Plan, name: str, sharing: set[int]) -> set[int]:
        """The lines whose expressions may read what a name has now."""
        found: set[int] = set()
        for position, node in enumerate(self.graph.nodes):
            given = [plan.lines.exprs[position], *plan.results_of([position])]
            if position not in sharing and any([_is_name(expr, name) for expr in given]):
                found.add(position)
            elif node.args and not plan.named[position] and position not in sharing:
                found.update([position] * (not found.isdisjoint(node.args)))
        return found

    def _expression(self, plan: Plan, position: int, chosen: list[Chosen]) -> Expr | None:
        """A choice as an expression, where that is all that its ways do."""
        last = self._block[-1] if self._block else None
        if not isinstance(last, Open) or len(chosen) < 2:
            return None
        is_the_users = plan.style.keeps_names and position in self.graph.hints
        if is_the_users and any([isinstance(one.value, Op) for one in chosen]):
            return None
        return as_expression(last, chosen, self.graph.nodes[position].dtype)


def _is_name(expr: Expr, name: str) -> bool:
    return isinstance(expr, Ref) and expr.name == name


def branching(
    graph: Graph, in_place: InPlace, deepest: int, *, of_arrays: bool = True
) -> Choices | None:
    """The branches of a graph, if it has some."""
    found = branches_of(graph, deepest, in_place, of_arrays=of_arrays)
    return Choices(found) if found is not None else None
