"""Tables of reports, as plain text and as HTML."""

from __future__ import annotations

import html
import textwrap
from collections.abc import Callable, Sequence

WIDTH = 100
MOST_COORDINATES = 6
LONGEST = 60  # of a coordinate, as of an array
LONGEST_NAME = 20  # of a row: the verdict must still be seen


def table(headings: Sequence[str], rows: Sequence[Sequence[str]], align: str) -> str:
    """Columns of equal width, two spaces apart.

    Args:
        headings: one a column.
        rows: the cells.
        align: a letter a column: `l` or `r`.
    """
    lines = [headings, *rows]
    widths = [max(len(cell) for cell in column) for column in zip(*lines, strict=True)]
    printed = ["  ".join(map(_cell, line, widths, align)).rstrip() for line in lines]
    rule = "  ".join("-" * width for width in widths)
    return "\n".join([printed[0], rule, *printed[1:]])


def _cell(text: str, width: int, side: str) -> str:
    return text.rjust(width) if side == "r" else text.ljust(width)


def html_table(
    title: str,
    headings: Sequence[str],
    rows: Sequence[Sequence[str]],
    align: str,
    written: Callable[[str], str] = html.escape,
) -> str:
    """The same as an element of a page.

    Args:
        title: empty for none.
        headings: one a column.
        rows: the cells.
        align: a letter a column: `l` or `r`.
        written: a cell as HTML.
    """
    sides = ["right" if side == "r" else "left" for side in align]

    def row(tag: str, cells: Sequence[str]) -> str:
        inside = [
            f'<{tag} style="text-align:{side}">{cell}</{tag}>'
            for side, cell in zip(sides, cells, strict=True)
        ]
        return f"<tr>{''.join(inside)}</tr>"

    caption = f"<caption>{html.escape(title)}</caption>\n" if title else ""
    head = row("th", list(map(html.escape, headings)))
    body = "\n".join([row("td", list(map(written, cells))) for cells in rows])
    return f"<table>{caption}<thead>{head}</thead>\n<tbody>{body}</tbody></table>"


def short(number: float) -> str:
    """A number of a table: two digits; empty for NaN."""
    return "" if number != number else f"{number:.2g}"


def cut(line: str) -> str:
    """A line without what goes beyond the width of a screen."""
    return line if len(line) <= WIDTH else f"{line[: WIDTH - 4]} ..."


def name_cell(name: str) -> str:
    """A name in a row, its end kept: names of one program differ there as often as in front."""
    half = LONGEST_NAME // 2 - 1
    return name if len(name) <= LONGEST_NAME else f"{name[:half]}..{name[-half:]}"


def folded(text: str, width: int | None = None) -> list[str]:
    """A text on lines of a screen's width, or of a usual one."""
    return textwrap.wrap(text, min(width or WIDTH, WIDTH), subsequent_indent="    ")


def place(point: Sequence[tuple[str, object]]) -> str:
    """The coordinates of a point; the first few of many."""
    shown = [f"{name}={_shortened(repr(value))}" for name, value in point[:MOST_COORDINATES]]
    return ", ".join([*shown, "..."] if len(point) > MOST_COORDINATES else shown)


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 4]} ..."
