"""Derivatives of determinants where singular values are equal or zero, against the polynomial."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest

import symdiff as sd

RNG = np.random.default_rng(3)


def rotation(n: int) -> np.ndarray:
    """An orthogonal matrix: all of its singular values are 1."""
    return np.linalg.qr(RNG.normal(size=(n, n)))[0]


def of_rank(n: int, rank: int) -> np.ndarray:
    """A square matrix of a lower rank."""
    return RNG.normal(size=(n, rank)) @ RNG.normal(size=(rank, n))


MATRICES = {
    "number": np.array([[1.7]]),
    "zero number": np.zeros((1, 1)),
    "quarter turn": np.array([[0.0, -1.0], [1.0, 0.0]]),
    "reflection": np.diag([1.0, -1.0]),
    "cycle": np.eye(3)[[1, 2, 0]],
    "two equal": np.diag([2.0, 2.0, 3.0]),
    "two pairs": np.diag([2.0, 2.0, 3.0, 3.0]),
    "three and two": np.diag([1.0, 1.0, 1.0, 2.0, 2.0]),
    "equal and zero": np.diag([1.0, 1.0, 0.0]),
    "two zeros": np.diag([0.0, 0.0, 1.0, 1.0]),
    **{f"unit {n}": np.eye(n) for n in range(1, 6)},
    **{f"multiple {n}": -2.0 * np.eye(n) for n in range(2, 5)},
    **{f"zero {n}": np.zeros((n, n)) for n in range(2, 5)},
    **{f"ones {n}": np.ones((n, n)) for n in range(2, 5)},
    **{f"rotation {n}": rotation(n) for n in range(2, 6)},
    **{f"general {n}": RNG.normal(size=(n, n)) for n in range(2, 6)},
    **{f"rank {r} of {n}": of_rank(n, r) for n in range(3, 6) for r in (n - 1, n - 2, n - 3) if r},
}


def polynomial(a: np.ndarray, order: int) -> np.ndarray:
    """The derivatives of Leibniz' sum over permutations, in fractions."""
    n = len(a)
    exact = [[Fraction(float(number)) for number in row] for row in a]
    found = np.zeros((n, n) * order)
    for columns in itertools.permutations(range(n)):
        exchanges = sum(i > j for i, j in itertools.combinations(columns, 2))
        for rows in itertools.permutations(range(n), order):
            others = [exact[i][columns[i]] for i in range(n) if i not in rows]
            place = tuple(index for row in rows for index in (row, columns[row]))
            found[place] += float((-1) ** exchanges * math.prod(others, start=Fraction(1)))
    return found


@pytest.mark.parametrize("name", MATRICES)
def test_derivatives_are_those_of_the_polynomial(name: str) -> None:
    a = MATRICES[name]
    size = max(1.0, float(np.linalg.norm(a, 2))) ** max(len(a) - 1, 1)
    direction = np.random.default_rng(1).normal(size=a.shape)
    second = polynomial(a, 2)
    tolerance = {"rtol": 0.0, "atol": 64 * size * 2.0**-52}
    np.testing.assert_allclose(sd.grad(np.linalg.det)(a), polynomial(a, 1), **tolerance)
    np.testing.assert_allclose(sd.hessian(np.linalg.det)(a), second, **tolerance)
    along = np.tensordot(second, direction, 2)
    np.testing.assert_allclose(sd.hvp(np.linalg.det)(a, direction), along, **tolerance)


def test_stack_with_equal_and_zero_singular_values() -> None:
    stack = np.stack([np.eye(3), np.diag([2.0, 2.0, 3.0]), np.zeros((3, 3)), np.ones((3, 3))])
    wanted = np.zeros((4, 3, 3, 4, 3, 3))
    for k, a in enumerate(stack):
        value, first = np.linalg.det(a), polynomial(a, 1)
        outer = np.multiply.outer(first, first)
        wanted[k, :, :, k] = np.cos(value) * polynomial(a, 2) - np.sin(value) * outer
    got = sd.hessian(lambda a: np.sum(np.sin(np.linalg.det(a))))(stack)
    np.testing.assert_allclose(got, wanted, rtol=0.0, atol=1e-13)


@pytest.mark.parametrize("name", [name for name in MATRICES if "unit" in name or "rot" in name])
def test_logarithm_where_singular_values_are_equal(name: str) -> None:
    a = MATRICES[name]
    inverse = np.linalg.inv(a)
    wanted = -np.einsum("li,jk->ijkl", inverse, inverse)
    got = sd.hessian(lambda a: np.linalg.slogdet(a)[1])(a)
    np.testing.assert_allclose(got, wanted, rtol=0.0, atol=1e-14)


def test_logarithm_of_a_negative_determinant_has_the_slope_of_its_formula() -> None:
    a = np.diag([-1.0, 2.0])
    slope = sd.grad(lambda a: np.log(np.linalg.det(a)))(a)
    np.testing.assert_allclose(slope, np.linalg.inv(a).T, rtol=1e-15)


def test_third_derivative_is_refused_by_name() -> None:
    with pytest.raises(
        sd.UnsupportedError, match=r"third derivative of a determinant .*\n.*slogdet"
    ):
        sd.jacobian(sd.hessian(np.linalg.det))(np.eye(2))
    with pytest.raises(sd.UnsupportedError, match="third derivative of a determinant"):
        sd.grad(lambda a: np.sum(sd.hvp(np.linalg.det)(a, a)))(np.eye(2))
