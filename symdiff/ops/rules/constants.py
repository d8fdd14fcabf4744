"""Identities of operations with a number among the arguments."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable

from symdiff.graph.node import BOOL, CONTINUOUS, FLOAT, INT
from symdiff.ops.handle import Maker
from symdiff.ops.rules.lines import is_on_floats, truth
from symdiff.ops.rules.table import Row, Table, Tried

ROWS = Table(Tried.WITH_CONSTANT)


# --- exact ----------------------------------------------------------------------------------------


@ROWS.exact("multiply")
def _times_one(b: Maker, x: int, y: int) -> int | None:
    """1*x = x, -1*x = -x."""
    for number, other in ((b.constants.get(x), y), (b.constants.get(y), x)):
        if number == 1.0:
            return other
        if number == -1.0:
            return b.make("negate", (other,))
    return None


@ROWS.exact("divide")
def _over_one(b: Maker, x: int, y: int) -> int | None:
    """x/1 = x, x/-1 = -x."""
    number = b.constants.get(y)
    if number == 1.0:
        return x
    return b.make("negate", (x,)) if number == -1.0 else None


@ROWS.exact("power")
def _easy_power(b: Maker, x: int, y: int) -> int | None:
    """x**0 = 1, x**1 = x; 0.5 and -1 mean sqrt and 1/x, as in NumPy's own `**`.

    A whole number to the power of a float is a float from here on: as a product it could wrap.
    """
    if b.nodes[x].dtype in (INT, BOOL) and b.nodes[y].dtype == FLOAT:
        return b.make("power", (b.make("as_float64", (x,)), y))
    exponent = b.constants.get(y)
    if exponent is None:
        return b.constant(1.0, x) if b.constants[x] == 1.0 else None
    if exponent == 0.0:
        return b.constant(1.0, x)
    if exponent == 1.0:
        return x
    if exponent == 0.5:
        return b.make("sqrt", (x,))
    if exponent == -1.0:
        return b.make("divide", (b.constant(1.0, x), x))
    return None


@ROWS.exact("add")
def _first_zero(b: Maker, x: int, y: int) -> int | None:
    """0 + x = x: what starts a sum. Exact but for the sign of a zero, which is not kept."""
    return y if b.constants.get(x) == 0.0 else None


@ROWS.exact("subtract")
def _minus_no_number(b: Maker, x: int, y: int) -> int | None:
    """x - 0 = x, for a 0 without a sign."""
    number = b.constants.get(y)
    return x if number == 0.0 and math.copysign(1.0, number) > 0.0 else None


def _comparison(holds: Callable[[float, float], bool]) -> Row:
    def _two_numbers(b: Maker, x: int, y: int) -> int | None:
        """Two numbers are compared at once."""
        numbers = b.constants
        if x not in numbers or y not in numbers or b.nodes[x].shape or b.nodes[y].shape:
            return None
        return truth(b, is_true=holds(numbers[x], numbers[y]))

    return _two_numbers


for _name, _holds in {
    "less": operator.lt,
    "less_equal": operator.le,
    "equal": operator.eq,
    "not_equal": operator.ne,
    "greater": operator.gt,
    "greater_equal": operator.ge,
}.items():
    ROWS.exact(_name)(_comparison(_holds))


# --- algebraic ------------------------------------------------------------------------------------


@ROWS.algebraic("add")
def _plus_number(b: Maker, x: int, y: int) -> int | None:
    """x + 0 = x; a number stands last, and two of them meet."""
    if x in b.constants:
        x, y = y, x
        if x in b.constants:
            return None
        return b.make("add", (x, y))
    number = b.constants[y]
    if number == 0.0:
        return x
    return b.make("subtract", (x, b.constant(-number, x))) if number < 0.0 else None


@ROWS.algebraic("subtract")
def _minus_zero(b: Maker, x: int, y: int) -> int | None:
    """x - 0 = x, 0 - x = -x, x - (-c) = x + c."""
    number = b.constants.get(y)
    if number == 0.0:
        return x
    if number is not None and number < 0.0 and x not in b.constants:
        return b.make("add", (x, b.constant(-number, x)))
    return b.make("negate", (y,)) if b.constants.get(x) == 0.0 else None


@ROWS.algebraic("multiply")
def _times_number(b: Maker, x: int, y: int) -> int | None:
    """0*x = 0; a number stands first; c*(d*x) = (c*d)*x, c*(-x) = (-c)*x, c*(d/x) = (c*d)/x.

    c*(d*x/y) = (c*d)*(x/y) too.
    """
    if x not in b.constants:
        return b.make("multiply", (y, x))
    number = b.constants[x]
    if number == 0.0:
        return x
    op, args, _, _, dtype = b.nodes[y]
    if dtype not in CONTINUOUS:
        return None
    if op == "multiply" and args[0] in b.constants:
        return b.make("multiply", (b.constant(number * b.constants[args[0]], x), args[1]))
    if op == "negate":
        return b.make("multiply", (b.constant(-number, x), args[0]))
    if op == "divide" and args[0] in b.constants:
        return b.make("divide", (b.constant(number * b.constants[args[0]], x), args[1]))
    if op == "divide" and b.constants.get(args[1]):  # a divisor that is no zero
        return b.make("multiply", (b.constant(number / b.constants[args[1]], x), args[0]))
    if op == "divide" and is_on_floats(b, args[0], "multiply"):
        first, second = b.nodes[args[0]].args
        if first in b.constants:
            quotient = b.make("divide", (second, args[1]))
            return b.make("multiply", (b.constant(number * b.constants[first], x), quotient))
    return None


@ROWS.algebraic("divide")
def _over_number(b: Maker, x: int, y: int) -> int | None:
    """0/x = 0, x/2 = 0.5*x, (c*x)/d = (c/d)*x, c/(-x) = (-c)/x."""
    above, below = b.constants.get(x), b.constants.get(y)
    if above == 0.0:
        return x
    inner = y if below is None else x
    node = b.nodes[inner]
    if below and math.frexp(below)[0] in (0.5, -0.5) and math.isfinite(1.0 / below):
        return b.make("multiply", (b.constant(1.0 / below, x), x))  # a power of two: exact
    if above is not None and is_on_floats(b, inner, "negate"):
        return b.make("divide", (b.constant(-above, x), node.args[0]))
    if below and is_on_floats(b, inner, "multiply") and node.args[0] in b.constants:
        factor = b.constants[node.args[0]] / below
        return b.make("multiply", (b.constant(factor, x), node.args[1]))
    return None
