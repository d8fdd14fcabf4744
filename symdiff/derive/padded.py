"""Products that the steps of a loop add to slices of a matrix, between bounds that a counter moves.

In `W[:, i:] += outer(u, v)` each step reads and writes half of the matrix. With zeros in front of
`v` the product is one of whole rows, and the sum over the steps is one product of what the rows
were in all steps, stacked: `us.T @ vs`. As in that product, what is not a number in one of the two
stands at all places of the other, those of the zeros too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from symdiff.derive.accumulation import Product
from symdiff.graph.graph import Graph
from symdiff.graph.inequalities import is_impossible
from symdiff.graph.node import CONSTANT, EXTENT, Node, constant_value
from symdiff.graph.shape import Dim, Dimension, substituted
from symdiff.ops.arithmetic import add, multiply
from symdiff.ops.builder import Builder
from symdiff.ops.contraction import contract, parts
from symdiff.ops.handle import Handle
from symdiff.ops.indexing import index, indexed, put, slice_of, whole
from symdiff.ops.loops import Layout
from symdiff.ops.progressions import Progression
from symdiff.ops.reduction import broadcast
from symdiff.ops.rules import ALGEBRAIC
from symdiff.ops.structural import Pattern, transposed

Spans = Mapping[str, tuple[Dimension, Dimension]]


class Padded(NamedTuple):
    """Lines of a body, with padded factors of products behind them.

    Attributes:
        graph: the lines; those that were there keep their places.
        products: by argument, the products of which its cotangent is a sum over the steps.
        rest: by argument, the line that is to be added in each step, where there is one.
    """

    graph: Graph
    products: Mapping[int, list[Product]]
    rest: Mapping[int, int]


def spans_of(layout: Layout, numbers: Mapping[int, Progression]) -> Spans:
    """By the name of a length that counts with the steps, what it is in the first and the last.

    Args:
        layout: of the loop.
        numbers: by line of the body, the inputs that are progressions.
    """
    extents = [x for x in layout.graph.nodes if x.op == EXTENT and x.args[0] in numbers]
    found = {str(node.params[0]): numbers[node.args[0]] for node in extents}
    return {name: (read.start, read.last(layout.length)) for name, read in found.items()}


def padded(
    graph: Graph, bars: Mapping[int, int], spans: Spans, is_known: Callable[[Product], bool]
) -> Padded:
    """Take products that are added to slices out of the cotangents of a loop's arguments.

    Args:
        graph: the lines of a step backwards.
        bars: by argument, the line of its cotangent.
        spans: by the name of a length that counts with the steps, its first and its last number.
        is_known: whether the factors of a product are there after the loop.
    """
    builder = Builder(ALGEBRAIC, graph)
    products: dict[int, list[Product]] = {}
    rest: dict[int, int] = {}
    for argument, bar in bars.items():
        left: int | None = None
        for term in _terms(graph, bar):
            product = _product(builder, graph, term, spans)
            if product is not None and is_known(product):
                products.setdefault(argument, []).append(product)
            else:
                left = term if left is None else builder.make(add.name, (left, term))
        if argument in products and left is not None:
            rest[argument] = left
    if not products:
        return Padded(graph, {}, {})
    made = builder.graph(graph.inputs, graph.outputs, graph.output_names, graph.primal)
    return Padded(made, products, rest)


def _terms(graph: Graph, position: int) -> Iterator[int]:
    """The lines that a line is the sum of, from left to right."""
    pending = [position]
    while pending:
        at = pending.pop()
        if graph[at].op == add.name:
            pending += reversed(graph[at].args)
        else:
            yield at


def _product(builder: Builder, graph: Graph, position: int, spans: Spans) -> Product | None:
    """The product that a line writes into a slice of zeros, with padded factors."""
    node = graph[position]
    if node.op != put.name or len(node.args) > 2 or len(node.shape) < 2:
        return None
    zeros, value = node.args
    (pattern,) = node.params
    if not _is_zero(graph[zeros]) or not _are_wide(pattern, node.shape, spans):
        return None
    product, scale = _unscaled(graph, value)
    if graph[product].op != contract.name:
        return None
    letters = graph[product].params[0]
    *names, result = parts(letters)
    entries = dict(zip(result, zip(pattern, node.shape, strict=True), strict=True))
    first, second = graph[product].args
    if scale is not None:
        number = builder.make(broadcast.name, (scale,), (graph[second].shape,))
        second = builder.make(multiply.name, (second, number))
    first, second = (
        _with_zeros(builder, factor, [entries.get(letter) for letter in of_factor])
        for factor, of_factor in zip((first, second), names, strict=True)
    )
    return Product(first, second, letters)


def _unscaled(graph: Graph, position: int) -> tuple[int, int | None]:
    """A line without a number that it is multiplied by, and the number."""
    node = graph[position]
    for line, number in (node.args, node.args[::-1]) if node.op == multiply.name else ():
        repeated = graph[number]
        if repeated.op == broadcast.name and not graph[repeated.args[0]].shape:
            return line, repeated.args[0]
    return position, None


def _is_zero(node: Node) -> bool:
    return node.op == CONSTANT and constant_value(node) == 0.0


def _are_wide(pattern: Pattern, shape: Sequence[Dimension], spans: Spans) -> bool:
    """Whether slices have half of each axis on the average, and less than all of one."""
    are_moved = False
    for entry, length in zip(pattern, shape, strict=True):
        if entry == whole(length):
            continue
        if entry[0] != "slice" or not isinstance(entry[2], Dim) or entry[2].names.isdisjoint(spans):
            return False
        first, last = (
            substituted(entry[2], {name: ends[at] for name, ends in spans.items()}) for at in (0, 1)
        )
        if not is_impossible([length - first - last - 1]):
            return False
        are_moved = True
    return are_moved


def _with_zeros(
    builder: Builder, position: int, entries: Sequence[tuple[tuple[object, ...], Dimension] | None]
) -> int:
    """A factor with zeros around it, where slices are less than an axis."""
    shape = builder.nodes[position].shape
    pairs = [
        (whole(n), n) if entry is None else entry for entry, n in zip(entries, shape, strict=True)
    ]
    pattern = tuple([entry for entry, _ in pairs])
    wide = tuple([length for _, length in pairs])
    if pattern == tuple(map(whole, shape)):
        return position
    made = builder.make(put.name, (builder.full(0.0, wide), position), (pattern,))
    name = builder.hints.get(position) or builder.derived.get(position)
    if name:
        builder.derived.setdefault(made, name)
    return made


def rows_of_constant(
    layout: Layout, numbers: Mapping[int, Progression], args: Sequence[Handle], line: int
) -> Handle | None:
    """What a line of a body is in all steps, where it is `x[:, i]` of what is the same in each.

    Args:
        layout: of the loop.
        numbers: by line of the body, the inputs that are progressions.
        args: of the loop.
        line: of the body.
    """
    graph = layout.graph
    node = graph[line]
    constants = graph.inputs[: layout.constants]
    if node.op != index.name or len(node.args) != 2 or node.args[0] not in constants:
        return None
    (pattern,), (array, counter) = node.params, node.args
    lengths, read = graph[array].shape, numbers.get(counter)
    axes = [axis for axis, entry in enumerate(pattern) if entry == ("array", 0)]
    others = [entry for axis, entry in enumerate(pattern) if axis not in axes]
    if len(axes) != 1 or others != [whole(n) for axis, n in enumerate(lengths) if axis not in axes]:
        return None
    ends = (read.start, read.last(layout.length)) if read else ()
    if not read or not isinstance(read.step, int) or not all(map(_is_from_front, ends)):
        return None
    (axis,) = axes
    taken = slice_of(lengths, axis, read.start, layout.length, read.step)
    rows = indexed(args[constants.index(array)], taken)
    return transposed(rows, (axis, *[n for n in range(rows.ndim) if n != axis]))


def _is_from_front(place: Dimension) -> bool:
    return is_impossible([place * -1 - 1])
