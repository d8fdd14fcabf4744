"""Derivatives inside of a formula: by a number forwards, by an array backwards."""

from __future__ import annotations

from collections.abc import Sequence

from symdiff.derive.forward import jvp
from symdiff.derive.inline import inlined
from symdiff.derive.reverse import gradient
from symdiff.frontend.text.derivatives import DERIVE
from symdiff.graph.graph import Graph
from symdiff.ops.builder import Builder
from symdiff.ops.handle import Handle


def _derive(builder: Builder, graph: Graph, name: str, given: Sequence[Handle]) -> Handle:
    if graph[graph.inputs[graph.input_names.index(name)]].shape:
        return inlined(gradient(graph, (name,)), builder, given)[1]
    one = builder.handle(builder.constant(1.0))
    return inlined(jvp(graph, (name,)), builder, [*given, one])[1]


DERIVE.append(_derive)
