"""Layout of a picture with frames: each is laid out for itself, and then stands as a box outside.

A way through the edge of a frame has a port there: a point where the way inside begins or ends.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from symdiff.explain.boxes import Arrow, Box, Frame
from symdiff.explain.layout import LETTER, LINE, WAY, Layout, Pair, laid_out, size_of

SIDE, RETURN = 12.0, 10.0  # beside what is in a frame, and for each way back to the begin of a step
Points = list[tuple[float, float]]


@dataclass
class Nest:
    """Where everything stands, in pixels.

    Attributes:
        width: of the picture.
        height: of the picture.
        boxes: by key, the middle, and width and height.
        frames: likewise.
        curves: by the ends of a way downward, its points from the middle of a box to that of the
            other.
        returns: by the ends of a way back to the begin of a step, its points.
    """

    width: float
    height: float
    boxes: dict[str, tuple[float, float, float, float]] = field(default_factory=dict)
    frames: dict[str, tuple[float, float, float, float]] = field(default_factory=dict)
    curves: dict[Pair, Points] = field(default_factory=dict)
    returns: dict[Pair, Points] = field(default_factory=dict)


def down(arrow: Arrow) -> Pair:
    """The ends of an arrow, as values go."""
    return (arrow.end, arrow.start) if arrow.is_backward else (arrow.start, arrow.end)


def nested(boxes: Sequence[Box], arrows: Sequence[Arrow], frames: Sequence[Frame]) -> Nest:
    """The layout of a picture."""
    return _Nesting(boxes, arrows, frames).placed()


class _Nesting:
    """Boxes, ways and frames on their way to places."""

    def __init__(
        self, boxes: Sequence[Box], arrows: Sequence[Arrow], frames: Sequence[Frame]
    ) -> None:
        self.frames = {frame.key: frame for frame in frames}
        self.home = {box.key: box.frame for box in boxes}
        self.home |= {frame.key: frame.frame for frame in frames}
        self.boxes = {box.key: box for box in boxes}
        self.returned = list(dict.fromkeys(down(a) for a in arrows if a.is_return))
        self.pairs = list(dict.fromkeys(down(a) for a in arrows if not a.is_return))
        self.members: dict[str, list[str]] = {"": [], **{key: [] for key in self.frames}}
        for box in boxes:
            for key in self._around(box.key):
                if key not in self.members[self.home[key]]:
                    self.members[self.home[key]].append(key)
        self.sizes: dict[str, tuple[float, float]] = {}
        self.layouts: dict[str, Layout] = {}
        self.corners: dict[str, tuple[float, float]] = {}

    def _around(self, key: str) -> list[str]:
        """A box and the frames around it, from the innermost."""
        found = [key]
        while self.home[found[-1]]:
            found.append(self.home[found[-1]])
        return found

    def placed(self) -> Nest:
        """Lay out the frames from the innermost, then place them from the outermost."""
        for frame in sorted(self.frames, key=lambda key: -len(self._around(key))):
            if self.members[frame]:
                self._lay_out(frame)
        self._lay_out("")
        whole = self.layouts[""]
        nest = Nest(whole.width, whole.height)
        self._place("", 0.0, 0.0, nest)
        for pair in self.pairs:
            points = self._points(pair)
            if points:
                nest.curves[pair] = points
        self._place_returns(nest)
        return nest

    def _lay_out(self, frame: str) -> None:
        """Lay out what is in a frame, and say how large it is."""
        members = self.members[frame]
        top, bottom, pairs = list[str](), list[str](), list[Pair]()
        for pair in self.pairs:
            ends = self._ends(pair, frame)
            if ends is not None:
                pairs.append(ends)
                top += [ends[0]] * (ends[0] not in members and ends[0] not in top)
                bottom += [ends[1]] * (ends[1] not in members and ends[1] not in bottom)
        sizes = dict.fromkeys(top, (WAY, 0.0))
        sizes |= {
            key: self.sizes[key] if key in self.frames else size_of(self.boxes[key].rows)
            for key in members
        }
        sizes |= dict.fromkeys(bottom, (WAY, 0.0))
        layout = self.layouts[frame] = laid_out(sizes, pairs, top, bottom)
        if frame:
            width = max(layout.width + self._left(frame), _title_width(self.frames[frame]))
            self.sizes[frame] = width, layout.height + _title_height(self.frames[frame])

    def _left(self, frame: str) -> float:
        """Room for ways back, left of what is in a frame."""
        count = len([pair for pair in self.returned if self._common(pair) == frame])
        return SIDE + RETURN * count

    def _common(self, pair: Pair) -> str:
        """The innermost frame that holds both ends."""
        around = {*self._around(pair[0])[1:], ""}
        return next(key for key in [*self._around(pair[1])[1:], ""] if key in around)

    def _ends(self, pair: Pair, frame: str) -> Pair | None:
        """The ends of a way in a frame: members of it, or ports; none where it is not in it."""
        members = self.members[frame]
        inside = [
            next((key for key in self._around(end) if self.home[key] == frame), "") for end in pair
        ]
        known = [key if key in members else "" for key in inside]
        if not any(known) or known[0] == known[1]:
            return None
        start, end = known
        return start or _port(pair[0], "from"), end or _port(pair[1], "to")

    def _place(self, frame: str, left: float, top: float, nest: Nest) -> None:
        """Move what is in a frame to where that stands."""
        layout = self.layouts[frame]
        self.corners[frame] = left, top
        for key, (x, y, width, height) in layout.boxes.items():
            middle = left + x, top + y
            if key in self.frames:
                nest.frames[key] = (*middle, width, height)
                inner_left = middle[0] - width / 2 + self._left(key)
                inner_top = middle[1] - height / 2 + _title_height(self.frames[key])
                self._place(key, inner_left, inner_top, nest)
            elif key in self.boxes:
                nest.boxes[key] = (*middle, width, height)

    def _points(self, pair: Pair) -> Points:
        """A way through the frames that it crosses."""
        common = self._common(pair)
        leaving, entering = (self._between(end, common) for end in pair)
        points: Points = []
        for frame in [*leaving, common, *reversed(entering)]:
            ends = self._ends(pair, frame)
            if ends is None or ends not in self.layouts[frame].curves:
                return []
            left, top = self.corners[frame]
            piece = [(left + x, top + y) for x, y in self.layouts[frame].curves[ends]]
            if ends[0] in self.frames:
                piece = piece[1:]
            if ends[1] in self.frames:
                piece = piece[:-1]
            points += piece
        return points

    def _between(self, key: str, frame: str) -> list[str]:
        """The frames around a box that stand in another one, from the innermost."""
        keys = self._around(key)[1:]
        return keys[: keys.index(frame)] if frame in keys else keys

    def _place_returns(self, nest: Nest) -> None:
        used: dict[str, int] = {}
        for start, end in self.returned:
            frame = self._common((start, end))
            number = used[frame] = used.get(frame, 0) + 1
            x, _, width, _ = nest.frames[frame]
            side = x - width / 2 + RETURN * number
            ends = [nest.boxes[key] for key in (start, end)]
            (a, b), (c, d) = ((x - width / 2, y) for x, y, width, _ in ends)
            nest.returns[start, end] = [(a, b), (side, b), (side, d), (c, d)]


def _port(key: str, which: str) -> str:
    return f"{which}\n{key}"


def _title_height(frame: Frame) -> float:
    return LINE * (len(frame.rows) + bool(frame.back)) + 6.0


def _title_width(frame: Frame) -> float:
    return LETTER * max(map(len, [*frame.rows, frame.back])) + 2 * SIDE
