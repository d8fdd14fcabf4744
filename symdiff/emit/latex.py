"""LaTeX of a graph: its formulas, and equations above them for the parts that they share."""

from __future__ import annotations

import sys
from collections.abc import Callable

from symdiff.emit.dialect import LATEX
from symdiff.emit.notation import Statement, notation
from symdiff.emit.printed import print_inlined
from symdiff.emit.spell.tex import tex_name, tex_output
from symdiff.errors import LimitError
from symdiff.graph.graph import Graph
from symdiff.optimize.readable import readable

_BOUND = "ijklmn"  # indices of sums: an input of such a name stands upright
_LONGEST = 200  # characters of LaTeX, which are about 76 on the page
MOST_LINES = 20_000


def latex(graph: Graph, first: int = 0, named: Callable[[str], str] = tex_output) -> str:
    """The outputs as LaTeX: a formula, or an equation each where there are several.

    Args:
        graph: what computes them.
        first: the first output that is stated.
        named: how the name of an output is written on the left.

    Raises:
        UnsupportedError: naming an operation without a notation, such as a loop.
        LimitError: where there is too much to be read.
    """
    if len(graph) > MOST_LINES:
        raise LimitError(
            f"a function of more than {MOST_LINES:,} operations has no formula to read",
            suggestion="emit code instead",
        )
    has_arrays = any(node.shape for node in graph.nodes)
    shown = _shown_beside_indices if has_arrays else tex_name
    found = notation(graph, LATEX, first, shown, _LONGEST)
    if len(found.statements) == 1:
        (only,) = found.statements
        return only.text + _where(only)
    rows = []
    for one in found.statements:
        left = named(one.name) if one.name in found.outputs else tex_name(one.name)
        rows.append(f"{left} &= {one.text}{_where(one)}")
    return "\\begin{aligned}\n" + " \\\\\n".join(rows) + "\n\\end{aligned}"


def formulas_in_latex(graph: Graph, first: int = 0) -> list[str]:
    """A formula for each output from a first one on, whole, however long, on the inputs alone."""
    found = readable(graph, first).graph
    shown = _shown_beside_indices if any(node.shape for node in graph.nodes) else tex_name
    parameters = {name: shown(name) for name in graph.input_names}
    count = len(graph.outputs) - first
    return print_inlined(found, LATEX, parameters, sys.maxsize)[:count]


def _shown_beside_indices(name: str) -> str:
    return rf"\mathrm{{{name}}}" if name in _BOUND else tex_name(name)


def _where(statement: Statement) -> str:
    """Where a formula holds, beside it."""
    conditions = r",\ ".join(statement.conditions)
    return rf" \quad \left( {conditions} \right)" if conditions else ""
