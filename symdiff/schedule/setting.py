"""Settings of plans: what the plans of a function and of the loops in it share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from symdiff.errors import Span
from symdiff.graph.graph import Graph
from symdiff.graph.node import Node
from symdiff.schedule.program import Expr, Op, Ref, Statement
from symdiff.schedule.style import Style
from symdiff.schedule.writes import InPlace, Pending

P = TypeVar("P", contravariant=True)  # a plan: what states lines

# (plan, position, line): states a line that holds graphs, or finds one of its results
Region = Callable[[P, int, Node], None]


class Branching(Protocol[P]):
    """The branches of a graph, and how a plan states them.

    Attributes:
        graph: the lines with choices in the place of selections.
        asked: by condition, how often it decides.
    """

    graph: Graph
    asked: Mapping[int, int]

    def state(self, plan: P) -> list[Statement]:
        """State all lines in their places; the statements."""

    def name_of(self, plan: P, position: int) -> str:
        """The name that a line is to have because it is what a way chooses, else `""`."""

    def later(self, plan: P, position: int) -> set[int]:
        """The lines that are read after a line."""

    def pending(self, plan: P, base: int, position: int) -> Pending | None:
        """What must be stated before a line changes another one's memory; else `None`."""

    def stated(self) -> Iterable[list[Statement]]:
        """The statements that stand before the next one on every way, the innermost first."""

    def condition_of(self, plan: P, position: int) -> Expr:
        """Where a check raises."""


class FindBranches(Protocol[P]):
    """What finds the branches of a graph."""

    def __call__(
        self, graph: Graph, in_place: InPlace, *, of_arrays: bool = True
    ) -> Branching[P] | None:
        """They, if there are some; of numbers alone where arrays may not be chosen."""


@dataclass(frozen=True, slots=True)
class Setting(Generic[P]):
    """What the plans of a function and of the loops in it share.

    Attributes:
        style: of the target.
        known: lines that are defined outside of the program, under their names.
        regions: by the kind of derivative, how lines that hold graphs are stated.
        write: how a line is stated that the target writes into its first argument.
        letter: the name of values without one.
        branching: what finds and states the branches of a plan.
        counters: by depth, the name that a loop counts with.
    """

    style: Style
    known: Mapping[Node, Ref]
    regions: Mapping[type, Region[P]]
    write: Region[P]
    letter: str
    branching: FindBranches[P]
    counters: dict[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Around:
    """The loop that a plan is the body of.

    Attributes:
        depth: how many loops there are around.
        settled: names that the first outputs are to have: what the loop carries on.
        own: names of arrays that nothing else holds.
        rows: by number of an output that an inner loop stacks, the row of an array that it is.
        span: the place of the loop in the source.
    """

    depth: int = 0
    settled: tuple[str, ...] = ()
    own: frozenset[str] = frozenset()
    rows: Mapping[int, Op] = field(default_factory=dict)
    span: Span | None = None
