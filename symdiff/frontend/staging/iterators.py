"""Iterators of Python's, each with the way of a branch, or the step of a loop, that it was made in.

An iterator is gone through once, wherever it is kept: a way that is not taken must leave it as it
is, and a step that stands for all of them cannot say what is left of it.
"""

from __future__ import annotations

import builtins
import copy
import itertools
import operator
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import wraps
from typing import Any

from symdiff.frontend.staging import effects

_TAKING = frozenset(("send", "throw", "close"))


class Leaving:
    """What can be left at an item that values decide, so that what is left of it is not known."""

    def leave(self) -> None:
        """Be left."""
        raise NotImplementedError


class Once(Leaving, Iterator[Any]):
    """An iterator that is gone through in the way that it was made in, or outside of all.

    Args:
        made: Python's.
        parts: what it goes through, iterators among it.
    """

    def __init__(self, made: Iterator[Any], parts: Iterable[Any] = ()) -> None:
        self._made = made
        self._parts = [part for part in parts if isinstance(part, Leaving)]
        effects.fresh(self)

    @property  # type: ignore[misc]  # what `isinstance` asks for
    def __class__(self) -> Any:
        return type(self._made)

    def __next__(self) -> Any:
        effects.refuse_shared(self, "an iterator is gone through")
        return next(self._made)

    def __getattr__(self, name: str) -> Any:
        if name in _TAKING:
            effects.refuse_shared(self, "an iterator is gone through")
        return getattr(self._made, name)

    def leave(self) -> None:
        """Be left."""
        self._made = of_unknown_rest()
        for part in self._parts:
            part.leave()

    def __length_hint__(self) -> int:
        return operator.length_hint(self._made)

    def __reduce__(self) -> Any:
        return once, (copy.copy(self._made),)


def of_unknown_rest() -> Iterator[Any]:
    """What is left of an iterator that was left where values decide."""
    effects.current().refuse(
        "which items are left of an iterator depends on values: a loop over it was left",
        "make a new one, or go through a list or an array",
    )
    yield


def once(found: Any, parts: Iterable[Any] = ()) -> Any:
    """What a call has returned; an iterator of Python's with the way that it is made in.

    Args:
        found: what was returned.
        parts: what the call was given.
    """
    return Once(found, parts) if isinstance(found, Iterator) and _is_pythons(type(found)) else found


def chosen_of(items: Any, made: Callable[[Iterable[Any]], Iterator[Any]]) -> Any:
    """`(made for item in items if ...)`, by a function that makes it of items."""
    return once(made(items), (items,))


def _is_pythons(kind: type) -> bool:
    """Whether a class is one of Python's own, in C."""
    return kind.__module__ in ("builtins", "itertools")


def of_generators(function: Callable[..., Any]) -> Callable[..., Any]:
    """A generator function whose generators are such."""

    @wraps(function)
    def make(*args: Any, **kwargs: Any) -> Any:
        return once(function(*args, **kwargs))

    return make


def _making(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *args, **kwargs: once(function(*args, **kwargs), args)


def _tee(*args: Any) -> tuple[Any, ...]:
    return tuple([once(part, args[:1]) for part in itertools.tee(*args)])


_KINDS = [kind for kind in vars(itertools).values() if hasattr(kind, "__next__")]
ITERATORS: Mapping[Any, Callable[..., Any]] = {
    **{make: _making(make) for make in (builtins.iter, builtins.map, builtins.filter, *_KINDS)},
    itertools.chain.from_iterable: _making(itertools.chain.from_iterable),
    itertools.tee: _tee,
}
