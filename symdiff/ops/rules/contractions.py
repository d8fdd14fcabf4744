"""Identities of sums, products and contractions of arrays: signs and numbers move out."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from symdiff.graph.node import CONSTANT, FLOAT, constant_value
from symdiff.graph.shape import SCALAR, Dimension, Shape, evaluate, names_of, size
from symdiff.ops.handle import Maker
from symdiff.ops.registry import OPERATIONS
from symdiff.ops.rules.lines import is_on_floats, repeated
from symdiff.ops.rules.signs import is_positive
from symdiff.ops.rules.table import Table, Tried

_MANY = 1000  # what a named dimension, often the number of samples, is taken to be about

Args = tuple[int, ...]
Params = tuple[Any, ...]

ROWS = Table(Tried.SHAPED)


@ROWS.algebraic("sum")
def _sum(b: Maker, args: Args, params: Params) -> int | None:
    """Of a constant, of what is repeated, of a factor that is a number, of a sign."""
    (x,), (axes, _) = args, params
    node = b.nodes[x]
    if node.dtype != FLOAT:
        return None
    shape = OPERATIONS["sum"].shape([node.shape], params)
    count = size(node.shape[axis] for axis in axes)
    if node.op == CONSTANT and isinstance(count, int):
        return b.full(constant_value(node) * count, shape)
    if node.op == CONSTANT:
        found = _times(b, count, b.full(constant_value(node), SCALAR))
        return found if not shape else b.make("broadcast", (found,), (shape,))
    if node.op == "negate":
        return b.make("negate", (b.make("sum", node.args, params),))
    if node.op == "multiply":
        for one, other in (node.args, node.args[::-1]):
            factor = repeated(b, one)
            if factor is not None and factor[1] == SCALAR:
                summed = b.make("sum", (other,), params)
                return b.make("multiply", (_as_large(b, factor[0], summed), summed))
            quotient = _scaled_down(b, other)
            if quotient is not None:
                summed = b.make("sum", (b.make("multiply", (one, quotient[0])),), params)
                return b.make("divide", (summed, _as_large(b, quotient[1], summed)))
    quotient = _scaled_down(b, x)
    if quotient is not None:
        summed = b.make("sum", quotient[:1], params)
        return b.make("divide", (summed, _as_large(b, quotient[1], summed)))
    if node.op == "broadcast" and b.nodes[node.args[0]].shape == SCALAR:
        found = _times(b, count, node.args[0])
        return found if not shape else b.make("broadcast", (found,), (shape,))
    return None


def _scaled_down(b: Maker, position: int) -> tuple[int, int] | None:
    """An array and the number that it is divided by, where a new line is such a quotient."""
    node = b.nodes[position]
    if position < b.start or node.op != "divide" or not node.shape or node.dtype != FLOAT:
        return None
    number = _number(b, node.args[1])
    return None if number is None else (node.args[0], number)


def _times(b: Maker, count: Dimension, number: int) -> int:
    """A number as often as it is repeated; of a choice between it and 0, that choice."""
    node = b.nodes[number]
    if node.op == "where" and b.constants.get(node.args[2]) == 0.0:
        condition, chosen, zero = node.args
        return b.make("where", (condition, _times(b, count, chosen), zero))
    if isinstance(count, int):
        return b.make("multiply", (b.full(float(count), SCALAR), number))
    times = b.make("length", (), (count,))
    if b.constants.get(number) == 1.0:
        return b.make("as_float64", (times,))
    return b.make("multiply", (times, number))


@ROWS.algebraic("sum")
def _deviations(b: Maker, args: Args, params: Params) -> int | None:
    """Deviations from a mean sum to 0, also times what is the same along its axes."""
    (at,), (axes, _) = args, params
    factors: list[int] = []
    while b.nodes[at].op in ("multiply", "divide"):
        first, second = b.nodes[at].args
        if repeated(b, second) is None and b.nodes[at].op == "multiply":
            first, second = second, first
        if repeated(b, second) is None:
            return None
        factors.append(second)
        at = first
    mean = _axes_of_mean(b, at)
    if not mean or not mean <= set(axes) or not all(_is_alike(b, f, mean) for f in factors):
        return None
    return b.full(0.0, OPERATIONS["sum"].shape([b.nodes[args[0]].shape], params))


@ROWS.algebraic("sum")
def _sum_of_one(b: Maker, args: Args, params: Params) -> int | None:
    """A sum over axes of length 1 is what it sums, in another shape."""
    shape, (axes, _) = b.nodes[args[0]].shape, params
    if not axes or any(shape[axis] != 1 for axis in axes):
        return None
    return b.make("reshape", args, (OPERATIONS["sum"].shape([shape], params),))


def _axes_of_mean(b: Maker, position: int) -> set[int]:
    """The axes along which a line is something less its mean; none where it is something else."""
    node = b.nodes[position]
    if node.op != "subtract" or node.dtype != FLOAT:
        return set()
    x, mean = node.args
    quotient = b.nodes[b.nodes[mean].args[0]] if b.nodes[mean].op == "broadcast" else None
    if quotient is None or quotient.op != "divide" or b.nodes[quotient.args[0]].op != "sum":
        return set()
    total, count = b.nodes[quotient.args[0]], repeated(b, quotient.args[1])
    axes = total.params[0]
    length = size(b.nodes[x].shape[axis] for axis in axes)
    number = None if count is None else b.nodes[count[0]]
    is_count = number is not None and (
        (number.op == CONSTANT and constant_value(number) == length)
        or (number.op == "length" and number.params == (length,))
    )
    return set(axes) if total.args == (x,) and is_count and _is_alike(b, mean, axes) else set()


def _is_alike(b: Maker, position: int, axes: Iterable[int]) -> bool:
    """Whether what is repeated is the same along axes."""
    found = repeated(b, position)
    if found is None:
        return False
    own = found[1]
    missing = len(b.nodes[position].shape) - len(own)
    return all(axis < missing or own[axis - missing] == 1 for axis in axes)


def _as_large(b: Maker, number: int, like: int) -> int:
    """A number, or a constant, in the shape of a line."""
    shape = b.nodes[like].shape
    node = b.nodes[number]
    if node.op == CONSTANT:
        return b.full(constant_value(node), shape, node.dtype)
    return number if not shape else b.make("broadcast", (number,), (shape,))


@ROWS.algebraic("multiply")
def _numbers_first(b: Maker, args: Args, params: Params) -> int | None:
    """s*(r*x) = (s*r)*x for numbers s and r that an array is scaled by."""
    for one, other in (args, args[::-1]):
        outer = _number(b, one)
        node = b.nodes[other]
        if outer is None or node.op != "multiply" or not node.shape or node.dtype != FLOAT:
            continue
        for factor, rest in (node.args, node.args[::-1]):
            inner = _number(b, factor)
            if inner is not None and _number(b, rest) is None:
                both = b.make("multiply", (_plain(b, outer), _plain(b, inner)))
                return b.make("multiply", (_as_large(b, both, rest), rest))
    return None


@ROWS.algebraic("multiply")
def _smaller_scaled(b: Maker, args: Args, params: Params) -> int | None:
    """s*(r*x) = (s*r)*x for a number s and an r that is repeated: the smaller array is scaled."""
    for one, other in (args, args[::-1]):
        number, node = b.constants.get(one), b.nodes[other]
        if number is None or node.op != "multiply" or not node.shape or node.dtype != FLOAT:
            continue
        for factor, rest in (node.args, node.args[::-1]):
            found = repeated(b, factor)
            if found is not None and found[1] != SCALAR and _is_smaller(found[1], node.shape):
                scaled = b.make("multiply", (b.full(number, found[1]), found[0]))
                return b.make("multiply", (b.make("broadcast", (scaled,), (node.shape,)), rest))
    return None


@ROWS.algebraic("divide")
def _repeated_quotient(b: Maker, args: Args, params: Params) -> int | None:
    """x*r/s = x*(r/s) for an r and an s that are repeated alike, s above 0: no guard is lost."""
    node, below = b.nodes[args[0]], b.nodes[args[1]]
    if node.op != "multiply" or node.dtype != FLOAT or below.op != "broadcast":
        return None
    (s,) = below.args
    for factor, rest in (node.args, node.args[::-1]):
        line = b.nodes[factor]
        if line.op != "broadcast" or b.nodes[rest].op == "broadcast":
            continue
        (r,) = line.args
        if b.nodes[r].shape == b.nodes[s].shape and is_positive(b, s):
            quotient = b.make("divide", (r, s))
            return b.make("multiply", (rest, b.make("broadcast", (quotient,), below.params)))
    return None


@ROWS.algebraic("multiply")
def _times_repeated_negative(b: Maker, args: Args, params: Params) -> int | None:
    """x*(-r) = -(x*r) for an r that is repeated, whose sign stands below the repetition."""
    for one, other in (args, args[::-1]):
        node = b.nodes[other]
        if node.op == "broadcast" and is_on_floats(b, node.args[0], "negate"):
            plain = b.make("broadcast", b.nodes[node.args[0]].args, (node.shape,))
            return b.make("negate", (b.make("multiply", (one, plain)),))
    return None


@ROWS.algebraic("add")
def _plus_repeated_negative(b: Maker, args: Args, params: Params) -> int | None:
    """x + (-r) = x - r for an r that is repeated, whose sign stands below the repetition."""
    for one, other in (args, args[::-1]):
        node = b.nodes[other]
        if node.op == "broadcast" and is_on_floats(b, node.args[0], "negate"):
            plain = b.make("broadcast", b.nodes[node.args[0]].args, (node.shape,))
            return b.make("subtract", (one, plain))
    return None


def _number(b: Maker, position: int) -> int | None:
    """The number that an array repeats, where it is one."""
    source = repeated(b, position)
    if source is None or source[1] != SCALAR or not b.nodes[position].shape:
        return None
    return source[0]


def _plain(b: Maker, number: int) -> int:
    node = b.nodes[number]
    return b.full(constant_value(node), SCALAR, node.dtype) if node.op == CONSTANT else number


@ROWS.algebraic("where")
def _shared_at_ties(b: Maker, args: Args, params: Params) -> int | None:
    """What maximum and minimum hand on is one operation for arrays, quicker than two choices."""
    lost, zero, other = (b.nodes[at] for at in args)
    if lost.op not in ("less", "greater") or other.op != "where" or not other.shape:
        return None
    tied, half, whole_part = other.args
    if b.constants.get(args[1]) != 0.0 or b.nodes[tied].op != "equal":
        return None
    if set(lost.args) != set(b.nodes[tied].args) or half != b.make(
        "multiply", (b.full(0.5, zero.shape), whole_part)
    ):
        return None
    return b.make("share", (whole_part, args[0], tied))


@ROWS.algebraic("where")
def _scaled_choice(b: Maker, args: Args, params: Params) -> int | None:
    """where(c, -x, 0) = -where(c, x, 0), and where(c, 2*x, 0) = 2*where(c, x, 0)."""
    for place, zero in ((1, 2), (2, 1)):
        node, others = b.nodes[args[place]], list(args)
        if b.constants.get(args[zero]) != 0.0 or node.dtype != FLOAT or not node.shape:
            continue
        if node.op == "negate":
            others[place] = node.args[0]
            return b.make("negate", (b.make("where", tuple(others)),))
        number = b.constants.get(node.args[0], 0.0) if node.op == "multiply" else 0.0
        if number and math.isfinite(number):
            others[place] = node.args[1]
            return b.make("multiply", (node.args[0], b.make("where", tuple(others))))
    return None


@ROWS.algebraic("contract")
def _contract(b: Maker, args: Args, params: Params) -> int | None:
    """Signs and numbers that an array is scaled by move out."""
    shape = OPERATIONS["contract"].shape([b.nodes[at].shape for at in args], params)
    for place in (0, 1):
        node = b.nodes[args[place]]
        others = list(args)
        if node.dtype != FLOAT:
            continue
        if node.op == "negate":
            others[place] = node.args[0]
            return b.make("negate", (b.make("contract", tuple(others), params),))
        if node.op == "multiply" and _is_smaller(shape, node.shape):
            for factor, rest in (node.args, node.args[::-1]):
                number = _number(b, factor)
                if number is not None and b.nodes[number].dtype == FLOAT:
                    others[place] = rest
                    product = b.make("contract", tuple(others), params)
                    return b.make("multiply", (_as_large(b, number, product), product))
        quotient = _scaled_down(b, args[place])
        if quotient is not None and _is_smaller(shape, node.shape):
            others[place] = quotient[0]
            product = b.make("contract", tuple(others), params)
            return b.make("divide", (product, _as_large(b, quotient[1], product)))
    return None


@ROWS.algebraic("contract")
def _contract_unit(b: Maker, args: Args, params: Params) -> int | None:
    """A product with the unit matrix renames an axis."""
    letters, out = params[0].split("->")
    parts = letters.split(",")
    for place in (0, 1):
        mine, other = parts[place], parts[1 - place]
        if b.nodes[args[place]].op != "unit_matrix" or len(set(mine)) < 2:
            continue
        for old, new in (mine, mine[::-1]):
            if old in other and old not in out and new not in other:
                renamed = other.replace(old, new)
                if len(renamed) == len(out) and set(renamed) == set(out):
                    order = tuple(renamed.index(letter) for letter in out)
                    if order == tuple(range(len(order))):
                        return args[1 - place]
                    return b.make("transpose", (args[1 - place],), (order,))
    return None


def _is_smaller(shape: Shape, other: Shape) -> bool:
    """Whether a shape has fewer elements than another, with a thousand for a named dimension."""
    small, large = (
        evaluate(length, dict.fromkeys(names_of([(length,)]), _MANY))
        for length in (size(shape), size(other))
    )
    return small < large
