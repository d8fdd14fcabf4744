"""Tables of an explanation, in each form that it has: text, Markdown, LaTeX and HTML."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from symdiff.explain.mathml import mathml
from symdiff.explain.words import Formula
from symdiff.verify.table import MOST_LETTERS, Screen, Table, html_of, text_of

_TEX_SIGNS = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    **{sign: f"\\{sign}" for sign in "&%$#_{}"},
}


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


def text_form(screen: Screen) -> Form:
    """Text for a screen."""
    return replace(TEXT, table=partial(text_of, screen=screen))


def _markdown_table(of: Table) -> str:
    rule = ["---:" if side == "r" else "---" for side in of.align]
    cells = [
        of.headings,
        rule,
        *[[_code(cell) for cell in row] for row in of.cut(MOST_LETTERS).rows],
    ]
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


TEXT = Form(_titled, text_of, "\n".join, joined)
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
    return html_of(of, html_cell)


def _html_notes(lines: Sequence[str]) -> str:
    return f"<p>{html.escape(' '.join(lines))}</p>" if lines else ""


HTML = Form(_html_source, _html_table, _html_notes, "\n".join)

FORMS = {"text": TEXT, "markdown": MARKDOWN, "latex": LATEX, "html": HTML}
