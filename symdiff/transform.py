"""`sd.grad(f)` and its like: a NumPy function in, a function with the same arguments out.

A function is traced at the first call with arguments of some shapes and types, compiled, and kept.
Later calls with such arguments run the emitted code, after a look at what the function reads beside
its arguments: where that changed, it is traced again.
"""

from __future__ import annotations

import functools
import inspect
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from symdiff.api import Function, Origin
from symdiff.errors import ShapeError, SymdiffError, UnsupportedError
from symdiff.frontend.tracing.array import Traced
from symdiff.frontend.tracing.function import Spec, TracedFunction, bind, trace
from symdiff.frontend.tracing.running import active
from symdiff.frontend.tracing.structure import Path, leaves, rebuilt
from symdiff.graph.graph import Graph
from symdiff.graph.node import CONSTANT, INPUT, constant_value
from symdiff.graph.serial import portable, to_data
from symdiff.ops.builder import Builder
from symdiff.ops.handle import Handle
from symdiff.verbs import VERBS, Verb

Wrt = str | int | Sequence[str | int] | None
_MOST_ENTRIES = 128
_NOTHING = inspect.Parameter.empty
_BY_VALUE = frozenset((int, bool, str, bytes, type(None), range))


@dataclass(frozen=True, slots=True)
class _Entry:
    """A compiled trace.

    Attributes:
        traced: the function.
        compiled: the emitted function, of the leaves of the arguments.
        packed: puts the flat result into the structure of the arguments.
        wrt: names of the inputs that it is differentiated by.
    """

    traced: TracedFunction
    compiled: Callable[..., Any]
    packed: Callable[[Any], Any] | None
    wrt: tuple[str, ...]

    def is_current(self) -> bool:
        """Whether what the function reads beside its arguments is as it was."""
        return self.traced.surroundings.is_unchanged()


class Differentiated:
    """A NumPy function's derivative, called as the function itself is.

    Args:
        function: a plain NumPy function of floats, arrays, and nested structures of them.
        verb: what is computed of it.
        wrt: the arguments to differentiate by: a name, a position, or a tuple of them.
    """

    def __init__(self, function: Callable[..., Any], verb: Verb, wrt: Wrt) -> None:
        functools.update_wrapper(self, function)
        self.function = function
        self.verb = verb
        self.wrt = wrt
        self._fast: dict[tuple[Any, ...], _Entry] = {}
        self._entries: dict[tuple[Any, ...], _Entry] = {}
        self._lock = threading.Lock()

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """The derivative at these arguments, in their structure.

        `accumulate=` takes arrays, in the structure of the gradient, that it is added to.
        """
        if not kwargs:
            try:
                entry = self._fast.get(_marks(args))
            except TypeError:  # a list or a dict
                entry = None
            if entry is not None and active() is None and entry.is_current():
                return entry.compiled(*args)
        return self._slow(args, kwargs)

    def __reduce__(self) -> tuple[object, ...]:
        return _differentiated, (self.function, self.verb.name, self.wrt)

    def __repr__(self) -> str:
        return f"<{self.verb.name} of {getattr(self.function, '__name__', self.function)}>"

    # --- the first call of its kind ----------------------------------------------------------

    def _slow(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        keywords = dict(kwargs)
        into = (
            None if "accumulate" in _parameters(self.function) else keywords.pop("accumulate", None)
        )
        bound = bind(self.function, args, keywords)
        differentiated = self._arguments(bound)
        specs, values = _specified(bound, differentiated)
        if active() is not None:
            return self._inlined(specs, values, differentiated)
        key = _key(specs)
        entry = self._entries.get(key)
        if entry is None or not entry.is_current():
            entry = self._compile(specs, differentiated)
            self._keep(key, entry)
        result = entry.compiled(*values)
        packed = result if entry.packed is None else entry.packed(result)
        if into is not None:
            _accumulate(into, packed[1] if self.verb.returns_value else packed)
            return (packed[0], into) if self.verb.returns_value else into
        self._remember(args, kwargs, entry, values)
        return packed

    def _keep(self, key: tuple[Any, ...], entry: _Entry) -> None:
        with self._lock:
            for table in (self._entries, self._fast):
                while len(table) >= _MOST_ENTRIES:
                    table.pop(next(iter(table)))
            old = self._entries.get(key)
            if old is not None:
                for mark in [m for m, known in self._fast.items() if known is old]:
                    del self._fast[mark]
            self._entries[key] = entry

    def _remember(
        self, args: Sequence[Any], kwargs: Mapping[str, Any], entry: _Entry, values: Sequence[Any]
    ) -> None:
        """Let the next such call go straight to the emitted function, where nothing is repacked."""
        if kwargs or entry.packed is not None or len(values) != len(args):
            return
        if all(value is arg for value, arg in zip(values, args, strict=True)):
            self._fast[_marks(args)] = entry

    def _arguments(self, bound: Any) -> tuple[str, ...]:
        """The names of the arguments to differentiate by."""
        names = list(bound.signature.parameters)
        wrt = 0 if self.wrt is None else self.wrt
        if isinstance(wrt, str):
            wrt = tuple(wrt.replace(",", " ").split())
        items = (wrt,) if isinstance(wrt, int) else tuple(wrt)
        found = []
        for item in items:
            if isinstance(item, int) and not -len(names) <= item < len(names):
                raise SymdiffError(f"wrt asks for argument {item}, and there are {len(names)}")
            name = names[item] if isinstance(item, int) else item
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
        _refuse_without_numbers(specs, differentiated)
        traced = trace(self.function, specs)
        made, wrt = self._derived(traced, differentiated)
        compiled: Callable[..., Any] = getattr(made.load(), self.verb.name)
        if traced.captured:
            names = made.inputs[len(traced.inputs) :]
            compiled = functools.partial(compiled, **dict(zip(names, traced.captured, strict=True)))
        packed = _packer(specs, differentiated, traced, self.wrt, self.verb)
        return _Entry(traced, compiled, packed, wrt)

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
        return base.derived(self.verb, wrt), wrt

    # --- inside of another trace -------------------------------------------------------------

    def _inlined(self, specs: Any, values: Sequence[Any], differentiated: Sequence[str]) -> Any:
        """The derivative as lines of the trace that is running: derivatives of derivatives."""
        _refuse_without_numbers(specs, differentiated)
        outer = active()
        assert outer is not None  # the caller looked
        traced = trace(self.function, specs)
        made, _ = self._derived(traced, differentiated)
        extra = [*traced.captured, *traced.lifted]
        given = [outer.handle(value) for value in (*values, *extra)]
        outputs = [
            Traced(outer, handle, _floating(values))
            for handle in _copied(made.graph, outer.builder, given)
        ]
        flat: Any = outputs[0] if len(outputs) == 1 else tuple(outputs)
        if self.verb.returns_value:
            gradient = outputs[1] if len(outputs) == 2 else tuple(outputs[1:])
            flat = (outputs[0], gradient)
        packed = _packer(specs, differentiated, traced, self.wrt, self.verb)
        return flat if packed is None else packed(flat)


def _differentiated(function: Callable[..., Any], verb: str, wrt: Wrt) -> Differentiated:
    return Differentiated(function, VERBS[verb], wrt)


def transform(verb: str, function: Any, wrt: Wrt) -> Any:
    """A verb of a NumPy function, a text or anything else that `sd.function` takes."""
    if isinstance(function, Function):
        return function.derived(VERBS[verb], wrt)
    if callable(function) and type(function).__module__.partition(".")[0] != "sympy":
        return Differentiated(function, VERBS[verb], wrt)
    from symdiff.api import function as made

    return made(function).derived(VERBS[verb], wrt)


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


def stop_gradient(x: Any) -> Any:
    """The value itself, a constant for every derivative; PyTorch's `detach`."""
    if isinstance(x, Traced):
        return x.recording.call("stop_gradient", x)
    return x


# --- arguments ---------------------------------------------------------------------------------


def _marks(args: Sequence[Any]) -> tuple[Any, ...]:
    """What tells the arguments of one trace from those of another."""
    try:  # in one go: this is most of what a call costs beside the emitted function
        return tuple([(value.__class__, value.shape, value.dtype) for value in args])
    except AttributeError:
        return tuple([_mark(value) for value in args])


def _mark(value: Any) -> Any:
    kind = value.__class__
    if kind is float:
        return float
    if hasattr(value, "dtype") and hasattr(value, "shape"):
        return kind, value.shape, value.dtype
    if kind in _BY_VALUE:
        return kind, value
    return kind, id(value)  # the trace holds it, so that no other object gets this number


def _specified(bound: Any, differentiated: Sequence[str]) -> tuple[Any, list[Any]]:
    """The arguments with specs for numbers and arrays, and the numbers and arrays themselves."""
    values: list[Any] = []
    specs = inspect.BoundArguments(bound.signature, type(bound.arguments)())
    for name, value in bound.arguments.items():
        is_wrt = name in differentiated

        def specify(path: Path, leaf: Any, name: str = name, is_wrt: bool = is_wrt) -> Any:  # noqa: FBT001
            where = name + "".join(f"[{key!r}]" for key in path)
            spec, given = _spec(leaf, where, is_wrt=is_wrt)
            if isinstance(spec, Spec):
                values.append(given)
            return spec

        specs.arguments[name] = rebuilt(value, specify)
    return specs, values


def _spec(leaf: Any, where: str, *, is_wrt: bool) -> tuple[Any, Any]:
    """What stands for a leaf, and the leaf as the emitted function takes it."""
    import numpy as np

    if isinstance(leaf, Traced):
        return Spec(tuple(leaf.content.shape), leaf.dtype), leaf
    if leaf is None or isinstance(leaf, (bool, str, bytes)) or callable(leaf):
        if is_wrt and isinstance(leaf, (str, bytes)) and "[" not in where:
            raise UnsupportedError(f"'{where}' is text, not a number")
        return leaf, leaf
    if isinstance(leaf, float):
        return Spec((), np.dtype(np.float64)), float(leaf)
    if isinstance(leaf, (int, np.integer)):
        return (Spec((), np.dtype(np.float64)), float(leaf)) if is_wrt else (leaf, leaf)
    if isinstance(leaf, complex):
        raise UnsupportedError(f"'{where}' is complex, which is not supported")
    if not hasattr(leaf, "dtype") or not hasattr(leaf, "shape"):
        if is_wrt:
            raise UnsupportedError(
                f"'{where}' is a {type(leaf).__name__}, not a number or an array"
            )
        return leaf, leaf
    return _array_spec(leaf, where, is_wrt=is_wrt)


def _array_spec(leaf: Any, where: str, *, is_wrt: bool) -> tuple[Any, Any]:
    import numpy as np

    dtype = np.dtype(leaf.dtype)
    if dtype.kind == "c":
        raise UnsupportedError(f"'{where}' is complex, which is not supported")
    if dtype.kind not in "biuf" or dtype.itemsize > 8 or dtype == np.float16:
        raise UnsupportedError(f"'{where}' is an array of {dtype}, which is not supported")
    if is_wrt and dtype.kind != "f":
        return Spec(tuple(leaf.shape), np.dtype(np.float64)), leaf.astype(np.float64)
    return Spec(tuple(leaf.shape), dtype), leaf


def _key(specs: Any) -> tuple[Any, ...]:
    """The signature of a call: shapes and types of what is numbers, all else by value."""
    found = []
    for name, value in specs.arguments.items():
        for path, leaf in leaves(value):
            mark: Any = leaf
            if isinstance(leaf, Spec):
                mark = (leaf.shape, leaf.dtype.char)
            else:
                mark = _mark(leaf)
            found.append((name, path, mark))
    return tuple(found)


def _parameters(function: Callable[..., Any]) -> Sequence[str]:
    try:
        return list(inspect.signature(function).parameters)
    except (TypeError, ValueError):
        return []


def _accumulate(into: Any, gradient: Any) -> None:
    """Add a gradient to arrays that the caller owns.

    Raises:
        ShapeError: where an array is missing or has another shape; nothing is added then.
    """
    import numpy as np

    targets, parts = list(leaves(into)), list(leaves(gradient))
    if [path for path, _ in targets] != [path for path, _ in parts]:
        raise ShapeError("accumulate: the arrays are not in the structure of the gradient")
    for (path, target), (_, part) in zip(targets, parts, strict=True):
        where = "".join(f"[{key!r}]" for key in path)
        if part is not None and (
            not isinstance(target, np.ndarray) or target.shape != np.shape(part)
        ):
            wanted = f"an array of the shape {np.shape(part)}"
            raise ShapeError(f"accumulate{where}: expected {wanted}, got {_shown(target)}")
        if part is not None and not np.can_cast(np.result_type(part), target.dtype, "same_kind"):
            raise ShapeError(f"accumulate{where}: an array of {target.dtype} cannot take floats")
        if part is not None and not target.flags.writeable:
            raise ShapeError(f"accumulate{where}: the array is read-only")
    for (_, target), (_, part) in zip(targets, parts, strict=True):
        if part is not None:
            target += part


def _shown(value: Any) -> str:
    shape = getattr(value, "shape", None)
    kind = type(value).__name__
    return f"a {kind}" if shape is None else f"one of the shape {tuple(shape)}"


def _floating(values: Sequence[Any]) -> Any:
    import numpy as np

    kinds = {np.dtype(getattr(v, "dtype", float)) for v in values if not isinstance(v, float)}
    return np.dtype(np.float32) if kinds == {np.dtype(np.float32)} else np.dtype(float)


# --- results -----------------------------------------------------------------------------------


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


def _packer(
    specs: Any, differentiated: Sequence[str], traced: TracedFunction, wrt: Wrt, verb: Verb
) -> Callable[[Any], Any] | None:
    """Puts the flat gradient into the structure of the arguments; `None` where it has that."""
    arguments = [specs.arguments[name] for name in differentiated]
    is_single = (
        wrt is None or isinstance(wrt, int) or (isinstance(wrt, str) and len(differentiated) == 1)
    )
    plain = all(isinstance(value, Spec) for value in arguments)
    if plain and (is_single or len(arguments) > 1):
        return None
    count = sum(
        item.argument in differentiated and item.spec.dtype.kind == "f" for item in traced.inputs
    )

    def packed_gradient(flat: Any) -> Any:
        parts = iter(flat if count > 1 else (flat,))

        def part(_path: Path, leaf: Any) -> Any:
            is_number = isinstance(leaf, Spec) and leaf.dtype.kind == "f"
            return next(parts) if is_number else None

        found = [rebuilt(value, part) for value in arguments]
        return found[0] if is_single else tuple(found)

    if not verb.returns_value:
        return packed_gradient
    return lambda result: (result[0], packed_gradient(result[1]))


def _copied(graph: Graph, builder: Builder, given: Sequence[Handle]) -> list[Handle]:
    """The lines of a graph in another one, with other lines for its inputs."""
    moved: list[int] = [-1] * len(graph)
    for position, handle in zip(graph.inputs, given, strict=True):
        moved[position] = handle.at
    for position, node in enumerate(graph.nodes):
        if node.op == INPUT:
            continue
        if node.op == CONSTANT:
            moved[position] = builder.full(constant_value(node), node.shape, node.dtype)
        else:
            args = tuple(moved[argument] for argument in node.args)
            moved[position] = builder.make(node.op, args, node.params)
    return [Handle(builder, moved[position]) for position in graph.outputs]
