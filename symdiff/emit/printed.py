"""Graphs as text: the statements of a body, or an expression for each output."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from symdiff.emit.dialect import Dialect
from symdiff.emit.idioms import with_idioms
from symdiff.emit.lengths import lengths_read, with_own_lengths
from symdiff.emit.names import Names
from symdiff.emit.printer import Printer
from symdiff.errors import Span
from symdiff.graph.graph import Graph
from symdiff.graph.node import Node
from symdiff.schedule.build import inlined, scheduled
from symdiff.schedule.conditions import WORDS
from symdiff.schedule.program import Op, Program, every_part


@dataclass(frozen=True, slots=True)
class Printed:
    """A graph as text.

    Attributes:
        lengths: names of dimensions that the texts read.
        lines: statements `name = expression`, in order.
        results: an expression for each output.
        calls: operations and special numbers that are called by a name, each with that name.
        needs: names of helpers and libraries that the texts call beside those.
        spans: for each statement, the place in the source that it comes from.
    """

    lengths: set[str]
    lines: list[str]
    results: list[str]
    calls: dict[str, str]
    needs: set[str]
    spans: list[Span | None]


def print_graph(
    graph: Graph,
    dialect: Dialect,
    parameters: Mapping[str, str],
    names: Names,
    constants: Mapping[Node, str] | None = None,
) -> Printed:
    """The statements and results of a graph.

    Args:
        graph: what to print; every line is needed by an output.
        dialect: how operations and statements are written.
        parameters: the name that stands for each input.
        names: where names of intermediate values come from.
        constants: lines that are defined elsewhere, with the names that they have there.
    """
    printer = Printer(dialect, names)
    graph = with_idioms(with_own_lengths(graph, names), dialect.table)
    program = scheduled(graph, printer.style(prints_drafts=True), parameters, constants)
    has_lengths = graph.has_arrays or graph.told
    lengths = lengths_read(program.body, dialect) if has_lengths else set[str]()
    lines, spans = printer.block(program.body[:-1])
    results = printer.results(program.end)
    calls = printer.calls
    if not WORDS.keys().isdisjoint(calls):  # a condition may be asked in other words
        said = _said(program)
        calls = {op: name for op, name in calls.items() if op not in WORDS or op in said}
    return Printed(lengths, lines, results, calls, printer.needs, spans)


def print_inlined(
    graph: Graph, dialect: Dialect, parameters: Mapping[str, str], longest: int
) -> list[str]:
    """An expression for each output without named values; empty where it would be too long."""
    printer = Printer(dialect, Names(parameters.values()))
    results = inlined(graph, printer.style(), parameters, longest)
    return [printer.expression(result).text if result is not None else "" for result in results]


def _said(program: Program) -> set[str]:
    """The operations of a program: conditions have words in the place of some of the graph's."""
    return {part.name for part in every_part(program.body) if isinstance(part, Op)}
