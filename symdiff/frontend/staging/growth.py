"""Growth of lists in the step of a loop: what they get is stacked."""

from __future__ import annotations

from typing import Any, NamedTuple

from symdiff.frontend.staging.begun import Begun
from symdiff.frontend.staging.carried import Form, Leaves
from symdiff.frontend.staging.step import UnlikeError
from symdiff.frontend.tracing.array import ArrayTracer
from symdiff.frontend.tracing.lists import ListTracer
from symdiff.frontend.tracing.storage import Buffer
from symdiff.graph.shape import Dim


class Growth(NamedTuple):
    """What a list gets in each step.

    Attributes:
        items: the list.
        line: of what it gets.
        form: of that, as a number or an array.
        depth: how many lists stand in one another there.
    """

    items: list[Any]
    line: int
    form: Form
    depth: int


def growth_of(begun: Begun) -> list[Growth]:
    """What lists get in a step that has run.

    Raises:
        UnlikeError: where they get something else than numbers, arrays and lists of such, or a
            number of items is not known and no variable alone holds the list.
    """
    if begun.step.appended and (begun.asked or begun.loop.is_open):
        _check_named(begun)
    for items, _ in begun.step.appended:
        if id(items) in begun.step.placed and _count(begun, items) > 1:
            raise UnlikeError("a list of which items are read by their places grows by several")
    found = []
    for items, item in begun.step.appended:
        is_list = isinstance(item, ListTracer)
        value, depth = (item.rows, item.depth) if is_list else (item, 0)
        leaves = Leaves.of(value)
        if leaves.numbers != [0] or leaves.structure.kind is not None:
            raise UnlikeError("a list gets something else than numbers and arrays")
        if begun.is_written(value):
            raise UnlikeError("a list gets an array that the loop writes into")
        if begun.loop.is_open and _is_of_outside(begun, value):
            raise UnlikeError(
                "a list gets the same list or array in each step",
                suggestion="append a copy of it: items.append(row.copy())",
            )
        found.append(Growth(items, begun.line(value), Form.of(value), depth))
    return found


def _count(begun: Begun, items: list[Any]) -> int:
    """How many items a list gets in each step."""
    return sum(owner is items for owner, _ in begun.step.appended)


def _is_of_outside(begun: Begun, value: Any) -> bool:
    """Whether an item is an array from outside of the step, or may be one."""
    if type(value) is not ArrayTracer:
        return False
    group = begun.trace.chosen.get(id(value.storage.buffer))
    members = group.members if group is not None else ()
    return begun.is_of_outside(value) or any(
        isinstance(one, Buffer) and not begun.is_inside(one) for one in members
    )


def _check_named(begun: Begun) -> None:
    """Lists that grow by as many items as a named length says are those of one variable each."""
    suggestion = "write the items into an array of the largest length, as in found[k] = ..."
    if begun.asked or not isinstance(begun.loop.length, Dim):
        raise UnlikeError(
            "a list grows by a number of items that depends on values",
            suggestion=f"{suggestion} with found = np.zeros(n), and count them",
        )
    names = {id(place.read()): place.name for place in begun.loop.lists}
    grown = [id(items) for items, _ in begun.step.appended]
    if not names.keys() >= set(grown):
        raise UnlikeError(
            "a list grows by as many items as there are steps, and no variable alone holds it",
            suggestion=f"{suggestion} with found = np.zeros(n)",
        )
    if len(grown) > len(set(grown)):
        twice = next(names[one] for one in grown if grown.count(one) > 1)
        raise UnlikeError(f"'{twice}' grows by several items in each step")
