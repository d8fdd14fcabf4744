"""Formulas and programs of a graph as text, in the grammar that the frontend reads."""

from __future__ import annotations

from symdiff.emit.printer import Names, print_graph, print_inlined
from symdiff.emit.target import FORMULA
from symdiff.graph.graph import Graph

LONGEST = 76
_MOST_LINES = 400  # a longer graph is not tried: its formula would not fit


def derivative_name(graph: Graph, name: str) -> str:
    """How the derivative of a function by one input is written."""
    return f"d{graph.output_names[0]}/d{name}"


def formulas(graph: Graph) -> list[str]:
    """A formula for each output, empty where it would be longer than a line."""
    if len(graph) > _MOST_LINES:
        return [""] * len(graph.outputs)
    parameters = {name: name for name in graph.input_names}
    return print_inlined(graph, FORMULA, parameters, LONGEST)


def program(graph: Graph) -> str:
    """The graph as a program that parses to the same graph: statements, then `return`."""
    names = graph.input_names
    printed = print_graph(graph, FORMULA, {name: name for name in names}, Names(names))
    results = ", ".join(printed.results)
    return "\n".join([*printed.lines, f"return {results}"]) if printed.lines else results
