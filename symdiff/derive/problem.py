"""Problems: a function, and what it is differentiated by."""

from __future__ import annotations

from typing import NamedTuple

from symdiff.derive.options import PLAIN, Options
from symdiff.derive.packing import Nest, Tensor, is_of_numbers
from symdiff.errors import UnsupportedError
from symdiff.graph.graph import Graph
from symdiff.graph.nested import found_lengths
from symdiff.graph.shape import names_of, text


class Problem(NamedTuple):
    """A function that a verb is asked of.

    Attributes:
        graph: the function.
        wrt: names of the inputs to differentiate by.
        options: of the derivation.
        tensor: where the outputs are the entries of one array.
    """

    graph: Graph
    wrt: tuple[str, ...]
    options: Options = PLAIN
    tensor: Tensor | None = None

    @property
    def is_of_numbers(self) -> bool:
        """Whether all lines are numbers, so that the derivative is one matrix of them."""
        return not self.options.blocks and is_of_numbers(self.graph)

    def refuse_found_lengths(self) -> None:
        """Refuse results with as many rows as a loop turns out to have steps, or a slice elements.

        Raises:
            UnsupportedError: naming the first.
        """
        graph, found = self.graph, {*found_lengths(self.graph)}
        if not found:
            return
        for name, at in zip(graph.output_names, graph.outputs, strict=True):
            if not found.isdisjoint(names_of([graph[at].shape])):
                raise UnsupportedError(
                    f"'{name}' has a length that values decide: the steps of a loop, or a slice",
                    span=graph.spans.get(at),
                    suggestion="return what is made of them: the last one, a sum, a mean",
                )

    def refuse_constant(self) -> None:
        """Refuse a function without an input to differentiate by.

        Raises:
            UnsupportedError: where there is none.
        """
        if not self.wrt:
            only = "only inputs that are whole numbers or truths" if self.graph.inputs else ""
            raise UnsupportedError(
                f"the function has {only or 'no inputs'}: there is nothing to differentiate by"
            )

    def refuse_several(self, what: str) -> None:
        """Refuse a function whose result is not one number.

        Args:
            what: the noun of the derivative, which has no meaning then.

        Raises:
            UnsupportedError: where it is several, or an array, or depends on nothing.
        """
        self.refuse_constant()
        graph = self.graph
        if len(graph.outputs) != 1:
            raise UnsupportedError(
                f"a {what} needs one output, and this function has {len(graph.outputs)}: "
                f"{', '.join(graph.output_names[:10])}",
                suggestion="give one formula; 'jacobian' and 'vjp' are for several outputs",
            )
        shape = graph[graph.outputs[0]].shape
        if shape != ():
            raise UnsupportedError(
                f"a {what} needs a number, and '{graph.output_names[0]}' is an array of the shape "
                f"{text(shape)}",
                suggestion="sum it up; 'jacobian' and 'vjp' are for arrays",
            )


def nested(first: int, count: int) -> Nest:
    """So many outputs: one alone, several as a tuple."""
    return first if count == 1 else tuple(range(first, first + count))
