"""Background of an explanation: the trace and the function, of which a page shows more."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol  # values are numbers and NumPy's arrays

from symdiff.errors import Span, SymdiffError, source_lines
from symdiff.explain.explanation import Walk
from symdiff.explain.samples import WIDTH, Samples, samples_of
from symdiff.explain.steps import Step
from symdiff.explain.trace import Trace
from symdiff.graph.graph import Graph
from symdiff.ops.loops import scan
from symdiff.verify.compare import ValueAndGrad
from symdiff.verify.points import Point


class Subject(Protocol):
    """The function that is explained, as `symdiff.Function` is one of value and gradient."""

    primal: Graph
    wrt: tuple[str, ...]

    @property
    def ops(self) -> int:
        """The operations of value and gradient."""

    @property
    def unshared_ops(self) -> float:
        """The same if every formula were written out."""

    @property
    def derivation(self) -> Graph:
        """The graph of value and gradient before it is optimised."""

    @property
    def optimized_value(self) -> Graph:
        """The graph of the value as it is emitted."""

    def emit(self) -> str:
        """The emitted module."""


@dataclass(frozen=True)
class Background:
    """What a page shows beside the steps.

    Attributes:
        subject: the function.
        source: its text.
        value_and_grad: what its module computes.
        gradient: by name, the derivative at the point as the module computes it.
        point: by name, a number or an array for every input.
        plain: the primal graph at the point, without loops.
        trace: the steps at the point.
        backward: makes the walk of cotangents.
        forward: makes the walk of tangents from an input.
        is_forward: whether the explanation shows tangents.
        why_fixed: why the steps are those of this point alone; empty where they are not.
    """

    subject: Subject
    source: str
    value_and_grad: ValueAndGrad
    gradient: Mapping[str, Any]
    point: Point
    plain: Graph
    trace: Trace
    backward: Callable[[], Walk]
    forward: Callable[[str], Walk]
    is_forward: bool
    why_fixed: str

    @property
    def wrt(self) -> tuple[str, ...]:
        """The inputs that the function is differentiated by."""
        return tuple(self.subject.wrt)

    @property
    def output(self) -> str:
        """The name of the line that is differentiated: a step, or an input itself."""
        (at,) = self.trace.graph.outputs
        names = [step.name for step in self.trace.steps if step.at == at]
        return names[0] if names else str(self.trace.graph[at].params[0])

    def span(self, step: Step) -> Span | None:
        """The stretch of the source that a step comes from."""
        return self.trace.graph.spans.get(step.at)

    def spans(self) -> Iterator[Span]:
        """Those of all steps that have one."""
        found = map(self.span, self.trace.steps)
        return (span for span in found if span is not None)

    def text(self, span: Span) -> str:
        """The text that a stretch counts in: a file's, or that of the source."""
        return "".join(source_lines(span.file)) if span.file else self.source

    def of_differences(self) -> tuple[Graph, Sequence[str], Mapping[str, Any], Point]:
        """What the errors of differences are computed from."""
        return self.plain, self.wrt, self.gradient, self.point

    def samples(self) -> Samples | None:
        """The function around the point; none where not one number or two vary.

        Nor where a loop runs until a test ends it: elsewhere it might not end.
        """
        if self.why_fixed:
            return None
        numbers = [name for name in self.wrt if isinstance(self.point[name], float)]
        ranges = {n: (self.point[n] - WIDTH, self.point[n] + WIDTH) for n in numbers[:2]}
        try:
            return samples_of(
                self.subject.primal, self.wrt, self.value_and_grad, ranges, self.point
            )
        except (SymdiffError, ArithmeticError, ValueError):  # nothing varies, or a check raises
            return None

    def operations(self) -> list[tuple[str, float]]:
        """How many operations value and gradient take, by how they are written.

        A loop is not written out.
        """
        written_out = [("written out, nothing shared", self.subject.unshared_ops)]
        return [
            ("value alone", float(self.subject.optimized_value.ops)),
            *written_out * (scan.name not in self.subject.derivation.by_op),
            ("equal parts shared", float(self.subject.derivation.ops)),
            ("as emitted", float(self.subject.ops)),
        ]
