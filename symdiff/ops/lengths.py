"""Lengths, and what their derivatives divide by.

The gradient of a length at the origin is 0 by convention, and there is no second derivative. So
what a gradient is divided by has NaN as its derivative where the length is 0.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from symdiff.ops.arithmetic import divide, multiply
from symdiff.ops.control import equal, where
from symdiff.ops.exponential import sqrt
from symdiff.ops.handle import Handle, only
from symdiff.ops.operation import UNSIGNED, Operation, Pair, Partials, Selected

length_or_one: Operation = Operation(
    "length_or_one",
    "A length to divide by: 1 in the place of 0.",
    1,
    Partials(lambda y, x: (where(equal(x, 0.0), math.nan, 1.0),)),
    expand=lambda x: where(equal(x, 0.0), 1.0, x),
    kink="nan at 0: a length has no second derivative there",
    sympy=lambda sp, x: sp.Piecewise((1, sp.Eq(x, 0)), (x, True)),
    exact=lambda mp, x: x if x else mp.mpf(1),
    analytic=False,
    is_internal=True,
)

one_over_length: Operation = Operation(
    "one_over_length",
    "1 over a length, and 0 where that is 0.",
    1,
    Partials(lambda y, x: (where(equal(x, 0.0), math.nan, -(y * y)),)),
    expand=lambda x: where(equal(x, 0.0), 0.0, 1.0 / x),
    kink="nan at 0: a length has no second derivative there",
    sympy=lambda sp, x: sp.Piecewise((0, sp.Eq(x, 0)), (sp.Pow(x, -1), True)),
    exact=lambda mp, x: 1 / x if x else mp.mpf(0),
    analytic=False,
    is_internal=True,
)

root_of_form: Operation = Operation(
    "root_of_form",
    "The square root of a quadratic form that is never negative.",
    1,
    Partials(lambda y, x: (0.5 * one_over_length(y),)),
    expand=lambda x: sqrt(x),
    kink="0 at 0: the form's own derivative is 0 there",
    domain="x >= 0",
    safe=(1.0,),
    sympy="sqrt",
    exact="sqrt",
    is_internal=True,
)


def _hypot_jvp(tangents: Sequence[Handle | None], y: Handle, a: Handle, b: Handle) -> Handle:
    radius = length_or_one(y)  # 0/1 at the origin
    first, *others = [
        tangent * (x / radius)
        for tangent, x in zip(tangents, (a, b), strict=True)
        if tangent is not None
    ]
    return first + others[0] if others else first


def _hypot_vjp(t: Handle, y: Handle, a: Handle, b: Handle) -> tuple[Handle, Handle]:
    """Of a length in a longer one, r: where its share is t*(y/r), those of a and b have r too.

    There is no kink but that of r then.
    """
    nodes = y.builder.nodes
    node = nodes[t.at]
    for share, rest in ((t.at, None), *zip(node.args, node.args[::-1], strict=True)):
        if (rest is None or node.op == multiply.name) and nodes[share].op == divide.name:
            part, radius = (Handle(y.builder, at) for at in nodes[share].args)
            if part.at == y.at:
                shares = a / radius, b / radius
                if rest is None:
                    return shares
                scale = Handle(y.builder, rest)
                return scale * shares[0], scale * shares[1]
    radius = length_or_one(y)
    return t * (a / radius), t * (b / radius)


hypot: Operation = Operation(
    "hypot",
    "The length of the vector (a, b), without overflow.",
    2,
    Pair(_hypot_jvp, _hypot_vjp),
    names="hypot",
    commutative=True,
    kink="the gradient at the origin is 0",
    sympy=lambda sp, a, b: sp.sqrt(sp.Add(sp.Pow(a, 2), sp.Pow(b, 2))),
    exact="hypot",
    analytic=False,
    sign=UNSIGNED,
)

unless_zero: Operation = Operation(
    "unless_zero",
    "A factor of a derivative, and another one where a length is 0; see `derive.smooth`.",
    3,
    Selected(
        lambda t, y, x, radius, other: (
            only(~equal(radius, 0.0), t),
            None,
            only(equal(radius, 0.0), t),
        )
    ),
    expand=lambda x, radius, other: where(equal(radius, 0.0), other, x),
    sympy=lambda sp, x, radius, other: sp.Piecewise((other, sp.Eq(radius, 0)), (x, True)),
    exact=lambda mp, x, radius, other: x if radius else other,
    analytic=False,
    is_internal=True,
)
