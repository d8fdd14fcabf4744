"""Tables of an explanation, in each form that it has: text, Markdown, LaTeX and HTML."""

from __future__ import annotations

import html
import textwrap
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import NamedTuple

from symdiff.explain.mathml import mathml
from symdiff.explain.words import Formula
from symdiff.verify.table import html_table, table

MOST_ROWS = 60  # of a table that is shown whole
LONGEST, LEAST = 48, 12  # letters of a cell: where there is room, and where there is none
_TEX_SIGNS = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    **{sign: f"\\{sign}" for sign in "&%$#_{}"},
}


class Table(NamedTuple):
    """Rows under a title.

    Attributes:
        title: of the table.
        headings: one a column.
        rows: the cells, formulas and words.
        align: a letter a column: `l` or `r`.
        split: the column at which a narrow screen goes on with a second table; 0 for none.
        key: the column that this repeats.
    """

    title: str
    headings: Sequence[str]
    rows: Sequence[Sequence[str]]
    align: str
    split: int = 0
    key: int = 0

    def folded(self) -> Table:
        """The first and the last rows of many."""
        left_out = len(self.rows) - MOST_ROWS
        if left_out <= 0:
            return self
        half = MOST_ROWS // 2
        between = (f"... {left_out:,} more", *[""] * (len(self.headings) - 1))
        return self._replace(rows=[*self.rows[:half], between, *self.rows[-half:]])

    def halves(self) -> Iterator[Table]:
        """The columns before the split, then those behind it, without empty rows."""
        before, behind = [*range(self.split)], [*range(self.split, len(self.headings))]
        for columns, kept in ((before, before), ([self.key, *behind], behind)):
            rows = [[row[k] for k in columns] for row in self.rows if any(row[k] for k in kept)]
            headings = [self.headings[k] for k in columns]
            yield Table(self.title, headings, rows, "".join([self.align[k] for k in columns]))


@dataclass(frozen=True)
class Form:
    """A way to write an explanation down.

    Attributes:
        source: writes the source and the point that it is explained at.
        table: writes a table with its title.
        notes: writes what there is to say beside.
        whole: writes all of these together.
    """

    source: Callable[[str, Formula], str]
    table: Callable[[Table], str]
    notes: Callable[[Sequence[str]], str]
    whole: Callable[[Iterable[str]], str]


def joined(parts: Iterable[str]) -> str:
    """Paragraphs, with an empty line between them."""
    return "\n\n".join(part for part in parts if part)


# --- text and Markdown ---------------------------------------------------------------------------


def _cut(cell: str, longest: int = LONGEST) -> str:
    return cell if len(cell) <= longest else f"{cell[: longest - 4]} ..."


def _text_table(of: Table, width: int | None = None) -> str:
    """The table, its cells cut until it is no wider, or in halves where these are too short."""
    for longest in range(LONGEST, LEAST - 1, -2):
        rows = [[_cut(cell, longest) for cell in row] for row in of.rows]
        text = table(of.headings, rows, of.align)
        if width is None or max(map(len, text.split("\n"))) <= width:
            break
    else:
        if of.split:
            return joined(_text_table(half, width) for half in of.halves())
    title = textwrap.wrap(of.title, width, subsequent_indent="  ") if width else [of.title]
    return "\n".join([*title, text])


def text_form(width: int) -> Form:
    """Text for a screen of so many columns."""
    return replace(TEXT, table=partial(_text_table, width=width))


def _markdown_table(of: Table) -> str:
    rule = ["---:" if side == "r" else "---" for side in of.align]
    cells = [of.headings, rule, *[[_code(_cut(cell)) for cell in row] for row in of.rows]]
    lines = [f"| {' | '.join(row)} |" for row in cells]
    return "\n".join([f"**{of.title}**", "", *lines])


def _code(cell: str) -> str:
    """A cell of Markdown, in which a formula's signs mean nothing else."""
    escaped = cell.replace("|", "\\|")
    return f"`{escaped}`" if cell else ""


def _fenced(text: str) -> str:
    """A block of code, whose fence is longer than any in it."""
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{fence}\n{text}\n{fence}"


def _titled(source: str, point: Formula) -> str:
    return f"{source}\nat {point}" if point else source


TEXT = Form(_titled, _text_table, "\n".join, joined)
MARKDOWN = Form(
    lambda source, point: _fenced(_titled(source, point)), _markdown_table, "\n".join, joined
)

# --- LaTeX ---------------------------------------------------------------------------------------


def tex_text(text: str) -> str:
    """A text, in which LaTeX's signs stand for themselves."""
    return "".join([_TEX_SIGNS.get(sign, sign) for sign in text])


def _tex_cell(cell: str) -> str:
    if not cell:
        return ""
    return rf"$\displaystyle {cell.tex}$" if isinstance(cell, Formula) else tex_text(cell)


def _tex_source(source: str, point: Formula) -> str:
    lines = [rf"\texttt{{{tex_text(line)}}}".replace(" ", r"\ ") for line in source.split("\n")]
    where = [rf"at ${point.tex}$"] if point else []
    return r"\noindent " + " \\\\\n".join([*filter(r"\texttt{}".__ne__, lines), *where])


def _tex_table(of: Table) -> str:
    rows = [" & ".join(map(_tex_cell, row)) + r" \\" for row in of.rows]
    head = " & ".join(map(tex_text, of.headings)) + r" \\ \hline"
    body = "\n".join([head, *rows])
    begin, end = rf"\begin{{tabular}}{{{of.align}}}", r"\end{tabular}"
    return f"\\subsection*{{{tex_text(of.title)}}}\n{begin}\n{body}\n{end}"


LATEX = Form(_tex_source, _tex_table, lambda lines: tex_text("\n".join(lines)), joined)

# --- HTML ----------------------------------------------------------------------------------------


def html_cell(cell: str) -> str:
    """A formula as MathML, words as they are."""
    return mathml(cell.tex) if cell and isinstance(cell, Formula) else html.escape(cell)


def _html_source(source: str, point: Formula) -> str:
    where = f"<p>at {html_cell(point)}</p>" if point else ""
    return f"<pre>{html.escape(source)}</pre>{where}"


def _html_table(of: Table) -> str:
    return html_table(of.title, of.headings, of.rows, of.align, html_cell)


def _html_notes(lines: Sequence[str]) -> str:
    return f"<p>{html.escape(' '.join(lines))}</p>" if lines else ""


HTML = Form(_html_source, _html_table, _html_notes, "\n".join)

FORMS = {"text": TEXT, "markdown": MARKDOWN, "latex": LATEX, "html": HTML}
