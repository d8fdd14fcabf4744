"""Initialization of dataclasses: whether one holds what its fields, given anew, lead to.

A dataclass among the arguments is initialized with tracers in the place of its numbers, so that
what it derives from its fields is derived anew. What was put into it otherwise would be lost.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Sequence
from typing import Any

from symdiff.errors import UnsupportedError
from symdiff.frontend.tracing.contents import is_plain_array
from symdiff.frontend.tracing.pytree import mapped, members
from symdiff.frontend.tracing.running import active

_MISSING = object()
_ADVICE = "make it a field that is initialized, or pass it as an argument of its own"


def refuse_strange_state(value: Any) -> None:
    """Refuse a dataclass that holds what initializing it with its fields does not give.

    Args:
        value: an argument, nested or not; it is left as it is.

    Raises:
        UnsupportedError: naming the attribute.
    """
    if active() is None and _may_differ(value):
        name = type(value).__name__
        try:
            again = mapped(value, lambda _, leaf: leaf.copy() if is_plain_array(leaf) else leaf)
        except Exception as error:  # whatever the user's class raises
            raise UnsupportedError(
                f"{name} cannot be initialized with its fields alone: {error}", suggestion=_ADVICE
            ) from None
        strange = _difference(value, again)
        if strange is not None:
            raise UnsupportedError(
                f"{name} holds another '{strange}' than initializing it with its fields gives",
                suggestion=_ADVICE,
            )


def has_state(value: Any) -> bool:
    """Whether a value is a dataclass that may hold more than the fields it is initialized with."""
    if not dataclasses.is_dataclass(value) or isinstance(value, type):
        return False
    kind = type(value)
    return not _is_plain(kind) or len(getattr(value, "__dict__", ())) > len(_fields(kind))


def _may_differ(value: Any) -> bool:
    """Whether there is such a dataclass in a value."""
    parts = members(value) or ()
    return has_state(value) or any([_may_differ(part) for _, part in parts])


@functools.lru_cache(maxsize=1024)
def _is_plain(kind: Any) -> bool:
    """Whether a dataclass holds the fields that it is given, and nothing else."""
    code: Any = getattr(kind.__init__, "__code__", None)
    if getattr(code, "co_filename", "") != "<string>" or hasattr(kind, "__post_init__"):
        return False  # written by the user, where `dataclasses` compiles it of a text
    _, *parameters = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    return set(parameters) == {field.name for field in _fields(kind)}


def _fields(kind: Any) -> Sequence[Any]:
    found: Sequence[Any] = dataclasses.fields(kind)
    return found


def _difference(one: Any, other: Any, seen: frozenset[int] = frozenset()) -> str | None:
    """The attribute, or the text of a key, that two values differ in; `None` where they agree."""
    if one is other or id(one) in seen:
        return None
    seen |= {id(one)}
    if type(one) is not type(other):
        return ""
    if is_plain_array(one):
        is_same = one.dtype == other.dtype and one.shape == other.shape
        return None if is_same and one.tobytes() == other.tobytes() else ""
    keyed = _attributes(one, other) if _has_attributes(one) else _members(one, other)
    if keyed is None:
        return None if _is_same(one, other) else ""
    for name, (part, again) in keyed.items():
        inner = _difference(part, again, seen)
        if inner is not None:
            return inner or name
    return None


def _has_attributes(value: Any) -> bool:
    """Whether a value is known by its attributes: a dataclass, and what compares by identity."""
    if dataclasses.is_dataclass(value):
        return True
    return getattr(type(value), "__eq__", None) is object.__eq__ and hasattr(value, "__dict__")


def _attributes(one: Any, other: Any) -> dict[str, tuple[Any, Any]]:
    fields = [f.name for f in _fields(type(one))] if dataclasses.is_dataclass(one) else []
    names = dict.fromkeys([*fields, *getattr(one, "__dict__", ()), *getattr(other, "__dict__", ())])
    return {n: (getattr(one, n, _MISSING), getattr(other, n, _MISSING)) for n in names}


def _members(one: Any, other: Any) -> dict[str, tuple[Any, Any]] | None:
    found, again = members(one), members(other)
    if found is None or again is None:
        return None
    if [key for key, _ in found] != [key for key, _ in again]:
        return {"": (found, _MISSING)}
    return {str(k): (part, other) for (k, part), (_, other) in zip(found, again, strict=True)}


def _is_same(one: Any, other: Any) -> bool:
    """Whether two values are equal; functions are by their code, a NaN is itself."""
    code = getattr(one, "__code__", None)
    if code is not None:
        return code is getattr(other, "__code__", None)
    try:
        return bool(one == other) or repr(one) == repr(other)
    except Exception:  # whatever the user's class raises
        return False
