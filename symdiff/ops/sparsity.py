"""Sparsity rules of operations: which elements of a result depend on which of the arguments.

A rule takes the walk along the graph, the line, and the dependence of its arguments; it returns
that of the line, or `None` where it couples everything. See `derive.sparsity`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from symdiff.graph.node import Node
from symdiff.graph.shape import Shape

Codes = Any  # NumPy's arrays of int64, sorted, each once


class Walk(Protocol):
    """The dependence of the lines so far.

    Attributes:
        n: the number of elements of the input.
        known: by position, the numbers of lines that are known.
    """

    n: int
    known: Mapping[int, Any]

    def numbers(self, position: int) -> Any:
        """The positions of a line's elements, in its shape."""

    def places(self, node: Node) -> Any:
        """The numbers of an index's or a write's places; `None` where they are computed."""

    def moved(self, node: Node, parts: Sequence[Codes]) -> Codes | None:
        """The dependence where each element is one of an argument's."""

    def union(self, parts: Sequence[Codes]) -> Codes:
        """What any of the parts depends on, element by element."""

    def gathered(self, codes: Codes, sources: Any) -> Codes:
        """Each element of the result depends on what one element of the argument does."""

    def scattered(self, codes: Codes, targets: Any) -> Codes:
        """Each element of the argument goes into one element of the result."""


def in_order(_walk: Walk, _node: Node, parts: Sequence[Codes]) -> Codes:
    """The same elements in the same order."""
    return parts[0]


def moved(walk: Walk, node: Node, parts: Sequence[Codes]) -> Codes | None:
    """Each element is one of an argument's, where the operation moves it."""
    return walk.moved(node, parts)


def added(walk: Walk, node: Node, parts: Sequence[Codes]) -> Codes | None:
    """The first argument's elements, and those of the second one at their places."""
    places = walk.places(node)
    return None if places is None else walk.union([parts[0], walk.scattered(parts[1], places)])


def reduced(walk: Walk, node: Node, parts: Sequence[Codes]) -> Codes:
    """Each element of the result depends on those that it is made of."""
    return _reduced(walk, node, parts, node.params[0])


def reduced_last(walk: Walk, node: Node, parts: Sequence[Codes]) -> Codes:
    """The same along the last axis."""
    return _reduced(walk, node, parts, (len(node.shape),))


def _reduced(walk: Walk, node: Node, parts: Sequence[Codes], axes: Sequence[int]) -> Codes:
    import numpy as np

    numbers = walk.numbers(node.args[0])
    kept = [1 if axis in axes else n for axis, n in enumerate(numbers.shape)]
    results = np.arange(_size(node.shape), dtype=np.int64).reshape(kept)
    return walk.scattered(parts[0], np.broadcast_to(results, numbers.shape))


def along_unit(walk: Walk, node: Node, parts: Sequence[Codes]) -> Codes:
    """Each element of a vector, and what the number and the length of its vector depend on."""
    import numpy as np

    shape = walk.numbers(node.args[1]).shape
    kept = [1 if axis in node.params[0] else n for axis, n in enumerate(shape)]
    spread = [
        walk.gathered(
            parts[place], np.broadcast_to(walk.numbers(node.args[place]).reshape(kept), shape)
        )
        for place in (0, 2)
    ]
    return walk.union([parts[1], *spread])


def sorted_along(walk: Walk, node: Node, parts: Sequence[Codes]) -> Codes:
    """Every element of the axis."""
    return _along(walk, node, parts, is_whole=True)


def so_far(walk: Walk, node: Node, parts: Sequence[Codes]) -> Codes:
    """The elements of the axis from the first place on."""
    return _along(walk, node, parts, is_whole=False)


def _along(walk: Walk, node: Node, parts: Sequence[Codes], *, is_whole: bool) -> Codes:
    import numpy as np

    axis = node.params[0]
    shape = walk.numbers(node.args[0]).shape
    length, step = shape[axis], _strides(shape)[axis]
    elements, inputs = np.divmod(parts[0], walk.n)
    place = elements // step % length
    starts = (elements - place * step) * walk.n + inputs  # at the beginning of the axis
    starts, at = np.unique(starts, return_index=True)  # codes ascend: the first place is smallest
    first = np.zeros_like(starts) if is_whole else place[at]
    counts = length - first
    ends = np.cumsum(counts)
    taken = np.arange(int(counts.sum())) + np.repeat(first - ends + counts, counts)
    return np.sort(np.repeat(starts, counts) + taken * step * walk.n)


def contracted(walk: Walk, node: Node, parts: Sequence[Codes]) -> Codes | None:
    """An element meets the elements of the other factor that agree in the letters of both."""
    letters, out = node.params[0].split("->")
    names = letters.split(",")
    found = []
    for place in (0, 1):
        if not len(parts[place]):
            continue
        mine, other = names[place], names[1 - place]
        if len(set(mine)) < len(mine) or len(set(other)) < len(other):
            return None
        partner = node.args[1 - place]
        found.append(_contracted_by(walk, node, parts[place], place, (mine, other, out), partner))
    return walk.union(found)


def _contracted_by(
    walk: Walk, node: Node, codes: Codes, place: int, words: tuple[str, str, str], partner: int
) -> Codes:
    import numpy as np

    mine, other, out = words
    strides = dict(zip(out, _strides(node.shape), strict=True))
    shape = walk.numbers(node.args[place]).shape
    elements, inputs = np.divmod(codes, walk.n)
    at = dict(zip(mine, np.unravel_index(elements, shape), strict=True))
    base = sum(strides[letter] * at[letter] for letter in mine if letter in strides)
    base = np.zeros_like(elements) + base
    known = walk.known.get(partner)
    free = [letter for letter in other if letter not in mine]
    lengths = dict(zip(other, walk.numbers(partner).shape, strict=True))
    shared = [letter for letter in other if letter in mine]
    if known is None:
        shifts = np.zeros(1, np.int64)
        for letter in free:
            if letter in strides:
                steps = np.arange(lengths[letter], dtype=np.int64) * strides[letter]
                shifts = (shifts[:, None] + steps).reshape(-1)
        return distinct(((base[:, None] + shifts) * walk.n + inputs[:, None]).reshape(-1))
    where = dict(
        zip(other, np.nonzero(np.broadcast_to(known, list(lengths.values()))), strict=True)
    )
    theirs = np.zeros(len(next(iter(where.values()))), np.int64)
    own = np.zeros(len(elements), np.int64)
    for letter in shared:
        theirs = theirs * lengths[letter] + where[letter]
        own = own * lengths[letter] + at[letter]
    shift = np.zeros_like(theirs)
    for letter in free:
        shift += where[letter] * strides.get(letter, 0)
    order = np.argsort(theirs, kind="stable")
    first = np.searchsorted(theirs[order], own)
    counts = np.searchsorted(theirs[order], own, side="right") - first
    ends = np.cumsum(counts)
    taken = order[np.repeat(first - ends + counts, counts) + np.arange(int(counts.sum()))]
    return distinct((np.repeat(base, counts) + shift[taken]) * walk.n + np.repeat(inputs, counts))


def distinct(codes: Codes) -> Codes:
    """Codes in their order, each once; as `np.unique`, faster where they come in runs."""
    import numpy as np

    ordered = np.sort(codes, kind="stable")
    return ordered[np.flatnonzero(np.diff(ordered, prepend=-1))]


def _strides(shape: Shape) -> list[int]:
    """How far apart neighbours on each axis stand."""
    strides, step = [], 1
    for length in reversed(shape):
        strides.append(step)
        step *= _size((length,))
    return strides[::-1]


def _size(shape: Shape) -> int:
    return math.prod(n for n in shape if isinstance(n, int))  # all of them
