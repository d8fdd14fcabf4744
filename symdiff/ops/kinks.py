"""Functions that jump or have a kink: magnitudes, signs, rounding, and the larger of two."""

from __future__ import annotations

import math

from symdiff.ops.control import equal, where
from symdiff.ops.handle import Handle, Masked, only
from symdiff.ops.operation import PROMOTED, UNSIGNED, Flat, Operation, Pair, Partials, Selected

absolute: Operation = Operation(
    "absolute",
    "The magnitude.",
    1,
    Partials(lambda y, x: (sign(x),)),
    names="absolute abs formula.Abs",
    kink="abs'(0) = 0",
    sympy="Abs",
    exact=lambda mp, x: abs(x),
    analytic=False,
    may_raise=False,
    dtype=PROMOTED,
    sign=UNSIGNED,
)


def _direction_tangent(t: Handle, x: Handle) -> Handle:
    """There is none at 0, unless the number does not move."""
    return where(equal(x, 0.0) & ~equal(t, 0.0), math.nan, 0.0 * t)


direction: Operation = Operation(
    "direction",
    "-1, 0 or 1: the first derivative of a magnitude, which has no second one at 0.",
    1,
    Pair(
        lambda tangents, y, x: _direction_tangent(tangents[0], x),
        lambda t, y, x: (where(equal(x, 0.0), math.nan, 0.0 * t),),
    ),
    expand=lambda x: sign(x),
    kink="nan at 0",
    sympy="sign",
    exact="sign",
    analytic=False,
    is_internal=True,
)

magnitude: Operation = Operation(
    "magnitude",
    "The magnitude, of which more than a multiple is differentiated.",
    1,
    Partials(lambda y, x: (direction(x),)),
    expand=lambda x: absolute(x),
    kink="its derivative at 0 is 0, the second one nan",
    sympy="Abs",
    exact=lambda mp, x: abs(x),
    analytic=False,
    is_internal=True,
)

sign: Operation = Operation(
    "sign",
    "-1, 0 or 1, the sign of the number.",
    1,
    Flat(),
    kink="sign' = 0, at the jump too",
    sympy="sign",
    exact="sign",
    analytic=False,
    may_raise=False,
    dtype=PROMOTED,
)

copysign: Operation = Operation(
    "copysign",
    "The magnitude of a with the sign of b.",
    2,
    Partials(lambda y, a, b: (sign(a) * copysign(1.0, b), None)),
    names="copysign",
    kink="0 by a at a = 0, 0 by b",
    sympy=lambda sp, a, b: sp.Mul(sp.Abs(a), sp.Add(sp.Mul(2, sp.Heaviside(b, 1)), -1)),
    exact=lambda mp, a, b: abs(a) if b >= 0 else -abs(a),
    analytic=False,
)


def _rounding(name: str, doc: str, sympy: str, exact: str) -> Operation:
    """A step function."""
    return Operation(
        name,
        doc,
        1,
        Flat(),
        kink=f"{name}' = 0, at the jumps too",
        sympy=sympy,
        exact=exact,
        analytic=False,
    )


floor: Operation = _rounding("floor", "Rounded down.", "floor", "floor")
ceil: Operation = _rounding("ceil", "Rounded up.", "ceiling", "ceil")
trunc: Operation = Operation(
    "trunc",
    "Rounded towards zero.",
    1,
    Flat(),
    kink="trunc' = 0, at the jumps too",
    sympy=lambda sp, x: sp.Mul(sp.sign(x), sp.floor(sp.Abs(x))),
    exact=lambda mp, x: mp.sign(x) * mp.floor(abs(x)),
    analytic=False,
)
rint: Operation = Operation(
    "rint",
    "Rounded to the nearest whole number, ties to even.",
    1,
    Flat(),
    names="rint",
    kink="round' = 0, at the jumps too",
    exact="nint",
    analytic=False,
)


def _larger(t: Handle, a: Handle, b: Handle) -> Masked:
    """The share of `a` in the cotangent of maximum(a, b): all, half at a tie, or none."""
    return only(~(a < b), where(equal(a, b), 0.5 * t, t))


maximum: Operation = Operation(
    "maximum",
    "The larger of two; NaN where either is NaN.",
    2,
    Selected(lambda t, y, a, b: (_larger(t, a, b), _larger(t, b, a))),
    names="maximum",
    commutative=True,
    kink="a tie is shared equally",
    sympy="Max",
    exact=lambda mp, a, b: max(a, b),
    analytic=False,
    may_raise=False,
    dtype=PROMOTED,
)


def _smaller(t: Handle, a: Handle, b: Handle) -> Masked:
    """The share of `a` in the cotangent of minimum(a, b)."""
    return only(~(a > b), where(equal(a, b), 0.5 * t, t))


minimum: Operation = Operation(
    "minimum",
    "The smaller of two; NaN where either is NaN.",
    2,
    Selected(lambda t, y, a, b: (_smaller(t, a, b), _smaller(t, b, a))),
    names="minimum",
    commutative=True,
    kink="a tie is shared equally",
    sympy="Min",
    exact=lambda mp, a, b: min(a, b),
    analytic=False,
    may_raise=False,
    dtype=PROMOTED,
)


def _clip_cotangents(
    t: Handle, y: Handle, x: Handle, low: Handle, high: Handle
) -> tuple[Masked, Masked, Masked]:
    above = x > high
    return (
        only(~(x < low) & ~above, t),
        only((x < low) & (low < high), t),
        only(above | (low > high), t),
    )


clip: Operation = Operation(
    "clip",
    "x limited to the interval from low to high.",
    3,
    Selected(_clip_cotangents),
    kink="the gradient passes on the closed interval",
    sympy=lambda sp, x, low, high: sp.Min(sp.Max(x, low), high),
    exact=lambda mp, x, low, high: min(max(x, low), high),
    analytic=False,
    may_raise=False,
    dtype=PROMOTED,
)

relu: Operation = Operation(
    "relu",
    "x where it is positive, else 0.",
    1,
    Selected(lambda t, y, x: (only(~(x <= 0.0), t),)),
    names="formula.relu",
    expand=lambda x: maximum(x, 0.0),
    kink="relu'(0) = 0",
    sympy=lambda sp, x: sp.Max(x, 0),
    exact=lambda mp, x: max(x, mp.mpf(0)),
    analytic=False,
    dtype=PROMOTED,
)

heaviside: Operation = Operation(
    "heaviside",
    "0 for a negative x, 1 for a positive one, h at 0.",
    2,
    Flat(),
    names="heaviside",
    kink="heaviside' = 0, at the jump too",
    sympy="Heaviside",
    exact=lambda mp, x, h: mp.mpf(1) if x > 0 else mp.mpf(0) if x < 0 else h,
    analytic=False,
    may_raise=False,
)
