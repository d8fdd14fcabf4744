"""SymPy's matrix expressions lower to graphs of arrays. SymPy on numbers is the oracle."""

import numpy as np
import pytest
import sympy as sp
from sympy.matrices.expressions.diagonal import DiagMatrix, DiagonalMatrix, DiagonalOf
from sympy.matrices.expressions.hadamard import HadamardPower
from sympy.matrices.expressions.matexpr import MatrixElement

from symdiff.derive.reverse import gradient
from symdiff.emit.load import load_source
from symdiff.emit.targets import emit_module
from symdiff.errors import LimitError, UnsupportedError
from symdiff.frontend.sympy.read import from_sympy
from symdiff.graph.check import check
from symdiff.graph.shape import named
from symdiff.optimize import optimize
from tests.compiled import source_of

a, b = sp.symbols("a b")
i, j = sp.symbols("i j", integer=True)
n, m = sp.symbols("N M", integer=True, positive=True)
X, A = sp.MatrixSymbol("X", 3, 3), sp.MatrixSymbol("A", 3, 3)
W = sp.MatrixSymbol("W", 3, 4)
v, w = sp.MatrixSymbol("v", 3, 1), sp.MatrixSymbol("w", 3, 1)
B, P = sp.MatrixSymbol("B", n, n), sp.MatrixSymbol("P", n, m)
V = sp.MatrixSymbol("V", n, 1)

POINT = {
    "X": np.array([[2.0, 0.3, -0.4], [0.1, 1.7, 0.6], [-0.5, 0.2, 1.1]]),
    "A": np.array([[0.9, -0.2, 0.7], [0.4, 1.5, -0.3], [0.8, 0.1, 2.2]]),
    "W": np.arange(12.0).reshape(3, 4) / 7 - 0.6,
    "v": np.array([[0.7], [-1.2], [0.4]]),
    "w": np.array([[1.1], [0.3], [-0.9]]),
    "B": np.array([[1.2, 0.5], [-0.7, 2.1]]),
    "P": np.array([[0.5, 1.5, -1.0], [2.0, 0.25, 3.0]]),
    "V": np.array([[1.3], [-0.6]]),
    "a": 0.8,
    "b": -1.7,
}
LENGTHS = {n: 2, m: 3}


def module(graph, derived=None):
    check(graph)
    wrt = graph.input_names
    body = None if derived is None else optimize(derived)
    return load_source(emit_module(source_of(graph, optimize(graph), body, derived, wrt, {})), "m")


def value(expression):
    graph = from_sympy(expression)
    return module(graph).value(**{name: POINT[name] for name in graph.input_names})


def by_sympy(expression):
    """The value by SymPy alone, on matrices of numbers."""
    numbers = {
        symbol: sp.ImmutableMatrix(POINT[symbol.name])
        for symbol in (X, A, W, v, w)
        if expression.has(symbol)
    }
    found = expression.subs({a: POINT["a"], b: POINT["b"]}).subs(numbers).doit()
    found = found.as_explicit() if hasattr(found, "as_explicit") else found
    return np.array(found.tolist(), float) if hasattr(found, "tolist") else float(found)


def gradient_of(expression):
    graph = from_sympy(expression)
    made = module(graph, gradient(graph, graph.input_names))
    point = {name: POINT[name] for name in graph.input_names}
    found, by = made.value_and_grad(**point)
    by = by if isinstance(by, tuple) else (by,)
    return point, made, found, dict(zip(graph.input_names, by, strict=True))


def check_gradient(expression):
    """Against central differences of the emitted value."""
    point, made, _, by = gradient_of(expression)
    for name, derivative in by.items():
        expected = np.zeros(np.shape(point[name]))
        for place in np.ndindex(expected.shape):
            step = np.zeros(expected.shape)
            step[place] = 1e-6
            above, below = (made.value(**{**point, name: point[name] + s}) for s in (step, -step))
            expected[place] = (above - below) / 2e-6
        assert np.shape(derivative) == expected.shape
        np.testing.assert_allclose(derivative, expected, rtol=1e-7, atol=1e-8)


EXPRESSIONS = (
    X,
    X.T,
    X + A,
    X - A,
    -X - A,
    A - 2 * X + sp.Identity(3),
    sp.MatAdd(X, X, A, evaluate=False),
    2 * X,
    -X,
    X / 3,
    a * X / b,
    sp.Rational(-2, 3) * sp.sin(a) * X * A,
    X * A * v,
    v.T * A * X,
    v.T * A * v,
    v * w.T,
    X * A.T * X,
    X**2,
    X**5,
    X**0,
    X**-1,
    X**-3,
    sp.Inverse(X * A),
    X.inv() * A,
    A * X.inv(),
    A * X.inv() * A.inv() * v,
    X.inv() * A.inv(),
    v.T * X.inv() * v,
    sp.Transpose(X * A),
    sp.Adjoint(X * A),
    sp.HadamardProduct(X, A, X),
    HadamardPower(A + 3 * sp.OneMatrix(3, 3), a),
    HadamardPower(X, 3),
    HadamardPower(2, X),
    X.applyfunc(sp.sin),
    X.applyfunc(lambda t: a * sp.exp(t) + t**2 - 1),
    X.applyfunc(lambda t: sp.Max(t, 0) + sp.Piecewise((1, t > a), (t, True))),
    X.applyfunc(lambda t: t + 0 * t + A[0, 1]),
    (X * A).applyfunc(sp.tanh).applyfunc(sp.atan) * v,
    X[0:2, 1:3],
    X[:2:2, :],
    X[2, :],
    W.T[2:, ::3],
    X * sp.Matrix([[1, 2, 3], [4, 5, 6], [7, 8, 10]]),
    X * sp.Matrix([[a, 2, 3], [4, b, 6], [7, 8, a * b]]),
    sp.Matrix([[1, 1, 1]]) * v,
    X * sp.SparseMatrix([[1, 0, 0], [0, a, 0], [0, 0, 2]]),
    sp.BlockMatrix([[X, v], [w.T, sp.Identity(1)]]),
    sp.BlockDiagMatrix(X, v),
    X * sp.ZeroMatrix(3, 2) + v * sp.OneMatrix(1, 2),
    DiagMatrix(v),
    DiagMatrix(v.T) * X,
    sp.KroneckerProduct(X, W),
    sp.KroneckerProduct(v.T, X, w),
)


@pytest.mark.parametrize("expression", EXPRESSIONS, ids=lambda e: str(e).replace("\n", ""))
def test_matrices_have_sympys_value(expression):
    found = value(expression)
    assert np.shape(found) == expression.shape
    np.testing.assert_allclose(found, by_sympy(expression), rtol=1e-12, atol=1e-13)


def test_diagonals_of_a_wide_matrix():
    np.testing.assert_array_equal(value(DiagonalOf(W))[:, 0], np.diag(POINT["W"]))
    np.testing.assert_array_equal(value(DiagonalMatrix(W))[:, :3], np.diag(np.diag(POINT["W"])))


NUMBERS = (
    (v.T * A * v)[0, 0],
    sp.log(sp.Determinant(X)),
    (v.T * X.inv() * v)[0, 0],
    sp.Trace(X),
    sp.Trace(X * A),
    sp.Trace(-2 * a * X * A.inv() * X),
    sp.trace(X + A) * a,
    sp.Determinant(X * A - 3 * sp.ImmutableMatrix(np.eye(3, dtype=int))),
    sp.DotProduct(v, w) ** 2,
    sp.DotProduct(v.T, w),
    sp.exp(X[0, 1]) * X[2, 2] + a,
    MatrixElement(X * A, 1, 2),
    sp.sin(sp.Trace(X.applyfunc(sp.sin)) / 2),
    sp.Sum(X[i, i], (i, 0, 2)),
    sp.Sum(2 * a * X[i, j] * A[j, i] ** 2 * v[i, 0], (i, 0, 2), (j, 0, 2)),
    sp.Sum(X[0, i] * v[i, 0], (i, 1, 2)),
    sp.Sum(i * X[i, 0] + sp.sin(X[i, 1]), (i, 0, 2)) + sp.Sum(X[i, 0], (i, 0, 2), (j, 0, 2)),
    sp.Determinant(sp.Matrix([[a, X[0, 0]], [b, 2]])),
)


@pytest.mark.parametrize("expression", NUMBERS, ids=str)
def test_numbers_have_sympys_value_and_a_gradient(expression):
    found = value(expression)
    assert np.shape(found) == ()
    assert found == pytest.approx(by_sympy(expression), rel=1e-12)
    check_gradient(expression)


SUMS = tuple(
    sp.DotProduct(sp.OneMatrix(1, e.shape[0]) * e, sp.OneMatrix(1, e.shape[1]) * 2)
    for e in (
        X * A * v,
        X**3,
        X.inv() * A,
        A * X.inv(),
        a * X / b,
        sp.HadamardProduct(X, A),
        HadamardPower(A + 3 * sp.OneMatrix(3, 3), a),
        X.applyfunc(lambda t: a * sp.exp(t) + t**2 - 1),
        X.applyfunc(sp.Si),
        X[:2, 1:3],
        X * sp.Matrix([[a, 2, 3], [4, b, 6], [7, 8, a * b]]),
        sp.BlockMatrix([[X, v], [w.T, sp.Identity(1)]]),
        DiagMatrix(v) * X,
        DiagonalOf(W),
        sp.KroneckerProduct(X, W),
    )
)


@pytest.mark.parametrize("expression", SUMS, ids=lambda e: str(e.args[0].args[-1])[:60])
def test_gradients_of_sums_of_elements(expression):
    check_gradient(expression)


# --- where SymPy's own diff answers 0 ----------------------------------------------------------

SILENT = {
    "a quadratic form": ((v.T * A * v)[0, 0], "v", lambda t, A, v: (v.T @ A @ v)[0, 0]),
    "a log-determinant": (sp.log(sp.Determinant(X)), "X", lambda t, X: t.log(t.linalg.det(X))),
    "a form of an inverse": (
        (v.T * X.inv() * v)[0, 0],
        "X",
        lambda t, X, v: (v.T @ t.linalg.inv(X) @ v)[0, 0],
    ),
}


@pytest.mark.parametrize("name", SILENT)
def test_where_sympy_answers_zero(name):
    expression, wrt, formula = SILENT[name]
    check_gradient(expression)
    torch = pytest.importorskip("torch")
    point, _, found, by = gradient_of(expression)
    tensors = {k: torch.tensor(x, requires_grad=True) for k, x in point.items()}
    expected = formula(torch, **tensors)
    expected.backward()
    assert float(found) == pytest.approx(expected.item(), rel=1e-13)
    for k, tensor in tensors.items():
        np.testing.assert_allclose(by[k], tensor.grad.numpy(), rtol=1e-12)
    assert np.abs(by[wrt]).max() > 0.1


# --- named lengths -----------------------------------------------------------------------------


def test_named_lengths_become_named_dimensions():
    graph = from_sympy(P.T * B * V)
    shapes = {name: graph[at].shape for name, at in zip("BPV", graph.inputs, strict=True)}
    assert shapes == {
        "B": (named("N"), named("N")),
        "P": (named("N"), named("M")),
        "V": (named("N"), 1),
    }
    assert graph[graph.outputs[0]].shape == (named("M"), 1)
    wide = sp.MatrixSymbol("Q", 2 * n - 1, n**2)
    assert from_sympy(wide).nodes[0].shape == (2 * named("N") - 1, named("N") * named("N"))


NAMED = (
    ((V.T * B * V)[0, 0], lambda B, V: (V.T @ B @ V)[0, 0]),
    ((V.T * V)[0, 0] / n, lambda V: (V * V).mean()),
    ((P.T * B * P)[0, 1] * a, lambda B, P, a: (P.T @ B @ P)[0, 1] * a),
    (sp.Trace(B * B) * n**2 + m * P[0, 0], lambda B, P: np.trace(B @ B) * 4 + 3 * P[0, 0]),
    (B[n - 1, 0] * V[n - 1, 0], lambda B, V: B[-1, 0] * V[-1, 0]),
    (sp.Trace(P.applyfunc(sp.exp) * P.T), lambda P: np.trace(np.exp(P) @ P.T)),
    (sp.Sum(P[i, j], (i, 0, n - 1), (j, 0, m - 1)), lambda P: P.sum()),
    (sp.Determinant(B + sp.Identity(n)), lambda B: np.linalg.det(B + np.eye(2))),
)


@pytest.mark.parametrize(("expression", "formula"), NAMED, ids=[str(e)[:40] for e, _ in NAMED])
def test_values_and_gradients_of_named_lengths(expression, formula):
    point, _, found, _ = gradient_of(expression)
    assert found == pytest.approx(formula(**point), rel=1e-12)
    check_gradient(expression)


def test_parts_of_named_lengths():
    np.testing.assert_array_equal(value(P[:, 1:]), POINT["P"][:, 1:])
    np.testing.assert_array_equal(value(P[:1, 0:m]), POINT["P"][:1])


# --- the source --------------------------------------------------------------------------------


def test_an_explicit_matrix_is_several_outputs_a_matrix_expression_one():
    assert from_sympy(sp.Matrix([[X[0, 0], a]])).output_names == ("f1", "f2")
    graph = from_sympy(X * A)
    assert graph.output_names == ("f",)
    assert graph[graph.outputs[0]].shape == (3, 3)
    pair = from_sympy([sp.Trace(X), X * v, a])
    assert [pair[at].shape for at in pair.outputs] == [(), (3, 1), ()]


def test_inputs_stand_in_the_order_of_their_names():
    assert from_sympy(a * X * A * v).input_names == ("A", "X", "a", "v")


def test_a_shared_matrix_is_lowered_once():
    shared = X
    for _ in range(200):  # 2**200 parts when written out
        shared = sp.MatMul(
            shared, sp.MatAdd(sp.Identity(3), shared, evaluate=False), evaluate=False
        )
    graph = from_sympy(shared)
    assert sum(node.op == "contract" for node in graph) == 200


def test_depth_has_no_limit():
    deep = X
    for _ in range(5000):
        deep = sp.Basic.__new__(sp.Transpose, sp.Basic.__new__(sp.MatAdd, deep, A))
    assert from_sympy(deep).ops == 10_000


def test_functions_inside_of_each_other_have_a_limit():
    deep = X
    for _ in range(100):
        t = sp.Dummy()
        body = sp.Basic.__new__(MatrixElement, deep, sp.Integer(0), sp.Integer(0))
        deep = sp.Basic.__new__(
            type(X.applyfunc(sp.sin)), sp.Basic.__new__(sp.Lambda, sp.Tuple(t), body), X
        )
    with pytest.raises(LimitError, match="more than 50 deep"):
        from_sympy(deep)


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        (X**n, "MatPow with an exponent that is no whole number"),
        (sp.MatPow(X, sp.Rational(1, 2)), "MatPow with an exponent that is no whole number"),
        (X[i, 0], "Symbol as an index of a matrix"),
        (B[i, 0], "Symbol as an index of a matrix"),
        (B[n - i, 0], "Add as an index of a matrix"),
        (sp.Sum(sp.sin(B[i, 0]), (i, 0, n - 1)), "a Sum whose limits are not whole numbers"),
        (sp.Sum(B[i, 0], (i, 0, 2)), "lie inside of the length N"),
        (sp.Sum(B[i, 0], (i, 0, n)), "lie inside of the length N"),
        (sp.Sum(B[i, j], (i, 0, j), (j, 0, n - 1)), "lie inside of the length N"),
        (P[:2, :], "lie inside of the length N"),
        (P[::2, :], "a step that does not divide its length N"),
        (X[::2, :], "a step that does not divide its length 3"),
        (sp.Permanent(X), "Permanent"),
        (sp.FunctionMatrix(2, 2, sp.Lambda((i, j), i + j)), "FunctionMatrix"),
        (X.diff(X), "PermuteDims"),
        (sp.MatrixSymbol("Q", sp.floor(n / 2), 2), "floor as a length"),
        (sp.OneMatrix(m, 3) * v, "the length 'M' is not known"),
        (sp.MatrixSymbol("a b", 2, 2), "'a b' cannot be an argument's name"),
        (X[0, 0] + sp.Symbol("X"), "two different symbols are called 'X'"),
        (X[0, 0] + sp.MatrixSymbol("X", 4, 3)[0, 0], "two different symbols are called 'X'"),
        (sp.Trace(B) + sp.Symbol("N"), "two different symbols are called 'N'"),
        (sp.Add(sp.Basic.__new__(sp.sin, X), 1, evaluate=False), "a matrix stands where a number"),
        (X.applyfunc(sp.Function("h")), "undefined function h("),
        (sp.IndexedBase("A")[i], "Indexed"),
    ],
    ids=str,
)
def test_refused_by_name(expression, message):
    with pytest.raises(UnsupportedError) as refusal:
        from_sympy(expression)
    assert message in str(refusal.value)
