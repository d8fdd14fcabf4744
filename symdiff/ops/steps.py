"""Steps of loops that a test ends: how many there are at most, where a counter says so."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from symdiff.graph.graph import Graph
from symdiff.graph.node import CONSTANT, Node, constant_value, is_exact_integer
from symdiff.ops.arithmetic import add, subtract
from symdiff.ops.control import (
    greater,
    greater_equal,
    less,
    less_equal,
    logical_and,
    logical_not,
    logical_or,
)
from symdiff.ops.loops import Layout

# a comparison, and what it is where its arguments change places, or where it does not hold
_TURNED = {
    less.name: greater.name,
    less_equal.name: greater_equal.name,
    greater.name: less.name,
    greater_equal.name: less_equal.name,
}
_OPPOSITE = {
    less.name: greater_equal.name,
    less_equal.name: greater.name,
    greater.name: less_equal.name,
    greater_equal.name: less.name,
}


def most_steps(layout: Layout, starts: Sequence[Node]) -> int | None:
    """A bound on the steps of a loop; `None` where none is known.

    Known is that of a number that each step counts up or down by the same whole number, from one
    on, as long as it is on one side of a constant.

    Args:
        layout: a loop with a test.
        starts: the lines of what it carries at first.
    """
    test = layout.test
    assert test is not None  # others know their length
    carried = {at: n for n, at in enumerate(test.inputs[layout.first_carry :])}
    bounds = []
    for op, left, right in _needed(test):
        if right in carried:
            op, left, right = _TURNED[op], right, left
        if left not in carried or test[right].op != CONSTANT:
            continue
        number = carried[left]
        by, start = _change(layout, number), starts[number]
        if by is not None and start.op == CONSTANT:
            bounds.append(_count(op, constant_value(start), by, constant_value(test[right])))
    return min([bound for bound in bounds if bound is not None], default=None)


def _needed(test: Graph) -> Iterator[tuple[str, int, int]]:
    """The comparisons that all hold where a test does."""
    pending = [(test.outputs[0], True)]
    while pending:
        at, holds = pending.pop()
        node = test[at]
        if node.op == (logical_and if holds else logical_or).name:
            pending += [(argument, holds) for argument in node.args]
        elif node.op == logical_not.name:
            pending.append((node.args[0], not holds))
        elif node.op in _OPPOSITE:
            left, right = node.args
            yield node.op if holds else _OPPOSITE[node.op], left, right


def _change(layout: Layout, number: int) -> float | None:
    """The constant that each step adds to a carried number; `None` where it does something else."""
    graph = layout.graph
    before, after = graph.inputs[layout.first_carry + number], graph[graph.outputs[number]]
    if after.op not in (add.name, subtract.name) or before not in after.args:
        return None
    other = graph[after.args[1] if after.args[0] == before else after.args[0]]
    if other.op != CONSTANT or (after.op == subtract.name and after.args[0] != before):
        return None
    return constant_value(other) if after.op == add.name else -constant_value(other)


def _count(op: str, start: float, by: float, end: float) -> int | None:
    """How many numbers there are, from one on, that compare so with the end."""
    is_up = op in (less.name, less_equal.name)
    is_counted = is_exact_integer(start) and is_exact_integer(by) and math.isfinite(end)
    if not is_counted or by == 0.0 or (by > 0.0) != is_up:
        return None
    steps = (end - start) / by
    whole = math.floor(steps)
    takes_end = op in (less_equal.name, greater_equal.name)
    return max(0, whole + 1 if takes_end or whole < steps else whole)
