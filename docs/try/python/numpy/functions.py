"""Functions of numbers, by those of `math` and `cmath`."""

import builtins
import cmath
import math
import operator

from numpy.arithmetic import _power
from numpy.arrays import asarray, of_each
from numpy.kinds import OPERATORS, inf, nan, pi


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

    return of_each(computed)


def _endless(_):
    return inf


def _no_number(_):
    return nan


def _pole_at(place, sign=-1.0):
    return lambda x: sign * inf if x == place else nan


def _either(choose):
    def computed(a, b):
        return a + b if a != a or b != b else choose(a, b)

    return of_each(computed)


def _whole(function):
    return of_each(lambda x: math.copysign(function(x), x) if math.isfinite(x) else float(x))


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
exp2 = of_each(lambda x: _power(2.0, x))
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
power = of_each(_power)
fmod = of_each(lambda a, b: math.fmod(a, b) if b and math.isfinite(a) else nan)
arctan2 = of_each(math.atan2)
hypot = of_each(math.hypot)
copysign = of_each(lambda a, b: math.copysign(a, b))
abs = absolute = of_each(builtins.abs)
sign = of_each(_sign)
floor, ceil, trunc, rint = map(_whole, (math.floor, math.ceil, math.trunc, round))
maximum, minimum = _either(max), _either(min)
clip = of_each(lambda x, low, high: min(max(x, low), high) if x == x else x)
heaviside = of_each(_heaviside)
logaddexp = of_each(_added_logarithms)
logaddexp2 = of_each(_added_binary_logarithms)
sinc = of_each(lambda x: math.sin(pi * x) / (pi * x) if x else 1.0)
add, subtract, multiply, divide = (OPERATORS[name] for name in ("add", "sub", "mul", "truediv"))
logical_and = of_each(lambda a, b: bool(a) and bool(b))
logical_or = of_each(lambda a, b: bool(a) or bool(b))
logical_not = of_each(lambda a: not a)
less, less_equal = of_each(operator.lt), of_each(operator.le)
greater, greater_equal = of_each(operator.gt), of_each(operator.ge)
equal, not_equal = of_each(operator.eq), of_each(operator.ne)
isfinite = of_each(cmath.isfinite)
isinf = of_each(cmath.isinf)
isnan = of_each(cmath.isnan)
real, imag = of_each(lambda x: x.real), of_each(lambda x: x.imag)
conj = conjugate = of_each(lambda x: x.conjugate())
angle = of_each(cmath.phase)
negative = of_each(operator.neg)
_chosen = of_each(lambda condition, a, b: a if condition else b)


def where(condition, a, b):
    a, b = asarray(a), asarray(b)
    kinds = (a.dtype.name, b.dtype.name)
    found = _chosen(condition, a, b)
    return found.astype("float64") if "float64" in kinds else found


def frompyfunc(function, _inputs, _outputs):
    return of_each(function)


def divmod(a, b):
    return OPERATORS["floordiv"](a, b), OPERATORS["mod"](a, b)


def count_nonzero(value):
    return asarray(value).astype(bool).sum()


def allclose(a, b, rtol=1e-05, atol=1e-08, *, equal_nan=False):
    def is_near(x, y):
        if x != x or y != y:
            return equal_nan and x != x and y != y
        return x == y or (
            cmath.isfinite(y) and builtins.abs(x - y) <= atol + rtol * builtins.abs(y)
        )

    return of_each(is_near)(a, b).all()


def array_equal(a, b):
    a, b = asarray(a), asarray(b)
    return a.shape == b.shape and bool(equal(a, b).all())
