r"""Matrices in LaTeX: environments of rows, and names of environments."""

from __future__ import annotations

from symdiff.frontend.latex import words
from symdiff.frontend.latex.calculus import Calculus
from symdiff.frontend.latex.cursor import Node
from symdiff.frontend.latex.tokens import Token


class Matrices(Calculus):
    """Reads matrices."""

    def environment_name(self) -> str:
        r"""The name in the braces after `\begin` or `\end`."""
        opened = self.expect("{")
        name = ""
        while self.next.kind in ("letter", "*"):
            name += self.take().text
        self.expect("}", opened)
        return name

    def close_environment(self, name: str) -> None:
        r"""Read `\end{...}`."""
        end = self.expect(r"\end")
        if self.environment_name() != name:
            raise self.fault(f"\\begin{{{name}}} is closed by another environment", end.span)

    def matrix(self, name: str, macro: Token) -> Node:
        """Rows of entries; a determinant between single bars."""
        bars, self.bars = self.bars, []
        rows = [self.row()]
        while self.next.kind in ("\\\\", r"\cr"):
            self.take()
            if self.next.kind != r"\end":
                rows.append(self.row())
        self.bars = bars
        if self.next.kind == "end":
            raise self.fault(rf"\begin{{{name}}} is never closed", macro.span)
        self.close_environment(name)
        for row in rows:
            if len(row.parts) != len(rows[0].parts):
                raise self.fault(
                    f"this row has another number of entries than the first, {len(row.parts)}"
                    f" instead of {len(rows[0].parts)}",
                    row.span,
                )
        found = Node("matrix", name, tuple(rows), macro.start, self.last_end)
        if words.MATRICES[name]:
            return Node("call", words.MATRICES[name], (found,), macro.start, self.last_end)
        return found

    def row(self) -> Node:
        """Entries with `&` between."""
        entries = [self.expression()]
        while self.next.kind == "&":
            self.take()
            entries.append(self.expression())
        return Node("row", "", tuple(entries), entries[0].start, entries[-1].end)
