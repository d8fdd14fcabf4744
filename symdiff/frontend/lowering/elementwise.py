"""NumPy's elementwise functions: arithmetic, powers, exponentials, angles, rounding, choices.

Kinds follow NumPy 2: whole numbers divide to floats, truths add to truths, and a Python number
takes the kind of what it meets.
"""

from __future__ import annotations

import functools
import math
import sys
from collections.abc import Callable
from typing import Any

from symdiff.frontend.lowering.base import (
    LOWERINGS,
    Lowering,
    Value,
    as_float,
    as_whole,
    cast,
    known,
    line,
    meet,
    plain,
    refuse,
)
from symdiff.graph.node import BOOL, FLOAT, INT
from symdiff.ops import control, creation, elementwise
from symdiff.ops.builder import Builder
from symdiff.ops.handle import Handle
from symdiff.ops.operation import Operation
from symdiff.ops.reduction import broadcast_to
from symdiff.ops.registry import OPERATIONS

_LARGEST_ROUNDED = 22  # powers of ten up to here are exact


def ufunc(*names: str) -> Callable[[Lowering], Lowering]:
    """Enter a lowering under its names, with the keywords that NumPy's ufuncs share."""

    def add(lowering: Lowering) -> Lowering:
        @functools.wraps(lowering)
        def call(
            b: Builder,
            *values: Value,
            where: Value = True,
            dtype: Any = None,
            casting: str = "same_kind",
            order: str = "K",
            subok: bool = True,
        ) -> Any:
            del casting, order, subok  # they change no number
            if where is not True:
                refuse(f"where= of {names[0]} leaves elements undefined", "use np.where instead")
            if dtype is not None:
                values = tuple([cast(line(b, value), dtype) for value in values])
            return lowering(b, *values)

        return LOWERINGS.named(*names)(call)

    return add


def operate(b: Builder, record: Operation, *values: Value) -> Handle:
    """An operation on values that broadcast. Numbers among floats are floats."""
    args = meet(b, *values)
    kinds = {x.dtype for x in args}
    if record.dtype == FLOAT:  # NumPy computes float16 from truths
        return record(
            *[as_float(x) if x.dtype == BOOL or x.number is not None else x for x in args]
        )
    if FLOAT in kinds:
        args = [x if x.number is None else as_float(x) for x in args]
    return record(*args)


def truth(b: Builder, value: Value) -> Handle:
    """Whether a value is not zero."""
    x = line(b, plain(value))
    if x.dtype == BOOL:
        return x
    return control.not_equal(x, Handle(b, b.full(0.0, x.shape, x.dtype)))


def _refuse_truths(name: str, *args: Handle) -> None:
    if all(x.dtype == BOOL for x in args):
        refuse(f"{name} of truths is not defined in NumPy", "use the logical functions instead")


# --- arithmetic --------------------------------------------------------------------------------


@ufunc("add")
def _add(b: Builder, x1: Value, x2: Value, /) -> Handle:
    args = meet(b, x1, x2)
    is_logical = all(x.dtype == BOOL for x in args)
    return operate(b, control.logical_or if is_logical else elementwise.add, *args)


@ufunc("multiply")
def _multiply(b: Builder, x1: Value, x2: Value, /) -> Handle:
    args = meet(b, x1, x2)
    is_logical = all(x.dtype == BOOL for x in args)
    return operate(b, control.logical_and if is_logical else elementwise.multiply, *args)


@ufunc("subtract")
def _subtract(b: Builder, x1: Value, x2: Value, /) -> Handle:
    args = meet(b, x1, x2)
    _refuse_truths("the difference", *args)
    return operate(b, elementwise.subtract, *args)


@ufunc("divide", "true_divide")
def _divide(b: Builder, x1: Value, x2: Value, /) -> Handle:
    return operate(b, elementwise.divide, x1, x2)


@ufunc("floor_divide")
def _floor_divide(b: Builder, x1: Value, x2: Value, /) -> Handle:
    return operate(b, elementwise.floor_divide, *map(as_whole, meet(b, x1, x2)))


@ufunc("remainder", "mod")
def _remainder(b: Builder, x1: Value, x2: Value, /) -> Handle:
    return operate(b, elementwise.remainder, *map(as_whole, meet(b, x1, x2)))


@ufunc("fmod")
def _fmod(b: Builder, x1: Value, x2: Value, /) -> Handle:
    return operate(b, elementwise.fmod, *map(as_whole, meet(b, x1, x2)))


@ufunc("divmod")
def _divmod(b: Builder, x1: Value, x2: Value, /) -> tuple[Handle, Handle]:
    return _floor_divide(b, x1, x2), _remainder(b, x1, x2)


@ufunc("power", "pow")
def _power(b: Builder, x1: Value, x2: Value, /) -> Handle:
    base, exponent = map(as_whole, meet(b, x1, x2))
    if base.dtype == exponent.dtype == INT:
        import numpy as np

        number = known(exponent)
        if number is not None and np.any(number < 0):
            refuse("whole numbers have no negative whole powers", "make the base a float")
    return operate(b, elementwise.power, base, exponent)


@ufunc("float_power")
def _float_power(b: Builder, x1: Value, x2: Value, /) -> Handle:
    return operate(b, elementwise.power, *map(as_float, meet(b, x1, x2)))


@ufunc("negative")
def _negative(b: Builder, value: Value, /) -> Handle:
    x = line(b, plain(value))
    _refuse_truths("the negative", x)
    return elementwise.negate(x)


@ufunc("positive")
def _positive(b: Builder, value: Value, /) -> Handle:
    x = line(b, plain(value))
    _refuse_truths("the positive", x)
    return x


@ufunc("absolute", "abs")
def _absolute(b: Builder, x: Value, /) -> Handle:
    return operate(b, elementwise.absolute, x)


@ufunc("fabs")
def _fabs(b: Builder, value: Value, /) -> Handle:
    return elementwise.absolute(as_float(line(b, plain(value))))


@ufunc("sign")
def _sign(b: Builder, value: Value, /) -> Handle:
    x = line(b, plain(value))
    _refuse_truths("the sign", x)
    return elementwise.sign(x)


@ufunc("square")
def _square(b: Builder, value: Value, /) -> Handle:
    x = as_whole(line(b, plain(value)))
    return x * x


@ufunc("reciprocal")
def _reciprocal(b: Builder, value: Value, /) -> Handle:
    x = line(b, plain(value))
    if x.dtype != FLOAT:
        refuse("reciprocal of whole numbers rounds to whole numbers", "write 1.0/x")
    return 1.0 / x


# --- functions that are operations of the core -------------------------------------------------

_UNARY = (
    "exp exp2 expm1 log log2 log10 log1p sqrt cbrt sin cos tan sinh cosh tanh arcsin arccos arctan"
    " arcsinh arccosh arctanh rint sinc"
).split()
_BINARY = "arctan2 hypot logaddexp logaddexp2 copysign heaviside".split()
_ORDERED = "maximum minimum less less_equal greater greater_equal equal not_equal".split()
_ALIASES = {
    "arcsin": "asin",
    "arccos": "acos",
    "arctan": "atan",
    "arcsinh": "asinh",
    "arccosh": "acosh",
    "arctanh": "atanh",
    "arctan2": "atan2",
}


def _names(op: str) -> list[str]:
    return [op, *[_ALIASES[op]]] if op in _ALIASES else [op]


def _of_one(record: Operation) -> Lowering:
    def lowering(b: Builder, x: Value, /) -> Handle:
        return operate(b, record, x)

    return lowering


def _of_two(record: Operation) -> Lowering:
    def lowering(b: Builder, x1: Value, x2: Value, /) -> Handle:
        return operate(b, record, x1, x2)

    return lowering


for _name in _UNARY:
    ufunc(*_names(_name))(_of_one(OPERATIONS[_name]))
for _name in (*_BINARY, *_ORDERED):
    ufunc(*_names(_name))(_of_two(OPERATIONS[_name]))


@ufunc("deg2rad", "radians")
def _deg2rad(b: Builder, x: Value, /) -> Handle:
    return operate(b, elementwise.multiply, x, math.pi / 180.0)


@ufunc("rad2deg", "degrees")
def _rad2deg(b: Builder, x: Value, /) -> Handle:
    return operate(b, elementwise.multiply, x, 180.0 / math.pi)


@ufunc("ldexp")
def _ldexp(b: Builder, x1: Value, x2: Value, /) -> Handle:
    """A product: the powers of two that floats hold are exact."""
    import numpy as np

    exponent = known(x2) if isinstance(x2, Handle) else np.asarray(x2)
    if exponent is None or exponent.dtype.kind not in "biu":
        refuse("ldexp needs an exponent that is a known whole number", "write x*2.0**n")
    factor = np.ldexp(1.0, exponent)
    if np.any(np.isinf(factor) | (factor == 0.0)):
        refuse("ldexp by a power of two that no float holds is not supported")
    return operate(b, elementwise.multiply, x1, factor)


# --- rounding ----------------------------------------------------------------------------------


def _rounding(record: Operation) -> Lowering:
    """NumPy leaves whole numbers as they are."""

    def lowering(b: Builder, value: Value, /) -> Handle:
        x = line(b, plain(value))
        return record(x) if x.dtype == FLOAT else x

    return lowering


ufunc("floor")(_rounding(elementwise.floor))
ufunc("ceil")(_rounding(elementwise.ceil))
ufunc("trunc", "fix")(_rounding(elementwise.trunc))


@LOWERINGS.named("round", "around", "round_")
def round_(b: Builder, a: Value, decimals: int = 0) -> Handle:
    """To a number of decimals, as NumPy does it: scaled, rounded, and scaled back."""
    x = line(b, plain(a))
    if x.dtype == BOOL:
        refuse("rounding of truths is not supported", "convert them with astype(float) first")
    if x.dtype == INT:
        return x if decimals >= 0 else _rounded_whole(x, decimals)
    if decimals == 0:
        return elementwise.rint(x)
    if abs(decimals) > _LARGEST_ROUNDED:
        refuse(f"rounding to {decimals} decimals is not supported")
    scale = 10.0 ** abs(decimals)
    if decimals > 0:
        return elementwise.rint(x * scale) / scale
    return elementwise.rint(x / scale) * scale


def _rounded_whole(x: Handle, decimals: int) -> Handle:
    scaled = elementwise.rint(as_float(x) / 10.0**-decimals) * 10.0**-decimals
    return cast(scaled, INT)


@ufunc("modf")
def _modf(b: Builder, value: Value, /) -> tuple[Handle, Handle]:
    x = as_float(line(b, plain(value)))
    is_infinite = control.equal(elementwise.absolute(x), math.inf)
    rest = elementwise.fmod(x, 1.0)
    return control.where(is_infinite, elementwise.copysign(0.0, x), rest), elementwise.trunc(x)


# --- extrema -----------------------------------------------------------------------------------


def _ignoring_nan(record: Operation) -> Lowering:
    """The extremum where both are numbers, else the number."""

    def lowering(b: Builder, x1: Value, x2: Value, /) -> Handle:
        x, y = meet(b, x1, x2)
        if x.dtype != FLOAT and y.dtype != FLOAT:
            return record(x, y)
        result = operate(b, record, x, y)
        for a, other in ((y, x), (x, y)):
            if a.dtype == FLOAT and (a.number is None or math.isnan(a.number)):
                result = control.where(_isnan(b, a), other, result)
        return result

    return lowering


ufunc("fmax")(_ignoring_nan(elementwise.maximum))
ufunc("fmin")(_ignoring_nan(elementwise.minimum))


@LOWERINGS.named("clip")
def clip(
    b: Builder,
    a: Value,
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
    x = cast(line(b, plain(a)), dtype)
    if low is None and high is None:
        return x
    if x.dtype == FLOAT:
        low, high = -math.inf if low is None else low, math.inf if high is None else high
        return operate(b, elementwise.clip, x, low, high)
    if low is None:
        return operate(b, elementwise.minimum, x, high)
    if high is None:
        return operate(b, elementwise.maximum, x, low)
    return operate(b, elementwise.clip, x, low, high)


# --- choices and truths ------------------------------------------------------------------------


@LOWERINGS.named("where")
def where(b: Builder, condition: Value, x: Value = None, y: Value = None, /) -> Any:
    """One of two where a condition holds; with a known condition alone, where it holds."""
    if x is None and y is None:
        import numpy as np

        mask = known(line(b, condition))
        if mask is None:
            refuse(
                "np.where with a condition alone has a length that depends on values",
                "write np.where(condition, a, b)",
            )
        return np.nonzero(mask)
    if x is None or y is None:
        refuse("np.where takes a condition alone, or a condition and two values")
    chosen, one, other = meet(b, truth(b, condition), x, y)
    if FLOAT in (one.dtype, other.dtype):
        one, other = [a if a.number is None else as_float(a) for a in (one, other)]
    return control.where(chosen, one, other)


def _logic(record: Operation) -> Lowering:
    def lowering(b: Builder, x1: Value, x2: Value, /) -> Handle:
        return record(*meet(b, truth(b, x1), truth(b, x2)))

    return lowering


ufunc("logical_and")(_logic(control.logical_and))
ufunc("logical_or")(_logic(control.logical_or))
ufunc("logical_xor")(_logic(control.not_equal))


@ufunc("logical_not")
def _logical_not(b: Builder, x: Value, /) -> Handle:
    return ~truth(b, x)


def _of_truths(name: str, lowering: Lowering) -> Lowering:
    """A function of bits, for truths alone."""

    def call(b: Builder, *values: Value) -> Handle:
        args = [line(b, plain(value)) for value in values]
        if any(x.dtype != BOOL for x in args):
            refuse(f"{name} of numbers is not supported", "it takes masks, such as x > 0")
        return lowering(b, *args)  # type: ignore[no-any-return]

    return call


for _name, _logical in (("and", "and"), ("or", "or"), ("xor", "xor")):
    ufunc(f"bitwise_{_name}")(_of_truths(f"bitwise_{_name}", LOWERINGS[f"logical_{_logical}"]))
ufunc("invert", "bitwise_not", "bitwise_invert")(_of_truths("invert", _logical_not))


@ufunc("isnan")
def _isnan(b: Builder, value: Value, /) -> Handle:
    x = line(b, plain(value))
    return control.not_equal(x, x)


@ufunc("isfinite")
def _isfinite(b: Builder, value: Value, /) -> Handle:
    return elementwise.absolute(as_float(line(b, plain(value)))) < math.inf


@ufunc("isinf")
def _isinf(b: Builder, value: Value, /) -> Handle:
    return control.equal(elementwise.absolute(as_float(line(b, plain(value)))), math.inf)


@ufunc("isposinf")
def _isposinf(b: Builder, value: Value, /) -> Handle:
    return control.equal(as_float(line(b, plain(value))), math.inf)


@ufunc("isneginf")
def _isneginf(b: Builder, value: Value, /) -> Handle:
    return control.equal(as_float(line(b, plain(value))), -math.inf)


@ufunc("signbit")
def _signbit(b: Builder, value: Value, /) -> Handle:
    return elementwise.copysign(1.0, as_float(line(b, plain(value)))) < 0.0


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
    near = elementwise.absolute(x - y) <= at_least + r * elementwise.absolute(y)
    result: Handle = (near & _isfinite(builder, y)) | control.equal(x, y)
    return result | (_isnan(builder, x) & _isnan(builder, y)) if equal_nan else result


@LOWERINGS.named("nan_to_num")
def nan_to_num(
    b: Builder,
    x: Value,
    copy: Any = None,  # numbers are the same with and without
    nan: Value = 0.0,
    posinf: Value = None,
    neginf: Value = None,
) -> Handle:
    """Other numbers in the place of NaN and the infinities; they have no derivative there."""
    del copy
    made = line(b, plain(x))
    if made.dtype != FLOAT:
        return made
    high = sys.float_info.max if posinf is None else posinf
    low = -sys.float_info.max if neginf is None else neginf
    result = made
    for condition, value in (
        (control.equal(made, -math.inf), low),
        (control.equal(made, math.inf), high),
        (_isnan(b, made), nan),
    ):
        result = where(b, condition, value, result)
    return result


# --- real numbers as complex ones --------------------------------------------------------------


@LOWERINGS.named("real", "conj", "conjugate")
def real(b: Builder, x: Value) -> Handle:
    """Numbers here are real."""
    return line(b, plain(x))


@LOWERINGS.named("real_if_close")
def real_if_close(b: Builder, a: Value, tol: float = 100) -> Handle:
    """Numbers here are real."""
    del tol
    return line(b, plain(a))


@LOWERINGS.named("imag")
def imag(b: Builder, value: Value) -> Handle:
    """Zeros."""
    x = line(b, plain(value))
    return Handle(b, b.full(0.0, x.shape, x.dtype if x.dtype == INT else FLOAT))


@LOWERINGS.named("isreal")
def isreal(b: Builder, x: Value) -> Handle:
    """True everywhere."""
    return broadcast_to(line(b, value=True), line(b, plain(x)).shape)


@LOWERINGS.named("iscomplex")
def iscomplex(b: Builder, x: Value) -> Handle:
    """False everywhere."""
    return broadcast_to(line(b, value=False), line(b, plain(x)).shape)


@LOWERINGS.named("isrealobj")
def isrealobj(b: Builder, x: Value) -> bool:
    """True."""
    line(b, plain(x))
    return True


@LOWERINGS.named("iscomplexobj")
def iscomplexobj(b: Builder, x: Value) -> bool:
    """False."""
    line(b, plain(x))
    return False


# --- ours ------------------------------------------------------------------------------------


@LOWERINGS.named("stop_gradient")
def stop_gradient(b: Builder, x: Value) -> Handle:
    """The value itself, a constant for every derivative."""
    return creation.stop(line(b, x))


# --- what is refused ---------------------------------------------------------------------------

LOWERINGS.refuse(
    {
        "angle": "the angle of a real number is 0 or pi: use np.where(x < 0, np.pi, 0.0)",
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
        "unwrap": None,
    }
)
