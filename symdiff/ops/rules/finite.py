"""Lines that are finite wherever the inputs are: 0 times one of them is 0.

Known of sums, of quotients by what is kept above 0 by a number, and of products of at most two
such lines. That these do not overflow is taken for granted: inputs would have to be larger than
the square root of the largest number. Of exponentials, powers and logarithms nothing is known.
"""

from __future__ import annotations

import math

from symdiff.graph.node import FLOAT, INPUT
from symdiff.ops.handle import Maker
from symdiff.ops.operation import Linear
from symdiff.ops.registry import OPERATIONS
from symdiff.ops.rules.signs import is_never_negative, is_positive

_SEARCH = 48
_PRODUCTS = frozenset(("multiply", "contract"))
_SELECTIONS = frozenset(("add", "subtract", "negate", "absolute", "maximum", "minimum", "where"))
_NO_NAN = 0  # a line may overflow to infinity, and is no NaN
_DEGREE = 2  # how many inputs are multiplied at most

# a line and what is claimed of it: its degree, or _NO_NAN
Claim = tuple[int, int]


def is_finite(b: Maker, position: int) -> bool:
    """Whether a line is finite for finite inputs. Looks at a few lines only."""
    pending: list[Claim] = [(position, _DEGREE)]
    for _ in range(_SEARCH):
        at, degree = pending.pop()
        needed = _without_nan(b, at) if degree == _NO_NAN else _of_finite(b, at, degree)
        if needed is None:
            return False
        pending.extend(needed)
        if not pending:
            return True
    return False


def _of_finite(b: Maker, at: int, degree: int) -> list[Claim] | None:
    """What has to hold for a line to be finite; `None` where that is open."""
    node, number = b.nodes[at], b.constants.get(at)
    if number is not None:
        return [] if math.isfinite(number) else None
    if node.op == INPUT or node.dtype != FLOAT:
        return []
    if node.op == "divide":
        above, below = node.args
        if b.constants.get(below):
            return [(above, degree)]
        return [(above, degree), (below, _NO_NAN)] if is_positive(b, below) else None
    if node.op in _PRODUCTS:
        factors = [argument for argument in node.args if argument not in b.constants]
        if len(factors) < len(node.args):
            return [(argument, degree) for argument in node.args]
        return [(factor, 1) for factor in factors] if degree == _DEGREE else None
    if node.op in _SELECTIONS or isinstance(OPERATIONS[node.op].derivative, Linear):
        return [(argument, degree) for argument in node.args]
    return None


def _without_nan(b: Maker, at: int) -> list[Claim] | None:
    """The same for a line to be a number or infinite: nothing is subtracted from infinity."""
    node = b.nodes[at]
    if node.op == "multiply" and node.args[0] == node.args[1]:
        return [(node.args[0], _NO_NAN)]
    is_sum = node.op in ("add", "sum") and all(is_never_negative(b, x) for x in node.args)
    is_root = node.op == "sqrt" and is_never_negative(b, node.args[0])
    if is_sum or is_root or node.op in ("broadcast", "reshape"):
        return [(argument, _NO_NAN) for argument in node.args]
    if node.op == "divide" and b.constants.get(node.args[1]):
        return [(node.args[0], _NO_NAN)]
    return _of_finite(b, at, _DEGREE)
