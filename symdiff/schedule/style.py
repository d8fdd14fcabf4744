"""The rules of a target that a schedule depends on: a record that the target fills."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from symdiff.graph.shape import Shape
from symdiff.schedule.program import Draft, Number
from symdiff.schedule.writes import InPlace

# (drafts of the arguments, params, shape of the result) -> draft of the result
Drafter = Callable[[Sequence[Draft], tuple[Any, ...], Shape], Draft]


@dataclass(frozen=True, slots=True)
class Style:
    """What a target says of itself.

    Attributes:
        fresh: a name that is wished for, to one that nothing has.
        name: a name, with its shape, to a draft.
        number: a constant to a draft.
        drafter: of an operation.
        let: a name and the draft of its value, to that of a statement, and that of the name.
        width: how wide a draft is printed; 0 for what the target cannot print.
        is_missing: whether the target cannot print an operation.
        is_itself: whether an operation computes nothing there: its value is its argument.
        repeats: whether an operation repeats smaller arguments by itself.
        in_place: whether an operation can change its first argument in place.
        widest: how wide an expression may be before parts of it get names.
        indent: how much narrower the statements in a loop are.
        keeps_names: whether a value that the user gave a name is a statement, even if used once.
        copies_results: whether what is returned must be memory of its own.
        decides: whether one truth decides which statements run.
        has_own_numbers: whether numbers that are computed are no Python floats, and do more.
        prints_drafts: whether a draft is what is printed of an expression, which nobody reads then.
        picks: whether a mask picks elements of an array, to be added to or summed.
        longest: how many ways a chain of choices has: Python's compiler is recursive in them.
    """

    fresh: Callable[[str], str]
    name: Callable[[str, Shape], Draft]
    number: Callable[[Number], Draft]
    drafter: Callable[[str], Drafter]
    let: Callable[[str, Draft], tuple[Draft, Draft]]
    width: Callable[[Draft], int]
    is_missing: Callable[[str], bool]
    is_itself: Callable[[str], bool]
    repeats: Callable[[str], bool]
    in_place: InPlace
    widest: int
    indent: int
    keeps_names: bool = False
    copies_results: bool = False
    decides: bool = False
    has_own_numbers: bool = False
    prints_drafts: bool = False
    picks: bool = False
    longest: int = 400
