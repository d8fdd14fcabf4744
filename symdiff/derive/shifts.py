"""Shifts that cancel: log(sum(exp(x - m))) + m does not depend on m, so m has no derivative there.

A softmax, its logarithm and what is made of them are written with the maximum taken out, so that
exponentials do not overflow. What is differentiated then is the function of x alone: each maximum
is tried as a variable of its own, and lines are followed as long as they move with it or scale
with its exponential. Where nothing that is wanted depends on it in the end, its cotangents cancel,
and neither mode computes them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from symdiff.graph.node import CONSTANT, CONTINUOUS, FLOAT, Node, constant_value
from symdiff.graph.shape import Shape, size
from symdiff.ops.contraction import parts
from symdiff.ops.indexing import whole
from symdiff.ops.structural import Pattern

_SHIFTS = frozenset(("max", "min"))

# by axis of a line, the axis of the shift (without those of length 1) that it runs along; `None`
# where the shift is the same along it
Along = tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class Follows:
    """How a line depends on a shift m: as a + rate*m, or as a*exp(rate*m).

    Attributes:
        rate: the number.
        along: which axes of the shift the axes of the line run along.
        is_scaled: whether the line scales with the exponential of the shift.
    """

    rate: float
    along: Along
    is_scaled: bool = False


def cancelled(nodes: Sequence[Node], targets: Iterable[int]) -> set[int]:
    """The positions of maxima and minima on which no target depends.

    Args:
        nodes: the lines.
        targets: positions of the lines that are differentiated.
    """
    wanted = set(targets)
    end = max(wanted, default=-1) + 1
    shifts = [at for at in range(end) if nodes[at].op in _SHIFTS and nodes[at].dtype == FLOAT]
    if not shifts:
        return set()
    needed = bytearray(end)
    for position in range(end - 1, -1, -1):
        if position in wanted or needed[position]:
            needed[position] = 1
            for argument in nodes[position].args:
                needed[argument] = 1
    return {at for at in shifts if needed[at] and _cancels(nodes, needed, wanted, at)}


def _cancels(nodes: Sequence[Node], needed: bytearray, wanted: set[int], shift: int) -> bool:
    """Whether all that is needed of a shift goes into lines that do not depend on it."""
    if shift in wanted:
        return False
    follows = {shift: Follows(1.0, _own_axes(nodes[shift].shape))}
    for position in range(shift + 1, len(needed)):
        node = nodes[position]
        if not needed[position] or node.dtype not in CONTINUOUS or node.op == "stop":
            continue  # a truth, and what is held fixed, hand no derivative on
        args = [follows.get(argument) for argument in node.args]
        if not any(args):
            continue
        rule = _RULES.get(node.op)
        given = [nodes[argument] for argument in node.args]
        found = None if rule is None else rule(Line(node, args, given))
        if found is None:
            return False
        if found.rate != 0.0:
            if position in wanted:
                return False
            follows[position] = found
    return True


def _own_axes(shape: Shape) -> Along:
    """The axes of the shift itself."""
    numbers = iter(range(len(shape)))
    return tuple(None if length == 1 else next(numbers) for length in shape)


class Line(NamedTuple):
    """A line that depends on the shift: at least one of its arguments does."""

    node: Node
    args: Sequence[Follows | None]
    given: Sequence[Node]

    @property
    def only(self) -> Follows:
        """The first argument that depends on the shift."""
        return next(x for x in self.args if x is not None)


Rule = Callable[[Line], Follows | None]

# --- elementwise ---------------------------------------------------------------------------------


def _sum(line: Line) -> Follows | None:
    """Sums and differences: rates are added; what scales alike goes on to."""
    x, y = line.args
    sign = -1.0 if line.node.op == "subtract" else 1.0
    if x is None or y is None:
        only = line.only
        return None if only.is_scaled else replace(only, rate=only.rate * (sign if y else 1.0))
    if x.along != y.along or x.is_scaled != y.is_scaled:
        return None
    if x.is_scaled:
        return x if x.rate == y.rate else None
    return replace(x, rate=x.rate + sign * y.rate)


def _negative(line: Line) -> Follows:
    x = line.only
    return x if x.is_scaled else replace(x, rate=-x.rate)


def _product(line: Line) -> Follows | None:
    """Products and quotients: a number scales a rate, exponents are added."""
    x, y = line.args
    is_quotient = line.node.op == "divide"
    sign = -1.0 if is_quotient else 1.0
    if x is not None and y is not None:
        is_alike = x.is_scaled and y.is_scaled and x.along == y.along
        return replace(x, rate=x.rate + sign * y.rate) if is_alike else None
    only, other = line.only, line.given[1 if y is None else 0]
    if only.is_scaled:
        return replace(only, rate=only.rate * (sign if y else 1.0))
    if other.op != CONSTANT or (is_quotient and y is not None):
        return None
    number = constant_value(other)
    return replace(only, rate=only.rate / number if is_quotient else only.rate * number)


def _exponential(line: Line) -> Follows | None:
    return None if line.only.is_scaled else replace(line.only, is_scaled=True)


def _logarithm(line: Line) -> Follows | None:
    return replace(line.only, is_scaled=False) if line.only.is_scaled else None


def _selected(line: Line) -> Follows | None:
    """Both ways alike; 0 scales with anything, and minus infinity moves with anything."""
    _, x, y = line.args
    if x is not None and y is not None:
        return x if x == y else None
    only, other = line.only, line.given[2 if y is None else 1]
    same = 0.0 if only.is_scaled else -math.inf
    return only if other.op == CONSTANT and constant_value(other) == same else None


def _of_twin(line: Line) -> Follows:
    """The derivative of a line as it was written is that of its twin, the first argument."""
    return line.args[0] or replace(line.only, rate=0.0)


# --- what moves elements -------------------------------------------------------------------------


def _reshaped(line: Line) -> Follows | None:
    """Axes of length 1 come and go; what the shift is the same for has any shape."""
    x, old, new = line.only, line.given[0].shape, line.node.shape
    if all(axis is None for axis in x.along):
        return replace(x, along=(None,) * len(new))
    if [n for n in old if n != 1] != [n for n in new if n != 1]:
        return None
    longer = iter([axis for axis, length in zip(x.along, old, strict=True) if length != 1])
    return replace(x, along=tuple(None if length == 1 else next(longer) for length in new))


def _broadcast(line: Line) -> Follows:
    x = line.only
    added = len(line.node.shape) - len(x.along)
    return replace(x, along=(*[None] * added, *x.along))


def _transposed(line: Line) -> Follows:
    x = line.only
    return replace(x, along=tuple(x.along[axis] for axis in line.node.params[0]))


def _indexed(line: Line) -> Follows | None:
    """Parts along axes that the shift is the same for, or one element of each of its rows."""
    x, (pattern,) = line.only, line.node.params
    array, *places = line.given
    along = (_of_rows if places else _of_part)(pattern, x.along, array.shape, places)
    return None if along is None else replace(x, along=along)


def _of_part(pattern: Pattern, along: Along, shape: Shape, _: Sequence[Node]) -> Along | None:
    axes = iter(zip(along, shape, strict=True))
    found: list[int | None] = []
    for entry in pattern:
        if entry[0] == "new":
            found.append(None)
            continue
        axis, length = next(axes)
        if axis is not None and entry != whole(length):
            return None
        if entry[0] == "slice":
            found.append(axis)
    return tuple(found)


def _of_rows(pattern: Pattern, along: Along, shape: Shape, places: Sequence[Node]) -> Along | None:
    """The axes of x[np.arange(n), labels]."""
    if any(entry[0] != "array" for entry in pattern) or any(len(x.shape) != 1 for x in places):
        return None
    rows = [
        (axis, length, places[entry[1]])
        for entry, axis, length in zip(pattern, along, shape, strict=True)
        if axis is not None
    ]
    if len(rows) > 1 or any(x.op != "arange" or x.shape != (n,) for _, n, x in rows):
        return None
    return (rows[0][0],) if rows else (None,)


# --- sums over axes ------------------------------------------------------------------------------


def _total(line: Line) -> Follows | None:
    """A sum over axes that the shift is the same for: rates add up, exponents stay."""
    x, along = line.only, _left(line)
    if along is None or x.is_scaled:
        return None if along is None else replace(x, along=along)
    count = size([line.given[0].shape[axis] for axis in line.node.params[0]])
    return replace(x, along=along, rate=x.rate * count) if isinstance(count, int) else None


def _log_total(line: Line) -> Follows | None:
    """Logsumexp over axes that the shift is the same for moves with it."""
    along = _left(line)
    return None if along is None or line.only.is_scaled else replace(line.only, along=along)


def _left(line: Line) -> Along | None:
    """What the axes that a reduction leaves run along; `None` where it sums over the shift."""
    axes, keepdims = line.node.params
    along = line.only.along
    if any(along[axis] is not None for axis in axes):
        return None
    return along if keepdims else tuple(a for k, a in enumerate(along) if k not in axes)


def _contracted(line: Line) -> Follows | None:
    """A product with weights, row by row of the shift."""
    x, letters = line.only, parts(line.node.params[0])
    if all(line.args) or not x.is_scaled:
        return None
    place = 0 if line.args[0] is not None else 1
    axes = dict(zip(letters[place], x.along, strict=True))
    rows = {letter for letter, axis in axes.items() if axis is not None}
    if not rows <= set(letters[2]) or rows & set(letters[1 - place]):
        return None
    return replace(x, along=tuple(axes.get(letter) for letter in letters[2]))


_RULES: dict[str, Rule] = {
    "add": _sum,
    "subtract": _sum,
    "negate": _negative,
    "multiply": _product,
    "divide": _product,
    "exp": _exponential,
    "log": _logarithm,
    "as_written": _of_twin,
    "where": _selected,
    "reshape": _reshaped,
    "broadcast": _broadcast,
    "transpose": _transposed,
    "index": _indexed,
    "sum": _total,
    "logsumexp": _log_total,
    "contract": _contracted,
}
