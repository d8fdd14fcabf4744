"""Roots of sums of squares, and what is differentiated in the place of each."""

from __future__ import annotations

import math

from symdiff.graph.node import FLOAT
from symdiff.ops.builder import Builder


def of_sqrt(b: Builder, x: int) -> int | None:
    """sqrt(u**2 + v**2 + ...), with numbers among the squares too; sqrt(u**2) = |u|.

    The root of a sum over axes is a length, whose gradient at the origin is 0.
    """
    if _is_length_squared(b, x):
        zero = b.constant(0.0, x)
        return b.make("where", (b.make("equal", (x, zero)), zero, b.make("sqrt", (x,))))
    roots = []
    for term in terms(b, x):
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


def terms(b: Builder, position: int) -> list[int]:
    """The terms of nested sums, from left to right."""
    found, pending = [], [position]
    while pending:
        current = pending.pop()
        node = b.nodes[current]
        if node.op == "add":
            pending.extend((node.args[1], node.args[0]))
        else:
            found.append(current)
    return found


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
