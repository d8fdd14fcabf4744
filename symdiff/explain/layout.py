"""Layout of a picture: boxes in layers, each below what it reads, and curves between them.

Source: K. Sugiyama, S. Tagawa and M. Toda, Methods for visual understanding of hierarchical system
structures, IEEE Transactions on Systems, Man, and Cybernetics 11 (1981) 109-125: layers, then an
order by barycentres, then places.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

LETTER, LINE = 6.9, 15.0  # of a monospaced font of 11.5 pixels
PADDING, GAP, LAYER = 10.0, 48.0, 58.0  # in a box, between boxes, between layers
WAY = 12.0  # the width of a way that passes a layer
SWEEPS = 8

Pair = tuple[str, str]


@dataclass(frozen=True)
class Layout:
    """Where things stand, in pixels.

    Attributes:
        width: of the picture.
        height: of the picture.
        boxes: by key, the middle, and width and height.
        curves: by the two ends, the points of the way from one box to the other.
    """

    width: float
    height: float
    boxes: Mapping[str, tuple[float, float, float, float]]
    curves: Mapping[Pair, Sequence[tuple[float, float]]]


def laid_out(
    sizes: Mapping[str, tuple[float, float]],
    pairs: Sequence[Pair],
    top: Collection[str] = (),
    bottom: Collection[str] = (),
) -> Layout:
    """Boxes and the ways between them.

    Args:
        sizes: by key of a box, its width and height; it stands behind those that it is reached
            from.
        pairs: from which box to which other one there is a way.
        top: keys of those that stand above all others.
        bottom: keys of those that stand below all others.
    """
    ways = list(dict.fromkeys((a, b) for a, b in pairs if a != b))
    layers = _layers(sizes, ways, top, bottom)
    chains = {pair: _chain(pair, layers) for pair in ways}
    ranks: list[list[str]] = [[] for _ in range(max(layers.values(), default=0) + 1)]
    for key, layer in layers.items():
        ranks[layer].append(key)
    passed = {
        key: layers[chain[0]] + number
        for chain in chains.values()
        for number, key in enumerate(chain[1:-1], start=1)
    }
    for key, layer in passed.items():
        ranks[layer].append(key)
    links = dict.fromkeys(pair for chain in chains.values() for pair in pairwise(chain))
    widths = {key: sizes[key][0] if key in sizes else WAY for rank in ranks for key in rank}
    places = _places(ranks, links, widths)
    left = min((places[k] - widths[k] / 2 for k in places), default=0.0) - GAP
    heights = [max([sizes[k][1] for k in rank if k in sizes], default=0.0) for rank in ranks]
    tops = [LAYER / 2 + sum(heights[:k]) + LAYER * k for k in range(len(ranks))]
    middles = {
        key: top + height / 2
        for rank, top, height in zip(ranks, tops, heights, strict=True)
        for key in rank
    }
    boxes = {key: (places[key] - left, middles[key], *sizes[key]) for key in sizes}
    curves: dict[Pair, list[tuple[float, float]]] = {
        pair: [(places[key] - left, middles[key]) for key in chain]
        for pair, chain in chains.items()
    }
    _dock(curves, boxes, end=0)
    _dock(curves, boxes, end=-1)
    width = max((places[k] + widths[k] / 2 for k in places), default=0.0) - left + GAP
    return Layout(width, sum(heights) + LAYER * len(ranks), boxes, curves)


def size_of(lines: Sequence[str]) -> tuple[float, float]:
    """The width and height of a box with these lines of text."""
    width = LETTER * max(map(len, lines)) + 2 * PADDING
    return width, LINE * len(lines) + PADDING


def _layers(
    keys: Iterable[str], ways: Sequence[Pair], top: Collection[str], bottom: Collection[str]
) -> dict[str, int]:
    """The longest way to each box; what nothing leads to stands right above where it is used.

    Boxes stand in an order in which each comes behind what leads to it, but where ways turn back,
    as between lines of a source: such a way is none here.
    """
    position = {key: number for number, key in enumerate(keys)}
    below: dict[str, list[str]] = {key: [] for key in position}
    above: dict[str, list[str]] = {key: [] for key in position}
    for a, b in ways:
        if position[a] < position[b]:
            below[a].append(b)
            above[b].append(a)
    layers: dict[str, int] = {}
    for key in position:
        layers[key] = max([layers[k] + 1 for k in above[key]], default=0)
    for key in position:
        if not above[key] and below[key] and key not in top:
            layers[key] = min([layers[k] for k in below[key]]) - 1
    last = max([layers[key] for key in position if key not in bottom], default=0)
    return layers | dict.fromkeys(bottom, last + 1)


def _chain(pair: Pair, layers: Mapping[str, int]) -> list[str]:
    """A box, a point in each layer between, and the other box; ways from one box share points."""
    first, last = pair
    between = range(layers[first] + 1, layers[last])
    return [first, *[f"{first}\n{layer}" for layer in between], last]


def _places(
    ranks: Sequence[list[str]], links: Iterable[Pair], widths: Mapping[str, float]
) -> dict[str, float]:
    """The middle of each box and point, in an order with few crossings."""
    near: dict[str, list[str]] = {key: [] for rank in ranks for key in rank}
    for a, b in links:
        near[a].append(b)
        near[b].append(a)
    places: dict[str, float] = {}
    for rank in ranks:
        _spread(rank, {key: float(number) for number, key in enumerate(rank)}, widths, places)
    for sweep in range(SWEEPS):
        for rank in ranks if sweep % 2 == 0 else reversed(ranks):
            wanted = {key: _mean([places[k] for k in near[key]], places[key]) for key in rank}
            rank.sort(key=lambda key: wanted[key])
            _spread(rank, wanted, widths, places)
    return places


def _mean(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise


def _spread(
    rank: Sequence[str],
    wanted: Mapping[str, float],
    widths: Mapping[str, float],
    places: dict[str, float],
) -> None:
    """As near to where they want to be as they can without overlap: from both ends, the mean."""
    rightward, leftward = dict(wanted), dict(wanted)
    for a, b in pairwise(rank):
        room = _room(widths[a], widths[b])
        rightward[b] = max(rightward[b], rightward[a] + room)
    for b, a in pairwise(reversed(rank)):
        room = _room(widths[a], widths[b])
        leftward[a] = min(leftward[a], leftward[b] - room)
    for key in rank:
        places[key] = (rightward[key] + leftward[key]) / 2


def _room(first: float, second: float) -> float:
    """Between the middles of two neighbours; ways may pass near each other."""
    is_of_ways = first == second == WAY
    return (first + second) / 2 + (WAY if is_of_ways else GAP)


def _dock(
    curves: dict[Pair, list[tuple[float, float]]],
    boxes: Mapping[str, tuple[float, float, float, float]],
    *,
    end: int,
) -> None:
    """Let the ways at one edge of a box begin, or end, side by side, as they come.

    Args:
        curves: the ways, which are changed.
        boxes: where boxes stand.
        end: 0 for the boxes that ways begin at, -1 for those that they end at.
    """
    met: dict[str, list[Pair]] = {}
    for pair in curves:
        met.setdefault(pair[end], []).append(pair)
    beside = 1 if end == 0 else -2
    for key, pairs in met.items():
        x, y, width, _ = boxes[key]
        pairs.sort(key=lambda pair: curves[pair][beside])
        room = min(width / (len(pairs) + 1), 4.0 * PADDING)
        for number, pair in enumerate(pairs):
            curves[pair][end] = (x + room * (number - (len(pairs) - 1) / 2), y)
