"""Derivatives as a module computes them, beside finite differences and 50 digits."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any  # values are numbers and NumPy's arrays

from symdiff.errors import at_this_point
from symdiff.explain.explanation import Result
from symdiff.explain.words import MOST_ELEMENTS
from symdiff.graph.graph import Graph
from symdiff.verify.check import prepared
from symdiff.verify.compare import ValueAndGrad, smooth_point
from symdiff.verify.finite_difference import TRUST, central
from symdiff.verify.interpret import Interpreter, Lines, work
from symdiff.verify.libraries import Floats
from symdiff.verify.points import Entry, Point, coordinate, entries_of, moved
from symdiff.verify.reference import Kind, Reference, reference_within
from symdiff.verify.step_errors import StepErrors, step_errors
from symdiff.verify.trial import is_kink

MOST_WORK = 100_000  # evaluated elements in many digits: about a second
EVALUATIONS = 4  # of the reference, for an entry
SURE = 1e-6  # relative error that differences know themselves, to be compared with


def results_of(
    graph: Graph, wrt: Sequence[str], gradient: Mapping[str, Any], point: Point
) -> Iterator[Result]:
    """The derivative by each input as the module computes it, and how far it is off.

    Of an array those entries are compared that are shown where it is small, in many digits as many
    of them as take about a second.
    """
    import numpy as np

    reference = reference_within(MOST_WORK, graph, point)
    floats = Interpreter(graph, Floats())
    lines, inputs = floats.lines(point), dict(zip(graph.input_names, graph.inputs, strict=True))
    known = max(1, MOST_WORK // (EVALUATIONS * work(graph) * len(wrt)))
    for name in wrt:
        value = gradient[name]
        entries = entries_of(np.shape(value))[:MOST_ELEMENTS]
        pairs = [(entry, float(np.asarray(value)[entry])) for entry in entries]
        exact = _largest(
            _off_exact(reference, name, entry, given) for entry, given in pairs[:known]
        )
        beside = partial(_beside, floats, lines, graph.descendants([inputs[name]]))
        differences = _largest(
            _off_differences(beside, point, name, entry, given) for entry, given in pairs
        )
        yield Result((graph.output_names[0], name), value, differences, exact)


def gradient_by_name(
    value_and_grad: ValueAndGrad, args: Sequence[Any], wrt: Sequence[str]
) -> dict[str, Any]:
    """The gradient as the module computes it, by the names of inputs.

    Raises:
        SymdiffError: where the function raises at the point.
    """
    with at_this_point():
        _, found = value_and_grad(*args)
    return dict(zip(wrt, found if isinstance(found, tuple) else (found,), strict=True))


def errors_at(
    graph: Graph,
    wrt: Sequence[str],
    value_and_grad: ValueAndGrad,
    at: Mapping[str, Any] | None = None,  # numbers, or arrays
) -> list[StepErrors]:
    """The errors of a function at the caller's point, or at a smooth one.

    Args:
        graph: the primal graph; its first output counts.
        wrt: the inputs that it is differentiated by.
        value_and_grad: what a module computes.
        at: the point.

    Raises:
        SymdiffError: where `at` lacks an input, or an array does not fit.
    """
    whole, given = prepared(graph, at)
    point = smooth_point(whole, wrt) if given is None else given
    written_out = whole.at(point)  # before the call, which might not end
    gradient = gradient_by_name(value_and_grad, [point[n] for n in graph.input_names], wrt)
    return step_errors(written_out, wrt, gradient, point)


def _beside(floats: Interpreter, lines: Lines, varied: bytearray, point: Point) -> float:
    """The value at another point, where some of the lines are other ones."""
    found = floats.lines(point, frozen=lines, varied=varied)
    return float(found[floats.graph.outputs[0]])


def _off_exact(reference: Reference | None, name: str, entry: Entry, given: float) -> float | None:
    slope = None if reference is None else reference.slope(name, entry)
    return float(abs(slope.value - given)) if slope and slope.kind is Kind.SMOOTH else None


def _off_differences(
    beside: Callable[[Point], float], point: Point, name: str, entry: Entry, given: float
) -> float | None:
    def along(place: float) -> float:
        return beside(moved(point, name, entry, place))

    x = coordinate(point, name, entry)
    estimate = central(along, x)
    bound, off = SURE * max(1.0, abs(estimate.value)), abs(estimate.value - given)
    if not TRUST * estimate.error <= bound:
        return None
    return None if off > bound and is_kink(along, x, estimate) else off


def _largest(distances: Iterable[float | None]) -> float | None:
    known = [distance for distance in distances if distance is not None]
    return max(known, default=None)
