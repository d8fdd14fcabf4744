"""Solutions of equations and of minimisations: derivatives by the implicit function theorem."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import symdiff as sd
from symdiff.api import from_recipe
from symdiff.derive.forward import jvp
from symdiff.emit.recipe import read_recipe
from symdiff.graph.check import check
from tests.test_own_rules import evaluated

A = np.array([[3.0, 0.5, -0.2], [0.1, 2.0, 0.4], [-0.3, 0.2, 1.5]])
B = np.array([1.0, -2.0, 0.5])
X = np.array([[1.0, 0.5], [-0.3, 2.0], [0.7, -1.1], [0.2, 0.9]])
Y = np.array([1.0, -0.5, 0.3, 2.0])


def _cubic(x: Any, a: Any, b: Any) -> Any:
    return x**3 + a * x - b


def _newton(a: Any, b: Any) -> Any:
    x = 1.0
    for _ in range(30):
        x = x - (x**3 + a * x - b) / (3.0 * x**2 + a)
    return x


cubic = sd.root(_cubic, _newton)
linear = sd.root(lambda x, a, b: a @ x - b, lambda a, b: np.linalg.solve(a, b))


def _ridge(penalty: Any) -> Any:
    return np.linalg.solve(X.T @ X + penalty * np.eye(2), X.T @ Y)


ridge = sd.argmin(lambda w, k: np.sum((X @ w - Y) ** 2) + k * np.sum(w**2), _ridge)


def test_the_root_of_a_cubic() -> None:
    assert cubic(2.0, 3.0) == 1.0
    assert sd.grad(cubic, wrt=(0, 1))(2.0, 3.0) == pytest.approx((-1.0 / 5.0, 1.0 / 5.0))
    # x' = 1/(3x^2 + a), x'' = -6x x'^3, x''' = -6 x'^4 - 18 x x'^2 x''
    second = sd.grad(sd.grad(cubic, wrt=1), wrt=1)
    assert second(2.0, 3.0) == pytest.approx(-6.0 / 125.0, rel=1e-13)
    third = sd.grad(second, wrt=1)(2.0, 3.0)
    assert third == pytest.approx(-6.0 / 625.0 + 18.0 * 6.0 / 125.0 / 25.0, rel=1e-12)


def test_the_way_to_the_root_is_not_differentiated() -> None:
    text = sd.function(lambda a, b: cubic(a, b) ** 2).grad("a, b").emit()
    body = text[text.index("def _value_and_grad") : text.index("def value(")]
    assert body.count("np.linalg.solve") == 1
    value = text[text.index("def _value(") : text.index("def _value_and_grad")]
    assert body.count("\n") < value.count("\n") + 8


def test_a_linear_system() -> None:
    for wrt in (0, 1):
        found = sd.grad(lambda a, b: np.sum(linear(a, b) ** 3), wrt=wrt)(A, B)
        direct = sd.grad(lambda a, b: np.sum(np.linalg.solve(a, b) ** 3), wrt=wrt)(A, B)
        assert found == pytest.approx(direct, rel=1e-12)

    def of(solver: Any) -> Any:
        inner = sd.grad(lambda a, b: np.sum(solver(a, b) ** 3), wrt=0)
        return sd.grad(lambda a: np.sum(inner(a, B) ** 2))(A)

    assert of(linear) == pytest.approx(of(np.linalg.solve), rel=1e-11)


def test_forward_mode_is_the_transpose() -> None:
    graph = sd.function(lambda a, b: linear(a, b), shapes={"a": (3, 3), "b": (3,)}).graph
    made = jvp(graph, ["a", "b"])
    check(made)
    assert [made[at].shape for at in made.outputs] == [(3,), (3,)]
    rng = np.random.default_rng(0)
    a_dot, b_dot, t = rng.normal(size=(3, 3)), rng.normal(size=3), rng.normal(size=3)
    bars = sd.grad(lambda a, b: np.sum(linear(a, b) * t), wrt=(0, 1))(A, B)
    h = 1e-6
    tangent = linear(A + h * a_dot, B + h * b_dot) - linear(A - h * a_dot, B - h * b_dot)
    along = np.sum(bars[0] * a_dot) + np.sum(bars[1] * b_dot)
    assert along == pytest.approx(t @ tangent / (2.0 * h), rel=1e-8)
    assert evaluated(made, A, B, a_dot, b_dot)[1] @ t == pytest.approx(along, rel=1e-12)


def test_ridge_regression() -> None:
    for loss in (lambda w: np.sum(w**3), lambda w: w[0] * np.exp(w[1])):
        found = sd.grad(lambda k, loss=loss: loss(ridge(k)))
        direct = sd.grad(lambda k, loss=loss: loss(_ridge(k)))
        assert found(0.7) == pytest.approx(direct(0.7), rel=1e-12)
        assert sd.grad(found)(0.7) == pytest.approx(sd.grad(direct)(0.7), rel=1e-11)


def test_values_of_the_function_around_it_are_followed() -> None:
    def outer(a: Any) -> Any:
        solution = sd.root(lambda x, b: x**2 - a * b, lambda b: np.sqrt(a * b))
        return solution(a + 1.0)

    a = 4.0
    assert sd.grad(outer)(a) == pytest.approx((2.0 * a + 1.0) / (2.0 * np.sqrt(a * (a + 1.0))))

    def without(a: Any) -> Any:
        return sd.root(lambda x: x**2 - a, lambda: np.sqrt(a))()

    assert sd.grad(without)(4.0) == pytest.approx(0.25)


def test_structures_and_matrices() -> None:
    root = sd.root(
        lambda s, p: p["k"] * s @ p["A"] - np.eye(3), lambda p: np.linalg.inv(p["A"]) / p["k"]
    )

    def direct(p: Any) -> Any:
        return np.sum((np.linalg.inv(p["A"]) / p["k"]) ** 2)

    p = {"A": A, "k": 2.0}
    found, exact = sd.grad(lambda p: np.sum(root(p) ** 2))(p), sd.grad(direct)(p)
    assert found["A"] == pytest.approx(exact["A"], rel=1e-11)
    assert found["k"] == pytest.approx(exact["k"], rel=1e-11)


def test_stacks_of_equations() -> None:
    shapes = {"a": (3, 3), "b": (3,)}

    def loss(a: Any, b: Any) -> Any:
        return np.sum(linear(a, b) ** 2)

    one = sd.function(loss, shapes=shapes).grad("a, b")
    stacks = np.stack([A, A.T, A @ A]), np.stack([B, 2.0 * B, B[::-1]])
    found = sd.function(loss, shapes=shapes, batch=True).grad("a, b")(*stacks)
    for k, (a, b) in enumerate(zip(*stacks, strict=True)):
        expected = one(a, b)
        assert found[0][k] == pytest.approx(expected[0], rel=1e-12)
        assert found[1][k] == pytest.approx(expected[1], rel=1e-12)


def test_against_torch() -> None:
    torch = pytest.importorskip("torch")
    a, b = (torch.tensor(v, requires_grad=True, dtype=torch.float64) for v in (A, B))
    torch.linalg.solve(a, b).pow(3).sum().backward()
    found = sd.grad(lambda a, b: np.sum(linear(a, b) ** 3), wrt=(0, 1))(A, B)
    assert found[0] == pytest.approx(a.grad.numpy(), rel=1e-11)
    assert found[1] == pytest.approx(b.grad.numpy(), rel=1e-11)


def test_differences_agree() -> None:
    assert sd.function(lambda k: np.sum(ridge(k) ** 2)).check().ok
    square = sd.root(lambda x, a: x**2 - a, lambda a: np.sqrt(a))
    report = sd.function(lambda a: 2.0 * square(a)).check()  # singular at 0
    assert report.ok
    assert "singular matrix at 1" in str(report)


# --- what goes wrong ---------------------------------------------------------------------------


def test_a_singular_jacobian_is_numpys_error() -> None:
    double = sd.root(lambda x, a: x**2 - a, lambda a: np.sqrt(a))
    assert sd.grad(double)(4.0) == 0.25
    with pytest.raises(np.linalg.LinAlgError):
        sd.grad(double)(0.0)
    with pytest.raises(np.linalg.LinAlgError):
        sd.grad(_singular)(B)


def _singular(b: Any) -> Any:
    flat = np.array([[1.0, 2.0, 0.0], [2.0, 4.0, 0.0], [0.0, 0.0, 1.0]])
    return np.sum(sd.root(lambda x, b: flat @ x - b, lambda b: 1.0 * b)(b))


def test_wrong_shapes_are_refused() -> None:
    short = sd.root(lambda x, b: x[:2] - b[:2], lambda b: 1.0 * b)
    with pytest.raises(sd.ShapeError, match=r"shape \(2,\) for a solution of the shape \(3,\)"):
        sd.grad(lambda b: np.sum(short(b)))(B)
    several = sd.argmin(lambda x, b: (x - b) ** 2, lambda b: 1.0 * b)
    with pytest.raises(sd.ShapeError, match="an objective is a number"):
        sd.grad(lambda b: np.sum(several(b)))(B)
    two = sd.root(lambda x, b: x - b, lambda b: (b, b))
    with pytest.raises(sd.UnsupportedError, match="'solve' returns several results"):
        sd.grad(lambda b: np.sum(two(b)))(B)


def test_named_lengths_are_refused() -> None:
    with pytest.raises(sd.UnsupportedError, match="give its lengths as numbers"):
        sd.function(lambda a, b: np.sum(linear(a, b)), shapes={"a": ("N", "N"), "b": ("N",)}).grad(
            "a"
        )


# --- solvers that are called, and data ---------------------------------------------------------


def test_a_solver_that_is_called(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a_solver.py").write_text(
        "calls = []\n"
        "def halving(a):\n"
        "    calls.append(a)\n"
        "    low, high = 0.0, 10.0\n"
        "    while high - low > 1e-13:\n"
        "        middle = 0.5 * (low + high)\n"
        "        low, high = (middle, high) if middle**2 < a else (low, middle)\n"
        "    return low\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    import a_solver  # type: ignore[import-not-found]

    solution = sd.root(lambda x, a: x**2 - a, sd.custom_rule(a_solver.halving, shape=()))
    made = sd.function(lambda a: 3.0 * solution(a)).grad()
    assert a_solver.calls == []
    assert made(4.0) == pytest.approx(0.75)
    assert sd.grad(sd.grad(lambda a: solution(a)))(4.0) == pytest.approx(-1.0 / 32.0)
    text = made.emit()
    assert "from a_solver import halving" in text
    assert from_recipe(read_recipe(text)).emit() == text


def test_pickling_and_recipes() -> None:
    again = pickle.loads(pickle.dumps(cubic))
    assert sd.grad(again, wrt=1)(2.0, 3.0) == pytest.approx(0.2)
    made = sd.function(lambda k: np.sum(ridge(k) ** 2)).grad()
    text = made.emit()
    assert from_recipe(read_recipe(text)).emit() == text
    assert pickle.loads(pickle.dumps(made))(0.7) == made(0.7)
