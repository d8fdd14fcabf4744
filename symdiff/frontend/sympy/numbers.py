"""Floats as SymPy's numbers."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any  # SymPy has no types: a number is `Any` here

from symdiff.graph.node import is_exact_integer

SIMPLE_DENOMINATOR = 1024
_LARGEST = 180  # numerators of fractions are as large as they come
_SHORT = 8  # a decimal of so few letters is what was written


def number(value: float) -> Any:
    """A float as the number that a reader expects: 2, 1/2, pi, and 0.1 as a decimal."""
    import sympy as sp

    if value != value:
        return sp.nan
    if math.isinf(value):
        return sp.oo if value > 0 else -sp.oo
    if is_exact_integer(value):
        return sp.Integer(int(value))
    if value in (math.pi, math.e):
        return sp.pi if value == math.pi else sp.E
    top, bottom = value.as_integer_ratio()
    if bottom <= SIMPLE_DENOMINATOR:
        return sp.Rational(top, bottom)
    return _ratio(value) or _root(value) or _logarithm(value) or sp.Float(value)


def _ratio(value: float) -> Any:
    """A small fraction, or one of pi, that is nearest to the float; not of a short decimal."""
    import sympy as sp

    if len(repr(value)) <= _SHORT:
        return None
    for unit, sign in ((1.0, sp.S.One), (math.pi, sp.pi)):
        found = Fraction(value / unit).limit_denominator(_LARGEST)
        if found and (found.numerator * unit) / found.denominator == value:
            return sp.Rational(found.numerator, found.denominator) * sign
    return None


def _root(value: float) -> Any:
    """The square root of a small whole number, or a half of it."""
    import sympy as sp

    for bottom in (1, 2):
        whole = round((bottom * value) ** 2) if abs(value) < _LARGEST else 0
        if 1 < whole <= _LARGEST and math.sqrt(whole) / bottom == value:
            return sp.sqrt(whole) / bottom
    return None


def _logarithm(value: float) -> Any:
    import sympy as sp

    return next((sp.log(n) for n in (2, 3, 10) if math.log(n) == value), None)
