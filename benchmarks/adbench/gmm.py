"""The log-likelihood of a mixture of Gaussians, with a Wishart prior on the precisions."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import numpy as np  # noqa: TID253  the objective needs it

from benchmarks.adbench.problem import GRADIENT, Objective, Problem

_GAMMA, _FREEDOM = 1.0, 0  # of the prior


def _log_sum_exp(xp: Any, x: Any) -> Any:
    largest = xp.amax(x, 0)
    return largest + xp.log(xp.sum(xp.exp(x - largest), 0))


def _objective(d: int, k: int, xp: Any) -> Objective:
    """Of log-weights, means, and roots of precisions: logarithms of diagonals, and what is below.

    What is below a diagonal stands column by column; `below` is 1 there, else 0.
    """
    places = np.zeros((d, d), int)
    columns, rows = np.triu_indices(d, 1)
    places[rows, columns] = d + np.arange(len(rows))
    freedom = d + _FREEDOM + 1
    log_gamma = 0.25 * d * (d - 1) * math.log(math.pi) + sum(
        math.lgamma(0.5 * (freedom - j)) for j in range(d)
    )
    prior = freedom * d * math.log(_GAMMA / math.sqrt(2.0)) - log_gamma

    def objective(alphas: Any, means: Any, roots: Any, x: Any, below: Any) -> Any:
        logs = roots[:, :d]
        diagonals = xp.exp(logs)
        triangles = roots[:, places] * below
        centred = x - means[:, None, :]
        scaled = diagonals[:, None, :] * centred + centred @ xp.swapaxes(triangles, 1, 2)
        squares = xp.sum(scaled * scaled, 2)
        inner = (alphas + xp.sum(logs, 1))[:, None] - 0.5 * squares
        likelihood = xp.sum(_log_sum_exp(xp, inner)) - len(x) * _log_sum_exp(xp, alphas)
        norms = xp.sum(diagonals * diagonals) + xp.sum(roots[:, d:] ** 2)
        wishart = 0.5 * _GAMMA**2 * norms - _FREEDOM * xp.sum(logs) - k * prior
        return likelihood - 0.5 * len(x) * d * math.log(2.0 * math.pi) + wishart

    return objective


def _arguments(d: int, k: int, n: int) -> list[Any]:
    random = np.random.default_rng(0)
    roots = 0.3 * random.normal(size=(k, d * (d + 1) // 2))
    x, below = random.normal(size=(n, d)), np.tril(np.ones((d, d)), -1)
    return [random.normal(size=k), random.uniform(size=(k, d)), roots, x, below]


def gmm(d: int, k: int, n: int) -> Problem:
    """A mixture of `k` Gaussians in `d` dimensions at `n` points."""
    return Problem(
        f"GMM, d = {d}, k = {k}, n = {n:,}",
        GRADIENT,
        partial(_objective, d, k),
        partial(_arguments, d, k, n),
        wrt=3,
    )
