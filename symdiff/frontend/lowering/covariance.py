"""NumPy's covariances and correlations."""

from __future__ import annotations

from typing import Any

from symdiff.errors import ShapeError
from symdiff.frontend.lowering.base import (
    Value,
    as_float,
    as_line,
    cast,
    refuse,
)
from symdiff.frontend.lowering.einsum import Operand, contract_all, product_of
from symdiff.frontend.lowering.elementwise import operate
from symdiff.frontend.lowering.reductions import average, mean
from symdiff.frontend.lowering.registry import LOWERINGS
from symdiff.graph.node import COMPLEX
from symdiff.graph.shape import Dimension, size
from symdiff.ops import arithmetic, exponential, kinks
from symdiff.ops.builder import Builder
from symdiff.ops.complex_numbers import conjugated
from symdiff.ops.handle import Handle
from symdiff.ops.joining import concatenated
from symdiff.ops.reduction import broadcast_to, total, with_axes
from symdiff.ops.structural import reshaped, transposed


def _variables(b: Builder, value: Value, *, rows: bool) -> Handle:
    """A variable a row."""
    x = as_float(as_line(b, value))
    if x.ndim > 2:
        raise ShapeError("cov takes arrays of one or two dimensions")
    if x.ndim < 2:
        return reshaped(x, (1, size(x.shape)))
    return x if rows else transposed(x)


@LOWERINGS.named("cov")
def cov(
    b: Builder,
    m: Value,
    y: Value = None,
    rowvar: bool = True,  # noqa: FBT001, FBT002  NumPy's own
    bias: bool = False,  # noqa: FBT001, FBT002
    ddof: int | None = None,
    fweights: Value = None,
    aweights: Value = None,
    *,
    dtype: Any = None,
) -> Handle:
    """The matrix of covariances."""
    x = cast(_variables(b, m, rows=rowvar), dtype)
    if y is not None:
        x = concatenated([x, _second_variables(b, y, rows=rowvar)], 0)
    less = (0 if bias else 1) if ddof is None else ddof
    weights = [as_float(as_line(b, w)) for w in (fweights, aweights) if w is not None]
    w = weights[0] * weights[1] if len(weights) == 2 else next(iter(weights), None)
    average_of = mean(x, 1) if w is None else average(b, x, 1, w)
    distance = x - broadcast_to(with_axes(average_of, 1, 1), x.shape)
    other = distance if w is None else operate(arithmetic.multiply, distance, w)
    summed = product_of("ik,jk->ij", distance, conjugated(other))
    divisor = _divisor(x.shape[1], w, aweights, less)
    result = operate(arithmetic.divide, summed, divisor)
    return reshaped(result, tuple(n for n in result.shape if n != 1))


def _second_variables(b: Builder, y: Value, *, rows: bool) -> Handle:
    """As NumPy has it, a single row of them is left as it is."""
    shape = as_line(b, y).shape
    is_row = len(shape) < 2 or shape[0] == 1
    return _variables(b, y, rows=rows or is_row)


def _divisor(count: Dimension, w: Handle | None, aweights: Value, less: int) -> Value:
    """The number of samples, or the sum of the weights, less the degrees of freedom."""
    if w is None:
        left = count - less
        return float(max(left, 0)) if isinstance(left, int) else left
    summed = total(w)
    if less == 0:
        return summed
    if aweights is None:
        return summed - float(less)
    both = total(operate(arithmetic.multiply, w, aweights))
    return summed - float(less) * both / summed


@LOWERINGS.named("corrcoef")
def corrcoef(
    b: Builder,
    x: Value,
    y: Value = None,
    rowvar: bool = True,  # noqa: FBT001, FBT002  NumPy's own
    *,
    dtype: Any = None,
) -> Handle:
    """The matrix of correlation coefficients, within -1 and 1."""
    c = cov(b, x, y, rowvar, dtype=dtype)
    if c.dtype == COMPLEX:
        refuse("corrcoef of complex numbers is not supported", "divide np.cov by the deviations")
    if c.ndim == 0:
        return c / c
    spread = exponential.sqrt(contract_all([Operand(c, "ii")], "i"))
    rows = broadcast_to(with_axes(spread, 1, 1), c.shape)
    columns = broadcast_to(spread, c.shape)
    return kinks.clip(c / rows / columns, -1.0, 1.0)
