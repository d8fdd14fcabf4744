"""Identities of what moves, repeats and writes elements: they hold to the bit."""

from __future__ import annotations

from typing import Any

from symdiff.errors import ShapeError
from symdiff.graph.node import CONSTANT, INT, Node, constant_value
from symdiff.graph.shape import SCALAR, Dimension, Shape
from symdiff.graph.shape import broadcast as common_shape
from symdiff.ops.handle import Maker
from symdiff.ops.indexing import whole
from symdiff.ops.registry import OPERATIONS
from symdiff.ops.rules.lines import repeated
from symdiff.ops.rules.table import Table, Tried

_MOST_WRITES = 1000  # in a row; further back an index is left as it is

Args = tuple[int, ...]
Params = tuple[Any, ...]

ROWS = Table(Tried.SHAPED)


# --- broadcasting ------------------------------------------------------------------------------


@ROWS.exact_elementwise
def _outside_of_broadcasts(b: Maker, op: str, args: Args, params: Params) -> int | None:
    """f(broadcast(x), broadcast(y)) = broadcast(f(x, y)): fewer elements are computed."""
    shape = b.nodes[args[0]].shape
    if not shape:
        return None
    sources: list[tuple[int, Shape]] = []
    for argument in args:
        source = repeated(b, argument)
        if source is None:
            return None
        sources.append(source)
    try:
        joint = common_shape(*[small for _, small in sources])
    except ShapeError:
        return None
    if joint == shape:
        return None
    inner = []
    for line, small in sources:
        node = b.nodes[line]
        if node.op == CONSTANT:
            inner.append(b.full(constant_value(node), joint, node.dtype))
        else:
            inner.append(line if small == joint else b.make("broadcast", (line,), (joint,)))
    return b.make("broadcast", (b.make(op, tuple(inner), params),), (shape,))


@ROWS.exact_elementwise
def _outside_of_new_axes(b: Maker, op: str, args: Args, params: Params) -> int | None:
    """f(x[:, None], y[:, None]) = f(x, y)[:, None]: what keeps axes meets what does not."""
    shape = b.nodes[args[0]].shape
    inner: Shape | None = None
    for argument in args:
        node = b.nodes[argument]
        if node.op == "reshape":
            small = b.nodes[node.args[0]].shape
            if inner not in (None, small) or tuple(n for n in shape if n != 1) != small:
                return None
            inner = small
        elif not _is_repeated_number(b, node):
            return None
    if inner is None or len(inner) >= len(shape):
        return None
    given = [_in_shape(b, b.nodes[argument], inner) for argument in args]
    return b.make("reshape", (b.make(op, tuple(given), params),), (shape,))


def _is_repeated_number(b: Maker, node: Node) -> bool:
    is_spread = node.op == "broadcast" and b.nodes[node.args[0]].shape == SCALAR
    return is_spread or node.op == CONSTANT


def _in_shape(b: Maker, node: Node, shape: Shape) -> int:
    """What is in another shape, or repeats a number, in this one."""
    if node.op == "reshape":
        return node.args[0]
    if node.op == CONSTANT:
        return b.full(constant_value(node), shape, node.dtype)
    return b.make("broadcast", node.args, (shape,)) if shape else node.args[0]


@ROWS.exact("broadcast")
def _broadcast(b: Maker, args: Args, params: Params) -> int | None:
    """To its own shape; of a constant; twice; of axes that were put in front."""
    (x,), (shape,) = args, params
    node = b.nodes[x]
    if node.shape == shape:
        return x
    if node.op == CONSTANT:
        return b.full(constant_value(node), shape, node.dtype)
    if node.op == "broadcast":
        return b.make("broadcast", node.args, (shape,))
    if node.op == "reshape":
        inner = b.nodes[node.args[0]].shape
        added = len(node.shape) - len(inner)
        if added > 0 and node.shape == (1,) * added + inner:
            return b.make("broadcast", node.args, (shape,))
    return None


# --- structure ---------------------------------------------------------------------------------


@ROWS.exact("reshape")
def _reshape(b: Maker, args: Args, params: Params) -> int | None:
    """To its own shape; of a constant; of a number that is repeated; twice."""
    (x,), (shape,) = args, params
    node = b.nodes[x]
    if node.shape == shape:
        return x
    if node.op == CONSTANT:
        return b.full(constant_value(node), shape, node.dtype)
    if node.op == "broadcast" and b.nodes[node.args[0]].shape == SCALAR:
        return b.make("broadcast", node.args, (shape,))
    if node.op == "reshape":
        inner = node.args[0]
        return inner if b.nodes[inner].shape == shape else b.make("reshape", (inner,), (shape,))
    return None


@ROWS.exact("transpose")
def _transpose(b: Maker, args: Args, params: Params) -> int | None:
    """In its own order; of a constant; twice."""
    (x,), (axes,) = args, params
    node = b.nodes[x]
    if axes == tuple(range(len(axes))):
        return x
    if node.op == CONSTANT:
        return b.full(constant_value(node), tuple(node.shape[axis] for axis in axes), node.dtype)
    if node.op == "transpose":
        order = tuple(node.params[0][axis] for axis in axes)
        return b.make("transpose", node.args, (order,))
    return None


def _before_writes_elsewhere(b: Maker, x: int, pattern: Any, places: Args) -> int:
    """The array as it was before the last writes, which do not reach what an index takes."""
    for _ in range(_MOST_WRITES):
        node = b.nodes[x]
        if node.op != "put" or not _is_elsewhere(b, node, pattern, places):
            break
        x = node.args[0]
    return x


def _is_elsewhere(b: Maker, write: Node, pattern: Any, places: Args) -> bool:
    """Whether a write does not reach what an index takes, as far as one axis shows."""
    written, shape = write.args[2:], b.nodes[write.args[0]].shape
    if not written and not places:
        return are_apart(write.params[0], pattern)
    if any(b.nodes[at].shape for at in (*written, *places)):
        return False
    pairs = zip(_of_axes(write.params[0]), _of_axes(pattern), shape, strict=True)
    return any(
        _are_unequal(b, written[one[1]], places[other[1]], length)
        if one[0] == "array" == other[0]
        else _is_beside(one, other)
        for one, other, length in pairs
    )


def _are_unequal(b: Maker, place: int, other: int, length: Dimension) -> bool:
    """Whether two places of an axis differ by a number, as i and i - 1; -1 is the last one."""
    if not isinstance(length, int):
        return False
    (counter, more), (other_counter, other_more) = _sum_of(b, place), _sum_of(b, other)
    return counter == other_counter and 0 < abs(more - other_more) < length


def _sum_of(b: Maker, place: int) -> tuple[int, float]:
    """A whole number as another one, -1 for none, and a known number."""
    more = 0.0
    while b.nodes[place].op in ("add", "subtract") and b.nodes[place].dtype == INT:
        op, (first, second), _, _, _ = b.nodes[place]
        if op == "add" and first in b.constants:
            first, second = second, first
        if second not in b.constants:
            break
        more += b.constants[second] if op == "add" else -b.constants[second]
        place = first
    number = b.constants.get(place)
    return (place, more) if number is None else (-1, number + more)


@ROWS.exact("index")
def _index_of_number(b: Maker, args: Args, params: Params) -> int | None:
    """A number has no axis to index: new axes alone are another shape."""
    if b.nodes[args[0]].shape:
        return None
    return b.make("reshape", args, ((1,) * len(params[0]),))


@ROWS.exact("put")
def _put_into_number(b: Maker, args: Args, params: Params) -> int | None:
    """A number is written whole, whatever axes the index adds."""
    target, value = args[:2]
    return None if b.nodes[target].shape else b.make("reshape", (value,), ((),))


@ROWS.exact("index")
def _index(b: Maker, args: Args, params: Params) -> int | None:
    """All of it; of a constant; of what was written there, elsewhere, or joined from parts."""
    x, *arrays = args
    (pattern,) = params
    node = b.nodes[x]
    if node.op == CONSTANT:
        shapes = [b.nodes[at].shape for at in args]
        return b.full(constant_value(node), OPERATIONS["index"].shape(shapes, params), node.dtype)
    if arrays:
        is_written = node.op == "put" and node.dtype == b.nodes[node.args[1]].dtype
        if is_written and _is_at(b, x, tuple(arrays), params):
            return node.args[1]
        before = _before_writes_elsewhere(b, x, pattern, tuple(arrays))
        return None if before == x else b.make("index", (before, *arrays), params)
    if pattern == tuple(whole(length) for length in node.shape):
        return x
    if node.op == "put" and len(node.args) == 2 and node.dtype == b.nodes[node.args[1]].dtype:
        if node.params == params:
            return node.args[1]
        before = _before_writes_elsewhere(b, x, pattern, ())
        if before != x:
            return b.make("index", (before,), params)
    if node.op == "concatenate":
        return _of_parts(b, x, pattern)
    return None


def are_apart(first: Any, second: Any) -> bool:
    """Whether two patterns of one array take no common element, as far as one axis shows."""
    return any(map(_is_beside, _of_axes(first), _of_axes(second)))


def _is_beside(one: Any, other: Any) -> bool:
    """Whether two entries of one axis, where both are known, take no common place."""
    a, c = _reach(one), _reach(other)
    return a is not None and c is not None and (a[1] <= c[0] or c[1] <= a[0])


def _of_axes(pattern: Any) -> list[Any]:
    return [entry for entry in pattern if entry[0] != "new"]


def _reach(entry: Any) -> tuple[int, int] | None:
    """The first place that an entry takes and the one after the last, where both are numbers."""
    kind, *rest = entry
    if kind == "int" and isinstance(rest[0], int) and rest[0] >= 0:
        return rest[0], rest[0] + 1
    if kind == "slice" and all(isinstance(number, int) for number in rest):
        start, length, step = rest
        last = start + (length - 1) * step
        return min(start, last), max(start, last) + 1
    return None


def _of_parts(b: Maker, joined: int, pattern: Any) -> int | None:
    """An index of joined arrays that falls into one of them, which may be joined of others."""
    found = None
    while b.nodes[joined].op == "concatenate":
        inside = _part_with(b, b.nodes[joined].args, b.nodes[joined].params[0], pattern)
        if inside is None:
            break
        joined, pattern = found = inside
    return None if found is None else b.make("index", (joined,), (pattern,))


def _part_with(b: Maker, parts: Args, axis: int, pattern: Any) -> tuple[int, Any] | None:
    """The part of joined arrays that an index falls into, and the index of that part."""
    entries = _of_axes(pattern)
    reach = _reach(entries[axis])
    if reach is None:
        return None
    start = 0
    for part in parts:
        length = b.nodes[part].shape[axis]
        if not isinstance(length, int):
            return None
        if start <= reach[0] and reach[1] <= start + length:
            number = [i for i, entry in enumerate(pattern) if entry[0] != "new"][axis]
            kind, first, *rest = pattern[number]
            moved = (*pattern[:number], (kind, first - start, *rest), *pattern[number + 1 :])
            return part, moved
        start += length
    return None


@ROWS.exact("put")
def _put(b: Maker, args: Args, params: Params) -> int | None:
    """All of it anew; what was there; what was written at the same place before is gone."""
    x, v, *arrays = args
    (pattern,) = params
    node, value = b.nodes[x], b.nodes[v]
    if node.dtype != value.dtype:
        return None
    if value.op == CONSTANT and node.op == "put":
        before = b.nodes[_before_writes_elsewhere(b, x, pattern, tuple(arrays))]
        if before.op == CONSTANT and _is_same_number(before, value):
            return x
    if value.op == "index" and value.params == params and value.args == (x, *arrays):
        return x
    if arrays:
        again = node.op == "put" and _is_at(b, x, tuple(arrays), params)
        return b.make("put", (node.args[0], v, *arrays), params) if again else None
    if pattern == tuple(whole(length) for length in node.shape):
        return v
    if node.op == "put" and len(node.args) == 2 and node.params == params:
        return b.make("put", (node.args[0], v), params)
    return None


def _is_same_number(one: Node, other: Node) -> bool:
    """Whether constants are one number, of one sign where it is zero."""
    first, second = constant_value(one), constant_value(other)
    return repr(first) == repr(second)


def _is_at(b: Maker, line: int, places: Args, params: Params) -> bool:
    """Whether a line is read or written at these places, none of which is named twice."""
    node = b.nodes[line]
    arrays = node.args[1:] if node.op == "index" else node.args[2:]
    is_there = node.op in ("index", "put") and (arrays, node.params) == (places, params)
    return is_there and not any(b.nodes[at].shape for at in places)


@ROWS.exact("put")
def _put_of_sum(b: Maker, args: Args, params: Params) -> int | None:
    """a[i] = a[i] + v adds v; so does a[i] = a[i] - v with its opposite."""
    x, v, *arrays = args
    node = b.nodes[v]
    if node.op not in ("add", "subtract") or node.dtype != b.nodes[x].dtype:
        return None
    terms = list(node.args)
    reads = [b.nodes[at].op == "index" and _is_at(b, at, tuple(arrays), params) for at in terms]
    read = reads.index(True) if any(reads) else None
    if read is None or b.nodes[terms[read]].args[0] != x or (read and node.op == "subtract"):
        return None
    added = terms[1 - read]
    if node.op == "subtract":
        added = b.make("negate", (added,))
    return b.make("put_add", (x, added, *arrays), params)


@ROWS.algebraic("put_add")
def _added_to_zeros(b: Maker, args: Args, params: Params) -> int | None:
    """What is added where zeros were written is written."""
    x, v, *arrays = args
    node = b.nodes[x]
    if node.op != "put" or b.constants.get(node.args[1]) != 0.0:
        return None
    if not _is_at(b, x, tuple(arrays), params):
        return None
    return b.make("put", (node.args[0], v, *arrays), params)
