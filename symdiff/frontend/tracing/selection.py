"""Selections, the elements of an array that a mask selects, where the mask depends on values.

How many there are is not known before the emitted function runs. So a selection is the whole array
and the mask: elementwise work is done on all elements, a reduction counts those that are selected,
and what is stored back where the same mask holds is a choice. All else is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn

from symdiff.errors import UnsupportedError
from symdiff.frontend.tracing.array import TRACERS
from symdiff.frontend.tracing.protocols import REDUCTIONS
from symdiff.frontend.tracing.recorder import Recorder
from symdiff.frontend.tracing.running import active
from symdiff.frontend.tracing.scalars import as_python
from symdiff.frontend.tracing.surface import InPlace, Methods, Operators
from symdiff.frontend.tracing.values import name_of, numpy

_HOW_MANY = "how many elements a mask selects is not known before the function runs"
ASK_FOR_PLACES = frozenset("flatnonzero nonzero where".split())  # of one argument
_ADVICE = "write np.where(mask, x, 0)"
_ELEMENTWISE = frozenset("where clip round around nan_to_num astype copy real conj".split())


class Selection(Operators, Methods, InPlace):
    """The elements of an array where a mask holds, as an array of one axis and the others behind.

    Attributes:
        made_by: the trace in which it is made.
        whole: the array of which some elements are selected; the others count nothing.
        mask: a truth for each element, or for each of its rows, planes and so on.
    """

    __array_priority__ = 1001.0
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, recording: Recorder, whole: Any, mask: Any) -> None:
        self.made_by = recording
        self.whole = whole
        self.mask = mask
        self._ways = (*recording.ways,)  # in which it is made
        self._place = recording.place()

    @property
    def recording(self) -> Recorder:
        """The trace that takes lines now, as in the step of a loop."""
        return active() or self.made_by

    @property
    def current(self) -> Selecting:
        """What takes the calls of its methods and operators."""
        return Selecting(self.recording)

    @property  # type: ignore[misc]
    def __class__(self) -> Any:
        """What `isinstance` sees."""
        return numpy().ndarray

    @property
    def size(self) -> Any:
        """How many elements are selected."""
        others = 1
        for length in self.whole.shape[self.mask.ndim :]:
            others = others * length
        return self.count if type(others) is int and others == 1 else self.count * others

    @property
    def count(self) -> Any:
        """How often the mask holds."""
        return as_python(self.recording.call("sum", self.mask), int)

    @property
    def shape(self) -> tuple[Any, ...]:
        """The lengths of the axes."""
        return (self.count, *self.whole.shape[self.mask.ndim :])

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return int(self.whole.ndim - self.mask.ndim + 1)

    @property
    def dtype(self) -> Any:
        """NumPy's type of its elements."""
        return self.whole.dtype

    def condition(self) -> Any:
        """The mask with an axis of one element for each axis behind it."""
        behind = self.whole.ndim - self.mask.ndim
        if not behind:
            return self.mask
        return self.recording.call("reshape", self.mask, (*self.mask.shape, *[1] * behind))

    def filled(self, value: float) -> Any:
        """The whole array with a number where the mask does not hold."""
        return self.recording.call("where", self.condition(), self.whole, value)

    def with_whole(self, whole: Any) -> Selection:
        """Of another array, the same elements."""
        return Selection(self.recording, whole, self.mask)

    def is_of(self, mask: Any) -> bool:
        """Whether a mask selects the same elements."""
        mine, theirs = self.recording.handle(self.mask), self.recording.handle(mask)
        return mine.at == theirs.at

    def copy(self, *_: Any, **__: Any) -> Selection:
        """A copy."""
        return self.with_whole(self.whole)

    def astype(self, dtype: Any, **_: Any) -> Selection:
        """Of another type."""
        return self.with_whole(self.whole.astype(dtype))

    def ravel(self, *_: Any) -> Any:
        """Itself, where it has one axis."""
        return self if self.ndim == 1 else self.refuse()

    flatten = ravel

    def refuse(self) -> NoReturn:
        """Refuse what cannot be done with so many elements."""
        self.recording.refuse(_HOW_MANY, _ADVICE)

    def refuse_result(self) -> NoReturn:
        """Refuse to be what a function returns."""
        raise UnsupportedError(_HOW_MANY, span=self._place, suggestion=_ADVICE)

    def changed(self, whole: Any) -> Selection:
        """Itself, with other elements: those that hold it see that."""
        trace = self.recording
        if trace is not self.made_by or self._ways != (*trace.ways,):
            trace.refuse(
                "what a mask selects is changed in place in one way of a branch that depends on "
                "values",
                "give the result a name of its own",
            )
        self.whole = whole
        return self

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        self.refuse()

    def __getitem__(self, key: Any) -> Any:
        if type(key) is not Selection or not key.is_of(self.mask) or key.dtype.kind != "b":
            return self.refuse()
        both = self.recording.call("logical_and", self.mask, key.whole)
        return Selection(self.recording, self.whole, both)

    def __setitem__(self, key: Any, value: Any) -> None:
        if type(key) is Selection and key.is_of(self.mask) and key.dtype.kind == "b":
            self.changed(self.recording.call("where", key.whole, value, self.whole))
        elif key is Ellipsis or key == slice(None):
            new = value.whole if type(value) is Selection else value
            self.changed(self.recording.call("where", self.condition(), new, self.whole))
        else:
            self.refuse()

    def __len__(self) -> int:
        self.refuse()

    def __iter__(self) -> NoReturn:
        self.refuse()

    def __bool__(self) -> bool:
        self.refuse()

    def __array__(self, *_: Any, **__: Any) -> NoReturn:
        self.refuse()

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        if method == "__call__" and not kwargs:
            return self.current.call(name_of(ufunc), *inputs)
        if method == "reduce" and ufunc.__name__ in REDUCTIONS:
            return self.current.call(REDUCTIONS[ufunc.__name__], *inputs, **kwargs)
        return self.refuse()

    def __array_function__(self, func: Any, _types: Any, args: Any, kwargs: Any) -> Any:
        return self.current.call(name_of(func), *args, **kwargs)


class Selecting:
    """Calls of functions of NumPy with selections among their arguments.

    Attributes:
        trace: takes the lines.
    """

    def __init__(self, trace: Recorder) -> None:
        self.trace = trace

    @property
    def libraries(self) -> set[str]:
        """The packages of arrays with labels that take part in the trace."""
        return self.trace.libraries

    def refuse(self, message: str, suggestion: str | None = None) -> NoReturn:
        """Refuse what the user's expression asks for."""
        self.trace.refuse(message, suggestion)

    @property
    def memory(self) -> Selecting:
        """What updates selections in place."""
        return self

    def update(self, name: str, array: Selection, other: Any) -> Any:
        """`selection += other` and its like."""
        return array.changed(self.call(name, array, other).whole)

    def operator(self, name: str, *args: Any) -> Any:
        """An operator."""
        return self.call(name, *args)

    def call(self, name: str, *args: Any, **kwargs: Any) -> Any:
        """A function of NumPy: elementwise, or one that reduces."""
        selections = [value for value in args if type(value) is Selection]
        if not selections or any(type(v) is Selection for v in kwargs.values()):
            self.trace.refuse(_HOW_MANY, _ADVICE)
        first = selections[0]
        if any(not other.is_of(first.mask) for other in selections[1:]):
            self.trace.refuse("two masks may select different numbers of elements", _ADVICE)
        reduction = _REDUCTIONS.get(name)
        if reduction is not None and type(args[0]) is Selection:
            return self._reduced(reduction, first, args[1:], kwargs)
        if name in _PRODUCTS and len(selections) == 2 and first.ndim == 1 and not kwargs:
            return self.trace.call("sum", self.call("multiply", *args).filled(0))
        if not (self._is_elementwise(name) and all(map(self._fits, args))):
            first.refuse()
        whole = [value.whole if type(value) is Selection else value for value in args]
        found = self.trace.call(name, *whole, **kwargs)
        if isinstance(found, tuple):
            return tuple([first.with_whole(part) for part in found])
        return first.with_whole(found)

    def _is_elementwise(self, name: str) -> bool:
        np = numpy()
        return name in _ELEMENTWISE or isinstance(getattr(np, name, None), np.ufunc)

    def _fits(self, value: Any) -> bool:
        """Whether a value goes with a selection: a number, or another selection."""
        return type(value) is Selection or numpy().ndim(value) == 0

    def _reduced(
        self,
        reduction: Callable[..., Any],
        of: Selection,
        args: Sequence[Any],
        kwargs: Mapping[str, Any],
    ) -> Any:
        axis, more = (args[0], args[1:]) if args else (None, ())
        given = dict(kwargs)
        axis = given.pop("axis", axis)
        options = {key: value for key, value in given.items() if key == "ddof" or value is not None}
        if more or set(options) - {"ddof"} or (axis not in (None, 0, -1) and of.ndim == 1):
            of.refuse()
        if of.ndim == 1 or axis is None:
            axes = tuple(range(of.whole.ndim))
        elif axis == 0:
            axes = tuple(range(of.mask.ndim))
        else:
            of.refuse()
        number = of.size if len(axes) == of.whole.ndim else of.count
        return reduction(self.trace, of, axes, number, **options)


class Places:
    """The indices of the elements that a mask selects, along one axis: what `np.where(mask)` gives.

    Attributes:
        mask: the mask.
        axis: the axis.
    """

    def __init__(self, mask: Any, axis: int) -> None:
        self.mask = mask
        self.axis = axis

    @property
    def size(self) -> Any:
        """How many there are."""
        return Selection(self.mask.recording, self.mask, self.mask).count

    def refuse(self, *_: Any, **__: Any) -> NoReturn:
        """Refuse all but an index."""
        recording: Recorder = self.mask.recording
        recording.refuse(_HOW_MANY, "use it as an index, x[np.where(mask)]")

    def __getattr__(self, name: str) -> Any:
        """Refuse what an array of indices has and this has not."""
        if name.startswith("_") or not hasattr(numpy().ndarray, name):
            raise AttributeError(f"the indices that a mask selects have no attribute '{name}'")
        self.refuse()

    __len__ = __iter__ = __getitem__ = __array__ = __array_ufunc__ = __array_function__ = refuse
    __contains__ = __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = refuse
    __truediv__ = __rtruediv__ = __floordiv__ = __rfloordiv__ = __mod__ = __pow__ = refuse
    __neg__ = __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = refuse
    __hash__ = None  # type: ignore[assignment]


def places(mask: Any, name: str) -> Any:
    """What `np.nonzero`, or a function like it, gives of truths that depend on values."""
    if mask.dtype.kind != "b":
        mask = mask.recording.call("not_equal", mask, 0)
    if name == "flatnonzero":
        return Places(mask.recording.call("ravel", mask), 0)
    return tuple([Places(mask, axis) for axis in range(mask.ndim)])


def mask_of(key: Any) -> Any:
    """The mask that a key is, where that depends on values; `None` for other keys."""
    if type(key) in TRACERS:
        is_mask = not key.is_concrete and key.dtype.kind == "b"
        return key if is_mask else None
    if type(key) is Places:
        if key.mask.ndim != 1:
            key.refuse()
        return key.mask
    if type(key) is tuple and key and all(type(part) is Places for part in key):
        first = key[0]
        is_whole = [part.axis for part in key] == list(range(first.mask.ndim))
        if not is_whole or any(part.mask is not first.mask for part in key):
            first.refuse()
        return first.mask
    return None


# --- reductions --------------------------------------------------------------------------------


def _sum(trace: Recorder, of: Selection, axes: Any, _: Any) -> Any:
    return trace.call("sum", of.filled(0), axis=axes)


def _prod(trace: Recorder, of: Selection, axes: Any, _: Any) -> Any:
    return trace.call("prod", of.filled(1), axis=axes)


def _mean(trace: Recorder, of: Selection, axes: Any, number: Any) -> Any:
    return trace.call("divide", _sum(trace, of, axes, number), number)


def _var(trace: Recorder, of: Selection, axes: Any, number: Any, ddof: Any = 0) -> Any:
    total = trace.call("sum", of.filled(0), axis=axes, keepdims=True)
    mean = trace.call("divide", total, number)
    apart = of.with_whole(trace.call("subtract", of.whole, mean))
    squares = of.with_whole(trace.call("square", apart.whole))
    return trace.call("divide", _sum(trace, squares, axes, number), number - ddof)


def _std(trace: Recorder, of: Selection, axes: Any, number: Any, ddof: Any = 0) -> Any:
    return trace.call("sqrt", _var(trace, of, axes, number, ddof))


def _extreme(name: str, shown: str, other: float) -> Callable[..., Any]:
    def reduced(trace: Recorder, of: Selection, axes: Any, _: Any) -> Any:
        message = f"zero-size array to reduction operation {shown} which has no identity"
        nothing = trace.call("equal", of.count, 0)
        trace.check(nothing, "ValueError", (message,), ())
        return trace.call(name, of.filled(other), axis=axes)

    return reduced


def _range(trace: Recorder, of: Selection, axes: Any, number: Any) -> Any:
    high, low = (_REDUCTIONS[name](trace, of, axes, number) for name in ("max", "min"))
    return trace.call("subtract", high, low)


def _truths(name: str, *, otherwise: bool) -> Callable[..., Any]:
    def reduced(trace: Recorder, of: Selection, axes: Any, _: Any) -> Any:
        truths = trace.call("not_equal", of.whole, 0)
        found = trace.call("where", of.condition(), truths, otherwise)
        return trace.call(name, found, axis=axes)

    return reduced


_PRODUCTS = frozenset("dot inner vdot matmul".split())
_REDUCTIONS: Mapping[str, Callable[..., Any]] = {
    "sum": _sum,
    "prod": _prod,
    "mean": _mean,
    "var": _var,
    "std": _std,
    "max": _extreme("max", "maximum", float("-inf")),
    "min": _extreme("min", "minimum", float("inf")),
    "amax": _extreme("max", "maximum", float("-inf")),
    "amin": _extreme("min", "minimum", float("inf")),
    "ptp": _range,
    "any": _truths("any", otherwise=False),
    "all": _truths("all", otherwise=True),
}
