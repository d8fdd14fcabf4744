"""One step of a loop, run with stand-ins: what it computes, as a graph."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from symdiff.errors import UnsupportedError
from symdiff.frontend.tracing.array import Traced
from symdiff.frontend.tracing.captured import Captured
from symdiff.frontend.tracing.exchange import exchanged
from symdiff.frontend.tracing.length import Length
from symdiff.frontend.tracing.structure import leaves, path_name, rebuilt
from symdiff.frontend.tracing.trace import Trace
from symdiff.frontend.tracing.values import numpy
from symdiff.graph.graph import Graph
from symdiff.graph.node import INPUT
from symdiff.graph.shape import Shape
from symdiff.ops.handle import Handle


class Leaf:
    """The shape and the type of a number or an array: a leaf, so no dataclass.

    Attributes:
        shape: its lengths.
        dtype: NumPy's type of its elements.
    """

    __slots__ = ("dtype", "shape")

    def __init__(self, shape: Shape, dtype: Any) -> None:
        self.shape = shape
        self.dtype = dtype


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
    carried: tuple[Leaf, ...]
    leaves: tuple[Leaf, ...]
    results: Any
    structure_changed: bool

    def shape(self, number: int) -> Shape:
        """The shape of an output."""
        return self.leaves[number].shape


def traced_step(
    step: Callable[..., Any], init: Any, first: Any, names: Sequence[str], limit: int | None
) -> Step:
    """Run a step with stand-ins.

    Args:
        step: returns what is carried on, and its results.
        init: what is carried at first.
        first: a `Leaf` for each slice, or the first number of a counter.
        names: what the step calls its two arguments, where it says so.
        limit: the largest number of lines.

    Raises:
        UnsupportedError: for what cannot be traced, with its place.
    """
    recording = Trace(limit)
    recording.entry = sys._getframe()
    surroundings = Captured(step)
    carried: list[Leaf] = []
    misses = surroundings.misses
    taken: set[str] = set()
    wishes = [name.strip("_") for name in names] + ["carry", "x"][len(names) :]

    def stand_in(argument: str, found: list[Leaf]) -> Callable[[Any, Any], Any]:
        def made(path: Any, leaf: Any) -> Any:
            if leaf is None:
                return None
            name = path_name(argument, path)
            while name in taken:
                name += "_"
            taken.add(name)
            found.append(_leaf(leaf, name))
            return recording.argument(name, found[-1].shape, found[-1].dtype)

        return made

    with exchanged(recording, surroundings):
        carry = rebuilt(init, stand_in(wishes[0] or "carry", carried))
        x = _slices(first, stand_in(wishes[1] or "x", []))
        inputs = len(recording.builder.nodes)
        made = _called(step, carry, x, recording)
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

        results = rebuilt(made[1], numbered)
        found = tuple(_leaf(leaf, "a result") for leaf in outputs)
        positions = [recording.handle(leaf).at for leaf in outputs]
        _refuse_leaks(recording, surroundings, misses)
    paths = [[path for path, _ in leaves(value)] for value in (init, made[0])]
    y_names = [path_name("y", path) for path, leaf in leaves(results) if leaf is not None]
    graph = recording.builder.graph([], positions, [""] * len(positions), primal=len(positions))
    large = recording.large
    constants = list(zip(large.given(graph), large.needed(graph), strict=True))
    constants += list(recording.lifted.values())
    every = [*[at for _, at in constants], *range(inputs)]
    if isinstance(first, int):  # a counter's input stands first among the lines that it adds
        every = [at for at in every if recording.builder.nodes[at].op == INPUT]
    graph = _named(
        replace(graph, inputs=tuple(every)),
        len(constants),
        [_name_of(value) for value, _ in constants],
        count,
        y_names,
    )
    return Step(
        graph,
        tuple(value for value, _ in constants),
        tuple(carried),
        found,
        results,
        paths[0] != paths[1] or count != len(carried),
    )


def _slices(first: Any, stand_in: Callable[[Any, Any], Any]) -> Any:
    """The slice that a step is run with; a counter that does not start at 0 is moved."""
    if not isinstance(first, int):
        return rebuilt(first, stand_in)
    counter = stand_in((), first)
    return counter + first if first else counter


def _leaf(value: Any, name: str) -> Leaf:
    """What stands for a number or an array."""
    np = numpy()
    if isinstance(value, Leaf):
        return value
    if isinstance(value, Traced):
        return Leaf(tuple(value.content.shape), value.dtype)
    if isinstance(value, Length):
        return Leaf((), np.dtype(np.int64))
    found = np.asarray(value) if not isinstance(value, (str, bytes)) else None
    if found is None or found.dtype.kind not in "biuf":
        raise UnsupportedError(
            f"'{name}' is a {type(value).__name__}, which is neither a number nor an array"
        )
    return Leaf(found.shape, found.dtype)


def _called(step: Callable[..., Any], carry: Any, x: Any, recording: Trace) -> Any:
    """What the step returns; the first refusal counts, even where the step catches it."""
    try:
        result = step(carry, x)
    except Exception as error:
        if recording.refused is None or error is recording.refused:
            raise
        raise recording.refused from None
    if recording.refused is not None:
        raise recording.refused
    return result


def _refuse_leaks(recording: Trace, surroundings: Captured, misses: int) -> None:
    if surroundings.misses != misses:
        raise UnsupportedError(
            "a step calls a function that keeps its results, and would keep those of the trace",
            suggestion="take functools.lru_cache or functools.cache off, or call it outside",
        )
    kept = surroundings.holding(
        lambda part: isinstance(part, Traced) and part.recording is recording
    )
    if kept:
        raise UnsupportedError(
            f"a step keeps a value of its own in '{kept}'",
            suggestion="carry it, or return it as a result: it exists in each step anew",
        )


# --- names -------------------------------------------------------------------------------------


def _name_of(value: Any) -> str:
    """What a constant of the loop is called outside."""
    if not isinstance(value, Traced):
        return getattr(value, "label", "")
    if not isinstance(value.content, Handle):
        return ""
    if value.argument:
        return value.argument
    builder: Any = value.content.builder
    return str(builder.name_of(value.content.at))


def _named(
    graph: Graph, constants: int, wishes: Sequence[str], carries: int, y_names: Sequence[str]
) -> Graph:
    """With the names for inputs and outputs that the step's own variables have.

    What is carried is called as the variable that the step returns: `h` for `state[0]`.
    """
    taken: set[str] = set()

    def fresh(wish: str, otherwise: str) -> str:
        name = wish or otherwise
        while name in taken:
            name += "_"
        taken.add(name)
        return name

    returned = [graph.name_of(at, "") for at in graph.outputs]
    inputs = graph.input_names
    wanted = [*wishes, *returned[:carries]][: len(inputs)]
    names = [
        fresh(wish, name)
        for wish, name in zip([*wanted, *[""] * (len(inputs) - len(wanted))], inputs, strict=True)
    ]
    carried = names[constants : constants + carries]
    nodes = list(graph.nodes)
    for at, name in zip(graph.inputs, names, strict=True):
        nodes[at] = nodes[at]._replace(params=(name,))
    outputs = [hint or y for hint, y in zip(returned[carries:], y_names, strict=True)]
    return replace(graph, nodes=nodes, output_names=(*carried, *outputs))
