"""SVG of a picture: boxes, arrows and their labels, in light and dark."""

from __future__ import annotations

import html
from collections.abc import Iterator, Sequence

from symdiff.explain.boxes import BACKWARD, FORWARD, Arrow, Box, Frame
from symdiff.explain.layout import LINE
from symdiff.explain.nest import Nest, Points, down, nested

APART = 7.0  # between the arrow forward and the one backward
MARGIN = 70.0  # for labels at the sides
STAGGER = 20.0  # between the heights of labels
LONGEST = 24  # letters of a label beside an arrow: boxes say the rest
STYLE = f"""
svg.sd {{ --ink: #1a1a1a; --paper: #ffffff; --forward: {FORWARD}; --backward: {BACKWARD}; }}
@media (prefers-color-scheme: dark) {{
  svg.sd {{ --ink: #e8e8e8; --paper: #1b1d21; --forward: #56B4E9; --backward: #F0925A; }}
}}
svg.sd text {{ font: 11.5px ui-monospace, "DejaVu Sans Mono", monospace; fill: var(--ink); }}
svg.sd rect {{ fill: var(--paper); stroke: var(--ink); }}
svg.sd path {{ fill: none; stroke-width: 1.4; }}
svg.sd .forward path {{ stroke: var(--forward); }}
svg.sd .backward path {{ stroke: var(--backward); stroke-dasharray: 5 3; }}
svg.sd .label {{ font-size: 10px; stroke: var(--paper); stroke-width: 4px; paint-order: stroke; }}
svg.sd .forward .label, svg.sd .forward .tip {{ fill: var(--forward); }}
svg.sd .backward .label, svg.sd .backward .tip, svg.sd .bar {{ fill: var(--backward); }}
svg.sd .value {{ fill: var(--forward); }}
svg.sd .frame rect {{ fill: none; stroke: var(--forward); stroke-width: 1.6; }}
svg.sd .untaken rect {{ stroke: var(--ink); stroke-dasharray: 2 4; }}
svg.sd .frame .title {{
  fill: var(--forward); stroke: var(--paper); stroke-width: 4px; paint-order: stroke;
}}
svg.sd .frame .bar {{ fill: var(--backward); }}
svg.sd .untaken .title {{ fill: var(--ink); }}
"""


def svg(boxes: Sequence[Box], arrows: Sequence[Arrow], frames: Sequence[Frame] = ()) -> str:
    """A picture as an element `<svg>` with its style."""
    layout = nested(boxes, arrows, frames)
    known = [frame for frame in frames if frame.key in layout.frames]
    left = -MARGIN if arrows else 0.0
    width = layout.width - 2 * left
    size = f'viewBox="{left:.0f} 0 {width:.0f} {layout.height:.0f}"'
    parts = [
        f'<svg class="sd" xmlns="http://www.w3.org/2000/svg" {size} width="{width:.0f}" '
        f'height="{layout.height:.0f}" role="img" '
        'aria-label="The graph of the function and of its derivatives">',
        f"<style>{STYLE}</style>",
        *[_outline(frame, layout) for frame in known],
        *_arrows(arrows, layout),
        *[_return(arrow, layout) for arrow in arrows if arrow.is_return],
        *[_title(frame, layout) for frame in known],
        *[_box(box, layout) for box in boxes],
        "</svg>",
    ]
    return "\n".join(parts)


def _arrows(arrows: Sequence[Arrow], layout: Nest) -> Iterator[str]:
    both = {down(arrow) for arrow in arrows if arrow.is_backward}
    numbers = {pair: number for number, pair in enumerate(layout.curves)}
    for arrow in arrows:
        pair = down(arrow)
        if (
            pair in numbers and not arrow.is_return
        ):  # labels of neighbours stand at different heights
            lower = STAGGER * (numbers[pair] % 2 - 0.5)
            yield _arrow(arrow, layout, lower, is_paired=pair in both)


def _arrow(arrow: Arrow, layout: Nest, lower: float, *, is_paired: bool) -> str:
    points = _points(down(arrow), layout)
    shift = APART / 2 * (1 if arrow.is_backward else -1) if is_paired else 0.0
    points = [(x + shift, y) for x, y in points]
    if arrow.is_backward:
        points.reverse()
    kind = "backward" if arrow.is_backward else "forward"
    ends = f'data-from="{_quoted(arrow.start)}" data-to="{_quoted(arrow.end)}"'
    inside = [f'<path d="{_curve(points)}"/>', _tip(points[-2], points[-1])]
    if 0 < len(arrow.label) <= LONGEST:
        x, y = _middle(points[::-1] if arrow.is_backward else points)
        side = "start" if arrow.is_backward else "end"
        x += 5.0 if arrow.is_backward else -5.0
        y += lower
        text = _ending(arrow.label, arrow.slot)
        inside.append(
            f'<text class="label" x="{x:.1f}" y="{y:.1f}" text-anchor="{side}">{text}</text>'
        )
    return f'<g class="arrow {kind}" {ends}>{"".join(inside)}</g>'


def _points(pair: tuple[str, str], layout: Nest) -> Points:
    """From the lower edge of one box to the upper edge of the other."""
    points = list(layout.curves[pair])
    (_, y, _, above), (_, z, _, below) = (layout.boxes[key] for key in pair)
    down = 1.0 if z > y else -1.0
    points[0] = (points[0][0], y + down * above / 2)
    points[-1] = (points[-1][0], z - down * below / 2)
    return points


def _curve(points: Sequence[tuple[float, float]]) -> str:
    """Upright at each point."""
    (x, y), *rest = points
    text = f"M{x:.1f} {y:.1f}"
    for u, v in rest:
        half = (y + v) / 2
        text += f"C{x:.1f} {half:.1f} {u:.1f} {half:.1f} {u:.1f} {v:.1f}"
        x, y = u, v
    return text


def _tip(before: tuple[float, float], end: tuple[float, float]) -> str:
    x, y = end
    back = -7.0 if y > before[1] else 7.0
    corners = f"{x:.1f},{y:.1f} {x - 3.5:.1f},{y + back:.1f} {x + 3.5:.1f},{y + back:.1f}"
    return f'<polygon class="tip" points="{corners}"/>'


def _middle(points: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Of the last stretch downward, which no other way shares."""
    (x, y), (u, v) = points[-2:]
    return (x + u) / 2, (y + v) / 2 + 3.0


def _return(arrow: Arrow, layout: Nest) -> str:
    """A way back to the begin of a step, along the left side of the frame."""
    points = layout.returns[down(arrow)]
    kind, shift = ("backward", -3.5) if arrow.is_backward else ("forward", 3.5)
    points = [(x, y + shift) for x, y in (points[::-1] if arrow.is_backward else points)]
    (_, _), (u, v), (w, z), (x, y) = points
    corner = 8.0 if z > v else -8.0
    path = (
        f"M{points[0][0]:.1f} {points[0][1]:.1f}H{u + shift + 8.0:.1f}"
        f"Q{u + shift:.1f} {v:.1f} {u + shift:.1f} {v + corner:.1f}V{z - corner:.1f}"
        f"Q{w + shift:.1f} {z:.1f} {w + shift + 8.0:.1f} {z:.1f}H{x:.1f}"
    )
    tip = f"{x:.1f},{y:.1f} {x - 7.0:.1f},{y - 3.5:.1f} {x - 7.0:.1f},{y + 3.5:.1f}"
    ends = f'data-from="{_quoted(arrow.start)}" data-to="{_quoted(arrow.end)}"'
    inside = f'<path d="{path}"/><polygon class="tip" points="{tip}"/>'
    title = f"<title>{_quoted(arrow.label)}</title>"
    return f'<g class="arrow {kind}" {ends}>{title}{inside}</g>'


def _outline(frame: Frame, layout: Nest) -> str:
    x, y, width, height = layout.frames[frame.key]
    size = f'width="{width:.1f}" height="{height:.1f}"'
    place = f'x="{x - width / 2:.1f}" y="{y - height / 2:.1f}"'
    return f'<g {_kind(frame)}><rect {place} {size} rx="8"/></g>'


def _title(frame: Frame, layout: Nest) -> str:
    """The title of a frame, on what passes there."""
    x, y, width, height = layout.frames[frame.key]
    left, top = x - width / 2 + 10.0, y - height / 2 + 16.0
    rows = [("title", row) for row in frame.rows]
    rows += [("title bar", frame.back)] * bool(frame.back)
    texts = [
        f'<text class="{kind}" x="{left:.1f}" y="{top + LINE * n:.1f}">{_quoted(row)}</text>'
        for n, (kind, row) in enumerate(rows)
    ]
    return f"<g {_kind(frame)}>{''.join(texts)}</g>"


def _kind(frame: Frame) -> str:
    """Whether a way is taken, and where it has a number that says so, that."""
    kind = 'class="frame"' if frame.is_taken else 'class="frame untaken"'
    if not frame.slot:
        return kind
    return f'{kind} data-way="{_quoted(frame.slot)}" data-first="{frame.is_first}"'


def _box(box: Box, layout: Nest) -> str:
    x, y, width, height = layout.boxes[box.key]
    frame = _frame(x, y, width, height, is_round=box.is_input)
    if box.is_shared:
        frame = _frame(x, y, width + 6.0, height + 6.0, is_round=box.is_input) + frame
    lines = []
    for number, row in enumerate(box.rows):
        slot = box.slots[number] if box.slots else ""
        kind = "bar" if slot.startswith("bar") else "value" if slot else ""
        at = y - (len(box.rows) - 1) * LINE / 2 + number * LINE + 4.0
        lines.append(
            f'<text class="{kind}" x="{x:.1f}" y="{at:.1f}" text-anchor="middle">'
            f"{_ending(row, slot)}</text>"
        )
    title = f"<title>line {box.line} of the source</title>" if box.line else ""
    return f'<g class="box" data-key="{_quoted(box.key)}">{title}{frame}{"".join(lines)}</g>'


def _frame(x: float, y: float, width: float, height: float, *, is_round: bool) -> str:
    corner = f' rx="{height / 2:.1f}"' if is_round else ""
    return (
        f'<rect x="{x - width / 2:.1f}" y="{y - height / 2:.1f}" '
        f'width="{width:.1f}" height="{height:.1f}"{corner}/>'
    )


def _ending(row: str, slot: str) -> str:
    """A text; where it ends with a number, that has a place by whose name it is found."""
    head, sign, number = row.rpartition("= ")
    if not slot:
        return _quoted(row)
    return f'{_quoted(head + sign)}<tspan data-v="{_quoted(slot)}">{_quoted(number)}</tspan>'


def _quoted(text: str) -> str:
    return html.escape(text, quote=True)
