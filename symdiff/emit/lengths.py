"""Named dimensions that the text of a program reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from symdiff.emit.dialect import Dialect
from symdiff.graph.shape import Dim
from symdiff.schedule.program import (
    Block,
    Expr,
    For,
    Number,
    Op,
    bounds,
    every_part,
    statements,
)


def lengths_read(block: Block, dialect: Dialect) -> set[str]:
    """The names of the dimensions that statements need where a dialect prints them."""
    found: set[str] = set()
    for statement in statements(block):
        if isinstance(statement, For):
            for length in bounds(statement):
                found |= _names(length)
    for part in every_part(block):
        for length in _written(part, dialect):
            found |= _names(length)
    return found


def _written(part: Expr, dialect: Dialect) -> Iterable[Any]:
    """What may be a dimension in the text of an expression, without its arguments."""
    if isinstance(part, Number):
        return part.shape
    if not isinstance(part, Op):
        return ()
    lengths = dialect.spell(part.name).lengths
    if lengths is None:
        return _flat(part.params)
    return lengths([argument.shape for argument in part.args], *part.params)


def _flat(params: Iterable[Any]) -> Iterator[Any]:
    for param in params:
        if isinstance(param, tuple):
            yield from _flat(param)
        else:
            yield param


def _names(length: Any) -> frozenset[str]:  # a parameter, of any type
    return length.names if isinstance(length, Dim) else frozenset()
