"""Where functions of arrays are checked: arrays of several kinds, their named dimensions small."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from symdiff.errors import ShapeError, SymdiffError
from symdiff.graph.graph import Graph
from symdiff.graph.node import BOOL, CONSTANT, FLOAT, INPUT, INT
from symdiff.graph.shape import Dim, Shape, evaluate, names_of
from symdiff.graph.shape import text as shape_text
from symdiff.ops.registry import OPERATIONS
from symdiff.verify.points import given_point

Arrays = Mapping[str, Any]

SHORTEST = (3, 5, 8, 13, 21, 34)  # of the first named dimension; the others are 1 longer each


def array_points(
    graph: Graph, at: Arrays | None, seed: int
) -> tuple[Mapping[str, int], list[Arrays]]:
    """The named dimensions, and the points to look at.

    Args:
        graph: whose inputs are given arrays.
        at: the one point, if there is one.
        seed: the same seed gives the same points.

    Raises:
        SymdiffError: where `at` lacks an input.
        ShapeError: where an array does not fit.
    """
    shapes = {
        name: graph[position].shape
        for name, position in zip(graph.input_names, graph.inputs, strict=True)
    }
    if at is not None:
        return _given(graph, shapes, at)
    lengths = _small_lengths(graph)
    return lengths, _drawn(graph, lengths, seed)


def _given(
    graph: Graph, shapes: Mapping[str, Shape], at: Arrays
) -> tuple[Mapping[str, int], list[Arrays]]:
    """The point of the caller, and the lengths that it fixes."""
    import numpy as np

    kinds = {n: graph[at].dtype for n, at in zip(graph.input_names, graph.inputs, strict=True)}
    arrays = given_point(at, graph.input_names, lambda name, value: np.asarray(value, kinds[name]))
    lengths: dict[str, int] = {}
    point = {}
    for name in graph.input_names:
        array, shape = arrays[name], shapes[name]
        fits = array.ndim == len(shape)
        for n, length in zip(array.shape, shape, strict=False):
            wanted = lengths.setdefault(str(length), n) if isinstance(length, Dim) else length
            fits = fits and n == wanted
        if not fits:
            raise ShapeError(f"{name}: expected the shape {shape_text(shape)}, got {array.shape}")
        point[name] = array
    return lengths, [point]


def _small_lengths(graph: Graph) -> Mapping[str, int]:
    """Different small numbers for the named dimensions, such that no length is negative."""
    shapes = [node.shape for node in graph.nodes]
    names = names_of(shapes)
    for shortest in SHORTEST:
        lengths = {name: shortest + number for number, name in enumerate(names)}
        if all(evaluate(n, lengths) >= 0 for shape in shapes for n in shape):
            return lengths
    raise SymdiffError(
        f"no lengths were found for the dimensions {', '.join(names)}",
        suggestion="give arrays with at=",
    )


def _drawn(graph: Graph, lengths: Mapping[str, int], seed: int) -> list[Arrays]:
    """Both signs, positive numbers, regular matrices, ties; zeros and ones where all may be."""
    import numpy as np

    rng = np.random.default_rng(seed)
    kinds: list[Callable[[tuple[int, ...]], Any]] = [
        lambda shape: rng.normal(size=shape),
        lambda shape: rng.uniform(0.1, 1.0, shape),
        lambda shape: _definite(rng, shape),
        lambda shape: np.round(rng.normal(size=shape)),
    ]
    if not any(node.op not in (INPUT, CONSTANT) and OPERATIONS[node.op].domain for node in graph):
        kinds += [np.zeros, np.ones]
    symmetric = _read_as_symmetric(graph)
    points: list[Arrays] = []
    for kind in kinds:
        point: dict[str, Any] = {}
        for name, position in zip(graph.input_names, graph.inputs, strict=True):
            node = graph[position]
            shape = tuple(evaluate(n, lengths) for n in node.shape)
            drawn = _definite(rng, shape) if position in symmetric else kind(shape)
            point[name] = np.asarray(_OF_KIND[node.dtype](drawn))
        points.append(point)
    return points


def _of_whole(array: Any) -> Any:
    import numpy as np

    return (np.asarray(array) > 0.0).astype(np.int64)  # 0 and 1 are indices of most arrays


_OF_KIND: Mapping[str, Any] = {
    FLOAT: lambda array: array,
    INT: _of_whole,
    BOOL: lambda array: array > 0.0,
}


def _read_as_symmetric(graph: Graph) -> set[int]:
    """The lines of which a library reads one triangle."""
    return {
        node.args[0]
        for node in graph.nodes
        if node.op not in (INPUT, CONSTANT) and "symmetric" in OPERATIONS[node.op].domain
    }


def _definite(rng: Any, shape: tuple[int, ...]) -> Any:
    """Symmetric positive definite matrices where the last two lengths agree; else positive."""
    import numpy as np

    if len(shape) < 2 or shape[-1] != shape[-2]:
        return rng.uniform(0.5, 2.0, shape)
    root = rng.normal(size=shape)
    return root @ np.swapaxes(root, -1, -2) / shape[-1] + np.eye(shape[-1])
