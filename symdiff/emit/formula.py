"""Formulas and programs of a graph as text, in the grammar that the frontend reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from symdiff.emit.dialect import FORMULA, Dialect
from symdiff.emit.names import Names
from symdiff.emit.notation import LONGEST, Notation, notation
from symdiff.emit.printed import print_graph, print_inlined
from symdiff.graph.graph import Graph
from symdiff.graph.node import FLOAT
from symdiff.ops.own_rules import called_functions
from symdiff.optimize.readable import as_formula, readable

MOST_LINES = 400  # a longer graph is not tried: its formulas would not fit
MOST_EQUATIONS = 12  # in a docstring
_WIDEST = 80
_NUMBERS = ("e", "pi", "inf", "nan")  # names that are numbers, unless they are declared


def derivative_name(graph: Graph, name: str) -> str:
    """How the derivative of a function by one input is written."""
    return f"d{graph.output_names[0]}/d{name}"


def formulas(graph: Graph, first: int = 0) -> list[str]:
    """A formula for each output from a first one on, empty where it is longer than a line."""
    count = len(graph.outputs) - first
    if len(graph) > MOST_LINES or called_functions(graph.nodes):
        return [""] * count
    found = readable(graph, first).graph
    return print_inlined(found, _dialect(graph), _parameters(found), LONGEST)[:count]


def as_written(graph: Graph) -> str:
    """A formula for the first output, operation by operation; empty where it is long."""
    if len(graph) > MOST_LINES or called_functions(graph.nodes):
        return ""
    return print_inlined(graph, _dialect(graph), _parameters(graph), LONGEST)[0]


def formula(graph: Graph, first: int = 0) -> Notation:
    """The formulas of all outputs, in the grammar's words, and of the parts that they share."""
    return notation(graph, _dialect(graph), first)


def equations(graph: Graph, names: Sequence[str], first: int = 0) -> list[str]:
    """Lines `name = formula` for a reader: with those of shared parts, or dots for what is long.

    Args:
        graph: the function, with the value that it is a derivative of.
        names: how the outputs from the first one on are called, such as df/dx.
        first: the first of the outputs that are to be stated.
    """
    if len(graph) > MOST_LINES or called_functions(graph.nodes):
        return []
    found = formula(graph, first)
    called = dict(zip(found.outputs, names, strict=True))
    lines = [
        f"{name if name in found.read else called.get(name, name)} = {text}"
        for name, text, _ in found.statements
    ]
    is_whole = all(text for _, text, _ in found.statements)
    if is_whole and len(lines) <= MOST_EQUATIONS and max(map(len, lines), default=0) <= _WIDEST:
        return lines
    texts = formulas(graph, first)
    if not any(texts):
        return []
    lines = [f"{name} = {text or '...'}" for name, text in zip(names, texts, strict=True)]
    return [*lines[:MOST_EQUATIONS], *["..."] * (len(lines) > MOST_EQUATIONS)]


def statements(graph: Graph, first: int = 0) -> str:
    """The formulas as a program that the grammar reads; where they hold, in comments.

    What the grammar has no words for is a comment too.
    """
    found = formula(graph, first)
    lines = _declarations(graph)
    for name, text, conditions in found.statements:
        where = f"  # where {' and '.join(conditions)}" if conditions else ""
        lines.append(f"{name} = {text}{where}" if text else f"# {name} = ... has no formula")
    known = {name for name, text, _ in found.statements if text}
    outputs = [name for name in found.outputs if name in known]
    if len(found.outputs) > 1:
        lines += [f"return {', '.join(outputs)}"] * bool(outputs)
    return "\n".join(lines)


def _declarations(graph: Graph) -> list[str]:
    """The inputs that are no floats, and those whose names are numbers otherwise."""
    lines = []
    for at in graph.inputs:
        node = graph[at]
        (name,) = node.params
        kind = "" if node.dtype == FLOAT else node.dtype.rstrip("0123456789")
        shape = f"[{', '.join(map(str, node.shape))}]" if node.shape else ""
        if kind or shape or name in _NUMBERS:
            lines.append(f"{name}: {' '.join(filter(None, [kind, shape])) or 'float'}")
    return lines


def program(graph: Graph) -> str:
    """The graph as a program that parses to the same graph: inputs, steps, then `return`."""
    readable = as_formula(graph)
    printed = print_graph(readable, _dialect(graph), _parameters(graph), Names(graph.input_names))
    declared = [f"{name}: float" for name in graph.input_names]
    results = ", ".join(printed.results)
    return "\n".join([*declared, *printed.lines, f"return {results}"])


def _parameters(graph: Graph) -> dict[str, str]:
    return {name: name for name in graph.input_names}


def _dialect(graph: Graph) -> Dialect:
    """The grammar, without the names of numbers that are inputs of this graph."""
    inputs = graph.input_names
    special = {value: n for value, n in FORMULA.special_numbers.items() if n not in inputs}
    return replace(FORMULA, special_numbers=special)
