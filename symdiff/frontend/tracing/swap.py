"""Values in namespaces, closures and classes that others stand for meanwhile, and the way back."""

from __future__ import annotations

from types import CellType
from typing import Any

_ABSENT = object()


class Swap:
    """What was put in the place of what: in namespaces, in closure cells, in classes."""

    def __init__(self) -> None:
        self._names: list[tuple[dict[str, Any], str, Any, Any]] = []
        self._cells: list[tuple[CellType, Any, Any]] = []
        self._attributes: list[tuple[type, str, Any]] = []

    def put(self, space: dict[str, Any], name: str, new: Any) -> None:
        """Let a name mean something else."""
        self._names.append((space, name, space.get(name, _ABSENT), new))
        space[name] = new

    def fill(self, cell: CellType, new: Any) -> None:
        """Let a closure cell hold something else."""
        self._cells.append((cell, cell.cell_contents, new))
        cell.cell_contents = new

    def give(self, kind: type, name: str, new: Any) -> None:
        """Let a class of Python's own have another method."""
        self._attributes.append((kind, name, vars(kind)[name]))
        setattr(kind, name, new)

    def undo(self) -> None:
        """Put all back, unless the user's code has bound a name anew meanwhile."""
        for space, name, old, new in reversed(self._names):
            if space.get(name) is not new:
                continue
            if old is _ABSENT:
                del space[name]
            else:
                space[name] = old
        for cell, old, new in reversed(self._cells):
            if content(cell) is new:
                cell.cell_contents = old
        for kind, name, old in reversed(self._attributes):
            setattr(kind, name, old)
        self._attributes.clear()
        self._names.clear()
        self._cells.clear()


def content(cell: CellType) -> Any:
    """What a closure cell holds; `None` where it is not filled yet."""
    try:
        return cell.cell_contents
    except ValueError:
        return None
