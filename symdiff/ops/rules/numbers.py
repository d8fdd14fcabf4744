"""Identities of operations on numbers, element by element on arrays too."""

from __future__ import annotations

import math

from symdiff.graph.node import COMPLEX, CONTINUOUS
from symdiff.ops.handle import Maker
from symdiff.ops.rules.lines import KNOWN_TRUTHS, is_on_floats, opposite_of, truth, truth_of
from symdiff.ops.rules.signs import is_never_negative, is_positive
from symdiff.ops.rules.table import EQUAL, SCALED, Table, Tried

ROWS = Table(Tried.ALWAYS)


# --- exact ----------------------------------------------------------------------------------------


@ROWS.exact("add", "negate")
def _plus_negative(b: Maker, x: int, y: int) -> int | None:
    """x + (-y) = x - y, (-x) + y = y - x."""
    if not _are_alike(b, x, y):
        return None
    if is_on_floats(b, y, "negate"):
        return b.make("subtract", (x, b.nodes[y].args[0]))
    if is_on_floats(b, x, "negate"):
        return b.make("subtract", (y, b.nodes[x].args[0]))
    return None


@ROWS.exact("subtract", "negate")
def _minus_negative(b: Maker, x: int, y: int) -> int | None:
    """x - (-y) = x + y."""
    if not _are_alike(b, x, y) or not is_on_floats(b, y, "negate"):
        return None
    return b.make("add", (x, b.nodes[y].args[0]))


def _are_alike(b: Maker, x: int, y: int) -> bool:
    """Whether two lines are both complex, or none: else 0 meets the imaginary part of one.

    The sign of zero counts there, as -1 + 0j and -1 - 0j have two square roots.
    """
    return (b.nodes[x].dtype == COMPLEX) == (b.nodes[y].dtype == COMPLEX)


@ROWS.algebraic("subtract", "negate")
def _negative_minus(b: Maker, x: int, y: int) -> int | None:
    """(-x) - y = -(x + y): the sign may go further."""
    if not is_on_floats(b, x, "negate"):
        return None
    return b.make("negate", (b.make("add", (b.nodes[x].args[0], y)),))


@ROWS.exact("negate", "negate")
def _negative_negative(b: Maker, x: int) -> int | None:
    """-(-x) = x."""
    node = b.nodes[x]
    return node.args[0] if node.op == "negate" else None


@ROWS.exact("where")
def _same_branches(b: Maker, condition: int, x: int, y: int) -> int | None:
    """where(c, x, x) = x, where(not c, x, y) = where(c, y, x); a branch that repeats c is known."""
    if x == y:
        return x
    nodes = b.nodes
    opposite = opposite_of(b, condition)
    if opposite is not None:
        return b.make("where", (opposite, y, x))
    if nodes[x].op == "where" and nodes[x].args[0] == condition:
        return b.make("where", (condition, nodes[x].args[1], y))
    if nodes[y].op == "where" and nodes[y].args[0] == condition:
        return b.make("where", (condition, x, nodes[y].args[2]))
    return None


@ROWS.exact("where")
def _known_branch(b: Maker, condition: int, x: int, y: int) -> int | None:
    """where(True, x, y) = x, where(False, x, y) = y."""
    holds = truth_of(b, condition)
    return None if holds is None else (x if holds else y)


@ROWS.exact("where")
def _never_negative(b: Maker, condition: int, x: int, y: int) -> int | None:
    """where(x < 0, a, b) = b for an x that is never negative, such as exp(u)."""
    node = b.nodes[condition]
    if node.op == "less" and b.constants.get(node.args[1]) == 0.0:
        return y if is_never_negative(b, node.args[0]) else None
    return None


@ROWS.exact("logical_not", "logical_not")
def _not_not(b: Maker, x: int) -> int | None:
    """not not c = c."""
    node = b.nodes[x]
    return node.args[0] if node.op == "logical_not" else None


@ROWS.exact("logical_and", EQUAL)
@ROWS.exact("logical_or", EQUAL)
def _same_conditions(b: Maker, x: int, y: int) -> int | None:
    """c and c = c or c = c."""
    return x if x == y else None


@ROWS.exact("logical_and", "logical_not")
def _and_opposite(b: Maker, x: int, y: int) -> int | None:
    """c and not c = False."""
    return _known(b, x, is_true=False) if _are_opposite(b, x, y) else None


@ROWS.exact("logical_or", "logical_not")
def _or_opposite(b: Maker, x: int, y: int) -> int | None:
    """c or not c = True."""
    return _known(b, x, is_true=True) if _are_opposite(b, x, y) else None


def _known(b: Maker, like: int, *, is_true: bool) -> int:
    """A truth, repeated in the shape of a line."""
    found, shape = truth(b, is_true=is_true), b.nodes[like].shape
    return b.make("broadcast", (found,), (shape,)) if shape else found


def _are_opposite(b: Maker, x: int, y: int) -> bool:
    nodes = b.nodes
    return any(nodes[p].op == "logical_not" and nodes[p].args == (q,) for p, q in ((x, y), (y, x)))


@ROWS.exact("length_or_one", "hypot", "sqrt", "add")
def _positive_length(b: Maker, x: int) -> int | None:
    """A length is itself where it is above 0."""
    is_length = b.nodes[x].op in ("hypot", "sqrt", "add")
    return x if is_length and is_positive(b, x) else None


@ROWS.exact("logical_not", *KNOWN_TRUTHS)
def _not_known(b: Maker, x: int) -> int | None:
    """not True = False."""
    holds = truth_of(b, x)
    return None if holds is None or b.nodes[x].shape else truth(b, is_true=not holds)


@ROWS.exact("logical_and", *KNOWN_TRUTHS)
def _and_known(b: Maker, x: int, y: int) -> int | None:
    """c and True = c, c and False = False."""
    for one, other in ((x, y), (y, x)):
        holds = truth_of(b, one)
        if holds is not None:
            return other if holds else one
    return None


@ROWS.exact("logical_or", *KNOWN_TRUTHS)
def _or_known(b: Maker, x: int, y: int) -> int | None:
    """c or True = True, c or False = c."""
    for one, other in ((x, y), (y, x)):
        holds = truth_of(b, one)
        if holds is not None:
            return one if holds else other
    return None


# --- algebraic ------------------------------------------------------------------------------------


@ROWS.algebraic("add", EQUAL, "where")
def _sums(b: Maker, x: int, y: int) -> int | None:
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


@ROWS.algebraic("subtract", EQUAL)
def _differences(b: Maker, x: int, y: int) -> int | None:
    """x - x = 0."""
    return b.constant(0.0, x) if x == y else None


@ROWS.algebraic("multiply", "negate", SCALED)
def _products(b: Maker, x: int, y: int) -> int | None:
    """Signs and numbers move out: (-x)*y = -(x*y), x*(c*y) = c*(x*y); x*(1/y) = x/y.

    (x/d)*(c*y) is (c/d)*(x*y) where the quotient is none of the value's, which is there anyway.
    """
    nodes, constants = b.nodes, b.constants
    if x in constants or y in constants:
        return None
    for one, other in ((x, y), (y, x)):
        op, args, _, _, dtype = nodes[other]
        if dtype not in CONTINUOUS:
            continue
        if op == "negate":
            return b.make("negate", (b.make("multiply", (one, args[0])),))
        if op == "multiply" and args[0] in constants:
            if nodes[one][4] not in CONTINUOUS and nodes[args[1]][4] not in CONTINUOUS:
                continue  # a product of whole numbers may wrap
            number, (rest, divisor) = constants[args[0]], _over_number(b, one)
            if divisor != 1.0 and math.isfinite(number / divisor):
                factor = b.constant(number / divisor, one)
                return b.make("multiply", (factor, b.make("multiply", (rest, args[1]))))
            return b.make("multiply", (args[0], b.make("multiply", (one, args[1]))))
        if op == "divide" and args[0] in constants:
            quotient = b.make("divide", (one, args[1]))
            return b.make("multiply", (args[0], quotient))
    return None


def _over_number(b: Maker, position: int) -> tuple[int, float]:
    """What a line divides by a number, and this number, where it is new; itself and 1 else."""
    op, args, _, _, _ = b.nodes[position]
    divisor = b.constants.get(args[1]) if op == "divide" and position >= b.start else None
    return (args[0], divisor) if divisor and math.isfinite(divisor) else (position, 1.0)


@ROWS.algebraic("divide", "negate", "sinh")
def _quotients(b: Maker, x: int, y: int) -> int | None:
    """(-x)/y = -(x/y), x/(-y) = -(x/y), sinh(x)/cosh(x) = tanh(x)."""
    nodes = b.nodes
    if x in b.constants:
        return None
    if is_on_floats(b, x, "negate"):
        return b.make("negate", (b.make("divide", (nodes[x].args[0], y)),))
    if is_on_floats(b, y, "negate"):
        return b.make("negate", (b.make("divide", (x, nodes[y].args[0])),))
    if nodes[x].op == "sinh" and nodes[y].op == "cosh" and nodes[x].args == nodes[y].args:
        return b.make("tanh", nodes[x].args)
    return None


@ROWS.algebraic("divide", "divide")
def _cancelled_quotients(b: Maker, x: int, y: int) -> int | None:
    """t/(a/y)/y = t/a, in the derivative of the logarithm of a quotient."""
    if not is_on_floats(b, x, "divide"):
        return None
    t, below = b.nodes[x].args
    if is_on_floats(b, below, "divide") and b.nodes[below].args[1] == y:
        return b.make("divide", (t, b.nodes[below].args[0]))
    return None


@ROWS.algebraic("multiply", "divide")
def _cancelled_number(b: Maker, x: int, y: int) -> int | None:
    """c*(t/(c*a)) = t/a, in the derivative of the logarithm of a multiple."""
    number = b.constants.get(x)
    if not number or not is_on_floats(b, y, "divide"):
        return None
    t, below = b.nodes[y].args
    if is_on_floats(b, below, "multiply"):
        first, second = b.nodes[below].args
        for one, other in ((first, second), (second, first)):
            if b.constants.get(one) == number:
                return b.make("divide", (t, other))
    return None


@ROWS.algebraic("log", "exp")
def _log_exp(b: Maker, x: int) -> int | None:
    """log(exp(x)) = x."""
    node = b.nodes[x]
    return node.args[0] if node.op == "exp" else None
