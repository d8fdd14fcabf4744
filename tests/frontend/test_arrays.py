"""Arrays in texts: values against NumPy, gradients against differences, mistakes' places."""

from __future__ import annotations

import numpy as np
import pytest

import symdiff as sd

GENERATOR = np.random.default_rng(0)
POINT = {
    "x": GENERATOR.uniform(0.3, 2.0, 4),
    "y": GENERATOR.uniform(0.3, 2.0, 4),
    "A": GENERATOR.normal(size=(4, 4)) + 4.0 * np.eye(4),
    "B": GENERATOR.normal(size=(3, 4)),
    "s": np.float64(0.7),
    "k": np.array([2, 0, 2]),
}
DECLARED = "x: [4]; y: [4]; A: [4, 4]; B: [3, 4]; s: float; k: int [3]; "

FORMULAS = {
    "mean((B @ x - s)**2)": lambda x, y, A, B, s, k: np.mean((B @ x - s) ** 2),
    "sum(x*y)/4": lambda x, y, A, B, s, k: np.sum(x * y) / 4,
    "x @ A @ y": lambda x, y, A, B, s, k: x @ A @ y,
    "sum(A.T*A)": lambda x, y, A, B, s, k: np.sum(A.T * A),
    "x[0]*x[-1] + A[1, 2]": lambda x, y, A, B, s, k: x[0] * x[-1] + A[1, 2],
    "sum((x[1:] - x[:-1])**2)": lambda x, y, A, B, s, k: np.sum((x[1:] - x[:-1]) ** 2),
    "sum(x[::-1]*y[:, None])": lambda x, y, A, B, s, k: np.sum(x[::-1] * y[:, None]),
    "sum(x[k])": lambda x, y, A, B, s, k: np.sum(x[k]),
    "sum(B, axis=1) @ [1, 2, 3]": lambda x, y, A, B, s, k: np.sum(B, axis=1) @ [1.0, 2.0, 3.0],
    "sum(x - max(x))": lambda x, y, A, B, s, k: np.sum(x - np.max(x)),
    "max(s, x[0])": lambda x, y, A, B, s, k: np.maximum(s, x[0]),
    "norm(x)*norm(A)": lambda x, y, A, B, s, k: np.linalg.norm(x) * np.linalg.norm(A),
    "linalg.solve(A, x) @ y": lambda x, y, A, B, s, k: np.linalg.solve(A, x) @ y,
    "log(det(A))": lambda x, y, A, B, s, k: np.log(np.linalg.det(A)),
    'einsum("ij,j->", B, x)': lambda x, y, A, B, s, k: np.einsum("ij,j->", B, x),
    "sum(x if x > s else y)": lambda x, y, A, B, s, k: np.sum(np.where(x > s, x, y)),
    "sum(reshape(A, (2, 8))*s)": lambda x, y, A, B, s, k: np.sum(A.reshape(2, 8) * s),
    "prod(concatenate((x, y)))": lambda x, y, A, B, s, k: np.prod(np.concatenate((x, y))),
    "logsumexp(x)": lambda x, y, A, B, s, k: np.log(np.sum(np.exp(x))),
    "std(x, ddof=1)": lambda x, y, A, B, s, k: np.std(x, ddof=1),
    "sum(cumsum(x)*sort(y))": lambda x, y, A, B, s, k: np.sum(np.cumsum(x) * np.sort(y)),
    "z = tanh(x); z @ z": lambda x, y, A, B, s, k: np.tanh(x) @ np.tanh(x),
}


@pytest.mark.parametrize("formula", FORMULAS)
def test_values_and_gradients(formula: str) -> None:
    by_hand = FORMULAS[formula]
    made = sd.function(DECLARED + formula).value_and_grad()
    value, gradient = made(*[POINT[name] for name in made.inputs])
    assert value == pytest.approx(by_hand(**POINT), rel=1e-12)
    for name, slope in zip(made.wrt, gradient, strict=True):
        direction = GENERATOR.normal(size=np.shape(POINT[name]))
        ends = [by_hand(**(POINT | {name: POINT[name] + h * direction})) for h in (1e-6, -1e-6)]
        assert np.shape(slope) == np.shape(POINT[name])
        difference = (ends[0] - ends[1]) / 2e-6
        assert np.sum(slope * direction) == pytest.approx(difference, rel=1e-6, abs=1e-7)


@pytest.mark.parametrize("length", [1, 2, 7])
def test_one_module_serves_every_length(length: int) -> None:
    module = sd.function("X: [N, 3]; w: [3]; y: [N]; mean((X @ w - y)**2)").grad("w").load()
    X, w, y = GENERATOR.normal(size=(length, 3)), GENERATOR.normal(size=3), np.ones(length)
    assert module.grad(X, w, y) == pytest.approx(2.0 / length * X.T @ (X @ w - y), rel=1e-12)


def test_shapes_beside_the_text_are_declarations() -> None:
    beside = sd.function("mean((X @ w)**2)", shapes={"X": ("N", 3), "w": (3,)}).grad()
    within = sd.function("X: [N, 3]; w: [3]; mean((X @ w)**2)").grad()
    X, w = GENERATOR.normal(size=(5, 3)), GENERATOR.normal(size=3)
    assert beside.shapes == within.shapes == {"X": ("N", 3), "w": (3,)}
    for one, other in zip(beside(X, w), within(X, w), strict=True):
        assert one == pytest.approx(other, rel=1e-15)


MISTAKES = {
    "sum(x + B)": "",
    "sum(x[9])": "out of range",
    "sum(x, axis=3)": "no axis 3",
    "sum(x, axs=0)": "did you mean 'axis='?",
    "sum(A @ B)": "differ",
    "x.mean()": "write mean(x)",
    "sum(x[0, 0])": "",
}


@pytest.mark.parametrize("formula", MISTAKES)
def test_mistakes_have_their_place(formula: str) -> None:
    with pytest.raises(sd.SymdiffError) as caught:
        sd.function("x: [4]; A: [4, 4]; B: [3, 5]; " + formula)
    assert MISTAKES[formula] in str(caught.value)
    assert caught.value.line == 1
    assert "^" in str(caught.value)
