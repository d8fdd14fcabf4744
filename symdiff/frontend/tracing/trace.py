"""A trace: runs a NumPy function with tracers and collects the lines that it asks for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from symdiff.errors import UnsupportedError
from symdiff.frontend.lowering import LOWERINGS
from symdiff.frontend.lowering.base import line
from symdiff.frontend.tracing import conversions, integers, operators, protocols
from symdiff.frontend.tracing.array import ArrayTracer, ScalarTracer, buffered
from symdiff.frontend.tracing.contents import package_of, refusal_of_array
from symdiff.frontend.tracing.extents import Extents
from symdiff.frontend.tracing.guards import count_along, is_finite_along, mask_along, truth_along
from symdiff.frontend.tracing.kinds import in_kinds
from symdiff.frontend.tracing.large import LARGEST_CONSTANT, Large
from symdiff.frontend.tracing.length import Length
from symdiff.frontend.tracing.memory import Memory, keeps_c_order
from symdiff.frontend.tracing.piecewise import branch
from symdiff.frontend.tracing.recorder import Recorder
from symdiff.frontend.tracing.recording import Recording
from symdiff.frontend.tracing.selection import ASK_FOR_PLACES, Places, Selection, places
from symdiff.frontend.tracing.storage import PARTS, Buffer
from symdiff.frontend.tracing.tracer import Tracer
from symdiff.frontend.tracing.types import (
    dtype_of,
    is_single,
    kind_of,
    must_widen,
    result_dtype,
    without_axes,
)
from symdiff.frontend.tracing.unseen import stale, unknown
from symdiff.frontend.tracing.values import (
    concrete,
    flat,
    numpy,
    numpy_function,
    of_class,
)
from symdiff.frontend.tracing.views import (
    Call,
    array_first,
    is_complex_array,
    part_of,
    place_of_array,
    split_by_array,
    views_of,
)
from symdiff.frontend.tracing.wrappers import is_frame, is_labelled, wrapper_of
from symdiff.graph.graph import Graph
from symdiff.graph.node import COMPLEX, FLOAT
from symdiff.graph.shape import Dim, Dimension, Shape
from symdiff.ops.handle import Handle
from symdiff.ops.registry import OPERATIONS


class Trace(Recording):
    """One run of a function.

    Attributes:
        names: those of the arguments.
        lifted: tracers of an outer trace, with the inputs that they have here.
        is_paused: whether calls are NumPy's own business for the moment.
        extents: numbers of a loop's steps as named dimensions.
    """

    def __init__(self, limit: int | None = None, outer: Recorder | None = None) -> None:
        super().__init__(limit)
        self.extents = Extents(self, outer.extents if outer is not None else None)
        self.names: set[str] = set()
        self.lifted: dict[int, tuple[Tracer, int]] = {}
        if outer is not None:
            self.libraries = outer.libraries
        self.is_paused = False
        self.memory = Memory(self)
        self.large = Large(self)
        self._checks: list[int] = []

    # --- tracers -----------------------------------------------------------------------------

    def argument(
        self, name: str, shape: Shape, dtype: Any, kind: type[Tracer] | None = None
    ) -> Tracer:
        """The tracer of an argument; where no class of it is given, the shape decides."""
        self.names.add(name)
        position = self.builder.input(name, shape, kind_of(dtype))
        kind = kind or (ArrayTracer if shape else ScalarTracer)
        return kind(self, Buffer(self, Handle(self.builder, position), dtype, name))

    def handle(self, value: Any) -> Handle:
        """The line of a tracer or of anything else that is a number or an array."""
        if isinstance(value, Tracer):
            content = value.content
            if not isinstance(content, Handle):
                return self.constant(content)
            return content if content.builder is self.builder else self.lift(value)
        if isinstance(value, Length):
            value = value.dim
        return line(self.builder, self.plain(value))

    def lift(self, value: Tracer) -> Handle:
        """A tracer of the trace around this one becomes an input here."""
        if value.recording.has_ended:
            self.refuse(*stale())
        found = self.lifted.get(id(value))
        if found is None:
            shape = tuple(value.content.shape)
            name = f"outer{len(self.lifted) + 1}_"
            found = value, self.builder.input(name, shape, kind_of(value.dtype))
            self.lifted[id(value)] = found
        return Handle(self.builder, found[1])

    def constant(self, array: Any) -> Handle:
        """The line of a concrete array; a large one of the environment is an input."""
        return self.large.line(array)

    def of_outside(self, array: Any) -> ArrayTracer:
        """The tracer for an array of the environment, for its methods and indices."""
        return ArrayTracer(self, _concrete_buffer(self, array))

    def length(self, value: Dimension) -> Any:
        """A length as the user's code sees it."""
        return Length(self, value) if isinstance(value, Dim) else value

    def holds_tracers(self, values: Any) -> bool:
        """Whether a tracer or a length is among the values."""
        return any(isinstance(value, (Tracer, Length)) for value in flat(values))

    # --- checks ------------------------------------------------------------------------------

    def check(self, condition: Any, error: str, message: Any, values: Sequence[Any]) -> None:
        """Let the emitted function raise an error where a condition holds."""
        lines = [self.handle(value).at for value in (condition, *values)]
        done = self.placed(lambda: self.builder.make("check", tuple(lines), (error, message)))
        self._checks.append(done)

    @property
    def has_checks(self) -> bool:
        """Whether something may raise."""
        return bool(self._checks)

    def passed(self, done: Handle) -> None:
        """Go on only where a line is there: a loop whose steps may raise."""
        self._checks.append(done.at)

    def decided(self, value: Tracer) -> bool | None:
        """The truth of a value in the call whose way is traced; `None` where there is none."""
        return truth_along(self, value)

    def counted(self, value: Tracer) -> int | None:
        """A whole number as it is in the call whose way is traced; `None` where there is none."""
        return count_along(self, value)

    def is_kept_finite(self, results: Any) -> bool:
        """Whether results are numbers in the call whose way is traced, which is then kept."""
        return is_finite_along(self, results)

    def checked(self, result: Handle) -> Handle:
        """A result, which is there only where no check has raised."""
        for done in self._checks:
            result = OPERATIONS["checked"](result, Handle(self.builder, done))
        return result

    # --- calls -------------------------------------------------------------------------------

    def call(self, name: str, *args: Any, **kwargs: Any) -> Any:
        """A function of NumPy on tracers."""
        if name in ASK_FOR_PLACES and len(args) == 1 and self.is_symbolic(args[0]):
            mask = mask_along(self, args[0])
            return places(mask, name) if mask is args[0] else getattr(numpy(), name)(mask)
        if name == "copy" and args and isinstance(args[0], Tracer):
            return self.copy(args[0], ArrayTracer, in_c_order=keeps_c_order(args[0]))
        if name in PARTS and len(args) == 1 and is_complex_array(args[0]):
            return part_of(self, args[0], name)
        out = kwargs.pop("out", None)
        result = self._called(name, args, kwargs)
        if out is None:
            return result
        return self.memory.stored(out[0] if isinstance(out, tuple) else out, result)

    def operator(self, name: str, *args: Any) -> Any:
        """An operator: what it does not know, Python tries the other way round."""
        return operators.operator(self, name, args)

    def _called(self, name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        args, kwargs = array_first(name, args, kwargs)
        if split_by_array(name, args):
            return tuple([self.call(name, array) for array in args])
        place = place_of_array(name, args)
        if place is not None:
            args = [*args[:place], self.memory.own(args[place]), *args[place + 1 :]]
        operands = list(flat((args, kwargs)))
        if not any(self.is_symbolic(value) for value in operands):
            return self._evaluated(name, args, kwargs, place)
        self.refuse_strange(operands)
        lowering = LOWERINGS.get(name)
        if lowering is None:
            self.refuse(*unknown(name))
        if integers.has_rounded(name, operands):
            args = [integers.as_whole(self, value) for value in args]
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
            result = self.guarded(
                lambda: in_kinds(name, lowering, self.builder, *plain, **keywords)
            )
        else:
            dtype = integers.result_type(self, name, args, kwargs, narrow)
            result = self.guarded(
                lambda: in_kinds(name, self._on_integers, name, plain, keywords, dtype)
            )
        kind = without_axes(name, args)
        if place is None or (name == "einsum" and result.shape == ()):
            return self.wrapped(result, dtype, kind)
        return self._viewed(Call(name, place, args, kwargs, plain, keywords), result, dtype, kind)

    def _viewed(self, call: Call, result: Any, dtype: Any, kind: Any) -> Any:
        """What a lowering returned that may be a view of an array, as the user's code sees it."""
        is_one = not isinstance(result, (tuple, list))
        parts = [result] if is_one else list(result)
        kind = kind or (ArrayTracer if is_one else None)
        made = [
            self.wrapped(part, dtype, kind) if view is None else ArrayTracer(self, view)
            for part, view in zip(parts, views_of(call, parts), strict=True)
        ]
        return made[0] if is_one else type(result)(made)

    def _on_integers(self, name: str, args: Any, kwargs: Any, dtype: Any) -> Any:
        """A call on whole numbers of few bits: in int64, and wrapped."""
        if not integers.is_computed_in_int64(name):
            return LOWERINGS[name](self.builder, *args, **kwargs)
        widened = [integers.widened(value) for value in args]
        return integers.wrapped(LOWERINGS[name](self.builder, *widened, **kwargs), dtype)

    def _widened(self, value: Any) -> Any:
        """float32 as float64; all else as it is."""
        if is_single(value):
            return self.astype(value, float)
        if isinstance(value, (list, tuple)):
            return type(value)([self._widened(part) for part in value])
        return value

    def refuse_strange(self, operands: Sequence[Any]) -> None:
        """What NumPy would make an object array of, or one of unknown length."""
        np = numpy()
        for value in operands:
            if type(value) in (Selection, Places):
                value.refuse()
            if isinstance(value, np.ndarray) and value.dtype.kind not in "biufc":
                self.refuse(
                    f"an array of {value.dtype} holds no real numbers",
                    "make it an array of floats",
                )

    def is_symbolic(self, value: Any) -> bool:
        """Whether a value is symbolic: found only when the emitted function runs."""
        if isinstance(value, Length):
            return True
        return isinstance(value, Tracer) and not value.is_concrete

    def _evaluated(
        self, name: str, args: Sequence[Any], kwargs: Mapping[str, Any], place: int | None
    ) -> Any:
        """A call that no argument enters: NumPy's own, and its result is concrete."""
        function = numpy_function(name)
        values = [concrete(value) for value in args]
        keywords = {key: concrete(value) for key, value in kwargs.items()}
        self.is_paused = True
        try:
            result = function(*values, **keywords)
        finally:
            self.is_paused = False
        self.large.computed(result, name, args, kwargs)
        if place is None:
            return self.concrete_result(result, values)
        parts = list(result) if isinstance(result, (tuple, list)) else [result]
        views = views_of(Call(name, place, args, kwargs, values, keywords), parts)
        made = [
            self.concrete_result(part, values) if view is None else ArrayTracer(self, view)
            for part, view in zip(parts, views, strict=True)
        ]
        return type(result)(made) if isinstance(result, (tuple, list)) else made[0]

    def concrete_result(self, result: Any, values: Sequence[Any]) -> Any:
        """What NumPy returned for concrete arguments, as the user's code sees it."""
        np = numpy()
        if isinstance(result, np.ndarray):
            shared = any(
                isinstance(value, np.ndarray) and np.may_share_memory(result, value)
                for value in values
            )
            return self.of_numpy(result.copy() if shared or result.base is not None else result)
        if isinstance(result, (tuple, list)):
            parts = [self.concrete_result(part, values) for part in result]
            return of_class(result, parts)
        return result

    def of_numpy(self, array: Any) -> ArrayTracer:
        """The tracer of a concrete array that nothing else holds."""
        return ArrayTracer(self, _concrete_buffer(self, array))

    def plain(self, value: Any) -> Any:
        """An argument as a lowering takes it."""
        np = numpy()
        if isinstance(value, Tracer):
            content = value.content
            if isinstance(content, Handle):
                return content if content.builder is self.builder else self.lift(value)
            return self.constant(content) if content.size > LARGEST_CONSTANT else content
        if isinstance(value, Length):
            return value.dim
        refused = refusal_of_array(value)
        if refused is not None:
            self.refuse(f"this takes {refused[0]}", refused[1])
        if isinstance(value, np.ndarray) and value.size > LARGEST_CONSTANT:
            return self.constant(value)
        if isinstance(value, np.generic):
            return value.item() if value.dtype.kind in "biufc" else value
        if isinstance(value, (list, tuple)) and not hasattr(value, "_fields"):
            return type(value)([self.plain(part) for part in value])
        if isinstance(value, slice):
            return slice(*[self.plain(part) for part in (value.start, value.stop, value.step)])
        if callable(value) and not isinstance(value, type):
            return branch(self, value)
        if wrapper_of(value) or is_frame(value):
            self.libraries.add(package_of(value))
        if is_labelled(value) or is_frame(value):
            return self.plain(np.asarray(value))
        return value

    def wrapped(self, result: Any, dtype: Any, kind: type[Tracer] | None = None) -> Any:
        """What a lowering returned, as the user's code sees it."""
        if isinstance(result, Handle):
            own = dtype_of(result, dtype)
            return buffered(self, result, own, None if result.shape else kind)
        if isinstance(result, Dim):
            return Length(self, result)
        if isinstance(result, (tuple, list)):
            return of_class(result, [self.wrapped(part, dtype, kind) for part in result])
        return result

    # --- types -------------------------------------------------------------------------------

    def cast_name(self, dtype: Any) -> str:
        """A type by the name that the casts have; others are refused here."""
        return conversions.cast_name(self, dtype)

    def astype(self, value: Tracer, dtype: Any, *, copy: bool = True) -> Any:
        """An array in another type; itself where it is of that and need not be copied."""
        return conversions.astype(self, value, dtype, copy=copy)

    def copy(self, value: Tracer, kind: type[Tracer], *, in_c_order: bool) -> Tracer:
        """An array or a number of its own."""
        return conversions.copy(self, value, kind, in_c_order=in_c_order)

    # --- NumPy's protocols -------------------------------------------------------------------

    def ufunc(self, ufunc: Any, method: str, inputs: Any, kwargs: Mapping[str, Any]) -> Any:
        """A universal function, or one of its methods."""
        return protocols.ufunc(self, ufunc, method, inputs, kwargs)

    def function(self, func: Any, args: Any, kwargs: Mapping[str, Any]) -> Any:
        """A function of NumPy that is no universal one."""
        return protocols.function(self, func, args, kwargs)

    # --- results -----------------------------------------------------------------------------

    def graph(self, inputs: Sequence[int], outputs: Sequence[Any], names: Sequence[str]) -> Graph:
        """The finished graph."""
        positions = []
        for output in outputs:
            handle = self.handle(output)
            if handle.dtype == COMPLEX:
                raise UnsupportedError(
                    "the result is complex, and derivatives are those of real numbers",
                    span=self.builder.spans.get(handle.at),
                    suggestion="return np.real(z) and np.imag(z)",
                )
            if handle.dtype != FLOAT:
                handle = OPERATIONS["as_float64"](handle)
            positions.append(self.checked(handle).at)
        lifted = [at for _, at in self.lifted.values()]
        every = [*inputs, *self.large.inputs, *lifted]
        graph = self.builder.graph(every, positions, names, primal=len(positions))
        return replace(graph, inputs=(*inputs, *self.large.needed(graph), *lifted))


def _concrete_buffer(trace: Trace, array: Any) -> Buffer:
    return Buffer(trace, array, array.dtype, in_c_order=array.flags.c_contiguous)
