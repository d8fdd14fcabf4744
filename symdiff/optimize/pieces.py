"""Cotangents that are assembled from pieces: a sum of writes into zeros is one array.

The transpose of each index is a write into zeros. Where parts of an array were read, their sum is
as many arrays, most of them zero. Pieces that make up the whole are joined; others are written
into one array, or added to what else is in the sum, each at its place.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from symdiff.graph.graph import Graph
from symdiff.graph.node import COMPLEX, CONSTANT, FLOAT, INPUT, Node, constant_value
from symdiff.graph.shape import Dimension, Shape, size
from symdiff.ops.builder import Builder
from symdiff.ops.indexing import whole
from symdiff.ops.joining import place_in_stack
from symdiff.ops.operation import Part
from symdiff.ops.registry import OPERATIONS
from symdiff.ops.rules.structure import are_apart
from symdiff.ops.structural import Pattern
from symdiff.optimize.rebuild import Rebuilder, rebuild
from symdiff.optimize.sums import Signed, Sums, sum_of

_MOST_IN_A_LITERAL = 4  # parts; more are easier to read as writes
_FEWEST_SCALED = 3  # pieces; a number that scales so many scales the array instead
_WRITES = frozenset(("put", "put_add"))


class Piece(NamedTuple):
    """A value at its place in an array of zeros."""

    negative: bool
    position: int
    pattern: Pattern
    arrays: tuple[int, ...] = ()


class Plan(NamedTuple):
    """A sum: pieces and a number that scales all of them, and terms that fill the whole array.

    Where the other terms' sum is an array of its own, the pieces are added to that, unless they
    make a whole array themselves. So are pieces at places that are computed.
    """

    pieces: list[Piece]
    number: float
    rest: list[Signed]
    is_added: bool


def join_pieces(graph: Graph) -> Graph:
    """Make one array of the pieces in each sum. The value's lines stay as written."""
    if graph.by_op.keys().isdisjoint(_WRITES):
        return graph
    plans = _plans(graph)
    if not plans:
        return graph

    def replace(rebuilder: Rebuilder, node: Node, position: int) -> int | None:
        plan, builder = plans[position], rebuilder.builder
        pieces = [_moved(piece, rebuilder.moved) for piece in plan.pieces]
        rest = [term._replace(position=rebuilder.moved[term.position]) for term in plan.rest]
        if plan.is_added:
            total = _added(builder, sum_of(builder, rest), pieces)
            _name(builder, total, graph, position)
            return total
        whole_array = _assembled(builder, node, pieces)
        if plan.number == 1.0 and not rest:
            _name(builder, whole_array, graph, position)
        scaled = builder.make("multiply", (builder.full(plan.number, node.shape), whole_array))
        return sum_of(builder, [Signed(negative=False, position=scaled), *rest])

    return rebuild(graph, replace, changed=plans)


def _moved(piece: Piece, moved: Sequence[int]) -> Piece:
    arrays = tuple([moved[at] for at in piece.arrays])
    return piece._replace(position=moved[piece.position], arrays=arrays)


# --- which sums ----------------------------------------------------------------------------------


def _plans(graph: Graph) -> dict[int, Plan]:
    """By the position of a sum, what is in it."""
    sums, plans, users = Sums(graph), {}, _users(graph)
    for root in sums.roots():
        if graph[root].dtype not in (FLOAT, COMPLEX):
            continue
        terms = sums.terms(root)
        pieces, rest = _parted(sums, terms, lambda _: True)
        is_added = bool(rest) and (
            _is_own(sums, rest, users) or any(piece.arrays for piece in pieces)
        )
        is_added = is_added and not _is_whole(graph[root].shape, pieces)
        if not is_added:  # an array that something else reads is there for this sum too
            pieces, rest = _parted(sums, terms, sums.is_alone)
        if len(pieces) > 1 or (pieces and is_added):
            number, pieces = (1.0, pieces) if is_added else _scale(sums, pieces)
            plans[root] = Plan(pieces, number, rest, is_added)
    return plans


def _parted(
    sums: Sums, terms: Sequence[Signed], is_free: Callable[[int], bool]
) -> tuple[list[Piece], list[Signed]]:
    """The terms that are pieces, of those that are free to be, in order; and the others."""
    pieces, rest = [], []
    for term in terms:
        piece = _piece(sums, term) if is_free(term.position) else None
        if piece is None:
            rest.append(term)
        else:
            pieces.append(piece)
    return _in_order(pieces), rest


def _piece(sums: Sums, term: Signed) -> Piece | None:
    """A term as a piece, if it writes slices or elements into zeros, no place twice."""
    node = sums.graph[term.position]
    if node.op not in _WRITES or sums.written[term.position]:
        return None
    zeros, value, *arrays = node.args
    number = sums.graph[zeros]
    if number.op != CONSTANT or constant_value(number) != 0.0:
        return None
    if node.op == "put" and any(sums.graph[at].shape for at in arrays):
        return None
    if sums.graph[value].dtype != node.dtype:  # a real number among complex ones
        return None
    return Piece(term.negative, value, node.params[0], tuple(arrays))


def _in_order(pieces: list[Piece]) -> list[Piece]:
    """By their places, where these are numbers that are counted from the start."""
    starts = [tuple(entry[1] for entry in piece.pattern if entry[0] != "new") for piece in pieces]
    if any(piece.arrays for piece in pieces):
        return pieces
    if any(not isinstance(place, int) or place < 0 for start in starts for place in start):
        return pieces
    return [pieces[k] for k in sorted(range(len(pieces)), key=lambda k: starts[k])]


def _is_whole(shape: Shape, pieces: Sequence[Piece]) -> bool:
    """Whether pieces make up an array of this shape, none of it zeros."""
    if len(pieces) < 2 or any(piece.arrays for piece in pieces):
        return False
    return _counted_axes(shape, pieces) is not None or _joined_axis(shape, pieces) is not None


def _users(graph: Graph) -> list[list[int]]:
    """By position, the lines that read a line; an output is read behind all of them."""
    users: list[list[int]] = [[] for _ in graph.nodes]
    for position, node in enumerate(graph.nodes):
        for argument in node.args:
            users[argument].append(position)
    for output in graph.outputs:
        users[output].append(len(graph))
    return users


def _is_own(sums: Sums, rest: Sequence[Signed], users: Sequence[Sequence[int]]) -> bool:
    """Whether the sum of these terms is an array that can be written into.

    What was read of it before, a slice or an element, does not hinder that.
    """
    if len(rest) > 1 or rest[0].negative:
        return True
    position = rest[0].position
    node = sums.graph[position]
    *before, _ = users[position]
    is_read = any(
        sums.graph[at].op != "index" or sums.graph[at].args[0] != position for at in before
    )
    if node.op == INPUT:  # what a loop carries, or a copy
        return not is_read
    if node.op == CONSTANT or is_read or sums.written[position]:
        return False
    record = OPERATIONS[node.op]
    return isinstance(record.derivative, Part) or (record.is_own and not record.is_view)


def _scale(sums: Sums, pieces: list[Piece]) -> tuple[float, list[Piece]]:
    """The number that is a factor of all pieces, and the pieces without it."""
    found: set[float] = set()
    bare = []
    for piece in pieces:
        node = sums.graph[piece.position]
        first = sums.graph[node.args[0]] if node.op == "multiply" else None
        if first is None or first.op != CONSTANT or not sums.is_alone(piece.position):
            return 1.0, pieces
        number = constant_value(first)
        found.add(-number if piece.negative else number)
        bare.append(piece._replace(negative=False, position=node.args[1]))
    return (found.pop(), bare) if len(found) == 1 and len(bare) >= _FEWEST_SCALED else (1.0, pieces)


# --- what is made of them ------------------------------------------------------------------------


def _assembled(builder: Builder, like: Node, pieces: Sequence[Piece]) -> int:
    """The array of pieces, and of zeros where there are none."""
    shape = like.shape
    values = [_value(builder, piece) for piece in pieces]
    is_known = not any(piece.arrays for piece in pieces)
    leading = _counted_axes(shape, pieces) if is_known else None
    if leading is not None:
        return builder.make("stack", tuple(values), (leading, 0))
    axis = _joined_axis(shape, pieces) if is_known else None
    if axis is not None:
        return builder.make("concatenate", tuple(values), (axis,))
    total = builder.full(0.0, shape, like.dtype)
    for number, (piece, value) in enumerate(zip(pieces, values, strict=True)):
        before = pieces[:number]
        is_free = all(are_apart(piece.pattern, other.pattern) for other in before)
        is_free &= not any(builder.nodes[at].shape for at in piece.arrays)
        args = (total, value, *piece.arrays)
        total = builder.make("put" if is_free else "put_add", args, (piece.pattern,))
    return total


def _added(builder: Builder, total: int, pieces: Sequence[Piece]) -> int:
    """An array with pieces added to it, each at its place."""
    for piece in pieces:
        args = (total, _value(builder, piece), *piece.arrays)
        total = builder.make("put_add", args, (piece.pattern,))
    return total


def _name(builder: Builder, line: int, graph: Graph, position: int) -> None:
    """Give an array its name before it is written into, so that it is written under that name."""
    while builder.nodes[line].op in _WRITES:
        builder.name_as(line, graph, position)
        line = builder.nodes[line].args[0]
    if builder.nodes[line].op != CONSTANT:
        builder.name_as(line, graph, position)


def _value(builder: Builder, piece: Piece) -> int:
    return builder.make("negate", (piece.position,)) if piece.negative else piece.position


def _counted_axes(shape: Shape, pieces: Sequence[Piece]) -> tuple[int, ...] | None:
    """The leading axes each of whose few elements is a piece, in their order."""
    if len(pieces) > _MOST_IN_A_LITERAL:
        return None
    count = sum(entry[0] == "int" for entry in pieces[0].pattern)
    lengths = [n for n in shape[:count] if isinstance(n, int)]
    if not lengths or len(lengths) < count or size(lengths) != len(pieces):
        return None
    new, inner = tuple(lengths), shape[count:]
    for number, piece in enumerate(pieces):
        if piece.pattern != place_in_stack(inner, new, 0, number):
            return None
    return new


def _joined_axis(shape: Shape, pieces: Sequence[Piece]) -> int | None:
    """The axis along which slices follow each other from its start to its end."""
    every = tuple(map(whole, shape))
    if any(len(piece.pattern) != len(shape) for piece in pieces):
        return None
    axis = next((k for k, entry in enumerate(pieces[0].pattern) if entry != every[k]), None)
    if axis is None:
        return None
    end: Dimension = 0
    for piece in pieces:
        entry = piece.pattern[axis]
        others = (*piece.pattern[:axis], *piece.pattern[axis + 1 :])
        if others != (*every[:axis], *every[axis + 1 :]) or entry[0] != "slice":
            return None
        if entry[1] != end or entry[3] != 1:
            return None
        end = entry[2] + end
    return axis if end == shape[axis] else None
