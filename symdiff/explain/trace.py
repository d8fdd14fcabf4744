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

Values = Mapping[int, Any]  # by position of an input or a step

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
        self.parts.insert(0, part)
        self.plus(part.value, counts)

    def plus(self, value: Any, counts: Any) -> None:
        """Take what no step here gives; infinities of both signs are NaN, without a warning."""
        import numpy as np

        with np.errstate(invalid="ignore", over="ignore"):
            self.value = value + self.value
        self.counts = np.logical_or(self.counts, counts)


class Computing:
    """What computes the graphs of steps, each made once for all steps that are alike."""

    def __init__(self) -> None:
        self._interpreters: dict[Any, Interpreter] = {}

    def value(self, step: Step, values: Values) -> Any:
        """The value of a step, from those of the lines that it reads."""
        (found,) = self.outputs(step, Step.as_written, values)
        return found

    def local_derivatives(self, step: Step, values: Values, beside: float = 0.0) -> list[Any]:
        """See `Trace.local_derivatives`."""
        import numpy as np

        result = values[step.at]
        one, always = np.ones_like(result)[()], np.ones_like(result, bool)[()]
        given = {CARRIED: one, COUNTS: always}
        return self.outputs(step, Step.pulled_back, values, given, beside)[: len(step.varied)]

    def pull(self, step: Step, values: Values, found: dict[int, Carried]) -> None:
        """Add what the cotangent of a step gives to the lines that it reads, where it has one."""
        import numpy as np

        if step.at not in found:
            return
        own = found[step.at]
        given = {CARRIED: own.value, COUNTS: np.broadcast_to(own.counts, np.shape(own.value))[()]}
        results = self.outputs(step, Step.pulled_back, values, given)
        count = len(step.varied)
        pairs = zip(results[:count], results[count:], strict=True)
        for number, (value, counts) in enumerate(pairs):
            at = step.reads[step.varied[number]]
            arriving = found.setdefault(at, Carried(np.zeros_like(value)[()], np.False_))
            arriving.add(Part(step, number, value), counts)

    def outputs(
        self,
        step: Step,
        made: Callable[[Step], Graph],
        values: Values,
        given: Mapping[str, Any] = MappingProxyType({}),
        beside: float = 0.0,
    ) -> list[Any]:
        """The outputs of a graph of a step.

        Args:
            step: the step.
            made: gives its graph.
            values: by position, those of the lines that it reads.
            given: by name, those of further inputs of the graph.
            beside: see `Trace.local_derivatives`.

        Raises:
            SymdiffError: where the step has no value, as the inverse of a singular matrix.
        """
        import numpy as np

        key = made, step.varied, tuple(step.graph.nodes)
        if key not in self._interpreters:
            self._interpreters[key] = Interpreter(inline_own(made(step)), Floats())
        read = [_moved(values[at], beside, k) for k, at in enumerate(step.reads)]
        pairs = zip(step.graph.input_names, read, strict=True)
        try:
            return self._interpreters[key].outputs({**dict(pairs), **given})
        except np.linalg.LinAlgError as error:
            reason = str(error).lower()
            raise SymdiffError(f"{step.name} = {step.formula}: {reason} at this point") from None


class Trace:
    """A function at a point.

    Args:
        graph: with one output, without named dimensions and loops.
        wrt: names of the inputs that it is differentiated by.
        point: by name, a number or an array for every input.

    Attributes:
        graph: the function.
        wrt: as given.
        steps: of the function, in their order.
        values: by position of an input or a step, its value.

    Raises:
        LimitError: where there are too many steps.
        SymdiffError: where a step has no value at the point, as the inverse of a singular matrix.
    """

    def __init__(self, graph: Graph, wrt: Sequence[str], point: Point) -> None:
        self.graph, self.wrt = graph, wrt
        self.steps = steps_of(graph, wrt)
        self._computing = Computing()
        floats, inputs = Floats(), dict(zip(graph.inputs, graph.input_names, strict=True))
        self._wrt = [at for at, name in inputs.items() if name in wrt]
        self.values: dict[int, Any] = {
            at: floats.given(graph[at], point[name]) for at, name in inputs.items()
        }
        for step in self.steps:
            self.values[step.at] = self._computing.value(step, self.values)

    def local_derivatives(self, step: Step, beside: float = 0.0) -> list[Any]:
        """The sum over the results of their derivatives by each line that a step varies with.

        Args:
            step: one of the steps.
            beside: how far from the point, relative to each value, in a fixed pattern of signs.
        """
        return self._computing.local_derivatives(step, self.values, beside)

    def condition(self, step: Step) -> Any:
        """Of a choice: a truth or an array of them, where its first argument is taken."""
        (found,) = self._computing.outputs(step, Step.condition, self.values)
        return found

    def cotangents(self) -> dict[int, Carried]:
        """By position of a line that the derivative goes through, its cotangent."""
        import numpy as np

        (output,) = self.graph.outputs
        found = {output: Carried(np.float64(1.0), np.True_)}
        for step in reversed(self.steps):
            self._computing.pull(step, self.values, found)
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
        (found,) = self._computing.outputs(step, Step.pushed_forward, self.values, given)
        return found


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
