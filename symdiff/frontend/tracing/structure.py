"""Nested tuples, lists, dicts and dataclasses of numbers and arrays, taken apart and rebuilt."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

Path = tuple[str | int, ...]
Leaf = tuple[Path, Any]


def leaves(value: Any, path: Path = ()) -> Iterator[Leaf]:
    """The leaves of a nested value, each with the way to it, in their order."""
    parts = members(value)
    if parts is None:
        yield path, value
    else:
        for key, part in parts:
            yield from leaves(part, (*path, key))


def rebuilt(value: Any, new: Callable[[Path, Any], Any]) -> Any:
    """The same structure with `new(path, leaf)` in the place of each leaf.

    A dataclass is initialized, so that what it derives from its fields is derived anew.
    """
    return _rebuilt(value, new, _initialized, ())


def bare(value: Any, new: Callable[[Path, Any], Any]) -> Any:
    """As `rebuilt`; what stands in the place of the leaves means nothing to a dataclass."""
    return _rebuilt(value, new, lambda value, fields: raw(type(value), fields), ())


def raw(kind: type, fields: Mapping[str, Any]) -> Any:
    """A dataclass with these fields, and nothing derived from them."""
    made: Any = object.__new__(kind)
    for field in dataclasses.fields(made):
        object.__setattr__(made, field.name, fields.get(field.name))
    return made


def members(value: Any) -> Sequence[tuple[str | int, Any]] | None:
    """The members of a container, by key; `None` for a leaf."""
    if isinstance(value, dict):
        return list(value.items())
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return list(zip(value._fields, value, strict=True))
    if isinstance(value, (tuple, list)):
        return list(enumerate(value))
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return [(f.name, getattr(value, f.name)) for f in dataclasses.fields(value) if f.init]
    return None


def path_name(argument: str, path: Sequence[Any]) -> str:
    """The name of a leaf as a parameter: `params["W1"]` is params_W1."""
    name = "_".join([argument, *[_identifier(key) for key in path]])
    return name if name.isidentifier() else argument


def _rebuilt(
    value: Any,
    new: Callable[[Path, Any], Any],
    of_dataclass: Callable[[Any, Mapping[str, Any]], Any],
    path: Path,
) -> Any:
    parts = members(value)
    if parts is None:
        return new(path, value)
    items = [(key, _rebuilt(part, new, of_dataclass, (*path, key))) for key, part in parts]
    if isinstance(value, dict):
        return dict(items)
    if dataclasses.is_dataclass(value):
        return of_dataclass(value, {str(key): part for key, part in items})
    values = [part for _, part in items]
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*values)
    return type(value)(values)


def _initialized(value: Any, fields: Mapping[str, Any]) -> Any:
    return dataclasses.replace(value, **fields)


def _identifier(key: object) -> str:
    return "".join(c if c.isalnum() or c == "_" else "_" for c in str(key))
