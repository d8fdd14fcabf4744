"""Identities of arrays, as rows of the table in `symdiff.ops.identities`.

A row gets the builder, the positions of the arguments and the parameters. Those of the structure
move elements alone and so hold to the bit.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from symdiff.errors import ShapeError
from symdiff.graph.node import CONSTANT, FLOAT, INT, constant_value
from symdiff.graph.shape import SCALAR, Shape, evaluate, names_of, size
from symdiff.graph.shape import broadcast as common_shape
from symdiff.ops.identities import ALGEBRAIC, EXACT, Row
from symdiff.ops.indexing import whole
from symdiff.ops.registry import OPERATIONS

if TYPE_CHECKING:
    from symdiff.ops.builder import Builder

_MOST_WRITES = 1000  # in a row; further back an index is left as it is

_MANY = 1000  # what a named dimension, often the number of samples, is taken to be about

Args = tuple[int, ...]
Params = tuple[Any, ...]


def exact(op: str) -> Callable[[Row], Row]:
    """A row that holds to the bit."""

    def add(row: Row) -> Row:
        EXACT.shaped.setdefault(op, []).append(row)
        ALGEBRAIC.shaped.setdefault(op, []).append(row)
        return row

    return add


def algebraic(op: str) -> Callable[[Row], Row]:
    """A row that holds for real numbers."""

    def add(row: Row) -> Row:
        ALGEBRAIC.shaped.setdefault(op, []).append(row)
        return row

    return add


# --- broadcasting ------------------------------------------------------------------------------


def _outside_of_broadcasts(b: Builder, op: str, args: Args, params: Params) -> int | None:
    """f(broadcast(x), broadcast(y)) = broadcast(f(x, y)): fewer elements are computed."""
    shape = b.nodes[args[0]].shape
    if not shape:
        return None
    sources: list[tuple[int, Shape]] = []
    for argument in args:
        source = _repeated(b, argument)
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


def _repeated(b: Builder, position: int) -> tuple[int, Shape] | None:
    """What a line repeats, and its shape; `None` where it repeats nothing."""
    node = b.nodes[position]
    if node.op == CONSTANT:
        return position, SCALAR
    if node.op == "broadcast":
        return node.args[0], b.nodes[node.args[0]].shape
    return None


EXACT.elementwise.append(_outside_of_broadcasts)
ALGEBRAIC.elementwise.append(_outside_of_broadcasts)


@exact("broadcast")
def _broadcast(b: Builder, args: Args, params: Params) -> int | None:
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


@exact("reshape")
def _reshape(b: Builder, args: Args, params: Params) -> int | None:
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


@exact("transpose")
def _transpose(b: Builder, args: Args, params: Params) -> int | None:
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


def _before_writes_elsewhere(b: Builder, x: int, pattern: Any) -> int:
    """The array as it was before the last writes, which do not reach what the pattern takes."""
    for _ in range(_MOST_WRITES):
        node = b.nodes[x]
        is_write = node.op == "put" and len(node.args) == 2
        if not is_write or not _are_apart(node.params[0], pattern):
            break
        x = node.args[0]
    return x


@exact("index")
def _index(b: Builder, args: Args, params: Params) -> int | None:
    """All of it; of a constant; of what was written there, elsewhere, or joined from parts."""
    x, *arrays = args
    (pattern,) = params
    node = b.nodes[x]
    if node.op == CONSTANT:
        shapes = [b.nodes[at].shape for at in args]
        return b.full(constant_value(node), OPERATIONS["index"].shape(shapes, params), node.dtype)
    if arrays:
        return None
    if pattern == tuple(whole(length) for length in node.shape):
        return x
    if node.op == "put" and len(node.args) == 2 and node.dtype == b.nodes[node.args[1]].dtype:
        if node.params == params:
            return node.args[1]
        before = _before_writes_elsewhere(b, x, pattern)
        if before != x:
            return b.make("index", (before,), params)
    if node.op == "concatenate":
        return _of_parts(b, node.args, node.params[0], pattern)
    return None


def _are_apart(first: Any, second: Any) -> bool:
    """Whether two patterns of one array take no common element, as far as one axis shows."""
    for one, other in zip(_of_axes(first), _of_axes(second), strict=True):
        a, c = _reach(one), _reach(other)
        if a is not None and c is not None and (a[1] <= c[0] or c[1] <= a[0]):
            return True
    return False


def _of_axes(pattern: Any) -> list[Any]:
    return [entry for entry in pattern if entry[0] != "new"]


def _reach(entry: Any) -> tuple[int, int] | None:
    """The first place that an entry takes and the one after the last, where both are numbers."""
    kind, *rest = entry
    if kind == "int" and rest[0] >= 0:
        return rest[0], rest[0] + 1
    if kind == "slice" and all(isinstance(number, int) for number in rest):
        start, length, step = rest
        last = start + (length - 1) * step
        return min(start, last), max(start, last) + 1
    return None


def _of_parts(b: Builder, parts: Args, axis: int, pattern: Any) -> int | None:
    """An index of joined arrays that falls into one of them."""
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
            return b.make("index", (part,), (moved,))
        start += length
    return None


@exact("put")
def _put(b: Builder, args: Args, params: Params) -> int | None:
    """All of it anew; what was written at the same place before is gone."""
    x, v, *arrays = args
    (pattern,) = params
    node = b.nodes[x]
    if arrays or node.dtype != b.nodes[v].dtype:
        return None
    if pattern == tuple(whole(length) for length in node.shape):
        return v
    if node.op == "put" and len(node.args) == 2 and node.params == params:
        return b.make("put", (node.args[0], v), params)
    return None


@exact("stop")
@exact("as_float64")
@exact("as_float32")
@exact("as_int64")
def _of_number(b: Builder, args: Args, params: Params) -> int | None:
    """A number has no derivative and takes the type of what it meets."""
    node = b.nodes[args[0]]
    return args[0] if node.op == CONSTANT and node.dtype == FLOAT else None


# --- reductions --------------------------------------------------------------------------------


@algebraic("sum")
def _sum(b: Builder, args: Args, params: Params) -> int | None:
    """Of a constant, of what is repeated, of a factor that is a number, of a sign."""
    (x,), (axes, _) = args, params
    node = b.nodes[x]
    if node.dtype != FLOAT:
        return None
    shape = OPERATIONS["sum"].shape([node.shape], params)
    count = size(node.shape[axis] for axis in axes)
    if node.op == CONSTANT and isinstance(count, int):
        return b.full(constant_value(node) * count, shape)
    if node.op == "negate":
        return b.make("negate", (b.make("sum", node.args, params),))
    if node.op == "multiply":
        for one, other in (node.args, node.args[::-1]):
            factor = _repeated(b, one)
            if factor is not None and factor[1] == SCALAR:
                summed = b.make("sum", (other,), params)
                return b.make("multiply", (_as_large(b, factor[0], summed), summed))
    if node.op == "broadcast" and b.nodes[node.args[0]].shape == SCALAR and isinstance(count, int):
        one = node.args[0] if not shape else b.make("broadcast", node.args, (shape,))
        return b.make("multiply", (b.full(float(count), shape), one))
    return None


def _as_large(b: Builder, number: int, like: int) -> int:
    """A number, or a constant, in the shape of a line."""
    shape = b.nodes[like].shape
    node = b.nodes[number]
    if node.op == CONSTANT:
        return b.full(constant_value(node), shape, node.dtype)
    return number if not shape else b.make("broadcast", (number,), (shape,))


@algebraic("multiply")
def _numbers_first(b: Builder, args: Args, params: Params) -> int | None:
    """s*(r*x) = (s*r)*x for numbers s and r that an array is scaled by."""
    for one, other in (args, args[::-1]):
        outer = _number(b, one)
        node = b.nodes[other]
        if outer is None or node.op != "multiply" or not node.shape or node.dtype == INT:
            continue
        for factor, rest in (node.args, node.args[::-1]):
            inner = _number(b, factor)
            if inner is not None and _number(b, rest) is None:
                both = b.make("multiply", (_plain(b, outer), _plain(b, inner)))
                return b.make("multiply", (_as_large(b, both, rest), rest))
    return None


def _number(b: Builder, position: int) -> int | None:
    """The number that an array repeats, where it is one."""
    source = _repeated(b, position)
    if source is None or source[1] != SCALAR or not b.nodes[position].shape:
        return None
    return source[0]


def _plain(b: Builder, number: int) -> int:
    node = b.nodes[number]
    return b.full(constant_value(node), SCALAR, node.dtype) if node.op == CONSTANT else number


@algebraic("where")
def _shared_at_ties(b: Builder, args: Args, params: Params) -> int | None:
    """What maximum and minimum hand on is one operation for arrays, quicker than two choices."""
    condition, zero, other = (b.nodes[at] for at in args)
    if condition.op not in ("less", "greater") or other.op != "where" or not other.shape:
        return None
    tie, half, whole_part = other.args
    if b.constants.get(args[1]) != 0.0 or b.nodes[tie].op != "equal":
        return None
    small, large = condition.args
    if {small, large} != set(b.nodes[tie].args) or half != b.make(
        "multiply", (b.full(0.5, zero.shape), whole_part)
    ):
        return None
    if condition.op == "greater":
        small, large = large, small
    return b.make("larger_share", (whole_part, small, large))


@algebraic("contract")
def _contract(b: Builder, args: Args, params: Params) -> int | None:
    """Signs and numbers that an array is scaled by move out."""
    shape = OPERATIONS["contract"].shape([b.nodes[at].shape for at in args], params)
    for place in (0, 1):
        node = b.nodes[args[place]]
        if node.dtype == INT:  # it has wrapped
            continue
        others = list(args)
        if node.op == "negate":
            others[place] = node.args[0]
            return b.make("negate", (b.make("contract", tuple(others), params),))
        if node.op == "multiply" and _is_smaller(shape, node.shape):
            for factor, rest in (node.args, node.args[::-1]):
                number = _number(b, factor)
                if number is not None and b.nodes[number].dtype == FLOAT:
                    others[place] = rest
                    product = b.make("contract", tuple(others), params)
                    return b.make("multiply", (_as_large(b, number, product), product))
    return None


@algebraic("contract")
def _contract_unit(b: Builder, args: Args, params: Params) -> int | None:
    """A product with the unit matrix renames an axis."""
    letters, out = params[0].split("->")
    parts = letters.split(",")
    for place in (0, 1):
        mine, other = parts[place], parts[1 - place]
        if b.nodes[args[place]].op != "unit_matrix" or len(set(mine)) < 2:
            continue
        for old, new in (mine, mine[::-1]):
            if old in other and old not in out and new not in other:
                renamed = other.replace(old, new)
                if len(renamed) == len(out) and set(renamed) == set(out):
                    order = tuple(renamed.index(letter) for letter in out)
                    if order == tuple(range(len(order))):
                        return args[1 - place]
                    return b.make("transpose", (args[1 - place],), (order,))
    return None


def _is_smaller(shape: Shape, other: Shape) -> bool:
    """Whether a shape has fewer elements than another, with a thousand for a named dimension."""
    small, large = (
        evaluate(length, dict.fromkeys(names_of([(length,)]), _MANY))
        for length in (size(shape), size(other))
    )
    return small < large
