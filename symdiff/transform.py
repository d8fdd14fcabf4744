"""`sd.grad(f)` and its like: a NumPy function in, a function with the same arguments out.

A function is traced at the first call with arguments of some shapes and types, compiled, and kept.
Later calls with such arguments run the emitted code, after a look at what the function reads beside
its arguments: where that changed, it is traced again.
"""

from __future__ import annotations

import functools
import inspect
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from symdiff.api import Function
from symdiff.derive.inline import inlined
from symdiff.derive.problem import PLAIN, Options
from symdiff.errors import ShapeError, SymdiffError, UnsupportedError
from symdiff.frontend.tracing.arguments import (
    Flattener,
    are_same,
    parameters_of,
    signature_of,
    specified,
)
from symdiff.frontend.tracing.array import Traced, buffered
from symdiff.frontend.tracing.contents import module_of
from symdiff.frontend.tracing.function import Spec, TracedFunction, bind, trace
from symdiff.frontend.tracing.packing import Packer, accumulate, packer
from symdiff.frontend.tracing.running import active
from symdiff.frontend.tracing.structure import leaves
from symdiff.graph.serial import portable, to_data
from symdiff.origin import Origin
from symdiff.verbs import INPUTS, VERBS, Vectors, Verb, checked

Wrt = str | int | Sequence[str | int] | None
_MOST_ENTRIES = 128
_NOTHING = inspect.Parameter.empty


@dataclass(frozen=True, slots=True)
class _Entry:
    """A compiled trace.

    Attributes:
        traced: the function.
        compiled: the emitted function, of the leaves of the arguments.
        packed: puts the flat result into the structure of the arguments.
        wrt: names of the inputs that it is differentiated by.
        extra: names of the inputs behind those of the function.
        body: `compiled` without its checks, where all inputs are arrays of float64.
        arrays: class, shape and type of each input, as arrays have them.
    """

    traced: TracedFunction
    compiled: Callable[..., Any]
    packed: Callable[[Any], Any] | None
    wrt: tuple[str, ...]
    extra: tuple[str, ...]
    body: Callable[..., Any] | None
    arrays: list[Any]

    def takes(self, args: Sequence[Any]) -> bool:
        """Whether arguments are the arrays that `body` takes."""
        try:
            return [(x.__class__, x.shape, x.dtype) for x in args] == self.arrays
        except AttributeError:
            return False

    def is_current(self) -> bool:
        """Whether what the function reads beside its arguments is as it was."""
        return self.traced.surroundings.is_unchanged()


class Differentiated:
    """A NumPy function's derivative, called as the function itself is.

    Args:
        function: a plain NumPy function of floats, arrays, and nested structures of them.
        verb: what is computed of it.
        wrt: the arguments to differentiate by: a name, a position, or a tuple of them.
        options: what the verb is told.
    """

    def __init__(
        self, function: Callable[..., Any], verb: Verb, wrt: Wrt, options: Options = PLAIN
    ) -> None:
        functools.update_wrapper(self, function)
        self.function = function
        self.verb = verb
        self.options = checked(verb, options)._replace(blocks=True)
        self.wrt = wrt
        self._fast: dict[tuple[Any, ...], _Entry] = {}
        self._entries: dict[tuple[Any, ...], _Entry] = {}
        self._flattener = Flattener()
        self._last: _Entry | None = None
        self._lock = threading.Lock()

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """The derivative at these arguments, in their structure.

        `accumulate=` takes arrays, in the structure of the gradient, that it is added to.
        """
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
        result = entry.compiled(*values)
        return result if entry.packed is None else entry.packed(result)

    def __reduce__(self) -> tuple[object, ...]:
        return _differentiated, (self.function, self.verb.name, self.wrt, self.options)

    def __repr__(self) -> str:
        return f"<{self.verb.name} of {getattr(self.function, '__name__', self.function)}>"

    # --- the first call of its kind ----------------------------------------------------------

    def _slow(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        if "accumulate" in kwargs and "accumulate" not in parameters_of(self.function):
            keywords = dict(kwargs)
            return self._accumulated(keywords.pop("accumulate"), args, keywords)
        bound = bind(self.function, args, kwargs)
        differentiated = self._arguments(bound)
        specs, values = specified(bound, differentiated)
        if active() is not None:
            return self._inlined(specs, values, differentiated)
        key = signature_of(specs)
        entry = self._entries.get(key)
        if entry is None or not entry.is_current():
            entry = self._compile(specs, differentiated)
            self._keep(key, entry)
        marks, flat = self._flattener.flat(args, kwargs)
        if are_same(flat, values):
            self._fast[marks] = entry
        result = entry.compiled(*values)
        return result if entry.packed is None else entry.packed(result)

    def _accumulated(self, into: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        """The call, with the gradient added to arrays of the caller's."""
        result = self(*args, **kwargs)
        if into is None:
            return result
        accumulate(into, result[1] if self.verb.returns_value else result)
        return (result[0], into) if self.verb.returns_value else into

    def _keep(self, key: tuple[Any, ...], entry: _Entry) -> None:
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
        names = list(bound.signature.parameters)
        wrt = 0 if self.wrt is None else self.wrt
        if isinstance(wrt, str):
            wrt = tuple(wrt.replace(",", " ").split())
        items = tuple(wrt) if isinstance(wrt, Iterable) else (wrt,)
        found = []
        for item in items:
            if isinstance(item, int) and not -len(names) <= item < len(names):
                raise SymdiffError(f"wrt asks for argument {item}, and there are {len(names)}")
            name = names[item] if isinstance(item, int) else str(item)
            default = bound.signature.parameters[name].default if name in names else _NOTHING
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

    def _compile(self, specs: Any, differentiated: Sequence[str]) -> _Entry:
        import numpy as np

        _refuse_without_numbers(specs, differentiated)
        traced = trace(self.function, specs)
        made, wrt = self._derived(traced, differentiated)
        compiled: Callable[..., Any] = getattr(made.load(), self.verb.name)
        if traced.captured:
            compiled = functools.partial(compiled, **traced.data)
        packed = self._packer(specs, differentiated, len(traced.graph.outputs))
        is_plain = not traced.captured and packed is None and not self.options.sparse
        body = _body(made, traced) if is_plain else None
        arrays = [(np.ndarray, item.spec.shape, item.spec.dtype) for item in traced.inputs]
        extra = made.inputs[len(made.primal.inputs) :]
        return _Entry(traced, compiled, packed, wrt, extra, body, arrays)

    def _derived(
        self, traced: TracedFunction, differentiated: Sequence[str]
    ) -> tuple[Function, tuple[str, ...]]:
        if self.verb.is_derivative:
            _refuse_constant(traced)
        wrt = tuple(
            item.name
            for name in differentiated
            for item in traced.inputs
            if item.argument == name and item.spec.dtype.kind == "f"
        )
        graph = traced.graph
        data = None if traced.lifted else to_data(portable(graph, traced.file))
        origin = Origin(f"NumPy function {traced.name}", None, graph=data, file=traced.file)
        base = Function(graph, origin, VERBS["value"], wrt)
        return base.derived(self.verb, wrt, self.options), wrt

    def _packer(self, specs: Any, differentiated: Sequence[str], outputs: int = 1) -> Packer | None:
        """Puts the flat result into the structure of the arguments; `None` where it has that."""
        wrt = self.wrt
        is_single = wrt is None or isinstance(wrt, int)
        is_single |= isinstance(wrt, str) and len(differentiated) == 1
        arguments = [specs.arguments[name] for name in differentiated]
        verb = self.verb
        if not verb.is_derivative or INPUTS not in verb.result or self.options.sparse:
            return None
        of_inputs = packer(arguments, is_single=is_single)
        if of_inputs is None:
            return None
        packed = of_inputs
        if verb.is_matrix and verb.result[0] == INPUTS:
            packed = _twice(of_inputs)
        elif verb.is_matrix and outputs > 1:
            packed = _each(of_inputs)
        return _behind_value(packed) if verb.returns_value else packed

    # --- inside of another trace -------------------------------------------------------------

    def _inlined(self, specs: Any, values: Sequence[Any], differentiated: Sequence[str]) -> Any:
        """The derivative as lines of the trace that is running: derivatives of derivatives."""
        _refuse_without_numbers(specs, differentiated)
        outer = active()
        assert outer is not None  # the caller looked
        outer.refuse_caught()
        traced = trace(self.function, specs)
        made, _ = self._derived(traced, differentiated)
        extra = [*traced.captured, *traced.lifted]
        own = len(traced.inputs)
        given = [outer.handle(value) for value in (*values[:own], *extra, *values[own:])]
        outputs = [
            buffered(outer, handle, _floating(values))
            for handle in inlined(made.derivation, outer.builder, given)
        ]
        flat = _put_together(made.packing, outputs)
        if self.verb.has_gradient and not self.verb.returns_value:
            flat = flat[1]
        packed = self._packer(specs, differentiated, len(traced.graph.outputs))
        return flat if packed is None else packed(flat)


class Product(Differentiated):
    """A product of the Jacobian or the Hessian, called with the arguments, then the vectors.

    There is one vector for each argument that is differentiated by, in its structure, or for vjp
    one for each output.
    """

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """The product at these arguments; the vectors come last."""
        if self._vectors.axis == INPUTS:
            wrt = 0 if self.wrt is None else self.wrt
            wrt = wrt.replace(",", " ").split() if isinstance(wrt, str) else wrt
            return self._product(args, kwargs, 1 if isinstance(wrt, int) else len(tuple(wrt)))
        parameters = parameters_of(self.function)
        least = max(1, len(args) + len(kwargs) - len(parameters))
        return self._product(args, kwargs, least)

    @property
    def _vectors(self) -> Vectors:
        assert self.verb.vectors is not None  # this class is for verbs that have some
        return self.verb.vectors

    def _product(self, args: Sequence[Any], kwargs: Mapping[str, Any], count: int) -> Any:
        if len(args) < count:
            raise SymdiffError(
                f"{self.verb.name} is called with the arguments and then {count} "
                f"{self._vectors.noun}{'s' * (count > 1)}"
            )
        own, vectors = args[: len(args) - count], args[len(args) - count :]
        bound = bind(self.function, own, kwargs)
        differentiated = self._arguments(bound)
        specs, values = specified(bound, differentiated)
        given = [leaf for vector in vectors for _, leaf in leaves(vector) if leaf is not None]
        if active() is not None:
            return self._inlined(specs, [*values, *given], differentiated)
        key = signature_of(specs)
        entry = self._entries.get(key)
        if entry is None or not entry.is_current():
            entry = self._compile(specs, differentiated)
            self._keep(key, entry)
        names = entry.extra
        if len(given) != len(names):
            raise ShapeError(
                f"{self.verb.name} wants {len(names)} vectors ({', '.join(names)}), "
                f"and {len(given)} were given"
            )
        result = entry.compiled(*values, **dict(zip(names, given, strict=True)))
        return result if entry.packed is None else entry.packed(result)


def _twice(pack: Packer) -> Packer:
    """The structure of the arguments, and in the place of each number that structure again."""

    def packed(result: Any) -> Any:
        if isinstance(result, tuple):
            return pack(tuple([pack(part) for part in result]))
        return pack(pack(result))

    return packed


def _each(pack: Packer) -> Packer:
    """The structure of the arguments for each output."""
    return lambda result: tuple([pack(part) for part in result])


def _behind_value(pack: Packer) -> Packer:
    """The value as it is, and the structure of the arguments."""
    return lambda result: (result[0], pack(result[1]))


def _put_together(packing: Any, outputs: Sequence[Any]) -> Any:
    """Flat outputs as a call returns them."""
    if isinstance(packing, int):
        return outputs[packing]
    if not isinstance(packing, tuple):
        raise UnsupportedError("a sparse derivative inside of another function is not supported")
    return tuple([_put_together(part, outputs) for part in packing])


def _differentiated(function: Callable[..., Any], verb: str, wrt: Wrt, options: Options) -> Any:
    return transform(verb, function, wrt, options)


def transform(verb: str, function: Any, wrt: Wrt, options: Options = PLAIN) -> Any:
    """A verb of a NumPy function, a text or anything else that `sd.function` takes."""
    if isinstance(function, Function):
        return function.derived(VERBS[verb], wrt, options)
    if callable(function) and module_of(type(function)).partition(".")[0] != "sympy":
        kind = Differentiated if VERBS[verb].vectors is None else Product
        return kind(function, VERBS[verb], wrt, options)
    from symdiff.api import function as made

    return made(function).derived(VERBS[verb], wrt, options)


def grad(function: Any, wrt: Wrt = None) -> Any:
    """The gradient of a function with one number as its result.

    Args:
        function: a NumPy function: the result is called as it is, and returns the gradient in the
            structure of the arguments. Or what `sd.function` takes: the result is a Function.
        wrt: what to differentiate by: a name, a position, or a tuple of them; by default the first
            argument of a NumPy function, all inputs of anything else.

    Raises:
        UnsupportedError: when called, for what cannot be traced, with its place.
    """
    return transform("grad", function, wrt)


def value_and_grad(function: Any, wrt: Wrt = None) -> Any:
    """As `grad`; a call returns `(value, gradient)`."""
    return transform("value_and_grad", function, wrt)


def jacobian(
    function: Any, wrt: Wrt = None, *, sparse: bool = False, mode: str | None = None
) -> Any:
    """Every output by every input; each block has the shape of the output and the input behind it.

    Args:
        function: as for `grad`; it may return an array, or a tuple of several.
        wrt: as for `grad`.
        sparse: return `(values, (rows, columns))` of the entries that are not zero by structure,
            as `scipy.sparse.coo_array` takes them.
        mode: `forward` or `reverse`; by default the one with fewer seeds.
    """
    return transform("jacobian", function, wrt, Options(mode, sparse))


def hessian(
    function: Any, wrt: Wrt = None, *, sparse: bool = False, mode: str | None = None
) -> Any:
    """The second derivatives of a function with one number as its result; else as `jacobian`."""
    return transform("hessian", function, wrt, Options(mode, sparse))


def hvp(function: Any, wrt: Wrt = None) -> Any:
    """The Hessian times vectors: called with the arguments, then a vector for each of `wrt`."""
    return transform("hvp", function, wrt)


def jvp(function: Any, wrt: Wrt = None) -> Any:
    """`(value, tangent)`: called with the arguments, then a tangent for each of `wrt`."""
    return transform("jvp", function, wrt)


def vjp(function: Any, wrt: Wrt = None) -> Any:
    """`(value, cotangents)`: called with the arguments, then a cotangent for each output."""
    return transform("vjp", function, wrt)


def stop_gradient(x: Any) -> Any:
    """The value itself, a constant for every derivative; PyTorch's `detach`."""
    if isinstance(x, Traced):
        return x.recording.call("stop_gradient", x)
    return x


def _floating(values: Sequence[Any]) -> Any:
    import numpy as np

    kinds = {np.dtype(getattr(v, "dtype", float)) for v in values if not isinstance(v, float)}
    return np.dtype(np.float32) if kinds == {np.dtype(np.float32)} else np.dtype(float)


# --- results -----------------------------------------------------------------------------------


def _body(made: Function, traced: TracedFunction) -> Callable[..., Any] | None:
    """The emitted body alone, where all inputs are arrays that it takes as they are."""
    import numpy as np

    specs = [item.spec for item in traced.inputs]
    body: Any = getattr(made.load(), f"_{made.verb.name}", None)
    if body is None or not all(spec.shape and spec.dtype == np.float64 for spec in specs):
        return None
    quiet: Callable[..., Any] = np.errstate(all="ignore")(body)
    return quiet


def _refuse_without_numbers(specs: Any, differentiated: Sequence[str]) -> None:
    """An argument to differentiate by that holds nothing to differentiate by."""
    for name in differentiated:
        found = [leaf for _, leaf in leaves(specs.arguments[name]) if isinstance(leaf, Spec)]
        if not any(spec.dtype.kind == "f" for spec in found):
            raise SymdiffError(f"'{name}' holds no number to differentiate by")


def _refuse_constant(traced: TracedFunction) -> None:
    """A function that returns a number which no argument enters."""
    graph = traced.graph
    needed = graph.ancestors(graph.outputs)
    if len(graph.outputs) == 1 and not any(needed[at] for at in graph.inputs):
        raise UnsupportedError(
            f"{traced.name} returns a constant: no argument enters it",
            suggestion="is the result computed from the arguments, and by NumPy?",
        )
