"""Separation of a loss into sums over its rows and what is computed of these sums.

`loss = head(totals, parameters, length)`, where each total is a sum over the named dimension of
something that a row of the data gives alone. So a total is the sum of those of chunks of rows, and
the chain rule goes through the head once. The proof is a walk over the graph: a line either carries
the dimension in one axis, and then each of its rows comes from the same row of its arguments, or it
is a sum over the dimension, or it is free of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from symdiff.derive.rows import FREE, ROWS, lines_of_rows, refused
from symdiff.errors import UnsupportedError
from symdiff.graph.graph import Graph
from symdiff.graph.node import FLOAT, INT, Node, input_node
from symdiff.graph.shape import Dimension
from symdiff.ops.creation import as_float64, length_

ROWS_NAME = "N"


@dataclass(frozen=True)
class Separated:
    """A loss in two parts.

    Attributes:
        totals: from all arguments, and the number of all rows, to the totals of these rows.
        head: from the totals, the arguments without rows, and the number of rows, to the loss.
        names: of the totals.
        lengths: by name, what is computed of the number of all rows.
    """

    totals: Graph
    head: Graph
    names: tuple[str, ...]
    lengths: Mapping[str, Dimension]


def separated(graph: Graph) -> Separated:
    """The two parts of a loss whose data have the named dimension `N`.

    Raises:
        UnsupportedError: for the first operation that couples rows, with its place; for a loss that
            is not made of sums over the rows.
    """
    lines = lines_of_rows(graph, ROWS_NAME)
    (loss,) = graph.outputs
    if lines[loss].kind == ROWS:
        raise UnsupportedError(
            "the loss is an array with a number for each row",
            span=graph.spans.get(loss),
            suggestion="sum it: np.sum or np.mean",
        )
    needed = graph.ancestors([loss])
    found = [at for at, line in enumerate(lines) if line.is_total and needed[at]]
    if not found:
        raise UnsupportedError("the loss is no sum over the rows of its data")
    taken = {*graph.input_names, *graph.output_names}
    names = tuple(
        unused(f"total{k + 1}" if found[1:] else "total", taken) for k in range(len(found))
    )
    lengths = {unused("n_rows", taken): graph[at].params[0] for at in _lengths(graph)}
    by_name = zip(_lengths(graph), lengths, strict=True)
    counts = {at: input_node(name, (), INT) for at, name in by_name}
    for at in found:
        _refuse_whole_numbers(graph, at)
    pairs = zip(found, names, strict=True)
    sums = {at: input_node(name, graph[at].shape) for at, name in pairs}
    without_rows = [at for at in graph.inputs if lines[at].kind == FREE]
    return Separated(
        _cut(graph, counts, list(graph.inputs), found, names),
        _cut(graph, counts | sums, [*found, *without_rows], [loss], graph.output_names),
        names,
        lengths,
    )


def _lengths(graph: Graph) -> Sequence[int]:
    """The lines that are computed of the number of all rows."""
    return graph.by_op.get(length_.name, ())


def _cut(
    graph: Graph,
    exchanged: dict[int, Node],
    inputs: Sequence[int],
    outputs: Sequence[int],
    names: Sequence[str],
) -> Graph:
    """Some outputs of a graph, with inputs in the place of some lines; lengths are the last."""
    nodes = list(graph.nodes)
    for at, node in exchanged.items():
        nodes[at] = node
    for number, at in enumerate(outputs):
        if nodes[at].dtype == INT:  # a count, which adds up in floats
            nodes.append(Node(as_float64.name, (at,), (), nodes[at].shape, FLOAT))
            outputs = [*outputs[:number], len(nodes) - 1, *outputs[number + 1 :]]
    made = replace(
        graph,
        nodes=nodes,
        inputs=(*inputs, *_lengths(graph)),
        outputs=tuple(outputs),
        output_names=tuple(names),
        primal=len(outputs),
    )
    needed = bytearray(len(nodes))
    for at in outputs:
        needed[at] = 1
    for at in reversed(range(len(nodes))):
        if needed[at] and at not in exchanged:
            for argument in nodes[at].args:
                needed[argument] = 1
    return made.keep(needed)


def _refuse_whole_numbers(graph: Graph, total: int) -> None:
    """Refuse what needs a total as a whole number: chunks add up in floats."""
    if graph[total].dtype == INT:
        for at, node in enumerate(graph.nodes):
            if total in node.args and node.dtype != FLOAT:
                raise refused(graph, at, "computes with a whole number of rows")


def unused(name: str, taken: set[str]) -> str:
    """A name that is not taken, and is from now on."""
    while name in taken:
        name += "_"
    taken.add(name)
    return name
