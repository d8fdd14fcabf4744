"""The plan of a program: which lines are inlined, which get a name, which are written in place.

One loop over the list. A line that is used once stands in the expression that uses it; a line that
is used more often, or that the user gave a name, or that would make an expression too long, is a
statement of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any

from symdiff.errors import Span, UnsupportedError
from symdiff.graph.graph import Graph
from symdiff.graph.node import CONSTANT, INPUT, INT, Node
from symdiff.ops.arithmetic import add, subtract
from symdiff.ops.control import where
from symdiff.ops.indexing import put
from symdiff.ops.loops import Layout, scan
from symdiff.ops.operation import Part
from symdiff.ops.reduction import broadcast, sum_
from symdiff.ops.registry import OPERATIONS
from symdiff.schedule.conditions import WORDS, is_asked_quickly
from symdiff.schedule.counters import counting
from symdiff.schedule.expressions import EXTREMES, NOTHING, Expressions
from symdiff.schedule.naming import SAYING, name_of_operation, names_of_starts, names_of_values
from symdiff.schedule.program import (
    ADD_WHERE,
    SUM_WHERE,
    Draft,
    Expr,
    Let,
    Number,
    Op,
    Ref,
    Statement,
    Update,
    Written,
    is_read,
)
from symdiff.schedule.setting import Around, Branching, Region, Setting
from symdiff.schedule.style import Drafter
from symdiff.schedule.writes import Readers

_LET, _REF = tuple.__new__, tuple.__new__  # for many lines: their own takes twice as long
# what states an operation, if it is more than an expression, and what writes its draft alone
_Way = tuple["Region[Plan] | None", Drafter | None]


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
        written: those of a plan of drafts.
        parts: by the line of a loop, the names of its results by their numbers.
        owned: by the line of a loop, the numbers of carried arrays that its steps write into.
        are_drafts: whether its statements and results are read as drafts alone.
        own: results of loops whose memory nothing else holds.
        rows: by position of what an inner loop stacks, the row of a larger array that it is.
    """

    def __init__(
        self,
        graph: Graph,
        parameters: Mapping[str, Expr],
        setting: Setting[Plan],
        around: Around | None = None,
    ) -> None:
        self.branching = self._branching(graph, setting, around or Around())
        self.graph = graph = self.branching.graph if self.branching else graph
        self.setting = setting
        self.style = setting.style
        self.around = around or Around()
        pairs = zip(graph.outputs, self.around.settled, strict=False)
        self.settled = {at: name for at, name in reversed([*pairs]) if name}
        self.rows = {graph.outputs[number]: row for number, row in self.around.rows.items()}
        self.are_drafts = around is None and self._is_plain()
        self.lines = Expressions(
            graph, setting.style, parameters, setting.known, are_drafts=self.are_drafts
        )
        self.statements: list[Statement] = []
        self.written = Written([], [])
        self.parts: dict[int, dict[int, Ref]] = {}
        self.owned: dict[int, set[int]] = {}
        self.own: set[int] = set()
        self.uses, self._has_arrays = self._uses(), graph.has_arrays
        starts = names_of_starts(graph, self.uses, self.style.in_place)
        keeps_early = self.style.keeps_names and not self.around.depth
        self._early = names_of_values(graph, setting.letter) if keeps_early else {}
        self._known = {**self._early, **starts, **graph.derived, **graph.hints}
        self.named = self._named()
        self._widest = self.style.widest - self.style.indent * self.around.depth
        self._spans, self._span = graph.spans, self.around.span
        self._width, self._fresh, self._let = self.style.width, self.style.fresh, self.style.let
        self._ways: dict[str, _Way] = {}
        self._position = 0  # of the line that is stated

    @cached_property
    def readers(self) -> Readers:
        """Who reads the memory of the lines."""
        return Readers(self.graph, self.lines.source, self.style.in_place)

    def _branching(
        self, graph: Graph, setting: Setting[Plan], around: Around
    ) -> Branching[Plan] | None:
        """The branches; an array that a loop carries in memory of its own stays under one name."""
        style = setting.style
        if not style.decides:
            return None
        return setting.branching(graph, style.in_place, of_arrays=not around.own)

    def _is_plain(self) -> bool:
        """Whether drafts are all that anybody reads: of numbers that are computed line by line."""
        graph = self.graph
        is_plain = self.style.prints_drafts and self.branching is None and not graph.has_arrays
        return is_plain and WORDS.keys().isdisjoint(graph.by_op) and not graph.told

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
                self.state_lines(range(len(self.graph)))
        except UnsupportedError as error:
            error.span = error.span or self.span_of(self._position)
            raise
        if self.are_drafts:
            self.statements.append(self.written)
        return [self.lines.whole(output) for output in self.graph.outputs]

    def state_lines(self, positions: Iterable[int]) -> None:
        """State lines, or find their expressions, each after its arguments."""
        nodes, lines, ways = self.graph.nodes, self.lines, self._ways
        drafts, source, compute = lines.drafts, lines.source, lines.compute
        uses, named, settled = self.uses, self.named, self.settled
        width, widest, is_straight = self._width, self._widest, self.branching is None
        is_plain = is_straight and not settled
        for position in positions:
            self._position = position
            node = nodes[position]
            op, args, params, shape, dtype = node
            region, write = ways.get(op) or self._way_of(op)
            if write is not None:
                if len(args) == 2:  # most of them
                    x, y = args
                    drafts[position] = write((drafts[x], drafts[y]), params, shape)
                else:
                    drafts[position] = write([drafts[at] for at in args], params, shape)
            elif source[position] != position:
                continue
            elif not args and op != scan.name:
                lines.leaf(position, node)
                continue
            elif region is None:
                compute(position, op, args, params, shape, dtype)
                if op == sum_.name and self.style.picks:
                    self._pick_terms(position, node)
            else:
                region(self, position, node)
                if lines.exprs[position] is NOTHING:
                    continue
            if width(drafts[position]) > widest:
                self._shorten(position, node)
            if named[position] or settled:
                if is_plain and dtype != INT:
                    self.name(position)
                else:
                    self.finish(position)
            if is_straight and region is None:
                for argument in args:
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
        node, branching = self.graph.nodes[position], self.branching
        if not self.named[position] or (node.dtype == INT and self._is_place(position, node)):
            return
        if branching is None or not self._is_asked_again(branching, position):
            self.name(position)

    def _is_asked_again(self, branching: Branching[Plan], position: int) -> bool:
        """Whether a condition may be asked wherever it decides.

        One that is a number too has a name: what reads it may give it one in a way alone.
        """
        is_number = self.uses[position] > branching.asked.get(position, 0)
        if position not in branching.asked or is_number:
            return False
        return is_asked_quickly(self.lines.exprs[position], self.around.settled)

    def states_at_once(self, position: int, node: Node) -> bool:
        """Whether a line is a statement whatever its uses: a loop, a check, a write in place."""
        if self.lines.source[position] != position:
            return False
        if isinstance(OPERATIONS[node.op].derivative, Part):
            return False
        region, _ = self._way_of(node.op)
        return region is not None

    def _way_of(self, op: str) -> _Way:
        """What states an operation that is more than an expression, and what drafts one alone."""
        region = write = None
        if self.are_drafts:  # of numbers, whose operations are no more
            if op not in (INPUT, CONSTANT, *EXTREMES) and not self.style.is_itself(op):
                write = self.style.drafter(op)
        elif op not in (INPUT, CONSTANT):
            region = self.setting.regions.get(type(OPERATIONS[op].derivative))
            if region is None and self.style.in_place(op):
                region = self.setting.write
        found = self._ways[op] = region, write
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

    # --- statements ------------------------------------------------------------------------------

    def state(self, name: str, value: Expr, position: int, draft: Draft = None) -> Ref:
        """Give a name a value, at the place that a line comes from."""
        self.statements.append(_LET(Let, (name, value, self.span_of(position), draft)))
        return _REF(Ref, (name, value[-2], value[-1]))  # its shape and kind

    def span_of(self, position: int) -> Span | None:
        """The place in the source, that of the loop around where a line has none."""
        return self._spans.get(position) or self._span

    def name(self, position: int) -> bool:
        """Give a line a statement of its own; whether that is longer than a name by now."""
        lines, branching = self.lines, self.branching
        expr = lines.exprs[position]
        if type(expr) is not Op or not (expr[1] or expr[3]):  # it is a name or a number
            return False
        chosen = "" if branching is None else branching.name_of(self, position)
        name, draft = chosen or self._fresh(self.wish(position)), lines.drafts[position]
        if self.are_drafts:
            statement, lines.drafts[position] = self._let(name, draft)
            lines.exprs[position] = lines.drafts[position]
            self.written.drafts.append(statement)
            self.written.spans.append(self._spans.get(position))
        else:
            lines.call(position, self.state(name, expr, position, draft))
        return True

    def wish(self, position: int) -> str:
        """The user's name of a line, or one that says what it is."""
        if position in self._known:
            return self._known[position]
        node, exprs = self.graph.nodes[position], self.lines.exprs
        op, args = node[0], node[1]
        if not args or (len(args) > 1 and op not in SAYING):
            return self.setting.letter
        args = self.lines.sources(args)
        first: Any = exprs[args[0]]
        if type(first) is Op or type(first) is Number:
            return self.setting.letter
        second = exprs[args[1]] if len(args) > 1 else None
        return name_of_operation(node, first, second, self.setting.letter)

    def _is_place(self, position: int, node: Node) -> bool:
        """Whether a whole number is as short as `i - 1`: a counter, and a number more or less."""
        if node.shape or position in self.graph.hints:
            return False
        kinds = {type(self.lines.exprs[argument]) for argument in node.args}
        is_sum = node.op in (add.name, subtract.name)
        return is_sum and Number in kinds and len(kinds) == 2 and Op not in kinds

    def _shorten(self, position: int, node: Node) -> None:
        """Name the longest arguments until the line fits."""
        width, lines, drafts = self._width, self.lines, self.lines.drafts
        args = [at for at in lines.sources(node[1]) if drafts[at] is not None]  # no checks
        while width(drafts[position]) > self._widest:
            if not self.name(max(args, key=lambda at: width(drafts[at]))):
                return
            lines.compute(position, *node)

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
            value = Op(add.name, (ref, added), (), expr.shape, expr.dtype)
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
                if which in self.parts.get(loop, ()):
                    yield self.parts[loop][which]

    def _added(self, position: int, name: str) -> Expr | None:
        """What the line adds to a count or an array of this name, where it can be done in place."""
        node = self.graph.nodes[position]
        is_own = name in self.around.own and self.style.in_place(put.name)
        is_count = node.dtype == INT and not node.shape
        if node.op != add.name or not (is_own or is_count):
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
