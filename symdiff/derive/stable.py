"""Stable twins: what is differentiated in the place of a form that overflows.

`log(1 + exp(x))` is infinite at 1000 as it is written, and its value stays as it is written. Its
derivative is 1 there, and comes out right when softplus(x), the same function, is differentiated
in its place. A twin is appended only where a pattern is found, so all else shares its lines.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from symdiff.derive.exponential_twins import ExponentialTwins
from symdiff.graph.graph import Graph
from symdiff.graph.node import FLOAT
from symdiff.ops.builder import Builder


def stable_twins(builder: Builder, graph: Graph) -> list[int]:
    """By position, the line that is differentiated in place of each line of the graph."""
    twins = list(range(len(graph)))
    exponentials = ExponentialTwins(builder)
    for position, node in enumerate(graph.nodes):
        builder.span = graph.spans.get(position)
        args = tuple([twins[argument] for argument in node.args])
        twin = _PATTERNS.get(node.op, _none)(builder, *args)
        if twin is None:
            twin = exponentials.twin(node.op, args)
        if twin is None:
            twin = _LATE_PATTERNS.get(node.op, _none)(builder, *args)
        if twin is None and args != node.args:
            twin = builder.make(node.op, args, node.params)
        twins[position] = position if twin is None else twin
        exponentials.note_all(twins[position])
        exponentials.give(twins[position], exponentials.form_of(node.op, args))
    builder.span = None
    return twins


def _none(*_: object) -> None:
    """The twin of an operation without patterns."""


def _log(b: Builder, x: int) -> int | None:
    """log(det(a)) where the determinant itself overflows; NaN where it is negative, as log."""
    if b.nodes[x].op != "det":
        return None
    (matrix,) = b.nodes[x].args
    logarithm = b.make("logabsdet", (matrix, b.make("slogdet", (matrix,))))
    is_negative = b.make("less", (x, b.constant(0.0, x)))
    domain = b.make("where", (is_negative, b.constant(math.nan, x), b.constant(1.0, x)))
    return b.make("multiply", (domain, logarithm))


def _sqrt(b: Builder, x: int) -> int | None:
    """sqrt(u**2 + v**2 + ...), with numbers among the squares too; sqrt(u**2) = |u|.

    The root of a sum over axes is a length, whose gradient at the origin is 0.
    """
    if _is_length_squared(b, x):
        zero = b.constant(0.0, x)
        return b.make("where", (b.make("equal", (x, zero)), zero, b.make("sqrt", (x,))))
    roots = []
    for term in _terms(b, x):
        root = _root(b, term)
        if root is None:
            return None
        roots.append(root)
    if all(root in b.constants for root in roots):
        return None
    total = roots[0]
    if len(roots) == 1:
        return b.make("absolute", (total,))
    for root in roots[1:]:
        total = b.make("hypot", (total, root))
    return total


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


_PATTERNS: dict[str, Callable[..., int | None]] = {
    "log": _log,
    "sqrt": _sqrt,
}
# after those of exponentials: exp(x)/(exp(x) + 1) is one of these too
_LATE_PATTERNS: dict[str, Callable[..., int | None]] = {"divide": _divide}


def _terms(b: Builder, position: int) -> list[int]:
    """The terms of nested sums, from left to right."""
    terms, pending = [], [position]
    while pending:
        current = pending.pop()
        node = b.nodes[current]
        if node.op == "add":
            pending.extend((node.args[1], node.args[0]))
        else:
            terms.append(current)
    return terms


def _is_length_squared(b: Builder, position: int) -> bool:
    """Whether a line is a sum of squares over axes, or so much for each element, as a variance."""
    node = b.nodes[position]
    if node.op in ("divide", "multiply"):
        counts = [at for at in node.args if b.nodes[at].dtype != FLOAT or at in b.constants]
        rest = [at for at in node.args if at not in counts]
        if len(rest) != 1 or (node.op == "divide" and rest[0] != node.args[0]):
            return False
        node = b.nodes[rest[0]]
    if node.op == "contract":
        first, second = node.params[0].split("->")[0].split(",")
        return node.args[0] == node.args[1] and first == second
    return node.op == "sum" and _is_square(b, node.args[0])


def _is_square(b: Builder, position: int) -> bool:
    """Whether a line is u**2, or that where a mask holds and 0 elsewhere."""
    node = b.nodes[position]
    if node.op == "where" and b.constants.get(node.args[2]) == 0.0:
        node = b.nodes[node.args[1]]
    if node.op == "power":
        return b.constants.get(node.args[1]) == 2.0
    return node.op == "multiply" and node.args[0] == node.args[1]


def _root(b: Builder, position: int) -> int | None:
    """The u for which a line is u**2: of a square, a number >= 0, or a number times a square."""
    node = b.nodes[position]
    value = b.constants.get(position)
    if value is not None:
        return b.constant(math.sqrt(value), position) if 0.0 <= value < math.inf else None
    if node.op == "power" and b.constants.get(node.args[1]) == 2.0:
        return node.args[0]
    if node.op == "multiply":
        if node.args[0] == node.args[1]:
            return node.args[0]
        for number, other in (node.args, node.args[::-1]):
            value = b.constants.get(number)
            inner = b.nodes[other]
            if value is None or value < 0.0 or number == other:
                continue
            if inner.op == "power" and b.constants.get(inner.args[1]) == 2.0:
                return b.make("multiply", (b.constant(math.sqrt(value), position), inner.args[0]))
    return None
