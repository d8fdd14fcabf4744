"""C's spellings: operators, the functions of `math.h`, and what NumPy computes otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from symdiff.emit.spell.base import (
    ADDITIVE,
    ATOM,
    COMPARISON,
    ITSELF,
    TERM,
    UNARY,
    Helper,
    Operand,
    Spelling,
    Spellings,
    Written,
    defined,
    function,
    infix,
    prefix,
    written,
)
from symdiff.emit.spell.c_loops import FUNCTIONS, OF_DOUBLES
from symdiff.emit.spell.operators import extreme, logical, ternary
from symdiff.graph.node import BOOL, FLOAT, INT
from symdiff.graph.shape import Dimension, Shape
from symdiff.schedule.nests.build import NESTED

TYPES = {FLOAT: "double", INT: "int64_t", BOOL: "bool"}


def _helper(source: str) -> Spelling:
    """A call of a function that the file defines."""
    return Spelling("call", defined(source), source=source)


def _defined(name: str) -> Spelling:
    """The same, of a function that calls others of the file's."""
    return replace(written(lambda a: Written(f"{name}({a[0].text})", needs=(name,))), text=name)


def _double(name: str, parameters: str, *lines: str) -> Spelling:
    """The same, of doubles."""
    taken = ", ".join([f"double {x}" for x in parameters.split()])
    body = "\n".join([f"    {line}" for line in lines])
    return _helper(f"static double {name}({taken})\n{{\n{body}\n}}")


def _whole(name: str, parameters: str, *lines: str) -> Spelling:
    """The same, of whole numbers."""
    taken = ", ".join([f"int64_t {x}" for x in parameters.split()])
    body = "\n".join([f"    {line}" for line in lines])
    return _helper(f"static int64_t {name}({taken})\n{{\n{body}\n}}")


def _share(kind: str, line: str) -> Spelling:
    """What maximum and minimum hand on, in a type."""
    name = "real_share" if kind == "double" else "whole_share"
    return _helper(f"static {kind} {name}({kind} t, bool lost, bool tied)\n{{\n    {line}\n}}")


def cast(kind: str) -> Spelling:
    """A conversion to a type."""
    return written(lambda a: Written(f"({kind}){a[0].beside(UNARY)}", UNARY))


def length(_: Sequence[Operand], length: Dimension) -> Written:
    """A named length is a parameter, or a sum or product of some."""
    text = str(length)
    is_sum = " + " in text or " - " in text
    return Written(text, ADDITIVE if is_sum else TERM if "*" in text else ATOM)


def _element(a: Sequence[Operand]) -> Written:
    array, *places = a
    return Written(f"{array.text}[{_flat(places, array.shape)}]")


def _store(a: Sequence[Operand]) -> str:
    array, value, *places = a
    return f"{_element([array, *places]).text} = {value.text};"


def _flat(places: Sequence[Operand], shape: Shape) -> str:
    """The place in C's order."""
    text = ""
    for place, n in zip(places, shape, strict=True):
        if text:
            is_sum = " + " in text or " - " in text or "?" in text
            text = f"({text})" if is_sum else text
            text += f" * {length((), n).text}" if isinstance(n, int) else f" * {_factor(n)}"
        if place.text != "0":
            is_low = place.precedence < ADDITIVE
            own = f"({place.text})" if is_low and text else place.text
            text = f"{text} + {own}" if text else own
    return text or "0"


def _factor(n: Dimension) -> str:
    text = str(n)
    return f"({text})" if " " in text else text


def _in_nests(op: str) -> Spelling | None:
    """What is statements of others before it is printed."""
    return Spelling("loop", "") if op in NESTED else None


# exp(x*x)*erfc(x), the rounding of x*x made good; far out its asymptotic series (DLMF 7.12.1)
ERFCX = """static double real_erfcx(double x)
{
    const double s = x * x, lost = fma(x, x, -s), t = 0.5 / s;
    double term = 1.0, sum = 1.0;
    if (x < 12.0) {
        return x < -26.7 ? INFINITY : exp(s) * erfc(x) * (1.0 + lost);
    }
    if (s > 1e300) {
        return 0.5641895835477563 / x;
    }
    for (int k = 1; k < 13; k++) {
        term *= -(2 * k - 1) * t;
        sum += term;
    }
    return 0.5641895835477563 / x * sum;
}"""
LOG_NDTR = """static double real_log_ndtr(double x)
{
    const double t = 0.7071067811865476 * x;
    return x < -1.0 ? log(0.5 * real_erfcx(-t)) - 0.5 * x * x : log1p(-0.5 * erfc(t));
}"""

C = Spellings(
    "c",
    (Helper(ERFCX), Helper(LOG_NDTR, ("real_erfcx",)), *OF_DOUBLES),
    parent=None,
    family=_in_nests,
    **FUNCTIONS,
    add=infix("+", ADDITIVE),
    subtract=infix("-", ADDITIVE),
    multiply=infix("*", TERM),
    divide=infix("/", TERM),
    negate=prefix("-", UNARY),
    less=infix("<", COMPARISON),
    less_equal=infix("<=", COMPARISON),
    greater=infix(">", COMPARISON),
    greater_equal=infix(">=", COMPARISON),
    equal=infix("==", COMPARISON),
    not_equal=infix("!=", COMPARISON),
    logical_and=logical("&&"),
    logical_or=logical("||"),
    logical_not=prefix("!", UNARY),
    both=logical("&&"),
    either=logical("||"),
    fails=prefix("!", UNARY),
    choice=written(ternary),
    larger=extreme(">", ternary),
    smaller=extreme("<", ternary),
    where=written(ternary),
    # memory
    element=written(_element),
    store=Spelling("update", "", update=_store),
    reshape=written(lambda a, shape: Written(a[0].text)),
    length=written(length),
    stop=ITSELF,
    as_float64=cast("double"),
    # volatile: some compilers leave out a conversion there and back
    as_float32=_double("real_as_float", "x", "const volatile float y = (float)x;", "return y;"),
    as_int64=_helper(
        "static int64_t real_to_whole(double x)\n{\n"
        "    return x >= -9223372036854775808.0 && x < 9223372036854775808.0 ? (int64_t)x"
        " : INT64_MIN;\n}"
    ),
    as_whole=cast("int64_t"),
    as_bool=written(lambda a: Written(f"{a[0].beside(COMPARISON)} != 0", COMPARISON)),
    # elementwise
    power=function("pow"),
    remainder=_double(
        "real_remainder",
        "a b",
        "const double r = fmod(a, b);",
        "return r == 0.0 ? copysign(0.0, b) : (r < 0.0) != (b < 0.0) ? r + b : r;",
    ),
    fmod=function("fmod"),
    floor_divide=_double(
        "real_floor_divide",
        "a b",
        "double r = fmod(a, b), q, whole;",
        "if (b == 0.0) {",
        "    return a / b;",
        "}",
        "q = (a - r) / b;",
        "if (r != 0.0 && (r < 0.0) != (b < 0.0)) {",
        "    q -= 1.0;",
        "}",
        "if (q == 0.0) {",
        "    return copysign(0.0, a / b);",
        "}",
        "whole = floor(q);",
        "return q - whole > 0.5 ? whole + 1.0 : whole;",
    ),
    sqrt=function("sqrt"),
    cbrt=function("cbrt"),
    exp=function("exp"),
    exp2=function("exp2"),
    exp10=_double("real_exp10", "x", "return pow(10.0, x);"),
    expm1=function("expm1"),
    log=function("log"),
    log2=function("log2"),
    log10=function("log10"),
    log1p=function("log1p"),
    logaddexp=_double(
        "real_logaddexp",
        "a b",
        "if (a == b) {",
        "    return a + 0.6931471805599453;",
        "}",
        "return a > b ? a + log1p(exp(b - a)) : b + log1p(exp(a - b));",
    ),
    logaddexp2=_double(
        "real_logaddexp2",
        "a b",
        "const double high = a > b ? a : b, low = a > b ? b : a;",
        "if (a == b) {",
        "    return a + 1.0;",
        "}",
        "return high + 1.4426950408889634 * log1p(exp2(low - high));",
    ),
    sin=function("sin"),
    cos=function("cos"),
    tan=function("tan"),
    arcsin=function("asin"),
    arccos=function("acos"),
    arctan=function("atan"),
    arctan2=function("atan2"),
    sinh=function("sinh"),
    cosh=function("cosh"),
    tanh=function("tanh"),
    arcsinh=function("asinh"),
    arccosh=function("acosh"),
    arctanh=function("atanh"),
    hypot=function("hypot"),
    sinc=_double(
        "real_sinc",
        "x",
        "const double y = 3.141592653589793 * x;",
        "return x == 0.0 ? 1.0 : sin(y) / y;",
    ),
    absolute=function("fabs"),
    sign=_double("real_sign", "x", "return x > 0.0 ? 1.0 : x < 0.0 ? -1.0 : x == 0.0 ? 0.0 : x;"),
    copysign=function("copysign"),
    floor=function("floor"),
    ceil=function("ceil"),
    trunc=function("trunc"),
    rint=function("rint"),
    maximum=_double("real_maximum", "a b", "return a >= b || a != a ? a : b;"),
    minimum=_double("real_minimum", "a b", "return a <= b || a != a ? a : b;"),
    clip=_double(
        "real_clip",
        "x low high",
        "const double y = x >= low || x != x ? x : low;",
        "return y <= high || y != y ? y : high;",
    ),
    heaviside=_double(
        "real_heaviside",
        "x h",
        "return x > 0.0 ? 1.0 : x < 0.0 ? 0.0 : x == 0.0 ? h : x;",
    ),
    share=_share("double", "return lost ? 0.0 : tied ? 0.5 * t : t;"),
    # special functions
    erf=function("erf"),
    erfc=function("erfc"),
    ndtr=_double(
        "real_ndtr",
        "x",
        "const double z = 0.7071067811865476 * x;",
        "return fabs(z) < 1.0 ? 0.5 + 0.5 * erf(z) : 0.5 * erfc(-z);",
    ),
    erfcx=_defined("real_erfcx"),
    log_ndtr=_defined("real_log_ndtr"),
    gamma=function("tgamma"),
    loggamma=_double("real_loggamma", "x", "return x > -INFINITY ? lgamma(x) : x;"),
    inf=function("INFINITY"),
    nan=function("NAN"),
    # whole numbers
    remainder_int64=_whole(
        "whole_remainder",
        "a b",
        "const int64_t r = b == 0 || b == -1 ? 0 : a % b;",
        "return r != 0 && (r < 0) != (b < 0) ? r + b : r;",
    ),
    floor_divide_int64=_whole(
        "whole_floor_divide",
        "a b",
        "if (b == 0 || b == -1) {",
        "    return b == 0 ? 0 : (int64_t)(0 - (uint64_t)a);",
        "}",
        "return a / b - (a % b != 0 && (a < 0) != (b < 0));",
    ),
    fmod_int64=_whole("whole_fmod", "a b", "return b == 0 || b == -1 ? 0 : a % b;"),
    power_int64=_whole(
        "whole_power",
        "a n",
        "uint64_t result = 1, base = (uint64_t)a;",
        "for (; n > 0; n /= 2) {",
        "    result *= n % 2 != 0 ? base : 1;",
        "    base *= base;",
        "}",
        "return (int64_t)result;",
    ),
    maximum_int64=_whole("whole_maximum", "a b", "return a > b ? a : b;"),
    minimum_int64=_whole("whole_minimum", "a b", "return a < b ? a : b;"),
    clip_int64=_whole(
        "whole_clip",
        "x low high",
        "const int64_t y = x > low ? x : low;",
        "return y < high ? y : high;",
    ),
    absolute_int64=_whole("whole_absolute", "x", "return x < 0 ? (int64_t)(0 - (uint64_t)x) : x;"),
    sign_int64=_whole("whole_sign", "x", "return (x > 0) - (x < 0);"),
    share_int64=_share("int64_t", "return lost ? 0 : t;"),
)

KEYWORDS = frozenset(
    "auto break case char const continue default do double else enum extern float for goto if "
    "inline int long register restrict return short signed sizeof static struct switch typedef "
    "union unsigned void volatile while _Bool _Complex _Imaginary "
    # macros and types of the headers
    "bool true false NULL NAN INFINITY EOF HUGE_VAL HUGE_VALF HUGE_VALL MATH_ERRNO MATH_ERREXCEPT "
    "math_errhandling fpclassify isfinite isinf isnan isnormal signbit isgreater isgreaterequal "
    "isless islessequal islessgreater isunordered FP_NAN FP_INFINITE FP_ZERO FP_SUBNORMAL "
    "FP_NORMAL int64_t uint32_t uint64_t ptrdiff_t size_t INT64_MIN errno stdin stdout stderr "
    "asm typeof linux unix nullptr constexpr thread_local static_assert alignas alignof "
    "main IN_PLACE".split()
)


def called(table: Spellings) -> frozenset[str]:
    """The functions and helpers that texts call."""
    spellings = [table.spell(op) for op in table]
    return frozenset([*table.helpers, *[s.text for s in spellings if s.form == "call"]])
