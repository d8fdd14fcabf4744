"""From a plain NumPy function to a graph: run it twice with stand-ins, and compare."""

from __future__ import annotations

import inspect
import sys
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Any

from symdiff.errors import LimitError, Span, SymdiffError, UnsupportedError, source_lines
from symdiff.frontend.limits import LIMITS
from symdiff.frontend.tracing.array import Traced
from symdiff.frontend.tracing.captured import Captured
from symdiff.frontend.tracing.contents import are_equal_arrays
from symdiff.frontend.tracing.exchange import exchanged, of_numpy
from symdiff.frontend.tracing.length import Length
from symdiff.frontend.tracing.structure import Path, leaves, path_name, rebuilt
from symdiff.frontend.tracing.trace import Trace
from symdiff.graph.graph import Graph
from symdiff.graph.shape import Shape

_SURPLUS = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)


class Spec:
    """What stands for an argument while a function is traced: a leaf, so no dataclass.

    Attributes:
        shape: its lengths.
        dtype: NumPy's type of its elements.
        kind: the class of its tracer; `None` where the shape decides.
    """

    __slots__ = ("dtype", "kind", "shape")

    def __init__(self, shape: Shape, dtype: Any, kind: type[Traced] | None = None) -> None:
        self.shape = shape
        self.dtype = dtype
        self.kind = kind


@dataclass(frozen=True, slots=True)
class Input:
    """An input of the graph.

    Attributes:
        name: its name there.
        argument: the argument that it belongs to.
        path: where in the argument it stands.
        spec: its shape and type.
    """

    name: str
    argument: str
    path: Path
    spec: Spec


@dataclass(frozen=True, slots=True)
class TracedFunction:
    """A function as a graph.

    Attributes:
        name: its name.
        file: the file that it stands in; empty where there is none.
        graph: the lines; its inputs are `inputs`, then `captured`, then `lifted`.
        inputs: the leaves of the arguments.
        captured: large arrays that the function reads beside its arguments.
        lifted: stand-ins of a trace around this one.
        result: what it returns, with the number of the output in the place of each leaf.
        surroundings: what it reads beside its arguments.
    """

    name: str
    file: str
    graph: Graph
    inputs: tuple[Input, ...]
    captured: tuple[Any, ...]
    lifted: tuple[Traced, ...]
    result: Any
    surroundings: Captured

    @property
    def data(self) -> dict[str, Any]:
        """The large arrays by the names of their inputs."""
        import numpy as np

        names = self.graph.input_names[len(self.inputs) :]
        return {name: np.asarray(array) for name, array in zip(names, self.captured, strict=False)}


def bind(function: Callable[..., Any], args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
    """The arguments by name, as `inspect.BoundArguments`; without names for what has no signature.

    Raises:
        SymdiffError: where an argument is missing, or one is too many.
    """
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        names = [f"x{index + 1}" for index in range(len(args))]
        kind = inspect.Parameter.POSITIONAL_ONLY
        signature = inspect.Signature([inspect.Parameter(name, kind) for name in names])
    try:
        return _spread(signature.bind(*args, **kwargs))
    except TypeError as error:
        name = getattr(function, "__name__", "the function")
        raise SymdiffError(f"{name}{signature}: {error}") from None


def _spread(bound: inspect.BoundArguments) -> inspect.BoundArguments:
    """The same with each of `*args` and `**kwargs` as an argument of its own."""
    parameters: list[inspect.Parameter] = []
    values: dict[str, Any] = {}
    for name, parameter in bound.signature.parameters.items():
        if parameter.kind not in _SURPLUS:
            parameters.append(parameter)
            values |= {key: value for key, value in bound.arguments.items() if key == name}
            continue
        given = bound.arguments.get(name, {})
        kind: Any = parameter.KEYWORD_ONLY
        if parameter.kind is parameter.VAR_POSITIONAL:
            given = {f"{name}{number}": value for number, value in enumerate(given, start=1)}
            kind = parameter.POSITIONAL_OR_KEYWORD
            if given:  # what stands before it is given by position
                parameters = [
                    before.replace(kind=kind, default=before.empty) for before in parameters
                ]
        parameters += [parameter.replace(name=key, kind=kind) for key in given]
        values |= given
    return inspect.BoundArguments(inspect.Signature(parameters), OrderedDict(values))


def trace(function: Callable[..., Any], bound: Any, limit: int | None = None) -> TracedFunction:
    """Run a function on stand-ins.

    Args:
        function: a plain NumPy function.
        bound: its arguments, as `bind` returns them, with a `Spec` for each number and array;
            all else is handed to the function as it is.
        limit: the largest number of lines.

    Raises:
        UnsupportedError: for what cannot be traced, with its place.
        LimitError: where it takes too many operations.
    """
    function = of_numpy(function)
    first = _run(function, bound, _surroundings(function, bound), limit or LIMITS.nodes)
    second = _run(function, bound, _surroundings(function, bound), limit or LIMITS.nodes)
    if (
        first.graph.nodes != second.graph.nodes
        or first.graph.outputs != second.graph.outputs
        or not are_equal_arrays(first.captured, second.captured)
    ):
        raise UnsupportedError(
            f"{first.name} computes something else each time it runs",
            span=_place_of_difference(first, second),
            suggestion="a random draw, a clock or a counter is at work: pass its value in",
        )
    return second  # its surroundings know the modules that the first run imported


def _surroundings(function: Callable[..., Any], bound: Any) -> Captured:
    """What the function reads, and the objects among its arguments that are no numbers."""
    found = Captured(function)
    for name, value in bound.arguments.items():
        for path, leaf in leaves(value):
            if not isinstance(leaf, Spec):
                found.add(path_name(name, path), leaf)
    return found


def _place_of_difference(first: TracedFunction, second: TracedFunction) -> Span | None:
    """Where the first line stands that another run of the function did not ask for."""
    graph = first.graph
    pairs = enumerate(zip(graph.nodes, second.graph.nodes, strict=False))
    places = [at for at, (one, other) in pairs if one != other]
    arrays = enumerate(zip(first.captured, second.captured, strict=False), len(first.inputs))
    places += [graph.inputs[k] for k, pair in arrays if not are_equal_arrays(*[[x] for x in pair])]
    if not places:
        return None
    uses = [places[0], *[at for at, node in enumerate(graph.nodes) if places[0] in node.args]]
    return next((graph.spans[at] for at in uses if at in graph.spans), None)


def _run(
    function: Callable[..., Any], bound: Any, surroundings: Captured, limit: int
) -> TracedFunction:
    recording = Trace(limit)
    recording.entry = sys._getframe()
    inputs: list[Input] = []
    names: set[str] = set()

    def stand_in(argument: str) -> Callable[[Path, Any], Any]:
        def made(path: Path, leaf: Any) -> Any:
            if not isinstance(leaf, Spec):
                return leaf
            name = path_name(argument, path)
            while name in names:
                name += "_"
            names.add(name)
            inputs.append(Input(name, argument, path, leaf))
            return recording.argument(name, leaf.shape, leaf.dtype, leaf.kind)

        return made

    given = inspect.BoundArguments(bound.signature, type(bound.arguments)())
    name = getattr(function, "__name__", "function")
    before = surroundings.misses
    with exchanged(recording, surroundings):
        for argument, value in bound.arguments.items():
            given.arguments[argument] = rebuilt(value, stand_in(argument))
        positions = [recording.builder.input(i.name, i.spec.shape, _kind(i)) for i in inputs]
        result = _called(function, given, name, recording)
        outputs: list[Any] = []

        def numbered(_path: Path, leaf: Any) -> Any:
            outputs.append(_number(leaf, name))
            return len(outputs) - 1

        numbers = rebuilt(result, numbered)
        if surroundings.misses != before:
            raise UnsupportedError(
                f"{name} calls a method that keeps its results, and would keep those of the trace",
                suggestion="take functools.lru_cache or functools.cache off, or call it outside",
            )
        kept = surroundings.holding(
            lambda part: isinstance(part, Traced) and part.recording is recording
        )
        if kept:
            raise UnsupportedError(
                f"{name} keeps a value that is not known yet in '{kept}'",
                suggestion="return it instead",
            )
        graph = recording.graph(positions, outputs, _output_names(result, name, names))
    captured = tuple(recording.large.given(graph))
    lifted = tuple(value for value, _ in recording.lifted.values())
    file = _file_of(function)
    return TracedFunction(name, file, graph, tuple(inputs), captured, lifted, numbers, surroundings)


def _kind(item: Input) -> str:
    return {"b": "bool", "i": "int64", "u": "int64"}.get(item.spec.dtype.kind, "float64")


def _called(function: Callable[..., Any], given: Any, name: str, recording: Trace) -> Any:
    try:
        result = function(*given.args, **given.kwargs)
    except RecursionError:
        raise LimitError(
            f"{name} calls itself too deeply", suggestion="write a loop, or calls with an end"
        ) from None
    except Exception as error:
        if recording.refused is None or error is recording.refused:
            raise
        raise recording.refused from None
    if recording.refused is not None:
        raise recording.refused
    return result


def _number(leaf: Any, name: str) -> Any:
    """An output, which must be a number or an array of them."""
    import numpy as np

    if isinstance(leaf, (Traced, Length)):
        return leaf
    if leaf is None:
        raise UnsupportedError(f"{name} returns nothing", suggestion="end it with a return")
    if isinstance(leaf, (int, float, np.ndarray, np.generic)) and np.asarray(leaf).dtype.kind in (
        "biuf"
    ):
        return leaf
    kind = type(leaf).__name__
    raise UnsupportedError(f"{name} returns a {kind}, which is neither a number nor an array")


def _output_names(result: Any, name: str, taken: set[str]) -> list[str]:
    paths = [path for path, _ in leaves(result)]
    plain = name if name.isidentifier() else "f"
    found: list[str] = []
    for number, path in enumerate(paths, start=1):
        named = path_name(plain, path) if any(isinstance(key, str) for key in path) else ""
        wish = plain if len(paths) == 1 else named or f"{plain}{number}"
        while wish in taken or wish in found:
            wish += "_"
        found.append(wish)
    return found


def _file_of(function: Callable[..., Any]) -> str:
    try:
        filename = inspect.getsourcefile(inspect.unwrap(function)) or ""
    except TypeError:
        return ""
    return FilePath(filename).name if source_lines(filename) else ""
