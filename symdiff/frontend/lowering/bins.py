"""Weights added in bins. Which bin an element falls into is known; its weight may be computed."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

from symdiff.errors import ShapeError
from symdiff.frontend.lowering.base import Array, Numbers, Value, as_float, known, line, refuse
from symdiff.frontend.lowering.indexing import accumulate
from symdiff.frontend.lowering.registry import LOWERINGS, of_numpy
from symdiff.ops.builder import Builder
from symdiff.ops.handle import Handle


def _added(b: Builder, weights: Handle, places: Any, count: int) -> Handle:
    """The sums of the weights of each of so many places; what is at -1 falls into none."""
    import numpy as np

    if weights.shape != places.shape:
        raise ShapeError("the weights have another shape than what they weigh")
    inside = np.flatnonzero(places >= 0)
    kept = of_numpy(b, "take", as_float(weights), inside)
    empty = Handle(b, b.full(0.0, (count,)))
    return accumulate(b, empty, (places.ravel()[inside],), kept) if len(inside) else empty


@LOWERINGS.named("bincount")
def bincount(b: Builder, x: Array, weights: Numbers | None = None, minlength: int = 0) -> Handle:
    """The sum of the weights of each number that is known."""
    import numpy as np

    places = known(x)
    if places is None:
        refuse(
            "bincount of computed numbers is not supported: their largest says the length",
            "write np.add.at(counts, numbers, weights) with counts of a known length",
        )
    given = line(b, np.ones(places.shape)) if weights is None else weights
    return _added(b, given, places, len(np.bincount(places, minlength=minlength)))


def _sample(x: Handle) -> Any:
    found = known(x)
    if found is None:
        refuse(
            "what a histogram counts must be known: its counts have no derivative",
            "add smooth bumps, such as np.exp(-((x[:, None] - centres) / width)**2), instead",
        )
    return found


def _edges(b: Builder, bins: Value) -> Any:
    """Bins as NumPy takes them: a number of them, a name, or their edges, which are known."""
    if isinstance(bins, (int, str)):
        return bins
    found = known(line(b, bins))
    if found is None:
        refuse("the edges of a histogram's bins must be known", "give numbers")
    return found


def _bin_of(x: Any, edges: Any) -> Any:
    """Into which bin numbers fall, the last edge included; -1 for none."""
    import numpy as np

    found = np.searchsorted(edges, x, side="right") - 1
    found = np.where(x == edges[-1], len(edges) - 2, found)
    return np.where((found >= 0) & (found < len(edges) - 1), found, -1)


@LOWERINGS.named("histogram")
def histogram(
    b: Builder,
    a: Array,
    bins: Value = 10,
    range: Value = None,
    density: bool | None = None,  # noqa: FBT001  NumPy's own
    weights: Numbers | None = None,
) -> tuple[Handle, Handle]:
    """The weights of known numbers, added in bins, and the edges of these."""
    import numpy as np

    sample = _sample(a)
    edges = np.histogram_bin_edges(sample, _edges(b, bins), range)
    given = line(b, np.ones(sample.shape)) if weights is None else weights
    found = _added(b, given, _bin_of(sample, edges), len(edges) - 1)
    if density:
        found = found / line(b, np.diff(edges)) / of_numpy(b, "sum", found)
    return found, line(b, edges)


@LOWERINGS.named("histogram2d")
def histogram2d(
    b: Builder,
    x: Array,
    y: Array,
    bins: Value = 10,
    range: Value = None,
    density: bool | None = None,  # noqa: FBT001  NumPy's own
    weights: Numbers | None = None,
) -> tuple[Handle, Handle, Handle]:
    """The weights of known pairs, added in bins, and the edges of these."""
    import numpy as np

    pair = _sample(x), _sample(y)
    is_pair = isinstance(bins, (list, tuple)) and len(bins) == 2
    wanted = [_edges(b, part) for part in bins] if is_pair else _edges(b, bins)
    edges = np.histogram2d(*pair, wanted, range)[1:]
    found = _in_boxes(b, pair, edges, weights, density=bool(density))
    return found, line(b, edges[0]), line(b, edges[1])


@LOWERINGS.named("histogramdd")
def histogramdd(
    b: Builder,
    sample: Value,
    bins: Value = 10,
    range: Value = None,
    density: bool | None = None,  # noqa: FBT001  NumPy's own
    weights: Numbers | None = None,
) -> tuple[Handle, tuple[Handle, ...]]:
    """The weights of known points, a row each, added in boxes, and the edges of these."""
    import numpy as np

    given = sample if isinstance(sample, (list, tuple)) else None
    columns = [_sample(line(b, part)) for part in given] if given is not None else None
    points = _sample(line(b, sample)) if columns is None else np.stack(columns, 1)
    points = points[:, None] if points.ndim == 1 else points
    is_each = isinstance(bins, (list, tuple)) and len(bins) == points.shape[1]
    wanted = [_edges(b, part) for part in bins] if is_each else _edges(b, bins)
    edges = np.histogramdd(points, wanted, range)[1]
    found = _in_boxes(b, points.T, edges, weights, density=bool(density))
    return found, tuple([line(b, each) for each in edges])


def _in_boxes(
    b: Builder, columns: Any, edges: Sequence[Any], weights: Numbers | None, *, density: bool
) -> Handle:
    """The weights of points, by their coordinates, added in boxes; or over their volumes."""
    import numpy as np

    counts = [len(each) - 1 for each in edges]
    bins = [_bin_of(x, each) for x, each in zip(columns, edges, strict=True)]
    is_inside = np.all([each >= 0 for each in bins], axis=0)
    flat = np.ravel_multi_index([np.maximum(each, 0) for each in bins], counts)
    places = np.where(is_inside, flat, -1)
    given = line(b, np.ones(places.shape)) if weights is None else weights
    found = of_numpy(b, "reshape", _added(b, given, places, int(np.prod(counts))), counts)
    if density:
        volumes: Any = functools.reduce(np.multiply.outer, map(np.diff, edges))
        found = found / line(b, volumes) / of_numpy(b, "sum", found)
    return found
