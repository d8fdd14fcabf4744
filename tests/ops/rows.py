"""One row for each operation: where it is tried, against what, and which checks cannot apply."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import mpmath
import numpy as np
from scipy import special

inf, nan = math.inf, math.nan
EULER = 0.5772156649015329  # the Euler-Mascheroni constant

Interval = tuple[float, float]
Point = tuple[float, ...]


@dataclass(frozen=True)
class Row:
    """How one operation is tried.

    Attributes:
        name: the operation's name in the registry.
        domain: an interval for each argument; points are drawn inside.
        oracle: the function of NumPy or SciPy that the value must equal; by name if not given.
        kinks: by point, the gradient that the convention states.
        params: the operation's parameters.
        conditions: the arguments that are conditions; each is given as `argument > 0`.
        value_ulps: how exact the library's function is, in units in the last place.
        scale: an absolute error of the derivative, in ulp of this number, that its rule allows.
        refused: the arguments by which the operation refuses to be differentiated.
        exceptions: a check that cannot apply, and why.
    """

    name: str
    domain: tuple[Interval, ...]
    oracle: Callable[..., Any] | None = None
    kinks: Mapping[Point, Point] = field(default_factory=dict)
    params: tuple[Any, ...] = ()
    conditions: tuple[int, ...] = ()
    value_ulps: float = 2.0
    scale: float = 0.0
    refused: tuple[int, ...] = ()
    exceptions: Mapping[str, str] = field(default_factory=dict)

    @property
    def named(self) -> Callable[..., Any]:
        """The oracle, with parameters and conditions as it takes them."""
        return self.oracle or getattr(np, self.name, None) or getattr(special, self.name)

    @property
    def function(self) -> Callable[..., Any]:
        """The oracle on numbers, conditions included."""
        found = self.named

        def on_numbers(*args: Any) -> Any:
            given = [a > 0 if i in self.conditions else a for i, a in enumerate(args)]
            return found(*self.params, *given)

        return on_numbers


NO_SECOND = {(0.0,): (nan,)}  # of a length
STEP = {"sympy": "SymPy leaves the derivative of a step unevaluated"}
NO_SYMPY = {"sympy": "SymPy has no such function"}
GAMMALN = {"subnormal": "SciPy's gammaln(5e-324) is inf, and 744.4 is right"}
ENDLESS = {"edges": "SciPy's hyp1f1 does not come back from an infinity"}
EXPINT = {"edges": "mpmath's is complex there, or does not come back"}
OF_ZETA = {"sympy": "SymPy leaves the derivative by the exponent unevaluated"}
OF_SYMPY = {"sympy": "SymPy 1.14 differentiates it and cannot evaluate what it gets"}
TIES = {(1.0, 1.0): (0.5, 0.5), (0.0, -0.0): (0.5, 0.5)}
ONE, TWO = ((-2.0, 2.0),), ((-2.0, 2.0), (-2.0, 2.0))
# np.maximum(0.0, -0.0) is either zero, by machine and by length
EITHER_ZERO = {"sign of zero": "NumPy does not say which of two equal zeros it takes"}


def comparison(name: str) -> Row:
    """A comparison: its derivative is zero, at a tie too."""
    return Row(name, TWO, kinks={(1.0, 1.0): (0.0, 0.0), (1.0, 2.0): (0.0, 0.0)}, exceptions=STEP)


def step(name: str, oracle: Callable[..., Any] | None = None) -> Row:
    """A step function: flat at its jumps too."""
    kinks = {(x,): (0.0,) for x in (0.0, -0.0, 1.0, 0.5, -2.5)}
    return Row(name, ((-4.0, 4.0),), oracle, kinks=kinks, exceptions=STEP)


def bessel(name: str, order: int) -> Row:
    """A Bessel function of one order. SciPy's AMOS is good to about 14 digits."""
    return Row(name, ((0.5, 6.0),), params=(order,), value_ulps=32.0, scale=4.0)


def airy(name: str, index: int) -> Row:
    """An Airy function. Near a zero the error is one of the amplitude."""
    return Row(name, ((-4.0, 3.0),), lambda x: special.airy(x)[index], value_ulps=32.0, scale=4.0)


def real_lambertw(x: Any) -> Any:
    """SciPy's principal branch where it is real. At -inf SciPy's is inf + i*pi."""
    root = special.lambertw(x)
    return np.where(root.imag == 0.0, root.real, nan)


def part(function: Callable[..., Any], index: int) -> Callable[..., Any]:
    """One of the results of a function of SciPy's."""
    return lambda *args: function(*args)[index]


def real_lower_lambertw(x: Any) -> Any:
    """SciPy's branch -1 where it is real."""
    root = special.lambertw(x, -1)
    return np.where(root.imag == 0.0, root.real, nan)


def by_mpmath(function: Callable[..., Any]) -> Callable[..., Any]:
    """What SciPy lacks: mpmath's function of numbers, rounded once."""

    def of_numbers(*args: Any) -> float:
        with mpmath.workdps(30):
            return float(function(*map(mpmath.mpf, map(float, args))))

    return np.vectorize(of_numbers, otypes=[float])


def lower_gamma(a: Any, x: Any) -> Any:
    """The lower incomplete gamma function, not regularized."""
    return mpmath.gammainc(a, 0, x)


def by_last(name: str, *domain: Interval, **about: Any) -> Row:
    """A function that is differentiated by its last argument alone."""
    about = {"value_ulps": 64.0, "scale": 4.0, "exceptions": NO_SYMPY, **about}
    return Row(name, domain, refused=tuple(range(len(domain) - 1)), **about)


def polynomial(name: str, *shapes: Interval) -> Row:
    """An orthogonal polynomial of degree 3. Near a zero the error is one of its terms."""
    refused = tuple(range(len(shapes)))
    return Row(
        name, (*shapes, (-0.9, 0.9)), params=(3,), refused=refused, value_ulps=32.0, scale=16.0
    )


UP, BETWEEN = (0.4, 3.0), (0.1, 0.9)
SCIPYS = (
    Row("erfcinv", ((0.05, 1.9),), value_ulps=16.0, scale=4.0, exceptions=OF_SYMPY),
    Row("erfi", ONE, value_ulps=8.0),
    Row("dawsn", ONE, value_ulps=8.0, scale=4.0, kinks={(0.0,): (1.0,), (1e8,): (-5e-17,)}),
    Row("fresnels", ONE, part(special.fresnel, 0), value_ulps=16.0, scale=8.0),
    Row("fresnelc", ONE, part(special.fresnel, 1), value_ulps=16.0, scale=8.0),
    Row("ndtri", ((0.05, 0.95),), value_ulps=16.0, scale=4.0),
    Row("ndtri_exp", ((-4.0, -0.1),), value_ulps=32.0, scale=4.0),
    Row("owens_t", ((-2.0, 2.0), (-0.7, 0.7)), value_ulps=32.0, scale=4.0, exceptions=NO_SYMPY),
    Row(
        "faddeeva_real",
        ((-2.0, 2.0), (0.1, 2.0)),
        lambda x, y: special.wofz(x + 1j * y).real,
        value_ulps=32.0,
        scale=8.0,
        exceptions=NO_SYMPY,
    ),
    Row(
        "faddeeva_imag",
        ((-2.0, 2.0), (0.1, 2.0)),
        lambda x, y: special.wofz(x + 1j * y).imag,
        value_ulps=32.0,
        scale=8.0,
        exceptions=NO_SYMPY,
    ),
    Row(
        "voigt_profile",
        ((-2.0, 2.0), (0.5, 2.0), (0.2, 2.0)),
        value_ulps=32.0,
        scale=8.0,
        exceptions=NO_SYMPY,
    ),
    Row("rgamma", (UP,), value_ulps=16.0, scale=4.0),
    by_last("gammainc", UP, UP, exceptions=NO_SYMPY | GAMMALN),
    by_last("gammaincc", UP, UP, exceptions=NO_SYMPY | GAMMALN),
    by_last("gammaincinv", UP, BETWEEN, value_ulps=256.0),
    by_last("gammainccinv", UP, BETWEEN, value_ulps=256.0),
    by_last("betainc", UP, UP, BETWEEN),
    by_last("betaincc", UP, UP, BETWEEN),
    by_last("betaincinv", UP, UP, BETWEEN, value_ulps=256.0),
    by_last("betainccinv", UP, UP, BETWEEN, value_ulps=256.0),
    by_last("stdtr", UP, (-2.0, 2.0)),
    by_last("stdtrit", UP, BETWEEN, value_ulps=256.0),
    Row("binom", ((3.0, 6.0), (0.3, 2.5)), value_ulps=64.0, scale=8.0),
    Row("poch", (UP, UP), value_ulps=64.0, scale=8.0, exceptions=OF_SYMPY),
    *[
        replace(bessel(name, order), exceptions=NO_SYMPY)
        for name, order in (
            ("ive", 1),
            ("kve", 2),
            ("spherical_jn", 2),
            ("spherical_yn", 0),
            ("spherical_in", 1),
            ("spherical_kn", 1),
            ("struve", 1),
            ("modstruve", 0),
        )
    ],
    *[
        Row(name, (UP,), value_ulps=64.0, scale=8.0, exceptions=NO_SYMPY)
        for name in "ber bei ker kei berp beip kerp keip".split()
    ],
    Row("ellipk", ((-2.0, 0.9),), value_ulps=16.0, kinks={(0.0,): (math.pi / 8.0,)}),
    Row("ellipkm1", ((0.1, 3.0),), value_ulps=16.0),
    Row("ellipe", ((-2.0, 0.9),), value_ulps=16.0, kinks={(0.0,): (-math.pi / 8.0,)}),
    Row("ellipkinc", ((-1.5, 1.5), (-0.9, 0.9)), value_ulps=32.0, scale=8.0),
    Row("ellipeinc", ((-1.5, 1.5), (-0.9, 0.9)), value_ulps=32.0, scale=8.0),
    *[
        Row(
            name,
            (UP,) * arity,
            value_ulps=64.0,
            scale=16.0,
            exceptions=NO_SYMPY,
        )
        for name, arity in (("elliprc", 2), ("elliprd", 3), ("elliprf", 3))
    ],
    *[
        Row(
            f"jacobi_{name}",
            ((-1.2, 1.2), BETWEEN),
            part(special.ellipj, index),
            value_ulps=64.0,
            scale=16.0,
            exceptions=NO_SYMPY,
        )
        for index, name in enumerate("sn cn dn am".split())
    ],
    by_last(
        "hyp0f1", UP, (-2.0, 2.0), exceptions=NO_SYMPY | {"edges": "SciPy's divides by 0 far out"}
    ),
    by_last("hyp1f1", UP, UP, (-2.0, 2.0), exceptions=NO_SYMPY | ENDLESS),
    by_last("hyperu", UP, UP, UP, value_ulps=2.0**15),  # SciPy has ten to eleven digits
    by_last("hyp2f1", UP, UP, UP, (-0.9, 0.8)),
    polynomial("eval_jacobi", UP, UP),
    polynomial("eval_gegenbauer", UP),
    replace(
        polynomial("eval_genlaguerre", UP),
        exceptions={"sympy": "SymPy's is defined for alpha <= -1 too"},
    ),
    *[
        polynomial(f"eval_{name}")
        for name in "legendre chebyt chebyu hermite hermitenorm laguerre".split()
    ],
    Row("expi", (UP,), value_ulps=16.0, scale=4.0),
    Row("exp1", (UP,), value_ulps=16.0),
    Row("expn", (UP,), params=(2,), value_ulps=32.0),
    by_last("expint", (-3.0, 5.0), UP, oracle=by_mpmath(mpmath.expint), exceptions=EXPINT),
    by_last(
        "uppergamma", (-3.0, 5.0), (0.6, 3.0), oracle=by_mpmath(mpmath.gammainc), exceptions=EXPINT
    ),
    by_last("lowergamma", (0.6, 5.0), UP, oracle=by_mpmath(lower_gamma), exceptions=EXPINT),
    Row("sinint", ONE, part(special.sici, 0), kinks={(0.0,): (1.0,)}, value_ulps=8.0, scale=4.0),
    Row("cosint", (UP,), part(special.sici, 1), value_ulps=8.0, scale=4.0),
    Row("sinhint", ONE, part(special.shichi, 0), kinks={(0.0,): (1.0,)}, value_ulps=8.0, scale=4.0),
    Row("coshint", (UP,), part(special.shichi, 1), value_ulps=8.0, scale=4.0),
    Row("spence", (UP,), kinks={(1.0,): (-1.0,)}, value_ulps=16.0, scale=4.0, exceptions=NO_SYMPY),
    Row("lambertw_lower", ((-0.35, -0.05),), real_lower_lambertw, value_ulps=16.0),
    Row("wrightomega", ONE, value_ulps=8.0),
    Row("exprel", ONE, kinks={(0.0,): (0.5,)}, value_ulps=16.0, exceptions=NO_SYMPY),
    Row("cosm1", ONE, value_ulps=8.0),
    Row("powm1", (UP, (-2.0, 2.0)), value_ulps=16.0, scale=4.0),
    *[
        Row(name, domain, kinks=kinks, value_ulps=32.0, scale=8.0, exceptions=NO_SYMPY)
        for name, domain, kinks in (
            ("boxcox", (UP, (-2.0, 2.0)), {(1.0, 0.0): (1.0, 0.0)}),
            ("boxcox1p", (UP, (-2.0, 2.0)), {}),
            ("inv_boxcox", ((-0.4, 0.4), (-2.0, 2.0)), {(1.0, 0.0): (math.e, -0.5 * math.e)}),
            ("inv_boxcox1p", ((-0.4, 0.4), (-2.0, 2.0)), {}),
        )
    ],
    *[
        Row(name, ((10.0, 80.0),), value_ulps=8.0, scale=1.0)
        for name in "sindg cosdg tandg cotdg".split()
    ],
)

ROWS = (
    Row(
        "where",
        (*ONE, *ONE, *ONE),
        conditions=(0,),
        kinks={(0.0, 1.0, 2.0): (0.0, 0.0, 1.0), (1.0, nan, 2.0): (0.0, 1.0, 0.0)},
    ),
    comparison("less"),
    comparison("less_equal"),
    comparison("greater"),
    comparison("greater_equal"),
    comparison("equal"),
    comparison("not_equal"),
    Row("logical_and", TWO, conditions=(0, 1), exceptions=STEP),
    Row("logical_or", TWO, conditions=(0, 1), exceptions=STEP),
    Row("logical_not", ONE, conditions=(0,), exceptions=STEP),
    Row("add", TWO),
    Row("subtract", TWO),
    Row("multiply", TWO, kinks={(0.0, inf): (inf, 0.0)}),
    Row("negate", ONE, np.negative),
    Row("divide", ((-2.0, 2.0), (0.3, 3.0)), kinks={(1.0, 0.0): (inf, -inf)}),
    Row(
        "power",
        ((0.2, 3.0), (-2.5, 3.0)),
        kinks={
            (2.0, 0.0): (0.0, math.log(2.0)),
            (0.0, 0.0): (0.0, 0.0),
            (-2.0, 0.0): (0.0, nan),
            (0.0, 1.0): (1.0, 0.0),
            (0.0, 2.5): (0.0, 0.0),
            (0.0, 0.5): (inf, 0.0),
            (-2.0, 2.0): (-4.0, nan),
        },
    ),
    Row("remainder", ((-7.0, 7.0), (0.7, 3.0)), exceptions=STEP),
    Row("fmod", ((-7.0, 7.0), (0.7, 3.0)), exceptions=STEP),
    Row("floor_divide", ((-7.0, 7.0), (0.7, 3.0)), exceptions=STEP),
    Row("sqrt", ((0.1, 4.0),), kinks={(0.0,): (inf,), (-1.0,): (nan,)}),
    Row("cbrt", ((-4.0, 4.0),), kinks={(0.0,): (inf,)}),
    Row("exp", ONE),
    Row("exp2", ONE),
    Row("exp10", ONE),
    Row("expm1", ONE),
    Row("log", ((0.1, 4.0),), kinks={(0.0,): (inf,), (-2.0,): (-0.5,)}),
    Row("log2", ((0.1, 4.0),), kinks={(0.0,): (inf,), (-2.0,): (-0.5 / math.log(2.0),)}),
    Row("log10", ((0.1, 4.0),), kinks={(0.0,): (inf,), (-2.0,): (-0.5 / math.log(10.0),)}),
    Row("log1p", ((-0.9, 4.0),), kinks={(-1.0,): (inf,), (-3.0,): (-0.5,)}),
    Row("logaddexp", TWO, kinks={(1.0, 1.0): (0.5, 0.5), (1e4, 0.0): (1.0, 0.0)}),
    Row("logaddexp2", TWO, kinks={(1.0, 1.0): (0.5, 0.5), (1e4, 0.0): (1.0, 0.0)}),
    Row("sigmoid", ((-4.0, 4.0),), special.expit, kinks={(1e3,): (0.0,), (-1e3,): (0.0,)}, scale=1),
    Row(
        "softplus",
        ((-4.0, 4.0),),
        lambda x: np.logaddexp(x, 0.0),
        kinks={(1e3,): (1.0,), (-1e3,): (0.0,)},
    ),
    Row(
        "fraction",
        ((0.5, 2.0), (0.5, 2.0)),
        lambda a, b: a / (a + b),
        kinks={(1e300, 1.0): (0.0, -1e-300)},
    ),
    Row(
        "inverse_sum",
        ((0.5, 2.0), (0.5, 2.0), (-2.0, 2.0)),
        lambda a, b, x: 1.0 / (a + b * np.exp(x)),
        kinks={(1.0, 1.0, 800.0): (0.0, 0.0, 0.0), (2.0, 1.0, -800.0): (-0.25, 0.0, 0.0)},
    ),
    Row(
        "scaled_sinh",
        ((-2.0, 2.0), (2.0, 3.0)),
        lambda x, s: -0.5 * np.sign(x) * np.exp(np.abs(x) - s) * np.expm1(-2.0 * np.abs(x)),
        kinks={(800.0, 800.0): (0.5, -0.5), (0.0, 0.0): (1.0, -0.0)},
    ),
    Row(
        "scaled_cosh",
        ((-2.0, 2.0), (2.0, 3.0)),
        lambda x, s: 0.5 * (np.exp(x - s) + np.exp(-x - s)),
        kinks={(800.0, 800.0): (0.5, -0.5)},
    ),
    Row(
        "log_cosh",
        ONE,
        lambda x: np.logaddexp(x, -x) - np.log(2.0),
        kinks={(800.0,): (1.0,), (-800.0,): (-1.0,)},
        scale=1,
    ),
    Row("sin", ONE),
    Row("cos", ONE),
    Row("tan", ((-1.5, 1.5),)),
    Row("arcsin", ((-0.95, 0.95),), kinks={(1.0,): (inf,), (-1.0,): (inf,), (2.0,): (nan,)}),
    Row("arccos", ((-0.95, 0.95),), kinks={(1.0,): (-inf,), (-1.0,): (-inf,), (2.0,): (nan,)}),
    Row("arctan", ONE),
    Row(
        "arccot",
        ((0.2, 4.0),),
        lambda x: np.arctan(np.divide(1.0, x)),
        kinks={(0.0,): (-1.0,), (1e300,): (-0.0,)},
    ),
    Row("arctan2", TWO, kinks={(0.0, 0.0): (nan, nan), (0.0, -1.0): (-1.0, 0.0)}),
    Row("sinh", ONE),
    Row("cosh", ONE),
    Row("sech", ONE, lambda x: 1.0 / np.cosh(x), kinks={(800.0,): (0.0,)}),
    Row("csch", ((0.3, 3.0),), lambda x: 1.0 / np.sinh(x), kinks={(800.0,): (0.0,)}),
    Row("tanh", ((-3.0, 3.0),), kinks={(800.0,): (0.0,)}, scale=1),
    Row("arcsinh", ((-4.0, 4.0),)),
    Row("arccosh", ((1.1, 4.0),), kinks={(1.0,): (inf,), (0.0,): (nan,)}),
    Row("arctanh", ((-0.95, 0.95),), kinks={(1.0,): (inf,), (2.0,): (-1.0 / 3.0,)}),
    Row("length_or_one", ((0.1, 4.0),), lambda x: np.where(x == 0.0, 1.0, x), kinks=NO_SECOND),
    Row(
        "one_over_length",
        ((0.1, 4.0),),
        lambda x: np.where(x == 0.0, 0.0, 1.0 / np.where(x == 0.0, 1.0, x)),
        kinks=NO_SECOND | {(2.0,): (-0.25,)},
    ),
    Row("root_of_form", ((0.1, 4.0),), np.sqrt, kinks={(0.0,): (0.0,), (4.0,): (0.25,)}),
    Row(
        "direction",
        ((-4.0, 4.0),),
        np.sign,
        kinks={(0.0,): (nan,), (-2.0,): (0.0,)},
        exceptions=STEP,
    ),
    Row("magnitude", ONE, np.abs, kinks={(0.0,): (0.0,), (-3.0,): (-1.0,)}),
    Row(
        "unless_zero",
        (*ONE, (0.1, 4.0), *ONE),
        lambda x, radius, other: np.where(radius == 0.0, other, x),
        kinks={(2.0, 0.0, 5.0): (1.0, 0.0, 0.0)},  # the factor itself is differentiated
    ),
    Row("hypot", TWO, kinks={(0.0, 0.0): (0.0, 0.0), (3e200, 4e200): (0.6, 0.8)}),
    Row("sinc", ONE, kinks={(0.0,): (0.0,)}, scale=1),
    Row("absolute", ONE, kinks={(0.0,): (0.0,), (-3.0,): (-1.0,)}),
    step("sign"),
    Row("copysign", TWO, kinks={(0.0, 1.0): (0.0, 0.0), (2.0, -0.0): (-1.0, 0.0)}),
    step("floor"),
    step("ceil"),
    step("trunc"),
    Row(
        "rint",
        ((-4.0, 4.0),),
        kinks={(x,): (0.0,) for x in (0.0, 0.5, 1.0)},
        exceptions=NO_SYMPY,
    ),
    Row("maximum", TWO, kinks=TIES, exceptions=EITHER_ZERO),
    Row("minimum", TWO, kinks=TIES, exceptions=EITHER_ZERO),
    Row(
        "clip",
        ((-3.0, 3.0), (-2.0, -0.5), (0.5, 2.0)),
        kinks={
            (0.0, 0.0, 1.0): (1.0, 0.0, 0.0),
            (1.0, 0.0, 1.0): (1.0, 0.0, 0.0),
            (2.0, 0.0, 1.0): (0.0, 0.0, 1.0),
            (-1.0, 0.0, 1.0): (0.0, 1.0, 0.0),
        },
        exceptions=EITHER_ZERO,
    ),
    Row(
        "relu",
        ONE,
        lambda x: np.maximum(x, 0.0),
        kinks={(0.0,): (0.0,), (-1.0,): (0.0,), (1.0,): (1.0,)},
        exceptions=EITHER_ZERO,
    ),
    Row("heaviside", TWO, kinks={(0.0, 0.5): (0.0, 0.0)}, exceptions=STEP),
    Row("erf", ONE),
    Row("erfc", ONE),
    Row("erfinv", ((-0.95, 0.95),), kinks={(1.0,): (inf,)}, value_ulps=8.0),
    Row("ndtr", ((-3.0, 3.0),), value_ulps=8.0),
    Row(
        "erfcx", ONE, kinks={(30.0,): (-0.0006258354105074841,), (1e8,): (-5.641895835477562e-17,)}
    ),
    Row("log_ndtr", ONE, kinks={(-1e5,): (100000.00001,), (1e3,): (0.0,)}),
    Row(
        "inverse_mills",
        ONE,
        lambda x: np.sqrt(2 / np.pi) / special.erfcx(-x / np.sqrt(2.0)),
        kinks={(1e3,): (0.0,)},
        value_ulps=8.0,
    ),
    Row("gamma", ((0.2, 4.0),), kinks={(1.0,): (-EULER,)}, value_ulps=16.0, scale=4),
    Row(
        "loggamma",
        ((0.2, 4.0),),
        special.gammaln,
        kinks={(1.0,): (-EULER,)},
        value_ulps=8.0,
        scale=4,
        exceptions=GAMMALN,
    ),
    Row("digamma", ((0.2, 4.0),), value_ulps=16.0),
    Row("polygamma", ((0.2, 4.0),), params=(2,), value_ulps=32.0),
    Row(
        "beta",
        ((0.3, 3.0), (0.3, 3.0)),
        value_ulps=32.0,
        scale=4,
        exceptions={"order": "SciPy's pole at (0, -1) has another sign than that at (-1, 0)"},
    ),
    Row("betaln", ((0.3, 3.0), (0.3, 3.0)), value_ulps=32.0, scale=4),
    bessel("jv", 1),
    bessel("yv", 0),
    bessel("iv", 2),
    bessel("kv", 1),
    airy("airyai", 0),
    airy("airyaiprime", 1),
    airy("airybi", 2),
    airy("airybiprime", 3),
    Row("lambertw", ((-0.3, 4.0),), real_lambertw, value_ulps=8.0),
    Row("zeta", ((1.5, 5.0), (0.3, 3.0)), value_ulps=32.0, exceptions=OF_ZETA),
    Row("riemann_zeta", ((-3.5, 5.0),), special.zeta, value_ulps=32.0, exceptions=OF_ZETA),
    Row(
        "zeta_slope",
        ((1.5, 5.0), (0.3, 3.0)),
        by_mpmath(lambda n, s, q: mpmath.zeta(s, q, int(n))),
        params=(1,),
        value_ulps=32.0,
        exceptions=OF_ZETA | {"edges": "mpmath's does not come back"},
    ),
    *SCIPYS,
)
BY_NAME = {row.name: row for row in ROWS}

# Operations that compute what users write have no row: see tests/test_own_rules.py.
OF_USERS = frozenset(("opaque_call", "own_rule"))
# they hold a graph, say what is raised, or how long something is: tests of their own
OF_GRAPHS = frozenset(("check", "checked", "even", "extent", "scan", "scan_final", "scan_stacked"))
