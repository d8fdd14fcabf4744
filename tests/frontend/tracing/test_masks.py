"""Masks that depend on values, in elementwise work and reductions, against NumPy's own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import symdiff as sd
from tests.frontend.tracing.checks import refusal

X = np.array([0.3, -1.2, 2.6, -0.4, 1.1])
M = np.array([[0.3, -1.2, 2.6], [1.4, 0.7, -0.9]])
OF_VECTORS: list[Callable[..., Any]] = [
    lambda x: x[x > 0].sum(),
    lambda x: np.sum(x[x > 0] ** 2) * x[x < 0].mean(),
    lambda x: x[x > 0].mean() + np.mean(x[x < 1] ** 3),
    lambda x: x[x > 0].std() + np.var(x[x > -1], ddof=1),
    lambda x: x[x > 0].max() * np.min(x[x > 0]) + np.ptp(x[x < 1]),
    lambda x: np.prod(x[x > 0]) + x[x < 0].prod(),
    lambda x: np.log(x[x > 0]).sum() + np.sqrt(x[x > 1]).sum(),
    lambda x: (2 * x[x > 0] - 1 / x[x > 0]).sum(),
    lambda x: x[x > 0] @ np.exp(x[x > 0]) + np.dot(x[x < 0], x[x < 0]),
    lambda x: x[x > 0].size * x.sum() + len(x[x < 0]) * x[0],
    lambda x: x.sum() * np.count_nonzero(x > 0) + x[x > 0].shape[0] * x[1],
    lambda x: x[np.where(x > 0)].sum() + x[np.nonzero(x < 0)[0]].sum() ** 2,
    lambda x: np.maximum(x[x > 0], 1.0).sum() + np.clip(x[x > 0], 0.5, 2).sum(),
    lambda x: x[x > 0][x[x > 0] < 2].sum(),
    lambda x: x.sum() * np.any(x[x > 0] > 2) + x[0] * np.all(x[x > 0] > 2),
    lambda x: np.add.reduce(x[x > 0]) * 2,
    lambda x: x[(x > 0) & (x < 2)].sum() * x[~(x > 0)].sum(),
]
WRITES = []


def write(function: Callable[..., Any]) -> Callable[..., Any]:
    WRITES.append(function)
    return function


@write
def assigned(x: Any) -> Any:
    y = x.copy()
    y[y < 0] = 0.5
    return (y * x).sum()


@write
def scaled(x: Any) -> Any:
    y = x.copy()
    y[y > 0] *= 3.0
    y[x < 0] += x[0]
    return (y**2).sum()


@write
def computed(x: Any) -> Any:
    y = np.zeros(5)
    y[x > 0] = np.log(x[x > 0])
    y[x <= 0] = x[x <= 0] ** 2
    return (y * x).sum()


@write
def by_places(x: Any) -> Any:
    y = x * 2
    at = np.where(x > 0)
    y[at] = y[at] ** 2
    return y.sum() * x[1]


@write
def held_by_two(x: Any) -> Any:
    y = x[x > 0]
    z = y
    y += 1.0
    y[y > 3] = 0.0
    return (z**2).sum()


@write
def in_a_branch(x: Any) -> Any:
    y = x.copy()
    if x[0] > 0:
        y[y > 1] = x[0]
    return (y * x).sum()


@write
def of_no_axes(x: Any) -> Any:
    y, z = np.asarray(x[0] * x[1]), np.zeros(())
    is_good = y > 0
    z[is_good] = np.log(y[is_good])
    z[~is_good] = y[~is_good] ** 2
    return z * x[2] + y[is_good].sum()


OF_MATRICES: list[Callable[..., Any]] = [
    lambda x: x[x > 0].sum() * x[0, 0],
    lambda x: (x[x[:, 0] > 1] ** 2).sum(),
    lambda x: (x[x[:, 0] > 1].mean(axis=0) * np.arange(3.0)).sum(),
    lambda x: x[x.sum(axis=1) > 0].sum(axis=0).prod() + x[x[:, 0] > 1].size * x[0, 1],
    lambda x: x[np.nonzero(x > 0)].mean(),
]


def slope(function: Callable[..., Any], x: Any) -> Any:
    h, found = 1e-6, np.zeros(x.shape)
    for place in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[place] = h
        found[place] = (function(x + step) - function(x - step)) / (2 * h)
    return found


@pytest.mark.spread(2)
@pytest.mark.parametrize("function", [*OF_VECTORS, *WRITES])
@pytest.mark.parametrize("x", [X, -X, np.roll(X, 2) - 0.35])
def test_value_and_gradient_of_a_vector(function: Callable[..., Any], x: Any) -> None:
    try:
        wanted = function(x)
    except ValueError as error:
        with pytest.raises(ValueError, match=str(error)[:20]):
            sd.grad(function)(x)
        return
    value, gradient = sd.value_and_grad(function)(x)
    np.testing.assert_allclose(value, wanted, rtol=1e-13)
    np.testing.assert_allclose(gradient, slope(function, x), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("function", OF_MATRICES)
@pytest.mark.parametrize("x", [M, M[::-1] + 0.05])
def test_value_and_gradient_of_a_matrix(function: Callable[..., Any], x: Any) -> None:
    value, gradient = sd.value_and_grad(function)(x)
    np.testing.assert_allclose(value, function(x), rtol=1e-13)
    np.testing.assert_allclose(gradient, slope(function, x), rtol=1e-5, atol=1e-6)


ALONG: list[Callable[..., Any]] = [
    lambda x: np.sort(x[x > 0]).sum(),
    lambda x: x[x > 0][0],
    lambda x: np.concatenate((x[x > 0], x[x < 0])).sum(),
    lambda x: sum(v for v in x[x > 0]),
    lambda x: np.array([x[x > 0].sum(), *x[x > 0]]).sum(),
    lambda x: np.cumsum(x[x > 0]).sum(),
    lambda x: (np.where(x > 0)[0] * x[0]).sum(),
    lambda x: x[x > 0].reshape(-1, 1).sum(),
]


ALONG += [
    lambda x: (x[x > 0] * np.arange(len(x[x > 0]))).sum(),
    lambda x: np.compress(x > 0, np.outer(x, x), axis=1)[:, 1:].sum(),
    lambda x: (np.extract(x > 0, x)[::2] ** 2).sum(),
    lambda x: (np.argwhere(x > 0)[:, 0] * x[x > 0]).sum(),
    lambda x: (np.diff(np.unique(x)) ** 2).sum(),
    lambda x: np.median(np.diff(x[~np.isnan(x)])),
    lambda x: np.outer(x, x)[x > 0, 0].sum(),
]


@pytest.mark.parametrize("function", ALONG)
def test_other_work_is_refused_in_a_module(function: Callable[..., Any]) -> None:
    error = refusal(function, X)
    assert "mask" in str(error) or "depends on values" in str(error) or "argwhere" in str(error)
    assert "test_masks.py, line" in str(error)


@pytest.mark.parametrize("function", ALONG)
@pytest.mark.filterwarnings("ignore:.* is traced along")
def test_a_call_takes_the_masks_of_its_values(function: Callable[..., Any]) -> None:
    derived = sd.value_and_grad(function)
    for x in (X, -X, np.roll(X, 2) - 0.35, X):
        value, gradient = derived(x)
        np.testing.assert_allclose(value, function(x), rtol=1e-13)
        np.testing.assert_allclose(gradient, slope(function, x), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    "function", [lambda x: (x[x > 0] * x[x < 0]).sum(), lambda x: (x[x > 0] * x).sum()]
)
def test_unequal_numbers_of_elements_are_refused(function: Callable[..., Any]) -> None:
    with pytest.raises(sd.UnsupportedError) as caught:
        sd.grad(function)(X)
    assert "mask" in str(caught.value)
    assert "test_masks.py, line" in str(caught.value)


@pytest.mark.parametrize(
    "function",
    [
        lambda y, x: np.place(y, y < 0.5, 2.0),
        lambda y, x: np.place(y, y < 0.5, x[:3] * 2),
        lambda y, x: np.place(y, y > 9.0, x[:3]),
        lambda y, x: np.putmask(y, y < 0.5, x[:2] * 2),
        lambda y, x: np.putmask(y, y < 0.5, x[:4].reshape(4, 1) * 2),
        lambda y, x: np.clip(y, 0.1, 1.0, y),
        lambda y, x: np.copyto(y, x[0], where=y < 0.5),
    ],
)
def test_places_are_filled(function: Callable[..., Any]) -> None:
    def filled(x: Any) -> Any:
        y = np.outer(x, x)[:4, :3]
        function(y, x)
        return np.sum(y**2 * np.arange(12.0).reshape(4, 3))

    value, gradient = sd.value_and_grad(filled)(X)
    np.testing.assert_allclose(value, filled(X), rtol=1e-13)
    np.testing.assert_allclose(gradient, slope(filled, X), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    "function",
    [
        lambda x: np.where(x > 0)[0].sum() * x[0],
        lambda x: np.where(x > 0)[0].shape[0] * x[0],
        lambda x: np.nonzero(x > 0)[0].max() * x[0],
        lambda x: x[1 + np.flatnonzero(x < 0)],
        lambda x: x[-np.flatnonzero(x > 0)],
        lambda x: x[np.flatnonzero(x > 0) // 2],
        lambda x: x[0] if 2 in np.flatnonzero(x > 0) else x[1],
        lambda x: (np.flatnonzero(x > 0) <= 1).sum() * x[0],
    ],
)
def test_places_are_indices_alone(function):
    error = refusal(lambda x: np.sum(function(x)), X)
    assert "how many elements a mask selects" in error.message
    assert "as an index" in error.suggestion


def in_steps_where_a_mask_moves(x: Any) -> Any:
    y, s = x.copy(), 0.0
    for i in range(5):
        y[y > 0.3 * np.sin(s)] *= 0.5
        s = 0.3 * s + x[i]
    return np.sum(y**2)


def in_ways_of_steps(x: Any) -> Any:
    y, s = x.copy(), 0.0
    for i in range(5):
        if x[i] > 0:
            y[np.tanh(y) > s] -= s * x[i]
        s = 0.3 * s + x[i]
    return np.sum(y**2) + s


def what_a_mask_selected_before(x: Any) -> Any:
    y, s = x[x > 0.1], 0.0
    for i in range(5):
        y *= x[i] + s
        s = 0.3 * s + x[i]
    return np.sum(y)


@pytest.mark.parametrize(
    ("function", "loops"),
    [
        (in_steps_where_a_mask_moves, "roll"),
        (in_ways_of_steps, "roll"),
        (what_a_mask_selected_before, "auto"),
    ],
)
def test_what_masks_select_is_changed_in_loops(function: Callable[..., Any], loops: str) -> None:
    value, slope = sd.value_and_grad(function, loops=loops)(X)
    assert value == pytest.approx(function(X), rel=1e-12)
    steps = 1e-6 * np.eye(len(X))
    wanted = [(function(X + h) - function(X - h)) / 2e-6 for h in steps]
    np.testing.assert_allclose(slope, wanted, rtol=1e-6, atol=1e-8)
