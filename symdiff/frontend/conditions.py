"""Numbers where conditions are wanted and conditions where numbers are, as in Python and NumPy.

A condition is a line of type bool, or a number that stands for a truth known now (`True` is 1).
What is known is decided here, so the graph holds no choice between constants.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from functools import reduce

from symdiff.graph.node import BOOL, FLOAT, INPUT
from symdiff.ops.control import (
    equal,
    greater,
    greater_equal,
    less,
    less_equal,
    logical_and,
    logical_not,
    logical_or,
    not_equal,
    where,
)
from symdiff.ops.elementwise import cos
from symdiff.ops.handle import Handle
from symdiff.ops.operation import Operation


def as_number(value: Handle) -> Handle:
    """A condition counts as 1 where it holds and as 0 elsewhere."""
    return where(value, 1.0, 0.0) if _is_condition(value) else value


def as_condition(value: Handle) -> Handle:
    """A number holds as a condition where it is not 0."""
    if _is_condition(value):
        return value
    if value.number is not None:
        return _known(value, value.number != 0.0)
    return not_equal(value, 0.0)


def choose(condition: Handle, a: Handle, b: Handle) -> Handle:
    """`a` where the condition holds, else `b`."""
    if condition.number is not None:
        return a if condition.number else b
    return where(condition, a, b)


def undefined(beside: Sequence[Handle]) -> Handle:
    """NaN, with derivatives of NaN by all inputs that the lines beside it depend on.

    A plain NaN would have the derivative 0. That of `nan*cos(x)` is NaN in every order.
    """
    builder = beside[0].builder
    nodes = builder.nodes
    inputs: dict[int, None] = {}
    seen: set[int] = set()
    waiting = [line.at for line in reversed(beside)]
    while waiting:
        at = waiting.pop()
        if at in seen:
            continue
        seen.add(at)
        waiting.extend(reversed(nodes[at].args))
        if nodes[at].op == INPUT and nodes[at].dtype == FLOAT:
            inputs[at] = None
    values = [Handle(builder, at) for at in inputs]
    if any(value.shape for value in values):
        values = [value for value in beside if value.dtype == FLOAT and value.number is None]
    if not values:
        return Handle(builder, builder.position(math.nan, beside[0].at))
    return math.nan * cos(reduce(operator.add, values))


def both(a: Handle, b: Handle) -> Handle:
    """Whether two conditions hold."""
    if a.number is not None:
        return b if a.number else a
    if b.number is not None:
        return a if b.number else b
    return logical_and(a, b)


def either(a: Handle, b: Handle) -> Handle:
    """Whether one of two conditions holds."""
    if a.number is not None:
        return a if a.number else b
    if b.number is not None:
        return b if b.number else a
    return logical_or(a, b)


def inverse(a: Handle) -> Handle:
    """Whether a condition does not hold."""
    return logical_not(a) if a.number is None else _known(a, not a.number)


def compare(sign: str, a: Handle, b: Handle) -> Handle:
    """The comparison that Python writes with this sign."""
    record, carry_out = _COMPARISONS[sign]
    if a.number is not None and b.number is not None:
        return _known(a, carry_out(a.number, b.number))
    return record(a, b)


def _is_condition(value: Handle) -> bool:
    return value.builder.nodes[value.at].dtype == BOOL


def _known(beside: Handle, truth: object) -> Handle:
    builder = beside.builder
    return Handle(builder, builder.position(1.0 if truth else 0.0, beside.at))


_COMPARISONS: dict[str, tuple[Operation, Callable[[float, float], bool]]] = {
    "<": (less, lambda a, b: a < b),
    "<=": (less_equal, lambda a, b: a <= b),
    ">": (greater, lambda a, b: a > b),
    ">=": (greater_equal, lambda a, b: a >= b),
    "==": (equal, lambda a, b: a == b),
    "!=": (not_equal, lambda a, b: a != b),
}
