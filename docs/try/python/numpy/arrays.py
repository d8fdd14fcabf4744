"""Arrays: a list of elements, and for each axis its length and how far apart neighbours are.

A slice, a transpose, and what is repeated are views: of the same list.
"""

import bisect
import itertools
import math
import operator
import struct

from numpy.axes import along, axes_of, kind_of_sums, largest, reduced, smallest
from numpy.indices import broadcast_shapes, chosen, places, repeated, steps_of, steps_to
from numpy.kinds import (
    COMPARISONS,
    CONVERSIONS,
    OPERATOR_NAMES,
    OPERATORS,
    ArraysError,
    Kind,
    Number,
    _number,
    _of_kind,
    widest,
)


def made(elements, shape, kind=None):
    """An array, or the number that it is where it has no axes."""
    elements, shape = list(elements), tuple(shape)
    kind = kind or widest(elements)
    return ndarray._of(elements, shape, kind) if shape else _bare(elements[0], kind)


def _bare(element, kind):
    """An element as NumPy gives it: an object itself."""
    return element if kind == "object" else _of_kind(element, kind)


class _Refusing(type):
    """The class of arrays, which has a method of any name: one that is not here is refused."""

    def __getattr__(cls, name):
        if name.startswith("__"):
            raise AttributeError(name)

        def refused(*_, **__):
            raise ArraysError(f"np.ndarray.{name}")

        return refused


class ndarray(metaclass=_Refusing):
    """An array.

    Attributes:
        buffer: a list of Python's numbers.
        start: the place of the first element.
        shape: the lengths of the axes.
        steps: how far apart neighbours along each axis are.
        dtype: the kind of its elements.
        base: the array that it is a view of.
    """

    def __new__(cls, *_, **__):
        raise ArraysError("np.ndarray(...)")

    @classmethod
    def _of(cls, elements, shape, kind):
        self = object.__new__(cls)
        convert = CONVERSIONS.get(kind, lambda x: x)
        self.buffer, self.start, self.base = [convert(x) for x in elements], 0, None
        self.shape, self.steps, self.dtype = shape, steps_of(shape), Kind(kind)
        return self

    def _view(self, shape, steps, start=None):
        """Elements of this array in another order, or some of them: a number without axes."""
        start = self.start if start is None else start
        if not shape:
            return _bare(self.buffer[start], self.dtype.name)
        view = object.__new__(type(self))
        view.buffer, view.start, view.base = self.buffer, start, self
        view.shape, view.steps, view.dtype = tuple(shape), tuple(steps), self.dtype
        return view

    @property
    def elements(self):
        """Those of the array in their order."""
        if self.is_plain and self.size == len(self.buffer):
            return self.buffer
        return [self.buffer[at] for at in places(self.shape, self.steps, self.start)]

    @property
    def is_plain(self):
        """Whether the elements stand one behind the other."""
        return self.steps == steps_of(self.shape)

    # --- what it is ------------------------------------------------------------------------------

    @property
    def ndim(self):
        return len(self.shape)

    @property
    def size(self):
        return math.prod(self.shape)

    @property
    def itemsize(self):
        return self.dtype.itemsize

    @property
    def nbytes(self):
        return self.size * self.itemsize

    @property
    def T(self):
        return self.transpose()

    @property
    def flat(self):
        return self.reshape(-1)

    @property
    def real(self):
        return of_each(lambda x: x.real)(self)

    @property
    def imag(self):
        return of_each(lambda x: x.imag)(self)

    def __len__(self):
        return self.shape[0]

    def __iter__(self):
        return (self[k] for k in range(len(self)))

    def __bool__(self):
        return bool(self.item())

    def __float__(self):
        return float(self.item())

    def __int__(self):
        return int(self.item())

    def __repr__(self):
        return f"array({self.tolist()})"

    def item(self):
        if self.size != 1:
            raise ValueError("can only convert an array of size 1 to a Python scalar")
        return self.elements[0]

    def tolist(self):
        if self.ndim == 1:
            return list(self.elements)
        return [part.tolist() for part in self]

    def astype(self, kind, **_):
        return made(self.elements, self.shape, Kind(kind).name)

    def copy(self, *_):
        return made(self.elements, self.shape, self.dtype.name)

    def tobytes(self):
        letters = {"float64": "d", "int64": "q", "bool": "?"}
        return struct.pack(f"<{self.size}{letters[self.dtype.name]}", *self.elements)

    def view(self, kind):
        """The same bits as another kind."""
        name, letters = Kind(kind).name, {"float64": "d", "int64": "q"}
        format_ = f"{self.size}{letters[self.dtype.name]}"
        bits = struct.pack(format_, *self.elements)
        return made(struct.unpack(f"{self.size}{letters[name]}", bits), self.shape, name)

    def __getattr__(self, name):
        raise ArraysError(f"np.ndarray.{name}")

    # --- shapes ----------------------------------------------------------------------------------

    def reshape(self, *shape):
        shape = shape[0] if len(shape) == 1 else shape
        lengths = list(shape) if hasattr(shape, "__iter__") else [shape]
        if -1 in lengths:
            others = -math.prod(lengths)
            lengths[lengths.index(-1)] = self.size // others if others else 0
        if math.prod(lengths) != self.size:
            raise ValueError(
                f"cannot reshape array of size {self.size} into shape {tuple(lengths)}"
            )
        whole = self if self.is_plain else self.copy()
        return whole._view(lengths, steps_of(lengths))

    def ravel(self, *_):
        return self.reshape(-1)

    def flatten(self, *_):
        return self.copy().reshape(-1)

    def transpose(self, *axes):
        axes = axes[0] if len(axes) == 1 and hasattr(axes[0], "__iter__") else axes
        axes = [axis % self.ndim for axis in axes] or range(self.ndim)[::-1]
        return self._view([self.shape[k] for k in axes], [self.steps[k] for k in axes])

    def swapaxes(self, first, second):
        axes = list(range(self.ndim))
        axes[first], axes[second] = axes[second], axes[first]
        return self.transpose(axes)

    def squeeze(self, axis=None):
        left_out = range(self.ndim) if axis is None else axes_of(axis, self.ndim)
        return self.reshape([n for k, n in enumerate(self.shape) if not (k in left_out and n == 1)])

    # --- elements --------------------------------------------------------------------------------

    def __getitem__(self, key):
        lengths, steps, found = chosen(self, key)
        if steps is not None:
            return self._view(lengths, steps, found)
        return made([self.buffer[at] for at in found], lengths, self.dtype.name)

    def __setitem__(self, key, value):
        lengths, steps, found = chosen(self, key)
        found = found if steps is None else places(lengths, steps, found)
        value, convert = asarray(value), CONVERSIONS.get(self.dtype.name, lambda x: x)
        while value.ndim > len(lengths) and value.shape[0] == 1:
            value = value[0]
        for at, element in zip(found, [*repeated(value, lengths)], strict=True):
            self.buffer[at] = convert(element)

    # --- over axes and along one -----------------------------------------------------------------

    def sum(self, axis=None, keepdims=False, **_):
        return reduced(self, axis, keepdims, sum, kind_of_sums(self))

    def prod(self, axis=None, keepdims=False, **_):
        return reduced(self, axis, keepdims, math.prod, kind_of_sums(self))

    def max(self, axis=None, keepdims=False, **_):
        return reduced(self, axis, keepdims, largest, self.dtype.name)

    def min(self, axis=None, keepdims=False, **_):
        return reduced(self, axis, keepdims, smallest, self.dtype.name)

    def all(self, axis=None, keepdims=False, **_):
        return reduced(self, axis, keepdims, all, "bool")

    def any(self, axis=None, keepdims=False, **_):
        return reduced(self, axis, keepdims, any, "bool")

    def mean(self, axis=None, keepdims=False, **_):
        return self.sum(axis, keepdims) / reduced(self, axis, keepdims, len, "int64")

    def argmax(self, axis=None):
        return reduced(self, axis, False, lambda line: line.index(_first(largest(line), line)))

    def argmin(self, axis=None):
        return reduced(self, axis, False, lambda line: line.index(_first(smallest(line), line)))

    def cumsum(self, axis=None):
        return along(self, axis, lambda line: itertools.accumulate(line), kind_of_sums(self))

    def cumprod(self, axis=None):
        return along(
            self, axis, lambda line: itertools.accumulate(line, operator.mul), kind_of_sums(self)
        )

    def searchsorted(self, value, side="left"):
        find = bisect.bisect_left if side == "left" else bisect.bisect_right
        value, line = asarray(value), self.elements
        return made([find(line, x) for x in elements_of(value)], value.shape, "int64")

    # --- operators -------------------------------------------------------------------------------

    __hash__ = None

    def __neg__(self):
        return of_each(operator.neg)(self)

    def __pos__(self):
        return self.copy()

    def __abs__(self):
        return of_each(abs)(self)

    def __invert__(self):
        return of_each(lambda x: not x if isinstance(x, bool) else ~x)(self)

    def __matmul__(self, other):
        from numpy.products import matmul

        return matmul(self, other)

    def __rmatmul__(self, other):
        from numpy.products import matmul

        return matmul(other, self)


def _with_operators(cls):
    def given(name):
        setattr(cls, f"__{name}__", lambda a, b: OPERATORS[name](a, b))
        setattr(cls, f"__r{name}__", lambda a, b: OPERATORS[name](b, a))
        setattr(cls, f"__i{name}__", lambda a, b: OPERATORS[name](a, b, out=a))

    def compared(name):
        compare = of_each(getattr(operator, name))
        setattr(cls, f"__{name}__", lambda a, b: compare(a, b))

    for name in OPERATOR_NAMES:
        given(name)
    for name in COMPARISONS:
        compared(name)


# --- making ---------------------------------------------------------------------------------------


def asarray(value, dtype=None, **_):
    """Numbers, nested lists of them, and arrays: those themselves."""
    if isinstance(value, (list, tuple)):
        found = _nested([asarray(part) for part in value])
    else:
        found = value if isinstance(value, ndarray) else _number(value)
    return found if dtype is None or found.dtype == dtype else found.astype(dtype)


def array(value, dtype=None, **_):
    return asarray(value, dtype).copy()


def _nested(parts):
    shapes = {part.shape for part in parts}
    if len(shapes) > 1:
        raise ValueError("the lists have different lengths: an inhomogeneous shape")
    elements = [x for part in parts for x in elements_of(part)]
    return made(elements, (len(parts), *(shapes.pop() if shapes else ())), widest(elements))


def elements_of(value):
    return value.elements if isinstance(value, ndarray) else [value.item()]


# --- of each element ------------------------------------------------------------------------------


def broadcast_to(value, shape):
    value, shape = asarray(value), tuple(shape)
    if isinstance(value, Number):
        value = value.reshape(1) if shape else value
    repeated(value, shape)  # it refuses what does not fit
    return value._view(shape, steps_to(value, shape)) if shape else value


class ufunc:
    """A function of Python's numbers as one of these numbers, and of the elements of arrays."""

    def __init__(self, function):
        self.function = function

    def __call__(self, *args, out=None, where=None):
        given = [asarray(x) for x in args]
        if all(isinstance(x, Number) for x in given):
            element = self.function(*[x.item() for x in given])
            found = _bare(element, widest([element]))
        else:
            shape = broadcast_shapes(*[x.shape for x in given])
            columns = [repeated(x, shape) for x in given]
            found = made(map(self.function, *columns), shape)
        if out is None:
            return found
        if where is None:
            out[...] = found
        else:
            out[where] = asarray(repeated(found, out.shape)).reshape(out.shape)[where]
        return out

    def at(self, array, key, value):
        """Change elements one after the other, those that come twice too."""
        lengths, steps, found = chosen(array, key)
        found = found if steps is None else places(lengths, steps, found)
        for at, element in zip(found, [*repeated(asarray(value), lengths)], strict=True):
            array.buffer[at] = self.function(array.buffer[at], element)

    def accumulate(self, array, axis=0):
        return along(array, axis, lambda line: itertools.accumulate(line, self.function))


of_each = ufunc


def _first(value, line):
    """An element of a line that is a value; NaN, which no NaN equals, is found too."""
    return value if value == value else next(x for x in line if x != x)


_with_operators(ndarray)
