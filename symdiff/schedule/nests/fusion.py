"""Fusion: neighbouring loops over the same numbers as one, so that what they share stays near.

Two loops become one where no step of the second needs another step of the first, and what stands
between them can stand before or behind both (K. Kennedy and K. McKinley, Maximizing loop
parallelism and improving data locality via loop fusion and distribution, 1993). Within each step
the order of the statements stays, and of each number that is added up the order of its terms.

Loops become one from the outermost in. Those without loops in them do so where all of them, or
none, can be computed several steps at once: a sum that waits for the step before is left alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import Enum

from symdiff.schedule.nests.accesses import Access, Accesses, accesses_of, are_apart, is_carried
from symdiff.schedule.program import (
    Block,
    For,
    If,
    Let,
    Statement,
    Update,
    While,
    is_read,
    statements,
)


def fused(block: Block) -> Block:
    """A block in which neighbouring loops over the same numbers are one, and the blocks in it."""
    if sum(isinstance(statement, For) for statement in block) > 1:
        block = _Fusion(1).block(block)
        block = _Fusion(-1).block(block)  # those that what stands before has kept back
    return tuple(map(_inside, block))


def _inside(statement: Statement) -> Statement:
    match statement:
        case For(body=body) | While(body=body):
            return replace(statement, body=fused(body))
        case If(then=then, otherwise=otherwise):
            return replace(statement, then=fused(then), otherwise=fused(otherwise))
    return statement


class _Kind(Enum):
    """What the steps of a loop are."""

    NEST = "with loops in them"
    FREE = "arithmetic, and none needs another one"
    CHAIN = "each may need the one before"


@dataclass(slots=True)
class _Slot:
    """Statements, and the loop behind them.

    Attributes:
        before: the statements.
        loops: that are to be one.
        kind: of those.
        arrays: the elements that they read and write.
    """

    before: list[Statement] = field(default_factory=list)
    loops: list[For] = field(default_factory=list)
    kind: _Kind = _Kind.NEST
    arrays: dict[str, list[Access]] = field(default_factory=dict)

    def has_like(self, loop: For) -> bool:
        """Whether its loop counts as another one does."""
        return replace(self.loops[0], body=(), span=None) == replace(loop, body=(), span=None)

    def statements(self, direction: int) -> Block:
        """All of them, with one loop, in the order of the text."""
        loops = self.loops[::direction]
        body = tuple([statement for loop in loops for statement in loop.body])
        found = (*self.before, *[replace(loop, body=body) for loop in loops[:1]])
        return found[::direction]


class _Fusion:
    """One run over a block.

    Each statement goes to the first slot that what it needs allows; a loop to one of those from
    there on whose loop it can be one with, or to a new one.

    Args:
        direction: -1 to begin with the last statement.
    """

    def __init__(self, direction: int) -> None:
        self.direction = direction
        self.slots = [_Slot()]  # the last one has no loop yet
        self._floor = 0  # the first slot behind what may end the block
        # by name, the first slot behind what sets it, and behind what reads it; of arrays, where
        # that is no loop
        self._given: dict[str, int] = {}
        self._read: dict[str, int] = {}
        self._touched: dict[str, list[int]] = {}  # by array, the slots of loops that have it

    def block(self, block: Block) -> Block:
        """The statements in their new order."""
        for statement in block[:: self.direction]:
            accesses = accesses_of(statement)
            if isinstance(statement, For) and not accesses.ends:
                self._loop(statement, accesses)
            else:
                self._other(statement, accesses)
        if all(len(slot.loops) < 2 for slot in self.slots):
            return block
        slots = self.slots[:: self.direction]
        return tuple([s for slot in slots for s in slot.statements(self.direction)])

    def _loop(self, loop: For, accesses: Accesses) -> None:
        """Put a loop to one that it can be one with, or behind all."""
        arrays, kind = accesses.arrays, _kind(loop)
        behind = [self._behind(loop, name, found) for name, found in arrays.items()]
        for at in range(max(self._first(accesses), *behind, 0), len(self.slots) - 1):
            slot = self.slots[at]
            if slot.kind == kind and slot.arrays.keys() & arrays.keys() and slot.has_like(loop):
                break
        else:
            at, slot = len(self.slots) - 1, self.slots[-1]
            slot.kind = kind
            self.slots.append(_Slot())
        slot.loops.append(loop)
        for name, found in arrays.items():
            slot.arrays[name] = [*dict.fromkeys([*slot.arrays.get(name, ()), *found])]
            if at not in self._touched.setdefault(name, []):
                self._touched[name].append(at)
        self._take_down(accesses, at + 1)

    def _other(self, statement: Statement, accesses: Accesses) -> None:
        """Put a statement that is no loop, or may end what is around it, in front of a loop."""
        if accesses.ends:
            at = self._floor = len(self.slots) - 1
        else:
            touched = [at + 1 for name in accesses.arrays for at in self._conflicts(name, accesses)]
            at = max(self._first(accesses), *touched, 0)
        self.slots[at].before.append(statement)
        self._take_down(accesses, at)
        for name, found in accesses.arrays.items():
            for names in [self._read] + [self._given] * any(x.is_write for x in found):
                names[name] = max(names.get(name, 0), at)

    def _take_down(self, accesses: Accesses, behind: int) -> None:
        """Take down which numbers stand before a slot."""
        for names, found in ((self._read, accesses.read), (self._given, accesses.given)):
            for name in found:
                names[name] = max(names.get(name, 0), behind)

    def _first(self, accesses: Accesses) -> int:
        """The first slot that numbers, and arrays outside of loops, allow."""
        written = {n for n, found in accesses.arrays.items() if any(x.is_write for x in found)}
        set_before = [self._given.get(name, 0) for name in (*accesses.read, *accesses.given)]
        set_before += [self._given.get(name, 0) for name in accesses.arrays]
        read_before = [self._read.get(name, 0) for name in (*accesses.given, *written)]
        return max(self._floor, *set_before, *read_before, 0)

    def _behind(self, loop: For, name: str, found: Sequence[Access]) -> int:
        """The first slot that the elements of an array in loops allow to a loop."""
        for at in sorted(self._touched.get(name, ()), reverse=True):
            slot = self.slots[at]
            pairs = [
                (one, other)
                for one in slot.arrays[name]
                for other in found
                if one.is_write or other.is_write
            ]
            if pairs:
                is_like = slot.has_like(loop)
                is_apart = is_like and all(are_apart(*pair, loop.counter) for pair in pairs)
                return at if is_apart else at + 1
        return 0

    def _conflicts(self, name: str, accesses: Accesses) -> list[int]:
        """The slots of loops that have an array which they or a statement write."""
        is_written = any(x.is_write for x in accesses.arrays[name])
        return [
            at
            for at in self._touched.get(name, ())
            if is_written or any(x.is_write for x in self.slots[at].arrays[name])
        ]


def _kind(loop: For) -> _Kind:
    """What the steps of a loop are."""
    if any(isinstance(statement, For) for statement in statements(loop.body)):
        return _Kind.NEST
    is_plain = all(isinstance(statement, Let | Update) for statement in loop.body)
    moves = all(
        is_read(loop.counter, *s.value.args[2:]) for s in loop.body if isinstance(s, Update)
    )
    return _Kind.FREE if is_plain and moves and not is_carried(loop.body) else _Kind.CHAIN
