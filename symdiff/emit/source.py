"""What a module is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from symdiff.derive.packing import Coordinates, Nest, Tensor, is_of_numbers
from symdiff.graph.graph import Graph
from symdiff.verbs import Verb


@dataclass(frozen=True, slots=True)
class Source:
    """What a module is made of.

    Attributes:
        value: the function, with its outputs.
        verb: what the module computes beside the value.
        derivative: that, optimised; `None` where only the value is asked for.
        value_body: the function, optimised.
        formulas: the derivative before powers became products, for the docstrings.
        wrt: names of the inputs that it is differentiated by.
        packing: how the derivative's outputs become what a call returns.
        recipe: what `verify` makes the module from again; plain data.
        file: the name of the file that a traced function stands in.
        reads: the inputs that are arrays which a traced function reads beside its arguments.
        has_batch: whether the bodies have a leading batch axis, which `value` has not.
    """

    value: Graph
    value_body: Graph
    verb: Verb
    derivative: Graph | None
    formulas: Graph | None
    wrt: tuple[str, ...]
    packing: Nest | Tensor | Coordinates
    recipe: Mapping[str, Any]  # JSON
    file: str = ""
    has_batch: bool = False
    reads: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """What the module is called when it is loaded."""
        return "_".join([self.verb.name, *self.value.output_names[:1]])

    @property
    def is_scalar(self) -> bool:
        """Whether all lines are numbers, so that arrays given for them are a batch."""
        derivative = [self.derivative] if self.derivative else []
        return is_of_numbers(self.value, self.value_body, *derivative)

    @property
    def gradient(self) -> Graph | None:
        """The value and the gradient, where that is what the module is for."""
        return self.derivative if self.verb.has_gradient else None

    @property
    def product(self) -> Graph | None:
        """A derivative that is not the gradient."""
        return None if self.gradient is not None else self.derivative

    @property
    def seeds(self) -> str:
        """The name of the input that takes the seeds of a sparse derivative, `""` for none."""
        return self.packing.seeds if isinstance(self.packing, Coordinates) else ""

    @property
    def extra(self) -> tuple[str, ...]:
        """The inputs that a call of the verb has behind those of the function."""
        if self.product is None:
            return ()
        known = {*self.value.input_names, self.seeds}
        return tuple(name for name in self.product.input_names if name not in known)
