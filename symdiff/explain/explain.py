"""Explanations made: a function's trace at a point in words, and the derivatives beside others."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any  # values are numbers and NumPy's arrays

from symdiff.errors import SymdiffError
from symdiff.explain.background import Background, Subject
from symdiff.explain.explanation import (
    CarriedLine,
    ExplainedStep,
    Explanation,
    LocalDerivative,
    Summand,
    Views,
    Walk,
)
from symdiff.explain.page import page_of
from symdiff.explain.pictures import framed, prepared
from symdiff.explain.results import gradient_by_name, results_of
from symdiff.explain.rewriting import optimisation_of
from symdiff.explain.steps import MOVES, Step, adjoints_of, derivatives_of, formulas_of
from symdiff.explain.trace import Trace, has_kink
from symdiff.explain.words import Formula, partial, product, shown
from symdiff.explain.words import name as named
from symdiff.ops.control import where
from symdiff.ops.operation import Flat
from symdiff.verify.compare import ValueAndGrad
from symdiff.verify.unroll import Unrolled

REVERSE, FORWARD = "reverse", "forward"
_APART = 1e-6  # relative: beyond rounding


def explain(
    subject: Subject,
    value_and_grad: ValueAndGrad,
    at: Mapping[str, Any] | None = None,  # numbers, or arrays
    *,
    mode: str = REVERSE,
    source: str = "",
) -> Explanation:
    """The chain rule on a function at a point, step by step.

    Args:
        subject: the function; its first output counts.
        value_and_grad: what its module computes: the value, and the gradient in the order of its
            inputs.
        at: the point; default a random one where the function is smooth, named dimensions small.
        mode: `reverse` for cotangents, `forward` for tangents.
        source: the function's text.

    Raises:
        SymdiffError: where `at` lacks an input, an array does not fit, or the function raises, or
            has no value, at the point.
        LimitError: where there are too many steps.
    """
    if mode not in (REVERSE, FORWARD):
        raise SymdiffError(f"'{mode}' is no mode", suggestion=f"these are: {REVERSE}, {FORWARD}")
    graph, wrt = subject.primal, subject.wrt
    given = prepared(subject, at)
    point, plain = given.point, given.plain
    written_out = Unrolled(given.primal, given.lengths)
    with_steps = written_out.at(point)  # before the call, which might not end
    gradient = gradient_by_name(value_and_grad, [point[name] for name in graph.input_names], wrt)
    trace = Trace(with_steps, wrt, point)
    words = _Words(trace, source, gradient)
    walks = [words.backward()] if mode == REVERSE else [words.forward(name) for name in wrt]
    is_plain = plain.nodes == given.primal.nodes  # no function in it has a rule of its own
    straight = with_steps if is_plain else Unrolled(plain, given.lengths).at(point)
    background = Background(
        subject,
        source,
        value_and_grad,
        gradient,
        point,
        straight,
        trace,
        words.backward,
        words.forward,
        mode == FORWARD,
        "how often a loop runs depends on the point" if written_out.depends_on_point else "",
    )
    return Explanation(
        source,
        {name: point[name] for name in graph.input_names},
        tuple(words.steps()),
        tuple(walks),
        tuple(words.notes()),
        Views(
            functools.partial(results_of, straight, wrt, gradient, point),
            lambda: optimisation_of(
                subject.derivation,
                lambda graph: Unrolled(graph, given.lengths).inputs,
                trace,
                point,
                background.operations(),
            ),
            functools.partial(page_of, background=background),
            functools.partial(framed, given, wrt, source),
        ),
    )


class _Words:
    """A trace in words."""

    def __init__(self, trace: Trace, source: str, gradient: Mapping[str, Any]) -> None:
        graph = trace.graph
        self._trace = trace
        self._has_lines = "\n" in source
        self._source = source
        self._gradient = gradient
        self._names = {at: graph[at].params[0] for at in graph.inputs}
        self._names |= {step.at: step.name for step in trace.steps}
        self._cotangents = trace.cotangents()
        self._local: dict[int, list[Any]] = {}

    def steps(self) -> Iterator[ExplainedStep]:
        """The steps forward."""
        steps = self._trace.steps
        written = zip(steps, formulas_of(steps), derivatives_of(steps), strict=True)
        for step, formula, derivatives in written:
            yield ExplainedStep(
                step.name,
                formula,
                step.names,
                self._line(step),
                self._trace.values[step.at],
                tuple(self._derivatives(step, derivatives)),
                tuple(self._notes(step)),
            )

    def _line(self, step: Step) -> int:
        span = self._trace.graph.spans.get(step.at)
        if span is None or span.line:
            return span.line if span else 0
        return self._source[: span.start].count("\n") + 1 if self._has_lines else 0

    def _derivatives(self, step: Step, formulas: Sequence[Formula]) -> Iterator[LocalDerivative]:
        if formulas:
            values = self._local_derivatives(step)
            for k, formula, value in zip(step.varied, formulas, values, strict=True):
                yield LocalDerivative(step.names[k], formula, value)

    def _local_derivatives(self, step: Step) -> list[Any]:
        if step.at not in self._local:
            self._local[step.at] = self._trace.local_derivatives(step)
        return self._local[step.at]

    def _notes(self, step: Step) -> Iterator[str]:
        if step.node.op == where.name:
            yield self._way(step)
        elif step.varied and (
            has_kink(self._trace, step)
            or (isinstance(step.record.derivative, Flat) and step.record.kink)
        ):
            yield step.record.kink

    def _way(self, step: Step) -> str:
        """Which way of a branch is taken."""
        import numpy as np

        truth = np.asarray(self._trace.condition(step))
        if truth.all() or not truth.any():
            which = "first" if truth.all() else "second"
            return f"{self._condition(step)} is {bool(truth.all())}: the {which}"
        return f"the first for {int(truth.sum())} of {truth.size}"

    def _condition(self, step: Step) -> str:
        """The name of what decides, where it is a step, which may be repeated for each element."""
        at = self._trace.graph[step.at].args[0]
        while at not in self._names and self._trace.graph[at].op in MOVES:
            (at,) = self._trace.graph[at].args
        return str(self._names.get(at, "the condition"))

    # --- walks -----------------------------------------------------------------------------------

    @cached_property
    def _adjoints(self) -> dict[int, list[Formula]]:
        """By position of a step whose elements depend on others, what its cotangent gives."""
        steps = [
            step
            for step in self._trace.steps
            if step.at in self._cotangents and step.varied and not step.is_elementwise
        ]
        return dict(zip([step.at for step in steps], adjoints_of(steps), strict=True))

    def backward(self) -> Walk:
        """The cotangents from the output to the inputs."""
        lines = []
        for at, carried in sorted(self._cotangents.items(), reverse=True):
            summands = [self._summand(part.step, part.number, part.value) for part in carried.parts]
            lines.append(CarriedLine(f"{self._names[at]}_bar", tuple(summands), carried.value))
        return Walk("Backward: cotangents", tuple(lines))

    def _summand(self, step: Step, number: int, value: Any) -> Summand:
        cotangent, by = f"{step.name}_bar", step.names[step.varied[number]]
        if not step.is_elementwise:
            formula: str = self._adjoints[step.at][number]
            formula = formula or f"VJP of {step.name} with {cotangent}"
            return Summand(step.name, formula, "", value)
        own, local = self._cotangents[step.at], self._local_derivatives(step)[number]
        numbers: str = "" if step.shape else product(shown(own.value), shown(local))
        if not own.counts.any():
            numbers = "not taken"  # nothing is multiplied there: the derivative may be infinite
        formula = product(named(cotangent), partial(step.name, by))
        return Summand(step.name, formula, numbers, value)

    def forward(self, name: str) -> Walk:
        """The tangents from one input to the output."""
        import numpy as np

        tangents = self._trace.tangents(name)
        steps = {step.at: step for step in self._trace.steps}
        lines = []
        for at, value in sorted(tangents.items()):
            summands = self._pushed(steps[at], tangents) if at in steps else []
            lines.append(CarriedLine(f"{self._names[at]}_dot", tuple(summands), value))
        is_array = np.ndim(next(iter(tangents.values()))) > 0
        along = " moves by 1 in each element" if is_array else " moves by 1"
        return Walk(f"Forward: tangents where {name}{along}", tuple(lines))

    def _pushed(self, step: Step, tangents: Mapping[int, Any]) -> Iterator[Summand]:
        carrying = [(n, k) for n, k in enumerate(step.varied) if step.reads[k] in tangents]
        if not step.is_elementwise:
            given = ", ".join(f"{step.names[k]}_dot" for _, k in carrying)
            yield Summand("", f"JVP of {step.name} with {given}", "", tangents[step.at])
            return
        local = self._local_derivatives(step)
        for n, k in carrying:
            tangent = tangents[step.reads[k]]
            value = self._trace.pushed(step, {step.reads[k]: tangent})
            numbers: str = "" if step.shape else product(shown(local[n]), shown(tangent))
            if not step.shape and value == local[n] == 0.0 and not _is_finite(tangent):
                numbers = "not taken"
            formula = product(partial(step.name, step.names[k]), named(f"{step.names[k]}_dot"))
            yield Summand(step.names[k], formula, numbers, value)

    # --- what is not finite, and what differs ----------------------------------------------------

    def notes(self) -> Iterator[str]:
        """What is not finite first, and where the module has another derivative than the steps."""
        yield from self._not_finite()
        yield from self._apart()

    def _apart(self) -> Iterator[str]:
        """Where the steps as written lose a derivative that the module has."""
        import numpy as np

        for at in self._trace.graph.inputs:
            name = self._names[at]
            if name not in self._gradient:
                continue
            walked, computed = self._cotangents[at].value, self._gradient[name]
            if not np.allclose(walked, computed, rtol=_APART, atol=_APART, equal_nan=True):
                (output,) = self._trace.graph.outputs
                yield (
                    f"by the steps as written {name}_bar = {shown(walked)}, but "
                    f"{partial(self._names[output], name)} = {shown(computed)}: the module "
                    "differentiates an equal form, which keeps the derivative here"
                )

    def _not_finite(self) -> Iterator[str]:
        """The first step whose value is not finite, or else the first cotangent."""
        for step in self._trace.steps:
            if self._counts(step) and not _is_finite(self._trace.values[step.at]):
                yield self._first("value", step.name, step.formula, step, step.at)
                return
        for at, carried in sorted(self._cotangents.items(), reverse=True):
            if not _is_finite(carried.value):
                step = next(part.step for part in carried.parts if not _is_finite(part.value))
                yield self._first("cotangent", f"{self._names[at]}_bar", "", step, at)
                return

    def _counts(self, step: Step) -> bool:
        """Whether a step stands in no way of a branch that is not taken, as far as is known."""
        carried = self._cotangents.get(step.at)
        return carried is None or bool(carried.counts.any())

    def _first(self, what: str, name: str, formula: str, step: Step, at: int) -> str:
        """A sentence on what is not finite, and what it comes from."""
        given = [
            f"{n} = {shown(self._trace.values[k])}"
            for n, k in zip(step.names, step.reads, strict=True)
        ]
        value = self._trace.values[at] if what == "value" else self._cotangents[at].value
        made = f" = {formula}" if formula else f", from {step.name} = {step.formula},"
        needed = self._trace.graph.ancestors([step.at])
        inputs = [self._names[k] for k in self._trace.graph.inputs if needed[k]]
        return (
            f"the first {what} that is not finite: {name}{made} = {shown(value)} "
            f"at {', '.join(given)}; it depends on {', '.join(inputs) or 'no input'}"
        )


def _is_finite(value: Any) -> bool:
    import numpy as np

    return bool(np.all(np.isfinite(value)))
