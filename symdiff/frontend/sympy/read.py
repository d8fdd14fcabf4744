"""SymPy expressions and matrices become graphs: one rule for each class of SymPy's.

A symbol is a number, a MatrixSymbol an array of its two lengths; a column vector `(n, 1)` keeps
both. A length may be a symbol: it becomes a named dimension, and is a number where it stands in
the expression itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any  # SymPy has no types: an expression is `Any` here

from symdiff.errors import UnsupportedError
from symdiff.frontend.sympy.arithmetic import to_float
from symdiff.frontend.sympy.lowering import Lowering, Steps, ready
from symdiff.frontend.sympy.open import (
    check_applied,
    undefined_function,
)
from symdiff.frontend.sympy.records import make_record
from symdiff.frontend.sympy.rules import RULES, by_record, sympy_record
from symdiff.graph.graph import Graph
from symdiff.graph.nested import pruned
from symdiff.graph.shape import names_of
from symdiff.ops.builder import Builder
from symdiff.ops.operation import Operation
from symdiff.ops.rules import EXACT


def from_sympy(expression: Any, *, limit: int | None = None) -> Graph:
    """Lower a SymPy expression, each distinct part of it once.

    Args:
        expression: an expression, or a Matrix, list or tuple of them: several outputs, row by
            row, named `f1`, `f2`, ... A single one is named `f`. A matrix expression is one
            output, an array.
        limit: the largest number of lines, `None` for no limit.

    Returns:
        A graph whose inputs are the symbols in the order of their names.

    Raises:
        UnsupportedError: naming the part that has no counterpart on real floats.
        LimitError: where the graph has more lines than the limit.
    """
    items = _items(expression)
    low, outputs = _lowered(items, {}, limit)
    if not low.lengths.keys().isdisjoint(low.symbols):
        # a symbol was met as a number before it was known to be a length
        low, outputs = _lowered(items, low.lengths, limit)
    several = len(outputs) > 1
    names = [f"f{index}" if several else "f" for index in range(1, len(outputs) + 1)]
    inputs = [position for _, (_, position) in sorted(low.symbols.items())]
    graph = low.builder.graph(inputs, outputs, names, primal=len(outputs))
    _check_lengths(low, graph)
    check_applied(low)
    return pruned(graph)


def _lowered(
    items: list[Any], lengths: Mapping[str, Any], limit: int | None
) -> tuple[Lowering, list[int]]:
    low = Lowering(Builder(EXACT, limit=limit), _steps, lengths)
    return low, [low.as_real(low.lower(item)) for item in items]


def _check_lengths(low: Lowering, graph: Graph) -> None:
    """A named length must be that of an input: there it is found when the function runs."""
    known = names_of(graph[position].shape for position in graph.inputs)
    for name in sorted(low.lengths.keys() - set(known)):
        raise UnsupportedError(
            f"the length '{name}' is not known: no matrix that is an input has it",
            suggestion="give it as a number with .subs",
        )


def _items(expression: Any) -> list[Any]:
    """The outputs that an expression, a Matrix or a sequence stands for."""
    import sympy as sp

    if isinstance(expression, (sp.MatrixBase, sp.NDimArray)):
        parts = list(sp.Array(expression).reshape(len(expression)) if len(expression) else ())
    elif isinstance(expression, (list, tuple, sp.Tuple)):
        parts = list(expression)
    else:
        parts = [expression]
    if not parts:
        raise UnsupportedError("there is no expression here: nothing to compute")
    try:
        return [sp.sympify(part, strict=True) for part in parts]
    except sp.SympifyError:
        kinds = ", ".join(sorted({type(part).__name__ for part in parts}))
        raise UnsupportedError(
            f"not a SymPy expression, but {kinds}",
            suggestion="give the text of a formula, SymPy's expressions, or a NumPy function",
        ) from None


# --- one node ----------------------------------------------------------------------------------


def _steps(low: Lowering, expression: Any) -> Steps:
    """How to lower one node: its class's rule, a record of that name, or SymPy's own function."""
    kind = type(expression)
    name = kind.__name__
    if not str(kind.__module__).startswith("sympy."):  # a class of the user's, whatever its name
        return _of_user(low, expression)
    rule = RULES.get(name)
    if rule is not None:
        return rule(low, expression)
    if expression.is_Symbol:
        return ready(low.symbol(expression))
    if getattr(expression, "is_Number", False) or getattr(expression, "is_NumberSymbol", False):
        return ready(low.constant(to_float(expression)))
    return by_record(low, expression, sympy_record(expression))


def _of_user(low: Lowering, expression: Any) -> Steps:
    """An undefined function, or a class that a user derived from one of SymPy's."""
    from sympy.core.function import AppliedUndef

    if isinstance(expression, AppliedUndef):
        return undefined_function(low, expression)
    if expression.is_Symbol:
        return ready(low.symbol(expression))
    raise UnsupportedError(
        f"the class {type(expression).__name__} is none of SymPy's",
        suggestion="write its formula in its place, with .rewrite or .subs",
    )


# --- functions that only SymPy knows -----------------------------------------------------------


def _lower_onto(builder: Builder, expression: Any, bound: Mapping[Any, int]) -> int:
    """Lower a derivative of SymPy's, its symbols bound to lines."""
    return Lowering(builder, _steps).inside(bound).lower(expression)


def make_operation(name: str) -> Operation:
    """The record of a function of SymPy's, from the record's name, such as `sympy_Si`.

    Raises:
        KeyError: where there is none.
    """
    return make_record(name, _lower_onto)
