"""A loop of loops: what is carried is kept at the starts of the inner ones alone."""

from __future__ import annotations

from collections.abc import Sequence

from symdiff.errors import UnsupportedError
from symdiff.graph.graph import Graph
from symdiff.graph.shape import Dimension
from symdiff.ops.builder import Builder
from symdiff.ops.handle import Handle
from symdiff.ops.indexing import sliced
from symdiff.ops.joining import concatenated
from symdiff.ops.loops import loop, part
from symdiff.ops.rules import EXACT
from symdiff.ops.structural import reshaped


def checkpointed(
    builder: Builder,
    graph: Graph,
    args: Sequence[Handle],
    *,
    length: Dimension,
    constants: int,
    carries: int,
    every: int,
) -> list[Handle]:
    """The results of a loop whose gradient keeps what is carried every so many steps.

    The gradient of the outer loop computes the inner one again, from what was carried at its
    start (Griewank, Achieving logarithmic growth of temporal and spatial complexity in reverse
    automatic differentiation, 1992; here with one level).

    Args:
        builder: takes the lines.
        graph: the body.
        args: constants, then what is carried at the start, then arrays of slices.
        length: how many steps there are.
        constants: how many of the arguments are constants.
        carries: how many of them are carried.
        every: the number of steps of an inner loop.

    Returns:
        What is carried at the end, then the stacked results.
    """
    if not isinstance(length, int):
        raise UnsupportedError(
            f"checkpoint= needs a number of steps that is known, not {length}",
            suggestion="leave checkpoint= out, or give the length as a number",
        )
    first_slice, segments = constants + carries, length // every
    inside = Builder(EXACT)
    inputs = []
    for number, at in enumerate(graph.inputs):
        node = graph[at]
        shape = (every, *node.shape) if number >= first_slice else node.shape
        inputs.append(inside.handle(inside.input(node.params[0], shape, node.dtype)))
    inner = loop(inside, graph, inputs, length=every, constants=constants, carries=carries)
    outputs = [part(inner, number).at for number in range(len(graph.outputs))]
    body = inside.graph(
        [x.at for x in inputs], outputs, graph.output_names, primal=len(graph.outputs)
    )
    done = segments * every
    starts, slices = args[:first_slice], args[first_slice:]
    blocks = [reshaped(sliced(x, 0, 0, done), (segments, every, *x.shape[1:])) for x in slices]
    outer = loop(
        builder, body, [*starts, *blocks], length=segments, constants=constants, carries=carries
    )
    found = [part(outer, number) for number in range(len(graph.outputs))]
    finals = found[:carries]
    results = [reshaped(y, (done, *y.shape[2:])) for y in found[carries:]]
    if done == length:
        return [*finals, *results]
    rest = [sliced(x, 0, done, length - done) for x in slices]
    last = loop(
        builder,
        graph,
        [*args[:constants], *finals, *rest],
        length=length - done,
        constants=constants,
        carries=carries,
    )
    ends = [part(last, number) for number in range(len(graph.outputs))]
    joined = [concatenated([y, end], 0) for y, end in zip(results, ends[carries:], strict=True)]
    return [*ends[:carries], *joined]
