"""Numbers with first and second derivatives in mpmath: what a formula's slopes are to 25 digits.

The digits are raised until they agree, so that 1 - tanh(800) is no zero. Floats in a formula are
the binary numbers that the emitted code has.
"""

from __future__ import annotations

import re
from typing import Any

import mpmath
from mpmath import mp

MOST_DIGITS = 2200
_HUGE = 1e12  # an exponent beyond is not tried: exp of less is 0 for every purpose


class OutsideError(Exception):
    """The formula has no value or no slope there."""


class Slopes:
    """A value with its first and second derivative by one variable."""

    def __init__(self, value: Any, first: Any = 0, second: Any = 0) -> None:
        self.value, self.first, self.second = mp.mpf(value), mp.mpf(first), mp.mpf(second)

    def through(self, f: Any, f1: Any, f2: Any) -> Slopes:
        """The chain rule, for a function with this value and these derivatives."""
        return Slopes(f, f1 * self.first, f2 * self.first**2 + f1 * self.second)

    def __add__(self, other: Any) -> Slopes:
        other = slopes(other)
        return Slopes(
            self.value + other.value, self.first + other.first, self.second + other.second
        )

    def __neg__(self) -> Slopes:
        return self.through(-self.value, -1, 0)

    def __sub__(self, other: Any) -> Slopes:
        return self + -slopes(other)

    def __rsub__(self, other: Any) -> Slopes:
        return slopes(other) + -self

    def __mul__(self, other: Any) -> Slopes:
        o = slopes(other)
        second = self.second * o.value + 2 * self.first * o.first + self.value * o.second
        return Slopes(self.value * o.value, self.first * o.value + self.value * o.first, second)

    def inverse(self) -> Slopes:
        """1/x."""
        if self.value == 0:
            raise OutsideError
        return self.through(1 / self.value, -1 / self.value**2, 2 / self.value**3)

    def __truediv__(self, other: Any) -> Slopes:
        return self * slopes(other).inverse()

    def __rtruediv__(self, other: Any) -> Slopes:
        return slopes(other) * self.inverse()

    def __pow__(self, other: Any) -> Slopes:
        n = slopes(other).value
        if n == int(n):
            if n < 0:
                return (self ** int(-n)).inverse()
            n = int(n)
            return self.through(
                self.value**n, n * self.value ** (n - 1), n * (n - 1) * self.value ** max(n - 2, 0)
            )
        if self.value <= 0:
            raise OutsideError
        return self.through(
            self.value**n, n * self.value ** (n - 1), n * (n - 1) * self.value ** (n - 2)
        )

    def __rpow__(self, base: Any) -> Slopes:
        return exp(self * mp.log(base))

    __radd__, __rmul__ = __add__, __mul__

    def __gt__(self, other: Any) -> bool:
        return bool(self.value > slopes(other).value)


def slopes(x: Any) -> Slopes:
    """A number as one that does not vary."""
    return x if isinstance(x, Slopes) else Slopes(x)


def exp(x: Any) -> Slopes:
    x = slopes(x)
    if x.value > _HUGE:
        raise OutsideError
    y = mp.exp(x.value) if x.value > -_HUGE else mp.mpf(0)
    return x.through(y, y, y)


def log(x: Any) -> Slopes:
    x = slopes(x)
    if x.value <= 0:
        raise OutsideError
    return x.through(mp.log(x.value), 1 / x.value, -1 / x.value**2)


def tanh(x: Any) -> Slopes:
    x = slopes(x)
    return Slopes(mp.sign(x.value)) if abs(x.value) > _HUGE else 1 - 2 / (exp(2 * x) + 1)


def sigmoid(x: Any) -> Slopes:
    x = slopes(x)
    return Slopes(0) if x.value < -_HUGE else 1 / (1 + exp(-x))


def erfc(x: Any) -> Slopes:
    x = slopes(x)
    slope = -2 / mp.sqrt(mp.pi) * (mp.exp(-(x.value**2)) if x.value**2 < _HUGE else mp.mpf(0))
    large = Slopes(0) if x.value > 0 else Slopes(2)
    return large if x.value**2 > _HUGE else x.through(mp.erfc(x.value), slope, -2 * x.value * slope)


def atan(x: Any) -> Slopes:
    x = slopes(x)
    slope = 1 / (1 + x.value**2)
    return x.through(mp.atan(x.value), slope, -2 * x.value * slope**2)


def _sin(x: Any) -> Slopes:
    x = slopes(x)
    return x.through(mp.sin(x.value), mp.cos(x.value), -mp.sin(x.value))


def _abs(x: Any) -> Slopes:
    x = slopes(x)
    return x.through(abs(x.value), mp.sign(x.value), 0)


def _sqrt(x: Any) -> Any:
    return slopes(x) ** 0.5 if isinstance(x, Slopes) else mp.sqrt(x)


FUNCTIONS = {
    "exp": exp,
    "expm1": lambda x: exp(x) - 1,
    "log": log,
    "log1p": lambda x: log(1 + x),
    "log2": lambda x: log(x) / mp.log(2),
    "log10": lambda x: log(x) / mp.log(10),
    "sqrt": _sqrt,
    "cbrt": lambda x: exp(log(x) / 3),
    "sinh": lambda x: (exp(x) - exp(-x)) / 2,
    "cosh": lambda x: (exp(x) + exp(-x)) / 2,
    "tanh": tanh,
    "sech": lambda x: 2 / (exp(x) + exp(-x)),
    "csch": lambda x: 2 / (exp(x) - exp(-x)),
    "sigmoid": sigmoid,
    "softplus": lambda x: log(1 + exp(x)),
    "logaddexp": lambda x, y: log(exp(x) + exp(y)),
    "erfc": erfc,
    "erf": lambda x: 1 - erfc(x),
    "ndtr": lambda x: erfc(-x / mp.sqrt(2)) / 2,
    "atan": atan,
    "sin": _sin,
    "abs": _abs,
}


def slopes_of(text: str, x: float) -> tuple[float, float] | None:
    """The first and second derivative of a formula by x; `None` where they are not settled."""
    source = re.sub(r"(?<![\w.])(\d+\.\d*(?:e-?\d+)?|\d+e-?\d+)", r"mpf(float('\1'))", text)
    code = compile(source, text, "eval")
    names = {"mpf": mpmath.mpf, **FUNCTIONS}
    before, digits = None, 60
    try:
        while digits < MOST_DIGITS:
            with mp.workdps(digits):
                found = slopes(eval(code, names, {"x": Slopes(x, 1)}))  # noqa: S307  our own text
                now = (found.first, found.second)
                if before is not None and all(
                    abs(a - b) <= abs(b) * mp.mpf(10) ** -25 + mp.mpf(10) ** -40
                    for a, b in zip(before, now, strict=True)
                ):
                    return float(now[0]), float(now[1])
            before, digits = now, digits * 6
    except (OutsideError, OverflowError):
        return None
    return None
