"""NumPy of single numbers, for a browser that has no NumPy: what explanations of formulas call.

Numbers have NumPy's results, infinities and NaN where Python's `math` raises. Arrays are refused.
A test compares explanations that are made with this module and with NumPy.
"""

import builtins
import cmath
import math
import struct
from contextlib import ContextDecorator
from types import SimpleNamespace

inf, nan, pi = math.inf, math.nan, math.pi
linalg = SimpleNamespace(LinAlgError=type("LinAlgError", (ValueError,), {}))


class ArraysError(NotImplementedError):
    """Arrays are asked for."""


# --- numbers -------------------------------------------------------------------------------------


CHARS = {"float64": "d", "int64": "l", "bool": "?", "complex128": "D"}


def _kind_name(kind):
    """Of what NumPy takes for a kind: its name, a type, or what has one."""
    if isinstance(kind, Kind):
        return kind.name
    kind = kind if isinstance(kind, str) else getattr(kind, "dtype", kind)
    if isinstance(kind, Kind):
        return kind.name
    name = kind if isinstance(kind, str) else kind.__name__
    return {"float": "float64", "int": "int64", "complex": "complex128"}.get(name, name)


class Kind:
    """The kind of a number, as NumPy's `dtype`."""

    itemsize = 8

    def __init__(self, given):
        self.name = _kind_name(given)
        self.kind = self.name[0]
        self.char = CHARS.get(self.name, self.kind)

    def __eq__(self, other):
        return _kind_name(other) == self.name

    def __hash__(self):
        return hash(self.name)


class Number:
    """What a number shares with an array without axes."""

    ndim, shape, size, itemsize = 0, (), 1, 8

    def __getitem__(self, place):
        if place != ():
            raise ArraysError
        return self

    def item(self):
        return self.python(self)

    tolist = item

    def astype(self, kind):
        return _of_kind(self.item(), _kind_name(kind))

    def reshape(self, *shape):
        if shape not in ((), ((),), ([],)):
            raise ArraysError
        return self

    def copy(self):
        return self

    def any(self):
        return bool_(bool(self.item()))

    all = any

    def view(self, kind):
        """The same bits as another kind."""
        letters = {"float64": "d", "int64": "q"}
        bits = struct.pack(letters[self.dtype.name], self)
        name = _kind_name(kind)
        return _of_kind(struct.unpack(letters[name], bits)[0], name)


def _operator(name):
    def computed(a, b):
        if not isinstance(b, (int, float, complex)):
            return NotImplemented
        return OPERATORS[name](a, b)

    def reflected(a, b):
        if not isinstance(b, (int, float, complex)):
            return NotImplemented
        return OPERATORS[name](b, a)

    return computed, reflected


def _compared(compare):
    def compared(a, b):
        found = compare(a, b)
        return found if found is NotImplemented else bool_(found)

    return compared


def _with_operators(cls):
    for name in OPERATOR_NAMES:
        computed, reflected = _operator(name)
        setattr(cls, f"__{name}__", computed)
        setattr(cls, f"__r{name}__", reflected)
    python = cls.__mro__[2]
    for name in ("lt", "le", "gt", "ge", "eq", "ne"):
        setattr(cls, f"__{name}__", _compared(getattr(python, f"__{name}__")))
    cls.__hash__ = python.__hash__
    cls.__neg__ = lambda a: _number(-a.item())
    cls.__pos__ = lambda a: a
    cls.__abs__ = lambda a: _number(abs(a.item()))
    cls.dtype = Kind(cls.__name__.rstrip("_"))
    return cls


OPERATOR_NAMES = ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "and", "or", "xor")


@_with_operators
class float64(Number, float):
    python = float


@_with_operators
class int64(Number, int):
    python = int


@_with_operators
class complex128(Number, complex):
    python = complex


class bool_(Number, int):
    dtype = Kind("bool")
    python = bool

    def __repr__(self):
        return repr(bool(self))

    def __invert__(self):
        return bool_(not self)


True_, False_ = bool_(1), bool_(0)


class ndarray:
    """No number is one."""


class float32:
    """No number is one either: all have the precision of Python's."""

    dtype = Kind("float32")

    def __new__(cls, *_):
        raise ArraysError


class Thing(Number):
    """Any other object, as a number of mpmath's."""

    dtype = Kind("object")

    def __init__(self, content):
        self.content = content

    def item(self):
        return self.content


KINDS = {"float64": float64, "int64": int64, "bool": bool_, "complex128": complex128}
dtype, generic, integer, floating = Kind, Number, int64, float64
PYTHONS = {float: "float64", int: "int64", bool: "bool", complex: "complex128", object: "object"}


def _of_kind(value, name):
    if name == "object":
        return Thing(value)
    if name == "bool":
        return bool_(bool(value))
    return KINDS[name](value)


def _number(value):
    """A number of Python's as one of these."""
    if isinstance(value, Number):
        return value
    if isinstance(value, (list, tuple, dict)):
        raise ArraysError
    name = PYTHONS.get(type(value))
    return Thing(value) if name is None else _of_kind(value, name)


def asarray(value, dtype=None):
    found = _number(value)
    return found if dtype is None else found.astype(dtype)


array = asanyarray = asarray


def full(shape, value, dtype=None):
    if tuple(shape) if hasattr(shape, "__iter__") else (shape,):
        raise ArraysError
    return asarray(value, dtype)


def ones_like(value, dtype=None):
    return _of_kind(1, _kind_name(dtype) if dtype else _number(value).dtype.name)


def zeros_like(value, dtype=None):
    return _of_kind(0, _kind_name(dtype) if dtype else _number(value).dtype.name)


def arange(length):
    if length != 1:
        raise ArraysError
    return float64(0.0)


def broadcast_to(value, shape):
    if tuple(shape):
        raise ArraysError
    return _number(value)


def shape(value):
    return _number(value).shape


def ndim(value):
    return _number(value).ndim


def size(value):
    return _number(value).size


class errstate(ContextDecorator):
    def __init__(self, **_):
        pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return False


def seterr(*_):
    pass


# what an emitted module needs where it computes a number as an array of one


class Cell:
    """An array of one number, to be filled."""

    def __getitem__(self, place):
        return self

    def reshape(self, shape):
        return broadcast_to(self.content, shape)

    def item(self):
        return self.content.item()


def empty(count, dtype=None):
    if count != 1:
        raise ArraysError
    return Cell()


def copyto(cell, value):
    cell.content = _number(value)


def ones(count, dtype=None):
    return [float64(1.0)] * count


def result_type(*kinds):
    return float64.dtype


def broadcast_shapes(*shapes):
    if builtins.any(shapes):
        raise ArraysError
    return ()


def prod(shape):
    return math.prod(shape)


def frompyfunc(function, _inputs, _outputs):
    return lambda *args: Thing(function(*[_number(x).item() for x in args]))


# --- arithmetic, where Python raises ------------------------------------------------------------


def _divided(a, b):
    if b:
        return a / b
    if isinstance(a, complex) or isinstance(b, complex):
        return complex(nan, nan)
    return nan if not a or a != a else math.copysign(inf, a) * math.copysign(1.0, b)


def _is_odd(b):
    return math.isfinite(b) and b % 2.0 == 1.0


def _power(a, b):
    if isinstance(a, complex) or isinstance(b, complex):
        return a**b if a else complex(b == 0)
    if isinstance(a, int) and isinstance(b, int):
        return a**b
    try:
        return math.pow(a, b)
    except ValueError:
        if a:
            return nan  # a root of a negative number
        return math.copysign(inf, a) if _is_odd(b) else inf
    except OverflowError:
        return -inf if a < 0.0 and _is_odd(b) else inf


def _modulo(a, b):
    if not b:
        return 0 if isinstance(b, int) and isinstance(a, int) else nan
    return nan if math.isinf(a) else a % b


def _floor_divided(a, b):
    if not b:
        return 0 if isinstance(b, int) and isinstance(a, int) else _divided(a, b)
    return nan if math.isinf(a) else a // b


def _python(function):
    """A function of Python's numbers as one of these."""

    def computed(*args):
        return _number(function(*[_number(x).item() for x in args]))

    return computed


OPERATORS = {
    "add": _python(lambda a, b: a + b),
    "sub": _python(lambda a, b: a - b),
    "mul": _python(lambda a, b: a * b),
    "truediv": _python(_divided),
    "floordiv": _python(_floor_divided),
    "mod": _python(_modulo),
    "pow": _python(_power),
    "and": _python(lambda a, b: a & b),
    "or": _python(lambda a, b: a | b),
    "xor": _python(lambda a, b: a ^ b),
}


# --- functions -----------------------------------------------------------------------------------


def _smooth(name, beyond):
    """A function of `math` and `cmath`; `beyond` says what it is where that raises."""
    real, complex_ = getattr(math, name), getattr(cmath, name, None)

    def computed(x):
        if isinstance(x, complex):
            try:
                return complex_(x)
            except (ArithmeticError, ValueError):
                return complex(nan, nan)
        try:
            return real(x)
        except (ArithmeticError, ValueError):
            return beyond(float(x))

    return _python(computed)


def _endless(_):
    return inf


def _no_number(_):
    return nan


def _pole_at(place, sign=-1.0):
    return lambda x: sign * inf if x == place else nan


def _either(choose):
    def computed(a, b):
        return a + b if a != a or b != b else choose(a, b)

    return _python(computed)


def _whole(function):
    return _python(lambda x: math.copysign(function(x), x) if math.isfinite(x) else float(x))


def _sign(x):
    return float(math.copysign(1.0, x)) if x > 0 or x < 0 else x + 0.0


def _heaviside(x, h):
    return 1.0 if x > 0 else 0.0 if x < 0 else h if x == 0 else x


def _added_logarithms(a, b):
    if a == b:
        return a + math.log(2.0)
    low, high = sorted((a, b))
    return high + math.log1p(math.exp(low - high)) if a == a and b == b else nan


def _added_binary_logarithms(a, b):
    if a == b:
        return a + 1.0
    low, high = sorted((a, b))
    return high + math.log2(1.0 + 2.0 ** (low - high)) if a == a and b == b else nan


exp = _smooth("exp", _endless)
exp2 = _python(lambda x: _power(2.0, x))
expm1 = _smooth("expm1", _endless)
log = _smooth("log", _pole_at(0.0))
log2 = _smooth("log2", _pole_at(0.0))
log10 = _smooth("log10", _pole_at(0.0))
log1p = _smooth("log1p", _pole_at(-1.0))
sqrt = _smooth("sqrt", _no_number)
cbrt = _smooth("cbrt", _no_number)
sin = _smooth("sin", _no_number)
cos = _smooth("cos", _no_number)
tan = _smooth("tan", _no_number)
arcsin = _smooth("asin", _no_number)
arccos = _smooth("acos", _no_number)
arctan = _smooth("atan", _no_number)
sinh = _smooth("sinh", lambda x: math.copysign(inf, x))
cosh = _smooth("cosh", _endless)
tanh = _smooth("tanh", _no_number)
arcsinh = _smooth("asinh", _no_number)
arccosh = _smooth("acosh", _no_number)
arctanh = _smooth("atanh", lambda x: math.copysign(inf, x) if abs(x) == 1.0 else nan)
power = _python(_power)
fmod = _python(lambda a, b: math.fmod(a, b) if b and math.isfinite(a) else nan)
arctan2 = _python(math.atan2)
hypot = _python(math.hypot)
copysign = _python(lambda a, b: math.copysign(a, b))
abs = absolute = _python(builtins.abs)
sign = _python(_sign)
floor, ceil, trunc, rint = map(_whole, (math.floor, math.ceil, math.trunc, round))
maximum, minimum = _either(max), _either(min)
clip = _python(lambda x, low, high: min(max(x, low), high) if x == x else x)
heaviside = _python(_heaviside)
logaddexp = _python(_added_logarithms)
logaddexp2 = _python(_added_binary_logarithms)
sinc = _python(lambda x: math.sin(pi * x) / (pi * x) if x else 1.0)
multiply = OPERATORS["mul"]
logical_and = _python(lambda a, b: bool(a) and bool(b))
logical_or = _python(lambda a, b: bool(a) or bool(b))
logical_not = _python(lambda a: not a)
less = _python(lambda a, b: a < b)
equal = _python(lambda a, b: a == b)
isfinite = _python(cmath.isfinite)
isinf = _python(cmath.isinf)
isnan = _python(cmath.isnan)
count_nonzero = _python(lambda a: int(bool(a)))


def any(value):
    return _number(value).any()


all = any


def where(condition, a, b):
    a, b = _number(a), _number(b)
    chosen = a if condition else b
    return chosen.astype("float64") if "float64" in (a.dtype.name, b.dtype.name) else chosen


def allclose(a, b, rtol=1e-05, atol=1e-08, *, equal_nan=False):
    a, b = _number(a).item(), _number(b).item()
    if a != a or b != b:
        return equal_nan and a != a and b != b
    return a == b or (isfinite(b) and abs(a - b) <= atol + rtol * abs(b))


def array_equal(a, b):
    return _number(a).item() == _number(b).item()


def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(name)
    raise ArraysError(f"NumPy's {name} is not here")
