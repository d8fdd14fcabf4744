"""Matrices of which NumPy reads one triangle: the derivative is the one that differences have."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import symdiff as sd

A = np.array([[3.0, 0.2, -0.4], [0.5, 4.0, 0.1], [-0.3, 0.7, 5.5]])  # of two different triangles
W = np.array([[1.0, -2.0, 0.5], [0.7, 1.5, -1.0], [2.0, 0.3, -0.6]])

LOWER: dict[str, Callable[[Any], Any]] = {
    "cholesky": lambda a: np.sum(W * np.linalg.cholesky(a)),
    "eigvalsh": lambda a: np.sum(W[0] * np.linalg.eigvalsh(a)),
    "eigh values": lambda a: np.sum(W[1] * np.linalg.eigh(a)[0] ** 2),
    "eigh vectors": lambda a: np.sum(W * np.linalg.eigh(a)[1]),
    "both results": lambda a: np.sum(np.linalg.eigh(a)[1] * np.linalg.eigh(a).eigenvalues * W),
    "in capitals": lambda a: np.linalg.eigvalsh(a, UPLO="L")[2],
    "log of a determinant": lambda a: 2.0 * np.sum(np.log(np.diag(np.linalg.cholesky(a)))),
    "a solution": lambda a: np.sum(np.linalg.solve(np.linalg.cholesky(a), W[0]) ** 2),
    "a stack": lambda a: np.sum(np.linalg.cholesky(np.stack([a, a @ a.T])) ** 3),
}
UPPER: dict[str, Callable[[Any], Any]] = {
    "eigvalsh": lambda a: np.sum(W[0] * np.linalg.eigvalsh(a, UPLO="U")),
    "eigh vectors": lambda a: np.sum(W * np.linalg.eigh(a, "U")[1]),
}


def differences(f: Callable[[Any], Any], a: np.ndarray) -> np.ndarray:
    """Central differences of the NumPy function itself, extrapolated once."""
    found = np.zeros(a.shape)
    for place in np.ndindex(a.shape):

        def slope(h: float, place: tuple[int, ...] = place) -> float:
            step = np.zeros(a.shape)
            step[place] = h
            return float((f(a + step) - f(a - step)) / (2 * h))

        found[place] = (4 * slope(5e-4) - slope(1e-3)) / 3
    return found


@pytest.mark.parametrize("name", LOWER)
def test_lower_triangle(name: str) -> None:
    got = sd.grad(LOWER[name])(A)
    np.testing.assert_allclose(got, differences(LOWER[name], A), rtol=1e-8, atol=1e-9)
    if name != "a stack":  # a product with itself reads all of the matrix
        assert not np.triu(got, 1).any()


@pytest.mark.parametrize("name", UPPER)
def test_upper_triangle(name: str) -> None:
    got = sd.grad(UPPER[name])(A)
    np.testing.assert_allclose(got, differences(UPPER[name], A), rtol=1e-8, atol=1e-9)
    assert not np.tril(got, -1).any()


@pytest.mark.parametrize("name", [name for name in LOWER if name != "a stack"])
def test_second_derivative_and_tangent(name: str) -> None:
    slope, direction = sd.grad(LOWER[name]), W / 3
    wanted = np.sum(differences(LOWER[name], A) * direction)
    assert sd.jvp(LOWER[name])(A, direction)[1] == pytest.approx(wanted, rel=1e-8)
    h = 1e-5
    bent = (slope(A + h * direction) - slope(A - h * direction)) / (2 * h)
    np.testing.assert_allclose(sd.hvp(LOWER[name])(A, direction), bent, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("name", LOWER)
def test_symmetric_matrix_made_of_another(name: str) -> None:
    """The chain rule through both triangles of `x @ x.T` gives what differences by x give."""

    def f(x: Any) -> Any:
        return LOWER[name](x @ x.T + np.eye(3))

    np.testing.assert_allclose(sd.grad(f)(W), differences(f, W), rtol=1e-7, atol=1e-7)


def test_matrix_of_which_one_triangle_is_filled() -> None:
    def smallest(a: Any) -> Any:
        return np.linalg.eigh(np.array([[a[0], 0.0], [a[1], a[2]]]))[0][0]

    a = np.array([1.0, 0.4, 2.0])
    np.testing.assert_allclose(sd.grad(smallest)(a), differences(smallest, a), rtol=1e-9)
