"""Graphs of arrays read back as SymPy's matrices mean the same, or are refused by name."""

from contextlib import suppress

import numpy as np
import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

from symdiff.derive.reverse import gradient
from symdiff.emit.load import load_source
from symdiff.emit.targets import emit_module
from symdiff.errors import UnsupportedError
from symdiff.explain.sympy import to_sympy
from symdiff.frontend.sympy.read import from_sympy
from symdiff.graph.shape import named
from symdiff.ops.builder import Builder
from symdiff.ops.contraction import contracted
from symdiff.ops.indexing import sliced
from symdiff.ops.linalg import solve
from symdiff.ops.reduction import broadcast_to, total
from symdiff.ops.rules import EXACT
from symdiff.ops.structural import reshaped, transposed
from symdiff.optimize import optimize
from symdiff.optimize.inline import inline_own
from tests.compiled import source_of
from tests.frontend.test_sympy_matrices import EXPRESSIONS, NAMED, NUMBERS, POINT
from tests.ops.array_rows import ARRAY_ROWS
from tests.ops.test_array_operations import drawn, graph_of
from tests.strategies import array_graphs, array_points, examples

X, A = sp.MatrixSymbol("X", 3, 3), sp.MatrixSymbol("A", 3, 3)
v, w = sp.MatrixSymbol("v", 3, 1), sp.MatrixSymbol("w", 3, 1)


def values(graph, point):
    source = source_of(graph, optimize(graph), None, None, graph.input_names, {})
    found = load_source(emit_module(source), "m").value(**point)
    return found if isinstance(found, tuple) else (found,)


def assert_same(graph, point):
    """The graph read back computes the same, vectors as columns."""
    again = from_sympy(to_sympy(graph))
    columns = {name: np.reshape(point[name], _two(point[name])) for name in again.input_names}
    for one, other in zip(values(graph, point), values(again, columns), strict=True):
        np.testing.assert_allclose(np.reshape(one, np.shape(other)), other, rtol=1e-11, atol=1e-13)


def _two(x):
    return np.shape(x) if np.ndim(x) != 1 else (len(x), 1)


LOWERED = [*EXPRESSIONS, *NUMBERS, *[expression for expression, _ in NAMED]]


@pytest.mark.parametrize("expression", LOWERED, ids=lambda e: str(e).replace("\n", "")[:60])
def test_what_was_lowered_comes_back_or_is_refused(expression):
    graph = from_sympy(expression)
    names_it = True
    try:
        assert_same(graph, {name: POINT[name] for name in graph.input_names})
    except UnsupportedError as refusal:
        names_it = "of the operation" in str(refusal) or "length M" in str(refusal)
    assert names_it


VARIANTS = [(row, variant) for row in ARRAY_ROWS for variant in row.variants]


@pytest.mark.parametrize(
    ("row", "variant"), VARIANTS, ids=[f"{r.name}-{k}" for k, (r, _) in enumerate(VARIANTS)]
)
def test_every_operation_comes_back_or_is_refused_by_name(row, variant):
    graph = graph_of(row, variant)
    refused = ""
    try:
        to_sympy(graph)
    except UnsupportedError as refusal:
        refused = str(refusal)
    if refused:
        assert any(f"the operation '{node.op}'" in refused for node in inline_own(graph))
        return
    if row.name in ("array", "made") or (row.name == "stack" and variant.shapes[0] == ()):
        return  # a matrix of numbers alone would be several outputs
    names = [graph[at].params[0] for at in graph.inputs]
    assert_same(graph, dict(zip(names, drawn(row, variant), strict=True)))


FORMULAS = (
    (X * A * v, "X*(A*v)"),
    (v.T * A * v, "v.T*A*v"),
    (X.inv() * v, "X**(-1)*v"),
    (2 * X - A, "-A + 2*X"),
    (sp.Trace(X), "Trace(X)"),
    (sp.log(sp.Determinant(X)), "log(Determinant(X))"),
    (sp.DotProduct(v, w), "DotProduct(v, w)"),
    (sp.HadamardProduct(X, A), "HadamardProduct(X, A)"),
    (X + sp.Identity(3), "I + X"),
    (X[0, 1] + X[2, 0], "X[0, 1] + X[2, 0]"),
)


@pytest.mark.parametrize(("expression", "text"), FORMULAS)
def test_formulas_read_as_written(expression, text):
    assert str(to_sympy(from_sympy(expression))) == text


def regression():
    """The mean square of X @ w - y, with vectors and named lengths."""
    builder = Builder(EXACT)
    n = named("N")
    inputs = [builder.input("X", (n, 3)), builder.input("w", (3,)), builder.input("y", (n,))]
    x, weights, y = map(builder.handle, inputs)
    residual = contracted(x, weights, "ij,j->i") - y
    length = builder.handle(builder.make("length", (), (n,)))
    return builder.graph(inputs, [(total(residual**2.0) / length).at], ["f"], 1)


def test_vectors_are_columns():
    graph = regression()
    i, n = sp.Symbol("i", integer=True), sp.Symbol("N", integer=True, positive=True)
    assert str(to_sympy(graph)) == "Sum((HadamardPower(X*w - y, 2))[i, 0], (i, 0, N - 1))/N"
    assert to_sympy(graph).has(i, n)
    point = {
        "X": np.arange(12.0).reshape(4, 3) / 5,
        "w": np.array([0.3, -1.0, 2.0]),
        "y": np.array([1.0, 2.0, -1.0, 0.5]),
    }
    assert_same(graph, point)


def test_a_gradient_comes_back():
    graph = gradient(regression(), ["w"])
    assert "X.T*" in str(to_sympy(graph)[1])


def test_structure_of_arrays():
    builder = Builder(EXACT)
    inputs = [builder.input("X", (3, 3)), builder.input("v", (3,)), builder.input("s")]
    x, column, s = map(builder.handle, inputs)
    made = [
        broadcast_to(s, (3, 3)) * x,
        broadcast_to(column, (3, 3)) + x,
        broadcast_to(reshaped(column, (3, 1)), (3, 3)) * x,
        contracted(column, column, "i,j->ij"),
        contracted(column, x, "i,ij->j"),
        contracted(column, x, "i,ji->j"),
        contracted(x, x, "ij,kj->ik"),
        contracted(x, x, "ij,ki->kj"),
        contracted(x, x, "ij,ij->"),
        contracted(x, x, "ij,ji->"),
        solve(transposed(x), reshaped(column, (3, 1))),
        sliced(x, 0, 1, 2),
        sliced(column, 0, 0, 2),
        total(x, 0),
        total(x, 1, keepdims=True),
        total(x, 0, keepdims=True),
        total(x),
        total(column),
    ]
    graph = builder.graph(inputs, [y.at for y in made], [f"f{k}" for k in range(len(made))], 0)
    assert_same(graph, {"X": POINT["X"], "v": POINT["v"][:, 0], "s": 0.7})


def test_shared_matrices_are_one_object_and_no_shape_is_asked_for():
    builder = Builder(EXACT)
    position = builder.input("X", (3, 3))
    x = builder.handle(position)
    for _ in range(300):  # 2**300 parts when written out
        x = contracted(x, x, "ij,jk->ik") + x
    graph = builder.graph([position], [x.at], ["f"], 1)
    assert len(from_sympy(to_sympy(graph))) == len(graph)


@pytest.mark.parametrize(
    ("shapes", "operation", "message"),
    [
        (((3,), (3,)), lambda a, b: a.builder.make("maximum", (a.at, b.at)), "'maximum'"),
        (((2, 3, 4),) * 2, lambda a, b: (a + b).at, "(2, 3, 4)"),
        (((3, 4), (3, 4)), lambda a, b: contracted(a, b, "ij,ij->i").at, "'contract'"),
        (((3,), (3,)), lambda a, b: a.builder.make("cumsum", (a.at,), (0,)), "'cumsum'"),
    ],
)
def test_what_sympy_lacks_is_named(shapes, operation, message):
    builder = Builder(EXACT)
    inputs = [builder.input(name, shape) for name, shape in zip("ab", shapes, strict=True)]
    output = operation(*map(builder.handle, inputs))
    graph = builder.graph(inputs, [output], ["f"], 1)
    with pytest.raises(UnsupportedError) as refusal:
        to_sympy(graph)
    assert message in str(refusal.value)


@given(st.data())
@examples(50)
def test_random_graphs_come_back_or_are_refused(data):
    graph = data.draw(array_graphs())
    point = data.draw(array_points(graph))
    derived = gradient(graph, graph.input_names)
    with suppress(UnsupportedError):
        to_sympy(derived)
    with suppress(UnsupportedError):
        assert_same(graph, point)
