"""Pytrees: nested tuples, lists, dicts and dataclasses, flattened to their leaves and back.

Flattening visits the members in their order: a dict's as it has them, a dataclass's as it declares
its fields. Everything else is a leaf. A dict of a class of its own that cannot be initialized with
its items comes back as a plain one.
"""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Any

Path = tuple[str | int, ...]
Leaf = tuple[Path, Any]
Maker = Callable[[Sequence[Any]], Any]  # what makes a nested value of leaves


class Container:
    """A container that says itself what it holds, and is made again of that."""

    __slots__ = ()

    @property
    def members(self) -> Sequence[tuple[str | int, Any]]:
        """The members, by key."""
        raise NotImplementedError

    @classmethod
    def of_members(cls, keys: Sequence[str | int], members: Sequence[Any]) -> Any:
        """One with these members."""
        raise NotImplementedError


@dataclasses.dataclass(frozen=True, slots=True)
class Structure:
    """The form of a nested value, without its leaves. Two values of one form have equal ones.

    Attributes:
        kind: the class of the container; `None` for a leaf.
        keys: those of its members.
        parts: the structures of these.
    """

    kind: type | None
    keys: tuple[str | int, ...] = ()
    parts: tuple[Structure, ...] = ()

    def paths(self, path: Path = ()) -> Iterator[Path]:
        """The way to each leaf."""
        if self.kind is None:
            yield path
        for key, part in zip(self.keys, self.parts, strict=True):
            yield from part.paths((*path, key))

    def kinds(self) -> Iterator[type]:
        """The classes of the containers."""
        if self.kind is not None:
            yield self.kind
        for part in self.parts:
            yield from part.kinds()

    def unflatten(self, leaves: Sequence[Any]) -> Any:
        """The value with these leaves.

        A dataclass is initialized, so that what it derives from its fields is derived anew.
        """
        return _maker(self, iter(range(len(leaves))), lambda kind, fields: kind(**fields))(leaves)

    def maker(self, places: Iterable[int | None]) -> Maker:
        """What makes the value, again and again, of some leaves.

        The leaves mean nothing to a dataclass: it is not initialized, and derives nothing.

        Args:
            places: for each leaf where it stands among the given ones; `None` for none.
        """
        return _maker(self, iter(places), uninitialized)


def _maker(structure: Structure, places: Iterator[int | None], of_dataclass: Any) -> Maker:
    kind = structure.kind
    if kind is None:
        place = next(places)
        return (lambda _: None) if place is None else itemgetter(place)
    makers = [_maker(part, places, of_dataclass) for part in structure.parts]
    if issubclass(kind, Container):
        keys = structure.keys
        return lambda leaves: kind.of_members(keys, [make(leaves) for make in makers])
    keyed = list(zip(map(str, structure.keys), makers, strict=True))
    if issubclass(kind, dict):
        pairs = list(zip(structure.keys, makers, strict=True))
        if kind is dict:
            return lambda leaves: {key: make(leaves) for key, make in pairs}
        return lambda leaves: _dict_of(kind, {key: make(leaves) for key, make in pairs})
    if dataclasses.is_dataclass(kind):
        return lambda leaves: of_dataclass(kind, {key: make(leaves) for key, make in keyed})
    make_all: Any = kind
    if hasattr(kind, "_fields"):
        return lambda leaves: tuple.__new__(make_all, [make(leaves) for make in makers])
    return lambda leaves: make_all([make(leaves) for make in makers])


def _dict_of(kind: Any, items: dict[Any, Any]) -> dict[Any, Any]:
    """A dict of a class of its own, where that is initialized with a dict or with keywords."""
    for args, kwargs in (((items,), {}), ((), items)):
        with contextlib.suppress(Exception):  # whatever the user's class raises
            made: dict[Any, Any] = kind(*args, **kwargs)
            found = dict(dict.items(made))
            if [*map(id, found.values())] == [*map(id, items.values())]:
                return made
    return items


def flatten(value: Any) -> tuple[list[Any], Structure]:
    """The leaves of a nested value, and its form."""
    leaves: list[Any] = []
    return leaves, _structure(value, leaves)


def _structure(value: Any, leaves: list[Any]) -> Structure:
    parts = members(value)
    if parts is None:
        leaves.append(value)
        return Structure(None)
    keys = tuple([key for key, _ in parts])
    return Structure(type(value), keys, tuple([_structure(part, leaves) for _, part in parts]))


def leaves(value: Any) -> list[Leaf]:
    """The leaves of a nested value, each with the way to it."""
    found, structure = flatten(value)
    return list(zip(structure.paths(), found, strict=True))


def mapped(value: Any, new: Callable[[Path, Any], Any]) -> Any:
    """The same structure with `new(path, leaf)` in the place of each leaf."""
    found, structure = flatten(value)
    return structure.unflatten(
        [new(path, leaf) for path, leaf in zip(structure.paths(), found, strict=True)]
    )


def replaced(value: Any, new: Callable[[Path, Any], Any]) -> Any:
    """As `mapped`; what stands in the place of the leaves means nothing to a dataclass."""
    found, structure = flatten(value)
    made = [new(path, leaf) for path, leaf in zip(structure.paths(), found, strict=True)]
    return structure.maker(range(len(made)))(made)


def flatten_up_to(structure: Structure, value: Any) -> list[Any]:
    """What stands in a value where the leaves of a structure are; `None` in it counts for all.

    The keys of a dict may stand in another order.

    Raises:
        ValueError: where the value has another structure.
    """
    if structure.kind is None:
        return [value]
    if value is None:
        return [None] * len(list(structure.paths()))
    parts = members(value)
    by_key = dict(parts or ())
    if parts is None or by_key.keys() != set(structure.keys):
        raise ValueError("another structure")
    pairs = zip(structure.keys, structure.parts, strict=True)
    return [leaf for key, inner in pairs for leaf in flatten_up_to(inner, by_key[key])]


def members(value: Any) -> Sequence[tuple[str | int, Any]] | None:
    """The members of a container, by key; `None` for a leaf."""
    if isinstance(value, Container):
        return value.members
    if isinstance(value, dict):
        return list(value.items())
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return list(zip(value._fields, value, strict=True))
    if isinstance(value, (tuple, list)):
        return list(enumerate(value))
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return [(f.name, getattr(value, f.name)) for f in dataclasses.fields(value) if f.init]
    return None


def uninitialized(kind: type, fields: Mapping[str, Any]) -> Any:
    """A dataclass with these fields, and nothing derived from them."""
    made: Any = object.__new__(kind)
    for field in dataclasses.fields(made):
        object.__setattr__(made, field.name, fields.get(field.name))
    return made


def path_name(argument: str, path: Sequence[Any]) -> str:
    """The name of a leaf as a parameter: `params["W1"]` is params_W1."""
    name = "_".join([argument, *[_identifier(key) for key in path]])
    return name if name.isidentifier() else argument


def _identifier(key: object) -> str:
    return "".join(c if c.isalnum() or c == "_" else "_" for c in str(key))
