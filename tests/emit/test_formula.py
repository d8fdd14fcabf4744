"""Formulas that are printed: in the grammar's words, so that they are read as the same function."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given

import symdiff as sd
from symdiff.emit.formula import formulas
from symdiff.ops.registry import OPERATIONS
from tests.strategies import examples, graphs

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
    assert "larger_share" in OPERATIONS  # printed as the choice that it is
    assert formulas(sd.function("w: [3]; return max(w[0], 1)").jvp().graph)[1].startswith("where(")
