"""Contraction: arrays that each step of a loop writes and reads for itself, without that axis.

Where all axes go so, or have places that are known, a number with a name of its own stands for an
element (G. Gao, R. Olsen, V. Sarkar and R. Thekkath, Collective loop fusion for array contraction,
1992).
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple, TypeVar

from symdiff.graph.shape import Shape
from symdiff.schedule.nests.accesses import Access, access_of
from symdiff.schedule.nests.nest import ELEMENT, STORE, Buffer
from symdiff.schedule.program import (
    Block,
    Expr,
    For,
    If,
    Let,
    Number,
    Op,
    Ref,
    Statement,
    Update,
    While,
    expressions,
    mapped,
    parts,
)

_T = TypeVar("_T")


class _Around(NamedTuple):
    """A block around a statement.

    Attributes:
        number: of its own; the two ways of a branch have one each.
        counter: of the loop; `""` of one that does not count, `None` of a branch.
    """

    number: int
    counter: str | None


_Chain = tuple[_Around, ...]  # from the outermost in


class _Use(NamedTuple):
    """An access to an array.

    Attributes:
        access: what it is.
        around: the blocks around it.
    """

    access: Access
    around: _Chain


@dataclass(frozen=True, slots=True)
class _Left:
    """What is left of an array.

    Attributes:
        axes: that it still has.
        names: of the numbers that stand for its elements, by their places; empty for an array.
    """

    axes: Sequence[int]
    names: Mapping[tuple[Expr, ...], str]

    def of(self, places: Sequence[_T]) -> tuple[_T, ...]:
        """The places of an element, or the lengths, of the axes that are left."""
        return tuple([places[axis] for axis in self.axes])


def contracted(
    block: Block, buffers: Sequence[Buffer], fresh: Callable[[str], str]
) -> tuple[Block, list[Buffer]]:
    """Statements that need less memory, and what of it they still need.

    Args:
        block: all statements.
        buffers: memory that may become less.
        fresh: a name that is wished for, to one that nothing has.
    """
    uses: dict[str, list[_Use]] = {buffer.name: [] for buffer in buffers}
    _take_down(block, (), itertools.count(), uses)
    left: dict[str, _Left] = {}
    found: list[Buffer] = []
    for buffer in buffers:
        less = _less(buffer, uses[buffer.name], fresh)
        if less is not None:
            left[buffer.name] = less
            buffer = replace(buffer, shape=less.of(buffer.shape))
        if less is None or not less.names:
            found.append(buffer)
    return _with_less(block, left) if left else block, found


# --- what is used where --------------------------------------------------------------------------


def _take_down(
    block: Block, around: _Chain, numbers: Iterator[int], uses: Mapping[str, list[_Use]]
) -> None:
    """Add the accesses of a block, in the order in which they are made."""

    def inner(block: Block, counter: str | None) -> None:
        _take_down(block, (*around, _Around(next(numbers), counter)), numbers, uses)

    def take(*exprs: Expr, around: _Chain = around) -> None:
        for name, access in _accesses(exprs):
            if name in uses:
                uses[name].append(_Use(access, around))

    for statement in block:
        match statement:
            case For(counter=counter, body=body):
                inner(body, counter)
            case While(condition, body):
                again = (*around, _Around(next(numbers), ""))
                take(condition, around=again)
                _take_down(body, again, numbers, uses)
            case If(condition, then, otherwise):
                take(condition)
                inner(then, None)
                inner(otherwise, None)
            case _:
                take(*expressions(statement))


def _accesses(exprs: Sequence[Expr]) -> list[tuple[str, Access]]:
    """The elements that expressions access: a write is the last."""
    every = [part for part in parts(*exprs) if isinstance(part, Op)]
    found = [access_of(part) for part in every if part.name in (ELEMENT, STORE)]
    return sorted(found, key=lambda pair: pair[1].is_write)


# --- what is left --------------------------------------------------------------------------------


def _less(buffer: Buffer, uses: Sequence[_Use], fresh: Callable[[str], str]) -> _Left | None:
    """What is left of an array; `None` where it stays as it is."""
    if not uses or any(use.access.shape != buffer.shape for use in uses):
        return None
    common = _common(uses)
    gone = _gone(buffer.shape, uses, common)
    axes = [axis for axis in range(len(buffer.shape)) if axis not in gone]
    rest = dict.fromkeys([_Left(axes, {}).of(use.access.places) for use in uses])
    are_known = all(isinstance(place, Number) for places in rest for place in places)
    are_set = are_known and _are_set_first(axes, uses, common)
    if not (are_set or _stay_in_a_step(gone, common)):
        kept = _unmatched(gone, common)
        gone = {axis: loop for axis, loop in gone.items() if loop < kept}
        axes = [axis for axis in range(len(buffer.shape)) if axis not in gone]
        are_known = False
    if not gone:
        return None
    names = {}
    if are_known:
        one = len(rest) == 1
        names = {at: buffer.name if one else fresh(f"{buffer.name}_{_said(at)}") for at in rest}
    return _Left(axes, names)


def _said(places: Sequence[Expr]) -> str:
    return "_".join([str(int(place.value)) for place in places if isinstance(place, Number)])


def _common(uses: Sequence[_Use]) -> _Chain:
    """The blocks that are around all accesses."""
    found = uses[0].around
    for use in uses:
        pairs = zip(found, use.around, strict=False)
        same = itertools.takewhile(lambda pair: pair[0] == pair[1], pairs)
        found = tuple([one for one, _ in same])
    return found


def _gone(shape: Shape, uses: Sequence[_Use], common: _Chain) -> dict[int, int]:
    """The axes at whose places all accesses have the counter of one loop around all; that loop."""
    gone = {}
    for axis in range(len(shape)):
        loops = {_loop_of(use.access.places[axis], use.around) for use in uses}
        loop = loops.pop()
        if not loops and loop is not None and loop < len(common):
            gone[axis] = loop
    return gone


def _loop_of(place: Expr, around: _Chain) -> int | None:
    """Which block around counts with what a place is."""
    counters = [block.counter for block in around]
    if not isinstance(place, Ref) or place.name not in counters:
        return None
    return len(counters) - 1 - counters[::-1].index(place.name)


def _unmatched(gone: Mapping[int, int], common: _Chain) -> int:
    """The first loop around all accesses that is that of no axis."""
    loops = [k for k, block in enumerate(common) if block.counter is not None]
    return next((k for k in loops if k not in gone.values()), len(common))


def _stay_in_a_step(gone: Mapping[int, int], common: _Chain) -> bool:
    """Whether an element is used in one step alone: each loop around goes along an axis."""
    return max(gone.values(), default=0) < _unmatched(gone, common)


def _are_set_first(axes: Sequence[int], uses: Sequence[_Use], common: _Chain) -> bool:
    """Whether each step sets each number before it reads it."""
    first: dict[tuple[Expr, ...], _Use] = {}
    for use in uses:
        first.setdefault(_Left(axes, {}).of(use.access.places), use)
    return all(use.access.is_write and use.around == common for use in first.values())


# --- statements ----------------------------------------------------------------------------------


def _with_less(block: Block, left: Mapping[str, _Left]) -> Block:
    """The statements with what is left of arrays."""
    return tuple([_changed(statement, left) for statement in block])


def _changed(statement: Statement, left: Mapping[str, _Left]) -> Statement:
    match statement:
        case For(body=body):
            return replace(statement, body=_with_less(body, left))
        case While(condition, body):
            condition = _of_less(condition, left)
            return replace(statement, condition=condition, body=_with_less(body, left))
        case If(condition, then, otherwise):
            condition = _of_less(condition, left)
            then, otherwise = _with_less(then, left), _with_less(otherwise, left)
            return replace(statement, condition=condition, then=then, otherwise=otherwise)
        case Update(name, Op(args=(_, value, *places)), span) if name in left and left[name].names:
            number = left[name].names[left[name].of(places)]
            return Let(number, _of_less(value, left), span)
    (changed,) = mapped((statement,), lambda expr: _of_less(expr, left))
    return changed


def _of_less(expr: Expr, left: Mapping[str, _Left]) -> Expr:
    """An expression of what is left of arrays."""
    if not isinstance(expr, Op):
        return expr
    args = tuple([_of_less(x, left) for x in expr.args])
    if expr.name not in (ELEMENT, STORE):
        return expr._replace(args=args)
    array, *others = args
    if not isinstance(array, Ref) or array.name not in left:
        return expr._replace(args=args)
    less = left[array.name]
    kept = others[:1] if expr.name == STORE else []
    places = less.of(others[len(kept) :])
    if less.names:
        return Ref(less.names[places], (), expr.dtype)
    array = array._replace(shape=less.of(array.shape))
    return expr._replace(args=(array, *kept, *places))
