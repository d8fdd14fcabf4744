"""Numbers of Python's among tracers: when Python computes, and of which class the result is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from symdiff.frontend.tracing.array import PYTHONS, ArrayTracer, BoolTracer, IntTracer, buffered
from symdiff.frontend.tracing.tracer import Tracer

_type = type  # the user's code asks another one for tracers
_NUMBERS = frozenset((float, int, bool, *PYTHONS.values()))
_BOOLS = frozenset((bool, BoolTracer))
_WHOLES = frozenset((int, IntTracer, *_BOOLS))
_COMPARISONS = frozenset("less less_equal greater greater_equal equal not_equal".split())
_QUOTIENTS = frozenset(("divide",))
_POWERS = frozenset(("power",))
_OF_ARRAYS = frozenset(("matmul",))
_BITWISE = frozenset("bitwise_and bitwise_or bitwise_xor".split())
_INVERSE = frozenset(("invert",))
_OF_WHOLES = frozenset((*_BITWISE, *_INVERSE, "left_shift", "right_shift"))
_ROUNDINGS = frozenset("round floor ceil trunc".split())


def is_rounding(name: str, args: Sequence[Any]) -> bool:
    """Whether an operator makes an int of a scalar: `round(x)`, but not `round(x, 1)`."""
    return name in _ROUNDINGS and len(args) == 1 and _type(args[0]) is not ArrayTracer


def computed_by_python(name: str, args: Sequence[Any]) -> Any:
    """The class of the result, and the call, where an operator meets numbers of Python's alone.

    Returns:
        `None` where NumPy computes, `NotImplemented` where Python has no such operator.
    """
    kinds = [_type(value) for value in args]
    if not _NUMBERS.issuperset(kinds):
        return None
    if name in _OF_ARRAYS or (name in _OF_WHOLES and not _WHOLES.issuperset(kinds)):
        return NotImplemented
    if name in _COMPARISONS:
        return bool, name, args
    if name in _BITWISE and _BOOLS.issuperset(kinds):
        return bool, name, args
    operands = [_whole(value) for value in args]
    if name in _INVERSE:
        return int, "subtract", (-1, *operands)
    return int if is_rounding(name, args) else _kind(name, kinds, args), name, operands


def _kind(name: str, kinds: Sequence[Any], args: Sequence[Any]) -> type:
    if name in _QUOTIENTS or not _WHOLES.issuperset(kinds):
        return float
    if name in _POWERS and not (_type(args[1]) is int and args[1] >= 0):
        return float
    return int


def _whole(value: Any) -> Any:
    """Truths as ints, as Python's arithmetic takes them."""
    if isinstance(value, BoolTracer):
        return value.current.astype(value, int)
    return int(value) if value is True or value is False else value


def as_python(value: Any, kind: type) -> Any:
    """What was computed, as a number of Python's of a class."""
    if isinstance(value, tuple):
        return tuple([as_python(part, kind) for part in value])
    if not isinstance(value, Tracer):
        return value
    return buffered(value.recording, value.content, value.dtype, PYTHONS[kind])
