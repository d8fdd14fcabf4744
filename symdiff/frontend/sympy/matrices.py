"""SymPy's matrix expressions, a rule for each class.

Expressions are looked at by their classes and arguments alone: shapes are those of the lines.
SymPy's products of matrices have no brackets, so they go from left to right here, and from right
to left where that is cheaper: where a column stands at the end.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Sequence
from functools import reduce
from typing import Any, NamedTuple, NoReturn  # SymPy has no types: an expression is `Any` here

from symdiff.errors import UnsupportedError
from symdiff.frontend.lowering.base import constant
from symdiff.frontend.sympy.arithmetic import (
    is_negative_number,
    quotient,
    signed_sum,
    split_sign,
    times,
    to_float,
)
from symdiff.frontend.sympy.lowering import Lowering, Steps, argument_name, numbers, ready
from symdiff.graph.shape import Dimension, Shape
from symdiff.ops.contraction import contracted
from symdiff.ops.control import equal, where
from symdiff.ops.creation import arange
from symdiff.ops.determinants import det
from symdiff.ops.handle import Handle
from symdiff.ops.indexing import index, indexed, sliced, whole
from symdiff.ops.joining import concatenated
from symdiff.ops.linalg import inverse, product, solve, turned
from symdiff.ops.reduction import broadcast_to, total
from symdiff.ops.structural import reshaped

Rule = Callable[[Lowering, Any], Steps]


def refuse(expression: Any, what: str, suggestion: str | None = None) -> NoReturn:
    """Refuse an expression by the name of its class."""
    name = type(expression).__name__
    raise UnsupportedError(f"{name} {what} is not supported", suggestion=suggestion)


def _lines(low: Lowering, expressions: Iterable[Any]) -> Generator[Any, int, list[Handle]]:
    found: list[Handle] = []
    for expression in expressions:
        position = yield expression
        found.append(low.handle(position))
    return found


def _of_lines(formula: Callable[..., Handle]) -> Rule:
    """The rule of a class whose arguments are all expressions: a formula of their lines."""

    def rule(low: Lowering, expression: Any) -> Steps:
        args = yield from _lines(low, expression.args)
        return formula(*args).at

    return rule


# --- lengths and places ------------------------------------------------------------------------


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


def _place(low: Lowering, expression: Any, length: Dimension) -> int:
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


# --- leaves ------------------------------------------------------------------------------------


def _symbol(low: Lowering, expression: Any) -> Steps:
    """An input."""
    shape = _shape(low, expression.args[1:])
    return ready(low.input(argument_name(expression), expression, shape))


def _shape(low: Lowering, lengths: Iterable[Any]) -> Shape:
    return tuple(dimension(low, length) for length in lengths)


def _full(value: float) -> Rule:
    def rule(low: Lowering, expression: Any) -> Steps:
        return ready(low.builder.full(value, _shape(low, expression.args)))

    return rule


def _identity(low: Lowering, expression: Any) -> Steps:
    (n,) = _shape(low, expression.args)
    return ready(_unit(low, n).at)


def _unit(low: Lowering, n: Dimension) -> Handle:
    """The unit matrix with n rows."""
    ones = low.handle(low.builder.full(1.0, (n, n)))
    return where(is_diagonal(ones), ones, 0.0)


def _explicit(low: Lowering, expression: Any) -> Steps:
    """A matrix that is written out: an array of numbers, or its entries put together."""
    shape = expression.shape
    entries = expression.flat()
    if all(getattr(entry, "is_Number", False) for entry in entries):
        import numpy as np

        values = np.array([to_float(entry) for entry in entries], float).reshape(shape)
        return ready(constant(low.builder, values).at)
    return _written_out(low, entries, shape)


def _written_out(low: Lowering, entries: Sequence[Any], shape: tuple[int, int]) -> Steps:
    positions = yield from numbers(low, entries)
    return reshaped(concatenated([reshaped(low.handle(at), (1,)) for at in positions], 0), shape).at


# --- sums and products -------------------------------------------------------------------------


def _sum(low: Lowering, expression: Any) -> Steps:
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


def _product(low: Lowering, expression: Any) -> Steps:
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


def _trace(low: Lowering, expression: Any) -> Steps:
    """The sum of the diagonal; of a product without the rest of it."""
    (matrix,) = expression.args
    if type(matrix).__name__ == "MatMul":
        return (yield from _scaled(low, matrix, _trace_of)).at
    return total(diagonal(low.handle((yield matrix)))).at


def _trace_of(chain: Sequence[_Factor]) -> Handle:
    if len(chain) == 1:
        return total(diagonal(chain[0].value))
    return total(_product_of(chain[:-1]) * turned(chain[-1].value))


def _power(low: Lowering, expression: Any) -> Steps:
    """A whole power, by squaring; a negative one of the inverse."""
    base, exponent = expression.args
    if not getattr(exponent, "is_Integer", False):
        refuse(expression, "with an exponent that is no whole number")
    x = low.handle((yield base))
    count = int(exponent.p)
    if count < 0:
        x, count = inverse(x), -count
    if not count:
        return _unit(low, x.shape[0]).at
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


# --- element by element ------------------------------------------------------------------------


def _elementwise_power(low: Lowering, expression: Any) -> Steps:
    """HadamardPower; its base or its exponent may be a number."""
    base, exponent = yield from _lines(low, expression.args)
    shape = base.shape or exponent.shape
    return (broadcast_to(base, shape) ** broadcast_to(exponent, shape)).at


def _applied(low: Lowering, expression: Any) -> Steps:
    """A function of each element; its variable stands for the whole matrix."""
    import sympy as sp

    function, matrix = expression.args
    x = low.handle((yield matrix))
    if isinstance(function, sp.Lambda):
        (variable,), body = function.args
    else:
        variable = sp.Dummy(real=True)
        body = function(variable)
    inner = low.inside({variable: x.at})
    y = low.handle(inner.number(inner.lower(body)))
    return broadcast_to(y, x.shape).at


# --- parts, and what is put together -----------------------------------------------------------


def diagonal(x: Handle) -> Handle:
    """The diagonal as a vector."""
    counter = arange(x, _shorter(x.shape))
    return index(x, counter, params=((("array", 0), ("array", 0)),))


def _shorter(shape: Shape) -> Dimension:
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


def _of_diagonal(x: Handle) -> Handle:
    """The diagonal as a column."""
    return reshaped(diagonal(x), (_shorter(x.shape), 1))


def _only_diagonal(x: Handle) -> Handle:
    """A matrix with zeros beside its diagonal."""
    return where(is_diagonal(x), x, 0.0)


def _as_diagonal(x: Handle) -> Handle:
    """A row or a column as the diagonal of a matrix."""
    row = flat(x)
    return _only_diagonal(broadcast_to(row, (*row.shape, *row.shape)))


def flat(x: Handle) -> Handle:
    """A row or a column as a vector."""
    m, n = x.shape
    return reshaped(x, (n if m == 1 else m,))


def _dot(a: Handle, b: Handle) -> Handle:
    return contracted(flat(a), flat(b), "i,i->")


def _kronecker(*args: Handle) -> Handle:
    return reduce(_kronecker_of_two, args)


def _kronecker_of_two(a: Handle, b: Handle) -> Handle:
    (m, n), (p, q) = a.shape, b.shape
    return reshaped(contracted(a, b, "ij,kl->ikjl"), (p * m, q * n))


def _element(low: Lowering, expression: Any) -> Steps:
    """An element as a number."""
    matrix, *places = expression.args
    x = low.handle((yield matrix))
    found = [_place(low, at, n) for at, n in zip(places, x.shape, strict=True)]
    return indexed(x, tuple(("int", at) for at in found)).at


def part(low: Lowering, x: Handle, axis: int, place: Any) -> Handle:
    """An array at one index of an axis, without the axis."""
    entries = [whole(n) for n in x.shape]
    entries[axis] = ("int", _place(low, place, x.shape[axis]))
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


def _slice(low: Lowering, expression: Any) -> Steps:
    matrix, *slices = expression.args
    x = low.handle((yield matrix))
    for axis, (start, end, step) in enumerate(slices):
        x = stretch(x, axis, dimension(low, start), dimension(low, end), int(step))
    return x.at


def _blocks(low: Lowering, expression: Any) -> Steps:
    (grid,) = expression.args
    blocks = yield from _lines(low, grid.flat())
    columns = grid.shape[1]
    rows = [blocks[start : start + columns] for start in range(0, len(blocks), columns)]
    return concatenated([concatenated(row, 1) for row in rows], 0).at


def _block_diagonal(low: Lowering, expression: Any) -> Steps:
    blocks = yield from _lines(low, expression.args)
    rows = []
    for k, block in enumerate(blocks):
        zeros = [low.builder.full(0.0, (block.shape[0], other.shape[1])) for other in blocks]
        rows.append([*map(low.handle, zeros[:k]), block, *map(low.handle, zeros[k + 1 :])])
    return concatenated([concatenated(row, 1) for row in rows], 0).at


_EXPLICIT = ("ImmutableDenseMatrix", "MutableDenseMatrix")
_SPARSE = ("ImmutableSparseMatrix", "MutableSparseMatrix")

MATRIX_RULES: dict[str, Rule] = {
    "MatrixSymbol": _symbol,
    "Identity": _identity,
    "ZeroMatrix": _full(0.0),
    "OneMatrix": _full(1.0),
    **dict.fromkeys((*_EXPLICIT, *_SPARSE), _explicit),
    "MatAdd": _sum,
    "MatMul": _product,
    "MatPow": _power,
    "Inverse": _power,
    "Transpose": _of_lines(turned),
    "Adjoint": _of_lines(turned),  # of real numbers
    "Determinant": _of_lines(det),
    "Trace": _trace,
    "HadamardProduct": _of_lines(lambda *args: reduce(Handle.__mul__, args)),
    "HadamardPower": _elementwise_power,
    "ElementwiseApplyFunction": _applied,
    "KroneckerProduct": _of_lines(_kronecker),
    "DotProduct": _of_lines(_dot),
    "DiagMatrix": _of_lines(_as_diagonal),
    "DiagonalMatrix": _of_lines(_only_diagonal),
    "DiagonalOf": _of_lines(_of_diagonal),
    "MatrixElement": _element,
    "MatrixSlice": _slice,
    "BlockMatrix": _blocks,
    "BlockDiagMatrix": _block_diagonal,
}
