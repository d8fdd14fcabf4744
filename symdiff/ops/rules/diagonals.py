"""Identities of diagonal matrices, which are zeros with a diagonal, or the unit matrix.

Jacobians of what is computed element by element are such matrices. To multiply their zeros takes
time, and makes NaN of them where a derivative is infinite.
"""

from __future__ import annotations

from typing import Any

from symdiff.graph.node import CONSTANT, FLOAT, constant_value
from symdiff.graph.shape import SCALAR, Dimension
from symdiff.ops.contraction import contracted
from symdiff.ops.handle import Handle, Maker
from symdiff.ops.rules.lines import is_zero
from symdiff.ops.rules.table import Table, Tried
from symdiff.ops.triangles import ON_DIAGONAL, is_diagonal, offset_of

Args = tuple[int, ...]
Params = tuple[Any, ...]

ROWS = Table(Tried.SHAPED)


# --- exact ----------------------------------------------------------------------------------------


@ROWS.exact("put")
def _ones_on_diagonal(b: Maker, args: Args, params: Params) -> int | None:
    """Ones on the diagonal of zeros are the unit matrix."""
    base, ones, *places = args
    node = b.nodes[base]
    if not is_zero(b, base) or b.constants.get(ones) != 1.0 or node.dtype != FLOAT:
        return None
    if not is_diagonal(b, tuple(places), params[0], node.shape):
        return None
    return b.make("unit_matrix", (), node.shape[:1])


@ROWS.exact("where")
def _triangle_of_diagonal(b: Maker, args: Args, params: Params) -> int | None:
    """A diagonal matrix is its triangles that have the diagonal."""
    condition, x, y = args
    if not is_zero(b, y) or not _is_diagonal_matrix(b, x):
        return None
    offset = offset_of(b, condition)
    return x if offset is not None and offset >= 0 else None


@ROWS.exact("transpose")
def _turned(b: Maker, args: Args, params: Params) -> int | None:
    """A diagonal matrix is its transpose."""
    return args[0] if params == ((1, 0),) and _is_diagonal_matrix(b, args[0]) else None


# --- algebraic ------------------------------------------------------------------------------------


@ROWS.algebraic("multiply")
def _scaled(b: Maker, args: Args, params: Params) -> int | None:
    """A product of elements with those of a diagonal matrix is a diagonal one."""
    if _is_diagonal_matrix(b, args[0]) or _is_diagonal_matrix(b, args[1]):
        return _each(b, "multiply", args)
    return None


@ROWS.algebraic("negate")
def _negated(b: Maker, args: Args, params: Params) -> int | None:
    """The opposite of one is one."""
    return _each(b, "negate", args) if _is_diagonal_matrix(b, args[0]) else None


@ROWS.algebraic("divide")
def _divided(b: Maker, args: Args, params: Params) -> int | None:
    """The quotient of its elements is one too."""
    return _each(b, "divide", args) if _is_diagonal_matrix(b, args[0]) else None


@ROWS.algebraic("add")
def _added(b: Maker, args: Args, params: Params) -> int | None:
    """The sum of two is one."""
    return _each(b, "add", args) if _are_diagonal(b, args) else None


@ROWS.algebraic("subtract")
def _subtracted(b: Maker, args: Args, params: Params) -> int | None:
    """The difference of two is one."""
    return _each(b, "subtract", args) if _are_diagonal(b, args) else None


@ROWS.algebraic("where")
def _chosen(b: Maker, args: Args, params: Params) -> int | None:
    """One, or zeros, where conditions hold, is one."""
    _, x, y = args
    for one, other in ((x, y), (y, x)):
        if is_zero(b, one) and _is_diagonal_matrix(b, other):
            return _each(b, "where", args)
    return None


@ROWS.algebraic("sum")
def _trace(b: Maker, args: Args, params: Params) -> int | None:
    """Sums of rows or columns are the diagonal."""
    axes, has_ones = params
    if not axes or not _is_diagonal_matrix(b, args[0]):
        return None
    elements = _elements(b, args[0])
    if len(axes) == 2:
        elements = b.make("sum", (elements,), ((0,), False))
    if not has_ones:
        return elements
    shape = tuple([1 if k in axes else n for k, n in enumerate(b.nodes[args[0]].shape)])
    return b.make("reshape", (elements,), (shape,))


@ROWS.algebraic("contract")
def _times_diagonal(b: Maker, args: Args, params: Params) -> int | None:
    """A product with a diagonal matrix scales rows or columns."""
    letters, out = params[0].split("->")
    parts = letters.split(",")
    for place in (0, 1):
        mine, other = parts[place], parts[1 - place]
        if not _is_diagonal_matrix(b, args[place]):
            continue
        for old, new in (mine, mine[::-1]):
            if old in other and old not in out and new in out and new not in other:
                scaled, line = (
                    Handle(b, at) for at in (args[1 - place], _elements(b, args[place]))
                )
                return contracted(scaled, line, f"{other.replace(old, new)},{new}->{out}").at
    return None


# --- their elements -------------------------------------------------------------------------------


def _is_diagonal_matrix(b: Maker, position: int) -> bool:
    node = b.nodes[position]
    if node.op == "unit_matrix":
        return True
    if node.op != "put" or len(node.shape) != 2 or node.dtype != FLOAT:
        return False
    base, elements, *places = node.args
    is_whole = is_diagonal(b, tuple(places), node.params[0], node.shape)
    return is_whole and is_zero(b, base) and b.nodes[elements].shape == node.shape[:1]


def _are_diagonal(b: Maker, args: Args) -> bool:
    return all([_is_diagonal_matrix(b, at) for at in args])


def _each(b: Maker, op: str, args: Args) -> int:
    """An operation on the elements of diagonals, as a diagonal matrix."""
    length = b.nodes[args[-1]].shape[0]
    elements = b.make(op, tuple([_elements(b, at) for at in args]))
    places = b.make("arange", (), (length,))
    zeros = b.full(0.0, (length, length))
    return b.make("put", (zeros, elements, places, places), (ON_DIAGONAL,))


def _elements(b: Maker, position: int) -> int:
    """The diagonal of a square matrix."""
    node = b.nodes[position]
    length: Dimension = node.shape[0]
    if node.op == CONSTANT:
        return b.full(constant_value(node), (length,), node.dtype)
    if node.op == "unit_matrix":
        return b.full(1.0, (length,))
    if node.op == "put" and _is_diagonal_matrix(b, position):
        return node.args[1]
    if node.op == "broadcast":
        (source,) = node.args
        shape = b.nodes[source].shape
        if shape == (length,):
            return source
        if shape == SCALAR:
            return b.make("broadcast", (source,), ((length,),))
        return b.make("reshape", (source,), ((length,),))
    places = b.make("arange", (), (length,))
    return b.make("index", (position, places, places), (ON_DIAGONAL,))
