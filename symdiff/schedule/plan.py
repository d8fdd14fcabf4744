"""The plan of a program: which lines are inlined, which get a name, which are written in place.

One loop over the list. A line that is used once stands in the expression that uses it; a line that
is used more often, or that the user gave a name, or that would make an expression too long, is a
statement of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from symdiff.errors import Span
from symdiff.graph.graph import Graph
from symdiff.graph.node import CONSTANT, INPUT, Node, constant_value
from symdiff.ops.registry import OPERATIONS
from symdiff.schedule.memory import elided, may_be_overwritten
from symdiff.schedule.naming import letter_beside, name_of_operation
from symdiff.schedule.program import Draft, Expr, Let, Number, Op, Ref, Statement, Update, is_read
from symdiff.schedule.style import Drafter, Style

# (plan, position, line): states a line that holds graphs, or finds one of its results
Region = Callable[["Plan", int, Node], None]

_NOTHING = Ref("")  # in the place of a line that is not an expression


@dataclass(frozen=True, slots=True)
class Setting:
    """What the plans of a function and of the loops in it share.

    Attributes:
        style: of the target.
        known: lines that are defined outside of the program, under their names.
        regions: by the kind of derivative, how lines that hold graphs are stated.
        letter: the name of values without one.
        counters: by depth, the name that a loop counts with.
    """

    style: Style
    known: Mapping[Node, Ref]
    regions: Mapping[type, Region]
    letter: str
    counters: dict[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Around:
    """The loop that a plan is the body of.

    Attributes:
        depth: how many loops there are around.
        settled: by position, the name that a line is to have: what the loop carries on.
        own: names of arrays that nothing else holds.
        span: the place of the loop in the source.
    """

    depth: int = 0
    settled: Mapping[int, str] = field(default_factory=dict)
    own: frozenset[str] = frozenset()
    span: Span | None = None


class _Rules(NamedTuple):
    """What there is to know of an operation."""

    is_itself: bool
    repeats: bool
    in_place: bool
    region: Region | None


class Plan:
    """One run over a list: the expression and the draft of every line so far.

    Args:
        graph: the lines; every one is needed by an output.
        parameters: what stands for each input.
        setting: what is the same for loops in it.
        around: the loop around it.
    """

    def __init__(
        self,
        graph: Graph,
        parameters: Mapping[str, Expr],
        setting: Setting,
        around: Around | None = None,
    ) -> None:
        self.graph = graph
        self.setting = setting
        self.style = setting.style
        self.around = around or Around()
        self.parameters = parameters
        self.exprs: list[Expr] = [_NOTHING] * len(graph)
        self.drafts: list[Draft] = [None] * len(graph)
        self._expr_at, self._draft_at = self.exprs.__getitem__, self.drafts.__getitem__
        self.statements: list[Statement] = []
        self.parts: dict[int, dict[int, Ref]] = {}  # by the line of a loop, its results
        self.widest = self.style.widest - self.style.indent * self.around.depth
        self.has_arrays = any([node.shape for node in graph.nodes])
        self.source = elided(graph, self.style.repeats) if self.has_arrays else range(len(graph))
        self._rules: dict[str, _Rules] = {}
        self._drafters: dict[str, Drafter] = {}

    # --- the loop --------------------------------------------------------------------------------

    def run(self) -> list[Expr]:
        """State all lines; the results."""
        self.uses = self._uses()
        named, settled = self._named(), self.around.settled
        drafts, source, width, widest = self.drafts, self.source, self.style.width, self.widest
        for position, node in enumerate(self.graph.nodes):
            if source[position] != position:
                continue
            if not node.args:
                self._leaf(position, node)
                continue
            rules = self._rules.get(node.op) or self._rules_of(node.op)
            if rules.region is not None:
                rules.region(self, position, node)
                if self.exprs[position] is _NOTHING:
                    continue
            elif not (rules.in_place and self._update(position, node)):
                self._compute(position, node, rules)
            if width(drafts[position]) > widest:
                self._shorten(position, node)
            if position in settled:
                self._settle(position, settled[position])
            if named[position]:
                self._name(position)
        return [self.whole(output) for output in self.graph.outputs]

    def inline(self, longest: int) -> list[Expr | None]:
        """An expression for each output without names; `None` where it would be too long."""
        drafts, exprs, width = self.drafts, self.exprs, self.style.width
        for position, node in enumerate(self.graph.nodes):
            source = self.source[position]
            if source != position:
                drafts[position], exprs[position] = drafts[source], exprs[source]
                continue
            is_leaf = node.op in (INPUT, CONSTANT)
            if not all([drafts[argument] is not None for argument in node.args]):
                continue
            if not is_leaf and self.style.is_missing(node.op):
                continue
            if node.args:
                self._compute(position, node, self._rules_of(node.op))
            else:
                self._leaf(position, node)
            if not 0 < width(drafts[position]) <= longest:
                drafts[position] = None
        return [
            self.whole(output) if drafts[output] is not None else None
            for output in self.graph.outputs
        ]

    def _rules_of(self, op: str) -> _Rules:
        style = self.style
        found = self._rules[op] = _Rules(
            style.is_itself(op),
            style.repeats(op),
            style.in_place(op),
            self.setting.regions.get(type(OPERATIONS[op].derivative)),
        )
        return found

    def _uses(self) -> list[int]:
        """By position, how often a line is read, by itself or through what repeats it silently."""
        uses = self.graph.uses()
        if self.has_arrays:
            for position in range(len(uses) - 1, -1, -1):
                source = self.source[position]
                if source != position:
                    uses[source] += uses[position] - 1
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
            for position in graph.outputs[: graph.primal]:
                named[position] |= self._is_early(position)
        return named

    def _is_early(self, position: int) -> bool:
        """Whether the line is a number and the value of a gradient: what it needs can go then."""
        graph = self.graph
        if not self.style.keeps_names or graph.nodes[position].shape or self.around.depth:
            return False
        return position in graph.outputs[: graph.primal] and position < max(graph.outputs)

    # --- expressions -----------------------------------------------------------------------------

    def _leaf(self, position: int, node: Node) -> None:
        """An input, a constant, or an operation without arguments."""
        expr: Expr
        if node.op == INPUT:
            expr = self.parameters[node.params[0]]
        elif node.op == CONSTANT:  # as a number: an operation that repeats takes no array of it
            expr = Number(constant_value(node), (), node.dtype)
        elif node in self.setting.known:
            expr = self.setting.known[node]
        else:
            expr = Op(node.op, (), node.params, node.shape, node.dtype)
        self.exprs[position], self.drafts[position] = expr, self._draft(expr)

    def _draft(self, expr: Expr) -> Draft:
        """Of an expression that stands for an input, or of a leaf."""
        if isinstance(expr, Ref):
            return self.style.name(expr.name, expr.shape)
        if isinstance(expr, Number):
            return self.style.number(expr)
        args = [self._draft(argument) for argument in expr.args]
        return self.style.drafter(expr.name)(args, expr.params, expr.shape)

    def _compute(self, position: int, node: Node, rules: _Rules) -> None:
        """The expression of one line, of those of its arguments."""
        op, args, params, shape, dtype = node
        if rules.is_itself:
            self.exprs[position] = self.whole(args[0])
            self.drafts[position] = self._draft_of(args[0], self.exprs[position])
            return
        if self.has_arrays:
            exprs, drafts = self._arguments(node, repeats=rules.repeats)
            self.exprs[position] = Op(op, tuple(exprs), params, shape, dtype)
        else:
            self.exprs[position] = Op(op, tuple(map(self._expr_at, args)), params, shape, dtype)
            drafts = list(map(self._draft_at, args))
        draft = self._drafters.get(op)
        if draft is None:  # the first that is no write in place
            draft = self._drafters[op] = self.style.drafter(op)
        self.drafts[position] = draft(drafts, params, shape)

    def _arguments(self, node: Node, *, repeats: bool) -> tuple[list[Expr], list[Draft]]:
        """What an operation on arrays takes, with numbers for arrays where it repeats them."""
        if not repeats:
            exprs = [self.whole(argument) for argument in node.args]
            return exprs, [self._draft_of(*pair) for pair in zip(node.args, exprs, strict=True)]
        args = [self.source[argument] for argument in node.args]
        exprs = [self.exprs[argument] for argument in args]
        drafts = [self.drafts[argument] for argument in args]
        if node.shape and all([self.graph.nodes[at].op == CONSTANT for at in node.args]):
            exprs[0] = self.whole(args[0])  # of numbers alone it would be a number
            drafts[0] = self._draft_of(args[0], exprs[0])
        return exprs, drafts

    def whole(self, position: int) -> Expr:
        """A line with its full shape: a constant as an array, made anew at each use."""
        node = self.graph.nodes[position]
        if node.op == CONSTANT and node.shape:
            return Number(constant_value(node), node.shape, node.dtype)
        return self.exprs[position]

    def _draft_of(self, position: int, expr: Expr) -> Draft:
        """The draft of what `whole` says of a line."""
        known = self.drafts[position]
        return known if expr is self.exprs[position] else self._draft(expr)

    # --- statements ------------------------------------------------------------------------------

    def state(self, name: str, value: Expr, position: int, draft: Draft = None) -> Ref:
        """Give a name a value, at the place that a line comes from."""
        self.statements.append(Let(name, value, self.span_of(position), draft))
        return Ref(name, value.shape, value.dtype)

    def span_of(self, position: int) -> Span | None:
        """The place in the source, that of the loop around where a line has none."""
        return self.graph.spans.get(position) or self.around.span

    def call(self, position: int, ref: Ref) -> None:
        """Read a line under a name from here on."""
        self.exprs[position], self.drafts[position] = ref, self.style.name(ref.name, ref.shape)

    def _name(self, position: int) -> None:
        """Give a line a statement of its own."""
        if not self._has_name(position):
            name = self.style.fresh(self._wish(position))
            expr, draft = self.exprs[position], self.drafts[position]
            self.call(position, self.state(name, expr, position, draft))

    def _has_name(self, position: int) -> bool:
        """Whether naming the line would not make it shorter: it is a name or a number."""
        node = self.graph.nodes[position]
        if isinstance(self.exprs[position], Ref | Number):
            return True
        return not node.args and (node.op == INPUT or not node.shape)

    def _wish(self, position: int) -> str:
        """The user's name of a line, or one that says what it is."""
        graph, letter = self.graph, self.setting.letter
        known = graph.name_of(position, "")
        if known:
            return known
        if self._is_early(position):
            name = graph.output_names[graph.outputs.index(position)]
            return name if name.isidentifier() else letter
        node = graph.nodes[position]
        args = [self.exprs[self.source[argument]] for argument in node.args]
        return name_of_operation(node, args, letter)

    def _shorten(self, position: int, node: Node) -> None:
        """Name the longest arguments until the line fits."""
        width, drafts = self.style.width, self.drafts
        rules = self._rules_of(node.op)
        args = [self.source[argument] for argument in node.args]
        while width(drafts[position]) > self.widest:
            longest = max(args, key=lambda argument: width(drafts[argument]))
            if self._has_name(longest):
                return
            self._name(longest)
            self._compute(position, node, rules)

    # --- writes in place -------------------------------------------------------------------------

    def _update(self, position: int, node: Node) -> bool:
        """Write into an array that nothing else needs, if that is what the line does."""
        base = node.args[0]
        if not may_be_overwritten(self.graph, base, self.uses[base]):
            return False
        array = self.exprs[base]
        if not isinstance(array, Ref):
            name = self.style.fresh(self._wish(position))
            array = self.state(name, self.whole(base), position)
        new, *places = node.args[1:]
        args = (array, self._assigned(new), *map(self.whole, places))
        value = Op(node.op, args, node.params, node.shape, node.dtype)
        self.statements.append(Update(array.name, value, self.span_of(position)))
        self.call(position, array)
        return True

    def _assigned(self, position: int) -> Expr:
        """A line that is written into an array: a number need not be repeated for that."""
        node = self.graph.nodes[position]
        expr = self.exprs[position]
        if node.op == "broadcast" and not isinstance(expr, Ref):
            (number,) = node.args
            if not self.graph.nodes[number].shape:
                return self.exprs[number]
        return expr

    def _settle(self, position: int, name: str) -> None:
        """Give a line a name that a loop carries on, unless a line after it reads the old value."""
        graph, expr = self.graph, self.exprs[position]
        if isinstance(expr, Ref) and expr.name == name:  # an inner loop has carried it on
            return
        later = set(graph.outputs) - {position}
        for node in graph.nodes[position + 1 :]:
            later.update(node.args)
        later |= {self.source[line] for line in later}
        if is_read(name, *[self.exprs[line] for line in later if line < position]):
            return
        added = self._added(position, name)
        if added is None:
            self.state(name, expr, position, self.drafts[position])
        else:
            args = Ref(name, expr.shape, expr.dtype), added
            value = Op("add", args, (), expr.shape, expr.dtype)
            self.statements.append(Update(name, value, self.span_of(position)))
        self.call(position, Ref(name, expr.shape, expr.dtype))

    def _added(self, position: int, name: str) -> Expr | None:
        """What the line adds to an array of this name, where that can be done in place."""
        node = self.graph.nodes[position]
        if name not in self.around.own or node.op != "add":
            return None
        for into, other in (node.args, node.args[::-1]):
            expr = self.exprs[into]
            is_it = isinstance(expr, Ref) and expr.name == name
            if is_it and self._is_read_once(into) and into not in self.graph.outputs:
                return self.exprs[self.source[other]]
        return None

    def _is_read_once(self, position: int) -> bool:
        return sum(line.args.count(position) for line in self.graph.nodes) == 1


def setting_of(
    graph: Graph,
    style: Style,
    parameters: Mapping[str, str],
    known: Mapping[Node, str],
    regions: Mapping[type, Region],
) -> tuple[dict[str, Expr], Setting]:
    """What stands for each input, and what the plans of a function share."""
    given: dict[str, Expr] = {}
    for at in graph.inputs:
        node = graph[at]
        name = node.params[0]
        given[name] = Ref(parameters[name], node.shape, node.dtype)
    names = {node: Ref(name, node.shape, node.dtype) for node, name in known.items()}
    letter = letter_beside(list(parameters.values()))
    return given, Setting(style, names, regions, letter)
