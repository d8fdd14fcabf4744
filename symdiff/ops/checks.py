"""Checks: conditions on values under which a program raises instead of going on.

A check is a line of its own, which stands before the work that it guards. What the program returns
depends on it through `checked`, which is its first argument; so does what is derived of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from symdiff.errors import ShapeError, SymdiffError, UnsupportedError
from symdiff.graph.node import BOOL, CHECK
from symdiff.graph.shape import SCALAR, Dimension, Shape
from symdiff.ops.handle import Handle
from symdiff.ops.operation import ANY, FIRST, Operation, Pair, Raises

Params = tuple[Any, ...]
# The text of a message: pieces as they are, and (number of a value, conversion, format) for values
Message = tuple[str | tuple[int, str, str], ...]
ERRORS = frozenset(
    "ArithmeticError AssertionError AttributeError BaseException BufferError EOFError Exception "
    "FloatingPointError IndexError KeyError LookupError MemoryError NameError NotImplementedError "
    "OSError OverflowError RecursionError ReferenceError RuntimeError TypeError UnboundLocalError "
    "ValueError ZeroDivisionError".split()
)


def _check_shape(shapes: Sequence[Shape], params: Params) -> Shape:
    """A check is nothing that could be computed with.

    Raises:
        SymdiffError: where the parameters name no error or values that are not there.
    """
    error, message = params
    if shapes[0] != SCALAR:
        raise ShapeError("a check asks for one truth")
    if error not in ERRORS:
        raise SymdiffError(f"'{error}' is no error that a check raises")
    for piece in message:
        if not isinstance(piece, str) and not 0 <= piece[0] < len(shapes) - 1:
            raise SymdiffError("a message of a check names a value that is not there")
    return SCALAR


def _check_batch(
    args: Sequence[Handle], batched: Sequence[bool], params: Params, length: Dimension
) -> Handle:
    raise UnsupportedError("a check of each of several points at once is not supported")


check: Operation = Operation(
    CHECK,
    "Raises an error where a condition holds.",
    ANY,
    Raises(),
    shape=_check_shape,
    batch=_check_batch,
    dtype=BOOL,
    exact=lambda mp, error, message, condition, *values: condition,
    params=("error", "message"),
    analytic=False,
)


def _checked_batch(
    args: Sequence[Handle], batched: Sequence[bool], params: Params, length: Dimension
) -> Handle:
    if batched[1]:
        raise UnsupportedError("a check of each of several points at once is not supported")
    return checked(*args)


checked: Operation = Operation(
    "checked",
    "x, which is there only where a check has not raised.",
    2,
    Pair(lambda tangents, y, x, done: tangents[0], lambda t, y, x, done: (t, None)),
    shape=lambda shapes, params: shapes[0],
    batch=_checked_batch,
    dtype=FIRST,
    is_view=True,
    is_own=False,
    sympy=lambda sp, x, done: x,
    exact=lambda mp, x, done: x,
    may_raise=False,
    takes_complex=True,
)
