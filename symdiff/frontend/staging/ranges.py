"""Ranges of whole numbers in a step: Python's never overflow, those of lines do."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping, Sequence

from symdiff.graph.graph import Graph
from symdiff.graph.node import CONSTANT, INT, constant_value

Range = tuple[float, float]

LARGEST = 2.0**62  # of what lines of int64 hold, with a margin for what is rounded here
_EVERYTHING = (-math.inf, math.inf)
_ROUNDS = 4  # of widening, before growth is taken for what goes on


def stay_exact(
    graph: Graph, given: Mapping[int, Range], carried: Sequence[tuple[int, int]], steps: float
) -> bool:
    """Whether all whole numbers of a step are sure to be exact.

    Args:
        graph: the step.
        given: the ranges of its inputs of whole numbers at the first step.
        carried: for each whole number that is carried, its line at the start and at the end.
        steps: how many steps there may be.
    """
    now = dict(given)
    widths: list[list[float]] = []
    for _ in range(_ROUNDS):
        found = _ranges(graph, now)
        grown = dict(now)
        for start, end in carried:
            low, high = now[start]
            new = found[end]
            if new is None:
                continue
            grown[start] = min(low, new[0]), max(high, new[1])
        widths.append([max(map(abs, grown[start])) for start, _ in carried])
        if grown == now:
            break
        now = grown
    else:
        growth = [[b - a for a, b in zip(x, y, strict=True)] for x, y in itertools.pairwise(widths)]
        if growth[-1] != growth[-2]:
            return False
        for (start, _), more in zip(carried, growth[-1], strict=True):
            low, high = now[start]
            now[start] = low - steps * more, high + steps * more
        found = _ranges(graph, now)
    exact = [max(map(abs, r)) < LARGEST for r in found if r is not None]
    return all(exact)


def _ranges(graph: Graph, given: Mapping[int, Range]) -> list[Range | None]:
    """The range of each line of Python's whole numbers; `None` for NumPy's, which wrap."""
    found: list[Range | None] = []
    for at, node in enumerate(graph.nodes):
        known = [found[argument] for argument in node.args]
        if at in given:
            found.append(given[at])
        elif node.op == CONSTANT:
            value = float(constant_value(node))
            found.append((value, value) if node.dtype == INT else None)
        elif node.dtype != INT or node.shape or node.op not in _RULES:
            found.append(None)
        else:
            rule = _RULES[node.op]
            operands = known[1:] if node.op == "where" else known
            middle = _middle_of(graph, at)
            if middle is not None:  # its sum alone would seem to grow
                rule, operands = _union, [found[end] for end in middle]
            found.append(None if None in operands else rule(*operands))
    return found


def _middle_of(graph: Graph, at: int) -> tuple[int, int] | None:
    """The lines between whose values a line is as (a + b)//2, a + (b - a)//2 or b - (b - a)//2."""
    node = graph[at]
    if _is_half(graph, at) and graph[node.args[0]].op == "add":
        a, b = graph[node.args[0]].args
        return a, b
    if node.op not in ("add", "subtract"):
        return None
    ends = [node.args] if node.op == "subtract" else [node.args, node.args[::-1]]
    for end, half in ends:
        if _is_half(graph, half) and graph[graph[half].args[0]].op == "subtract":
            b, a = graph[graph[half].args[0]].args
            if end == (a if node.op == "add" else b):
                return a, b
    return None


def _is_half(graph: Graph, at: int) -> bool:
    """Whether a line is the half of another one, rounded down."""
    node = graph[at]
    if node.op != "floor_divide" or graph[node.args[1]].op != CONSTANT:
        return False
    return float(constant_value(graph[node.args[1]])) == 2.0


def _product(a: Range, b: Range) -> Range:
    corners = [x * y for x in a for y in b]
    return min(corners), max(corners)


def _union(a: Range, b: Range) -> Range:
    return min(a[0], b[0]), max(a[1], b[1])


_RULES: Mapping[str, Callable[..., Range]] = {
    "add": lambda a, b: (a[0] + b[0], a[1] + b[1]),
    "subtract": lambda a, b: (a[0] - b[1], a[1] - b[0]),
    "negative": lambda a: (-a[1], -a[0]),
    "multiply": _product,
    "square": lambda a: _product(a, a),
    "absolute": lambda a: (0.0, max(map(abs, a))),
    "maximum": lambda a, b: (max(a[0], b[0]), max(a[1], b[1])),
    "minimum": lambda a, b: (min(a[0], b[0]), min(a[1], b[1])),
    "floor_divide": lambda a, _: (-max(map(abs, a)) - 1, max(map(abs, a)) + 1),
    "remainder": lambda _, b: (-max(map(abs, b)), max(map(abs, b))),
    "where": _union,
    "as_int64": lambda a: a,
    "power": lambda *_: _EVERYTHING,
}
