"""Expressions of lines, each with what the target holds of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from symdiff.graph.graph import Graph
from symdiff.graph.node import CONSTANT, INPUT, INT, Node, constant_value
from symdiff.graph.shape import Shape
from symdiff.ops.kinks import maximum, minimum
from symdiff.schedule.memory import elided
from symdiff.schedule.program import LARGER, SMALLER, Draft, Expr, Number, Op, Ref
from symdiff.schedule.style import Drafter, Style

NOTHING = Ref("")  # in the place of a line that is not an expression
ALONE = Op("", (NOTHING,))  # in the place of an expression that is its draft
EXTREMES = {maximum.name: LARGER, minimum.name: SMALLER}  # of two whole numbers: none is NaN
_OP = tuple.__new__  # an `Op` for each line: its own `__new__` takes twice as long


# how the expression of an operation is made: whether it repeats its arguments, and its draft, which
# is none where it is its argument; plain, as it is read for each line
_Way = tuple[bool, Drafter | None]


class Expressions:
    """The expression and the draft of every line so far.

    Args:
        graph: the lines.
        style: of the target.
        parameters: what stands for each input.
        known: lines that are defined outside of the program, under their names.
        are_drafts: whether an expression is its draft, and says of itself what it is alone.

    Attributes:
        exprs: by position, the expression; of drafts, that of a name is its draft.
        drafts: by position, what the target holds of it.
        source: by position, the line itself, or what it repeats silently.
    """

    def __init__(
        self,
        graph: Graph,
        style: Style,
        parameters: Mapping[str, Expr],
        known: Mapping[Node, Ref],
        *,
        are_drafts: bool = False,
    ) -> None:
        self.graph = graph
        self.style = style
        self.exprs: list[Expr] = [ALONE if are_drafts else NOTHING] * len(graph)
        self.drafts: list[Draft] = [None] * len(graph)
        self.source = elided(graph, style.repeats)
        self._parameters = parameters
        self._known = known
        self._has_arrays = graph.has_arrays
        self._are_drafts = are_drafts
        self._name = style.name
        self._ways: dict[str, _Way] = {}
        self._expr_at, self._draft_at = self.exprs.__getitem__, self.drafts.__getitem__

    def leaf(self, position: int, node: Node) -> None:
        """Find an input, a constant, or an operation without arguments."""
        expr: Expr
        if node.op == INPUT:
            expr = self._parameters[node.params[0]]
        elif node.op == CONSTANT:  # as a number: an operation that repeats takes no array of it
            expr = Number(constant_value(node), (), node.dtype)
        elif node in self._known:
            expr = self._known[node]
        else:
            expr = Op(node.op, (), node.params, node.shape, node.dtype)
        self.exprs[position], self.drafts[position] = expr, self.draft(expr)

    def compute(
        self,
        position: int,
        op: str,
        args: tuple[int, ...],
        params: tuple[Any, ...],
        shape: Shape,
        dtype: str,
    ) -> None:
        """Find the expression of a line from those of its arguments."""
        repeats, draft = self._ways.get(op) or self._way_of(op)
        known, found = self.exprs, self.drafts
        if dtype == INT and not shape and op in EXTREMES and self.style.decides:
            op = EXTREMES[op]
            draft = self.style.drafter(op)
        if self._are_drafts and draft is not None:
            found[position] = draft([found[at] for at in args], params, shape)
            return
        exprs: tuple[Expr, ...]
        if not self._has_arrays:
            if len(args) == 2:  # most of them
                x, y = args
                exprs, drafts = (known[x], known[y]), [found[x], found[y]]
            else:
                exprs, drafts = tuple(map(self._expr_at, args)), [*map(self._draft_at, args)]
        elif repeats:
            exprs, drafts = self._repeated_arguments(args, shape)
        else:
            exprs, drafts = self._whole_arguments(args)
        if draft is None:
            known[position], found[position] = exprs[0], drafts[0]
            return
        known[position] = _OP(Op, (op, exprs, params, shape, dtype))
        found[position] = draft(drafts, params, shape)

    def _way_of(self, op: str) -> _Way:
        style = self.style
        draft = None if style.is_itself(op) else style.drafter(op)
        found = self._ways[op] = style.repeats(op), draft
        return found

    def sources(self, args: tuple[int, ...]) -> tuple[int, ...]:
        """Lines, each as itself or what it repeats silently."""
        return tuple([self.source[at] for at in args]) if self._has_arrays else args

    def _whole_arguments(self, args: tuple[int, ...]) -> tuple[tuple[Expr, ...], list[Draft]]:
        exprs = tuple([self.whole(argument) for argument in args])
        pairs = zip(args, exprs, strict=True)
        return exprs, [self._draft_of(argument, expr) for argument, expr in pairs]

    def _repeated_arguments(
        self, args: tuple[int, ...], shape: Shape
    ) -> tuple[tuple[Expr, ...], list[Draft]]:
        """With numbers for arrays, which the operation repeats."""
        sources = self.sources(args)
        exprs, drafts = [*map(self._expr_at, sources)], [*map(self._draft_at, sources)]
        if shape and all([self.graph.nodes[at].op == CONSTANT for at in args]):
            exprs[0] = self.whole(sources[0])  # of numbers alone it would be a number
            drafts[0] = self._draft_of(sources[0], exprs[0])
        return tuple(exprs), drafts

    def whole(self, position: int) -> Expr:
        """A line with its full shape: a constant as an array, made anew at each use."""
        node = self.graph.nodes[position]
        if node.op == CONSTANT and node.shape:
            return Number(constant_value(node), node.shape, node.dtype)
        return self.exprs[position]

    def call(self, position: int, ref: Ref) -> None:
        """Read a line under a name from here on."""
        self.exprs[position], self.drafts[position] = ref, self._name(ref[0], ref[1])

    def _draft_of(self, position: int, expr: Expr) -> Draft:
        """The draft of what `whole` says of a line."""
        known = self.drafts[position]
        return known if expr is self.exprs[position] else self.draft(expr)

    def draft(self, expr: Expr) -> Draft:
        """Of an expression that stands for an input, or of a leaf."""
        if isinstance(expr, Ref):
            return self.style.name(expr.name, expr.shape)
        if isinstance(expr, Number):
            return self.style.number(expr)
        args = [self.draft(argument) for argument in expr.args]
        return self.style.drafter(expr.name)(args, expr.params, expr.shape)


def without_names(lines: Expressions, longest: int) -> list[Expr | None]:
    """An expression for each output; `None` where it, or a part of it, would be too long."""
    graph, width, drafts = lines.graph, lines.style.width, lines.drafts
    read = [_read(node, lines.style) for node in graph.nodes]
    needed = _needed(graph, lines.style, read)
    for position, node in enumerate(graph.nodes):
        source = lines.source[position]
        if not needed[position]:
            continue
        if source != position:
            lines.exprs[position], drafts[position] = lines.exprs[source], drafts[source]
            continue
        if not all([drafts[argument] is not None for argument in read[position]]):
            continue
        if node.args:
            lines.compute(position, *node)
        else:
            lines.leaf(position, node)
        if not 0 < width(drafts[position]) <= longest:
            drafts[position] = None
    return [lines.whole(at) if drafts[at] is not None else None for at in graph.outputs]


def _read(node: Node, style: Style) -> tuple[int, ...]:
    """The arguments that the expression of a line has."""
    return node.args[:1] if node.args and style.is_itself(node.op) else node.args


def _needed(graph: Graph, style: Style, read: Sequence[tuple[int, ...]]) -> bytearray:
    """By position, 1 for a line of an output that the target has all operations for."""
    missing, needed = bytearray(len(graph)), bytearray(len(graph))
    for position, node in enumerate(graph.nodes):
        is_missing = node.op not in (INPUT, CONSTANT) and style.is_missing(node.op)
        missing[position] = is_missing or any([missing[argument] for argument in read[position]])
    for output in graph.outputs:
        needed[output] = not missing[output]
    for position in range(len(graph) - 1, -1, -1):
        if needed[position]:
            for argument in read[position]:
                needed[argument] = 1
    return needed
