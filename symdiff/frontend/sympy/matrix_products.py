"""Sums, products, powers and traces of SymPy's matrices.

SymPy's products of matrices have no brackets, so they go from left to right here, and from right
to left where that is cheaper: where a column stands at the end.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Sequence
from functools import reduce
from typing import Any, NamedTuple  # SymPy has no types: an expression is `Any` here

from symdiff.frontend.sympy.arithmetic import (
    is_negative_number,
    quotient,
    signed_sum,
    split_sign,
    times,
)
from symdiff.frontend.sympy.lowering import Lowering, Steps
from symdiff.frontend.sympy.matrix_parts import (
    diagonal,
    refuse,
    unit,
)
from symdiff.ops.handle import Handle
from symdiff.ops.linalg import inverse, product, solve, turned
from symdiff.ops.reduction import broadcast_to, total


def matrix_sum(low: Lowering, expression: Any) -> Steps:
    """A sum of matrices, with the signs of its terms."""
    return signed_sum(low, expression.args, _signed)


def _signed(low: Lowering, term: Any) -> Generator[Any, int, tuple[bool, int]]:
    """Whether a term has a minus sign, and its position without the sign."""
    if type(term).__name__ == "MatMul" and is_negative_number(term.args[0]):
        return True, (yield from _scaled(low, term, _product_of, sign=1)).at
    return False, (yield term)


class _Factor(NamedTuple):
    """A factor of a product: a line, or the inverse of one."""

    line: Handle
    is_inverse: bool = False

    @property
    def value(self) -> Handle:
        return inverse(self.line) if self.is_inverse else self.line


def matrix_product(low: Lowering, expression: Any) -> Steps:
    """A product of matrices and numbers."""
    found = yield from _scaled(low, expression, _product_of)
    return found.at


def _scaled(
    low: Lowering, expression: Any, join: Callable[[list[_Factor]], Handle], sign: int | None = None
) -> Generator[Any, int, Handle]:
    """What is made of the matrices of a product, times its numbers.

    Args:
        low: the lowering.
        expression: a MatMul.
        join: makes a matrix or a number of the factors that are matrices.
        sign: the sign to give it; that of its number by default.
    """
    coefficient, factors, own_sign = split_sign(expression.args)
    matrices = [factor for factor in factors if getattr(factor, "is_Matrix", False)]
    if not matrices:
        refuse(expression, "without a matrix")
    scalars = [factor for factor in factors if not getattr(factor, "is_Matrix", False)]
    parts = yield from quotient(low, scalars, coefficient, own_sign if sign is None else sign)
    x = join((yield from _factors(low, matrices)))
    if parts.above:
        x = broadcast_to(low.handle(times(low, parts.above)), x.shape) * x
    if parts.below:
        x = x / broadcast_to(low.handle(times(low, parts.below)), x.shape)
    return -x if parts.is_negative else x


def _factors(low: Lowering, matrices: Iterable[Any]) -> Generator[Any, int, list[_Factor]]:
    found: list[_Factor] = []
    for matrix in matrices:
        is_inverse = type(matrix).__name__ == "Inverse"
        position = yield matrix.args[0] if is_inverse else matrix
        found.append(_Factor(low.handle(position), is_inverse))
    return found


def _product_of(chain: Sequence[_Factor]) -> Handle:
    """The product in the order that is cheap where a column stands at the end."""
    first, last = chain[0], chain[-1]
    is_column = last.line.shape[1] == 1 and not last.is_inverse
    has_inverse = any(factor.is_inverse for factor in chain)
    if is_column and (first.line.shape[0] != 1 or has_inverse):
        return reduce(lambda right, left: _times(left, right), reversed(chain)).value
    return reduce(_times, chain).value


def _times(left: _Factor, right: _Factor) -> _Factor:
    """A product; one with an inverse is the solution of a linear system."""
    if left.is_inverse:
        return _Factor(solve(left.line, right.value))
    if right.is_inverse:
        return _Factor(turned(solve(turned(right.line), turned(left.line))))
    return _Factor(product(left.line, right.line))


def trace_of(low: Lowering, expression: Any) -> Steps:
    """The sum of the diagonal; of a product without the rest of it."""
    (matrix,) = expression.args
    if type(matrix).__name__ == "MatMul":
        return (yield from _scaled(low, matrix, _trace_of_factors)).at
    return total(diagonal(low.handle((yield matrix)))).at


def _trace_of_factors(chain: Sequence[_Factor]) -> Handle:
    if len(chain) == 1:
        return total(diagonal(chain[0].value))
    return total(_product_of(chain[:-1]) * turned(chain[-1].value))


def matrix_power(low: Lowering, expression: Any) -> Steps:
    """A whole power, by squaring; a negative one of the inverse."""
    base, exponent = expression.args
    if not getattr(exponent, "is_Integer", False):
        refuse(expression, "with an exponent that is no whole number")
    x = low.handle((yield base))
    count = int(exponent.p)
    if count < 0:
        x, count = inverse(x), -count
    if not count:
        return unit(low, x.shape[0]).at
    return _raised(x, count).at


def _raised(x: Handle, count: int) -> Handle:
    result: Handle | None = None
    while True:
        if count % 2:
            result = x if result is None else product(result, x)
        count //= 2
        if not count:
            assert result is not None  # the highest bit is 1
            return result
        x = product(x, x)
