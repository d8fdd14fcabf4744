"""NumPy's protocols: what a trace does with universal functions and with others."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from symdiff.frontend.lowering import LOWERINGS
from symdiff.frontend.tracing.array import NumberTracer
from symdiff.frontend.tracing.guards import unique_along
from symdiff.frontend.tracing.masked import Masked
from symdiff.frontend.tracing.recorder import Recorder
from symdiff.frontend.tracing.scalars import answers_first
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
from symdiff.frontend.tracing.wrappers import refuse_units

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
    if any(type(value) is Masked for value in inputs):
        return NotImplemented  # a masked array is asked next
    refuse_units(trace, inputs)
    if any(answers_first(value, other) for value in inputs for other in inputs):
        return NotImplemented  # likewise a quantity with a unit
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
    refuse_units(trace, flat((args, kwargs)))
    name = name_of(func)
    special = SPECIAL.get(name)
    at = _OUT.get(name, len(args))
    if at < len(args):
        kwargs = {**kwargs, "out": args[at]} if args[at] is not None else kwargs
        args = args[:at]
    return trace.call(name, *args, **kwargs) if special is None else special(trace, *args, **kwargs)


# Where `out` stands among the arguments of functions that are given it by position
_OUT = {
    **dict.fromkeys(
        "all any amax amin argmax argmin around choose dot max min ptp round".split(), 2
    ),
    **dict.fromkeys("clip cumprod cumsum mean prod std sum take var".split(), 3),
}


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
    count, values = numpy().arange(target.size), trace.call("asarray", values)
    if values.shape not in ((), target.shape):  # each place takes the value of its number
        values = _numbered(trace, values, count).reshape(target.shape)
    target[...] = trace.call("where", mask, values, target)


def _place(trace: Recorder, target: Any, mask: Any, vals: Any) -> None:
    target, values = _own(trace, target), trace.call("asarray", vals)
    if values.size == 0:
        _refuse_write(trace, "place of no values")
    found = trace.call("ravel", trace.call("not_equal", mask, 0))
    ranks = trace.call("cumsum", trace.astype(found, int)) - 1
    if values.size > 1:
        values = _numbered(trace, values, ranks).reshape(target.shape)
    target[...] = trace.call("where", found.reshape(target.shape), values, target)


def _numbered(trace: Recorder, values: Any, numbers: Any) -> Any:
    """The values of those numbers, over and over again."""
    given = trace.call("ravel", values)
    return given[trace.call("remainder", numbers, given.shape[0])]


# --- functions that select ---------------------------------------------------------------------


def _extract(trace: Recorder, condition: Any, arr: Any) -> Any:
    if not trace.is_symbolic(condition):
        return trace.call("extract", condition, arr)
    mask = trace.call("not_equal", condition, 0) if condition.dtype.kind != "b" else condition
    return trace.call("ravel", trace.call("asarray", arr))[trace.call("ravel", mask)]


def _compress(trace: Recorder, condition: Any, a: Any, axis: Any = None, **kwargs: Any) -> Any:
    if not trace.is_symbolic(condition) or kwargs or condition.ndim != 1:
        return trace.call("compress", condition, a, axis, **kwargs)
    mask = trace.call("not_equal", condition, 0) if condition.dtype.kind != "b" else condition
    array = trace.call("asarray", a)
    array = trace.call("ravel", array) if axis is None else trace.call("moveaxis", array, axis, 0)
    chosen = array[: mask.shape[0]][mask]
    return chosen if array.ndim == 1 else trace.call("moveaxis", chosen, 0, axis)


def _unique(trace: Recorder, ar: Any, *args: Any, **kwargs: Any) -> Any:
    names = "return_index return_inverse return_counts axis".split()
    options = {**dict(zip(names, args, strict=False)), **kwargs}
    axis = options.pop("axis", None)
    if not trace.decides_masks or not trace.is_symbolic(ar) or axis is not None:
        return trace.call("unique", ar, *args, **kwargs)
    return unique_along(trace, ar, **options)


def _argwhere(trace: Recorder, a: Any) -> Any:
    return numpy().transpose(trace.call("nonzero", a))


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


def _own(trace: Recorder, target: Any) -> Tracer:
    """An array that writes are seen of."""
    if not isinstance(target, Tracer):
        trace.memory.refuse_outside()
    return target


def _refuse_write(trace: Recorder, name: str) -> None:
    trace.refuse(f"np.{name} is not supported", "write target[index] = values")


SPECIAL: Mapping[str, Callable[..., Any]] = {
    "argwhere": _argwhere,
    "astype": lambda trace, *args, **kwargs: trace.astype(*args, **kwargs),
    "broadcast_arrays": _broadcast_arrays,
    "common_type": _common_type,
    "compress": _compress,
    "copyto": _copyto,
    "extract": _extract,
    "fill_diagonal": _fill_diagonal,
    "may_share_memory": _share_memory,
    "nan_to_num": _nan_to_num,
    "place": _place,
    "put": _put,
    "put_along_axis": _put_along_axis,
    "putmask": _putmask,
    "result_type": _result_type,
    "shares_memory": _share_memory,
    "unique": _unique,
}
