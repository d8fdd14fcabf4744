"""Floats: Python's own functions of them, and what a NumPy module calls where there are none."""

from __future__ import annotations

from symdiff.emit.spell.base import Spelling, Spellings, function, helper
from symdiff.emit.spell.complex_numbers import ANALYTIC
from symdiff.emit.spell.operators import OPERATORS
from symdiff.emit.spell.special import OF_FLOATS

LOGADDEXP = """def _logaddexp(a, b):
    if a == b:
        return a + 0.6931471805599453
    return a + math.log1p(math.exp(b - a)) if a > b else b + math.log1p(math.exp(a - b))"""

LOGADDEXP2 = """def _logaddexp2(a, b):
    if a == b:
        return a + 1.0
    high, low = (a, b) if a > b else (b, a)
    return high + 1.4426950408889634 * math.log1p(math.pow(2.0, low - high))"""

SIGN = """def _sign(x):
    return math.copysign(1.0, x) if x > 0.0 or x < 0.0 else x + 0.0  # NaN stays NaN"""

CLIP = """def _clip(x, low, high):
    if math.isnan(x) or math.isnan(low) or math.isnan(high):
        return math.nan
    return min(max(x, low), high)"""

# C's lgamma is +inf at -inf, SciPy's -inf
LOGGAMMA = """def _loggamma(x):
    return math.lgamma(x) if x > -math.inf else x"""


def _larger(name: str, sign: str) -> Spelling:
    """One of two, or the one that is NaN."""
    unordered = "a + b"  # NaN
    text = f"b if b {sign} a else a if a {sign}= b else {unordered}"
    return helper(f"def {name}(a, b):\n    return {text}")


def _rounding(name: str, of_float: str) -> Spelling:
    """Python's functions give integers and lose the sign of zero: the helper mends both."""
    return helper(f"def _{name}(x):\n    return math.copysign({of_float}(x), x)", "math")


MATH = Spellings(
    "math",
    parent=OPERATORS,
    where=helper("def _where(condition, a, b):\n    return a if condition else b"),
    logical_not=helper("def _logical_not(condition):\n    return not condition"),
    check=Spelling("check", "bool"),
    first_where=helper("def _first_where(x, condition):\n    return x"),
    power=function("math.pow"),
    fmod=function("math.fmod"),
    sqrt=function("math.sqrt"),
    exp=function("math.exp"),
    exp2=helper("def _exp2(x):\n    return math.pow(2.0, x)", "math"),
    exp10=helper("def _exp10(x):\n    return math.pow(10.0, x)", "math"),
    expm1=function("math.expm1"),
    log=function("math.log"),
    log2=function("math.log2"),
    log10=function("math.log10"),
    log1p=function("math.log1p"),
    logaddexp=helper(LOGADDEXP, "math"),
    logaddexp2=helper(LOGADDEXP2, "math"),
    sin=function("math.sin"),
    cos=function("math.cos"),
    tan=function("math.tan"),
    arcsin=function("math.asin"),
    arccos=function("math.acos"),
    arctan=function("math.atan"),
    arctan2=function("math.atan2"),
    sinh=function("math.sinh"),
    cosh=function("math.cosh"),
    tanh=function("math.tanh"),
    arcsinh=function("math.asinh"),
    arccosh=function("math.acosh"),
    arctanh=function("math.atanh"),
    hypot=function("math.hypot"),
    sinc=helper(
        "def _sinc(x):\n    return math.sin(math.pi * x) / (math.pi * x) if x else 1.0", "math"
    ),
    absolute=function("math.fabs"),
    sign=helper(SIGN, "math"),
    copysign=function("math.copysign"),
    floor=_rounding("floor", "math.floor"),
    ceil=_rounding("ceil", "math.ceil"),
    trunc=_rounding("trunc", "math.trunc"),
    rint=_rounding("rint", "round"),
    maximum=_larger("_maximum", ">"),
    minimum=_larger("_minimum", "<"),
    clip=helper(CLIP, "math"),
    heaviside=helper(
        "def _heaviside(x, h):\n"
        "    return 1.0 if x > 0.0 else 0.0 if x < 0.0 else h if x == 0.0 else x"
    ),
    erf=function("math.erf"),
    erfc=function("math.erfc"),
    gamma=function("math.gamma"),
    loggamma=helper(LOGGAMMA, "math"),
    inf=function("math.inf"),
    nan=function("math.nan"),
)


# For the floats of a NumPy module. What is not here either is NumPy's or SciPy's, made a float.
FLOATS = Spellings(
    "floats",
    parent=MATH,
    family=None,
    cbrt=helper("def _cbrt(x):\n    return float(np.cbrt(x))"),
    **OF_FLOATS,
    conjugate=function("np.conj"),
    **ANALYTIC,
)
