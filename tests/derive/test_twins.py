"""Programs with exponentials: no factorisation, product or softmax of theirs is computed twice.

The gradients are compared with formulas from textbooks, also where an exponential overflows.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import linalg, special, stats

import symdiff as sd

RNG = np.random.default_rng(3)
X = RNG.normal(size=(9, 2))
Y = RNG.normal(size=9)
D2 = np.sum((X[:, None, :] - X[None, :, :]) ** 2, axis=-1)


def kernel(log_length: Any, log_scale: Any, log_noise: Any) -> Any:
    length = np.exp(log_length)
    scale = np.exp(log_scale)
    noise = np.exp(log_noise)
    return scale**2 * np.exp(-D2 / (2 * length**2)) + noise**2 * np.eye(9)


def by_cho_solve(log_length: Any, log_scale: Any, log_noise: Any) -> Any:
    factor = linalg.cho_factor(kernel(log_length, log_scale, log_noise), lower=True)
    return -0.5 * Y @ linalg.cho_solve(factor, Y) - np.sum(np.log(np.diag(factor[0])))


def by_upper_factor(log_length: Any, log_scale: Any, log_noise: Any) -> Any:
    factor = linalg.cho_factor(kernel(log_length, log_scale, log_noise))
    return -0.5 * Y @ linalg.cho_solve(factor, Y) - np.sum(np.log(np.diag(factor[0])))


def by_triangular_solve(log_length: Any, log_scale: Any, log_noise: Any) -> Any:
    factor = np.linalg.cholesky(kernel(log_length, log_scale, log_noise))
    z = linalg.solve_triangular(factor, Y, lower=True)
    return -0.5 * z @ z - np.sum(np.log(np.diag(factor)))


def slopes_of_process(log_length: float, log_scale: float, log_noise: float) -> list[float]:
    """C. E. Rasmussen, C. Williams, Gaussian Processes for Machine Learning (2006), 5.9."""
    inside = np.exp(2.0 * log_scale - 0.5 * D2 * np.exp(-2.0 * log_length))
    inside[D2 == 0.0] = np.exp(2.0 * log_scale)
    noise = np.exp(2.0 * log_noise) * np.eye(9)
    inverse = np.linalg.inv(inside + noise)
    alpha = inverse @ Y
    by_length = np.where(inside > 0.0, inside * D2, 0.0) * np.exp(-2.0 * log_length)
    by_length[inside == 0.0] = 0.0
    return [
        0.5 * np.trace((np.outer(alpha, alpha) - inverse) @ by)
        for by in (by_length, 2.0 * inside, 2.0 * noise)
    ]


PROCESSES = (by_cho_solve, by_upper_factor, by_triangular_solve)


@pytest.mark.parametrize("process", PROCESSES)
@pytest.mark.parametrize("at", [(0.1, 0.2, -1.0), (-1.5, -0.3, 0.4), (300.0, 0.1, 0.2)])
def test_gradient_of_gaussian_process(process: Callable[..., Any], at: tuple[float, ...]) -> None:
    got = sd.grad(process, wrt=(0, 1, 2))(*at)
    np.testing.assert_allclose(got, slopes_of_process(*at), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("process", PROCESSES)
def test_no_length_is_felt_where_its_square_is_hardly_a_number(process: Callable[..., Any]) -> None:
    got = sd.grad(process, wrt=(0, 1, 2))(-371.0, 0.2, -1.0)
    wanted = slopes_of_process(-20.0, 0.2, -1.0)
    assert wanted[0] == 0.0
    np.testing.assert_allclose(got, wanted, rtol=1e-12)


@pytest.mark.parametrize("process", PROCESSES)
def test_a_matrix_is_factorised_once(process: Callable[..., Any]) -> None:
    gradient = sd.grad(process, wrt=(0, 1, 2))
    gradient(0.1, 0.2, -1.0)
    _, value, both = gradient.emit().split("\ndef _", 2)
    both = both.split("\ndef ")[0]
    assert value.count("linalg.cholesky(") == both.count("linalg.cholesky(") == 1
    assert "arange" not in both
    assert "np.tril(" in both


def mixture(logits: Any, mu: Any, log_sigma: Any) -> Any:
    log_w = logits - special.logsumexp(logits)
    log_p = stats.norm.logpdf(Y[:, None], mu, np.exp(log_sigma))
    return np.sum(special.logsumexp(log_w + log_p, axis=1))


def test_mixture_computes_its_responsibilities_once() -> None:
    logits, mu, log_sigma = RNG.normal(size=(3, 3))
    gradient = sd.grad(mixture, wrt=(0, 1, 2))
    got = gradient(logits, mu, log_sigma)
    z = (Y[:, None] - mu) * np.exp(-log_sigma)
    shares = special.softmax(logits - 0.5 * z**2 - log_sigma, axis=1)
    wanted = (
        shares.sum(0) - len(Y) * special.softmax(logits),
        (shares * z * np.exp(-log_sigma)).sum(0),
        (shares * (z**2 - 1.0)).sum(0),
    )
    for one, right in zip(got, wanted, strict=True):
        np.testing.assert_allclose(one, right, rtol=1e-12)
    body = gradient.emit().split("\ndef _value_and_grad(")[1].split("\ndef ")[0]
    assert body.count("_logsumexp(") == 2  # of the logits, and of the components
    assert body.count("np.exp(") == 3  # of log_sigma, and two softmax


def test_product_that_reads_a_twin_is_computed_once() -> None:
    def loss(w: Any, v: Any) -> Any:
        return np.sum((np.log(1.0 + np.exp(X @ w)) @ v) ** 2)

    w, v = RNG.normal(size=(2, 4)), RNG.normal(size=4)
    gradient = sd.grad(loss, wrt=(0, 1))
    got = gradient(w, v)
    rest = 2.0 * np.logaddexp(0.0, X @ w) @ v
    np.testing.assert_allclose(got[0], X.T @ (np.outer(rest, v) * special.expit(X @ w)), rtol=1e-12)
    np.testing.assert_allclose(got[1], np.logaddexp(0.0, X @ w).T @ rest, rtol=1e-12)
    body = gradient.emit().split("\ndef _value_and_grad(")[1].split("\ndef ")[0]
    assert body.count("@ v") == 1


def test_logarithm_of_a_product_of_exponentials_keeps_its_form() -> None:
    """A product that sums exponentials is no border: its logarithm is stable."""
    weights = np.array([0.2, 0.5, 0.3])
    got = sd.grad(lambda x: np.log(np.exp(x) @ weights))(np.array([1000.0, 999.0, 0.0]))
    right = special.softmax(np.array([1000.0, 999.0, 0.0]) + np.log(weights))
    np.testing.assert_allclose(got, right, rtol=1e-12, atol=1e-300)


def voigt(center: Any, log_sigma: Any, log_gamma: Any) -> Any:
    sigma = np.exp(log_sigma)
    z = (Y - center + 1j * np.exp(log_gamma)) / (sigma * np.sqrt(2.0))
    return np.sum(np.real(special.wofz(z)) / (sigma * np.sqrt(2.0 * np.pi)) * Y)


def test_part_of_what_is_made_of_parts() -> None:
    at, h = (0.1, 0.2, -0.3), 1e-6
    gradient = sd.grad(voigt, wrt=(0, 1, 2))
    got = gradient(*at)
    for number, slope in enumerate(got):
        step = h * np.eye(3)[number]
        wanted = (voigt(*(at + step)) - voigt(*(at - step))) / (2.0 * h)
        assert slope == pytest.approx(wanted, rel=1e-7)
    assert "1j * _faddeeva" not in gradient.emit()


def test_parts_keep_infinity() -> None:
    """1j times infinity has no real part that is a number."""

    def real_part(x: Any) -> Any:
        z = np.array([x, 2.0 * x]) + 0j
        z.imag = np.array([np.inf, 1.0]) * x
        return np.sum(np.real(z))

    assert sd.function(real_part, shapes={"x": ()})(2.0) == real_part(2.0) == 6.0
    assert sd.grad(real_part)(2.0) == 3.0


@pytest.mark.parametrize("steps", range(8))
def test_a_form_that_overflows_is_followed_through_all_steps(steps: int) -> None:
    """sqrt(y + 1) again and again of y = log(1 + exp(x)), which is x at 1000 but for rounding."""

    def loss(x: Any) -> Any:
        y = np.log(1.0 + np.exp(x))
        for _ in range(steps):
            y = np.sqrt(y + 1.0)
        return np.sum(y)

    y, slope = 1000.0, 1.0
    for _ in range(steps):
        y = np.sqrt(y + 1.0)
        slope /= 2.0 * y
    assert sd.grad(loss)(np.array([1000.0])) == pytest.approx(np.array([slope]), rel=1e-14)
