"""Samples of a function and its gradient over ranges of one number or two, for plots."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any  # NumPy's arrays, and what they are made of

from symdiff.derive.packing import is_of_numbers
from symdiff.errors import SymdiffError
from symdiff.graph.graph import Graph
from symdiff.graph.node import FLOAT
from symdiff.ops.loops import are_tested
from symdiff.verify.bounded import bounded
from symdiff.verify.compare import ValueAndGrad
from symdiff.verify.points import given_point

WIDTH = 3.0  # of a range to each side, where none is given
MOST_VARIED = 2
COUNTS = {1: 401, 2: 61}  # of points along each range

Ranges = Mapping[str, tuple[float, float]]


@dataclass(frozen=True)
class Samples:
    """A function over ranges.

    Attributes:
        output: its name.
        names: the inputs that vary, one or two.
        axes: of each the numbers, increasing.
        values: at each point, of shape (first,) or (first, second).
        slopes: the derivative by each of the names, of the same shape.
        at: what the other inputs are.
    """

    output: str
    names: tuple[str, ...]
    axes: tuple[Any, ...]
    values: Any
    slopes: tuple[Any, ...]
    at: Mapping[str, Any]


def samples_of(
    graph: Graph,
    wrt: Sequence[str],
    value_and_grad: ValueAndGrad,
    over: Ranges | None = None,
    at: Mapping[str, Any] | None = None,  # numbers, or arrays
) -> Samples:
    """A function and its gradient over ranges, as the module computes them.

    Args:
        graph: the primal graph.
        wrt: the inputs that it is differentiated by.
        value_and_grad: what the module computes.
        over: by name of one number or two, from where to where; default all numbers, 3 to each
            side of what `at` says, or of 0.
        at: what the other inputs are.

    Raises:
        SymdiffError: where it is not clear what varies, or an input has no value.
        LimitError: where a loop goes on and on at one of the points.
    """
    import numpy as np

    at = dict(at or {})
    ranges = _ranges(graph, wrt, over, at)
    axes = [np.linspace(*ends, COUNTS[len(ranges)]) for ends in ranges.values()]
    grid = np.meshgrid(*axes, indexing="ij")
    varied = dict(zip(ranges, grid, strict=True))
    _, fixed = given_point(
        graph.named_inputs, at | {name: ends[0] for name, ends in ranges.items()}
    )
    with np.errstate(all="ignore"):  # outside of the domain a curve has gaps
        values, gradient = _computed(graph, value_and_grad, fixed, varied)
    others = {name: value for name, value in fixed.items() if name not in ranges}
    slopes = [np.broadcast_to(gradient[wrt.index(name)], grid[0].shape) for name in ranges]
    shaped = np.broadcast_to(values, grid[0].shape)
    (output, *_) = graph.output_names
    return Samples(output, tuple(ranges), tuple(axes), shaped, tuple(slopes), others)


def _ranges(
    graph: Graph, wrt: Sequence[str], over: Ranges | None, at: Mapping[str, Any]
) -> dict[str, tuple[float, float]]:
    """By name of an input that varies, from where to where."""
    able = [
        name
        for name, node in graph.named_inputs.items()
        if name in wrt and not node.shape and node.dtype == FLOAT
    ]
    if over is not None:
        strangers = [name for name in over if name not in able]
        if strangers:
            raise SymdiffError(
                f"'{strangers[0]}' is no number that the derivative is by",
                suggestion=f"these are: {', '.join(able) or 'none'}",
            )
        chosen = {name: _ends(name, ends) for name, ends in over.items()}
    else:
        chosen = {
            name: (float(at.get(name, 0.0)) - WIDTH, float(at.get(name, 0.0)) + WIDTH)
            for name in able
        }
    if not 0 < len(chosen) <= MOST_VARIED:
        found = f"{len(chosen)} numbers vary" if chosen else "no number varies"
        hint = f'write over={{"{able[0]}": (-3, 3)}} and at=' if able else "the inputs are arrays"
        raise SymdiffError(f"a plot is over one number or two, and {found}", suggestion=hint)
    return chosen


def _ends(name: str, given: Any) -> tuple[float, float]:
    try:
        low, high = map(float, given)
    except (TypeError, ValueError):
        raise SymdiffError(f"the range of {name} is {given!r}, and not two numbers") from None
    if not low < high:
        raise SymdiffError(f"the range of {name} is from {low} to {high}: it is empty")
    return low, high


def _computed(
    graph: Graph, value_and_grad: ValueAndGrad, fixed: Mapping[str, Any], varied: Mapping[str, Any]
) -> tuple[Any, tuple[Any, ...]]:
    """The values and the gradient at all points: at once where that broadcasts, or one by one."""
    import numpy as np

    names, is_tested = graph.input_names, are_tested(graph)
    if is_tested:
        value_and_grad = bounded(value_and_grad)

    def called(point: Mapping[str, Any]) -> tuple[Any, tuple[Any, ...]]:
        value, gradient = value_and_grad(*[point[name] for name in names])
        return value, gradient if isinstance(gradient, tuple) else (gradient,)

    if is_of_numbers(graph) and not is_tested:
        return called({**fixed, **varied})
    (first, *_) = varied.values()
    found = [
        called({**fixed, **{name: float(grid[place]) for name, grid in varied.items()}})
        for place in np.ndindex(first.shape)
    ]
    values = np.array([value for value, _ in found]).reshape(first.shape)
    parts = zip(*[gradient for _, gradient in found], strict=True)
    # an input that does not vary may have an array for its derivative, which no plot shows
    return values, tuple(
        [
            np.array(part).reshape(first.shape) if not np.ndim(part[0]) else np.zeros(first.shape)
            for part in parts
        ]
    )
