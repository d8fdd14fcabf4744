"""Accesses: which numbers statements of nests read and set, and which elements of arrays."""

from __future__ import annotations

from typing import Any, NamedTuple

from symdiff.graph.node import INT
from symdiff.graph.shape import Dim, Dimension, Shape, size
from symdiff.schedule.nests.nest import ELEMENT, STORE
from symdiff.schedule.program import (
    Block,
    Break,
    Check,
    Expr,
    For,
    Let,
    Number,
    Op,
    Ref,
    Return,
    Statement,
    Update,
    While,
    bounds,
    expressions,
    parts,
    statements,
)


class Access(NamedTuple):
    """An element that is read or written.

    Attributes:
        shape: of the array there: memory may be read in several.
        places: of the element.
        is_write: whether it is written.
    """

    shape: Shape
    places: tuple[Expr, ...]
    is_write: bool


class Accesses(NamedTuple):
    """What a statement reads and sets, with the blocks in it.

    Attributes:
        arrays: the elements, by the name of the memory.
        read: the numbers that it reads, and lengths.
        given: the numbers that it sets.
        ends: whether it may end the function or the loop around, or it is one without an end.
    """

    arrays: dict[str, list[Access]]
    read: set[str]
    given: set[str]
    ends: bool


def accesses_of(statement: Statement) -> Accesses:
    """What a statement reads and sets."""
    found = Accesses({}, set(), set(), _may_end(statement))
    counters = set[str]()
    for inner in statements((statement,)):
        if isinstance(inner, For):
            counters.add(inner.counter)
            found.read.update(*[_names(length) for length in bounds(inner)])
        elif isinstance(inner, Let):
            found.given.add(inner.name)
        for expr in expressions(inner):
            _take_down(found, expr)
    found.read.difference_update(counters)
    return found


def _may_end(statement: Statement) -> bool:
    """Whether a statement may end what is around it."""
    return any(isinstance(s, Check | Break | While | Return) for s in statements((statement,)))


def _take_down(found: Accesses, expr: Expr) -> None:
    """Add what an expression reads and writes."""
    pending = [expr]
    while pending:
        part = pending.pop()
        if isinstance(part, Ref):
            found.read.add(part.name)
        if not isinstance(part, Op):
            continue
        for param in (*part.params, *part.shape):
            found.read.update(_names(param))
        if part.name in (ELEMENT, STORE):
            name, access = access_of(part)
            found.arrays.setdefault(name, []).append(access)
            found.read.update(*map(_names, access.shape))
            pending.extend(part.args[1:])
        else:
            pending.extend(part.args)


def access_of(part: Op) -> tuple[str, Access]:
    """The memory of an element that is read or written, and where it stands."""
    array, *others = part.args
    is_write = part.name == STORE
    places = tuple(others[1:] if is_write else others)
    memory = array.args[0] if isinstance(array, Op) else array
    assert isinstance(memory, Ref)  # in memory
    return memory.name, Access(array.shape, places, is_write)


def _names(length: Any) -> frozenset[str]:  # a parameter, of any type
    return length.names if isinstance(length, Dim) else frozenset()


def is_carried(body: Block) -> bool:
    """Whether a step reads what one before it has set, a number or an element."""
    stored: dict[str, set[tuple[Expr, ...]]] = {}
    for statement in body:
        if isinstance(statement, Update):
            stored.setdefault(statement.name, set()).add(statement.value.args[2:])
    later = {statement.name for statement in body if isinstance(statement, Let)}
    for statement in body:
        for part in parts(*_read(statement)):
            if isinstance(part, Ref) and part.name in later:
                return True
            if isinstance(part, Op) and part.name == ELEMENT:
                name, (_, places, _) = access_of(part)
                if stored.get(name, {places}) != {places}:
                    return True
        if isinstance(statement, Let):
            later.discard(statement.name)
    return False


def _read(statement: Any) -> tuple[Expr, ...]:
    """The expressions that a statement reads: of an update, not the array."""
    if isinstance(statement, Update):
        return statement.value.args[1:]
    return expressions(statement)


# --- which elements are the same -----------------------------------------------------------------


def are_apart(one: Access, other: Access, counter: str) -> bool:
    """Whether two accesses to memory are to different elements in different steps of a loop.

    In two loops, those are steps with different numbers of their counters, of the same name.
    """
    for k, place in enumerate(one.places):
        for n in range(len(other.places)):
            if not _is_same_axis(one.shape, k, other.shape, n):
                continue
            if place == other.places[n] == Ref(counter, (), INT):
                return True
            if _are_two(place, other.places[n]):
                return True
    return False


def _are_two(place: Expr, other: Expr) -> bool:
    """Whether two places are known to be different ones."""
    are_known = isinstance(place, Number) and isinstance(other, Number)
    return are_known and place != other


def _is_same_axis(one: Shape, k: int, other: Shape, n: int) -> bool:
    """Whether axes of two shapes of the same memory go through it alike."""
    return one[k] == other[n] and _stride(one, k) == _stride(other, n)


def _stride(shape: Shape, axis: int) -> Dimension:
    return size(shape[axis + 1 :])
