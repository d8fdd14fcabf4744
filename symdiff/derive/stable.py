"""Stable twins: what is differentiated in the place of a form that overflows.

`log(1 + exp(x))` is infinite at 1000 as it is written, and its value stays as it is written. Its
derivative is 1 there, and comes out right when softplus(x), the same function, is differentiated
in its place. A twin is appended only where a pattern is found, so all else shares its lines.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from symdiff.graph.graph import Graph
from symdiff.graph.node import FLOAT
from symdiff.ops.builder import Builder


def stable_twins(builder: Builder, graph: Graph) -> list[int]:
    """By position, the line that is differentiated in place of each line of the graph."""
    twins = list(range(len(graph)))
    for position, node in enumerate(graph.nodes):
        pattern = _PATTERNS.get(node.op)
        if pattern is None and all(twins[argument] == argument for argument in node.args):
            continue
        builder.span = graph.spans.get(position)
        args = tuple([twins[argument] for argument in node.args])
        twin = pattern(builder, *args) if pattern is not None else None
        if twin is not None:
            twins[position] = twin
        elif args != node.args:
            twins[position] = builder.make(node.op, args, node.params)
    builder.span = None
    return twins


def _log(b: Builder, x: int) -> int | None:
    """log(exp(u) + exp(v) + ...) and log(1 + exp(u)); a factor or divisor that is a number too."""
    exponents = _exponents(b, x)
    if exponents is not None:
        return _log_sum_exp(b, exponents)
    node = b.nodes[x]
    if node.op == "det":
        return _log_det(b, x)
    over_axes = _log_of_sum(b, x)
    if over_axes is not None:
        return over_axes
    if node.op in ("multiply", "divide"):
        for summed, number in (node.args, node.args[::-1]):
            value = b.constants.get(number)
            exponents = _exponents(b, summed)
            if value is not None and value > 0.0 and exponents is not None:
                if node.op == "divide" and number == node.args[0]:
                    return None
                shift = math.log(value) if node.op == "multiply" else -math.log(value)
                return b.make("add", (_log_sum_exp(b, exponents), b.constant(shift, x)))
    return None


def _log_of_sum(b: Builder, x: int) -> int | None:
    """log(sum(exp(u))) over axes, in whatever shape the sum is put."""
    node = b.nodes[x]
    if node.op in ("reshape", "broadcast"):
        inner = _log_of_sum(b, node.args[0])
        return None if inner is None else b.make(node.op, (inner,), node.params)
    if node.op == "sum" and b.nodes[node.args[0]].op == "exp":
        return b.make("logsumexp", b.nodes[node.args[0]].args, node.params)
    return None


def _log_det(b: Builder, x: int) -> int:
    """log(det(a)) where the determinant itself overflows; NaN where it is negative, as log."""
    (matrix,) = b.nodes[x].args
    logarithm = b.make("logabsdet", (matrix, b.make("slogdet", (matrix,))))
    is_negative = b.make("less", (x, b.constant(0.0, x)))
    domain = b.make("where", (is_negative, b.constant(math.nan, x), b.constant(1.0, x)))
    return b.make("multiply", (domain, logarithm))


def _log1p(b: Builder, x: int) -> int | None:
    """log1p(exp(u))."""
    node = b.nodes[x]
    return b.make("softplus", node.args) if node.op == "exp" else None


def _divide(b: Builder, x: int, y: int) -> int | None:
    """x/exp(u), x/cosh(u); exp(u)/(exp(u) + exp(v) + ...), 1/(1 + exp(u)) and what is like them."""
    if b.nodes[y].op == "exp" and x not in b.constants:
        # the same as x*exp(-u), and inf times 0 does not come up where exp(u) overflows
        return b.make("multiply", (x, b.make("exp", (b.make("negate", b.nodes[y].args),))))
    if b.nodes[y].op == "cosh":
        return b.make("multiply", (x, b.make("sech", b.nodes[y].args)))
    if b.nodes[x].op == "exp" and b.nodes[x].shape:
        logarithm = _log_of_sum(b, y)
        if logarithm is not None:
            exponent = b.make("subtract", (b.nodes[x].args[0], logarithm))
            return b.make("exp", (exponent,))
    above = _exponent(b, x)
    below = _exponents(b, y)
    if above is None or below is None:
        return None
    if len(below) == 2 and above in below:
        other = below[1] if below[0] == above else below[0]
        return b.make("sigmoid", (b.make("subtract", (above, other)),))
    return b.make("exp", (b.make("subtract", (above, _log_sum_exp(b, below))),))


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


_PATTERNS: dict[str, Callable[..., int | None]] = {
    "log": _log,
    "log1p": _log1p,
    "divide": _divide,
    "sqrt": _sqrt,
}


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


def _exponent(b: Builder, position: int) -> int | None:
    """The u for which a line is exp(u): also of a positive number and of c*exp(u)."""
    node = b.nodes[position]
    if node.op == "exp":
        return node.args[0]
    value = b.constants.get(position)
    if value is not None and 0.0 < value < math.inf:
        return b.make("log", (position,))
    if node.op == "multiply":
        for number, other in (node.args, node.args[::-1]):
            value = b.constants.get(number)
            if value is not None and value > 0.0 and b.nodes[other].op == "exp":
                return b.make("add", (b.nodes[other].args[0], b.make("log", (number,))))
    return None


def _exponents(b: Builder, position: int) -> list[int] | None:
    """The exponents of a sum of two or more exponentials, not all of them numbers."""
    terms = _terms(b, position)
    if len(terms) < 2 or not any(_has_exponential(b, term) for term in terms):
        return None
    exponents = []
    for term in terms:
        exponent = _exponent(b, term)
        if exponent is None:
            return None
        exponents.append(exponent)
    return exponents


def _has_exponential(b: Builder, position: int) -> bool:
    node = b.nodes[position]
    return node.op == "exp" or any(b.nodes[argument].op == "exp" for argument in node.args)


def _log_sum_exp(b: Builder, exponents: list[int]) -> int:
    if len(exponents) == 2:
        for zero, other in (exponents, exponents[::-1]):
            if b.constants.get(zero) == 0.0:
                return b.make("softplus", (other,))
    total = exponents[0]
    for exponent in exponents[1:]:
        total = b.make("logaddexp", (total, exponent))
    return total


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
