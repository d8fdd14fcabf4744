"""Stable twins: what is differentiated in the place of a form that overflows.

`log(1 + exp(x))` is infinite at 1000 as it is written, and its value stays as it is written. Its
derivative is 1 there, and comes out right when softplus(x), the same function, is differentiated
in its place. A twin is appended only where a pattern is found, so all else shares its lines.

What is made of twins element by element, moved and summed is a twin too. Any other operation, as a
product of matrices or a factorisation, takes the values as they are written, so that none of its
work is done twice: its cotangents go to the twins of its arguments.
"""

from __future__ import annotations

from collections.abc import Callable

from symdiff.derive.exponential_twins import ExponentialTwins, keeps_value
from symdiff.derive.forms import of_sqrt
from symdiff.derive.halves import OF_HALVES, may_have_halves
from symdiff.derive.overflow import overflow_of
from symdiff.graph.graph import Graph
from symdiff.graph.node import COMPLEX, CONTINUOUS, Node
from symdiff.ops.along_axis import sum_in_order
from symdiff.ops.builder import Builder
from symdiff.ops.complex_numbers import complex_absolute
from symdiff.ops.reduction import total
from symdiff.ops.registry import OPERATIONS

_MOVING = frozenset(
    "broadcast reshape transpose index concatenate stack sum sum_in_order max min held".split()
)


def stable_twins(builder: Builder, graph: Graph) -> list[int]:
    """By position, the line that is differentiated in place of each line of the graph."""
    holds, may_overflow, has_form = overflow_of(builder, graph)
    found = _Twins(builder, graph, holds)
    rewritten = found.patterns.keys() | _LATE_PATTERNS.keys()
    for position, node in enumerate(graph.nodes):
        is_open = may_overflow[position] or has_form[position]
        if not is_open and node[0] not in rewritten and found.others.isdisjoint(node[1]):
            continue  # most lines
        if node[4] not in CONTINUOUS:
            continue  # a condition decides for the derivative as it does for the value
        builder.span = graph.spans.get(position)
        found.add(position, may_overflow=bool(may_overflow[position]))
        if has_form[position] and node.dtype != COMPLEX:
            found.note(position)
    builder.span = None
    return found.twins


class _Twins:
    """The twins of the lines so far.

    Attributes:
        twins: by position, what is differentiated in place of a line.
        others: positions of lines that have a twin.
        loose: of these, those whose twins have other values where they overflow.
        formulas: of lines that were rewritten, the arguments that they had.
    """

    def __init__(self, builder: Builder, graph: Graph, holds: bytearray) -> None:
        self.builder = builder
        self.nodes = graph.nodes
        self.twins = list(range(len(graph)))
        self.others = set[int]()
        self.loose = set[int]()
        self.formulas: dict[int, tuple[int, ...]] = {}
        self.exponentials = ExponentialTwins(builder, holds)
        self.patterns = _PATTERNS
        if complex_absolute.name in graph.by_op:
            self.patterns = self.patterns | _OF_MAGNITUDES
        if may_have_halves(graph):
            self.patterns = self.patterns | OF_HALVES

    def add(self, position: int, *, may_overflow: bool) -> None:
        """Find what is differentiated in place of a line."""
        node = self.nodes[position]
        flows = not self.loose.isdisjoint(node.args) and _flows(node.op)
        args = tuple([self._argument(at, flows=flows) for at in node.args])
        twin = self._by_pattern(node, args)
        if twin is None:
            twin = self._by_form(node, args, may_overflow=may_overflow)
        is_loose = flows
        if twin is not None:
            self.formulas[position] = args
            is_loose = flows or not keeps_value(node.op, self.builder.nodes[twin])
        elif args != node.args:
            twin = self.builder.make(node.op, args, node.params)
        if twin is not None and twin != position:
            self.twins[position] = twin
            self.others.add(position)
            if is_loose:
                self.loose.add(position)

    def _argument(self, position: int, *, flows: bool) -> int:
        """The twin of a line; where that would repeat work, the line as it was written."""
        twin = self.twins[position]
        if flows or position not in self.loose:
            return twin
        return self.exponentials.written(twin, position)

    def _by_pattern(self, node: Node, args: tuple[int, ...]) -> int | None:
        """The twin of a line that shows a root, or a sum, whose twin has its value."""
        if node.dtype == COMPLEX:  # patterns are those of real numbers
            return None
        return self.patterns.get(node.op, _none)(self.builder, *args)

    def _by_form(self, node: Node, args: tuple[int, ...], *, may_overflow: bool) -> int | None:
        """The twin of a line that shows what overflows."""
        if node.dtype == COMPLEX:
            return None
        twin = self.exponentials.twin(node.op, args) if may_overflow else None
        return _LATE_PATTERNS.get(node.op, _none)(self.builder, *args) if twin is None else twin

    def note(self, position: int) -> None:
        """Find the form of a line."""
        twin = self.twins[position]
        self.exponentials.note_all(twin)
        if position in self.formulas:  # its own form may be hidden behind a scale
            form = self.exponentials.form_of(self.nodes[position].op, self.formulas[position])
            self.exponentials.give(twin, form)


def _flows(op: str) -> bool:
    """Whether an operation is repeated on twins: elements stay apart in it, or it is cheap."""
    return op in _MOVING or OPERATIONS[op].is_elementwise


def _none(*_: object) -> None:
    """The twin of an operation without patterns."""


def _log(b: Builder, x: int) -> int | None:
    """log(det(a)), also where the determinant itself overflows."""
    if b.nodes[x].op != "det":
        return None
    (matrix,) = b.nodes[x].args
    return b.make("logabsdet", (matrix, b.make("slogdet", (matrix,))))


def _divide(b: Builder, x: int, y: int) -> int | None:
    """c*a/(a + b), where a may be so large that it is infinity over itself."""
    above, below = b.nodes[x], b.nodes[y]
    if below.op != "add":
        return None
    if above.op == "multiply" and above.args[0] in b.constants:
        part = _divide(b, above.args[1], y) if above.args[1] in below.args else None
        return None if part is None else b.make("multiply", (above.args[0], part))
    if x not in below.args or x in b.constants:
        return None
    first, second = below.args
    return b.make("fraction", (x, second if first == x else first))


def _square_of_magnitude(b: Builder, x: int, y: int) -> int | None:
    """|z|*|z| is smooth at 0."""
    node = b.nodes[x]
    if x != y or node.op != complex_absolute.name:
        return None
    return b.make("absolute_square", (*node.args, b.make("multiply", (x, x))))


def _even_power_of_magnitude(b: Builder, x: int, y: int) -> int | None:
    """|z|**2, |z|**4, ... are powers of what is smooth at 0."""
    node, exponent = b.nodes[x], b.constants.get(y)
    if node.op != complex_absolute.name or not exponent or exponent % 2.0 or exponent < 0.0:
        return None
    written = b.make("power", (x, b.constant(2.0, x)))
    square = b.make("absolute_square", (*node.args, written))
    return b.make("power", (square, b.constant(0.5 * exponent, x)))


def _sum_in_order(b: Builder, x: int) -> int | None:
    """The derivative of a sum is the same in every order, and the other patterns know sums."""
    return total(b.handle(x), -1).at


_PATTERNS: dict[str, Callable[..., int | None]] = {
    "log": _log,
    sum_in_order.name: _sum_in_order,
    "sqrt": of_sqrt,
}
# of products and powers, which are most lines, looked at where there is a magnitude
_OF_MAGNITUDES: dict[str, Callable[..., int | None]] = {
    "multiply": _square_of_magnitude,
    "power": _even_power_of_magnitude,
}
# after those of exponentials: exp(x)/(exp(x) + 1) is one of these too
_LATE_PATTERNS: dict[str, Callable[..., int | None]] = {"divide": _divide}
