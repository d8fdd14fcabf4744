"""A trace: runs a NumPy function with stand-ins and collects the lines that it asks for."""

from __future__ import annotations

import warnings
from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from types import FrameType
from typing import Any, NoReturn

from symdiff.errors import LimitError, Span, SymdiffError, UnsupportedError
from symdiff.frontend.lowering import LOWERINGS
from symdiff.frontend.lowering.base import line
from symdiff.frontend.tracing import handlers, integers
from symdiff.frontend.tracing.array import Array, Scalar, Traced, buffered
from symdiff.frontend.tracing.large import LARGEST_CONSTANT, Large
from symdiff.frontend.tracing.length import Length
from symdiff.frontend.tracing.memory import Memory, keeps_c_order
from symdiff.frontend.tracing.places import name_here, span_here
from symdiff.frontend.tracing.scalars import as_python, computed_by_python, is_rounding
from symdiff.frontend.tracing.storage import Buffer
from symdiff.frontend.tracing.types import (
    cast_name,
    dtype_of,
    is_single,
    kind_of,
    must_widen,
    result_dtype,
    without_axes,
)
from symdiff.frontend.tracing.unseen import unknown
from symdiff.frontend.tracing.values import (
    flat,
    known,
    numpy,
    numpy_function,
    shown_ufunc,
    ufunc_name,
)
from symdiff.frontend.tracing.views import (
    Call,
    array_first,
    place_of_array,
    split_by_array,
    views_of,
)
from symdiff.graph.graph import Graph
from symdiff.graph.node import CONSTANT, FLOAT, INPUT
from symdiff.graph.shape import Dim, Dimension, Shape
from symdiff.ops.builder import Builder
from symdiff.ops.handle import Handle
from symdiff.ops.registry import OPERATIONS
from symdiff.ops.rules import EXACT

MOST_VISITS = 1000  # of an expression, before the user is told of loops that stay loops
_ROLL = "write a loop of many steps with sd.scan or sd.fori"
_WARNED: dict[Any, Any] = {}  # Python's own register of places that have been warned of

_NAMED_RESULTS = {
    "linalg.eigh": ("EighResult", "eigenvalues eigenvectors"),
    "linalg.slogdet": ("SlogdetResult", "sign logabsdet"),
    "linalg.svd": ("SVDResult", "U S Vh"),
    "linalg.qr": ("QRResult", "Q R"),
}
_TUPLES: Mapping[str, Any] = {
    key: namedtuple(name, fields) for key, (name, fields) in _NAMED_RESULTS.items()
}

_REDUCTIONS = {
    "add": "sum",
    "multiply": "prod",
    "maximum": "max",
    "minimum": "min",
    "logical_and": "all",
    "logical_or": "any",
}
_ACCUMULATIONS = {"add": "cumsum", "multiply": "cumprod"}


class Trace:
    """One run of a function.

    Attributes:
        builder: takes the lines.
        names: those of the arguments.
        lifted: stand-ins of an outer trace, with the inputs that they have here.
        is_paused: whether calls are NumPy's own business for the moment.
        entry: the frame that runs the function.
        suppressed: what the context managers that are entered catch, an empty text for nothing.
        refused: the first refusal. It stops the trace even where the user's code, or NumPy,
            catches the error: what they do then is not what they do with numbers.
    """

    def __init__(self, limit: int | None = None) -> None:
        self.builder = Builder(EXACT, limit=limit)
        self.names: set[str] = set()
        self.lifted: dict[int, tuple[Traced, int]] = {}
        self.is_paused = False
        self.memory = Memory(self)
        self.large = Large(self)
        self.refused: SymdiffError | None = None
        self.entry: FrameType | None = None
        self.suppressed: list[str] = []
        self._visits: dict[Span, int] = {}

    # --- stand-ins ---------------------------------------------------------------------------

    def argument(
        self, name: str, shape: Shape, dtype: Any, kind: type[Traced] | None = None
    ) -> Traced:
        """The tracer of an argument; where no class of it is given, the shape decides."""
        self.names.add(name)
        position = self.builder.input(name, shape, kind_of(dtype))
        kind = kind or (Array if shape else Scalar)
        return kind(self, Buffer(self, Handle(self.builder, position), dtype, name))

    def handle(self, value: Any) -> Handle:
        """The line of a stand-in or of anything else that is a number or an array."""
        if isinstance(value, Traced):
            content = value.content
            if not isinstance(content, Handle):
                return self.constant(content)
            return content if value.recording is self else self.lift(value)
        if isinstance(value, Length):
            value = value.dim
        return line(self.builder, self.plain(value))

    def lift(self, value: Traced) -> Handle:
        """A stand-in of the trace around this one becomes an input here."""
        found = self.lifted.get(id(value))
        if found is None:
            shape = tuple(value.content.shape)
            name = f"outer{len(self.lifted) + 1}_"
            found = value, self.builder.input(name, shape, kind_of(value.dtype))
            self.lifted[id(value)] = found
        return Handle(self.builder, found[1])

    def constant(self, array: Any) -> Handle:
        """The line of an array that is known; a large one of the surroundings is an input."""
        return self.large.line(array)

    def of_outside(self, array: Any) -> Array:
        """The stand-in for an array of the surroundings, for its methods and indices."""
        return Array(self, _known_buffer(self, array))

    def length(self, value: Dimension) -> Any:
        """A length as the user's code sees it."""
        return Length(self, value) if isinstance(value, Dim) else value

    def holds_stand_ins(self, values: Any) -> bool:
        """Whether a stand-in or a length is among the values."""
        return any(isinstance(value, (Traced, Length)) for value in flat(values))

    # --- places and errors -------------------------------------------------------------------

    def place(self) -> Any:
        """The place of the user's expression that is being evaluated."""
        return span_here()

    def refuse(self, message: str, suggestion: str | None = None) -> NoReturn:
        """Refuse what the user's expression asks for."""
        raise self.noted(UnsupportedError(message, span=span_here(), suggestion=suggestion))

    def noted(self, error: SymdiffError) -> SymdiffError:
        """An error that is about to be raised inside of the user's code."""
        self.refused = self.refused or error
        return error

    def attribute(self, value: Traced, name: str) -> NoReturn:
        """Refuse an attribute of NumPy's; what the value's class has not is missing here too."""
        if not hasattr(value.__class__, name):
            raise AttributeError(f"'{value.type_name}' object has no attribute '{name}'")
        self.refuse(f"the attribute '{name}' of {value.type_name} is not supported")

    def guarded(self, work: Callable[[], Any], more: Sequence[type] = ()) -> Any:
        """Do something, as `placed`, that raises an error for some values."""
        self.refuse_caught(more)
        return self.placed(work)

    def refuse_caught(self, more: Sequence[type] = ()) -> None:
        """Refuse work on values where a handler would catch what it raises for some of them.

        Args:
            more: errors that it may raise beside those of arithmetic.
        """
        caught: tuple[str, Span | None] | None = handlers.around(self.entry, more)
        suppressed = next(filter(None, self.suppressed), None)
        if caught is None and suppressed is not None:
            caught = suppressed, span_here()
        if caught is not None:
            raise self.noted(
                UnsupportedError(
                    f"work on values stands where {caught[0]} is caught, and which way is taken "
                    "depends on the values",
                    span=caught[1],
                    suggestion="take it out of there, and write np.where(condition, a, b)",
                )
            )

    def placed(self, work: Callable[[], Any]) -> Any:
        """Do something; lines get the place and the name that the user's code gives them."""
        span = span_here()
        self._count(span)
        self.builder.span = span
        before = len(self.builder.nodes)
        try:
            result = work()
        except LimitError as error:
            limit = LimitError(
                error.message, span=span, suggestion=f"{_ROLL}, or {error.suggestion}"
            )
            raise self.noted(limit) from None
        except SymdiffError as error:
            raise self.noted(error.at(None, span)) from None
        finally:
            self.builder.span = None
        name = name_here()
        if name is not None and isinstance(result, Handle) and result.at >= before:
            self._hint(result.at, name)
        return result

    def _count(self, span: Span | None) -> None:
        """Tell the user of `sd.scan` where one expression is traced again and again."""
        if span is None:
            return
        count = self._visits[span] = self._visits.get(span, 0) + 1
        if count == MOST_VISITS:
            warnings.warn_explicit(
                f"an expression is traced for the {count:,}th time, and each time is a line of "
                f"its own: {_ROLL}",
                UserWarning,
                span.file,
                span.line,
                registry=_WARNED,
            )

    def _hint(self, position: int, name: str) -> None:
        node = self.builder.nodes[position]
        if node.op not in (INPUT, CONSTANT) and name.isidentifier() and not name.startswith("_"):
            self.builder.hints.setdefault(position, name)

    # --- calls -------------------------------------------------------------------------------

    def call(self, name: str, *args: Any, **kwargs: Any) -> Any:
        """A function of NumPy on stand-ins."""
        if name == "copy" and args and isinstance(args[0], Traced):
            return self.copy(args[0], Array, in_c_order=keeps_c_order(args[0]))
        out = kwargs.pop("out", None)
        result = self._called(name, args, kwargs)
        if out is None:
            return result
        return self.memory.stored(out[0] if isinstance(out, tuple) else out, result)

    def operator(self, name: str, *args: Any) -> Any:
        """An operator: what it does not know, Python tries the other way round."""
        if any(value is None or isinstance(value, (str, dict)) for value in args):
            return NotImplemented
        found = computed_by_python(name, args)
        if found is None:
            result = self.call(name, *args)
            return as_python(result, int) if is_rounding(name, args) else result
        if found is NotImplemented:
            return NotImplemented
        kind, name, operands = found
        return as_python(self.call(name, *operands), kind)

    def _called(self, name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        args, kwargs = array_first(name, args, kwargs)
        if split_by_array(name, args):
            return tuple([self.call(name, array) for array in args])
        place = place_of_array(name, args)
        if place is not None:
            args = [*args[:place], self.memory.own(args[place]), *args[place + 1 :]]
        operands = list(flat((args, kwargs)))
        if not any(self.is_computed(value) for value in operands):
            return self._evaluated(name, args, kwargs, place)
        self.refuse_strange(operands)
        lowering = LOWERINGS.get(name)
        if lowering is None:
            self.refuse(*unknown(name))
        dtype = result_dtype(operands)
        if must_widen(operands, dtype):
            args = [self._widened(value) for value in args]
            kwargs = {key: self._widened(value) for key, value in kwargs.items()}
        plain = [self.plain(value) for value in args]
        keywords = {key: self.plain(value) for key, value in kwargs.items() if key != "dtype"}
        if kwargs.get("dtype") is not None:
            keywords["dtype"] = self.cast_name(kwargs["dtype"])
            dtype = numpy().dtype(keywords["dtype"])
        narrow = integers.narrow_type(operands)
        if narrow is None:
            result = self.guarded(lambda: _lowered(lowering, self.builder, plain, keywords))
        else:
            dtype = integers.result_type(self, name, args, kwargs, narrow)
            result = self.guarded(lambda: self._on_integers(name, plain, keywords, dtype))
        if name in _TUPLES and isinstance(result, tuple) and len(result) > 1:
            return _TUPLES[name](*[self._wrapped(part, dtype) for part in result])
        kind = without_axes(name, args)
        if place is None or (name == "einsum" and result.shape == ()):
            return self._wrapped(result, dtype, kind)
        return self._viewed(Call(name, place, args, kwargs, plain, keywords), result, dtype, kind)

    def _viewed(self, call: Call, result: Any, dtype: Any, kind: Any) -> Any:
        """What a lowering returned that may be a view of an array, as the user's code sees it."""
        is_one = not isinstance(result, (tuple, list))
        parts = [result] if is_one else list(result)
        kind = kind or (Array if is_one else None)
        made = [
            self._wrapped(part, dtype, kind) if view is None else Array(self, view)
            for part, view in zip(parts, views_of(call, parts), strict=True)
        ]
        return made[0] if is_one else type(result)(made)

    def _on_integers(self, name: str, args: Any, kwargs: Any, dtype: Any) -> Any:
        """A call on whole numbers of few bits: in int64, and wrapped."""
        if not integers.is_computed_in_int64(name):
            return _lowered(LOWERINGS[name], self.builder, args, kwargs)
        widened = [integers.widened(value) for value in args]
        return integers.wrapped(_lowered(LOWERINGS[name], self.builder, widened, kwargs), dtype)

    def _widened(self, value: Any) -> Any:
        """float32 as float64; all else as it is."""
        if is_single(value):
            return self.astype(value, float)
        if isinstance(value, (list, tuple)):
            return type(value)([self._widened(part) for part in value])
        return value

    def refuse_strange(self, operands: Sequence[Any]) -> None:
        """What NumPy would make an object array of, or a complex one."""
        np = numpy()
        for value in operands:
            if isinstance(value, complex) or (
                isinstance(value, (np.ndarray, np.generic)) and value.dtype.kind == "c"
            ):
                self.refuse("complex numbers are not supported")
            if isinstance(value, np.ndarray) and value.dtype.kind not in "biuf":
                self.refuse(
                    f"an array of {value.dtype} holds no real numbers",
                    "make it an array of floats",
                )

    def is_computed(self, value: Any) -> bool:
        """Whether a value is known only when the emitted function runs."""
        if isinstance(value, Length):
            return True
        return isinstance(value, Traced) and not value.is_known

    def _evaluated(
        self, name: str, args: Sequence[Any], kwargs: Mapping[str, Any], place: int | None
    ) -> Any:
        """A call that no argument enters: NumPy's own, and its result is known."""
        function = numpy_function(name)
        values = [known(value) for value in args]
        keywords = {key: known(value) for key, value in kwargs.items()}
        self.is_paused = True
        try:
            result = function(*values, **keywords)
        finally:
            self.is_paused = False
        self.large.computed(result, name, args, kwargs)
        if place is None:
            return self._known_result(result, values)
        parts = list(result) if isinstance(result, (tuple, list)) else [result]
        views = views_of(Call(name, place, args, kwargs, values, keywords), parts)
        made = [
            self._known_result(part, values) if view is None else Array(self, view)
            for part, view in zip(parts, views, strict=True)
        ]
        return type(result)(made) if isinstance(result, (tuple, list)) else made[0]

    def _known_result(self, result: Any, values: Sequence[Any]) -> Any:
        """What NumPy returned for known arguments, as the user's code sees it."""
        np = numpy()
        if isinstance(result, np.ndarray):
            shared = any(
                isinstance(value, np.ndarray) and np.may_share_memory(result, value)
                for value in values
            )
            return self.of_numpy(result.copy() if shared or result.base is not None else result)
        if isinstance(result, (tuple, list)):
            parts = [self._known_result(part, values) for part in result]
            return type(result)(*parts) if hasattr(result, "_fields") else type(result)(parts)
        return result

    def of_numpy(self, array: Any) -> Array:
        """The tracer of a known array that nothing else holds."""
        return Array(self, _known_buffer(self, array))

    def plain(self, value: Any) -> Any:
        """An argument as a lowering takes it."""
        np = numpy()
        if isinstance(value, Traced):
            content = value.content
            if isinstance(content, Handle):
                return content if value.recording is self else self.lift(value)
            return self.constant(content) if content.size > LARGEST_CONSTANT else content
        if isinstance(value, Length):
            return value.dim
        if isinstance(value, np.ndarray) and value.size > LARGEST_CONSTANT:
            return self.constant(value)
        if isinstance(value, np.generic):
            return value.item() if value.dtype.kind in "biuf" else value
        if isinstance(value, (list, tuple)) and not hasattr(value, "_fields"):
            return type(value)([self.plain(part) for part in value])
        if isinstance(value, slice):
            return slice(*[self.plain(part) for part in (value.start, value.stop, value.step)])
        if callable(value) and not isinstance(value, type):
            return self._branch(value)
        return value

    def _branch(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """A function of `np.piecewise`, which NumPy calls with some of the elements."""
        floating = numpy().dtype(float)

        def call(x: Any, *args: Any, **kwargs: Any) -> Any:
            given = [self._wrapped(value, floating) for value in (x, *args)]
            named = {key: self._wrapped(value, floating) for key, value in kwargs.items()}
            result = self.plain(function(*given, **named))
            if isinstance(result, Handle) and meets_others(self.builder.nodes, x.at, result.at):
                self.refuse(
                    "a function of np.piecewise computes with several elements at once, and NumPy "
                    "gives it some of them alone",
                    "write np.where(condition, a, b)",
                )
            return result

        return call

    def _wrapped(self, result: Any, dtype: Any, kind: type[Traced] | None = None) -> Any:
        """What a lowering returned, as the user's code sees it."""
        if isinstance(result, Handle):
            own = dtype_of(result, dtype)
            return buffered(self, result, own, None if result.shape else kind)
        if isinstance(result, Dim):
            return Length(self, result)
        if isinstance(result, (tuple, list)):
            return type(result)([self._wrapped(part, dtype, kind) for part in result])
        return result

    # --- types -------------------------------------------------------------------------------

    def cast_name(self, dtype: Any) -> str:
        """A type by the name that the casts have; others are refused here."""
        try:
            return cast_name(dtype)
        except UnsupportedError as error:
            self.refuse(error.message, error.suggestion)

    def astype(self, value: Traced, dtype: Any, *, copy: bool = True) -> Any:
        """An array in another type; itself where it is of that and need not be copied."""
        np = numpy()
        content = value.content
        if np.dtype(dtype) == value.dtype:
            return self.copy(value, type(value), in_c_order=keeps_c_order(value)) if copy else value
        if not isinstance(content, Handle):
            return self.of_numpy(content.astype(dtype))
        wanted, is_whole = np.dtype(dtype), value.dtype.kind in "iub"
        if is_whole and integers.is_narrow(wanted):
            handle = self.placed(lambda: integers.cast(self, value, wanted))
            return buffered(self, handle, wanted, type(value), in_c_order=keeps_c_order(value))
        name = self.cast_name(dtype)
        handle = self.placed(lambda: OPERATIONS[f"as_{name}"](self.handle(value)))
        kind = Array if isinstance(value, Array) else Scalar
        return buffered(self, handle, np.dtype(name), kind, in_c_order=keeps_c_order(value))

    def copy(self, value: Traced, kind: type[Traced], *, in_c_order: bool) -> Traced:
        """An array or a number of its own."""
        content = value.content
        own = content if isinstance(content, Handle) else content.copy()
        if isinstance(content, Handle) and value.recording is not self:
            own = self.lift(value)
        return buffered(self, own, value.dtype, kind, in_c_order=in_c_order)

    # --- NumPy's protocols -------------------------------------------------------------------

    def ufunc(self, ufunc: Any, method: str, inputs: Any, kwargs: Mapping[str, Any]) -> Any:
        """A universal function, or one of its methods."""
        name = ufunc_name(ufunc)
        if not name and not any(map(self.is_computed, flat((inputs, kwargs)))):
            result = getattr(ufunc, method)(
                *map(known, inputs), **{key: known(value) for key, value in kwargs.items()}
            )
            return self._known_result(result, [])
        if not name:
            self.refuse(
                f"{shown_ufunc(ufunc)} is a universal function neither of NumPy nor of SciPy",
                "write it with NumPy's functions, or give it a rule with sd.custom_rule",
            )
        keywords = dict(kwargs)
        if method == "at":
            return self.memory.at(name, *inputs)
        if method == "__call__":
            for key in ("casting", "order", "subok", "signature"):
                keywords.pop(key, None)
            return self._with_where(name, inputs, keywords)
        tables = {"reduce": _REDUCTIONS, "accumulate": _ACCUMULATIONS}
        if method == "outer" and name in LOWERINGS:
            a, b = inputs
            axes = numpy().ndim(b)
            index = (..., *[None] * axes)
            return self.call(name, self.call("asarray", a)[index] if axes else a, b)
        if name not in tables.get(method, {}):
            self.refuse(f"np.{name}.{method} is not supported")
        keywords.setdefault("axis", 0)
        return self.call(tables[method][name], *inputs, **keywords)

    def _with_where(self, name: str, inputs: Sequence[Any], keywords: dict[str, Any]) -> Any:
        """`where=` of a universal function: elsewhere the result is what `out` holds."""
        condition = keywords.pop("where", True)
        out = keywords.get("out")
        if condition is True:
            return self.call(name, *inputs, **keywords)
        if out is None:
            self.refuse(
                f"np.{name}(..., where=...) without out= leaves elements undefined",
                "write np.where(condition, ..., other)",
            )
        target = out[0] if isinstance(out, tuple) else out
        keywords.pop("out")
        result = self.call("where", condition, self.call(name, *inputs, **keywords), target)
        return self.memory.stored(target, result)

    def name_of(self, function: Any) -> str:
        """The name that the lowering of a function of NumPy or SciPy would have."""
        if isinstance(function, numpy().ufunc):
            return ufunc_name(function)
        module = function.__module__.removeprefix("numpy").lstrip(".")
        name = f"{module}.{function.__name__}" if module else function.__name__
        return str(name.removeprefix("lib.").removeprefix("ma."))

    def function(self, func: Any, args: Any, kwargs: Mapping[str, Any]) -> Any:
        """A function of NumPy that is no universal one."""
        name = self.name_of(func)
        if name == "broadcast_arrays":
            shape = self.memory.common_shape(args)
            return tuple([self.call("broadcast_to", array, shape) for array in args])
        if name == "nan_to_num" and False in (kwargs.get("copy"), *args[1:2]):
            rest = {key: value for key, value in kwargs.items() if key != "copy"}
            result = self.call(name, args[0], True, *args[2:], **rest)  # noqa: FBT003  NumPy's
            return self.memory.stored(args[0], result)
        if name == "astype":
            return self.astype(*args, **kwargs)
        if name == "put_along_axis":
            return self.memory.put_along(*args, **kwargs)
        if name in ("copyto", "put", "place", "putmask", "fill_diagonal"):
            return self.memory.filled(name, args, kwargs)
        return self.call(name, *args, **kwargs)

    # --- results -----------------------------------------------------------------------------

    def graph(self, inputs: Sequence[int], outputs: Sequence[Any], names: Sequence[str]) -> Graph:
        """The finished graph."""
        positions = []
        for output in outputs:
            handle = self.handle(output)
            if handle.dtype != FLOAT:
                handle = OPERATIONS["as_float64"](handle)
            positions.append(handle.at)
        lifted = [at for _, at in self.lifted.values()]
        every = [*inputs, *self.large.inputs, *lifted]
        graph = self.builder.graph(every, positions, names, primal=len(positions))
        return replace(graph, inputs=(*inputs, *self.large.needed(graph), *lifted))


def _known_buffer(trace: Trace, array: Any) -> Buffer:
    return Buffer(trace, array, array.dtype, in_c_order=array.flags.c_contiguous)


def meets_others(nodes: Sequence[Any], start: int, end: int) -> bool:
    """Whether a line depends on another one otherwise than element by element."""
    depends, meets = {start}, False
    for at in range(start + 1, end + 1):
        node = nodes[at]
        if not depends.isdisjoint(node.args):
            depends.add(at)
    needed = {end}
    for at in range(end, start, -1):
        if at in needed:
            needed.update(nodes[at].args)
            meets |= at in depends and not OPERATIONS[nodes[at].op].is_elementwise
    return meets


def _lowered(
    lowering: Callable[..., Any], builder: Builder, args: Sequence[Any], kwargs: Mapping[str, Any]
) -> Any:
    try:
        return lowering(builder, *args, **kwargs)
    except TypeError as error:
        if "argument" in str(error) and error.__traceback__ and error.__traceback__.tb_next is None:
            raise UnsupportedError(
                f"a call that is not supported: {_call_problem(error)}"
            ) from None
        raise


def _call_problem(error: TypeError) -> str:
    return str(error).partition("() ")[2] or str(error)
