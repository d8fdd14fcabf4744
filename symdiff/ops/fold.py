"""Operations on numbers, carried out while compiling. The result is the same on every machine."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from symdiff.ops.creation import CONVERSIONS
from symdiff.ops.registry import OPERATIONS

# IEEE arithmetic rounds these correctly, so the float is the same everywhere. Quotients rounded
# down and their rests are here too: from 40 digits the rest of 1e300 by 3 cannot be had.
_EXACT: dict[str, Callable[..., float]] = {
    "add": lambda a, b: a + b,
    "subtract": lambda a, b: a - b,
    "multiply": lambda a, b: a * b,
    "divide": lambda a, b: _quotient(a, b),
    "negate": lambda a: -a,
    "sqrt": math.sqrt,
    "absolute": math.fabs,
    "copysign": math.copysign,
    "remainder": lambda a, b: a % b if b else math.nan,
    "fmod": lambda a, b: math.fmod(a, b) if b else math.nan,
    "floor_divide": lambda a, b: a // b if b else _quotient(a, b),
}
_KNOWN = {("log", 1.0): 0.0, ("exp", 0.0): 1.0}  # common, and not worth loading mpmath for
_DIGITS = 40  # enough to round a result to float64 correctly but for pathological cases


def fold(op: str, values: Sequence[float]) -> float | None:
    """The value of an operation on numbers; `None` where it is left to the emitted code.

    What IEEE does not round correctly is computed with mpmath and rounded once: a library's
    own `exp` differs from machine to machine, and the emitted text must not.
    """
    if len(values) == 1 and (op, values[0]) in _KNOWN:
        return _KNOWN[op, values[0]]
    try:
        exact = _EXACT.get(op)
        if exact is not None:
            return exact(*values)
        result = _by_mpmath(op, values)
    except (ArithmeticError, ValueError, TypeError, NotImplementedError):
        return None
    return result if result is not None and math.isfinite(result) else None


def _quotient(a: float, b: float) -> float:
    """IEEE's quotient: Python raises where this is infinite or NaN."""
    if b:
        return a / b
    return math.nan if a != a or not a else math.copysign(math.inf, a) * math.copysign(1.0, b)


def _by_mpmath(op: str, values: Sequence[float]) -> float | None:
    record = OPERATIONS[op]
    if not record.exact or not record.is_elementwise or record.dtype == "bool":
        return None
    if record in CONVERSIONS or not record.is_folded:
        return None
    if not all(math.isfinite(value) and not _is_negative_zero(value) for value in values):
        return None  # mpmath knows no -0.0
    import mpmath

    context = mpmath.MPContext()  # one's own: mpmath.mp is shared with other threads and users
    context.dps = _DIGITS
    numbers = [context.mpf(value) for value in values]
    result = record.exactly(context)(*numbers)
    if not isinstance(result, context.mpf) or (not result and min(values) < 0.0):
        return None  # a zero whose sign mpmath has lost, as in ceil(-0.5)
    return float(result)


def _is_negative_zero(value: float) -> bool:
    return value == 0.0 and math.copysign(1.0, value) < 0.0
