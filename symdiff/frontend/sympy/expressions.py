"""Arrays on their way back to SymPy: expressions, repeated numbers, counters.

A number that is repeated in an array stays a number until a matrix is wanted. Classes are called so
that none evaluates: SymPy's own constructors ask for shapes, which takes exponential time on shared
expressions.
"""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple, NoReturn  # SymPy has no types: an expression is `Any` here

from symdiff.errors import UnsupportedError
from symdiff.graph.node import Node
from symdiff.graph.shape import Dim, Dimension, Shape

FLAT_LENGTH = 64  # a sum or product is written flat up to this length: longer ones are nested


class Repeated(NamedTuple):
    """A number in every element of an array."""

    value: Any


class Counter(NamedTuple):
    """The whole numbers below a length, along the last axis or the one before it."""

    length: Dimension
    axis: int = -1


class IsDiagonal(NamedTuple):
    """Where the diagonal of a matrix is."""


MARKS = (Counter, IsDiagonal)  # no expressions: what an identity and a trace are made of


class Line(NamedTuple):
    """What a rule sees: a line, and its arguments as expressions with their shapes."""

    node: Node
    args: list[Any]
    shapes: list[Shape]
    names: frozenset[str]

    def refuse(self) -> NoReturn:
        """Refuse the operation by name.

        Raises:
            UnsupportedError: always.
        """
        raise UnsupportedError(
            f"SymPy has no counterpart of the operation '{self.node.op}' on arrays of the shapes "
            f"{', '.join(map(str, self.shapes)) or self.node.shape}",
            suggestion="emit code instead",
        )

    def matrix(self, number: int) -> Any:
        """An argument as a matrix."""
        return as_matrix(self.args[number], self.shapes[number])


def as_matrix(expression: Any, shape: Shape) -> Any:
    """An expression of an array as a matrix: `s * OneMatrix` for a number that is repeated."""
    import sympy as sp

    if isinstance(expression, MARKS):
        raise UnsupportedError("SymPy has no counterpart of the operation 'arange'")
    if not isinstance(expression, Repeated):
        return expression
    ones = sp.OneMatrix(*rows_and_columns(shape))
    if expression.value == 1:
        return ones
    if expression.value == 0:
        return sp.ZeroMatrix(*rows_and_columns(shape))
    return made_of("MatMul", expression.value, ones)


def made_of(name: str, *args: Any) -> Any:
    """An expression of a class of SymPy's, as it is."""
    import sympy as sp

    return sp.Basic.__new__(class_of(name), *[sp.sympify(arg) for arg in args])


@cache
def class_of(name: str) -> Any:
    """A class of SymPy's, by name."""
    import sympy as sp
    from sympy.matrices.expressions import applyfunc, diagonal, hadamard, matexpr, slice

    homes = (sp, applyfunc, diagonal, hadamard, matexpr, slice)
    return next(getattr(home, name) for home in homes if hasattr(home, name))


def rows_and_columns(shape: Shape) -> tuple[Any, Any]:
    """Rows and columns; a vector is a column."""
    lengths = [length_of(n) for n in (*shape, 1, 1)]
    return lengths[0], lengths[1]


def length_of(length: Dimension) -> Any:
    """A length as SymPy's number or a polynomial of symbols."""
    import sympy as sp

    if not isinstance(length, Dim):
        return sp.Integer(length)
    total = sp.Integer(0)
    for names, factor in length.terms:
        total += sp.Mul(factor, *[sp.Symbol(name, integer=True, positive=True) for name in names])
    return total


def parts_of(expression: Any, kind: str) -> tuple[Any, ...]:
    """The parts of a short sum or product, else the expression alone."""
    is_short = type(expression).__name__ == kind and len(expression.args) < FLAT_LENGTH
    return tuple(expression.args) if is_short else (expression,)
