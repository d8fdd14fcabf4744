"""The graphs of a function with a rule of its own, brought to the inputs that its line has.

Rules are linear in what they are given, so that one is the transpose of the other: reverse mode on
the graph of a JVP, by its tangents, is the VJP, and the other way round.
"""

from __future__ import annotations

from collections.abc import Sequence

from symdiff.derive.cotangents import Cotangent
from symdiff.derive.inline import inlined
from symdiff.derive.reverse import pull_back
from symdiff.errors import UnsupportedError
from symdiff.graph.graph import Graph
from symdiff.graph.nested import Nested, pruned
from symdiff.graph.node import FLOAT, Node
from symdiff.ops.builder import Builder
from symdiff.ops.handle import Handle
from symdiff.ops.rules import ALGEBRAIC, EXACT

Inputs = Sequence[Node]  # shapes and kinds: what else they say does not count


def begun(*groups: tuple[str, Inputs]) -> tuple[Builder, list[list[Handle]]]:
    """A graph with inputs alone: of each group, the inputs of a name with their numbers."""
    builder = Builder(ALGEBRAIC)
    handles = [
        [
            builder.handle(builder.input(f"{name}{number}", node.shape, node.dtype))
            for number, node in enumerate(inputs, start=1)
        ]
        for name, inputs in groups
    ]
    return builder, handles


def finished(
    builder: Builder, groups: Sequence[Sequence[Handle]], outputs: Sequence[Handle]
) -> Nested:
    """The graph of these inputs and outputs, without lines that no output needs."""
    names = [f"r{number}" for number in range(1, len(outputs) + 1)]
    inputs = [handle.at for group in groups for handle in group]
    graph = builder.graph(inputs, [handle.at for handle in outputs], names, primal=0)
    return Nested(pruned(graph))


def tangents_of(inputs: Inputs) -> list[Node]:
    """What stands for the tangents of inputs."""
    return [node._replace(dtype=FLOAT) for node in inputs]


def primal_graph(graph: Graph, inputs: Inputs, places: Sequence[int]) -> Nested:
    """The function, of all inputs of the line.

    Args:
        graph: with one output.
        inputs: of the line.
        places: by input of `graph`, which input of the line it is.
    """
    builder, (args,) = begun(("x", inputs))
    builder.rules = EXACT
    return finished(builder, [args], inlined(graph, builder, [args[place] for place in places]))


def vjp_of_jvp(jvp: Nested, inputs: Inputs, result: Node) -> Nested | None:
    """The VJP of a JVP; `None` where that is not linear in the tangents."""
    builder, (tangents, t, y, args) = begun(
        ("x_dot", tangents_of(inputs)), ("t", [result]), ("y", [result]), ("x", inputs)
    )
    (tangent,) = inlined(jvp.graph, builder, [*tangents, *y, *args])
    targets = [handle.at for handle in tangents]
    try:
        found = pull_back(builder, {tangent.at: Cotangent(t[0])}, targets)
    except UnsupportedError:
        return None
    return _without(builder, tangents, [t, y, args], [part.selected() for part in found])


def jvp_of_vjp(vjp: Nested, inputs: Inputs, result: Node) -> Nested | None:
    """The JVP of a VJP; `None` where that is not linear in the cotangent."""
    builder, (tangents, t, y, args) = begun(
        ("x_dot", tangents_of(inputs)), ("t", [result]), ("y", [result]), ("x", inputs)
    )
    parts = inlined(vjp.graph, builder, [*t, *y, *args])
    seeds: dict[int, Cotangent] = {}
    for part, tangent in zip(parts, tangents, strict=True):
        before = seeds.get(part.at)
        seeds[part.at] = Cotangent(tangent if before is None else before.raw + tangent)
    try:
        (found,) = pull_back(builder, seeds, [t[0].at])
    except UnsupportedError:
        return None
    return _without(builder, t, [tangents, y, args], [found.selected()])


def _without(
    builder: Builder,
    linear: Sequence[Handle],
    groups: Sequence[Sequence[Handle]],
    outputs: Sequence[Handle],
) -> Nested | None:
    """The graph, which must not depend on what the transposed one was linear in."""
    at = [handle.at for handle in outputs]
    graph = builder.graph([], at, [""] * len(at), primal=0)
    needed = graph.ancestors(at)
    if any(needed[handle.at] for handle in linear):
        return None
    return finished(builder, groups, outputs)
