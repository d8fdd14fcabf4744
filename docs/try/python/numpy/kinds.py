"""Numbers of NumPy's kinds, and what makes them: arrays are refused."""

import math
import struct
from contextlib import ContextDecorator
from types import SimpleNamespace

inf, nan, pi = math.inf, math.nan, math.pi
linalg = SimpleNamespace(LinAlgError=type("LinAlgError", (ValueError,), {}))


class ArraysError(NotImplementedError):
    """Arrays are asked for."""


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


OPERATORS = {}  # filled by `numpy.arithmetic`
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


def _python(function):
    """A function of Python's numbers as one of these."""

    def computed(*args):
        return _number(function(*[_number(x).item() for x in args]))

    return computed
