"""SciPy's special functions of a known order or degree, under the names `scipy.special.NAME`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from symdiff.frontend.lowering.base import Floats, Value, known, line, refuse
from symdiff.frontend.lowering.registry import LOWERINGS
from symdiff.frontend.lowering.special import named, of_numbers
from symdiff.ops import bessel, gamma_functions, hypergeometric, integrals
from symdiff.ops.builder import Builder
from symdiff.ops.handle import Handle
from symdiff.ops.operation import Operation
from symdiff.ops.reduction import broadcast_together

Order = Any  # the annotation of a parameter: a number that must be known


def _order(b: Builder, value: Value, what: str) -> float:
    import numpy as np

    number = known(line(b, value))
    if number is None or np.size(number) != 1:
        refuse(f"the order of {what} must be a known number", "give a number, such as 0 or 1")
    found = float(number.reshape(()))
    return int(found) if found.is_integer() else found


def _whole_order(b: Builder, value: Value, what: str) -> int:
    order = _order(b, value, what)
    if order < 0 or not isinstance(order, int):
        advice = f"write for example {what}(1, x)"
        refuse(f"the order of {what} must be a whole number, 0 or larger", advice)
    return order


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


# --- Bessel's and Struve's -----------------------------------------------------------------------

for _names, _record, _slope in (
    ("jv jn", bessel.jv, "(jv(n - 1, x) - jv(n + 1, x))/2"),
    ("yv yn", bessel.yv, "(yv(n - 1, x) - yv(n + 1, x))/2"),
    ("iv", bessel.iv, "(iv(n - 1, x) + iv(n + 1, x))/2"),
    ("kv kn", bessel.kv, "-(kv(n - 1, x) + kv(n + 1, x))/2"),
    ("ive", bessel.ive, "(ive(n - 1, x) + ive(n + 1, x))/2 - sign(x)*ive(n, x)"),
    ("kve", bessel.kve, "-(kve(n - 1, x) + kve(n + 1, x))/2 + kve(n, x)"),
    ("struve", bessel.struve, "(struve(n - 1, x) - struve(n + 1, x))/2 + c*x**n"),
    ("modstruve", bessel.modstruve, "(modstruve(n - 1, x) + modstruve(n + 1, x))/2 + c*x**n"),
):
    of_numbers(*_names.split(), record=_record, derivative=_slope)(_of_order(_record))
of_numbers("jve", domain=bessel.jv.domain, derivative="as of jv")(_of_order(bessel.jv))
of_numbers("yve", domain=bessel.yv.domain, derivative="as of yv")(_of_order(bessel.yv))
for _letter, _record in zip("jyik", (bessel.jv, bessel.yv, bessel.iv, bessel.kv), strict=True):
    for _number in (0, 1):
        of_numbers(f"{_letter}{_number}", domain=_record.domain)(_with_order(_record, _number))
for _letter, _record in (("i", bessel.ive), ("k", bessel.kve)):
    for _number in (0, 1):
        of_numbers(f"{_letter}{_number}e", domain=_record.domain)(_with_order(_record, _number))
LOWERINGS.elementwise("i0")(_with_order(bessel.iv, 0))


def _spherical(record: Operation) -> Callable[..., Handle]:
    def lowering(b: Builder, n: Order, z: Floats, derivative: Any = 0) -> Handle:
        y = record(z, params=(_whole_order(b, n, record.name),))
        return record.derivative.rule(y, z)[0] if derivative else y  # type: ignore[union-attr]

    lowering.__doc__ = f"{record.doc[:-1]}, of the order n, a number."
    return lowering


for _record, _slope in (
    (bessel.spherical_jn, "(n*spherical_jn(n - 1, z) - (n + 1)*spherical_jn(n + 1, z))/(2*n + 1)"),
    (bessel.spherical_yn, "(n*spherical_yn(n - 1, z) - (n + 1)*spherical_yn(n + 1, z))/(2*n + 1)"),
    (bessel.spherical_in, "(n*spherical_in(n - 1, z) + (n + 1)*spherical_in(n + 1, z))/(2*n + 1)"),
    (bessel.spherical_kn, "-(n*spherical_kn(n - 1, z) + (n + 1)*spherical_kn(n + 1, z))/(2*n + 1)"),
):
    of_numbers(_record.name, record=_record, derivative=_slope)(_spherical(_record))


@of_numbers("polygamma", record=gamma_functions.polygamma, derivative="polygamma(n + 1, x)")
def polygamma(b: Builder, n: Order, x: Floats) -> Handle:
    """The derivative of digamma of a known order."""
    order = _whole_order(b, n, "polygamma")
    psi = gamma_functions.polygamma
    return psi(x, params=(order,)) if order else gamma_functions.digamma(x)


@of_numbers("expn", record=integrals.expn, derivative="-expn(n - 1, x)")
def expn(b: Builder, n: Order, x: Floats) -> Handle:
    """The generalized exponential integral of a known order."""
    return integrals.expn(x, params=(_whole_order(b, n, "expn"),))


# --- polynomials ---------------------------------------------------------------------------------


def _polynomial(record: Operation) -> Callable[..., Handle]:
    def of_one(b: Builder, n: Order, x: Floats) -> Handle:
        return record(x, params=(_whole_order(b, n, record.name),))

    def of_two(b: Builder, n: Order, alpha: Floats, x: Floats) -> Handle:
        lines = broadcast_together(alpha, x)
        return record(*lines, params=(_whole_order(b, n, record.name),))

    def of_three(b: Builder, n: Order, alpha: Floats, beta: Floats, x: Floats) -> Handle:
        lines = broadcast_together(alpha, beta, x)
        return record(*lines, params=(_whole_order(b, n, record.name),))

    lowering = (of_one, of_two, of_three)[record.arity - 1]
    lowering.__doc__ = f"{record.doc[:-1]} of the degree n, a number."
    return lowering


for _record, _slope in (
    (hypergeometric.eval_jacobi, "(n + a + b + 1)/2*eval_jacobi(n - 1, a + 1, b + 1, x)"),
    (hypergeometric.eval_gegenbauer, "2*a*eval_gegenbauer(n - 1, a + 1, x)"),
    (hypergeometric.eval_legendre, "(n + 1)/2*eval_jacobi(n - 1, 1, 1, x)"),
    (hypergeometric.eval_chebyt, "n*eval_chebyu(n - 1, x)"),
    (hypergeometric.eval_chebyu, "2*eval_gegenbauer(n - 1, 2, x)"),
    (hypergeometric.eval_hermite, "2*n*eval_hermite(n - 1, x)"),
    (hypergeometric.eval_hermitenorm, "n*eval_hermitenorm(n - 1, x)"),
    (hypergeometric.eval_genlaguerre, "-eval_genlaguerre(n - 1, a + 1, x)"),
    (hypergeometric.eval_laguerre, "-eval_genlaguerre(n - 1, 1, x)"),
):
    of_numbers(_record.name, record=_record, derivative=_slope)(_polynomial(_record))

for _name, _record, _scale, _shift, _text in (
    ("eval_sh_legendre", hypergeometric.eval_legendre, 2.0, -1.0, "2*x - 1"),
    ("eval_sh_chebyt", hypergeometric.eval_chebyt, 2.0, -1.0, "2*x - 1"),
    ("eval_sh_chebyu", hypergeometric.eval_chebyu, 2.0, -1.0, "2*x - 1"),
    ("eval_chebys", hypergeometric.eval_chebyu, 0.5, 0.0, "x/2"),
):

    def _moved(
        b: Builder, n: Order, x: Floats, record: Any = _record, at: Any = (_scale, _shift)
    ) -> Handle:
        found: Handle = record(at[0] * x + at[1], params=(_whole_order(b, n, record.name),))
        return found

    _moved.__doc__ = f"{_record.doc[:-1]} at {_text}, of the degree n, a number."
    named(_name)(_moved)


@named("eval_chebyc")
def eval_chebyc(b: Builder, n: Order, x: Floats) -> Handle:
    """Twice the Chebyshev polynomial of the first kind at x/2, of the degree n, a number."""
    return 2.0 * hypergeometric.eval_chebyt(0.5 * x, params=(_whole_order(b, n, "eval_chebyc"),))
