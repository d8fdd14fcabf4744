"""NumPy's choices, comparisons, logic, and tests of numbers."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from typing import Any

from symdiff.frontend.lowering.base import (
    Array,
    Floats,
    Value,
    as_float,
    as_line,
    cast,
    known,
    meet,
    refuse,
)
from symdiff.frontend.lowering.bits import by_arithmetic
from symdiff.frontend.lowering.elementwise import Lowered, in_kind, ufunc
from symdiff.frontend.lowering.registry import LOWERINGS
from symdiff.frontend.lowering.truths import (
    COMPARISONS,
    Truth,
    both,
    choose,
    compare,
    either,
    inverse,
)
from symdiff.graph.node import BOOL, COMPLEX, FLOAT, INT
from symdiff.ops import control, kinks
from symdiff.ops.builder import Builder, promoted
from symdiff.ops.handle import Handle
from symdiff.ops.reduction import broadcast_together


@LOWERINGS.elementwise("where", record=control.where, arguments="condition, x, y")
def where(b: Builder, condition: Truth, x: Value = None, y: Value = None, /) -> Any:
    """One of two where a condition holds; with a known condition alone, where it holds."""
    if x is None and y is None:
        import numpy as np

        mask = known(condition)
        if mask is None:
            refuse(
                "np.where with a condition alone has a length that depends on values",
                "write np.where(condition, a, b)",
            )
        return np.nonzero(mask)
    if x is None or y is None:
        refuse("np.where takes a condition alone, or a condition and two values")
    chosen, *values = meet(b, condition, x, y)
    one, other = in_kind(values)
    found, kind = choose(chosen, one, other), promoted([one.dtype, other.dtype])
    return found if found.dtype == kind else cast(found, kind)


def _comparing(sign: str) -> Lowered:
    def lowering(builder: Builder, a: Value, b: Value, /) -> Handle:
        return compare(sign, *in_kind(meet(builder, a, b)))

    return lowering


for _symbol in COMPARISONS:
    _compared = COMPARISONS[_symbol][0]
    ufunc(_compared.name, record=_compared)(_comparing(_symbol))


def _logic(join: Callable[[Handle, Handle], Handle]) -> Lowered:
    def lowering(a: Truth, b: Truth, /) -> Handle:
        return join(*broadcast_together(a, b))

    return lowering


ufunc("logical_and", record=control.logical_and)(_logic(both))
ufunc("logical_or", record=control.logical_or)(_logic(either))
ufunc("logical_not", record=control.logical_not)(inverse)


@ufunc("logical_xor")
def _xor(a: Truth, b: Truth, /) -> Handle:
    """Whether one of two conditions holds, and not both."""
    return control.not_equal(*broadcast_together(a, b))


def _of_truths(name: str, lowering: Lowered) -> Lowered:
    """A function of bits: of truths, and of whole numbers with a known one."""

    def call(b: Builder, *values: Any) -> Handle:
        masks = [as_line(b, value) for value in values]
        if all(mask.dtype == BOOL for mask in masks):
            return lowering(*masks)
        if len(masks) == 2:
            for one, other in (masks, masks[::-1]):
                picked = other.number
                if one.dtype == other.dtype == INT and picked is not None and picked >= 0:
                    return _of_numbers(b, name, one, int(picked))
        return refuse(
            f"{name} of numbers that are computed is not supported",
            "it takes masks, such as x > 0, and whole numbers with a known one",
        )

    call.__doc__ = f"Of truths, as logical_{name.removeprefix('bitwise_')}."
    return call


def _of_numbers(b: Builder, name: str, value: Handle, mask: int) -> Handle:
    """Bits of whole numbers that a known one picks, or sets."""

    def call(function: str, *args: Any) -> Handle:
        found: Handle = LOWERINGS[function](b, *args)
        return found

    function, args = by_arithmetic(call, name, value, mask)
    return call(function, *args)


_OF_BITS: dict[str, Lowered] = {"and": _logic(both), "or": _logic(either), "xor": _xor}
for _bits in _OF_BITS:
    ufunc(f"bitwise_{_bits}")(_of_truths(f"bitwise_{_bits}", _OF_BITS[_bits]))
ufunc("invert", "bitwise_not", "bitwise_invert")(_of_truths("not", inverse))


@ufunc("isnan")
def isnan(x: Array, /) -> Handle:
    """Where a number is NaN: nothing else differs from itself."""
    return control.not_equal(x, x)


@ufunc("isfinite")
def isfinite(x: Floats, /) -> Handle:
    """Where a number is neither infinite nor NaN."""
    return kinks.absolute(x) < math.inf


@ufunc("isinf")
def _isinf(x: Floats, /) -> Handle:
    """Where a number is infinite."""
    return control.equal(kinks.absolute(x), math.inf)


@ufunc("isposinf")
def _isposinf(x: Floats, /) -> Handle:
    """Where a number is inf."""
    return control.equal(x, math.inf)


@ufunc("isneginf")
def _isneginf(x: Floats, /) -> Handle:
    """Where a number is -inf."""
    return control.equal(x, -math.inf)


@ufunc("signbit")
def _signbit(x: Floats, /) -> Handle:
    """Where a number has a minus sign."""
    return kinks.copysign(1.0, x) < 0.0


@LOWERINGS.named("isclose")
def isclose(
    builder: Builder,
    /,
    a: Value,
    b: Value,
    rtol: Value = 1e-05,
    atol: Value = 1e-08,
    *,
    equal_nan: bool = False,
) -> Handle:
    """Whether |a - b| <= atol + rtol*|b|, as NumPy has it: infinities equal themselves."""
    x, y, r, at_least = map(as_float, meet(builder, a, b, rtol, atol))
    near = kinks.absolute(x - y) <= at_least + r * kinks.absolute(y)
    result: Handle = (near & isfinite(y)) | control.equal(x, y)
    return result | (isnan(x) & isnan(y)) if equal_nan else result


@LOWERINGS.named("nan_to_num")
def nan_to_num(
    b: Builder,
    x: Array,
    _copy: Any = None,  # numbers are the same with and without
    nan: Value = 0.0,
    posinf: Value = None,
    neginf: Value = None,
) -> Handle:
    """Other numbers in the place of NaN and the infinities; they have no derivative there."""
    if x.dtype == COMPLEX:
        refuse("nan_to_num of complex numbers is not supported", "use it on their parts")
    if x.dtype != FLOAT:
        return x
    high = sys.float_info.max if posinf is None else posinf
    low = -sys.float_info.max if neginf is None else neginf
    result = x
    for condition, value in (
        (control.equal(x, -math.inf), low),
        (control.equal(x, math.inf), high),
        (isnan(x), nan),
    ):
        result = where(b, condition, value, result)
    return result
