"""Functions of numbers, by those of `math` and `cmath`."""

import builtins
import cmath
import math

from numpy.arithmetic import _power
from numpy.kinds import OPERATORS, _number, _python, inf, nan, pi


def _smooth(name, beyond):
    """A function of `math` and `cmath`; `beyond` says what it is where that raises."""
    real, complex_ = getattr(math, name), getattr(cmath, name, None)

    def computed(x):
        if isinstance(x, complex):
            try:
                return complex_(x)
            except (ArithmeticError, ValueError):
                return complex(nan, nan)
        try:
            return real(x)
        except (ArithmeticError, ValueError):
            return beyond(float(x))

    return _python(computed)


def _endless(_):
    return inf


def _no_number(_):
    return nan


def _pole_at(place, sign=-1.0):
    return lambda x: sign * inf if x == place else nan


def _either(choose):
    def computed(a, b):
        return a + b if a != a or b != b else choose(a, b)

    return _python(computed)


def _whole(function):
    return _python(lambda x: math.copysign(function(x), x) if math.isfinite(x) else float(x))


def _sign(x):
    return float(math.copysign(1.0, x)) if x > 0 or x < 0 else x + 0.0


def _heaviside(x, h):
    return 1.0 if x > 0 else 0.0 if x < 0 else h if x == 0 else x


def _added_logarithms(a, b):
    if a == b:
        return a + math.log(2.0)
    low, high = sorted((a, b))
    return high + math.log1p(math.exp(low - high)) if a == a and b == b else nan


def _added_binary_logarithms(a, b):
    if a == b:
        return a + 1.0
    low, high = sorted((a, b))
    return high + math.log2(1.0 + 2.0 ** (low - high)) if a == a and b == b else nan


exp = _smooth("exp", _endless)
exp2 = _python(lambda x: _power(2.0, x))
expm1 = _smooth("expm1", _endless)
log = _smooth("log", _pole_at(0.0))
log2 = _smooth("log2", _pole_at(0.0))
log10 = _smooth("log10", _pole_at(0.0))
log1p = _smooth("log1p", _pole_at(-1.0))
sqrt = _smooth("sqrt", _no_number)
cbrt = _smooth("cbrt", _no_number)
sin = _smooth("sin", _no_number)
cos = _smooth("cos", _no_number)
tan = _smooth("tan", _no_number)
arcsin = _smooth("asin", _no_number)
arccos = _smooth("acos", _no_number)
arctan = _smooth("atan", _no_number)
sinh = _smooth("sinh", lambda x: math.copysign(inf, x))
cosh = _smooth("cosh", _endless)
tanh = _smooth("tanh", _no_number)
arcsinh = _smooth("asinh", _no_number)
arccosh = _smooth("acosh", _no_number)
arctanh = _smooth("atanh", lambda x: math.copysign(inf, x) if abs(x) == 1.0 else nan)
power = _python(_power)
fmod = _python(lambda a, b: math.fmod(a, b) if b and math.isfinite(a) else nan)
arctan2 = _python(math.atan2)
hypot = _python(math.hypot)
copysign = _python(lambda a, b: math.copysign(a, b))
abs = absolute = _python(builtins.abs)
sign = _python(_sign)
floor, ceil, trunc, rint = map(_whole, (math.floor, math.ceil, math.trunc, round))
maximum, minimum = _either(max), _either(min)
clip = _python(lambda x, low, high: min(max(x, low), high) if x == x else x)
heaviside = _python(_heaviside)
logaddexp = _python(_added_logarithms)
logaddexp2 = _python(_added_binary_logarithms)
sinc = _python(lambda x: math.sin(pi * x) / (pi * x) if x else 1.0)
multiply = OPERATORS["mul"]
logical_and = _python(lambda a, b: bool(a) and bool(b))
logical_or = _python(lambda a, b: bool(a) or bool(b))
logical_not = _python(lambda a: not a)
less = _python(lambda a, b: a < b)
equal = _python(lambda a, b: a == b)
isfinite = _python(cmath.isfinite)
isinf = _python(cmath.isinf)
isnan = _python(cmath.isnan)
count_nonzero = _python(lambda a: int(bool(a)))


def any(value):
    return _number(value).any()


all = any


def where(condition, a, b):
    a, b = _number(a), _number(b)
    chosen = a if condition else b
    return chosen.astype("float64") if "float64" in (a.dtype.name, b.dtype.name) else chosen


def allclose(a, b, rtol=1e-05, atol=1e-08, *, equal_nan=False):
    a, b = _number(a).item(), _number(b).item()
    if a != a or b != b:
        return equal_nan and a != a and b != b
    return a == b or (isfinite(b) and abs(a - b) <= atol + rtol * abs(b))


def array_equal(a, b):
    return _number(a).item() == _number(b).item()
