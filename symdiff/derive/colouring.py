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
    if by_columns.count <= 3 and _has_path(pattern):
        return by_columns
    neighbours = _grouped(pattern.cols, pattern.rows, size)
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


def _has_path(pattern: Pattern) -> bool:
    """Whether there is a path of four or a ring of three, which have three colours at least."""
    import numpy as np

    is_beside = pattern.rows != pattern.cols
    row, column = pattern.rows[is_beside], pattern.cols[is_beside]
    neighbours = np.bincount(row, minlength=pattern.shape[0])
    return bool(np.any((neighbours[row] > 1) & (neighbours[column] > 1)))


def _fewest(crossing: Any, own: Any, crossings: int, count: int) -> Any:
    """Colours of lines (columns, say) that share no crossing (row), in the best of the orders.

    Lines that meet at one crossing have as many colours: fewer need not be looked for.
    """
    import numpy as np

    lines = _grouped(own, crossing, count)
    least = int(np.bincount(crossing, minlength=1).max())
    best: list[int] = []
    for order in _orders(lines):
        found = _greedy(lines, order, crossings)
        if not best or max(found) < max(best):
            best = found
        if max(best, default=-1) < least:
            break
    return np.array(best, np.int64).reshape(count)


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
    by_size = sorted(natural, key=[-len(line) for line in lines].__getitem__)
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
    """No path of three edges has two colours only. Linear in the number of entries.

    The two-coloured stars of Gebremedhin, Tarafdar, Manne and Pothen, New Acyclic and Star
    Coloring Algorithms (2007), with sets of colours as the bits of whole numbers: a centre is a
    vertex with two neighbours of one colour, and its leaves may have no other such neighbour.
    """
    size = len(neighbours)
    colours = [-1] * size
    near, twice = [0] * size, [0] * size  # the colours of neighbours, and those met twice
    centres = [0] * size  # the colours of the centres of which a vertex is a leaf
    first: list[dict[int, int]] = [{} for _ in range(size)]  # by colour, a neighbour that has it
    for v in order:
        met = near[v]
        for w in neighbours[v]:
            if w != v and colours[w] >= 0:
                met |= near[w] if twice[v] >> colours[w] & 1 else centres[w]
        bit = ~met & (met + 1)
        colour = colours[v] = bit.bit_length() - 1
        for w in neighbours[v]:
            if w == v:
                continue
            if colours[w] >= 0:
                if twice[v] >> colours[w] & 1:
                    centres[w] |= bit
                if near[w] & bit:
                    centres[v] |= 1 << colours[w]
                    centres[first[w][colour]] |= 1 << colours[w]
            if near[w] & bit:
                twice[w] |= bit
            else:
                near[w] |= bit
                first[w][colour] = v
    return colours
