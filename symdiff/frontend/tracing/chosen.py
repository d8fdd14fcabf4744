"""Containers and arrays that a branch on values or a loop has chosen: others may hold them too.

What two ways leave as two lists, or two arrays, is one of its own behind the branch. Where a name
elsewhere still holds one of the two, a change of one would show in the other if that way is taken,
and would not here. So such a change is refused, unless nothing else holds them.
"""

from __future__ import annotations

import sys
from collections.abc import Container, Sequence
from typing import Any

from symdiff.frontend.tracing.recorder import Recorder
from symdiff.frontend.tracing.storage import Buffer


class Group:
    """Containers, or the memory of arrays, of which some are one where some ways are taken.

    Attributes:
        members: what was chosen, and between what.
        by: what has chosen, and what it has done.
    """

    def __init__(self, members: Sequence[Any], by: str) -> None:
        self.members = [*members]
        self.by = by

    def is_seen_elsewhere(self, owner: Any, kept: Container[int]) -> bool:
        """Whether anything but the trace holds a member beside this one.

        Args:
            owner: that one.
            kept: by identity, what the trace holds once more.
        """
        return any(
            sys.getrefcount(member) > _ALONE + (id(member) in kept)
            for member in self.members
            if member is not owner
        )


def _of_one_that_nothing_holds() -> int:
    """How many references the count in a group finds to what nothing else holds."""
    members = [object()]
    return next(sys.getrefcount(member) for member in members if member is not None)


_ALONE = _of_one_that_nothing_holds()


def choose(
    trace: Recorder,
    made: Any,
    between: Sequence[Any],
    by: str = "a branch on values has chosen between",
) -> Any:
    """What was chosen, which is remembered with what it was chosen between."""
    members = {id(member): member for member in (made, *between)}
    for old in [trace.chosen[key] for key in members if key in trace.chosen]:
        members |= {id(member): member for member in old.members}
    group = Group([*members.values()], by)
    trace.chosen |= dict.fromkeys(members, group)
    return made


def refuse_shared_change(trace: Recorder, owner: Any) -> None:
    """Refuse a change of what a branch has chosen, where another variable may hold it too."""
    group = trace.chosen.get(id(owner))
    if group is not None and group.is_seen_elsewhere(owner, trace.fresh):
        name = "an array" if isinstance(owner, Buffer) else f"a {type(owner).__name__}"
        trace.refuse(
            f"{name} that {group.by} is changed in place, and may be that of another variable too",
            "copy it first, with copy.copy(...)",
        )
