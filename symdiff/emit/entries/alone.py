"""Entry of functions that stand alone: each holds its body."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from symdiff.emit import products
from symdiff.emit.context import Context, Definition, Entry, docstring, result_type
from symdiff.emit.dialect import Dialect
from symdiff.emit.docstrings import docstring_of
from symdiff.emit.names import Names
from symdiff.emit.printed import print_graph
from symdiff.emit.source import Derivative, Source
from symdiff.errors import UnsupportedError
from symdiff.graph.graph import Graph


class Alone(Entry):
    """The entry of modules whose public functions hold their bodies.

    Args:
        source: what the module is made of.
        dialect: how the bodies are printed.
        looked_up: names beside those of the bodies that the functions look up.

    Attributes:
        needs: names of helpers and libraries that the function at hand calls.
    """

    has_stacks = False

    def __init__(self, source: Source, dialect: Dialect, looked_up: Sequence[str] = ()) -> None:
        self.source = source
        self.dialect = dialect
        self.context = Context(source, looked_up)
        self.reserved = self.context.taken
        self.needs: set[str] = set()

    def reserve(self, called: set[str]) -> None:
        """Keep names from the bodies' own.

        Raises:
            UnsupportedError: where an input has one: what bodies call has no other name.
        """
        self.reserved = {*self.context.taken, *called}
        for name in self.context.parameters.values():
            if name in called:
                raise UnsupportedError(
                    f"an input called '{name}' hides what the module calls by that name",
                    suggestion="give the input another name",
                )

    def public(self, derivative: Derivative | None) -> list[Definition]:
        """What is done with the arguments, and the body."""
        context, source, dialect = self.context, self.source, self.dialect
        parameters = context.called_with(derivative)
        graph, packing = source.body(derivative)
        graph = self.prepared(graph)
        printed = print_graph(graph, dialect, context.parameters, Names(self.reserved))
        self.needs = set(printed.needs)
        for op in printed.calls:
            context.need(dialect.spell(op))
            self.needs |= dialect.spell(op).libraries
        bound = self._bound(printed.lengths)
        end = self.returned(packing, self.owned(graph, printed.results, parameters))
        lines = [*self.before(parameters), *bound, *printed.lines, end]
        context.call(sorted(self.needs), dialect.table)
        name = "value" if derivative is None else derivative.function
        text = docstring(docstring_of(source, derivative, source.shapes_of(derivative)))
        result = result_type(source, derivative) if context.real else ""
        return [Definition(name, context.typed(parameters), lines, text, result)]

    def prepared(self, graph: Graph) -> Graph:
        """The graph as the dialect can print it."""
        return graph

    def before(self, parameters: Sequence[str]) -> list[str]:
        """Statements before the body."""
        del parameters
        return []

    def owned(self, graph: Graph, texts: Sequence[str], parameters: Sequence[str]) -> Sequence[str]:
        """The results as they are returned."""
        del graph, parameters
        return texts

    def returned(self, packing: products.Packing, results: Sequence[str]) -> str:
        """The statement that returns the results."""
        return products.result_text(packing, results)

    def _bound(self, read: set[str]) -> Iterator[str]:
        """Named lengths, each from the first input that has it as the length of an axis."""
        graph, names = self.source.value_body, self.context.parameters
        axes = [
            (str(n), names[name], axis)
            for name, at in zip(graph.input_names, graph.inputs, strict=True)
            for axis, n in enumerate(graph[at].shape)
        ]
        for length in self.source.lengths:
            if length in read:
                name, axis = next((name, axis) for n, name, axis in axes if n == length)
                yield f"{length} = {self.length(name, axis)}"

    def length(self, name: str, axis: int) -> str:
        """The length of an axis of an argument."""
        return f"{name}.shape[{axis}]"
