"""Formulas and programs of a graph as text, in the grammar that the frontend reads."""

from __future__ import annotations

from dataclasses import replace

from symdiff.emit.names import Names
from symdiff.emit.python import print_graph, print_inlined
from symdiff.emit.target import FORMULA, Target
from symdiff.graph.graph import Graph
from symdiff.graph.node import Node
from symdiff.ops.own_rules import called_functions
from symdiff.optimize.inline import inline_own
from symdiff.optimize.rebuild import Rebuilder, rebuild
from symdiff.optimize.signs import settle_signs
from symdiff.optimize.simplify import as_formula

LONGEST = 76
_MOST_LINES = 400  # a longer graph is not tried: its formula would not fit


def derivative_name(graph: Graph, name: str) -> str:
    """How the derivative of a function by one input is written."""
    return f"d{graph.output_names[0]}/d{name}"


def formulas(graph: Graph) -> list[str]:
    """A formula for each output, empty where it would be longer than a line."""
    if len(graph) > _MOST_LINES:
        return [""] * len(graph.outputs)
    readable = rebuild(settle_signs(as_formula(inline_own(replace(graph, primal=0)))), _square)
    if called_functions(readable.nodes):  # the grammar has no such function
        return [""] * len(graph.outputs)
    return print_inlined(readable, _target(graph), _parameters(graph), LONGEST)


def _square(rebuilder: Rebuilder, node: Node, _position: int) -> int | None:
    """x*x is written x**2."""
    if node.op != "multiply" or node.args[0] != node.args[1]:
        return None
    builder = rebuilder.builder
    return builder.make("power", (node.args[0], builder.constant(2.0, node.args[0])))


def program(graph: Graph) -> str:
    """The graph as a program that parses to the same graph: inputs, steps, then `return`."""
    readable = as_formula(graph)
    printed = print_graph(readable, _target(graph), _parameters(graph), Names(graph.input_names))
    declared = [f"{name}: float" for name in graph.input_names]
    results = ", ".join(printed.results)
    return "\n".join([*declared, *printed.lines, f"return {results}"])


def _parameters(graph: Graph) -> dict[str, str]:
    return {name: name for name in graph.input_names}


def _target(graph: Graph) -> Target:
    """The grammar, without the names of numbers that are inputs of this graph."""
    inputs = graph.input_names
    special = {value: n for value, n in FORMULA.special_numbers.items() if n not in inputs}
    return replace(FORMULA, special_numbers=special)
