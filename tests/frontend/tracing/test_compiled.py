"""Functions that tracing cannot see into, and objects that a search must not touch."""

from __future__ import annotations

import weakref
from typing import Any

import numpy as np
import pytest

import symdiff as sd
from tests.frontend.tracing.checks import X, agree, refusal

numba = pytest.importorskip("numba", reason="Numba is not installed")


@numba.njit  # type: ignore[untyped-decorator]
def squared(x: Any) -> Any:
    return x * x


@numba.njit  # type: ignore[untyped-decorator]
def cubed(x: Any) -> Any:
    return squared(x) * x


@numba.njit(error_model="numpy")  # type: ignore[untyped-decorator]
def divided(x: Any) -> Any:
    return 1.0 / x


@numba.njit(parallel=True)  # type: ignore[untyped-decorator]
def summed(x: Any) -> Any:
    total = 0.0
    for i in numba.prange(x.shape[0]):
        if x[i] > 0.5:
            total += squared(x[i])
    return total


@numba.vectorize  # type: ignore[untyped-decorator]
def erf(x: float) -> float:
    return 3.0 * x


@numba.guvectorize(["void(float64[:], float64[:])"], "(n)->()")  # type: ignore[untyped-decorator]
def added(x: Any, out: Any) -> None:
    out[0] = x.sum()


class Holder:
    """An object with what a model may hold."""

    def __init__(self) -> None:
        self.function = squared
        self.other = weakref.ref(self)
        self.proxy = weakref.proxy(self)


HOLDER = Holder()
FUNCTIONS = [squared]
GONE = weakref.proxy(Holder())
NUMBERS = numba.typed.List([1.0, 2.0])


@pytest.mark.parametrize(
    ("function", "name", "advice"),
    [
        (lambda x: erf(x).sum(), "erf", "custom_rule"),
        (lambda x: added(x), "added", "custom_rule"),
    ],
)
def test_a_compiled_function_is_refused_by_its_name(function: Any, name: str, advice: str) -> None:
    error = refusal(function, X)
    assert f"'{name}'" in error.message
    assert advice in (error.suggestion or "")
    assert error.span is not None
    assert error.span.file == __file__


@pytest.mark.parametrize(
    "function",
    [
        squared,
        cubed,
        summed,
        cubed.py_func,
        lambda x: HOLDER.function(x),
        lambda x: FUNCTIONS[0](x),
        lambda x: divided(x) * x,
        lambda x: squared(x[0]) * cubed(x),
    ],
)
def test_the_function_that_numba_compiled_is_traced(function: Any) -> None:
    agree(function, X)


def test_a_division_by_zero_is_numpys() -> None:
    np.testing.assert_array_equal(sd.value_and_grad(divided)(0.0), (np.inf, -np.inf))
    assert divided(0.0) == np.inf


def test_what_is_known_is_computed_by_it() -> None:
    agree(lambda x: x * squared(3.0) * squared(np.array([1.0, 2.0, 3.0])), X)
    agree(lambda x: x * erf(np.array([1.0, 2.0, 3.0])), X)
    agree(lambda x: squared.py_func(x) * NUMBERS[1], X)


THINGS = {"gone": GONE, "holder": HOLDER, "function": squared, "list": NUMBERS}


@pytest.mark.parametrize("name", THINGS)
def test_within_reach_nothing_of_it_is_touched(name: str) -> None:
    thing = THINGS[name]  # pytest itself would ask an object that is gone

    def function(x: Any) -> Any:
        return (x * x).sum() if thing is not None else GONE

    np.testing.assert_array_equal(sd.grad(function)(X), 2 * X)
