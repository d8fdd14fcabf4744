"""What a module is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from symdiff.graph.graph import Graph
from symdiff.graph.node import INT


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
        return not any(node.shape or node.dtype == INT for node in self.value.nodes)
