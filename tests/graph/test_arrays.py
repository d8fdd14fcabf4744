"""Lines of a graph hold arrays: what the elementwise operations, rules and passes need for that.

The two records here stand for the reductions and broadcasts that are to come.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from symdiff.derive.reverse import gradient
from symdiff.graph.check import check
from symdiff.graph.graph import Graph
from symdiff.graph.node import CONSTANT, INPUT, constant_value
from symdiff.graph.shape import Shape
from symdiff.ops.builder import Builder
from symdiff.ops.control import where
from symdiff.ops.elementwise import maximum, sqrt, tanh
from symdiff.ops.identities import EXACT
from symdiff.ops.operation import Linear, Operation, function
from symdiff.ops.registry import register
from symdiff.optimize import optimize


def to_scalar(shapes: Sequence[Shape], params: tuple[Any, ...]) -> Shape:
    return ()


def to_given(shapes: Sequence[Shape], params: tuple[Any, ...]) -> Shape:
    return params


total = register(
    Operation(
        "test_total",
        "The sum of all elements.",
        1,
        Linear(lambda t, x: (spread(t, params=x.shape),)),
        spelling={"numpy": function("np.sum")},
        shape=to_scalar,
    )
)
spread = register(
    Operation(
        "test_spread",
        "A number as an array.",
        1,
        Linear(lambda t, x: (total(t),)),
        spelling={"numpy": function("np.full")},
        shape=to_given,
    )
)


def evaluate(graph: Graph, values: dict[str, np.ndarray]) -> list[np.ndarray]:
    lines = []
    for node in graph.nodes:
        args = [lines[argument] for argument in node.args]
        if node.op == INPUT:
            lines.append(np.asarray(values[node.params[0]]))
        elif node.op == CONSTANT:
            lines.append(np.full(node.shape, constant_value(node)))
        elif node.op == "test_total":
            lines.append(np.sum(args[0]))
        elif node.op == "test_spread":
            lines.append(np.full(node.params, args[0]))
        else:
            lines.append(getattr(np, {"negate": "negative"}.get(node.op, node.op))(*args))
        assert np.shape(lines[-1]) == node.shape, node
    return [lines[output] for output in graph.outputs]


FUNCTIONS = {
    "a sum of squares": lambda x, s: total(x**2.0) * s,
    "a mean square of a difference": lambda x, s: (
        total((x - spread(s, params=x.shape)) ** 2.0) / 3.0
    ),
    "a nonlinearity": lambda x, s: total(tanh(2.0 * x) * x) + tanh(s),
    "branches": lambda x, s: total(where(x > 0.0, sqrt(x), 0.0)) + s,
    "a kink": lambda x, s: total(maximum(x, 0.5)) * s,
    "an input that is not used": lambda x, s: s * 2.0,
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_gradients_of_arrays(name):
    builder = Builder(EXACT)
    inputs = [builder.input("x", (3,)), builder.input("s")]
    output = FUNCTIONS[name](*map(builder.handle, inputs))
    graph = builder.graph(inputs, [output.at], ["f"], 1)
    check(graph)
    derived = optimize(gradient(graph, ["x", "s"]))
    check(derived)
    x, s = np.array([0.7, -0.4, 1.3]), 0.9
    value, by_x, by_s = evaluate(derived, {"x": x, "s": s})

    def f(x, s):
        return evaluate(graph, {"x": x, "s": s})[0]

    with np.errstate(invalid="ignore"):
        assert value == pytest.approx(f(x, s))
        step = 1e-6
        differences = [(f(x + step * e, s) - f(x - step * e, s)) / (2 * step) for e in np.eye(3)]
        assert by_x == pytest.approx(differences, rel=1e-7, abs=1e-8)
        assert by_s == pytest.approx((f(x, s + step) - f(x, s - step)) / (2 * step), rel=1e-7)


def test_elementwise_operations_want_equal_shapes():
    builder = Builder(EXACT)
    x, s = builder.handle(builder.input("x", (3,))), builder.handle(builder.input("s"))
    with pytest.raises(ValueError, match="different shapes"):
        _ = x + s
