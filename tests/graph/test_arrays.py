"""Lines of a graph hold arrays: what the rules, the passes and the identities make of that."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from symdiff.derive.reverse import gradient
from symdiff.errors import ShapeError
from symdiff.graph.check import check
from symdiff.graph.graph import Graph
from symdiff.graph.node import BOOL, INT
from symdiff.graph.shape import named
from symdiff.ops.builder import Builder
from symdiff.ops.contraction import contracted
from symdiff.ops.control import where
from symdiff.ops.exponential import exp, sqrt
from symdiff.ops.handle import Handle
from symdiff.ops.indexing import flipped, indexed, slice_of, sliced
from symdiff.ops.joining import concatenated
from symdiff.ops.kinks import maximum
from symdiff.ops.reduction import broadcast_to, broadcast_together, sum_to, total
from symdiff.ops.registry import OPERATIONS
from symdiff.ops.rules import ALGEBRAIC, EXACT
from symdiff.ops.rules.table import Rules
from symdiff.ops.structural import reshaped, transposed
from symdiff.ops.trigonometric import tanh
from symdiff.optimize import optimize
from tests.evaluate import array_outputs

N = named("N")


def spread(s: Handle, x: Handle) -> Handle:
    """A number as an array."""
    return broadcast_to(s, x.shape)


FUNCTIONS: dict[str, Callable[[Handle, Handle], Handle]] = {
    "a sum of squares": lambda x, s: total(x**2.0) * s,
    "a mean square of a difference": lambda x, s: total((x - spread(s, x)) ** 2.0) / 3.0,
    "a nonlinearity": lambda x, s: total(tanh(2.0 * x) * x) + tanh(s),
    "branches": lambda x, s: total(where(x > 0.0, sqrt(x), 0.0)) + s,
    "a kink": lambda x, s: total(maximum(x, 0.5)) * s,
    "an input that is not used": lambda _, s: s * 2.0,
    "the same array twice": lambda x, s: contracted(x, x, "i,i->") * s,
    "neighbours": lambda x, s: total(sliced(x, 0, 1, 2) * sliced(x, 0, 0, 2)) * s,
    "back to front": lambda x, s: contracted(x, flipped(x, 0), "i,i->") * s,
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_gradients_of_arrays(name: str) -> None:
    builder = Builder(EXACT)
    inputs = [builder.input("x", (3,)), builder.input("s")]
    output = FUNCTIONS[name](*map(builder.handle, inputs))
    graph = builder.graph(inputs, [output.at], ["f"], 1)
    check(graph)
    derived = optimize(gradient(graph, ["x", "s"]))
    check(derived)
    x, s = np.array([0.7, -0.4, 1.3]), 0.9
    value, by_x, by_s = array_outputs(derived, {"x": x, "s": s})

    def f(x: Any, s: Any) -> float:
        return float(array_outputs(graph, {"x": x, "s": s})[0])

    assert value == pytest.approx(f(x, s))
    step = 1e-6
    differences = [(f(x + step * e, s) - f(x - step * e, s)) / (2 * step) for e in np.eye(3)]
    assert by_x == pytest.approx(np.array(differences), rel=1e-7, abs=1e-8)
    assert by_s == pytest.approx((f(x, s + step) - f(x, s - step)) / (2 * step), rel=1e-7)


def test_elementwise_operations_want_equal_shapes() -> None:
    builder = Builder(EXACT)
    x, s = builder.handle(builder.input("x", (3,))), builder.handle(builder.input("s"))
    with pytest.raises(ValueError, match="different shapes"):
        builder.make("add", (x.at, s.at))


def test_shapes_that_do_not_meet_are_refused() -> None:
    builder = Builder(EXACT)
    x, y = (builder.handle(builder.input(n, (k,))) for n, k in (("x", 3), ("y", 4)))
    with pytest.raises(ShapeError, match=r"\(3,\) and \(4,\) do not fit together"):
        broadcast_together(x, y)


# --- identities --------------------------------------------------------------------------------


def lines(rules: Rules, function: Callable[..., Handle], **shapes: Any) -> list[str]:
    """The operations that are left of a function."""
    builder = Builder(rules)
    inputs = [builder.input(name, shape) for name, shape in shapes.items()]
    output = function(*map(builder.handle, inputs))
    graph = builder.graph(inputs, [output.at], ["f"], 1)
    kept = graph.keep(graph.ancestors(graph.outputs))
    check(kept)
    return [node.op for node in kept if node.op != "input"]


def whole_of(x: Handle) -> Handle:
    return OPERATIONS["index"](x, params=(slice_of(x.shape, 0, 0, x.shape[0]),))


EXACT_ONES: list[tuple[Callable[..., Handle], list[str]]] = [
    (lambda x: transposed(transposed(x)), []),
    (lambda x: reshaped(reshaped(x, (12,)), (3, 4)), []),
    (lambda x: reshaped(reshaped(x, (12,)), (4, 3)), ["reshape"]),
    (lambda x: broadcast_to(broadcast_to(x, (2, 3, 4)), (5, 2, 3, 4)), ["broadcast"]),
    (whole_of, []),
    (lambda x: sliced(concatenated([x, exp(x)], 0), 0, 0, 3), []),
    (lambda x: sliced(concatenated([x, exp(x)], 0), 0, 1, 2), ["index"]),
    (lambda x: exp(broadcast_to(x, (2, 3, 4))), ["exp", "broadcast"]),
    (lambda x: x + 0.0 * x - x, ["constant", "multiply", "add", "subtract"]),
]


@pytest.mark.parametrize(("function", "left"), EXACT_ONES)
def test_exact_identities(function: Callable[..., Handle], left: list[str]) -> None:
    assert lines(EXACT, function, x=(3, 4)) == left


def test_a_write_that_is_written_over_is_gone() -> None:
    def twice(x: Handle, a: Handle, b: Handle) -> Handle:
        pattern = (slice_of(x.shape, 0, 1, 2),)
        put = OPERATIONS["put"]
        return put(put(x, a, params=pattern), b, params=pattern)

    assert lines(EXACT, twice, x=(4,), a=(2,), b=(2,)) == ["put"]


def test_a_write_is_read_back() -> None:
    def back(x: Handle, a: Handle) -> Handle:
        pattern = slice_of(x.shape, 0, 1, 2)
        return indexed(OPERATIONS["put"](x, a, params=(pattern,)), pattern)

    assert lines(EXACT, back, x=(4,), a=(2,)) == []


def test_what_was_not_written_is_read_beside_it() -> None:
    def beside(x: Handle, a: Handle) -> Handle:
        written = OPERATIONS["put"](x, a, params=(slice_of(x.shape, 0, 0, 2),))
        return sliced(written, 0, 2, 2)

    assert lines(EXACT, beside, x=(4,), a=(2,)) == ["index"]


def test_sums_of_constants_and_factors() -> None:
    assert lines(ALGEBRAIC, lambda x: total(3.0 * x), x=(3,)) == ["sum", "constant", "multiply"]
    builder = Builder(ALGEBRAIC)
    ones = builder.handle(builder.full(2.0, (3, 4)))
    assert total(ones).number == 24.0
    many = builder.handle(builder.full(2.0, (N, 4)))
    assert total(many).number is None


def test_sum_to_undoes_broadcast() -> None:
    builder = Builder(EXACT)
    t = builder.handle(builder.input("t", (2, 3, 4)))
    for shape in ((), (4,), (3, 1), (1, 1), (1, 3, 4), (2, 1, 4)):
        assert sum_to(t, shape).shape == shape


def test_named_lengths_meet_where_they_are_equal() -> None:
    builder = Builder(EXACT)
    x = builder.handle(builder.input("x", (N, 3)))
    y = builder.handle(builder.input("y", (3,)))
    assert [z.shape for z in broadcast_together(x, y)] == [(N, 3)] * 2
    assert sliced(x, 0, 0, N - 1).shape == (N - 1, 3)
    assert concatenated([x, x], 0).shape == (2 * N, 3)
    with pytest.raises(ShapeError):
        broadcast_together(x, builder.handle(builder.input("z", (named("M"), 3))))


def test_whole_numbers_keep_their_kind() -> None:
    builder = Builder(EXACT)
    i = builder.handle(builder.input("i", (3,), INT))
    x = builder.handle(builder.input("x", (3,)))
    assert (i + i).dtype == INT
    assert (i * x).dtype == "float64"
    assert (i < i).dtype == BOOL
    assert OPERATIONS["as_float64"](i).dtype == "float64"


def test_check_finds_a_line_that_no_argument_makes() -> None:
    builder = Builder(EXACT)
    x = builder.input("x", (3,))
    output = total(builder.handle(x))
    graph: Graph = builder.graph([x], [output.at], ["f"], 1)
    check(graph)
