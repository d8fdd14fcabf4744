"""Floats as SymPy's numbers."""

from __future__ import annotations

import math
from typing import Any  # SymPy has no types: a number is `Any` here

from symdiff.graph.node import is_exact_integer

SIMPLE_DENOMINATOR = 1024


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
    return sp.Rational(top, bottom) if bottom <= SIMPLE_DENOMINATOR else sp.Float(value)
