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
from typing import Any, NamedTuple

from symdiff.errors import UnsupportedError
from symdiff.graph.graph import Graph
from symdiff.graph.node import BOOL, CONSTANT, FLOAT, INPUT, INT, Node, input_node
from symdiff.graph.shape import Dim, Dimension, named, size
from symdiff.ops.contraction import contract
from symdiff.ops.creation import arange_, as_float64, length_
from symdiff.ops.indexing import index, whole
from symdiff.ops.joining import concatenate, stack
from symdiff.ops.loops import scan
from symdiff.ops.operation import Raises
from symdiff.ops.reduction import broadcast, sum_
from symdiff.ops.registry import OPERATIONS
from symdiff.ops.structural import reshape, transpose

FREE, ROWS, HEAD = "free", "rows", "head"  # of the rows; a row each; computed of totals
NUMBERS = "numbers"  # of the rows: `arange(N)`, which stands as an index alone
ROWS_NAME = "N"
_MOVES = (broadcast.name, concatenate.name, stack.name, transpose.name, reshape.name)
_ALIKE = (INPUT, CONSTANT, broadcast.name, arange_.name)  # without rows among their arguments
_OF_SHAPES = (INPUT, broadcast.name, reshape.name, stack.name, index.name, arange_.name)


class Line(NamedTuple):
    """What a line is.

    Attributes:
        kind: `FREE`, `ROWS` or `HEAD`.
        axis: that of the rows.
        is_total: whether it is a sum over the rows.
    """

    kind: str
    axis: int = 0
    is_total: bool = False


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
    lines: list[Line] = []
    for at, node in enumerate(graph.nodes):
        lines.append(_line(graph, at, node, [lines[k] for k in node.args]))
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
                raise _refused(graph, at, "computes with a whole number of rows")


def unused(name: str, taken: set[str]) -> str:
    """A name that is not taken, and is from now on."""
    while name in taken:
        name += "_"
    taken.add(name)
    return name


# --- one line ------------------------------------------------------------------------------------


def _line(graph: Graph, at: int, node: Node, args: Sequence[Line]) -> Line:
    """What a line is, by its arguments.

    Raises:
        UnsupportedError: where it couples rows.
    """
    axis = _axis_of(graph, at)
    kinds = {line.kind for line in args}
    if isinstance(getattr(OPERATIONS.get(node.op), "derivative", None), Raises):
        raise _refused(graph, at, "raises an error")
    if node.op == length_.name:
        return Line(FREE)
    if any(map(_speaks_of_rows, node.params)) and node.op not in _OF_SHAPES:
        raise _refused(graph, at, "counts the rows of a chunk")
    if HEAD in kinds:
        if axis is not None or kinds & {ROWS, NUMBERS}:
            raise UnsupportedError(
                "a result over all rows goes into each row, as a batch statistic does, so the loss "
                "is not separable over the rows",
                span=graph.spans.get(at),
                suggestion="compute it beforehand and pass it in",
            )
        return Line(HEAD)
    if not kinds & {ROWS, NUMBERS}:
        if axis is None:
            return Line(FREE)
        if node.op not in _ALIKE:
            raise _refused(graph, at, "couples rows")
        return Line(NUMBERS if node.op == arange_.name else ROWS, axis)
    if axis is not None and node.op == index.name and _indexes_rows(node, args):
        return Line(ROWS, axis)
    if NUMBERS in kinds:
        if axis is not None and node.op in _MOVES and _keeps_rows(graph, node, args, axis):
            return Line(NUMBERS, axis)
        raise _refused(graph, at, "tells the rows apart by their numbers")
    if axis is not None and _keeps_rows(graph, node, args, axis):
        return Line(ROWS, axis)
    if axis is None and _adds_rows(node, args):
        return Line(HEAD, is_total=True)
    raise _refused(graph, at, "couples rows")


def _speaks_of_rows(param: Any) -> bool:
    """Whether a parameter holds the number of rows, as lengths and graphs do."""
    if isinstance(param, Dim):
        return ROWS_NAME in param.names
    if isinstance(param, tuple):
        return any(map(_speaks_of_rows, param))
    inner = getattr(param, "graph", None)
    if not isinstance(inner, Graph):
        return False
    return any(_speaks_of_rows((*node.shape, *node.params)) for node in inner)


def _axis_of(graph: Graph, at: int) -> int | None:
    """The axis of the rows in a line's shape."""
    shape = graph[at].shape
    found = [axis for axis, n in enumerate(shape) if isinstance(n, Dim) and ROWS_NAME in n.names]
    if not found:
        return None
    if len(found) > 1 or shape[found[0]] != named(ROWS_NAME):
        raise _refused(graph, at, "has pairs, parts or other numbers of rows")
    return found[0]


def _keeps_rows(graph: Graph, node: Node, args: Sequence[Line], axis: int) -> bool:
    """Whether each row of the result comes from the same row of the arguments."""
    record = OPERATIONS[node.op]
    shape = graph[node.args[0]].shape
    if node.op == reshape.name:
        return size(shape[: args[0].axis]) == size(node.shape[:axis])
    if record.is_elementwise or node.op in _MOVES:
        return True
    if node.op == contract.name:
        return len(_letters(node, args)) == 1
    if "axes" in record.params or "axis" in record.params:
        given = node.params[record.params.index("axes" if "axes" in record.params else "axis")]
        axes = given if isinstance(given, tuple) else (given,)
        return len(args) == 1 and args[0].axis not in [a % len(shape) for a in axes]
    return False


def _indexes_rows(node: Node, args: Sequence[Line]) -> bool:
    """Whether an index takes of each row what that row says.

    `X[:, 2]`, `X[:, places]`; `table[labels]`; `X[arange(N), labels]`.
    """
    first, *indices = args
    if first.kind == FREE:
        return all(line.kind != NUMBERS for line in indices)
    if first.kind == NUMBERS:
        return False
    entry = [entry for entry in node.params[0] if entry[0] != "new"][first.axis]
    if entry[0] == "array":
        return indices[entry[1]].kind == NUMBERS and sum(x.kind == NUMBERS for x in indices) == 1
    is_free = all(line.kind == FREE for line in indices)
    return is_free and bool(entry == whole(named(ROWS_NAME)))


def _letters(node: Node, args: Sequence[Line]) -> set[str]:
    """The letters that the rows have among the arguments of a contraction."""
    parts = node.params[0].partition("->")[0].split(",")
    pairs = zip(parts, args, strict=True)
    return {letters[line.axis] for letters, line in pairs if line.kind == ROWS}


def _adds_rows(node: Node, args: Sequence[Line]) -> bool:
    """Whether a line is a sum over the rows."""
    if node.dtype == BOOL:
        return False
    if node.op == sum_.name:
        return args[0].axis in node.params[0]
    return node.op == contract.name and len(_letters(node, args)) == 1


_WORDS = {
    contract.name: "a product",
    index.name: "an index",
    scan.name: "a loop",
}  # for what has no name of users'


def _refused(graph: Graph, at: int, why: str) -> UnsupportedError:
    op = graph[at].op
    return UnsupportedError(
        f"{_WORDS.get(op, repr(op))} {why}, so the loss is not separable over the rows",
        span=graph.spans.get(at),
        suggestion="write the loss as sums and means over rows",
    )
