"""Rules that read operations on arrays back as SymPy's matrix expressions; a vector is a column."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable, Sequence
from itertools import starmap
from typing import Any  # SymPy has no types: an expression is `Any` here

from symdiff.frontend.sympy.expressions import (
    Counter,
    IsDiagonal,
    Line,
    Repeated,
    class_of,
    length_of,
    made_of,
    parts_of,
    rows_and_columns,
)
from symdiff.frontend.sympy.numbers import number
from symdiff.graph.shape import Dimension, Shape
from symdiff.ops.contraction import parts
from symdiff.ops.creation import made_array

LARGEST_MATRIX = 100  # numbers that are written out
DIAGONAL = (("array", 0), ("array", 0))  # the pattern of an index with one counter

Rule = Callable[[Line], Any]


def _add(line: Line) -> Any:
    return made_of("MatAdd", *parts_of(line.matrix(0), "MatAdd"), line.matrix(1))


def _subtract(line: Line) -> Any:
    return made_of("MatAdd", *parts_of(line.matrix(0), "MatAdd"), _times(-1, line.matrix(1)))


def _negate(line: Line) -> Any:
    return _times(-1, line.matrix(0))


def _times(factor: Any, matrix: Any) -> Any:
    """A number times a matrix."""
    inner = parts_of(matrix, "MatMul")
    return made_of("MatMul", factor, *(inner if inner[0].is_Matrix else (matrix,)))


def _multiply(line: Line) -> Any:
    a, b = line.args
    if isinstance(a, Repeated):
        return _times(a.value, line.matrix(1))
    if isinstance(b, Repeated):
        return _times(b.value, a)
    return made_of("HadamardProduct", a, b)


def _divide(line: Line) -> Any:
    a, b = line.args
    if isinstance(b, Repeated):
        return _times(_inverse_of(b.value), line.matrix(0))
    below = made_of("HadamardPower", b, -1)
    if isinstance(a, Repeated):
        return below if a.value == 1 else _times(a.value, below)
    return made_of("HadamardProduct", a, below)


def _inverse_of(value: Any) -> Any:
    import sympy as sp

    return sp.Pow(value, -1, evaluate=False)


def _power(line: Line) -> Any:
    base, exponent = (x.value if isinstance(x, Repeated) else x for x in line.args)
    return made_of("HadamardPower", base, exponent)


def _itself(line: Line) -> Any:
    return line.args[0]


def _equal(line: Line) -> Any:
    """The diagonal alone, where two counters meet."""
    if [x.axis if isinstance(x, Counter) else None for x in line.args] == [-2, -1]:
        return IsDiagonal()
    return line.refuse()


def _where(line: Line) -> Any:
    """A diagonal matrix."""
    condition, x, other = line.args
    if not isinstance(condition, IsDiagonal) or other != Repeated(0):
        line.refuse()
    if not isinstance(x, Repeated):
        return made_of("DiagonalMatrix", x)
    unit = class_of("Identity")(rows_and_columns(line.node.shape)[0])
    return unit if x.value == 1 else _times(x.value, unit)


def _turned(matrix: Any) -> Any:
    """A transpose; of a transpose the matrix itself."""
    is_turned = type(matrix).__name__ == "Transpose"
    return matrix.args[0] if is_turned else made_of("Transpose", matrix)


# --- structure ---------------------------------------------------------------------------------


def _broadcast(line: Line) -> Any:
    (x,), (old,), new = line.args, line.shapes, line.node.shape
    if not old:
        return Repeated(x)
    if isinstance(x, (Repeated, Counter)):
        return x
    if len(new) != 2:
        return made_of("MatMul", _ones(new[0], 1), x)  # of length 1
    row = _turned(x) if len(old) == 1 else x
    rows, columns = (1, *old)[-2:]
    if rows != new[0]:
        row = made_of("MatMul", _ones(new[0], 1), row)
    return row if columns == new[1] else made_of("MatMul", row, _ones(1, new[1]))


def _ones(rows: Dimension, columns: Dimension) -> Any:
    import sympy as sp

    return sp.OneMatrix(length_of(rows), length_of(columns))


def _reshape(line: Line) -> Any:
    """Between a number, a vector, a row and a column of it."""
    (x,), (old,), new = line.args, line.shapes, line.node.shape
    if isinstance(x, Repeated):
        return x if new else x.value
    if isinstance(x, Counter):
        return x._replace(axis=-2) if new == (*old, 1) else line.refuse()
    if not old:
        return Repeated(x)
    if not new:
        return _element(x, 0, 0)
    old_rows, new_rows = (*old, 1)[:2], (*new, 1)[:2]
    if old_rows == new_rows:
        return x
    if old_rows == new_rows[::-1] and 1 in old_rows:
        return _turned(x)
    return line.refuse()


def _transpose(line: Line) -> Any:
    x = line.args[0]
    return x if isinstance(x, Repeated) else _turned(x)


def _element(matrix: Any, row: Any, column: Any) -> Any:
    return made_of("MatrixElement", matrix, row, column)


def _index(line: Line) -> Any:
    """An element, a part, or the diagonal."""
    (pattern,) = line.node.params
    x, shape = line.matrix(0), line.shapes[0]
    if pattern == DIAGONAL and line.args[1] == Counter(shape[0]) == Counter(shape[1]):
        return made_of("DiagonalOf", x)
    kinds = {entry[0] for entry in pattern}
    if not kinds <= {"int", "slice"}:
        line.refuse()
    ranges = [_range(entry, n) for entry, n in zip(pattern, shape, strict=True)]
    ranges += [(0, 1, 1)] * (2 - len(ranges))
    if kinds == {"int"}:
        return _element(x, *[length_of(start) for start, _, _ in ranges])
    lengths = (*shape, 1)[:2]
    if not all(starmap(_is_plain, zip(ranges, lengths, strict=True))):
        line.refuse()
    if ranges == [(0, n, 1) for n in lengths]:
        return x  # a column as a vector
    found = made_of("MatrixSlice", x, *[tuple(map(length_of, entry)) for entry in ranges])
    return _turned(found) if pattern[0][0] == "int" else found


def _is_plain(entry: tuple[Dimension, Dimension, int], length: Dimension) -> bool:
    """Whether SymPy's slices count the elements of a range as Python's do."""
    _, end, step = entry
    left = length - end
    return step == 1 or (step > 0 and isinstance(left, int) and left >= 0)


def _range(entry: Sequence[Any], length: Dimension) -> tuple[Dimension, Dimension, int]:
    """The first place, the one after the last, and the step."""
    kind, start, *rest = entry
    if kind == "int":
        first = start + length if isinstance(start, int) and start < 0 else start
        return first, first + 1, 1
    count, step = rest
    return start, start + count * step, step


def _concatenate(line: Line) -> Any:
    import sympy as sp

    (axis,) = line.node.params
    blocks = [line.matrix(k) for k in range(len(line.args))]
    grid = [blocks] if axis == 1 else [[block] for block in blocks]
    matrix = sp.ImmutableDenseMatrix(grid, evaluate=False)
    return sp.Basic.__new__(sp.BlockMatrix, matrix)


def _stack(line: Line) -> Any:
    """Numbers as a matrix, vectors as its rows or its columns."""
    import sympy as sp

    new, axis = line.node.params
    if line.shapes[0] == ():
        return sp.ImmutableDenseMatrix(*rows_and_columns(new), line.args, evaluate=False)
    blocks = [line.matrix(k) for k in range(len(line.args))]
    grid = [blocks] if axis == 1 else [[_turned(block)] for block in blocks]
    return sp.Basic.__new__(sp.BlockMatrix, sp.ImmutableDenseMatrix(grid, evaluate=False))


def _array(line: Line) -> Any:
    import numpy as np

    shape, dtype, data = line.node.params
    return _matrix(line, np.frombuffer(b64decode(data), dtype).reshape(shape))


def _made(line: Line) -> Any:
    return _matrix(line, made_array(*line.node.params[:-1]))


def _matrix(line: Line, array: Any) -> Any:
    """A known array of up to two axes; a vector is a column."""
    import sympy as sp

    if array.size > LARGEST_MATRIX or array.ndim > 2:
        line.refuse()
    values = array.reshape(*array.shape, *[1] * (2 - array.ndim))
    return sp.ImmutableDenseMatrix([[number(x) for x in row] for row in values.tolist()])


# --- sums and products -------------------------------------------------------------------------


def _sum(line: Line) -> Any:
    """Over all elements a Sum, over one axis a product with ones."""
    axes, keepdims = line.node.params
    x, shape = line.matrix(0), line.shapes[0]
    if len(axes) == len(shape):
        total = _total(line, x, shape)
        return Repeated(total) if keepdims else total
    rows, columns = shape
    if axes == (1,):
        return made_of("MatMul", x, _ones(columns, 1))
    if keepdims:
        return made_of("MatMul", _ones(1, rows), x)
    return made_of("MatMul", _turned(x), _ones(rows, 1))


def _sum_in_order(line: Line) -> Any:
    """The same over the last axis."""
    return _sum(line._replace(node=line.node._replace(params=((len(line.node.shape),), False))))


def _total(line: Line, x: Any, shape: Shape) -> Any:
    import sympy as sp

    if type(x).__name__ == "DiagonalOf":
        return made_of("Trace", x.args[0])
    free = [name for name in "ijklmnpq" if name not in line.names][: len(shape)]
    indices = [sp.Symbol(name, integer=True) for name in free]
    limits = [sp.Tuple(k, 0, length_of(n) - 1) for k, n in zip(indices, shape, strict=True)]
    body = _element(x, *[*indices, sp.Integer(0)][:2])
    made = sp.Basic.__new__(sp.Sum, body, *limits)
    made.is_commutative = True  # as Sum's own constructor does
    return made


def _contract(line: Line) -> Any:
    """A product of two matrices, a trace of one, or a product of vectors."""
    first, second, result = parts(line.node.params[0])
    a, b = line.matrix(0), line.matrix(1)
    shared = [letter for letter in first if letter in second and letter not in result]
    left = "".join(letter for letter in first if letter not in second)
    right = "".join(letter for letter in second if letter not in first)
    if any(letter in result for letter in first if letter in second):
        line.refuse()
    if len(shared) == 2:
        return made_of("Trace", made_of("MatMul", a if first != second else _turned(a), b))
    if len(shared) == 1 and not left and not right:
        return made_of("DotProduct", a, b)
    if len(shared) == 1 and not left:  # as a column: the matrix stands on the left
        turned = b if second == right + shared[0] else _turned(b)
        return made_of("MatMul", turned, a)
    sum_letter = "".join(shared)
    one = a if first == left + sum_letter else _turned(a)
    other = b if second == sum_letter + right and sum_letter else _turned(b)
    if not right:
        other = b
    product = made_of("MatMul", *parts_of(one, "MatMul"), other)
    return product if result == left + right else _turned(product)


def _inverse(line: Line) -> Any:
    return made_of("Inverse", line.matrix(0), -1)


def _solve(line: Line) -> Any:
    return made_of("MatMul", _inverse(line), line.matrix(1))


def _determinant(line: Line) -> Any:
    return made_of("Determinant", line.matrix(0))


RULES: dict[str, Rule] = {
    "add": _add,
    "subtract": _subtract,
    "negate": _negate,
    "multiply": _multiply,
    "divide": _divide,
    "power": _power,
    "as_float64": _itself,
    "equal": _equal,
    "where": _where,
    "broadcast": _broadcast,
    "reshape": _reshape,
    "transpose": _transpose,
    "index": _index,
    "concatenate": _concatenate,
    "stack": _stack,
    "array": _array,
    "made": _made,
    "length": lambda line: length_of(line.node.params[0]),
    "arange": lambda line: Counter(line.node.params[0]),
    "sum": _sum,
    "sum_in_order": _sum_in_order,
    "contract": _contract,
    "inv": _inverse,
    "solve": _solve,
    "det": _determinant,
}
