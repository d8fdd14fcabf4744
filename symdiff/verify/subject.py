"""Subjects of a check: a function near a point, and the callable that is compared with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any  # mpmath's numbers have no types

from symdiff.errors import SymdiffError, UnsupportedError
from symdiff.graph.graph import Graph
from symdiff.graph.node import CONSTANT, INPUT
from symdiff.ops.creation import as_float32, stop
from symdiff.ops.registry import OPERATIONS
from symdiff.verify.finite_difference import is_analytic
from symdiff.verify.interpret import Interpreter, without_exact, work
from symdiff.verify.libraries import Complex, Floats
from symdiff.verify.points import Beside, Drawing, Point
from symdiff.verify.unroll import Unrolled

TOO_MUCH = 1_000_000  # evaluated elements that are too many for one point
EVALUATIONS = 12  # of the reference, for an entry
MOST_ENDLESS = 10  # points where loops do not end soon: then no more are tried
PLAIN_NOISE = 2.0**-49  # of a value, where no reference tells
FLOAT32_NOISE = 2.0**-21

ValueAndGrad = Callable[..., tuple[Any, Any]]


@dataclass(frozen=True)
class Subject:
    """What is checked.

    Attributes:
        graph: the value as written, at a point.
        wrt: the inputs that the gradient is by.
        value_and_grad: the callable.
        seed: of random choices.
        order: of the derivative, see `check`.
        raises: whether the callable may raise where IEEE has an infinity or no number.
        is_local: whether the graph is the value near the point alone: with as many steps.
    """

    graph: Graph
    wrt: tuple[str, ...]
    value_and_grad: ValueAndGrad
    seed: int
    order: int
    raises: bool
    is_local: bool

    @cached_property
    def floats(self) -> Interpreter:
        """The value as written."""
        return Interpreter(self.graph, Floats())

    @cached_property
    def complex(self) -> Interpreter:
        """The value as written, of complex numbers."""
        return Interpreter(self.graph, Complex())

    @cached_property
    def without_reference(self) -> str:
        """Why there is no reference; empty where there is one."""
        missing = without_exact(self.graph.nodes)
        if missing:
            return f"no counterpart of '{missing}'"
        too_large = work(self.graph) > TOO_MUCH / EVALUATIONS
        return "the arrays are large" if too_large else ""

    @cached_property
    def without_differences(self) -> str:
        """Why differences of the value as computed are no derivative; empty where they are."""
        is_frozen = any(node.op == stop.name for node in self.graph.nodes)
        return f"'{stop.name}' counts as a constant" if is_frozen else ""

    @cached_property
    def plain_noise(self) -> float:
        """How far rounding may move the value, relative to it, where no reference tells."""
        is_coarse = any(node.op == as_float32.name for node in self.graph.nodes)
        return FLOAT32_NOISE if is_coarse else PLAIN_NOISE

    @cached_property
    def kinks(self) -> int:
        """How many operations have one."""
        nodes = [node for node in self.graph.nodes if node.op not in (INPUT, CONSTANT)]
        return sum(bool(OPERATIONS[node.op].kink) for node in nodes)

    def without_complex(self, name: str) -> str:
        """Why the complex step cannot vary an input; empty where it can."""
        obstacle = is_analytic(self.graph, name)
        if obstacle:
            return f"{obstacle} is not analytic"
        return self.without_reference or self.without_differences

    def shape(self, name: str) -> tuple[int, ...]:
        """The lengths of an input."""
        position = self.graph.inputs[self.graph.input_names.index(name)]
        return tuple(n for n in self.graph[position].shape if isinstance(n, int))  # all of them


class Subjects:
    """What is checked, at each point: loops that a test ends have as many steps as there."""

    def __init__(
        self,
        whole: Unrolled,
        wrt: tuple[str, ...],
        value_and_grad: ValueAndGrad,
        seed: int,
        beside: Beside,
        order: int,
        *,
        raises: bool,
    ) -> None:
        self.beside = beside
        self._whole = whole
        self._others = wrt, value_and_grad, seed, order, raises, whole.depends_on_point
        self._seed = seed
        self._endless = 0
        self._fixed: Subject | None = None

    def at(self, point: Point) -> Subject:
        """The function near a point.

        Raises:
            UnsupportedError: where it has too many steps.
        """
        if self._fixed is None or self._whole.depends_on_point:
            self._fixed = Subject(self._whole.at(point), *self._others)
        return self._fixed

    def first(self, samples: int) -> Subject:
        """The function near the first random point where it can be checked.

        Raises:
            SymdiffError: where there is none.
        """
        if not self._whole.depends_on_point:
            return self.at({})
        points = Drawing(self._whole.inputs, self._seed, self.beside).random(samples)
        found = self.with_a_value(points, 1)
        if not found:
            raise SymdiffError(
                "no point was found where the loops end soon and the value is finite",
                suggestion="give one with at=",
            )
        return self.at(found[0])

    def with_a_value(self, points: Iterator[Point], most: int) -> list[Point]:
        """The first points where the function is finite and real."""
        import numpy as np

        found: list[Point] = []
        for point in points:
            if len(found) >= most or self._endless >= MOST_ENDLESS:
                break
            try:
                if np.isfinite(self.at(point).floats.outputs(point)[0]):
                    found.append(point)
            except (np.linalg.LinAlgError, ArithmeticError):
                continue
            except UnsupportedError:
                if not self._whole.depends_on_point:
                    raise
                self._endless += 1
        return found
