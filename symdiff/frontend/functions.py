"""The functions of the grammar: one row each, with all names that users know them by.

A row is either an operation of the core under its names, or a line or two in terms of those. The
domain and the convention at kinks come from the operation's record where there is one.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import Enum, auto

from symdiff.errors import ParseError
from symdiff.frontend.conditions import both, choose, compare, either, inverse, undefined
from symdiff.frontend.sympy_records import PREFIX, check_orders
from symdiff.ops import control, elementwise, special
from symdiff.ops.elementwise import (
    absolute,
    arccos,
    arccosh,
    arcsin,
    arcsinh,
    arctan,
    arctanh,
    cos,
    cosh,
    exp,
    heaviside,
    hypot,
    log,
    log1p,
    log2,
    log10,
    maximum,
    minimum,
    sin,
    sinh,
    sqrt,
    tanh,
)
from symdiff.ops.handle import Handle
from symdiff.ops.operation import Operation
from symdiff.ops.registry import OPERATIONS


class Takes(Enum):
    """What a function makes of its arguments."""

    NUMBERS = auto()
    CONDITIONS = auto()
    CONDITION_FIRST = auto()
    PAIRS = auto()  # of a number and a condition, as SymPy's Piecewise


@dataclass(frozen=True, slots=True)
class FunctionRow:
    """One function of the grammar.

    Attributes:
        names: the first is the usual one.
        arguments: their names, as a call is written.
        doc: one sentence.
        build: the function on handles of its arguments.
        least: how many arguments it needs.
        most: how many it takes; `None` for any number.
        operation: the record that it is, where it is one.
        domain: where it is defined, if not everywhere.
        kink: the convention where the derivative jumps or does not exist.
        derivative: by the last argument, as a formula, where it cannot be had by compiling
            `names[0](arguments)`: where an argument must be a number.
        takes: what becomes of the arguments.
    """

    names: tuple[str, ...]
    arguments: str
    doc: str
    build: Callable[..., Handle]
    least: int
    most: int | None
    operation: Operation | None = None
    domain: str = ""
    kink: str = ""
    derivative: str = ""
    takes: Takes = Takes.NUMBERS

    @property
    def signature(self) -> str:
        """How a call is written, under the usual name."""
        return f"{self.names[0]}({self.arguments})"


def _core(record: Operation, names: str, arguments: str = "") -> FunctionRow:
    """An operation of the core. Its names are separated by spaces."""
    return FunctionRow(
        tuple(names.split()),
        arguments or ("x", "a, b", "a, b, c")[record.arity - 1],
        record.doc,
        record,
        record.arity,
        record.arity,
        record,
        record.domain,
        record.kink,
    )


def _short(
    names: str, arguments: str, doc: str, build: Callable[..., Handle], domain: str = ""
) -> FunctionRow:
    """A function that is a formula of others."""
    count = arguments.count(",") + 1
    return FunctionRow(tuple(names.split()), arguments, doc, build, count, count, domain=domain)


def _of_many(record: Operation, names: str, doc: str, least: int = 1) -> FunctionRow:
    """An operation on two, taken over any number of arguments from left to right."""

    def build(*values: Handle) -> Handle:
        result = values[0]
        for value in values[1:]:
            result = record(result, value)
        return result

    arguments = "a, b, ..."
    return FunctionRow(
        tuple(names.split()), arguments, doc, build, least, None, record, kink=record.kink
    )


def _comparison(record: Operation, names: str, sign: str) -> FunctionRow:
    def build(a: Handle, b: Handle) -> Handle:
        return compare(sign, a, b)

    return FunctionRow(
        tuple(names.split()), "a, b", record.doc, build, 2, 2, record, kink=record.kink
    )


def _logic(record: Operation, names: str, join: Callable[[Handle, Handle], Handle]) -> FunctionRow:
    def build(*conditions: Handle) -> Handle:
        result = conditions[0]
        for condition in conditions[1:]:
            result = join(result, condition)
        return result

    return FunctionRow(
        tuple(names.split()), "a, b, ...", record.doc, build, 2, None, record,
        takes=Takes.CONDITIONS,
    )  # fmt: skip


def _bessel(record: Operation, names: str, derivative: str) -> FunctionRow:
    def build(order: Handle, x: Handle) -> Handle:
        return record(x, params=(_order(order),))

    return FunctionRow(
        tuple(names.split()), "n, x", f"{record.doc[:-1]}, of the order n, a number.", build, 2, 2,
        record, record.domain, record.kink, derivative,
    )  # fmt: skip


def _bessel_of_order(record: Operation, names: str, order: int) -> FunctionRow:
    doc = f"{record.doc[:-1]}, of order {order}."
    return _short(names, "x", doc, lambda x: record(x, params=(order,)), record.domain)


def _order(order: Handle) -> int | float:
    """The order of a Bessel function: a number; a whole one as an int, for exact recurrences."""
    number = order.number
    if number is None or not math.isfinite(number):
        raise ParseError(
            "the order of a Bessel function must be a number, not a formula",
            suggestion="write for example besselj(0, x)",
        )
    return int(number) if number.is_integer() else number


def _polygamma(order: Handle, x: Handle) -> Handle:
    number = order.number
    if number is None or number < 0.0 or not number.is_integer():
        raise ParseError(
            "the order of polygamma must be a whole number, 0 or larger",
            suggestion="write for example polygamma(1, x)",
        )
    if number == 0.0:
        return special.digamma(x)
    return special.polygamma(x, params=(int(number),))


def _log(x: Handle, base: Handle | None = None) -> Handle:
    if base is None:
        return log(x)
    if base.number == 2.0:
        return log2(x)
    return log10(x) if base.number == 10.0 else log(x) / log(base)


def _piecewise(*pairs: Handle) -> Handle:
    """The first value whose condition holds, NaN where none does; values and conditions in turn."""
    conditions, values = pairs[1::2], pairs[::2]
    if conditions[-1].number:
        result, left = values[-1], len(values) - 1
    else:
        result, left = undefined(pairs), len(values)
    for index in range(left - 1, -1, -1):
        result = choose(conditions[index], values[index], result)
    return result


def _zeta(s: Handle, q: Handle | float = 1.0) -> Handle:
    return special.zeta(s, q)


_TRIGONOMETRIC = (
    _core(sin, "sin"),
    _core(cos, "cos"),
    _core(elementwise.tan, "tan"),
    _short("sec", "x", "Secant, 1/cos(x).", lambda x: 1.0 / cos(x), "x != pi/2 + k*pi"),
    _short("csc cosec", "x", "Cosecant, 1/sin(x).", lambda x: 1.0 / sin(x), "x != k*pi"),
    _short("cot", "x", "Cotangent, cos(x)/sin(x).", lambda x: cos(x) / sin(x), "x != k*pi"),
    _core(arcsin, "arcsin asin"),
    _core(arccos, "arccos acos"),
    _core(arctan, "arctan atan"),
    _core(elementwise.arctan2, "arctan2 atan2", "y, x"),
    _short("arcsec asec", "x", "Inverse secant, arccos(1/x).",
           lambda x: arccos(1.0 / x), "abs(x) >= 1"),
    _short("arccsc acsc", "x", "Inverse cosecant, arcsin(1/x).",
           lambda x: arcsin(1.0 / x), "abs(x) >= 1"),
    _core(elementwise.arccot, "arccot acot"),
    _core(sinh, "sinh"),
    _core(cosh, "cosh"),
    _core(tanh, "tanh"),
    _core(elementwise.sech, "sech"),
    _core(elementwise.csch, "csch"),
    _short("coth", "x", "Hyperbolic cotangent, 1/tanh(x).", lambda x: 1.0 / tanh(x), "x != 0"),
    _core(arcsinh, "arcsinh asinh"),
    _core(arccosh, "arccosh acosh"),
    _core(arctanh, "arctanh atanh"),
    _short("arcsech asech", "x", "Inverse hyperbolic secant, arccosh(1/x).",
           lambda x: arccosh(1.0 / x), "0 < x <= 1"),
    _short("arccsch acsch", "x", "Inverse hyperbolic cosecant, arcsinh(1/x).",
           lambda x: arcsinh(1.0 / x), "x != 0"),
    _short("arccoth acoth", "x", "Inverse hyperbolic cotangent, arctanh(1/x).",
           lambda x: arctanh(1.0 / x), "abs(x) > 1"),
    _short("deg2rad radians", "x", "Degrees to radians.", lambda x: x * (math.pi / 180.0)),
    _short("rad2deg degrees", "x", "Radians to degrees.", lambda x: x * (180.0 / math.pi)),
    _of_many(hypot, "hypot", "The length of a vector, without overflow.", least=2),
    _core(elementwise.sinc, "sinc"),
)  # fmt: skip

_EXPONENTIAL = (
    _core(exp, "exp"),
    _core(elementwise.exp2, "exp2"),
    _core(elementwise.expm1, "expm1"),
    FunctionRow(("log", "ln"), "x", "Natural logarithm; log(x, b) is the one to base b.", _log,
                1, 2, log, log.domain),
    _core(log2, "log2"),
    _core(log10, "log10"),
    _core(log1p, "log1p"),
    _core(elementwise.logaddexp, "logaddexp"),
    _core(elementwise.logaddexp2, "logaddexp2"),
    _core(sqrt, "sqrt"),
    _core(elementwise.cbrt, "cbrt"),
    _core(elementwise.power, "power pow Pow"),
    _short("square", "x", "The square, x*x.", lambda x: x * x),
    _short("reciprocal", "x", "1/x.", lambda x: 1.0 / x, "x != 0"),
)  # fmt: skip

_ARITHMETIC = (
    _core(elementwise.add, "add"),
    _core(elementwise.subtract, "subtract"),
    _core(elementwise.multiply, "multiply"),
    _core(elementwise.divide, "divide true_divide"),
    _core(elementwise.floor_divide, "floor_divide"),
    _core(elementwise.remainder, "remainder mod Mod"),
    _core(elementwise.fmod, "fmod"),
    _core(elementwise.negate, "negative"),
    _short("positive", "x", "The number itself.", lambda x: x),
    _core(absolute, "abs absolute fabs Abs"),
    _core(elementwise.sign, "sign"),
    _core(elementwise.copysign, "copysign"),
    _core(elementwise.floor, "floor"),
    _core(elementwise.ceil, "ceil ceiling"),
    _core(elementwise.rint, "round rint around"),
    _core(elementwise.trunc, "trunc fix"),
)

_CHOICES = (
    _of_many(maximum, "maximum max Max", "The largest; NaN where one is NaN."),
    _of_many(minimum, "minimum min Min", "The smallest; NaN where one is NaN."),
    _core(elementwise.clip, "clip", "x, low, high"),
    FunctionRow(("where",), "condition, a, b", control.where.doc, choose, 3, 3, control.where,
                kink=control.where.kink, takes=Takes.CONDITION_FIRST),
    FunctionRow(("Piecewise",), "(value, condition), ...",
                "The first value whose condition holds; NaN where none does.", _piecewise,
                1, None, control.where, kink=control.where.kink, takes=Takes.PAIRS),
    FunctionRow(("heaviside", "Heaviside"), "x",
                "0 for a negative x, 1 for a positive one; at 0 the second argument, else 0.5.",
                lambda x, h=0.5: heaviside(x, h), 1, 2, heaviside, kink=heaviside.kink),
    _comparison(control.less, "less Lt", "<"),
    _comparison(control.less_equal, "less_equal Le", "<="),
    _comparison(control.greater, "greater Gt", ">"),
    _comparison(control.greater_equal, "greater_equal Ge", ">="),
    _comparison(control.equal, "equal Eq", "=="),
    _comparison(control.not_equal, "not_equal Ne", "!="),
    _logic(control.logical_and, "logical_and And", both),
    _logic(control.logical_or, "logical_or Or", either),
    FunctionRow(("logical_not", "Not"), "a", control.logical_not.doc, inverse, 1, 1,
                control.logical_not, takes=Takes.CONDITIONS),
)  # fmt: skip

_STATISTICS = (
    _core(elementwise.relu, "relu"),
    _core(elementwise.sigmoid, "sigmoid expit logistic"),
    _short("logit", "x", "The inverse of sigmoid, log(x/(1 - x)).",
           lambda x: log(x) - log1p(-x), "0 < x < 1"),
    _core(elementwise.softplus, "softplus"),
    _core(special.erf, "erf"),
    _core(special.erfc, "erfc"),
    _core(special.erfinv, "erfinv"),
    _core(special.erfcx, "erfcx"),
    _core(special.ndtr, "ndtr normcdf norm_cdf"),
    _core(special.log_ndtr, "log_ndtr"),
)  # fmt: skip

_SPECIAL = (
    _core(special.gamma, "gamma"),
    _core(special.loggamma, "loggamma lgamma gammaln"),
    _core(special.digamma, "digamma psi"),
    FunctionRow(("polygamma",), "n, x", special.polygamma.doc, _polygamma, 2, 2,
                special.polygamma, special.polygamma.domain, derivative="polygamma(n + 1, x)"),
    _core(special.beta, "beta"),
    _core(special.betaln, "betaln"),
    _bessel(special.jv, "besselj jv jn", "(besselj(n - 1, x) - besselj(n + 1, x))/2"),
    _bessel(special.yv, "bessely yv yn", "(bessely(n - 1, x) - bessely(n + 1, x))/2"),
    _bessel(special.iv, "besseli iv", "(besseli(n - 1, x) + besseli(n + 1, x))/2"),
    _bessel(special.kv, "besselk kv kn", "-(besselk(n - 1, x) + besselk(n + 1, x))/2"),
    _bessel_of_order(special.jv, "j0", 0),
    _bessel_of_order(special.jv, "j1", 1),
    _bessel_of_order(special.yv, "y0", 0),
    _bessel_of_order(special.yv, "y1", 1),
    _bessel_of_order(special.iv, "i0", 0),
    _bessel_of_order(special.iv, "i1", 1),
    _bessel_of_order(special.kv, "k0", 0),
    _bessel_of_order(special.kv, "k1", 1),
    _core(special.airyai, "airyai"),
    _core(special.airyaiprime, "airyaiprime"),
    _core(special.airybi, "airybi"),
    _core(special.airybiprime, "airybiprime"),
    _core(special.lambertw, "lambertw LambertW"),
    FunctionRow(("zeta",), "s", "Riemann's zeta function; zeta(s, q) is Hurwitz's.", _zeta, 1, 2,
                special.zeta, special.zeta.domain, special.zeta.kink,
                derivative="by q: -s*zeta(s + 1, q)"),
)  # fmt: skip

FUNCTIONS: tuple[FunctionRow, ...] = (
    *_TRIGONOMETRIC,
    *_EXPONENTIAL,
    *_ARITHMETIC,
    *_CHOICES,
    *_STATISTICS,
    *_SPECIAL,
)

BY_NAME: Mapping[str, FunctionRow] = {name: row for row in FUNCTIONS for name in row.names}


def find_function(name: str) -> FunctionRow | None:
    """The row of a name. SymPy's further functions have names of their own in programs."""
    row = BY_NAME.get(name)
    if row is None and name.startswith(PREFIX):
        with contextlib.suppress(KeyError):
            row = _of_sympy(OPERATIONS[name])
    return row


def _of_sympy(record: Operation) -> FunctionRow:
    """A function that only SymPy has."""

    def build(*args: Handle) -> Handle:
        check_orders(str(record.sympy), [argument.number for argument in args])
        return record(*args)

    arguments = ", ".join(f"x{i + 1}" for i in range(record.arity))
    return replace(_core(record, record.name, arguments), build=build)
