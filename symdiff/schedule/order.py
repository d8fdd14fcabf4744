"""Order of the lines of a graph with branches: what stands in one way of one stands together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from heapq import heappop, heappush
from itertools import accumulate
from typing import NamedTuple

from symdiff.ops.checks import check
from symdiff.schedule.branches import Branches
from symdiff.schedule.places import ROOT
from symdiff.schedule.program import CHOICE

LINE, FIRST, SECOND = range(3)  # a line itself, or one of the two values of a choice


class Step(NamedTuple):
    """What is stated next.

    Attributes:
        place: where it stands.
        position: of the line.
        part: `LINE`, or which value of a choice is chosen.
    """

    place: int
    position: int
    part: int


def in_order(branches: Branches, before: Mapping[int, Sequence[int]]) -> list[Step]:
    """The lines that compute something, every one after what it needs.

    A line stands as early as it can; a branch stands as late as it must, so that one holds as much
    as it can. What stood behind a check stays behind it.

    Args:
        branches: the lines, and their places.
        before: by line that changes memory, what reads it before.
    """
    order = _Order(branches, before)
    steps = list(order.run())
    assert not any(order.needs)  # each waits for lines and conditions before it, so none for itself
    return steps


class _Order:
    """A topological order by the places of what is ready.

    The steps have numbers: three for a line, and behind those one for each place, which waits for
    its condition.
    """

    def __init__(self, branches: Branches, before: Mapping[int, Sequence[int]]) -> None:
        graph, places = branches.graph, branches.places
        self.branches = branches
        self.places = places
        self.first_place = 3 * len(graph)
        count = self.first_place + len(places.parents)
        self.needs = [0] * count  # by step, how many it waits for
        self.waiting: list[list[int]] = [[] for _ in range(count)]
        checks = [node.op == check.name for node in graph.nodes]
        self.before = [0, *accumulate(checks)]  # by position, how many checks stand before it
        self.passed = 0
        self.reads = before
        self.held: list[list[int]] = [[] for _ in range(self.before[-1] + 1)]
        self.ready: list[list[int]] = [[] for _ in places.parents]  # by place
        # by place, the inner ones in which something is ready: by condition, and then by way
        self.inner: list[dict[int, set[int]]] = [{} for _ in places.parents]
        self.has_ready = bytearray(len(places.parents))

    # --- what waits for what ---------------------------------------------------------------------

    def _steps(self) -> list[int]:
        """All steps, with what each waits for."""
        graph, found = self.branches.graph, [self.first_place + ROOT]
        opened = {ROOT}
        for position, node in enumerate(graph.nodes):
            if not node.args:
                continue
            parts = self.branches.ways.get(position)
            steps = [(LINE, self.branches.place[position])]
            if parts:
                steps += zip((FIRST, SECOND), parts, strict=True)
            for part, place in steps:
                step = 3 * position + part
                found.append(step)
                if place not in opened:
                    found += self._opened(place, opened)
                self._wait(step, self.first_place + place)
                self._wait_for_values(step, position, part)
        return found

    def _opened(self, place: int, opened: set[int]) -> Iterator[int]:
        """The steps of a place, and of those around it."""
        while place not in opened:
            opened.add(place)
            step, parent = self.first_place + place, self.places.parents[place]
            self._wait(step, self.first_place + parent)
            condition, _ = self.places.truths[place]
            if self.branches.graph.nodes[condition].args:
                self._wait(step, 3 * condition)
            yield step
            place = parent

    def _wait_for_values(self, step: int, position: int, part: int) -> None:
        nodes = self.branches.graph.nodes
        args = nodes[position].args
        for loop in self.branches.counting.get(position, ()):
            self._wait(step, 3 * loop)
        for read in self.reads.get(position, ()):
            if not self.places.are_apart(self.branches.place[read], self.branches.place[position]):
                self._wait(step, 3 * read)
        if nodes[position].op != CHOICE:
            for argument in args:
                if nodes[argument].args:
                    self._wait(step, 3 * argument)
            return
        if part == LINE:
            self._wait(step, 3 * position + FIRST)
            self._wait(step, 3 * position + SECOND)
            return
        argument, other = args[part - 1], args[2 - part]
        if nodes[argument].args:
            self._wait(step, 3 * argument)
        is_default = self.branches.place[position] in self.branches.ways[position]
        if is_default:  # what stands before the branch
            is_last = self.branches.ways[position][part - 1] != self.branches.place[position]
        else:  # a number, which is there at once, stands beside what the other way computes
            is_last = not nodes[argument].args and bool(nodes[other].args)
        if is_last:
            self._wait(step, 3 * position + (SECOND if part == FIRST else FIRST))

    def _wait(self, step: int, other: int) -> None:
        self.needs[step] += 1
        self.waiting[other].append(step)

    # --- the run ---------------------------------------------------------------------------------

    def run(self) -> Iterator[Step]:
        """Step by step: in the place where the last one was, then around it."""
        for step in [step for step in self._steps() if not self.needs[step]]:
            self._offer(step)
        place = ROOT
        while True:
            ready, inner = self.ready[place], self.inner[place]
            if ready:
                step = heappop(ready)
                yield Step(place, step // 3, step % 3)
                if self.branches.graph.nodes[step // 3].op == check.name:
                    self._pass()
                self._done(step)
            elif inner:
                place = self._next(inner)
            elif place != ROOT:
                place = self._left(place)
            else:
                return

    def _next(self, inner: dict[int, set[int]]) -> int:
        """The first place in which something is ready, where a condition holds before its else."""
        ways = inner[next(iter(inner))]
        return max(ways, key=lambda place: self.places.truths[place][1])

    def _left(self, place: int) -> int:
        """Where to go from a place: to the other way of the branch, else around it."""
        self.has_ready[place] = 0
        parent, (condition, _) = self.places.parents[place], self.places.truths[place]
        ways = self.inner[parent][condition]
        ways.discard(place)
        if ways:
            return self._next({condition: ways})
        del self.inner[parent][condition]
        return parent

    def _offer(self, step: int) -> None:
        """A step that waits for nothing but checks."""
        pending = [step]
        while pending:
            step = pending.pop()
            if step >= self.first_place:
                pending += self._released(step)
            elif self.before[step // 3] > self.passed:
                self.held[self.before[step // 3]].append(step)
            else:
                self._make_ready(step)

    def _make_ready(self, step: int) -> None:
        position, part = divmod(step, 3)
        place = self.branches.place[position]
        if part != LINE:
            place = self.branches.ways[position][part - 1]
        heappush(self.ready[place], step)
        while place != ROOT and not self.has_ready[place]:
            self.has_ready[place] = 1
            parent, (condition, _) = self.places.parents[place], self.places.truths[place]
            self.inner[parent].setdefault(condition, set()).add(place)
            place = parent

    def _done(self, step: int) -> None:
        for free in self._released(step):
            self._offer(free)

    def _released(self, step: int) -> list[int]:
        """The steps that waited for nothing else."""
        found = []
        for other in self.waiting[step]:
            self.needs[other] -= 1
            if not self.needs[other]:
                found.append(other)
        return found

    def _pass(self) -> None:
        """What stands behind a check can follow it."""
        self.passed += 1
        held, self.held[self.passed] = self.held[self.passed], []
        for step in held:
            self._offer(step)
