"""JavaScript's spellings of operations on numbers: what its `Math` has, as NumPy computes it.

What `Math` lacks or computes otherwise is a function in `templates/report/functions.js`. Truths are
JavaScript's own; operations without an entry are refused, as the gamma function is.
"""

from __future__ import annotations

from symdiff.emit.spell.base import (
    ITSELF,
    TERM,
    UNARY,
    Spelling,
    Spellings,
    Written,
    function,
    infix,
    prefix,
    written,
)
from symdiff.emit.spell.operators import OPERATORS, logical, ternary


def _of_math(name: str) -> Spelling:
    return function(f"Math.{name}")


JAVASCRIPT_SPELLINGS = Spellings(
    "javascript",
    parent=OPERATORS,
    negate=written(lambda a: Written(f"-{a[0].beside(UNARY)}", UNARY)),  # `--x` counts down
    fmod=infix("%", TERM),
    logical_and=logical("&&"),
    logical_or=logical("||"),
    logical_not=prefix("!", UNARY),
    both=logical("&&"),
    either=logical("||"),
    fails=prefix("!", UNARY),
    choice=written(ternary),
    where=written(ternary),
    stop=ITSELF,
    checked=ITSELF,
    as_float64=function("Number"),
    as_bool=function("Boolean"),
    power=function("power"),
    remainder=function("remainder"),
    floor_divide=function("floorDivide"),
    sqrt=_of_math("sqrt"),
    cbrt=_of_math("cbrt"),
    exp=_of_math("exp"),
    exp2=function("exp2"),
    exp10=function("exp10"),
    expm1=_of_math("expm1"),
    log=_of_math("log"),
    log2=_of_math("log2"),
    log10=_of_math("log10"),
    log1p=_of_math("log1p"),
    logaddexp=function("logAddExp"),
    logaddexp2=function("logAddExp2"),
    sin=_of_math("sin"),
    cos=_of_math("cos"),
    tan=_of_math("tan"),
    arcsin=_of_math("asin"),
    arccos=_of_math("acos"),
    arctan=_of_math("atan"),
    arctan2=_of_math("atan2"),
    sinh=_of_math("sinh"),
    cosh=_of_math("cosh"),
    tanh=_of_math("tanh"),
    arcsinh=_of_math("asinh"),
    arccosh=_of_math("acosh"),
    arctanh=_of_math("atanh"),
    hypot=_of_math("hypot"),
    sinc=function("sinc"),
    absolute=_of_math("abs"),
    sign=_of_math("sign"),
    copysign=function("copySign"),
    floor=_of_math("floor"),
    ceil=_of_math("ceil"),
    trunc=_of_math("trunc"),
    rint=function("roundToEven"),
    maximum=_of_math("max"),
    minimum=_of_math("min"),
    clip=function("clip"),
    heaviside=function("heaviside"),
    share=function("share"),
    inf=function("Infinity"),
    nan=function("NaN"),
)
