"""Special functions. On arrays they are SciPy's; on floats `math`'s where it has them.

The derivatives are those of Abramowitz and Stegun, Handbook of Mathematical Functions (1964);
each record with an uncommon one names the equation.
"""

from __future__ import annotations

from symdiff.ops.exponential import exp
from symdiff.ops.handle import Handle
from symdiff.ops.operation import UNSIGNED, Operation, Partials, Unknown

TWO_OVER_SQRT_PI = 1.1283791670955126  # 2/sqrt(pi)
HALF_SQRT_PI = 0.886226925452758  # sqrt(pi)/2
ONE_OVER_SQRT_2_PI = 0.3989422804014327  # 1/sqrt(2*pi)
SQRT_2_OVER_PI = 0.7978845608028654  # sqrt(2/pi)
SQRT_HALF = 0.7071067811865476  # sqrt(1/2)

erf: Operation = Operation(
    "erf",
    "The error function.",
    1,
    Partials(lambda y, x: (TWO_OVER_SQRT_PI * exp(-(x * x)),)),
    names="scipy.special.erf",
    sympy="erf",
    exact="erf",
)

erfc: Operation = Operation(
    "erfc",
    "1 - erf(x), exact for large x.",
    1,
    Partials(lambda y, x: (-TWO_OVER_SQRT_PI * exp(-(x * x)),)),
    names="scipy.special.erfc",
    sympy="erfc",
    exact="erfc",
    sign=UNSIGNED,
)

erfinv: Operation = Operation(
    "erfinv",
    "The inverse of the error function.",
    1,
    Partials(lambda y, x: (HALF_SQRT_PI * exp(y * y),)),
    names="scipy.special.erfinv",
    domain="-1 < x < 1",
    safe=(0.0,),
    sympy="erfinv",
    exact="erfinv",
    analytic=False,
)

ndtr: Operation = Operation(
    "ndtr",
    "The cumulative distribution function of the standard normal distribution.",
    1,
    Partials(lambda y, x: (ONE_OVER_SQRT_2_PI * exp(-0.5 * (x * x)),)),
    names="scipy.special.ndtr formula.normcdf formula.norm_cdf",
    sympy=lambda sp, x: sp.Mul(
        sp.Add(1, sp.erf(sp.Mul(x, sp.Pow(sp.sqrt(2), -1)))), sp.Rational(1, 2)
    ),
    exact="ncdf",
    sign=UNSIGNED,
)

erfcx: Operation = Operation(
    "erfcx",
    "exp(x**2)*erfc(x), without overflow.",
    1,
    Partials(lambda y, x: (2.0 * x * y - TWO_OVER_SQRT_PI,)),
    names="scipy.special.erfcx",
    sympy=lambda sp, x: sp.Mul(sp.exp(sp.Pow(x, 2)), sp.erfc(x)),
    exact=lambda mp, x: mp.exp(x * x) * mp.erfc(x),
)

log_ndtr: Operation = Operation(
    "log_ndtr",
    "log(ndtr(x)) without underflow.",
    1,
    Partials(lambda y, x: (inverse_mills(x),)),
    names="scipy.special.log_ndtr",
    sympy=lambda sp, x: sp.log(
        sp.Mul(sp.Add(1, sp.erf(sp.Mul(x, sp.Pow(sp.sqrt(2), -1)))), sp.Rational(1, 2))
    ),
    exact=lambda mp, x: mp.log(mp.erfc(-x / mp.sqrt(2)) / 2),
    analytic=False,
)

inverse_mills: Operation = Operation(
    "inverse_mills",
    "The density of the standard normal distribution over its cumulative distribution function.",
    1,
    Partials(lambda y, x: (-(y * (x + y)),)),
    # erfcx keeps its digits far out on both sides
    expand=lambda x: SQRT_2_OVER_PI / erfcx(-SQRT_HALF * x),
    sympy=lambda sp, x: sp.Mul(
        sp.Mul(
            sp.sqrt(sp.Mul(2, sp.Pow(sp.pi, -1))),
            sp.exp(sp.Mul(sp.Rational(-1, 2), sp.Pow(x, 2))),
        ),
        sp.Pow(sp.Add(1, sp.erf(sp.Mul(x, sp.Pow(sp.sqrt(2), -1)))), -1),
    ),
    exact=lambda mp, x: mp.sqrt(2 / mp.pi) * mp.exp(-x * x / 2) / mp.erfc(-x / mp.sqrt(2)),
    analytic=False,
    is_internal=True,
)

gamma: Operation = Operation(
    "gamma",
    "The gamma function.",
    1,
    Partials(lambda y, x: (y * digamma(x),)),
    names="scipy.special.gamma",
    domain="x not in {0, -1, -2, ...}",
    safe=(1.0,),
    sympy="gamma",
    exact="gamma",
    analytic=False,  # SciPy's loses a tiny imaginary part
)


loggamma: Operation = Operation(
    "loggamma",
    "The logarithm of the magnitude of the gamma function.",
    1,
    Partials(lambda y, x: (digamma(x),)),
    names="scipy.special.loggamma scipy.special.gammaln formula.lgamma",
    domain="x not in {0, -1, -2, ...}",
    safe=(1.0,),
    sympy="loggamma",
    exact=lambda mp, x: mp.re(mp.loggamma(x)),
    analytic=False,
)

digamma: Operation = Operation(
    "digamma",
    "The derivative of loggamma.",
    1,
    Partials(lambda y, x: (polygamma(x, params=(1,)),)),
    names="scipy.special.digamma scipy.special.psi",
    domain="x not in {0, -1, -2, ...}",
    safe=(1.0,),
    sympy="digamma",
    exact="digamma",
)


def _polygamma_partials(y: Handle, x: Handle) -> tuple[Handle]:
    (order,) = y.params
    return (polygamma(x, params=(order + 1,)),)


polygamma: Operation = Operation(
    "polygamma",
    "The derivative of digamma of the given order.",
    1,
    Partials(_polygamma_partials),
    params=("order",),
    domain="x not in {0, -1, -2, ...}, of order 0, 1, 2, ...",
    safe=(1.0,),
    sympy="polygamma",
    exact="polygamma",
    analytic=False,
)


def _beta_partials(y: Handle, a: Handle, b: Handle) -> tuple[Handle, Handle]:
    both = digamma(a + b)
    return y * (digamma(a) - both), y * (digamma(b) - both)


beta: Operation = Operation(
    "beta",
    "gamma(a)*gamma(b)/gamma(a + b).",
    2,
    Partials(_beta_partials),
    names="scipy.special.beta",
    commutative=True,
    domain="a, b not in {0, -1, -2, ...}",
    safe=(1.0, 1.0),
    sympy="beta",
    exact="beta",
    analytic=False,
)


def _betaln_partials(y: Handle, a: Handle, b: Handle) -> tuple[Handle, Handle]:
    both = digamma(a + b)
    return digamma(a) - both, digamma(b) - both


betaln: Operation = Operation(
    "betaln",
    "The logarithm of the magnitude of beta(a, b).",
    2,
    Partials(_betaln_partials),
    names="scipy.special.betaln",
    commutative=True,
    domain="a, b not in {0, -1, -2, ...}",
    safe=(1.0, 1.0),
    sympy=lambda sp, a, b: sp.Add(
        sp.Add(sp.loggamma(a), sp.loggamma(b)), sp.Mul(-1, sp.loggamma(sp.Add(a, b)))
    ),
    exact=lambda mp, a, b: mp.log(abs(mp.beta(a, b))),
    analytic=False,
)


def _bessel(name: str, doc: str, domain: str, sympy: str, below: float, above: float) -> Operation:
    """A Bessel function: y' = below*y[order - 1] + above*y[order + 1] (A&S 9.1.27, 9.6.26)."""

    def partials(y: Handle, x: Handle) -> tuple[Handle]:
        (order,) = y.params
        lower, upper = record(x, params=(order - 1,)), record(x, params=(order + 1,))
        return (below * lower + above * upper,)

    record = Operation(
        name,
        doc,
        1,
        Partials(partials),
        params=("order",),
        domain=domain,
        safe=(1.0,),
        sympy=sympy,
        exact=sympy,
        analytic=False,
    )
    return record


jv: Operation = _bessel(
    "jv", "Bessel function of the first kind.", "x >= 0, or a whole order", "besselj", 0.5, -0.5
)
yv: Operation = _bessel("yv", "Bessel function of the second kind.", "x > 0", "bessely", 0.5, -0.5)
iv: Operation = _bessel(
    "iv",
    "Modified Bessel function of the first kind.",
    "x >= 0, or a whole order",
    "besseli",
    0.5,
    0.5,
)
kv: Operation = _bessel(
    "kv", "Modified Bessel function of the second kind.", "x > 0", "besselk", -0.5, -0.5
)


def _airy(name: str, doc: str, partials: Partials, sympy: str, kind: str) -> Operation:
    """An Airy function: y'' = x*y (A&S 10.4.1)."""
    derivative = int(name.endswith("prime"))
    return Operation(
        name,
        doc,
        1,
        partials,
        names=f"formula.{name}",
        sympy=sympy,
        exact=lambda mp, x: getattr(mp, kind)(x, derivative=derivative),
        analytic=False,
    )


airyai: Operation = _airy(
    "airyai", "Airy function Ai.", Partials(lambda y, x: (airyaiprime(x),)), "airyai", "airyai"
)
airyaiprime: Operation = _airy(
    "airyaiprime",
    "The derivative of Ai.",
    Partials(lambda y, x: (x * airyai(x),)),
    "airyaiprime",
    "airyai",
)
airybi: Operation = _airy(
    "airybi", "Airy function Bi.", Partials(lambda y, x: (airybiprime(x),)), "airybi", "airybi"
)
airybiprime: Operation = _airy(
    "airybiprime",
    "The derivative of Bi.",
    Partials(lambda y, x: (x * airybi(x),)),
    "airybiprime",
    "airybi",
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

NO_CLOSED_FORM = Unknown("the derivative of zeta(s, q) by s has no closed form")

zeta: Operation = Operation(
    "zeta",
    "Hurwitz's zeta function, the sum of (k + q)**-s for k = 0, 1, ...; Riemann's for q = 1.",
    2,
    # A&S 25.11.17 of its successor, the Digital Library of Mathematical Functions
    Partials(lambda y, s, q: (NO_CLOSED_FORM, -(s * zeta(s + 1.0, q)))),
    kink="the derivative by s has no closed form and is refused",
    domain="s > 1, q > 0",
    safe=(2.0, 1.0),
    sympy="zeta",
    exact="zeta",
    analytic=False,
)
