"""Arithmetic where Python raises: infinities and NaN are those of NumPy."""

import math

from numpy.arrays import of_each
from numpy.kinds import OF_PYTHON, OPERATORS, inf, nan


def _divided(a, b):
    if b:
        return a / b
    if isinstance(a, complex) or isinstance(b, complex):
        return complex(nan, nan)
    return nan if not a or a != a else math.copysign(inf, a) * math.copysign(1.0, b)


def _is_odd(b):
    return math.isfinite(b) and b % 2.0 == 1.0


def _power(a, b):
    if isinstance(a, complex) or isinstance(b, complex):
        return a**b if a else complex(b == 0)
    if isinstance(a, int) and isinstance(b, int):
        return a**b
    if type(a) not in OF_PYTHON or type(b) not in OF_PYTHON:
        return a**b
    try:
        return math.pow(a, b)
    except ValueError:
        if a:
            return nan  # a root of a negative number
        return math.copysign(inf, a) if _is_odd(b) else inf
    except OverflowError:
        return -inf if a < 0.0 and _is_odd(b) else inf


def _modulo(a, b):
    if not b:
        return 0 if isinstance(b, int) and isinstance(a, int) else nan
    return nan if math.isinf(a) else a % b


def _floor_divided(a, b):
    if not b:
        return 0 if isinstance(b, int) and isinstance(a, int) else _divided(a, b)
    return nan if math.isinf(a) else a // b


OPERATORS |= {
    "add": of_each(lambda a, b: a + b),
    "sub": of_each(lambda a, b: a - b),
    "mul": of_each(lambda a, b: a * b),
    "truediv": of_each(_divided),
    "floordiv": of_each(_floor_divided),
    "mod": of_each(_modulo),
    "pow": of_each(_power),
    "and": of_each(lambda a, b: a & b),
    "or": of_each(lambda a, b: a | b),
    "xor": of_each(lambda a, b: a ^ b),
}
