"""Builtins of Python's on tracers: `max`, `min`, `sorted`, `any`, `all`, `float`, `int`, `bool`."""

from __future__ import annotations

import builtins
import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from types import FunctionType
from typing import Any

from symdiff.frontend.staging import effects
from symdiff.frontend.staging.decisions import choice, condition_of, conjunction, disjunction
from symdiff.frontend.staging.iterators import Leaving
from symdiff.frontend.staging.merge import is_number, python_class
from symdiff.frontend.staging.sources import ITERATING
from symdiff.frontend.staging.texts import message
from symdiff.frontend.tracing.questions import QUESTIONS, length_in_user_code
from symdiff.frontend.tracing.scalars import as_python, asked

Compare = Callable[[Any, Any], Any]


def _extreme(plain: Callable[..., Any], is_better: Compare) -> Callable[..., Any]:
    """`max` or `min`: of equal ones the first, as Python has it."""

    def extreme(*args: Any, **options: Any) -> Any:
        values = list(args[0]) if len(args) == 1 else list(args)
        key = options.get("key")
        if not any(map(_may_be_open, values)) and key is None:
            return plain(values, **options) if len(args) == 1 else plain(*args, **options)
        if not values:
            return plain(values, **options)
        best, rank = values[0], values[0] if key is None else key(values[0])
        for value in values[1:]:
            other = value if key is None else key(value)
            best, rank = _better(is_better, best, rank, value, other)
        return best

    return extreme


def _better(is_better: Compare, best: Any, rank: Any, value: Any, other: Any) -> tuple[Any, Any]:
    better = is_better(other, rank)
    is_ranked = rank is not best or other is not value
    chosen = choice(better, lambda: value, lambda: best)
    return chosen, choice(better, lambda: other, lambda: rank) if is_ranked else chosen


def _sorted(values: Iterable[Any], /, **options: Any) -> list[Any]:
    """`sorted`: as NumPy sorts numbers of one kind, else by exchanges of neighbours."""
    values = list(values)
    key = options.get("key")
    ranks = values if key is None else [key(value) for value in values]
    trace = next(filter(None, map(effects.trace_of, ranks)), None)
    if trace is None:
        return builtins.sorted(values, **options)
    if options.get("reverse"):  # of equal ones the first is the first, either way round
        return _sorted(values[::-1], key=key)[::-1]
    kinds = {python_class(rank) for rank in ranks}
    if key is not None or len(kinds) > 1 or not all(map(is_number, ranks)):
        return _exchanged(values, ranks)
    ordered = list(trace.call("sort", trace.call("stack", ranks)))
    (kind,) = kinds
    return ordered if kind is None else [as_python(value, kind) for value in ordered]


def sorting(items: list[Any]) -> Callable[..., None]:
    """`items.sort`."""

    def sort(**options: Any) -> None:
        items[:] = _sorted(items, **options)

    return sort


def _exchanged(values: list[Any], ranks: Sequence[Any]) -> list[Any]:
    """In the order of their ranks: neighbours change places where the second ranks lower."""
    pairs = list(zip(ranks, values, strict=True))
    for last in range(len(pairs) - 1, 0, -1):
        for at in range(last):
            two = pairs[at : at + 2]
            is_lower = two[1][0] < two[0][0]
            pairs[at : at + 2] = choice(is_lower, partial(tuple, two[::-1]), partial(tuple, two))
    return [value for _, value in pairs]


def _is_open(value: Any) -> bool:
    return effects.trace_of(value) is not None


def _may_be_open(value: Any) -> bool:
    """Whether comparing a value may give a truth that is not known, as a user's class may."""
    return _is_open(value) or type(type(value).__lt__) is FunctionType


def _all(values: Iterable[Any], /) -> Any:
    """`all`: every value is asked, where one is known only later."""
    taken = _taken(values, until=False)
    if not any(map(_is_open, taken)):
        return builtins.all(taken)
    first, *others = taken
    return _truth(conjunction(_truth(first), *map(_asked, others)))


def _any(values: Iterable[Any], /) -> Any:
    """`any`."""
    taken = _taken(values, until=True)
    if not any(map(_is_open, taken)):
        return builtins.any(taken)
    first, *others = taken
    return _truth(disjunction(_truth(first), *map(_asked, others)))


def _taken(values: Iterable[Any], *, until: bool) -> list[Any]:
    """The values up to the first one that is known to be true, or false."""
    found: list[Any] = []
    for value in values:
        found.append(value)
        if not _is_open(value) and bool(value) is until:
            break
    if isinstance(values, Leaving) and any(map(_is_open, found)):
        values.leave()
    return found


def _asked(value: Any) -> Callable[[], Any]:
    return lambda: _truth(value)


def _truth(*args: Any) -> Any:
    """`bool`."""
    found = condition_of(args[0]) if len(args) == 1 else None
    return bool(*args) if found is None else as_python(found[1], bool)


def _float(*args: Any) -> Any:
    """`float`: the number itself, as one of Python's."""
    if len(args) == 1:
        args = (asked(args[0], "__float__"),)
    value = args[0] if len(args) == 1 else None
    trace = effects.trace_of(value)
    if trace is None or not _is_one(value):
        return float(*args)
    return as_python(_one(trace, value), float)


def _complex(*args: Any) -> Any:
    """`complex`: of one number, or of two parts."""
    args = tuple([asked(value, "__complex__", "__float__") for value in args])
    trace = next(filter(None, map(effects.trace_of, args)), None)
    if trace is None or not all(_is_one(value) for value in args if effects.trace_of(value)):
        return complex(*args)
    real, imag = args if len(args) == 2 else (args[0], 0.0)
    return trace.call("add", real, trace.call("multiply", 1j, imag))


def _int(*args: Any) -> Any:
    """`int`: rounded towards zero; its derivative is zero."""
    if len(args) == 1:
        args = (asked(args[0], "__int__", "__index__", "__trunc__"),)
    value = args[0] if len(args) == 1 else None
    trace = effects.trace_of(value)
    if trace is None or not _is_one(value):
        return int(*args)
    return as_python(trace.call("trunc", _one(trace, value)), int)


def _len(*args: Any) -> Any:
    """`len`: that of a list which grows in a loop is not known in its step."""
    effects.refuse_growing(*args)
    return length_in_user_code(*args)


def _text(kind: Callable[..., str], letter: str) -> Callable[..., Any]:
    """`str` or `repr`: of what is not known yet a text that only an error may say."""

    def text(*args: Any, **options: Any) -> Any:
        return kind(*args, **options) if len(args) != 1 or options else message((*args, letter, ""))

    return text


def _is_one(value: Any) -> bool:
    """Whether there is one number in an array."""
    return all(n == 1 for n in value.content.shape)


def _one(trace: Any, value: Any) -> Any:
    """That number."""
    return trace.call("reshape", value, ()) if value.content.shape else value


BUILTINS: Mapping[Any, Callable[..., Any]] = {
    builtins.max: _extreme(builtins.max, operator.gt),
    builtins.min: _extreme(builtins.min, operator.lt),
    builtins.sorted: _sorted,
    builtins.all: _all,
    builtins.any: _any,
    builtins.bool: _truth,
    builtins.float: _float,
    builtins.complex: _complex,
    builtins.int: _int,
    builtins.len: _len,
    builtins.str: _text(str, "s"),
    builtins.repr: _text(repr, "r"),
    **{getattr(builtins, name): QUESTIONS[name] for name in ("type", "hasattr", "getattr")},
    **ITERATING,
}
