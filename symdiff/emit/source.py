"""Sources: what a module is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from symdiff.derive.packing import Coordinates, Nest, Tensor, is_of_numbers
from symdiff.errors import SymdiffError
from symdiff.graph.graph import Graph
from symdiff.graph.nested import every_node, found_lengths
from symdiff.graph.node import FLOAT, FLOAT32
from symdiff.graph.shape import Shape, names_of
from symdiff.verbs import Verb


@dataclass(frozen=True, slots=True)
class Derivative:
    """A derivative that a module computes beside the value.

    Attributes:
        verb: what it is.
        graph: it, optimised; of a gradient the value too.
        formulas: the same before powers became products, for the docstrings.
        packing: how the outputs become what a call returns.
    """

    verb: Verb
    graph: Graph
    formulas: Graph
    packing: Nest | Tensor | Coordinates

    @property
    def function(self) -> str:
        """The name of the function that computes it; its body has an underscore before that."""
        return "value_and_grad" if self.verb.has_gradient else self.verb.name

    @property
    def seeds(self) -> str:
        """The name of the input that takes the seeds of a sparse derivative, `""` for none."""
        return self.packing.seeds if isinstance(self.packing, Coordinates) else ""

    @property
    def is_packed(self) -> bool:
        """Whether it is what optimisers call: a gradient, or a Hessian and its products."""
        verb = self.verb
        is_second = verb.order == 2 and (verb.vectors is not None or verb.is_matrix)
        return verb.has_gradient or is_second

    @property
    def is_array(self) -> bool:
        """Whether its outputs are entries of an array, whose places the module holds."""
        return isinstance(self.packing, Tensor | Coordinates)


@dataclass(frozen=True)
class Source:
    """What a module is made of.

    Attributes:
        value: the function, with its outputs.
        value_body: the function, optimised.
        derivatives: what the module computes beside it; at most one of them is the gradient.
        wrt: names of the inputs that the function is differentiated by.
        recipe: what `verify` makes the module from again; plain data.
        file: the name of the file that a traced function stands in.
        has_batch: whether the bodies have a leading batch axis, which `value` has not.
        reads: the inputs that are arrays which a traced function reads beside its arguments.
        is_lean: whether the functions stand alone: no packing, threads, self-check or recipe.
        has_tools: whether the target has packing, accumulation and a self-check.
        broadcasts: whether arrays may be given for numbers, as a batch of them.
        templates: a folder of the user's own templates, `""` for none.
        dtype: what floats are computed in: `float64`, or `float32`.
        is_documented: whether its functions say what they take and compute.
    """

    value: Graph
    value_body: Graph
    derivatives: tuple[Derivative, ...]
    wrt: tuple[str, ...]
    recipe: Mapping[str, Any]  # JSON
    file: str = ""
    has_batch: bool = False
    reads: tuple[str, ...] = ()
    is_lean: bool = False
    has_tools: bool = True
    broadcasts: bool = True
    templates: str = ""
    is_documented: bool = True
    dtype: str = FLOAT

    @property
    def name(self) -> str:
        """What the module is called when it is loaded."""
        verb = self.derivatives[0].verb.name if self.derivatives else "value"
        return "_".join([verb, *self.value.output_names[:1]])

    @property
    def is_float32(self) -> bool:
        """Whether floats have 32 bits."""
        return self.dtype == FLOAT32

    @cached_property
    def is_scalar(self) -> bool:
        """Whether all nodes are numbers, so that arrays given for them are a batch."""
        return is_of_numbers(self.value, *self.graphs)

    def shapes_of(self, derivative: Derivative | None) -> dict[str, Shape] | None:
        """The shapes of the inputs, `None` where all are numbers."""
        if self.is_scalar:
            return None
        graphs = [self.value, *([] if derivative is None else [derivative.formulas])]
        return {
            name: graph[at].shape
            for graph in graphs
            for name, at in zip(graph.input_names, graph.inputs, strict=True)
        }

    @property
    def graphs(self) -> list[Graph]:
        """The graphs of the bodies."""
        return [self.value_body, *[derivative.graph for derivative in self.derivatives]]

    @property
    def lengths(self) -> list[str]:
        """The named lengths that the shapes of arguments say: not those that loops find out."""
        bound = found_lengths(*self.graphs)
        shapes = [node.shape for graph in self.graphs for node in every_node(graph)]
        return [length for length in names_of(shapes) if length not in bound]

    @property
    def gradient(self) -> Derivative | None:
        """The derivative that is the gradient."""
        return next((d for d in self.derivatives if d.verb.has_gradient), None)

    @property
    def is_bare(self) -> bool:
        """Whether the module has no packing, accumulation or self-check."""
        return self.is_lean or not self.has_tools

    @property
    def is_packed(self) -> bool:
        """Whether the module has functions of one flat vector: those that optimisers call."""
        return any(d.is_packed for d in self.derivatives) and not self.is_bare

    def body(self, derivative: Derivative | None) -> tuple[Graph, Nest | Tensor | Coordinates]:
        """The graph of a derivative, or of the value, and how its outputs are put together."""
        if derivative is not None:
            graph, packing = derivative.graph, derivative.packing
            is_array = isinstance(packing, Coordinates) and any(
                graph[k].shape for k in graph.outputs
            )
            return graph, 0 if is_array else packing
        count = len(self.value_body.outputs)
        return self.value_body, 0 if count == 1 else tuple(range(count))

    def vectors(self, derivative: Derivative) -> tuple[str, ...]:
        """The inputs that a call of the derivative has behind those of the function."""
        known = {*self.value.input_names, derivative.seeds}
        return tuple(name for name in derivative.graph.input_names if name not in known)

    def prefix(self, derivative: Derivative) -> str:
        """What stands before its constants, where another derivative has constants too."""
        several = sum(other.is_array for other in self.derivatives) > 1
        return f"{derivative.verb.name.upper()}_" if several else ""


def merged(sources: Sequence[Source]) -> Source:
    """One module of several derivatives of one function, which share the body of its value.

    Raises:
        SymdiffError: where they are not of one function, or not by the same inputs.
    """
    first, *others = sources
    for other in others:
        same_base = _base(other) == _base(first) and other.has_batch == first.has_batch
        if not same_base:
            raise SymdiffError(
                "the functions of a module must be derivatives of one function",
                suggestion="make a module for each",
            )
        if other.derivatives and first.derivatives and other.wrt != first.wrt:
            raise SymdiffError(
                "the functions of a module must be differentiated by the same inputs: "
                f"by {', '.join(first.wrt)} and by {', '.join(other.wrt)}",
                suggestion="give the same wrt",
            )
    found: dict[str, Derivative] = {}
    for source in sources:
        for derivative in source.derivatives:
            found.setdefault(derivative.function, derivative)
    also = [other.recipe["steps"][-1] for other in others if other.recipe.get("steps")]
    leading = next((source for source in sources if source.derivatives), first)
    also = also if leading is first else also[1:]
    recipe = {**leading.recipe, **({"also": also} if also else {})}
    return replace(leading, derivatives=tuple(found.values()), recipe=recipe)


def _base(source: Source) -> Mapping[str, Any]:
    """The recipe of the function that a source is a derivative of."""
    steps = list(source.recipe.get("steps", ()))
    return {**source.recipe, "steps": steps[:-1] if source.derivatives else steps}
