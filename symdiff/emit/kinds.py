"""Kinds made explicit: for libraries that convert no array by themselves and take no bare numbers.

In a graph, whole numbers and truths may stand beside floats, and a number may be Python's own: a
constant, a length, and what operators make of such. The array API has arrays of one kind alone in
an operation, and its functions take at least one array.
"""

from __future__ import annotations

from collections.abc import Sequence

from symdiff.emit.spell.base import Spellings
from symdiff.graph.graph import Graph
from symdiff.graph.nested import Nested, with_nested
from symdiff.graph.node import BOOL, COMPLEX, CONSTANT, FLOAT, INPUT, INT, Node
from symdiff.graph.shape import SCALAR
from symdiff.ops.control import logical_and, logical_not, logical_or, share, where
from symdiff.ops.creation import (
    as_bool,
    as_complex128,
    as_float32,
    as_float64,
    as_int64,
    length_,
)
from symdiff.ops.indexing import put, put_add
from symdiff.ops.operation import FIRST, GIVEN, Raises
from symdiff.ops.reduction import broadcast
from symdiff.ops.registry import OPERATIONS
from symdiff.optimize.rebuild import Rebuilder

_ORDER = (BOOL, INT, FLOAT, COMPLEX)
_CONVERSIONS = {
    COMPLEX: as_complex128.name,
    FLOAT: as_float64.name,
    INT: as_int64.name,
    BOOL: as_bool.name,
}
_CONVERT = {*_CONVERSIONS.values(), as_float32.name}
_OF_TRUTHS = {logical_and.name, logical_or.name, logical_not.name}
_WRITES = {put.name, put_add.name}


def with_kinds(
    graph: Graph, table: Spellings, *, has_arrays: bool = True, is_body: bool = False
) -> Graph:
    """The graph with conversions where it needs them, in loops too.

    Args:
        graph: optimised.
        table: how operations are written: operators take Python's own numbers.
        has_arrays: whether results are arrays by themselves.
        is_body: whether it is the body of a loop: what it counts is Python's.
    """
    graph = with_nested(graph, lambda inner: with_kinds(inner, table, is_body=True))
    rebuilder = Rebuilder(graph)
    pass_ = _Pass(rebuilder, table, is_body=is_body)
    rebuilder.copy(range(len(graph)), pass_.replaced)
    outputs = [rebuilder.moved[output] for output in graph.outputs]
    if has_arrays:
        kinds = [graph[output].dtype for output in graph.outputs]
        outputs = [pass_.array(at, kind) for at, kind in zip(outputs, kinds, strict=True)]
    return rebuilder.finish(outputs)


class _Pass:
    """One run over a graph."""

    def __init__(self, rebuilder: Rebuilder, table: Spellings, *, is_body: bool) -> None:
        self.builder = rebuilder.builder
        self.table = table
        self.is_body = is_body
        self.bare: dict[int, bool] = {}
        self.counted: dict[int, bool] = {}

    def replaced(self, rebuilder: Rebuilder, node: Node, position: int) -> int | None:
        """The line with arguments of the kinds that it works in; `None` where it has these."""
        nodes, args = self.builder.nodes, list(node.args)
        if node.op == broadcast.name:  # operators repeat by themselves: others ask for an array
            return self.builder.append(node)
        for number, kind in enumerate(_wanted(node, [nodes[at] for at in args])):
            if kind is not None and not self._may_stay(node, number, kind):
                args[number] = self.array(args[number], kind)
        is_kept = node is rebuilder.graph.nodes[position] and tuple(args) == node.args
        at = position if is_kept else self.builder.append(node._replace(args=tuple(args)))
        self._is_bare(at)  # now, so that no line asks deeply for it
        self._is_counted(at)
        return None if is_kept else at

    def _may_stay(self, node: Node, number: int, kind: str) -> bool:
        """Whether an argument is an array of the kind, or a number that may be Python's own."""
        nodes, at = self.builder.nodes, node.args[number]
        if not self._is_bare(at):
            return nodes[at].dtype == kind
        if not OPERATIONS[node.op].is_elementwise:
            return nodes[at].op == CONSTANT and bool(nodes[at].shape) and nodes[at].dtype == kind
        form, first = self._form(node.op), 1 if node.op == where.name else 0
        others = [a for a in node.args[first:] if not self._is_bare(a)]
        if form == "operator":
            if nodes[at].dtype != kind and self._is_counted(at):
                return False  # a whole number that is carried may be an array
            is_number = not node.shape and nodes[at].dtype != BOOL
            # what is repeated beside a repeated array is repeated by name, so it is an array
            return is_number or any(nodes[a].op != broadcast.name for a in others)
        if form != "function" or nodes[at].op == broadcast.name or number < first:
            return False
        return bool(others or number > first) and (len(node.args) < 3 or number > 0)

    def _form(self, op: str) -> str:
        """Whether an operation is an operator, a function of the library, or a text or helper."""
        spelling = self.table.spell(op)
        if spelling.form in ("infix", "prefix", "itself"):
            return "operator"
        return "function" if spelling.form == "call" and not spelling.source else ""

    def _is_bare(self, at: int) -> bool:
        """Whether a line is a number of Python's own, or repeats one."""
        found = self.bare.get(at)
        if found is None:
            found = self.bare[at] = self._found_bare(self.builder.nodes[at])
        return found

    def _is_counted(self, at: int) -> bool:
        """Whether a number of Python's own depends on what a loop counts or carries."""
        found = self.counted.get(at)
        if found is None:
            node = self.builder.nodes[at]
            found = node.op == INPUT or any(map(self._is_counted, node.args))
            self.counted[at] = found
        return found

    def _found_bare(self, node: Node) -> bool:
        if node.op == INPUT:
            return self.is_body and node.dtype == INT and not node.shape
        if node.op in (CONSTANT, length_.name):
            return True
        if node.op == broadcast.name:
            return self._is_bare(node.args[0])
        is_operator = not node.shape and bool(node.args) and self._form(node.op) == "operator"
        return is_operator and all(map(self._is_bare, node.args))

    def array(self, at: int, kind: str) -> int:
        """A line as an array of a kind."""
        append, node = self.builder.append, self.builder.nodes[at]
        if not self._is_bare(at):
            if node.dtype == kind:
                return at
            return append(Node(_CONVERSIONS[kind], (at,), (), node.shape, kind))
        if node.op == CONSTANT:
            number = append(Node(CONSTANT, (), node.params, SCALAR, kind))
        else:
            number = node.args[0] if node.op == broadcast.name else at
        made = append(Node(_CONVERSIONS[kind], (number,), (), SCALAR, kind))
        return (
            append(Node(broadcast.name, (made,), (node.shape,), node.shape, kind))
            if node.shape
            else made
        )


def _wanted(node: Node, args: Sequence[Node]) -> Sequence[str | None]:
    """The kind that an operation takes each argument in; `None` for one that it takes as it is."""
    record, kinds = OPERATIONS[node.op], [arg.dtype for arg in args]
    for param in node.params:
        if isinstance(param, Nested):  # a loop: what its body is given
            inner = param.graph
            return [inner[at].dtype for at in inner.inputs]
    if (
        not args
        or node.op in _CONVERT
        or record.dtype == GIVEN
        or isinstance(record.derivative, Raises)
    ):
        return [None] * len(args)
    largest = max(kinds, key=_ORDER.index)
    if node.op == where.name:
        return [BOOL, node.dtype, node.dtype]
    if node.op == share.name:
        return [node.dtype, BOOL, BOOL]
    if node.op in _OF_TRUTHS:
        return [BOOL] * len(args)
    if node.op in _WRITES:
        return [node.dtype, node.dtype, *[None] * (len(args) - 2)]
    if record.dtype == FIRST and not record.is_elementwise:
        return [kinds[0], *[None] * (len(args) - 1)]
    return [largest if node.dtype in (BOOL, INT) else node.dtype] * len(args)
