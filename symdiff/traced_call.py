"""Calls of a formula inside of a traced function: its lines become lines of that trace."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from symdiff.derive.batch import with_leading_axis
from symdiff.derive.inline import inlined
from symdiff.derive.packing import Coordinates, Nest, Tensor, is_of_numbers
from symdiff.errors import ShapeError, SymdiffError, UnsupportedError
from symdiff.frontend.tracing.array import buffered
from symdiff.frontend.tracing.recorder import Recorder
from symdiff.graph.graph import Graph
from symdiff.graph.nested import with_lengths
from symdiff.graph.node import FLOAT
from symdiff.graph.shape import Dim, Dimension, Shape, substituted, text
from symdiff.ops.creation import as_float64
from symdiff.ops.handle import Handle
from symdiff.ops.reduction import broadcast_together


def called_in_trace(
    outer: Recorder,
    graph: Graph,
    packing: Nest | Tensor | Coordinates,
    args: Sequence[Any],
    kwargs: Mapping[str, Any],
) -> Any:
    """What a formula returns, as tracers.

    Args:
        outer: the trace that is running.
        graph: the formula, and its derivative where it is one.
        packing: how the outputs become what a call returns.
        args: those of the call; arrays for numbers broadcast.
        kwargs: likewise, by name.

    Raises:
        ShapeError: for an argument that has not the shape of its input.
        SymdiffError: where one is missing, or one is too many.
        UnsupportedError: for a matrix.
    """
    values = _in_order(graph.input_names, args, kwargs)
    given: Sequence[Handle] = [
        _as_kind(outer, outer.handle(value), graph[at].dtype)
        for value, at in zip(values, graph.inputs, strict=True)
    ]
    if is_of_numbers(graph):
        graph, given = _over_arrays(graph, given)
    else:
        graph = _with_numbers(graph, [handle.shape for handle in given])
    dtype = floating(values)
    made = [buffered(outer, each, dtype) for each in inlined(graph, outer.builder, given)]
    return put_together(packing, made)


def _in_order(names: Sequence[str], args: Sequence[Any], kwargs: Mapping[str, Any]) -> list[Any]:
    """The arguments in the order of the inputs."""
    given = dict(zip(names, args, strict=False))
    missing = [name for name in names if name not in given and name not in kwargs]
    known = [name for name in kwargs if name in names and name not in given]
    if missing or len(args) > len(names) or len(known) < len(kwargs):
        raise SymdiffError(
            f"the formula takes {', '.join(names) or 'nothing'}, and is called with "
            f"{len(args)} values{''.join(f', {name}=' for name in kwargs)}"
        )
    given |= kwargs
    return [given[name] for name in names]


def _as_kind(outer: Recorder, handle: Handle, kind: str) -> Handle:
    """A whole number as a float where the input is one."""
    if handle.dtype == kind or kind != FLOAT:
        return handle
    return Handle(outer.builder, outer.builder.make(as_float64.name, (handle.at,)))


def _over_arrays(graph: Graph, given: Sequence[Handle]) -> tuple[Graph, Sequence[Handle]]:
    """A formula of numbers for each point of the arguments' common shape."""
    given = broadcast_together(*given) if given else given
    for length in reversed(given[0].shape if given else ()):
        graph = with_leading_axis(graph, graph.inputs, length)
    return graph, given


def _with_numbers(graph: Graph, shapes: Sequence[Shape]) -> Graph:
    """The formula with the lengths that the arguments have for its named dimensions."""
    lengths: dict[str, Dimension] = {}
    for name, at, shape in zip(graph.input_names, graph.inputs, shapes, strict=True):
        wanted = graph[at].shape
        fits = len(wanted) == len(shape)
        for asked, n in zip(wanted, shape, strict=False):
            is_name = isinstance(asked, Dim) and asked.is_name
            fits = fits and (lengths.setdefault(str(asked), n) if is_name else asked) == n
        if not fits:
            raise ShapeError(f"{name}: expected the shape {text(wanted)}, got {text(shape)}")
    return with_lengths(graph, lambda n: substituted(n, lengths))


def put_together(packing: Nest | Tensor | Coordinates, outputs: Sequence[Any]) -> Any:
    """Flat outputs as a call returns them.

    Raises:
        UnsupportedError: for entries of a matrix.
    """
    if isinstance(packing, int):
        return outputs[packing]
    if not isinstance(packing, tuple):
        kind = "sparse derivative" if isinstance(packing, Coordinates) else "matrix of a formula"
        raise UnsupportedError(f"a {kind} inside of another function is not supported")
    return tuple([put_together(part, outputs) for part in packing])


def floating(values: Sequence[Any]) -> Any:
    """The type of floats that a function of these has: single precision where all arrays are."""
    import numpy as np

    kinds = {np.dtype(getattr(v, "dtype", float)) for v in values if not isinstance(v, float)}
    return np.dtype(np.float32) if kinds == {np.dtype(np.float32)} else np.dtype(float)
