"""SciPy's special functions, under the names `scipy.special.NAME`.

Those that are operations of the core say their names in their records.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from symdiff.frontend.lowering.base import Array, Floats, as_float, refuse
from symdiff.frontend.lowering.registry import LOWERINGS, Written
from symdiff.graph.node import COMPLEX
from symdiff.graph.shape import normal_axes, size
from symdiff.ops import (
    bessel,
    complex_numbers,
    control,
    elliptic,
    error_functions,
    exponential,
    gamma_functions,
    integrals,
    kinks,
    lengths,
    zeta_functions,
)
from symdiff.ops.arithmetic import remainder
from symdiff.ops.creation import stop
from symdiff.ops.exponential import exp, log, log1p
from symdiff.ops.handle import Handle
from symdiff.ops.operation import Operation
from symdiff.ops.reduction import broadcast_together, expanded, logsumexp, max_, total
from symdiff.ops.structural import reshaped
from symdiff.ops.trigonometric import sin

_PREFIX = "scipy.special."


def named(*names: str) -> Callable[[Written], Written]:
    """Enter a function of arrays under SciPy's names."""
    return LOWERINGS.named(*[_PREFIX + name for name in names])


def of_numbers(
    *names: str,
    **about: Any,  # as for the catalogue
) -> Callable[[Written], Written]:
    """Enter a function of numbers under SciPy's names."""
    return LOWERINGS.elementwise(*[_PREFIX + n for n in names], **about)


# --- several functions at once -------------------------------------------------------------------


def _several(name: str, doc: str, *records: Operation) -> None:
    def of_one(x: Floats) -> tuple[Handle, ...]:
        return tuple([record(x) for record in records])

    def of_two(u: Floats, m: Floats) -> tuple[Handle, ...]:
        u, m = broadcast_together(u, m)
        return tuple([record(u, m) for record in records])

    lowering = of_one if records[0].arity == 1 else of_two
    lowering.__doc__ = doc
    named(name)(lowering)


_several(
    "airy",
    "Ai, Ai', Bi, Bi'.",
    bessel.airyai,
    bessel.airyaiprime,
    bessel.airybi,
    bessel.airybiprime,
)
_several(
    "fresnel",
    "The integrals of sin(pi*t**2/2) and cos(pi*t**2/2).",
    error_functions.fresnels,
    error_functions.fresnelc,
)
_several("sici", "Si and Ci.", integrals.sinint, integrals.cosint)
_several("shichi", "Shi and Chi.", integrals.sinhint, integrals.coshint)
_several(
    "ellipj",
    "Jacobi's sn, cn, dn and the amplitude.",
    elliptic.jacobi_sn,
    elliptic.jacobi_cn,
    elliptic.jacobi_dn,
    elliptic.jacobi_am,
)


@named("kelvin")
def kelvin(x: Floats) -> tuple[Handle, ...]:
    """Ber + i*bei and ker + i*kei, and their derivatives."""
    pairs = (
        (bessel.ber, bessel.bei),
        (bessel.ker, bessel.kei),
        (bessel.berp, bessel.beip),
        (bessel.kerp, bessel.keip),
    )
    return tuple([complex_numbers.complex_of_parts(first(x), second(x)) for first, second in pairs])


@of_numbers("agm", domain="a > 0, b > 0")
def agm(a: Floats, b: Floats) -> Handle:
    """The arithmetic-geometric mean (Gauss; DLMF 19.8.5)."""
    first, last = broadcast_together(a, b)
    both = first + last
    return (0.25 * math.pi) * both / elliptic.ellipkm1(4.0 * first * last / (both * both))


@named("wofz")
def wofz(z: Array) -> Handle:
    """Faddeeva's function of complex numbers, by its parts."""
    is_complex = z.dtype == COMPLEX
    x = complex_numbers.real(z) if is_complex else as_float(z)
    y = complex_numbers.imag(z) if is_complex else 0.0 * x
    real, imag = error_functions.faddeeva_real(x, y), error_functions.faddeeva_imag(x, y)
    return complex_numbers.complex_of_parts(real, imag)


@of_numbers("lambertw", record=integrals.lambertw, arguments="x")
def lambertw(z: Floats, k: Any = 0, _tol: float = 1e-8) -> Handle:
    """The branches 0 and -1, as real numbers."""
    if k not in (0, -1):
        refuse(f"branch {k} of lambertw is not real", "k=0 and k=-1 are")
    return integrals.lambertw_lower(z) if k else integrals.lambertw(z)


@of_numbers("zeta", domain="x > 1, q > 0; without q x != 1", derivative="by q: -x*zeta(x + 1, q)")
def zeta(x: Floats, q: Floats | None = None) -> Handle:
    """Hurwitz's zeta function, Riemann's by default."""
    if q is None:
        return zeta_functions.riemann_zeta(x)
    return zeta_functions.zeta(*broadcast_together(x, q))


# --- counts of real numbers ----------------------------------------------------------------------


def _inexact(name: str, *wanted: Any) -> None:
    if any(wanted):
        refuse(f"{name} of whole numbers is a count without derivative", "leave out exact=True")


@named("factorial")
def factorial(n: Floats, exact: Any = 0, extend: Any = "zero") -> Handle:
    """gamma(n + 1), 0 for what is negative."""
    _inexact("factorial", exact, extend != "zero")
    return control.where(n < 0.0, 0.0, gamma_functions.gamma(n + 1.0))


@named("comb")
def comb(N: Floats, k: Floats, *, exact: Any = False, repetition: Any = False) -> Handle:  # noqa: N803
    """The binomial coefficient, 0 for k < 0 and for k > N."""
    _inexact("comb", exact, repetition)
    n, m = broadcast_together(N, k)
    is_some = (m <= n) & (n >= 0.0) & (m >= 0.0)
    return control.where(is_some, gamma_functions.binom(n, m), 0.0)


@named("perm")
def perm(N: Floats, k: Floats, exact: Any = 0) -> Handle:  # noqa: N803
    """The product of k factors from N downwards, 0 for k < 0 and for k > N."""
    _inexact("perm", exact)
    n, m = broadcast_together(N, k)
    is_some = (m <= n) & (n >= 0.0) & (m >= 0.0)
    return control.where(is_some, gamma_functions.poch(n - m + 1.0, m), 0.0)


@named("multigammaln")
def multigammaln(a: Floats, d: Any) -> Handle:
    """The logarithm of the gamma function of matrices of d rows (R. J. Muirhead 1982)."""
    if not isinstance(d, int) or d < 1:
        refuse("d of multigammaln must be a whole number, 1 or larger", "give a number")
    result = 0.25 * d * (d - 1) * math.log(math.pi) + gamma_functions.loggamma(a)
    for j in range(1, d):
        result = result + gamma_functions.loggamma(a - 0.5 * j)
    return result


@named("diric")
def diric(x: Floats, n: Any) -> Handle:
    """sin(n*x/2)/(n*sin(x/2)), Dirichlet's kernel; 1 or -1 where it is 0/0."""
    if not isinstance(n, int) or n < 1:
        refuse("n of diric must be a whole number, 1 or larger", "give a number")
    half = 0.5 * x
    lower = sin(half)
    turns = kinks.rint(x / (2.0 * math.pi))
    edge = 1.0 - 2.0 * remainder(turns * (n - 1.0), 2.0)
    # SciPy takes so small a sine for 0
    return control.where(kinks.absolute(lower) < 1e-7, edge, sin(n * half) / (n * lower))


# --- logarithms that meet zeros ----------------------------------------------------------------


@of_numbers("gammasgn")
def gammasgn(x: Floats) -> Handle:
    """The sign of the gamma function; NaN where that has a pole, but for the two sides of 0."""
    below = kinks.floor(x)
    sign = control.where(control.equal(remainder(below, 2.0), 0.0), 1.0, -1.0)
    at_pole = control.where(control.equal(x, 0.0), kinks.copysign(1.0, x), math.nan)
    left = control.where(control.equal(x, below), at_pole, sign)
    return control.where(x > 0.0, 1.0, control.where(x <= 0.0, left, math.nan))


@of_numbers("logit", domain="0 < x < 1")
def logit(x: Floats) -> Handle:
    """The inverse of expit, log(x/(1 - x))."""
    return log(x) - log1p(-x)


@of_numbers("log_expit")
def log_expit(x: Floats) -> Handle:
    """log(expit(x)) without underflow."""
    return -exponential.softplus(-x)


def _times_log(x: Handle, y: Handle, logarithm: Operation, edge: float) -> Handle:
    """x*log(y), 0 where x is 0 and the logarithm is not finite. NaN stays."""
    x, y = broadcast_together(x, y)
    is_zero = control.equal(x, 0.0) & ((y <= edge) | control.equal(y, math.inf))
    return control.where(is_zero, 0.0, x * logarithm(y))


@of_numbers("xlogy")
def xlogy(x: Floats, y: Floats) -> Handle:
    """x*log(y), and 0 for x = 0."""
    return _times_log(x, y, log, 0.0)


@of_numbers("xlog1py")
def xlog1py(x: Floats, y: Floats) -> Handle:
    """x*log(1 + y), and 0 for x = 0."""
    return _times_log(x, y, log1p, -1.0)


@of_numbers("entr")
def entr(x: Floats) -> Handle:
    """-x*log(x), 0 at 0, -inf below."""
    return control.where(x < 0.0, -math.inf, -_times_log(x, x, log, 0.0))


@of_numbers("rel_entr")
def rel_entr(x: Floats, y: Floats) -> Handle:
    """x*log(x/y), 0 for x = 0, inf for what is negative."""
    p, q = broadcast_together(x, y)
    is_outside = (p < 0.0) | (q < 0.0) | (control.equal(q, 0.0) & (p > 0.0))
    is_zero = control.equal(p, 0.0) & (q >= 0.0)
    return control.where(is_outside, math.inf, control.where(is_zero, 0.0, p * log(p / q)))


@of_numbers("kl_div")
def kl_div(x: Floats, y: Floats) -> Handle:
    """x*log(x/y) - x + y, inf for what is negative."""
    p, q = broadcast_together(x, y)
    rest = rel_entr(p, q)
    return control.where(control.equal(rest, math.inf), math.inf, rest - p + q)


@of_numbers("huber")
def huber(delta: Floats, r: Floats) -> Handle:
    """Quadratic where |r| <= delta, linear beyond, inf for a negative delta."""
    d, x = broadcast_together(delta, r)
    size = kinks.absolute(x)
    inside = control.where(size <= d, 0.5 * (x * x), d * (size - 0.5 * d))
    return control.where(d < 0.0, math.inf, inside)


@of_numbers("pseudo_huber")
def pseudo_huber(delta: Floats, r: Floats) -> Handle:
    """delta**2*(sqrt(1 + (r/delta)**2) - 1)."""
    d, x = broadcast_together(delta, r)
    ratio = x / d
    return d * d * (ratio * ratio) / (1.0 + lengths.hypot(1.0, ratio))


# --- over axes ---------------------------------------------------------------------------------


def _shifted(x: Handle, axes: tuple[int, ...]) -> Handle:
    """`x` less its largest element, which is a constant for every derivative."""
    if not axes:
        return x - stop(x)
    return x - stop(expanded(max_(x, params=(axes, False)), x.shape, axes))


@named("logsumexp")
def log_sum_exp(
    a: Floats,
    axis: Any = None,
    b: Floats | None = None,
    keepdims: bool = False,  # noqa: FBT001, FBT002  SciPy's own
    return_sign: bool = False,  # noqa: FBT001, FBT002
) -> Handle:
    """log(sum(b*exp(a))) without overflow."""
    if return_sign:
        refuse("return_sign of logsumexp is not supported")
    reduced = normal_axes(axis, a.ndim)
    if size(a.shape[at] for at in reduced) == 0:
        empty = total(a, reduced, keepdims=keepdims)
        return Handle(a.builder, a.builder.full(-math.inf, empty.shape))
    if b is None:
        return logsumexp(a, params=(reduced, keepdims)) if reduced else a
    x, weights = broadcast_together(a, b)
    axes = normal_axes(axis, x.ndim)
    largest = stop(max_(x, params=(axes, True)) if axes else x)
    largest = control.where(kinks.absolute(largest) < math.inf, largest, 0.0)
    terms = weights * exp(x - expanded(largest, x.shape, axes))
    result = log(total(terms, axes, keepdims=keepdims))
    return result + reshaped(largest, result.shape)


@named("softmax")
def softmax(x: Floats, axis: Any = None) -> Handle:
    """exp(x)/sum(exp(x))."""
    axes = normal_axes(axis, x.ndim)
    grown = exp(_shifted(x, axes))
    return grown / expanded(total(grown, axes), x.shape, axes)


@named("log_softmax")
def log_softmax(x: Floats, axis: Any = None) -> Handle:
    """log(softmax(x)) without underflow."""
    axes = normal_axes(axis, x.ndim)
    shifted = _shifted(x, axes)
    return shifted - expanded(log(total(exp(shifted), axes)), x.shape, axes)
