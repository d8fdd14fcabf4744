"""Formulas that are printed: in the grammar's words, so that they are read as the same function."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import symdiff as sd
from symdiff.emit.formula import formulas, statements
from symdiff.ops.registry import OPERATIONS
from tests.interpreted import by_numpy
from tests.strategies import examples, graphs, points

DECLARED = "w: [3]; X: [2, 3]; A: [3, 3]; "
ARRAYS = [
    "sum(X)", "sum(X, axis=1)", "X @ w", "X.T @ w[:2]", "w @ A", "w[0]", "w[1:]", "w[::-1]",
    "X[:, 0]", "mean(w)", "norm(w)", "norm(X, axis=1)", "concatenate([w, w])", "stack([w, w])",
    "cumsum(w)", "cumsum(X, axis=0)", "cumprod(w)", "sort(w)", "max(w)", "min(X, axis=0)",
    "prod(w)", "outer(w, w)", "trace(A)", "det(A)", "inv(A) @ w", "solve(A, w)", "cholesky(A)",
    "reshape(X, [6])", "transpose(X)", "where(w > 0.7, w, 0)", "logsumexp(w)", "softmax(w)",
    "diagonal(A)", "roll(w, 1)", "repeat(w, 2)", "arange(3)*w", "eye(3) @ w", "ones(3)*w",
    "std(w)", "einsum('ij,kj->ik', A, X)", "kron(w, w)", "diff(w)", "w[[0, 2]]", "sum(w > 0.7)*w",
    "maximum(w, 0.7)", "clip(w, 0.6, 1)", "hypot(w, w)", "convolve(w, w)", "tril(A)",
    "broadcast_to(w, [2, 3])", "any(w > 0.7)*w", "2*X/3", "stop_gradient(w)*w",
]  # fmt: skip


def _flat(found: Any) -> list[Any]:
    return [x for part in found for x in _flat(part)] if isinstance(found, tuple) else [found]


def _check(made: sd.Function, point: list[Any]) -> int:
    """Read each formula, and compute it at a point; how many there are."""
    shapes = {name: str(list(shape)) if shape else "float" for name, shape in made.shapes.items()}
    declared = "".join(f"{name}: {shape}; " for name, shape in shapes.items())
    results = _flat(made(*point))
    count = 0
    for text, result in zip(formulas(made.graph), results, strict=True):
        if text:
            again = sd.function(f"{declared}return {text}")(*point)
            assert np.shape(again) == np.shape(result)
            assert again == pytest.approx(result, rel=1e-12, abs=1e-12, nan_ok=True)
            count += 1
    return count


@pytest.mark.parametrize("text", ARRAYS)
def test_formula_of_arrays_is_read_as_the_same_function(text: str) -> None:
    function = sd.function(f"{DECLARED}f = {text}")
    wrt = next(name for name in "wXA" if name in function.inputs and name in text)
    random = np.random.default_rng(0)
    made = [function, function.vjp(wrt), function.jvp(wrt), function.jacobian(wrt)]
    for one in made:
        point = [random.uniform(0.5, 1.5, shape) for shape in one.shapes.values()]
        point = [x + 3.0 * np.eye(3) if np.shape(x) == (3, 3) else x for x in point]
        found = _check(one, point)
        if one is function:
            assert found == 1


MADE = {
    "eye(3)": lambda A: np.linalg.slogdet(A + np.eye(3))[1],
    "[0.0, 0.5, 1.0]": lambda A: np.sum(A * np.linspace(0, 1, 3)),
    "linspace(-1, 1, 40, endpoint=False)": lambda A: np.sum(
        A[0, 0] * np.linspace(-1, 1, 40, endpoint=False)
    ),
    "tri(3, k=-1)": lambda A: np.sum(A * np.tri(3, k=-1)),
    "[0.08000000000000002, 1.0, 0.08000000000000002]": lambda A: np.sum(A @ np.hamming(3)),
    "[[0, 0, 0], [1, 1, 1], [2, 2, 2]]": lambda A: np.sum(A * np.indices((3, 3))[0]),
}


@pytest.mark.parametrize("text", MADE)
def test_formula_of_arrays_that_numpy_makes(text: str) -> None:
    function = MADE[text]
    A = np.random.default_rng(0).uniform(0.5, 1.5, (3, 3)) + 3.0 * np.eye(3)
    (formula,) = formulas(sd.function(function, shapes={"A": (3, 3)}).graph)
    assert text in formula
    assert sd.function(f"A: [3, 3]; return {formula}")(A) == pytest.approx(function(A), rel=1e-14)


@pytest.mark.parametrize(
    "text", ["max(x, y)", "max(x, y, 0.7)", "minimum(x, y)*x", "x**y", "x % y"]
)
def test_formula_of_a_tangent(text: str) -> None:
    for point in ([1.3, 0.4], [0.4, 1.3], [0.7, 0.7]):
        made = sd.function(text).jvp()
        assert _check(made, [*point, 0.5, -2.0]) > 0


@examples(60)
@given(graphs(8))
def test_formula_of_a_random_graph(graph: Any) -> None:
    (text,) = formulas(graph)
    if text:
        declared = "".join(f"{name}: float; " for name in graph.input_names)
        assert formulas(sd.function(f"{declared}return {text}").graph) == [text]


def test_no_formula_names_what_the_grammar_lacks() -> None:
    """An element written into an array, and parts of decompositions, have no words there."""
    texts = [
        *formulas(sd.function("w: [3]; return w[0]*w[1]").vjp().graph),
        *formulas(sd.function("A: [3, 2]; return svd(A, full_matrices=False)[1]").graph),
        *formulas(sd.function("w: [3]; return sort(w)").vjp().graph),
    ]
    assert texts == ["w[0]*w[1]", "", "", "sort(w)", ""]
    assert "share" in OPERATIONS  # printed as the choice that it is
    assert formulas(sd.function("w: [3]; return max(w[0], 1)").jvp().graph)[1].startswith("where(")


# --- statements ----------------------------------------------------------------------------------


def stated(made: sd.Function) -> str:
    return statements(*made.stated)


def _agree_when_read(made: sd.Function, point: dict[str, Any]) -> bool:
    """Whether the statements say all outputs, and what they say has the same value."""
    text = stated(made)
    if "no formula" in text:
        return False
    again = sd.function(text)
    found = [np.ravel(x) for x in _flat(again(*[point[name] for name in again.inputs]))]
    wanted = [np.ravel(x) for x in _flat(made(*[point[name] for name in made.inputs]))]
    assert np.concatenate(found) == pytest.approx(
        np.concatenate(wanted), rel=1e-9, abs=1e-12, nan_ok=True
    )
    return True


@pytest.mark.parametrize("verb", ["grad", "hessian", "jvp", "hvp"])
@pytest.mark.parametrize("text", [
    "sin(x)*exp(sin(x))/(1 + sin(x)**2)*log(y)*y", "x**y + y**x", "hypot(x, y)*x",
    "max(x, y)*exp(x*y)*sin(x*y)*cos(x*y)/(x*y + 1)", "1/x**2 - sin(y)/x - 2*x*(-y)",
    "r = sqrt(x**2 + y**2); exp(-r)/r*sin(r)", "where(x > y, sqrt(x), y**3)/(x + y)/x*y",
    "e: float; x*e**2 - y", "sinc(x)*y", "lambda*alpha**2*x + y",
])  # fmt: skip
def test_statements_are_read_as_the_same_function(text: str, verb: str) -> None:
    made = getattr(sd.function(text), verb)()
    rng = np.random.default_rng(1)
    assert _agree_when_read(made, {name: rng.uniform(0.5, 1.5) for name in made.inputs})


@pytest.mark.parametrize("text", ARRAYS)
def test_statements_of_arrays_are_read_as_the_same_function(text: str) -> None:
    function = sd.function(f"{DECLARED}f = {text}")
    wrt = next(name for name in "wXA" if name in function.inputs and name in text)
    rng = np.random.default_rng(0)
    counted = 0
    for one in (function, function.vjp(wrt), function.jvp(wrt), function.jacobian(wrt)):
        point = {name: rng.uniform(0.5, 1.5, shape) for name, shape in one.shapes.items()}
        point = {k: x + 3.0 * np.eye(3) if np.shape(x) == (3, 3) else x for k, x in point.items()}
        counted += _agree_when_read(one, point)
    assert counted >= 1


@examples(60)
@given(st.data())
def test_statements_of_a_random_graph(data: st.DataObject) -> None:
    graph = data.draw(graphs(30))
    point = data.draw(points(graph))
    wanted = by_numpy(graph, point)
    again = sd.function(statements(graph))
    found = _flat(again(*[point[name] for name in again.inputs]))
    assert found == pytest.approx(list(map(float, wanted)), rel=1e-6, abs=1e-9, nan_ok=True)


@pytest.mark.parametrize(("text", "lines"), [
    ("x**y", ["df_dx = y*x**(y - 1)  # where y != 0", "df_dy = x**y*log(x)  # where x != 0"]),
    ("hypot(x, 1)", ["df_dx = x/hypot(x, 1)"]),
    ("hypot(x, y)", ["df_dx = x/hypot(x, y)  # where hypot(x, y) != 0",
                     "df_dy = y/hypot(x, y)  # where hypot(x, y) != 0"]),
    ("where(x == 0, 1, sin(x)/x) - y/x",
     ["df_dx = cos(x)/x - sin(x)/x**2 + y/x**2  # where x != 0", "df_dy = -1/x"]),
    ("max(x, 0.7)", ["df_dx = where(x < 0.7, 0, where(x == 0.7, 0.5, 1))"]),
    ("1/x - 2*x*y", ["df_dx = -1/x**2 - 2*y", "df_dy = -2*x"]),
    ("-x*z - x*log(z)*2 - x*y**2", ["df_dx = -2*log(z) - z - y**2", "df_dz = -2*x/z - x",
                                    "df_dy = -2*x*y"]),
    ("sin(y)/x/x", ["df_dy = cos(y)/x**2", "df_dx = -2*sin(y)/x**3"]),
])  # fmt: skip
def test_formulas_are_mathematics(text: str, lines: list[str]) -> None:
    """No guards, but where they hold; products as a number, what is above and what is below."""
    found = stated(sd.function(text).grad()).split("\n")
    assert [line for line in found if not line.startswith("return")] == lines


def test_shared_parts_have_names_and_long_ones_are_not_left_out() -> None:
    text = stated(sd.function("b*exp(sin(x*y))/(2 + exp(sin(x*y)))*log(exp(sin(x*y)) + 1)").grad())
    *_, last = text.split("\n")
    assert text.startswith("a = ")  # b is an input
    assert last == "return df_db, df_dx, df_dy"
    named = stated(sd.function("r = sin(x*y)*cos(x); f = r*tanh(r)*log(r + 2)/(r - 1)").grad())
    assert "\nr = a*cos(x)\n" in named


def test_what_the_grammar_lacks_is_said() -> None:
    made = sd.function("w: [3]; return w[0]*w[1]").vjp()
    assert stated(made).split("\n") == [
        "w: [3]",
        "f = w[0]*w[1]",
        "# w_bar = ... has no formula",
        "return f",
    ]


def test_an_added_zero_is_no_part_of_a_formula():
    loop = sd.function("s = 1.0\nfor k in range(3): s = s*x + k\ns")
    (text,) = loop.formulas().values()
    assert text == "(x**2 + 1)*x + 2"
    assert sd.function("x: [3]\nx + 0").latex() == "x"
