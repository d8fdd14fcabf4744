"""Colouring: which seeds may share a product, so that every entry can be read off again.

The methods are those of A. H. Gebremedhin, F. Manne and A. Pothen, What Color Is Your Jacobian?
Graph Coloring for Computing Derivatives (2005): distance-2 colouring of columns or rows, and star
colouring of a symmetric matrix. All are greedy, in several orders, and the fewest colours win.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from symdiff.derive.sparsity import Pattern

_MOST_PATHS = 3_000_000  # of two steps, beyond which a symmetric matrix is coloured by columns


@dataclass(frozen=True, slots=True)
class Colouring:
    """A colour for each column, or row.

    Attributes:
        count: how many colours there are.
        colours: the colour of each column or row.
        slots: for each entry of the pattern, its position in the flattened product of the seeds
            with the matrix, of shape (count, size of the other side).
    """

    count: int
    colours: Any  # NumPy's arrays
    slots: Any


def columns(pattern: Pattern) -> Colouring:
    """No two columns of a colour have an entry in the same row: J times a seed reads them all."""
    import numpy as np

    height, width = pattern.shape
    colours = _fewest(pattern.rows, pattern.cols, height, width)
    slots = colours[pattern.cols] * height + pattern.rows
    return Colouring(int(np.max(colours, initial=-1)) + 1, colours, slots)


def rows(pattern: Pattern) -> Colouring:
    """No two rows of a colour have an entry in the same column: a seed times J reads them all."""
    import numpy as np

    height, width = pattern.shape
    colours = _fewest(pattern.cols, pattern.rows, width, height)
    slots = colours[pattern.rows] * width + pattern.cols
    return Colouring(int(np.max(colours, initial=-1)) + 1, colours, slots)


def star(pattern: Pattern) -> Colouring:
    """Of a symmetric pattern: an entry or its mirror image can be read directly.

    Every path of four has three colours. Where that is no fewer, it is the columns' colouring.
    """
    import numpy as np

    size = pattern.shape[0]
    by_columns = columns(pattern)
    neighbours = _grouped(pattern.cols, pattern.rows, size)
    if sum(len(near) ** 2 for near in neighbours) > _MOST_PATHS:
        return by_columns
    best = min(
        (_star_colours(neighbours, order) for order in _orders(neighbours)),
        key=lambda c: max(c, default=0),
    )
    colours = np.array(best, np.int64).reshape(size)
    count = int(np.max(colours, initial=-1)) + 1
    if count >= by_columns.count:
        return by_columns
    row, column = pattern.rows, pattern.cols
    there = row * count + colours[column]
    _, inverse, times = np.unique(there, return_inverse=True, return_counts=True)
    is_alone = times[inverse] == 1
    slots = np.where(is_alone, colours[column] * size + row, colours[row] * size + column)
    return Colouring(count, colours, slots)


def _fewest(crossing: Any, own: Any, crossings: int, count: int) -> Any:
    """Colours of lines (columns, say) that share no crossing (row), in the best of the orders."""
    import numpy as np

    lines = _grouped(own, crossing, count)
    found = [_greedy(lines, order, crossings) for order in _orders(lines)]
    return np.array(min(found, key=lambda c: max(c, default=0)), np.int64).reshape(count)


def _grouped(keys: Any, values: Any, count: int) -> list[list[int]]:
    """For each key the values that stand beside it."""
    import numpy as np

    order = np.argsort(keys, kind="stable")
    starts = np.searchsorted(keys[order], np.arange(count + 1)).tolist()
    listed = values[order].tolist()
    return [listed[a:b] for a, b in pairwise(starts)]


def _orders(lines: Sequence[Sequence[int]]) -> Iterable[Sequence[int]]:
    """As they stand, and those with the most entries first."""
    natural = range(len(lines))
    yield natural
    by_size = sorted(natural, key=lambda line: -len(lines[line]))
    if by_size != list(natural):
        yield by_size


def _greedy(lines: Sequence[Sequence[int]], order: Sequence[int], crossings: int) -> list[int]:
    """Each line takes the first colour that no line with a crossing in common has."""
    taken = [0] * crossings  # bits: the colours that meet there
    colours = [0] * len(lines)
    for line in order:
        met = 0
        for crossing in lines[line]:
            met |= taken[crossing]
        free = ~met & (met + 1)  # the lowest bit that is not set
        for crossing in lines[line]:
            taken[crossing] |= free
        colours[line] = free.bit_length() - 1
    return colours


def _star_colours(neighbours: Sequence[Sequence[int]], order: Sequence[int]) -> list[int]:
    """Algorithm 4.1 of the source: no path of three edges has two colours only."""
    colours = [-1] * len(neighbours)
    for v in order:
        met = 0
        for w in neighbours[v]:
            if w == v:
                continue
            if colours[w] >= 0:
                met |= 1 << colours[w]
            for x in neighbours[w]:
                if x in (v, w) or colours[x] < 0:
                    continue
                if colours[w] < 0 or any(
                    y not in (w, x) and colours[y] == colours[w] for y in neighbours[x]
                ):
                    met |= 1 << colours[x]
        colours[v] = (~met & (met + 1)).bit_length() - 1
    return colours
