"""The zeta functions of Riemann and Hurwitz, and their derivatives by the exponent."""

from __future__ import annotations

import math

from symdiff.ops import control
from symdiff.ops.arithmetic import power
from symdiff.ops.gamma_functions import digamma, gamma
from symdiff.ops.handle import Handle
from symdiff.ops.operation import Operation, Partials
from symdiff.ops.trigonometric import cos, sin

zeta: Operation = Operation(
    "zeta",
    "Hurwitz's zeta function, the sum of (k + q)**-s for k = 0, 1, ...; Riemann's for q = 1.",
    2,
    # A&S 25.11.17 of its successor, the Digital Library of Mathematical Functions
    Partials(lambda y, s, q: (zeta_slope(s, q, params=(1,)), -(s * zeta(s + 1.0, q)))),
    domain="s > 1, q > 0",
    safe=(2.0, 1.0),
    sympy="zeta",
    exact="zeta",
    analytic=False,
    is_folded=False,
)


def _slope_partials(y: Handle, s: Handle, q: Handle) -> tuple[Handle, Handle]:
    """By q each term is -s*(k + q)**(-s - 1), whose derivative by s has two parts."""
    (order,) = y.params
    next_s = s + 1.0
    before = zeta_slope(next_s, q, params=(order - 1,)) if order > 1 else zeta(next_s, q)
    by_q = -(s * zeta_slope(next_s, q, params=(order,))) - order * before
    return zeta_slope(s, q, params=(order + 1,)), by_q


zeta_slope: Operation = Operation(
    "zeta_slope",
    "The derivative of Hurwitz's zeta function by s, of the given order.",
    2,
    Partials(_slope_partials),
    params=("order",),
    domain="s != 1, s > -1, q > 0, of order 1, 2, ...",
    safe=(2.0, 1.0),
    exact=lambda mp, n, s, q: mp.zeta(s, q, n),
    analytic=False,
    is_folded=False,
)


def _riemann_slope(s: Handle) -> Handle:
    """Of the sum, and below 0 of the functional equation (DLMF 25.4.1)."""
    mirrored = control.where(s < 0.0, 1.0 - s, 2.0)
    angle = (0.5 * math.pi) * s
    scale = (power(2.0 * math.pi, -mirrored) * gamma(mirrored)) * 2.0
    grown = (math.log(2.0 * math.pi) - digamma(mirrored)) * sin(angle)
    of_sine = grown + (0.5 * math.pi) * cos(angle)
    below = of_sine * riemann_zeta(mirrored)
    below = below - sin(angle) * zeta_slope(mirrored, 1.0, params=(1,))
    above = zeta_slope(control.where(s < 0.0, 2.0, s), 1.0, params=(1,))
    return control.where(s < 0.0, scale * below, above)


riemann_zeta: Operation = Operation(
    "riemann_zeta",
    "Riemann's zeta function.",
    1,
    Partials(lambda y, s: (_riemann_slope(s),)),
    domain="s != 1",
    safe=(2.0,),
    sympy=lambda sp, s: sp.zeta(s),
    exact="zeta",
    analytic=False,
    is_folded=False,
)
