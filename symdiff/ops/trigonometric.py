"""Trigonometric and hyperbolic functions, and their inverses."""

from __future__ import annotations

import math

from symdiff.ops.control import where
from symdiff.ops.exponential import LOG_2, exp, expm1, logaddexp, sqrt
from symdiff.ops.handle import Handle
from symdiff.ops.kinks import absolute, sign
from symdiff.ops.lengths import hypot
from symdiff.ops.operation import UNSIGNED, Operation, Partials

sin: Operation = Operation(
    "sin",
    "Sine of an angle in radians.",
    1,
    Partials(lambda y, x: (cos(x),)),
    names="sin",
    sympy="sin",
    exact="sin",
)

cos: Operation = Operation(
    "cos",
    "Cosine of an angle in radians.",
    1,
    Partials(lambda y, x: (-sin(x),)),
    names="cos",
    sympy="cos",
    exact="cos",
)

tan: Operation = Operation(
    "tan",
    "Tangent of an angle in radians.",
    1,
    Partials(lambda y, x: (1.0 + y * y,)),
    names="tan",
    domain="x != pi/2 + k*pi",
    sympy="tan",
    exact="tan",
)

arcsin: Operation = Operation(
    "arcsin",
    "Inverse sine, in radians.",
    1,
    Partials(lambda y, x: (1.0 / sqrt((1.0 - x) * (1.0 + x)),)),
    names="arcsin asin",
    kink="arcsin'(-1) = arcsin'(1) = inf",
    domain="-1 <= x <= 1",
    safe=(0.0,),
    sympy="asin",
    exact="asin",
)

arccos: Operation = Operation(
    "arccos",
    "Inverse cosine, in radians.",
    1,
    Partials(lambda y, x: (-1.0 / sqrt((1.0 - x) * (1.0 + x)),)),
    names="arccos acos",
    kink="arccos'(-1) = arccos'(1) = -inf",
    domain="-1 <= x <= 1",
    safe=(0.0,),
    sympy="acos",
    exact="acos",
)

arccot: Operation = Operation(
    "arccot",
    "Inverse cotangent, arctan(1/x), in radians.",
    1,
    Partials(lambda y, x: (-1.0 / (1.0 + x * x),)),
    names="formula.arccot formula.acot",
    expand=lambda x: arctan(1.0 / x),
    kink="arccot jumps at 0; the derivative there is that of both sides",
    sympy="acot",
    exact=lambda mp, x: mp.atan(1 / x) if x else mp.pi / 2,
    analytic=False,
)

arctan: Operation = Operation(
    "arctan",
    "Inverse tangent, in radians.",
    1,
    Partials(lambda y, x: (1.0 / (1.0 + x * x),)),
    names="arctan atan",
    sympy="atan",
    exact="atan",
)


def _arctan2_partials(y: Handle, a: Handle, b: Handle) -> tuple[Handle, Handle]:
    radius = hypot(a, b)  # a*a + b*b would overflow at 1e200
    return (b / radius) / radius, -((a / radius) / radius)


arctan2: Operation = Operation(
    "arctan2",
    "The angle of the point (b, a), in radians.",
    2,
    Partials(_arctan2_partials),
    kink="nan at the origin",
    sympy="atan2",
    exact="atan2",
    analytic=False,
)

sinh: Operation = Operation(
    "sinh",
    "Hyperbolic sine.",
    1,
    Partials(lambda y, x: (cosh(x),)),
    names="sinh",
    safe=(0.0,),
    sympy="sinh",
    exact="sinh",
)

cosh: Operation = Operation(
    "cosh",
    "Hyperbolic cosine.",
    1,
    Partials(lambda y, x: (sinh(x),)),
    names="cosh",
    safe=(0.0,),
    sympy="cosh",
    exact="cosh",
    sign=UNSIGNED,
)

tanh: Operation = Operation(
    "tanh",
    "Hyperbolic tangent.",
    1,
    Partials(lambda y, x: (1.0 - y * y,)),  # from the result: 1/cosh(x)**2 overflows
    names="tanh",
    sympy="tanh",
    exact="tanh",
)

sech: Operation = Operation(
    "sech",
    "Hyperbolic secant, 1/cosh(x).",
    1,
    Partials(lambda y, x: (-(y * tanh(x)),)),  # sinh(x)/cosh(x)**2 overflows
    names="formula.sech",
    expand=lambda x: 1.0 / cosh(x),
    sympy="sech",
    exact="sech",
)

csch: Operation = Operation(
    "csch",
    "Hyperbolic cosecant, 1/sinh(x).",
    1,
    Partials(lambda y, x: (-(y / tanh(x)),)),  # cosh(x)/sinh(x)**2 overflows
    names="formula.csch",
    expand=lambda x: 1.0 / sinh(x),
    domain="x != 0",
    sympy="csch",
    exact="csch",
)


def _scaled_sinh(x: Handle, s: Handle) -> Handle:
    size = absolute(x)
    return -0.5 * sign(x) * exp(size - s) * expm1(-2.0 * size)


scaled_sinh: Operation = Operation(
    "scaled_sinh",
    "exp(-s)*sinh(x) without overflow for s >= |x|, exact for small x.",
    2,
    Partials(lambda y, x, s: (scaled_cosh(x, s), -y)),
    expand=_scaled_sinh,
    sympy=lambda sp, x, s: sp.Mul(sp.exp(sp.Mul(-1, s)), sp.sinh(x)),
    exact=lambda mp, x, s: mp.exp(-s) * mp.sinh(x),
    analytic=False,
    is_internal=True,
)

scaled_cosh: Operation = Operation(
    "scaled_cosh",
    "exp(-s)*cosh(x) without overflow for s >= |x|.",
    2,
    Partials(lambda y, x, s: (scaled_sinh(x, s), -y)),
    expand=lambda x, s: 0.5 * (exp(x - s) + exp(-x - s)),
    sympy=lambda sp, x, s: sp.Mul(sp.exp(sp.Mul(-1, s)), sp.cosh(x)),
    exact=lambda mp, x, s: mp.exp(-s) * mp.cosh(x),
    analytic=False,
    is_internal=True,
)

log_cosh: Operation = Operation(
    "log_cosh",
    "log(cosh(x)) without overflow.",
    1,
    Partials(lambda y, x: (tanh(x),)),
    expand=lambda x: logaddexp(x, -x) - LOG_2,
    sympy=lambda sp, x: sp.log(sp.cosh(x)),
    exact=lambda mp, x: mp.log(mp.cosh(x)),
    analytic=False,
    is_internal=True,
)

arcsinh: Operation = Operation(
    "arcsinh",
    "Inverse hyperbolic sine.",
    1,
    Partials(lambda y, x: (1.0 / hypot(x, 1.0),)),
    names="arcsinh asinh",
    sympy="asinh",
    exact="asinh",
)

arccosh: Operation = Operation(
    "arccosh",
    "Inverse hyperbolic cosine.",
    1,
    Partials(lambda y, x: (1.0 / (sqrt(x - 1.0) * sqrt(x + 1.0)),)),
    names="arccosh acosh",
    kink="arccosh'(1) = inf",
    domain="x >= 1",
    safe=(2.0,),
    sympy="acosh",
    exact="acosh",
)

arctanh: Operation = Operation(
    "arctanh",
    "Inverse hyperbolic tangent.",
    1,
    Partials(lambda y, x: (1.0 / ((1.0 - x) * (1.0 + x)),)),
    names="arctanh atanh",
    domain="-1 < x < 1",
    safe=(0.0,),
    sympy="atanh",
    exact="atanh",
)


def _sinc_partials(y: Handle, x: Handle) -> tuple[Handle]:
    """D sinc: (cos(pi x) - sinc(x))/x, by its Taylor series where that would cancel."""
    z = math.pi * x
    square = z * z
    series: Handle | float = 0.0
    for k in range(11, 0, -1):
        series = series * square + (-1.0) ** k * 2.0 * k / math.factorial(2 * k + 1)
    near = absolute(z) < 1.0
    return (where(near, math.pi * (z * series), (cos(z) - y) / where(near, 1.0, x)),)


sinc: Operation = Operation(
    "sinc",
    "sin(pi*x)/(pi*x) and 1 at 0, NumPy's normalised sinc.",
    1,
    Partials(_sinc_partials),
    names="sinc scipy.special.sinc",
    sympy=lambda sp, x: sp.sinc(sp.Mul(sp.pi, x)),
    exact=lambda mp, x: mp.sincpi(x),
    analytic=False,
)
