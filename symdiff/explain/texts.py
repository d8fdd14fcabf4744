"""Texts of pictures in the languages that others draw: Graphviz's and Mermaid's."""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from symdiff.explain.boxes import BACKWARD, FORWARD, INK, PAPER, Arrow, Box, Frame

_GREY = "#7a7a7a"  # readable on light and on dark
_BOX = f'fillcolor="{PAPER}", color="{INK}", fontcolor="{INK}"'
_CLUSTER = 'fontname="monospace"; fontsize=10; labeljust=l;'

Inside = Mapping[str, Sequence[Frame]]  # by key of a frame, those that stand in it


def dot(boxes: Sequence[Box], arrows: Sequence[Arrow], frames: Sequence[Frame]) -> str:
    """In Graphviz's language; the steps of a line of the source stand in a frame of their own."""
    lines = [
        "digraph derivative {",
        "  rankdir=TB; bgcolor=transparent; nodesep=0.6; ranksep=0.6;",
        f'  node [shape=box, style=filled, {_BOX}, fontname="monospace", fontsize=11];',
        '  edge [fontname="monospace", fontsize=9];',
        *[f"  {line}" for line in _clusters("", boxes, _inside(frames))],
        *[f"  {_dot_arrow(arrow)}" for arrow in arrows],
        "}",
    ]
    return "\n".join(lines)


def _inside(frames: Sequence[Frame]) -> dict[str, list[Frame]]:
    found: dict[str, list[Frame]] = {}
    for frame in frames:
        found.setdefault(frame.frame, []).append(frame)
    return found


def _clusters(key: str, boxes: Sequence[Box], inside: Inside) -> Iterator[str]:
    """The boxes of a frame by lines of the source, and the frames in it."""
    own = sorted([box for box in boxes if box.frame == key], key=lambda box: box.line)
    for line, group in groupby(own, lambda box: box.line):
        texts = [_dot_box(box) for box in group]
        if not line:
            yield from texts
            continue
        yield f'subgraph "cluster_{_dot_text(key)}_{line}" {{'
        yield f'  label="line {line}"; {_CLUSTER}'
        yield f'  style=dashed; penwidth=1; color="{_GREY}"; fontcolor="{_GREY}";'
        yield from [f"  {text}" for text in texts]
        yield "}"
    for frame in inside.get(key, ()):
        colour = FORWARD if frame.is_taken else _GREY
        rows = [*frame.rows, *[frame.back] * bool(frame.back)]
        yield f'subgraph "cluster_{_dot_text(frame.key)}" {{'
        yield f'  label="{"".join([_dot_text(row) + chr(92) + "l" for row in rows])}"; {_CLUSTER}'
        yield f'  style=rounded; penwidth=2; color="{colour}"; fontcolor="{colour}";'
        yield from [f"  {line}" for line in _clusters(frame.key, boxes, inside)]
        yield "}"


def _dot_box(box: Box) -> str:
    shape = "ellipse" if box.is_input else "box"
    rows = "\\n".join(map(_dot_text, box.rows))
    edges = ", peripheries=2" if box.is_shared else ""
    return f'"{_dot_text(box.key)}" [label="{rows}", shape={shape}{edges}];'


def _dot_arrow(arrow: Arrow) -> str:
    colour = BACKWARD if arrow.is_backward else FORWARD
    style = ", style=dashed" if arrow.is_backward else ""
    style += ", constraint=false" if arrow.is_backward or arrow.is_return else ""
    ends = f'"{_dot_text(arrow.start)}" -> "{_dot_text(arrow.end)}"'
    label = f'label=" {_dot_text(arrow.label)} ", ' if arrow.label else ""
    return f'{ends} [{label}color="{colour}", fontcolor="{colour}"{style}];'


def _dot_text(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


# --- Mermaid -------------------------------------------------------------------------------------


def mermaid(boxes: Sequence[Box], arrows: Sequence[Arrow], frames: Sequence[Frame]) -> str:
    """In Mermaid's language, which pages of Markdown draw."""
    keys = {box.key: f"n{number}" for number, box in enumerate(boxes)}
    numbers = {frame.key: f"f{number}" for number, frame in enumerate(frames)}
    lines = ["flowchart TB", *_subgraphs("", boxes, _inside(frames), keys, numbers)]
    for arrow in arrows:
        tip = "-.->" if arrow.is_backward else "-->"
        text = f'|"{_mermaid_text(arrow.label)}"|' if arrow.label else ""
        lines.append(f"  {keys[arrow.start]} {tip}{text} {keys[arrow.end]}")
    for number, arrow in enumerate(arrows):
        colour = BACKWARD if arrow.is_backward else FORWARD
        lines.append(f"  linkStyle {number} stroke:{colour}")
    for frame in frames:
        colour, dashes = (FORWARD, "") if frame.is_taken else (_GREY, ",stroke-dasharray:5 3")
        lines.append(f"  style {numbers[frame.key]} fill:none,stroke:{colour}{dashes}")
    return "\n".join(lines)


def _subgraphs(
    key: str,
    boxes: Sequence[Box],
    inside: Inside,
    keys: Mapping[str, str],
    numbers: Mapping[str, str],
) -> Iterator[str]:
    for box in boxes:
        if box.frame == key:
            left, right = ("([", "])") if box.is_input else ("[[", "]]") if box.is_shared else "[]"
            text = "<br>".join(map(_mermaid_text, box.rows))
            yield f'  {keys[box.key]}{left}"{text}"{right}'
    for frame in inside.get(key, ()):
        rows = [*frame.rows, *[frame.back] * bool(frame.back)]
        yield f'  subgraph {numbers[frame.key]}["{"<br>".join(map(_mermaid_text, rows))}"]'
        yield from [f"  {line}" for line in _subgraphs(frame.key, boxes, inside, keys, numbers)]
        yield "  end"


def _mermaid_text(text: str) -> str:
    return html.escape(text, quote=True).replace("|", "&#124;")
