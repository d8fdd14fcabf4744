"""Arithmetic: sums, products, quotients and what they leave, powers."""

from __future__ import annotations

from typing import Any  # SymPy has no types

from symdiff.ops.control import equal, where
from symdiff.ops.exponential import log
from symdiff.ops.handle import Handle
from symdiff.ops.kinks import floor, trunc
from symdiff.ops.operation import (
    KEPT,
    PROMOTED,
    Flat,
    Linear,
    Multilinear,
    Operation,
    Pair,
    Partials,
)

add: Operation = Operation(
    "add",
    "Sum of two.",
    2,
    Linear(lambda t, a, b: (t, t)),
    commutative=True,
    sympy="Add",
    exact=lambda mp, a, b: a + b,
    may_raise=False,
    dtype=PROMOTED,
    sign=KEPT,
    is_cheap=True,
    takes_complex=True,
)

subtract: Operation = Operation(
    "subtract",
    "Difference of two.",
    2,
    Linear(lambda t, a, b: (t, -t)),
    sympy=lambda sp, a, b: sp.Add(a, sp.Mul(-1, b)),
    exact=lambda mp, a, b: a - b,
    may_raise=False,
    dtype=PROMOTED,
    is_cheap=True,
    takes_complex=True,
)

multiply: Operation = Operation(
    "multiply",
    "Product of two.",
    2,
    Multilinear(lambda t, a, b: (t * b, t * a)),
    commutative=True,
    sympy="Mul",
    exact=lambda mp, a, b: a * b,
    may_raise=False,
    dtype=PROMOTED,
    sign=KEPT,
    is_cheap=True,
    takes_complex=True,
)

negate: Operation = Operation(
    "negate",
    "The number with the other sign.",
    1,
    Linear(lambda t, a: (-t,)),
    sympy=lambda sp, a: sp.Mul(-1, a),
    exact=lambda mp, a: -a,
    may_raise=False,
    dtype=PROMOTED,
    is_cheap=True,
    takes_complex=True,
)


def _divide_jvp(tangents: tuple[Handle | None, Handle | None], y: Handle, a: Handle, b: Handle):  # type: ignore[no-untyped-def]
    t_a, t_b = tangents
    if t_b is None:
        return None if t_a is None else t_a / b
    return (-(y * t_b) if t_a is None else t_a - y * t_b) / b


def _divide_vjp(t: Handle, y: Handle, a: Handle, b: Handle) -> tuple[Handle, Handle]:
    quotient = t / b  # from the result, so b*b cannot overflow
    return quotient, -(quotient * y)


divide: Operation = Operation(
    "divide",
    "Quotient of two.",
    2,
    Pair(_divide_jvp, _divide_vjp),
    names="divide true_divide",
    domain="b != 0",
    safe=(None, 1.0),
    sympy=lambda sp, a, b: sp.Mul(a, sp.Pow(b, -1)),
    exact=lambda mp, a, b: a / b,
    is_cheap=True,
    takes_complex=True,
)


def _fraction_partials(y: Handle, a: Handle, b: Handle) -> tuple[Handle, Handle]:
    whole = a + b  # 1 - y would cancel for a large a, and y be infinity over itself
    return b / whole / whole, -(y / whole)


fraction: Operation = Operation(
    "fraction",
    "a/(a + b), the share of a in a sum.",
    2,
    Partials(_fraction_partials),
    expand=lambda a, b: a / (a + b),
    domain="a + b != 0",
    sympy=lambda sp, a, b: sp.Mul(a, sp.Pow(sp.Add(a, b), -1)),
    exact=lambda mp, a, b: a / (a + b),
    is_internal=True,
)


def _power_partials(y: Handle, a: Handle, b: Handle) -> tuple[Handle | None, Handle | None]:
    exponent, base = b.number, a.number
    if exponent is not None:
        return exponent * a ** (exponent - 1.0), None
    by_base = where(equal(b, 0.0), 0.0, b * a ** (b - 1.0))
    if base is not None and base > 0.0:
        return by_base, y * log(a)
    return by_base, where(equal(a, 0.0) & (b >= 0.0), 0.0, y * log(a))


power: Operation = Operation(
    "power",
    "a to the power b; NaN for a negative a and a b that is not whole.",
    2,
    Partials(_power_partials),
    kink="the derivative of x**0 by x is 0, that of 0**y by y is 0 for y >= 0",
    domain="a > 0, or b a whole number (and a != 0 where b < 0)",
    safe=(1.0, None),
    sympy="Pow",
    exact=lambda mp, a, b: a**b,
    dtype=PROMOTED,
)

remainder: Operation = Operation(
    "remainder",
    "The rest of a division, with the sign of the divisor, as Python's %.",
    2,
    Partials(lambda y, a, b: (1.0, -floor(a / b))),
    kink="floor' = 0",
    domain="b != 0",
    safe=(None, 1.0),
    sympy="Mod",
    exact=lambda mp, a, b: a - b * mp.floor(a / b),
    analytic=False,
    dtype=PROMOTED,
    is_cheap=True,
)


def _sympy_fmod(sp: Any, a: Any, b: Any) -> Any:
    """A - b*trunc(a/b)."""
    quotient = sp.Mul(a, sp.Pow(b, -1))
    whole = sp.Mul(sp.sign(quotient), sp.floor(sp.Abs(quotient)))
    return sp.Add(a, sp.Mul(-1, sp.Mul(b, whole)))


fmod: Operation = Operation(
    "fmod",
    "The rest of a division, with the sign of the dividend, as C's fmod.",
    2,
    Partials(lambda y, a, b: (1.0, -trunc(a / b))),
    kink="trunc' = 0",
    domain="b != 0",
    safe=(None, 1.0),
    sympy=lambda sp, a, b: _sympy_fmod(sp, a, b),
    exact=lambda mp, a, b: a - b * mp.sign(a / b) * mp.floor(abs(a / b)),
    analytic=False,
    dtype=PROMOTED,
)

floor_divide: Operation = Operation(
    "floor_divide",
    "The quotient rounded down, as Python's //.",
    2,
    Flat(),
    kink="floor' = 0",
    domain="b != 0",
    safe=(None, 1.0),
    sympy=lambda sp, a, b: sp.floor(sp.Mul(a, sp.Pow(b, -1))),
    exact=lambda mp, a, b: mp.floor(a / b),
    analytic=False,
    dtype=PROMOTED,
    is_cheap=True,
)
