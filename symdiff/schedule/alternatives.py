"""Choices as expressions: where a value is all that the ways of a branch choose between."""

from __future__ import annotations

from symdiff.graph.graph import Graph
from symdiff.graph.node import BOOL, CONSTANT, FLOAT
from symdiff.graph.shape import SCALAR
from symdiff.schedule.blocks import Chosen, Open, Part, only_way
from symdiff.schedule.conditions import as_decision, both, negated
from symdiff.schedule.conditions import chosen as pick
from symdiff.schedule.program import CHOICE, EITHER, Expr, Number, Op

_FALSE, _TRUE = Number(0.0, SCALAR, BOOL), Number(1.0, SCALAR, BOOL)


def as_expression(last: Open, chosen: list[Chosen], dtype: str) -> Expr | None:
    """The expression of a choice; `None` where its ways do more.

    Args:
        last: the branch that states it.
        chosen: what its two ways choose.
        dtype: the kind of the choice.
    """
    first, second = sorted(chosen, key=lambda one: one.part)
    ways, condition = [[*way] for way in last.ways], last.condition
    if ways == [[second], [first]]:  # what is chosen where the condition fails
        first, second = second, first
    elif ways != [[first], [second]]:
        only = _asked_for(last)
        if only is None or only[1] not in (first, second):
            return None
        condition = only[0] if only[1] is first else negated(only[0])
    if dtype == BOOL:
        first_value, second_value = as_decision(first.value), as_decision(second.value)
        if second_value == _FALSE:
            return both(condition, first_value)
        if first_value == _FALSE:
            return both(negated(condition), second_value)
        if first_value == _TRUE:
            return Op(EITHER, (condition, second_value), (), SCALAR, BOOL)
        if second_value == _TRUE:
            return Op(EITHER, (negated(condition), first_value), (), SCALAR, BOOL)
    return pick(condition, first.value, second.value)


def _asked_for(last: Open) -> tuple[Expr, Chosen] | None:
    """Where a branch does one thing alone: the conditions of that, and what it chooses."""
    statement: Part = last
    asked: list[Expr] = []
    while (found := only_way(statement)) is not None and len(found[1]) == 1:
        asked.append(found[0])
        (statement,) = found[1]
        if isinstance(statement, Chosen):
            condition = asked[0]
            for other in asked[1:]:
                condition = both(condition, other)
            return condition, statement
    return None


def plain_numbers(graph: Graph) -> set[int]:
    """Choices between constants that meet nothing but constants: plain numbers divide by zero."""
    may_be: set[int] = set()
    for position, node in enumerate(graph.nodes):
        is_number = node.op == CHOICE and (node.shape, node.dtype) == (SCALAR, FLOAT)
        if is_number and any([at in may_be or graph.nodes[at].op == CONSTANT for at in node.args]):
            may_be.add(position)
    found = may_be & set(graph.outputs)
    for position in range(len(graph) - 1, -1, -1):
        node = graph.nodes[position]
        is_plain = all([at in may_be or graph.nodes[at].op == CONSTANT for at in node.args])
        if position in found or (node.op != CHOICE and is_plain):
            found |= may_be & set(node.args)
    return found
