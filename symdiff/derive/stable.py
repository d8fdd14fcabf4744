"""Stable twins: what is differentiated in the place of a form that overflows.

`log(1 + exp(x))` is infinite at 1000 as it is written, and its value stays as it is written. Its
derivative is 1 there, and comes out right when softplus(x), the same function, is differentiated
in its place. A twin is appended only where a pattern is found, so all else shares its lines.
"""

from __future__ import annotations

from collections.abc import Callable

from symdiff.derive.exponential_twins import ExponentialTwins
from symdiff.derive.forms import of_sqrt
from symdiff.derive.halves import OF_HALVES, may_have_halves
from symdiff.derive.overflow import with_forms
from symdiff.graph.graph import Graph
from symdiff.graph.node import COMPLEX
from symdiff.ops.along_axis import sum_in_order
from symdiff.ops.builder import Builder
from symdiff.ops.complex_numbers import complex_absolute
from symdiff.ops.reduction import total


def stable_twins(builder: Builder, graph: Graph) -> list[int]:
    """By position, the line that is differentiated in place of each line of the graph."""
    twins = list(range(len(graph)))
    exponentials = ExponentialTwins(builder)
    may_overflow, has_form = with_forms(builder, graph)
    patterns = _PATTERNS
    if complex_absolute.name in graph.by_op:
        patterns = patterns | _OF_MAGNITUDES
    if may_have_halves(graph):
        patterns = patterns | OF_HALVES
    rewritten = patterns.keys() | _LATE_PATTERNS.keys()
    others = set[int]()  # positions of lines that have a twin
    for position, node in enumerate(graph.nodes):
        op, is_open = node[0], may_overflow[position] or has_form[position]
        if not is_open and op not in rewritten and others.isdisjoint(node[1]):
            continue  # most lines
        args = tuple([twins[argument] for argument in node[1]])
        builder.span = graph.spans.get(position)
        twin = None
        if node.dtype != COMPLEX:  # patterns are those of real numbers
            twin = patterns.get(op, _none)(builder, *args)
            if twin is None and may_overflow[position]:
                twin = exponentials.twin(op, args)
            if twin is None:
                twin = _LATE_PATTERNS.get(op, _none)(builder, *args)
        is_rewritten = twin is not None
        if twin is None and args != node[1]:
            twin = builder.make(op, args, node.params)
        if twin is not None and twin != position:
            twins[position] = twin
            others.add(position)
        if has_form[position] and node.dtype != COMPLEX:
            exponentials.note_all(twins[position])
            if is_rewritten:  # its own form may be hidden behind a scale
                exponentials.give(twins[position], exponentials.form_of(op, args))
    builder.span = None
    return twins


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
