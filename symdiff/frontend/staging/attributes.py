"""Attributes of an object: what it holds, where that is all there is to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


def held_by(value: Any) -> Mapping[str, Any] | None:
    """The attributes of an object, by name; `None` where there may be more to it than those."""
    kind: Any = type(value)
    if kind.__new__ is not object.__new__ or not _is_plain(kind):
        return None
    try:
        state: Any = object.__reduce_ex__(value, 2)[2]  # refused of what is held in C
    except TypeError:
        return None
    if isinstance(state, tuple):
        return {**(state[0] or {}), **state[1]}
    return state or {}


def _is_plain(kind: type) -> bool:
    """Whether a class says nothing of its own about what an object of it holds."""
    own = ("__reduce_ex__", "__reduce__", "__getstate__")
    is_own = any(getattr(kind, name) is not getattr(object, name) for name in own)
    return not is_own and not any(hasattr(kind, f"__getnewargs{ex}__") for ex in ("", "_ex"))


def with_attributes(kind: Any, attributes: Mapping[str, Any]) -> Any:
    """A new object of a class that holds these."""
    made = object.__new__(kind)
    slots = set(_slots_of(kind))
    for name, value in attributes.items():
        if name in slots:
            object.__setattr__(made, name, value)
        else:
            vars(made)[name] = value
    return made


def _slots_of(kind: type) -> Iterator[str]:
    for base in kind.__mro__:
        slots = vars(base).get("__slots__", ())
        yield from (slots,) if isinstance(slots, str) else slots
