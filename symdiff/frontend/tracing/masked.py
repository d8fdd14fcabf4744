"""Masked arrays while a trace runs: data that are traced, under a mask that is known.

NumPy also masks by value: a quotient that is no number, the logarithm of a negative one. Such a
mask is not known before the values are, so the emitted function raises an error where there is one.
"""

from __future__ import annotations

import dis
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partialmethod
from typing import Any, NoReturn

from symdiff.frontend.tracing.recorder import Recorder
from symdiff.frontend.tracing.routines import ROUTINES
from symdiff.frontend.tracing.running import active
from symdiff.frontend.tracing.surface import COMPARISONS
from symdiff.frontend.tracing.values import concrete, flat, numpy

_CORE = "numpy.ma.core"
SELECT = "select with the mask: np.where(mask, 0.0, x), x[~mask]"
# what NumPy does with the data and with the mask alike
RESHAPING = "copy ravel reshape transpose swapaxes squeeze repeat diagonal".split()
REDUCING = "count cumsum max mean min prod std sum var".split()
OPERATORS = {
    "add": "add",
    "sub": "subtract",
    "mul": "multiply",
    "truediv": "true_divide",
    "floordiv": "floor_divide",
    "mod": "remainder",
    "pow": "power",
}
_NOT_THEIRS = frozenset(("remainder",))  # an operator that is NumPy's own function
_ALONE = {"neg": "negative", "pos": "positive", "abs": "absolute"}


class Masked:
    """A masked array whose data are traced.

    Attributes:
        data: what stands under the mask and beside it, a tracer.
        blank: a masked array of NumPy's own with zeros for the data, which is asked for masks.
    """

    __slots__ = ("blank", "data")
    shape: tuple[int, ...]
    ndim: int
    size: int
    fill_value: Any
    __array_priority__ = 2000.0
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, data: Any, blank: Any) -> None:
        self.data = data
        self.blank = blank

    @property  # type: ignore[misc]
    def __class__(self) -> Any:
        """What `isinstance` sees."""
        return numpy().ma.MaskedArray

    @property
    def mask(self) -> Any:
        """Where it is masked; it is not written into."""
        made = self._mask
        if made is not numpy().ma.nomask:
            made = made.copy()
            made.flags.writeable = False
        return made

    @property
    def _mask(self) -> Any:
        return numpy().ma.getmask(self.blank)

    _data = property(lambda self: self.data)  # np.ma.getdata asks for it

    @property
    def dtype(self) -> Any:
        """NumPy's type of the data."""
        return self.data.dtype

    @property
    def T(self) -> Any:  # noqa: N802  NumPy's name
        """The axes in reverse order."""
        return self.transpose()

    def __len__(self) -> int:
        return len(self.blank)

    def __iter__(self) -> Iterator[Any]:
        return (self[place] for place in range(len(self)))

    def __getitem__(self, key: Any) -> Any:
        if any(map(_trace().is_symbolic, flat(key))):
            _refuse("an index of a masked array depends on values")
        return masked(self.data[key], self.blank[concrete(key)])

    def filled(self, fill_value: Any = None) -> Any:
        """The data, with a number in the place of what is masked."""
        np = numpy()
        if _trace().is_symbolic(fill_value):
            _refuse("the number that fills a masked array depends on values")
        fill = self.fill_value if fill_value is None else concrete(fill_value)
        if not is_masked_somewhere(self.blank):
            return self.data
        held = np.ma.array(np.zeros((), self.dtype), fill_value=fill).fill_value  # of its type
        return np.where(self._mask, held, self.data)

    def compressed(self) -> Any:
        """The elements that are not masked."""
        np = numpy()
        if self._mask is np.ma.nomask:
            return self.data.ravel()
        return self.data.ravel()[np.flatnonzero(~self._mask)]

    # --- reductions ------------------------------------------------------------------------------

    def min(self, axis: Any = None, out: Any = None, fill_value: Any = None, **kwargs: Any) -> Any:
        """The smallest element that is not masked; masked where all is."""
        fill = numpy().ma.minimum_fill_value
        return self._extreme("min", fill, axis, out, fill_value, **kwargs)

    def max(self, axis: Any = None, out: Any = None, fill_value: Any = None, **kwargs: Any) -> Any:
        """The largest element that is not masked; masked where all is."""
        fill = numpy().ma.maximum_fill_value
        return self._extreme("max", fill, axis, out, fill_value, **kwargs)

    def count(self, axis: Any = None, **kwargs: Any) -> Any:
        """How many elements are not masked."""
        return self.blank.count(axis, **kwargs)

    def mean(self, axis: Any = None, dtype: Any = None, out: Any = None, **kwargs: Any) -> Any:
        """The mean of what is not masked; masked where all is."""
        np = numpy()
        _refuse_out(out)
        if self._mask is np.ma.nomask:
            return np.mean(self.data, axis=axis, dtype=dtype, **kwargs)
        total = self.sum(axis, dtype, **kwargs)
        return total if total is np.ma.masked else total * 1.0 / self.count(axis, **kwargs)

    def var(
        self, axis: Any = None, dtype: Any = None, out: Any = None, ddof: Any = 0, **kwargs: Any
    ) -> Any:
        """The variance of what is not masked; masked where too little is left."""
        np = numpy()
        _refuse_out(out)
        if "mean" in kwargs:
            _refuse("var of a masked array with mean= is not supported")
        if self._mask is np.ma.nomask:
            return np.var(self.data, axis=axis, dtype=dtype, ddof=ddof, **kwargs)
        apart = self - self.mean(axis, dtype, keepdims=True)
        apart = apart * apart
        made = np.ma.divide(apart.sum(axis, **kwargs), self.count(axis, **kwargs) - ddof)
        mask = self.blank.var(axis, ddof=ddof, **kwargs)
        return Masked(made.data, mask) if type(made) is Masked else made

    def std(
        self, axis: Any = None, dtype: Any = None, out: Any = None, ddof: Any = 0, **kwargs: Any
    ) -> Any:
        """The square root of the variance."""
        np = numpy()
        variance = self.var(axis, dtype, out, ddof, **kwargs)
        return variance if variance is np.ma.masked else np.ma.sqrt(variance)

    def _reduced(
        self,
        name: str,
        neutral: int,
        axis: Any = None,
        dtype: Any = None,
        out: Any = None,
        **kwargs: Any,
    ) -> Any:
        """What a function of NumPy gives where a number stands for what is masked."""
        _refuse_out(out)
        given = kwargs if dtype is None else {**kwargs, "dtype": dtype}
        made = getattr(numpy(), name)(self.filled(neutral), axis=axis, **given)
        return masked(made, getattr(self.blank, name)(axis=axis, **given))

    def _extreme(
        self, name: str, fill: Any, axis: Any, out: Any, fill_value: Any, **kwargs: Any
    ) -> Any:
        np = numpy()
        _refuse_out(out)
        if fill_value is not None:
            _refuse(f"{name} of a masked array with fill_value= is not supported")
        made = getattr(np, name)(self.filled(fill(self.data)), axis=axis, **kwargs)
        blank = getattr(self.blank, name)(axis=axis, **kwargs)
        return masked(under(made, blank, blank.fill_value) if np.ndim(blank) else made, blank)

    # --- what it hands on, and what it refuses -----------------------------------------------

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        name = ufunc.__name__
        if method != "__call__" or kwargs or ufunc.nout != 1:
            _refuse(f"np.{name} of a masked array with {method or 'out='} is not supported")
        frame = sys._getframe(1)
        operation = dis.opname[frame.f_code.co_code[frame.f_lasti]]
        is_scalar = isinstance(inputs[0], numpy().generic)  # which asks no other
        if operation.startswith("BINARY_") and name in OPERATORS.values() and not is_scalar:
            return _computed(name, *inputs)  # the array on the left has asked for it
        return universal(_trace(), ufunc, inputs)

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        name = {"amin": "min", "amax": "max"}.get(func.__name__, func.__name__)
        if name not in (*REDUCING, *RESHAPING) or args[0] is not self:
            _refuse(f"np.{func.__name__} does not take a masked array here")
        return getattr(self, name)(*args[1:], **kwargs)

    def __array__(self, *_: Any, **__: Any) -> NoReturn:
        _refuse("a masked array goes where its mask is not seen")

    def __bool__(self) -> bool:
        _refuse("a decision depends on a masked array")

    def __setitem__(self, *_: Any) -> None:
        _refuse("a masked array of values that are not known yet is written into")

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or not hasattr(numpy().ma.MaskedArray, name):
            raise AttributeError(f"'MaskedArray' object has no attribute '{name}'")
        _refuse(f"'{name}' of a masked array is not supported")


def is_masked(value: Any) -> bool:
    """Whether a value is a masked array, of NumPy's own or traced."""
    core = sys.modules.get(_CORE)
    return core is not None and isinstance(value, core.MaskedArray)


# --- universal functions, and what results are made of -----------------------------------------


def universal(trace: Recorder, function: Any, inputs: Sequence[Any]) -> Any:
    """A universal function of NumPy's own: it computes under the mask too."""
    np = numpy()
    made = function(*map(data_of, inputs))
    refuse_truths(trace, function.__name__, made)
    blanks = [blank_of(value) for value in inputs]
    blank = with_mask(blanks[0] if len(blanks) == 1 else np.ma.add(*blanks))
    core = sys.modules[_CORE]
    domain = core.ufunc_domain.get(function)
    if len(inputs) > 1:
        if domain is not None:  # of quotients, and what is left of them
            is_unsafe = is_unsafe_quotient(*map(data_of, inputs))
            check(trace, function.__name__, is_unsafe, blank)
            made = np.where(is_unsafe, core.ufunc_fills[function][-1], made)
        blank.mask = np.ma.mask_or(*[np.ma.getmaskarray(value) for value in blanks])
    elif domain is not None:
        check(trace, function.__name__, domain(data_of(inputs[0])), blank)
        made = under(made, blank, core.ufunc_fills[function])
    return masked(made, blank)


def is_unsafe_quotient(above: Any, below: Any) -> Any:
    """Whether NumPy masks a quotient, whose divisor is nearly nothing beside the dividend."""
    np = numpy()
    return np.abs(above) * np.finfo(float).tiny >= np.abs(below)


def check(trace: Recorder, name: str, invalid: Any, blank: Any) -> None:
    """Let the emitted function raise an error where NumPy would mask by value."""
    np = numpy()
    found = np.any(under(invalid, blank, False))  # noqa: FBT003  a value
    message = f"np.ma.{name} would mask an element by its value"
    if trace.is_symbolic(found):
        trace.check(found, "ValueError", (message,), ())
    elif found:
        trace.refuse(message, SELECT)


def masked(data: Any, blank: Any) -> Any:
    """What NumPy gives, of the kind that it gave for the blank one."""
    ma = numpy().ma
    if blank is ma.masked or not isinstance(blank, ma.MaskedArray):
        return blank if blank is ma.masked else data
    return Masked(data, blank)


def data_of(value: Any) -> Any:
    """What stands under the mask and beside it; of what is no masked array itself."""
    return value.data if type(value) is Masked else value


def blank_of(value: Any) -> Any:
    """Zeros of the same shape and type, under the same mask; of a number of Python's such a one."""
    np = numpy()
    if type(value) is Masked:
        return value.blank
    if isinstance(value, (bool, int, float, complex)) and not isinstance(value, np.generic):
        return {bool: False, int: 0, float: 0.0, complex: 0j}[value.__class__]
    return np.zeros(
        np.shape(value), value.dtype if hasattr(value, "dtype") else np.result_type(value)
    )


def with_mask(blank: Any) -> Any:
    """The same with a mask in any case, as NumPy's functions with a domain make."""
    ma = numpy().ma
    if numpy().ndim(blank) == 0:
        return blank
    return ma.array(blank, mask=ma.getmaskarray(blank), copy=True)


def is_masked_somewhere(blank: Any) -> bool:
    """Whether an element is masked."""
    return bool(numpy().any(numpy().ma.getmask(blank)))


def under(data: Any, blank: Any, other: Any) -> Any:
    """Data with something else under a mask."""
    np = numpy()
    return np.where(numpy().ma.getmask(blank), other, data) if is_masked_somewhere(blank) else data


def refuse_truths(trace: Recorder, name: str, made: Any) -> None:
    """Refuse a masked array of truths, which depend on values."""
    if made.dtype.kind == "b":
        trace.refuse(f"np.{name} of a masked array gives a masked array of truths", SELECT)


def _refuse_out(out: Any) -> None:
    if out is not None:
        _refuse("out= with a masked array is not supported")


def _trace() -> Recorder:
    found = active()
    if found is None:
        raise RuntimeError("a masked array of traced values outlives its trace")
    return found


def _refuse(message: str) -> NoReturn:
    _trace().refuse(message, SELECT)


# --- operators and methods as tables -------------------------------------------------------------


def _computed(name: str, a: Any, b: Any) -> Any:
    """What NumPy calls where an operator stands between masked arrays."""
    function = getattr(sys.modules[_CORE], name)
    if name in _NOT_THEIRS:
        return universal(_trace(), getattr(numpy(), name), (a, b))
    routine = ROUTINES.get(f"{_CORE}.{name}")
    return function(a, b) if routine is None else routine(_trace(), function, a, b)


def _before(self: Masked, name: str, other: Any) -> Any:
    return _computed(name, self, other)


def _behind(self: Masked, name: str, other: Any) -> Any:
    if isinstance(other, numpy().generic):  # NumPy's scalars hand their work to NumPy's functions
        return universal(_trace(), getattr(numpy(), name), (other, self))
    return _computed(name, other, self)


def _refusing(sign: str) -> Callable[..., Any]:
    def call(_self: Masked, *_: Any) -> Any:
        _refuse(f"the operator '{sign}' of a masked array is not supported")

    return call


def _reshaping(name: str) -> Callable[..., Any]:
    def call(self: Masked, *args: Any, **kwargs: Any) -> Any:
        made = getattr(self.data, name)(*args, **kwargs)
        return masked(made, getattr(self.blank, name)(*args, **kwargs))

    return call


def _asked(name: str) -> property:
    return property(lambda self: getattr(self.blank, name))


def _one(name: str) -> Callable[[Any], Any]:
    return lambda self: universal(_trace(), getattr(numpy(), name), (self,))


for _name in ("shape", "ndim", "size", "fill_value"):
    setattr(Masked, _name, _asked(_name))
for _name, _neutral in (("sum", 0), ("prod", 1), ("cumsum", 0)):
    setattr(Masked, _name, partialmethod(Masked._reduced, _name, _neutral))
for _name in RESHAPING:
    setattr(Masked, _name, _reshaping(_name))
for _sign, _name in OPERATORS.items():
    setattr(Masked, f"__{_sign}__", partialmethod(_before, _name))
    setattr(Masked, f"__r{_sign}__", partialmethod(_behind, _name))
    setattr(Masked, f"__i{_sign}__", _refusing(f"{_sign}="))
for _sign in "matmul rmatmul and rand or ror xor rxor divmod rdivmod invert".split():
    setattr(Masked, f"__{_sign}__", _refusing(_sign))
for _sign in COMPARISONS:
    setattr(Masked, f"__{_sign}__", _refusing(_sign))
for _sign, _name in _ALONE.items():
    setattr(Masked, f"__{_sign}__", _one(_name))
