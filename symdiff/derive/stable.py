"""Stable twins: what is differentiated in the place of a form that overflows.

`log(1 + exp(x))` is infinite at 1000 as it is written, and its value stays as it is written. Its
derivative is 1 there, and comes out right when softplus(x), the same function, is differentiated
in its place. A twin is appended only where a pattern is found, so all else shares its lines.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from symdiff.derive.forms import of_sqrt, terms
from symdiff.graph.graph import Graph
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
    """log(det(a)), also where the determinant itself overflows."""
    (matrix,) = b.nodes[x].args
    return b.make("logabsdet", (matrix, b.make("slogdet", (matrix,))))


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


_PATTERNS: dict[str, Callable[..., int | None]] = {
    "log": _log,
    "log1p": _log1p,
    "divide": _divide,
    "sqrt": of_sqrt,
}


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
    found = terms(b, position)
    if len(found) < 2 or not any(_has_exponential(b, term) for term in found):
        return None
    exponents = []
    for term in found:
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
