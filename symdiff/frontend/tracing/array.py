"""Tracers by what they stand for, as NumPy's code meets it.

There are three: a number of Python's, an element of an array (a scalar of NumPy's), and an array.
Each has the attributes and methods of what it stands for, and its name in Python's own messages.
"""

from __future__ import annotations

import dis
import sys
from collections.abc import Callable, Iterator, Sequence
from itertools import zip_longest
from typing import Any

from symdiff.frontend.tracing.flat import Flat
from symdiff.frontend.tracing.length import Length
from symdiff.frontend.tracing.places import is_ours
from symdiff.frontend.tracing.recorder import Recorder
from symdiff.frontend.tracing.storage import Buffer
from symdiff.frontend.tracing.surface import InPlace, Methods
from symdiff.frontend.tracing.tracer import Tracer
from symdiff.frontend.tracing.wrappers import refuse_labels
from symdiff.graph.shape import Dim

KEY = "compare it with each key (a if x == 1 else b); take functools.lru_cache off"


def _for_ourselves(name: str, get: Callable[[Any], Any]) -> property:
    """An attribute that the user's code does not see: Python's numbers have none of this name."""

    def read(self: Tracer) -> Any:
        if is_ours(sys._getframe(1).f_code.co_filename):
            return get(self)
        raise AttributeError(name)

    return property(read)


def _refuse_items(value: Tracer) -> Any:
    """Refuse an assignment as Python does; else there is no such attribute."""
    frame = sys._getframe(1)
    if frame.f_code.co_code[frame.f_lasti] == dis.opmap["STORE_SUBSCR"]:  # else it asks the key
        raise TypeError(f"'{value.type_name}' object does not support item assignment")
    raise AttributeError(f"'{value.type_name}' object has no attribute '__setitem__'")


class NumberTracer(Tracer):
    """A number of Python's: a float, or an int or a bool that Python computes of floats."""

    __slots__ = ()
    kind: type = float

    __setitem__ = property(_refuse_items)
    dtype = _for_ourselves("dtype", lambda self: self.storage.dtype)
    shape = _for_ourselves("shape", lambda _: ())
    ndim = _for_ourselves("ndim", lambda _: 0)

    @property  # type: ignore[misc]
    def __class__(self) -> Any:
        """What `isinstance` sees: float, int or bool."""
        return self.kind

    @property
    def imag(self) -> Any:
        """Zero."""
        return 0.0 if self.kind is float else 0

    def is_integer(self) -> Any:
        """Whether it is a finite whole number."""
        call = self.current.call
        is_whole = call("equal", self, call("floor", self))
        found = call("logical_and", is_whole, call("isfinite", self))
        return buffered(self.current, found.content, found.dtype, BoolTracer)

    def __hash__(self) -> int:
        return hash(self._number("a hash, for a key or a set,", KEY))

    def __copy__(self) -> Any:
        return self

    def __deepcopy__(self, _: Any) -> Any:
        return self


class IntTracer(NumberTracer):
    """An int: what rounding a float gives, and arithmetic with truths."""

    __slots__ = ()
    kind = int
    _is_integer = True  # its line may hold floats


class BoolTracer(NumberTracer):
    """A truth: what a comparison of numbers gives."""

    __slots__ = ()
    kind = bool


class EitherTracer(NumberTracer):
    """A float that is an int in one way of a branch."""

    __slots__ = ()


class NumPyTracer(Tracer, Methods):
    """What arrays and their elements have in common."""

    __slots__ = ()

    @property
    def type_name(self) -> str:
        """What Python's messages call its class."""
        return f"numpy.{super().type_name}"

    @property
    def shape(self) -> tuple[Any, ...]:
        """The lengths of the axes."""
        return tuple(self.recording.length(n) for n in self._lengths)

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self._lengths)

    @property
    def size(self) -> Any:
        """The number of elements."""
        from symdiff.graph.shape import size

        return self.recording.length(size(self._lengths))

    @property
    def T(self) -> Any:  # noqa: N802  NumPy's name
        """The axes in reverse order."""
        return self.current.call("transpose", self)

    @property
    def mT(self) -> Any:  # noqa: N802  NumPy's name
        """The last two axes exchanged."""
        return self.current.call("matrix_transpose", self)

    @property
    def device(self) -> str:
        """Where the elements are."""
        return "cpu"

    def __array_namespace__(self, *, api_version: Any = None) -> Any:
        import numpy as np

        return np.empty(0).__array_namespace__(api_version=api_version)

    def item(self, *args: Any) -> Any:
        """The element, or one of them, as a number of Python's."""
        if self.is_concrete:
            return self.content.item(*args)
        if args:
            place = args[0] if len(args) == 1 else args
            one = self[place] if isinstance(place, tuple) else self.ravel()[place]
        elif all(n == 1 for n in self._lengths):
            one = self.current.call("reshape", self, ())
        else:
            raise ValueError("can only convert an array of size 1 to a Python scalar")
        kind = _PYTHON_KINDS[one.dtype.kind]
        return buffered(one.recording, one.content, one.dtype, PYTHONS[kind])

    def tolist(self) -> Any:
        """The elements as numbers of Python's, in lists."""
        if self.is_concrete:
            return self.content.tolist()
        whole: Any = self  # what has no axes has no rows
        return [row.tolist() for row in whole] if self._lengths else self.item()

    def __getitem__(self, key: Any) -> Any:
        if self.current.libraries:
            refuse_labels(self.current, key)
        return self.current.memory.read(self, key)

    # --- methods that are no functions of NumPy ----------------------------------------------

    def reshape(self, *shape: Any, order: str = "C") -> Any:
        """In another shape, given as a tuple or as numbers."""
        wanted = shape[0] if len(shape) == 1 else shape
        return self.current.call("reshape", self, wanted, order=order)

    def transpose(self, *axes: Any) -> Any:
        """With the axes in another order, given as a tuple or as numbers."""
        order = axes[0] if len(axes) == 1 else axes or None
        return self.current.call("transpose", self, order)

    def flatten(self, order: str = "C") -> Any:
        """A copy with one axis."""
        return self.current.call("copy", self.current.call("ravel", self, order=order))

    def astype(self, dtype: Any, *_: Any, copy: bool = True, **__: Any) -> Any:
        """Of another type."""
        return self.current.astype(self, dtype, copy=copy)

    def copy(self, *_: Any, **__: Any) -> Any:
        """A copy, in C's order; that of a number is a number."""
        return self.current.copy(self, type(self), in_c_order=True)

    @property
    def flat(self) -> Any:
        """All elements in C's order."""
        return Flat(self)

    def conj(self) -> Any:
        """The complex conjugate; a real number itself."""
        return self.conjugate()

    def __copy__(self) -> Any:
        return self.copy()

    def __deepcopy__(self, _: Any) -> Any:
        return self.copy()


class ScalarTracer(NumPyTracer):
    """An element of an array, or what NumPy computes of such."""

    __slots__ = ()

    @property  # type: ignore[misc]
    def __class__(self) -> Any:
        """What `isinstance` sees: the class of NumPy's scalar."""
        return self.dtype.type

    __iter__ = None  # else Python would try numbers as indices

    __setitem__ = property(_refuse_items)

    def fill(self, _value: Any) -> None:
        """Nothing, as NumPy's scalars do."""

    def __hash__(self) -> int:
        return hash(self._number("a hash, for a key or a set,", KEY))


class ArrayTracer(NumPyTracer, InPlace):
    """An array, with axes or without."""

    __slots__ = ()
    __hash__ = None  # type: ignore[assignment]

    @property  # type: ignore[misc]
    def __class__(self) -> Any:
        """What `isinstance` sees."""
        import numpy as np

        return np.ndarray

    @property
    def real(self) -> Any:
        """The real part; a real array itself."""
        return super().real

    @real.setter
    def real(self, values: Any) -> None:
        self.real[...] = values

    @property
    def imag(self) -> Any:
        """The imaginary part; zeros for a real array."""
        return super().imag

    @imag.setter
    def imag(self, values: Any) -> None:
        if not self._is_complex:
            raise TypeError("array does not have imaginary part to set")
        self.imag[...] = values

    @property
    def flags(self) -> Any:
        """How NumPy lays such an array out."""
        return self.storage.layout.flags

    @property
    def flat(self) -> Any:
        """All elements in C's order."""
        return Flat(self)

    @flat.setter
    def flat(self, values: Any) -> None:
        Flat(self)[:] = values

    @property
    def shape(self) -> tuple[Any, ...]:
        """The lengths of the axes; another shape makes it a view of the same elements."""
        return super().shape

    @shape.setter
    def shape(self, shape: Any) -> None:
        if self.argument:
            self.current.refuse(
                f"the function changes the shape of its argument '{self.argument}'",
                f"write {self.argument} = {self.argument}.reshape(...)",
            )
        made = self.reshape(shape)
        if all(isinstance(length, int) for length in made._lengths):
            self.storage.layout.view().shape = made._lengths  # or NumPy's error
        self.storage = made.storage

    def __len__(self) -> int:
        if not self._lengths:
            raise TypeError("len() of unsized object")
        length = self._lengths[0]
        if isinstance(length, Dim):
            self.current.refuse(
                f"the length {length} is known only when the emitted function runs",
                "write x.shape[0], which can be computed with, or give the length as a number",
            )
        return length

    def __iter__(self) -> Iterator[Any]:
        if not self._lengths:
            raise TypeError("iteration over a 0-d array")
        if isinstance(self._lengths[0], Dim):
            Length(self.recording, self._lengths[0]).refuse_loop()
        return self._each(self.recording.code.unpacked())

    def _each(self, names: Sequence[str | None]) -> Iterator[Any]:
        """The elements, each read when its turn comes; of an unpacked array with their names."""
        for index, name in zip_longest(range(len(self)), names[: len(self)]):
            element = self[index]
            if name is not None:
                self.recording.name(element, name)
            yield element

    def __contains__(self, value: Any) -> bool:
        return bool(self.current.call("any", self.current.call("equal", self, value)))

    def __setitem__(self, key: Any, value: Any) -> None:
        self.current.memory.write(self, key, value)

    def setflags(self, write: Any = None, **_: Any) -> None:
        """Nothing for what NumPy would not let be written into: no write is lost by that."""
        if write:
            self.current.refuse(
                "an array is made writable that NumPy does not let be written into",
                "copy it first",
            )

    def fill(self, value: Any) -> None:
        """Write a number everywhere."""
        self[...] = value

    def sort(self, axis: int = -1, **_: Any) -> None:
        """Sort in place."""
        self[...] = self.current.call("sort", self, axis=axis)

    def partition(self, _kth: Any, axis: int = -1, **_: Any) -> None:
        """Sort in place, which is a partition."""
        self[...] = self.current.call("sort", self, axis=axis)


# Python's own messages name the class: "object of type 'float' has no len()"
_NAMES = {
    NumberTracer: "float",
    EitherTracer: "float",
    IntTracer: "int",
    BoolTracer: "bool",
    ScalarTracer: "numpy.float64",
    ArrayTracer: "numpy.ndarray",
}
for _kind, _name in _NAMES.items():
    _kind.__name__ = _kind.__qualname__ = _name
TRACERS = frozenset(_NAMES)
PYTHONS: dict[type, type[NumberTracer]] = {
    float: NumberTracer,
    EitherTracer: EitherTracer,
    int: IntTracer,
    bool: BoolTracer,
}
_PYTHON_KINDS = {"f": float, "i": int, "u": int, "b": bool, "c": complex}


def buffered(
    recorder: Recorder,
    content: Any,
    dtype: Any,
    kind: type[Tracer] | None = None,
    *,
    in_c_order: bool = False,
) -> Tracer:
    """The tracer of memory of its own.

    Args:
        recorder: the trace that it belongs to.
        content: a handle, or a concrete array of NumPy's.
        dtype: NumPy's type of its elements.
        kind: the class of the tracer; by default that of an array, or of its elements.
        in_c_order: whether NumPy is known to lay it out in C's order.
    """
    if kind is None:
        kind = ArrayTracer if in_c_order or content.shape != () else ScalarTracer
    return kind(recorder, Buffer(recorder, content, dtype, in_c_order=in_c_order))
