"""Graphs read back as SymPy expressions: the way out by the border that `sympy.py` enters."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from typing import Any  # SymPy has no types: an expression is `Any` here

from symdiff.errors import LimitError, UnsupportedError
from symdiff.frontend.sympy.expressions import FLAT_LENGTH, as_matrix
from symdiff.frontend.sympy.matrices_back import array_line, is_array
from symdiff.frontend.sympy.numbers import number
from symdiff.graph.graph import Graph
from symdiff.graph.node import CONSTANT, INPUT, Node, constant_value
from symdiff.ops.operation import Loop, Operation
from symdiff.ops.registry import OPERATIONS


def read_back(
    graph: Graph, library: Any, missing: Callable[[Operation, list[Any]], Any]
) -> list[Any]:
    """An expression for each output, a matrix where it is an array.

    Args:
        graph: the graph.
        library: `sympy` itself, which evaluates, or an `Unevaluated`.
        missing: what stands for an operation that SymPy lacks; takes its record and arguments.

    Raises:
        LimitError: where the graph is too deep for SymPy to hold.
    """

    def scalar(node: Node, args: list[Any]) -> Any:
        return _scalar(node, args, library, missing)

    lines: list[Any] = []
    needed = graph.ancestors(graph.outputs)
    try:
        for position, node in enumerate(graph.nodes):
            if not needed[position]:
                lines.append(None)
                continue
            args = [lines[argument] for argument in node.args]
            if is_array(graph, node):
                lines.append(array_line(graph, node, args, scalar))
            else:
                lines.append(scalar(node, args))
    except RecursionError:
        raise LimitError("the formula is too deep for SymPy") from None
    return [as_matrix(lines[position], graph[position].shape) for position in graph.outputs]


def _scalar(node: Node, args: list[Any], library: Any, missing: Callable[..., Any]) -> Any:
    if node.op == INPUT:
        return library.Symbol(node.params[0], real=True)
    if node.op == CONSTANT:
        return number(constant_value(node))
    record = OPERATIONS[node.op]
    if isinstance(record.derivative, Loop):  # its name alone would not say what is repeated
        return lacking(record, args)
    if not record.sympy:
        return missing(record, args)
    params = [number(param) for param in node.params]
    if isinstance(record.sympy, str):
        return getattr(library, record.sympy)(*params, *args)
    return record.sympy(library, *params, *args)


def lacking(record: Operation, _: list[Any]) -> Any:
    """Refuse an operation that SymPy lacks, by name.

    Raises:
        UnsupportedError: always.
    """
    raise UnsupportedError(f"SymPy has no counterpart of the operation '{record.name}'")


class Unevaluated:
    """SymPy's functions and classes, called so that nothing is evaluated.

    Evaluating walks whole expressions: on a shared graph it takes exponential time, on a deep one
    it overflows the stack. It would also change what was written.
    """

    def __getattr__(self, name: str) -> Any:
        import sympy as sp

        made = getattr(sp, name)
        evaluates = made is sp.sqrt or (
            isinstance(made, type)
            and issubclass(made, sp.Basic)
            and not issubclass(made, (sp.Atom, sp.Piecewise))
        )
        member = partial(made, evaluate=False) if evaluates else made
        setattr(self, name, member)  # found without this method from now on
        return member

    def Add(self, a: Any, b: Any) -> Any:  # noqa: N802  # SymPy's name
        """A sum; a sum on the left is gone on with, which is the same from left to right."""
        import sympy as sp

        if sp.nan in (a, b):
            return sp.nan
        return sp.Add(*_parts(sp.Add, a), b, evaluate=False)

    def Pow(self, base: Any, exponent: Any) -> Any:  # noqa: N802
        """A power; one over a power is a power with the other sign."""
        import sympy as sp

        base = sp.sympify(base)
        if exponent == -1 and base.is_Pow and base.exp.is_Number and base.exp.is_positive:
            return sp.Pow(base.base, -base.exp, evaluate=False)
        return sp.Pow(base, exponent, evaluate=False)

    def Mul(self, a: Any, b: Any) -> Any:  # noqa: N802
        """A product; a product on the left is gone on with, unless it is a quotient."""
        import sympy as sp

        a, b = sp.sympify(a), sp.sympify(b)
        if sp.nan in (a, b):
            return sp.nan
        if a is sp.S.NegativeOne and b.is_Number:
            return -b
        left = _parts(sp.Mul, a)
        if any(map(_is_inverse, left)):
            left = (a,)
        if not _is_inverse(b):
            return sp.Mul(*left, b, evaluate=False)
        if a is sp.S.One:
            return b
        below = _parts(sp.Mul, b.base)
        if len(below) == 1 or any(map(_is_inverse, below)):
            return sp.Mul(*left, b, evaluate=False)
        inverses = [sp.Pow(part, -1, evaluate=False) for part in below]
        return sp.Mul(*left, *inverses, evaluate=False)

    def Piecewise(self, *pairs: tuple[Any, Any]) -> Any:  # noqa: N802
        """A choice. SymPy's constructor would search the conditions, as far as they reach."""
        import sympy as sp

        made = [
            sp.Basic.__new__(
                _pair(has_nan=value is sp.nan), sp.sympify(value), sp.sympify(condition)
            )
            for value, condition in pairs
        ]
        return sp.Basic.__new__(sp.Piecewise, *made)


@cache
def _pair(*, has_nan: bool) -> Any:
    """The class of a value and its condition. Printers sort, and SymPy compares no NaN."""
    import sympy as sp
    from sympy.functions.elementary.piecewise import ExprCondPair

    class Pair(ExprCondPair):  # type: ignore[misc]  # SymPy has no types
        def sort_key(self, order: Any = None) -> tuple[Any, ...]:  # noqa: ARG002  # SymPy's name
            return self.class_key(), (0, ()), sp.S.One.sort_key(), sp.S.One

    return Pair if has_nan else ExprCondPair


def _parts(kind: Any, expression: Any) -> tuple[Any, ...]:
    """The parts of a short sum or product, else the expression alone."""
    is_short = isinstance(expression, kind) and len(expression.args) < FLAT_LENGTH
    return tuple(expression.args) if is_short else (expression,)


def _is_inverse(expression: Any) -> bool:
    exponent = expression.exp if expression.is_Pow else None
    return bool(exponent is not None and exponent.is_Number and exponent.is_negative)
