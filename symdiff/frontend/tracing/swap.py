"""Values in namespaces and closures that others stand for meanwhile, and the way back."""

from __future__ import annotations

from types import CellType
from typing import Any


class Swap:
    """What was put in the place of what, in namespaces and in closure cells."""

    def __init__(self) -> None:
        self._names: list[tuple[dict[str, Any], str, Any, Any]] = []
        self._cells: list[tuple[CellType, Any, Any]] = []

    def put(self, space: dict[str, Any], name: str, new: Any) -> None:
        """Let a name mean something else."""
        self._names.append((space, name, space[name], new))
        space[name] = new

    def fill(self, cell: CellType, new: Any) -> None:
        """Let a closure cell hold something else."""
        self._cells.append((cell, cell.cell_contents, new))
        cell.cell_contents = new

    def undo(self) -> None:
        """Put all back, unless the user's code has bound a name anew meanwhile."""
        for space, name, old, new in reversed(self._names):
            if space.get(name) is new:
                space[name] = old
        for cell, old, new in reversed(self._cells):
            if content(cell) is new:
                cell.cell_contents = old
        self._names.clear()
        self._cells.clear()


def content(cell: CellType) -> Any:
    """What a closure cell holds; `None` where it is not filled yet."""
    try:
        return cell.cell_contents
    except ValueError:
        return None
