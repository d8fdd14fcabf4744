"""Derivatives of NumPy functions, called as the functions are.

A function is traced at the first call with arguments of some shapes and types, compiled, and kept.
Later calls with such arguments run the emitted code, after a look at what the function reads beside
its arguments: where that changed, it is traced again.
"""

from __future__ import annotations

import functools
import inspect
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

from symdiff.api import Function
from symdiff.comparison import Comparison
from symdiff.derive.inline import inlined
from symdiff.derive.options import PLAIN, Options
from symdiff.emit.target import DEFAULT
from symdiff.emit.targets import TARGETS, target_of
from symdiff.errors import SymdiffError, UnsupportedError
from symdiff.frontend.loops import PLAIN as LOOPS
from symdiff.frontend.loops import Loops
from symdiff.frontend.tracing.accumulation import accumulate
from symdiff.frontend.tracing.arguments import (
    Flattener,
    are_same,
    parameters_of,
    signature_of,
    specified,
)
from symdiff.frontend.tracing.array import buffered
from symdiff.frontend.tracing.function import TracedFunction, bind, trace
from symdiff.frontend.tracing.pytree import flatten
from symdiff.frontend.tracing.running import active
from symdiff.graph.serial import portable, to_data
from symdiff.optimize.like_terms import with_arrays
from symdiff.origin import Origin
from symdiff.structures import (
    leaves_of,
    numbers_of_vectors,
    owners_of_vectors,
    packer_of,
    parted,
    refuse_constant,
    refuse_without_numbers,
)
from symdiff.traced_call import floating, put_together
from symdiff.verbs import VERBS, Verb, Wrt, checked
from symdiff.ways import Deciding, Entry, Ways, as_raised, deciding, warn
from symdiff.wrapped import (
    given_back,
    of_columns,
    refuse_matrix_of_frame,
    vectors_of_columns,
    with_units,
)
from symdiff.wrt import items_of, name_of

_MOST_ENTRIES = 128
_NOTHING = inspect.Parameter.empty


class Differentiated:
    """A NumPy function's derivative, called as the function itself is.

    A product of the Jacobian or the Hessian is called with vectors behind the arguments: one for
    each argument that is differentiated by, in its structure, or one for each output.

    Args:
        function: a plain NumPy function of floats, arrays, and nested structures of them.
        verb: what is computed of it.
        wrt: the arguments to differentiate by: names, positions, or a tuple of them.
        options: of the derivation.
        target: what computes it.
        loops: what is asked of the function's loops.
    """

    def __init__(
        self,
        function: Callable[..., Any],
        verb: Verb,
        wrt: Wrt,
        options: Options = PLAIN,
        target: str = DEFAULT,
        loops: Loops = LOOPS,
    ) -> None:
        functools.update_wrapper(self, function)
        self.function = function
        self.verb = verb
        self.options = checked(verb, options)._replace(blocks=True)
        self.wrt: Wrt = 0 if wrt is None else wrt
        self.target = target_of(target).name
        self.loops = loops.checked()
        self._fast: dict[tuple[Any, ...], Entry] = {}
        self._entries: dict[tuple[Any, ...], Entry] = {}
        self._flattener = Flattener()
        self._last: Entry | None = None
        self._lock = threading.Lock()

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """The derivative at these arguments, in their structure.

        `accumulate=` takes arrays, in the structure of the gradient, that it is added to. An error
        of the function is the one that it raises itself in such a call.
        """
        try:
            last = self._last  # in a loop, each call is as the one before
            if last is not None and not kwargs and active() is None:
                body = last.body
                if body is not None and last.takes(args) and last.is_current():
                    return body(*args)
            marks, values = self._flattener.flat(args, kwargs)
            entry = self._fast.get(marks)
            if entry is None or active() is not None or not entry.is_current():
                return self._slow(args, kwargs)
            self._last = entry
            return entry.result(values)
        except SymdiffError:
            raise
        except Exception as error:
            if active() is not None:
                raise
            own, _ = parted(self.function, self.verb, self.wrt, args, len(args) + len(kwargs))
            raise as_raised(error, self.function, own, kwargs) from None

    def __reduce__(self) -> tuple[object, ...]:
        return _differentiated, (
            self.function,
            self.verb.name,
            self.wrt,
            self.options,
            self.target,
            self.loops,
        )

    def __repr__(self) -> str:
        return f"<{self.verb.name} of {getattr(self.function, '__name__', self.function)}>"

    # --- the module of the last call ---------------------------------------------------------

    def emit(self, target: str | None = None) -> str:
        """The text of a module for arguments as those of the last call; else as `Function.emit`.

        Raises:
            SymdiffError: where there was no call yet.
        """
        return self._of_last_call().emit(target or self.target)

    def write(self, path: str | Path, target: str | None = None) -> Path:
        """Write that module to a file; else as `Function.write`."""
        return self._of_last_call().write(path, target or self.target)

    def load(self, target: str | None = None) -> ModuleType:
        """That module, loaded; else as `Function.load`."""
        return self._of_last_call().load(target or self.target)

    def _of_last_call(self) -> Function:
        if self._last is None:
            raise SymdiffError(
                f"{self!r} was not called yet: the shapes of its arguments are not known",
                suggestion="call it once; or give the shapes: sd.function(f, shapes={...})",
            )
        entry = self._last.of_last_call
        traced, wrt = entry.traced, entry.wrt
        return self._derived(traced, wrt, traced.data)

    # --- the first call of its kind ----------------------------------------------------------

    def _slow(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        is_told = "accumulate" in kwargs and "accumulate" not in parameters_of(self.function)
        if is_told and self.verb.vectors is None:
            keywords = dict(kwargs)
            return self._accumulated(keywords.pop("accumulate"), args, keywords)
        own, behind = parted(self.function, self.verb, self.wrt, args, len(args) + len(kwargs))
        given = bind(self.function, own, kwargs)
        differentiated = self._arguments(given)
        bound = of_columns(given, differentiated)
        refuse_matrix_of_frame(self.verb, given, bound)
        behind = vectors_of_columns(behind, given)
        specs, values = specified(bound, differentiated)
        if active() is not None:
            return self._inlined(specs, values, behind, differentiated)
        key = signature_of(specs)
        entry = self._entries.get(key)
        if entry is None or not entry.is_current():
            entry = self._compile(specs, differentiated, values)
            self._keep(key, entry)
        arguments = owners_of_vectors(self.verb, specs, differentiated, entry.traced, behind)
        vectors = numbers_of_vectors(self.verb, arguments, behind)
        entry.refuse_strange(self.verb, len(vectors))
        values += vectors
        marks, flat = self._flattener.flat(args, kwargs)
        is_in_order = [name for name in bound.arguments if name in kwargs] == list(kwargs)
        is_in_order &= [flatten(v)[1] for v in behind] == [flatten(a)[1] for a in arguments]
        self._last = entry
        if entry.traced.libraries:  # what wraps arrays is compared in each call
            result = with_units(entry.traced.name, entry.compiled, values)
            result = result if entry.packed is None else entry.packed(result)
            comparison = entry.of_last_call.comparison
            value = None if comparison is None else comparison.at(given)
            return given_back(self.verb, self.wrt, given, differentiated, result, value)
        if is_in_order and are_same(flat, values):
            self._fast[marks] = entry
        return entry.result(values)

    def _accumulated(self, into: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        """The call, with the gradient added to arrays of the caller's."""
        result = self(*args, **kwargs)
        if into is None:
            return result
        accumulate(into, result[1] if self.verb.returns_value else result)
        return (result[0], into) if self.verb.returns_value else into

    def _keep(self, key: tuple[Any, ...], entry: Entry) -> None:
        with self._lock:
            old = self._entries.get(key)
            for mark in [m for m, known in self._fast.items() if known is old]:
                del self._fast[mark]
            self._entries[key] = entry
            while len(self._entries) > _MOST_ENTRIES:
                oldest = self._entries.pop(next(iter(self._entries)))
                for mark in [m for m, known in self._fast.items() if known is oldest]:
                    del self._fast[mark]

    def _arguments(self, bound: Any) -> tuple[str, ...]:
        """The names of the arguments to differentiate by."""
        parameters = bound.signature.parameters
        found: list[str] = []
        for item in items_of(self.wrt):
            name = name_of(item, list(parameters), "argument")
            default = parameters[name].default if name in parameters else _NOTHING
            if name not in bound.arguments and default is not _NOTHING:
                bound.arguments[name] = default
            if name not in bound.arguments:
                listed = ", ".join(bound.arguments) or "none"
                raise SymdiffError(
                    f"wrt names '{name}', which is no argument of this call",
                    suggestion=f"the arguments are: {listed}",
                )
            if name in found:
                raise SymdiffError(f"wrt names '{name}' twice")
            found.append(name)
        return tuple(found)

    def _compile(self, specs: Any, differentiated: Sequence[str], values: Sequence[Any]) -> Entry:
        """Both ways of each branch; where that is refused, the way that the values take."""
        refuse_without_numbers(specs, differentiated)
        try:
            traced = trace(self.function, specs, loops=self.loops)
            return self._compiled(traced, specs, differentiated)
        except UnsupportedError as error:
            refused = error
        make = partial(self._along, specs, differentiated)
        for how in (Deciding(), Deciding(on_masks=True), Deciding(on_masks=True, on_counts=True)):
            try:
                first = make(how, values)
            except SymdiffError:
                continue
            if first.guards:
                break
        else:
            raise refused
        warn(first.traced.name, refused)
        ways = Ways(first.traced.name, make, how, first, refused)
        return replace(first, compiled=ways, packed=None, body=None)

    def _along(
        self, specs: Any, differentiated: Sequence[str], how: Deciding, values: Sequence[Any]
    ) -> Entry:
        """A compiled trace along the way that values take.

        Args:
            specs: the arguments.
            differentiated: names of those that it is differentiated by.
            how: what is decided on.
            values: of the numbers and arrays.
        """
        along = partial(deciding, values, how)
        traced = trace(self.function, specs, along=along, loops=self.loops)
        return self._compiled(traced, specs, differentiated)

    def _compiled(self, traced: TracedFunction, specs: Any, differentiated: Sequence[str]) -> Entry:
        import numpy as np

        if traced.lifted:  # kept by an object, say
            raise UnsupportedError("a value inside of an inner function is used outside of that")
        wrt = leaves_of(traced, differentiated)
        made = self._derived(traced, wrt)
        module = made.load(self.target)
        extra = made.inputs[len(made.primal.inputs) :]
        function = getattr(module, self.verb.name)
        on_arrays = TARGETS[self.target].on_arrays
        function = on_arrays(function) if on_arrays else function
        compiled = _with_data(function, traced, extra)
        packed = packer_of(self.verb, self.options, self.wrt, specs, differentiated, traced)
        is_plain = not traced.captured and packed is None and not self.options.sparse and not extra
        is_plain = is_plain and self.target == DEFAULT and not traced.libraries
        body = _body(module, self.verb, traced) if is_plain else None
        comparison = None
        if traced.libraries:
            value = _with_data(self._function(traced, wrt).load().value, traced, ())
            comparison = Comparison(traced.name, self.function, value, differentiated)
        arrays = [(np.ndarray, item.spec.shape, item.spec.dtype) for item in traced.inputs]
        return Entry(traced, compiled, packed, wrt, extra, body, arrays, comparison)

    def _derived(
        self, traced: TracedFunction, wrt: tuple[str, ...], data: Mapping[str, Any] | None = None
    ) -> Function:
        """The derivative of a trace; `data` are the arrays that the function reads."""
        if self.verb.is_derivative:
            refuse_constant(traced)
        return self._function(traced, wrt, data).derived(self.verb, wrt, self.options)

    def _function(
        self, traced: TracedFunction, wrt: tuple[str, ...], data: Mapping[str, Any] | None = None
    ) -> Function:
        """The traced function itself."""
        graph, _ = with_arrays(traced.graph, self.loops.choice)
        plain = None if traced.lifted else to_data(portable(graph, traced.file))
        text, reads = f"NumPy function {traced.name}", tuple(data or {})
        origin = Origin(text, None, graph=plain, file=traced.file, reads=reads, loops=self.loops)
        return Function(graph, origin, VERBS["value"], wrt, data)

    # --- inside of another trace -------------------------------------------------------------

    def _inlined(
        self,
        specs: Any,
        values: Sequence[Any],
        behind: Sequence[Any],
        differentiated: Sequence[str],
    ) -> Any:
        """The derivative as lines of the trace that is running: derivatives of derivatives."""
        refuse_without_numbers(specs, differentiated)
        outer = active()
        assert outer is not None  # the caller looked
        outer.refuse_caught()
        traced = trace(self.function, specs, loops=self.loops)
        made = self._derived(traced, leaves_of(traced, differentiated))
        extra = [*traced.captured, *traced.lifted]
        arguments = owners_of_vectors(self.verb, specs, differentiated, traced, behind)
        vectors = numbers_of_vectors(self.verb, arguments, behind)
        given = [outer.handle(value) for value in (*values, *extra, *vectors)]
        outputs = [
            buffered(outer, handle, floating([*values, *vectors]))
            for handle in inlined(made.derivation, outer.builder, given)
        ]
        flat = put_together(made.packing, outputs)
        if self.verb.has_gradient and not self.verb.returns_value:
            flat = flat[1]
        packed = packer_of(self.verb, self.options, self.wrt, specs, differentiated, traced)
        return flat if packed is None else packed(flat)


def _differentiated(
    function: Callable[..., Any], verb: str, wrt: Wrt, options: Options, target: str, loops: Loops
) -> Differentiated:
    return Differentiated(function, VERBS[verb], wrt, options, target, loops)


# --- results -----------------------------------------------------------------------------------


def _with_data(
    function: Callable[..., Any], traced: TracedFunction, extra: Sequence[str]
) -> Callable[..., Any]:
    """A function of the module, given the arrays that the traced one reads beside its arguments.

    They stand between the arguments and the vectors.
    """
    if not traced.captured:
        return function
    data, count = traced.data, len(traced.inputs)

    def call(*values: Any) -> Any:
        vectors = dict(zip(extra, values[count:], strict=True))
        return function(*values[:count], **data, **vectors)

    return call


def _body(module: ModuleType, verb: Verb, traced: TracedFunction) -> Callable[..., Any] | None:
    """The emitted body alone, where all inputs are arrays that it takes as they are."""
    import numpy as np

    specs = [item.spec for item in traced.inputs]
    body: Any = getattr(module, f"_{verb.name}", None)
    if body is None or not all(spec.shape and spec.dtype == np.float64 for spec in specs):
        return None
    quiet: Callable[..., Any] = np.errstate(all="ignore")(body)
    return quiet
