"""The stand-in for an array while a function is traced.

A stand-in is known (it holds an array of NumPy's, made inside of the function) or computed (it
holds a line of the graph). A write is functional underneath: it changes what the owner of the
memory holds. A view knows its owner and how it is made from it, so it sees every write, and a write
through it reaches the owner.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, NoReturn

from symdiff.frontend.tracing.length import Length
from symdiff.frontend.tracing.running import active
from symdiff.graph.shape import Dim, Dimension

if TYPE_CHECKING:
    from symdiff.frontend.tracing.trace import Trace
    from symdiff.ops.handle import Handle

WHERE = "write np.where(condition, a, b)"


class Traced:
    """An array, or a number, of the function that is being traced.

    Attributes:
        recording: the trace that it belongs to.
        argument: the name of the argument that it stands for; such a one cannot be written to.
        dtype: NumPy's type of its elements.
    """

    __slots__ = (
        "_again",
        "_content",
        "_layout",
        "_parent",
        "_seen",
        "_version",
        "argument",
        "dtype",
        "recording",
    )
    __array_priority__ = 1000.0
    __hash__ = None  # type: ignore[assignment]

    def __init__(
        self,
        trace: Trace,
        content: Any,  # a handle, or an array of NumPy's that is known
        dtype: Any,
        *,
        parent: Traced | None = None,
        again: Callable[[Any], Any] | None = None,
        argument: str = "",
        layout: bool = False,
    ) -> None:
        self.recording = trace
        self.dtype = dtype
        self.argument = argument
        self._content = content
        self._parent = parent
        self._again = again
        self._version = 0
        self._seen = parent._root._version if parent is not None else 0
        self._layout = layout

    @property
    def current(self) -> Trace:
        """The trace that takes what is computed of it: the innermost one.

        That may be one inside of its own, of a function that reads it and is differentiated there.
        """
        return active() or self.recording

    # --- what it holds -----------------------------------------------------------------------

    @property
    def _root(self) -> Traced:
        owner = self
        while owner._parent is not None:
            owner = owner._parent
        return owner

    @property
    def content(self) -> Any:
        """The line, or the known array, after all writes so far."""
        if self._parent is None:
            return self._content
        version = self._root._version
        if self._seen != version and self.recording.memory.is_view(self):
            assert self._again is not None  # a view has both
            self._content = self._again(self._parent.content)
            self._seen = version
        return self._content

    @property
    def is_known(self) -> bool:
        """Whether it holds an array of NumPy's, which depends on no argument."""
        return self.recording.is_array(self.content)

    @property
    def is_number(self) -> bool:
        """Whether it is a number, as NumPy's scalars are, and no array of no axes.

        Nothing is a view of a number, and it is never written to: names are bound anew.
        """
        return not self._lengths and self._parent is None and not self._layout

    @property
    def handle(self) -> Handle:
        """The line of the graph."""
        return self.recording.handle(self)

    @property
    def shape(self) -> tuple[Any, ...]:
        """The lengths of the axes."""
        return tuple(self.recording.length(n) for n in self._lengths)

    @property
    def _lengths(self) -> tuple[Dimension, ...]:
        return tuple(self.content.shape)

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
    def real(self) -> Any:
        """Itself: complex numbers are not supported."""
        return self

    @property
    def imag(self) -> Any:
        """Zeros."""
        return self.current.call("zeros_like", self)

    @property
    def flat(self) -> Any:
        """All elements in C's order."""
        return Flat(self)

    @flat.setter
    def flat(self, values: Any) -> None:
        Flat(self)[:] = values

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
        return iter([self[i] for i in range(len(self))])

    @property  # type: ignore[misc]
    def __class__(self) -> Any:
        """What `isinstance` sees: the class of what NumPy has in its place."""
        import numpy as np

        return self.dtype.type if self.is_number else np.ndarray

    def __copy__(self) -> Any:
        return self.copy()

    def __deepcopy__(self, _: Any) -> Any:
        return self.copy()

    def __repr__(self) -> str:
        return f"<traced array of the shape {self._lengths}>"

    # --- what it refuses ---------------------------------------------------------------------

    def _number(self, what: str, advice: str) -> Any:
        """The number, where it is known."""
        content = self.content
        if self.recording.is_array(content):
            return content
        self.current.memory.refuse_unseen_write()
        return self.current.refuse(f"{what} depends on a value that is not known yet", advice)

    def __bool__(self) -> bool:
        return bool(self._number("a decision", WHERE))

    def __float__(self) -> float:
        return float(self._number("float(...)", "compute with the value itself"))

    def __int__(self) -> int:
        return int(self._number("int(...)", "compute with the value itself, or pass it as an int"))

    def __index__(self) -> int:
        return operator.index(
            self._number(
                "an index or a length",
                "pass it as an int argument; to take one of a list, write np.array(items)[i]",
            )
        )

    def __complex__(self) -> complex:
        self.current.refuse("complex numbers are not supported")

    def __format__(self, spec: str) -> str:
        return format(self._number("a format", "take the print out, or print x itself"), spec)

    def item(self, *args: Any) -> Any:
        """The element as a number of Python's, where it is known."""
        return self._number("item()", "compute with the value itself").item(*args)

    def tolist(self) -> Any:
        """The elements as a list, where they are known."""
        return self._number("tolist()", "compute with the array itself").tolist()

    def __array__(self, *args: Any, **kwargs: Any) -> Any:
        content = self.content
        if self.recording.is_array(content):
            return content.copy()
        self.current.memory.refuse_unseen_write()
        return self.current.refuse(
            "a value that is not known yet goes where tracing does not see it",
            "call a function of NumPy: np.dot(a, x) for a.dot(x), np.array(a)[i] for a[i], and "
            "np.array([...]) around a list",
        )

    def __contains__(self, value: Any) -> bool:
        return bool(self.current.call("any", self.current.call("equal", self, value)))

    # --- NumPy's protocols -------------------------------------------------------------------

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        return self.current.ufunc(ufunc, method, inputs, kwargs)

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        return self.current.function(func, args, kwargs)

    # --- indices -----------------------------------------------------------------------------

    def __getitem__(self, key: Any) -> Any:
        return self.current.memory.read(self, key)

    def __setitem__(self, key: Any, value: Any) -> None:
        self.current.memory.write(self, key, value)

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

    def conj(self) -> Any:
        """Itself: complex numbers are not supported."""
        return self

    conjugate = conj

    def copy(self, *_: Any, **__: Any) -> Any:
        """A copy, in C's order; that of a number is a number."""
        return self.current.copy(self, layout=not self.is_number)

    def fill(self, value: Any) -> None:
        """Write a number everywhere; a number itself stays, as NumPy's scalars do."""
        if not self.is_number:
            self[...] = value

    def sort(self, axis: int = -1, **_: Any) -> None:
        """Sort in place."""
        self[...] = self.current.call("sort", self, axis=axis)

    def partition(self, _kth: Any, axis: int = -1, **_: Any) -> None:
        """Sort in place, which is a partition."""
        self[...] = self.current.call("sort", self, axis=axis)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self.current.attribute(name)


class Flat:
    """The elements of an array in C's order, `a.flat`: to read and to write, whatever its layout.

    Attributes:
        base: the array.
    """

    __array_ufunc__ = None

    def __init__(self, base: Traced) -> None:
        self.base = base

    def __getitem__(self, key: Any) -> Any:
        found = self.base.flatten()[key]
        return found.copy() if isinstance(found, Traced) and found.ndim else found

    def __setitem__(self, key: Any, value: Any) -> None:
        import numpy as np

        places = np.arange(self.base.size)[key]
        shape = self.base.shape
        self.base[np.unravel_index(places, shape) if shape else ()] = value

    def __len__(self) -> int:
        return int(self.base.size)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.base.flatten())

    def copy(self) -> Any:
        """A copy with one axis."""
        return self.base.flatten()

    def __array__(self, *_: Any, **__: Any) -> NoReturn:
        self.base.current.refuse("x.flat goes where tracing does not see it", "write x.ravel()")


def _method(name: str) -> Callable[..., Any]:
    def call(self: Traced, *args: Any, **kwargs: Any) -> Any:
        return self.current.call(name, self, *args, **kwargs)

    call.__name__ = name
    call.__doc__ = f"NumPy's function `{name}`."
    return call


_METHODS = (
    "all any argmax argmin argsort clip choose compress cumprod cumsum "
    "diagonal dot max mean min prod ptp ravel repeat round searchsorted squeeze std sum swapaxes "
    "take trace var"
).split()
for _name in _METHODS:
    setattr(Traced, _name, _method(_name))


def _binary(name: str) -> tuple[Callable[..., Any], Callable[..., Any], Callable[..., Any]]:
    """The operator, its reflection, and the one that changes the left side in place."""

    def forward(self: Traced, other: Any) -> Any:
        return self.current.operator(name, self, other)

    def backward(self: Traced, other: Any) -> Any:
        return self.current.operator(name, other, self)

    def in_place(self: Traced, other: Any) -> Any:
        return self.current.memory.update(name, self, other)

    return forward, backward, in_place


_OPERATORS = {
    "add": "add",
    "sub": "subtract",
    "mul": "multiply",
    "truediv": "divide",
    "floordiv": "floor_divide",
    "mod": "remainder",
    "pow": "power",
    "matmul": "matmul",
    "and": "bitwise_and",
    "or": "bitwise_or",
    "xor": "bitwise_xor",
}
for _sign, _name in _OPERATORS.items():
    for _prefix, _operator in zip(("", "r", "i"), _binary(_name), strict=True):
        setattr(Traced, f"__{_prefix}{_sign}__", _operator)

for _sign, _name in {
    "lt": "less",
    "le": "less_equal",
    "gt": "greater",
    "ge": "greater_equal",
    "eq": "equal",
    "ne": "not_equal",
    "divmod": "divmod",
}.items():
    setattr(Traced, f"__{_sign}__", _binary(_name)[0])
setattr(Traced, "__rdivmod__", _binary("divmod")[1])  # noqa: B010  as all others
for _sign, _name in {
    "neg": "negative",
    "pos": "positive",
    "abs": "absolute",
    "invert": "invert",
    "round": "round",
    "floor": "floor",
    "ceil": "ceil",
    "trunc": "trunc",
}.items():
    setattr(Traced, f"__{_sign}__", _method(_name))
