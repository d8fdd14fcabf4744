"""Recomputation: arrays of repeated inputs, made again for each nest that reads them.

A difference of all points and all means takes many times the memory of both. Where nests that read
it can make it again step by step, they do, and it is neither written nor read as a whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from symdiff.graph.node import INT
from symdiff.ops.registry import OPERATIONS
from symdiff.schedule.nests.accesses import access_of
from symdiff.schedule.nests.contraction import contracted
from symdiff.schedule.nests.fusion import fused
from symdiff.schedule.nests.nest import ELEMENT, STORE, Buffer
from symdiff.schedule.program import (
    Block,
    Expr,
    For,
    If,
    Op,
    Ref,
    Statement,
    Update,
    While,
    every_part,
    mapped,
    parts,
)


class _Made(NamedTuple):
    """How an array is made.

    Attributes:
        number: of the statement of the program that does.
        loops: around the one that writes an element, from the outermost in.
        update: that one.
    """

    number: int
    loops: tuple[For, ...]
    update: Update


def recomputed(
    block: Block, buffers: Sequence[Buffer], fresh: Callable[[str], str]
) -> tuple[Block, list[Buffer]]:
    """Statements that make some arrays again, and all memory that they need.

    Args:
        block: all statements, fused.
        buffers: their memory.
        fresh: a name that is wished for, to one that nothing has.
    """
    found = list(buffers)
    made = _all_made(block)
    for buffer in buffers:
        if len(buffer.shape) > 1 and buffer.name in made:
            tried = _again(block, buffer, made[buffer.name], fresh)
            if tried is not None:
                block, more = tried
                found += more
                made = _all_made(block)
    return block, found


def _again(
    block: Block, buffer: Buffer, made: _Made, fresh: Callable[[str], str]
) -> tuple[Block, list[Buffer]] | None:
    """The array made again where others read it; `None` where that saves no memory."""
    if not (_is_whole(buffer, made) and _is_cheap(block, made)):
        return None
    changed: list[Statement] = []
    copies: list[Buffer] = []
    for at, statement in enumerate(block):
        if at != made.number and buffer.name in _arrays([statement], ELEMENT):
            copies.append(replace(buffer, name=fresh(buffer.name)))
            again = _nest(made, copies[-1].name)
            changed += fused((again, _reading(statement, buffer.name, copies[-1].name)))
        else:
            changed.append(statement)
    if not copies or buffer.name not in _arrays([block[made.number]], ELEMENT):
        return None
    found = tuple(changed)
    _, left = contracted(found, [buffer, *copies], fresh)
    return None if any(x.shape == buffer.shape for x in left) else (found, copies)


def _all_made(block: Block) -> dict[str, _Made]:
    """How arrays are made that one statement writes."""
    found: dict[str, list[_Made]] = {}
    for number, statement in enumerate(block):
        for loops, update in _updates((statement,), ()):
            found.setdefault(update.name, []).append(_Made(number, loops, update))
    return {name: made[0] for name, made in found.items() if len(made) == 1}


_Found = Iterator[tuple[tuple[For, ...], Update]]


def _updates(block: Iterable[Statement], loops: tuple[For, ...]) -> _Found:
    """All statements that write elements, with the loops around; those in branches count twice."""
    for statement in block:
        match statement:
            case Update():
                yield loops, statement
            case For(body=body):
                yield from _updates(body, (*loops, statement))
            case While(body=body):
                yield from _twice(_updates(body, ()))
            case If(then=then, otherwise=otherwise):
                yield from _twice(_updates((*then, *otherwise), ()))


def _twice(found: _Found) -> _Found:
    """Each as if there were another one, so that none is the only one."""
    for one in found:
        yield one
        yield one


def _is_whole(buffer: Buffer, made: _Made) -> bool:
    """Whether loops write each element once, one loop along each axis."""
    _, loops, update = made
    counters = tuple([Ref(loop.counter, (), INT) for loop in loops])
    headers = [(loop.length, loop.start, loop.by) for loop in loops]
    return (
        update.value.args[0] == Ref(buffer.name, buffer.shape, buffer.dtype)
        and update.value.args[2:] == counters
        and headers == [(length, 0, 1) for length in buffer.shape]
    )


def _is_cheap(block: Block, made: _Made) -> bool:
    """Whether an element is made of no more operations than inputs, each of which is repeated."""
    counters, value = {loop.counter for loop in made.loops}, made.update.value.args[1]
    every = [part for part in parts(value) if isinstance(part, Op)]
    elements = [part for part in every if part.name == ELEMENT]
    others = [part for part in every if part.name != ELEMENT]
    names = {part.name for part in parts(value) if isinstance(part, Ref)}
    inputs = {access_of(part)[0] for part in elements}
    return (
        len(others) <= len(elements)
        and all(op.name in OPERATIONS and OPERATIONS[op.name].is_cheap for op in others)
        and names <= counters | inputs
        and not inputs & _arrays(block, STORE)
        and all(not counters <= _counted(part) for part in elements)
    )


def _counted(element: Op) -> set[str]:
    """The names in the places of an element."""
    return {part.name for part in parts(*element.args[1:]) if isinstance(part, Ref)}


def _arrays(block: Iterable[Statement], access: str) -> set[str]:
    """The names of the arrays that are read, or written."""
    every = [part for part in every_part(block) if isinstance(part, Op) and part.name == access]
    return {access_of(part)[0] for part in every}


def _nest(made: _Made, name: str) -> Statement:
    """The loops that make an array of another name."""
    value = made.update.value
    array, *others = value.args
    assert isinstance(array, Ref)  # see `_is_whole`
    args = (array._replace(name=name), *others)
    found: Statement = replace(made.update, name=name, value=value._replace(args=args))
    for loop in reversed(made.loops):
        found = replace(loop, body=(found,))
    return found


def _reading(statement: Statement, old: str, new: str) -> Statement:
    """The statement that reads another array."""

    def changed(expr: Expr) -> Expr:
        if isinstance(expr, Ref):
            return expr._replace(name=new) if expr.name == old else expr
        if isinstance(expr, Op):
            return expr._replace(args=tuple(map(changed, expr.args)))
        return expr

    (found,) = mapped((statement,), changed)
    return found
