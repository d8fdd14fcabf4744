"""Conditions and choices: truths as numbers, numbers as truths, as in Python and NumPy.

A condition is a line of truths, or a number that stands for a truth that is known. What is known is
decided here, so the graph holds no choice between constants.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from typing import Annotated

from symdiff.frontend.lowering.base import Value, as_line, constant, known, line, truth_of
from symdiff.graph.node import BOOL, FLOAT, INPUT
from symdiff.ops import control
from symdiff.ops.handle import Handle, Maker
from symdiff.ops.operation import Operation
from symdiff.ops.reduction import broadcast_to
from symdiff.ops.trigonometric import cos

Truth = Annotated[
    Handle, "Truth"
]  # the annotation of a parameter: a line of truths, as `truth` makes it


def truth(b: Maker, value: Value) -> Handle:
    """Whether a value is not zero, as a line of truths."""
    found = as_condition(as_line(b, value))
    return found if found.dtype == BOOL else _known(found, found.number)


def as_condition(value: Handle) -> Handle:
    """A number holds as a condition where it is not 0; one that is known stays as it is."""
    if value.dtype == BOOL or value.number is not None:
        return value
    builder = value.builder
    numbers = known(value) if value.shape else None
    if numbers is not None:
        return constant(builder, numbers != 0)
    return control.not_equal(value, Handle(builder, builder.full(0.0, value.shape, value.dtype)))


def as_number(value: Handle) -> Handle:
    """A condition counts as 1 where it holds and as 0 elsewhere."""
    if value.dtype != BOOL:
        return value
    holds = truth_of(value)
    if holds is None:
        return control.where(value, 1.0, 0.0)
    builder = value.builder
    return Handle(builder, builder.full(float(holds), value.shape))


def choose(condition: Handle, a: Handle, b: Handle) -> Handle:
    """`a` where the condition holds, else `b`."""
    holds = truth_of(condition)
    if holds is None:
        return control.where(condition, a, b)
    return a if holds else b


def both(a: Handle, b: Handle) -> Handle:
    """Whether two conditions hold."""
    for one, other in ((a, b), (b, a)):
        holds = truth_of(one)
        if holds is not None:
            return _decided(other) if holds else _known(one, holds)
    return control.logical_and(a, b)


def _decided(a: Handle) -> Handle:
    """A condition; 1 or 0 for a number that is known."""
    holds = truth_of(a)
    return a if holds is None else _known(a, holds)


def either(a: Handle, b: Handle) -> Handle:
    """Whether one of two conditions holds."""
    for one, other in ((a, b), (b, a)):
        holds = truth_of(one)
        if holds is not None:
            return _known(one, holds) if holds else _decided(other)
    return control.logical_or(a, b)


def inverse(a: Handle) -> Handle:
    """Whether a condition does not hold."""
    holds = truth_of(a)
    return control.logical_not(a) if holds is None else _known(a, not holds)


def compare(sign: str, a: Handle, b: Handle) -> Handle:
    """The comparison that Python writes with this sign."""
    record, carry_out = COMPARISONS[sign]
    if a.number is not None and b.number is not None:
        return _known(a, carry_out(a.number, b.number))
    return record(a, b)


COMPARISONS: Mapping[str, tuple[Operation, Callable[[float, float], bool]]] = {
    "<": (control.less, operator.lt),
    "<=": (control.less_equal, operator.le),
    ">": (control.greater, operator.gt),
    ">=": (control.greater_equal, operator.ge),
    "==": (control.equal, operator.eq),
    "!=": (control.not_equal, operator.ne),
}


def _known(beside: Handle, holds: object) -> Handle:
    """A truth that is known, in the shape of another line."""
    return broadcast_to(line(beside.builder, bool(holds)), beside.shape)


def undefined(beside: Sequence[Handle]) -> Handle:
    """NaN, with derivatives of NaN by all inputs that the lines beside it depend on.

    A plain NaN would have the derivative 0. That of `nan*cos(x)` is NaN in every order.
    """
    builder = beside[0].builder
    nodes = builder.nodes
    inputs: dict[int, None] = {}
    seen: set[int] = set()
    waiting = [found.at for found in reversed(beside)]
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
