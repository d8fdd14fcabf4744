"""Blocks: the statements of branches while they are put together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from symdiff.errors import Span
from symdiff.schedule.conditions import both, is_short, negated
from symdiff.schedule.places import ROOT, Places
from symdiff.schedule.program import (
    Block,
    Check,
    Expr,
    If,
    Let,
    Statement,
)


@dataclass(eq=False, slots=True)
class Chosen:
    """Gives a name the value that a way chooses; the name is found when both have chosen.

    Attributes:
        choice: the position of the choice.
        part: which of its values it is.
        value: the value.
        span: the place in the source.
        name: `""` while there is none, and where it need not be given.
    """

    choice: int
    part: int
    value: Expr
    span: Span | None
    name: str = ""


@dataclass(eq=False, slots=True)
class Open:
    """A branch that statements can still be added to.

    Attributes:
        place: one of its two places.
        condition: where its first way is taken.
        span: the place in the source.
        ways: the statements of both.
    """

    place: int
    condition: Expr
    span: Span | None
    ways: tuple[list[Part], list[Part]] = field(default_factory=lambda: ([], []))


Part = Statement | Chosen | Open


class Blocks:
    """The open branches around a place, and their statements.

    Args:
        places: the tree of places.
        body: the statements around all branches.
        condition: the expression of a condition, and its place in the source.
    """

    def __init__(
        self,
        places: Places,
        body: list[Part],
        condition: Callable[[int], tuple[Expr, Span | None]],
    ) -> None:
        self.places = places
        self.condition = condition
        self.around: list[tuple[int, list[Part]]] = [(ROOT, body)]

    def enter(self, place: int) -> list[Part]:
        """The statements of a place, behind those that are there."""
        around, places = self.around, self.places
        while not places.is_around(around[-1][0], place):
            around.pop()
        outer, found = around[-1]
        for inner in reversed(places.between(outer, place)):
            found = self._way(found, inner)
            around.append((inner, found))
        return found

    def _way(self, found: list[Part], place: int) -> list[Part]:
        condition, truth = self.places.truths[place]
        last = found[-1] if found else None
        if not isinstance(last, Open) or self.places.truths[last.place][0] != condition:
            last = Open(place, *self.condition(condition))
            found.append(last)
        return last.ways[not truth]


def only_way(statement: Part) -> tuple[Expr, list[Part]] | None:
    """The condition and the statements of a branch that does something in one way alone."""
    if not isinstance(statement, Open):
        return None
    first, second = statement.ways
    if first and second:
        return None
    return (statement.condition, first) if first else (negated(statement.condition), second)


# --- what is put together ------------------------------------------------------------------------


def closed(body: list[Part]) -> list[Statement]:
    """The statements with branches that are whole, from the innermost out."""
    order = [body, *[block for part in body if isinstance(part, Open) for block in _blocks(part)]]
    done: dict[int, list[Statement]] = {}
    for block in reversed(order):
        done[id(block)] = _closed(block, done)
    return done[id(body)]


def _closed(block: list[Part], done: dict[int, list[Statement]]) -> list[Statement]:
    found: list[Statement] = []
    for part in block:
        if isinstance(part, Chosen):
            found += [Let(part.name, part.value, part.span)] * bool(part.name)
        elif isinstance(part, Open):
            first, second = (tuple(done[id(way)]) for way in part.ways)
            found += _branch(part, first, second)
        else:
            found.append(part)
    return found


def _branch(part: Open, first: Block, second: Block) -> list[Statement]:
    """With the way first that does something; two conditions on one thing are asked at once."""
    if not first and not second:
        return []
    condition = part.condition
    if not first:
        condition, first, second = negated(condition), second, first
    if not second and len(first) == 1:
        match first[0]:
            case If(inner, then, (), span) if is_short(inner):
                return [If(both(condition, inner), then, (), span)]
            case Check(inner, error, message, values, span):
                return [Check(both(condition, inner), error, message, values, span)]
    return [If(condition, first, second, part.span)]


def _blocks(part: Open) -> list[list[Part]]:
    """The blocks of a branch and of those in it, each before those in it."""
    found, pending = [], [*part.ways]
    while pending:
        block = pending.pop()
        found.append(block)
        for statement in block:
            if isinstance(statement, Open):
                pending += statement.ways
    return found
