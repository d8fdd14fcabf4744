"""NumPy's protocols: what a trace does with universal functions and with others."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from symdiff.frontend.lowering import LOWERINGS
from symdiff.frontend.tracing.array import NumberTracer
from symdiff.frontend.tracing.recorder import Recorder
from symdiff.frontend.tracing.tracer import Tracer
from symdiff.frontend.tracing.universal import METHODS, apply_at
from symdiff.frontend.tracing.values import (
    concrete,
    flat,
    name_of,
    numpy,
    shown_ufunc,
    ufunc_name,
)

REDUCTIONS = {
    "add": "sum",
    "multiply": "prod",
    "maximum": "max",
    "minimum": "min",
    "logical_and": "all",
    "logical_or": "any",
}
_ACCUMULATIONS = {"add": "cumsum", "multiply": "cumprod"}
_SUMS = frozenset(("add", "subtract"))  # of which `at` is an operation


def ufunc(trace: Recorder, ufunc: Any, method: str, inputs: Any, kwargs: Mapping[str, Any]) -> Any:
    """A universal function, or one of its methods."""
    name = ufunc_name(ufunc)
    if not name and not any(map(trace.is_symbolic, flat((inputs, kwargs)))):
        result = getattr(ufunc, method)(
            *map(concrete, inputs), **{key: concrete(value) for key, value in kwargs.items()}
        )
        return trace.concrete_result(result, [])
    if not name:
        trace.refuse(
            f"{shown_ufunc(ufunc)} is a universal function neither of NumPy nor of SciPy",
            "write it with NumPy's functions, or give it a rule with sd.custom_rule",
        )
    keywords = dict(kwargs)
    if method == "at":
        write = trace.memory.at if name in _SUMS else partial(apply_at, trace)
        return write(name, _own(trace, inputs[0]), *inputs[1:])
    if method == "__call__":
        for key in ("casting", "order", "subok", "signature"):
            keywords.pop(key, None)
        return _with_where(trace, name, inputs, keywords)
    tables = {"reduce": REDUCTIONS, "accumulate": _ACCUMULATIONS}
    if method == "outer" and name in LOWERINGS:
        a, b = inputs
        axes = numpy().ndim(b)
        index = (..., *[None] * axes)
        return trace.call(name, trace.call("asarray", a)[index] if axes else a, b)
    found = tables.get(method, {}).get(name, f"{name}.{method}")
    if found not in LOWERINGS:
        if method not in METHODS or name not in LOWERINGS or ufunc.nin != 2 or ufunc.nout != 1:
            trace.refuse(f"np.{name}.{method} is not supported")
        out = keywords.pop("out", None)
        made = METHODS[method](trace, name, *inputs, **keywords)
        return made if out is None else trace.memory.stored(out[0], made)
    keywords.setdefault("axis", 0)
    return trace.call(found, *inputs, **keywords)


def _with_where(trace: Recorder, name: str, inputs: Sequence[Any], keywords: dict[str, Any]) -> Any:
    """`where=` of a universal function: elsewhere the result is what `out` holds."""
    condition = keywords.pop("where", True)
    out = keywords.get("out")
    if condition is True:
        return trace.call(name, *inputs, **keywords)
    if out is None:
        trace.refuse(
            f"np.{name}(..., where=...) without out= leaves elements undefined",
            "write np.where(condition, ..., other)",
        )
    target = out[0] if isinstance(out, tuple) else out
    keywords.pop("out")
    result = trace.call("where", condition, trace.call(name, *inputs, **keywords), target)
    return trace.memory.stored(target, result)


def function(trace: Recorder, func: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
    """A function of NumPy that is no universal one."""
    name = name_of(func)
    special = SPECIAL.get(name)
    return trace.call(name, *args, **kwargs) if special is None else special(trace, *args, **kwargs)


def _broadcast_arrays(trace: Recorder, *arrays: Any, **_: Any) -> Any:
    shape = trace.memory.common_shape(arrays)
    return tuple([trace.call("broadcast_to", array, shape) for array in arrays])


def _common_type(_: Recorder, *arrays: Any) -> Any:
    np = numpy()
    return np.common_type(*[np.empty(0, array.dtype) for array in arrays])


def _result_type(_: Recorder, *operands: Any) -> Any:
    types = [_type_of(value) if isinstance(value, Tracer) else value for value in operands]
    return numpy().result_type(*types)


def _type_of(value: Tracer) -> Any:
    """NumPy's type; for a number of Python's, whose type gives way, such a number."""
    return value.kind() if isinstance(value, NumberTracer) else value.dtype


def _share_memory(_: Recorder, a: Any, b: Any, *__: Any, **___: Any) -> bool:
    """Whether two arrays have elements in common: views of one buffer are asked as NumPy's are."""
    np = numpy()
    if not (isinstance(a, Tracer) and isinstance(b, Tracer)):
        return False
    if a.storage.buffer is not b.storage.buffer:
        return False
    return bool(np.shares_memory(a.storage.layout, b.storage.layout))


def _nan_to_num(trace: Recorder, x: Any, copy: Any = True, *rest: Any, **kwargs: Any) -> Any:  # noqa: FBT002  NumPy's
    result = trace.call("nan_to_num", x, True, *rest, **kwargs)  # noqa: FBT003  likewise
    return result if copy else trace.memory.stored(x, result)


# --- functions that change their first argument ------------------------------------------------


def _copyto(
    trace: Recorder, target: Any, source: Any, *_: Any, where: Any = True, **__: Any
) -> None:
    target = _own(trace, target)
    target[...] = source if where is True else trace.call("where", where, source, target)


def _putmask(trace: Recorder, target: Any, mask: Any, values: Any) -> None:
    target = _own(trace, target)
    target[...] = trace.call("where", mask, values, target)


def _fill_diagonal(trace: Recorder, target: Any, value: Any, wrap: Any = False) -> None:  # noqa: FBT002  NumPy's
    target = _own(trace, target)
    shape = target.shape
    if len(shape) < 2:
        raise ValueError("array must be at least 2-d")
    if len(shape) == 2:
        step, end = shape[1] + 1, None if wrap else shape[1] * shape[1]
    else:
        if len(set(shape)) > 1:
            raise ValueError("All dimensions of input must be of equal length")
        step, end = 1 + int(numpy().cumprod(shape[:-1]).sum()), None
    _put(trace, target, numpy().arange(target.size)[:end:step], value)


def _put(trace: Recorder, target: Any, ind: Any, v: Any, mode: str = "raise") -> None:
    target, np = _own(trace, target), numpy()
    if mode != "raise" or any(map(trace.is_symbolic, flat((ind,)))):
        _refuse_write(trace, "put with computed places, or a mode,")
    places, values = np.ravel(concrete(ind)), trace.call("ravel", trace.call("asarray", v))
    if len(places):
        target.flat[places] = values[np.arange(len(places)) % values.shape[0]]


def _put_along_axis(trace: Recorder, target: Any, indices: Any, values: Any, axis: Any) -> None:
    target = _own(trace, target)
    target[...] = trace.call("put_along_axis", target, indices, values, axis)


def _refusing(name: str) -> Callable[..., None]:
    def refuse(trace: Recorder, target: Any, *_: Any, **__: Any) -> None:
        _own(trace, target)
        _refuse_write(trace, name)

    return refuse


def _own(trace: Recorder, target: Any) -> Tracer:
    """An array that writes are seen of."""
    if not isinstance(target, Tracer):
        trace.memory.refuse_outside()
    return target


def _refuse_write(trace: Recorder, name: str) -> None:
    trace.refuse(f"np.{name} is not supported", "write target[index] = values")


SPECIAL: Mapping[str, Callable[..., Any]] = {
    "astype": lambda trace, *args, **kwargs: trace.astype(*args, **kwargs),
    "broadcast_arrays": _broadcast_arrays,
    "common_type": _common_type,
    "copyto": _copyto,
    "fill_diagonal": _fill_diagonal,
    "may_share_memory": _share_memory,
    "nan_to_num": _nan_to_num,
    "place": _refusing("place"),
    "put": _put,
    "put_along_axis": _put_along_axis,
    "putmask": _putmask,
    "result_type": _result_type,
    "shares_memory": _share_memory,
}
