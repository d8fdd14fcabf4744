"""Identities that are applied while a line is made, as rows of one table.

An exact identity holds to the bit, for NaN, infinities and -0.0 too: the frontend applies these
alone, so the value stays as it was written. An algebraic one holds for real numbers; derivation
and optimisation apply both.

A row is a function of the builder and the positions of the arguments. It returns the position of
what stands for the operation, or `None`. `constant` rows are tried only where an argument is a
number; `always` rows are tried for every line and must be quick. `shaped` rows, those of
`symdiff.ops.array_identities`, get the builder, the arguments and the parameters, and are tried
where there is an array.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from symdiff.graph.node import INT, is_exact_integer
from symdiff.ops.fold import fold

if TYPE_CHECKING:
    from symdiff.ops.builder import Builder

Row = Callable[..., int | None]
Decorator = Callable[[Row], Row]


@dataclass(frozen=True)
class Rules:
    """The rows that apply to each operation."""

    always: dict[str, list[Row]] = field(default_factory=dict)
    with_constant: dict[str, list[Row]] = field(default_factory=dict)
    shaped: dict[str, list[Row]] = field(default_factory=dict)
    elementwise: list[Row] = field(default_factory=list)

    def fold(self, op: str, values: list[float]) -> float | None:
        """The value of an operation on numbers, where it may be computed now."""
        return fold(op, values)


EXACT = Rules()
ALGEBRAIC = Rules()


def exact(op: str) -> Decorator:
    """A row that holds to the bit."""

    def add(row: Row) -> Row:
        EXACT.always.setdefault(op, []).append(row)
        ALGEBRAIC.always.setdefault(op, []).append(row)
        return row

    return add


def exact_constant(op: str) -> Decorator:
    """A row that holds to the bit and needs a number among the arguments."""

    def add(row: Row) -> Row:
        EXACT.with_constant.setdefault(op, []).append(row)
        ALGEBRAIC.with_constant.setdefault(op, []).append(row)
        return row

    return add


def algebraic(op: str) -> Decorator:
    """A row that holds for real numbers."""

    def add(row: Row) -> Row:
        ALGEBRAIC.always.setdefault(op, []).append(row)
        return row

    return add


def algebraic_constant(op: str) -> Decorator:
    """A row that holds for real numbers and needs a number among the arguments."""

    def add(row: Row) -> Row:
        ALGEBRAIC.with_constant.setdefault(op, []).append(row)
        return row

    return add


# --- with numbers, exact -----------------------------------------------------------------------


@exact_constant("multiply")
def _times_one(b: Builder, x: int, y: int) -> int | None:
    """1*x = x, -1*x = -x."""
    for number, other in ((b.constants.get(x), y), (b.constants.get(y), x)):
        if number == 1.0:
            return other
        if number == -1.0:
            return b.make("negate", (other,))
    return None


@exact_constant("divide")
def _over_one(b: Builder, x: int, y: int) -> int | None:
    """x/1 = x, x/-1 = -x."""
    number = b.constants.get(y)
    if number == 1.0:
        return x
    return b.make("negate", (x,)) if number == -1.0 else None


@exact_constant("power")
def _easy_power(b: Builder, x: int, y: int) -> int | None:
    """x**0 = 1, x**1 = x; 0.5 and -1 mean sqrt and 1/x, as in NumPy's own `**`."""
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


# --- with numbers, algebraic -------------------------------------------------------------------


@algebraic_constant("add")
def _plus_number(b: Builder, x: int, y: int) -> int | None:
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


@algebraic_constant("subtract")
def _minus_zero(b: Builder, x: int, y: int) -> int | None:
    """x - 0 = x, 0 - x = -x, x - (-c) = x + c."""
    number = b.constants.get(y)
    if number == 0.0:
        return x
    if number is not None and number < 0.0 and x not in b.constants:
        return b.make("add", (x, b.constant(-number, x)))
    return b.make("negate", (y,)) if b.constants.get(x) == 0.0 else None


@algebraic_constant("multiply")
def _times_number(b: Builder, x: int, y: int) -> int | None:
    """0*x = 0; a number stands first; c*(d*x) = (c*d)*x, c*(-x) = (-c)*x, c*(d/x) = (c*d)/x."""
    if x not in b.constants:
        return b.make("multiply", (y, x))
    number = b.constants[x]
    if number == 0.0:
        return x
    op, args = b.nodes[y].op, b.nodes[y].args
    if b.nodes[y].dtype == INT:
        return None
    if op == "multiply" and args[0] in b.constants:
        return b.make("multiply", (b.constant(number * b.constants[args[0]], x), args[1]))
    if op == "negate":
        return b.make("multiply", (b.constant(-number, x), args[0]))
    if op == "divide" and args[0] in b.constants:
        return b.make("divide", (b.constant(number * b.constants[args[0]], x), args[1]))
    if op == "divide" and b.constants.get(args[1]):  # a divisor that is no zero
        return b.make("multiply", (b.constant(number / b.constants[args[1]], x), args[0]))
    return None


@algebraic_constant("divide")
def _over_number(b: Builder, x: int, y: int) -> int | None:
    """0/x = 0, x/2 = 0.5*x, (c*x)/d = (c/d)*x, c/(-x) = (-c)/x."""
    above, below = b.constants.get(x), b.constants.get(y)
    if above == 0.0:
        return x
    node = b.nodes[y if below is None else x]
    if node.dtype == INT:
        return None
    if below and math.frexp(below)[0] in (0.5, -0.5) and math.isfinite(1.0 / below):
        return b.make("multiply", (b.constant(1.0 / below, x), x))  # a power of two: exact
    if above is not None and node.op == "negate":
        return b.make("divide", (b.constant(-above, x), node.args[0]))
    if below and node.op == "multiply" and node.args[0] in b.constants:
        factor = b.constants[node.args[0]] / below
        return b.make("multiply", (b.constant(factor, x), node.args[1]))
    return None


# --- without numbers, exact --------------------------------------------------------------------


@exact("add")
def _plus_negative(b: Builder, x: int, y: int) -> int | None:
    """x + (-y) = x - y, (-x) + y = y - x."""
    nodes = b.nodes
    if nodes[x].dtype != nodes[y].dtype:  # whole numbers wrap before they are added to a float
        return None
    if nodes[y].op == "negate":
        return b.make("subtract", (x, nodes[y].args[0]))
    if nodes[x].op == "negate":
        return b.make("subtract", (y, nodes[x].args[0]))
    return None


@exact("subtract")
def _minus_negative(b: Builder, x: int, y: int) -> int | None:
    """x - (-y) = x + y."""
    node = b.nodes[y]
    is_alike = b.nodes[x].dtype == node.dtype
    return b.make("add", (x, node.args[0])) if node.op == "negate" and is_alike else None


@algebraic("subtract")
def _negative_minus(b: Builder, x: int, y: int) -> int | None:
    """(-x) - y = -(x + y): the sign may go further."""
    node = b.nodes[x]
    if node.op != "negate" or node.dtype == INT:
        return None
    return b.make("negate", (b.make("add", (node.args[0], y)),))


@exact("negate")
def _negative_negative(b: Builder, x: int) -> int | None:
    """-(-x) = x."""
    node = b.nodes[x]
    return node.args[0] if node.op == "negate" else None


@exact("where")
def _same_branches(b: Builder, condition: int, x: int, y: int) -> int | None:
    """where(c, x, x) = x, where(not c, x, y) = where(c, y, x); a branch that repeats c is known."""
    if x == y:
        return x
    nodes = b.nodes
    if nodes[condition].op == "logical_not":
        return b.make("where", (nodes[condition].args[0], y, x))
    if nodes[x].op == "where" and nodes[x].args[0] == condition:
        return b.make("where", (condition, nodes[x].args[1], y))
    if nodes[y].op == "where" and nodes[y].args[0] == condition:
        return b.make("where", (condition, x, nodes[y].args[2]))
    return None


@exact("where")
def _never_negative(b: Builder, condition: int, x: int, y: int) -> int | None:
    """where(x < 0, a, b) = b for an x that is never negative, such as exp(u)."""
    node = b.nodes[condition]
    if node.op == "less" and b.constants.get(node.args[1]) == 0.0:
        return y if _is_never_negative(b, node.args[0]) else None
    return None


@exact("logical_not")
def _not_not(b: Builder, x: int) -> int | None:
    """not not c = c."""
    node = b.nodes[x]
    return node.args[0] if node.op == "logical_not" else None


@exact("logical_and")
@exact("logical_or")
def _same_conditions(b: Builder, x: int, y: int) -> int | None:
    """c and c = c or c = c."""
    return x if x == y else None


# --- without numbers, algebraic ----------------------------------------------------------------


@algebraic("add")
def _sums(b: Builder, x: int, y: int) -> int | None:
    """x + x = 2*x, and two halves of a choice meet."""
    if x == y:
        return b.make("multiply", (b.constant(2.0, x), x))
    nodes = b.nodes
    if nodes[x].op == "where" == nodes[y].op and nodes[x].args[0] == nodes[y].args[0]:
        condition, x_true, x_false = nodes[x].args
        _, y_true, y_false = nodes[y].args
        if b.constants.get(x_false) == 0.0 == b.constants.get(y_true):
            return b.make("where", (condition, x_true, y_false))
        if b.constants.get(x_true) == 0.0 == b.constants.get(y_false):
            return b.make("where", (condition, y_true, x_false))
    return None


@algebraic("subtract")
def _differences(b: Builder, x: int, y: int) -> int | None:
    """x - x = 0."""
    return b.constant(0.0, x) if x == y else None


_MOVES = frozenset(("negate", "multiply", "divide"))


@algebraic("multiply")
def _products(b: Builder, x: int, y: int) -> int | None:
    """Signs and numbers move out: (-x)*y = -(x*y), x*(c*y) = c*(x*y); x*(1/y) = x/y."""
    nodes, constants = b.nodes, b.constants
    if nodes[x].op not in _MOVES and nodes[y].op not in _MOVES:
        return None
    if x in constants or y in constants:
        return None
    for one, other in ((x, y), (y, x)):
        node = nodes[other]
        if node.dtype == INT:  # it has wrapped
            continue
        if node.op == "negate":
            return b.make("negate", (b.make("multiply", (one, node.args[0])),))
        if node.op == "multiply" and node.args[0] in constants:
            return b.make("multiply", (node.args[0], b.make("multiply", (one, node.args[1]))))
        if node.op == "divide" and node.args[0] in constants:
            quotient = b.make("divide", (one, node.args[1]))
            return b.make("multiply", (node.args[0], quotient))
    return None


@algebraic("divide")
def _quotients(b: Builder, x: int, y: int) -> int | None:
    """(-x)/y = -(x/y), x/(-y) = -(x/y), sinh(x)/cosh(x) = tanh(x)."""
    nodes = b.nodes
    if x in b.constants or INT in (nodes[x].dtype, nodes[y].dtype):
        return None
    if nodes[x].op == "negate":
        return b.make("negate", (b.make("divide", (nodes[x].args[0], y)),))
    if nodes[y].op == "negate":
        return b.make("negate", (b.make("divide", (x, nodes[y].args[0])),))
    if nodes[x].op == "sinh" and nodes[y].op == "cosh" and nodes[x].args == nodes[y].args:
        return b.make("tanh", nodes[x].args)
    return None


@algebraic("log")
def _log_exp(b: Builder, x: int) -> int | None:
    """log(exp(x)) = x."""
    node = b.nodes[x]
    return node.args[0] if node.op == "exp" else None


_POSITIVE_RESULTS = frozenset(
    ("exp", "exp2", "cosh", "absolute", "sqrt", "hypot", "sigmoid", "softplus", "ndtr", "erfc")
)
# of arrays, the operations whose result is never negative where their first argument is not
_KEEP_SIGN = frozenset(
    ("sum", "prod", "max", "min", "broadcast", "reshape", "transpose", "index", "sort", "cumsum")
)
_SEARCH = 16


def _is_never_negative(b: Builder, position: int) -> bool:
    """Whether a line is >= 0 or NaN for every input. Looks at a few lines only."""
    pending, looked = [position], 0
    while pending:
        looked += 1
        if looked > _SEARCH:
            return False
        number = b.constants.get(pending[-1])
        node = b.nodes[pending.pop()]
        if number is not None:
            if number < 0.0:
                return False
        elif node.op == "power":
            exponent = b.constants.get(node.args[1])
            if exponent is None or not is_exact_integer(exponent) or exponent % 2.0:
                return False
        elif node.op == "multiply" and node.args[0] == node.args[1]:
            continue
        elif node.op in ("add", "multiply", "divide"):
            pending.extend(node.args)
        elif node.op in _KEEP_SIGN:
            pending.append(node.args[0])
        elif node.op not in _POSITIVE_RESULTS:
            return False
    return True
