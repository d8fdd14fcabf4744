"""SciPy's special functions, under the names `scipy.special.NAME`.

Those that are operations of the core say their names in their records.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from symdiff.frontend.lowering.base import Floats, Value, known, line, refuse
from symdiff.frontend.lowering.registry import LOWERINGS, Written
from symdiff.graph.shape import normal_axes, size
from symdiff.ops import control, exponential, kinks, lengths, special
from symdiff.ops.builder import Builder
from symdiff.ops.creation import stop
from symdiff.ops.exponential import exp, log, log1p
from symdiff.ops.handle import Handle
from symdiff.ops.operation import Operation
from symdiff.ops.reduction import broadcast_together, expanded, logsumexp, max_, total
from symdiff.ops.structural import reshaped

_PREFIX = "scipy.special."

Order = Any  # the annotation of a parameter: a number that must be known


def named(*names: str) -> Callable[[Written], Written]:
    """Enter a function of arrays under SciPy's names."""
    return LOWERINGS.named(*[_PREFIX + name for name in names])


def of_numbers(
    *names: str,
    **about: Any,  # as for the catalogue
) -> Callable[[Written], Written]:
    """Enter a function of numbers under SciPy's names."""
    return LOWERINGS.elementwise(*[_PREFIX + n for n in names], **about)


# --- of a known order --------------------------------------------------------------------------


def _order(b: Builder, value: Value, what: str) -> float:
    import numpy as np

    number = known(line(b, value))
    if number is None or np.size(number) != 1:
        refuse(f"the order of {what} must be a known number", "give a number, such as 0 or 1")
    found = float(number.reshape(()))
    return int(found) if found.is_integer() else found


def _of_order(record: Operation) -> Callable[..., Handle]:
    def lowering(b: Builder, n: Order, x: Floats) -> Handle:
        return record(x, params=(_order(b, n, record.name),))

    lowering.__doc__ = f"{record.doc[:-1]}, of the order n, a number."
    return lowering


def _with_order(record: Operation, order: int) -> Callable[..., Handle]:
    def lowering(x: Floats) -> Handle:
        return record(x, params=(order,))

    lowering.__doc__ = f"{record.doc[:-1]}, of order {order}."
    return lowering


for _names, _record, _slope in (
    ("jv jn", special.jv, "(jv(n - 1, x) - jv(n + 1, x))/2"),
    ("yv yn", special.yv, "(yv(n - 1, x) - yv(n + 1, x))/2"),
    ("iv", special.iv, "(iv(n - 1, x) + iv(n + 1, x))/2"),
    ("kv kn", special.kv, "-(kv(n - 1, x) + kv(n + 1, x))/2"),
):
    of_numbers(*_names.split(), record=_record, derivative=_slope)(_of_order(_record))
for _letter, _record in zip("jyik", (special.jv, special.yv, special.iv, special.kv), strict=True):
    for _number in (0, 1):
        of_numbers(f"{_letter}{_number}", domain=_record.domain)(_with_order(_record, _number))
LOWERINGS.elementwise("i0")(_with_order(special.iv, 0))


@of_numbers("polygamma", record=special.polygamma, derivative="polygamma(n + 1, x)")
def polygamma(b: Builder, n: Order, x: Floats) -> Handle:
    """The derivative of digamma of a known order."""
    order = _order(b, n, "polygamma")
    if order < 0 or not isinstance(order, int):
        advice = "write for example polygamma(1, x)"
        refuse("the order of polygamma must be a whole number, 0 or larger", advice)
    return special.polygamma(x, params=(order,)) if order else special.digamma(x)


@named("airy")
def airy(z: Floats) -> tuple[Handle, ...]:
    """Ai, Ai', Bi, Bi'."""
    return (
        special.airyai(z),
        special.airyaiprime(z),
        special.airybi(z),
        special.airybiprime(z),
    )


@of_numbers("lambertw", record=special.lambertw, arguments="x")
def lambertw(z: Floats, k: Any = 0, _tol: float = 1e-8) -> Handle:
    """The principal branch, as real numbers."""
    if k != 0:
        refuse(f"branch {k} of lambertw is not supported", "k=0 is the principal branch")
    return special.lambertw(z)


@of_numbers("zeta", record=special.zeta, derivative="by q: -x*zeta(x + 1, q)")
def zeta(x: Floats, q: Floats | None = None) -> Handle:
    """Hurwitz's zeta function, Riemann's by default."""
    return special.zeta(x, 1.0) if q is None else special.zeta(*broadcast_together(x, q))


# --- logarithms that meet zeros ----------------------------------------------------------------


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


LOWERINGS.refuse(
    {
        _PREFIX + name: advice
        for name, advice in {
            "ndtri": "write np.sqrt(2.0)*scipy.special.erfinv(2.0*p - 1.0)",
            "erfcinv": "write scipy.special.erfinv(1.0 - x)",
            "gammainc": None,
            "gammaincc": None,
            "betainc": None,
            "ellipk": None,
            "ellipe": None,
            "hyp2f1": None,
            "comb": None,
        }.items()
    }
)
