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
    function,
    helper,
    infix,
)

COMPARISON, BIT_OR, BIT_AND = 7, 8, 10  # Python's precedences, larger binds tighter


def _where_cotangents(
    t: Handle, y: Handle, condition: Handle, a: Handle, b: Handle
) -> tuple[None, Masked, Masked]:
    return None, only(condition, t), only(~condition, t)


WHERE = """def _where(condition, a, b):
    return a if condition else b"""

# np.where makes plain arrays of pandas' and xarray's, which then no longer line up by their names
CHOOSE = """def _choose(condition, a, b):
    if hasattr(condition, "where") and not hasattr(condition, "__array_function__"):
        return (np.copysign(0.0, condition) + a).where(condition, b)
    return np.where(condition, a, b)"""

where: Operation = Operation(
    "where",
    "a where the condition holds, else b.",
    3,
    Selected(_where_cotangents),
    spelling={"numpy": helper(CHOOSE), "math": helper(WHERE)},
    dtype=PROMOTED,
    kink="the taken branch is differentiated",
    sympy=lambda sp, condition, a, b: sp.Piecewise((a, condition), (b, True)),
    mpmath=lambda mp, condition, a, b: a if condition else b,
    analytic=False,
    may_raise=False,
)


SHARE = """def _larger_share(t, a, b):
    t, kept = np.asarray(t), np.logical_not(np.less(a, b))
    # bits times 0 or 1: np.where(kept, t, 0.0) without its branches, which are slow
    bits = t.view(np.int64 if t.itemsize == 8 else np.int32)
    share = np.multiply(bits, kept).view(t.dtype)
    tie = np.equal(a, b)
    return np.where(tie, 0.5 * t, share) if np.count_nonzero(tie) else share"""

larger_share: Operation = Operation(
    "larger_share",
    "t where a > b, half of it where a = b, else 0: what maximum(a, b) hands to a.",
    3,
    Linear(lambda t, *args: (larger_share(t, *args[1:]), None, None), count=1),
    spelling={"numpy": helper(SHARE)},
    dtype=FIRST,
    kink="a tie is shared equally",
    sympy=lambda sp, t, a, b: sp.Piecewise((t, sp.Gt(a, b)), (t / 2, sp.Eq(a, b)), (0, True)),
    mpmath=lambda mp, t, a, b: t if a > b else t / 2 if a == b else mp.mpf(0),
    analytic=False,
    may_raise=False,
)


def _comparison(
    name: str, doc: str, sign: str, sympy: str, compare: Callable[[Any, Any], Any]
) -> Operation:
    return Operation(
        name,
        doc,
        2,
        Flat(),
        spelling=infix(sign, COMPARISON),
        dtype=BOOL,
        commutative=name in ("equal", "not_equal"),
        kink="a comparison's derivative is 0",
        sympy=sympy,
        mpmath=lambda mp, a, b: compare(a, b),
        analytic=False,
        may_raise=False,
    )


less: Operation = _comparison("less", "Whether a < b.", "<", "StrictLessThan", lambda a, b: a < b)
less_equal: Operation = _comparison(
    "less_equal", "Whether a <= b.", "<=", "LessThan", lambda a, b: a <= b
)
greater: Operation = _comparison(
    "greater", "Whether a > b.", ">", "StrictGreaterThan", lambda a, b: a > b
)
greater_equal: Operation = _comparison(
    "greater_equal", "Whether a >= b.", ">=", "GreaterThan", lambda a, b: a >= b
)
equal: Operation = _comparison("equal", "Whether a == b.", "==", "Equality", lambda a, b: a == b)
not_equal: Operation = _comparison(
    "not_equal", "Whether a != b.", "!=", "Unequality", lambda a, b: a != b
)

logical_and: Operation = Operation(
    "logical_and",
    "Whether both conditions hold.",
    2,
    Flat(),
    spelling=infix("&", BIT_AND),
    dtype=BOOL,
    commutative=True,
    sympy="And",
    mpmath=lambda mp, a, b: a and b,
    analytic=False,
    may_raise=False,
)

logical_or: Operation = Operation(
    "logical_or",
    "Whether either condition holds.",
    2,
    Flat(),
    spelling=infix("|", BIT_OR),
    dtype=BOOL,
    commutative=True,
    sympy="Or",
    mpmath=lambda mp, a, b: a or b,
    analytic=False,
    may_raise=False,
)

logical_not: Operation = Operation(
    "logical_not",
    "Whether the condition does not hold.",
    1,
    Flat(),
    spelling={
        "numpy": function("np.logical_not"),
        "math": helper("def _logical_not(condition):\n    return not condition"),
    },
    dtype=BOOL,
    sympy="Not",
    mpmath=lambda mp, a: not a,
    analytic=False,
    may_raise=False,
)
