"""Lists of as many items as a named length says: arrays that are used as Python's lists are."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import Any, NoReturn

from symdiff.frontend.tracing.array import ArrayTracer, IntTracer, NumPyTracer, ScalarTracer
from symdiff.frontend.tracing.chosen import choose, refuse_shared_change
from symdiff.frontend.tracing.length import Length
from symdiff.frontend.tracing.places import is_ours
from symdiff.frontend.tracing.pytree import Container
from symdiff.frontend.tracing.recorder import Recorder
from symdiff.frontend.tracing.storage import Buffer, Storage
from symdiff.frontend.tracing.surface import COMPARISONS
from symdiff.frontend.tracing.tracer import Tracer
from symdiff.frontend.tracing.values import numpy
from symdiff.graph.shape import Dim

_WHOLE = (int, IntTracer, ScalarTracer, Length)
_NUMBERS = (int, float, complex)
_ARRAY = "make it an array first: np.array(items)"


class ListTracer(Tracer, Container):
    """A list of numbers, of arrays of one shape, or of such lists.

    Args:
        recording: the trace that it belongs to.
        storage: the memory of its items, as the rows of an array.
        depth: how many lists stand in one another.
    """

    __slots__ = ("depth",)
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, recording: Recorder, storage: Storage, depth: int = 1) -> None:
        super().__init__(recording, storage)
        self.depth = depth

    @property  # type: ignore[misc]
    def __class__(self) -> Any:
        """What `isinstance` sees in the user's code."""
        return ListTracer if is_ours(sys._getframe(1).f_code.co_filename) else list

    # --- what it holds -----------------------------------------------------------------------

    @property
    def rows(self) -> ArrayTracer:
        """The items, as rows of an array in the same memory."""
        return ArrayTracer(self.recording, self.storage)

    @property
    def members(self) -> Sequence[tuple[str | int, Any]]:
        """The rows, by how many lists stand in one another."""
        return [(self.depth, self.rows)]

    @classmethod
    def of_members(cls, keys: Sequence[str | int], members: Sequence[Any]) -> Any:
        """The list of rows."""
        (depth,), (rows,) = keys, members
        return listed(rows, int(depth))

    @property
    def count(self) -> Any:
        """How many items there are."""
        return self.recording.length(self._lengths[0])

    def items(self, rows: Iterable[Any]) -> list[Any]:
        """Items, of rows of the array."""
        return [listed(row, self.depth - 1) for row in rows]

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, slice):
            found = listed(self.rows[key].copy(), self.depth)
            share(found, self)
            return found
        self._check(key)
        (item,) = self.items([self.rows[key]])
        return item

    def __setitem__(self, key: Any, value: Any) -> None:
        if isinstance(key, slice):
            self._refuse("a slice is set", "set one item after another, or join lists with +")
        self._check(key)
        if len(self._lengths) > 1 or not _is_number(value):
            self._refuse(
                "an item is set that is no number", "write into an array, np.zeros((n, m))"
            )
        if _is_whole(self.dtype) and not _is_whole(numpy().result_type(_type_of(value))):
            self._refuse("a float becomes an item among ints", "begin with floats: [0.0] * n")
        self.rows[key] = value

    def __delitem__(self, _: Any) -> None:
        self._refuse("an item is deleted", "join what is left: items[:k] + items[k + 1:]")

    def _check(self, key: Any) -> None:
        if not isinstance(key, (*_WHOLE, numpy().integer)) or isinstance(key, slice):
            raise TypeError(f"list indices must be integers or slices, not {type(key).__name__}")

    def __iter__(self) -> Iterator[Any]:
        return iter(self.items(self.rows))

    def __len__(self) -> int:
        return len(self.rows)

    def __bool__(self) -> bool:
        return bool(self.count > 0)

    def __contains__(self, value: Any) -> bool:
        self._refuse("whether an item is in it is asked", _ARRAY)

    # --- what it becomes ---------------------------------------------------------------------

    def copy(self) -> ListTracer:
        """Another list of the same items."""
        found: ListTracer = self[:]
        return found

    __copy__ = copy

    def __deepcopy__(self, _: Any) -> Any:
        return listed(self.rows.copy(), self.depth)

    def append(self, item: Any) -> None:
        """One more item."""
        self += [item]

    def extend(self, items: Any) -> None:
        """More items."""
        self += items

    def __iadd__(self, other: Any) -> ListTracer:
        if self.current.ways:
            self._refuse("it grows in a loop or a branch", "join two lists with +")
        refuse_shared_change(self.current, self.storage.buffer)
        self.storage = (self + other).storage
        return self

    def __add__(self, other: Any) -> Any:
        return joined(self, other) if _is_list(other) else super().__add__(other)  # type: ignore[misc]

    def __radd__(self, other: Any) -> Any:
        return joined(other, self) if _is_list(other) else super().__radd__(other)  # type: ignore[misc]

    def _refuse(self, what: str, advice: str) -> NoReturn:
        self.current.refuse(f"of a list of {self._lengths[0]} items, {what}", advice)

    def __getattr__(self, name: str) -> Any:
        if not hasattr(list, name):
            raise AttributeError(f"'list' object has no attribute '{name}'")
        self._refuse(f"'{name}' is asked for", _ARRAY)


ListTracer.__name__ = ListTracer.__qualname__ = "list"


def listed(array: Any, depth: int = 1) -> Any:
    """The rows of an array as a list, of lists of a depth; at depth 0 the array itself."""
    return ListTracer(array.recording, array.storage, depth) if depth else array


def joined(*parts: Any) -> Any:
    """A list of the items of several lists, which go on to hold them."""
    found = strung(*parts)
    share(found, *parts)
    return found


def strung(*parts: Any) -> Any:
    """A list of the items of several lists that nothing holds any more."""
    first = next(part for part in parts if isinstance(part, ListTracer))
    trace, depth = first.current, first.depth
    if not all(map(partial(_has_items_of, first), parts)):
        trace.refuse("a list is to hold items of two kinds", "make all of them arrays, or lists")
    arrays = [p.rows if isinstance(p, ListTracer) else p for p in parts]
    arrays = [trace.call("array", part) for part in arrays if isinstance(part, Tracer) or part]
    return listed(trace.call("concatenate", arrays) if len(arrays) > 1 else arrays[0], depth)


def _has_items_of(one: ListTracer, other: Any) -> bool:
    """Whether the items of two lists are of one kind: numbers, arrays, or lists of a depth."""
    if isinstance(other, ListTracer):
        return other.depth == one.depth and len(other._lengths) == len(one._lengths)
    if one.depth > 1:
        return all(type(item) is ListTracer and item.depth == one.depth - 1 for item in other)
    return all(_is_number(item) is (len(one._lengths) == 1) for item in other) and not any(
        type(item) in SEQUENCES for item in other
    )


def share(made: ListTracer, *lists: Any) -> None:
    """Remember that a list holds the rows of others: a change of one would show in both."""
    trace = made.current
    parts = [[part] if isinstance(part, ListTracer) else part for part in lists]
    items = [item for part in parts for item in part if isinstance(item, Tracer)]
    held = [item.storage.buffer for item in items if isinstance(item, (ListTracer, ArrayTracer))]
    if len(made.content.shape) < 2 or not held:
        return
    if len(set(map(id, held))) < len(held):
        trace.refuse("a list is to hold the same list or array twice", "append a copy of it")
    choose(trace, made.storage.buffer, held, by="two lists hold")


def of_sequences(trace: Recorder, name: str, args: Sequence[Any]) -> Any:
    """What an operator gives where a list or a tuple takes part, by Python's rules.

    Returns:
        `None` where NumPy computes: one of the two is an array, or in all but products a scalar of
        NumPy's. `NotImplemented` where Python is to ask the list.
    """
    arrays = (numpy().ndarray, ArrayTracer)
    scalars = () if name == "multiply" else (numpy().generic, NumPyTracer)
    if any(isinstance(value, (*arrays, *scalars)) for value in args):
        return None
    if name in COMPARISONS.values() and ListTracer in map(type, args):
        trace.refuse("a list of a named length is compared", f"{_ARRAY}, or np.array_equal(a, b)")
    if name != "multiply" or len(args) != 2:
        return NotImplemented
    if any(type(value) is ListTracer for value in args):
        trace.refuse("a list of a named length is repeated", "join it with itself: items + items")
    items, count = args if type(args[0]) in SEQUENCES else args[::-1]
    length = trace.extents.of(count) if isinstance(count, (Length, Tracer)) else None
    if (
        type(items) is not list
        or not isinstance(length, Dim)
        or not trace.extents.is_natural(length)
    ):
        return NotImplemented
    if not items or not all(map(_is_number, items)):
        trace.refuse(
            f"a list of {length} times the same array or list, which are one object",
            "make one of each: [[0.0] * m for _ in range(n)]",
        )
    whole = trace.call("tile", trace.call("array", items), trace.length(length))
    return listed(ArrayTracer(trace, Buffer(trace, whole.content, whole.dtype)))


SEQUENCES = frozenset((list, tuple, ListTracer))


def _is_list(value: Any) -> bool:
    return type(value) in (list, ListTracer)


def _is_number(value: Any) -> bool:
    if isinstance(value, Tracer):
        return not isinstance(value, (ArrayTracer, ListTracer))
    return isinstance(value, (*_NUMBERS, numpy().number, numpy().bool_))


def _type_of(value: Any) -> Any:
    return value.dtype if hasattr(value, "dtype") else type(value)


def _is_whole(dtype: Any) -> bool:
    return bool(numpy().dtype(dtype).kind in "iub")
