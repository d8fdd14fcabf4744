"""The trace of a function at a point: values forward, then cotangents backward or tangents."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, NamedTuple  # values are numbers and NumPy's arrays

from symdiff.errors import SymdiffError
from symdiff.explain.steps import CARRIED, COUNTS, Step, steps_of
from symdiff.graph.graph import Graph
from symdiff.optimize.inline import inline_own
from symdiff.verify.interpret import Interpreter
from symdiff.verify.libraries import Floats
from symdiff.verify.points import Point

_BESIDE = 1e-9  # how far beside a point it is looked for a kink at it
_JUMP = 1e-4  # what a derivative moves by over such a distance, at a kink


class Part(NamedTuple):
    """What the cotangent of a step gives to a line that the step reads.

    Attributes:
        step: the step.
        number: which of the lines that it varies with.
        value: the cotangent.
    """

    step: Step
    number: int
    value: Any


@dataclass
class Carried:
    """The cotangent of a line: the sum of what the steps that read it give to it.

    Attributes:
        parts: in the order in which the steps stand.
        value: the sum.
        counts: where it counts: not in a way of a branch that is not taken.
    """

    value: Any
    counts: Any  # a truth or an array of them
    parts: list[Part] = field(default_factory=list)

    def add(self, part: Part, counts: Any) -> None:
        """Take what an earlier step gives."""
        import numpy as np

        self.parts.insert(0, part)
        self.value = part.value + self.value
        self.counts = np.logical_or(self.counts, counts)


class Trace:
    """A function at a point.

    Args:
        graph: with one output, without named dimensions and loops.
        wrt: names of the inputs that it is differentiated by.
        point: by name, a number or an array for every input.

    Attributes:
        graph: the function.
        steps: of the function, in their order.
        values: by position of an input or a step, its value.

    Raises:
        LimitError: where there are too many steps.
        SymdiffError: where a step has no value at the point, as the inverse of a singular matrix.
    """

    def __init__(self, graph: Graph, wrt: Sequence[str], point: Point) -> None:
        self.graph = graph
        self.steps = steps_of(graph, wrt)
        self._interpreters: dict[Any, Interpreter] = {}
        floats, inputs = Floats(), dict(zip(graph.inputs, graph.input_names, strict=True))
        self._wrt = [at for at, name in inputs.items() if name in wrt]
        self.values: dict[int, Any] = {
            at: floats.given(graph[at], point[name]) for at, name in inputs.items()
        }
        for step in self.steps:
            (self.values[step.at],) = self._computed(step, Step.as_written)

    def local_derivatives(self, step: Step, beside: float = 0.0) -> list[Any]:
        """The sum over the results of their derivatives by each line that a step varies with.

        Args:
            step: one of the steps.
            beside: how far from the point, relative to each value, in a fixed pattern of signs.
        """
        import numpy as np

        result = self.values[step.at]
        one, always = np.ones_like(result)[()], np.ones_like(result, bool)[()]
        return self._computed(
            step, Step.pulled_back, {CARRIED: one, COUNTS: always}, beside=beside
        )[: len(step.varied)]

    def cotangents(self) -> dict[int, Carried]:
        """By position of a line that the derivative goes through, its cotangent."""
        import numpy as np

        (output,) = self.graph.outputs
        found = {output: Carried(np.float64(1.0), np.True_)}
        for step in reversed(self.steps):
            if step.at not in found:
                continue
            own = found[step.at]
            given = {
                CARRIED: own.value,
                COUNTS: np.broadcast_to(own.counts, np.shape(own.value))[()],
            }
            results = self._computed(step, Step.pulled_back, given)
            count = len(step.varied)
            for number, (value, counts) in enumerate(
                zip(results[:count], results[count:], strict=True)
            ):
                at = step.reads[step.varied[number]]
                arriving = found.setdefault(at, Carried(np.zeros_like(value)[()], np.False_))
                arriving.add(Part(step, number, value), counts)
        for at in self._wrt:
            found.setdefault(at, Carried(np.zeros_like(self.values[at])[()], np.False_))
        return found

    def tangents(self, name: str) -> dict[int, Any]:
        """By position of a line that varies with an input, its tangent, where that moves by 1."""
        import numpy as np

        (at,) = [at for at in self._wrt if self.graph[at].params[0] == name]
        found = {at: np.ones_like(self.values[at])[()]}
        for step in self.steps:
            if any(step.reads[k] in found for k in step.varied):
                found[step.at] = self.pushed(step, found)
        return found

    def pushed(self, step: Step, tangents: Mapping[int, Any]) -> Any:
        """The tangent of a step, from those of lines that it reads; of the others it is 0."""
        import numpy as np

        given = {
            f"{CARRIED}{k}": tangents.get(step.reads[k], np.zeros_like(self.values[step.reads[k]]))
            for k in step.varied
        }
        (found,) = self._computed(step, Step.pushed_forward, given)
        return found

    def _computed(
        self,
        step: Step,
        made: Callable[[Step], Graph],
        given: Mapping[str, Any] = MappingProxyType({}),
        beside: float = 0.0,
    ) -> list[Any]:
        """The outputs of a graph of a step, which is made once for all steps that are alike."""
        import numpy as np

        key = made, step.varied, tuple(step.graph.nodes)
        if key not in self._interpreters:
            self._interpreters[key] = Interpreter(inline_own(made(step)), Floats())
        values = [_moved(self.values[at], beside, k) for k, at in enumerate(step.reads)]
        read = zip(step.graph.input_names, values, strict=True)
        try:
            return self._interpreters[key].outputs({**dict(read), **given})
        except np.linalg.LinAlgError as error:
            reason = str(error).lower()
            raise SymdiffError(f"{step.name} = {step.formula}: {reason} at this point") from None


def _moved(value: Any, beside: float, number: int) -> Any:
    """A value, or one beside it: each element of each line by another distance, without ties."""
    import numpy as np

    if not beside or np.asarray(value).dtype.kind != "f":
        return value
    scale = np.maximum(np.abs(value), 1.0)
    pattern = np.cos(np.arange(np.size(value)) + number).reshape(np.shape(value))[()]
    with np.errstate(invalid="ignore"):  # infinity has nothing beside it
        return value + beside * scale * pattern


def has_kink(trace: Trace, step: Step) -> bool:
    """Whether the derivative of a step jumps at the point."""
    import numpy as np

    if not step.varied or not step.record.kink:  # a constant varies with nothing, and is no record
        return False
    below, above = (trace.local_derivatives(step, side * _BESIDE) for side in (-1.0, 1.0))
    return any(
        bool(np.any(np.abs(a - b) > _JUMP * (1.0 + np.abs(a) + np.abs(b))))
        for a, b in zip(above, below, strict=True)
    )
