"""Points where derivatives are checked: random ones, boundaries, and where branches meet."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from symdiff.errors import ShapeError, SymdiffError
from symdiff.graph.graph import Graph
from symdiff.graph.nested import found_lengths
from symdiff.graph.node import BOOL, CONSTANT, FLOAT, INPUT, INT, Node, constant_value
from symdiff.graph.shape import Dim, evaluate, names_of
from symdiff.graph.shape import text as shape_text
from symdiff.ops.registry import OPERATIONS
from symdiff.verify.libraries import is_special, spelled

Point = Mapping[str, Any]  # by name, a float, a whole number or a truth, or an array of NumPy's

Draw = Callable[[tuple[int, ...]], Any]  # an array of a shape
Beside = Callable[[Graph], Point]  # values for some of a graph's inputs
Entry = tuple[int, ...]  # the place of a number in an array; () for a number

FAR = 100.0  # SciPy's special functions lose digits beyond: not the derivative's fault
BOUNDARIES = (0.0, 1.0, -1.0, 1e-8, -1e-8, 1e-150, 30.0, -30.0, 800.0, -800.0, 1e8, -1e8, 1e150)
MOST_CONSTANTS = 8
TRIES = 20  # candidates for each random point that is wanted
SHORTEST = (3, 5, 8, 13, 21, 34)  # of the first named dimension; the others are 1 longer each


def nothing(_: Graph) -> Point:
    """No values."""
    return {}


def small_lengths(graph: Graph) -> dict[str, int]:
    """Different small numbers for the named dimensions, such that no length is negative.

    Those that loops find out get none.

    Raises:
        SymdiffError: where there are none.
    """
    found = {*found_lengths(graph)}
    shapes = [node.shape for node in graph.nodes if found.isdisjoint(names_of([node.shape]))]
    names = names_of(shapes)
    for shortest in SHORTEST:
        lengths = {name: shortest + number for number, name in enumerate(names)}
        if all(evaluate(n, lengths) >= 0 for shape in shapes for n in shape):
            return lengths
    raise SymdiffError(
        f"no lengths were found for the dimensions {', '.join(names)}",
        suggestion="give arrays with at=",
    )


def given_point(inputs: Mapping[str, Node], at: Mapping[str, Any]) -> tuple[dict[str, int], Point]:
    """The point of the caller, and the lengths of named dimensions that it fixes.

    Args:
        inputs: by name, the lines that are given.
        at: a number or an array for each.

    Raises:
        SymdiffError: where it is no mapping, or lacks an input, or a value is no number or array,
            or one of another kind.
        ShapeError: where an array does not fit.
    """
    if not isinstance(at, Mapping):
        sentence = f"a point is a mapping from names to numbers, not {type(at).__name__}"
        raise SymdiffError(sentence, suggestion='write at={"x": 3.0}')
    arrays = {}
    for name, node in inputs.items():
        if name not in at:
            raise SymdiffError(f"no value is given for the input '{name}'")
        arrays[name] = array_of_kind(name, at[name], node.dtype)
    lengths: dict[str, int] = {}
    for name, array in arrays.items():
        shape = inputs[name].shape
        fits = array.ndim == len(shape)
        for n, length in zip(array.shape, shape, strict=False):
            wanted = lengths.setdefault(str(length), n) if isinstance(length, Dim) else length
            fits = fits and n == wanted
        if not fits:
            raise ShapeError(f"{name}: expected the shape {shape_text(shape)}, got {array.shape}")
    return lengths, {name: bare(array) for name, array in arrays.items()}


def moved(point: Point, name: str, entry: Entry, x: complex) -> Point:
    """The point where one entry of one input is another number."""
    import numpy as np

    if not entry:
        return {**point, name: x}
    array = np.array(point[name], type(x))
    array[entry] = x
    return {**point, name: array}


def coordinate(point: Point, name: str, entry: Entry) -> float:
    """The number that an entry is."""
    return float(point[name][entry] if entry else point[name])


def entries_of(shape: Sequence[int]) -> list[Entry]:
    """The places of all entries of an array, in their order."""
    return list(itertools.product(*map(range, shape)))


def some_entries(shape: Sequence[int], count: int, draw: random.Random) -> list[Entry]:
    """All entries of an array, or a random few, in their order."""
    total = math.prod(shape)
    if total <= count:
        return entries_of(shape)
    return [_entry(number, shape) for number in sorted(draw.sample(range(total), count))]


def _entry(number: int, shape: Sequence[int]) -> Entry:
    """The place of the entry with this number."""
    places = []
    for length in reversed(shape):
        number, place = divmod(number, length)
        places.append(place)
    return tuple(reversed(places))


def array_of_kind(name: str, value: Any, kind: str) -> Any:
    """A number, or nested lists of them, as an array of the kind of its input.

    Raises:
        SymdiffError: for what is none, and where whole numbers or truths would be rounded ones.
    """
    import numpy as np

    try:
        if kind == FLOAT:
            return np.asarray(value, kind)
        given = np.asarray(value)
        with np.errstate(invalid="ignore"):  # NaN, which is found below
            made = given.astype(kind)
    except (TypeError, ValueError):
        what = f"'{name}' is given {value!r}, which is no number or array"
        raise SymdiffError(what) from None
    if not np.array_equal(made, given):
        what = "truths: write true or false" if kind == BOOL else "whole numbers"
        raise SymdiffError(f"'{name}' is given {value!r}, and it holds {what}")
    return made


def bare(array: Any) -> Any:
    """A number without axes as Python's own, which emitted code computes with `math`."""
    return array if array.ndim else array.item()


@dataclass
class Drawing:
    """Points for a graph without named dimensions, of the values that suit many domains.

    Args:
        graph: whose inputs are given values.
        seed: the same seed gives the same points.
        beside: draws inputs whose boundaries do not matter.
    """

    graph: Graph
    seed: int
    beside: Beside = nothing
    _far: float = field(init=False)

    def __post_init__(self) -> None:
        ops = {node.op for node in self.graph.nodes if node.op not in (INPUT, CONSTANT)}
        self._far = FAR if any(is_special(spelled(op)) for op in ops) else math.inf

    def random(self, samples: int) -> Iterator[Point]:
        """Both signs, positive, small intervals, many scales, regular matrices, ties.

        Args:
            samples: how many are wanted; 20 times as many come, as some will not suit.
        """
        import numpy as np

        rng = np.random.default_rng(self.seed)
        largest = math.log10(min(1e3, self._far))
        kinds: tuple[Draw, ...] = (
            lambda shape: rng.uniform(-3.0, 3.0, shape),
            lambda shape: rng.uniform(0.0, 1.0, shape),
            lambda shape: _regular(rng, shape),
            lambda shape: np.copysign(
                10.0 ** rng.uniform(-4.0, largest, shape), rng.uniform(-1.0, 1.0, shape)
            ),
            lambda shape: 10.0 ** rng.uniform(-4.0, largest, shape),
        )
        if any(self.graph[position].shape for position in self.graph.inputs):
            kinds += (lambda shape: np.round(rng.normal(size=shape)),)  # ties in arrays
        for index in range(TRIES * samples):
            yield self._point(kinds[index % len(kinds)], partial(_regular, rng))

    def boundaries(self, around: Point) -> Iterator[Point]:
        """Boundary values for all inputs at once, and for each alone, the others as in `around`.

        The constants of the graph are among them: branches meet there. Nothing comes where a
        function of matrices has a domain: a matrix of equal numbers is singular.
        """
        nodes = self.graph.nodes
        if any(_has_domain_of_matrices(node.op) for node in nodes):
            return
        constants = {float(constant_value(node)) for node in nodes if node.op == CONSTANT}
        special = sorted(constant for constant in constants if math.isfinite(constant))
        values = dict.fromkeys(
            value for value in (*BOUNDARIES, *special[:MOST_CONSTANTS]) if self._is_within(value)
        )
        for value in values:
            yield self._filled(value)
        others = self.beside(self.graph)
        if len(self.graph.inputs) > 1:
            for name in self.graph.input_names:
                for value in values if name not in others else ():
                    yield {**around, name: self._filled(value)[name]}

    def _filled(self, value: float) -> Point:
        import numpy as np

        return self._point(lambda shape: np.full(shape, value))

    def _is_within(self, value: float) -> bool:
        return value == 0.0 or 1e-6 / self._far <= abs(value) <= self._far

    def _point(self, draw: Draw, draw_symmetric: Draw | None = None) -> Point:
        import numpy as np

        symmetric = set() if draw_symmetric is None else self._read_as_symmetric()
        point = {}
        for name, position in zip(self.graph.input_names, self.graph.inputs, strict=True):
            node = self.graph[position]
            shape = tuple(n for n in node.shape if isinstance(n, int))  # all of them
            chosen = draw_symmetric if draw_symmetric and position in symmetric else draw
            point[name] = bare(np.asarray(_OF_KIND[node.dtype](chosen(shape))))
        return {**point, **self.beside(self.graph)}

    def _read_as_symmetric(self) -> set[int]:
        """The lines of which a library reads one triangle."""
        return {
            node.args[0]
            for node in self.graph.nodes
            if node.op not in (INPUT, CONSTANT) and "symmetric" in OPERATIONS[node.op].domain
        }


def _has_domain_of_matrices(op: str) -> bool:
    record = None if op in (INPUT, CONSTANT) else OPERATIONS[op]
    return record is not None and not record.is_elementwise and bool(record.domain)


def _of_whole(array: Any) -> Any:
    import numpy as np

    return (np.asarray(array) > 0.0).astype(np.int64)  # 0 and 1 are indices of most arrays


_OF_KIND: Mapping[str, Any] = {
    FLOAT: lambda array: array,
    INT: _of_whole,
    BOOL: lambda array: array > 0.0,
}


def _regular(rng: Any, shape: tuple[int, ...]) -> Any:
    """Symmetric positive definite matrices where the last two lengths agree; else positive."""
    import numpy as np

    if len(shape) < 2 or shape[-1] != shape[-2]:
        return rng.uniform(0.5, 5.0, shape)
    root = rng.normal(size=shape)
    return root @ np.swapaxes(root, -1, -2) / shape[-1] + np.eye(shape[-1])
