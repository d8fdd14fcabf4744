"""One line of a Wengert list, and the constants' key."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from symdiff.graph.shape import Shape

FLOAT = "float64"
COMPLEX = "complex128"
INT = "int64"
BOOL = "bool"

FLOAT32 = "float32"
CONTINUOUS = (FLOAT, COMPLEX)  # the kinds whose elements have derivatives
DTYPES = (FLOAT, FLOAT32)  # what modules may compute floats in

INPUT = "input"
CONSTANT = "constant"
CHECK = "check"  # raises an error, with a message
EXTENT = "extent"  # a whole number that is a named dimension


class Node(NamedTuple):
    """An operation on earlier lines: a plain value, and its own key for sharing.

    Attributes:
        op: the operation's name; `input` and `constant` are the two without a record.
        args: positions of the arguments in the list, each smaller than the node's own.
        params: what the operation is told beside its arguments, in the record's order.
            Any hashable value; a loop holds its body, a Graph, here.
        shape: the shape of the result; `()` is a scalar.
        dtype: the kind of the elements, by NumPy's name of the largest type of that kind: a line
            of kind `float64` is float32 where the arguments of the function are.
    """

    op: str
    args: tuple[int, ...] = ()
    params: tuple[Any, ...] = ()  # any hashable value: orders, axes, letters, graphs
    shape: Shape = ()
    dtype: str = FLOAT


# a line's own constructor takes twice as long, and there may be millions
new_node: Callable[[type[Node], tuple[Any, ...]], Node] = tuple.__new__


def input_node(name: str, shape: Shape = (), dtype: str = FLOAT) -> Node:
    """The line that stands for an argument of the function."""
    return Node(INPUT, (), (name,), shape, dtype)


def constant_node(value: float, shape: Shape = (), dtype: str = FLOAT) -> Node:
    """A number, or an array full of it: shapes on both sides of an operation are equal.

    The key holds its bits: in Python `0.0 == -0.0`, and no NaN equals itself.
    """
    return new_node(Node, (CONSTANT, (), (float(value).hex(),), shape, dtype))


def constant_value(node: Node) -> float:
    """The number of a constant's line."""
    return float.fromhex(node.params[0])


def is_exact_integer(value: float) -> bool:
    """Whether a constant is a whole number that floating point holds exactly."""
    return math.isfinite(value) and value == math.floor(value) and abs(value) <= 2.0**53
