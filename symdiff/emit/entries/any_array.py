"""Entry of functions of any library's arrays: by what the array API standard names alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from symdiff.derive.packing import Coordinates, Tensor
from symdiff.emit.context import names_of_arguments
from symdiff.emit.dialect import Dialect
from symdiff.emit.docstrings import gradient_sentence
from symdiff.emit.entries.alone import Alone
from symdiff.emit.entries.arguments import Arguments, shapes_text
from symdiff.emit.kinds import with_kinds
from symdiff.emit.layout import tuple_text
from symdiff.emit.products import Packing
from symdiff.emit.source import Source
from symdiff.errors import UnsupportedError
from symdiff.graph.graph import Graph
from symdiff.graph.nested import every_node
from symdiff.graph.node import CONSTANT, INPUT, Node
from symdiff.graph.shape import names_of

_CALLED = "INPUTS KINDS SHAPES _arrays _namespace float getattr int kind np range tuple xp".split()


class AnyArray(Alone):
    """The entry of a module of arrays of any library."""

    def __init__(self, source: Source, dialect: Dialect) -> None:
        name = dialect.table.name
        if any(isinstance(derivative.packing, Coordinates) for derivative in source.derivatives):
            advice = "leave out sparse"
            raise UnsupportedError(f"the target '{name}' has no sparse matrices", suggestion=advice)
        if source.has_batch:
            advice = "leave out batch"
            raise UnsupportedError(f"the target '{name}' adds no batch axes", suggestion=advice)
        super().__init__(source, dialect)
        self.context.real = "Any"
        self.reserve({*_CALLED, *dialect.table.called(), *source.lengths})
        self.inputs = self._inputs()
        self.arguments = self._arguments()

    def _arguments(self) -> Arguments:
        """What is checked of the arguments."""
        shapes = {name: node.shape for name, node in self.inputs.items()}
        kinds = {name: node.dtype for name, node in self.inputs.items()}
        nodes = [node for graph in self.source.graphs for node in every_node(graph)]
        known = {length: length for length in self.source.lengths}
        used = [n for node in nodes for n in node.shape if {*names_of([(n,)])} <= {*known}]
        return Arguments("", "", shapes, kinds, known, used, self.reserved)

    def _inputs(self) -> dict[str, Node]:
        """The parameters of all functions, each with its input."""
        graphs = [self.source.value, *[d.formulas for d in self.source.derivatives]]
        return {
            self.context.parameters[name]: graph[at]
            for graph in graphs
            for name, at in zip(graph.input_names, graph.inputs, strict=True)
        }

    def prepared(self, graph: Graph) -> Graph:
        """With conversions, which the standard leaves to its users."""
        return with_kinds(graph, self.dialect.table, has_arrays=not self.source.is_scalar)

    def before(self, parameters: Sequence[str]) -> list[str]:
        """The namespace, the kind of its floats, and the arguments as arrays."""
        given = ", ".join([f"{parameter}={parameter}" for parameter in parameters])
        xp, kind = [name if name in self.needs else "_" for name in ("xp", "kind")]
        return [f"{xp}, {kind}, {tuple_text(parameters)} = _arrays({given})"]

    def owned(self, graph: Graph, texts: Sequence[str], parameters: Sequence[str]) -> Sequence[str]:
        """The results: of numbers, of the shape of the arguments, and no argument itself."""
        if not self.source.is_scalar:
            return texts
        found = []
        for at, text in zip(graph.outputs, texts, strict=True):
            is_number, is_input = graph[at].op == CONSTANT, graph[at].op == INPUT
            self.needs |= {"xp"} if is_number or is_input else set()
            if is_number:
                text = f"xp.full_like({parameters[0]}, {text})"
            found.append(f"xp.asarray({text}, copy=True)" if is_input else text)
        return found

    def returned(self, packing: Packing, results: Sequence[str]) -> str:
        """An array of the entries, 0 where no result is one."""
        if not isinstance(packing, Tensor):
            return super().returned(packing, results)
        shape = tuple_text([str(length) for length in packing.shape])
        first = next(iter(self.inputs))
        self.needs.add("xp")
        if not results:
            self.needs.add("kind")
            return f"return xp.zeros((*{first}.shape, *{shape}), **kind)"
        self.needs.add("_matrix")
        places = [packing.place(number) for number in range(len(results))]
        known = "" if packing.places is None else f", {tuple_text([str(p) for p in places])}"
        return f"return _matrix(xp, {tuple_text(results)}, {shape}{known})"

    def grad_docstring(self) -> str:
        """What comes out."""
        return gradient_sentence(self.source) if self.source.is_scalar else super().grad_docstring()

    def constants(self) -> list[str]:
        """The names of arguments and results; the shapes and kinds of arrays."""
        lines = [] if self.source.is_lean else names_of_arguments(self.source)
        if self.source.is_scalar:
            return lines
        shapes = {name: node.shape for name, node in self.inputs.items()}
        return [*lines, shapes_text(shapes), *self.arguments.constants()]

    def variables(self) -> dict[str, Any]:  # the template's variables, of many types
        """What the check of the arguments looks at."""
        return {**self.arguments.variables(), "shapes_known": not self.source.is_scalar}
