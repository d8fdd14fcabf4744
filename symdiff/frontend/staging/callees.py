"""Callees: what a call in rewritten code calls, whatever name it goes by."""

from __future__ import annotations

import builtins
import functools
import itertools
import sys
import warnings
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Callable
from types import BuiltinFunctionType, FunctionType, MethodType
from typing import Any

from symdiff.frontend.lowering import LOWERINGS
from symdiff.frontend.staging.builtin import BUILTINS, sorting
from symdiff.frontend.staging.distributions import method_of
from symdiff.frontend.staging.effects import changes, fresh, is_shared, refuse, trace_of
from symdiff.frontend.staging.formats import formatting
from symdiff.frontend.staging.objects import maker_of, stage_members
from symdiff.frontend.staging.of_scipy import APPLIED, applied_where, knowing
from symdiff.frontend.staging.reductions import over_unknown_lengths
from symdiff.frontend.tracing.array import NumberTracer, buffered
from symdiff.frontend.tracing.compiled import Compiled
from symdiff.frontend.tracing.computing import computing
from symdiff.frontend.tracing.contents import compiler_of, is_of_cython, is_plain_array, module_of
from symdiff.frontend.tracing.creation import create
from symdiff.frontend.tracing.places import is_of_library
from symdiff.frontend.tracing.protocols import SPECIAL
from symdiff.frontend.tracing.questions import length_of
from symdiff.frontend.tracing.recorder import Recorder
from symdiff.frontend.tracing.recording_calls import recording
from symdiff.frontend.tracing.routines import ROUTINES
from symdiff.frontend.tracing.running import active
from symdiff.frontend.tracing.values import name_of

_PURE = frozenset(
    "abs len range enumerate zip map filter isinstance issubclass float int bool str repr format "
    "tuple list dict set frozenset sorted reversed sum max min any all round pow divmod hasattr "
    "getattr type callable id hash ord chr slice iter complex object super bytes".split()
)
_PURE_TYPES = frozenset(kind for name in _PURE if isinstance(kind := getattr(builtins, name), type))
# Functions that call others, with the place of these; those of none are given them by name
_GIVEN_FUNCTIONS = {
    map: 0, filter: 0, functools.reduce: 0, itertools.starmap: 0, itertools.accumulate: 1,
    sorted: None, min: None, max: None,
}  # fmt: skip
_NAMES_OF_FUNCTIONS = frozenset(("key", "func", "function"))
_KINDS_OF_NUMPY = frozenset(("ufunc", "_ArrayFunctionDispatcher"))
_MAKING = frozenset(("numpy", "warnings"))  # whose objects last no longer than a statement
_PURE_MODULES = frozenset("math cmath numpy operator _operator".split())
_CONTAINERS = frozenset((list, dict, set, deque, OrderedDict, defaultdict, Counter))
_CHANGING = {
    list: frozenset("append extend insert remove pop clear sort reverse".split()),
    dict: frozenset("update pop popitem clear setdefault".split()),
    set: frozenset(
        "add update remove discard pop clear difference_update intersection_update "
        "symmetric_difference_update".split()
    ),
    bytearray: frozenset("append extend insert remove pop clear reverse".split()),
    deque: frozenset(
        "append appendleft extend extendleft insert remove pop popleft clear rotate reverse".split()
    ),
}


def callee_of(function: Any, stage: Callable[[Any], Any]) -> Any:
    """What stands for a function while it is called here.

    A function of the user's or of a library is staged; a builtin or a function of `math` or NumPy
    that records is found whatever name it was bound to.
    """
    trace = active()
    if trace is None:
        return function
    return over_unknown_lengths(function, _callee_of(trace, function, stage))


def _callee_of(trace: Recorder, function: Any, stage: Callable[[Any], Any]) -> Any:
    kind = type(function)
    if function is length_of:  # what the user's code finds as `len` meanwhile
        return BUILTINS[len]
    if kind is FunctionType or kind.__name__ in _KINDS_OF_NUMPY:
        made = recording(function)
        of_numpy = _in_python(trace, function, stage) if made is function else None
        if of_numpy is not None:
            return of_numpy
        if made is function and (kind is not FunctionType or _is_of_numpy(function)):
            return computing(function)
        is_scipys = module_of(function).startswith("scipy.")
        if is_scipys and function.__name__ in APPLIED:
            return applied_where(functools.partial(callee_of, stage=stage))
        staged = stage(made)
        is_scipys = is_scipys and staged is not function
        return knowing(function, staged) if is_scipys and made is function else staged
    if kind is MethodType:
        if trace.ways and module_of(type(function.__self__)) == "logging":
            return _unsaid
        stage_members(trace, type(function.__self__), stage)
        of_distribution = method_of(function, stage)
        if of_distribution is not None:
            return of_distribution
        if compiler_of(function.__func__):
            return Compiled(function)
        made = stage(function.__func__)
        return MethodType(made, function.__self__) if made is not function.__func__ else function
    if kind is functools.partial:
        made = callee_of(function.func, stage)
        return functools.partial(made, *function.args, **function.keywords)
    if kind is type and module_of(function) == "numpy" and hasattr(function, "dtype"):
        return _of_numpy(trace, function)
    if kind in (BuiltinFunctionType, type) and function in _GIVEN_FUNCTIONS:
        return _handing_on(BUILTINS.get(function, function), _GIVEN_FUNCTIONS[function], stage)
    found = BUILTINS.get(function) if kind in (BuiltinFunctionType, type) else None
    if found is not None:
        return found
    if trace.ways and _makes_container(function, kind):
        return lambda *args, **kwargs: fresh(function(*args, **kwargs))
    if isinstance(function, type):
        stage_members(trace, function, stage)
        make = maker_of(function, stage)
        if make is not None:
            return make
    appending = _appending(function, kind)
    if appending is not None:
        return appending
    if trace.ways or trace.chosen:
        _refuse_changes(function, kind)
    if trace.ways and function is warnings.warn:
        return _unsaid
    if trace.ways or trace.guards:
        _refuse_effects(function, kind, is_made=bool(trace.ways))
    if kind is BuiltinFunctionType:
        owner = function.__self__
        made = formatting(function)
        if made is not None:
            return made
        if type(owner) is list and function == owner.sort:
            return _handing_on(sorting(owner), None, stage)
        if is_plain_array(owner):  # of a library: no view stands for it
            from symdiff.frontend.tracing.outside import outside

            return getattr(outside(owner, ""), function.__name__)
        return recording(function)
    if kind is Compiled or compiler_of(function) or (kind is type and is_of_cython(function)):
        return Compiled(function.function if kind is Compiled else function, stage)
    if kind.__name__ == "vectorize" and module_of(function) == "numpy":
        return _vectorized(trace, function, stage)
    call = getattr(kind, "__call__", None)  # noqa: B004  it is what `type` has, of a wrapper too
    if call is not None and compiler_of(call):
        return Compiled(MethodType(call, function))
    return MethodType(stage(call), function) if type(call) is FunctionType else function


def _unsaid(*_: Any, **__: Any) -> None:
    """What a warning or a logger is in a way of a branch on values: no value depends on it."""


def _is_of_numpy(function: FunctionType) -> bool:
    return (function.__module__ or "").partition(".")[0] == "numpy"


def _in_python(trace: Recorder, function: Any, stage: Callable[[Any], Any]) -> Any:
    """A function of NumPy's that is written in Python, traced; `None` for one of the catalogue."""
    written = getattr(function, "__wrapped__", function)
    if type(written) is not FunctionType or not _is_of_numpy(written):
        return None
    routine = ROUTINES.get(f"numpy.{name_of(function)}")
    if routine is not None:
        return knowing(function, functools.partial(routine, trace, function))
    name = name_of(function)
    if not is_of_library(written.__code__.co_filename) or name in LOWERINGS or name in SPECIAL:
        return None
    staged = stage(written)
    return None if staged is written else knowing(function, staged)


def _vectorized(trace: Recorder, function: Any, stage: Callable[[Any], Any]) -> Any:
    """A `np.vectorize` object; with a signature or a library's function NumPy's own code."""
    code = getattr(function.pyfunc, "__code__", None)
    is_librarys = code is not None and is_of_library(code.co_filename)
    if function.signature is None and callable(function.pyfunc) and not is_librarys:
        return functools.partial(ROUTINES["numpy.vectorize"], trace, function)
    return MethodType(stage(type(function).__call__), function)


def _handing_on(
    function: Any, place: int | None, stage: Callable[[Any], Any]
) -> Callable[..., Any]:
    """A function that calls what it is given in a place, or by name: that is staged."""

    def staged(value: Any) -> Any:
        return callee_of(value, stage) if callable(value) else value

    def call(*args: Any, **kwargs: Any) -> Any:
        given = [staged(arg) if at == place else arg for at, arg in enumerate(args)]
        named = _NAMES_OF_FUNCTIONS.intersection(kwargs)
        return function(*given, **kwargs | {name: staged(kwargs[name]) for name in named})

    return call


def _of_numpy(trace: Recorder, kind: Any) -> Any:
    """NumPy's class of a scalar as a cast, and that of arrays as what makes one of memory."""
    if issubclass(kind, sys.modules["numpy"].generic):
        return _cast(kind)
    if kind is not sys.modules["numpy"].ndarray:
        return kind

    def make(shape: Any, dtype: Any = float, *more: Any, **others: Any) -> Any:
        if more or others.keys() - {"order"}:
            return kind(shape, dtype, *more, **others)
        return create(trace, "empty", sys.modules["numpy"].empty, (shape, dtype), others)

    return make


def _cast(scalar: Any) -> Callable[..., Any]:
    """NumPy's class of a scalar, as a function: of a number it makes one of its type."""

    def cast(*args: Any) -> Any:
        trace = trace_of(args[0]) if len(args) == 1 else None
        if trace is None:
            return scalar(*args)
        found = trace.astype(args[0], scalar)
        is_python = isinstance(found, NumberTracer)  # NumPy's scalar is no such number
        return buffered(trace, found.content, found.dtype) if is_python else found

    return cast


def _makes_container(function: Any, kind: Any) -> bool:
    """Whether a call makes a container that nothing else holds."""
    if kind is BuiltinFunctionType:
        return type(function.__self__) in _CONTAINERS and function.__name__ == "copy"
    return kind is type and function in _CONTAINERS


def _appending(function: Any, kind: Any) -> Callable[[Any], None] | None:
    """What `append` of a list from outside of a loop's step does there; `None` for all else."""
    owner = getattr(function, "__self__", None)
    trace = active()
    if kind is not BuiltinFunctionType or type(owner) is not list or trace is None:
        return None
    if trace.step is None or function.__name__ != "append" or not is_shared(owner):
        return None
    changes(owner)
    return functools.partial(trace.step.appends, owner)


def _refuse_changes(function: Any, kind: Any) -> None:
    """Refuse a method that changes what may be seen from elsewhere."""
    owner = getattr(function, "__self__", None)
    name = getattr(function, "__name__", "")
    for container, names in _CHANGING.items():
        if kind is BuiltinFunctionType and isinstance(owner, container) and name in names:
            changes(owner)
            if is_shared(owner):
                refuse(f"a {type(owner).__name__} is changed by '{name}'")
            return


def _refuse_effects(function: Any, kind: Any, *, is_made: bool) -> None:
    """Refuse a call that may do something beside returning a value.

    Args:
        function: what is called.
        kind: its class.
        is_made: whether an object that is made counts too.
    """
    owner = getattr(function, "__self__", None)
    name = getattr(function, "__name__", "")
    if kind is BuiltinFunctionType and (owner is builtins or owner is None or is_module(owner)):
        module = getattr(function, "__module__", None) or ""
        is_pure = module == "builtins" and name in _PURE
        if not is_pure and module.partition(".")[0] not in _PURE_MODULES:
            refuse(f"'{name}' is called")
    if is_made and isinstance(function, type) and function not in _PURE_TYPES:
        module = module_of(function)
        is_known = module.partition(".")[0] in _MAKING or issubclass(function, BaseException)
        if not is_known and not hasattr(function, "_fields"):
            refuse(f"an object of '{function.__name__}' is made")


def is_module(value: Any) -> bool:
    """Whether a value is a module."""
    return type(value).__name__ == "module"
