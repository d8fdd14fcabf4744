"""Errors of differences against the step: large steps cut the series short, small ones cancel."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any  # values are numbers and NumPy's arrays

from symdiff.graph.graph import Graph
from symdiff.verify.finite_difference import is_analytic
from symdiff.verify.interpret import Interpreter
from symdiff.verify.libraries import Complex, Floats
from symdiff.verify.points import Entry, Point, coordinate, entries_of, moved
from symdiff.verify.reference import Kind, reference_within

STEPS = tuple(10.0 ** (-k / 2.0) for k in range(37))  # from 1 down to 1e-18
REFERENCE_ERROR = 1e-40  # of the derivative in many digits
MOST_WORK = 200_000  # evaluated elements in many digits

Estimate = Callable[[float], float]


@dataclass(frozen=True)
class StepErrors:
    """How far each method is off the derivative by one number, over its step.

    Attributes:
        by: the input, or the entry of one.
        steps: relative to the number, or to 1 where that is larger.
        methods: by name, the relative error at each step, absolute where the derivative is 0; NaN
            where the method gives none.
        emitted: the error of the emitted derivative, which takes no step.
    """

    by: str
    steps: tuple[float, ...]
    methods: Mapping[str, tuple[float, ...]]
    emitted: float


def step_errors(
    graph: Graph, wrt: Sequence[str], gradient: Mapping[str, Any], point: Point
) -> list[StepErrors]:
    """The errors at a point, by the first number of each input.

    Args:
        graph: the primal graph, without named dimensions and loops; its first output counts.
        wrt: the inputs that are varied.
        gradient: by name, the derivative as it is emitted.
        point: by name, a number or an array for every input.

    Returns:
        One for each input whose derivative is known in many digits.
    """
    import numpy as np

    reference = reference_within(MOST_WORK, graph, point)
    found = []
    for name in wrt if reference is not None else ():
        entries = entries_of(np.shape(gradient[name]))
        slope = reference.slope(name, entries[0]) if entries and reference else None
        if slope is not None and slope.kind is Kind.SMOOTH:
            given = float(np.asarray(gradient[name])[entries[0]])
            found.append(_errors(graph, point, name, entries[0], given, slope.value))
    return found


def _errors(
    graph: Graph, point: Point, name: str, entry: Entry, given: float, exact: Any
) -> StepErrors:
    scale = float(abs(exact)) or 1.0

    def error(estimate: float) -> float:
        found = float(abs(exact - estimate)) / scale if math.isfinite(estimate) else math.nan
        return 0.0 if found < REFERENCE_ERROR else found

    methods = {
        method: tuple([error(estimate(step)) for step in STEPS])
        for method, estimate in _methods(graph, point, name, entry).items()
    }
    by = f"{name}[{', '.join(map(str, entry))}]" if entry else name
    return StepErrors(by, STEPS, methods, error(given))


def _methods(graph: Graph, point: Point, name: str, entry: Entry) -> dict[str, Estimate]:
    """By name of a method, the derivative that it gives for a step."""
    x = coordinate(point, name, entry)
    scale = max(1.0, abs(x))
    floats = Interpreter(graph, Floats())

    def f(z: float) -> float:
        return float(floats.outputs(moved(point, name, entry, z))[0])

    def forward(step: float) -> float:
        above = x + step * scale
        return (f(above) - f(x)) / (above - x) if above != x else math.nan

    def central(step: float) -> float:
        above, below = x + step * scale, x - step * scale
        return (f(above) - f(below)) / (above - below) if above != below else math.nan

    found: dict[str, Estimate] = {
        "forward differences": forward,
        "central differences": central,
    }
    if not is_analytic(graph, name):
        complexes = Interpreter(graph, Complex())

        def along_imaginary(step: float) -> float:
            at = moved(point, name, entry, complex(x, step * scale))
            return complex(complexes.outputs(at)[0]).imag / (step * scale)

        found["complex step"] = along_imaginary
    return found
