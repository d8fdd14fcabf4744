"""The plan of a program: which lines are inlined, which get a name, which are written in place.

One loop over the list. A line that is used once stands in the expression that uses it; a line that
is used more often, or that the user gave a name, or that would make an expression too long, is a
statement of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from symdiff.errors import Span, UnsupportedError
from symdiff.graph.graph import Graph
from symdiff.graph.node import CONSTANT, INPUT, INT, Node
from symdiff.ops.arithmetic import add, subtract
from symdiff.ops.control import where
from symdiff.ops.indexing import put
from symdiff.ops.loops import Layout, scan, scan_final
from symdiff.ops.operation import Part
from symdiff.ops.reduction import broadcast, sum_
from symdiff.ops.registry import OPERATIONS
from symdiff.schedule.counters import counting
from symdiff.schedule.expressions import NOTHING, Expressions
from symdiff.schedule.memory import is_fresh
from symdiff.schedule.naming import letter_beside, name_of_operation, names_of_starts
from symdiff.schedule.program import (
    ADD_WHERE,
    COPY,
    SUM_WHERE,
    Draft,
    Expr,
    Let,
    Number,
    Op,
    Ref,
    Statement,
    Update,
    is_read,
)
from symdiff.schedule.style import Style
from symdiff.schedule.writes import InPlace, Readers

_LET, _REF = tuple.__new__, tuple.__new__  # for many lines: their own takes twice as long

# (plan, position, line): states a line that holds graphs, or finds one of its results
Region = Callable[["Plan", int, Node], None]


class Branching(Protocol):
    """The branches of a graph, and how a plan states them.

    Attributes:
        graph: the lines with choices in the place of selections.
        asked: by condition, how often it decides.
    """

    graph: Graph
    asked: Mapping[int, int]

    def state(self, plan: Plan) -> list[Statement]:
        """State all lines in their places; the statements."""

    def name_of(self, plan: Plan, position: int) -> str:
        """The name that a line is to have because it is what a way chooses, else `""`."""

    def later(self, plan: Plan, position: int) -> set[int]:
        """The lines that are read after a line."""

    def may_change(self, plan: Plan, base: int, position: int) -> bool:
        """Whether a line may change another one's memory."""

    def condition_of(self, plan: Plan, position: int) -> Expr:
        """Where a check raises."""


class FindBranches(Protocol):
    """What finds the branches of a graph."""

    def __call__(
        self, graph: Graph, in_place: InPlace, *, of_arrays: bool = True
    ) -> Branching | None:
        """They, if there are some; of numbers alone where arrays may not be chosen."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What the plans of a function and of the loops in it share.

    Attributes:
        style: of the target.
        known: lines that are defined outside of the program, under their names.
        regions: by the kind of derivative, how lines that hold graphs are stated.
        letter: the name of values without one.
        branching: what finds and states the branches of a plan.
        counters: by depth, the name that a loop counts with.
    """

    style: Style
    known: Mapping[Node, Ref]
    regions: Mapping[type, Region]
    letter: str
    branching: FindBranches
    counters: dict[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Around:
    """The loop that a plan is the body of.

    Attributes:
        depth: how many loops there are around.
        settled: names that the first outputs are to have: what the loop carries on.
        own: names of arrays that nothing else holds.
        rows: by number of an output that an inner loop stacks, the row of an array that it is.
        span: the place of the loop in the source.
    """

    depth: int = 0
    settled: tuple[str, ...] = ()
    own: frozenset[str] = frozenset()
    rows: Mapping[int, Op] = field(default_factory=dict)
    span: Span | None = None


class Plan:
    """One run over a list: a statement for some lines, an expression for all.

    Args:
        graph: the lines; every one is needed by an output.
        parameters: what stands for each input.
        setting: what is the same for loops in it.
        around: the loop around it.

    Attributes:
        lines: the expression of every line so far.
        branching: its branches, if there are any.
        settled: by position, the name that a line is to have: what the loop carries on.
        named: by position, 1 where a line gets a statement whatever its length.
        statements: those so far, of the innermost branch.
        parts: by the line of a loop, the names of its results by their numbers.
        owned: by the line of a loop, the numbers of carried arrays that its steps write into.
        own: results of loops whose memory nothing else holds.
        rows: by position of what an inner loop stacks, the row of a larger array that it is.
    """

    def __init__(
        self,
        graph: Graph,
        parameters: Mapping[str, Expr],
        setting: Setting,
        around: Around | None = None,
    ) -> None:
        self.branching = self._branching(graph, setting, around or Around())
        self.graph = graph = self.branching.graph if self.branching else graph
        self.setting = setting
        self.style = setting.style
        self.around = around or Around()
        pairs = zip(graph.outputs, self.around.settled, strict=False)
        self.settled = dict(reversed([*pairs]))
        self.rows = {graph.outputs[number]: row for number, row in self.around.rows.items()}
        self.lines = Expressions(graph, setting.style, parameters, setting.known)
        self.statements: list[Statement] = []
        self.parts: dict[int, dict[int, Ref]] = {}
        self.owned: dict[int, set[int]] = {}
        self.own: set[int] = set()
        self.uses = self._uses()
        starts = names_of_starts(graph, self.uses, self.style.in_place)
        self._known = {**starts, **graph.derived, **graph.hints}
        self._readers: Readers | None = None
        self._early = self._found_early()
        self.named = self._named()
        self._widest = self.style.widest - self.style.indent * self.around.depth
        self._regions: dict[str, Region | None] = {}
        self._position = 0  # of the line that is stated

    def _branching(self, graph: Graph, setting: Setting, around: Around) -> Branching | None:
        """The branches; an array that a loop carries in memory of its own stays under one name."""
        style = setting.style
        if not style.decides:
            return None
        return setting.branching(graph, style.in_place, of_arrays=not around.own)

    # --- the loop --------------------------------------------------------------------------------

    def run(self) -> list[Expr]:
        """State all lines; the results.

        Raises:
            UnsupportedError: for what the target has no way to write, with its place.
        """
        try:
            if self.branching is not None:
                self.statements = self.branching.state(self)
            else:
                for position, node in enumerate(self.graph.nodes):
                    self.line(position, node)
        except UnsupportedError as error:
            error.span = error.span or self.span_of(self._position)
            raise
        return [self.lines.whole(output) for output in self.graph.outputs]

    def line(self, position: int, node: Node) -> None:
        """State a line, or find its expression."""
        lines, self._position = self.lines, position
        if lines.source[position] != position:
            return
        op = node.op
        if not node.args and op != scan.name:
            lines.leaf(position, node)
            return
        region = self._regions[op] if op in self._regions else self._region_of(op)
        if region is None:
            lines.compute(position, node)
            if op == sum_.name and self.style.picks:
                self._pick_terms(position, node)
        else:
            region(self, position, node)
            if lines.exprs[position] is NOTHING:
                return
        if self.style.width(lines.drafts[position]) > self._widest:
            self._shorten(position, node)
        if self.named[position] or self.settled:
            self.finish(position)
        if region is None and self.branching is None:
            uses, drafts = self.uses, lines.drafts
            for argument in node[1]:
                if uses[argument] == 1:  # it is in the draft of this line
                    drafts[argument] = None

    def _pick_terms(self, position: int, node: Node) -> None:
        """Let a sum over all axes of what is chosen by a mask, or 0, be that of what it picks."""
        (chosen,) = getattr(self.lines.exprs[position], "args", (None,))
        picked = _picked(chosen) if not node.shape else None
        if picked is not None and picked[0].shape == picked[1].shape:
            expr = Op(SUM_WHERE, picked, (), node.shape, node.dtype)
            self.lines.exprs[position], self.lines.drafts[position] = expr, self.lines.draft(expr)

    def finish(self, position: int) -> None:
        """Give a line the name that it is to have, or one where it needs one."""
        if self.settled and position in self.settled:
            self._settle(position, self.settled[position])
        node = self.graph.nodes[position]
        if not self.named[position] or (node[4] == INT and self._is_place(position, node)):
            return
        if self.branching is None or not self._is_asked_again(self.branching, position):
            self.name(position)

    def _is_asked_again(self, branching: Branching, position: int) -> bool:
        """Whether a condition is as short as a name, and may be asked wherever it decides.

        One that is a number too has a name: what reads it may give it one in a way alone.
        """
        is_number = self.uses[position] > branching.asked.get(position, 0)
        if position not in branching.asked or is_number:
            return False
        expr = self.lines.exprs[position]
        if not isinstance(expr, Op) or expr.name not in OPERATIONS:
            return False
        if not OPERATIONS[expr.name].is_cheap:
            return False
        carried = self.around.settled
        return all(
            isinstance(part, Number) or (isinstance(part, Ref) and part.name not in carried)
            for part in expr.args
        )

    def states_at_once(self, position: int, node: Node) -> bool:
        """Whether a line is a statement whatever its uses: a loop, a check, a write in place."""
        if self.lines.source[position] != position:
            return False
        if isinstance(OPERATIONS[node.op].derivative, Part):
            return False
        return self._region_of(node.op) is not None

    def _region_of(self, op: str) -> Region | None:
        """What states an operation that is more than an expression."""
        found = self.setting.regions.get(type(OPERATIONS[op].derivative))
        if found is None and self.style.in_place(op):
            found = Plan._write
        self._regions[op] = found
        return found

    def _uses(self) -> list[int]:
        """By position, how often a line is read, by itself or through what repeats it silently."""
        uses, sources = self.graph.uses(), self.lines.source
        if self.branching is not None:
            for position, count in self.branching.asked.items():
                uses[position] += count
        for position in reversed(self.graph.by_op.get(broadcast.name, ())):
            source = sources[position]
            if source != position:
                uses[source] += uses[position] - 1
        for position in self.graph.by_op.get(scan.name, ()):
            node = self.graph.nodes[position]
            layout = Layout.of(node.params)
            for number in counting(layout, self.graph.nodes, node.args).slices:
                uses[node.args[number]] -= 1
        return uses

    def _named(self) -> bytearray:
        """By position, 1 where a line gets a statement whatever its length."""
        graph = self.graph
        named = bytearray([count > 1 for count in self.uses])
        if self.style.keeps_names:
            outputs = set(graph.outputs)
            for position in graph.hints:
                if position < len(named) and position not in outputs:
                    named[position] = 1
            for position in self._early:
                named[position] = 1
        return named

    def _found_early(self) -> set[int]:
        """The lines that are numbers and the values of a gradient: what they need can go then."""
        graph = self.graph
        if self.around.depth or not self.style.keeps_names:
            return set()
        last, values = max(graph.outputs, default=0), graph.outputs[: graph.primal]
        return {at for at in values if at < last and not graph.nodes[at].shape}

    # --- statements ------------------------------------------------------------------------------

    def state(self, name: str, value: Expr, position: int, draft: Draft = None) -> Ref:
        """Give a name a value, at the place that a line comes from."""
        self.statements.append(_LET(Let, (name, value, self.span_of(position), draft)))
        return _REF(Ref, (name, value.shape, value.dtype))

    def span_of(self, position: int) -> Span | None:
        """The place in the source, that of the loop around where a line has none."""
        return self.graph.spans.get(position) or self.around.span

    def name(self, position: int) -> None:
        """Give a line a statement of its own."""
        if not self._has_name(position):
            lines, branching = self.lines, self.branching
            chosen = "" if branching is None else branching.name_of(self, position)
            name = chosen or self.style.fresh(self.wish(position))
            ref = self.state(name, lines.exprs[position], position, lines.drafts[position])
            lines.call(position, ref)

    def _has_name(self, position: int) -> bool:
        """Whether naming the line would not make it shorter: it is a name or a number."""
        if type(self.lines.exprs[position]) is not Op:
            return True
        node = self.graph.nodes[position]
        return not node.args and (node.op == INPUT or not node.shape)

    def wish(self, position: int) -> str:
        """The user's name of a line, or one that says what it is."""
        graph, letter = self.graph, self.setting.letter
        if position in self._known:
            return self._known[position]
        if position in self._early:
            name = graph.output_names[graph.outputs.index(position)]
            return name if name.isidentifier() else letter
        node = graph.nodes[position]
        exprs, source = self.lines.exprs, self.lines.source
        first = exprs[source[node.args[0]]] if node.args else None
        if type(first) is not Ref:
            return letter
        second = exprs[source[node.args[1]]] if len(node.args) > 1 else None
        return name_of_operation(node, first, second, letter)

    def _is_place(self, position: int, node: Node) -> bool:
        """Whether a whole number is as short as `i - 1`: a counter, and a number more or less."""
        if node.shape or position in self.graph.hints:
            return False
        args = [self.lines.exprs[argument] for argument in node.args]
        is_sum = node.op in (add.name, subtract.name)
        return is_sum and any(type(x) is Number for x in args) and any(type(x) is Ref for x in args)

    def _shorten(self, position: int, node: Node) -> None:
        """Name the longest arguments until the line fits."""
        width, lines = self.style.width, self.lines
        args = [lines.source[argument] for argument in node.args]
        while width(lines.drafts[position]) > self._widest:
            longest = max(args, key=lambda argument: width(lines.drafts[argument]))
            if self._has_name(longest):
                return
            self.name(longest)
            lines.compute(position, node)

    # --- writes in place -------------------------------------------------------------------------

    def _write(self, position: int, node: Node) -> None:
        """Write into the array that a line changes, into a copy where something else needs it."""
        base, lines = node.args[0], self.lines
        if position in self.rows:
            self._write_slice(position, node, self.rows[position])
            return
        array, is_taken = lines.whole(base), self.takes(base, position)
        if not array.shape:
            lines.compute(position, node)
            return
        if not is_taken:
            array = Op(COPY, (array,), (), array.shape, array.dtype)
        if not isinstance(array, Ref):
            array = self.state(self.style.fresh(self.wish(position)), array, position)
        new, *places = node.args[1:]
        args = (array, self._assigned(new), *map(lines.whole, places))
        value = Op(node.op, args, node.params, node.shape, node.dtype)
        self.statements.append(Update(array.name, value, self.span_of(position)))
        lines.call(position, array)

    def _write_slice(self, position: int, node: Node, row: Op) -> None:
        """Write into a row of a larger array, where the line has zeros around what it writes."""
        (store, number), ((first, *_),) = row.args, row.params
        _, new, *places = node.args
        args = (store, self._assigned(new), number, *map(self.lines.whole, places))
        entries = [("array", e[1] + 1) if e[0] == "array" else e for e in node.params[0]]
        assert isinstance(store, Ref)  # see `element`
        value = Op(put.name, args, ((first, *entries),), store.shape, store.dtype)
        self.statements.append(Update(store.name, value, self.span_of(position)))
        self.lines.exprs[position], self.lines.drafts[position] = row, self.lines.draft(row)

    def takes(self, base: int, position: int) -> bool:
        """Whether a line may change another one's memory, once what reads it has been stated.

        Args:
            base: the line whose memory it is.
            position: the line that changes it.
        """
        if self.graph.nodes[base].op == CONSTANT:  # made anew for it
            return True
        if not self._is_own(base):
            return False
        if self.uses[base] <= 1:
            return True
        if self.branching is not None:
            return self.branching.may_change(self, base, position)
        if self._readers is None:
            self._readers = Readers(self.graph, self.lines.source, self.style.in_place)
        exprs = self.lines.exprs
        found = self._readers.pending(base, position, lambda at: type(exprs[at]) is not Op)
        if found is None:
            return False
        for line in found.reads:
            self.name(line)
        for line in found.views:
            self.name(line)
            self._copy(line, exprs[base])
        return True

    def _copy(self, line: int, base: Expr) -> None:
        """Let a view be a copy: from the start where it has a name of its own.

        What a loop leaves is copied behind it: the statement of its name is that of its start.
        """
        view, is_result = self.lines.exprs[line], self.graph.nodes[line].op == scan_final.name
        for k in range(-1 if is_result else len(self.statements) - 1, -1, -1):
            match self.statements[k]:
                case Let(name, value, span) if Ref(name, value.shape, value.dtype) == view != base:
                    copy = Op(COPY, (value,), (), value.shape, value.dtype)
                    self.statements[k] = Let(name, copy, span)
                    return
        copy = Op(COPY, (view,), (), view.shape, view.dtype)
        wish = view.name if isinstance(view, Ref) else self.wish(line)
        self.lines.call(line, self.state(self.style.fresh(wish), copy, line))

    def _is_own(self, position: int) -> bool:
        """Whether a line's memory is no input's, and no part of another line's."""
        expr = self.lines.exprs[position]
        if self.graph.nodes[position].op == INPUT:
            return isinstance(expr, Ref) and expr.name in self.around.own
        return position in self.own or is_fresh(self.graph, position)

    def _assigned(self, position: int) -> Expr:
        """A line that is written into an array: a number need not be repeated for that."""
        node = self.graph.nodes[position]
        expr = self.lines.exprs[position]
        if node.op == "broadcast" and not isinstance(expr, Ref):
            (number,) = node.args
            if not self.graph.nodes[number].shape:
                return self.lines.exprs[number]
        return expr

    def _settle(self, position: int, name: str) -> None:
        """Give a line a name that a loop carries on, unless a line after it reads the old value."""
        expr = self.lines.exprs[position]
        if isinstance(expr, Ref) and expr.name == name:  # an inner loop has carried it on
            return
        if self.is_read_later(position, name):
            return
        added = self._added(position, name)
        if added is None:
            self.state(name, expr, position, self.lines.drafts[position])
        else:
            ref = Ref(name, expr.shape, expr.dtype)
            value = Op("add", (ref, added), (), expr.shape, expr.dtype)
            picked = _picked(added) if self.style.picks else None
            if picked is not None and not picked[0].shape:
                value = Op(ADD_WHERE, (ref, *picked), (), expr.shape, expr.dtype)
            self.statements.append(Update(name, value, self.span_of(position)))
        self.lines.call(position, Ref(name, expr.shape, expr.dtype))

    def is_read_later(self, position: int, name: str) -> bool:
        """Whether a line after a line reads what a name has now."""
        graph, lines = self.graph, self.lines
        later = set(graph.outputs) - {position}
        if self.branching is not None:
            later |= self.branching.later(self, position)
        else:
            for node in graph.nodes[position + 1 :]:
                later.update(node.args)
        later |= {lines.source[line] for line in later}
        read = [lines.exprs[line] for line in later - {position}]
        return is_read(name, *read, *self.results_of(later))

    def results_of(self, later: Iterable[int]) -> Iterator[Expr]:
        """What loops that have been stated hold for lines that are still to come."""
        for at in later:
            node = self.graph.nodes[at]
            record = OPERATIONS[node.op] if node.op in OPERATIONS and node.args else None
            if record is not None and isinstance(record.derivative, Part):
                loop, which = node.args[0], node.params[0]
                if loop in self.parts:
                    yield self.parts[loop][which]

    def _added(self, position: int, name: str) -> Expr | None:
        """What the line adds to a count or an array of this name, where it can be done in place."""
        node = self.graph.nodes[position]
        is_own = name in self.around.own and self.style.in_place("put")
        is_count = node.dtype == INT and not node.shape
        if node.op != "add" or not (is_own or is_count):
            return None
        for into, other in (node.args, node.args[::-1]):
            expr = self.lines.exprs[into]
            is_it = isinstance(expr, Ref) and expr.name == name
            if is_it and self._is_read_once(into) and into not in self.graph.outputs:
                return self.lines.exprs[self.lines.source[other]]
        return None

    def _is_read_once(self, position: int) -> bool:
        return sum(line.args.count(position) for line in self.graph.nodes) == 1


def _picked(expr: Expr | None) -> tuple[Expr, Expr] | None:
    """What a selection chooses where a mask of its own shape holds, and the mask; else 0."""
    if not isinstance(expr, Op) or expr.name != where.name or not expr.shape:
        return None
    mask, value, other = expr.args
    is_zero = isinstance(other, Number) and other.value == 0.0
    return (value, mask) if is_zero and mask.shape == expr.shape else None


def setting_of(
    graph: Graph,
    style: Style,
    parameters: Mapping[str, str],
    known: Mapping[Node, str],
    regions: Mapping[type, Region],
    branching: FindBranches,
) -> tuple[dict[str, Expr], Setting]:
    """What stands for each input, and what the plans of a function share."""
    given: dict[str, Expr] = {}
    for at in graph.inputs:
        node = graph[at]
        name = node.params[0]
        given[name] = Ref(parameters[name], node.shape, node.dtype)
    names = {node: Ref(name, node.shape, node.dtype) for node, name in known.items()}
    letter = letter_beside(list(parameters.values()))
    return given, Setting(style, names, regions, letter, branching)
