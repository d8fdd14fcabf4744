"""Forward mode against reverse mode, rule by rule and on random functions, and against itself."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import symdiff as sd
from symdiff.derive.forward import jvp, push_forward, tangent_names
from symdiff.derive.reverse import gradient
from symdiff.errors import UnsupportedError
from symdiff.graph.check import check
from symdiff.graph.graph import Graph
from symdiff.graph.node import CONSTANT, FLOAT, constant_value
from symdiff.graph.shape import named
from symdiff.ops.builder import Builder
from symdiff.ops.operation import Flat
from symdiff.ops.reduction import total
from symdiff.ops.registry import OPERATIONS
from symdiff.ops.rules import ALGEBRAIC, EXACT
from symdiff.optimize import optimize
from tests.evaluate import array_outputs, array_tolerances
from tests.ops import test_operations as scalars
from tests.ops.array_rows import ARRAY_BY_NAME, ArrayRow, Variant
from tests.ops.complex_rows import COMPLEX_BY_NAME
from tests.ops.rows import BY_NAME, OF_GRAPHS, OF_USERS
from tests.ops.test_array_operations import cases, drawn, ridders, wrt_of
from tests.ops.test_array_operations import graph_of as array_graph_of
from tests.strategies import COORDINATES, array_graphs, array_points, examples, graphs

EPSILON = 2.0**-52
LARGEST = 1e6  # of a derivative: beyond, rounding is all that can be seen

differentiable = {
    name for name, record in OPERATIONS.items() if not isinstance(record.derivative, Flat)
}


def directions(
    names: tuple[str, ...], values: Mapping[str, Any], seed: int = 5
) -> dict[str, np.ndarray]:
    """A random tangent for each of the inputs."""
    rng = np.random.default_rng(seed)
    return {name: rng.normal(size=np.shape(values[name])) for name in names}


def dotted(directions: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The directions as values of the tangents' inputs."""
    return {f"{name}_dot": t for name, t in directions.items()}


# --- every rule: <u, J t> = <J' u, t> ----------------------------------------------------------


def test_every_record_has_a_row_to_be_tried_with() -> None:
    rows = {*BY_NAME, *ARRAY_BY_NAME, *COMPLEX_BY_NAME}  # the last ones in a test of their own
    assert set(OPERATIONS) <= rows | OF_USERS | OF_GRAPHS


def assert_transposed(
    graph: Graph, values: dict[str, Any], wrt: tuple[str, ...], ulps: float
) -> None:
    """The inner products of forward and reverse mode are the same for an output of any shape."""
    forward = jvp(graph, wrt)
    check(forward)
    t = directions(wrt, values)
    _, tangent = array_outputs(forward, {**values, **dotted(t)})
    u = np.random.default_rng(7).normal(size=tangent.shape)
    builder = Builder(EXACT, graph)
    weights = builder.handle(builder.input("w", graph[graph.outputs[0]].shape))
    weighted = total(weights * builder.handle(graph.outputs[0]))
    inputs = (*graph.inputs, weights.at)
    backward = gradient(builder.graph(inputs, [weighted.at], ["f"], primal=1), wrt)
    _, *cotangents = array_outputs(backward, {**values, "w": u})
    left = u * tangent
    right = [g * t[name] for g, name in zip(cotangents, wrt, strict=True)]
    size = np.sum(np.abs(left)) + sum(np.sum(np.abs(part)) for part in right)
    assert abs(np.sum(left) - sum(np.sum(part) for part in right)) <= 16 * ulps * EPSILON * size


@pytest.mark.parametrize("name", [name for name in BY_NAME if name in differentiable])
def test_scalar_rule_is_the_transpose_of_the_reverse(name: str) -> None:
    row = BY_NAME[name]
    graph = scalars.graph_of(row)
    for point in scalars.points_of(row):
        values = {f"x{i}": np.asarray(x) for i, x in enumerate(point)}
        assert_transposed(graph, values, scalars.wrt_of(row), row.value_ulps)


@cases(chosen=lambda row: row.name in differentiable)
def test_array_rule_is_the_transpose_of_the_reverse(row: ArrayRow, variant: Variant) -> None:
    values = {f"x{i}": x for i, x in enumerate(drawn(row, variant))}
    graph = array_graph_of(row, variant)
    if graph[graph.outputs[0]].dtype != FLOAT or not wrt_of(variant):
        return
    ulps = row.ulps if row.name != "as_float32" else 2.0**29
    assert_transposed(graph, values, wrt_of(variant), 4 * ulps)
    for name in wrt_of(variant):
        assert_transposed(graph, values, (name,), 4 * ulps)


@pytest.mark.spread(2)
@cases("differences", chosen=lambda row: row.name in differentiable)
def test_array_rule_is_that_of_differences(row: ArrayRow, variant: Variant) -> None:
    args = drawn(row, variant)
    graph, wrt = array_graph_of(row, variant), wrt_of(variant)
    if graph[graph.outputs[0]].dtype != FLOAT:
        return
    values = {f"x{i}": x for i, x in enumerate(args)}
    t = directions(wrt, values)
    got = array_outputs(jvp(graph, wrt), {**values, **dotted(t)})[1]
    u = np.random.default_rng(7).normal(size=got.shape)

    def along(h: float) -> float:
        given = [x + h * t[name] if (name := f"x{i}") in t else x for i, x in enumerate(args)]
        return float(np.sum(u * row.oracle(*given, *variant.params)))

    wanted, error = ridders(along, 0.01)
    size = np.sum(np.abs(u)) * (1.0 + max(np.max(np.abs(x), initial=0.0) for x in args))
    allowed = 4 * error + 4 * row.ulps * EPSILON * size / (0.01 / 2**7)
    assert abs(np.sum(u * got) - wanted) <= allowed


@pytest.mark.parametrize(
    "name", [name for name, row in BY_NAME.items() if name not in differentiable]
)
def test_flat_scalar_rule_is_a_constant_zero(name: str) -> None:
    made = jvp(scalars.graph_of(BY_NAME[name]), scalars.wrt_of(BY_NAME[name]))
    node = made[made.outputs[1]]
    assert (node.op, constant_value(node)) == (CONSTANT, 0.0)


# --- random functions --------------------------------------------------------------------------


def assert_modes_agree(graph: Graph, values: dict[str, Any]) -> None:
    """The tangent along random directions is that of the gradient, within rounding."""
    wrt = graph.input_names
    forward, backward = jvp(graph, wrt), gradient(graph, wrt)
    check(forward)
    assert forward.nodes[: len(graph)] == graph.nodes
    t = directions(wrt, values)
    given = {**values, **dotted(t)}
    of_value, found = array_outputs(forward, given)
    value, *cotangents = array_outputs(backward, values)
    np.testing.assert_array_equal(of_value, value)
    parts = [np.sum(g * t[name]) for g, name in zip(cotangents, wrt, strict=True)]
    assume(all(np.isfinite(g).all() and np.max(np.abs(g), initial=0.0) < LARGEST
               for g in cotangents))  # fmt: skip
    bounds = [
        bound * np.sum(np.abs(t[name]))
        for bound, name in zip(array_tolerances(backward, values)[1:], wrt, strict=True)
    ]
    allowed = array_tolerances(forward, given)[1] + sum(bounds)
    size = sum(np.sum(np.abs(g * t[n])) for g, n in zip(cotangents, wrt, strict=True))
    assert abs(found - sum(parts)) <= allowed + 16.0 * EPSILON * size


@examples(200)
@given(data=st.data())
def test_modes_agree_on_scalars(data: Any) -> None:
    graph = data.draw(graphs())
    values = {name: np.asarray(data.draw(COORDINATES)) for name in graph.input_names}
    assert_modes_agree(graph, values)


@examples(150)
@given(data=st.data())
def test_modes_agree_on_arrays(data: Any) -> None:
    graph = data.draw(array_graphs())
    assert_modes_agree(graph, data.draw(array_points(graph)))


@examples(60)
@given(data=st.data())
def test_tangents_survive_the_passes(data: Any) -> None:
    graph = data.draw(array_graphs())
    point = data.draw(array_points(graph))
    made = jvp(graph, graph.input_names)
    given = {**point, **dotted(directions(graph.input_names, point))}
    wanted = array_outputs(made, given)[1]
    assume(np.isfinite(wanted) and abs(wanted) < LARGEST)
    got = array_outputs(optimize(made), given)[1]
    allowed = array_tolerances(made, given)[1] + array_tolerances(optimize(made), given)[1]
    assert abs(got - wanted) <= allowed


# --- second order ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "point"),
    [
        ("exp(x*y)*sin(x) + y**3/x", (0.7, -0.4)),
        ("log(1 + exp(x*y)) + tanh(x)*y", (1.2, 0.3)),
        ("max(x, y)**2 + where(x > 0, sqrt(x), 0)*y", (1.5, 0.25)),
    ],
)
def test_forward_over_forward_is_forward_over_reverse(
    text: str, point: tuple[float, float]
) -> None:
    graph = sd.function(text).graph
    names = graph.input_names
    values = dict(zip(names, map(np.asarray, point), strict=True))
    first = jvp(graph, names)
    twice = jvp(first, names)
    check(twice)
    added = dict(zip(names, twice.input_names[len(first.inputs) :], strict=True))
    slopes = gradient(graph, names)
    hessian_times = jvp(slopes, names)
    check(hessian_times)
    t, u = directions(names, values, 1), directions(names, values, 2)
    inputs = {**values, **dotted(t), **{added[name]: u[name] for name in names}}
    wanted = array_outputs(hessian_times, {**values, **dotted(u)})[len(slopes.outputs) + 1 :]
    expected = sum(t[name] * h for name, h in zip(names, wanted, strict=True))
    assert array_outputs(twice, inputs)[-1] == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("name", ["eigenvectors", "svd_left", "cholesky", "qr_orthogonal", "det"])
def test_tangents_of_cotangents_are_those_of_differences(name: str) -> None:
    """Forward over reverse through linear algebra."""
    row = ARRAY_BY_NAME[name]
    variant = row.variants[0]
    (a,) = drawn(row, variant)
    graph = array_graph_of(row, variant, weighted=True)
    slopes = gradient(graph, ("x0",))
    made = jvp(slopes, ("x0",))
    check(made)
    w = np.random.default_rng(7).normal(size=slopes[graph.inputs[1]].shape)
    t = directions(("x0",), {"x0": a})["x0"]
    got = array_outputs(made, {"x0": a, "w": w, "x0_dot": t})[-1]
    u = np.random.default_rng(3).normal(size=got.shape)

    def along(h: float) -> float:
        return float(np.sum(u * array_outputs(slopes, {"x0": a + h * t, "w": w})[1]))

    wanted, error = ridders(along, 0.01)
    assert abs(np.sum(u * got) - wanted) <= 4 * error + 1e-8


# --- branches, kinks, and what has no tangent --------------------------------------------------


@pytest.mark.parametrize(
    ("text", "x", "slope"),
    [
        ("where(x > 0, log(x), 0)", -1.0, 0.0),
        ("where(x > 0, log(x), 0)", 0.0, 0.0),
        ("where(x > 0, sqrt(x)*log(x), x)", -4.0, 1.0),
        ("where(x > 0, sqrt(x), 0)", 0.0, 0.0),
        ("where(x < 1, x**2, arccosh(x))", 0.5, 1.0),
        ("where(x > 0, where(x > 1, sqrt(x - 1), 3*x), 0)", 0.5, 3.0),
        ("where(x > 0, 1/x, 0)*2", 0.0, 0.0),
        ("max(x, where(x > 0, sqrt(x), 0))", -1.0, 0.0),
        ("log(1 + exp(x))", 1000.0, 1.0),
    ],
)
def test_branch_that_is_not_taken_leaks_nothing(text: str, x: float, slope: float) -> None:
    made = jvp(sd.function(text).graph, ("x",))
    for graph in (made, optimize(made)):
        values = {"x": np.asarray(x), "x_dot": np.asarray(1.0)}
        assert array_outputs(graph, values)[1] == slope


@pytest.mark.parametrize(
    ("name", "point"),
    [(name, point) for name, row in BY_NAME.items() for point in row.kinks],
)
def test_kink_is_as_stated(name: str, point: tuple[float, ...]) -> None:
    row = BY_NAME[name]
    values = {f"x{i}": np.asarray(x) for i, x in enumerate(point)}
    for one in scalars.wrt_of(row):
        made = jvp(scalars.graph_of(row), (one,))
        found = array_outputs(made, {**values, f"{one}_dot": np.asarray(1.0)})[1]
        stated = row.kinks[point][int(one[1:])]
        assert float(found) == pytest.approx(stated, rel=4 * EPSILON, abs=0.0, nan_ok=True)


EDGES = [
    pytest.param(row, edge, id=f"{row.name}-{number}")
    for row in ARRAY_BY_NAME.values()
    for number, edge in enumerate(row.edges)
    if edge.gradient is not None and row.name in differentiable
]


@pytest.mark.parametrize(("row", "edge"), EDGES)
def test_edge_is_as_stated(row: ArrayRow, edge: Any) -> None:
    """Ties, zeros, singular matrices and empty arrays: along any direction, as the gradient."""
    args = [np.asarray(x) for x in edge.args]
    letters = {"f": FLOAT, "i": "int64", "b": "bool"}
    kinds = tuple(letters[x.dtype.kind] for x in args)
    variant = Variant(tuple(x.shape for x in args), edge.params, kinds)
    wrt = wrt_of(variant)
    values = {f"x{i}": x for i, x in enumerate(args)}
    t = directions(wrt, values)
    made = jvp(array_graph_of(row, variant), wrt)
    check(made)
    tangent = array_outputs(made, {**values, **dotted(t)})[1]
    wanted = sum(
        np.sum(np.asarray(g) * t[name]) for g, name in zip(edge.gradient, wrt, strict=True)
    )
    assert np.sum(edge.weights * tangent) == pytest.approx(wanted, rel=1e-12, abs=1e-12)


def test_a_share_is_linear_in_what_it_shares_alone() -> None:
    b = Builder(EXACT)
    t, x, y = (b.handle(b.input(name)) for name in "txy")
    share = OPERATIONS["share"](t, x < y, OPERATIONS["equal"](x, y))
    graph = b.graph([t.at, x.at, y.at], [share.at], ["f"], primal=1)
    made = jvp(graph, ("x", "y"))
    assert constant_value(made[made.outputs[1]]) == 0.0
    values = {name: np.asarray(v) for name, v in {"t": 5.0, "x": 2.0, "y": 1.0}.items()}
    tangents = {"t_dot": np.asarray(7.0), "x_dot": np.asarray(9.0)}
    assert array_outputs(jvp(graph, ("t", "x")), {**values, **tangents})[1] == 7.0


def test_whole_numbers_beside_numbers_have_no_tangent() -> None:
    b = Builder(EXACT)
    x, n = b.handle(b.input("x")), b.handle(b.input("n", (), "int64"))
    graph = b.graph([x.at, n.at], [(x + n).at], ["f"], primal=1)
    values = {"x": np.asarray(1.5), "n": np.asarray(4), "x_dot": np.asarray(2.0)}
    assert array_outputs(jvp(graph, ("x",)), values)[1] == 2.0
    with pytest.raises(UnsupportedError, match="'n' holds no real numbers"):
        jvp(graph, ("n",))


def test_refused_derivative_is_refused_only_where_it_is_needed() -> None:
    graph = sd.function("gammainc(a, x)").graph
    assert array_outputs(
        jvp(graph, ("x",)),
        {"a": np.asarray(2.0), "x": np.asarray(3.0), "x_dot": np.asarray(1.0)},
    )[1] == pytest.approx(3.0 * np.exp(-3.0))
    with pytest.raises(UnsupportedError, match="no closed form"):
        jvp(graph, ("a",))


def test_product_along_a_named_length_is_refused() -> None:
    b = Builder(EXACT)
    x = b.handle(b.input("x", (named("N"),)))
    y = OPERATIONS["cumprod"](x, params=(0,))
    with pytest.raises(UnsupportedError, match="named dimension N"):
        jvp(b.graph([x.at], [y.at], ["f"], primal=1), ("x",))


# --- structure ---------------------------------------------------------------------------------


def test_names_that_are_taken_are_counted_on() -> None:
    assert tangent_names(("x", "y"), ("x", "y", "x_dot")) == ["x_dot2", "y_dot"]
    assert tangent_names(("x", "x_dot"), ("x", "x_dot")) == ["x_dot2", "x_dot_dot"]
    assert tangent_names(("x",), ("x", "x_dot", "x_dot2")) == ["x_dot3"]
    graph = jvp(sd.function("x*x_dot").graph, ("x",))
    assert graph.input_names == ("x", "x_dot", "x_dot2")
    assert graph.output_names == ("f", "f_dot")


def test_only_what_the_targets_need_is_carried_forward() -> None:
    graph = sd.function("exp(x) + sin(y)*cos(z)").graph
    builder = Builder(ALGEBRAIC, graph)
    x, _, z = graph.inputs
    seeds = {x: builder.handle(builder.constant(1.0))}
    (exponential,) = (at for at, node in enumerate(graph) if node.op == "exp")
    tangents = push_forward(builder, seeds, [exponential])
    assert tangents[graph.outputs[0]] is None
    assert tangents[z] is None
    assert tangents[exponential] is not None
    assert tangents[exponential].at == exponential  # its own derivative, times 1
    assert len(tangents) == len(graph) + 1


def test_depth_has_no_limit() -> None:
    b = Builder(EXACT)
    x = line = b.handle(b.input("x"))
    for _ in range(20_000):
        line = OPERATIONS["sin"](line)
    made = jvp(b.graph([x.at], [line.at], ["f"], primal=1), ("x",))
    check(made)
    assert math.isfinite(made.ops)
