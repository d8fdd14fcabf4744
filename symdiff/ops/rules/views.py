"""Identities of views: indices of indices, of what is repeated, transposes that do nothing.

What composes views is for derived lines: where the user named a part of an array, the value keeps
it.
"""

from __future__ import annotations

from typing import Any

from symdiff.graph.node import CONSTANT, FLOAT, constant_value
from symdiff.graph.shape import SCALAR, Shape
from symdiff.ops.contraction import contracted, parts, spread_out
from symdiff.ops.handle import Handle, Maker
from symdiff.ops.indexing import whole
from symdiff.ops.reduction import total
from symdiff.ops.registry import OPERATIONS
from symdiff.ops.rules.table import Table, Tried
from symdiff.ops.structural import Pattern

Args = tuple[int, ...]
Params = tuple[Any, ...]

ROWS = Table(Tried.SHAPED)

_NEW = ("new",)

# --- indices -------------------------------------------------------------------------------------


def _adds_axes(pattern: Pattern, shape: Shape) -> bool:
    """Whether a pattern takes all of an array of this shape, and adds axes at most."""
    return tuple(entry for entry in pattern if entry != _NEW) == tuple(map(whole, shape))


@ROWS.exact("index")
def _index_with_new_axes(b: Maker, args: Args, params: Params) -> int | None:
    """x[None] and x[:, None] are x in another shape."""
    (pattern,) = params
    shape = b.nodes[args[0]].shape
    if len(args) > 1 or not shape or not _adds_axes(pattern, shape):
        return None
    return b.make("reshape", args, (OPERATIONS["index"].shape([shape], params),))


@ROWS.exact("put")
def _put_with_new_axes(b: Maker, args: Args, params: Params) -> int | None:
    """x[None] = v writes all of x anew."""
    (pattern,) = params
    x, v = (b.nodes[at] for at in args[:2])
    if len(args) > 2 or x.dtype != v.dtype or not x.shape or not _adds_axes(pattern, x.shape):
        return None
    return b.make("reshape", (args[1],), (x.shape,))


@ROWS.algebraic("put")
def _put_into_one(b: Maker, args: Args, params: Params) -> int | None:
    """x[0] = v writes all of an x of one element."""
    (pattern,) = params
    x, v = (b.nodes[at] for at in args[:2])
    entries = [entry for entry in pattern if entry != _NEW]
    if len(args) > 2 or x.dtype != v.dtype or not x.shape:
        return None
    for entry, length in zip(entries, x.shape, strict=True):
        is_only = length == 1 and entry[0] == "int" and entry[1] in (0, -1)
        if not is_only and entry != whole(length):
            return None
    return b.make("reshape", (args[1],), (x.shape,))


@ROWS.algebraic("put")
def _put_reversed(b: Maker, args: Args, params: Params) -> int | None:
    """x[::-1] = v writes all of x, which is v[::-1]; of -v it is -(v[::-1])."""
    (pattern,) = params
    x, v = (b.nodes[at] for at in args[:2])
    if len(args) > 2 or x.dtype != v.dtype or len(pattern) != len(x.shape):
        return None
    for entry, length in zip(pattern, x.shape, strict=True):
        if entry not in (whole(length), ("slice", length - 1, length, -1)):
            return None
    if v.op == "negate":
        return b.make("negate", (b.make("index", v.args, params),))
    return b.make("index", (args[1],), params)


@ROWS.exact("index")
def _index_of_repeated(b: Maker, args: Args, params: Params) -> int | None:
    """A part of an array that repeats a number repeats it too."""
    x, *arrays = args
    node = b.nodes[x]
    if node.op != "broadcast" or b.nodes[node.args[0]].shape != SCALAR:
        return None
    shapes = [node.shape, *[b.nodes[at].shape for at in arrays]]
    shape = OPERATIONS["index"].shape(shapes, params)
    return b.make("broadcast", node.args, (shape,)) if shape else node.args[0]


@ROWS.exact("index")
def _index_of_stack(b: Maker, args: Args, params: Params) -> int | None:
    """An index that falls into one of the arrays that are stacked."""
    node = b.nodes[args[0]]
    if len(args) > 1 or node.op != "stack":
        return None
    new, axis = node.params
    entries = [number for number, entry in enumerate(params[0]) if entry != _NEW]
    chosen = entries[axis : axis + len(new)]
    number = 0
    for place, length in zip(chosen, new, strict=True):
        kind, at = params[0][place][:2]
        if kind != "int" or not isinstance(at, int):
            return None
        number = number * length + at % length
    rest = tuple(entry for place, entry in enumerate(params[0]) if place not in chosen)
    part = node.args[number]
    return b.make("index", (part,), (rest,)) if rest else part


@ROWS.algebraic("concatenate")
def _concatenation_of_numbers(b: Maker, args: Args, params: Params) -> int | None:
    """Numbers, each as an array of one, joined: the array that they are the elements of."""
    numbers = []
    for at in args:
        node = b.nodes[at]
        if node.shape != (1,) or node.dtype != FLOAT:
            return None
        if node.op == CONSTANT:
            numbers.append(b.full(constant_value(node), SCALAR))
        elif node.op in ("broadcast", "reshape") and b.nodes[node.args[0]].shape == SCALAR:
            numbers.append(node.args[0])
        else:
            return None
    return b.make("stack", tuple(numbers), ((len(args),), 0))


@ROWS.exact("stack")
def _stack_of_rows(b: Maker, args: Args, params: Params) -> int | None:
    """All rows of an array, stacked in their order, are the array."""
    new, axis = params
    first = b.nodes[args[0]]
    if len(new) != 1 or axis or first.op != "index" or len(first.args) > 1:
        return None
    (array,) = first.args
    shape = b.nodes[array].shape
    if not shape or shape[0] != len(args):
        return None
    rest = tuple(map(whole, shape[1:]))
    for number, at in enumerate(args):
        node = b.nodes[at]
        pattern = (("int", number), *rest)
        if node.op != "index" or node.args != (array,) or node.params != (pattern,):
            return None
    return array


@ROWS.algebraic("index")
def _index_of_index(b: Maker, args: Args, params: Params) -> int | None:
    """x[1:][0] is x[1]: slices, numbers and new axes compose."""
    node = b.nodes[args[0]]
    if node.op != "index" or any(b.nodes[at].shape for at in (*node.args[1:], *args[1:])):
        return None
    pattern = _composed(node.params[0], params[0], b.nodes[node.args[0]].shape, len(node.args) - 1)
    return None if pattern is None else b.make("index", (*node.args, *args[1:]), (pattern,))


@ROWS.exact("put")
def _put_into_part(b: Maker, args: Args, params: Params) -> int | None:
    """A part of an array in which one place is written, put where it was: that place is written."""
    x, v, *places = args
    write = b.nodes[v]
    if write.op != "put" or write.dtype != b.nodes[x].dtype:
        return None
    part, new, *inner = write.args
    node = b.nodes[part]
    if node.op != "index" or (node.args, node.params) != ((x, *places), params):
        return None
    if any(b.nodes[at].shape for at in (*places, *inner)):
        return None
    pattern = _composed(params[0], write.params[0], b.nodes[x].shape, len(places))
    if pattern is None or _NEW in pattern:
        return None
    return b.make("put", (x, new, *places, *inner), (pattern,))


def _composed(inner: Pattern, outer: Pattern, shape: Shape, places: int = 0) -> Pattern | None:
    """One pattern for a second one after a first one; `None` where there is none.

    Args:
        inner: the first pattern.
        outer: the second one.
        shape: of the array that the first one is of.
        places: how many computed ones the first one has: those of the second one are counted on.
    """
    found: list[tuple[Any, ...]] = []
    lengths = iter(shape)
    entries = [("array", entry[1] + places) if entry[0] == "array" else entry for entry in outer]
    for entry in inner:
        length = next(lengths) if entry != _NEW else None
        if entry[0] in ("int", "array"):
            found.append(entry)
            continue
        while entries[0] == _NEW:
            found.append(entries.pop(0))
        taken = entries.pop(0)
        if taken[0] == "slice" and taken[3] < 0 and not isinstance(taken[2], int):
            return None  # of an empty one the first place is -1: of the whole array the last
        if taken[0] == "array":
            if length is None or entry != whole(length):
                return None
            found.append(taken)
        elif entry != _NEW:
            found.append(_of_slice(entry, taken))
        elif taken[0] == "slice":
            if taken[2] != 1:
                return None
            found.append(_NEW)
    return (*found, *entries)


def _of_slice(inner: tuple[Any, ...], outer: tuple[Any, ...]) -> tuple[Any, ...]:
    """What an entry takes of what a slice took."""
    _, start, count, step = inner
    if outer[0] == "slice":
        return ("slice", start + outer[1] * step, outer[2], step * outer[3])
    place = outer[1]
    if isinstance(place, int) and place < 0:
        place = place + count
    return ("int", start + place * step)


@ROWS.algebraic("put_add")
def _add_into_part(b: Maker, args: Args, params: Params) -> int | None:
    """What is added to a part of an array at one place of it is added to the array there."""
    x, v, *places = args
    write = b.nodes[v]
    if write.op != "put" or b.constants.get(write.args[0]) != 0.0 or write.dtype != FLOAT:
        return None
    _, new, *inner = write.args
    if b.nodes[x].dtype != FLOAT or any(b.nodes[at].shape for at in (*places, *inner)):
        return None
    pattern = _composed(params[0], write.params[0], b.nodes[x].shape, len(places))
    if pattern is None or _NEW in pattern:
        return None
    return b.make("put_add", (x, new, *places, *inner), (pattern,))


@ROWS.algebraic("put")
def _put_of_put(b: Maker, args: Args, params: Params) -> int | None:
    """What is written into zeros that are written into zeros is written once."""
    node = b.nodes[args[1]]
    if len(args) > 2 or node.op != "put" or len(node.args) > 2 or node.dtype != FLOAT:
        return None
    if b.constants.get(args[0]) != 0.0 or b.constants.get(node.args[0]) != 0.0:
        return None
    pattern = _composed(params[0], node.params[0], b.nodes[args[0]].shape)
    return None if pattern is None else b.make("put", (args[0], node.args[1]), (pattern,))


@ROWS.algebraic("reshape")
def _reshape_of_index(b: Maker, args: Args, params: Params) -> int | None:
    """x[1:2] as a number is x[1]."""
    node = b.nodes[args[0]]
    if node.op != "index" or len(node.args) > 1:
        return None
    pattern = _without_unit_axes(node.params[0], params[0])
    return None if pattern is None else b.make("index", node.args, (pattern,))


def _without_unit_axes(pattern: Pattern, shape: Shape) -> Pattern | None:
    """The pattern with numbers for slices of one element, whose result has this shape."""
    found: list[tuple[Any, ...]] = []
    left = list(shape)
    for entry in pattern:
        length = 1 if entry == _NEW else entry[2] if entry[0] == "slice" else None
        if length is not None and left and left[0] == length:
            left.pop(0)
            found.append(entry)
        elif length is None:
            found.append(entry)
        elif length != 1:
            return None
        elif entry != _NEW:
            found.append(("int", entry[1]))
    return None if left else tuple(found)


# --- transposes ----------------------------------------------------------------------------------


def _moves_unit_axes(shape: Shape, axes: tuple[int, ...]) -> bool:
    """Whether an order of axes leaves all that are longer than 1 in their order."""
    longer = [axis for axis in axes if shape[axis] != 1]
    return longer == sorted(longer)


@ROWS.exact("transpose")
def _transpose_of_unit_axes(b: Maker, args: Args, params: Params) -> int | None:
    """x[:, None].T is x[None]; what repeats a number does so in every order."""
    node = b.nodes[args[0]]
    shape = tuple(node.shape[axis] for axis in params[0])
    if node.op == "broadcast" and b.nodes[node.args[0]].shape == SCALAR:
        return b.make("broadcast", node.args, (shape,))
    if node.op == "reshape" and _moves_unit_axes(node.shape, params[0]):
        return b.make("reshape", node.args, (shape,))
    return None


@ROWS.exact("reshape")
def _reshape_of_transpose(b: Maker, args: Args, params: Params) -> int | None:
    """The order of axes of length 1 does not matter to another shape."""
    node = b.nodes[args[0]]
    if node.op != "transpose" or not _moves_unit_axes(b.nodes[node.args[0]].shape, node.params[0]):
        return None
    return b.make("reshape", node.args, params)


@ROWS.algebraic("sum")
def _sum_of_transpose(b: Maker, args: Args, params: Params) -> int | None:
    """A sum over the axes of the array itself, where those that are left keep their order."""
    node = b.nodes[args[0]]
    axes, keepdims = params
    if node.op != "transpose" or keepdims:
        return None
    order = node.params[0]
    left = [old for axis, old in enumerate(order) if axis not in axes]
    if left != sorted(left):
        return None
    return b.make("sum", node.args, (tuple(sorted(order[axis] for axis in axes)), False))


# --- contractions --------------------------------------------------------------------------------


@ROWS.algebraic("contract")
def _contract_of_transpose(b: Maker, args: Args, params: Params) -> int | None:
    """The letters say which axis is which: an argument need not be transposed before."""
    letters = list(parts(params[0]))
    given = list(args)
    for place in (0, 1):
        node = b.nodes[args[place]]
        if node.op == "transpose":
            names = dict(zip(node.params[0], letters[place], strict=True))
            letters[place] = "".join(names[axis] for axis in range(len(names)))
            (given[place],) = node.args
    if tuple(given) == args:
        return None
    x, y = (Handle(b, at) for at in given)
    return contracted(x, y, f"{letters[0]},{letters[1]}->{letters[2]}").at


@ROWS.algebraic("contract")
def _contract_of_constant(b: Maker, args: Args, params: Params) -> int | None:
    """A product with an array that is full of a number is a sum, repeated and scaled."""
    letters = parts(params[0])
    result = letters[2]
    shape = OPERATIONS["contract"].shape([b.nodes[at].shape for at in args], params)
    for place in (0, 1):
        node, other = b.nodes[args[place]], Handle(b, args[1 - place])
        if node.op != CONSTANT or other.dtype != FLOAT:
            continue
        names = letters[1 - place]
        summed = [axis for axis, letter in enumerate(names) if letter not in result]
        kept = "".join(letter for letter in names if letter in result)
        x = spread_out(total(other, summed) if summed else other, kept, result, shape)
        return b.make("multiply", (b.full(constant_value(node), shape), x.at))
    return None
