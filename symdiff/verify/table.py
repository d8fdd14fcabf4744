"""Tables of reports, as plain text and as HTML."""

from __future__ import annotations

import html
import textwrap
from collections.abc import Callable, Iterator, Sequence
from io import StringIO
from typing import NamedTuple

WIDTH = 100
MOST_ROWS = 60  # of a table that is shown whole
MOST_LETTERS, SHORTEST = 48, 12  # of a cell: where there is room, and where there is none
MOST_COORDINATES = 6
LONGEST = 60  # of a coordinate, as of an array
LONGEST_NAME = 20  # of a row: the verdict must still be seen


class Screen(NamedTuple):
    """What a text is read on.

    Attributes:
        width: its columns; `None` where it is no screen.
        is_styled: whether Rich draws its tables.
    """

    width: int | None = None
    is_styled: bool = False


PLAIN = Screen()


class Table(NamedTuple):
    """Rows under a title.

    Attributes:
        title: of the table; empty for none.
        headings: one a column.
        rows: the cells, formulas and words.
        align: a letter a column: `l` or `r`.
        split: the column at which a narrow screen goes on with a second table; 0 for wherever the
            screen ends.
        key: the column that this repeats.
        longest: letters of a cell, where there is room.
    """

    title: str
    headings: Sequence[str]
    rows: Sequence[Sequence[str]]
    align: str
    split: int = 0
    key: int = 0
    longest: int = MOST_LETTERS

    def folded(self) -> Table:
        """The first and the last rows of many."""
        left_out = len(self.rows) - MOST_ROWS
        if left_out <= 0:
            return self
        half = MOST_ROWS // 2
        between = (f"... {left_out:,} more", *[""] * (len(self.headings) - 1))
        return self._replace(rows=[*self.rows[:half], between, *self.rows[-half:]])

    def cut(self, longest: int) -> Table:
        """With cells of at most so many letters."""
        return self._replace(rows=[[cut(cell, longest) for cell in row] for row in self.rows])

    @property
    def widths(self) -> list[int]:
        """How wide each column is."""
        lines = [self.headings, *self.rows]
        return [max(map(len, column)) for column in zip(*lines, strict=True)]

    @property
    def width(self) -> int:
        """How wide it is: two spaces are between columns."""
        return sum(self.widths) + 2 * (len(self.headings) - 1)

    def fitting(self, width: int | None) -> list[Table]:
        """It with its cells cut until it is no wider, or parts of it where these are too short."""
        for longest in range(self.longest, SHORTEST - 1, -2):
            found = self.cut(longest)
            if width is None or found.width <= width:
                return [found]
        return list(self.cut(SHORTEST if not self.split else self.longest)._parts(width or 0))

    def _parts(self, width: int) -> Iterator[Table]:
        """The columns before the split, then those behind it, without empty rows."""
        if not self.split:
            yield from self._pieces(width)
            return
        before, behind = [*range(self.split)], [*range(self.split, len(self.headings))]
        for columns, kept in ((before, before), ([self.key, *behind], behind)):
            rows = [row for row in self.rows if any(row[k] for k in kept)]
            yield from self._replace(rows=rows)._of(columns).fitting(width)

    def _pieces(self, width: int) -> Iterator[Table]:
        """As many columns as the screen has room for, the key before each piece of them."""
        columns = [self.key]
        for k in range(len(self.headings)):
            wider = sum(self.widths[c] + 2 for c in [*columns, k]) - 2
            if len(columns) > 1 and wider > width:
                yield self._of(columns)
                columns = [self.key]
            columns += [k] * (k != self.key)
        yield self._of(columns)

    def _of(self, columns: Sequence[int]) -> Table:
        """Some of its columns."""
        rows = [[row[k] for k in columns] for row in self.rows]
        headings, align = [self.headings[k] for k in columns], [self.align[k] for k in columns]
        return self._replace(headings=headings, rows=rows, align="".join(align), split=0, key=0)


def text_of(of: Table, screen: Screen = PLAIN) -> str:
    """A table as text: columns of equal width, two spaces apart, within the screen's width.

    Rich draws it where the screen says so: the same cells, with colours.
    """
    draw = _styled if screen.is_styled else _plain
    return "\n\n".join([draw(part, screen.width) for part in of.fitting(screen.width)])


def _plain(of: Table, width: int | None) -> str:
    widths = of.widths
    cells = [list(map(_cell, line, widths, of.align)) for line in (of.headings, *of.rows)]
    lines = ["  ".join(line).rstrip() for line in cells]
    rule = "  ".join(["-" * wide for wide in widths])
    return "\n".join([*_title(of, width), lines[0], rule, *lines[1:]])


def _title(of: Table, width: int | None) -> list[str]:
    if not of.title or width is None:
        return [of.title] * bool(of.title)
    return textwrap.wrap(of.title, width, subsequent_indent="  ")


def _styled(of: Table, width: int | None) -> str:
    """As Rich draws it: numbers, and what disagrees, are told from words."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table as Drawn
    from rich.text import Text

    drawn = Drawn(
        header_style="bold",
        box=SIMPLE_HEAD,
        show_edge=False,
        pad_edge=False,
        padding=(0, 1, 0, 0),
    )
    for heading, side in zip(of.headings, of.align, strict=True):
        if side == "r":
            drawn.add_column(Text(heading), style="cyan", justify="right", no_wrap=True)
        else:
            drawn.add_column(Text(heading), no_wrap=True)
    for row in of.rows:
        drawn.add_row(*[Text(cell, style=_STYLES.get(cell, "")) for cell in row])
    text = StringIO()
    columns = max(of.width, width or 0)
    console = Console(file=text, width=columns, force_terminal=True, highlight=False)
    for line in _title(of, width):
        console.print(Text(line, style="bold"))
    console.print(drawn)
    return text.getvalue().rstrip("\n")


_STYLES = {"agrees": "green", "disagrees": "bold red", "not taken": "dim", "sum": "dim"}


def _cell(text: str, width: int, side: str) -> str:
    return text.rjust(width) if side == "r" else text.ljust(width)


def cut(text: str, longest: int) -> str:
    """A text without what goes beyond a number of letters."""
    return text if len(text) <= longest else f"{text[: longest - 4]} ..."


def html_of(of: Table, written: Callable[[str], str] = html.escape) -> str:
    """A table as an element of a page.

    Args:
        of: the table.
        written: a cell as HTML.
    """
    sides = ["right" if side == "r" else "left" for side in of.align]

    def row(tag: str, cells: Sequence[str]) -> str:
        inside = [
            f'<{tag} style="text-align:{side}">{cell}</{tag}>'
            for side, cell in zip(sides, cells, strict=True)
        ]
        return f"<tr>{''.join(inside)}</tr>"

    caption = f"<caption>{html.escape(of.title)}</caption>\n" if of.title else ""
    head = row("th", list(map(html.escape, of.headings)))
    body = "\n".join([row("td", list(map(written, cells))) for cells in of.rows])
    return f"<table>{caption}<thead>{head}</thead>\n<tbody>{body}</tbody></table>"


def short(number: float) -> str:
    """A number of a table: two digits; empty for NaN."""
    return "" if number != number else f"{number:.2g}"


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
    return cut(text, LONGEST)
