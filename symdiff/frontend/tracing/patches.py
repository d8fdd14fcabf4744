"""Values in namespaces, closures and classes that others stand for meanwhile, and the way back."""

from __future__ import annotations

from types import CellType
from typing import Any

_ABSENT = object()


class Patches:
    """What was put in the place of what: in namespaces, in closure cells, in classes."""

    def __init__(self) -> None:
        self._names: list[tuple[Any, Any, Any, Any]] = []
        self._cells: list[tuple[CellType, Any, Any]] = []
        self._attributes: list[tuple[Any, str, Any, Any]] = []

    def put(self, space: Any, name: Any, new: Any) -> None:  # a dict or a list, by key or place
        """Let a name mean something else."""
        self._names.append((space, name, _now(space, name), new))
        space[name] = new

    def attribute(self, owner: Any, name: str, new: Any) -> None:
        """Let an attribute mean something else."""
        self._attributes.append((owner, name, _held(owner, name), new))
        _set(owner, name, new)

    def fill(self, cell: CellType, new: Any) -> None:
        """Let a closure cell hold something else."""
        self._cells.append((cell, cell.cell_contents, new))
        cell.cell_contents = new

    def undo(self) -> None:
        """Put all back, unless the user's code has bound a name anew meanwhile."""
        for space, name, old, new in reversed(self._names):
            if _now(space, name) is not new:
                continue
            if old is _ABSENT:
                del space[name]
            else:
                space[name] = old
        for owner, attribute, old, new in reversed(self._attributes):
            if _held(owner, attribute) is new:
                _set(owner, attribute, old)
        for cell, old, new in reversed(self._cells):
            if content(cell) is new:
                cell.cell_contents = old
        self._names.clear()
        self._cells.clear()
        self._attributes.clear()


def _held(owner: Any, name: str) -> Any:
    """What an attribute is; in a class, a property or a static method itself."""
    own = vars(owner) if isinstance(owner, type) else {}
    return own[name] if name in own else getattr(owner, name)


def _set(owner: Any, name: str, value: Any) -> None:
    """Set an attribute, of an object that is frozen too."""
    change: Any = type.__setattr__ if isinstance(owner, type) else object.__setattr__
    change(owner, name, value)


def _now(space: Any, name: Any) -> Any:
    """What stands under a key, or at a place of a list."""
    if isinstance(space, list):
        return space[name] if name < len(space) else _ABSENT
    return space.get(name, _ABSENT)


def content(cell: CellType) -> Any:
    """What a closure cell holds; `None` where it is not filled yet."""
    try:
        return cell.cell_contents
    except ValueError:
        return None
