"""Places: which way of which branches a line stands in, as a tree.

A place is known by a number, and lies in another one: there a condition holds, or fails. Where two
lines that need a third one stand apart, that one stands in the innermost place around both.
"""

from __future__ import annotations

from collections.abc import Sequence

from symdiff.graph.node import BOOL, CONSTANT, Node, constant_value
from symdiff.graph.shape import SCALAR
from symdiff.ops.control import logical_and, logical_not, logical_or, where

ROOT = 0  # where nothing is known of any condition
NOWHERE = -1  # where a condition would hold that fails

Truth = tuple[int, bool]  # a condition, and whether it holds

_DEEPEST = 16  # conditions inside of another one that are looked at where that is not so


class Logic:
    """What conditions are made of.

    Attributes:
        whole: conditions that are not taken apart, by position: something is needed where one
            holds, and something else where it fails.
    """

    def __init__(self, nodes: Sequence[Node]) -> None:
        self._nodes = nodes
        self.whole = bytearray(len(nodes))
        self._plain: list[Truth] = [(position, True) for position in range(len(nodes))]
        self._last = list(range(len(nodes)))  # by position, the last of the lines that it is of
        self._depths = [0] * len(nodes)  # by position, how many conditions are inside of another
        for position, node in enumerate(nodes):
            if node.shape != SCALAR or node.dtype != BOOL:
                continue
            if node.op == logical_not.name:
                inner, truth = self._plain[node.args[0]]
                self._plain[position] = inner, not truth
                self._last[position], self._depths[position] = (
                    self._last[inner],
                    self._depths[inner],
                )
            elif joined(nodes, position):
                args = [line for line, _ in (joined(nodes, position) or ())]
                self._last[position] = max([self._last[at] for at in args])
                self._depths[position] = 1 + max([self._depths[at] for at in args])

    def plain(self, truth: Truth) -> Truth:
        """The same without negations."""
        line, holds = truth
        inner, inner_holds = self._plain[line]
        return inner, inner_holds == holds

    def sides(self, truth: Truth) -> Sequence[Truth]:
        """What all holds where a condition holds, or fails; nothing where that is itself alone."""
        return () if self.whole[truth[0]] else self.implied(truth)

    def implied(self, truth: Truth) -> Sequence[Truth]:
        """The same of conditions that are not taken apart too."""
        line, holds = truth
        sides = joined(self._nodes, line)
        is_meant = bool(sides) and sides[0][1] == holds
        return [self.plain(side) for side in sides] if is_meant else ()

    def options(self, truth: Truth) -> Sequence[Truth]:
        """What of holds at least in part where a condition holds, or fails; nothing likewise."""
        if self._depths[truth[0]] > _DEEPEST:
            return ()
        return [opposite(side) for side in self.sides(opposite(truth))]

    def is_before(self, one: int, other: int) -> bool:
        """Whether a condition is known before another one."""
        return self._last[one] <= self._last[other]


def joined(nodes: Sequence[Node], position: int) -> Sequence[Truth]:
    """The two truths that a line needs both to hold, or both to fail; nothing of other lines.

    Where the second is asked only if the first does not say enough, it is a selection.
    """
    node = nodes[position]
    if node.op in (logical_and.name, logical_or.name):
        return [(argument, node.op == logical_and.name) for argument in node.args]
    if node.op == where.name and node.dtype == BOOL:
        condition, one, other = node.args
        if _is_constant(nodes[other], 0.0):
            return [(condition, True), (one, True)]
        if _is_constant(nodes[one], 1.0):
            return [(condition, False), (other, False)]
    return ()


def _is_constant(node: Node, value: float) -> bool:
    return node.op == CONSTANT and constant_value(node) == value


def opposite(truth: Truth) -> Truth:
    """What holds where a truth does not."""
    line, holds = truth
    return line, not holds


class Places:
    """The tree of places.

    Args:
        logic: of the conditions.

    Attributes:
        parents: by place, the one that it lies in.
        truths: by place, the condition that is known there, and whether it holds.
        depths: by place, how many branches are around.
    """

    def __init__(self, logic: Logic) -> None:
        self.logic = logic
        self.parents = [ROOT]
        self.truths: list[Truth] = [(NOWHERE, True)]
        self.depths = [0]
        self._jumps = [ROOT]  # to a place further out, so that long ways are short
        self._inner: dict[tuple[int, Truth], int] = {}
        self._children: dict[tuple[int, Truth], int] = {}
        self._stating: dict[int, list[int]] = {}  # by condition, the places where it is known

    # --- the tree --------------------------------------------------------------------------------

    def is_around(self, place: int, inner: int) -> bool:
        """Whether a place is another one, or lies around it."""
        return self._lifted(inner, self.depths[place]) == place

    def meet(self, one: int, other: int) -> int:
        """The innermost place around two."""
        depth = min(self.depths[one], self.depths[other])
        one, other = self._lifted(one, depth), self._lifted(other, depth)
        jumps, parents = self._jumps, self.parents
        while one != other:
            steps = jumps if jumps[one] != jumps[other] else parents
            one, other = steps[one], steps[other]
        return one

    def common(self, one: int, other: int) -> int:
        """A place in which something is known for two: wherever they are, what it says holds."""
        found = self.meet(one, other)
        if found in (one, other):
            return found
        for inner, apart in ((one, other), (other, one)):
            said = self._said(self._lifted(inner, self.depths[found] + 1))
            closer = found if said == NOWHERE else self.meet(said, apart)
            if self.depths[closer] > self.depths[found]:
                return closer
        return found

    def _said(self, place: int) -> int:
        """Where all holds that a condition says which is not taken apart; `NOWHERE` of others."""
        truth, found = self.truths[place], self.parents[place]
        if not self.logic.whole[truth[0]]:
            return NOWHERE
        sides = self.logic.implied(truth)
        for side in self.in_order(found, sides) if sides else ():
            found = self.where(found, side) if found != NOWHERE else found
        return found if sides else NOWHERE

    def are_apart(self, one: int, other: int) -> bool:
        """Whether two places are in the two ways of one branch."""
        found = self.meet(one, other)
        if found in (one, other):
            return False
        inner = [self._lifted(at, self.depths[found] + 1) for at in (one, other)]
        return self.truths[inner[0]][0] == self.truths[inner[1]][0]

    def asked_around(self, place: int) -> set[tuple[int, int]]:
        """The conditions of the branches around a place, each with where it is asked."""
        return {(self.parents[at], self.truths[at][0]) for at in self.between(ROOT, place)}

    def between(self, place: int, inner: int) -> list[int]:
        """The places that lie in one and around another, and that one, from within."""
        found = []
        while inner != place:
            found.append(inner)
            inner = self.parents[inner]
        return found

    def _lifted(self, place: int, depth: int) -> int:
        depths, jumps, parents = self.depths, self._jumps, self.parents
        while depths[place] > depth:
            place = jumps[place] if depths[jumps[place]] >= depth else parents[place]
        return place

    def _new(self, place: int, truth: Truth) -> int:
        """The place in one where a condition is asked: there is one of a kind."""
        found = self._children.setdefault((place, truth), len(self.parents))
        if found < len(self.parents):
            return found
        jump = self._jumps[place]
        depths = self.depths
        is_even = depths[place] - depths[jump] == depths[jump] - depths[self._jumps[jump]]
        self.parents.append(place)
        self.truths.append(truth)
        depths.append(depths[place] + 1)
        self._jumps.append(self._jumps[jump] if is_even else place)
        self._stating.setdefault(truth[0], []).append(found)
        return found

    # --- conditions ------------------------------------------------------------------------------

    def where(self, place: int, truth: Truth) -> int:
        """The place inside of one where a condition holds, or fails.

        It is the same one where that is known there, and `NOWHERE` where the opposite is.
        """
        inner, pending = self._inner, [truth]
        ends: list[tuple[int, tuple[int, Truth]]] = []  # by what was taken apart, what is left then
        while pending:
            truth = self.logic.plain(pending.pop())
            key = place, truth
            found = inner.get(key)
            if found is None:
                sides = self.logic.sides(truth)
                if sides:
                    ends.append((len(pending), key))
                    pending += reversed(self.in_order(place, sides))
                    continue
                options = self.logic.options(truth)
                found = self._where_any(place, truth, options) if options else None
                if found is None:
                    found = self._where_one(place, truth)
                inner[key] = found
            if found == NOWHERE:
                inner.update([(key, NOWHERE) for _, key in ends])
                return NOWHERE
            place = found
            while ends and len(pending) == ends[-1][0]:
                inner[ends.pop()[1]] = place
        return place

    def in_order(self, place: int, sides: Sequence[Truth]) -> Sequence[Truth]:
        """Conditions in the order to ask them: what is asked there already, then by position."""
        one, other = sides
        is_asked = [(place, side) in self._inner for side in sides]
        is_first = self.logic.is_before(one[0], other[0])
        begins = is_asked[0] if is_asked[0] != is_asked[1] else is_first
        return [one, other] if begins else [other, one]

    def _where_any(self, place: int, truth: Truth, options: Sequence[Truth]) -> int:
        """Where one of two truths holds: inside of all that both of them say."""
        inner = [found for side in options if (found := self.where(place, side)) != NOWHERE]
        if len(inner) < 2:
            return inner[0] if inner else NOWHERE
        one, other = inner
        common = self.meet(one, other)
        is_either = self.parents[one] == self.parents[other] == common
        if common in inner or (is_either and self.truths[one] == opposite(self.truths[other])):
            return common
        return self._where_one(common, truth)

    def _where_one(self, place: int, truth: Truth) -> int:
        line, holds = truth
        stating = self._stating.get(line, [])
        is_shorter = len(stating) < self.depths[place]
        for known in stating if is_shorter else self.between(ROOT, place):
            if self.truths[known][0] == line and self.is_around(known, place):
                return place if self.truths[known][1] == holds else NOWHERE
        return self._new(place, truth)
