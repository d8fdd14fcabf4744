"""Graphs as emitted modules, without the text or the function that a user's graph comes from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import ModuleType
from typing import Any

from symdiff.derive.problem import nested
from symdiff.derive.reverse import gradient
from symdiff.emit.load import load_source
from symdiff.emit.source import Derivative, Source
from symdiff.emit.targets import emit_module
from symdiff.graph.check import check
from symdiff.graph.graph import Graph
from symdiff.optimize import optimize
from symdiff.verbs import VERBS


def source_of(
    value: Graph,
    body: Graph,
    optimized: Graph | None,
    derived: Graph | None,
    wrt: tuple[str, ...],
    recipe: Mapping[str, Any],
) -> Source:
    """What a module of the value, or of value and gradient, is made of."""
    if optimized is None or derived is None:
        return Source(value, body, (), wrt, recipe)
    packing = (0, nested(1, len(wrt)))
    return Source(
        value, body, (Derivative(VERBS["grad"], optimized, derived, packing),), wrt, recipe
    )


def text_of(graph: Graph, wrt: Sequence[str] = ()) -> str:
    """The text of the module: of the value alone where there is no `wrt`."""
    derived = optimized = None
    if wrt:
        derived = gradient(graph, wrt)
        derived = derived.keep(derived.ancestors(derived.outputs))
        check(derived)
        optimized = optimize(derived)
        check(optimized)
    value = optimize(graph)
    check(value)
    return emit_module(
        source_of(graph, value, optimized, derived, tuple(wrt), {"source": "a test"})
    )


def load(graph: Graph, wrt: Sequence[str] = ()) -> ModuleType:
    """The module, loaded."""
    return load_source(text_of(graph, wrt), "test")
