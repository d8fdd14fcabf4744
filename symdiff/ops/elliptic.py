"""Elliptic integrals of the parameter m, Carlson's symmetric ones, and Jacobi's functions."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from symdiff.ops.exponential import sqrt
from symdiff.ops.handle import Handle
from symdiff.ops.hypergeometric import hyp2f1
from symdiff.ops.kinks import rint
from symdiff.ops.operation import Operation, Partials
from symdiff.ops.trigonometric import cos, sin

SIXTH = 1.0 / 6.0

# --- Carlson's -----------------------------------------------------------------------------------


def _elliprd_partials(y: Handle, a: Handle, b: Handle, c: Handle) -> tuple[Handle, Handle, Handle]:
    """By 1/((t + a)*(t + c)) = (1/(t + a) - 1/(t + c))/(c - a), and by c as of degree -3/2."""
    by_a = 0.5 * (elliprd(b, c, a) - y) / (a - c)
    by_b = 0.5 * (elliprd(a, c, b) - y) / (b - c)
    return by_a, by_b, -(1.5 * y + a * by_a + b * by_b) / c


elliprd: Operation = Operation(
    "elliprd",
    "Carlson's elliptic integral of the second kind.",
    3,
    Partials(_elliprd_partials),
    names="scipy.special.elliprd",
    kink="the derivative where the last argument equals another is NaN",
    domain="a, b >= 0, at most one 0, c > 0",
    safe=(1.0, 2.0, 3.0),
    exact="elliprd",
    analytic=False,
    is_folded=False,
)

elliprf: Operation = Operation(
    "elliprf",
    "Carlson's elliptic integral of the first kind.",
    3,
    Partials(  # DLMF 19.18.1
        lambda y, a, b, c: (
            -SIXTH * elliprd(b, c, a),
            -SIXTH * elliprd(a, c, b),
            -SIXTH * elliprd(a, b, c),
        )
    ),
    names="scipy.special.elliprf",
    domain="a, b, c >= 0, at most one 0",
    safe=(1.0, 1.0, 1.0),
    exact="elliprf",
    analytic=False,
    is_folded=False,
)

elliprc: Operation = Operation(
    "elliprc",
    "Carlson's degenerate elliptic integral, elliprf(a, b, b).",
    2,
    Partials(
        lambda y, a, b: (-SIXTH * elliprd(b, b, a), -2.0 * SIXTH * elliprd(a, b, b)),
    ),
    names="scipy.special.elliprc",
    domain="a >= 0; for a derivative b > 0",
    safe=(1.0, 1.0),
    exact="elliprc",
    analytic=False,
    is_folded=False,
)

# --- Legendre's ----------------------------------------------------------------------------------

EIGHTH_PI = 0.125 * math.pi


def _slope_of_k(m: Handle) -> Handle:
    """By Gauss's series (DLMF 19.5.1): Legendre's own quotient is 0/0 at m = 0."""
    return EIGHTH_PI * hyp2f1(1.5, 1.5, 2.0, m)


def _slope_of_e(m: Handle) -> Handle:
    return -EIGHTH_PI * hyp2f1(0.5, 1.5, 2.0, m)


ellipk: Operation = Operation(
    "ellipk",
    "The complete elliptic integral of the first kind.",
    1,
    Partials(lambda y, m: (_slope_of_k(m),)),
    names="scipy.special.ellipk",
    domain="m < 1",
    safe=(0.5,),
    sympy="elliptic_k",
    exact="ellipk",
    analytic=False,
)

ellipkm1: Operation = Operation(
    "ellipkm1",
    "ellipk(1 - p), exact for small p.",
    1,
    # (DLMF 15.8.1): near p = 0 hyp2f1 of 1 - p would be of 1
    Partials(lambda y, p: (-EIGHTH_PI * hyp2f1(0.5, 0.5, 2.0, 1.0 - p) / p,)),
    names="scipy.special.ellipkm1",
    domain="p > 0",
    safe=(0.5,),
    sympy=lambda sp, p: sp.elliptic_k(sp.Add(1, sp.Mul(-1, p))),
    exact=lambda mp, p: mp.ellipk(1 - p),
    analytic=False,
)

ellipe: Operation = Operation(
    "ellipe",
    "The complete elliptic integral of the second kind.",
    1,
    Partials(lambda y, m: (_slope_of_e(m),)),
    names="scipy.special.ellipe",
    domain="m <= 1",
    safe=(0.5,),
    sympy=lambda sp, m: sp.elliptic_e(m),
    exact="ellipe",
    analytic=False,
)


def _cubed(s: Handle) -> Handle:
    return s * s * s


def _slope_of_f(phi: Handle, m: Handle) -> Handle:
    """The integral of sin**2*(1 - m*sin**2)**(-3/2)/2, over half periods and the rest of one.

    In Carlson's form, by the cotangent of the angle (DLMF 19.25.5): 0/0 nowhere.
    """
    turns = rint(phi / math.pi)
    s, c = sin(phi - math.pi * turns), cos(phi)
    rest = SIXTH * _cubed(s) * elliprd(c * c, 1.0, 1.0 - m * (s * s))
    return 2.0 * turns * _slope_of_k(m) + rest


def _slope_of_incomplete_e(phi: Handle, m: Handle) -> Handle:
    """The same of -sin**2*(1 - m*sin**2)**(-1/2)/2 (DLMF 19.25.9)."""
    turns = rint(phi / math.pi)
    s, c = sin(phi - math.pi * turns), cos(phi)
    rest = SIXTH * _cubed(s) * elliprd(c * c, 1.0 - m * (s * s), 1.0)
    return 2.0 * turns * _slope_of_e(m) - rest


def _delta(phi: Handle, m: Handle) -> Handle:
    s = sin(phi)
    return sqrt(1.0 - m * (s * s))


ellipkinc: Operation = Operation(
    "ellipkinc",
    "The incomplete elliptic integral of the first kind.",
    2,
    Partials(lambda y, phi, m: (1.0 / _delta(phi, m), _slope_of_f(phi, m))),
    names="scipy.special.ellipkinc",
    kink="second derivatives by m at m = 0 are NaN",
    domain="m*sin(phi)**2 < 1",
    safe=(0.0, 0.5),
    sympy="elliptic_f",
    exact="ellipf",
    analytic=False,
)

ellipeinc: Operation = Operation(
    "ellipeinc",
    "The incomplete elliptic integral of the second kind.",
    2,
    Partials(lambda y, phi, m: (_delta(phi, m), _slope_of_incomplete_e(phi, m))),
    names="scipy.special.ellipeinc",
    kink="second derivatives by m at m = 0 are NaN",
    domain="m*sin(phi)**2 <= 1",
    safe=(0.0, 0.5),
    sympy=lambda sp, phi, m: sp.elliptic_e(phi, m),
    exact="ellipe",
    analytic=False,
)

# --- Jacobi's ------------------------------------------------------------------------------------
#
# the amplitude ph inverts ellipkinc: u = F(ph, m), so ph' by m is -dn*dF/dm


def _jacobi(
    name: str, doc: str, partials: Callable[..., tuple[Handle, Handle]], exact: Callable[..., Any]
) -> Operation:
    return Operation(
        name,
        doc,
        2,
        Partials(partials),
        names=f"formula.{name}",
        kink="second derivatives by m at m = 0 are NaN",
        domain="0 <= m <= 1",
        safe=(None, 0.5),
        exact=exact,
        analytic=False,
        is_folded=False,
    )


def _amplitude_by_m(u: Handle, m: Handle) -> Handle:
    return -(jacobi_dn(u, m) * _slope_of_f(jacobi_am(u, m), m))


def _sn_partials(y: Handle, u: Handle, m: Handle) -> tuple[Handle, Handle]:
    c = jacobi_cn(u, m)
    return c * jacobi_dn(u, m), c * _amplitude_by_m(u, m)


def _cn_partials(y: Handle, u: Handle, m: Handle) -> tuple[Handle, Handle]:
    s = jacobi_sn(u, m)
    return -(s * jacobi_dn(u, m)), -(s * _amplitude_by_m(u, m))


def _dn_partials(y: Handle, u: Handle, m: Handle) -> tuple[Handle, Handle]:
    s, c = jacobi_sn(u, m), jacobi_cn(u, m)
    by_m = -(0.5 * (s * s) + m * s * c * _amplitude_by_m(u, m)) / y
    return -(m * s * c), by_m


def _exactly(name: str) -> Callable[..., Any]:
    return lambda mp, u, m: mp.ellipfun(name, u, m=m)


def _amplitude(mp: Any, u: Any, m: Any) -> Any:
    """The angle of (cn, sn), in the turn that u is in: a turn is 4*K."""
    sine, cosine = mp.ellipfun("sn", u, m=m), mp.ellipfun("cn", u, m=m)
    if mp.im(sine) or mp.im(cosine):
        raise ValueError("the amplitude is complex")
    angle = mp.atan2(mp.re(sine), mp.re(cosine))
    turns = mp.nint((mp.pi * u / (2 * mp.ellipk(m)) - angle) / (2 * mp.pi))
    return angle + 2 * mp.pi * turns


jacobi_sn: Operation = _jacobi("jacobi_sn", "Jacobi's sn.", _sn_partials, _exactly("sn"))
jacobi_cn: Operation = _jacobi("jacobi_cn", "Jacobi's cn.", _cn_partials, _exactly("cn"))
jacobi_dn: Operation = _jacobi("jacobi_dn", "Jacobi's dn.", _dn_partials, _exactly("dn"))
jacobi_am: Operation = _jacobi(
    "jacobi_am",
    "Jacobi's amplitude, the inverse of ellipkinc.",
    lambda y, u, m: (jacobi_dn(u, m), _amplitude_by_m(u, m)),
    _amplitude,
)
