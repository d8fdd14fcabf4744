"""Where derivatives are checked: random points, boundaries, and where branches meet."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from symdiff.emit.spell.numpy import NUMPY
from symdiff.errors import SymdiffError
from symdiff.graph.graph import Graph
from symdiff.graph.node import CONSTANT, INPUT, constant_value

Point = Mapping[str, float]

FAR = 100.0  # SciPy's special functions lose digits beyond: not the derivative's fault
BOUNDARIES = (0.0, 1.0, -1.0, 1e-8, -1e-8, 1e-150, 30.0, -30.0, 800.0, -800.0, 1e8, -1e8, 1e150)
MOST_CONSTANTS = 8
TRIES = 20  # candidates for each random point that is wanted


def candidates(graph: Graph, samples: int, seed: int) -> Iterator[Point]:
    """Random points that suit many domains: both signs, positive, small intervals, many scales.

    Args:
        graph: whose inputs are given values.
        samples: how many points are wanted; 20 times as many come, as some will not suit.
        seed: the same seed gives the same points.
    """
    draw = random.Random(seed)
    names = graph.input_names
    far = _far(graph)
    ranges = (
        lambda: draw.uniform(-3.0, 3.0),
        lambda: draw.uniform(0.0, 1.0),
        lambda: draw.uniform(0.5, 5.0),
        lambda: draw.choice((-1.0, 1.0)) * 10.0 ** draw.uniform(-4.0, 3.0),
        lambda: 10.0 ** draw.uniform(-4.0, 3.0),
    )
    for index in range(TRIES * samples):
        kind = ranges[index % len(ranges)]
        point = {name: kind() for name in names}
        if all(_is_within(value, far) for value in point.values()):
            yield point


def boundaries(graph: Graph, around: Point) -> Iterator[Point]:
    """Boundary values for all inputs at once, and for each alone with the others as in `around`.

    The constants of the graph are among them: branches meet there.
    """
    names = graph.input_names
    far = _far(graph)
    constants = {constant_value(node) for node in graph.nodes if node.op == CONSTANT}
    special = sorted(constant for constant in constants if math.isfinite(constant))
    values = dict.fromkeys(
        value for value in (*BOUNDARIES, *special[:MOST_CONSTANTS]) if _is_within(value, far)
    )
    for value in values:
        yield dict.fromkeys(names, value)
    if len(names) > 1:
        for name in names:
            for value in values:
                yield {**around, name: value}


def _is_within(value: float, far: float) -> bool:
    return value == 0.0 or 1e-6 / far <= abs(value) <= far


def _far(graph: Graph) -> float:
    """The largest coordinate, and the smallest as well, that the operations are accurate for."""
    ops = {node.op for node in graph.nodes} - {INPUT, CONSTANT}
    spellings = [spelling for spelling in map(NUMPY.find, ops) if spelling is not None]
    is_special = any("special." in spelling.text + spelling.source for spelling in spellings)
    return FAR if is_special else math.inf


def given_point(
    at: Mapping[str, Any], names: Sequence[str], converted: Callable[[str, Any], Any]
) -> dict[str, Any]:
    """The caller's point, each value converted.

    Raises:
        SymdiffError: where it is no mapping, or lacks an input, or a value is no number.
    """
    if not isinstance(at, Mapping):
        sentence = f"a point is a mapping from names to numbers, not {type(at).__name__}"
        raise SymdiffError(sentence, suggestion='write at={"x": 3.0}')
    point = {}
    for name in names:
        if name not in at:
            raise SymdiffError(f"no value is given for the input '{name}'")
        try:
            point[name] = converted(name, at[name])
        except (TypeError, ValueError):
            what = f"'{name}' is given {at[name]!r}, which is no number or array"
            raise SymdiffError(what) from None
    return point
