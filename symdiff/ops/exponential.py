"""Roots, exponentials and logarithms."""

from __future__ import annotations

from symdiff.ops.handle import Handle
from symdiff.ops.operation import NON_NEGATIVE, UNSIGNED, Operation, Partials

LOG_2 = 0.6931471805599453  # log(2), rounded to float64
LOG_10 = 2.302585092994046  # log(10)

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
