"""SymPy's numbers, sums, products and powers."""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Iterable, Sequence
from typing import Any, NamedTuple  # SymPy has no types: an expression is `Any` here

from symdiff.errors import UnsupportedError
from symdiff.frontend.sympy.lowering import Lowering, Steps

# (lowering, term) -> whether the term has a minus sign, and its position without the sign
Signed = Callable[[Lowering, Any], Generator[Any, int, tuple[bool, int]]]


def to_float(number: Any) -> float:
    """A SymPy number or named constant, rounded to float64 once."""
    import sympy as sp

    if number.is_NumberSymbol:
        number = number.evalf(40)
    special: float | None = {sp.nan: math.nan, sp.oo: math.inf, -sp.oo: -math.inf}.get(number)
    if special is not None:
        return special
    try:
        if not number.is_Float:
            return int(number.p) / int(number.q)
        sign, mantissa, exponent, bits = (int(part) for part in number._mpf_)
        if not bits or exponent + bits < -1100:
            return -0.0 if sign else 0.0
        if exponent + bits > 1100:
            raise OverflowError
        above, below = mantissa << max(exponent, 0), 1 << max(-exponent, 0)
        return (-above if sign else above) / below
    except OverflowError:
        raise UnsupportedError("a number is too large for float64 (beyond 1.8e308)") from None


# --- sums, products, powers --------------------------------------------------------------------


def add(low: Lowering, expression: Any) -> Steps:
    """A sum of numbers."""
    return signed_sum(low, expression.args, _signed)


def signed_sum(low: Lowering, terms: Iterable[Any], signed: Signed) -> Steps:
    """A sum from left to right; a term with a minus sign is subtracted."""
    total: int | None = None
    negative = False  # whether the first term awaits its sign
    for term in terms:
        minus, position = yield from signed(low, term)
        if total is None:
            total, negative = position, minus
        elif negative and not minus:
            total, negative = low.make("subtract", position, total), False
        else:
            if negative:
                total, negative = low.make("negate", total), False
            total = low.make("subtract" if minus else "add", total, position)
    if total is None:
        return low.constant(0.0)
    return low.make("negate", total) if negative else total


def _signed(low: Lowering, term: Any) -> Generator[Any, int, tuple[bool, int]]:
    """Whether a term has a minus sign, and its position without the sign."""
    if is_negative_number(term):
        return True, low.constant(-to_float(term))
    if type(term).__name__ == "Mul" and is_negative_number(term.args[0]):
        return True, (yield from product(low, term.args[1:], term.args[0], sign=1))
    return False, low.number((yield term))


def is_negative_number(expression: Any) -> bool:
    """Whether an expression is a number below 0."""
    return bool(getattr(expression, "is_Number", False) and expression.is_negative)


def multiply(low: Lowering, expression: Any) -> Steps:
    """A product, its negative powers a quotient: x*y**-2 is x/y**2."""
    coefficient, others, sign = split_sign(expression.args)
    return product(low, others, coefficient, sign)


def split_sign(factors: Sequence[Any]) -> tuple[Any, Sequence[Any], int]:
    """The number that a product begins with or `None`, the other factors, and its sign."""
    if not getattr(factors[0], "is_Number", False):
        return None, factors, 1
    return factors[0], factors[1:], -1 if is_negative_number(factors[0]) else 1


def product(low: Lowering, factors: Iterable[Any], coefficient: Any, sign: int) -> Steps:
    """The product of factors and of the magnitude of a coefficient, with the sign given."""
    parts = yield from quotient(low, factors, coefficient, sign)
    result = times(low, parts.above) if parts.above else low.constant(1.0)
    if parts.below:
        result = low.make("divide", result, times(low, parts.below))
    return low.make("negate", result) if parts.is_negative else result


class Quotient(NamedTuple):
    """The factors of a product, and whether it has a minus sign."""

    above: list[int]
    below: list[int]
    is_negative: bool


def quotient(
    low: Lowering, factors: Iterable[Any], coefficient: Any, sign: int
) -> Generator[Any, int, Quotient]:
    """The factors of a product, those with negative powers below.

    A coefficient p/q multiplies by p and divides by q, so that x/3 is rounded once.
    """
    above: list[int] = []
    below: list[int] = []
    minus = sign < 0
    if coefficient is not None:
        top, bottom = _magnitude(coefficient)
        if top != 1.0:
            above.append(low.constant(-top if minus else top))
            minus = False
        if bottom != 1.0:
            below.append(low.constant(bottom))
    for factor in factors:
        if _is_reciprocal(factor):
            base, exponent = factor.args
            below.append(raised(low, low.number((yield base)), -to_float(exponent)))
        else:
            above.append(low.number((yield factor)))
    return Quotient(above, below, minus)


def times(low: Lowering, factors: list[int]) -> int:
    """The product from left to right."""
    result = factors[0]
    for factor in factors[1:]:
        result = low.make("multiply", result, factor)
    return result


def _magnitude(number: Any) -> tuple[float, float]:
    """Numerator and denominator of |number|, where both are floats exactly, else it and 1."""
    if number.is_Rational and not number.is_infinite:
        top, bottom = abs(int(number.p)), int(number.q)
        if max(top, bottom) <= 2**53:
            return float(top), float(bottom)
    return abs(to_float(number)), 1.0


def _is_reciprocal(factor: Any) -> bool:
    return type(factor).__name__ == "Pow" and is_negative_number(factor.args[1])


def power(low: Lowering, expression: Any) -> Steps:
    """A power; E**x is exp(x), and a negative constant exponent is a quotient."""
    base, exponent = expression.args
    if type(base).__name__ == "Exp1":
        return low.make("exp", low.number((yield exponent)))
    if _is_reciprocal(expression):
        below = raised(low, low.number((yield base)), -to_float(exponent))
        return low.make("divide", low.constant(1.0), below)
    if getattr(exponent, "is_Number", False):
        return raised(low, low.number((yield base)), to_float(exponent))
    position = low.number((yield base))
    return low.make("power", position, low.number((yield exponent)))


def raised(low: Lowering, base: int, exponent: float) -> int:
    """A power with a constant exponent; the builder lets whole numbers alone."""
    return base if exponent == 1.0 else low.make("power", base, low.constant(exponent))
