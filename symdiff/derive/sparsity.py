"""Structural sparsity: which elements of an output depend on which elements of an input.

One walk along the Wengert list. A line's dependence is a sorted array of whole numbers,
`element * n + input element`, so each operation is a few array operations, however many elements
there are. What an operation's rule does not know couples everything: never too little.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from symdiff.errors import UnsupportedError
from symdiff.graph.graph import Graph
from symdiff.graph.nested import found_lengths, with_lengths
from symdiff.graph.node import CONSTANT, CONTINUOUS, INPUT, Node, constant_value
from symdiff.graph.shape import Dim, Dimension, Shape, evaluate
from symdiff.graph.shape import text as shape_text
from symdiff.ops.creation import known_numbers
from symdiff.ops.indexing import numpy_index
from symdiff.ops.operation import Flat, Linear, Raises
from symdiff.ops.registry import OPERATIONS
from symdiff.ops.sparsity import Codes, distinct


class Pattern(NamedTuple):
    """The entries of a matrix that are not zero by structure, column by column.

    Attributes:
        rows: of each entry, an element of the output in C's order.
        cols: of each entry, an element of the input.
        shape: of the matrix.
    """

    rows: Any
    cols: Any
    shape: tuple[int, int]


def pattern(graph: Graph, wrt: str, output: int = 0) -> Pattern:
    """Where the Jacobian of an output by an input may be other than zero.

    Args:
        graph: a function whose shapes are whole numbers.
        wrt: the name of the input.
        output: the index of the output.

    Raises:
        UnsupportedError: where a shape has a named dimension.
    """
    import numpy as np

    graph = _with_found_lengths(graph)
    target = graph.inputs[graph.input_names.index(wrt)]
    walk = _Walk(graph, _count(graph[target].shape))
    needed = graph.ancestors([graph.outputs[output]])
    for position, node in enumerate(graph.nodes):
        if position == target:
            own = np.arange(walk.n, dtype=np.int64)
            walk.codes.append(own * walk.n + own)
        else:
            walk.codes.append(walk.of_line(node) if needed[position] else walk.none)
    codes = walk.codes[graph.outputs[output]]
    rows, cols = np.divmod(codes, max(walk.n, 1))
    order = np.argsort(cols, kind="stable")
    return Pattern(rows[order], cols[order], (_count(graph[graph.outputs[output]].shape), walk.n))


def _with_found_lengths(graph: Graph) -> Graph:
    """The graph with a number for the lengths that loops find out.

    All that such a loop returns depends on all that it is given, each row as the others: how many
    there are changes nothing that is made of them.
    """
    found = {*found_lengths(graph)}
    if not found:
        return graph

    def number(length: Dim) -> Dimension:
        is_found = length.names <= found
        return evaluate(length, dict.fromkeys(length.names, _SAMPLE)) if is_found else length

    return with_lengths(graph, number)


_SAMPLE = 2  # rows


def _count(shape: Shape) -> int:
    """The number of elements."""
    total = 1
    for length in shape:
        if not isinstance(length, int):
            raise UnsupportedError(
                f"the sparsity of an array of the shape {shape_text(shape)} is not known",
                suggestion="give the lengths as numbers",
            )
        total *= length
    return total


class _Walk:
    """The dependence of the lines so far."""

    def __init__(self, graph: Graph, n: int) -> None:
        import numpy as np

        self.graph = graph
        self.n = n
        self.none = np.zeros(0, np.int64)
        self.codes: list[Codes] = []
        self.known = known_numbers(graph.nodes)

    def of_line(self, node: Node) -> Codes:
        """The dependence of one line."""
        if node.op in (INPUT, CONSTANT) or node.dtype not in CONTINUOUS:
            return self.none
        record = OPERATIONS[node.op]
        parts = [self.codes[argument] for argument in node.args]
        if isinstance(record.derivative, Flat | Raises) or not any(len(part) for part in parts):
            return self.none
        _count(node.shape)  # a named length is refused
        if record.sparsity is not None:
            found = record.sparsity(self, node, parts)
            if found is not None:
                return found
        elif record.is_elementwise:
            return self._elementwise(node, parts)
        return self.coupled(node, parts)

    def _elementwise(self, node: Node, parts: Sequence[Codes]) -> Codes:
        if node.op == "multiply" and any(self._is_zero(argument) for argument in node.args):
            return self.none
        return self.union(parts)

    def _is_zero(self, position: int) -> bool:
        node = self.graph[position]
        return node.op == CONSTANT and constant_value(node) == 0.0

    def union(self, parts: Sequence[Codes]) -> Codes:
        """What any of the parts depends on, element by element."""
        import numpy as np

        filled = [part for part in parts if len(part)]
        if not filled:
            return self.none
        same = all(part is filled[0] for part in filled)
        return filled[0] if same else distinct(np.concatenate(filled))

    def coupled(self, node: Node, parts: Sequence[Codes]) -> Codes:
        """Every element of the result depends on all that the arguments depend on."""
        import numpy as np

        inputs = distinct(np.concatenate([part % self.n for part in parts]))
        elements = np.arange(_count(node.shape), dtype=np.int64)
        return (elements[:, None] * self.n + inputs).reshape(-1)

    def numbers(self, position: int) -> Any:
        """The positions of a line's elements, in its shape."""
        import numpy as np

        shape = self.graph[position].shape
        return np.arange(_count(shape), dtype=np.int64).reshape(self._lengths(shape))

    def _lengths(self, shape: Shape) -> list[int]:
        return [n for n in shape if isinstance(n, int)]

    def gathered(self, codes: Codes, sources: Any) -> Codes:
        """Each element of the result depends on what one element of the argument does."""
        import numpy as np

        flat = np.asarray(sources).reshape(-1)
        top = int(flat.max(initial=-1)) + 2
        starts = np.searchsorted(codes, np.arange(top, dtype=np.int64) * self.n)
        counts = starts[flat + 1] - starts[flat]
        ends = np.cumsum(counts)
        offset = np.repeat(starts[flat] - ends + counts, counts)
        taken = codes[offset + np.arange(int(counts.sum()))] % self.n
        return np.repeat(np.arange(len(flat), dtype=np.int64), counts) * self.n + taken

    def scattered(self, codes: Codes, targets: Any) -> Codes:
        """Each element of the argument goes into one element of the result."""
        import numpy as np

        elements, inputs = np.divmod(codes, self.n)
        return distinct(np.asarray(targets).reshape(-1)[elements] * self.n + inputs)

    def moved(self, node: Node, parts: Sequence[Codes]) -> Codes | None:
        """The dependence where each element is one of an argument's.

        The operation itself, on the numbers of the elements, says which.
        """
        import numpy as np

        record = OPERATIONS[node.op]
        assert isinstance(record.derivative, Linear)
        count = len(parts) if record.derivative.count is None else record.derivative.count
        places = [self.known.get(argument) for argument in node.args[count:]]
        if any(numbers is None for numbers in places):
            return None
        numbers, joined, start = [], [], 0
        for argument, codes in zip(node.args[:count], parts, strict=False):
            own = self.numbers(argument)
            numbers.append(own + start)
            joined.append(codes + start * self.n)
            start += own.size
        sources = record.exactly(None)(*node.params, *numbers, *places)
        return self.gathered(np.concatenate(joined), sources)

    def places(self, node: Node) -> Any:
        """The numbers of an index's or a write's places; `None` where they are computed."""
        x, _, *arrays = node.args
        known = [self.known.get(argument) for argument in arrays]
        if any(numbers is None for numbers in known):
            return None
        return self.numbers(x)[numpy_index(node.params[0], known)]
