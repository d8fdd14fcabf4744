"""Choices and conditions of SymPy's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any  # SymPy has no types: an expression is `Any` here

from symdiff.frontend.lowering.truths import undefined
from symdiff.frontend.sympy.lowering import Lowering, Steps


def piecewise(low: Lowering, expression: Any) -> Steps:
    """The first branch whose condition holds; NaN where none does."""
    branches: list[tuple[int, int]] = []
    otherwise: int | None = None
    for value, condition in (pair.args for pair in expression.args):
        if type(condition).__name__ == "BooleanTrue":
            otherwise = low.number((yield value))
            break
        if type(condition).__name__ == "BooleanFalse":
            continue
        holds = low.truth((yield condition))
        branches.append((holds, low.number((yield value))))
    result = _undefined(low, branches) if otherwise is None else otherwise
    for condition, value in reversed(branches):
        result = low.make("where", condition, value, result)
    return result


def _undefined(low: Lowering, branches: list[tuple[int, int]]) -> int:
    """NaN, and no derivative, where no branch is taken."""
    return undefined([low.handle(at) for branch in branches for at in branch]).at


def logic(op: str, *, inverted: bool = False) -> Callable[[Lowering, Any], Steps]:
    """And, Or, Xor on any number of conditions; inverted for Not, Nand, Nor, Xnor."""

    def combine(low: Lowering, expression: Any) -> Steps:
        first, *others = expression.args
        result = low.truth((yield first))
        for argument in others:
            result = low.make(op, result, low.truth((yield argument)))
        return low.make("logical_not", result) if inverted else result

    return combine


def xor(low: Lowering, expression: Any) -> Steps:
    """Whether an odd number of conditions hold."""
    first, *others = expression.args
    result = low.truth((yield first))
    for argument in others:
        other = low.truth((yield argument))
        either, both = low.make("logical_or", result, other), low.make("logical_and", result, other)
        result = low.make("logical_and", either, low.make("logical_not", both))
    return result


def if_then_else(low: Lowering, expression: Any) -> Steps:
    """ITE on conditions: (c and a) or (not c and b)."""
    condition, yes, no = expression.args
    holds = low.truth((yield condition))
    first = low.make("logical_and", holds, low.truth((yield yes)))
    fails = low.make("logical_not", holds)
    return low.make("logical_or", first, low.make("logical_and", fails, low.truth((yield no))))


def implies(low: Lowering, expression: Any) -> Steps:
    """(not a) or b."""
    premise, conclusion = expression.args
    fails = low.make("logical_not", low.truth((yield premise)))
    return low.make("logical_or", fails, low.truth((yield conclusion)))
