"""Elementwise operations: arithmetic, powers, exponentials, trigonometry, rounding."""

from __future__ import annotations

import math
from typing import Any  # SymPy has no types

from symdiff.ops.control import equal, where
from symdiff.ops.handle import Handle, Masked, only
from symdiff.ops.operation import (
    KEPT,
    NON_NEGATIVE,
    PROMOTED,
    UNSIGNED,
    Flat,
    Linear,
    Multilinear,
    Operation,
    Pair,
    Partials,
    Selected,
)

LOG_2 = 0.6931471805599453  # log(2), rounded to float64
LOG_10 = 2.302585092994046  # log(10)

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
)


def _power_partials(y: Handle, a: Handle, b: Handle) -> tuple[Handle | None, Handle | None]:
    exponent, base = b.number, a.number
    if exponent is not None:
        return exponent * a ** (exponent - 1.0), None
    by_base = where(equal(b, 0.0), 0.0, b * a ** (b - 1.0))
    if base is not None and base > 0.0:
        return by_base, y * log(a)
    return by_base, where(equal(a, 0.0) & (b >= 0.0), 0.0, y * log(a))


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

sqrt: Operation = Operation(
    "sqrt",
    "Square root.",
    1,
    Partials(lambda y, x: (0.5 / y,)),
    names="sqrt",
    kink="sqrt'(0) = inf",
    domain="x >= 0",
    safe=(1.0,),
    sympy="sqrt",
    exact="sqrt",
    sign=NON_NEGATIVE,
)

cbrt: Operation = Operation(
    "cbrt",
    "Cube root, negative for a negative argument.",
    1,
    Partials(lambda y, x: (1.0 / (3.0 * (y * y)),)),
    names="cbrt scipy.special.cbrt",
    kink="cbrt'(0) = inf",
    sympy=lambda sp, x: sp.Mul(sp.sign(x), sp.Pow(sp.Abs(x), sp.Rational(1, 3))),
    exact=lambda mp, x: mp.sign(x) * mp.cbrt(abs(x)),
    analytic=False,
)

exp: Operation = Operation(
    "exp",
    "The exponential function.",
    1,
    Partials(lambda y, x: (y,)),
    names="exp",
    safe=(0.0,),
    sympy="exp",
    exact="exp",
    sign=UNSIGNED,
)

exp2: Operation = Operation(
    "exp2",
    "2 to the power x.",
    1,
    Partials(lambda y, x: (LOG_2 * y,)),
    names="exp2 scipy.special.exp2",
    safe=(0.0,),
    sympy=lambda sp, x: sp.Pow(2, x),
    exact=lambda mp, x: mp.mpf(2) ** x,
    sign=UNSIGNED,
)

exp10: Operation = Operation(
    "exp10",
    "10 to the power x.",
    1,
    Partials(lambda y, x: (LOG_10 * y,)),
    names="scipy.special.exp10",
    safe=(0.0,),
    sympy=lambda sp, x: sp.Pow(10, x),
    exact=lambda mp, x: mp.mpf(10) ** x,
    sign=UNSIGNED,
)

expm1: Operation = Operation(
    "expm1",
    "exp(x) - 1, exact for small x.",
    1,
    Partials(lambda y, x: (exp(x),)),
    names="expm1 scipy.special.expm1",
    safe=(0.0,),
    sympy=lambda sp, x: sp.Add(sp.exp(x), -1),
    exact="expm1",
)


log: Operation = Operation(
    "log",
    "Natural logarithm.",
    1,
    Partials(lambda y, x: (1.0 / x,)),
    names="log",
    domain="x > 0",
    safe=(1.0,),
    sympy="log",
    exact="log",
)

log2: Operation = Operation(
    "log2",
    "Logarithm to base 2.",
    1,
    Partials(lambda y, x: (1.0 / (LOG_2 * x),)),
    names="log2",
    domain="x > 0",
    safe=(1.0,),
    sympy=lambda sp, x: sp.Mul(sp.log(x), sp.Pow(sp.log(2), -1)),
    exact=lambda mp, x: mp.log(x, 2),
)

log10: Operation = Operation(
    "log10",
    "Logarithm to base 10.",
    1,
    Partials(lambda y, x: (1.0 / (LOG_10 * x),)),
    names="log10",
    domain="x > 0",
    safe=(1.0,),
    sympy=lambda sp, x: sp.Mul(sp.log(x), sp.Pow(sp.log(10), -1)),
    exact="log10",
)

log1p: Operation = Operation(
    "log1p",
    "log(1 + x), exact for small x.",
    1,
    Partials(lambda y, x: (1.0 / (1.0 + x),)),
    names="log1p scipy.special.log1p",
    domain="x > -1",
    safe=(0.0,),
    sympy=lambda sp, x: sp.log(sp.Add(1, x)),
    exact="log1p",
)


logaddexp: Operation = Operation(
    "logaddexp",
    "log(exp(a) + exp(b)) without overflow.",
    2,
    Partials(lambda y, a, b: (sigmoid(a - b), sigmoid(b - a))),
    names="logaddexp",
    commutative=True,
    sympy=lambda sp, a, b: sp.log(sp.Add(sp.exp(a), sp.exp(b))),
    exact=lambda mp, a, b: mp.log(mp.exp(a) + mp.exp(b)),
    analytic=False,
)


logaddexp2: Operation = Operation(
    "logaddexp2",
    "log2(2**a + 2**b) without overflow.",
    2,
    Partials(lambda y, a, b: (sigmoid(LOG_2 * (a - b)), sigmoid(LOG_2 * (b - a)))),
    names="logaddexp2",
    commutative=True,
    sympy=lambda sp, a, b: sp.Mul(
        sp.log(sp.Add(sp.Pow(2, a), sp.Pow(2, b))), sp.Pow(sp.log(2), -1)
    ),
    exact=lambda mp, a, b: mp.log(mp.mpf(2) ** a + mp.mpf(2) ** b, 2),
    analytic=False,
)

sigmoid: Operation = Operation(
    "sigmoid",
    "1/(1 + exp(-x)), the logistic function.",
    1,
    Partials(lambda y, x: (y * sigmoid(-x),)),  # 1 - y would cancel for a large x
    names="scipy.special.expit formula.sigmoid formula.logistic",
    expand=lambda x: 1.0 / (1.0 + exp(-x)),
    sympy=lambda sp, x: sp.Pow(sp.Add(1, sp.exp(sp.Mul(-1, x))), -1),
    exact=lambda mp, x: 1 / (1 + mp.exp(-x)),
    sign=UNSIGNED,
)

softplus: Operation = Operation(
    "softplus",
    "log(1 + exp(x)) without overflow.",
    1,
    Partials(lambda y, x: (sigmoid(x),)),
    names="scipy.special.softplus",
    expand=lambda x: logaddexp(x, 0.0),
    sympy=lambda sp, x: sp.log(sp.Add(1, sp.exp(x))),
    exact=lambda mp, x: mp.log1p(mp.exp(x)),
    analytic=False,
    sign=UNSIGNED,
)


def _inverse_sum_partials(y: Handle, a: Handle, b: Handle, x: Handle) -> tuple[Handle, ...]:
    other = inverse_sum(b, a, -x)  # exp(x)*y, which is finite where exp(x) is not
    return -(y * y), -(y * other), -(b * (y * other))


def _inverse_sum(a: Handle, b: Handle, x: Handle) -> Handle:
    if b.number is not None and a.number == -b.number:
        return 1.0 / (b * expm1(x))
    return 1.0 / (a + b * exp(x))


inverse_sum: Operation = Operation(
    "inverse_sum",
    "1/(a + b*exp(x)); of -1 and 1 the Bose-Einstein function, exact for small x.",
    3,
    Partials(_inverse_sum_partials),
    expand=_inverse_sum,
    domain="a + b*exp(x) != 0",
    sympy=lambda sp, a, b, x: sp.Pow(sp.Add(a, sp.Mul(b, sp.exp(x))), -1),
    exact=lambda mp, a, b, x: 1 / (a + b * mp.exp(x)),
    is_internal=True,
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


# A length at the origin: its gradient there is 0 by convention, and there is no second derivative.
# So what a gradient is divided by has NaN as its derivative where the length is 0.

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


def _hypot_partials(y: Handle, a: Handle, b: Handle) -> tuple[Handle, Handle]:
    radius = length_or_one(y)  # 0/1 at the origin
    return a / radius, b / radius


hypot: Operation = Operation(
    "hypot",
    "The length of the vector (a, b), without overflow.",
    2,
    Partials(_hypot_partials),
    names="hypot",
    commutative=True,
    kink="the gradient at the origin is 0",
    sympy=lambda sp, a, b: sp.sqrt(sp.Add(sp.Pow(a, 2), sp.Pow(b, 2))),
    exact="hypot",
    analytic=False,
    sign=UNSIGNED,
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
