"""Numbers of Python's among tracers: when Python computes, and of which class the result is."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Number
from types import FunctionType
from typing import Any

from symdiff.frontend.lowering.bits import by_arithmetic
from symdiff.frontend.tracing.array import (
    PYTHONS,
    ArrayTracer,
    BoolTracer,
    EitherTracer,
    IntTracer,
    buffered,
)
from symdiff.frontend.tracing.length import Length
from symdiff.frontend.tracing.tracer import Tracer

_type = type  # the user's code asks another one for tracers
_NUMBERS = frozenset((float, int, bool, *PYTHONS.values()))
_BOOLS = frozenset((bool, BoolTracer))
_WHOLES = frozenset((int, IntTracer, *_BOOLS))
_OPEN = frozenset((*_WHOLES, EitherTracer))
_REFLECTED = ("__radd__", "__rmul__", "__rsub__", "__rtruediv__", "__rpow__")
_TAKEN = ("numpy", "pandas", "xarray", "dask", "scipy", "symdiff")  # as arrays, or by a rule
_COMPARISONS = frozenset("less less_equal greater greater_equal equal not_equal".split())
_QUOTIENTS = frozenset(("divide",))
_POWERS = frozenset(("power",))
_OF_ARRAYS = frozenset(("matmul",))
_BITWISE = frozenset("bitwise_and bitwise_or bitwise_xor".split())
_INVERSE = frozenset(("invert",))
_OF_WHOLES = frozenset((*_BITWISE, *_INVERSE, "left_shift", "right_shift"))
_SHIFTS = {"left_shift": "multiply", "right_shift": "floor_divide"}
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
    if IntTracer in kinds:
        kinds = [IntTracer if kind is Length else kind for kind in kinds]
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
    if name in _OF_WHOLES:
        name, operands = _by_arithmetic(name, operands)
    return int if is_rounding(name, args) else _kind(name, kinds, args), name, operands


def asked(value: Any, *methods: str) -> Any:
    """What an object of a class of the user's says that it is, by the first method that it has.

    `float`, `int`, `complex` and `bool` of Python's take no tracer from such a method. All other
    values are returned as they are.
    """
    for name in methods:
        method = getattr(_type(value), name, None)
        is_ours = getattr(method, "__module__", "").partition(".")[0] == "symdiff"
        if _type(method) is FunctionType and not is_ours:
            return method(value)
    return value


def answers_first(value: Any, other: Any) -> bool:
    """Whether an operator of a tracer is left to the other operand, as a quantity with a unit.

    Numbers leave it to every class that has operators for what stands in front; NumPy's arrays
    to those that take part in its protocols. Labelled arrays are taken as arrays.
    """
    kind = _type(value)
    if kind in _NUMBERS or issubclass(kind, Tracer) or not isinstance(other, Tracer):
        return False
    if not any(_type(getattr(kind, name, None)) is FunctionType for name in _REFLECTED):
        return False
    if kind.__module__.partition(".")[0] in _TAKEN or issubclass(kind, Number):
        return False
    takes_part = hasattr(kind, "__array_ufunc__") or getattr(kind, "__array_priority__", 0) > 0
    return takes_part or not isinstance(other, ArrayTracer)


def _by_arithmetic(name: str, operands: list[Any]) -> tuple[str, list[Any]]:
    """What arithmetic does for an operator of bits with a known int: `n & 7` is `n % 8`.

    Python's ints have as many bits as they need, also those below zero: so has the floor.
    """
    first, second = operands
    if name in _BITWISE and _type(first) is int:
        first, second = second, first
    if _type(second) is not int or second < 0:
        return name, operands
    if name in _SHIFTS:
        return _SHIFTS[name], [first, 1 << second]
    return by_arithmetic(first.current.call, name, first, second)


def _kind(name: str, kinds: Sequence[Any], args: Sequence[Any]) -> type:
    if name in _QUOTIENTS or not _OPEN.issuperset(kinds):
        return float
    if name in _POWERS and not (_type(args[1]) is int and args[1] >= 0):
        return float
    return EitherTracer if EitherTracer in kinds else int


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
    if kind is int and value.recording.decides_counts:
        count = value.recording.counted(value)
        if count is not None:
            return count
    return buffered(value.recording, value.content, value.dtype, PYTHONS[kind])
