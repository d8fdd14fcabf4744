"""Functions of a C file: their declarations and their documentation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from symdiff.graph.shape import Dimension
from symdiff.schedule.nests.extents import TOO_MANY_STEPS


class Parameter(NamedTuple):
    """A parameter of a C function.

    Attributes:
        name: in the text.
        text: its declaration.
        says: what it is, for the documentation.
    """

    name: str
    text: str
    says: str


class Function(NamedTuple):
    """A C function.

    Attributes:
        name: in the module of another target.
        symbol: in the file.
        returns: the type of the result.
        parameters: in order.
        docstring: lines that say what it computes.
        lines: the statements.
        workspace: the numbers of a workspace, of doubles and of whole numbers; `""` for none.
        errors: of the numbers from 1 on that it may return, the exception and what that says.
        lengths: the names of lengths that stand before the inputs.
        memory: the last parameters: workspaces, and before them what `steps` names.
        steps: the parameter that says how many steps of a loop workspaces hold; `""` for none.
    """

    name: str
    symbol: str
    returns: str
    parameters: Sequence[Parameter]
    docstring: Sequence[str]
    lines: Sequence[str]
    workspace: Mapping[str, Dimension]
    errors: Sequence[tuple[str, str]] = ()
    lengths: Sequence[str] = ()
    memory: Sequence[Parameter] = ()
    steps: str = ""

    @property
    def too_small(self) -> frozenset[int]:
        """What it returns where its workspaces hold too few steps."""
        return frozenset(k for k, x in enumerate(self.errors, start=1) if x == TOO_MANY_STEPS)

    @property
    def head(self) -> str:
        """The declaration, without what ends it."""
        taken = [p.text for p in self.parameters] or ["void"]
        line = f"{self.returns} {self.symbol}({', '.join(taken)})"
        if len(line) <= 100:
            return line
        return f"{self.returns} {self.symbol}(\n    " + ",\n    ".join(taken) + ")"

    @property
    def comment(self) -> list[str]:
        """The lines of the documentation."""
        lines = [*self.docstring]
        lines += [f"@param {p.name} {p.says}" for p in self.parameters]
        if self.returns == "int":
            lines.append("@return 0, or the number of the check that failed:")
            lines += [f"    {k}: {e}: {said}" for k, (e, said) in enumerate(self.errors, start=1)]
        return [f" * {_commented(line)}".rstrip() for line in lines]


def _commented(line: str) -> str:
    """A text that ends no comment and begins none."""
    return line.replace("*/", "* /").replace("/*", "/ *")
