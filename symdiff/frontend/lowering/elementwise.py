"""NumPy's elementwise functions: arithmetic, powers, exponentials, angles, rounding, extrema.

Kinds follow NumPy 2: whole numbers divide to floats, truths add to truths, and a Python number
takes the kind of what it meets.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from symdiff.frontend.lowering.base import (
    Array,
    Floats,
    Numbers,
    Value,
    as_float,
    as_whole,
    cast,
    constant,
    known,
    meet,
    refuse,
)
from symdiff.frontend.lowering.registry import LOWERINGS
from symdiff.graph.node import BOOL, CONTINUOUS, FLOAT, INT
from symdiff.ops import arithmetic, control, creation, kinks, trigonometric
from symdiff.ops.builder import Builder
from symdiff.ops.handle import Handle
from symdiff.ops.operation import Operation
from symdiff.ops.registry import OPERATIONS

Lowered = Callable[..., Handle]

_LARGEST_ROUNDED = 22  # powers of ten up to here are exact

ufunc = LOWERINGS.ufunc


def operate(record: Operation, *values: Value) -> Handle:
    """An operation on values that broadcast, at least one of them a line."""
    builder = next(value.builder for value in values if isinstance(value, Handle))
    return computed(record, meet(builder, *values))


def computed(record: Operation, args: list[Handle]) -> Handle:
    """An operation on lines of one shape. Numbers among floats are floats."""
    if record.dtype == FLOAT:  # NumPy computes float16 from truths
        return record(
            *[as_float(x) if x.dtype == BOOL or x.number is not None else x for x in args]
        )
    return record(*in_kind(args))


def in_kind(args: list[Handle]) -> list[Handle]:
    """Numbers among floats and complex numbers as floats."""
    if {x.dtype for x in args}.isdisjoint(CONTINUOUS):
        return args
    return [x if x.number is None else as_float(x) for x in args]


def _refuse_truths(name: str, *args: Handle) -> None:
    if all(x.dtype == BOOL for x in args):
        refuse(f"{name} of truths is not defined in NumPy", "use the logical functions instead")


# --- arithmetic --------------------------------------------------------------------------------


@ufunc("add", record=arithmetic.add)
def add(builder: Builder, a: Value, b: Value, /) -> Handle:
    """Sum of two."""
    args = meet(builder, a, b)
    is_logical = all(x.dtype == BOOL for x in args)
    return computed(control.logical_or if is_logical else arithmetic.add, args)


@ufunc("multiply", record=arithmetic.multiply)
def multiply(builder: Builder, a: Value, b: Value, /) -> Handle:
    """Product of two."""
    args = meet(builder, a, b)
    is_logical = all(x.dtype == BOOL for x in args)
    return computed(control.logical_and if is_logical else arithmetic.multiply, args)


@ufunc("subtract", record=arithmetic.subtract)
def subtract(builder: Builder, a: Value, b: Value, /) -> Handle:
    """Difference of two."""
    args = meet(builder, a, b)
    _refuse_truths("the difference", *args)
    return computed(arithmetic.subtract, args)


@ufunc("floor_divide", record=arithmetic.floor_divide)
def _floor_divide(builder: Builder, a: Value, b: Value, /) -> Handle:
    return computed(arithmetic.floor_divide, [as_whole(x) for x in meet(builder, a, b)])


@ufunc("remainder", "mod", record=arithmetic.remainder)
def remainder(builder: Builder, a: Value, b: Value, /) -> Handle:
    """What is left of a division that rounds down."""
    return computed(arithmetic.remainder, [as_whole(x) for x in meet(builder, a, b)])


@ufunc("fmod", record=arithmetic.fmod)
def _fmod(builder: Builder, a: Value, b: Value, /) -> Handle:
    return computed(arithmetic.fmod, [as_whole(x) for x in meet(builder, a, b)])


@ufunc("divmod")
def _divmod(builder: Builder, a: Value, b: Value, /) -> tuple[Handle, Handle]:
    """The quotient rounded down, and what is left."""
    return _floor_divide(builder, a, b), remainder(builder, a, b)


@ufunc("power", "pow", record=arithmetic.power)
def _power(builder: Builder, a: Value, b: Value, /) -> Handle:
    base, exponent = map(as_whole, meet(builder, a, b))
    if base.dtype == exponent.dtype == INT:
        import numpy as np

        number = known(exponent)
        if number is not None and np.any(number < 0):
            refuse("whole numbers have no negative whole powers", "make the base a float")
    return computed(arithmetic.power, [base, exponent])


@ufunc("float_power")
def _float_power(x1: Floats, x2: Floats, /) -> Handle:
    """A power of floats."""
    return x1**x2


@ufunc("negative", record=arithmetic.negate)
def _negative(x: Array, /) -> Handle:
    _refuse_truths("the negative", x)
    return -x


@ufunc("positive")
def _positive(x: Array, /) -> Handle:
    """The number itself."""
    _refuse_truths("the positive", x)
    return x


@ufunc("fabs", record=kinks.absolute)
def _fabs(x: Floats, /) -> Handle:
    return kinks.absolute(x)


@ufunc("sign", record=kinks.sign)
def _sign(x: Array, /) -> Handle:
    _refuse_truths("the sign", x)
    return kinks.sign(x)


@ufunc("square")
def _square(x: Numbers, /) -> Handle:
    """The square, x*x."""
    return x * x


@ufunc("reciprocal")
def _reciprocal(x: Array, /) -> Handle:
    """1/x."""
    if x.dtype not in CONTINUOUS:
        refuse("reciprocal of whole numbers rounds to whole numbers", "write 1.0/x")
    return 1.0 / x


# --- functions that are operations of the core -------------------------------------------------


def of_record(record: Operation) -> Lowered:
    """The function that an operation on one to four numbers is."""

    def of_one(b: Builder, x: Value, /) -> Handle:
        return computed(record, meet(b, x))

    def of_two(builder: Builder, a: Value, b: Value, /) -> Handle:
        return computed(record, meet(builder, a, b))

    def of_three(builder: Builder, a: Value, b: Value, x: Value, /) -> Handle:
        return computed(record, meet(builder, a, b, x))

    def of_four(builder: Builder, a: Value, b: Value, c: Value, x: Value, /) -> Handle:
        return computed(record, meet(builder, a, b, c, x))

    return (of_one, of_two, of_three, of_four)[record.arity - 1]


for _record in OPERATIONS.values():
    _names = [name for name in _record.names.split() if not name.startswith("formula.")]
    if _names:
        ufunc(*_names, record=_record)(of_record(_record))


@ufunc("arctan2", "atan2", record=trigonometric.arctan2)
def arctan2(b: Builder, y: Value, x: Value, /) -> Handle:
    """The angle of the point (x, y)."""
    return computed(trigonometric.arctan2, meet(b, y, x))


@ufunc("deg2rad", "radians")
def _deg2rad(x: Floats, /) -> Handle:
    """Degrees to radians."""
    return x * (math.pi / 180.0)


@ufunc("rad2deg", "degrees")
def _rad2deg(x: Floats, /) -> Handle:
    """Radians to degrees."""
    return x * (180.0 / math.pi)


@ufunc("ldexp")
def _ldexp(x1: Floats, x2: Any, /) -> Handle:
    """x1*2**x2, for a known x2: the powers of two that floats hold are exact."""
    import numpy as np

    exponent = known(x2) if isinstance(x2, Handle) else np.asarray(x2)
    if exponent is None or exponent.dtype.kind not in "biu":
        refuse("ldexp needs an exponent that is a known whole number", "write x*2.0**n")
    factor = np.ldexp(1.0, exponent)
    if np.any(np.isinf(factor) | (factor == 0.0)):
        refuse("ldexp by a power of two that no float holds is not supported")
    return x1 * constant(x1.builder, factor)


# --- rounding ----------------------------------------------------------------------------------


def _rounding(record: Operation) -> Lowered:
    """NumPy leaves whole numbers as they are."""

    def lowering(x: Array, /) -> Handle:
        return record(x) if x.dtype in CONTINUOUS else x

    return lowering


ufunc("floor", record=kinks.floor)(_rounding(kinks.floor))
ufunc("ceil", record=kinks.ceil)(_rounding(kinks.ceil))
ufunc("trunc", "fix", record=kinks.trunc)(_rounding(kinks.trunc))


@LOWERINGS.elementwise("round", "around", "round_", record=kinks.rint)
def round_(a: Array, decimals: int = 0) -> Handle:
    """To a number of decimals, as NumPy does it: scaled, rounded, and scaled back."""
    if a.dtype == BOOL:
        refuse("rounding of truths is not supported", "convert them with astype(float) first")
    if a.dtype == INT:
        return a if decimals >= 0 else _rounded_whole(a, decimals)
    if decimals == 0:
        return kinks.rint(a)
    if abs(decimals) > _LARGEST_ROUNDED:
        refuse(f"rounding to {decimals} decimals is not supported")
    scale = 10.0 ** abs(decimals)
    if decimals > 0:
        return kinks.rint(a * scale) / scale
    return kinks.rint(a / scale) * scale


def _rounded_whole(x: Handle, decimals: int) -> Handle:
    scaled = kinks.rint(as_float(x) / 10.0**-decimals) * 10.0**-decimals
    return cast(scaled, INT)


@ufunc("modf")
def _modf(x: Floats, /) -> tuple[Handle, Handle]:
    """The fraction and the whole part."""
    is_infinite = control.equal(kinks.absolute(x), math.inf)
    rest = arithmetic.fmod(x, 1.0)
    return control.where(is_infinite, kinks.copysign(0.0, x), rest), kinks.trunc(x)


# --- extrema -----------------------------------------------------------------------------------


def _ignoring_nan(record: Operation) -> Lowered:
    def lowering(b: Builder, x1: Value, x2: Value, /) -> Handle:
        """The extremum where both are numbers, else the number."""
        x, y = meet(b, x1, x2)
        if x.dtype != FLOAT and y.dtype != FLOAT:
            return record(x, y)
        result = computed(record, [x, y])
        for a, other in ((y, x), (x, y)):
            if a.dtype == FLOAT and (a.number is None or math.isnan(a.number)):
                result = control.where(control.not_equal(a, a), other, result)
        return result

    return lowering


ufunc("fmax")(_ignoring_nan(kinks.maximum))
ufunc("fmin")(_ignoring_nan(kinks.minimum))


@LOWERINGS.elementwise("clip", record=kinks.clip, arguments="a, a_min, a_max")
def clip(
    a: Array,
    a_min: Value = None,
    a_max: Value = None,
    *,
    min: Value = None,
    max: Value = None,
    dtype: Any = None,
) -> Handle:
    """Limited to an interval, of which one end may be open. The closed interval has gradient 1."""
    low = a_min if min is None else min
    high = a_max if max is None else max
    x = cast(a, dtype)
    if low is None and high is None:
        return x
    if x.dtype == FLOAT:
        low, high = -math.inf if low is None else low, math.inf if high is None else high
        return operate(kinks.clip, x, low, high)
    if low is None:
        return operate(kinks.minimum, x, high)
    if high is None:
        return operate(kinks.maximum, x, low)
    return operate(kinks.clip, x, low, high)


# --- ours ------------------------------------------------------------------------------------


@LOWERINGS.named("stop_gradient")
def stop_gradient(x: Array) -> Handle:
    """The value itself, a constant for every derivative."""
    return creation.stop(x)


# --- what is refused ---------------------------------------------------------------------------

LOWERINGS.refuse(
    {
        "frexp": "use np.log2 and np.floor",
        "spacing": None,
        "nextafter": None,
        "gcd": None,
        "lcm": None,
        "left_shift": "write x*2**k",
        "right_shift": "write x//2**k",
        "bitwise_left_shift": "write x*2**k",
        "bitwise_right_shift": "write x//2**k",
        "bitwise_count": None,
    }
)
