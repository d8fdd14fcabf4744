"""SymPy's matrix expressions, a rule for each class.

Expressions are looked at by their classes and arguments alone: shapes are those of the lines.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Sequence
from functools import reduce
from typing import Any  # SymPy has no types: an expression is `Any` here

from symdiff.frontend.lowering.base import constant
from symdiff.frontend.sympy.arithmetic import (
    to_float,
)
from symdiff.frontend.sympy.lowering import Lowering, Steps, argument_name, numbers, ready
from symdiff.frontend.sympy.matrix_parts import (
    diagonal,
    dimension,
    is_diagonal,
    place_of,
    refuse,
    shorter,
    stretch,
    unit,
)
from symdiff.frontend.sympy.matrix_products import (
    matrix_power,
    matrix_product,
    matrix_sum,
    trace_of,
)
from symdiff.graph.shape import Shape
from symdiff.ops.contraction import contracted
from symdiff.ops.control import where
from symdiff.ops.determinants import det
from symdiff.ops.handle import Handle
from symdiff.ops.indexing import indexed
from symdiff.ops.joining import concatenated
from symdiff.ops.linalg import turned
from symdiff.ops.reduction import broadcast_to
from symdiff.ops.structural import reshaped

Rule = Callable[[Lowering, Any], Steps]


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
    return ready(unit(low, n).at)


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


def _of_diagonal(x: Handle) -> Handle:
    """The diagonal as a column."""
    return reshaped(diagonal(x), (shorter(x.shape), 1))


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
    found = [place_of(low, at, n) for at, n in zip(places, x.shape, strict=True)]
    return indexed(x, tuple(("int", at) for at in found)).at


def _indexed(low: Lowering, expression: Any) -> Steps:
    """An element of an array of any number of axes, which is an input."""
    base, *places = expression.args
    if base.shape is None:
        refuse(expression, "of a base without a shape", "IndexedBase('x', shape=(10,))")
    x = low.handle(low.input(argument_name(base), base, _shape(low, base.shape)))
    found = [place_of(low, at, n) for at, n in zip(places, x.shape, strict=True)]
    for at, written, length in zip(found, places, x.shape, strict=True):
        if written.is_Integer and not (at >= 0 and (not isinstance(length, int) or at < length)):
            refuse(expression, f"outside of the length {length}", "indices start from 0")
    return ready(indexed(x, tuple(("int", at) for at in found)).at)


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
    "MatAdd": matrix_sum,
    "MatMul": matrix_product,
    "MatPow": matrix_power,
    "Inverse": matrix_power,
    "Transpose": _of_lines(turned),
    "Adjoint": _of_lines(turned),  # of real numbers
    "Determinant": _of_lines(det),
    "Trace": trace_of,
    "HadamardProduct": _of_lines(lambda *args: reduce(Handle.__mul__, args)),
    "HadamardPower": _elementwise_power,
    "ElementwiseApplyFunction": _applied,
    "KroneckerProduct": _of_lines(_kronecker),
    "DotProduct": _of_lines(_dot),
    "DiagMatrix": _of_lines(_as_diagonal),
    "DiagonalMatrix": _of_lines(_only_diagonal),
    "DiagonalOf": _of_lines(_of_diagonal),
    "MatrixElement": _element,
    "Indexed": _indexed,
    "MatrixSlice": _slice,
    "BlockMatrix": _blocks,
    "BlockDiagMatrix": _block_diagonal,
}
