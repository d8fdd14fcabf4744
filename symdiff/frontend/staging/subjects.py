"""Lists, tuples and arrays that are indexed by a number which depends on values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from symdiff.frontend.staging.effects import trace_of
from symdiff.frontend.staging.merge import is_number, is_tracer, python_class
from symdiff.frontend.tracing.array import ArrayTracer, BoolTracer, NumberTracer
from symdiff.frontend.tracing.chosen import choose
from symdiff.frontend.tracing.contents import is_plain_array
from symdiff.frontend.tracing.recorder import Recorder
from symdiff.frontend.tracing.scalars import as_python


def subject(items: Any, key: Any) -> Any:
    """What is indexed by a key: itself, where the key is known, else its items.

    An array that a library holds is no tracer, and NumPy would ask the key for a number.
    """
    if is_plain_array(items):
        parts = key if type(key) is tuple else (key,)
        found = next(filter(None, map(trace_of, parts)), None)
        return items if found is None else found.of_outside(items)
    trace = trace_of(key)
    if trace is None or type(items) not in (list, tuple, range) or not _is_place(key):
        return items
    last = trace.step.last_item(items, key) if trace.step is not None else []
    if last:
        return Last(*last)
    return Items(trace, items) if items and all(map(is_number, items)) else items


def subject_and_key(items: Any, key: Any) -> tuple[Any, Any]:
    """What is indexed by a key, and the key."""
    return subject(items, key), key


def _is_place(key: Any) -> bool:
    if isinstance(key, NumberTracer):
        return key.kind is not float
    return key.dtype.kind in "iu" and not key.ndim


class Last:
    """The last item of a list, by its place."""

    def __init__(self, item: Any) -> None:
        self._item = item

    def __getitem__(self, _: Any) -> Any:
        return self._item


class Items:
    """Numbers and arrays in a list or a tuple."""

    def __init__(self, trace: Recorder, items: Sequence[Any]) -> None:
        self._trace = trace
        self._items = items

    def __getitem__(self, key: Any) -> Any:
        trace, items = self._trace, [*self._items]
        place = trace.astype(key, int) if isinstance(key, BoolTracer) else key
        found = trace.call("array", items)[place]
        classes = {python_class(value) for value in items}
        if None not in classes:
            return as_python(found, float if float in classes else classes.pop())
        arrays = [value for value in items if type(value) is ArrayTracer]
        if is_tracer(found) and arrays:
            choose(trace, found.storage.buffer, [value.storage.buffer for value in arrays])
        return found
