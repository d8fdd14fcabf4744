"""Reads and writes of arrays, with the aliasing that NumPy has."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NoReturn

from symdiff.errors import SymdiffError
from symdiff.frontend.lowering import indexing
from symdiff.frontend.tracing import integers
from symdiff.frontend.tracing.array import ArrayTracer, buffered
from symdiff.frontend.tracing.chosen import refuse_shared_change
from symdiff.frontend.tracing.guards import key_along
from symdiff.frontend.tracing.keys import has_memory, is_row, key_of, selected, with_bounds
from symdiff.frontend.tracing.places import is_written_here
from symdiff.frontend.tracing.recorder import Recorder
from symdiff.frontend.tracing.selection import Selection, mask_of
from symdiff.frontend.tracing.storage import (
    Buffer,
    Step,
    View,
    is_concrete,
    replayed,
    sampled_item,
    steps_by_lines,
)
from symdiff.frontend.tracing.tracer import Tracer
from symdiff.frontend.tracing.values import concrete, flat, numpy
from symdiff.graph.node import CONTINUOUS, FLOAT
from symdiff.graph.shape import Shape, broadcast
from symdiff.ops.handle import Handle
from symdiff.ops.indexing import whole

_NOT_AGAIN = "a part of an array, taken by a counter, is used after the array was written", None


class Memory:
    """The arrays of one trace."""

    def __init__(self, trace: Recorder) -> None:
        self._trace = trace

    # --- reading and writing -----------------------------------------------------------------

    def read(self, array: Tracer, key: Any) -> Any:
        """`array[key]`."""
        trace = self._trace
        key = key_along(trace, key)
        key = with_bounds(trace, key, array.content.shape)
        mask = mask_of(key)
        if mask is not None and mask.ndim <= array.ndim:
            return Selection(trace, self.own(array), mask)
        array = self.own(array)
        symbolic = any(map(trace.is_symbolic, flat(key)))
        content = array.content
        if is_concrete(content) and not symbolic:
            return self._read_concrete(array, content, key)
        plain = self.key(key, array.content.shape)
        is_basic = indexing.is_basic(plain)
        if is_basic and array.storage.buffer.recorder is trace:
            self._compute(array.storage.buffer)  # by a named length: NumPy makes no view of it now
        handle = trace.handle(array)
        steps: list[Step] | None = None

        def taken() -> Handle:
            nonlocal steps
            if not is_basic:
                return indexing.read(trace.builder, handle, plain)
            steps = self._steps(handle.shape, plain)
            return replayed(handle, steps)

        found = trace.guarded(taken, (IndexError,)) if symbolic else trace.placed(taken)
        is_array = has_memory(plain, found)
        if steps is None and is_array and is_row(key) and isinstance(array, ArrayTracer):
            return ArrayTracer(trace, self._row(array, handle, plain, found))
        if steps is not None and is_array and isinstance(array, ArrayTracer):
            return ArrayTracer(trace, View(array.storage, steps, found))
        return buffered(trace, found, array.dtype, in_c_order=is_array and not found.shape)

    def _row(self, array: Tracer, whole: Handle, key: Any, found: Handle) -> View:
        """The view that an index by numbers makes which are lines."""
        items = key if isinstance(key, tuple) else (key,)
        layout = array.storage.layout[tuple(map(sampled_item, items))]
        steps = self._steps_by_lines(whole, key)
        return View(array.storage, steps or (), found, layout, None if steps else _NOT_AGAIN)

    def _steps_by_lines(self, whole: Handle, key: Any) -> Sequence[Step] | None:
        """The steps that an index by lines is: those into an array of which nothing is known.

        What was written at a place is read there without an index.
        """
        builder = self._trace.builder
        unknown = Handle(builder, builder.input("", whole.shape, whole.dtype))
        found = self._trace.placed(lambda: indexing.read(builder, unknown, key))
        return steps_by_lines(unknown, found)

    def _read_concrete(self, array: Tracer, content: Any, key: Any) -> Any:
        trace = self._trace
        plain = self.key(key)
        found = content[plain]
        if not isinstance(found, numpy().ndarray):
            return found
        trace.large.read(
            found, lambda: indexing.read(trace.builder, trace.constant(content), plain)
        )
        if indexing.is_basic(plain):
            steps = self._steps(content.shape, plain)
            return ArrayTracer(trace, View(array.storage, steps, found, found))
        return buffered(trace, found, found.dtype, ArrayTracer, in_c_order=found.flags.c_contiguous)

    def own(self, array: Tracer) -> Tracer:
        """An array, or an input here for one of a trace around this one."""
        content = array.content
        if is_concrete(content) or content.builder is self._trace.builder:
            return array
        buffer = Buffer(array.recording, self._trace.lift(array), array.dtype)
        if self._trace.step is not None:
            self._trace.step.stands_for(buffer, array.storage.buffer)
        return type(array)(self._trace, buffer)

    def _steps(self, shape: Shape, key: Any) -> list[Step]:
        """The step that a basic index is; none where it takes all as it is."""
        pattern = indexing.basic_pattern(self._trace.builder, shape, key)
        return [] if pattern == tuple(map(whole, shape)) else [Step("index", (pattern,))]

    def key(self, key: Any, shape: Shape | None = None) -> Any:
        """An index with concrete tracers as what they hold, and symbolic ones as lines."""
        return key_of(self._trace, key, shape)

    def write(self, array: Tracer, key: Any, value: Any) -> None:
        """`array[key] = value`."""
        trace = self._trace
        key = key_along(trace, key)
        key = with_bounds(trace, key, array.content.shape)
        mask = mask_of(key)
        if mask is not None:
            key = mask
        if type(value) is Selection:
            if mask is None or not value.is_of(mask):
                value.refuse()
            value = trace.call("where", value.condition(), value.whole, array)
            key = ...
        if isinstance(value, Tracer) and self._is_own_view(array, key, value):
            return  # `a[key] += v` has changed it in place and stores it once more
        buffer = self._writable(array)
        content = array.content
        is_here = not self._ways_since(buffer)
        is_known = not any(map(trace.is_symbolic, flat((key, [value]))))
        if is_here and is_known and is_concrete(content):
            content[self.key(key)] = concrete(value)
            return
        self._compute(buffer)
        trace.refuse_strange(list(flat([value])))
        value = self._in_type_of(array, value)
        if integers.is_narrow(array.dtype):
            value = integers.stored(trace, value, array.dtype)
        plain, given = self.key(key, array.content.shape), trace.handle(value)
        content = array.content
        if given.dtype == FLOAT and content.dtype not in CONTINUOUS:
            trace.refuse(
                "a float is written into an array of whole numbers, which rounds it",
                "make the array with dtype=float",
            )
        if mask is None:
            given = self._where_taken(buffer, content, plain, given)
        new = trace.placed(lambda: indexing.write(trace.builder, content, plain, given))
        if mask is None:
            self._put(array, new)
        else:
            self._store(array, new)

    def _where_taken(self, buffer: Buffer, content: Handle, key: Any, given: Handle) -> Handle:
        """What is written at a place: what is there already, where the way is not taken."""
        ways = self._ways_since(buffer)
        if not ways:
            return given
        builder = self._trace.builder
        old: Handle = self._trace.placed(lambda: indexing.read(builder, content, key))
        new = indexing.fitted(indexing.as_kind_of(content, given), old.shape)
        for way in reversed(ways):
            new = selected(self._trace, way.condition, new, old)
        return new

    def _in_type_of(self, array: Tracer, value: Any) -> Any:
        """A float32 or float64 of its own as the array that it is written into has it."""
        if not isinstance(value, Tracer):
            return value
        both = value.dtype.kind == array.dtype.kind == "f"
        return self._trace.astype(value, array.dtype) if both else value

    def _is_own_view(self, array: Tracer, key: Any, value: Tracer) -> bool:
        """Whether a value is the view of the array at this key."""
        storage = value.storage
        if not isinstance(storage, View) or storage.parent is not array.storage:
            return False
        plain = self.key(key, array.content.shape)
        try:
            steps = self._steps_of(array, plain, key)
        except SymdiffError:
            return False
        if steps is None:
            return False
        both = storage.steps, (*array.storage.steps, *steps)
        return _keys(both[0]) == _keys(both[1])

    def _steps_of(self, array: Tracer, plain: Any, key: Any) -> Sequence[Step] | None:
        """The steps to the view that an index makes; `None` where it makes none."""
        if indexing.is_basic(plain):
            return self._steps(array.content.shape, plain)
        if not is_row(key):
            return None
        return self._steps_by_lines(self._trace.handle(array), plain)

    def update(self, name: str, array: Tracer, other: Any) -> Any:
        """`array += other` and its like."""
        result = self._trace.call(name, array, other)
        self._refuse_cast(array, result)
        self.write(array, ..., result)
        return array

    def _refuse_cast(self, array: Tracer, result: Any) -> None:
        kind = getattr(result, "dtype", numpy().asarray(0.0).dtype).kind
        if kind == "c" and array.dtype.kind != "c":
            self._trace.refuse(
                f"an array of {array.dtype} cannot take complex numbers in place",
                "make the array with dtype=complex",
            )
        if kind == "f" and array.dtype.kind not in "fc":
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
        """`np.add.at(array, key, value)`, or `np.subtract.at`."""
        if not isinstance(array, Tracer):
            self.refuse_outside()
        if integers.is_narrow(array.dtype):
            self._trace.refuse(
                f"np.{name}.at of {array.dtype} is not supported",
                "convert it first, with .astype(np.int64)",
            )
        buffer = self._writable(array)
        is_known = not any(self._trace.is_symbolic(part) for part in flat((array, key, value)))
        if is_known and not self._ways_since(buffer):
            getattr(numpy(), name).at(array.content, self.key(key), concrete(value))
            return
        given = value if name == "add" else self._trace.call("negative", value)
        self._compute(buffer)
        plain, added = self.key(key, array.content.shape), self._trace.handle(given)
        content = array.content
        self._store(
            array,
            self._trace.placed(
                lambda: indexing.accumulate(self._trace.builder, content, plain, added)
            ),
        )

    def stored(self, target: Any, result: Any) -> Any:
        """`out=`."""
        if not isinstance(target, Tracer):
            self.refuse_outside()
        self._refuse_cast(target, result)
        target[...] = result
        return target

    def common_shape(self, arrays: Sequence[Any]) -> tuple[Any, ...]:
        """The shape that arrays have together."""
        shapes = [
            array.content.shape if isinstance(array, Tracer) else numpy().shape(array)
            for array in arrays
        ]
        return tuple(self._trace.length(n) for n in broadcast(*shapes))

    def refuse_unseen_write(self) -> None:
        """Refuse where the user's expression writes into an array of NumPy's own."""
        if is_written_here():
            self.refuse_outside()

    def refuse_outside(self) -> NoReturn:
        """Refuse a write of something symbolic into an array of NumPy's own."""
        self._trace.refuse(
            "a value that is not known yet is written into an array that tracing does not see",
            "make the array inside of the function, with np.zeros(...) or np.array(...)",
        )

    def _writable(self, array: Tracer) -> Buffer:
        """The memory that a write to an array changes.

        Some views can be read alone, as in NumPy: `diagonal`, `broadcast_to`.
        """
        if not isinstance(array, ArrayTracer):
            raise TypeError(f"'{array.type_name}' object does not support item assignment")
        storage, buffer = array.storage, array.storage.buffer
        if storage.obstacle and not is_concrete(buffer.content):
            self._trace.refuse(*storage.obstacle)
        if buffer.argument:
            name = buffer.argument
            self._trace.refuse(
                f"the function writes into its argument '{name}'",
                f"copy it first: {name} = {name}.copy()" if name.isidentifier() else None,
            )
        if self._trace.step is not None:
            self._trace.step.writes(buffer)
        if self._trace.chosen:
            refuse_shared_change(self._trace, buffer)
        if buffer.recorder is not self._trace:
            self._trace.refuse(
                "a function that is differentiated writes into an array from outside of it",
                "copy the array inside of the function first",
            )
        if isinstance(storage, View) and not storage.layout.flags.writeable:
            raise ValueError("assignment destination is read-only")
        return buffer

    def _compute(self, buffer: Buffer) -> None:
        """A concrete array that is about to take a symbolic value becomes a line."""
        if is_concrete(buffer.content):
            buffer.put(self._trace.constant(buffer.content))

    def _store(self, array: Tracer, new: Handle) -> None:
        """Let an array, and all that it is a view of, hold a new value.

        In a way of a branch on values, where that way is taken.
        """
        for way in reversed(self._ways_since(array.storage.buffer)):
            new = selected(self._trace, way.condition, new, array.content)
        self._put(array, new)

    def _put(self, array: Tracer, new: Handle) -> None:
        storage = array.storage

        def stored() -> Any:
            storage.put(new)
            return storage.buffer.content

        if isinstance(storage, View):
            self._trace.placed(stored)
        else:
            storage.put(new)

    def carried(self, buffer: Buffer, new: Handle) -> None:
        """An array holds what a loop has carried to its end."""
        self._compute(buffer)
        self._store(ArrayTracer(self._trace, buffer), new)

    def _ways_since(self, buffer: Buffer) -> Sequence[Any]:
        """The ways of branches on values that have begun since an array was made."""
        ways = self._trace.ways
        return ways[ways.index(buffer.way) + 1 :] if buffer.way in ways else ways


def keeps_c_order(array: Tracer) -> bool:
    """Whether a copy that keeps the layout of an array is known to be in C's order."""
    storage = array.storage
    return array.ndim < 2 or (isinstance(storage, Buffer) and storage.in_c_order)


def _keys(steps: Sequence[Step]) -> list[Any]:
    """What says whether steps are the same: of lines, where they stand."""
    return [
        (step.op, step.params, [x.at if isinstance(x, Handle) else x for x in step.operands])
        for step in steps
    ]
