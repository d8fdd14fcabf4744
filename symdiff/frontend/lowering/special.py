"""SciPy's special functions, under the names `scipy.special.NAME`."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from symdiff.frontend.lowering.base import (
    LOWERINGS,
    Kept,
    Lowering,
    Value,
    as_float,
    known,
    line,
    meet,
    refuse,
)
from symdiff.frontend.lowering.elementwise import operate
from symdiff.graph.shape import normal_axes, size
from symdiff.ops import control, elementwise, special
from symdiff.ops.builder import Builder
from symdiff.ops.creation import stop
from symdiff.ops.elementwise import exp, log, log1p
from symdiff.ops.handle import Handle
from symdiff.ops.operation import Operation
from symdiff.ops.reduction import expanded, logsumexp, max_, total
from symdiff.ops.structural import reshaped

_PREFIX = "scipy.special."


def named(*names: str) -> Callable[[Kept], Kept]:
    """Enter a lowering under SciPy's names."""
    return LOWERINGS.named(*[_PREFIX + name for name in names])


def _same(record: Operation) -> Lowering:
    def lowering(b: Builder, *values: Value) -> Handle:
        if len(values) != record.arity:
            raise TypeError(f"{record.name} takes {record.arity} arguments, not {len(values)}")
        return operate(b, record, *values)

    return lowering


_CORE: dict[str, Operation] = {
    "erf": special.erf,
    "erfc": special.erfc,
    "erfinv": special.erfinv,
    "ndtr": special.ndtr,
    "log_ndtr": special.log_ndtr,
    "erfcx": special.erfcx,
    "gamma": special.gamma,
    "gammaln": special.loggamma,
    "loggamma": special.loggamma,
    "digamma": special.digamma,
    "psi": special.digamma,
    "beta": special.beta,
    "betaln": special.betaln,
    "expit": elementwise.sigmoid,
    "softplus": elementwise.softplus,
    "exp2": elementwise.exp2,
    "expm1": elementwise.expm1,
    "log1p": elementwise.log1p,
    "cbrt": elementwise.cbrt,
    "sinc": elementwise.sinc,
}

for _name, _record in _CORE.items():
    named(_name)(_same(_record))


# --- of a known order --------------------------------------------------------------------------


def _order(b: Builder, value: Value, what: str) -> float:
    import numpy as np

    number = known(line(b, value))
    if number is None or np.size(number) != 1:
        refuse(f"the order of {what} must be a known number", "give a number, such as 0 or 1")
    found = float(number.reshape(()))
    return int(found) if found.is_integer() else found


def _of_order(record: Operation) -> Lowering:
    def lowering(b: Builder, order: Value, x: Value) -> Handle:
        return record(as_float(line(b, x)), params=(_order(b, order, record.name),))

    return lowering


def _with_order(record: Operation, order: int) -> Lowering:
    def lowering(b: Builder, x: Value) -> Handle:
        return record(as_float(line(b, x)), params=(order,))

    return lowering


for _names, _record in (
    ("jv jn", special.jv),
    ("yv yn", special.yv),
    ("iv", special.iv),
    ("kv kn", special.kv),
):
    named(*_names.split())(_of_order(_record))
for _letter, _record in zip("jyik", (special.jv, special.yv, special.iv, special.kv), strict=True):
    for _number in (0, 1):
        named(f"{_letter}{_number}")(_with_order(_record, _number))
LOWERINGS.named("i0")(_with_order(special.iv, 0))


@named("polygamma")
def polygamma(b: Builder, n: Value, x: Value) -> Handle:
    """The derivative of digamma of a known order."""
    order = _order(b, n, "polygamma")
    if order == 0:
        return operate(b, special.digamma, x)
    return special.polygamma(as_float(line(b, x)), params=(order,))


@named("airy")
def airy(b: Builder, z: Value) -> tuple[Handle, ...]:
    """Ai, Ai', Bi, Bi'."""
    x = as_float(line(b, z))
    return (
        special.airyai(x),
        special.airyaiprime(x),
        special.airybi(x),
        special.airybiprime(x),
    )


@named("lambertw")
def lambertw(b: Builder, z: Value, k: int = 0, tol: float = 1e-8) -> Handle:
    """The principal branch, as real numbers."""
    del tol
    if k != 0:
        refuse(f"branch {k} of lambertw is not supported", "k=0 is the principal branch")
    return operate(b, special.lambertw, z)


@named("zeta")
def zeta(b: Builder, x: Value, q: Value = 1.0) -> Handle:
    """Hurwitz's zeta function, Riemann's by default."""
    return operate(b, special.zeta, x, 1.0 if q is None else q)


# --- logarithms that meet zeros ----------------------------------------------------------------


@named("logit")
def logit(b: Builder, x: Value) -> Handle:
    """log(x/(1 - x))."""
    p = as_float(line(b, x))
    return log(p) - log1p(-p)


@named("log_expit")
def log_expit(b: Builder, x: Value) -> Handle:
    """log(expit(x)) without underflow."""
    return -elementwise.softplus(-as_float(line(b, x)))


@named("exp10")
def exp10(b: Builder, x: Value) -> Handle:
    """10 to the power x."""
    return operate(b, elementwise.power, 10.0, as_float(line(b, x)))


def _times_log(x: Handle, y: Handle, logarithm: Operation, edge: float) -> Handle:
    """x*log(y), 0 where x is 0 and the logarithm is not finite. NaN stays."""
    is_zero = control.equal(x, 0.0) & ((y <= edge) | control.equal(y, math.inf))
    return control.where(is_zero, 0.0, x * logarithm(y))


@named("xlogy")
def xlogy(b: Builder, x: Value, y: Value) -> Handle:
    """x*log(y), and 0 for x = 0."""
    p, q = map(as_float, meet(b, x, y))
    return _times_log(p, q, log, 0.0)


@named("xlog1py")
def xlog1py(b: Builder, x: Value, y: Value) -> Handle:
    """x*log(1 + y), and 0 for x = 0."""
    p, q = map(as_float, meet(b, x, y))
    return _times_log(p, q, log1p, -1.0)


@named("entr")
def entr(b: Builder, x: Value) -> Handle:
    """-x*log(x), 0 at 0, -inf below."""
    p = as_float(line(b, x))
    return control.where(p < 0.0, -math.inf, -_times_log(p, p, log, 0.0))


@named("rel_entr")
def rel_entr(b: Builder, x: Value, y: Value) -> Handle:
    """x*log(x/y), 0 for x = 0, inf for what is negative."""
    p, q = map(as_float, meet(b, x, y))
    is_outside = (p < 0.0) | (q < 0.0) | (control.equal(q, 0.0) & (p > 0.0))
    is_zero = control.equal(p, 0.0) & (q >= 0.0)
    return control.where(is_outside, math.inf, control.where(is_zero, 0.0, p * log(p / q)))


@named("kl_div")
def kl_div(b: Builder, x: Value, y: Value) -> Handle:
    """x*log(x/y) - x + y, inf for what is negative."""
    p, q = map(as_float, meet(b, x, y))
    rest = rel_entr(b, p, q)
    return control.where(control.equal(rest, math.inf), math.inf, rest - p + q)


@named("huber")
def huber(b: Builder, delta: Value, r: Value) -> Handle:
    """Quadratic where |r| <= delta, linear beyond, inf for a negative delta."""
    d, x = map(as_float, meet(b, delta, r))
    size = elementwise.absolute(x)
    inside = control.where(size <= d, 0.5 * (x * x), d * (size - 0.5 * d))
    return control.where(d < 0.0, math.inf, inside)


@named("pseudo_huber")
def pseudo_huber(b: Builder, delta: Value, r: Value) -> Handle:
    """delta**2*(sqrt(1 + (r/delta)**2) - 1)."""
    d, x = map(as_float, meet(b, delta, r))
    ratio = x / d
    return d * d * (ratio * ratio) / (1.0 + elementwise.hypot(1.0, ratio))


# --- over axes ---------------------------------------------------------------------------------


def _shifted(x: Handle, axes: tuple[int, ...]) -> Handle:
    """`x` less its largest element, which is a constant for every derivative."""
    if not axes:
        return x - stop(x)
    return x - stop(expanded(max_(x, params=(axes, False)), x.shape, axes))


@named("logsumexp")
def log_sum_exp(
    builder: Builder,
    /,
    a: Value,
    axis: Any = None,
    b: Value = None,
    keepdims: bool = False,  # noqa: FBT001, FBT002  SciPy's own
    return_sign: bool = False,  # noqa: FBT001, FBT002
) -> Handle:
    """log(sum(b*exp(a))) without overflow."""
    if return_sign:
        refuse("return_sign of logsumexp is not supported")
    x = as_float(line(builder, a))
    reduced = normal_axes(axis, x.ndim)
    if size(x.shape[at] for at in reduced) == 0:
        empty = total(x, reduced, keepdims=keepdims)
        return Handle(builder, builder.full(-math.inf, empty.shape))
    if b is None:
        axes = normal_axes(axis, x.ndim)
        return logsumexp(x, params=(axes, keepdims)) if axes else x
    x, weights = map(as_float, meet(builder, x, b))
    axes = normal_axes(axis, x.ndim)
    largest = stop(max_(x, params=(axes, True)) if axes else x)
    largest = control.where(elementwise.absolute(largest) < math.inf, largest, 0.0)
    terms = weights * exp(x - expanded(largest, x.shape, axes))
    result = log(total(terms, axes, keepdims=keepdims))
    return result + reshaped(largest, result.shape)


@named("softmax")
def softmax(b: Builder, x: Value, axis: Any = None) -> Handle:
    """exp(x)/sum(exp(x))."""
    made = as_float(line(b, x))
    axes = normal_axes(axis, made.ndim)
    grown = exp(_shifted(made, axes))
    return grown / expanded(total(grown, axes), made.shape, axes)


@named("log_softmax")
def log_softmax(b: Builder, x: Value, axis: Any = None) -> Handle:
    """log(softmax(x)) without underflow."""
    made = as_float(line(b, x))
    axes = normal_axes(axis, made.ndim)
    shifted = _shifted(made, axes)
    return shifted - expanded(log(total(exp(shifted), axes)), made.shape, axes)


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
