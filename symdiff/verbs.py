"""The table of verbs: what can be computed of a function, each under one name everywhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from symdiff.derive.reverse import gradient
from symdiff.errors import UnsupportedError
from symdiff.graph.graph import Graph
from symdiff.graph.shape import text


@dataclass(frozen=True, slots=True)
class Verb:
    """One thing that can be computed of a function.

    Attributes:
        name: its name in the command line, in Python and in the emitted module.
        help: one sentence.
        derive: the graph of the value and of what the verb adds, from the function's.
        definitions: what the emitted module offers, in the order of its text.
        returns_value: whether a call returns the value along with the derivative.
    """

    name: str
    help: str
    derive: Callable[[Graph, Sequence[str]], Graph]
    definitions: tuple[str, ...]
    returns_value: bool

    @property
    def is_derivative(self) -> bool:
        """Whether the verb computes more than the function itself."""
        return len(self.definitions) > 1


def _value(graph: Graph, wrt: Sequence[str]) -> Graph:
    return graph


def _gradient(graph: Graph, wrt: Sequence[str]) -> Graph:
    if not wrt:
        raise UnsupportedError("the function has no inputs: there is nothing to differentiate by")
    if len(graph.outputs) != 1:
        raise UnsupportedError(
            f"a gradient needs one output, and this function has {len(graph.outputs)}: "
            f"{', '.join(graph.output_names)}",
            suggestion="give one formula; 'jacobian' and 'vjp' are for several outputs",
        )
    shape = graph[graph.outputs[0]].shape
    if shape != ():
        raise UnsupportedError(
            f"a gradient needs a number, and '{graph.output_names[0]}' is an array of the shape "
            f"{text(shape)}",
            suggestion="sum it up; 'jacobian' and 'vjp' are for arrays",
        )
    return gradient(graph, wrt)


_GRADIENT = ("value", "value_and_grad", "grad")

VERBS = {
    verb.name: verb
    for verb in (
        Verb("value", "The function itself.", _value, ("value",), returns_value=True),
        Verb("grad", "The gradient.", _gradient, _GRADIENT, returns_value=False),
        Verb(
            "value_and_grad",
            "The value and the gradient.",
            _gradient,
            _GRADIENT,
            returns_value=True,
        ),
    )
}
