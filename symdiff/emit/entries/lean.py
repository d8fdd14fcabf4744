"""Entry of functions of numbers that stand alone: the arguments are made arrays of floats."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from symdiff.emit import products
from symdiff.emit.context import Context, Definition, docstring, result_type
from symdiff.emit.dialect import ARRAYS
from symdiff.emit.docstrings import docstring_of, gradient_sentence
from symdiff.emit.names import Names
from symdiff.emit.printer import print_graph
from symdiff.emit.source import Derivative, Source
from symdiff.emit.spell.numpy import NUMPY
from symdiff.graph.graph import Graph
from symdiff.graph.node import CONSTANT, INPUT

_FLOATS = """def _floats(*inputs):  # as arrays of one shape
    return np.broadcast_arrays(*[np.asarray(x) / 1 for x in inputs])"""


class Lean:
    """The entry of a module of numbers without packing, threads or self-check."""

    template = ""
    is_alone = False
    keyword = ""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.context = Context(source, ["_floats"])
        self.context.real = "float | np.ndarray"
        self.context.helpers["_floats"] = _FLOATS

    def body(self, derivative: Derivative | None) -> list[Definition]:
        """None: the public functions hold the bodies."""
        del derivative
        return []

    def public(self, derivative: Derivative | None) -> list[Definition]:
        """The arguments as arrays, and the body."""
        context, source = self.context, self.source
        parameters = context.called_with(derivative)
        graph, packing = source.body(derivative)
        printed = print_graph(graph, ARRAYS, context.parameters, Names(context.taken))
        for op in printed.calls:
            context.need(ARRAYS.spell(op))
        results = self._owned(graph, printed.results, parameters)
        names = f"({parameters[0]},)" if len(parameters) == 1 else ", ".join(parameters)
        converted = f"{names} = {context.names['_floats']}({', '.join(parameters)})"
        lines = [converted, *printed.lines, products.result_text(packing, results)]
        name = "value" if derivative is None else derivative.function
        text = docstring(docstring_of(source, derivative))
        result = result_type(source, derivative)
        return [Definition(name, context.typed(parameters), lines, text, result)]

    def _owned(self, graph: Graph, texts: Sequence[str], parameters: Sequence[str]) -> list[str]:
        """The results: of the shape of the arguments, and no argument itself."""
        found = []
        for at, text in zip(graph.outputs, texts, strict=True):
            op = graph[at].op
            if op == CONSTANT:
                text = f"np.full_like({parameters[0]}, {text})[()]"
            found.append(f"+{text}" if op == INPUT else text)
        return found

    def grad_docstring(self) -> str:
        """What comes out."""
        return gradient_sentence(self.source)

    def pack(self) -> Definition:
        """None: nothing is packed."""
        raise NotImplementedError

    def constants(self) -> list[str]:
        """None: the functions stand alone."""
        return []

    def standard(self) -> set[str]:
        """What the bodies call."""
        return {"math"} & self.context.libraries

    def imported(self) -> list[str]:
        """Nothing of the standard library by name."""
        return []

    def others(self) -> list[str]:
        """None: no function of numbers calls the user's."""
        return []

    def defined(self) -> set[str]:
        """The function that converts arguments."""
        return {"_floats"}

    def variables(self) -> dict[str, Any]:  # the template's variables, of many types
        """What the templates look at."""
        return {"shapes_known": False, "kinds": []}


def is_alone(source: Source) -> bool:
    """Whether the functions can hold their bodies: no input hides what these call."""
    if not source.is_lean or any(derivative.is_array for derivative in source.derivatives):
        return False
    called = {"_floats", "np", "special", *[NUMPY.spell(op).text for op in NUMPY]}
    graphs = [source.value, *source.graphs]
    return called.isdisjoint(name for graph in graphs for name in graph.input_names)
