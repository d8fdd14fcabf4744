"""Bessel functions and their kin: modified, scaled, spherical, Airy's, Struve's and Kelvin's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from symdiff.ops.arithmetic import power
from symdiff.ops.handle import Handle
from symdiff.ops.kinks import sign
from symdiff.ops.operation import Operation, Partials

Exact = Callable[[Any, Any, Any], Any]


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


def _scaled(
    name: str,
    doc: str,
    domain: str,
    below: float,
    above: float,
    own: Callable[[Handle, Handle], Handle],
    exact: Exact,
) -> Operation:
    """The same, times an exponential of the size of x; `own` is what its derivative adds."""

    def partials(y: Handle, x: Handle) -> tuple[Handle]:
        (order,) = y.params
        lower, upper = record(x, params=(order - 1,)), record(x, params=(order + 1,))
        return (below * lower + above * upper + own(y, x),)

    record = Operation(
        name,
        doc,
        1,
        Partials(partials),
        params=("order",),
        domain=domain,
        safe=(1.0,),
        exact=exact,
        analytic=False,
    )
    return record


ive: Operation = _scaled(
    "ive",
    "exp(-abs(x))*iv(order, x), without overflow.",
    "x >= 0, or a whole order",
    0.5,
    0.5,
    lambda y, x: -sign(x) * y,
    lambda mp, order, x: mp.exp(-abs(x)) * mp.besseli(order, x),
)
kve: Operation = _scaled(
    "kve",
    "exp(x)*kv(order, x), without underflow.",
    "x > 0",
    -0.5,
    -0.5,
    lambda y, x: y,
    lambda mp, order, x: mp.exp(x) * mp.besselk(order, x),
)


def _spherical(name: str, doc: str, domain: str, exact: Exact, signs: tuple[int, int]) -> Operation:
    """A spherical Bessel function: y' by those of the orders beside it (DLMF 10.51.2, 10.51.5)."""

    def partials(y: Handle, x: Handle) -> tuple[Handle]:
        (n,) = y.params
        below, above = signs
        if not n:
            return (above * record(x, params=(1,)),)
        lower, upper = record(x, params=(n - 1,)), record(x, params=(n + 1,))
        return ((below * n / (2 * n + 1)) * lower + (above * (n + 1) / (2 * n + 1)) * upper,)

    record = Operation(
        name,
        doc,
        1,
        Partials(partials),
        params=("order",),
        domain=domain,
        safe=(1.0,),
        exact=lambda mp, n, x: mp.sqrt(mp.pi / (2 * x)) * exact(mp, n + mp.mpf(1) / 2, x),
        analytic=False,
    )
    return record


spherical_jn: Operation = _spherical(
    "spherical_jn",
    "Spherical Bessel function of the first kind.",
    "a whole order, 0 or larger",
    lambda mp, v, x: mp.besselj(v, x),
    (1, -1),
)
spherical_yn: Operation = _spherical(
    "spherical_yn",
    "Spherical Bessel function of the second kind.",
    "x != 0, a whole order, 0 or larger",
    lambda mp, v, x: mp.bessely(v, x),
    (1, -1),
)
spherical_in: Operation = _spherical(
    "spherical_in",
    "Modified spherical Bessel function of the first kind.",
    "a whole order, 0 or larger",
    lambda mp, v, x: mp.besseli(v, x),
    (1, 1),
)
spherical_kn: Operation = _spherical(
    "spherical_kn",
    "Modified spherical Bessel function of the second kind.",
    "x > 0, a whole order, 0 or larger",
    # SciPy's factor is pi/2
    lambda mp, v, x: mp.besselk(v, x),
    (-1, -1),
)


def _struve(name: str, doc: str, exact: str, above: float) -> Operation:
    """A Struve function: DLMF 11.4.27, 11.4.29."""

    def partials(y: Handle, x: Handle) -> tuple[Handle]:
        (order,) = y.params
        lower, upper = record(x, params=(order - 1,)), record(x, params=(order + 1,))
        return (0.5 * lower + above * upper + 0.5 * _first_term(order) * power(x, order),)

    record = Operation(
        name,
        doc,
        1,
        Partials(partials),
        params=("order",),
        domain="x >= 0, or a whole order",
        safe=(1.0,),
        exact=exact,
        analytic=False,
    )
    return record


def _first_term(order: float) -> float:
    """1/(2**order*sqrt(pi)*gamma(order + 3/2)), 0 at the poles."""
    import mpmath

    context = mpmath.MPContext()
    context.dps = 40
    half = context.mpf(1) / 2
    factor = context.rgamma(order + 3 * half) / context.sqrt(context.pi)
    return float(factor * context.power(half, order))


struve: Operation = _struve("struve", "Struve function.", "struveh", -0.5)
modstruve: Operation = _struve("modstruve", "Modified Struve function.", "struvel", 0.5)


# --- Airy's --------------------------------------------------------------------------------------


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


# --- Kelvin's ------------------------------------------------------------------------------------


def _kelvin(name: str, doc: str, partials: Partials, exact: Callable[[Any, Any], Any]) -> Operation:
    return Operation(
        name,
        doc,
        1,
        partials,
        names=f"scipy.special.{name}",
        domain="x > 0" if name.startswith("k") else "x > 0; for a first derivative all",
        safe=(1.0,),
        exact=exact,
        analytic=False,
    )


def _slope(mp: Any, real: str, imag: str, x: Any, turn: int) -> Any:
    """The derivative of a Kelvin function by those of order 1 (DLMF 10.63.2)."""
    parts = getattr(mp, real)(1, x), getattr(mp, imag)(1, x)
    return (parts[turn] + (1 - 2 * turn) * parts[1 - turn]) / mp.sqrt(2)


ber: Operation = _kelvin(
    "ber",
    "Kelvin function ber, the real part of jv(0, x*exp(3*pi*i/4)).",
    Partials(lambda y, x: (berp(x),)),
    lambda mp, x: mp.ber(0, x),
)
bei: Operation = _kelvin(
    "bei",
    "Kelvin function bei, the imaginary part of jv(0, x*exp(3*pi*i/4)).",
    Partials(lambda y, x: (beip(x),)),
    lambda mp, x: mp.bei(0, x),
)
ker: Operation = _kelvin(
    "ker",
    "Kelvin function ker, the real part of kv(0, x*exp(pi*i/4)).",
    Partials(lambda y, x: (kerp(x),)),
    lambda mp, x: mp.ker(0, x),
)
kei: Operation = _kelvin(
    "kei",
    "Kelvin function kei, the imaginary part of kv(0, x*exp(pi*i/4)).",
    Partials(lambda y, x: (keip(x),)),
    lambda mp, x: mp.kei(0, x),
)
# the second ones from Kelvin's equation, w'' + w'/x = i*w (DLMF 10.61.3)
berp: Operation = _kelvin(
    "berp",
    "The derivative of ber.",
    Partials(lambda y, x: (-bei(x) - y / x,)),
    lambda mp, x: _slope(mp, "ber", "bei", x, 0),
)
beip: Operation = _kelvin(
    "beip",
    "The derivative of bei.",
    Partials(lambda y, x: (ber(x) - y / x,)),
    lambda mp, x: _slope(mp, "ber", "bei", x, 1),
)
kerp: Operation = _kelvin(
    "kerp",
    "The derivative of ker.",
    Partials(lambda y, x: (-kei(x) - y / x,)),
    lambda mp, x: _slope(mp, "ker", "kei", x, 0),
)
keip: Operation = _kelvin(
    "keip",
    "The derivative of kei.",
    Partials(lambda y, x: (ker(x) - y / x,)),
    lambda mp, x: _slope(mp, "ker", "kei", x, 1),
)
