"""Lengths, places and parts of SymPy's matrices."""

from __future__ import annotations

from typing import Any, NoReturn  # SymPy has no types: an expression is `Any` here

from symdiff.errors import UnsupportedError
from symdiff.frontend.sympy.lowering import Lowering
from symdiff.graph.shape import Dimension, Shape
from symdiff.ops.control import equal, where
from symdiff.ops.creation import arange
from symdiff.ops.handle import Handle
from symdiff.ops.indexing import index, indexed, sliced, whole
from symdiff.ops.reduction import broadcast_to
from symdiff.ops.structural import reshaped


def refuse(expression: Any, what: str, suggestion: str | None = None) -> NoReturn:
    """Refuse an expression by the name of its class."""
    name = type(expression).__name__
    raise UnsupportedError(f"{name} {what} is not supported", suggestion=suggestion)


def dimension(low: Lowering, expression: Any) -> Dimension:
    """A length: a whole number, a symbol, or a polynomial of them, as in `2*N - 1`.

    Raises:
        UnsupportedError: for anything else.
    """
    length: Dimension = 0
    for term in _parts(expression, "Add"):
        monomial: Dimension = 1
        for factor in _parts(term, "Mul"):
            monomial = _power_of_length(low, factor) * monomial
        length = monomial + length
    return length


def _parts(expression: Any, kind: str) -> tuple[Any, ...]:
    return tuple(expression.args) if type(expression).__name__ == kind else (expression,)


def _power_of_length(low: Lowering, expression: Any) -> Dimension:
    base, exponent = expression.args if type(expression).__name__ == "Pow" else (expression, None)
    if exponent is not None and not (exponent.is_Integer and 0 < exponent.p < 10):
        base = exponent  # no length
    if getattr(base, "is_Integer", False):
        found: Dimension = int(base.p)
    elif base.is_Symbol:
        found = low.length(base)
    else:
        refuse(expression, "as a length", "lengths are whole numbers, symbols, sums and products")
    result = found
    for _ in range(1, 1 if exponent is None else int(exponent.p)):
        result = found * result
    return result


def place_of(low: Lowering, expression: Any, length: Dimension) -> int:
    """An index of an axis as a number, from its end where the length is named.

    Raises:
        UnsupportedError: where it depends on anything but the length.
    """
    place = dimension(low, expression)
    if isinstance(place, int):
        return place
    from_end = place - length
    if isinstance(from_end, int) and from_end < 0:
        return from_end
    refuse(expression, "as an index of a matrix", "give the index as a number")


def unit(low: Lowering, n: Dimension) -> Handle:
    """The unit matrix with n rows."""
    ones = low.handle(low.builder.full(1.0, (n, n)))
    return where(is_diagonal(ones), ones, 0.0)


def diagonal(x: Handle) -> Handle:
    """The diagonal as a vector."""
    counter = arange(x, shorter(x.shape))
    return index(x, counter, params=((("array", 0), ("array", 0)),))


def shorter(shape: Shape) -> Dimension:
    """The length of the diagonal of a matrix."""
    m, n = shape
    if m == n:
        return m
    if isinstance(m, int) and isinstance(n, int):
        return min(m, n)
    raise UnsupportedError(f"the diagonal of a matrix of {m} by {n} is not supported")


def is_diagonal(x: Handle) -> Handle:
    """Where the diagonal of a matrix is."""
    rows = broadcast_to(reshaped(arange(x, x.shape[0]), (x.shape[0], 1)), x.shape)
    return equal(rows, broadcast_to(arange(x, x.shape[1]), x.shape))


def part(low: Lowering, x: Handle, axis: int, place: Any) -> Handle:
    """An array at one index of an axis, without the axis."""
    entries = [whole(n) for n in x.shape]
    entries[axis] = ("int", place_of(low, place, x.shape[axis]))
    return indexed(x, tuple(entries))


def stretch(x: Handle, axis: int, start: Dimension, end: Dimension, step: int = 1) -> Handle:
    """A slice of one axis that is known to lie inside.

    Raises:
        UnsupportedError: where it does not, or where that depends on a named length.
    """
    length = x.shape[axis]
    if not all(map(_is_natural, (start, end - start, length - end))):
        raise UnsupportedError(
            f"a part of a matrix that is not known to lie inside of the length {length}"
            " is not supported",
            suggestion="give the lengths as numbers",
        )
    return sliced(x, axis, start, _steps_between(start, end, step), step)


def _steps_between(start: Dimension, end: Dimension, step: int) -> Dimension:
    count = end - start
    if step == 1:
        return count
    if not isinstance(count, int) or count % step:
        raise UnsupportedError(
            f"a part of a matrix with a step that does not divide its length {count}"
            " is not supported",
            suggestion="SymPy and Python count its elements differently: let the step divide it",
        )
    return count // step


def _is_natural(number: Dimension) -> bool:
    """Whether a number is known to be 0 or larger, where named lengths are at least 1."""
    least = number if isinstance(number, int) else number.least
    return least is not None and least >= 0
