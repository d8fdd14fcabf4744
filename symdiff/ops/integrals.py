"""Integral functions, the functions of Lambert and Wright, and powers less one."""

from __future__ import annotations

import math
from collections.abc import Callable

from symdiff.ops import control
from symdiff.ops.arithmetic import power
from symdiff.ops.exponential import exp, log, log1p
from symdiff.ops.gamma_functions import by_last_alone, gamma, gammainc, gammaincc
from symdiff.ops.handle import Handle
from symdiff.ops.hypergeometric import hyp0f1, hyp1f1, hyp2f1
from symdiff.ops.kinks import absolute
from symdiff.ops.operation import Operation, Partials
from symdiff.ops.trigonometric import cos, cosh, sin, sinc

expi: Operation = Operation(
    "expi",
    "The exponential integral Ei.",
    1,
    Partials(lambda y, x: (exp(x) / x,)),
    names="scipy.special.expi",
    domain="x != 0",
    safe=(1.0,),
    sympy="Ei",
    exact="ei",
    analytic=False,
)

exp1: Operation = Operation(
    "exp1",
    "The exponential integral E1.",
    1,
    Partials(lambda y, x: (-exp(-x) / x,)),
    names="scipy.special.exp1",
    domain="x > 0",
    safe=(1.0,),
    sympy=lambda sp, x: sp.expint(1, x),
    exact="e1",
    analytic=False,
)


def _expn_partials(y: Handle, x: Handle) -> tuple[Handle]:
    (n,) = y.params
    if not n:  # exp(-x)/x
        return (-y * (1.0 + 1.0 / x),)
    return (-expn(x, params=(n - 1,)),)  # DLMF 8.19.13


expn: Operation = Operation(
    "expn",
    "The generalized exponential integral.",
    1,
    Partials(_expn_partials),
    params=("order",),
    domain="x > 0, a whole order, 0 or larger",
    safe=(1.0,),
    sympy="expint",
    exact=lambda mp, n, x: mp.expint(n, x),
    analytic=False,
)

expint: Operation = Operation(
    "expint",
    "The generalized exponential integral of any order, the first argument.",
    2,
    Partials(  # DLMF 8.19.13
        lambda y, nu, x: (*by_last_alone("expint(nu, x)", "nu"), -expint(nu - 1.0, x))
    ),
    kink="the derivative by the order has no closed form and is refused",
    domain="nu > -98, x > 0",
    safe=(1.0, 1.0),
    sympy="expint",
    exact="expint",
    analytic=False,
    is_folded=False,
)


def _tail(a: Handle, x: Handle) -> Handle:
    """x**(a - 1)*exp(-x) without overflow."""
    return exp((a - 1.0) * log(x) - x)


def _above(a: Handle, x: Handle) -> Handle:
    """By the regularized function, and where that has no value by DLMF 8.19.1."""
    below = power(x, a) * expint(1.0 - a, x)
    return control.where(a > 0.0, gamma(a) * gammaincc(a, x), below)


uppergamma: Operation = Operation(
    "uppergamma",
    "The upper incomplete gamma function, not regularized, of any first argument.",
    2,
    Partials(lambda y, a, x: (*by_last_alone("uppergamma(a, x)", "a"), -_tail(a, x))),
    expand=_above,
    names="formula.uppergamma",
    kink="the derivative by a has no closed form and is refused",
    domain="a < 99, x > 0",
    safe=(1.0, 1.0),
    sympy="uppergamma",
    exact="gammainc",
    analytic=False,
    is_folded=False,
)

lowergamma: Operation = Operation(
    "lowergamma",
    "The lower incomplete gamma function, not regularized, of any first argument.",
    2,
    Partials(lambda y, a, x: (*by_last_alone("lowergamma(a, x)", "a"), _tail(a, x))),
    expand=lambda a, x: control.where(a > 0.0, gamma(a) * gammainc(a, x), gamma(a) - _above(a, x)),
    kink="the derivative by a has no closed form and is refused",
    domain="a not in {0, -1, -2, ...}, x > 0",
    safe=(1.0, 1.0),
    sympy="lowergamma",
    exact=lambda mp, a, x: mp.gammainc(a, 0, x) if a > 0 else mp.gamma(a) - mp.gammainc(a, x),
    analytic=False,
    is_folded=False,
)

sinint: Operation = Operation(
    "sinint",
    "The sine integral Si.",
    1,
    Partials(lambda y, x: (sinc(x / math.pi),)),  # sin(x)/x, and 1 at 0
    names="formula.sinint",
    sympy="Si",
    exact="si",
    analytic=False,
)

cosint: Operation = Operation(
    "cosint",
    "The cosine integral Ci.",
    1,
    Partials(lambda y, x: (cos(x) / x,)),
    names="formula.cosint",
    domain="x != 0",
    safe=(1.0,),
    sympy="Ci",
    exact=lambda mp, x: mp.re(mp.ci(x)),
    analytic=False,
)

sinhint: Operation = Operation(
    "sinhint",
    "The hyperbolic sine integral Shi.",
    1,
    Partials(lambda y, x: (hyp0f1(1.5, 0.25 * (x * x)),)),  # sinh(x)/x, and 1 at 0
    names="formula.sinhint",
    sympy="Shi",
    exact="shi",
    analytic=False,
)

coshint: Operation = Operation(
    "coshint",
    "The hyperbolic cosine integral Chi.",
    1,
    Partials(lambda y, x: (cosh(x) / x,)),
    names="formula.coshint",
    domain="x != 0",
    safe=(1.0,),
    sympy="Chi",
    exact=lambda mp, x: mp.re(mp.chi(x)),
    analytic=False,
)


def _log_quotient(x: Handle) -> Handle:
    """log(x)/(1 - x); near 1, where it is 0/0, by its series (DLMF 15.4.1)."""
    return control.where(x < 0.5, log(x) / (1.0 - x), -hyp2f1(1.0, 1.0, 2.0, 1.0 - x))


spence: Operation = Operation(
    "spence",
    "Spence's function, the dilogarithm of 1 - x.",
    1,
    Partials(lambda y, x: (_log_quotient(x),)),
    names="scipy.special.spence",
    domain="x >= 0",
    safe=(1.0,),
    exact=lambda mp, x: mp.re(mp.polylog(2, 1 - x)),
    analytic=False,
    is_folded=False,
)

lambertw: Operation = Operation(
    "lambertw",
    "The w with w*exp(w) = x, principal branch.",
    1,
    # A&S-style x*w' = w/(1 + w) is 0/0 at 0; exp(-w)/(1 + w) is the same and is not
    Partials(lambda y, x: (exp(-y) / (1.0 + y),)),
    kink="lambertw'(-1/e) = inf",
    domain="x >= -1/e",
    safe=(1.0,),
    sympy="LambertW",
    exact="lambertw",
    analytic=False,
)

lambertw_lower: Operation = Operation(
    "lambertw_lower",
    "The w with w*exp(w) = x, the branch below -1.",
    1,
    Partials(lambda y, x: (exp(-y) / (1.0 + y),)),
    names="formula.lambertw_lower",
    kink="the derivative at -1/e is -inf",
    domain="-1/e <= x < 0",
    safe=(-0.2,),
    sympy=lambda sp, x: sp.LambertW(x, -1),
    exact=lambda mp, x: mp.lambertw(x, -1),
    analytic=False,
)

wrightomega: Operation = Operation(
    "wrightomega",
    "The w with w + log(w) = x.",
    1,
    Partials(lambda y, x: (y / (1.0 + y),)),
    names="scipy.special.wrightomega",
    sympy=lambda sp, x: sp.LambertW(sp.exp(x)),
    exact=lambda mp, x: mp.lambertw(mp.exp(x)),
    analytic=False,
)

# --- powers less one -----------------------------------------------------------------------------


def _exprel_slope(z: Handle) -> Handle:
    """The derivative of exprel; near 0, where its quotient cancels, by Kummer's series."""
    near = 0.5 * hyp1f1(2.0, 3.0, z)
    return control.where(absolute(z) < 1.0, near, (exp(z) - exprel(z)) / z)


exprel: Operation = Operation(
    "exprel",
    "(exp(x) - 1)/x, 1 at 0.",
    1,
    Partials(lambda y, x: (_exprel_slope(x),)),
    names="scipy.special.exprel",
    exact=lambda mp, x: mp.expm1(x) / x if x else mp.mpf(1),
    analytic=False,
)

cosm1: Operation = Operation(
    "cosm1",
    "cos(x) - 1, exact for small x.",
    1,
    Partials(lambda y, x: (-sin(x),)),
    names="scipy.special.cosm1",
    sympy=lambda sp, x: sp.Add(sp.cos(x), -1),
    exact=lambda mp, x: -2 * mp.sin(x / 2) ** 2,
    analytic=False,
)

powm1: Operation = Operation(
    "powm1",
    "x**y - 1, exact where it is small.",
    2,
    Partials(lambda f, x, y: (y * power(x, y - 1.0), power(x, y) * log(x))),
    names="scipy.special.powm1",
    domain="x > 0",
    safe=(1.0, 1.0),
    sympy=lambda sp, x, y: sp.Add(sp.Pow(x, y), -1),
    exact="powm1",
    analytic=False,
    is_folded=False,
)


def _box_cox(
    name: str, doc: str, grown: Callable[[Handle], Handle], logarithm: Operation, less: int
) -> Operation:
    """G. E. P. Box, D. R. Cox, An analysis of transformations (1964)."""

    def partials(y: Handle, x: Handle, order: Handle) -> tuple[Handle, Handle]:
        log_x = logarithm(x)
        return power(grown(x), order - 1.0), log_x * log_x * _exprel_slope(order * log_x)

    return Operation(
        name,
        doc,
        2,
        Partials(partials),
        names=f"scipy.special.{name}",
        domain="x > -1" if less else "x > 0",
        safe=(1.0, 1.0),
        exact=lambda mp, x, order: mp.powm1(x + less, order) / order if order else mp.log(x + less),
        analytic=False,
        is_folded=False,
    )


def _inverse_box_cox(
    name: str, doc: str, grown: Callable[[Handle], Handle], less: int
) -> Operation:
    def partials(x: Handle, y: Handle, order: Handle) -> tuple[Handle, Handle]:
        # x is exp(y*g(order*y)) with g(z) = log(1 + z)/z, of the derivative -F(2, 2; 3; -z)/2
        value = grown(x)
        by_order = -0.5 * value * (y * y) * hyp2f1(2.0, 2.0, 3.0, -(order * y))
        return power(value, 1.0 - order), by_order

    return Operation(
        name,
        doc,
        2,
        Partials(partials),
        names=f"scipy.special.{name}",
        domain="1 + lmbda*y > 0",
        safe=(0.0, 0.0),
        exact=lambda mp, y, order: (
            (mp.power(1 + order * y, 1 / order) if order else mp.exp(y)) - less
        ),
        analytic=False,
        is_folded=False,
    )


boxcox: Operation = _box_cox(
    "boxcox", "(x**lmbda - 1)/lmbda, log(x) for lmbda = 0.", lambda x: x, log, 0
)
boxcox1p: Operation = _box_cox(
    "boxcox1p", "boxcox(1 + x, lmbda), exact for small x.", lambda x: 1.0 + x, log1p, 1
)
inv_boxcox: Operation = _inverse_box_cox("inv_boxcox", "The inverse of boxcox.", lambda x: x, 0)
inv_boxcox1p: Operation = _inverse_box_cox(
    "inv_boxcox1p", "The inverse of boxcox1p.", lambda x: 1.0 + x, 1
)

# --- angles in degrees ---------------------------------------------------------------------------

DEGREE = 0.017453292519943295  # pi/180


def _degrees(
    name: str, doc: str, factor: Callable[[Handle, Handle], Handle], exact: str
) -> Operation:
    return Operation(
        name,
        doc,
        1,
        Partials(lambda y, x: (factor(y, x),)),
        names=f"scipy.special.{name}",
        sympy=lambda sp, x: getattr(sp, exact)(sp.Mul(x, sp.Mul(sp.pi, sp.Rational(1, 180)))),
        exact=lambda mp, x: getattr(mp, exact)(x * mp.pi / 180),
        analytic=False,
        is_folded=False,
    )


sindg: Operation = _degrees("sindg", "The sine of degrees.", lambda y, x: DEGREE * cosdg(x), "sin")
cosdg: Operation = _degrees(
    "cosdg", "The cosine of degrees.", lambda y, x: -DEGREE * sindg(x), "cos"
)
tandg: Operation = _degrees(
    "tandg", "The tangent of degrees.", lambda y, x: DEGREE * (1.0 + y * y), "tan"
)
cotdg: Operation = _degrees(
    "cotdg", "The cotangent of degrees.", lambda y, x: -DEGREE * (1.0 + y * y), "cot"
)
