"""Random formulas of numbers, value and gradient, beside Python's parser and mpmath's 60 digits.

The reader knows nothing of symdiff: `ast` reads the formula and mpmath computes it. Its slopes from
both sides are the derivative where they agree; they do not at a kink.
"""

from __future__ import annotations

import ast
import operator
import random
import time
from collections.abc import Callable, Mapping
from typing import Any

import mpmath
import pytest
from mpmath import mp

import symdiff as sd

DIGITS = 60
STEP = mpmath.mpf(10) ** -25
LARGEST, SMALLEST = 1e5, 1e-5  # of what is computed on the way: beyond, floats lose digits
EDGE = 1e-9  # how near the end of a domain is too near
NAMES = ("x", "y", "z")

_OPERATORS: dict[type[ast.AST], Callable[..., Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul,
    ast.Div: operator.truediv, ast.Pow: lambda a, b: a**b, ast.USub: operator.neg,
    ast.Lt: operator.lt, ast.Gt: operator.gt, ast.LtE: operator.le, ast.GtE: operator.ge,
}  # fmt: skip
_FUNCTIONS: dict[str, Callable[..., Any]] = {
    **{name: getattr(mp, name) for name in
       "sin cos tan exp log sqrt sinh cosh tanh asin acos atan asinh acosh atanh erf erfc gamma "
       "loggamma digamma expm1 log1p cot sec csc sech csch coth hypot floor ceil lambertw erfinv "
       "airyai".split()},
    "abs": abs, "arctan2": mp.atan2, "cbrt": lambda x: mp.sign(x) * mp.cbrt(abs(x)),
    "log2": lambda x: mp.log(x, 2), "log10": mp.log10, "exp2": lambda x: mpmath.mpf(2) ** x,
    "max": lambda *x: max(x), "min": lambda *x: min(x), "square": lambda x: x * x,
    "sigmoid": lambda x: 1 / (1 + mp.exp(-x)), "softplus": lambda x: mp.log(1 + mp.exp(x)),
    "relu": lambda x: max(x, mpmath.mpf(0)), "clip": lambda x, a, b: min(max(x, a), b),
    "logaddexp": lambda a, b: mp.log(mp.exp(a) + mp.exp(b)), "sign": mp.sign,
    "reciprocal": lambda x: 1 / x, "ndtr": mp.ncdf, "beta": mp.beta,
    "heaviside": lambda a, b: mpmath.mpf(0) if a < 0 else mpmath.mpf(1) if a > 0 else b,
    "besselj": lambda n, x: mp.besselj(int(n), x),
    "polygamma": lambda n, x: mp.polygamma(int(n), x),
}  # fmt: skip
_PATTERNS = """
{a} + {b} | {a} - {b} | {a}*{b} | {a}/{b} | {a}**2 | {a}**3 | {a}**-1 | {a}**0.5 | {a}**{b} |
{a}**-2.5 | -{a} | 2**{a} | {a}*{c} | {a} + {c} | {c}/{a} | arctan2({a}, {b}) | hypot({a}, {b}) |
max({a}, {b}) | min({a}, {b}, {c}) | clip({a}, -0.5, {c}) | logaddexp({a}, {b}) | beta({a}, {b}) |
({a} if {a} < {b} else {c}) | ({a} if {b} >= {c} else {b}) | heaviside({a}, 0.5)*{b} |
{a}*besselj(2, {b}) | polygamma(1, {a}) | max({a}, {b})*{a} | log(1 + exp({a})) | exp(-{a}**2) |
sqrt({a}**2 + {b}**2) | {a}/(1 + abs({b})) | log({a}**2 + 1) | abs({a})**{c}
""".split("|")
_OF_SEVERAL = "arctan2 hypot max min clip logaddexp beta heaviside besselj polygamma".split()
_ALONE = [name for name in _FUNCTIONS if name not in _OF_SEVERAL]


class TooFarError(Exception):
    """A number on the way is so large or small that floats cannot be compared."""


def read(formula: str, given: Mapping[str, Any]) -> Any:
    """The value of a formula."""
    return _of(ast.parse(formula, mode="eval").body, given)


def _of(node: ast.expr, names: Mapping[str, Any]) -> Any:
    value = _bare(node, names)
    if isinstance(value, mpmath.mpc) or not mp.isfinite(value):
        raise TooFarError
    if value and not SMALLEST < abs(value) < LARGEST:
        raise TooFarError
    return value


def _bare(node: ast.expr, names: Mapping[str, Any]) -> Any:
    match node:
        case ast.Constant(value):
            return mpmath.mpf(value)
        case ast.Name(name):
            return names[name]
        case ast.BinOp(left, sign, right):
            base = _of(left, names)
            # by an exponent that varies, a negative base has no derivative
            is_fixed = isinstance(right, (ast.Constant, ast.UnaryOp))
            if isinstance(sign, ast.Pow) and (abs(base) if is_fixed else base) < EDGE:
                raise TooFarError
            return _OPERATORS[type(sign)](base, _of(right, names))
        case ast.UnaryOp(sign, operand):
            return _OPERATORS[type(sign)](_of(operand, names))
        case ast.IfExp(ast.Compare(left, [sign], [right]), yes, no):
            holds = _OPERATORS[type(sign)](_of(left, names), _of(right, names))
            return _of(yes if holds else no, names)
        case ast.Call(ast.Name(name), args):
            values = [_of(part, names) for part in args]
            varying = values[isinstance(args[0], ast.Constant) :]
            if any(abs(abs(value) - edge) < EDGE for value in varying for edge in (0, 1)):
                raise TooFarError  # where the slopes of acos, sqrt and others have no end
            return _FUNCTIONS[name](*values)
    raise TypeError(ast.dump(node))


def formula(draw: random.Random, depth: int) -> str:
    """A formula of the names, as deep as asked."""
    if depth == 0:
        return draw.choice(NAMES)
    a, b = formula(draw, depth - 1), formula(draw, draw.randrange(depth))
    if draw.random() < 0.35:
        return f"{draw.choice(_ALONE)}({a})"
    pattern = draw.choice(_PATTERNS).strip()
    return "(" + pattern.format(a=a, b=b, c=round(draw.uniform(0.1, 3.0), 2)) + ")"


def _slope(text: str, point: Mapping[str, Any], name: str) -> Any:
    """The derivative; `None` at a kink."""
    here = read(text, point)
    above = read(text, {**point, name: point[name] + STEP})
    below = read(text, {**point, name: point[name] - STEP})
    right, left = (above - here) / STEP, (here - below) / STEP
    return (right + left) / 2 if abs(right - left) <= 1e-9 * (1 + abs(right)) else None


def test_formulas_beside_sixty_digits(fuzz_random: random.Random, fuzz_deadline: float) -> None:
    compared = 0
    while time.monotonic() < fuzz_deadline or compared < 5:
        text = formula(fuzz_random, fuzz_random.randint(1, 4))
        point = {name: fuzz_random.uniform(-2.0, 2.0) for name in NAMES}
        with mpmath.workdps(DIGITS):
            exact = {name: mpmath.mpf(value) for name, value in point.items()}
            try:
                value = float(read(text, exact))
                slopes = {name: _slope(text, exact, name) for name in NAMES}
            except (TooFarError, ZeroDivisionError, ValueError, TypeError, OverflowError):
                continue  # outside of a domain, or the two sides of a pole
        made = sd.function(text).value_and_grad()
        found, gradient = made(*[point[name] for name in made.inputs])
        assert found == pytest.approx(value, rel=1e-8, abs=1e-9), (text, point)
        parts = gradient if isinstance(gradient, tuple) else (gradient,)
        for name, part in zip(made.wrt, parts, strict=True):
            if slopes[name] is not None and abs(slopes[name]) < LARGEST:
                want = float(slopes[name])
                assert part == pytest.approx(want, rel=1e-6, abs=1e-7), (text, point, name)
        compared += 1
