"""Tables of an explanation, as text and as Markdown, and values as a cell shows them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple  # values are numbers and NumPy's arrays

from symdiff.verify.table import table

MOST_ELEMENTS = 8  # of an array that is shown whole
MOST_ROWS = 60  # of a table that is shown whole
LONGEST = 48  # of a cell
TEXT, MARKDOWN = "text", "markdown"


class Table(NamedTuple):
    """Rows under a title.

    Attributes:
        title: of the table.
        headings: one a column.
        rows: the cells.
        align: a letter a column: `l` or `r`.
    """

    title: str
    headings: Sequence[str]
    rows: Sequence[Sequence[str]]
    align: str

    def folded(self) -> Table:
        """The first and the last rows of many."""
        left_out = len(self.rows) - MOST_ROWS
        if left_out <= 0:
            return self
        half = MOST_ROWS // 2
        between = (f"... {left_out:,} more", *[""] * (len(self.headings) - 1))
        return self._replace(rows=[*self.rows[:half], between, *self.rows[-half:]])

    def written(self, form: str) -> str:
        """The title and the table, in one of the forms."""
        rows = [[_cut(cell) for cell in row] for row in self.rows]
        if form == TEXT:
            return f"{self.title}\n{table(self.headings, rows, self.align)}"
        rule = ["---:" if side == "r" else "---" for side in self.align]
        cells = [self.headings, rule, *[[_code(cell) for cell in row] for row in rows]]
        lines = [f"| {' | '.join(row)} |" for row in cells]
        return "\n".join([f"**{self.title}**", "", *lines])


def _cut(cell: str) -> str:
    return cell if len(cell) <= LONGEST else f"{cell[: LONGEST - 4]} ..."


def _code(cell: str) -> str:
    """A cell of Markdown, in which a formula's signs mean nothing else."""
    escaped = cell.replace("|", "\\|")
    return f"`{escaped}`" if cell else ""


def shown(value: Any) -> str:
    """A number, a small array whole, or the shape of a large one and what it lies between."""
    import numpy as np

    array = np.asarray(value)
    if array.ndim == 0:
        return _number(array.item())
    if array.size <= MOST_ELEMENTS:
        return _nested(array.tolist())
    if array.dtype == bool:
        return f"{_shape(array)}: true for {int(array.sum())}"
    return f"{_shape(array)}: {_number(array.min().item())} ... {_number(array.max().item())}"


def _shape(array: Any) -> str:
    return " x ".join(map(str, array.shape))


def _nested(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_nested, value))}]"
    return _number(value)


def _number(value: Any) -> str:
    """A number as Python writes it, or six digits of a long one."""
    text = repr(value)
    return text if len(text) <= MOST_ELEMENTS or not isinstance(value, float) else f"{value:.6g}"


def joined(parts: Iterable[str]) -> str:
    """Paragraphs, with an empty line between them."""
    return "\n\n".join(part for part in parts if part)
