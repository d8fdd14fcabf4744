"""Choices: where, comparisons, and the logic of conditions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from symdiff.graph.node import BOOL
from symdiff.ops.handle import Handle, Masked, only
from symdiff.ops.operation import (
    FIRST,
    PROMOTED,
    Flat,
    Linear,
    Operation,
    Selected,
)


def _where_cotangents(
    t: Handle, y: Handle, condition: Handle, a: Handle, b: Handle
) -> tuple[None, Masked, Masked]:
    return None, only(condition, t), only(~condition, t)


where: Operation = Operation(
    "where",
    "a where the condition holds, else b.",
    3,
    Selected(_where_cotangents),
    dtype=PROMOTED,
    kink="the taken branch is differentiated",
    sympy=lambda sp, condition, a, b: sp.Piecewise((a, condition), (b, True)),
    exact=lambda mp, condition, a, b: a if condition else b,
    analytic=False,
    may_raise=False,
    takes_complex=True,
)


share: Operation = Operation(
    "share",
    "0 where lost, half of t where tied, else t: of a < b, a == b what maximum(a, b) hands to a.",
    3,
    Linear(lambda t, *args: (share(t, *args[1:]), None, None), count=1),
    dtype=FIRST,
    kink="a tie is shared equally",
    sympy=lambda sp, t, lost, tied: sp.Piecewise((0, lost), (t / 2, tied), (t, True)),
    exact=lambda mp, t, lost, tied: mp.mpf(0) if lost else t / 2 if tied else t,
    analytic=False,
    may_raise=False,
)


def _comparison(name: str, doc: str, sympy: str, compare: Callable[[Any, Any], Any]) -> Operation:
    return Operation(
        name,
        doc,
        2,
        Flat(),
        dtype=BOOL,
        commutative=name in ("equal", "not_equal"),
        takes_complex=name in ("equal", "not_equal"),
        kink="a comparison's derivative is 0",
        sympy=sympy,
        exact=lambda mp, a, b: compare(a, b),
        analytic=False,
        may_raise=False,
        is_cheap=True,
    )


less: Operation = _comparison("less", "Whether a < b.", "StrictLessThan", lambda a, b: a < b)
less_equal: Operation = _comparison(
    "less_equal", "Whether a <= b.", "LessThan", lambda a, b: a <= b
)
greater: Operation = _comparison(
    "greater", "Whether a > b.", "StrictGreaterThan", lambda a, b: a > b
)
greater_equal: Operation = _comparison(
    "greater_equal", "Whether a >= b.", "GreaterThan", lambda a, b: a >= b
)
equal: Operation = _comparison("equal", "Whether a == b.", "Equality", lambda a, b: a == b)
not_equal: Operation = _comparison(
    "not_equal", "Whether a != b.", "Unequality", lambda a, b: a != b
)

logical_and: Operation = Operation(
    "logical_and",
    "Whether both conditions hold.",
    2,
    Flat(),
    dtype=BOOL,
    commutative=True,
    sympy="And",
    exact=lambda mp, a, b: a and b,
    analytic=False,
    may_raise=False,
    is_cheap=True,
)

logical_or: Operation = Operation(
    "logical_or",
    "Whether either condition holds.",
    2,
    Flat(),
    dtype=BOOL,
    commutative=True,
    sympy="Or",
    exact=lambda mp, a, b: a or b,
    analytic=False,
    may_raise=False,
    is_cheap=True,
)

logical_not: Operation = Operation(
    "logical_not",
    "Whether the condition does not hold.",
    1,
    Flat(),
    dtype=BOOL,
    sympy="Not",
    exact=lambda mp, a: not a,
    analytic=False,
    may_raise=False,
    is_cheap=True,
)
