"""Reads, writes and views of stand-ins: aliasing as NumPy has it.

A write is functional: the owner of the memory comes to hold another line. A view is made again of
its owner, and a write through it goes back the way on which it was made. What is a view and what a
copy NumPy says itself, on dummies of the same layout.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NoReturn

from symdiff.errors import SymdiffError, UnsupportedError
from symdiff.frontend.lowering import indexing
from symdiff.frontend.tracing import integers
from symdiff.frontend.tracing.array import Array, Traced
from symdiff.frontend.tracing.large import LARGEST_INDEX
from symdiff.frontend.tracing.length import Length
from symdiff.frontend.tracing.places import is_written_here
from symdiff.frontend.tracing.values import flat, known, numpy
from symdiff.frontend.tracing.views import BY_LAYOUT
from symdiff.graph.node import FLOAT, Node
from symdiff.graph.shape import Dimension, broadcast, evaluate, names_of
from symdiff.ops.builder import Builder
from symdiff.ops.handle import Handle, Maker
from symdiff.ops.registry import OPERATIONS
from symdiff.ops.rules import EXACT

if TYPE_CHECKING:
    from symdiff.frontend.tracing.trace import Trace


class Memory:
    """The arrays of one trace."""

    def __init__(self, trace: Trace) -> None:
        self._trace = trace
        self._versions = itertools.count(1)

    # --- reading and writing -----------------------------------------------------------------

    def read(self, array: Traced, key: Any) -> Any:
        """`array[key]`."""
        if array.recording is not self._trace and not array.is_known:
            handle = self._trace.lift(array)
            array = type(array)(self._trace, handle, array.dtype, argument="outer")
        parts = list(flat(key))
        content = array.content
        computed = any(self._trace.is_computed(part) for part in parts)
        if self._trace.is_array(content) and not computed:
            return self._read_known(array, content, key)
        handle = content if isinstance(content, Handle) else self._trace.constant(content)
        plain = self._key(key)

        def work() -> Handle:
            return indexing.read(self._trace.builder, handle, plain)

        found = self._trace.guarded(work, (IndexError,)) if computed else self._trace.placed(work)
        again = None
        has_memory = _has_memory(plain, found)
        if not computed and has_memory and indexing.is_basic(plain) and isinstance(array, Array):
            again = _index_repeater(plain)
        parent, is_bare = array if again else None, has_memory and not found.shape
        return Traced(self._trace, found, array.dtype, parent=parent, again=again, layout=is_bare)

    def _read_known(self, array: Traced, content: Any, key: Any) -> Any:
        plain = self._key(key)
        found = content[plain]
        np = numpy()
        if not isinstance(found, np.ndarray):
            return found
        trace = self._trace
        trace.large.read(
            found, lambda: indexing.read(trace.builder, trace.constant(content), plain)
        )
        if indexing.is_basic(plain):
            again = _index_repeater(plain)
            return Traced(self._trace, found, found.dtype, parent=array, again=again)
        return Traced(self._trace, found, found.dtype, layout=found.flags.c_contiguous)

    def _key(self, key: Any) -> Any:
        """An index with known stand-ins as what they hold, and computed ones as lines."""
        np = numpy()
        if isinstance(key, tuple):
            return tuple(self._key(part) for part in key)
        if isinstance(key, list):
            return [self._key(part) for part in key] if self._trace.holds_stand_ins(key) else key
        if isinstance(key, Traced):
            content = key.content
            if isinstance(content, Handle) and key.recording is not self._trace:
                content = self._trace.lift(key)
            if isinstance(content, Handle) and content.dtype == FLOAT:
                raise IndexError("arrays used as indices must be of integer (or boolean) type")
            if self._trace.is_array(content) and content.ndim == 0 and content.dtype.kind in "iu":
                return int(content)
            return content
        if isinstance(key, Length):
            return key.dim
        if isinstance(key, slice):
            return slice(*[self._key(part) for part in (key.start, key.stop, key.step)])
        if isinstance(key, np.ndarray) and key.size > LARGEST_INDEX and key.dtype.kind in "iu":
            return self._trace.constant(key)
        if isinstance(key, np.integer):
            return int(key)
        return key

    def write(self, array: Traced, key: Any, value: Any) -> None:
        """`array[key] = value`."""
        if isinstance(value, Traced) and self._is_own_view(array, key, value):
            return  # `a[key] += v` has changed it in place and stores it once more
        owner = self._writable_owner(array)
        key_is_known = not any(self._trace.is_computed(part) for part in flat(key))
        if key_is_known and not any(self._trace.is_computed(v) for v in flat([value])):
            content = array.content
            if self._trace.is_array(content):
                content[self._key(key)] = known(value)
                self._changed(array, content)
                return
        self._compute(owner)
        self._trace.refuse_strange(list(flat([value])))
        value = self._in_type_of(array, value)
        if integers.is_narrow(array.dtype):
            value = integers.stored(self._trace, value, array.dtype)
        plain, given = self._key(key), self._trace.handle(value)
        content = array.content
        if given.dtype == FLOAT and content.dtype != FLOAT:
            self._trace.refuse(
                "a float is written into an array of whole numbers, which rounds it",
                "make the array with dtype=float",
            )
        new = self._trace.placed(lambda: indexing.write(self._trace.builder, content, plain, given))
        self._store(array, new)

    def _in_type_of(self, array: Traced, value: Any) -> Any:
        """A float32 or float64 of its own as the array that it is written into has it."""
        if not isinstance(value, Traced) or value.recording is not self._trace:
            return value
        both = value.dtype.kind == array.dtype.kind == "f"
        return self._trace.astype(value, array.dtype) if both else value

    def _is_own_view(self, array: Traced, key: Any, value: Traced) -> bool:
        """Whether a value is the view of the array at this key, as it is now."""
        if value._parent is not array or value._again is None:
            return False
        refused = self._trace.refused
        try:
            same = self.read(array, key)
        except SymdiffError:
            self._trace.refused = refused
            return False
        mine, theirs = same.content if isinstance(same, Traced) else same, value.content
        if isinstance(mine, Handle) and isinstance(theirs, Handle):
            return mine.at == theirs.at
        return False

    def update(self, name: str, array: Traced, other: Any) -> Any:
        """`array += other` and its like."""
        result = self._trace.call(name, array, other)
        self._refuse_cast(array, result)
        self.write(array, ..., result)
        return array

    def _refuse_cast(self, array: Traced, result: Any) -> None:
        kind = getattr(result, "dtype", numpy().asarray(0.0).dtype).kind
        if kind == "f" and array.dtype.kind != "f":
            self._trace.refuse(
                f"an array of {array.dtype} cannot take floats in place",
                "make the array with dtype=float",
            )
        if kind == "i" and array.dtype.kind == "u":
            self._trace.refuse(
                f"an array of {array.dtype} cannot take numbers with signs in place",
                "convert it first, with .astype(np.int64)",
            )

    def at(self, name: str, array: Any, key: Any, value: Any = None) -> None:
        """`np.add.at(array, key, value)`."""
        if name not in ("add", "subtract"):
            self._trace.refuse(f"np.{name}.at is not supported", "np.add.at and np.subtract.at are")
        if not isinstance(array, Traced):
            self.refuse_outside()
        if integers.is_narrow(array.dtype):
            self._trace.refuse(
                f"np.{name}.at of {array.dtype} is not supported",
                "convert it first, with .astype(np.int64)",
            )
        if not any(self._trace.is_computed(part) for part in flat((array, key, value))):
            content = array.content
            self._writable_owner(array)
            getattr(numpy(), name).at(content, self._key(key), known(value))
            self._changed(array, content)
            return
        given = value if name == "add" else self._trace.call("negative", value)
        self._compute(self._writable_owner(array))
        plain, added = self._key(key), self._trace.handle(given)
        content = array.content
        self._store(
            array,
            self._trace.placed(
                lambda: indexing.accumulate(self._trace.builder, content, plain, added)
            ),
        )

    def put_along(self, array: Any, indices: Any, values: Any, axis: Any) -> None:
        """`np.put_along_axis`."""
        if not isinstance(array, Traced):
            self.refuse_outside()
        array[...] = self._trace.call("put_along_axis", array, indices, values, axis)

    def filled(self, name: str, args: Any, kwargs: Mapping[str, Any]) -> None:
        """Functions that change their first argument."""
        target, *rest = args
        if not isinstance(target, Traced):
            self.refuse_outside()
        if name == "copyto":
            mask = kwargs.get("where", True)
            source = rest[0]
            target[...] = (
                source if mask is True else self._trace.call("where", mask, source, target)
            )
        elif name == "putmask":
            target[...] = self._trace.call("where", rest[0], rest[1], target)
        elif name == "fill_diagonal" and target.ndim == 2:
            number = min(target.shape)
            diagonal = numpy().arange(number)
            target[diagonal, diagonal] = rest[0]
        else:
            self._trace.refuse(f"np.{name} is not supported", "write target[index] = values")

    def stored(self, target: Any, result: Any) -> Any:
        """`out=`."""
        if not isinstance(target, Traced):
            self.refuse_outside()
        self._refuse_cast(target, result)
        target[...] = result
        return target

    def common_shape(self, arrays: Sequence[Any]) -> tuple[Any, ...]:
        """The shape that arrays have together."""
        shapes = [
            array._lengths if isinstance(array, Traced) else numpy().shape(array)
            for array in arrays
        ]
        return tuple(self._trace.length(n) for n in broadcast(*shapes))

    def refuse_unseen_write(self) -> None:
        """Refuse where the user's expression writes into an array of NumPy's own."""
        if is_written_here():
            self.refuse_outside()

    def refuse_outside(self) -> NoReturn:
        """Refuse a write of what is not known yet into an array of NumPy's own."""
        self._trace.refuse(
            "a value that is not known yet is written into an array that tracing does not see",
            "make the array inside of the function, with np.zeros(...) or np.array(...)",
        )

    def _refuse_argument(self, owner: Traced) -> NoReturn:
        name = owner.argument
        self._trace.refuse(
            f"the function writes into its argument '{name}'",
            f"copy it first: {name} = {name}.copy()" if name.isidentifier() else None,
        )

    def _writable_owner(self, array: Traced) -> Traced:
        """The stand-in whose memory a write changes.

        Some views can be read alone, as in NumPy: `diagonal`, `broadcast_to`.
        """
        if not isinstance(array, Array):
            raise TypeError(f"'{array.type_name}' object does not support item assignment")
        owner = self._owner(array)
        if owner.recording is not self._trace:
            self._trace.refuse(
                "a function that is differentiated writes into an array from outside of it",
                "copy the array inside of the function first",
            )
        if owner.argument:
            self._refuse_argument(owner)
        if array._parent is not None and not self._dummy(array).flags.writeable:
            raise ValueError("assignment destination is read-only")
        return owner

    # --- views -------------------------------------------------------------------------------

    def is_view(self, array: Traced) -> bool:
        """Whether a stand-in shares the memory of its parent. NumPy itself says so, on dummies."""
        if array._parent is None:
            return False
        np = numpy()
        base = self._dummy(array._parent)
        made = self._again_on(array, base)
        if not isinstance(made, np.ndarray) or not np.shares_memory(made, base):
            array._parent = None
            array._version = next(self._versions)
            return False
        return True

    def _again_on(self, array: Traced, base: Any) -> Any:
        function = getattr(array._again, "function", "")
        assert array._again is not None  # it has a parent
        root = array._root
        if function in BY_LAYOUT and base.ndim > 1 and not root._layout:
            self._trace.refuse(
                f"whether this {function} is a view depends on how NumPy lays out the array",
                "write .copy() behind it",
            )
        try:
            return array._again(base)
        except (TypeError, ValueError, IndexError):
            return None

    def _dummy(self, array: Traced) -> Any:
        """An array laid out as the stand-in would be, without numbers."""
        np = numpy()
        if array._parent is None:
            lengths = [_sample(n) for n in array._lengths]
            return np.empty(lengths, np.int8)
        return self._again_on(array, self._dummy(array._parent))

    def _owner(self, array: Traced) -> Traced:
        """The stand-in whose memory this one shares."""
        while array._parent is not None and self.is_view(array):
            array = array._parent
        return array

    def _compute(self, owner: Traced) -> None:
        """A known array that is about to take a value that is not known becomes a line."""
        if owner.is_known:
            owner._content = self._trace.constant(owner.content)
            owner._version = next(self._versions)

    def _changed(self, array: Traced, content: Any) -> None:
        """A known array was written to: views are made again."""
        owner = self._owner(array)
        owner._version = next(self._versions)
        array._content, array._seen = content, owner._version

    def _store(self, array: Traced, new: Handle) -> None:
        """Let a stand-in, and all that it is a view of, hold a new value."""
        if array._parent is None or not self.is_view(array):
            array._content = new
            array._version = next(self._versions)
            return
        parent = array._parent
        old = parent.content
        assert array._again is not None  # a view has both
        scratch = Builder(EXACT)
        start = Handle(scratch, scratch.input("x", old.shape, old.dtype))
        made = array._again(start)
        self._store(parent, self._trace.placed(lambda: _put_back(old, made, start, new)))
        array._content, array._seen = new, array._root._version


def keeps_c_order(array: Traced) -> bool:
    """Whether a copy that keeps the layout of an array is known to be in C's order."""
    return array.ndim < 2 or (array._parent is None and array._layout)


def _has_memory(key: Any, found: Handle) -> bool:
    """Whether an index gives an array: `a[0]` of one axis is a number, `a[0, ...]` is none."""
    items = key if isinstance(key, tuple) else (key,)
    return found.shape != () or any(item is Ellipsis for item in items)


def _index_repeater(key: Any) -> Callable[[Any], Any]:
    """How a part is taken again, of a line or of a known array."""

    def again(content: Any) -> Any:
        if isinstance(content, Handle):
            builder: Any = content.builder  # a builder: a trace's, or one for a moment
            return indexing.read(builder, content, key)
        return content[key]

    return again


def _put_back(old: Handle, made: Handle, start: Handle, new: Handle) -> Handle:
    """`old` with `new` in the place of the view that `made` is of `start`, in another graph."""
    builder = old.builder
    nodes = start.builder.nodes
    steps = []
    at = made.at
    while at != start.at:
        steps.append(nodes[at])
        at = nodes[at].args[0]
    steps.reverse()
    before = [old]
    indices = []
    for node in steps:
        indices.append([_copied(nodes, at, builder) for at in node.args[1:]])
        position = builder.make(node.op, (before[-1].at, *indices[-1]), node.params)
        before.append(Handle(builder, position))
    for node, given, base in zip(
        reversed(steps), reversed(indices), reversed(before[:-1]), strict=True
    ):
        undo = _UNDO.get(node.op)
        if undo is None:
            raise UnsupportedError("a write through this view is not supported")
        new = undo(base, new, [Handle(builder, at) for at in given], *node.params)
    return new


def _copied(nodes: Sequence[Node], at: int, builder: Maker) -> int:
    """The place of a line of another graph, which depends on no input, in this one."""
    node = nodes[at]
    return builder.make(node.op, tuple(_copied(nodes, a, builder) for a in node.args), node.params)


def _undo_index(base: Handle, new: Handle, indices: Sequence[Handle], pattern: Any) -> Handle:
    return OPERATIONS["put"](base, new, *indices, params=(pattern,))


def _undo_reshape(base: Handle, new: Handle, _indices: Any, _shape: Any) -> Handle:
    return OPERATIONS["reshape"](new, params=(base.shape,))


def _undo_transpose(_base: Handle, new: Handle, _indices: Any, axes: Any) -> Handle:
    order = tuple(sorted(range(len(axes)), key=lambda axis: axes[axis]))
    return OPERATIONS["transpose"](new, params=(order,))


_UNDO: Mapping[str, Callable[..., Handle]] = {
    "index": _undo_index,
    "reshape": _undo_reshape,
    "transpose": _undo_transpose,
}


def _sample(length: Dimension) -> int:
    """A length for a dummy: that of a named dimension does not matter."""
    if isinstance(length, int):
        return length
    return evaluate(length, dict.fromkeys(names_of([(length,)]), 97))
