"""Complex numbers as NumPy and Python write them."""

from __future__ import annotations

import math
from collections.abc import Sequence

from symdiff.emit.spell.base import ATOM, UNARY, Operand, Spelling, Written, function
from symdiff.ops.complex_numbers import number_of

_NAMES = (
    "sqrt exp expm1 log log2 log10 log1p sin cos tan arcsin arccos arctan sinh cosh tanh arcsinh "
    "arccosh arctanh power"
).split()

# By operation, NumPy's functions of complex numbers, which serve Python's own too
ANALYTIC: dict[str, Spelling] = {f"complex_{name}": function(f"np.{name}") for name in _NAMES}


def complex_text(value: complex) -> str:
    """A complex number as Python writes it, in parentheses where it has two parts."""
    real, imag = value.real, value.imag
    is_plain = math.isfinite(real) and math.isfinite(imag)
    if real == 0.0 != imag and is_plain and _is_minus_zero(real) == (imag < 0.0):
        return f"{_short(imag)}j"  # Python's -1j is -(1j)
    if not is_plain or _is_minus_zero(imag) or real == 0.0 != imag or _is_minus_zero(real):
        return f"complex({_float(real)}, {_float(imag)})"
    if value == 0.0:
        return "0j"
    return f"({_short(real)} {'-' if imag < 0.0 else '+'} {_short(abs(imag))}j)"


def _is_minus_zero(x: float) -> bool:
    return x == 0.0 and math.copysign(1.0, x) < 0.0


def _float(x: float) -> str:
    """A number as Python writes it, NaN and the infinities by NumPy's names."""
    if math.isfinite(x):
        return repr(x)
    return "np.nan" if math.isnan(x) else "np.inf" if x > 0.0 else "-np.inf"


def _short(x: float) -> str:
    """A number without the zero behind its point, as Python writes the parts of complex ones."""
    return repr(x).removesuffix(".0")


def complex_number(_: Sequence[Operand], data: str) -> Written:
    """A number that is known."""
    text = complex_text(number_of(data))
    return Written(text, UNARY if text[0] == "-" else ATOM)
