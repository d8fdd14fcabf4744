"""Lines that are infinite whatever the inputs are: what is finite behind them has derivatives."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import symdiff as sd

POINT = (0.4, 1.3, 0.7)
TEXTS = [
    "m*s + exp(-((inf - m)/s)**2)",
    "m*s*x + atan(-inf*m/s) + 1/(inf + x)",
    "x*erf((-inf - m)/s) + tanh((inf - m)*s)*m",
    "log(x)*exp(-sqrt(inf/s)) + s**2",
]


def slopes(function: Any, point: tuple[float, ...]) -> np.ndarray[Any, Any]:
    h, found = 1e-6, []
    for unit in np.eye(len(point)):
        ends = [np.asarray(function(*(np.array(point) + k * h * unit))) for k in (1, -1)]
        found.append((ends[0] - ends[1]) / (2 * h))
    return np.array(found)


@pytest.mark.parametrize("text", TEXTS)
def test_every_verb_is_that_of_the_finite_function(text: str) -> None:
    function = sd.function(text)
    point = POINT[: len(function.inputs)]
    right = slopes(function, point)
    ones = np.ones(len(point))
    np.testing.assert_allclose(function.grad()(*point), right, atol=1e-8)
    np.testing.assert_allclose(function.jacobian()(*point)[0], right, atol=1e-8)
    np.testing.assert_allclose(function.jvp()(*point, *ones)[1], right.sum(), atol=1e-8)
    curvature = slopes(function.grad(), point)
    np.testing.assert_allclose(function.hessian()(*point), curvature, atol=1e-8)
    np.testing.assert_allclose(function.hvp()(*point, *ones), curvature.sum(axis=0), atol=1e-8)


def test_a_normal_distribution_that_is_cut_off_on_one_side() -> None:
    special = pytest.importorskip("scipy.special", reason="SciPy is not installed")
    x = np.array([0.3, 1.0, 2.0])

    def likelihood(mean: Any, deviation: Any, low: float = 0.0, high: float = np.inf) -> Any:
        ends = (low - mean) / deviation, (high - mean) / deviation
        inside = special.ndtr(ends[1]) - special.ndtr(ends[0])
        z = (x - mean) / deviation
        return np.sum(-0.5 * z * z - np.log(deviation) - np.log(inside))

    gradient = sd.grad(likelihood, wrt=(0, 1))(0.2, 1.3)
    np.testing.assert_allclose(gradient, slopes(likelihood, (0.2, 1.3)), rtol=1e-7)
