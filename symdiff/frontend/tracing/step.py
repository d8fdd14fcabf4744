"""One step of a loop, run with tracers: what it computes, as a graph."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from symdiff.errors import UnsupportedError
from symdiff.frontend.tracing.array import ArrayTracer
from symdiff.frontend.tracing.captured import Captured
from symdiff.frontend.tracing.length import Length
from symdiff.frontend.tracing.loop_graph import fresh, name_of, with_constants
from symdiff.frontend.tracing.pytree import leaves, mapped, path_name, replaced
from symdiff.frontend.tracing.runner import Runner, Wording
from symdiff.frontend.tracing.spec import Spec
from symdiff.frontend.tracing.storage import Buffer
from symdiff.frontend.tracing.tracer import Tracer
from symdiff.frontend.tracing.values import numpy
from symdiff.graph.graph import Graph
from symdiff.graph.node import INPUT
from symdiff.graph.shape import Shape

_WORDING = Wording(
    "a step calls a function",
    "a step keeps a value of its own in",
    "carry it, or return it as a result: it exists in each step anew",
)


@dataclass(frozen=True, slots=True)
class Step:
    """What a step computes.

    Attributes:
        graph: constants, what is carried and slices in; what is carried and results out.
        constants: what the step reads beside its arguments, as the trace around it has it.
        carried: the numbers and arrays of the carry that goes in.
        leaves: the numbers and arrays that come out, by the number of the output.
        results: the results in their structure, each as the number of its output, or `None`.
        structure_changed: whether the carry comes out in another structure.
    """

    graph: Graph
    constants: tuple[Any, ...]
    carried: tuple[Spec, ...]
    leaves: tuple[Spec, ...]
    results: Any
    structure_changed: bool

    def shape(self, number: int) -> Shape:
        """The shape of an output."""
        return self.leaves[number].shape


def traced_step(
    step: Callable[..., Any], init: Any, first: Any, names: Sequence[str], limit: int | None
) -> Step:
    """Run a step with tracers.

    Args:
        step: returns what is carried on, and its results.
        init: what is carried at first.
        first: a `Spec` for each slice, or the first number of a counter.
        names: what the step calls its two arguments, where it says so.
        limit: the largest number of lines.

    Raises:
        UnsupportedError: for what cannot be traced, with its place.
    """
    runner = Runner("a step", Captured(step), limit, _WORDING)
    recording = runner.trace
    wishes = [name.strip("_") for name in names] + ["carry", "x"][len(names) :]
    with runner.running():
        carried_of = _tracers_in(runner, wishes[0] or "carry")
        carry = mapped(init, lambda path, leaf: _own(path, carried_of(path, leaf)))
        carried = tuple(item.spec for item in runner.inputs)
        tracer_of = _tracers_in(runner, wishes[1] or "x")
        x = tracer_of((), first) if isinstance(first, int) else mapped(first, tracer_of)
        # a dataclass among them has derived something already, of the inputs
        inputs = [at for at, node in enumerate(recording.builder.nodes) if node.op == INPUT]
        own = [recording.handle(leaf).at for _, leaf in leaves(carry) if leaf is not None]
        if own != inputs[: len(own)]:
            recording.refuse(
                "a dataclass that is carried changes its fields when it is initialized",
                "derive what is computed of them as a property, or in a field with init=False",
            )
        made = runner.called(step, (carry, x), {})
        if not isinstance(made, tuple) or len(made) != 2:
            recording.refuse(
                "step does not return a pair",
                "return (carry, y), with y = None where there is no result",
            )
        outputs = [leaf for _, leaf in leaves(made[0]) if leaf is not None]
        count = len(outputs)

        def numbered(_path: Any, leaf: Any) -> Any:
            if leaf is None:
                return None
            outputs.append(leaf)
            return len(outputs) - 1

        results = replaced(made[1], numbered)
        found = tuple(spec_of(leaf, "a result") for leaf in outputs)
        positions = [recording.checked(recording.handle(leaf)).at for leaf in outputs]
    paths = [[path for path, _ in leaves(value)] for value in (init, made[0])]
    y_names = [path_name("y", path) for path, leaf in leaves(results) if leaf is not None]
    graph, constants = with_constants(recording, positions)
    every = [*[at for _, at in constants], *inputs]
    graph = _named(
        replace(graph, inputs=tuple(every)),
        len(constants),
        [name_of(value) for value, _ in constants],
        count,
        y_names,
    )
    return Step(
        graph,
        tuple(value for value, _ in constants),
        carried,
        found,
        results,
        paths[0] != paths[1] or count != len(carried),
    )


def _own(_path: Any, leaf: Any) -> Any:
    """What is carried as the step's own: it may write into an array of it."""
    if not isinstance(leaf, ArrayTracer):
        return leaf
    return ArrayTracer(leaf.recording, Buffer(leaf.recording, leaf.content, leaf.dtype))


def _tracers_in(runner: Runner, argument: str) -> Callable[[Any, Any], Any]:
    """What stands for each leaf of an argument: a tracer, or nothing for nothing."""

    def made(path: Any, leaf: Any) -> Any:
        if leaf is None:
            return None
        return runner.tracer(argument, path, spec_of(leaf, path_name(argument, path)))

    return made


def spec_of(value: Any, name: str) -> Spec:
    """The shape and the type of a number or an array.

    Raises:
        UnsupportedError: for what is neither; the name is how it is called.
    """
    np = numpy()
    if isinstance(value, Spec):
        return value
    if isinstance(value, Tracer):
        return Spec(tuple(value.content.shape), value.dtype)
    if isinstance(value, Length):
        return Spec((), np.dtype(np.int64))
    found = np.asarray(value) if not isinstance(value, (str, bytes)) else None
    if found is None or found.dtype.kind not in "biuf":
        raise UnsupportedError(
            f"'{name}' is a {type(value).__name__}, which is neither a number nor an array"
        )
    return Spec(found.shape, found.dtype)


# --- names -------------------------------------------------------------------------------------


def _named(
    graph: Graph, constants: int, wishes: Sequence[str], carries: int, y_names: Sequence[str]
) -> Graph:
    """With the names for inputs and outputs that the step's own variables have.

    What is carried is called as the variable that the step returns: `h` for `state[0]`.
    """
    taken: set[str] = set()
    returned = [graph.name_of(at, "") for at in graph.outputs]
    inputs = graph.input_names
    wanted = [*wishes, *returned[:carries]][: len(inputs)]
    names = [
        fresh(wish or name, taken)
        for wish, name in zip([*wanted, *[""] * (len(inputs) - len(wanted))], inputs, strict=True)
    ]
    carried = names[constants : constants + carries]
    nodes = list(graph.nodes)
    for at, name in zip(graph.inputs, names, strict=True):
        nodes[at] = nodes[at]._replace(params=(name,))
    outputs = [hint or y for hint, y in zip(returned[carries:], y_names, strict=True)]
    return replace(graph, nodes=nodes, output_names=(*carried, *outputs))
