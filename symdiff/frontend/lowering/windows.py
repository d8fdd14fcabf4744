"""Windows that slide over arrays."""

from __future__ import annotations

from typing import Any

from symdiff.errors import ShapeError
from symdiff.frontend.lowering.base import Array, constant, refuse
from symdiff.frontend.lowering.indexing import read
from symdiff.frontend.lowering.registry import LOWERINGS
from symdiff.ops.builder import Builder
from symdiff.ops.handle import Handle
from symdiff.ops.indexing import sliced
from symdiff.ops.joining import stacked
from symdiff.ops.structural import transposed


@LOWERINGS.named("stride_tricks.sliding_window_view")
def sliding_window_view(
    b: Builder,
    x: Array,
    window_shape: Any,
    axis: Any = None,
    *,
    _subok: bool = False,
    writeable: bool = False,
) -> Handle:
    """All windows of a shape into an array; their axes come last."""
    if writeable:
        refuse("a view whose windows can be written into is not supported", "write into a copy")
    widths = [int(n) for n in window_shape] if hasattr(window_shape, "__len__") else [window_shape]
    given: Any = range(x.ndim) if axis is None else axis
    axes = [int(n) % x.ndim for n in given] if hasattr(given, "__len__") else [given % x.ndim]
    if len(axes) != len(widths):
        raise ShapeError("a window has a length for each axis that it slides along")
    for at, width in zip(axes, widths, strict=True):
        x = _windows(b, x, at, width)
    return x


def _windows(b: Builder, x: Handle, axis: int, width: int) -> Handle:
    """The parts of an axis that begin at each place, side by side along a new last axis."""
    length = x.shape[axis]
    if width < 1 or (isinstance(length, int) and width > length):
        raise ShapeError(f"a window of {width} elements does not slide along an axis of {length}")
    if not isinstance(length, int):
        count = length - (width - 1)
        return stacked([sliced(x, axis, start, count) for start in range(width)], x.ndim)
    import numpy as np

    places = np.arange(length - width + 1)[:, None] + np.arange(width)
    front = (slice(None),) * axis
    found = read(b, x, (*front, constant(b, places.astype("int64"))))
    order = [at for at in range(found.ndim) if at != axis + 1]
    return transposed(found, (*order, axis + 1))
