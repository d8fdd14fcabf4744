"""Sums and products that compiled targets compute a row of results at a time."""

from __future__ import annotations

from collections.abc import Callable
from math import fsum
from typing import Any

import numpy as np
import pytest

import symdiff as sd
from tests.emit.compilers import COMPILED_TARGETS

Arrays = dict[str, tuple[int | str, ...]]
_LENGTHS = {"N": 20, "M": 15}
CASES: dict[str, tuple[Callable[..., Any], Arrays]] = {
    "a transposed factor": (lambda a, b: a @ b.T, {"a": (11, 12), "b": (13, 12)}),
    "transposed in a stack": (
        lambda a, b: a @ np.swapaxes(b, 1, 2),
        {"a": (3, 11, 12), "b": (3, 10, 12)},
    ),
    "both transposed": (lambda a, b: a.T @ b.T, {"a": (12, 11), "b": (13, 12)}),
    "long and narrow": (lambda a, b: a.T @ b, {"a": (200, 11), "b": (200, 13)}),
    "long and narrow, in a stack": (
        lambda a, b: np.einsum("nka,nkb->nab", a, np.exp(b)),
        {"a": (3, 40, 9), "b": (3, 40, 12)},
    ),
    "a long axis unknown": (lambda a, b: a.T @ b, {"a": ("N", 12), "b": ("N", 11)}),
    "a vector": (lambda a, b: a.T @ b, {"a": (12, 11), "b": (12,)}),
    "two summed": (
        lambda a, b: np.einsum("abc,dcb->ad", a, b),
        {"a": (11, 3, 4), "b": (12, 4, 3)},
    ),
    "an axis in between": (
        lambda a, b: np.einsum("ijk,jl->kil", a, b),
        {"a": (9, 10, 11), "b": (10, 12)},
    ),
    "a shared axis": (lambda a, b: np.einsum("bi,bi->i", a, b), {"a": (9, 10), "b": (9, 10)}),
    "one is the other": (lambda a, b: a @ (b @ a.T).T, {"a": (12, 12), "b": (12, 12)}),
    "lengths unknown": (
        lambda a, b: np.tanh(a @ b.T).sum(axis=0),
        {"a": ("N", 12), "b": ("M", 12)},
    ),
    "the summed length unknown": (lambda a, b: a.T @ b, {"a": ("N", 12), "b": ("N", "M")}),
    "columns": (lambda a, b: (a * b).sum(axis=0), {"a": (9, 10), "b": (9, 10)}),
    "two axes before": (lambda a, b: (a * b).sum(axis=(0, 1)), {"a": (3, 9, 10), "b": (3, 9, 10)}),
    "the axis kept": (
        lambda a, b: (a * b).sum(axis=1, keepdims=True) * a,
        {"a": (3, 9, 10), "b": (3, 9, 10)},
    ),
    "axes around": (
        lambda a, b: (a * b).sum(axis=(0, 2)),
        {"a": (3, 9, 10, 12), "b": (3, 9, 10, 12)},
    ),
    "centred": (lambda a, b: (a - a.mean(axis=0)) * b, {"a": (40, 10), "b": (40, 10)}),
}


@pytest.mark.parametrize("target", COMPILED_TARGETS)
@pytest.mark.parametrize("name", CASES)
def test_values_are_numpys_and_gradients_those_of_a_complex_step(name: str, target: str) -> None:
    function, shapes = CASES[name]
    rng = np.random.default_rng(0)
    a, b = (rng.normal(size=[_LENGTHS.get(str(n), n) for n in s]) for s in shapes.values())
    u, v = rng.normal(size=a.shape), rng.normal(size=b.shape)
    expected = function(a, b)
    found = sd.function(function, shapes=shapes).load(target).value(a, b)
    np.testing.assert_allclose(found, expected, rtol=1e-13, atol=1e-13 * np.abs(expected).max())

    def loss(a: Any, b: Any) -> Any:
        return np.sum(np.sin(function(a, b)))

    a_bar, b_bar = sd.function(loss, shapes=shapes, wrt="a b").grad().load(target).grad(a, b)
    along = np.sum(a_bar * u) + np.sum(b_bar * v)
    exact = loss(a + 1e-30j * u, b + 1e-30j * v).imag / 1e-30
    size = np.sum(np.abs(a_bar * u)) + np.sum(np.abs(b_bar * v))
    assert abs(along - exact) <= 1e-12 * size


@pytest.mark.parametrize("target", COMPILED_TARGETS)
def test_sums_of_columns_lose_nothing(target: str) -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(1000, 9)) * 10.0 ** rng.integers(-8, 16, size=(1000, 9))
    x[0, 8], x[1, 7] = np.inf, np.nan
    found = sd.function("x: [N, 9]; sum(x, axis=0)").load(target).value(x)
    for column, total in zip(x.T[:7], found[:7], strict=True):
        exact = fsum(column)
        assert abs(total - exact) <= abs(np.spacing(exact)) + 1000 * 2.0**-106 * fsum(abs(column))
    assert np.isnan(found[7])
    assert found[8] == np.inf
