"""A graph under construction: shares equal lines, applies the identities, keeps the places."""

from __future__ import annotations

from collections.abc import Callable, Iterable, MutableMapping, Sequence
from typing import Any

from symdiff.errors import LimitError, ShapeError, Span, UnsupportedError
from symdiff.graph.graph import Graph
from symdiff.graph.node import (
    BOOL,
    COMPLEX,
    CONSTANT,
    FLOAT,
    INT,
    Node,
    constant_node,
    constant_value,
    input_node,
    new_node,
)
from symdiff.graph.shape import SCALAR, Dimension, Shape
from symdiff.ops.handle import Handle
from symdiff.ops.operation import FIRST, GIVEN, PROMOTED, REAL, Operation
from symdiff.ops.registry import COMPLEX_FORMS, OPERATIONS
from symdiff.ops.rules.table import OnNumbers, Rules

# a line before it is known whether there is an equal one: a node takes five times as long to make
Key = tuple[str, tuple[int, ...], tuple[Any, ...], Shape, str]


class Builder:
    """Appends lines, each once.

    Args:
        rules: the identities to apply, `EXACT` or `ALGEBRAIC` of `symdiff.ops.rules`.
        graph: a graph to go on from; its lines keep their positions.
        limit: the largest number of lines, `None` for no limit.

    Attributes:
        start: how many lines the graph had.
        span: the place in the source that new lines are given.
        constants: the numbers among the lines, by position.
        hints: the names that the user gave lines, by position.
        derived: the names that the derivation gave them.
        arrays: lines that make arrays which are known, by the contents of these.
        ranges: by the names of extents, the smallest and the largest number that one has.
    """

    def __init__(self, rules: Rules, graph: Graph | None = None, limit: int | None = None) -> None:
        self.rules = rules
        self.limit = limit
        self.start = 0 if graph is None else len(graph)
        self.span: Span | None = None
        self.nodes: list[Node] = [] if graph is None else list(graph.nodes)
        self.spans: dict[int, Span] = {} if graph is None else dict(graph.spans)
        self.hints: dict[int, str] = {} if graph is None else dict(graph.hints)
        self.derived: dict[int, str] = {} if graph is None else dict(graph.derived)
        self.constants: dict[int, float] = {}
        self.arrays: dict[Any, int] = {}
        self.ranges: MutableMapping[str, tuple[Dimension, Dimension]] = {}
        nodes = self.nodes
        self._index: dict[Key, int] = dict(zip(nodes, range(len(nodes)), strict=True))
        self._find: Callable[[Key], int | None] = self._index.get
        for at in graph.by_op.get(CONSTANT, ()) if graph is not None else ():
            self.constants[at] = constant_value(nodes[at])

    def input(self, name: str, shape: Shape = (), dtype: str = FLOAT) -> int:
        """The position of an argument of the function."""
        return self.append(input_node(name, shape, dtype))

    def constant(self, value: float, like: int | None = None) -> int:
        """The position of a number, or of an array full of it, of the shape of another line."""
        return self.full(value, SCALAR if like is None else self.nodes[like].shape)

    def full(self, value: float, shape: Shape, dtype: str = FLOAT) -> int:
        """The position of an array full of a number."""
        position = self.append(constant_node(value, shape, dtype))
        self.constants[position] = float(value)  # the opposite of a whole 0 has no sign
        return position

    def position(self, value: Handle | float, like: int) -> int:
        """The position of a handle, or of a constant made for a number in the shape of a line."""
        if isinstance(value, Handle):
            return value.at
        return self.constant(float(value), like)

    def handle(self, position: int) -> Handle:
        """A handle on a line, for writing rules."""
        return Handle(self, position)

    def are_numbers(self, positions: Iterable[int]) -> bool:
        """Whether lines are floats, and none an array."""
        nodes = self.nodes
        for position in positions:
            node = nodes[position]
            if node[3] or node[4] != FLOAT:
                return False
        return True

    def make(self, op: str, args: tuple[int, ...], params: tuple[Any, ...] = ()) -> int:
        """The position of an operation on lines, after the identities.

        Raises:
            LimitError: where the graph would grow beyond the limit.
        """
        rule = None if params else self.rules.on_numbers[op]
        if rule is not None:
            nodes, is_met = self.nodes, False
            dtype, _, looked_for, scaled, takes_equals = rule
            for argument in args:
                other, given, _, shape, kind = nodes[argument]
                if shape or kind != FLOAT:
                    break
                if other in looked_for or (other in scaled and given[0] in self.constants):
                    is_met = True
            else:
                if is_met or (takes_equals and args[0] == args[1]):
                    found = self._of_numbers(op, args, rule)
                    if found is not None:
                        return found
                return self._share((op, args, (), SCALAR, dtype))
        nodes, record = self.nodes, OPERATIONS[op]
        shapes = [nodes[argument].shape for argument in args]
        has_shape = bool(params) or any(shapes)
        kinds = [nodes[argument].dtype for argument in args]
        if COMPLEX in kinds:
            op, args = self._of_complex(op, args)
            record = OPERATIONS[op]
        dtype = kind_of(record, kinds, params)
        if has_shape:
            found = self._with_shapes(op, args, params, dtype)
            if found is not None:
                return found
        if dtype != INT:  # the identities are those of real numbers
            for row in self.rules.always.get(op, ()):
                found = row(self, *args)
                if found is not None and nodes[found].dtype == dtype:
                    return found
            if not self.constants.keys().isdisjoint(args):
                found = self._with_constants(op, args, params, dtype)
                if found is not None:
                    return found
        else:
            for row in self.rules.whole.get(op, ()):
                found = row(self, *args)
                if found is not None and nodes[found].dtype == dtype:
                    return found
        shape = record.shape(shapes, params) if has_shape else SCALAR
        return self.append((op, args, params, shape, dtype))

    def _of_complex(self, op: str, args: tuple[int, ...]) -> tuple[str, tuple[int, ...]]:
        """What an operation is where an argument is complex, and its arguments.

        Raises:
            UnsupportedError: where it has no rule for complex numbers.
        """
        if not OPERATIONS[op].takes_complex:
            if op not in COMPLEX_FORMS:
                raise UnsupportedError(
                    f"'{op}' of complex numbers is not supported",
                    suggestion="take np.real(z), np.imag(z), np.abs(z) or np.angle(z) first",
                )
            op = COMPLEX_FORMS[op]
        if op in _WRITES and self.nodes[args[0]].dtype != COMPLEX:
            args = (self.make("as_complex128", args[:1]), *args[1:])
        return op, args

    def _of_numbers(self, op: str, args: tuple[int, ...], rule: OnNumbers) -> int | None:
        """What the identities make of floats that are no arrays, one of which they look for."""
        for row in rule.always:
            found = row(self, *args)
            if found is not None and self.nodes[found].dtype == rule.dtype:
                return found
        if self.constants.keys().isdisjoint(args):
            return None
        return self._with_constants(op, args, (), rule.dtype)

    def _with_shapes(
        self, op: str, args: tuple[int, ...], params: tuple[Any, ...], dtype: str
    ) -> int | None:
        """What the identities of arrays give, which see the parameters too."""
        nodes = self.nodes
        if OPERATIONS[op].is_elementwise:
            for row in self.rules.elementwise:
                found = row(self, op, args, params)
                if found is not None and nodes[found].dtype == dtype:
                    return found
        for row in self.rules.shaped.get(op, ()):
            found = row(self, args, params)
            if found is not None and nodes[found].dtype == dtype:
                return found
        return None

    def _with_constants(
        self, op: str, args: tuple[int, ...], params: tuple[Any, ...], dtype: str
    ) -> int | None:
        """What the identities with numbers give, or the number itself where all are numbers.

        A row's result of another kind is not taken: 1.0*n is no whole number where n is one.
        """
        for row in self.rules.with_constant.get(op, ()):
            found = row(self, *args)
            if found is not None and self.nodes[found].dtype == dtype:
                return found
        constants = self.constants
        if params or not all([argument in constants for argument in args]):
            return None
        if not OPERATIONS[op].is_elementwise:
            return None
        value = self.rules.fold(op, [constants[argument] for argument in args])
        if value is None or dtype != FLOAT:
            return None
        return self.constant(value, args[0])

    def append(self, line: Key) -> int:
        """The position of a line as it is, without identities; an equal line is shared."""
        if line[3]:
            _check_lengths(line[3])
        return self._share(line)

    def _share(self, line: Key) -> int:
        """The position of an equal line, or of this one, behind all others."""
        found = self._find(line)
        if found is None and line[0] in _COMMUTATIVE:
            op, args, params, shape, dtype = line
            found = self._find((op, args[::-1], params, shape, dtype))
        if found is not None:
            return found
        position = len(self.nodes)
        if self.limit is not None and position >= self.limit:
            raise LimitError(
                f"the formula has more than {self.limit:,} operations",
                suggestion="raise the limit with --max-nodes",
            )
        node = new_node(Node, line)
        self._index[node] = position
        self.nodes.append(node)
        if self.span is not None:
            self.spans[position] = self.span
        return position

    def name_of(self, position: int) -> str:
        """The name of a line, `""` for none."""
        return self.hints.get(position) or self.derived.get(position, "")

    def name_as(self, position: int, graph: Graph, old: int) -> None:
        """Give a line the names that one of another graph has, where it has none."""
        if old in graph.hints:
            self.hints.setdefault(position, graph.hints[old])
        if old in graph.derived:
            self.derived.setdefault(position, graph.derived[old])

    def graph(
        self,
        inputs: Sequence[int],
        outputs: Sequence[int],
        output_names: Sequence[str],
        primal: int,
    ) -> Graph:
        """The finished graph: it does not grow with the builder."""
        return Graph(
            list(self.nodes),
            tuple(inputs),
            tuple(outputs),
            tuple(output_names),
            primal,
            dict(self.spans),
            dict(self.hints),
            dict(self.derived),
        )


def kind_of(record: Operation, kinds: Sequence[str], params: tuple[Any, ...]) -> str:
    """The kind of an operation's result, from those of its arguments.

    What computes floats computes complex numbers of such, and what is written into an array of
    floats makes it one of complex numbers.
    """
    kind = record.dtype
    if kind == GIVEN:
        return str(params[-1])
    if kind == REAL:
        return FLOAT
    if COMPLEX in kinds and kind in (FLOAT, FIRST):
        return COMPLEX
    if kind == PROMOTED:
        return promoted(kinds)
    return kinds[0] if kind == FIRST else kind


def promoted(kinds: Sequence[str]) -> str:
    """The largest of the kinds bool, int, float, complex."""
    if COMPLEX in kinds:
        return COMPLEX
    if FLOAT in kinds:
        return FLOAT
    return INT if INT in kinds else BOOL


_WRITES = frozenset(("put", "put_add"))
_COMMUTATIVE = frozenset(name for name, record in OPERATIONS.items() if record.commutative)


def _check_lengths(shape: Shape) -> None:
    """State that no axis has a negative length.

    Raises:
        ShapeError: naming the length.
    """
    for length in shape:
        if isinstance(length, int) and length < 0:
            raise ShapeError(f"an axis cannot have the length {length}")
