"""Pictures of an explanation: the function's graph, and its cotangents on the way back."""

from __future__ import annotations

import html
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from symdiff.errors import SymdiffError, UnsupportedError
from symdiff.explain.boxes import BACKWARD, FORWARD, INK, PAPER, Arrow, Box
from symdiff.explain.explanation import Explanation
from symdiff.explain.ranges import titles_of
from symdiff.explain.svg import svg
from symdiff.explain.words import shown

MOST_STEPS = 120  # of a picture that shows each; a larger one shows the lines of the source
DRAWN = (".svg", ".png", ".pdf")  # by Graphviz, where it is installed


@dataclass(frozen=True)
class Picture:
    """Boxes and arrows between them.

    Attributes:
        boxes: inputs, and steps or lines of the source.
        arrows: between them.
        inside: by key of a box that stands for a few steps, the picture of these.
    """

    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    inside: Mapping[str, Picture] = field(default_factory=dict, compare=False)

    def dot(self) -> str:
        """In Graphviz's language; the steps of a line of the source stand in a frame."""
        lines = [
            "digraph derivative {",
            "  rankdir=TB; bgcolor=transparent; nodesep=0.6; ranksep=0.6;",
            f'  node [shape=box, style=filled, fillcolor="{PAPER}", color="{INK}", '
            f'fontcolor="{INK}", fontname="monospace", fontsize=11];',
            '  edge [fontname="monospace", fontsize=9];',
        ]
        lines += self._frames()
        lines += [f"  {_dot_arrow(arrow)}" for arrow in self.arrows]
        return "\n".join([*lines, "}"])

    def mermaid(self) -> str:
        """In Mermaid's language, which pages of Markdown draw."""
        keys = {box.key: f"n{number}" for number, box in enumerate(self.boxes)}
        lines = ["flowchart TB"]
        for box in self.boxes:
            left, right = ("([", "])") if box.is_input else ("[[", "]]") if box.is_shared else "[]"
            text = "<br>".join(map(_mermaid_text, box.rows))
            lines.append(f'  {keys[box.key]}{left}"{text}"{right}')
        for arrow in self.arrows:
            tip = "-.->" if arrow.is_backward else "-->"
            text = f'|"{_mermaid_text(arrow.label)}"|' if arrow.label else ""
            lines.append(f"  {keys[arrow.start]} {tip}{text} {keys[arrow.end]}")
        for number, arrow in enumerate(self.arrows):
            colour = BACKWARD if arrow.is_backward else FORWARD
            lines.append(f"  linkStyle {number} stroke:{colour}")
        return "\n".join(lines)

    def _frames(self) -> Iterator[str]:
        """The boxes, those of each line of the source in a frame."""
        for number, boxes in self._by_line().items():
            if not number:
                yield from [f"  {_dot_box(box)}" for box in boxes]
                continue
            yield f"  subgraph cluster_{number} {{"
            yield f'    label="line {number}"; fontname="monospace"; fontsize=10;'
            yield f'    style=dashed; color="{FORWARD}"; fontcolor="{FORWARD}";'
            yield from [f"    {_dot_box(box)}" for box in boxes]
            yield "  }"

    def _by_line(self) -> Mapping[int, list[Box]]:
        found: dict[int, list[Box]] = {}
        for box in self.boxes:
            found.setdefault(box.line, []).append(box)
        return found

    def svg(self) -> str:
        """As an element `<svg>`, laid out without Graphviz."""
        return svg(self.boxes, self.arrows)

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


def picture_of(explanation: Explanation) -> Picture:
    """The picture of a function and of its cotangents; one box a source's line of a large one."""
    whole = Picture(tuple(_boxes(explanation)), tuple(_arrows(explanation)))
    return _folded(whole) if len(explanation.steps) > MOST_STEPS else whole


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


def _boxes(explanation: Explanation) -> Iterator[Box]:
    (walk,) = explanation.walks
    cotangents = {line.name: shown(line.value) for line in walk.lines}
    uses: dict[str, int] = {}
    for step in explanation.steps:
        for name in step.reads:
            uses[name] = uses.get(name, 0) + 1

    def cotangent(name: str) -> list[str]:
        bar = f"{name}_bar"
        return [f"{bar} = {cotangents[bar]}"] if bar in cotangents else []

    for name, value in explanation.at.items():
        rows = (f"{name} = {shown(value)}", *cotangent(name))
        slots = (f"value:{name}", f"bar:{name}")
        yield Box(name, rows, is_input=True, is_shared=uses.get(name, 0) > 1, line=0, slots=slots)
    for step in explanation.steps:
        rows = (f"{step.name} = {step.formula}", f"= {shown(step.value)}", *cotangent(step.name))
        yield Box(
            step.name,
            rows,
            is_input=False,
            is_shared=uses.get(step.name, 0) > 1,
            line=step.line,
            slots=("", f"value:{step.name}", f"bar:{step.name}"),
        )


def _arrows(explanation: Explanation) -> Iterator[Arrow]:
    for step in explanation.steps:
        local = {one.by: f"d{step.name}/d{one.by} = {shown(one.value)}" for one in step.derivatives}
        for name in step.reads:
            slot = f"local:{step.name}:{name}"
            yield Arrow(name, step.name, local.get(name, ""), is_backward=False, slot=slot)
    (walk,) = explanation.walks
    for line in walk.lines:
        end = line.name.removesuffix("_bar")
        for number, part in enumerate(line.summands):
            slot = f"part:{end}:{number}"
            yield Arrow(part.source, end, shown(part.value), is_backward=True, slot=slot)


def _folded(picture: Picture) -> Picture:
    """The picture with a box for the steps of a line of the source, of many lines for a range."""
    titles = titles_of({box.line for box in picture.boxes if not box.is_input})
    homes = {box.key: box.key if box.is_input else titles[box.line] for box in picture.boxes}
    found: dict[str, list[Box]] = {}
    for box in picture.boxes:
        found.setdefault(homes[box.key], []).append(box)
    boxes = []
    for key, inside in found.items():
        first = inside[0]
        counted = (key, f"{len(inside):,} step{'s' * (len(inside) > 1)}")
        rows = first.rows if first.is_input else counted
        boxes.append(Box(key, rows, is_input=first.is_input, is_shared=False, line=0))
    arrows = [
        Arrow(homes[arrow.start], homes[arrow.end], "", arrow.is_backward)
        for arrow in picture.arrows
        if homes[arrow.start] != homes[arrow.end]
    ]
    few = {key: steps for key, steps in found.items() if 1 < len(steps) <= MOST_STEPS}
    named = {box.key: box for box in boxes}
    parts = {key: _unfolded(steps, picture, homes, named) for key, steps in few.items()}
    return Picture(tuple(boxes), tuple(dict.fromkeys(arrows)), parts)


def _unfolded(
    steps: Sequence[Box], picture: Picture, homes: Mapping[str, str], folded: Mapping[str, Box]
) -> Picture:
    """The picture of a few steps, with a box for each input and each line beside them."""
    own = {box.key for box in steps}
    arrows = [arrow for arrow in picture.arrows if {arrow.start, arrow.end} & own]
    ends = {key: key if key in own else homes[key] for a in arrows for key in (a.start, a.end)}
    moved = [replace(arrow, start=ends[arrow.start], end=ends[arrow.end]) for arrow in arrows]
    beside = [folded[key] for key in dict.fromkeys(ends.values()) if key not in own]
    return Picture((*beside, *steps), tuple(dict.fromkeys(moved)))


def _dot_box(box: Box) -> str:
    shape = "ellipse" if box.is_input else "box"
    rows = "\\n".join(map(_dot_text, box.rows))
    edges = ", peripheries=2" if box.is_shared else ""
    return f'"{_dot_text(box.key)}" [label="{rows}", shape={shape}{edges}];'


def _dot_arrow(arrow: Arrow) -> str:
    colour = BACKWARD if arrow.is_backward else FORWARD
    style = ", style=dashed, constraint=false" if arrow.is_backward else ""
    ends = f'"{_dot_text(arrow.start)}" -> "{_dot_text(arrow.end)}"'
    label = f'label=" {_dot_text(arrow.label)} ", ' if arrow.label else ""
    return f'{ends} [{label}color="{colour}", fontcolor="{colour}"{style}];'


def _dot_text(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _mermaid_text(text: str) -> str:
    return html.escape(text, quote=True).replace("|", "&#124;")
