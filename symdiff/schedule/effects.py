"""Effects: which lines change the memory of others, and what must have been read before that.

A list of lines has an order in which every read stands before the write that would change what it
reads. Branches put lines into another one. What a line changes, and what reads that before, says
how far a line may move.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from symdiff.graph.graph import Graph
from symdiff.schedule.places import Places
from symdiff.schedule.writes import InPlace, Readers, changed_by


@dataclass(frozen=True, slots=True)
class Effects:
    """What lines change, and what reads that before.

    Attributes:
        reads: by line that changes memory, the lines before it that read it.
        first: by line that reads such memory, the first line that changes it.
    """

    reads: Mapping[int, Sequence[int]]
    first: Mapping[int, int]

    @classmethod
    def of(cls, readers: Readers, in_place: InPlace) -> Effects:
        """Those of a graph."""
        reads: dict[int, list[int]] = {}
        first: dict[int, int] = {}
        for position, node in enumerate(readers.graph.nodes):
            found = {
                at for base in changed_by(node, in_place) for at in readers.reading(base, position)
            }
            if found:
                reads[position] = sorted(found)
                for at in found:
                    first.setdefault(at, position)
        return cls(reads, first)


class Newest:
    """The last line that is asked on the way to a place.

    Args:
        places: the tree, which may grow.
    """

    def __init__(self, places: Places) -> None:
        self._places = places
        self._found = [-1]

    def of(self, place: int) -> int:
        """By position; -1 around all branches."""
        places, found = self._places, self._found
        for at in range(len(found), place + 1):  # a place stands behind the one around it
            found.append(max(places.truths[at][0], found[places.parents[at]]))
        return found[place]

    def before(self, place: int, line: int) -> int:
        """The innermost place around one that is known before a line."""
        while self.of(place) > line:
            place = self._places.parents[place]
        return place


def stated_before(
    graph: Graph,
    effects: Effects,
    places: Places,
    place: Sequence[int],
    read_at: Callable[[int], int | None],
) -> tuple[dict[int, list[int]], list[int]]:
    """What each line that changes memory stands behind, and what needs a name for that.

    Args:
        graph: the lines.
        effects: what they change.
        places: the tree of places.
        place: by position, the place of a line.
        read_at: the line in which the expression of another one is evaluated; `None` where that is
            not known.
    """
    newest = Newest(places)
    before: dict[int, list[int]] = {}
    named: set[int] = set()
    for write, reads in effects.reads.items():
        for read in reads:
            at = read_at(read)
            if at is None or at > write or newest.of(place[at]) > write:
                named.add(read)
                at = read
            if at != write and newest.of(place[at]) < write and graph.nodes[at].args:
                before.setdefault(write, []).append(at)
    return before, sorted(named)
