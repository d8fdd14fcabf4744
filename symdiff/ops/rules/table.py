"""Tables of identities, filled by decorators, and the rules that a builder is handed.

An exact identity holds to the bit, for NaN, infinities and -0.0 too: the frontend applies these
alone, so the value stays as it was written. An algebraic one holds for real numbers; derivation
and optimisation apply both.

A row is a function of a `Maker`, which is the builder at work, and the positions of the arguments.
It returns the position of what stands for the operation, or `None`.

Most lines meet no identity. So a row that is tried for every line says what it looks for: the
operations of which an argument must be one, `EQUAL` where equal arguments will do, `SCALED` where
a product or quotient will whose first argument is a number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from typing import NamedTuple

from symdiff.graph.node import BOOL, COMPLEX, CONSTANT, FLOAT, INT
from symdiff.ops.fold import fold
from symdiff.ops.operation import FIRST, GIVEN, PROMOTED, REAL
from symdiff.ops.registry import OPERATIONS

Row = Callable[..., int | None]
Decorator = Callable[[Row], Row]

# among what a row looks for
EQUAL = "equal arguments"
SCALED = "a product or quotient of a number"
ANYTHING = frozenset[str]()
_PRODUCTS = frozenset(("multiply", "divide"))


class OnNumbers(NamedTuple):
    """What may become of an operation on floats that are numbers, not arrays.

    Attributes:
        dtype: the kind of the result.
        always: the rows that are tried where one of their arguments is looked for.
        looked_for: what these, and those of constants, look for together.
        scaled: the operations that they look for where the first argument is a number.
        takes_equals: whether one of them looks for equal arguments.
    """

    dtype: str
    always: tuple[Row, ...]
    looked_for: frozenset[str]
    scaled: frozenset[str]
    takes_equals: bool


@dataclass(frozen=True)
class Rules:
    """The rows that apply to each operation.

    Attributes:
        always: tried for every line of floats and truths, so they must be quick.
        with_constant: tried where an argument is a number.
        shaped: tried where there is an array; they get the arguments and the parameters.
        elementwise: likewise, for every elementwise operation; they get its name too.
        whole: tried for lines of whole numbers.
        wanted: by operation, what each of the rows that are always tried looks for.
    """

    always: dict[str, list[Row]] = field(default_factory=dict)
    with_constant: dict[str, list[Row]] = field(default_factory=dict)
    shaped: dict[str, list[Row]] = field(default_factory=dict)
    elementwise: list[Row] = field(default_factory=list)
    whole: dict[str, list[Row]] = field(default_factory=dict)
    wanted: dict[str, list[frozenset[str]]] = field(default_factory=dict)

    @cached_property
    def on_numbers(self) -> dict[str, OnNumbers | None]:
        """By operation, what may become of it on floats; `None` for what the rows see otherwise."""
        return _OnNumbers(self)

    def fold(self, op: str, values: list[float]) -> float | None:
        """The value of an operation on numbers, where it may be computed now."""
        return fold(op, values)


class _OnNumbers(dict[str, "OnNumbers | None"]):
    """Filled as operations are asked for: some are made as they are met."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules

    def __missing__(self, op: str) -> OnNumbers | None:
        record, tried = OPERATIONS[op], self._rules.always.get(op, [])
        wanted = self._rules.wanted.get(op, [ANYTHING] * len(tried))
        is_open = ANYTHING in wanted or record.arity < 1 or record.dtype in (INT, GIVEN, REAL)
        found = None
        if not is_open:
            rows = [one for one in zip(tried, wanted, strict=True) if any(map(_may_be, one[1]))]
            wanted = [looked for _, looked in rows]
            found = OnNumbers(
                FLOAT if record.dtype in (PROMOTED, FIRST) else record.dtype,
                tuple([row for row, _ in rows]),
                frozenset([CONSTANT]).union(*wanted),
                _PRODUCTS if any(SCALED in looked for looked in wanted) else ANYTHING,
                any(EQUAL in looked for looked in wanted),
            )
        self[op] = found
        return found


def _may_be(looked: str) -> bool:
    """Whether floats may be what a row looks for."""
    return looked in (EQUAL, SCALED) or OPERATIONS[looked].dtype not in (BOOL, INT, COMPLEX)


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
        wanted: the operations of which an argument must be one, `EQUAL`, `SCALED`; empty for any.
    """

    tried: Tried
    op: str
    row: Row
    is_exact: bool
    wanted: frozenset[str] = ANYTHING


class Table:
    """Rows in the order in which they are tried.

    Args:
        tried: when that is.
    """

    def __init__(self, tried: Tried) -> None:
        self.tried = tried
        self.entries: list[Entry] = []

    def exact(self, op: str, *wanted: str) -> Decorator:
        """A row that holds to the bit, and what it looks for among the arguments."""
        looked = frozenset(wanted)
        return lambda row: self._add(Entry(self.tried, op, row, is_exact=True, wanted=looked))

    def algebraic(self, op: str, *wanted: str) -> Decorator:
        """A row that holds for real numbers, and what it looks for among the arguments."""
        looked = frozenset(wanted)
        return lambda row: self._add(Entry(self.tried, op, row, is_exact=False, wanted=looked))

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
        if entry.tried is Tried.ALWAYS:
            rules.wanted.setdefault(entry.op, []).append(entry.wanted)
    return rules
