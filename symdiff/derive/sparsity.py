"""Structural sparsity: which elements of an output depend on which elements of an input.

One walk along the Wengert list. A line's dependence is a sorted array of whole numbers,
`element * n + input element`, so each operation is a few array operations, however many elements
there are. What an operation's rule below does not know couples everything: never too little.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from symdiff.errors import UnsupportedError
from symdiff.graph.graph import Graph
from symdiff.graph.node import CONSTANT, FLOAT, INPUT, Node, constant_value
from symdiff.graph.shape import Shape
from symdiff.graph.shape import text as shape_text
from symdiff.ops.creation import known_numbers
from symdiff.ops.operation import Flat, Raises
from symdiff.ops.registry import OPERATIONS

Codes = Any  # NumPy's arrays of int64, sorted, each once


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
        if node.op in (INPUT, CONSTANT) or node.dtype != FLOAT:
            return self.none
        record = OPERATIONS[node.op]
        parts = [self.codes[argument] for argument in node.args]
        if isinstance(record.derivative, Flat | Raises) or not any(len(part) for part in parts):
            return self.none
        _count(node.shape)  # a named length is refused
        rule = _RULES.get(node.op)
        if rule is not None:
            found = rule(self, node, parts)
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
        return filled[0] if same else np.unique(np.concatenate(filled))

    def coupled(self, node: Node, parts: Sequence[Codes]) -> Codes:
        """Every element of the result depends on all that the arguments depend on."""
        import numpy as np

        inputs = np.unique(np.concatenate([part % self.n for part in parts]))
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
        return np.unique(np.asarray(targets).reshape(-1)[elements] * self.n + inputs)


Rule = Callable[[_Walk, Node, Sequence[Codes]], Codes | None]


def _reshape(_walk: _Walk, _node: Node, parts: Sequence[Codes]) -> Codes:
    return parts[0]


def _transpose(walk: _Walk, node: Node, parts: Sequence[Codes]) -> Codes:
    return walk.gathered(parts[0], walk.numbers(node.args[0]).transpose(node.params[0]))


def _broadcast(walk: _Walk, node: Node, parts: Sequence[Codes]) -> Codes:
    import numpy as np

    return walk.gathered(parts[0], np.broadcast_to(walk.numbers(node.args[0]), node.params[0]))


def _places(walk: _Walk, array: Any, pattern: Any, arrays: Sequence[int]) -> Any:
    """An array's elements that an index names; `None` where it is computed."""
    known = [walk.known.get(at) for at in arrays]
    if any(numbers is None for numbers in known):
        return None
    entries: list[Any] = []
    for entry in pattern:
        if entry[0] == "slice":
            _, start, count, step = entry
            stop = start + count * step
            entries.append(slice(start, None if stop < 0 else stop, step))
        elif entry[0] == "new":
            entries.append(None)
        elif entry[0] == "array":
            entries.append(known[entry[1]])
        else:
            entries.append(entry[1])
    return array[tuple(entries)]


def _index(walk: _Walk, node: Node, parts: Sequence[Codes]) -> Codes | None:
    x, *arrays = node.args
    places = _places(walk, walk.numbers(x), node.params[0], arrays)
    return None if places is None else walk.gathered(parts[0], places)


def _put(walk: _Walk, node: Node, parts: Sequence[Codes]) -> Codes | None:
    x, _, *arrays = node.args
    places = _places(walk, walk.numbers(x), node.params[0], arrays)
    if places is None:
        return None
    sources = walk.numbers(x).reshape(-1).copy()
    size = len(sources)
    value = walk.numbers(node.args[1])
    sources[places.reshape(-1)] = size + value.reshape(-1)
    return walk.gathered(_joined(walk, [(parts[0], size), (parts[1], value.size)]), sources)


def _joined(walk: _Walk, parts: Sequence[tuple[Codes, int]]) -> Codes:
    """The elements of several arrays, numbered one after the other."""
    import numpy as np

    start, moved = 0, []
    for codes, size in parts:
        moved.append(codes + start * walk.n)
        start += size
    return np.concatenate(moved)


def _put_add(walk: _Walk, node: Node, parts: Sequence[Codes]) -> Codes | None:
    x, _, *arrays = node.args
    places = _places(walk, walk.numbers(x), node.params[0], arrays)
    if places is None:
        return None
    return walk.union([parts[0], walk.scattered(parts[1], places)])


def _concatenate(walk: _Walk, node: Node, parts: Sequence[Codes]) -> Codes:
    import numpy as np

    start, numbers, joined = 0, [], []
    for argument, codes in zip(node.args, parts, strict=True):
        own = walk.numbers(argument)
        numbers.append(own + start)
        joined.append((codes, own.size))
        start += own.size
    return walk.gathered(_joined(walk, joined), np.concatenate(numbers, node.params[0]))


def _stack(walk: _Walk, node: Node, parts: Sequence[Codes]) -> Codes:
    import numpy as np

    own = walk.numbers(node.args[0])
    numbers = np.stack([own + number * own.size for number in range(len(parts))], node.params[1])
    return walk.gathered(_joined(walk, [(codes, own.size) for codes in parts]), numbers)


def _reduce(walk: _Walk, node: Node, parts: Sequence[Codes]) -> Codes:
    import numpy as np

    numbers = walk.numbers(node.args[0])
    kept = [1 if axis in node.params[0] else n for axis, n in enumerate(numbers.shape)]
    results = np.arange(_count(node.shape), dtype=np.int64).reshape(kept)
    return walk.scattered(parts[0], np.broadcast_to(results, numbers.shape))


def _along_unit(walk: _Walk, node: Node, parts: Sequence[Codes]) -> Codes:
    """Each element of a vector, and what the number and the length of its vector depend on."""
    import numpy as np

    shape = walk.numbers(node.args[1]).shape
    kept = [1 if axis in node.params[0] else n for axis, n in enumerate(shape)]
    spread = [
        walk.gathered(
            parts[place], np.broadcast_to(walk.numbers(node.args[place]).reshape(kept), shape)
        )
        for place in (0, 2)
    ]
    return walk.union([parts[1], *spread])


def _along(walk: _Walk, node: Node, parts: Sequence[Codes]) -> Codes:
    """Every element of the axis, for sorting; for sums so far those from the first place on."""
    import numpy as np

    axis = node.params[0]
    shape = walk.numbers(node.args[0]).shape
    length, step = shape[axis], _strides(shape)[axis]
    elements, inputs = np.divmod(parts[0], walk.n)
    place = elements // step % length
    starts = (elements - place * step) * walk.n + inputs  # at the beginning of the axis
    starts, at = np.unique(starts, return_index=True)  # codes ascend: the first place is smallest
    first = np.zeros_like(starts) if node.op == "sort" else place[at]
    counts = length - first
    ends = np.cumsum(counts)
    taken = np.arange(int(counts.sum())) + np.repeat(first - ends + counts, counts)
    return np.sort(np.repeat(starts, counts) + taken * step * walk.n)


def _contract(walk: _Walk, node: Node, parts: Sequence[Codes]) -> Codes | None:
    """An element meets the elements of the other factor that agree in the letters of both."""
    letters, out = node.params[0].split("->")
    names = letters.split(",")
    found = []
    for place in (0, 1):
        if not len(parts[place]):
            continue
        mine, other = names[place], names[1 - place]
        if len(set(mine)) < len(mine) or len(set(other)) < len(other):
            return None
        partner = node.args[1 - place]
        found.append(_contracted(walk, node, parts[place], place, (mine, other, out), partner))
    return walk.union(found)


def _contracted(
    walk: _Walk, node: Node, codes: Codes, place: int, words: tuple[str, str, str], partner: int
) -> Codes:
    import numpy as np

    mine, other, out = words
    strides = dict(zip(out, _strides(node.shape), strict=True))
    shape = walk.numbers(node.args[place]).shape
    elements, inputs = np.divmod(codes, walk.n)
    at = dict(zip(mine, np.unravel_index(elements, shape), strict=True))
    base = sum(strides[letter] * at[letter] for letter in mine if letter in strides)
    base = np.zeros_like(elements) + base
    known = walk.known.get(partner)
    free = [letter for letter in other if letter not in mine]
    lengths = dict(zip(other, walk.numbers(partner).shape, strict=True))
    shared = [letter for letter in other if letter in mine]
    if known is None:
        shifts = np.zeros(1, np.int64)
        for letter in free:
            if letter in strides:
                steps = np.arange(lengths[letter], dtype=np.int64) * strides[letter]
                shifts = (shifts[:, None] + steps).reshape(-1)
        return np.unique(((base[:, None] + shifts) * walk.n + inputs[:, None]).reshape(-1))
    where = dict(
        zip(other, np.nonzero(np.broadcast_to(known, list(lengths.values()))), strict=True)
    )
    theirs = np.zeros(len(next(iter(where.values()))), np.int64)
    own = np.zeros(len(elements), np.int64)
    for letter in shared:
        theirs = theirs * lengths[letter] + where[letter]
        own = own * lengths[letter] + at[letter]
    shift = np.zeros_like(theirs)
    for letter in free:
        shift += where[letter] * strides.get(letter, 0)
    order = np.argsort(theirs, kind="stable")
    first = np.searchsorted(theirs[order], own)
    counts = np.searchsorted(theirs[order], own, side="right") - first
    ends = np.cumsum(counts)
    taken = order[np.repeat(first - ends + counts, counts) + np.arange(int(counts.sum()))]
    return np.unique((np.repeat(base, counts) + shift[taken]) * walk.n + np.repeat(inputs, counts))


def _strides(shape: Shape) -> list[int]:
    """How far apart neighbours on each axis stand."""
    strides, step = [], 1
    for length in reversed(shape):
        strides.append(step)
        step *= _count((length,))
    return strides[::-1]


_RULES: dict[str, Rule] = {
    "reshape": _reshape,
    "transpose": _transpose,
    "broadcast": _broadcast,
    "index": _index,
    "put": _put,
    "put_add": _put_add,
    "concatenate": _concatenate,
    "stack": _stack,
    "cumsum": _along,
    "cumprod": _along,
    "cummax": _along,
    "sort": _along,
    "contract": _contract,
    **dict.fromkeys(("sum", "prod", "max", "min", "norm", "known_norm", "logsumexp"), _reduce),
    "along_unit": _along_unit,
}
