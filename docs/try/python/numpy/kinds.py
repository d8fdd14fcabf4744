"""Numbers of NumPy's kinds."""

import math
import struct
from contextlib import ContextDecorator
from types import SimpleNamespace

inf, nan, pi, e, newaxis = math.inf, math.nan, math.pi, math.e, None


class ArraysError(NotImplementedError, AttributeError):
    """What is asked for, by its name, is not here."""


SIZES = {"complex128": 16, "float32": 4, "int32": 4, "bool": 1, "int8": 1, "uint8": 1}
CHARS = {"float64": "d", "int64": "l", "bool": "?", "complex128": "D"}
OF_PYTHON = {bool: "bool", int: "int64", float: "float64", complex: "complex128"}  # widening
CONVERSIONS = {"bool": bool, "int64": int, "int8": int, "float64": float, "complex128": complex}
OPERATOR_NAMES = ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "and", "or", "xor")
COMPARISONS = ("lt", "le", "gt", "ge", "eq", "ne")
OPERATORS = {}  # filled by `numpy.arithmetic`


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

    def __init__(self, given):
        self.name = _kind_name(given)
        self.kind = "c" if self.name.startswith("complex") else self.name[0]
        self.char = CHARS.get(self.name, self.kind)
        self.itemsize = SIZES.get(self.name, 8)

    @property
    def type(self):
        """The class of such a number."""
        return KINDS[self.name]

    def __eq__(self, other):
        return other is not None and _kind_name(other) == self.name

    def __hash__(self):
        return hash(self.name)

    def __repr__(self):
        return self.name


def widest(numbers):
    """The name of the kind that holds all of these numbers of Python's."""
    types = {*map(type, numbers)} or {float}
    if not types <= OF_PYTHON.keys():
        return "object"
    return [name for type_, name in OF_PYTHON.items() if type_ in types][-1]


class Number:
    """What a number shares with an array without axes."""

    ndim, shape, size, base = 0, (), 1, None

    def __getitem__(self, place):
        if place in ((), ...):
            return self
        return self._array()[(0, *(place if isinstance(place, tuple) else (place,)))]

    def _array(self):
        from numpy.arrays import made

        return made([self.item()], (1,), self.dtype.name)

    def item(self):
        return self.python(self)

    tolist = item

    def astype(self, kind, **_):
        return _of_kind(self.item(), _kind_name(kind))

    def reshape(self, *shape):
        return self if shape in ((), ((),), ([],)) else self._array().reshape(*shape)

    def ravel(self):
        return self._array()

    def copy(self):
        return self

    def squeeze(self, axis=None):
        return self

    def any(self, axis=None, keepdims=False):
        return bool_(bool(self.item()))

    all = any

    def sum(self, axis=None, keepdims=False):
        return self

    max = min = prod = sum

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
    for name in COMPARISONS:
        setattr(cls, f"__{name}__", _compared(getattr(python, f"__{name}__")))
    cls.__hash__ = python.__hash__
    cls.__neg__ = lambda a: _number(-a.item())
    cls.__pos__ = lambda a: a
    cls.__abs__ = lambda a: _number(abs(a.item()))
    cls.dtype = Kind(cls.__name__.rstrip("_"))
    return cls


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

    def __and__(self, other):
        return OPERATORS["and"](self, other)

    def __or__(self, other):
        return OPERATORS["or"](self, other)

    def __invert__(self):
        return bool_(not self)


True_, False_ = bool_(1), bool_(0)


def _absent(name):
    """A kind that no number here has: those have the precision of Python's."""

    def refused(cls, *_):
        raise ArraysError(f"np.{name}")

    return type(name, (), {"dtype": Kind(name), "__new__": refused})


float32, complex64, float16 = map(_absent, ("float32", "complex64", "float16"))
int8, uint8, int32, matrix = map(_absent, ("int8", "uint8", "int32", "matrix"))
ma = SimpleNamespace(MaskedArray=_absent("ma.MaskedArray"))
intp = int64


class Thing(Number):
    """Any other object, as a number of mpmath's."""

    dtype = Kind("object")

    def __init__(self, content):
        self.content = content

    def item(self):
        return self.content


KINDS = {"float64": float64, "int64": int64, "bool": bool_, "complex128": complex128}
dtype, generic, integer, floating = Kind, Number, int64, float64


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
    name = OF_PYTHON.get(type(value))
    return Thing(value) if name is None else _of_kind(value, name)


def result_type(*given):
    names = {widest([one]) if type(one) in OF_PYTHON else _kind_name(one) for one in given}
    return Kind([name for name in OF_PYTHON.values() if name in names][-1])


class errstate(ContextDecorator):
    def __init__(self, **_):
        pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return False


def seterr(*_):
    pass
