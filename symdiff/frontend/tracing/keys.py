"""Indices of arrays, as the user writes them and as lowerings take them."""

from __future__ import annotations

from itertools import islice
from typing import Any

from symdiff.frontend.lowering import LOWERINGS
from symdiff.frontend.tracing.array import IntTracer, ScalarTracer
from symdiff.frontend.tracing.large import LARGEST_INDEX
from symdiff.frontend.tracing.length import Length
from symdiff.frontend.tracing.recorder import Recorder
from symdiff.frontend.tracing.storage import is_concrete
from symdiff.frontend.tracing.tracer import Tracer
from symdiff.frontend.tracing.values import numpy
from symdiff.graph.node import FLOAT, INT
from symdiff.graph.shape import Shape
from symdiff.ops.handle import Handle
from symdiff.ops.registry import OPERATIONS

# parts of an index that are for one axis each
_OF_AN_AXIS = frozenset((int, slice, IntTracer, ScalarTracer, Length))


def key_of(trace: Recorder, key: Any, shape: Shape | None = None) -> Any:
    """An index with concrete tracers as what they hold, and symbolic ones as lines.

    Args:
        trace: takes the lines.
        key: the index.
        shape: of the array, where it is known which axis each part of the index is for.
    """
    np = numpy()
    if isinstance(key, tuple):
        axes = iter(shape or ()) if set(map(type, key)) <= _OF_AN_AXIS else iter(())
        return tuple(key_of(trace, part, tuple(islice(axes, 1))) for part in key)
    if isinstance(key, list):
        return [key_of(trace, part) for part in key] if trace.holds_tracers(key) else key
    if isinstance(key, Tracer):
        content = key.content
        if isinstance(content, Handle):
            return _places(trace, key, trace.handle(key), shape)
        if is_concrete(content) and content.ndim == 0 and content.dtype.kind in "iu":
            return int(content)
        return content
    if isinstance(key, Length):
        return key.dim
    if isinstance(key, slice):
        return slice(*[_bound(trace, part) for part in (key.start, key.stop, key.step)])
    if isinstance(key, np.ndarray) and key.size > LARGEST_INDEX and key.dtype.kind in "iu":
        return trace.constant(key)
    if isinstance(key, np.integer):
        return int(key)
    return key


def _bound(trace: Recorder, bound: Any) -> Any:
    """A bound of a slice; a number of a loop's step is a dimension."""
    if isinstance(bound, IntTracer) and trace.is_symbolic(bound):
        found = trace.extents.of(bound)
        if found is not None:
            return found
    return key_of(trace, bound)


def with_bounds(trace: Recorder, key: Any, shape: Shape) -> Any:
    """An index whose slices have bounds which a step computes as dimensions of that step."""
    items = key if isinstance(key, tuple) else (key,)
    if not any(isinstance(item, slice) and _is_computed(trace, item) for item in items):
        return key
    left = sum(item is not None and item is not Ellipsis for item in items)
    made, axis = [], 0
    for item in items:
        if item is Ellipsis:
            axis = len(shape) - left
        elif item is not None:
            left -= 1
            axis += 1
        if isinstance(item, slice) and _is_computed(trace, item) and axis <= len(shape):
            bounds = trace.extents.of_slice(item.start, item.stop, shape[axis - 1])
            item = slice(*map(trace.length, bounds))
        made.append(item)
    return tuple(made)


def _is_computed(trace: Recorder, item: slice) -> bool:
    """Whether a slice without a step has a bound that a step computes."""
    return item.step in (None, 1) and any(
        isinstance(bound, Tracer) and trace.is_symbolic(bound) and trace.extents.of(bound) is None
        for bound in (item.start, item.stop)
    )


def _places(trace: Recorder, key: Tracer, content: Handle, shape: Shape | None) -> Handle:
    """The places that an index names; where its way is not taken, the first: it is there.

    A counter that stays in the array is one in both ways.
    """
    if isinstance(key, IntTracer) and content.dtype != INT:
        content = OPERATIONS["as_int64"](content)
    if content.dtype == FLOAT:
        raise IndexError("arrays used as indices must be of integer (or boolean) type")
    builder = trace.builder
    if content.dtype == INT and not (shape and trace.extents.is_inside(content, shape[0])):
        for way in reversed([way for way in trace.ways if not way.is_step]):
            first = Handle(builder, builder.full(0.0, content.shape, INT))
            content = selected(trace, way.condition, content, first)
    return content


def selected(trace: Recorder, condition: Any, new: Handle, old: Handle) -> Handle:
    """What a line is where a condition holds, and where it fails."""
    found: Handle = trace.placed(
        lambda: LOWERINGS["where"](trace.builder, trace.handle(condition), new, old)
    )
    return found


def is_row(key: Any) -> bool:
    """Whether an index that is known later is one by numbers, of which NumPy makes a view."""
    items = key if isinstance(key, tuple) else (key,)
    kinds = (type(None), type(Ellipsis), slice, int, numpy().integer)
    return all(
        type(item) in (IntTracer, ScalarTracer, Length)
        or (isinstance(item, kinds) and not isinstance(item, bool))
        for item in items
    )


def has_memory(key: Any, found: Handle) -> bool:
    """Whether an index gives an array: `a[0]` of one axis is a number, `a[0, ...]` is none."""
    items = key if isinstance(key, tuple) else (key,)
    return found.shape != () or any(item is Ellipsis for item in items)
