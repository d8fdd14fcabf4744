"""Tracing of a plain NumPy function: it is run twice with tracers, and the graphs are compared."""

from __future__ import annotations

import inspect
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass
from pathlib import Path as FilePath
from types import CodeType, CoroutineType, GeneratorType
from typing import Any

from symdiff.errors import Span, SymdiffError, UnsupportedError, source_lines
from symdiff.frontend.loops import Loops, Told, refuse_unkept
from symdiff.frontend.staging.merge import decided
from symdiff.frontend.text.options import LIMITS
from symdiff.frontend.tracing.captured import Captured
from symdiff.frontend.tracing.contents import are_equal_arrays
from symdiff.frontend.tracing.length import Length
from symdiff.frontend.tracing.lists import ListTracer
from symdiff.frontend.tracing.loop_graph import fresh
from symdiff.frontend.tracing.places import span_of
from symdiff.frontend.tracing.pytree import Path, flatten, leaves, mapped, path_name
from symdiff.frontend.tracing.recording_calls import of_numpy
from symdiff.frontend.tracing.runner import Input, Runner, Wording
from symdiff.frontend.tracing.selection import Selection
from symdiff.frontend.tracing.spec import Spec
from symdiff.frontend.tracing.trace import Trace
from symdiff.frontend.tracing.tracer import Tracer
from symdiff.frontend.tracing.types import kind_of
from symdiff.graph.graph import Graph
from symdiff.graph.pause import without_collector

Along = Callable[[Trace, Sequence[str]], Callable[[int], Any]]
_SURPLUS = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)


@dataclass(frozen=True, slots=True)
class TracedFunction:
    """A function as a graph.

    Attributes:
        name: its name.
        file: the file that it stands in; empty where there is none.
        graph: the lines; its inputs are `inputs`, then `captured`, then `lifted`.
        inputs: the leaves of the arguments.
        captured: large arrays that the function reads beside its arguments.
        lifted: tracers of a trace around this one.
        result: what it returns, with the number of the output in the place of each leaf but `None`.
        environment: what it reads beside its arguments.
        guards: what is said where a call decides otherwise, of a trace along one way.
        told: what became of its loops.
        libraries: the packages of arrays with labels that take part.
    """

    name: str
    file: str
    graph: Graph
    inputs: tuple[Input, ...]
    captured: tuple[Any, ...]
    lifted: tuple[Tracer, ...]
    result: Any
    environment: Captured
    guards: Sequence[str] = ()
    told: Sequence[Told] = ()
    libraries: Set[str] = frozenset()

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
    """The same with each of `*args` and `**kwargs` as an argument of its own.

    What is given by keyword has its keyword as its name; what cannot be gives way to it.
    """
    parameters: list[inspect.Parameter] = []
    values: dict[str, Any] = {}
    taken = _keywords(bound)
    for name, parameter in bound.signature.parameters.items():
        if parameter.kind not in _SURPLUS:
            is_positional = parameter.kind is parameter.POSITIONAL_ONLY
            own = fresh(name, taken) if is_positional else name
            parameters.append(parameter.replace(name=own))
            if name in bound.arguments:
                values[own] = bound.arguments[name]
            continue
        given = bound.arguments.get(name, {})
        kind: Any = parameter.KEYWORD_ONLY
        if parameter.kind is parameter.VAR_POSITIONAL:
            names = [fresh(f"{name}{number}", taken) for number in range(1, len(given) + 1)]
            given = dict(zip(names, given, strict=True))
            kind = parameter.POSITIONAL_OR_KEYWORD
            if given:  # what stands before it is given by position
                parameters = [
                    before.replace(kind=kind, default=before.empty) for before in parameters
                ]
        parameters += [parameter.replace(name=key, kind=kind) for key in given]
        values |= given
    return inspect.BoundArguments(inspect.Signature(parameters), OrderedDict(values))


def _keywords(bound: inspect.BoundArguments) -> set[str]:
    """The names of what can be given by keyword, and is where it belongs to `**kwargs`."""
    found: set[str] = set()
    for name, parameter in bound.signature.parameters.items():
        if parameter.kind is parameter.VAR_KEYWORD:
            found |= set(bound.arguments.get(name, {}))
        elif parameter.kind in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY):
            found.add(name)
    return found


@without_collector  # what its callbacks and finalizers do is none of the function's work
def trace(
    function: Callable[..., Any],
    bound: Any,
    limit: int | None = None,
    along: Along | None = None,
    loops: Loops | None = None,
) -> TracedFunction:
    """Run a function on tracers.

    Args:
        function: a plain NumPy function.
        bound: its arguments, as `bind` returns them, with a `Spec` for each number and array;
            all else is handed to the function as it is.
        limit: the largest number of lines.
        along: makes what decides on values, of a trace and the names of its inputs; by default
            both ways of a branch are traced.
        loops: what is asked of its loops; by default what is asked of those of a trace around.

    Raises:
        UnsupportedError: for what cannot be traced, with its place.
        LimitError: where it takes too many operations.
    """
    function = of_numpy(function)
    most = limit or LIMITS.nodes
    runs: list[TracedFunction] = []
    for _ in range(3):  # the first one may fill a cache of the function's
        runs.append(_run(function, bound, _environment(function, bound), most, along, loops))
        if len(runs) > 1 and _are_same(*runs[-2:]):
            return runs[-1]  # its environment knows the modules that the run before imported
    raise UnsupportedError(
        f"{runs[0].name} computes something else each time it runs",
        span=_place_of_difference(*runs[-2:]),
        suggestion="a random draw, a clock or a counter is at work: pass its value in",
    )


def _are_same(first: TracedFunction, second: TracedFunction) -> bool:
    """Whether two runs computed the same."""
    return (
        first.graph.nodes == second.graph.nodes
        and first.graph.outputs == second.graph.outputs
        and are_equal_arrays(first.captured, second.captured)
    )


def _environment(function: Callable[..., Any], bound: Any) -> Captured:
    """What the function reads, and the classes and objects among its arguments."""
    found = Captured(function)
    for name, value in bound.arguments.items():
        for kind in flatten(value)[1].kinds():
            found.add(kind.__name__, kind)
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
    function: Callable[..., Any],
    bound: Any,
    environment: Captured,
    limit: int,
    along: Along | None,
    loops: Loops | None,
) -> TracedFunction:
    name = getattr(function, "__name__", "function")
    wording = Wording(
        f"{name} calls a method",
        f"{name} keeps a value that is not known yet in",
        "return it instead",
    )
    runner = Runner(name, environment, limit, wording)
    recording = runner.trace
    recording.loops = loops or recording.loops
    given = inspect.BoundArguments(bound.signature, type(bound.arguments)())
    with runner.running():
        for argument, value in bound.arguments.items():
            given.arguments[argument] = mapped(value, _tracers_in(runner, argument))
        positions = [
            recording.builder.input(i.name, i.spec.shape, kind_of(i.spec.dtype))
            for i in runner.inputs
        ]
        if along is not None:
            recording.decide = along(recording, [i.name for i in runner.inputs])
        result = runner.called(function, given.args, given.kwargs)
        returned, structure = flatten(result)
        if ListTracer in structure.kinds():
            raise UnsupportedError(
                f"{name} returns a list of as many items as a named length says",
                suggestion="return an array: np.array(items)",
            )
        paths = [p for p, leaf in zip(structure.paths(), returned, strict=True) if leaf is not None]
        outputs = [_number(leaf, name) for leaf in returned if leaf is not None]
        if not outputs:
            raise UnsupportedError(f"{name} returns nothing", suggestion="end it with a return")
        places = range(len(outputs))
        count = iter(places)
        numbers = structure.maker([None if leaf is None else next(count) for leaf in returned])(
            places
        )  # a dataclass is not initialized with them
        graph = recording.graph(positions, outputs, _output_names(paths, name, runner.names))
    captured = tuple(recording.large.given(graph))
    lifted = tuple(value for value, _ in recording.lifted.values())
    inputs = tuple(runner.inputs)
    file = _file_of(function)
    guards, told = tuple(recording.guards), tuple(recording.told)
    if loops is not None:
        refuse_unkept(loops, told)
    return TracedFunction(
        name,
        file,
        graph,
        inputs,
        captured,
        lifted,
        numbers,
        environment,
        guards,
        told,
        frozenset(recording.libraries),
    )


def _tracers_in(runner: Runner, argument: str) -> Callable[[Path, Any], Any]:
    """What stands for each leaf of an argument: a tracer for a number or an array."""
    return lambda path, leaf: (
        runner.tracer(argument, path, leaf) if isinstance(leaf, Spec) else leaf
    )


def _number(leaf: Any, name: str) -> Any:
    """An output, which must be a number or an array of them."""
    import numpy as np

    if isinstance(leaf, (Tracer, Length)):
        return leaf
    if type(leaf) is Selection:
        leaf.refuse_result()
    decided(leaf, "is returned")
    if isinstance(leaf, (int, float, complex, np.ndarray, np.generic)) and np.asarray(
        leaf
    ).dtype.kind in ("biufc"):
        return leaf
    kind = leaf.__class__.__name__
    code, advice = _suspended(leaf)
    raise UnsupportedError(
        f"{name} returns a {kind}, which is neither a number nor an array",
        span=None if code is None else span_of(code, 0),
        suggestion=advice,
    )


def _suspended(value: Any) -> tuple[CodeType | None, str | None]:
    """The code of a generator or a coroutine, which does not run, and what to write instead."""
    if isinstance(value, GeneratorType):
        advice = "append what is yielded to a list, and return np.array of it"
        return value.gi_code, advice
    if isinstance(value, CoroutineType):
        value.close()  # it is not to be waited for
        return value.cr_code, "write 'def' in the place of 'async def', without 'await'"
    return None, None


def _output_names(paths: Sequence[Path], name: str, inputs: set[str]) -> list[str]:
    plain = name if name.isidentifier() else "f"
    taken, found = set(inputs), []
    for number, path in enumerate(paths, start=1):
        named = path_name(plain, path) if any(isinstance(key, str) for key in path) else ""
        wish = plain if len(paths) == 1 else named or f"{plain}{number}"
        found.append(fresh(wish, taken))
    return found


def _file_of(function: Callable[..., Any]) -> str:
    try:
        filename = inspect.getsourcefile(inspect.unwrap(function)) or ""
    except TypeError:
        return ""
    return FilePath(filename).name if source_lines(filename) else ""
