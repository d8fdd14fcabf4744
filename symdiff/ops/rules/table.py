"""Tables of identities, filled by decorators, and the rules that a builder is handed.

An exact identity holds to the bit, for NaN, infinities and -0.0 too: the frontend applies these
alone, so the value stays as it was written. An algebraic one holds for real numbers; derivation
and optimisation apply both.

A row is a function of a `Maker`, which is the builder at work, and the positions of the arguments.
It returns the position of what stands for the operation, or `None`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple

from symdiff.ops.fold import fold

Row = Callable[..., int | None]
Decorator = Callable[[Row], Row]


@dataclass(frozen=True)
class Rules:
    """The rows that apply to each operation.

    Attributes:
        always: tried for every line of floats and truths, so they must be quick.
        with_constant: tried where an argument is a number.
        shaped: tried where there is an array; they get the arguments and the parameters.
        elementwise: likewise, for every elementwise operation; they get its name too.
        whole: tried for lines of whole numbers.
    """

    always: dict[str, list[Row]] = field(default_factory=dict)
    with_constant: dict[str, list[Row]] = field(default_factory=dict)
    shaped: dict[str, list[Row]] = field(default_factory=dict)
    elementwise: list[Row] = field(default_factory=list)
    whole: dict[str, list[Row]] = field(default_factory=dict)

    def fold(self, op: str, values: list[float]) -> float | None:
        """The value of an operation on numbers, where it may be computed now."""
        return fold(op, values)


class Tried(Enum):
    """When the rows of a table are tried: the field of `Rules` that they go to."""

    ALWAYS = "always"
    WHOLE = "whole"
    WITH_CONSTANT = "with_constant"
    SHAPED = "shaped"
    ELEMENTWISE = "elementwise"


class Entry(NamedTuple):
    """A row in a table.

    Attributes:
        tried: when it is tried.
        op: the operation; empty for all.
        row: the identity.
        is_exact: whether it holds to the bit.
    """

    tried: Tried
    op: str
    row: Row
    is_exact: bool


class Table:
    """Rows in the order in which they are tried.

    Args:
        tried: when that is.
    """

    def __init__(self, tried: Tried) -> None:
        self.tried = tried
        self.entries: list[Entry] = []

    def exact(self, op: str) -> Decorator:
        """A row that holds to the bit."""
        return lambda row: self._add(Entry(self.tried, op, row, is_exact=True))

    def algebraic(self, op: str) -> Decorator:
        """A row that holds for real numbers."""
        return lambda row: self._add(Entry(self.tried, op, row, is_exact=False))

    def exact_elementwise(self, row: Row) -> Row:
        """A row for all elementwise operations on arrays that holds to the bit."""
        return self._add(Entry(Tried.ELEMENTWISE, "", row, is_exact=True))

    def _add(self, entry: Entry) -> Row:
        self.entries.append(entry)
        return entry.row


def exact_rules(*tables: Table) -> Rules:
    """The rows of tables that hold to the bit."""
    return _rules(entry for table in tables for entry in table.entries if entry.is_exact)


def all_rules(*tables: Table) -> Rules:
    """All rows of tables."""
    return _rules(entry for table in tables for entry in table.entries)


def _rules(entries: Iterable[Entry]) -> Rules:
    rules = Rules()
    for entry in entries:
        rows = getattr(rules, entry.tried.value)
        if entry.tried is Tried.ELEMENTWISE:
            rows.append(entry.row)
        else:
            rows.setdefault(entry.op, []).append(entry.row)
    return rules
