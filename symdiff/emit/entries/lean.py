"""Entry of functions of numbers that stand alone: the arguments are made arrays of floats."""

from __future__ import annotations

from collections.abc import Sequence

from symdiff.emit.dialect import EACH_OF_ARRAYS
from symdiff.emit.docstrings import gradient_sentence
from symdiff.emit.entries.alone import Alone
from symdiff.emit.entries.elementwise import AS_FLOAT32, FLOAT32_HELPER
from symdiff.emit.source import Source
from symdiff.emit.spell.numpy import NUMPY
from symdiff.graph.graph import Graph
from symdiff.graph.node import CONSTANT, INPUT
from symdiff.ops.loops import scan
from symdiff.schedule.build import decides

_FLOATS = """def _floats(*inputs):  # as arrays of one shape
    return np.broadcast_arrays(*[np.asarray(x) / 1 for x in inputs])"""
_FLOATS32 = """def _floats(*inputs):  # as arrays of one shape
    return np.broadcast_arrays(*_float32(*inputs))"""


class Lean(Alone):
    """The entry of a module of numbers without packing, threads or self-check."""

    def __init__(self, source: Source) -> None:
        super().__init__(source, EACH_OF_ARRAYS, ["_floats"])
        self.context.real = "float | np.ndarray"
        if source.is_float32:
            self.context.helpers[AS_FLOAT32] = FLOAT32_HELPER
        self.context.helpers["_floats"] = _FLOATS32 if source.is_float32 else _FLOATS

    def before(self, parameters: Sequence[str]) -> list[str]:
        """The arguments as arrays."""
        names = f"({parameters[0]},)" if len(parameters) == 1 else ", ".join(parameters)
        return [f"{names} = {self.context.names['_floats']}({', '.join(parameters)})"]

    def owned(self, graph: Graph, texts: Sequence[str], parameters: Sequence[str]) -> list[str]:
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

    def defined(self) -> set[str]:
        """The function that converts arguments."""
        return {"_floats"}


def is_alone(source: Source) -> bool:
    """Whether the functions can hold their bodies: one each, no loop, and nothing is hidden."""
    if any(scan.name in graph.by_op for graph in source.graphs):
        return False
    if not source.is_lean or any(derivative.is_array for derivative in source.derivatives):
        return False
    called = {"_floats", AS_FLOAT32, "np", "special", *[NUMPY.spell(op).text for op in NUMPY]}
    graphs = [source.value, *source.graphs]
    if any(map(decides, source.graphs)):  # there are two bodies
        return False
    return called.isdisjoint(name for graph in graphs for name in graph.input_names)
