"""Derivatives inside of a formula: `derivative(f, x)`, by an input.

How a derivative is made stands in `symdiff.routines`, which enters it here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from symdiff.errors import ShapeError, UnsupportedError
from symdiff.frontend.tracing.running import is_inner
from symdiff.graph.graph import Graph
from symdiff.graph.nested import pruned
from symdiff.graph.node import FLOAT, INPUT
from symdiff.ops.builder import Builder
from symdiff.ops.handle import Handle

# Takes the lines so far, a function of one output, an input's name, and the lines for all inputs.
Derive = Callable[[Builder, Graph, str, Sequence[Handle]], Handle]
DERIVE: list[Derive] = []


def derivative(builder: Builder, f: Handle, x: Handle) -> Handle:
    """The derivative of a line by an input, other inputs held fixed.

    Args:
        builder: holds the lines.
        f: the function, of any shape where the input is a number, else a number.
        x: the input.

    Returns:
        A line of the shape of the one of the two that is an array.

    Raises:
        UnsupportedError: where `x` is no input of real numbers, `f` has no derivative, or both
            stand inside of a loop or a branch, where the lines that lead to them are not known.
        ShapeError: where both are arrays.
    """
    if is_inner(builder):
        raise UnsupportedError(
            "a derivative inside of a loop or branch is not supported",
            suggestion="give it a name before the loop, or ask for the derivative by a verb",
        )
    if builder.nodes[x.at].op != INPUT or x.dtype != FLOAT:
        raise UnsupportedError(
            "a derivative is by an input that holds real numbers, and this is none",
            suggestion="write derivative(x**2*y, x)",
        )
    if f.shape and x.shape:
        raise ShapeError(
            "the derivative of an array by an array is a matrix, which a formula has no words for",
            suggestion="ask for the verb jacobian",
        )
    inputs = [at for at, node in enumerate(builder.nodes) if node.op == INPUT]
    graph = pruned(builder.graph(inputs, [f.at], ["f"], 1))
    name = graph.input_names[inputs.index(x.at)]
    (derive,) = DERIVE
    return derive(builder, graph, name, [builder.handle(at) for at in inputs])
