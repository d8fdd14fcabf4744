"""What stands between the square brackets of an index: slices, and what they take of an array."""

from __future__ import annotations

from symdiff.errors import ShapeError, Span, SymdiffError
from symdiff.frontend.lowering.indexing import read
from symdiff.frontend.text.arguments import guarded, item_of, position, value_of
from symdiff.frontend.text.reading import (
    ELLIPSIS,
    NONE,
    OPEN_SLICE,
    SLICE,
    TUPLE,
    Advice,
    Item,
    Reading,
    declaration,
    error_at,
    quote,
)
from symdiff.graph.node import FLOAT, INPUT

_MOST_BOUNDS = 3


def bounded(r: Reading) -> None:
    """A colon after a bound: the bound becomes part of a slice."""
    bound = r.values.pop()
    _add_bound(r, bound)


def unbounded(r: Reading) -> None:
    """A colon without a bound before it."""
    place = r.token.start
    _add_bound(r, Item(NONE, place, place))


def _add_bound(r: Reading, bound: Item) -> None:
    before = _open_slice(r)
    if before is None:
        r.values.append(Item(OPEN_SLICE, bound.start, r.token.start + 1, (bound,)))
        return
    if len(before.parts) == _MOST_BOUNDS - 1:
        raise slice_of_four(r)
    r.values[-1] = before._replace(parts=(*before.parts, bound), end=r.token.start + 1)


def _open_slice(r: Reading) -> Item | None:
    """The slice that is being read, if it stands last."""
    values = r.values
    is_open = len(values) > r.frames[-1].base and values[-1].at == OPEN_SLICE
    return values[-1] if is_open else None


def finish(r: Reading) -> None:
    """The end of an item of an index: a slice that is being read is complete."""
    values = r.values
    last = values.pop()
    if last.at == OPEN_SLICE:
        missing = Item(NONE, last.end, last.end)
        values.append(last._replace(at=SLICE, parts=(*last.parts, missing)))
        return
    before = _open_slice(r)
    if before is None:
        values.append(last)
    else:
        values[-1] = before._replace(at=SLICE, parts=(*before.parts, last), end=last.end)


def take(r: Reading, target: Item, items: list[Item], brackets: Span) -> Item:
    """What an index takes of an array, or of a tuple.

    Args:
        r: the parser.
        target: what is indexed.
        items: the index.
        brackets: the place of the index.
    """
    r.builder.span = span = Span(target.start, brackets.end)
    is_tuple = len(items) > 1 or r.previous.kind == ","
    key = tuple([value_of(r, item) for item in items]) if is_tuple else value_of(r, items[0])
    r.key = key
    if r.is_place and len(r.frames) == 1:
        return target
    if target.at == TUPLE:
        return _take_of_tuple(r, target, key, brackets)
    x = r.builder.handle(position(r, target))
    if not x.shape and any(item.at not in (NONE, ELLIPSIS) for item in items):
        raise index_of_number(r, target, brackets)
    for item in items:
        for part in (item, *item.parts) if item.at == SLICE else (item,):
            if _is_float(r, part):
                raise index_of_floats(r, part)
    return item_of(r, guarded(r, brackets, lambda b: read(b, x, r.place(key))), span)


def _is_float(r: Reading, item: Item) -> bool:
    """Whether an index is no whole number and no condition."""
    if item.at < 0 or r.builder.nodes[item.at].dtype != FLOAT:
        return False
    return not isinstance(value_of(r, item), int)


def _take_of_tuple(r: Reading, target: Item, key: object, brackets: Span) -> Item:
    count = len(target.parts)
    if isinstance(key, slice) and all(
        isinstance(bound, (int, type(None))) for bound in (key.start, key.stop, key.step)
    ):
        parts = guarded(r, brackets, lambda _: target.parts[key])
        return Item(TUPLE, target.start, brackets.end, parts, target.depth)
    if isinstance(key, bool) or not isinstance(key, int) or not -count <= key < count:
        raise index_of_tuple(r, count, brackets)
    return target.parts[key]._replace(start=target.start, end=brackets.end)


# --- mistakes ----------------------------------------------------------------------------------


def index_of_number(r: Reading, target: Item, brackets: Span) -> SymdiffError:
    """An index of what has no axes."""
    word = quote(r.text, target.start, target.end, "this")
    message = f"'{word}' is a number and has no elements"
    return error_at(r, brackets, Advice(message, declaration(r, target), ShapeError))


def index_of_floats(r: Reading, item: Item) -> SymdiffError:
    """An index that may be a fraction."""
    word = quote(r.text, item.start, item.end, "this")
    node = r.builder.nodes[item.at]
    suggestion = None
    if node.op == INPUT:
        shape = f" [{', '.join(map(str, node.shape))}]" if node.shape else ""
        suggestion = f"declare it as {node.params[0]}: int{shape}"
    advice = Advice(f"'{word}' is no index: it is not of whole numbers", suggestion, ShapeError)
    return error_at(r, item.span, advice)


def slice_of_four(r: Reading) -> SymdiffError:
    """A slice with three colons."""
    return error_at(r, r.token.span, Advice("a slice has at most two colons", "write x[1:9:2]"))


def index_of_tuple(r: Reading, count: int, brackets: Span) -> SymdiffError:
    """An index of a tuple that is no number, or is too large."""
    message = f"this is a tuple of {count} parts, which whole numbers from 0 to {count - 1} take"
    return error_at(r, brackets, Advice(message if count else "this tuple is empty"))
