"""Outputs of graphs by the interpreters of `symdiff.verify`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import mpmath

from symdiff.graph.graph import Graph
from symdiff.verify.digits import Exact
from symdiff.verify.interpret import Interpreter
from symdiff.verify.libraries import Floats


def by_numpy(graph: Graph, values: Mapping[str, Any]) -> list[Any]:
    """The outputs with NumPy's functions."""
    return Interpreter(graph, Floats()).outputs(values)


def by_mpmath(graph: Graph, values: Mapping[str, Any], digits: int = 50) -> list[Any]:
    """The outputs in many digits, as numbers of the shared context."""
    found = Interpreter(graph, Exact(digits)).outputs(values)
    return [x if isinstance(x, bool) else mpmath.mp.make_mpf(x._mpf_) for x in found]
