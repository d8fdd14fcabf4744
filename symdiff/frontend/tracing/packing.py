"""A flat gradient in the structure of the arguments, and its addition to arrays of the caller's."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from operator import itemgetter
from typing import Any

from symdiff.errors import ShapeError
from symdiff.frontend.tracing.function import Spec
from symdiff.frontend.tracing.structure import leaves, members, raw
from symdiff.frontend.tracing.values import numpy

Packer = Callable[[Any], Any]


def packer(arguments: Sequence[Any], *, is_single: bool) -> Packer | None:
    """What puts the flat gradient into the structure of the arguments; `None` where it has that.

    Args:
        arguments: those that are differentiated by, with a spec in the place of each number.
        is_single: whether the gradient is that of one argument, rather than a tuple.
    """
    plain = all(isinstance(value, Spec) for value in arguments)
    if plain and (is_single or len(arguments) > 1):
        return None
    count = sum(_is_number(leaf) for value in arguments for _, leaf in leaves(value))
    numbers = iter(range(count))
    makers = [_maker(value, numbers) for value in arguments]
    make = makers[0] if is_single else _tuple_of(makers)
    return make if count > 1 else lambda alone: make((alone,))


def _is_number(leaf: Any) -> bool:
    return isinstance(leaf, Spec) and leaf.dtype.kind == "f"


def _tuple_of(makers: Sequence[Packer]) -> Packer:
    return lambda flat: tuple([make(flat) for make in makers])


def _maker(value: Any, numbers: Iterator[int]) -> Packer:
    """What makes the part of the result that stands in the place of a value."""
    parts = members(value)
    if parts is None:
        return itemgetter(next(numbers)) if _is_number(value) else lambda _: None
    makers = [(key, _maker(part, numbers)) for key, part in parts]
    if isinstance(value, dict):
        return lambda flat: {key: make(flat) for key, make in makers}
    kind = type(value)
    if dataclasses.is_dataclass(value):
        return lambda flat: raw(kind, {str(key): make(flat) for key, make in makers})
    if hasattr(value, "_fields"):
        return lambda flat: kind(*[make(flat) for _, make in makers])
    return lambda flat: kind([make(flat) for _, make in makers])


def accumulate(into: Any, gradient: Any) -> None:
    """Add a gradient to arrays that the caller owns.

    Raises:
        ShapeError: where an array is missing or does not fit; nothing is added then.
    """
    targets, parts = list(leaves(into)), list(leaves(gradient))
    if [path for path, _ in targets] != [path for path, _ in parts]:
        raise ShapeError("accumulate: the arrays are not in the structure of the gradient")
    for (path, target), (_, part) in zip(targets, parts, strict=True):
        if part is not None:
            _check_target(target, part, "".join(f"[{key!r}]" for key in path))
    for (_, target), (_, part) in zip(targets, parts, strict=True):
        if part is not None:
            target += part


def _check_target(target: Any, part: Any, where: str) -> None:
    np = numpy()
    if not isinstance(target, np.ndarray) or target.shape != np.shape(part):
        wanted = f"an array of the shape {np.shape(part)}"
        raise ShapeError(f"accumulate{where}: expected {wanted}, got {_shown(target)}")
    if not np.can_cast(np.result_type(part), target.dtype, "same_kind"):
        raise ShapeError(f"accumulate{where}: an array of {target.dtype} cannot take floats")
    if not target.flags.writeable:
        raise ShapeError(f"accumulate{where}: the array is read-only")


def _shown(value: Any) -> str:
    shape = getattr(value, "shape", None)
    kind = type(value).__name__
    return f"a {kind}" if shape is None else f"one of the shape {tuple(shape)}"
