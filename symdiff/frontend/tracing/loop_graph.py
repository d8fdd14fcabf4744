"""The graph of a loop's step, and the names in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from symdiff.frontend.tracing.trace import Trace
from symdiff.frontend.tracing.tracer import Tracer
from symdiff.graph.graph import Graph
from symdiff.graph.node import INPUT
from symdiff.ops.handle import Handle


def loop_graph(
    trace: Trace,
    carries: Sequence[tuple[str, int]],
    slices: Sequence[tuple[str, int]],
    outputs: Sequence[int],
    read: Sequence[tuple[str, Any]] = (),
) -> tuple[Graph, list[Any]]:
    """The graph of a step whose lines a trace has collected, and the constants that it reads.

    Args:
        trace: holds the lines.
        carries: what is carried, each with its name and the line that it is at the start.
        slices: what is read slice by slice, likewise.
        outputs: the lines of what is carried on, then of the results.
        read: what the user calls values from around.
    """
    graph, constants = with_constants(trace, outputs)
    every = [*[at for _, at in constants], *[at for _, at in carries], *[at for _, at in slices]]
    taken: set[str] = set()
    called = {id(value): name for name, value in read}
    wishes = [name_of(value) or called.get(id(value), "") for value, _ in constants]
    wishes += [name for name, _ in (*carries, *slices)]
    nodes = list(graph.nodes)
    for at, wish in zip(every, wishes, strict=True):
        nodes[at] = nodes[at]._replace(params=(fresh(wish or str(nodes[at].params[0]), taken),))
    names = [str(nodes[at].params[0]) for _, at in carries]
    names += [graph.name_of(at, "y") for at in outputs[len(carries) :]]
    found = replace(graph, nodes=nodes, inputs=tuple(every), output_names=tuple(names))
    return found, [value for value, _ in constants]


def with_constants(trace: Trace, outputs: Sequence[int]) -> tuple[Graph, list[tuple[Any, int]]]:
    """Lines as a graph, and the values from around that they read, each with its line."""
    graph = trace.builder.graph([], outputs, [""] * len(outputs), primal=len(outputs))
    large = trace.large
    constants = list(zip(large.given(graph), large.needed(graph), strict=True))
    return graph, [*constants, *trace.lifted.values()]


def name_of(value: Any) -> str:
    """What a constant of the loop is called outside."""
    if not isinstance(value, Tracer):
        return getattr(value, "label", "")
    if not isinstance(value.content, Handle):
        return ""
    if value.argument:
        return value.argument
    builder: Any = value.content.builder
    node = builder.nodes[value.content.at]
    return str(node.params[0] if node.op == INPUT else builder.name_of(value.content.at))


def fresh(wish: str, taken: set[str]) -> str:
    """A name that is not taken yet, and is from now on."""
    while wish in taken:
        wish += "_"
    taken.add(wish)
    return wish
