"""Lines that hold arrays, read back as SymPy's matrix expressions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any  # SymPy has no types: an expression is `Any` here

from symdiff.frontend.sympy.expressions import (
    MARKS,
    Counter,
    IsDiagonal,
    Line,
    Repeated,
    made_of,
    rows_and_columns,
)
from symdiff.frontend.sympy.matrix_rules import RULES
from symdiff.graph.graph import Graph
from symdiff.graph.node import BOOL, CONSTANT, INPUT, Node
from symdiff.ops.registry import OPERATIONS

_LENGTHS = frozenset(("length", "as_float64"))

_OF_MARKS: dict[str, type] = {
    **dict.fromkeys(("reshape", "broadcast", "equal", "index"), Counter),
    "where": IsDiagonal,
}


def is_array(graph: Graph, node: Node) -> bool:
    """Whether a line or one of its arguments is an array, or the length of one."""
    return bool(node.shape) or any(graph[at].shape for at in node.args) or node.op in _LENGTHS


def array_line(graph: Graph, node: Node, args: list[Any], scalar: Callable[..., Any]) -> Any:
    """The expression of a line.

    Args:
        graph: the graph that the line stands in.
        node: the line.
        args: the expressions of its arguments.
        scalar: `(node, arguments)` to the expression of the line on numbers.

    Raises:
        UnsupportedError: naming an operation without a counterpart.
    """
    import sympy as sp

    line = Line(node, args, [graph[at].shape for at in node.args], frozenset(graph.input_names))
    if any(len(shape) > 2 for shape in (node.shape, *line.shapes)):
        line.refuse()
    if node.op == INPUT:
        return sp.MatrixSymbol(node.params[0], *rows_and_columns(node.shape))
    if node.op == CONSTANT:
        return Repeated(scalar(node, []))
    is_elementwise = OPERATIONS[node.op].is_elementwise
    if is_elementwise and args and all(isinstance(arg, Repeated) for arg in args):
        return Repeated(scalar(node, [arg.value for arg in args]))
    known = _OF_MARKS.get(node.op, ())
    if any(isinstance(arg, MARKS) and not isinstance(arg, known) for arg in args):
        line.refuse()
    rule = RULES.get(node.op)
    if rule is not None:
        return rule(line)
    if not is_elementwise:
        line.refuse()
    return _applied(line, scalar)


def _applied(line: Line, scalar: Callable[..., Any]) -> Any:
    """A function applied to each element of one matrix, its other arguments numbers."""
    import sympy as sp

    matrices = [arg for arg in line.args if not isinstance(arg, Repeated)]
    if line.node.dtype == BOOL or any(matrix is not matrices[0] for matrix in matrices):
        line.refuse()
    element = sp.Dummy("x", real=True)
    args = [arg.value if isinstance(arg, Repeated) else element for arg in line.args]
    body = scalar(line.node, args)
    function = sp.Basic.__new__(sp.Lambda, sp.Tuple(element), body)
    return made_of("ElementwiseApplyFunction", function, matrices[0])
