"""Graphs read back as SymPy expressions."""

from __future__ import annotations

from typing import Any  # SymPy has no types: an expression is `Any` here

from symdiff.frontend.sympy.back import Unevaluated, lacking, read_back
from symdiff.graph.graph import Graph
from symdiff.optimize.inline import inline_own
from symdiff.optimize.readable import as_formula


def to_sympy(graph: Graph) -> Any:
    """Read a graph back as SymPy, without evaluating: as written, shared lines one object.

    Returns:
        One expression, or a tuple of one an output. Inputs are real symbols of their names.

    Raises:
        UnsupportedError: naming an operation that SymPy lacks.
        LimitError: where the graph is too deep for SymPy to hold.
    """
    return _result(read_back(as_formula(inline_own(graph)), Unevaluated(), lacking))


def _result(expressions: list[Any]) -> Any:
    return expressions[0] if len(expressions) == 1 else tuple(expressions)
