"""The Wengert list: what is shared, what is kept, and what is no legal graph."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given

from symdiff.errors import LimitError, Span
from symdiff.graph.check import check
from symdiff.graph.graph import Graph
from symdiff.graph.node import Node, constant_node, constant_value, is_exact_integer
from symdiff.ops.builder import Builder
from symdiff.ops.registry import OPERATIONS
from symdiff.ops.rules import EXACT
from tests.strategies import examples, graphs

COMMUTATIVE = [name for name, record in OPERATIONS.items() if record.commutative]


@pytest.fixture
def graph() -> Graph:
    """F = x*y + sin(x), with a dead line between."""
    builder = Builder(EXACT)
    x, y = (builder.handle(builder.input(name)) for name in "xy")
    builder.span = Span(0, 3)
    product = x * y
    builder.span = None
    OPERATIONS["cos"](y)
    result = product + OPERATIONS["sin"](x)
    builder.hints[product.at] = "product"
    return builder.graph([x.at, y.at], [result.at], ["f"], primal=1)


# --- sharing -----------------------------------------------------------------------------------


def test_equal_lines_are_one() -> None:
    builder = Builder(EXACT)
    x = builder.input("x")
    assert builder.make("sin", (x,)) == builder.make("sin", (x,))
    assert builder.input("x") == x
    assert len(builder.nodes) == 2


@pytest.mark.parametrize("op", COMMUTATIVE)
def test_commutative_operations_share_one_line(op: str) -> None:
    builder = Builder(EXACT)
    x, y = builder.input("x"), builder.input("y")
    first = builder.make(op, (y, x))
    assert builder.make(op, (x, y)) == first
    assert builder.nodes[first].args == (y, x)  # as the first one was written
    again = Builder(EXACT, builder.graph([x, y], [first], ["f"], primal=1))
    assert again.make(op, (x, y)) == first


@pytest.mark.parametrize("op", ["subtract", "divide", "less", "power", "arctan2"])
def test_other_operations_keep_their_order(op: str) -> None:
    builder = Builder(EXACT)
    x, y = builder.input("x"), builder.input("y")
    assert builder.make(op, (x, y)) != builder.make(op, (y, x))


def test_parameters_belong_to_the_key() -> None:
    builder = Builder(EXACT)
    x = builder.input("x")
    assert builder.make("jv", (x,), (0,)) != builder.make("jv", (x,), (1,))


def test_constants_are_keyed_by_their_bits() -> None:
    """In Python 0.0 == -0.0 == False, 1 == 1.0 == True, and NaN is not NaN."""
    builder = Builder(EXACT)
    zero, minus_zero, nan = (builder.constant(x) for x in (0.0, -0.0, math.nan))
    assert len({zero, minus_zero, nan}) == 3
    assert builder.constant(math.nan) == nan
    assert builder.constant(-0.0) == minus_zero
    assert builder.constant(True) == builder.constant(1) == builder.constant(1.0)


@pytest.mark.parametrize("value", [0.0, -0.0, 0.1, -1.5, 5e-324, 1e300, math.inf, -math.inf])
def test_constant_keeps_its_value(value: float) -> None:
    found = constant_value(constant_node(value))
    assert found == value
    assert math.copysign(1.0, found) == math.copysign(1.0, value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [(3.0, True), (-0.0, True), (2.0**53, True), (2.0**54, False), (0.5, False), (math.inf, False),
     (math.nan, False)],
)  # fmt: skip
def test_is_exact_integer(value: float, expected: bool) -> None:
    assert is_exact_integer(value) is expected


def test_limit_of_lines() -> None:
    builder = Builder(EXACT, limit=2)
    x = builder.input("x")
    builder.make("sin", (x,))
    with pytest.raises(LimitError, match="2 operations"):
        builder.make("cos", (x,))


# --- reading -----------------------------------------------------------------------------------


def test_a_builder_goes_on_from_a_graph(graph: Graph) -> None:
    builder = Builder(EXACT, graph)
    assert builder.nodes == graph.nodes
    assert builder.make("sin", (0,)) == graph.nodes.index(Node("sin", (0,)))


def test_ancestors_are_what_a_line_needs(graph: Graph) -> None:
    needed = [
        graph[p].op for p, is_needed in enumerate(graph.ancestors(graph.outputs)) if is_needed
    ]
    assert needed == ["input", "input", "multiply", "sin", "add"]
    assert sum(graph.ancestors([graph.inputs[0]])) == 1


def test_keep_renumbers_lines_spans_and_hints(graph: Graph) -> None:
    kept = graph.keep(graph.ancestors(graph.outputs))
    check(kept)
    assert [node.op for node in kept] == ["input", "input", "multiply", "sin", "add"]
    assert kept.hints == {2: "product"}
    assert kept.spans == {2: Span(0, 3)}
    assert kept[kept.outputs[0]].args == (2, 3)


def test_keep_leaves_inputs_that_nothing_needs() -> None:
    builder = Builder(EXACT)
    x, y = builder.input("x"), builder.input("y")
    graph = builder.graph([x, y], [y], ["f"], primal=1)
    assert graph.keep(graph.ancestors(graph.outputs)).input_names == ("x", "y")


def test_uses_counts_arguments_and_outputs(graph: Graph) -> None:
    uses = graph.uses()
    assert [uses[p] for p in graph.inputs] == [2, 2]
    assert uses[graph.outputs[0]] == 1


def test_ops_counts_neither_inputs_nor_constants(graph: Graph) -> None:
    assert graph.ops == 4


def test_select_counts_the_primal_outputs(graph: Graph) -> None:
    two = replace(graph, outputs=(2, 3), output_names=("a", "b"), primal=1)
    assert two.select([1]).output_names == ("b",)
    assert two.select([1]).primal == 0
    assert two.select([0]).primal == 1


@examples(50)
@given(graph=graphs())
def test_random_graphs_are_legal(graph: Graph) -> None:
    check(graph)


# --- what is not legal -------------------------------------------------------------------------

X, Y = Node("input", (), ("x",)), Node("input", (), ("y",))


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"nodes": [X, Node("sin", (1,))]}, "later line"),
        ({"nodes": [X, Node("sin", (-1,))]}, "later line"),
        ({"nodes": [X, Node("sin", (0,)), Node("sin", (0,))]}, "twice"),
        ({"nodes": [X, Node("sin", (0,)), Y]}, "does not list"),
        ({"nodes": [X, Node("sin", (0,), (), (), "int8")]}, "dtype"),
        ({"nodes": [X, Node("constant", (0,), ("0x0.0p+0",))]}, "leaf"),
        ({"outputs": (7,)}, "outside"),
        ({"inputs": (1,)}, "does not list"),
        ({"output_names": ("f", "g")}, "differ in number"),
        ({"primal": 2}, "primal"),
        ({"hints": {9: "far"}}, "outside"),
    ],
)
def test_check_refuses(changed: dict[str, object], message: str) -> None:
    legal = Graph([X, Node("sin", (0,))], (0,), (1,), ("f",), 1)
    check(legal)
    with pytest.raises(ValueError, match=message):
        check(replace(legal, **changed))  # type: ignore[arg-type]


# --- what a finished graph holds -----------------------------------------------------------------


def test_finished_graph_does_not_grow() -> None:
    builder = Builder(EXACT)
    x = builder.handle(builder.input("x"))
    made = builder.graph([x.at], [x.at], ["f"], primal=1)
    builder.span = Span(0, 3)
    line = OPERATIONS["sin"](x)
    builder.hints[line.at], builder.derived[line.at] = "y", "y_dot"
    assert len(made) == 1
    assert [made.spans, made.hints, made.derived] == [{}, {}, {}]
    check(made)


def test_name_of_the_user_goes_before_that_of_the_derivation(graph: Graph) -> None:
    product, dead = 2, 3
    named = replace(graph, derived={product: "product_bar", dead: "y_dot"})
    assert named.name_of(product, "v") == "product"
    assert named.name_of(dead, "v") == "y_dot"
    assert named.name_of(0, "v") == "v"
    kept = named.keep(named.ancestors(named.outputs))
    assert list(kept.hints.values()) == ["product"]
    assert list(kept.derived.values()) == ["product_bar"]
