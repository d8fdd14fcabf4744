"""Pictures of an explanation: the function's graph, and its cotangents on the way back."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from symdiff.errors import SymdiffError, UnsupportedError
from symdiff.explain.boxes import Arrow, Box, Frame
from symdiff.explain.framed import Canvas
from symdiff.explain.ranges import titles_of
from symdiff.explain.svg import svg
from symdiff.explain.texts import dot, mermaid

MOST_STEPS = 120  # of a picture that shows each; a larger one shows the lines of the source
DRAWN = (".svg", ".png", ".pdf")  # by Graphviz, where it is installed


@dataclass(frozen=True)
class Picture:
    """Boxes and arrows between them.

    Attributes:
        boxes: inputs, and steps or lines of the source.
        arrows: between them.
        frames: loops and ways of branches, around them.
        inside: by key of a box that stands for a few steps, the picture of these.
    """

    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    frames: tuple[Frame, ...] = ()
    inside: Mapping[str, Picture] = field(default_factory=dict, compare=False)

    def dot(self) -> str:
        """In Graphviz's language; the steps of a line of the source stand in a frame."""
        return dot(self.boxes, self.arrows, self.frames)

    def mermaid(self) -> str:
        """In Mermaid's language, which pages of Markdown draw."""
        return mermaid(self.boxes, self.arrows, self.frames)

    def svg(self) -> str:
        """As an element `<svg>`, laid out without Graphviz."""
        return svg(self.boxes, self.arrows, self.frames)

    def _repr_svg_(self) -> str:
        return self.svg()

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:  # what notebooks ask for
        return {"image/svg+xml": self.svg(), "text/vnd.graphviz": self.dot()}

    def drawn(self, suffix: str) -> bytes:
        """As an image, by Graphviz; without it SVG has our own layout.

        Args:
            suffix: `.svg`, `.png` or `.pdf`.

        Raises:
            UnsupportedError: where Graphviz is needed and not installed.
            SymdiffError: where it fails.
        """
        program = shutil.which("dot")
        if program is None and suffix == ".svg":
            return self.svg().encode()
        if program is None:
            raise UnsupportedError(
                f"a picture as {suffix} needs Graphviz, whose program 'dot' is not installed",
                suggestion="install it, or write a .svg, .dot or .mmd file",
            )
        done = subprocess.run(
            [program, f"-T{suffix[1:]}"],
            input=self.dot().encode(),
            capture_output=True,
            check=False,
        )
        if done.returncode:
            raise SymdiffError(f"Graphviz fails: {done.stderr.decode(errors='replace').strip()}")
        return done.stdout


def folded(canvas: Canvas) -> Picture:
    """The picture of what is drawn; of many steps, with one box for each line of the source."""
    whole = Picture(tuple(canvas.boxes), tuple(canvas.arrows), tuple(canvas.frames))
    steps = sum(not box.is_input for box in whole.boxes)
    return _folded(whole) if steps > MOST_STEPS else whole


def written(picture: Picture, path: Path) -> bytes:
    """The bytes of a picture's file, by the end of its name.

    Raises:
        UnsupportedError: where Graphviz is needed and not installed.
        SymdiffError: where the name ends otherwise.
    """
    texts: dict[str, Callable[[Picture], str]] = {".dot": Picture.dot, ".mmd": Picture.mermaid}
    if path.suffix in texts:
        return f"{texts[path.suffix](picture)}\n".encode()
    if path.suffix in DRAWN:
        return picture.drawn(path.suffix)
    known = ", ".join([*DRAWN, *texts])
    raise SymdiffError(f"'{path.name}' ends in none of {known}, so its format is not known")


def _folded(picture: Picture) -> Picture:
    """The picture with a box for the steps of a line of the source, of many lines for a range."""
    titles = titles_of({box.line for box in picture.boxes if not box.is_input})

    def home(box: Box) -> str:
        if box.is_input:
            return box.key
        return f"{box.frame}: {titles[box.line]}" if box.frame else titles[box.line]

    homes = {box.key: home(box) for box in picture.boxes}
    found: dict[str, list[Box]] = {}
    for box in picture.boxes:
        found.setdefault(homes[box.key], []).append(box)
    boxes = []
    for key, inside in found.items():
        first = inside[0]
        counted = (titles[first.line], f"{len(inside):,} step{'s' * (len(inside) > 1)}")
        one = first if first.is_input else replace(first, key=key, rows=counted, slots=())
        boxes.append(replace(one, is_shared=False, line=0, slots=()))
    arrows = [
        replace(arrow, start=homes[arrow.start], end=homes[arrow.end], label="", slot="")
        for arrow in picture.arrows
        if homes[arrow.start] != homes[arrow.end]
    ]
    few = {key: steps for key, steps in found.items() if 1 < len(steps) <= MOST_STEPS}
    named = {box.key: box for box in boxes}
    parts = {key: _unfolded(steps, picture, homes, named) for key, steps in few.items()}
    return Picture(tuple(boxes), tuple(dict.fromkeys(arrows)), picture.frames, parts)


def _unfolded(
    steps: Sequence[Box], picture: Picture, homes: Mapping[str, str], folded: Mapping[str, Box]
) -> Picture:
    """The picture of a few steps, with a box for each input and each line beside them."""
    own = {box.key for box in steps}
    arrows = [arrow for arrow in picture.arrows if {arrow.start, arrow.end} & own]
    ends = {key: key if key in own else homes[key] for a in arrows for key in (a.start, a.end)}
    moved = [replace(arrow, start=ends[arrow.start], end=ends[arrow.end]) for arrow in arrows]
    beside = [folded[key] for key in dict.fromkeys(ends.values()) if key not in own]
    boxes = [replace(box, frame="") for box in (*beside, *steps)]
    ways = [replace(arrow, is_return=False) for arrow in moved]
    return Picture(tuple(boxes), tuple(dict.fromkeys(ways)))
