"""Graphs read back as SymPy expressions, for formulas and LaTeX."""

from __future__ import annotations

from typing import Any  # SymPy has no types: an expression is `Any` here

from symdiff.errors import LimitError
from symdiff.frontend.sympy_back import Unevaluated, lacking, read_back
from symdiff.graph.graph import Graph
from symdiff.ops.operation import Operation
from symdiff.optimize.inline import inline_own
from symdiff.optimize.readable import as_formula

LARGEST_FORMULA = 20_000  # parts of a printed formula, written out in full


def to_sympy(graph: Graph) -> Any:
    """Read a graph back as SymPy, without evaluating: as written, shared lines one object.

    Returns:
        One expression, or a tuple of one an output. Inputs are real symbols of their names.

    Raises:
        UnsupportedError: naming an operation that SymPy lacks.
        LimitError: where the graph is too deep for SymPy to hold.
    """
    return _result(read_back(as_formula(inline_own(graph)), Unevaluated(), lacking))


def to_latex(graph: Graph) -> str:
    """The outputs as LaTeX: a formula, or an equation each where there are several.

    What SymPy lacks is printed by its own name.

    Raises:
        LimitError: where a formula is too long or too deep to print.
    """
    expressions = read_back(as_formula(inline_own(graph)), Unevaluated(), _by_own_name)
    if max(_lengths(graph)) > LARGEST_FORMULA:
        raise LimitError(
            f"a formula has more than {LARGEST_FORMULA:,} parts when it is written out",
            suggestion="emit code instead: it names the parts that are shared",
        )
    try:
        printer = _printer()
        formulas: list[str] = [printer.doprint(expression) for expression in expressions]
        if len(formulas) == 1:
            return formulas[0]
        names = [_latex_name(name) for name in graph.output_names]
    except RecursionError:
        raise LimitError("the formula is too deep for SymPy's printer") from None
    rows = [f"{name} &= {text}" for name, text in zip(names, formulas, strict=True)]
    return "\\begin{aligned}\n" + " \\\\\n".join(rows) + "\n\\end{aligned}"


def _printer() -> Any:
    """SymPy's printer, which by itself prints no power of a choice."""
    from sympy.printing.latex import LatexPrinter

    class Printer(LatexPrinter):  # type: ignore[misc]  # SymPy has no types
        def _print_Piecewise(self, expression: Any, exp: str | None = None) -> str:  # noqa: N802
            text: str = super()._print_Piecewise(expression)
            return text if exp is None else rf"\left({text}\right)^{{{exp}}}"

    return Printer()


def _latex_name(name: str) -> str:
    """The name of an output: `df_dx` as a partial derivative."""
    import sympy as sp

    above, found, below = name.partition("_d")
    if not found or not above.startswith("d") or not above[1:] or not below:
        return str(sp.latex(sp.Symbol(name)))
    parts = [sp.latex(sp.Symbol(part)) for part in (above[1:], below)]
    return rf"\frac{{\partial {parts[0]}}}{{\partial {parts[1]}}}"


def _by_own_name(record: Operation, args: list[Any]) -> Any:
    import sympy as sp

    return sp.Function(record.name)(*args)


def _result(expressions: list[Any]) -> Any:
    return expressions[0] if len(expressions) == 1 else tuple(expressions)


def _lengths(graph: Graph) -> list[int]:
    """By output, how many parts its formula has when nothing is shared; grows by doubling."""
    lengths: list[int] = []
    for node in graph.nodes:
        length = 1 + sum(lengths[argument] for argument in node.args)
        lengths.append(min(length, LARGEST_FORMULA + 1))
    return [lengths[position] for position in graph.outputs]
