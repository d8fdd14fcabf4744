"""Slices whose bounds a counter says: their loops stay loops, and gradients are the program's."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import symdiff as sd
from tests.strategies import examples

Program = Callable[[Any, Any], Any]
N = 12
PROGRAMS: list[Program] = []


def program(function: Program) -> Program:
    PROGRAMS.append(function)
    return function


def arguments(n: int = N, seed: int = 0) -> tuple[Any, Any]:
    random = np.random.default_rng(seed)
    a = random.normal(size=(n, n)) / n
    return a @ a.T + np.eye(n) + 0.1 * a, random.normal(size=n)


# --- factorisations and systems ------------------------------------------------------------------


@program
def triangular(A: Any, b: Any) -> Any:
    x = np.zeros(b.shape[0])
    for i in range(b.shape[0]):
        x[i] = (b[i] - A[i, :i] @ x[:i]) / A[i, i]
    return np.sum(x**2)


@program
def backwards(A: Any, b: Any) -> Any:
    n = b.shape[0]
    x = np.zeros(n)
    for i in range(n - 1, -1, -1):
        x[i] = (b[i] - A[i, i + 1 :] @ x[i + 1 :]) / A[i, i]
    return x @ b


@program
def cholesky(A: Any, b: Any) -> Any:
    L = A.copy()
    for i in range(A.shape[0]):
        for j in range(i):
            L[i, j] -= L[i, :j] @ L[j, :j]
            L[i, j] /= L[j, j]
        L[i, i] = np.sqrt(L[i, i] - L[i, :i] @ L[i, :i])
    return np.sum(np.tril(L) @ b)


@program
def lu(A: Any, b: Any) -> Any:
    A = A.copy()
    for i in range(A.shape[0]):
        for j in range(i):
            A[i, j] -= A[i, :j] @ A[:j, j]
            A[i, j] /= A[j, j]
        for j in range(i, A.shape[0]):
            A[i, j] -= A[i, :i] @ A[:i, j]
    return b @ A @ b


@program
def right_looking(A: Any, b: Any) -> Any:
    A = A.copy()
    for k in range(A.shape[0] - 1):
        A[k + 1 :, k] /= A[k, k]
        A[k + 1 :, k + 1 :] -= np.outer(A[k + 1 :, k], A[k, k + 1 :])
    return b @ A @ b


@program
def gram_schmidt(A: Any, b: Any) -> Any:
    A = A.copy()
    Q, R = np.zeros(A.shape), np.zeros(A.shape)
    for k in range(A.shape[1]):
        R[k, k] = np.sqrt(A[:, k] @ A[:, k])
        Q[:, k] = A[:, k] / R[k, k]
        for j in range(k + 1, A.shape[1]):
            R[k, j] = Q[:, k] @ A[:, j]
            A[:, j] -= Q[:, k] * R[k, j]
    return b @ Q @ b + np.sum(R**2)


@program
def durbin(A: Any, b: Any) -> Any:
    r, n = 0.3 * b, b.shape[0]
    y = np.zeros(n)
    alpha, beta = -r[0], 1.0
    y[0] = alpha
    for k in range(1, n):
        beta *= 1.0 - alpha * alpha
        alpha = -(r[k] + np.flip(r[:k]) @ y[:k]) / beta
        y[:k] += alpha * np.flip(y[:k])
        y[k] = alpha
    return np.sum(y) + A[0, 0]


# --- reads and writes that meet ------------------------------------------------------------------


@program
def of_rows_below(A: Any, b: Any) -> Any:
    B = A.copy()
    for i in range(b.shape[0]):
        for j in range(b.shape[0]):
            B[i, j] += A[i + 1 :, i] @ B[i + 1 :, j] ** 2
    return np.sum(B) + b[0]


@program
def of_rows_above(A: Any, b: Any) -> Any:
    B = A.copy()
    for i in range(b.shape[0]):
        for j in range(b.shape[0]):
            B[i, j] += A[:i, i] @ B[:i, j] ** 2
    return np.sum(B) + b[0]


@program
def overwrites_what_it_reads(A: Any, b: Any) -> Any:
    x = b.copy()
    for i in range(b.shape[0]):
        x[:i] = np.sin(x[:i]) * A[i, :i]
        x[i:] += x[i] ** 2 * A[i, i:]
    return np.sum(x**2)


@program
def reads_what_comes_and_what_was(A: Any, b: Any) -> Any:
    x = b.copy()
    for i in range(1, b.shape[0] - 1):
        x[i] = np.tanh(np.sum(x[:i] ** 2) * A[i, i]) + np.mean(np.sin(x[i + 1 :])) * x[i - 1]
    return np.sum(x**3)


@program
def accumulates_prefixes(A: Any, b: Any) -> Any:
    C = A.copy()
    for i in range(b.shape[0]):
        C[i, : i + 1] *= b[i]
        for k in range(b.shape[0]):
            C[i, : i + 1] += A[i, k] * A[: i + 1, k] * b[k]
    return np.sum(C**2)


@program
def through_views(A: Any, b: Any) -> Any:
    A = A.copy()
    for i in range(1, b.shape[0]):
        row = A[i]
        left = row[:i]
        left *= b[:i]
        row[i:] -= np.sum(left)
    return np.sum(A**2)


@program
def from_both_sides(A: Any, b: Any) -> Any:
    n, total = b.shape[0], 0.0
    for i in range(n // 2):
        middle = b[i : n - i]
        inner = A[i : n - i, i] * middle - A[n - 1 - i, i : n - i]
        total = total + np.sum(middle**2) * A[i, n - 1 - i] + middle[0] * middle[-1]
        total = total * np.sin(total) + np.mean(inner) * np.max(inner)
    return total


@program
def windows(A: Any, b: Any) -> Any:
    n, out = b.shape[0], np.zeros(b.shape[0])
    for i in range(n - 3):
        out[i] = np.sum(b[i : i + 3] * A[i, i : i + 3]) + np.max(A[i : i + 2, i : i + 2])
    return np.sum(out**2)


@program
def turned(A: Any, b: Any) -> Any:
    total = 0.0
    for k in range(b.shape[0]):
        total = total + b[:k][::-1] @ A[k, :k] + np.sum(b[k::-1] ** 2) * b[k]
    return total


@program
def three_levels(A: Any, b: Any) -> Any:
    C = A.copy()
    for i in range(b.shape[0]):
        for j in range(i):
            for k in range(j):
                C[i, j] += C[i, k] * C[j, k] * b[k]
            C[i, j] = np.sin(C[i, j]) + C[i, :j] @ C[j, :j]
    return np.sum(C**2)


@program
def squares_that_grow(A: Any, b: Any) -> Any:
    total = 0.0
    for k in range(1, b.shape[0] + 1):
        block = A[:k, :k]
        total = total + b[:k] @ block @ b[:k] + np.mean(block)
    return total


@program
def functions_of_prefixes(A: Any, b: Any) -> Any:
    total = 0.0
    for k in range(1, b.shape[0]):
        p = np.exp(b[:k] - np.max(b[:k]))
        total = total + np.sum(p / np.sum(p) * A[k, :k]) + np.linalg.norm(b[:k])
    return total


@program
def a_sign_that_a_step_changes(A: Any, b: Any) -> Any:
    """The condition reads an element before and after its step has written it."""
    u, total = b.copy(), 0.0 * b
    for i in range(b.shape[0] - 1, 0, -1):
        if u[-1] > 0.0:
            total[1:-1] += 0.5 * A[0, 1:-1] * A[i, 1:-1]
        u[i] *= -1.0 - A[i, i] ** 2
    return np.sum(np.sin(total)) + np.sum(u * A[1])


@program
def a_table(A: Any, b: Any) -> Any:
    n = b.shape[0]
    best = np.zeros((n, n))
    for i in range(n - 1, -1, -1):
        for j in range(i + 1, n):
            best[i, j] = best[i + 1, j - 1] + A[i, j] * b[i] * b[j]
            for k in range(i + 1, j):
                best[i, j] = np.maximum(best[i, j], best[i, k] + best[k + 1, j])
    return best[0, n - 1]


# --- against the program itself ------------------------------------------------------------------


def slope(function: Program, args: tuple[Any, Any], directions: tuple[Any, Any]) -> float:
    """Along a direction, by differences of two steps."""
    found = []
    for h in (2e-4, 1e-4):
        ahead, behind = (
            function(*[x + s * h * d for x, d in zip(args, directions, strict=True)])
            for s in (1.0, -1.0)
        )
        found.append((ahead - behind) / (2 * h))
    return float((4 * found[1] - found[0]) / 3)


def along(slopes: Any, directions: tuple[Any, Any]) -> float:
    return sum(float(np.sum(s * d)) for s, d in zip(slopes, directions, strict=True))


def directions(n: int = N) -> list[tuple[Any, Any]]:
    random = np.random.default_rng(7)
    return [(random.normal(size=(n, n)), random.normal(size=n)) for _ in range(3)]


@pytest.mark.parametrize("function", PROGRAMS)
def test_value_and_gradient(function: Program) -> None:
    args = arguments()
    value, slopes = sd.value_and_grad(function, wrt=(0, 1))(*args)
    assert float(value) == pytest.approx(float(function(*args)), rel=1e-13)
    for direction in directions():
        wanted = slope(function, args, direction)
        assert along(slopes, direction) == pytest.approx(wanted, rel=2e-7, abs=1e-8)


@pytest.mark.parametrize("function", PROGRAMS)
def test_the_loops_stay(function: Program) -> None:
    f = sd.function(function, shapes={"A": (N, N), "b": (N,)}, wrt=("A", "b"))
    text = f.value_and_grad().emit()
    body = text.split("def _value_and_grad")[1].split("\ndef ")[0]
    loops = len(re.findall(r"^ +for ", body, re.MULTILINE))
    assert loops >= 2
    assert "while " not in body
    assert body.count("\n") < 90


@pytest.mark.spread(2)
@pytest.mark.parametrize("function", PROGRAMS)
def test_forward_mode_and_second_derivatives(function: Program) -> None:
    args = arguments()
    gradient = sd.grad(function, wrt=(0, 1))
    (direction, other, _), h = directions(), 1e-5
    _, tangent = sd.jvp(function, wrt=(0, 1))(*args, *direction)
    assert float(tangent) == pytest.approx(along(gradient(*args), direction), rel=1e-11)
    product = sd.hvp(function, wrt=(0, 1))(*args, *direction)
    product = product[1] if len(product) == 2 and np.ndim(product[0]) == 0 else product
    ahead, behind = (
        along(gradient(*[x + s * h * d for x, d in zip(args, direction, strict=True)]), other)
        for s in (1.0, -1.0)
    )
    wanted = (ahead - behind) / (2 * h)
    assert along(product, other) == pytest.approx(wanted, rel=2e-6, abs=1e-6)


@pytest.mark.parametrize(
    "function", [x for x in PROGRAMS if x not in (from_both_sides, windows, gram_schmidt)]
)
def test_named_lengths(function: Program) -> None:
    f = sd.function(function, shapes={"A": ("n", "n"), "b": ("n",)}, wrt=("A", "b"))
    module = f.value_and_grad().load()
    for n in (2, 5):
        args = arguments(n)
        value, slopes = module.value_and_grad(*args)
        assert float(value) == pytest.approx(float(function(*args)), rel=1e-13)
        for direction in directions(n):
            wanted = slope(function, args, direction)
            assert along(slopes, direction) == pytest.approx(wanted, rel=5e-7, abs=1e-7)


@pytest.mark.parametrize("function", [triangular, gram_schmidt, a_table, turned])
def test_check_writes_the_steps_out(function: Program) -> None:
    shapes: Any = {"A": (4, 4), "b": (4,)}
    assert sd.function(function, shapes=shapes, wrt=("A", "b")).check().ok


# --- any places ----------------------------------------------------------------------------------

OFFSETS = st.integers(-2, 2)


@given(st.tuples(*[OFFSETS] * 8), st.sampled_from((1, -1)), st.booleans())
@examples(40)
def test_any_slices(offsets: tuple[int, ...], step: int, is_written_first: bool) -> None:
    a, b, c, d, e, f, g, h = offsets
    first, last = (2, 8) if step > 0 else (7, 1)

    def program(A: Any, v: Any) -> Any:
        A, total = A.copy(), 0.0
        for i in range(first, last, step):
            if is_written_first:
                A[i + a, i + b] = np.sin(A[i + b, i + a]) + v[i]
            for j in range(2, i + 1):
                A[j + c, i + d] += np.sin(A[i + e, : j + f]) @ A[j + g, : j + f]
                total = total + np.sum(A[: i + h, j] ** 2)
            A[i + d, i + 2 :] *= np.cos(A[i + 2 :, i + e])
        return np.sum(A**2) + total

    random = np.random.default_rng(3)
    args = 0.3 * random.normal(size=(10, 10)), random.normal(size=10)
    value, slopes = sd.value_and_grad(program, wrt=(0, 1))(*args)
    assert float(value) == pytest.approx(float(program(*args)), rel=1e-12)
    direction = random.normal(size=(10, 10)), random.normal(size=10)
    assert along(slopes, direction) == pytest.approx(slope(program, args, direction), rel=1e-5)
