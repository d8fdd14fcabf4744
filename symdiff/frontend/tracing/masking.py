"""Functions of `np.ma` while a trace runs: how masked arrays are made, and computed with."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from functools import wraps
from types import FunctionType
from typing import Any

from symdiff.frontend.tracing.captured import pieces
from symdiff.frontend.tracing.contents import refusal_of_array
from symdiff.frontend.tracing.masked import (
    SELECT,
    Masked,
    blank_of,
    check,
    data_of,
    is_masked,
    is_masked_somewhere,
    is_unsafe_quotient,
    masked,
    refuse_truths,
    under,
    with_mask,
)
from symdiff.frontend.tracing.recorder import Recorder
from symdiff.frontend.tracing.recording_calls import caller_is_traced
from symdiff.frontend.tracing.routines import routine
from symdiff.frontend.tracing.running import active
from symdiff.frontend.tracing.values import concrete, flat, numpy

_CORE, _EXTRAS = "numpy.ma.core", "numpy.ma.extras"
_SPELLED = frozenset(("ma", "numpy.ma"))
_ABSENT = object()
_BY_VALUE = (
    "masked_equal masked_not_equal masked_greater masked_greater_equal masked_less "
    "masked_less_equal masked_inside masked_outside masked_values masked_invalid fix_invalid"
).split()
_ORDER = ("mask", "dtype", "copy")  # of what makes a masked array
_USUAL = {"subok": True, "ndmin": 0, "order": None}


# --- how they are made ---------------------------------------------------------------------------


def load(functions: Sequence[FunctionType]) -> None:
    """Load `np.ma`, which NumPy does not before it is asked for, where functions may ask for it."""
    if _CORE not in sys.modules:
        used = (piece.co_names for f in functions for piece in pieces(f.__code__))
        if any(not _SPELLED.isdisjoint(names) for names in used):
            import numpy.ma  # noqa: F401  it fills `sys.modules`


def masked_methods() -> Iterator[tuple[type, str, Callable[[Any], Any]]]:
    """The classes and methods that are patched, each with what makes the other method."""
    core = sys.modules.get(_CORE)
    if core is not None:
        yield core.MaskedArray, "__new__", _making
        yield core._MaskedUnaryOperation, "__call__", _recording(_unary)
        yield core._MaskedBinaryOperation, "__call__", _recording(_binary)
        yield core._DomainedBinaryOperation, "__call__", _recording(_quotient)


def _making(old: Any) -> Any:
    """A masked array of data that are traced, or that the user's code has at hand."""
    plain = old.__func__ if isinstance(old, staticmethod) else old

    @wraps(plain)
    def make(kind: Any, data: Any = None, *args: Any, **kwargs: Any) -> Any:
        caller, trace = caller_is_traced(), active()
        if trace is None or trace.is_paused or vars(kind).get("__new__") is not patched:
            return plain(kind, data, *args, **kwargs)
        is_at_hand = caller is not None and _is_numeric(data)
        if not is_at_hand and not _is_traced(trace, (data, args, kwargs)):
            return plain(kind, data, *args, **kwargs)
        return _made(trace, data, **dict(zip(_ORDER, args, strict=False)), **kwargs)

    patched = staticmethod(make)
    return patched


def _made(trace: Recorder, data: Any, mask: Any = _ABSENT, **given: Any) -> Any:
    np = numpy()
    asked = {key: value for key, value in given.items() if _USUAL.get(key, _ABSENT) != value}
    if asked.keys() - {"dtype", "copy", "fill_value", "keep_mask", "hard_mask", "shrink"}:
        trace.refuse("a masked array with ndmin=, subok= or order= is not supported")
    _refuse_numpys_own(trace, data)
    held = data if hasattr(data, "dtype") else trace.call("array", data)  # memory is shared
    if asked.get("copy"):
        held = held.copy()
    if asked.get("dtype") is not None:
        held = Masked(data_of(held).astype(asked["dtype"]), blank_of(held).astype(asked["dtype"]))
    if not held.shape or not all(isinstance(length, int) for length in held.shape):
        trace.refuse("a masked array is of known lengths here, and of at least one axis")
    known = {} if mask is _ABSENT else {"mask": _known(trace, mask)}
    options = {key: value for key, value in asked.items() if key not in ("dtype", "copy")}
    return Masked(data_of(held), np.ma.array(blank_of(held), **known, **options))


_ORDER_OF_ARRAY = "dtype copy order mask fill_value keep_mask hard_mask shrink subok ndmin".split()


@routine(f"{_CORE}.array")
def array(trace: Recorder, old: Any, data: Any, *args: Any, **kwargs: Any) -> Any:
    """A masked array of what the user's code has at hand, known or not."""
    if not _is_numeric(data):
        return old(data, *args, **kwargs)
    return _made(trace, data, **dict(zip(_ORDER_OF_ARRAY, args, strict=False)), **kwargs)


@routine(f"{_CORE}.masked_where")
def masked_where(trace: Recorder, _old: Any, condition: Any, a: Any, copy: Any = True) -> Any:  # noqa: FBT002  NumPy's
    """Masked where a known condition holds."""
    held = _made(trace, a, copy=copy)
    blank = numpy().ma.masked_where(_known(trace, condition), held.blank)
    return Masked(held.data, blank)


def _by_value(name: str) -> None:
    """What masks by the values of data takes those that are known."""

    @routine(f"{_CORE}.{name}")
    def mask(trace: Recorder, old: Any, a: Any, *args: Any, **kwargs: Any) -> Any:
        np = numpy()
        if trace.is_symbolic(data_of(a)) or any(map(trace.is_symbolic, (*args, *kwargs.values()))):
            trace.refuse(f"np.ma.{name} masks by values that are not known yet", SELECT)
        held = _made(trace, a, copy=True)
        plain = np.ma.array(concrete(held.data), mask=np.ma.getmask(held.blank))
        found = old(plain, *map(concrete, args), **kwargs)
        blank = np.ma.array(
            np.zeros(found.shape, found.dtype), mask=found._mask, fill_value=found._fill_value
        )
        return Masked(trace.of_numpy(found.data.copy()), blank)


for _name in _BY_VALUE:
    _by_value(_name)


def _refusing(name: str) -> None:
    """A function of `np.ma` that is known to masked arrays of known data alone."""

    @routine(name)
    def refuse(trace: Recorder, old: Any, *args: Any, **kwargs: Any) -> Any:
        if not _is_traced(trace, (args, kwargs)):
            return old(*args, **kwargs)
        shown = name.replace(".core", "").replace(".extras", "").replace("numpy", "np")
        return trace.refuse(f"{shown} is not supported", SELECT)


for _name in "concatenate dot inner outer where choose diff allclose allequal append".split():
    _refusing(f"{_CORE}.{_name}")
for _name in "average median cov corrcoef ediff1d polyfit clip stack vstack hstack".split():
    _refusing(f"{_EXTRAS}.{_name}")


# --- what is computed of them --------------------------------------------------------------------


def _recording(compute: Callable[..., Any]) -> Callable[[Any], Any]:
    """What computes with traced data, in the place of a function of `np.ma`."""

    def make(old: Any) -> Any:
        @wraps(old)
        def record(self: Any, *args: Any, **kwargs: Any) -> Any:
            trace = active()
            if trace is None or trace.is_paused or not _is_traced(trace, (args, kwargs)):
                return old(self, *args, **kwargs)
            for value in args:
                _refuse_numpys_own(trace, value)
            if kwargs:
                trace.refuse(f"np.ma.{self.__name__} with {next(iter(kwargs))}= is not supported")
            return compute(trace, self, *args)

        return record

    return make


def _unary(trace: Recorder, operation: Any, a: Any, *args: Any) -> Any:
    """A function of one array: under the mask that stays what it is."""
    np = numpy()
    name, data, blank = operation.__name__, data_of(a), blank_of(a)
    made = operation.f(data, *args)
    refuse_truths(trace, name, made)
    if operation.domain is None:
        blank = operation(blank, *args)
    else:
        blank = with_mask(blank)
        check(trace, name, np.logical_not(np.isfinite(made)) | operation.domain(data), blank)
    return masked(under(made, blank, data), blank)


def _binary(trace: Recorder, operation: Any, a: Any, b: Any) -> Any:
    """A function of two arguments: under the mask stands the first."""
    made = operation.f(data_of(a), data_of(b))
    refuse_truths(trace, operation.__name__, made)
    blank = operation(blank_of(a), blank_of(b))
    return masked(under(made, blank, data_of(a)), blank)


def _quotient(trace: Recorder, operation: Any, a: Any, b: Any) -> Any:
    """A quotient or what is left of one: NumPy masks what is not finite, or nearly so."""
    np = numpy()
    above, below = data_of(a), data_of(b)
    blank = with_mask(np.ma.add(blank_of(a), blank_of(b)))
    if not trace.is_symbolic(below):  # a quotient by zero is masked, whatever stands above
        is_zero = np.equal(concrete(below), 0)
        if np.ndim(blank) == 0 and is_zero:
            return np.ma.masked
        blank = (
            np.ma.array(blank, mask=np.broadcast_to(is_zero, blank.shape))
            if np.ndim(blank)
            else blank
        )
    below = under(below, blank, 1)
    made = operation.f(above, below)
    is_masked_by_value = np.logical_not(np.isfinite(made)) | is_unsafe_quotient(above, below)
    check(trace, operation.__name__, is_masked_by_value, blank)
    return masked(under(made, blank, above), blank)


@routine(f"{_CORE}.power")
def power(trace: Recorder, old: Any, a: Any, b: Any, third: Any = None) -> Any:
    """A power: NumPy masks what is not finite, and fills it where it is masked already."""
    np = numpy()
    if third is not None or not _is_traced(trace, (a, b)):
        return old(a, b, third)
    for value in (a, b):
        _refuse_numpys_own(trace, value)
    base = data_of(a)
    blank = old(blank_of(a), blank_of(b))
    made = np.power(under(base, blank, 1), data_of(b))
    check(trace, "power", np.logical_not(np.isfinite(made)), blank)
    if is_masked_somewhere(blank):
        base = np.where(np.isfinite(base), base, blank.fill_value)
    return masked(under(made, blank, base), blank)


def _known(trace: Recorder, mask: Any) -> Any:
    """A mask that depends on no value."""
    if any(map(trace.is_symbolic, flat((mask,)))):
        trace.refuse("a mask of np.ma depends on values that are not known yet", SELECT)
    return concrete(mask)


def _is_traced(trace: Recorder, values: Any) -> bool:
    return any(type(v) is Masked or trace.holds_tracers(v) for v in flat(values))


def _is_numeric(data: Any) -> bool:
    """Whether something is an array of numbers, or becomes one."""
    if isinstance(data, (list, tuple)):
        return all(map(_is_numeric, data)) and not any(map(is_masked, data))
    return isinstance(data, (bool, int, float)) or getattr(data, "dtype", None) is not None


def _refuse_numpys_own(trace: Recorder, value: Any) -> None:
    """Refuse a masked array from outside: whether it has changed is not looked at."""
    refused = refusal_of_array(value) if type(value) is not Masked else None
    if refused is not None:
        trace.refuse(f"this takes {refused[0]}", refused[1])
