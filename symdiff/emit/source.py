"""What a module is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from symdiff.graph.graph import Graph
from symdiff.graph.node import INT
from symdiff.ops.loops import scan
from symdiff.ops.structural import stop


@dataclass(frozen=True, slots=True)
class Source:
    """What a module is made of.

    Attributes:
        value: the function, with its outputs.
        gradient: the value and the gradient, optimised; `None` where only the value is asked for.
        value_body: the function, optimised.
        formulas: the gradient before powers became products, for the docstrings.
        wrt: names of the inputs that it is differentiated by.
        recipe: what `verify` makes the module from again; plain data.
        file: the name of the file that a traced function stands in.
        has_batch: whether the bodies have a leading batch axis, which `value` has not.
    """

    value: Graph
    value_body: Graph
    gradient: Graph | None
    formulas: Graph | None
    wrt: tuple[str, ...]
    recipe: Mapping[str, Any]  # JSON
    file: str = ""
    has_batch: bool = False

    @property
    def is_scalar(self) -> bool:
        """Whether all lines are numbers, so that arrays given for them are a batch."""
        nodes = self.value.nodes
        return not any(node.shape or node.dtype == INT or node.op == scan.name for node in nodes)

    @property
    def self_check(self) -> str:
        """The template of the self-check: differences do not see that a gradient was stopped."""
        if any(node.op == stop.name for node in self.value.nodes):
            return "numpy/no_self_check.py.j2"
        return "numpy/self_check.py.j2" if self.is_scalar else "numpy/array_self_check.py.j2"
